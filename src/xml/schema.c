/*
 * schema.c
 *		Compile and apply XML Schemas with libxml2 (schema.h).
 *
 * A compiled schema points into the document it was made from. Both belong to
 * one memory context of their own, whose reset callbacks free them: first the
 * schema, then its document. While libxml2 works, its global handlers are quiet
 * and load nothing: an instance's xsi:schemaLocation is not followed either.
 */
#include "postgres.h"

#include <libxml/tree.h>
#include <libxml/xmlschemas.h>

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "xml/quiet.h"
#include "xml/read.h"
#include "xml/schema.h"
#include "xml/schema_cost.h"

#define NS_XS			"http://www.w3.org/2001/XMLSchema"
#define SHA256_BYTES	32
#define MAX_CACHED		16		/* schemas kept in a backend */

typedef struct Schema
{
	MemoryContext context;
	xmlSchemaPtr compiled;
	MemoryContextCallback callback;
} Schema;

typedef struct CachedSchema
{
	uint8		sha256[SHA256_BYTES];
	Schema	   *schema;			/* NULL: the place is free */
	uint64		used;			/* when, in uses of the cache */
} CachedSchema;

static CachedSchema cache[MAX_CACHED];
static uint64 uses = 0;

/* The first error that libxml2 reported; filled in its callback, so without palloc. */
typedef struct FirstError
{
	bool		seen;
	int			line;
	xmlNodePtr	node;			/* of a document that outlives this */
	char		message[256];	/* libxml2's words; they quote content */
} FirstError;

static void
keep_first_error(void *data, OOTS_XML_ERROR_CONST xmlError *error)
{
	FirstError *first = data;

	if (first->seen || error == NULL || error->level < XML_ERR_ERROR)
		return;
	first->seen = true;
	first->line = error->line;
	first->node = error->node;
	strlcpy(first->message, error->message ? error->message : "", sizeof(first->message));
}

static void
free_schema(void *argument)
{
	Schema	   *schema = argument;

	if (schema->compiled != NULL)
		xmlSchemaFree(schema->compiled);
	schema->compiled = NULL;
}

/* Refuse what would make the schema depend on something outside it. */
static void
refuse_references(const XmlNode *root)
{
	if (!xml_is(root, NS_XS, "schema"))
		ereport(ERROR, errcode(ERRCODE_OOTS_CONFIGURATION),
				errmsg("the schema is not an XML Schema"),
				errdetail("The root element is not xs:schema."),
				errhint("Give the XSD itself, as bytes."));
	for (const XmlNode *node = xml_first(root); node != NULL; node = xml_next(node))
		if (xml_is(node, NS_XS, "include") || xml_is(node, NS_XS, "redefine") ||
			(xml_is(node, NS_XS, "import") && xml_attribute(node, NULL, "schemaLocation") != NULL))
			ereport(ERROR, errcode(ERRCODE_OOTS_CONFIGURATION),
					errmsg("the schema refers to another schema"),
					errdetail("It has xs:%s in line %ld.", xml_local(node), xmlGetLineNo(node)),
					errhint("Put all declarations into one schema; nothing is loaded from files or addresses."));
}

/* What libxml2 says of a schema may be shown: it is configuration, nobody's data. */
static void
raise_not_compiled(const FirstError *first)
{
	char		reason[sizeof(first->message)];
	int			length;

	strlcpy(reason, first->message, sizeof(reason));
	length = pg_encoding_mbcliplen(PG_UTF8, reason, strlen(reason), sizeof(reason) - 1);
	while (length > 0 && reason[length - 1] == '\n')
		length--;
	reason[length] = '\0';
	ereport(ERROR, errcode(ERRCODE_OOTS_CONFIGURATION),
			errmsg("the schema does not compile"),
			length > 0 ? errdetail("Line %d: %s", first->line, reason) : 0,
			errhint("Install the schema as its publisher gives it, with all declarations in one file."));
}

/* Compile in a child of the current context; raises when it can't be done. */
static Schema *
compile(const char *xsd, size_t length)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg schema", ALLOCSET_SMALL_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(context);
	Schema	   *schema = palloc0(sizeof(Schema));
	FirstError	first = {0};
	XmlFault	fault;
	XmlDocument *document;
	xmlSchemaParserCtxtPtr parser;
	XmlQuiet	quiet;

	document = xml_read(xsd, length, &fault);
	if (document == NULL)
		ereport(ERROR, errcode(ERRCODE_OOTS_CONFIGURATION),
				errmsg("the schema is not readable XML: %s", fault.reason),
				fault.line > 0 ? errdetail("The fault is in line %d.", fault.line) : 0,
				errhint("Install the schema as its publisher gives it, byte for byte."));
	refuse_references(xml_root(document));
	schema_require_cheap(xml_root(document));

	/* after the document's own callback, so that it is called before it */
	schema->context = context;
	schema->callback.func = free_schema;
	schema->callback.arg = schema;
	MemoryContextRegisterResetCallback(context, &schema->callback);

	xml_quiet(&quiet);
	parser = xmlSchemaNewDocParserCtxt(xml_root(document)->doc);
	if (parser != NULL)
	{
		xmlSchemaSetParserStructuredErrors(parser, keep_first_error, &first);
		schema->compiled = xmlSchemaParse(parser);
		xmlSchemaFreeParserCtxt(parser);
	}
	xml_loud(&quiet);
	MemoryContextSwitchTo(outer);

	if (schema->compiled == NULL)
		raise_not_compiled(&first);
	return schema;
}

void
schema_check(const char *xsd, size_t length)
{
	MemoryContextDelete(compile(xsd, length)->context);
}

/* The compiled schema of that digest, from the cache or into it. */
static xmlSchemaPtr
compiled_schema(const uint8 *sha256, const char *xsd, size_t length)
{
	CachedSchema *place = &cache[0];
	Schema	   *schema;

	for (int i = 0; i < MAX_CACHED; i++)
	{
		if (cache[i].schema != NULL && memcmp(cache[i].sha256, sha256, SHA256_BYTES) == 0)
		{
			cache[i].used = ++uses;
			return cache[i].schema->compiled;
		}
		if (cache[i].used < place->used)
			place = &cache[i];
	}

	schema = compile(xsd, length);
	MemoryContextSetParent(schema->context, TopMemoryContext);
	if (place->schema != NULL)
		MemoryContextDelete(place->schema->context);
	place->schema = schema;
	memcpy(place->sha256, sha256, SHA256_BYTES);
	place->used = ++uses;
	return schema->compiled;
}

/* The element that the error is at or in, and its line. */
static char *
describe_place(const FirstError *first)
{
	xmlNodePtr	node = first->node;

	while (node != NULL && node->type != XML_ELEMENT_NODE)
		node = node->parent;
	if (node == NULL)
		return psprintf("line %d", first->line);
	return psprintf("%s, line %ld", xml_location(node), xmlGetLineNo(node));
}

bool
schema_accepts(const uint8 *sha256, const char *xsd, size_t xsd_length,
			   const char *bytes, size_t length, char **where)
{
	xmlSchemaPtr schema = compiled_schema(sha256, xsd, xsd_length);
	FirstError	first = {0};
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);
	xmlSchemaValidCtxtPtr validator;
	int			verdict = -1;
	XmlQuiet	quiet;

	*where = NULL;
	if (document == NULL)
	{
		*where = psprintf("line %d: %s", fault.line, fault.reason);
		return false;
	}

	xml_quiet(&quiet);
	validator = xmlSchemaNewValidCtxt(schema);
	if (validator != NULL)
	{
		xmlSchemaSetValidStructuredErrors(validator, keep_first_error, &first);
		verdict = xmlSchemaValidateDoc(validator, xml_root(document)->doc);
		xmlSchemaFreeValidCtxt(validator);
	}
	xml_loud(&quiet);

	if (verdict < 0)
		elog(ERROR, "the document could not be validated");
	if (verdict > 0)
		*where = describe_place(&first);
	xml_release(document);
	return verdict == 0;
}
