/*
 * type_labels.c
 *		What comments on a composite type or a view say of its columns, by the names
 *		that the elements of its documents have. A type never contains itself.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_class.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "commands/comment.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "compat.h"
#include "document/found.h"
#include "evidence/composite.h"

typedef struct Search
{
	bool		camel;
	FoundVisitor visit;
	void	   *argument;
	StringInfoData path;
} Search;

static void follow_row(Search *search, Oid type);

static void
tell(Search *search, const char *code, const char *text, ValueForm form)
{
	FoundLabel	found = {search->path.data, code, NULL, text, form};

	search->visit(&found, search->argument);
}

/* Amounts are numbers with a fixed number of decimals. */
static ValueForm
form_of_type(Oid base, int32 typmod)
{
	switch (base)
	{
		case NUMERICOID:
			return typmod >= (int32) VARHDRSZ && ((typmod - VARHDRSZ) & 0x7ff) > 0 ? FORM_AMOUNT : FORM_NUMBER;
		case FLOAT4OID:
		case FLOAT8OID:
			return FORM_NUMBER;
		case BOOLOID:
			return FORM_TRUTH;
		default:
			return FORM_UNKNOWN;
	}
}

/* The words of an enumeration are codes without labels: nothing in the catalog can say what they mean. */
static void
tell_codes(Search *search, Oid type)
{
	CatCList   *list = SearchSysCacheList1(ENUMTYPOIDNAME, ObjectIdGetDatum(type));
	int			count = list->n_members;
	char	  **codes = palloc(count * sizeof(char *));

	for (int i = 0; i < count; i++)
		codes[i] = pstrdup(NameStr(((Form_pg_enum) GETSTRUCT(&list->members[i]->tuple))->enumlabel));
	ReleaseCatCacheList(list);
	for (int i = 0; i < count; i++)
		tell(search, codes[i], NULL, FORM_UNKNOWN);
}

/* "." is the text of the element itself, whose comment stands where the element is an attribute. */
static void
follow_attribute(Search *search, const Form_pg_attribute attribute, Oid relation)
{
	const char *name = composite_element_name(NameStr(attribute->attname), search->camel);
	int			before = search->path.len;
	bool		itself = strcmp(name, ".") == 0;
	int32		typmod = attribute->atttypmod;
	Oid			type = getBaseTypeAndTypmod(attribute->atttypid, &typmod);
	Oid			element = get_element_type(type);

	if (OidIsValid(element))
		type = getBaseTypeAndTypmod(element, &typmod);
	if (!itself)
		appendStringInfo(&search->path, "%s%s", before > 0 ? "/" : "", *name == '@' ? NameStr(attribute->attname) : name);
	tell(search, "", itself ? NULL : GetComment(relation, RelationRelationId, attribute->attnum), form_of_type(type, typmod));
	if (get_typtype(type) == TYPTYPE_ENUM)
		tell_codes(search, type);
	if (get_typtype(type) == TYPTYPE_COMPOSITE)
		follow_row(search, type);
	search->path.len = before;
	search->path.data[before] = '\0';
}

static void
follow_row(Search *search, Oid type)
{
	TupleDesc	shared = lookup_rowtype_tupdesc(type, -1);
	TupleDesc	columns = CreateTupleDescCopy(shared);
	Oid			relation = get_typ_typrelid(type);

	ReleaseTupleDesc(shared);
	check_stack_depth();
	for (int i = 0; i < columns->natts; i++)
		if (!TupleDescAttr(columns, i)->attisdropped)
			follow_attribute(search, TupleDescAttr(columns, i), relation);
}

void
found_in_type(Oid type, const char *root, bool camel, FoundVisitor visit, void *argument)
{
	Search		search = {.camel = camel,.visit = visit,.argument = argument};
	char	   *comment = GetComment(type, TypeRelationId, 0);

	initStringInfo(&search.path);
	appendStringInfoString(&search.path, root);
	if (comment == NULL)
		comment = GetComment(get_typ_typrelid(type), RelationRelationId, 0);
	tell(&search, "", comment, FORM_UNKNOWN);
	resetStringInfo(&search.path);
	follow_row(&search, type);
}
