/*
 * source_sql.c
 *		Configuration time: can a view's column hold the documents of a distribution?
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "evidence/document.h"
#include "evidence/model.h"
#include "evidence/source.h"

PG_FUNCTION_INFO_V1(ootspg_check_document_column);

Datum
ootspg_check_document_column(PG_FUNCTION_ARGS)
{
	Oid			relation = PG_GETARG_OID(0);
	char	   *column = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *media_type = text_to_cstring(PG_GETARG_TEXT_PP(2));
	const DataModel *model = NULL;

	if (!PG_ARGISNULL(3) && !PG_ARGISNULL(4))
		model = data_model_load(text_to_cstring(PG_GETARG_TEXT_PP(3)), text_to_cstring(PG_GETARG_TEXT_PP(4)), EDM_NONE);
	document_check_type(source_column_type(relation, column), column, media_type, model);
	PG_RETURN_BOOL(true);
}
