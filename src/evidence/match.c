/*
 * match.c
 *		Identity matching. Everything that can be asked of the index is asked in
 *		one statement; the documented comparison of evidence/name.c then decides.
 *		Zero, several, protected: the caller answers them all alike (D-IDM-22).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "evidence/match.h"
#include "evidence/name.h"
#include "evidence/source.h"
#include "query.h"
#include "row.h"
#include "settings.h"

/* columns of both candidate statements */
enum
{
	PERSON_ID = 1,
	PROTECTED,
	FAMILY_NAME,
	GIVEN_NAME,
	BIRTH_NAME,
	PLACE_OF_BIRTH,
	FURTHER
};

/* third column of the legal statement: contradicts no identifier given */
#define AGREES FAMILY_NAME

/* Conditions on the identifiers given. */
typedef struct LegalQuery
{
	QueryArguments arguments;
	StringInfoData any;			/* one of them holds */
	StringInfoData all;			/* none of them is contradicted */
} LegalQuery;

static const struct
{
	const char *scheme;			/* IdentifierSchemes; 1.1 also writes Tax */
	const char *column;
}			legal_columns[] = {
	{"VAT", "vat"}, {"TAX", "tax"}, {"BusinessCode", "business_code"}, {"LEI", "lei"},
	{"EORI", "eori"}, {"SEED", "seed"}, {"SIC", "sic"}
};

const char *
match_outcome_name(MatchOutcome outcome)
{
	switch (outcome)
	{
		case MATCH_ONE:
			return "matched";
		case MATCH_NONE:
			return "no person";
		case MATCH_SEVERAL:
			return "several persons";
		case MATCH_PROTECTED:
			return "protected";
		case MATCH_TOO_MANY:
			return "too many candidates";
	}
	return NULL;
}

/*
 * The person a registered link names for this very identifier, or NULL (D-IDM-09, -10).
 * Only the country codes are compared without regard to letter case: what follows them may be Base64.
 */
static char *
linked_person(const EvidenceType *type, const Subject *subject)
{
	QueryArguments arguments = {0};

	if (subject->identifier == NULL || !table_was_used("identity_link"))
		return NULL;
	query_add_text(&arguments, type->provider->name);
	query_add_text(&arguments, subject->identifier);
	if (query_run("SELECT person_id FROM ootspg.identity_link "
				  "WHERE provider = $1 AND revoked_at IS NULL "
				  "AND upper(left(identifier, 5) COLLATE \"C\") || substr(identifier, 6) = upper(left($2, 5) COLLATE \"C\") || substr($2, 6)",
				  &arguments, true, 1, SPI_OK_SELECT) == 0)
		return NULL;
	return query_text(0, 1);
}

/*
 * Policy 'first' wants one more attribute that both sides have and that agrees:
 * name at birth or place of birth (D-IDM-13).
 */
static bool
further_attribute_agrees(const Subject *subject, const char *birth_name, const char *place)
{
	if (subject->birth_name != NULL && birth_name != NULL && name_equal(subject->birth_name, birth_name))
		return true;
	return subject->place_of_birth != NULL && place != NULL && name_equal(subject->place_of_birth, place);
}

static bool
candidate_matches(const EvidenceType *type, const Subject *subject, uint64 row, MatchResult *result)
{
	const char *family = query_text(row, FAMILY_NAME);
	const char *given = query_text(row, GIVEN_NAME);

	if (family == NULL || given == NULL || !name_equal(subject->family_name, family))
		return false;
	if (!type->first_given_name)
		return given_names_equal(subject->given_name, given, GIVEN_NAMES_SET);
	if (!given_names_equal(subject->given_name, given, GIVEN_NAMES_FIRST))
		return false;
	result->undecided |= subject->birth_name == NULL && subject->place_of_birth == NULL;
	return further_attribute_agrees(subject, query_text(row, BIRTH_NAME), query_text(row, PLACE_OF_BIRTH));
}

/* Does the row differ in what else is known? Agreement in any of it is noted. */
static bool
differs_further(const List *further, uint64 row, bool *agrees)
{
	const ListCell *cell;
	bool		agreed = false;

	foreach(cell, further)
	{
		const FurtherAttribute *attribute = lfirst(cell);
		char	   *value = query_text(row, FURTHER + foreach_current_index(cell));

		if (value == NULL)
			continue;
		if (!name_equal(attribute->value, value))
			return true;
		agreed = true;
	}
	*agrees |= agreed;
	return false;
}

/* Count persons, not rows: one person may stand in several rows (D-IDM-03). */
static void
add_person(MatchResult *result, const char *person_id, bool is_protected)
{
	if (person_id == NULL)
		return;
	if (result->person_id == NULL)
	{
		result->person_id = pstrdup(person_id);
		result->outcome = is_protected ? MATCH_PROTECTED : MATCH_ONE;
	}
	else if (strcmp(result->person_id, person_id) != 0)
		result->outcome = MATCH_SEVERAL;
	else if (is_protected && result->outcome == MATCH_ONE)
		result->outcome = MATCH_PROTECTED;
}

static void
append_key_and_protection(StringInfo sql, const RegistrySource *source)
{
	source_require_column(source, "person_id");
	appendStringInfoString(sql, "SELECT s.person_id::pg_catalog.text, ");
	source_append_boolean(sql, source, "protected");
}

/* As text; a day as in requests, whatever the session's way of writing it. */
static void
append_further(StringInfo sql, const RegistrySource *source, const char *column)
{
	Oid			type = source_column_type(source->relation, column);

	appendStringInfoString(sql, ", ");
	if (OidIsValid(type) && getBaseType(type) == DATEOID)
		appendStringInfo(sql, "pg_catalog.to_char(s.%s, 'YYYY-MM-DD')", quote_identifier(column));
	else
		source_append_text(sql, source, column);
}

static char *
natural_statement(const RegistrySource *source, const List *further)
{
	static const char *const texts[] = {"family_name", "given_name", "birth_name", "place_of_birth"};
	const ListCell *cell;
	StringInfoData sql;

	initStringInfo(&sql);
	append_key_and_protection(&sql, source);
	source_require_column(source, "family_name");
	source_require_column(source, "given_name");
	for (int i = 0; i < (int) lengthof(texts); i++)
	{
		appendStringInfoString(&sql, ", ");
		source_append_text(&sql, source, texts[i]);
	}
	foreach(cell, further)
		append_further(&sql, source, ((const FurtherAttribute *) lfirst(cell))->column);
	appendStringInfo(&sql, " FROM %s s WHERE s.date_of_birth = $1 AND ootspg.name_key(s.family_name::text) = $2", source->name);
	return sql.data;
}

/* A register that keeps incomplete dates keeps them as text; only a full date is
 * ever asked for (D-IDM-14). */
static void
add_birth_date(QueryArguments *arguments, const RegistrySource *source, const char *date)
{
	if (getBaseType(source_require_column(source, "date_of_birth")) == DATEOID)
		query_add(arguments, DATEOID, DirectFunctionCall1(date_in, CStringGetDatum(date)), false);
	else
		query_add_text(arguments, date);
}

static void
match_natural(const EvidenceType *type, const RegistrySource *source, const Subject *subject, const List *further, MatchResult *result)
{
	QueryArguments arguments = {0};
	char	   *key = name_key_fold(subject->family_name, strlen(subject->family_name));
	char	   *linked = linked_person(type, subject);
	bool		excluded = false;
	bool		agrees = false;
	uint64		rows;

	result->linked = linked != NULL;
	result->attributes = type->first_given_name ?
		"family_name, first given_name, date_of_birth, birth_name or place_of_birth" :
		"family_name, given_name, date_of_birth";
	add_birth_date(&arguments, source, subject->date_of_birth);
	query_add_text(&arguments, key);
	rows = query_run(natural_statement(source, further), &arguments, true, oots_max_candidates + 1, SPI_OK_SELECT);
	result->candidates = (int) rows;
	if (rows > (uint64) oots_max_candidates)
	{
		result->outcome = MATCH_TOO_MANY;
		return;
	}
	for (uint64 row = 0; row < rows; row++)
	{
		char	   *person_id = query_text(row, PERSON_ID);

		CHECK_FOR_INTERRUPTS();
		/* a link narrows, it never widens: the attributes must agree as well (D-IDM-01) */
		if (linked != NULL && (person_id == NULL || strcmp(person_id, linked) != 0))
			continue;
		if (!candidate_matches(type, subject, row, result))
			continue;
		if (differs_further(further, row, &agrees))
			excluded = true;
		else
			add_person(result, person_id, query_bool(row, PROTECTED));
	}
	/* the others were excluded, and nothing says that it is this one (D-IDM-02) */
	if (excluded && !agrees && result->outcome == MATCH_ONE)
		result->outcome = MATCH_SEVERAL;
}

/* Does our own country assert this eIDAS legal identifier? Only then is its last
 * segment our company number; anything else needs a link (D-IDM-09, D-IDM-19). */
static bool
asserted_here(const EvidenceType *type, const char *identifier)
{
	return identifier != NULL && strlen(identifier) > 6 && identifier[2] == '/' && identifier[5] == '/' &&
		pg_strncasecmp(identifier, type->provider->agent->country, 2) == 0;
}

static const char *
legal_column(Oid relation, const char *scheme)
{
	if (scheme == NULL)
		return NULL;
	for (int i = 0; i < (int) lengthof(legal_columns); i++)
		if (pg_strcasecmp(legal_columns[i].scheme, scheme) == 0 &&
			OidIsValid(source_column_type(relation, legal_columns[i].column)))
			return legal_columns[i].column;
	return NULL;
}

/* value is an expression over the parameters; a row that lacks the value does not disagree */
static void
add_condition(LegalQuery *query, const char *column, const char *value)
{
	appendStringInfo(&query->any, "%s s.%s = %s", query->any.len > 0 ? " OR" : "", column, value);
	appendStringInfo(&query->all, "%s (s.%s IS NULL OR s.%s = %s)", query->all.len > 0 ? " AND" : "", column, column, value);
}

static void
add_identifier(LegalQuery *query, const char *column, const char *identifier)
{
	query_add_text(&query->arguments, identifier);
	add_condition(query, column, psprintf("$%d", query->arguments.count));
}

static void
add_legal_identifiers(LegalQuery *query, const EvidenceType *type, Oid relation, const Subject *subject, const char *linked)
{
	ListCell   *cell;

	if (linked != NULL)
		add_identifier(query, "person_id", linked);
	else if (asserted_here(type, subject->identifier))
	{
		query_add_text(&query->arguments, subject->identifier + 6);
		query_add_text(&query->arguments, type->legal_number);
		add_condition(query, "person_id", "substring($1 FROM $2)");
	}
	foreach(cell, subject->legal_identifiers)
	{
		const LocalText *identifier = lfirst(cell);
		const char *column = legal_column(relation, identifier->language);

		if (column != NULL && identifier->text != NULL && query->arguments.count < QUERY_MAX_ARGUMENTS)
			add_identifier(query, column, identifier->text);
	}
}

static char *
legal_statement(const LegalQuery *query, const RegistrySource *source)
{
	StringInfoData sql;

	initStringInfo(&sql);
	append_key_and_protection(&sql, source);
	appendStringInfo(&sql, ",%s FROM %s s WHERE%s", query->all.data, source->name, query->any.data);
	return sql.data;
}

/*
 * Every identifier given must lead to the same company: what is found by any of
 * them is counted, and must contradict none of the others (D-IDM-01). The name
 * decides nothing; companies are renamed (D-IDM-19).
 */
static void
match_legal(const EvidenceType *type, const RegistrySource *source, const Subject *subject, MatchResult *result)
{
	LegalQuery	query = {0};
	char	   *linked = linked_person(type, subject);
	bool		contradicted = false;
	uint64		rows;

	result->linked = linked != NULL;
	result->attributes = "legal identifiers";
	initStringInfo(&query.any);
	initStringInfo(&query.all);
	add_legal_identifiers(&query, type, source->relation, subject, linked);
	if (query.arguments.count == 0)
		return;
	rows = query_run(legal_statement(&query, source), &query.arguments, true, oots_max_candidates + 1, SPI_OK_SELECT);
	result->candidates = (int) rows;
	if (rows > (uint64) oots_max_candidates)
	{
		result->outcome = MATCH_TOO_MANY;
		return;
	}
	for (uint64 row = 0; row < rows; row++)
	{
		add_person(result, query_text(row, PERSON_ID), query_bool(row, PROTECTED));
		contradicted |= !query_bool(row, AGREES);
	}
	if (contradicted && result->outcome != MATCH_SEVERAL)
		result->outcome = MATCH_NONE;
}

MatchResult
match_subject(const EvidenceType *type, const Distribution *distribution, const Subject *subject)
{
	return match_narrowed(type, distribution, subject, NIL);
}

MatchResult
match_narrowed(const EvidenceType *type, const Distribution *distribution, const Subject *subject, const List *further)
{
	RegistrySource source = source_of_subjects(type, distribution);
	MatchResult result = {.outcome = MATCH_NONE};

	if (type->legal != subject->is_legal)
		result.attributes = "none: the evidence type is about another kind of subject";
	else if (subject->is_legal)
		match_legal(type, &source, subject, &result);
	else
		match_natural(type, &source, subject, further, &result);
	if (result.outcome != MATCH_ONE)
		result.person_id = NULL;
	return result;
}

bool
any_protected(const EvidenceType *type, const Distribution *distribution, Datum person_ids)
{
	RegistrySource source = source_of_subjects(type, distribution);
	QueryArguments arguments = {0};
	StringInfoData sql;

	if (!OidIsValid(source_column_type(source.relation, "protected")))
		return false;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT FROM %s s WHERE ", source.name);
	source_append_boolean(&sql, &source, "protected");
	appendStringInfo(&sql, " AND s.person_id %s", source_any_key(&source));
	query_add(&arguments, TEXTARRAYOID, person_ids, false);
	return query_run(sql.data, &arguments, true, 1, SPI_OK_SELECT) > 0;
}
