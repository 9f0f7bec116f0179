/*
 * library.c
 *		A library serves the objects of its own version only. A package that was
 *		taken back, a standby's older one, a session that is open since before an
 *		update: each would go by rules that the objects no longer mean, in silence
 *		(D-REG-08). Workers wait for each other; backends say so.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "compat.h"
#include "library.h"

static bool watching = false;
static bool matches = false;	/* as last looked, and nothing changed since */

/* An update replaces functions, whatever else it does. */
static void
look_again(Datum argument, int cache, uint32 hash)
{
	matches = false;
}

/* NULL: there is none. */
static char *
version_of_objects(void)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	char	   *version = NULL;

	ScanKeyInit(&key, Anum_pg_extension_extname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum("ootspg"));
	scan = systable_beginscan(extensions, ExtensionNameIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		value = heap_getattr(tuple, Anum_pg_extension_extversion, RelationGetDescr(extensions), &isnull);

		if (!isnull)
			version = TextDatumGetCString(value);
	}
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return version;
}

static long
number_of(const char *version)
{
	int			major = 0,
				minor = 0,
				patch = 0;

	sscanf(version, "%d.%d.%d", &major, &minor, &patch);
	return (major * 1000L + minor) * 1000L + patch;
}

void
library_require_objects(void)
{
	const char *version;

	if (!watching)
		CacheRegisterSyscacheCallback(PROCOID, look_again, (Datum) 0);
	watching = true;
	if (matches)
		return;
	version = version_of_objects();
	if (version != NULL && strcmp(version, OOTSPG_VERSION) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the library of ootspg is of version %s, its objects in this database are of version %s", OOTSPG_VERSION, version),
				 number_of(version) < number_of(OOTSPG_VERSION) ?
				 errhint("ALTER EXTENSION ootspg UPDATE.") :
				 errhint("Install the library of version %s, then connect anew; restart the server where shared_preload_libraries has ootspg.", version)));
	matches = true;
}
