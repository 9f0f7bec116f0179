/*
 * rule_submission.c
 *		Checks that the rules of both directories share: the root, registry objects
 *		and their slots, the ends of associations. Objects are found by id in a
 *		sorted array, since a hostile message may have as many as it has elements.
 *
 * The published files miss some of these: rules that stand behind another rule
 * with the same context never run there. Here every rule of the tables runs.
 */
#include "postgres.h"

#include "directory/submission.h"
#include "message/codelist.h"
#include "message/shape.h"

typedef struct IndexedObject
{
	const char *id;
	const char *node;			/* of its classification; NULL when it has none */
	bool		linked;			/* an association names it */
} IndexedObject;

static int
compare_objects(const void *a, const void *b)
{
	return strcmp(((const IndexedObject *) a)->id, ((const IndexedObject *) b)->id);
}

static IndexedObject *
find_object(const SubmissionRun *run, const char *id)
{
	IndexedObject key = {.id = id};

	if (id == NULL || run->object_count == 0)
		return NULL;
	return bsearch(&key, run->objects, run->object_count, sizeof(IndexedObject), compare_objects);
}

static char *
end_of(const XmlNode *association, bool target)
{
	return xml_attribute(association, NULL, target ? "targetObject" : "sourceObject");
}

static const char *
node_of(const XmlNode *object)
{
	const XmlNode *classification = xml_child(object, NS_RIM, "Classification");

	return classification ? xml_attribute(classification, NULL, "classificationNode") : NULL;
}

void
submission_index(SubmissionRun *run)
{
	List	   *nodes = nodes_at(&run->run, OBJECT);
	ListCell   *cell;

	run->objects = palloc(sizeof(IndexedObject) * Max(list_length(nodes), 1));
	foreach(cell, nodes)
	{
		char	   *id = xml_attribute(lfirst(cell), NULL, "id");

		if (id != NULL)
			run->objects[run->object_count++] = (IndexedObject) {.id = id, .node = node_of(lfirst(cell))};
	}
	qsort(run->objects, run->object_count, sizeof(IndexedObject), compare_objects);
	foreach(cell, nodes)
		for (int target = 0; target < 2; target++)
		{
			IndexedObject *object = find_object(run, end_of(lfirst(cell), target));

			if (object != NULL)
				object->linked = true;
		}
}

/* The classification node of the object with that id; NULL when the message has none. */
static const char *
node_with_id(const RuleRun *run, const char *id)
{
	const IndexedObject *object = find_object(SUBMISSION_RUN(run), id);

	return object ? object->node : NULL;
}

/* Is the id an end of an association of the message? */
static bool
is_linked(const RuleRun *run, const char *id)
{
	const IndexedObject *object = find_object(SUBMISSION_RUN(run), id);

	return object != NULL && object->linked;
}

static bool
listed(const char *const *words, const char *word)
{
	for (; word != NULL && *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

/* S001 */
void
check_submission_root(RuleRun *run, const void *unused)
{
	if (strcmp(xml_local(run->root), "SubmitObjectsRequest") != 0)
		rule_fail(run, run->root);
}

/* S002 */
void
check_submission_namespace(RuleRun *run, const void *unused)
{
	if (strcmp(xml_namespace(run->root), NS_LCM) != 0)
		rule_fail(run, run->root);
}

/* DSD S035, EB S047 */
void
check_some_association(RuleRun *run, const void *unused)
{
	const XmlNode *list = node_below(run->root, "rim:RegistryObjectList");
	ListCell   *cell;

	if (list == NULL || run->kind == MESSAGE_OTHER)
		return;
	foreach(cell, nodes_at(run, OBJECT))
		if (submission_is_association(lfirst(cell)))
			return;
	rule_fail(run, list);
}

/* S007, S022 and EB S030: what has no classification is an association. */
void
check_classified(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, OBJECT))
		if (!submission_is_association(lfirst(cell)) && xml_child(lfirst(cell), NS_RIM, "Classification") == NULL)
			rule_fail(run, lfirst(cell));
}

/* DSD S030, EB S042: the newer slot SpecificationIdentifier is left out of it. */
void
check_other_slots(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, "lcm:SubmitObjectsRequest/rim:Slot"))
	{
		char	   *name = xml_attribute(lfirst(cell), NULL, "name");

		if (name == NULL || strcmp(name, "SpecificationIdentifier") != 0)
			rule_fail(run, lfirst(cell));
	}
}

/* EB S031 */
void
check_linked(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, OBJECT))
		if (node_of(lfirst(cell)) != NULL && !is_linked(run, xml_attribute(lfirst(cell), NULL, "id")))
			rule_fail(run, lfirst(cell));
}

void
check_slot_of_node(RuleRun *run, const void *nodes)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, OBJECT))
	{
		const char *node = node_of(lfirst(cell));
		const XmlNode *slot = xml_child(lfirst(cell), NS_RIM, "Slot");
		const char *name = slot ? xml_attribute(slot, NULL, "name") : NULL;

		if (listed(nodes, node) &&
			(name == NULL || strcmp(name, node) != 0 || xml_count(lfirst(cell), NS_RIM, "Slot") != 1))
			rule_fail(run, lfirst(cell));
	}
}

/* as written: a blank is another type */
static bool
has_type(const XmlNode *association, const char *type)
{
	char	   *found = xml_attribute(association, NULL, "type");

	return found != NULL && strncmp(found, ASSOCIATION_PREFIX, strlen(ASSOCIATION_PREFIX)) == 0 &&
		strcmp(found + strlen(ASSOCIATION_PREFIX), type) == 0;
}

void
check_end(RuleRun *run, const void *argument)
{
	const EndRule *rule = argument;
	ListCell   *cell;

	foreach(cell, nodes_at(run, OBJECT))
	{
		char	   *id = end_of(lfirst(cell), rule->target);

		if (rule->type ? !has_type(lfirst(cell), rule->type) : !submission_is_association(lfirst(cell)))
			continue;
		if (rule->nodes == NULL)
		{
			if (id == NULL)
				rule_fail(run, lfirst(cell));
			continue;
		}
		/* an end that is not there at all is the business of the rule without nodes, but for some types */
		if (id == NULL ? !rule->owed : listed(rule->nodes, node_with_id(run, id)))
			continue;
		if (id == NULL || !rule->bare || find_object(SUBMISSION_RUN(run), id) != NULL || !shape_urn_uuid(EDM_V12, id))
			rule_fail(run, lfirst(cell));
	}
}

/* The kind of association that links the nodes in the model of the run; NULL when none does. */
static const AssociationKind *
kind_between(const RuleRun *run, const char *source, const char *target)
{
	for (int i = 0; source != NULL && target != NULL && i < association_kind_count; i++)
	{
		const AssociationKind *kind = &association_kinds[i];

		if (strcmp(kind->source, source) == 0 && strcmp(kind->target, target) == 0 &&
			(run->line == EDM_V10 ? kind->two_objects : kind->three_objects) &&
			strcmp(kind->service, SUBMISSION_RUN(run)->service) == 0)
			return kind;
	}
	return NULL;
}

static const AssociationKind *
kind_of_ends(const RuleRun *run, const XmlNode *object)
{
	return kind_between(run, node_with_id(run, end_of(object, false)), node_with_id(run, end_of(object, true)));
}

void
check_linked_pair(RuleRun *run, const void *unused)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, OBJECT))
		if (end_of(lfirst(cell), false) != NULL && end_of(lfirst(cell), true) != NULL &&
			kind_of_ends(run, lfirst(cell)) == NULL)
			rule_fail(run, lfirst(cell));
}

typedef struct IdentifiedNode
{
	const char *id;
	const XmlNode *node;
} IdentifiedNode;

/* UUIDs whose letters differ in case are the same. */
static int
compare_identified(const void *a, const void *b)
{
	return pg_strcasecmp(((const IdentifiedNode *) a)->id, ((const IdentifiedNode *) b)->id);
}

void
check_distinct_ids(RuleRun *run, const void *unused)
{
	List	   *nodes = nodes_at(run, OBJECT);
	IdentifiedNode *identified = palloc(sizeof(IdentifiedNode) * Max(list_length(nodes), 1));
	int			count = 0;
	ListCell   *cell;

	foreach(cell, nodes)
	{
		const char *id = xml_attribute_trimmed(lfirst(cell), NULL, "id");

		if (id != NULL)
			identified[count++] = (IdentifiedNode) {id, lfirst(cell)};
	}
	qsort(identified, count, sizeof(IdentifiedNode), compare_identified);
	for (int i = 1; i < count; i++)
		if (compare_identified(&identified[i - 1], &identified[i]) == 0)
			rule_fail(run, identified[i].node);
}

void
check_link_type(RuleRun *run, const void *type)
{
	ListCell   *cell;

	foreach(cell, nodes_at(run, OBJECT))
	{
		const AssociationKind *kind = kind_of_ends(run, lfirst(cell));

		if (kind != NULL && (type == NULL || strcmp(kind->type, type) == 0) && !has_type(lfirst(cell), kind->type))
			rule_fail(run, lfirst(cell));
	}
}

/* The list of local administrative units has a hundred thousand codes and changes every year: their shape. */
bool
value_lau(const RuleRun *run, const char *value)
{
	size_t		length = strlen(value);

	return length > 0 && length <= 20 &&
		strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}
