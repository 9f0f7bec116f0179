/*
 * quiet.h
 *		Parts of libxml2 (c14n, schemas, regular expressions) report to a handler
 *		that is global to the process and load files by a global function. Between
 *		xml_quiet() and xml_loud() both do nothing; afterwards they are what they
 *		were. Nothing may be raised in between.
 */
#ifndef OOTSPG_XML_QUIET_H
#define OOTSPG_XML_QUIET_H

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

typedef struct XmlQuiet
{
	xmlStructuredErrorFunc handler;
	void	   *context;
	xmlExternalEntityLoader loader;
} XmlQuiet;

extern void xml_quiet(XmlQuiet *quiet);
extern void xml_loud(const XmlQuiet *quiet);

/* A handler that forgets: libxml2's messages quote the document. */
extern void xml_ignore_error(void *data, OOTS_XML_ERROR_CONST xmlError *error);

#endif							/* OOTSPG_XML_QUIET_H */
