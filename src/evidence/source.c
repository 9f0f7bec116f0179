/*
 * source.c
 *		Columns and names of registry views, from the system caches.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "parser/parse_func.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "compat.h"
#include "errors.h"
#include "evidence/source.h"

Oid
source_column_type(Oid relation, const char *column)
{
	HeapTuple	tuple = SearchSysCacheAttName(relation, column);
	Oid			type;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	type = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypid;
	ReleaseSysCache(tuple);
	return type;
}

char *
source_relation_name(Oid relation)
{
	char	   *name = get_rel_name(relation);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("a registry view named in the configuration no longer exists"),
				 errhint("Recreate the view and update ootspg.distribution or ootspg.evidence_type.")));
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)), name);
}

void
source_append_column(StringInfo sql, Oid relation, const char *column,
					 const char *cast, const char *substitute)
{
	if (OidIsValid(source_column_type(relation, column)))
		appendStringInfo(sql, "s.%s%s", quote_identifier(column), cast);
	else
		appendStringInfoString(sql, substitute);
}

Oid
source_function_row_type(const char *function)
{
	List	   *name = oots_qualified_name(function);
	Oid			arguments[1] = {TEXTARRAYOID};
	Oid			procedure = LookupFuncName(name, 1, arguments, true);

	return OidIsValid(procedure) ? get_typ_typrelid(get_func_rettype(procedure)) : InvalidOid;
}
