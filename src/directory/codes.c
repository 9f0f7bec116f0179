/*
 * codes.c
 *		Code lists as documents: the codes that a submission or fragment uses, and
 *		lists in genericode. Read in one walk, since XPath looks back at siblings for
 *		each node, which costs the square of their number and cannot be cancelled.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "xml/read.h"

PG_FUNCTION_INFO_V1(ootspg_submission_codes);
PG_FUNCTION_INFO_V1(ootspg_genericode);

#define NS_GENERICODE	"http://docs.oasis-open.org/codelist/ns/genericode/1.0/"
#define CODE_ROWS		3		/* columns of both results */

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL || *text == '\0';
	return *isnull ? (Datum) 0 : CStringGetTextDatum(text);
}

/* What a concept says of itself, for all its values; looked up once. */
typedef struct Concept
{
	const XmlNode *node;
	char	   *identifier,
			   *code_list;
} Concept;

static void
read_concept(const XmlNode *node, Concept *concept)
{
	const XmlNode *identifier = xml_child(node, NS_SDG, "Identifier");

	*concept = (Concept) {.node = node};
	if (identifier != NULL)
		concept->identifier = xml_text(identifier);
	for (; identifier != NULL && concept->code_list == NULL; identifier = xml_next_same(identifier, NS_SDG, "Identifier"))
		concept->code_list = xml_attribute(identifier, NULL, "schemeID");
}

static void
put_code(ReturnSetInfo *result, const XmlNode *node, const Concept *concept)
{
	Datum		values[CODE_ROWS];
	bool		nulls[CODE_ROWS];
	char	   *list = concept != NULL && concept->code_list != NULL ? concept->code_list : xml_attribute(node, NULL, "listID");

	values[0] = text_or_null(list, &nulls[0]);
	values[1] = text_or_null(concept ? concept->identifier : NULL, &nulls[1]);
	values[2] = CStringGetTextDatum(xml_normalized(node));
	nulls[2] = false;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Everywhere below parent; values of a concept have their list from its identifier. */
static void
walk_codes(ReturnSetInfo *result, const XmlNode *parent)
{
	Concept		concept = {0};

	for (const XmlNode *node = xml_first(parent); node != NULL; node = xml_next(node))
	{
		CHECK_FOR_INTERRUPTS();
		if (xml_is(node, NS_SDG, "AdditionalJurisdictionClassification"))
			put_code(result, node, NULL);
		if (xml_is(node, NS_SDG, "SupportedValue"))
		{
			if (concept.node == NULL)
				read_concept(parent, &concept);
			for (const XmlNode *value = xml_child(node, NS_SDG, "StringValue"); value != NULL;
				 value = xml_next_same(value, NS_SDG, "StringValue"))
			{
				CHECK_FOR_INTERRUPTS();
				put_code(result, value, &concept);
			}
		}
		walk_codes(result, node);	/* no deeper than the scan allows */
	}
}

Datum
ootspg_submission_codes(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlDocument *message = xml_read_or_raise(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), "submission");

	InitMaterializedSRF(fcinfo, 0);
	walk_codes((ReturnSetInfo *) fcinfo->resultinfo, xml_root(message));
	xml_release(message);
	return (Datum) 0;
}

/* A column whose values count: of the key, or of a language. */
typedef struct Column
{
	const char *id;
	const char *language;		/* as written; NULL: the key */
	int			last_row;		/* in which it had its value */
} Column;

typedef struct Columns
{
	Column	   *columns;		/* sorted by id */
	int			count;
} Columns;

/* The key before a language: what is both is the key. */
static int
compare_columns(const void *a, const void *b)
{
	const Column *one = a;
	const Column *other = b;
	int			order = strcmp(one->id, other->id);

	if (order != 0)
		return order;
	return (one->language != NULL) - (other->language != NULL);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const Column *) a)->id, ((const Column *) b)->id);
}

static bool
is_language(const char *language)
{
	return language != NULL && strlen(language) == 2 &&
		strspn(language, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == 2;
}

/* Is the language one that an earlier column has? Then that one counts. */
static bool
is_known(bool known[26 * 26], const char *language)
{
	int			place = (pg_ascii_tolower(language[0]) - 'a') * 26 + (pg_ascii_tolower(language[1]) - 'a');
	bool		before = known[place];

	known[place] = true;
	return before;
}

static void
add_column(Columns *columns, char *id, const char *language)
{
	if (id != NULL)
		columns->columns[columns->count++] = (Column) {.id = id, .language = language};
}

static bool
is_key(const Columns *keys, const char *id)
{
	Column		wanted = {.id = id};

	return keys->count > 0 && bsearch(&wanted, keys->columns, keys->count, sizeof(Column), compare_ids) != NULL;
}

static Columns
room_for(int count)
{
	return (Columns) {.columns = palloc_extended(mul_size(count + 1, sizeof(Column)), MCXT_ALLOC_HUGE)};
}

/* The columns of the first key. */
static Columns
read_key(const XmlNode *set)
{
	const XmlNode *key = xml_child(set, "", "Key");
	Columns		keys = room_for(key ? xml_count(key, "", "ColumnRef") : 0);

	for (const XmlNode *node = key ? xml_child(key, "", "ColumnRef") : NULL; node != NULL; node = xml_next_same(node, "", "ColumnRef"))
		add_column(&keys, xml_attribute(node, NULL, "Ref"), NULL);
	qsort(keys.columns, keys.count, sizeof(Column), compare_columns);
	return keys;
}

static Columns
read_columns(const XmlNode *set)
{
	Columns		keys = read_key(set);
	Columns		columns = room_for(keys.count + xml_count(set, "", "Column"));
	bool		known[26 * 26] = {0};

	for (int i = 0; i < keys.count; i++)
		columns.columns[columns.count++] = keys.columns[i];
	for (const XmlNode *node = xml_child(set, "", "Column"); node != NULL; node = xml_next_same(node, "", "Column"))
	{
		const XmlNode *data = xml_child(node, "", "Data");
		char	   *language = data ? xml_attribute(data, NULL, "Lang") : NULL;
		char	   *id = xml_attribute(node, NULL, "Id");

		CHECK_FOR_INTERRUPTS();
		if (id != NULL && !is_key(&keys, id) && is_language(language) && !is_known(known, language))
			add_column(&columns, id, language);
	}
	qsort(columns.columns, columns.count, sizeof(Column), compare_columns);
	return columns;
}

static void
put_value(ReturnSetInfo *result, int row, const char *language, const char *value)
{
	Datum		values[CODE_ROWS] = {Int32GetDatum(row), (Datum) 0, CStringGetTextDatum(value)};
	bool		nulls[CODE_ROWS] = {0};

	values[1] = text_or_null(language, &nulls[1]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* The code of a row, "" when it has none, and its names. */
static void
put_row(ReturnSetInfo *result, const XmlNode *row, int number, Columns *columns)
{
	bool		has_code = false;

	for (const XmlNode *node = xml_child(row, "", "Value"); node != NULL; node = xml_next_same(node, "", "Value"))
	{
		const XmlNode *simple = xml_child(node, "", "SimpleValue");
		char	   *id = simple ? xml_attribute(node, NULL, "ColumnRef") : NULL;
		Column		wanted = {.id = id};
		Column	   *column;

		CHECK_FOR_INTERRUPTS();
		if (id == NULL || columns->count == 0)
			continue;
		column = bsearch(&wanted, columns->columns, columns->count, sizeof(Column), compare_ids);
		if (column == NULL || column->last_row == number || (column->language == NULL && has_code))
			continue;
		column->last_row = number;
		has_code |= column->language == NULL;
		put_value(result, number, column->language, xml_normalized(simple));
	}
	if (!has_code)
		put_value(result, number, NULL, "");
}

/* Arguments: content. A row for the version, numbered 0; then codes, without language, and names. */
Datum
ootspg_genericode(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlDocument *list = xml_read_or_raise(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), "code list");
	const XmlNode *root = xml_root(list);
	const XmlNode *about = xml_child(root, "", "Identification");
	const XmlNode *version = about ? xml_child(about, "", "Version") : NULL;
	const XmlNode *set = xml_child(root, "", "ColumnSet");
	const XmlNode *codes = xml_child(root, "", "SimpleCodeList");
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Columns		columns = {0};
	int			number = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (!xml_is(root, NS_GENERICODE, "CodeList"))
		return (Datum) 0;
	put_value(result, number, NULL, version ? xml_normalized(version) : "");
	if (set != NULL)
		columns = read_columns(set);
	for (const XmlNode *row = codes ? xml_child(codes, "", "Row") : NULL; row != NULL; row = xml_next_same(row, "", "Row"))
		put_row(result, row, ++number, &columns);
	xml_release(list);
	return (Datum) 0;
}
