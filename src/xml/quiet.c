/*
 * quiet.c
 *		Keep libxml2's process-wide handlers silent for a while (see quiet.h;
 *		SEAL §7: the library is shared with the server and other extensions).
 */
#include "postgres.h"

#include "compat.h"
#include "xml/quiet.h"

void
xml_ignore_error(void *data, OOTS_XML_ERROR_CONST xmlError *error)
{
}

static xmlParserInputPtr
load_nothing(const char *url, const char *id, xmlParserCtxtPtr context)
{
	return NULL;
}

void
xml_quiet(XmlQuiet *quiet)
{
	quiet->handler = xmlStructuredError;
	quiet->context = xmlStructuredErrorContext;
	quiet->loader = xmlGetExternalEntityLoader();
	xmlSetStructuredErrorFunc(NULL, xml_ignore_error);
	xmlSetExternalEntityLoader(load_nothing);
}

void
xml_loud(const XmlQuiet *quiet)
{
	xmlSetStructuredErrorFunc(quiet->context, quiet->handler);
	xmlSetExternalEntityLoader(quiet->loader);
	/* the last error is kept with its text, which may quote a person's data */
	xmlResetLastError();
}
