/*
 * subject_row.c
 *		ootspg.subject to and from the struct that requests are read into.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/typcache.h"

#include "configuration/configuration.h"
#include "exchange/subject_row.h"
#include "message/moment.h"

static char *
attribute_text(HeapTupleHeader row, const char *name)
{
	bool		isnull;
	Datum		value = GetAttributeByName(row, name, &isnull);
	char	   *string = isnull ? NULL : TextDatumGetCString(value);

	return (string != NULL && string[0] != '\0') ? string : NULL;
}

static char *
attribute_date(HeapTupleHeader row, const char *name)
{
	bool		isnull;
	Datum		value = GetAttributeByName(row, name, &isnull);

	return isnull ? NULL : moment_date_text(DatumGetDateADT(value));
}

static void
require_attribute(const char *value, const char *name)
{
	if (value == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("subject lacks %s", name),
				 errhint("Make subjects with ootspg.natural_person() or ootspg.legal_person().")));
}

Subject *
subject_from_row(HeapTupleHeader row)
{
	Subject    *subject = palloc0(sizeof(Subject));
	char	   *kind = attribute_text(row, "kind");
	bool		isnull;
	Datum		identifiers;

	require_attribute(kind, "a kind");
	subject->is_legal = strcmp(kind, "legal person") == 0;
	if (!subject->is_legal && strcmp(kind, "natural person") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown kind of subject"),
				 errhint("It is \"natural person\" or \"legal person\".")));
	subject->identifier = attribute_text(row, "identifier");
	subject->scheme = subject->identifier ? pstrdup("eidas") : NULL;
	subject->family_name = attribute_text(row, "family_name");
	subject->given_name = attribute_text(row, "given_name");
	subject->date_of_birth = attribute_date(row, "date_of_birth");
	subject->birth_name = attribute_text(row, "birth_name");
	subject->place_of_birth = attribute_text(row, "place_of_birth");
	subject->legal_name = attribute_text(row, "legal_name");
	identifiers = GetAttributeByName(row, "legal_identifiers", &isnull);
	if (!isnull && JB_ROOT_IS_OBJECT(DatumGetJsonbP(identifiers)))
		subject->legal_identifiers = localized_texts(identifiers);
	if (!subject->is_legal)
	{
		require_attribute(subject->family_name, "a family name");
		require_attribute(subject->given_name, "a given name");
		require_attribute(subject->date_of_birth, "a date of birth");
	}
	return subject;
}

static Datum
text_or_null(const char *value, bool *isnull)
{
	*isnull = value == NULL;
	return value ? CStringGetTextDatum(value) : (Datum) 0;
}

/* {"VAT": "…"}; the later of two identifiers of one scheme stays. */
static Datum
identifiers_or_null(const List *identifiers, bool *isnull)
{
	JsonbParseState *state = NULL;
	const ListCell *cell;
	JsonbValue *object;

	*isnull = identifiers == NIL;
	if (*isnull)
		return (Datum) 0;
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	foreach(cell, identifiers)
	{
		const LocalText *identifier = lfirst(cell);
		JsonbValue	value = {.type = jbvString};

		if (identifier->language == NULL || identifier->text == NULL)
			continue;
		value.val.string.val = identifier->language;
		value.val.string.len = strlen(identifier->language);
		pushJsonbValue(&state, WJB_KEY, &value);
		value.val.string.val = identifier->text;
		value.val.string.len = strlen(identifier->text);
		pushJsonbValue(&state, WJB_VALUE, &value);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(object));
}

Oid
subject_row_type(void)
{
	return typenameTypeId(NULL, makeTypeNameFromNameList(list_make2(makeString("ootspg"), makeString("subject"))));
}

Datum
subject_to_row(const Subject *subject, bool *isnull)
{
	TupleDesc	desc;
	Datum		values[9];
	bool		nulls[9];
	HeapTuple	tuple;

	*isnull = subject == NULL;
	if (subject == NULL)
		return (Datum) 0;
	desc = lookup_rowtype_tupdesc(subject_row_type(), -1);
	values[0] = text_or_null(subject->is_legal ? "legal person" : "natural person", &nulls[0]);
	values[1] = text_or_null(subject->identifier, &nulls[1]);
	values[2] = text_or_null(subject->family_name, &nulls[2]);
	values[3] = text_or_null(subject->given_name, &nulls[3]);
	nulls[4] = subject->date_of_birth == NULL;
	values[4] = nulls[4] ? (Datum) 0 : DirectFunctionCall1(date_in, CStringGetDatum(subject->date_of_birth));
	values[5] = text_or_null(subject->birth_name, &nulls[5]);
	values[6] = text_or_null(subject->place_of_birth, &nulls[6]);
	values[7] = text_or_null(subject->legal_name, &nulls[7]);
	values[8] = identifiers_or_null(subject->legal_identifiers, &nulls[8]);
	tuple = heap_form_tuple(desc, values, nulls);
	ReleaseTupleDesc(desc);
	return HeapTupleGetDatum(tuple);
}
