/*
 * model_sql.c
 *		For the DBA: is a name an XML name, and what is wrong with a document?
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "evidence/document.h"
#include "xml/canon.h"

PG_FUNCTION_INFO_V1(ootspg_is_xml_name);
PG_FUNCTION_INFO_V1(ootspg_document_fault);

/* Could this be the local name of an element, or a prefix? */
Datum
ootspg_is_xml_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(canon_is_ncname(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* (media_type text, content bytea) returns text */
Datum
ootspg_document_fault(PG_FUNCTION_ARGS)
{
	bytea	   *content = PG_GETARG_BYTEA_PP(1);
	const char *fault = media_fault(text_to_cstring(PG_GETARG_TEXT_PP(0)), VARDATA_ANY(content), VARSIZE_ANY_EXHDR(content));

	if (fault == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(fault));
}
