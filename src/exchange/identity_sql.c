/*
 * identity_sql.c
 *		The comparison of evidence/identity.c for the functions of the preview space.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "evidence/identity.h"
#include "exchange/subject_row.h"

PG_FUNCTION_INFO_V1(ootspg_identity_differences);

/* identity_differences(asked ootspg.subject, verified ootspg.subject, first_given_name boolean) */
Datum
ootspg_identity_differences(PG_FUNCTION_ARGS)
{
	const Subject *asked = subject_from_row(PG_GETARG_HEAPTUPLEHEADER(0));
	const Subject *verified = subject_from_row(PG_GETARG_HEAPTUPLEHEADER(1));
	List	   *differences = identity_differences(asked, verified, PG_GETARG_BOOL(2));
	ArrayBuildState *names = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	ListCell   *cell;

	foreach(cell, differences)
		names = accumArrayResult(names, CStringGetTextDatum(lfirst(cell)), false, TEXTOID, CurrentMemoryContext);
	PG_RETURN_DATUM(makeArrayResult(names, CurrentMemoryContext));
}
