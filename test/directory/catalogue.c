/*
 * catalogue.c
 *		Read submissions and keep them.
 */
#include <stdlib.h>
#include <string.h>
#include <libxml/parser.h>

#include "catalogue.h"

#define ASSOCIATION "urn:oasis:names:tc:ebxml-regrep:AssociationType:"

/* The registry objects of a service: one kind may hold different elements in different models. */
static const struct
{
	Service		service;
	const char *kind;
	const char *element;
}			kinds[] = {
	{SERVICE_DSD, "EvidenceProvider", "AccessService"},
	{SERVICE_DSD, "EvidenceProvider", "Publisher"},
	{SERVICE_DSD, "AccessService", "AccessService"},
	{SERVICE_DSD, "DataServiceEvidenceType", "DataServiceEvidenceType"},
	{SERVICE_EB, "EvidenceType", "EvidenceType"},
	{SERVICE_EB, "EvidenceTypeList", "EvidenceTypeList"},
	{SERVICE_EB, "Requirement", "Requirement"},
	{SERVICE_EB, "ReferenceFramework", "ReferenceFramework"},
};

static const struct
{
	Service		service;
	const char *type;
	const char *source;
	const char *source_element;
	const char *target;
}			link_types[] = {
	{SERVICE_DSD, "ServesEvidenceType", "EvidenceProvider", "AccessService", "DataServiceEvidenceType"},
	{SERVICE_DSD, "ProvidesEvidenceType", "EvidenceProvider", "Publisher", "DataServiceEvidenceType"},
	{SERVICE_DSD, "UsesAccessService", "EvidenceProvider", "Publisher", "AccessService"},
	{SERVICE_EB, "ContainsEvidence", "EvidenceTypeList", "EvidenceTypeList", "EvidenceType"},
	{SERVICE_EB, "FulfillsRequirement", "EvidenceTypeList", "EvidenceTypeList", "Requirement"},
	{SERVICE_EB, "DerivesFromReferenceFramework", "Requirement", "Requirement", "ReferenceFramework"},
};

static const char *const service_names[SERVICE_COUNT] = {"dsd", "eb"};

static Publication *first_publication;

const char *
service_name(Service service)
{
	return service_names[service];
}

bool
service_parse(const char *name, size_t len, Service *service)
{
	for (int i = 0; i < SERVICE_COUNT; i++)
	{
		if (strlen(service_names[i]) == len && strncmp(service_names[i], name, len) == 0)
		{
			*service = i;
			return true;
		}
	}
	return false;
}

static Objection
object(const char *code, const char *what, const char *id)
{
	return (Objection) {code, format_text("%s: %s", what, id ? id : "no id")};
}

static const Item *
find_item(const Publication *publication, const char *id)
{
	for (int i = 0; i < publication->item_count && id; i++)
	{
		if (strcmp(publication->items[i].id, id) == 0)
			return &publication->items[i];
	}
	return NULL;
}

static bool
known_kind(const Publication *publication, const Item *item)
{
	for (size_t i = 0; i < lengthof(kinds); i++)
	{
		if (kinds[i].service == publication->service && strcmp(kinds[i].kind, item->kind) == 0 &&
			node_is(item->node, NS_SDG, kinds[i].element))
			return true;
	}
	return false;
}

/* The classification repeats the name of the slot, in the scheme of the service. */
static bool
well_classified(const Publication *publication, const xmlNode *object, const char *kind)
{
	xmlNode    *classification = node_child(object, NS_RIM, "Classification");
	char	   *scheme = node_attribute(classification, "classificationScheme");
	char	   *node = node_attribute(classification, "classificationNode");
	char	   *expected = format_text("urn:fdc:oots:classification:%s", service_name(publication->service));
	bool		good = scheme && node && strcmp(scheme, expected) == 0 && strcmp(node, kind) == 0;

	free(scheme);
	free(node);
	free(expected);
	return good;
}

static Objection
read_item(Publication *publication, const xmlNode *object_node)
{
	xmlNode    *slot = node_child(object_node, NS_RIM, "Slot");
	char	   *id = node_attribute(object_node, "id");
	Item	   *item = &publication->items[publication->item_count];
	const char *what = NULL;

	item->id = id ? id : copy_text("");
	item->kind = node_attribute(slot, "name");
	item->node = node_first(node_child(slot, NS_RIM, "SlotValue"));
	if (id == NULL)
		what = "a registry object without id";
	else if (find_item(publication, id))
		what = "two registry objects with this id";
	else if (item->kind == NULL || item->node == NULL || !known_kind(publication, item))
		what = "not a registry object of this service";
	else if (!well_classified(publication, object_node, item->kind))
		what = "wrongly classified";
	publication->item_count++;
	return what ? object("LCM:ERR:0001", what, id) : (Objection) {0};
}

static Objection
read_link(Publication *publication, const xmlNode *association)
{
	char	   *type = node_attribute(association, "type");
	char	   *source_id = node_attribute(association, "sourceObject");
	char	   *target_id = node_attribute(association, "targetObject");
	char	   *id = node_attribute(association, "id");
	Link		link = {NULL, find_item(publication, source_id), find_item(publication, target_id)};
	Objection	objection = object("LCM:ERR:0002", "not an association of this service", id);

	for (size_t i = 0; i < lengthof(link_types) && type && link.source && link.target; i++)
	{
		if (link_types[i].service == publication->service &&
			strncmp(type, ASSOCIATION, strlen(ASSOCIATION)) == 0 &&
			strcmp(type + strlen(ASSOCIATION), link_types[i].type) == 0 &&
			strcmp(link.source->kind, link_types[i].source) == 0 &&
			node_is(link.source->node, NS_SDG, link_types[i].source_element) &&
			strcmp(link.target->kind, link_types[i].target) == 0)
			link.type = link_types[i].type;
	}
	if (link.type || !link.source || !link.target)
	{
		free(objection.detail);
		objection = link.type ? (Objection) {0} : object("LCM:ERR:0003", "an end of the association is not there", id);
	}
	publication->links[publication->link_count++] = link;
	free(type);
	free(source_id);
	free(target_id);
	free(id);
	return objection;
}

static bool
is_association(const xmlNode *node)
{
	xmlChar    *type = xmlGetNsProp(node, (const xmlChar *) "type", (const xmlChar *) NS_XSI);
	bool		is = type && strstr((const char *) type, "AssociationType") != NULL;

	xmlFree(type);
	return is;
}

/* Associations may stand in front of what they connect: objects first. */
static Objection
read_objects(Publication *publication, const xmlNode *list)
{
	Objection	objection = {0};
	size_t		count = xmlChildElementCount((xmlNode *) list);

	publication->items = allocate(sizeof(Item) * count);
	publication->links = allocate(sizeof(Link) * count);
	for (xmlNode *node = node_first(list); node && objection.code == NULL; node = node_next(node))
	{
		if (!is_association(node))
			objection = read_item(publication, node);
	}
	for (xmlNode *node = node_first(list); node && objection.code == NULL; node = node_next(node))
	{
		if (is_association(node))
			objection = read_link(publication, node);
	}
	return objection;
}

static void
publication_free(Publication *publication)
{
	for (int i = 0; i < publication->item_count; i++)
	{
		free(publication->items[i].id);
		free(publication->items[i].kind);
	}
	free(publication->items);
	free(publication->links);
	free(publication->country);
	xmlFreeDoc(publication->doc);
	free(publication);
}

static void
replace(Publication *publication)
{
	Publication **link = &first_publication;

	while (*link && ((*link)->service != publication->service || strcmp((*link)->country, publication->country) != 0))
		link = &(*link)->next;
	if (*link)
	{
		Publication *old = *link;

		publication->next = old->next;
		publication_free(old);
	}
	*link = publication;
}

Objection
catalogue_publish(Service service, const char *country, const char *bytes, size_t len, char **id)
{
	Publication *publication;
	xmlDoc	   *doc = xmlReadMemory(bytes, len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode    *root = doc ? xmlDocGetRootElement(doc) : NULL;
	xmlNode    *list = root && node_is(root, NS_LCM, "SubmitObjectsRequest") ?
		node_child(root, NS_RIM, "RegistryObjectList") : NULL;
	Objection	objection;

	*id = node_attribute(root, "id");
	if (list == NULL || doc->intSubset)
	{
		xmlFreeDoc(doc);
		return object("LCM:ERR:0003", "not a submission with a list of registry objects", *id);
	}
	publication = allocate(sizeof(Publication));
	publication->service = service;
	publication->country = copy_text(country);
	publication->doc = doc;
	objection = read_objects(publication, list);
	if (objection.code)
		publication_free(publication);
	else
		replace(publication);
	return objection;
}

const Publication *
catalogue_first(void)
{
	return first_publication;
}

const Publication *
catalogue_find(Service service, const char *country)
{
	for (const Publication *publication = first_publication; publication; publication = publication->next)
	{
		if (publication->service == service && strcmp(publication->country, country) == 0)
			return publication;
	}
	return NULL;
}

void
catalogue_clear(void)
{
	while (first_publication)
	{
		Publication *publication = first_publication;

		first_publication = publication->next;
		publication_free(publication);
	}
}

bool
child_says(const xmlNode *parent, const char *name, const char *value)
{
	bool		says = false;

	for (xmlNode *child = node_first(parent); child && !says; child = node_next(child))
	{
		char	   *text = node_is(child, NS_SDG, name) ? node_text(child) : NULL;

		says = text && same_address(text, value);
		free(text);
	}
	return says;
}

const char *
address_rest(const char *text)
{
	const char *dot;

	if (strncmp(text, "https://sr.", 11) != 0)
		return NULL;
	text += 11;
	if (strncmp(text, "oots.", 5) == 0)
		return text;
	dot = strchr(text, '.');
	return dot && strncmp(dot + 1, "oots.", 5) == 0 ? dot + 1 : NULL;
}

bool
same_address(const char *one, const char *other)
{
	const char *rest = address_rest(one);
	const char *other_rest = address_rest(other);

	return rest && other_rest ? strcmp(rest, other_rest) == 0 : strcmp(one, other) == 0;
}
