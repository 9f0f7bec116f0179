/*
 * bound_role.c
 *		Type ootspg.bound_role: a role of the cluster in a row. It is bound by OID, as
 *		PostgreSQL's own grants are: it follows a rename and ends with the role, whatever
 *		database that happens in. It is written by name, so that a dump can be restored
 *		where OIDs differ.
 *
 *		A role that is gone, or was missing when its name was read, stays in the row and
 *		is nobody: whoever gets the name later is somebody else. It is written as
 *		pg_gone(OID name), which no role can be called, and stays gone in a restored dump.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#define GONE_BEGIN	"pg_gone("

PG_FUNCTION_INFO_V1(ootspg_bound_role_in);
PG_FUNCTION_INFO_V1(ootspg_bound_role_out);
PG_FUNCTION_INFO_V1(ootspg_bound_role_oid);
PG_FUNCTION_INFO_V1(ootspg_bound_role_name);
PG_FUNCTION_INFO_V1(ootspg_bound_role_dropped);
PG_FUNCTION_INFO_V1(ootspg_bound_role_cmp);
PG_FUNCTION_INFO_V1(ootspg_bound_role_lt);
PG_FUNCTION_INFO_V1(ootspg_bound_role_le);
PG_FUNCTION_INFO_V1(ootspg_bound_role_eq);
PG_FUNCTION_INFO_V1(ootspg_bound_role_ne);
PG_FUNCTION_INFO_V1(ootspg_bound_role_ge);
PG_FUNCTION_INFO_V1(ootspg_bound_role_gt);

/* On disk: INTERNALLENGTH of the type. Bytes of the name behind its end are zero. */
typedef struct BoundRole
{
	Oid			oid;			/* InvalidOid: nobody */
	Oid			former;			/* then: what it was, InvalidOid when it never was here */
	NameData	name;			/* when it was written down */
} BoundRole;

#define PG_GETARG_BOUND_ROLE(n) ((const BoundRole *) PG_GETARG_POINTER(n))

/* Cut as PostgreSQL cuts names. */
static const char *
put_name(BoundRole *role, const char *text)
{
	size_t		length = strlen(text);

	memcpy(NameStr(role->name), text, length < NAMEDATALEN ? length : pg_mbcliplen(text, length, NAMEDATALEN - 1));
	return NameStr(role->name);
}

static bool
read_gone(const char *text, BoundRole *role)
{
	size_t		length = strlen(text);
	char	   *rest;

	if (strncmp(text, GONE_BEGIN, strlen(GONE_BEGIN)) != 0 || text[length - 1] != ')')
		return false;
	role->former = (Oid) strtoul(text + strlen(GONE_BEGIN), &rest, 10);
	if (*rest == ' ')
		put_name(role, pnstrdup(rest + 1, text + length - 1 - (rest + 1)));
	return true;
}

/* Names are taken as they are, without quotes and in their own case. */
Datum
ootspg_bound_role_in(PG_FUNCTION_ARGS)
{
	char	   *text = PG_GETARG_CSTRING(0);
	BoundRole  *role = palloc0(sizeof(BoundRole));

	if (!read_gone(text, role))
		role->oid = get_role_oid(put_name(role, text), true);
	PG_RETURN_POINTER(role);
}

/* The role's name now; NULL when it is gone. */
static char *
present_name(const BoundRole *role)
{
	HeapTuple	tuple = OidIsValid(role->oid) ? SearchSysCache1(AUTHOID, ObjectIdGetDatum(role->oid)) : NULL;
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	name = pstrdup(NameStr(((Form_pg_authid) GETSTRUCT(tuple))->rolname));
	ReleaseSysCache(tuple);
	return name;
}

Datum
ootspg_bound_role_out(PG_FUNCTION_ARGS)
{
	const BoundRole *role = PG_GETARG_BOUND_ROLE(0);
	char	   *name = present_name(role);

	if (name == NULL)
		name = psprintf(GONE_BEGIN "%u %s)", OidIsValid(role->oid) ? role->oid : role->former, NameStr(role->name));
	PG_RETURN_CSTRING(name);
}

/* NULL when the role is gone */
Datum
ootspg_bound_role_oid(PG_FUNCTION_ARGS)
{
	const BoundRole *role = PG_GETARG_BOUND_ROLE(0);

	if (!OidIsValid(role->oid) || !SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role->oid)))
		PG_RETURN_NULL();
	PG_RETURN_OID(role->oid);
}

/* Its name, also when it is gone */
Datum
ootspg_bound_role_name(PG_FUNCTION_ARGS)
{
	const BoundRole *role = PG_GETARG_BOUND_ROLE(0);
	char	   *name = present_name(role);

	return DirectFunctionCall1(namein, CStringGetDatum(name ? name : NameStr(role->name)));
}

/* It was here and is gone; false for one that was missing from the start. */
Datum
ootspg_bound_role_dropped(PG_FUNCTION_ARGS)
{
	const BoundRole *role = PG_GETARG_BOUND_ROLE(0);

	PG_RETURN_BOOL(OidIsValid(role->oid) && !SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role->oid)));
}

/* The same role is equal to itself whatever it was called when it was written down. */
static int
compare(FunctionCallInfo fcinfo)
{
	const BoundRole *a = PG_GETARG_BOUND_ROLE(0);
	const BoundRole *b = PG_GETARG_BOUND_ROLE(1);

	if (a->oid != b->oid)
		return a->oid < b->oid ? -1 : 1;
	if (OidIsValid(a->oid))
		return 0;
	if (a->former != b->former)
		return a->former < b->former ? -1 : 1;
	return strncmp(NameStr(a->name), NameStr(b->name), NAMEDATALEN);
}

Datum
ootspg_bound_role_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

Datum
ootspg_bound_role_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
ootspg_bound_role_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
ootspg_bound_role_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
ootspg_bound_role_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
ootspg_bound_role_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
ootspg_bound_role_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}
