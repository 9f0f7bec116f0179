/*
 * rule_shared.c
 *		Checks that many rules share: paths, values, counts, types, children.
 *		Nothing here knows a rule id; the tables do.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "message/rule_shared.h"
#include "message/shape.h"

#define SET "urn:oasis:names:tc:ebxml-regrep:CollectionType:Set"

/* One step of a path */
typedef struct Step
{
	bool		deep;			/* // stands before it */
	const char *ns;				/* NULL: any element */
	const char *local;			/* NULL: any name */
	const char *name;			/* [name], or NULL */
} Step;

/* A path as it is walked, and the attribute at its end */
typedef struct Path
{
	const char *text;			/* NULL: the entry is free */
	Step	   *steps;
	int			count;
	struct Path *outer;			/* all steps but the last; NULL when there is but one */
	const char *attribute;		/* NULL: none */
	const char *attribute_ns;	/* NULL: in no namespace */
	int			number;			/* among all, from 0; -1: beyond those that are counted */
} Path;

/* Of all rules of all messages; made once by each process and never given up. There are 300 such constants. */
static Path paths[MAX_PATHS];		/* MAX_PATHS is 2 to the 10th, see path_of() */

/* Their beginnings, which many share, by their text */
#define MAX_OUTER 512
static Path *outers[MAX_OUTER];
static int	outer_count = 0;
static int	path_count = 0;

static const char *
prefix_namespace(const char *prefix, int length)
{
	static const struct
	{
		const char *prefix;
		const char *ns;
	}			known[] = {
		{"q", NS_QUERY}, {"rim", NS_RIM}, {"rs", NS_RS}, {"lcm", NS_LCM}, {"sdg", NS_SDG}, {"xml", NS_XML}, {"xlink", NS_XLINK}
	};

	for (int i = 0; i < (int) lengthof(known); i++)
		if ((int) strlen(known[i].prefix) == length && strncmp(known[i].prefix, prefix, length) == 0)
			return known[i].ns;
	Assert(false);
	return NULL;
}

static char *
copy(const char *text, int length)
{
	char	   *result = MemoryContextAlloc(TopMemoryContext, length + 1);

	memcpy(result, text, length);
	result[length] = '\0';
	return result;
}

/* Read the step at *text and move *text behind it; false at the end of the path, or where its attribute begins. */
static bool
read_step(const char **text, Step *step)
{
	const char *s = *text;
	const char *colon;
	int			length;

	memset(step, 0, sizeof(Step));
	step->deep = strncmp(s, "//", 2) == 0;
	s += strspn(s, "/");
	if (*s == '\0' || *s == '@')
		return false;
	length = strcspn(s, "/[");
	colon = memchr(s, ':', length);
	if (colon != NULL)
	{
		step->ns = prefix_namespace(s, colon - s);
		if (colon[1] != '*')
			step->local = copy(colon + 1, length - (colon + 1 - s));
	}
	s += length;
	if (*s == '[')
	{
		length = strcspn(s + 1, "]");
		step->name = copy(s + 1, length);
		s += length + 2;
	}
	*text = s;
	return true;
}

static void
read_attribute(Path *path, const char *text)
{
	const char *attribute = strrchr(text, '@');
	const char *colon = attribute ? strchr(attribute, ':') : NULL;

	if (attribute == NULL)
		return;
	path->attribute = colon ? colon + 1 : attribute + 1;
	if (colon != NULL)
		path->attribute_ns = prefix_namespace(attribute + 1, colon - attribute - 1);
}

static Path *outer_of(const char *text, int length);

/* The text is set last: without it there is no such path, should memory fail before. */
static void
read_path(Path *path, const char *text)
{
	const char *rest = text;
	int			most = 2;		/* and one that is read in vain */
	int			length = 0;		/* of all but the last step */
	Step	   *steps;

	for (const char *s = text; *s != '\0'; s++)
		most += *s == '/';
	steps = MemoryContextAlloc(TopMemoryContext, most * sizeof(Step));
	path->steps = steps;
	path->count = 0;
	for (const char *step = rest; read_step(&rest, &steps[path->count]); step = rest)
	{
		path->count++;
		length = step - text;
	}
	read_attribute(path, text);
	path->outer = path->count > 1 ? outer_of(text, length) : NULL;
	path->number = path_count < MAX_PATHS ? path_count++ : -1;
	path->text = text;
}

/* The path of all steps but the last, one for all paths that begin so. NULL where there is no more room for beginnings. */
static Path *
outer_of(const char *text, int length)
{
	unsigned	place = 2166136261u;
	Path	   *outer;

	for (int i = 0; i < length; i++)
		place = (place ^ (unsigned char) text[i]) * 16777619u;
	for (place %= MAX_OUTER; outers[place] != NULL; place = (place + 1) % MAX_OUTER)
		if (strncmp(outers[place]->text, text, length) == 0 && outers[place]->text[length] == '\0')
			return outers[place];
	if (outer_count >= MAX_OUTER / 2)
		return NULL;
	outer = MemoryContextAllocZero(TopMemoryContext, sizeof(Path));
	read_path(outer, copy(text, length));
	while (outers[place] != NULL)	/* its own beginnings may have come there */
		place = (place + 1) % MAX_OUTER;
	outers[place] = outer;
	outer_count++;
	return outer;
}

/* Paths are constants: the address says which one it is. */
static const Path *
path_of(const char *text)
{
	unsigned	place = ((uint32) (uintptr_t) text * 2654435761u) >> 22;

	while (paths[place].text != text)
	{
		if (paths[place].text == NULL)
		{
			read_path(&paths[place], text);
			break;
		}
		place = (place + 1) % MAX_PATHS;
	}
	return &paths[place];
}

static bool
is_step(const XmlNode *node, const Step *step)
{
	/* local names tell most elements apart at their first letter, namespaces do not */
	if (step->local != NULL && (*xml_local(node) != *step->local || strcmp(xml_local(node), step->local) != 0))
		return false;
	if (step->ns != NULL && strcmp(xml_namespace(node), step->ns) != 0)
		return false;
	return step->name == NULL || xml_attribute_is(node, "name", step->name);
}

static List *
collect(List *found, const XmlNode *parent, const Step *step, const Step *end)
{
	for (XmlNode *node = xml_first(parent); node != NULL; node = xml_next(node))
	{
		if (is_step(node, step))
			found = step + 1 < end ? collect(found, node, step + 1, end) : lappend(found, node);
		if (step->deep)
			found = collect(found, node, step, end);
	}
	return found;
}

List *
nodes_below(const XmlNode *context, const char *text)
{
	const Path *path = path_of(text);

	return path->count > 0 ? collect(NIL, context, path->steps, path->steps + path->count) : NIL;
}

static List *nodes_of(const RuleRun *run, const Path *path);

/* From where its beginning leads, which other rules have asked before. */
static List *
walk(const RuleRun *run, const Path *path)
{
	const Step *end = path->steps + path->count;
	List	   *found = NIL;
	ListCell   *cell;

	if (run->root == NULL || path->count == 0)
		return NIL;
	if (path->count == 1)
		return is_step(run->root, path->steps) ? list_make1(run->root) : NIL;
	if (path->outer == NULL)
		return is_step(run->root, path->steps) ? collect(NIL, run->root, path->steps + 1, end) : NIL;
	foreach(cell, nodes_of(run, path->outer))
		found = collect(found, lfirst(cell), end - 1, end);
	return found;
}

/*
 * Dozens of rules look at the same places, so the places found are kept. A long list is not: a hostile message could make
 * each of them as long as itself.
 */
static List *
keep_places(const RuleRun *run, PathPlaces *places, List *found)
{
	MemoryContext old;

	if (list_length(found) > PATH_CACHE_NODES)
		return found;
	old = MemoryContextSwitchTo(run->context);
	places->nodes = list_copy(found);
	places->known = true;
	MemoryContextSwitchTo(old);
	return places->nodes;
}

static List *
nodes_of(const RuleRun *run, const Path *path)
{
	PathPlaces *places;

	if (path->number < 0)
		return walk(run, path);
	places = &run->paths->places[path->number];
	return places->known ? places->nodes : keep_places(run, places, walk(run, path));
}

List *
nodes_at(const RuleRun *run, const char *path)
{
	return nodes_of(run, path_of(path));
}

XmlNode *
node_below(const XmlNode *context, const char *path)
{
	List	   *found = nodes_below(context, path);

	return found != NIL ? linitial(found) : NULL;
}

/* The value of a node, or of its attribute named by item's end; NULL when absent. */
static char *
item_value(const XmlNode *node, const char *item)
{
	const Path *path = path_of(item);

	return path->attribute ? xml_attribute(node, path->attribute_ns, path->attribute) : xml_text(node);
}

static bool
in_words(const char *const *words, const char *value)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, value) == 0)
			return true;
	return false;
}

static bool
value_holds(const RuleRun *run, const ValueRule *rule, const char *value)
{
	if (rule->normalized)
		value = xml_normalize(value);
	if (rule->words != NULL && !in_words(rule->words, value))
		return false;
	return rule->test == NULL || rule->test(run, value);
}

void
check_value(RuleRun *run, const void *argument)
{
	const ValueRule *rule = argument;
	bool		itself = rule->item[0] == '\0' || rule->item[0] == '@';
	ListCell   *context;

	foreach(context, nodes_at(run, rule->context))
	{
		List	   *items;
		ListCell   *item;

		if (rule->applies != NULL && !rule->applies(run, lfirst(context)))
			continue;
		items = itself ? list_make1(lfirst(context)) : nodes_below(lfirst(context), rule->item);
		if (items == NIL && rule->required)
			rule_fail(run, lfirst(context));
		foreach(item, items)
		{
			char	   *value = item_value(lfirst(item), rule->item);

			if (value == NULL ? rule->required : !value_holds(run, rule, value))
				rule_fail(run, lfirst(item));
		}
	}
}

void
check_count(RuleRun *run, const void *argument)
{
	const CountRule *rule = argument;
	ListCell   *context;

	foreach(context, nodes_at(run, rule->context))
	{
		int			count;

		if (rule->applies != NULL && !rule->applies(run, lfirst(context)))
			continue;
		count = list_length(nodes_below(lfirst(context), rule->item));
		if (count < rule->least || (rule->most >= 0 && count > rule->most))
			rule_fail(run, lfirst(context));
	}
}

void
check_type(RuleRun *run, const void *argument)
{
	const TypeRule *rule = argument;
	ListCell   *cell;

	foreach(cell, nodes_at(run, rule->path))
	{
		const char *type = xml_xsi_type_local(lfirst(cell));

		if (type == NULL || strcmp(type, rule->type) != 0)
			rule_fail(run, lfirst(cell));
	}
}

static void
check_children_v10(RuleRun *run, const ChildrenRule *rule, const XmlNode *context)
{
	for (const char *const *name = rule->required_v10; *name != NULL; name++)
		if (xml_child(context, NS_SDG, *name) == NULL)
		{
			rule_fail(run, context);
			return;
		}
	if (rule->forbidden_v10 != NULL && xml_child(context, NS_SDG, rule->forbidden_v10) != NULL)
		rule_fail(run, context);
}

void
check_children(RuleRun *run, const void *argument)
{
	const ChildrenRule *rule = argument;
	ListCell   *context;

	foreach(context, nodes_at(run, rule->context))
	{
		if (run->line == EDM_V10 && rule->required_v10 != NULL)
		{
			check_children_v10(run, rule, lfirst(context));
			continue;
		}
		for (XmlNode *child = xml_first(lfirst(context)); child != NULL; child = xml_next(child))
			if (strcmp(xml_namespace(child), NS_SDG) != 0 || !in_words(rule->allowed, xml_local(child)))
				rule_fail(run, child);
	}
}

void
check_absent(RuleRun *run, const void *path)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, path))
		rule_fail(run, lfirst(cell));
}

void
check_agent_identifier(RuleRun *run, const void *path)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, path))
	{
		if (!code_is_agent_scheme(run->line, xml_attribute(lfirst(cell), NULL, "schemeID")) ||
			(run->line != EDM_V10 && shape_length(xml_text(lfirst(cell))) >= 256))
			rule_fail(run, lfirst(cell));
	}
}

/* At any depth of a message; another root is S001's and S002's business alone. */
static List *
nodes_anywhere(const RuleRun *run, const char *text)
{
	const Path *path = path_of(text);
	PathPlaces *places;

	if (run->kind == MESSAGE_OTHER)
		return NIL;
	if (path->number < 0)
		return nodes_below(run->root, text);
	/* what begins with // is asked of nobody but here */
	places = &run->paths->places[path->number];
	return places->known ? places->nodes : keep_places(run, places, nodes_below(run->root, text));
}

/* Least normalised length of the text of an sdg element; 0 when it has none. */
static int
least_length(const RuleRun *run, const LengthRule *rule, const char *name)
{
	static const char *const two[] = {
		"Description", "Name", "Title", "Note", "EvidenceTypeClassification", "FullAddress",
		"PostCode", "PostCityName", "Thoroughfare", "PlaceOfBirth", "TownOfBirth", "PhoneNumber",
		"EmailAddress", "LegalPhoneNumber", "LegalEmailAddress", "nonLatin", "ValueExpression",
		"AttributeName", "AttributeValue", NULL
	};
	static const char *const two_until_v12[] = {"JurisdictionContext", "JurisditionLevel", NULL};

	if (strcmp(name, "StringValue") == 0)
		return rule->string_value_two ? 2 : 1;
	if (strcmp(name, "LocatorDesignator") == 0)
		return 1;
	if (in_words(two, name) || (run->line != EDM_V20 && in_words(two_until_v12, name)))
		return 2;
	return 0;
}

void
check_lengths(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_anywhere(run, "//sdg:*"))
	{
		int			least = least_length(run, argument, xml_local(lfirst(cell)));

		if (least > 0 && shape_length(xml_normalized(lfirst(cell))) < least)
			rule_fail(run, lfirst(cell));
	}
}

void
check_one_slot_value(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_anywhere(run, "//rim:Slot"))
		if (xml_count(lfirst(cell), NS_RIM, "SlotValue") != 1)
			rule_fail(run, lfirst(cell));
}

void
check_slot_value_filled(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_anywhere(run, "//rim:SlotValue"))
		if (xml_first(lfirst(cell)) == NULL)
			rule_fail(run, lfirst(cell));
}

/* These two compare the type with its prefix (EDM §0 trap 2). */
static bool
is_collection(const XmlNode *slot_value)
{
	char	   *type = xml_xsi_type(slot_value);

	return type != NULL && strcmp(type, "rim:CollectionValueType") == 0;
}

void
check_collection_filled(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_anywhere(run, "//rim:SlotValue"))
		if (is_collection(lfirst(cell)) && xml_child(lfirst(cell), NS_RIM, "Element") == NULL)
			rule_fail(run, lfirst(cell));
}

void
check_collection_set(RuleRun *run, const void *argument)
{
	ListCell   *cell;

	foreach(cell, nodes_anywhere(run, "//rim:SlotValue"))
	{
		char	   *type = xml_attribute(lfirst(cell), NULL, "collectionType");

		if (is_collection(lfirst(cell)) && (type == NULL || strcmp(type, SET) != 0))
			rule_fail(run, lfirst(cell));
	}
}
