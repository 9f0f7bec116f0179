/*
 * composite.c
 *		Composite values to canonical XML (design: evidence is written canonically,
 *		straight away). How a type is written (tags, forms of its scalars) is worked
 *		out once per backend as a plan, and again when the type has changed; then a
 *		value is written in one pass without looking anything up.
 *
 *		Only what the type names is written (D-MOD-09): no defaults, no blanks.
 *		NULL leaves its element out, and so does a nested row without any content.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "compat.h"
#include "errors.h"
#include "evidence/composite.h"
#include "evidence/lexical.h"
#include "settings.h"
#include "xml/canon.h"

typedef struct RowPlan RowPlan;

typedef enum FieldPlace
{
	PLACE_ELEMENT,
	PLACE_ATTRIBUTE,			/* "@name" */
	PLACE_TEXT					/* "." */
} FieldPlace;

/* One attribute of a composite type. */
typedef struct Field
{
	int			index;			/* in the row, from 0 */
	FieldPlace	place;
	const char *attribute;		/* its SQL name, for errors */
	const char *name;			/* of element or XML attribute */
	const char *open;			/* <prefix:name> */
	const char *close;			/* </prefix:name> */
	int			open_length,
				close_length;

	bool		array;			/* the rest describes its elements then */
	Oid			type;
	int16		typlen;
	bool		typbyval;
	char		typalign;

	RowPlan    *row;			/* NULL for scalars */
	Lexical		lexical;
} Field;

struct RowPlan
{
	RowPlan    *next;			/* every composite type of the tree occurs once */
	Oid			type;
	int32		typmod;
	uint64		identifier;		/* of the tuple descriptor the plan was made for */
	TupleDesc	descriptor;
	int			depth;			/* levels of elements below its own */
	Datum	   *values;			/* room for one row: a type never contains itself */
	bool	   *nulls;
	int			xml_attribute_count;
	Field	   *xml_attributes;
	int			content_count;
	Field	   *content;		/* elements and text */
};

/* A plan with all it refers to, in a memory context of its own. */
typedef struct PlanTree
{
	MemoryContext context;
	const char *prefix;
	bool		camel;
	const char *column;			/* while it is being made, for errors */
	RowPlan    *rows;			/* all of them; the root is the last made */
	RowPlan    *root;
} PlanTree;

/* Plans are few; beyond this many, the oldest makes room. */
#define MAX_TREES 32

static PlanTree *trees[MAX_TREES];
static int	next_victim = 0;

/* One document being written. */
typedef struct Build
{
	CanonWriter *writer;
	StringInfo	out;
	int			start;			/* where the document begins in out */
	size_t		limit;			/* on its bytes */
	const DataModel *model;
	const char *column;
	const char *attribute;		/* being written, for the error context */
} Build;

static RowPlan *plan_row(PlanTree *tree, Oid type, int32 typmod);
static bool write_content(Build *build, RowPlan *plan);

/*
 * family_name -> FamilyName; a name with an upper-case letter was quoted on
 * purpose and stays as it is.
 */
static char *
camel_name(const char *name)
{
	char	   *result = palloc(strlen(name) + 1);
	char	   *p = result;
	bool		first = true;

	for (const char *c = name; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			return strcpy(result, name);
	for (; *name != '\0'; name++)
	{
		if (*name == '_')
		{
			first = true;
			continue;
		}
		*p++ = first ? pg_ascii_toupper((unsigned char) *name) : *name;
		first = false;
	}
	*p = '\0';
	return result;
}

const char *
composite_element_name(const char *attribute, bool camel)
{
	return camel ? camel_name(attribute) : attribute;
}

DataModel *
composite_own_model(Oid type)
{
	DataModel  *model = palloc0(sizeof(DataModel));
	char	   *name = OidIsValid(get_typ_typrelid(type)) ? get_rel_name(get_typ_typrelid(type)) : NULL;

	model->model = model->version = model->namespace = model->prefix = "";
	model->camel = true;
	model->root = composite_element_name(name != NULL ? name : "document", true);
	return model;
}

/* Where the attribute goes, and under which name. */
static void
plan_name(PlanTree *tree, Field *field)
{
	const char *attribute = field->attribute;

	if (strcmp(attribute, ".") == 0)
	{
		field->place = PLACE_TEXT;
		return;
	}
	field->place = *attribute == '@' ? PLACE_ATTRIBUTE : PLACE_ELEMENT;
	field->name = field->place == PLACE_ATTRIBUTE ? attribute + 1 :
		composite_element_name(attribute, tree->camel);
	if (!canon_is_ncname(field->name))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("attribute \"%s\" of document column \"%s\" does not give an XML name",
						field->attribute, tree->column),
				 errhint("Rename it: letters, digits, \"-\", \".\" and \"_\", beginning with a letter; \"@name\" for an XML attribute, \".\" for text.")));
	if (field->place == PLACE_ATTRIBUTE && strcmp(field->name, "xmlns") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("attribute \"%s\" of document column \"%s\" would declare a namespace",
						field->attribute, tree->column),
				 errhint("The data model gives the namespace of its elements.")));

	field->open = psprintf("<%s%s%s>", tree->prefix, *tree->prefix ? ":" : "", field->name);
	field->close = psprintf("</%s%s%s>", tree->prefix, *tree->prefix ? ":" : "", field->name);
	field->open_length = strlen(field->open);
	field->close_length = strlen(field->close);
}

OOTS_NORETURN static void
refuse_type(PlanTree *tree, Field *field, Oid type, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("attribute \"%s\" of document column \"%s\" has type %s, which has no XML form",
					field->attribute, tree->column, format_type_be(type)),
			 errhint("%s", hint)));
}

/* How the attribute's values are written. */
static void
plan_type(PlanTree *tree, Field *field, Oid declared)
{
	Oid			type = getBaseType(declared);
	Oid			element = get_element_type(type);

	field->array = OidIsValid(element);
	if (field->array)
		type = getBaseType(element);
	field->type = type;
	get_typlenbyvalalign(type, &field->typlen, &field->typbyval, &field->typalign);

	if (type == XMLOID || type == JSONOID || type == JSONBOID)
		refuse_type(tree, field, declared, "Give its parts as attributes, or make the whole document of this type.");
	if (type == RECORDOID)
		refuse_type(tree, field, declared, "Create a composite type and cast the row to it.");
	if (OidIsValid(get_element_type(type)))
		refuse_type(tree, field, declared, "Arrays of arrays repeat nothing in XML; use an array of composite values.");

	if (get_typtype(type) == TYPTYPE_COMPOSITE)
		field->row = plan_row(tree, type, -1);
	else if (!lexical_prepare(type, &field->lexical, tree->context))
		refuse_type(tree, field, declared, "Cast it in the view to text, or to a type that doc/documents.md lists.");

	if (field->place != PLACE_ELEMENT && (field->array || field->row != NULL))
		refuse_type(tree, field, declared, "XML attributes and text are single scalar values.");
}

/* XML attributes come first in a tag, so they stand apart from the content. */
static void
plan_fields(PlanTree *tree, RowPlan *plan)
{
	int			elements = 0;

	plan->xml_attributes = palloc(plan->descriptor->natts * sizeof(Field));
	plan->content = palloc(plan->descriptor->natts * sizeof(Field));
	for (int i = 0; i < plan->descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(plan->descriptor, i);
		Field		field = {.index = i};

		if (attribute->attisdropped)
			continue;
		field.attribute = pstrdup(NameStr(attribute->attname));
		plan_name(tree, &field);
		plan_type(tree, &field, attribute->atttypid);
		if (field.place == PLACE_ELEMENT)
			plan->depth = Max(plan->depth, 1 + (field.row != NULL ? field.row->depth : 0));
		if (field.place == PLACE_ATTRIBUTE)
			plan->xml_attributes[plan->xml_attribute_count++] = field;
		else
			plan->content[plan->content_count++] = field;
		elements += field.place == PLACE_ELEMENT;
	}
	if (elements > 0 && elements < plan->content_count)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("type %s of document column \"%s\" mixes text with elements",
						format_type_be(plan->type), tree->column),
				 errhint("Beside an attribute named \".\" there may only be attributes named \"@…\".")));
}

static RowPlan *
plan_row(PlanTree *tree, Oid type, int32 typmod)
{
	RowPlan    *plan;
	TupleDesc	descriptor;

	check_stack_depth();
	for (plan = tree->rows; plan != NULL; plan = plan->next)
		if (plan->type == type && plan->typmod == typmod)
			return plan;

	plan = palloc0(sizeof(RowPlan));
	plan->type = type;
	plan->typmod = typmod;
	plan->identifier = assign_record_type_identifier(type, typmod);
	descriptor = lookup_rowtype_tupdesc(type, typmod);
	plan->descriptor = CreateTupleDescCopy(descriptor);
	ReleaseTupleDesc(descriptor);
	plan->values = palloc(plan->descriptor->natts * sizeof(Datum));
	plan->nulls = palloc(plan->descriptor->natts * sizeof(bool));
	plan_fields(tree, plan);
	plan->next = tree->rows;
	tree->rows = plan;
	return plan;
}

static PlanTree *
plan_tree(Oid type, int32 typmod, const char *column, const DataModel *model)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg document plan",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	PlanTree   *tree = palloc0(sizeof(PlanTree));

	tree->context = context;
	tree->prefix = pstrdup(model->prefix);
	tree->camel = model->camel;
	tree->column = column;
	tree->root = plan_row(tree, type, typmod);
	tree->column = NULL;
	MemoryContextSwitchTo(caller);
	return tree;
}

static bool
tree_is_current(const PlanTree *tree)
{
	for (const RowPlan *row = tree->rows; row != NULL; row = row->next)
		if (assign_record_type_identifier(row->type, row->typmod) != row->identifier)
			return false;
	return true;
}

static void
drop_tree(int slot)
{
	MemoryContextDelete(trees[slot]->context);
	trees[slot] = NULL;
}

/* The plan for a type, from the cache where it still fits. */
static PlanTree *
find_tree(Oid type, int32 typmod, const char *column, const DataModel *model)
{
	PlanTree   *tree;
	int			slot = -1;

	for (int i = 0; i < MAX_TREES; i++)
	{
		tree = trees[i];
		if (tree == NULL)
			slot = i;
		else if (tree->root->type == type && tree->root->typmod == typmod &&
				 tree->camel == model->camel && strcmp(tree->prefix, model->prefix) == 0)
		{
			if (tree_is_current(tree))
				return tree;
			drop_tree(i);
			slot = i;
			break;
		}
	}

	tree = plan_tree(type, typmod, column, model);
	if (slot < 0)
	{
		slot = next_victim;
		next_victim = (next_victim + 1) % MAX_TREES;
		drop_tree(slot);
	}
	MemoryContextSetParent(tree->context, TopMemoryContext);
	trees[slot] = tree;
	return tree;
}

/* Names the attribute at fault; messages raised below never hold its value. */
static void
name_attribute(void *arg)
{
	const Build *build = arg;

	if (build->attribute != NULL)
		errcontext("attribute \"%s\" of document column \"%s\"", build->attribute, build->column);
}

static void
check_size(const Build *build, size_t more)
{
	if (build->out->len - build->start + more > build->limit)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("document of column \"%s\" is larger than ootspg.max_evidence_size",
						build->column)));
}

static void
write_scalar(Build *build, Field *field, Datum value)
{
	LexicalForm form;

	lexical_write(&field->lexical, value, &form);
	check_size(build, form.length);
	if (form.plain)
		canon_raw(build->writer, form.text, form.length);
	else
		canon_text(build->writer, form.text, form.length);
}

static void
open_row(RowPlan *plan, Datum value)
{
	HeapTupleHeader row = DatumGetHeapTupleHeader(value);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row), .t_data = row};

	if (HeapTupleHeaderGetTypeId(row) != plan->type)
		elog(ERROR, "unexpected row type %u in a document", HeapTupleHeaderGetTypeId(row));
	heap_deform_tuple(&tuple, plan->descriptor, plan->values, plan->nulls);
}

static bool
has_xml_attributes(const RowPlan *plan)
{
	for (int i = 0; i < plan->xml_attribute_count; i++)
		if (!plan->nulls[plan->xml_attributes[i].index])
			return true;
	return false;
}

/* Attributes of the tag just opened. The tag is written out, so that what follows may be taken back. */
static void
write_xml_attributes(Build *build, RowPlan *plan)
{
	for (int i = 0; i < plan->xml_attribute_count; i++)
	{
		Field	   *field = &plan->xml_attributes[i];
		LexicalForm form;

		if (plan->nulls[field->index])
			continue;
		build->attribute = field->attribute;
		lexical_write(&field->lexical, plan->values[field->index], &form);
		check_size(build, form.length);
		canon_attribute(build->writer, field->name, pnstrdup(form.text, form.length));
	}
	canon_raw(build->writer, "", 0);
}

/* A nested row; false, and nothing written, when it has no content. */
static bool
write_row(Build *build, Field *field, Datum value)
{
	CanonWriter *w = build->writer;
	int			before = build->out->len;

	CHECK_FOR_INTERRUPTS();
	open_row(field->row, value);
	if (has_xml_attributes(field->row))
	{
		canon_open(w, build->model->prefix, build->model->namespace, field->name);
		write_xml_attributes(build, field->row);
		write_content(build, field->row);
		canon_close(w);
		return true;
	}

	canon_raw(w, field->open, field->open_length);
	if (!write_content(build, field->row))
	{
		build->out->len = before;
		build->out->data[before] = '\0';
		return false;
	}
	canon_raw(w, field->close, field->close_length);
	return true;
}

static bool
write_item(Build *build, Field *field, Datum value)
{
	if (field->row != NULL)
		return write_row(build, field, value);
	if (field->place == PLACE_TEXT)
	{
		write_scalar(build, field, value);
		return true;
	}
	canon_raw(build->writer, field->open, field->open_length);
	write_scalar(build, field, value);
	canon_raw(build->writer, field->close, field->close_length);
	return true;
}

static bool
write_array(Build *build, Field *field, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *items;
	bool	   *nulls;
	int			count;
	bool		written = false;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("an array of more than one dimension cannot become evidence"),
				 errhint("Make it an array of a composite type that holds an array.")));
	deconstruct_array(array, ARR_ELEMTYPE(array), field->typlen, field->typbyval, field->typalign,
					  &items, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		build->attribute = field->attribute;
		if (!nulls[i])
			written |= write_item(build, field, items[i]);
	}
	return written;
}

/* Elements and text of the row that was opened; false when there are none. */
static bool
write_content(Build *build, RowPlan *plan)
{
	bool		written = false;

	for (int i = 0; i < plan->content_count; i++)
	{
		Field	   *field = &plan->content[i];
		Datum		value = plan->values[field->index];

		if (plan->nulls[field->index])
			continue;
		build->attribute = field->attribute;
		if (field->array)
			written |= write_array(build, field, value);
		else
			written |= write_item(build, field, value);
	}
	return written;
}

static void
write_root(Build *build, RowPlan *plan, Datum row)
{
	bool		written;

	open_row(plan, row);
	written = has_xml_attributes(plan);
	canon_open(build->writer, build->model->prefix, build->model->namespace, build->model->root);
	write_xml_attributes(build, plan);
	written |= write_content(build, plan);
	build->attribute = NULL;
	if (!written)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("document column \"%s\" has a row without any content", build->column),
				 errhint("Leave such rows out in the view.")));
	canon_close(build->writer);
}

/* A setting may have changed since the plan was made. */
static void
check_depth(const PlanTree *tree, const char *column)
{
	if (1 + tree->root->depth > oots_max_depth)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("document column \"%s\" nests elements deeper than ootspg.max_depth", column)));
}

void
composite_build(Datum row, const char *column, const DataModel *model, StringInfo out)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(row);
	PlanTree   *tree = find_tree(HeapTupleHeaderGetTypeId(header),
								 HeapTupleHeaderGetTypMod(header), column, model);
	Build		build = {
		.out = out, .start = out->len, .limit = (size_t) oots_max_evidence_kb * 1024,
		.model = model, .column = column
	};
	ErrorContextCallback callback = {error_context_stack, name_attribute, &build};

	check_depth(tree, column);
	error_context_stack = &callback;
	build.writer = canon_begin(out);
	write_root(&build, tree->root, PointerGetDatum(header));
	canon_end(build.writer);
	check_size(&build, 0);
	error_context_stack = callback.previous;
}

void
composite_check(Oid type, const char *column, const DataModel *model)
{
	PlanTree   *tree = plan_tree(type, -1, column, model);

	check_depth(tree, column);
	MemoryContextDelete(tree->context);
}
