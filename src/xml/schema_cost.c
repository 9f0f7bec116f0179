/*
 * schema_cost.c
 *		Bound what libxml2 does with a schema (schema_cost.h).
 *
 * Compiling cannot be cancelled, and for a few constructs its cost is the square or
 * the cube of their number, or doubles with each reference: patterns of many
 * quantifiers, content models of many optional particles, groups that refer to
 * groups, attributes of one type, substitution groups, unions, enumerations that
 * restrict enumerations, chains of types. All of them are counted here, references
 * followed, each name once, and weighed by what libxml2 2.9 was measured to take: a
 * unit is some 4 ns. Schemas as published for evidence stay below a hundredth of
 * the budget.
 *
 * Names are compared without their prefixes: a schema stands alone (schema.c), and
 * what is taken for another declaration is only counted too high.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "errors.h"
#include "xml/schema_cost.h"

#define NS_XS			"http://www.w3.org/2001/XMLSchema"

#define BUDGET			INT64CONST(250000000)
#define MAX_COUNT		INT64CONST(100000)	/* counts stop here: its square is beyond the budget */
#define MAX_CHAIN		100		/* types or substitutions one behind the other */
#define MAX_NESTING		16		/* sequences, choices and groups within one another */
#define MAX_PATTERN		10000	/* bytes */
#define MAX_GROUPING	50		/* parentheses within one another, as in libxml2 */
#define SHORT_VALUE		8		/* bytes; matched at once, however ambiguous the pattern */

/* weights, in units */
#define LEAST_OPTIONAL	64
#define PER_BYTE		100
#define PER_SUBSTITUTE	40
#define PER_ENUMERATION	4
#define PER_MATCH		300
#define PER_AMBIGUOUS	INT64CONST(100000000)	/* a match that tries all it may */

/* What a type, a group or a group of attributes comes to, what it refers to included. */
typedef struct Extent
{
	int64		particles;
	int64		optional;		/* of them */
	int64		attributes;
	int64		members;		/* of a union */
	int64		enumerations;
	int64		patterns;
	bool		ambiguous;		/* one of its patterns is */
	int			nesting;
	int			chain;
} Extent;

typedef struct ComponentKey
{
	const char *kind;			/* local name of the declaration; a constant */
	const char *name;
} ComponentKey;

typedef struct Component
{
	ComponentKey key;
	const XmlNode *node;
	bool		begun,
				done;
	Extent		extent;
	int64		substitutes;
} Component;

typedef struct Costing
{
	HTAB	   *components;
	int64		cost;
} Costing;

static const char *const kinds[] = {"complexType", "simpleType", "element", "group", "attributeGroup"};

static Extent extent_of(Costing *c, const XmlNode *node, int level);

static void
refuse(const XmlNode *node, const char *what)
{
	ereport(ERROR, errcode(ERRCODE_OOTS_CONFIGURATION),
			errmsg("the schema would take too long to compile"),
			errdetail("The limit is reached at %s, by %s.", xml_location(node), what),
			errhint("Simplify the schema: shorter patterns, smaller content models, fewer references one behind the other."));
}

static void
add_cost(Costing *c, int64 cost, const XmlNode *node, const char *what)
{
	c->cost += cost;
	if (c->cost > BUDGET)
		refuse(node, what);
}

static bool
is_xs(const XmlNode *node, const char *local)
{
	return xml_is(node, NS_XS, local);
}

static int64
plus(int64 a, int64 b)
{
	return Min(a + b, MAX_COUNT);
}

static uint32
hash_component(const void *key, Size size)
{
	const ComponentKey *k = key;

	return hash_bytes((const unsigned char *) k->kind, strlen(k->kind)) ^
		hash_bytes((const unsigned char *) k->name, strlen(k->name));
}

static int
compare_components(const void *a, const void *b, Size size)
{
	const ComponentKey *one = a;
	const ComponentKey *other = b;

	return strcmp(one->kind, other->kind) != 0 || strcmp(one->name, other->name) != 0;
}

static void *
keep_key(void *to, const void *from, Size size)
{
	return memcpy(to, from, size);
}

/* Declarations by name: what stands right below xs:schema. */
static void
index_components(Costing *c, const XmlNode *root)
{
	HASHCTL		control = {
		.keysize = sizeof(ComponentKey),
		.entrysize = sizeof(Component),
		.hash = hash_component,
		.match = compare_components,
		.keycopy = keep_key,
		.hcxt = CurrentMemoryContext
	};

	c->components = hash_create("ootspg schema", 256, &control, HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_KEYCOPY | HASH_CONTEXT);
	for (const XmlNode *node = xml_first(root); node != NULL; node = xml_next(node))
		for (int i = 0; i < lengthof(kinds); i++)
		{
			ComponentKey key = {kinds[i], is_xs(node, kinds[i]) ? xml_attribute_trimmed(node, NULL, "name") : NULL};
			bool		found;
			Component  *component;

			if (key.name == NULL)
				continue;
			component = hash_search(c->components, &key, HASH_ENTER, &found);
			if (!found)			/* a second one of the name does not compile */
			{
				memset((char *) component + sizeof(ComponentKey), 0, sizeof(Component) - sizeof(ComponentKey));
				component->node = node;
			}
		}
}

static Component *
component_named(const Costing *c, const char *kind, const char *name)
{
	ComponentKey key = {kind, name};

	return hash_search(c->components, &key, HASH_FIND, NULL);
}

/* What an attribute of the node refers to, a QName; NULL when it has none or that is not declared here. */
static Component *
referred(const Costing *c, const XmlNode *node, const char *attribute, const char *kind)
{
	char	   *name = xml_attribute_trimmed(node, NULL, attribute);
	char	   *colon = name ? strchr(name, ':') : NULL;

	return name ? component_named(c, kind, colon ? colon + 1 : name) : NULL;
}

/* The extent of a named declaration, measured once. What refers to itself does not compile, and is nothing. */
static Extent
component_extent(Costing *c, Component *component, int level)
{
	if (component == NULL || (component->begun && !component->done))
		return (Extent) {0};
	if (!component->done)
	{
		component->begun = true;
		if (level > MAX_CHAIN)
			refuse(component->node, "a chain of references");
		component->extent = extent_of(c, component->node, level + 1);
		component->done = true;
	}
	return component->extent;
}

static void
add_extent(Extent *to, Extent more)
{
	to->particles = plus(to->particles, more.particles);
	to->optional = plus(to->optional, more.optional);
	to->attributes = plus(to->attributes, more.attributes);
	to->members = plus(to->members, more.members);
	to->enumerations = plus(to->enumerations, more.enumerations);
	to->patterns = plus(to->patterns, more.patterns);
	to->ambiguous |= more.ambiguous;
	to->nesting = Max(to->nesting, more.nesting);
	to->chain = Max(to->chain, more.chain);
}

static bool
is_optional(const XmlNode *particle)
{
	char	   *least = xml_attribute_trimmed(particle, NULL, "minOccurs");

	return least != NULL && strcmp(least, "0") == 0;
}

/* May what follows a group or a character in a pattern be repeated or left out? */
static bool
is_quantifier(char c)
{
	return c == '?' || c == '*' || c == '+' || c == '{';
}

/*
 * Count what makes states: quantifiers, alternatives, groups. A pattern is ambiguous
 * when something in a repeated group is repeated or an alternative itself.
 */
static int64
pattern_symbols(const char *pattern, bool *ambiguous)
{
	bool		inner[MAX_GROUPING + 1] = {0};	/* such a thing in each open group */
	int			depth = 0;
	int			brackets = 0;
	int64		symbols = 0;

	for (const char *p = pattern; *p != '\0'; p++)
	{
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '[')
			brackets++;
		else if (*p == ']' && brackets > 0)
			brackets--;
		else if (brackets > 0)
			continue;
		else if (*p == '(')
		{
			symbols++;
			if (depth < MAX_GROUPING)
				inner[++depth] = false;
		}
		else if (*p == ')' && depth > 0)
		{
			if (is_quantifier(p[1]) && inner[depth])
				*ambiguous = true;
			depth--;
			inner[depth] |= inner[depth + 1] || is_quantifier(p[1]);
		}
		else if (*p == '|' || is_quantifier(*p))
		{
			symbols++;
			inner[depth] = true;
		}
	}
	return Min(symbols, MAX_COUNT);
}

static void
add_pattern(Costing *c, Extent *extent, const XmlNode *node)
{
	char	   *pattern = xml_attribute(node, NULL, "value");
	int64		symbols;

	if (pattern == NULL)
		return;
	if (strlen(pattern) > MAX_PATTERN)
		refuse(node, "a pattern");
	symbols = pattern_symbols(pattern, &extent->ambiguous);
	add_cost(c, symbols * symbols * symbols + strlen(pattern) * PER_BYTE, node, "patterns");
	extent->patterns = plus(extent->patterns, 1);
}

/* A value that is checked against the type while the schema is compiled. */
static void
add_match(Costing *c, Extent type, const XmlNode *node, const char *value)
{
	bool		tries_all = type.ambiguous && strlen(value) > SHORT_VALUE;

	add_cost(c, type.patterns * PER_MATCH + type.enumerations * PER_ENUMERATION + (tries_all ? PER_AMBIGUOUS : 0),
			 node, "values of a type with patterns or enumerations");
}

static Extent
type_named(Costing *c, const XmlNode *node, const char *attribute, int level)
{
	Component  *type = referred(c, node, attribute, "simpleType");

	return component_extent(c, type ? type : referred(c, node, attribute, "complexType"), level);
}

/* Facets of a restriction, after what it restricts. */
static void
add_facets(Costing *c, Extent *extent, const XmlNode *restriction)
{
	Extent		base = *extent;

	for (const XmlNode *node = xml_first(restriction); node != NULL; node = xml_next(node))
		if (is_xs(node, "pattern"))
			add_pattern(c, extent, node);
		else if (is_xs(node, "enumeration"))
		{
			char	   *value = xml_attribute(node, NULL, "value");

			extent->enumerations = plus(extent->enumerations, 1);
			if (value != NULL)
				add_match(c, base, node, value);
		}
}

static Extent
union_extent(Costing *c, const XmlNode *node, int level)
{
	char	   *names = xml_attribute(node, NULL, "memberTypes");
	Extent		extent = {0};

	for (char *name = names ? strtok(names, " \t\r\n") : NULL; name != NULL; name = strtok(NULL, " \t\r\n"))
	{
		char	   *colon = strchr(name, ':');
		Extent		member = component_extent(c, component_named(c, "simpleType", colon ? colon + 1 : name), level);

		member.members = Max(member.members, 1);
		add_extent(&extent, member);
	}
	add_cost(c, extent.members * extent.members, node, "members of unions");
	return extent;
}

/*
 * Everything below a node that belongs to it: particles, attributes, facets, bases.
 * Types without a name belong to the element or attribute that they stand in, and
 * are weighed for themselves (weigh()).
 */
static Extent
extent_of(Costing *c, const XmlNode *node, int level)
{
	Extent		extent = {0};
	bool		model = is_xs(node, "sequence") || is_xs(node, "choice") || is_xs(node, "all");

	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (is_xs(node, "extension") || is_xs(node, "restriction"))
	{
		extent = type_named(c, node, "base", level);
		extent.chain++;
		if (extent.chain > MAX_CHAIN)
			refuse(node, "a chain of types");
		/* a restricted content model is written anew */
		if (is_xs(node, "restriction"))
			extent.particles = extent.optional = extent.nesting = 0;
	}
	if (is_xs(node, "union"))
		extent = union_extent(c, node, level);
	else if (is_xs(node, "list"))
		extent = type_named(c, node, "itemType", level);

	for (const XmlNode *child = xml_first(node); child != NULL; child = xml_next(child))
	{
		Extent		more = {0};

		if (is_xs(child, "element") || is_xs(child, "any"))
		{
			Component  *head = is_xs(child, "element") ? referred(c, child, "ref", "element") : NULL;

			more.particles = plus(1, head ? head->substitutes : 0);
			more.optional = is_optional(child) ? 1 : 0;
		}
		else if (is_xs(child, "attribute"))
			more.attributes = 1;
		else if (is_xs(child, "group"))
			more = component_extent(c, referred(c, child, "ref", "group"), level);
		else if (is_xs(child, "attributeGroup"))
			more = component_extent(c, referred(c, child, "ref", "attributeGroup"), level);
		else if (!is_xs(child, "annotation"))
			more = extent_of(c, child, level);
		if ((is_xs(child, "group") || is_xs(child, "sequence") || is_xs(child, "choice")) && is_optional(child))
			more.optional = plus(more.optional, 1);
		add_extent(&extent, more);
	}
	if (is_xs(node, "restriction"))
		add_facets(c, &extent, node);
	if (model)
	{
		extent.particles = plus(extent.particles, 1);
		if (++extent.nesting > MAX_NESTING)
			refuse(node, "a nesting of groups");
	}
	return extent;
}

/* A default or fixed value is checked against the type it is of. */
static void
weigh_value(Costing *c, const XmlNode *node)
{
	char	   *value = xml_attribute(node, NULL, "default");

	if (value == NULL)
		value = xml_attribute(node, NULL, "fixed");
	if (value != NULL)
		add_match(c, type_named(c, node, "type", 0), node, value);
}

/* Each type as it will be compiled, at any depth. */
static void
weigh(Costing *c, const XmlNode *node)
{
	CHECK_FOR_INTERRUPTS();
	if (is_xs(node, "complexType") || is_xs(node, "attributeGroup") || is_xs(node, "simpleType"))
	{
		char	   *name = xml_attribute_trimmed(node, NULL, "name");
		Component  *named = NULL;
		Extent		extent;

		for (int i = 0; name != NULL && named == NULL && i < lengthof(kinds); i++)
			if (is_xs(node, kinds[i]))
				named = component_named(c, kinds[i], name);
		extent = named ? component_extent(c, named, 0) : extent_of(c, node, 0);
		add_cost(c, extent.particles * extent.particles * (extent.optional + LEAST_OPTIONAL), node, "particles of content models");
		add_cost(c, extent.attributes * extent.attributes, node, "attributes of types");
	}
	else if (is_xs(node, "element") || is_xs(node, "attribute"))
		weigh_value(c, node);
	for (const XmlNode *child = xml_first(node); child != NULL; child = xml_next(child))
		weigh(c, child);		/* no deeper than the scan allows */
}

/* An element may stand for all heads above it. */
static void
count_substitutes(Costing *c, const XmlNode *root)
{
	for (const XmlNode *node = xml_first(root); node != NULL; node = xml_next(node))
	{
		const XmlNode *member = node;
		int			chain = 0;

		while (member != NULL && is_xs(member, "element"))
		{
			Component  *head = referred(c, member, "substitutionGroup", "element");

			if (head == NULL)
				break;
			CHECK_FOR_INTERRUPTS();
			if (++chain > MAX_CHAIN)
				refuse(node, "a chain of substitutions");
			/* those counted so far are looked through for each that is added */
			add_cost(c, head->substitutes * PER_SUBSTITUTE, node, "elements of one substitution group");
			head->substitutes = plus(head->substitutes, 1);
			member = head->node;
		}
	}
}

void
schema_require_cheap(const XmlNode *root)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "ootspg schema cost", ALLOCSET_DEFAULT_SIZES);
	MemoryContext outer = MemoryContextSwitchTo(scratch);
	Costing		c = {0};

	index_components(&c, root);
	count_substitutes(&c, root);
	weigh(&c, root);
	MemoryContextSwitchTo(outer);
	MemoryContextDelete(scratch);
}
