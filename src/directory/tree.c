/*
 * tree.c
 *		Registry objects as SQL describes them, written canonically. SQL says what
 *		stands where, as JSON in document order:
 *
 *			["sdg:Title", {"lang": "EN"}, "Birth certificate"]
 *
 *		is an element with its attributes and what it holds: text, elements, or a
 *		list of elements. null stands for nothing, so that what is not known is not
 *		written. Prefixes are the fixed ones of the messages.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "directory/submission.h"
#include "xml/canon.h"

PG_FUNCTION_INFO_V1(ootspg_write_xml);

static void write_array(CanonWriter *w, JsonbIterator **items);

static const char *
namespace_of(const char *prefix)
{
	static const char *const known[] = {NS_RIM, NS_SDG, NS_XSI, NS_QUERY, NS_LCM, NS_EB};

	if (strcmp(prefix, "xml") == 0)
		return NS_XML;
	for (int i = 0; i < (int) lengthof(known); i++)
		if (strcmp(xml_usual_prefix(known[i]), prefix) == 0)
			return known[i];
	elog(ERROR, "prefix \"%s\" stands for no namespace of a message", prefix);
}

static char *
text_of(const JsonbValue *value)
{
	if (value->type != jbvString)
		elog(ERROR, "a tree of XML holds strings, arrays, objects and null");
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* Split prefix:local in place; false when there is no prefix. */
static bool
split_name(char *name, const char **prefix, const char **local)
{
	char	   *colon = strchr(name, ':');

	if (colon == NULL)
		return false;
	*colon = '\0';
	*prefix = name;
	*local = colon + 1;
	return true;
}

static void
write_attributes(CanonWriter *w, JsonbIterator **items)
{
	JsonbValue	value;
	char	   *name = NULL;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(items, &value, false)) != WJB_END_OBJECT)
	{
		const char *prefix;
		const char *local;

		if (token == WJB_KEY)
			name = text_of(&value);
		else if (token != WJB_VALUE)
			elog(ERROR, "an attribute of a tree of XML is no string");
		else if (value.type == jbvNull)
			continue;
		else if (split_name(name, &prefix, &local))
			canon_attribute_ns(w, prefix, namespace_of(prefix), local, text_of(&value));
		else
			canon_attribute(w, name, text_of(&value));
	}
}

/* What stands in an array whose beginning is read already, to its end. */
static void
write_items(CanonWriter *w, JsonbIterator **items)
{
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(items, &value, false)) != WJB_END_ARRAY)
	{
		if (token == WJB_BEGIN_ARRAY)
			write_array(w, items);
		else if (token == WJB_BEGIN_OBJECT)
			write_attributes(w, items);
		else if (value.type != jbvNull)
			canon_string(w, text_of(&value));
	}
}

/* An array that begins with a string is an element, any other a list of elements. */
static void
write_array(CanonWriter *w, JsonbIterator **items)
{
	JsonbValue	value;
	JsonbIteratorToken token = JsonbIteratorNext(items, &value, false);
	const char *prefix;
	const char *local;

	check_stack_depth();
	if (token == WJB_END_ARRAY)
		return;
	if (token == WJB_ELEM && value.type == jbvString)
	{
		if (!split_name(text_of(&value), &prefix, &local))
			elog(ERROR, "an element of a tree of XML has no prefix");
		canon_open(w, prefix, namespace_of(prefix), local);
		write_items(w, items);
		canon_close(w);
		return;
	}
	if (token == WJB_BEGIN_ARRAY)
		write_array(w, items);
	write_items(w, items);
}

bytea *
submission_bytea(const StringInfoData *bytes)
{
	bytea	   *result = palloc(VARHDRSZ + bytes->len);

	SET_VARSIZE(result, VARHDRSZ + bytes->len);
	memcpy(VARDATA(result), bytes->data, bytes->len);
	return result;
}

Datum
ootspg_write_xml(PG_FUNCTION_ARGS)
{
	Jsonb	   *tree = PG_GETARG_JSONB_P(0);
	JsonbIterator *items = JsonbIteratorInit(&tree->root);
	JsonbValue	value;
	StringInfoData out;
	CanonWriter *w;

	if (JsonbIteratorNext(&items, &value, false) != WJB_BEGIN_ARRAY || value.val.array.rawScalar)
		elog(ERROR, "a tree of XML is an array");
	initStringInfo(&out);
	w = canon_begin(&out);
	write_array(w, &items);
	canon_end(w);
	PG_RETURN_BYTEA_P(submission_bytea(&out));
}
