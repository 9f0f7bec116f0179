/*
 * sql.c
 *		The room as SQL functions: the canonical form, by libxml2 and by our own
 *		writer from the same tree (they must not differ), and whether text is seen to be it; schemas.
 */
#include "postgres.h"

#include <libxml/tree.h>

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "compat.h"
#include "errors.h"
#include "xml/canon.h"
#include "xml/read.h"
#include "xml/schema.h"

PG_FUNCTION_INFO_V1(ootspg_canonical);
PG_FUNCTION_INFO_V1(ootspg_canonical_rewrite);
PG_FUNCTION_INFO_V1(ootspg_is_canonical);
PG_FUNCTION_INFO_V1(ootspg_require_schema);
PG_FUNCTION_INFO_V1(ootspg_schema_fault);

static bytea *
bytea_of(StringInfo bytes)
{
	bytea	   *result = palloc(VARHDRSZ + bytes->len);

	SET_VARSIZE(result, VARHDRSZ + bytes->len);
	memcpy(VARDATA(result), bytes->data, bytes->len);
	return result;
}

Datum
ootspg_canonical(PG_FUNCTION_ARGS)
{
	bytea	   *document = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_BYTEA_P(bytea_of(canon_from_xml(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), "document")));
}

Datum
ootspg_is_canonical(PG_FUNCTION_ARGS)
{
	bytea	   *document = PG_GETARG_BYTEA_PP(0);

	PG_RETURN_BOOL(canon_recognise(VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), NULL));
}

static const char *
or_empty(const xmlChar *text)
{
	return text != NULL ? (const char *) text : "";
}

static void
rewrite_attributes(CanonWriter *w, const XmlNode *node)
{
	for (const xmlAttr *a = node->properties; a != NULL; a = a->next)
	{
		const char *local = (const char *) a->name;

		if (a->ns != NULL)
			canon_attribute_ns(w, or_empty(a->ns->prefix), or_empty(a->ns->href), local,
							   xml_attribute(node, or_empty(a->ns->href), local));
		else
			canon_attribute(w, local, xml_attribute(node, NULL, local));
	}
}

static void
rewrite_element(CanonWriter *w, const XmlNode *node)
{
	CHECK_FOR_INTERRUPTS();
	canon_open(w, node->ns != NULL ? or_empty(node->ns->prefix) : "", xml_namespace(node), xml_local(node));
	rewrite_attributes(w, node);
	for (const xmlNode *child = node->children; child != NULL; child = child->next)
	{
		if (child->type == XML_ELEMENT_NODE)
			rewrite_element(w, child);	/* no deeper than the scan allows */
		else if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
			canon_string(w, or_empty(child->content));
		else if (child->type == XML_PI_NODE)
			ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
					errmsg("document contains a processing instruction"));
	}
	canon_close(w);
}

Datum
ootspg_canonical_rewrite(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	XmlDocument *document = xml_read_or_raise(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), "document");
	XmlNode    *root = xml_root(document);
	StringInfo	out = makeStringInfo();
	CanonWriter *w = canon_begin(out);

	for (const xmlNode *node = root->doc->children; node != NULL; node = node->next)
		if (node->type == XML_PI_NODE)
			ereport(ERROR, errcode(ERRCODE_OOTS_UNREADABLE),
					errmsg("document contains a processing instruction"));
	rewrite_element(w, root);
	canon_end(w);
	xml_release(document);
	PG_RETURN_BYTEA_P(bytea_of(out));
}

Datum
ootspg_require_schema(PG_FUNCTION_ARGS)
{
	bytea	   *schema = PG_GETARG_BYTEA_PP(0);

	schema_check(VARDATA_ANY(schema), VARSIZE_ANY_EXHDR(schema));
	PG_RETURN_BOOL(true);
}

Datum
ootspg_schema_fault(PG_FUNCTION_ARGS)
{
	bytea	   *schema = PG_GETARG_BYTEA_PP(0);
	bytea	   *document = PG_GETARG_BYTEA_PP(1);
	bytea	   *sha256 = DatumGetByteaPP(DirectFunctionCall1(sha256_bytea, PointerGetDatum(schema)));
	char	   *where;

	if (schema_accepts((const uint8 *) VARDATA_ANY(sha256), VARDATA_ANY(schema), VARSIZE_ANY_EXHDR(schema),
					   VARDATA_ANY(document), VARSIZE_ANY_EXHDR(document), &where))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(where));
}
