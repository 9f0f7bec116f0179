/*
 * source_sql.c
 *		Configuration time: can a view's column hold the documents of a distribution?
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "errors.h"
#include "evidence/composite.h"
#include "evidence/document.h"
#include "evidence/model.h"
#include "evidence/source.h"

PG_FUNCTION_INFO_V1(ootspg_check_document_column);
PG_FUNCTION_INFO_V1(ootspg_check_shown_column);
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

/* Arguments relation and column; the column's type. */
static Oid
column_of_call(FunctionCallInfo fcinfo)
{
	char	   *column;
	Oid			type;

	need(!PG_ARGISNULL(0), "source");
	need(!PG_ARGISNULL(1), "document column");
	column = text_to_cstring(PG_GETARG_TEXT_PP(1));
	type = source_column_type(PG_GETARG_OID(0), column);
	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("the source of a distribution has no document column \"%s\"", column),
				 errhint("Give the view such a column, or name another one in ootspg.distribution.document.")));
	return type;
}

/* Arguments model and version; NULL where one is. */
static const DataModel *
model_of_call(FunctionCallInfo fcinfo, int first)
{
	if (PG_ARGISNULL(first) || PG_ARGISNULL(first + 1))
		return NULL;
	return data_model_load(text_to_cstring(PG_GETARG_TEXT_PP(first)), text_to_cstring(PG_GETARG_TEXT_PP(first + 1)), EDM_NONE);
}

/* Called by a trigger, before constraints refuse what is missing. */
Datum
ootspg_check_document_column(PG_FUNCTION_ARGS)
{
	Oid			type = column_of_call(fcinfo);

	need(!PG_ARGISNULL(2), "media type");
	document_check_type(type, text_to_cstring(PG_GETARG_TEXT_PP(1)), text_to_cstring(PG_GETARG_TEXT_PP(2)), model_of_call(fcinfo, 3));
	PG_RETURN_BOOL(true);
}

/* The same of a column that documents are generated from: its type says what it is. */
Datum
ootspg_check_shown_column(PG_FUNCTION_ARGS)
{
	Oid			type = column_of_call(fcinfo);
	Oid			base = getBaseType(type);
	const DataModel *model = model_of_call(fcinfo, 2);

	if (base == BYTEAOID)
		PG_RETURN_BOOL(false);
	if (model == NULL && get_typtype(base) == TYPTYPE_COMPOSITE)
		model = composite_own_model(base);
	document_check_type(type, text_to_cstring(PG_GETARG_TEXT_PP(1)), document_structured_type(base), model);
	PG_RETURN_BOOL(true);
}

/* Looked up, not tried: a type's checks and casts are code of whoever made it, and who asks may be the owner of the extension. */
Datum
ootspg_is_truth(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(source_is_truth(PG_GETARG_OID(0)));
}
