/*
 * read.c
 *		Parse scanned bytes with libxml2 and own the result (SEAL §7).
 *
 * One parser context is kept for each backend. Its error handler is its own, so
 * that the global ones, which the server's xml type and others use, stay as they
 * are. Documents are malloc'd by libxml2; a reset callback of the memory context
 * that was current frees them.
 */
#include "postgres.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/dict.h>			/* after tree.h, which 2.9 forgets to include there */

#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "xml/quiet.h"
#include "xml/read.h"

/* Names of all documents read by one context stay in its dictionary; start anew before they pile up. */
#define MAX_DICTIONARY	10000

#define PARSE_OPTIONS	(XML_PARSE_NONET | OOTS_XML_NO_XXE)

struct XmlDocument
{
	xmlDocPtr	doc;			/* NULL after release */
	MemoryContextCallback callback;
};

static xmlParserCtxtPtr parser = NULL;

static void
free_document(void *argument)
{
	XmlDocument *document = argument;

	if (document->doc != NULL)
		xmlFreeDoc(document->doc);
	document->doc = NULL;
}

/* Ready to use, or NULL when out of memory. */
static xmlParserCtxtPtr
ready_parser(void)
{
	if (parser != NULL && xmlDictSize(parser->dict) > MAX_DICTIONARY)
	{
		xmlFreeParserCtxt(parser);
		parser = NULL;
	}
	if (parser == NULL)
	{
		xmlInitParser();
		parser = xmlNewParserCtxt();
		if (parser != NULL)
			parser->sax->serror = xml_ignore_error;
	}
	return parser;
}

/* The line of the parser's last error; 0 if it told none. */
static int
error_line(xmlParserCtxtPtr context)
{
	const xmlError *error = xmlCtxtGetLastError(context);

	return error != NULL ? error->line : 0;
}

/* What it was; 0 if it told none. */
static int
error_code(xmlParserCtxtPtr context)
{
	const xmlError *error = xmlCtxtGetLastError(context);

	return error != NULL ? error->code : 0;
}

static bool
fault_is(XmlFault *fault, int sqlstate, const char *reason, int line)
{
	fault->sqlstate = sqlstate;
	fault->reason = reason;
	fault->line = line;
	return false;
}

/* Parse into document->doc; false with *fault, or with sqlstate 0 when out of memory. */
static bool
parse(XmlDocument *document, const char *bytes, size_t length, XmlFault *fault)
{
	xmlParserCtxtPtr context = ready_parser();
	xmlDocPtr	doc;
	bool		fine = true;

	if (context == NULL)
		return fault_is(fault, 0, "", 0);

	/* the encoding is settled by the scan, whatever a declaration says */
	doc = xmlCtxtReadMemory(context, bytes, (int) length, NULL, "UTF-8", PARSE_OPTIONS);
	if (context->errNo == XML_ERR_NO_MEMORY)
		fine = fault_is(fault, 0, "", 0);
	else if (doc == NULL || !context->wellFormed)
		fine = fault_is(fault, ERRCODE_OOTS_UNREADABLE, "it is not well-formed", error_line(context));
	else if (!context->nsWellFormed && error_code(context) == XML_WAR_NS_URI)
		fine = fault_is(fault, ERRCODE_OOTS_UNREADABLE, "a namespace name in it has characters that a URI has not", error_line(context));
	else if (!context->nsWellFormed)
		fine = fault_is(fault, ERRCODE_OOTS_UNREADABLE, "its namespaces are not well-formed", error_line(context));
	else if (doc->intSubset != NULL || doc->extSubset != NULL)
		fine = fault_is(fault, ERRCODE_OOTS_UNREADABLE, "it contains a document type declaration", 0);

	/* forgets the input and the last error's text, keeps what was allocated */
	xmlCtxtReset(context);
	xmlResetLastError();

	if (fine)
		document->doc = doc;
	else if (doc != NULL)
		xmlFreeDoc(doc);
	return fine;
}

XmlDocument *
xml_read(const char *bytes, size_t length, XmlFault *fault)
{
	XmlDocument *document;

	if (!xml_scan(bytes, length, fault))
		return NULL;

	document = palloc0(sizeof(XmlDocument));
	document->callback.func = free_document;
	document->callback.arg = document;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &document->callback);

	if (parse(document, bytes, length, fault))
		return document;
	if (fault->sqlstate == 0)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"));
	return NULL;
}

XmlDocument *
xml_read_or_raise(const char *bytes, size_t length, const char *what)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);

	if (document != NULL)
		return document;
	if (fault.sqlstate == ERRCODE_OOTS_LIMIT)
		ereport(ERROR, errcode(fault.sqlstate),
				errmsg("%s exceeds a limit: %s", what, fault.reason),
				fault.line > 0 ? errdetail("The limit is reached in line %d.", fault.line) : 0,
				errhint("The limits are the settings ootspg.max_message_size, max_depth, max_elements and max_attributes."));
	ereport(ERROR, errcode(fault.sqlstate),
			errmsg("%s is not readable XML: %s", what, fault.reason),
			fault.line > 0 ? errdetail("The fault is in line %d.", fault.line) : 0);
}

/*
 * The callback stays registered (only PostgreSQL 18 could take it back) and
 * finds nothing left to free; so document itself must not be freed here.
 */
void
xml_release(XmlDocument *document)
{
	if (document != NULL)
		free_document(document);
}

XmlNode *
xml_root(const XmlDocument *document)
{
	return xmlDocGetRootElement(document->doc);
}
