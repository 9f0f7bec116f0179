/*
 * configuration.c
 *		Read configuration rows, and keep what was read (kept.c).
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/uuid.h"

#include "compat.h"
#include "configuration/configuration.h"
#include "configuration/kept.h"
#include "query.h"
#include "uuid.h"

#define PROVIDER_COLUMNS \
	"p.provider, p.scheme, p.identifier, p.name::jsonb, p.country, p.nuts, p.full_address, " \
	"p.content_domain, p.environment, p.preferred_line::text"
#define PROVIDER_COLUMN_COUNT 10
/* behind them, in statements of the owner */
#define ROLE_COLUMNS ", p.answer_role IS NOT NULL, ootspg_internal.bound_role_oid(p.answer_role)"

List *
localized_texts(Datum datum)
{
	Jsonb	   *texts = DatumGetJsonbP(datum);
	JsonbIterator *iterator = JsonbIteratorInit(&texts->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	LocalText  *text = NULL;
	List	   *result = NIL;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			text = palloc0(sizeof(LocalText));
			text->language = pnstrdup(value.val.string.val, value.val.string.len);
		}
		else if (token == WJB_VALUE && text != NULL)
		{
			text->text = pnstrdup(value.val.string.val, value.val.string.len);
			result = strcmp(text->language, "EN") == 0 ? lcons(text, result) : lappend(result, text);
		}
	}
	return result;
}

/* Provider columns of row 0, starting at column first. */
static Provider *
read_provider(int first)
{
	Provider   *provider = palloc0(sizeof(Provider));
	Agent	   *agent = palloc0(sizeof(Agent));
	bool		isnull;

	provider->name = query_text(0, first);
	agent->scheme = query_text(0, first + 1);
	agent->identifier = query_text(0, first + 2);
	agent->names = localized_texts(query_value(0, first + 3, &isnull));
	agent->country = query_text(0, first + 4);
	agent->nuts = query_text(0, first + 5);
	agent->full_address = query_text(0, first + 6);
	provider->agent = agent;
	provider->content_domain = query_text(0, first + 7);
	provider->environment = query_text(0, first + 8);
	provider->preferred_line = line_from_identifier(query_text(0, first + 9));
	return provider;
}

static Provider *
read_provider_with_role(void)
{
	Provider   *provider = read_provider(1);
	bool		gone;
	Datum		role = query_value(0, PROVIDER_COLUMN_COUNT + 2, &gone);

	provider->has_answer_role = query_bool(0, PROVIDER_COLUMN_COUNT + 1);
	provider->answer_role = gone ? InvalidOid : DatumGetObjectId(role);
	return provider;
}

static void *
read_by_identifier(const void *question)
{
	const Agent *agent = question;
	QueryArguments arguments = {0};

	query_add_text(&arguments, agent->scheme);
	query_add_text(&arguments, agent->identifier);
	if (query_run("SELECT " PROVIDER_COLUMNS ROLE_COLUMNS " FROM ootspg.provider p WHERE p.scheme = $1 AND p.identifier = $2",
				  &arguments, true, 1, SPI_OK_SELECT) == 0)
		return NULL;
	return read_provider_with_role();
}

static void *
read_only_one(const void *question)
{
	if (query_run("SELECT " PROVIDER_COLUMNS ROLE_COLUMNS " FROM ootspg.provider p", NULL, true, 2, SPI_OK_SELECT) != 1)
		return NULL;
	return read_provider_with_role();
}

Provider *
provider_by_identifier(const char *scheme, const char *identifier)
{
	Agent		asked = {.scheme = (char *) scheme,.identifier = (char *) identifier};
	OwnerSwitch caller;
	Provider   *provider;

	if (scheme == NULL || identifier == NULL)
		return NULL;
	owner_begin(&caller);
	provider = kept_get(psprintf("provider %zu %s %s", strlen(scheme), scheme, identifier), read_by_identifier, &asked);
	owner_end(&caller);
	return provider;
}

Provider *
provider_only_one(void)
{
	OwnerSwitch caller;
	Provider   *provider;

	owner_begin(&caller);
	provider = kept_get("only provider", read_only_one, NULL);
	owner_end(&caller);
	return provider;
}

static List *
text_array(uint64 row, int column)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);
	Datum	   *elements;
	int			count;
	List	   *result = NIL;

	if (isnull)
		return NIL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT, &elements, NULL, &count);
	for (int i = 0; i < count; i++)
		result = lappend(result, TextDatumGetCString(elements[i]));
	return result;
}

/* Columns oid and, behind it, name and owner of the relation when it was last seen. */
static NamedRelation
read_relation(uint64 row, int column)
{
	NamedRelation relation = {0};
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	if (isnull)
		return relation;
	relation.id = DatumGetObjectId(value);
	relation.name = query_text(row, column + 1);
	relation.owner = query_text(row, column + 2);
	if (relation.name == NULL)
		relation.name = psprintf("number %u", relation.id);
	return relation;
}

/* Before the update there was one way: XML. */
static SealChoice
seal_choice(const char *word)
{
	static const char *const words[] = {"standard", "compact", "flattened", "detached", "own", "none"};

	for (int i = 0; i < (int) lengthof(words); i++)
		if (word != NULL && strcmp(words[i], word) == 0)
			return (SealChoice) i;
	return CHOICE_STANDARD;
}

static Distribution *
read_distribution(uint64 row)
{
	Distribution *distribution = palloc0(sizeof(Distribution));

	distribution->name = query_text(row, 1);
	distribution->media_type = query_text(row, 2);
	distribution->source = read_relation(row, 3);
	distribution->function = query_text(row, 6);
	distribution->sample_source = read_relation(row, 7);
	distribution->document = query_text(row, 10);
	distribution->model = query_text(row, 11);
	distribution->model_version = query_text(row, 12);
	distribution->subset = query_text(row, 13);
	distribution->readable = query_text(row, 14);
	distribution->generated = strcmp(distribution->document, GENERATED) == 0 && strcmp(distribution->media_type, "application/pdf") == 0;
	distribution->companion_only = query_bool(row, 15);
	distribution->seal_form = seal_choice(query_text(row, 16));
	return distribution;
}

char *
data_model_location(const char *model, const char *version, EdmLine line)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, model);
	query_add_text(&arguments, version);
	query_add_text(&arguments, line_traits(line)->identifier);
	if (query_run("SELECT l.conforms_to FROM ootspg.data_model_location l WHERE l.model OPERATOR(pg_catalog.=) $1 "
				  "AND l.version OPERATOR(pg_catalog.=) $2 AND l.line OPERATOR(pg_catalog.=) $3", &arguments, true, 1, SPI_OK_SELECT) == 0)
		return NULL;
	return query_text(0, 1);
}

static char *
location_of(const Distribution *distribution, EdmLine line)
{
	char	   *location = distribution->model == NULL ? NULL : data_model_location(distribution->model, distribution->model_version, line);

	return location == NULL || distribution->subset == NULL ? location : psprintf("%s/%s", location, distribution->subset);
}

Distribution *
distribution_by_name(const EvidenceType *type, const char *name)
{
	ListCell   *cell;

	foreach(cell, type->distributions)
	{
		Distribution *distribution = lfirst(cell);

		if (strcmp(distribution->name, name) == 0)
			return distribution;
	}
	return NULL;
}

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_structured(const Distribution *distribution)
{
	return strcmp(distribution->media_type, "application/xml") == 0 || strcmp(distribution->media_type, "application/json") == 0;
}

/* Do both read the same rows, for the same model and subset where the generated one names them? */
static bool
can_be_origin(const Distribution *distribution, const Distribution *generated)
{
	return is_structured(distribution) && distribution->source.id == generated->source.id && same(distribution->function, generated->function) &&
		same(distribution->subset, generated->subset) &&
		(generated->model == NULL || (same(distribution->model, generated->model) && same(distribution->model_version, generated->model_version)));
}

/*
 * What a distribution's documents are generated from: the first structured one of the same rows; where there is none, the rows'
 * column "document". ootspg_internal.origin() says the same.
 */
static Distribution *
find_origin(const EvidenceType *type, const Distribution *generated)
{
	ListCell   *cell;
	Distribution *origin;

	foreach(cell, type->distributions)
		if (can_be_origin(lfirst(cell), generated))
			return lfirst(cell);
	origin = palloc(sizeof(Distribution));
	*origin = *generated;
	origin->media_type = NULL;
	origin->document = "document";
	origin->generated = false;
	return origin;
}

/* The companion of a distribution whose column readable names none but says that it is generated. */
static Distribution *
generated_companion(const Distribution *distribution)
{
	Distribution *companion = palloc(sizeof(Distribution));

	*companion = *distribution;
	companion->name = companion->document = GENERATED;
	companion->media_type = "application/pdf";
	companion->model = companion->model_version = companion->conforms_to = companion->readable = NULL;
	companion->seal_form = CHOICE_STANDARD;
	companion->companion_only = companion->generated = true;
	return companion;
}

#define DISTRIBUTIONS(source, sample_source, companion_only, seal_form) \
	"SELECT d.distribution, d.media_type, d.source::oid, " source ", d.source_function, d.sample_source::oid, " sample_source ", " \
	"d.document, d.model, d.model_version, d.subset, d.readable, " companion_only ", " seal_form " " \
	"FROM ootspg.distribution d WHERE d.evidence_type = $1 ORDER BY d.distribution"

static void
read_distributions(EvidenceType *type, EdmLine line)
{
	QueryArguments arguments = {0};
	uint64		rows;
	ListCell   *cell;

	query_add_text(&arguments, type->name);
	rows = query_run(query_has_column("distribution", "companion_only") ?
					 DISTRIBUTIONS("d.source_name, d.source_owner", "d.sample_source_name, d.sample_source_owner", "d.companion_only", "d.seal_form") :
					 DISTRIBUTIONS("NULL::text, NULL::text", "NULL::text, NULL::text", "false", "NULL::text"),
					 &arguments, true, 0, SPI_OK_SELECT);
	for (uint64 row = 0; row < rows; row++)
		type->distributions = lappend(type->distributions, read_distribution(row));
	foreach(cell, type->distributions)
	{
		Distribution *distribution = lfirst(cell);

		distribution->conforms_to = location_of(distribution, line);
		if (distribution->readable != NULL)
			distribution->companion = distribution_by_name(type, distribution->readable);
		if (distribution->readable != NULL && distribution->companion == NULL && strcmp(distribution->readable, GENERATED) == 0)
			distribution->companion = generated_companion(distribution);
		if (distribution->generated)
			distribution->origin = find_origin(type, distribution);
	}
}

static SealPolicy
seal_policy(const char *word)
{
	if (strcmp(word, "require") == 0)
		return SEAL_REQUIRE;
	return strcmp(word, "prefer") == 0 ? SEAL_PREFER : SEAL_NONE;
}

static Reauthentication
reauthentication(const char *word)
{
	if (strcmp(word, "required") == 0)
		return REAUTHENTICATION_REQUIRED;
	return strcmp(word, "none") == 0 ? REAUTHENTICATION_NONE : REAUTHENTICATION_ON_AMBIGUITY;
}

static int64
milliseconds(int column)
{
	bool		isnull;
	Datum		interval = query_value(0, column, &isnull);

	return isnull ? 0 : (int64) rint(1000 * DatumGetFloat8(DirectFunctionCall2(interval_part, CStringGetTextDatum("epoch"), interval)));
}

static bool
is_word(int column, const char *word)
{
	return same(query_text(0, column), word);
}

/* Natural persons are narrowed where the type says how, or asks for more of them than their names. */
static bool
narrows(const EvidenceType *type, bool asks_more)
{
	return !type->legal && (type->reauthentication == REAUTHENTICATION_ON_AMBIGUITY ||
							(type->reauthentication == REAUTHENTICATION_REQUIRED && asks_more));
}

/* What its own row says. */
static EvidenceType *
read_type_row(EdmLine line)
{
	EvidenceType *type = palloc0(sizeof(EvidenceType));
	bool		isnull;

	type->name = query_text(0, 1);
	type->data_service = query_text(0, 2);
	type->titles = localized_texts(query_value(0, 3, &isnull));
	type->legal = is_word(4, "legal person");
	type->subject_source = read_relation(0, 5);
	type->procedures = text_array(0, 8);
	type->level_of_assurance = query_text(0, 9);
	type->preview_exempt = is_word(10, "exempt");
	type->first_given_name = is_word(11, "first");
	type->legal_number = query_text(0, 12);
	type->representation = query_bool(0, 13);
	type->entitlement = query_text(0, 14);
	type->seal = seal_policy(query_text(0, 15));
	type->seal_key = query_text(0, 16);
	/* DUTY §3.2: by default an empty list */
	type->empty_when_no_record = is_word(17, "empty") || (is_word(17, "by line") && line == EDM_V20);
	type->t1_ms = milliseconds(18);
	type->t2_ms = milliseconds(19);
	type->t3_ms = milliseconds(20);
	type->reauthentication = reauthentication(query_text(0, 21));
	type->narrows = narrows(type, JB_ROOT_COUNT(DatumGetJsonbP(query_value(0, 22, &isnull))) > 0);
	type->stamped = is_word(23, "T") && type->seal != SEAL_NONE;
	return type;
}

/* SELECT … WHERE key = first [AND key = second]; one row or none. */
static bool
read_one(const char *sql, const char *first, const char *second)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, first);
	if (second != NULL)
		query_add_text(&arguments, second);
	return query_run(sql, &arguments, true, 1, SPI_OK_SELECT) > 0;
}

/* What stands beside it; false when its provider is not to be seen. */
static bool
read_surroundings(EvidenceType *type, const char *provider, EdmLine line)
{
	if (!read_one("SELECT " PROVIDER_COLUMNS " FROM ootspg.provider p WHERE p.provider = $1", provider, NULL))
		return false;
	type->provider = read_provider(1);
	if (type->seal_key != NULL &&
		read_one("SELECT k.key_uri, k.certificate_uri FROM ootspg.seal_key k WHERE k.provider = $1 AND k.seal_key = $2", provider, type->seal_key))
	{
		type->key_uri = query_text(0, 1);
		type->certificate_uri = query_text(0, 2);
	}
	type->active = read_one("SELECT FROM ootspg.activation a WHERE a.evidence_type = $1", type->name, NULL);
	if (read_one("SELECT l.classification FROM ootspg.evidence_type_line l WHERE l.evidence_type = $1 AND l.line::text = $2",
				 type->name, line_traits(line)->identifier))
		type->classification = query_text(0, 1);
	read_distributions(type, line);
	return true;
}

/*
 * Table after table, by the snapshot that reading began with: planning one statement that joins them would cost a new session
 * half as much again.
 */
static EvidenceType *
find_evidence_type(const char *condition, const QueryArguments *arguments, EdmLine line)
{
	static const char *const select =
		"SELECT t.evidence_type, t.data_service::text, t.title::jsonb, t.subject, t.subject_source::oid, %s, t.procedures, "
		"t.level_of_assurance, t.preview, t.given_names, t.legal_number, t.representation, t.entitlement, t.seal, t.seal_key, "
		"t.no_record, t.t1, t.t2, t.t3, t.reauthentication, t.additional_attributes, %s, t.provider FROM ootspg.evidence_type t WHERE %s";
	const char *stamped = query_has_column("evidence_type", "seal_level") ? "t.seal_level" : "NULL::text";
	const char *seen = query_has_column("evidence_type", "subject_source_name") ?
		"t.subject_source_name, t.subject_source_owner" : "NULL::text, NULL::text";
	EvidenceType *type;

	if (query_run(psprintf(select, seen, stamped, condition), arguments, true, 1, SPI_OK_SELECT) == 0)
		return NULL;
	type = read_type_row(line);
	return read_surroundings(type, query_text(0, 24), line) ? type : NULL;
}

/* What is asked for: one of the two names it. */
typedef struct TypeQuestion
{
	const char *data_service;
	const char *name;
	EdmLine		line;
} TypeQuestion;

static void *
read_by_service(const void *asked)
{
	const TypeQuestion *question = asked;
	QueryArguments arguments = {0};

	query_add(&arguments, UUIDOID, DirectFunctionCall1(uuid_in, CStringGetDatum(question->data_service)), false);
	return find_evidence_type("t.data_service = $1", &arguments, question->line);
}

static void *
read_by_name(const void *asked)
{
	const TypeQuestion *question = asked;
	QueryArguments arguments = {0};

	query_add_text(&arguments, question->name);
	return find_evidence_type("t.evidence_type = $1", &arguments, question->line);
}

EvidenceType *
evidence_type_by_service(const char *data_service, EdmLine line)
{
	TypeQuestion question = {.data_service = data_service,.line = line};

	if (data_service == NULL || strlen(data_service) != UUID_TEXT_LENGTH)
		return NULL;
	return kept_get(psprintf("service %d %s", line, data_service), read_by_service, &question);
}

EvidenceType *
evidence_type_by_name(const char *name, EdmLine line)
{
	TypeQuestion question = {.name = name,.line = line};

	return kept_get(psprintf("type %d %s", line, name), read_by_name, &question);
}
