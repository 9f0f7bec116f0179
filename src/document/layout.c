/*
 * layout.c
 *		From an instance and its labels to what is shown (layout.h). What has text is a
 *		field, what has children is a group, and what repeats is a table where its rows are flat
 *		and few columns are enough, else a group for each. Within a group fields come first, then
 *		groups and tables in their order: a field behind a group would seem to be the group's.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "compat.h"
#include "document/layout.h"

/* A page has room for so many columns; rows of more fields are shown as groups. */
#define MAX_COLUMNS 7

/* Attributes that say what a value is counted in stand behind it without a label. */
static const char *const units[] = {"@currency", "@currencyID", "@unit", "@unitCode", "@uom", "@unitID", "@currencyCode"};

typedef struct Builder
{
	const LayoutSource *source;
	StringInfoData path;		/* of the node being shown, from below the root */
} Builder;

/* Children of one name, in their order. */
typedef struct Same
{
	const Instance **nodes;
	int			count;
	int			first;			/* place of the first among all children */
} Same;

static void build_group(Builder *builder, Section *group, const Instance *node);

static int
enter(Builder *builder, const char *name)
{
	int			before = builder->path.len;

	if (before > 0)
		appendStringInfoChar(&builder->path, '/');
	appendStringInfoString(&builder->path, name);
	return before;
}

static void
leave(Builder *builder, int before)
{
	builder->path.len = before;
	builder->path.data[before] = '\0';
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* What the second language says as the first does is said once. */
static Text
text_of(Said first, Said second)
{
	Text		text = {{first, second}};

	if (same_text(first.text, second.text))
		text.in[1].text = NULL;
	return text;
}

static Text
label_here(const Builder *builder)
{
	const Labels *const *labels = builder->source->labels;
	Said		none = {NULL, NULL};

	return text_of(label_of(labels[0], builder->path.data),
				   labels[1] != NULL ? label_of(labels[1], builder->path.data) : none);
}

static ValueForm
form_here(const Builder *builder, const Instance *node)
{
	ValueForm	form = form_of(builder->source->labels[0], builder->path.data);

	if (form != FORM_UNKNOWN)
		return form;
	return node->truth ? FORM_TRUTH : node->number ? FORM_NUMBER : FORM_UNKNOWN;
}

static Said
value_in(const Builder *builder, const Instance *node, int which)
{
	const char *language = builder->source->languages[which];
	Said		said = {NULL, NULL};

	if (language == NULL)
		return said;
	said = code_of(builder->source->labels[which], builder->path.data, node->text);
	if (said.text != NULL)
		return said;
	said.text = words_value(language, form_here(builder, node), node->text);
	return said;
}

static bool
is_unit(const char *name)
{
	for (int i = 0; i < lengthof(units); i++)
		if (strcmp(units[i], name) == 0)
			return true;
	return false;
}

/* The value's text with its attributes behind it: 12,50 EUR; 12 (kind: net). */
static Said
with_attributes(Builder *builder, const Instance *node, Said said, int which)
{
	StringInfoData text;

	if (node->attributes == NULL || builder->source->languages[which] == NULL)
		return said;
	initStringInfo(&text);
	appendStringInfoString(&text, said.text);
	for (const Instance *a = node->attributes; a != NULL; a = a->next)
	{
		int			before = enter(builder, a->name);
		Said		value = value_in(builder, a, which);

		if (is_unit(a->name))
			appendStringInfo(&text, "%s%s", text.len > 0 ? "\xc2\xa0" : "", value.text);
		else
			appendStringInfo(&text, "%s(%s: %s)", text.len > 0 ? " " : "", label_of(builder->source->labels[which], builder->path.data).text, value.text);
		leave(builder, before);
	}
	said.text = text.data;
	return said;
}

/* The builder's path is the node's. */
static Value *
make_value(Builder *builder, const Instance *node)
{
	Value	   *value = palloc0(sizeof(Value));
	ValueForm	form = form_here(builder, node);
	Said		in[2];

	for (int i = 0; i < 2; i++)
		in[i] = with_attributes(builder, node, value_in(builder, node, i), i);
	value->text = text_of(in[0], in[1]);
	/* a day or a number is the same day and number in either manner */
	if (node->attributes == NULL && form != FORM_TRUTH && code_of(builder->source->labels[0], builder->path.data, node->text).text == NULL &&
		(in[1].text == NULL || code_of(builder->source->labels[1], builder->path.data, node->text).text == NULL))
		value->text.in[1].text = NULL;
	value->figures = form == FORM_NUMBER || form == FORM_AMOUNT;
	return value;
}

static bool
is_leaf(const Instance *node)
{
	return node->children == NULL;
}

static Field *
make_field(Builder *builder, const Same *same)
{
	Field	   *field = palloc0(sizeof(Field));
	Value	  **last = &field->values;
	int			before = enter(builder, same->nodes[0]->name);

	/* text beside elements is called what the element is */
	if (strcmp(same->nodes[0]->name, ".") == 0)
		leave(builder, before);
	field->label = label_here(builder);
	for (int i = 0; i < same->count; i++)
	{
		if (!is_leaf(same->nodes[i]))
			continue;
		*last = make_value(builder, same->nodes[i]);
		last = &(*last)->next;
	}
	leave(builder, before);
	return field;
}

/* The column's number, made if there is room; -1 when there is none. */
static int
column_of(const char **columns, int *count, const char *name)
{
	for (int i = 0; i < *count; i++)
		if (strcmp(columns[i], name) == 0)
			return i;
	if (*count == MAX_COLUMNS)
		return -1;
	columns[*count] = name;
	return (*count)++;
}

/* Are the rows flat, each with a field at most once, and few columns enough? */
static bool
find_columns(const Same *same, const char **columns, int *count)
{
	*count = 0;
	if (same->count < 2)
		return false;
	for (int i = 0; i < same->count; i++)
	{
		uint32		seen = 0;

		for (const Instance *cell = same->nodes[i]->children; cell != NULL; cell = cell->next)
		{
			int			column = column_of(columns, count, cell->name);

			if (column < 0 || !is_leaf(cell) || (seen & (1 << column)) != 0 || strcmp(cell->name, ".") == 0)
				return false;
			seen |= 1 << column;
		}
		/* a row without fields could not be seen in a table */
		if (seen == 0)
			return false;
	}
	return true;
}

static void
fill_row(Builder *builder, Table *table, int row, const Instance *node, const char **columns)
{
	int			count = table->column_count;

	CHECK_FOR_INTERRUPTS();
	for (const Instance *cell = node->children; cell != NULL; cell = cell->next)
	{
		int			before = enter(builder, cell->name);

		table->cells[row * count + column_of(columns, &count, cell->name)] = make_value(builder, cell);
		leave(builder, before);
	}
}

static Section *
make_table(Builder *builder, const Same *same, int level, const char **columns, int column_count)
{
	Section    *section = palloc0(sizeof(Section));
	Table	   *table = palloc0(sizeof(Table));
	int			before = enter(builder, same->nodes[0]->name);

	section->level = level;
	section->title = label_here(builder);
	section->table = table;
	table->column_count = column_count;
	table->row_count = same->count;
	table->heads = palloc0(column_count * sizeof(Text));
	table->cells = palloc0((Size) same->count * column_count * sizeof(Value *));
	for (int i = 0; i < column_count; i++)
	{
		int			above = enter(builder, columns[i]);

		table->heads[i] = label_here(builder);
		leave(builder, above);
	}
	for (int i = 0; i < same->count; i++)
		fill_row(builder, table, i, same->nodes[i], columns);
	leave(builder, before);
	return section;
}

/* One of several groups of a name is told from the others by its number. */
static Said
numbered(Said said, int number)
{
	if (number > 0 && said.text != NULL)
		said.text = psprintf("%s\xc2\xa0%d", said.text, number);
	return said;
}

static Section *
make_group(Builder *builder, const Instance *node, int level, int number)
{
	Section	   *group = palloc0(sizeof(Section));
	int			before = enter(builder, node->name);
	Text		label = label_here(builder);

	group->level = level;
	group->title = text_of(numbered(label.in[0], number), numbered(label.in[1], number));
	build_group(builder, group, node);
	leave(builder, before);
	return group;
}

/* Where the next field and group of a group go. */
typedef struct Ends
{
	Field	  **field;
	Section	  **group;
} Ends;

static void
build_same(Builder *builder, int level, const Same *same, Ends *ends)
{
	const char *columns[MAX_COLUMNS];
	int			column_count;
	int			leaves = 0;

	for (int i = 0; i < same->count; i++)
		leaves += is_leaf(same->nodes[i]);
	if (leaves == 0 && find_columns(same, columns, &column_count))
	{
		*ends->group = make_table(builder, same, level + 1, columns, column_count);
		ends->group = &(*ends->group)->next;
		return;
	}
	if (leaves > 0)
	{
		*ends->field = make_field(builder, same);
		ends->field = &(*ends->field)->next;
	}
	for (int i = 0, number = 0; i < same->count; i++)
	{
		if (is_leaf(same->nodes[i]))
			continue;
		*ends->group = make_group(builder, same->nodes[i], level + 1, same->count - leaves > 1 ? ++number : 0);
		ends->group = &(*ends->group)->next;
	}
}

typedef struct Placed
{
	const Instance *node;
	int			place;
} Placed;

static int
by_name_and_place(const void *a, const void *b)
{
	const Placed *one = a;
	const Placed *other = b;
	int			order = strcmp(one->node->name, other->node->name);

	return order != 0 ? order : one->place - other->place;
}

static int
by_first(const void *a, const void *b)
{
	return ((const Same *) a)->first - ((const Same *) b)->first;
}

/* Children by name, in the order in which the names come up; sorted, for there may be many of either. */
static Same *
gather(const Instance *node, int *count)
{
	int			children = 0;
	Placed	   *placed;
	const Instance **nodes;
	Same	   *sames;
	int			i = 0;

	for (const Instance *child = node->children; child != NULL; child = child->next)
		children++;
	placed = palloc((children + 1) * sizeof(Placed));
	nodes = palloc((children + 1) * sizeof(Instance *));
	sames = palloc0((children + 1) * sizeof(Same));
	for (const Instance *child = node->children; child != NULL; child = child->next, i++)
		placed[i] = (Placed) {child, i};
	qsort(placed, children, sizeof(Placed), by_name_and_place);
	*count = 0;
	for (i = 0; i < children; i++)
	{
		nodes[i] = placed[i].node;
		if (i == 0 || strcmp(nodes[i]->name, nodes[i - 1]->name) != 0)
			sames[(*count)++] = (Same) {&nodes[i], 0, placed[i].place};
		sames[*count - 1].count++;
	}
	qsort(sames, *count, sizeof(Same), by_first);
	return sames;
}

static void
build_group(Builder *builder, Section *group, const Instance *node)
{
	int			count;
	Same	   *sames = gather(node, &count);
	Ends		ends = {&group->fields, &group->groups};

	check_stack_depth();
	for (int i = 0; i < count; i++)
		build_same(builder, group->level, &sames[i], &ends);
}

/* A root that is a field itself: nothing but text, and attributes. */
static void
build_lone_root(Builder *builder, Section *group, const Instance *root)
{
	Instance	node = *root;
	const Instance *nodes = &node;
	Same		same = {&nodes, 1, 0};

	if (*root->text == '\0' && root->attributes == NULL)
		return;
	node.next = NULL;
	group->fields = make_field(builder, &same);
}

static void
add_fact(Field ***last, const LayoutSource *source, Word word, const char *value)
{
	Field	   *field;
	const char *const *languages = source->languages;
	Said		none = {NULL, NULL};

	if (value == NULL || *value == '\0')
		return;
	field = palloc0(sizeof(Field));
	field->values = palloc0(sizeof(Value));
	field->label = text_of((Said) {words_say(languages[0], word), words_know(languages[0]) ? NULL : "en"},
						   languages[1] != NULL ? (Said) {words_say(languages[1], word), words_know(languages[1]) ? NULL : "en"} : none);
	field->values->text.in[0].text = words_value(languages[0], FORM_UNKNOWN, value);
	**last = field;
	*last = &field->next;
}

Layout *
layout_make(const LayoutSource *source)
{
	Layout	   *layout = palloc0(sizeof(Layout));
	Builder		builder = {source};
	const Facts *facts = source->facts;
	Field	  **last = &layout->facts;
	int			before;

	initStringInfo(&builder.path);
	layout->languages[0] = source->languages[0];
	layout->languages[1] = source->languages[1];
	layout->issuer = facts->issuer;
	layout->place = facts->place;
	layout->root = palloc0(sizeof(Section));
	before = enter(&builder, source->instance->name);
	layout->root->title = facts->title.in[0].text != NULL ? facts->title : label_here(&builder);
	leave(&builder, before);
	if (is_leaf(source->instance))
		build_lone_root(&builder, layout->root, source->instance);
	else
		build_group(&builder, layout->root, source->instance);
	add_fact(&last, source, WORD_TRANSLATION, facts->translation);
	add_fact(&last, source, WORD_ISSUED, facts->issued);
	add_fact(&last, source, WORD_VALID_FROM, facts->valid_from);
	add_fact(&last, source, WORD_VALID_UNTIL, facts->valid_until);
	add_fact(&last, source, WORD_IDENTIFIER, facts->identifier);
	return layout;
}
