/*
 * model_sql.c
 *		Data models for the DBA: is a name an XML name?
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "xml/canon.h"

PG_FUNCTION_INFO_V1(ootspg_is_xml_name);

/* Could this be the local name of an element, or a prefix? */
Datum
ootspg_is_xml_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(canon_is_ncname(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}
