/*
 * model_sql.c
 *		Data models and documents for the DBA: is a name an XML name, and the
 *		document that a distribution would produce from a value.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "evidence/document.h"
#include "evidence/model.h"
#include "xml/canon.h"

PG_FUNCTION_INFO_V1(ootspg_is_xml_name);
PG_FUNCTION_INFO_V1(ootspg_document);
PG_FUNCTION_INFO_V1(ootspg_document_fault);

/* Could this be the local name of an element, or a prefix? */
Datum
ootspg_is_xml_name(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(canon_is_ncname(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* The model of a call, read once for the rows of a query. */
static const DataModel *
model_of_call(FunctionCallInfo fcinfo)
{
	const DataModel *known = fcinfo->flinfo->fn_extra;
	char	   *name,
			   *version;
	MemoryContext caller;

	if (PG_ARGISNULL(2) != PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model and version go together")));
	if (PG_ARGISNULL(2))
		return NULL;
	name = text_to_cstring(PG_GETARG_TEXT_PP(2));
	version = text_to_cstring(PG_GETARG_TEXT_PP(3));
	if (known != NULL && strcmp(known->model, name) == 0 && strcmp(known->version, version) == 0)
		return known;

	caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	known = data_model_load(name, version, EDM_NONE);
	MemoryContextSwitchTo(caller);
	if (known == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("there is no data model \"%s\" version %s", name, version),
				 errhint("Install it with ootspg.install_data_model().")));
	fcinfo->flinfo->fn_extra = (void *) known;
	return known;
}

Datum
ootspg_document(PG_FUNCTION_ARGS)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 0);
	const DataModel *model;
	StringInfoData out;
	bool		canonical;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (!OidIsValid(type))
		elog(ERROR, "could not determine the type of the document");

	model = model_of_call(fcinfo);
	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	document_build(PG_GETARG_DATUM(0), type, "value", text_to_cstring(PG_GETARG_TEXT_PP(1)),
				   model, &out, &canonical);
	SET_VARSIZE(out.data, out.len);
	PG_RETURN_BYTEA_P(out.data);
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
