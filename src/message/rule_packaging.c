/*
 * rule_packaging.c
 *		What the objects of a response are, how they are classified and joined
 *		(EDM §1.5.3, §1.5.4, §2.3). The type of an object is compared with its
 *		prefix, as the published rules do (EDM §0, trap 2).
 *
 * Ids within a package are looked up in a sorted array: a hostile list of many
 * objects and associations must not cost their product.
 */
#include "postgres.h"

#include "message/rule_answer.h"
#include "message/rule_packaging.h"
#include "miscadmin.h"

#define EDM_SCHEME			"urn:fdc:oots:classification:edm"
#define ASSOCIATION_PREFIX	"urn:oasis:names:tc:ebxml-regrep:AssociationType:"
#define MAIN_EVIDENCE		"MainEvidence"

#define TOP_OBJECTS			"q:QueryResponse/rim:RegistryObjectList/rim:RegistryObject"
#define ALL_OBJECTS			"q:QueryResponse/rim:RegistryObjectList//rim:RegistryObject"
#define NESTED_LISTS		TOP_OBJECTS "/rim:RegistryObjectList"
#define NESTED_OBJECTS		NESTED_LISTS "/rim:RegistryObject"
#define EVIDENCE			"rim:Slot[EvidenceMetadata]/rim:SlotValue/sdg:Evidence"

static const char *const companions[] = {"Annex", "HumanReadableVersion", "Translation"};

static bool
is_of_type(const XmlNode *object, const char *type)
{
	char	   *found = xml_xsi_type(object);

	return found != NULL && strcmp(found, type) == 0;
}

static bool
is_package(const XmlNode *object)
{
	return is_of_type(object, "rim:RegistryPackageType");
}

static bool
is_association(const XmlNode *object)
{
	return is_of_type(object, "rim:AssociationType");
}

/* The next classification, under the EDM scheme only when asked so; from NULL: the first. */
static XmlNode *
next_classification(const XmlNode *object, const XmlNode *from, bool edm_only)
{
	XmlNode    *found = from == NULL ? xml_child(object, NS_RIM, "Classification") :
		xml_next_same(from, NS_RIM, "Classification");

	while (found != NULL && edm_only && !attribute_is(found, "classificationScheme", EDM_SCHEME))
		found = xml_next_same(found, NS_RIM, "Classification");
	return found;
}

static bool
is_classified(const XmlNode *object, const char *word, bool edm_only)
{
	for (XmlNode *at = next_classification(object, NULL, edm_only); at != NULL;
		 at = next_classification(object, at, edm_only))
		if (attribute_is(at, "classificationNode", word))
			return true;
	return false;
}

bool
node_is_companion(const XmlNode *object)
{
	for (int i = 0; i < (int) lengthof(companions); i++)
		if (is_classified(object, companions[i], true))
			return true;
	return false;
}

/* Values of one attribute in a nested list, sorted */
typedef struct KeySet
{
	char	  **keys;
	int			count;
} KeySet;

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/*
 * The associations of one nested list by an attribute (word NULL), or its
 * objects classified so by their id. Those without the attribute are left out.
 */
static KeySet
keys_of(const XmlNode *list, const char *word, const char *attribute)
{
	KeySet		set = {0};

	set.keys = palloc(sizeof(char *) * Max(xml_count(list, NS_RIM, "RegistryObject"), 1));
	for (XmlNode *object = xml_child(list, NS_RIM, "RegistryObject"); object != NULL;
		 object = xml_next_same(object, NS_RIM, "RegistryObject"))
	{
		bool		wanted = word == NULL ? is_association(object) :
			!is_association(object) && is_classified(object, word, true);
		char	   *key = wanted ? xml_attribute(object, NULL, attribute) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (key != NULL)
			set.keys[set.count++] = key;
	}
	qsort(set.keys, set.count, sizeof(char *), compare_keys);
	return set;
}

static bool
has_key(const KeySet *set, const char *key)
{
	return key != NULL &&
		bsearch(&key, set->keys, set->count, sizeof(char *), compare_keys) != NULL;
}

/*
 * S015. In 1.x every object of the list is a piece of evidence; later the
 * documents are inside packages, beside associations.
 */
void
check_metadata_slot(RuleRun *run, const void *unused)
{
	bool		packaged = line_traits(run->line)->packaged;
	ListCell   *cell;

	foreach(cell, nodes_at(run, packaged ? NESTED_OBJECTS : TOP_OBJECTS))
	{
		if (packaged && is_association(lfirst(cell)))
			continue;
		if (list_length(nodes_below(lfirst(cell), "rim:Slot[EvidenceMetadata]")) != 1)
			rule_fail(run, lfirst(cell));
	}
}

/* S033 */
void
check_item_reference(RuleRun *run, const void *unused)
{
	bool		packaged = line_traits(run->line)->packaged;
	ListCell   *cell;

	if (!status_is(run, STATUS_SUCCESS))
		return;
	foreach(cell, nodes_at(run, ALL_OBJECTS))
	{
		if (packaged && (is_package(lfirst(cell)) || is_association(lfirst(cell))))
			continue;
		if (xml_child(lfirst(cell), NS_RIM, "RepositoryItemRef") == NULL)
			rule_fail(run, lfirst(cell));
	}
}

/* S046 */
void
check_nested_list(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, TOP_OBJECTS))
		if (is_package(lfirst(cell)) && xml_count(lfirst(cell), NS_RIM, "RegistryObjectList") != 1)
			rule_fail(run, lfirst(cell));
}

/* S047: the prose says exactly one, the rule at least one, under any scheme. */
void
check_main_evidence(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_LISTS))
	{
		XmlNode    *object = xml_child(lfirst(cell), NS_RIM, "RegistryObject");

		while (object != NULL && !is_classified(object, MAIN_EVIDENCE, false))
			object = xml_next_same(object, NS_RIM, "RegistryObject");
		if (object == NULL)
			rule_fail(run, lfirst(cell));
	}
}

/* S048 */
void
check_classified_once(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_OBJECTS))
	{
		XmlNode    *first = next_classification(lfirst(cell), NULL, true);

		if (is_association(lfirst(cell)))
			continue;
		if (first == NULL || next_classification(lfirst(cell), first, true) != NULL)
			rule_fail(run, lfirst(cell));
	}
}

static bool
is_known_node(const XmlNode *classification)
{
	if (attribute_is(classification, "classificationNode", MAIN_EVIDENCE))
		return true;
	for (int i = 0; i < (int) lengthof(companions); i++)
		if (attribute_is(classification, "classificationNode", companions[i]))
			return true;
	return false;
}

/* S049: an absent node breaks it as well. */
void
check_classification_node(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_OBJECTS))
	{
		if (is_association(lfirst(cell)))
			continue;
		for (XmlNode *at = next_classification(lfirst(cell), NULL, true); at != NULL;
			 at = next_classification(lfirst(cell), at, true))
			if (!is_known_node(at))
				rule_fail(run, at);
	}
}

/* S050 */
void
check_companion_joined(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_LISTS))
	{
		KeySet		sources = keys_of(lfirst(cell), NULL, "sourceObject");

		for (XmlNode *object = xml_child(lfirst(cell), NS_RIM, "RegistryObject"); object != NULL;
			 object = xml_next_same(object, NS_RIM, "RegistryObject"))
		{
			CHECK_FOR_INTERRUPTS();
			if (node_is_companion(object) && !has_key(&sources, xml_attribute(object, NULL, "id")))
				rule_fail(run, object);
		}
	}
}

/* S051, S055 */
void
check_association_attribute(RuleRun *run, const void *attribute)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_OBJECTS))
	{
		char	   *value = xml_attribute(lfirst(cell), NULL, attribute);

		if (is_association(lfirst(cell)) && (value == NULL || !value_filled(run, value)))
			rule_fail(run, lfirst(cell));
	}
}

static bool
is_joined_as(const XmlNode *association, const char *word)
{
	char	   *type = xml_attribute(association, NULL, "type");

	return type != NULL &&
		strncmp(type, ASSOCIATION_PREFIX, strlen(ASSOCIATION_PREFIX)) == 0 &&
		strcmp(type + strlen(ASSOCIATION_PREFIX), word) == 0;
}

/* S052-S054 look at the source, S056-S058 at the target. */
void
check_association_end(RuleRun *run, const void *argument)
{
	const AssociationEnd *end = argument;
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_LISTS))
	{
		KeySet		objects = keys_of(lfirst(cell), end->classified, "id");

		for (XmlNode *object = xml_child(lfirst(cell), NS_RIM, "RegistryObject"); object != NULL;
			 object = xml_next_same(object, NS_RIM, "RegistryObject"))
		{
			CHECK_FOR_INTERRUPTS();
			if (is_association(object) && is_joined_as(object, end->word) &&
				!has_key(&objects, xml_attribute(object, NULL, end->attribute)))
				rule_fail(run, object);
		}
	}
}

/*
 * S059-S061, the other way round: a companion that an association joins to a
 * main document is joined by the type of its own name.
 */
void
check_association_type(RuleRun *run, const void *word)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, NESTED_LISTS))
	{
		KeySet		sources = keys_of(lfirst(cell), word, "id");
		KeySet		targets = keys_of(lfirst(cell), MAIN_EVIDENCE, "id");

		for (XmlNode *object = xml_child(lfirst(cell), NS_RIM, "RegistryObject"); object != NULL;
			 object = xml_next_same(object, NS_RIM, "RegistryObject"))
		{
			CHECK_FOR_INTERRUPTS();
			if (is_association(object) && !is_joined_as(object, word) &&
				has_key(&sources, xml_attribute(object, NULL, "sourceObject")) &&
				has_key(&targets, xml_attribute(object, NULL, "targetObject")))
				rule_fail(run, object);
		}
	}
}

/* S062: since 2.0 the schema no longer asks for them. */
void
check_main_complete(RuleRun *run, const void *unused)
{
	static const char *const due[] = {
		"Identifier", "IssuingDate", "IsAbout", "IssuingAuthority", "IsConformantTo", "Distribution"
	};
	ListCell   *object;
	ListCell   *cell;

	foreach(object, nodes_at(run, ALL_OBJECTS))
	{
		if (!is_classified(lfirst(object), MAIN_EVIDENCE, true))
			continue;
		foreach(cell, nodes_below(lfirst(object), EVIDENCE))
			for (int i = 0; i < (int) lengthof(due); i++)
				if (xml_child(lfirst(cell), NS_SDG, due[i]) == NULL)
				{
					rule_fail(run, lfirst(cell));
					break;
				}
	}
}

/* S063 */
void
check_companion_bare(RuleRun *run, const void *unused)
{
	static const char *const forbidden[] = {
		EVIDENCE "/sdg:IsAbout", EVIDENCE "/sdg:IssuingAuthority", EVIDENCE "/sdg:IsConformantTo",
		EVIDENCE "/sdg:ValidityPeriod", EVIDENCE "/sdg:IssuingDate",
		EVIDENCE "/sdg:Distribution/sdg:ConformsTo"
	};
	ListCell   *object;
	ListCell   *cell;

	foreach(object, nodes_at(run, ALL_OBJECTS))
	{
		if (!node_is_companion(lfirst(object)))
			continue;
		for (int i = 0; i < (int) lengthof(forbidden); i++)
			foreach(cell, nodes_below(lfirst(object), forbidden[i]))
				rule_fail(run, lfirst(cell));
	}
}

/* S066 */
void
check_package_type(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, TOP_OBJECTS))
		if (!is_package(lfirst(cell)))
			rule_fail(run, lfirst(cell));
}
