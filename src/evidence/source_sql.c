/*
 * source_sql.c
 *		Configuration time: can a view's column hold the documents of a distribution?
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "evidence/document.h"
#include "evidence/model.h"
#include "evidence/source.h"

PG_FUNCTION_INFO_V1(ootspg_check_document_column);
PG_FUNCTION_INFO_V1(ootspg_is_truth);

static void
need(bool given, const char *what)
{
	if (!given)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("a distribution needs its %s", what),
				 errhint("See the columns of ootspg.distribution.")));
}

/* Called by a trigger, before constraints refuse what is missing. */
Datum
ootspg_check_document_column(PG_FUNCTION_ARGS)
{
	const DataModel *model = NULL;
	char	   *column;
	Oid			type;

	need(!PG_ARGISNULL(0), "source");
	need(!PG_ARGISNULL(1), "document column");
	need(!PG_ARGISNULL(2), "media type");
	column = text_to_cstring(PG_GETARG_TEXT_PP(1));
	type = source_column_type(PG_GETARG_OID(0), column);
	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("the source of a distribution has no document column \"%s\"", column),
				 errhint("Give the view such a column, or name another one in ootspg.distribution.document.")));
	if (!PG_ARGISNULL(3) && !PG_ARGISNULL(4))
		model = data_model_load(text_to_cstring(PG_GETARG_TEXT_PP(3)), text_to_cstring(PG_GETARG_TEXT_PP(4)), EDM_NONE);
	document_check_type(type, column, text_to_cstring(PG_GETARG_TEXT_PP(2)), model);
	PG_RETURN_BOOL(true);
}

/* Looked up, not tried: a type's checks and casts are code of whoever made it, and who asks may be the owner of the extension. */
Datum
ootspg_is_truth(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(source_is_truth(PG_GETARG_OID(0)));
}
