/*
 * source.c
 *		Columns and names of registry views and functions, from the system caches,
 *		as they are now. Casts stand in the statements as well: what changes between
 *		this look and the statement's run must not be read as another type.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_func.h"
#include "parser/parse_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

#include "compat.h"
#include "errors.h"
#include "evidence/source.h"
#include "query.h"

/* evidence type "birth", distribution "pdf" */
static char *
whose(const EvidenceType *type, const Distribution *distribution)
{
	if (distribution == NULL)
		return psprintf("evidence type \"%s\"", type->name);
	return psprintf("evidence type \"%s\", distribution \"%s\"", type->name, distribution->name);
}

static char *
remedy(const EvidenceType *type, const Distribution *distribution, const char *column, const char *value)
{
	if (distribution == NULL)
		return psprintf("UPDATE ootspg.evidence_type SET %s = '%s' WHERE evidence_type = '%s'", column, value, type->name);
	return psprintf("UPDATE ootspg.distribution SET %s = '%s' WHERE evidence_type = '%s' AND distribution = '%s'",
					column, value, type->name, distribution->name);
}

/* The relation of the name, if who owned the former one owns it; else whoever may create there could give evidence. */
static Oid
made_again(const NamedRelation *named)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	bool		isnull = true;
	Datum		value = (Datum) 0;

	if (named->owner == NULL)
		return InvalidOid;
	query_add_text(&arguments, named->name);
	query_add_text(&arguments, named->owner);
	owner_begin(&caller);
	if (query_run("SELECT ootspg_internal.relation_again($1, $2)::oid", &arguments, true, 1, SPI_OK_SELECT) == 1)
		value = query_value(0, 1, &isnull);
	owner_end(&caller);
	return isnull ? InvalidOid : DatumGetObjectId(value);
}

static char *
relation_name(Oid relation)
{
	char	   *name = get_rel_name(relation);
	char	   *schema = name ? get_namespace_name(get_rel_namespace(relation)) : NULL;

	return schema ? quote_qualified_identifier(schema, name) : NULL;
}

static RegistrySource
relation_source(const NamedRelation *named, const EvidenceType *type, const Distribution *distribution, const char *column)
{
	RegistrySource source = {.type = type,.distribution = distribution,.relation = named->id};

	if (!SearchSysCacheExists1(RELOID, ObjectIdGetDatum(source.relation)))
		source.relation = made_again(named);
	if (OidIsValid(source.relation))
		source.name = relation_name(source.relation);
	if (source.name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("%s: %s%s, which it is read from, is gone", whose(type, distribution), named->name,
						named->owner != NULL ? psprintf(" of role \"%s\"", named->owner) : ""),
				 named->owner != NULL ?
				 errhint("Make it again under its name, owned by \"%s\", and it is read again; or name another one: %s.",
						 named->owner, remedy(type, distribution, column, "schema.view")) :
				 errhint("Name another one: %s.", remedy(type, distribution, column, "schema.view"))));
	return source;
}

/* The function of that name and one argument of the type, which gives a set or not, as asked; its result type. */
static Oid
function_result(const char *function, Oid argument, bool set)
{
	Oid			procedure = LookupFuncName(oots_qualified_name(function), 1, &argument, true);
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(procedure));
	Form_pg_proc form;
	Oid			result = InvalidOid;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (form->prokind == PROKIND_FUNCTION && form->proretset == set)
		result = form->prorettype;
	ReleaseSysCache(tuple);
	return result;
}

static RegistrySource
function_source(const EvidenceType *type, const Distribution *distribution)
{
	RegistrySource source = {.type = type,.distribution = distribution,.name = distribution->function};
	Oid			result = function_result(distribution->function, TEXTARRAYOID, true);

	if (OidIsValid(result))
		source.relation = get_typ_typrelid(result);
	if (!OidIsValid(source.relation))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("%s: there is no function %s(text[]) that returns a set of rows any more", whose(type, distribution), distribution->function),
				 errhint("Make it again, and it is read again; or name another one: %s.",
						 remedy(type, distribution, "source_function", "schema.function"))));
	return source;
}

RegistrySource
source_of_subjects(const EvidenceType *type, const Distribution *distribution)
{
	if (type->subject_source.name != NULL)
		return relation_source(&type->subject_source, type, NULL, "subject_source");
	if (distribution->source.name != NULL)
		return relation_source(&distribution->source, type, distribution, "source");
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("%s has no view to match subjects against", whose(type, NULL)),
			 errhint("A source function needs evidence_type.subject_source.")));
}

RegistrySource
source_of_evidence(const EvidenceType *type, const Distribution *distribution)
{
	if (distribution->function != NULL)
		return function_source(type, distribution);
	return relation_source(&distribution->source, type, distribution, "source");
}

RegistrySource
source_of_sample(const EvidenceType *type, const Distribution *distribution)
{
	return relation_source(&distribution->sample_source, type, distribution, "sample_source");
}

const char *
source_entitlement(const EvidenceType *type)
{
	Oid			question = typenameTypeId(NULL, makeTypeNameFromNameList(list_make2(makeString("ootspg"), makeString("entitlement_question"))));

	if (function_result(type->entitlement, question, false) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("%s: there is no function %s(ootspg.entitlement_question) that returns boolean any more", whose(type, NULL), type->entitlement),
				 errhint("Make it again, not as a set, and it is asked again; or name another one: %s.",
						 remedy(type, NULL, "entitlement", "schema.function"))));
	return type->entitlement;
}

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

Oid
source_require_column(const RegistrySource *source, const char *column)
{
	Oid			type = source_column_type(source->relation, column);

	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("%s: %s has no column \"%s\" any more", whose(source->type, source->distribution), source->name, column),
				 errhint("Give the view such a column, and it is read again.")));
	return type;
}

/* The type's name as for values of any length: "character" and "bit" alone are those of one. */
char *
source_any_key(const RegistrySource *source)
{
	return psprintf("= ANY ($1::%s[])", format_type_extended(source_require_column(source, "person_id"), -1,
															 FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
}

static void
refuse_type(const RegistrySource *source, const char *column, Oid type, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("%s: column \"%s\" of %s is %s, not %s", whose(source->type, source->distribution), column, source->name,
					format_type_be(type), wanted),
			 errhint("Cast it in the view, and it is read again.")));
}

void
source_append_text(StringInfo sql, const RegistrySource *source, const char *column)
{
	if (OidIsValid(source_column_type(source->relation, column)))
		appendStringInfo(sql, "s.%s::pg_catalog.text", quote_identifier(column));
	else
		appendStringInfoString(sql, "NULL::pg_catalog.text");
}

/* Other types have casts to date as well, which depend on the session's time zone or date style. */
void
source_append_date(StringInfo sql, const RegistrySource *source, const char *column)
{
	Oid			type = source_column_type(source->relation, column);

	if (OidIsValid(type) && getBaseType(type) != DATEOID)
		refuse_type(source, column, type, "a date");
	if (OidIsValid(type))
		appendStringInfo(sql, "s.%s::pg_catalog.date", quote_identifier(column));
	else
		appendStringInfoString(sql, "NULL::pg_catalog.date");
}

void
source_append_moment(StringInfo sql, const RegistrySource *source, const char *column)
{
	Oid			type = source_column_type(source->relation, column);

	if (OidIsValid(type) && getBaseType(type) != TIMESTAMPTZOID)
		refuse_type(source, column, type, "a timestamptz");
	if (OidIsValid(type))
		appendStringInfo(sql, "s.%s::pg_catalog.timestamptz", quote_identifier(column));
	else
		appendStringInfoString(sql, "NULL::pg_catalog.timestamptz");
}

bool
source_is_truth(Oid type)
{
	Oid			function;

	return get_typisdefined(type) && find_coercion_pathway(BOOLOID, getBaseType(type), COERCION_EXPLICIT, &function) != COERCION_PATH_NONE;
}

void
source_append_boolean(StringInfo sql, const RegistrySource *source, const char *column)
{
	Oid			type = source_column_type(source->relation, column);

	if (OidIsValid(type) && !source_is_truth(type))
		refuse_type(source, column, type, "boolean");
	if (OidIsValid(type))
		appendStringInfo(sql, "s.%s::pg_catalog.bool", quote_identifier(column));
	else
		appendStringInfoString(sql, "false");
}
