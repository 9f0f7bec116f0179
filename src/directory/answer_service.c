/*
 * answer_service.c
 *		Data services as directories describe them: those of the 1.x and 2.0 lines in one
 *		reader, because an element that one of them lacks is just not there.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "directory/answering.h"

/* Bytes of an identifier, a code or a URL; ten times what any of them has. */
#define MAX_VALUE	1024

void
answer_fault(AnswerReading *r, const char *fault)
{
	if (r->fault == NULL)
		r->fault = fault;
}

/* A value as it is handed on: NULL when it is empty. */
static const char *
keep(AnswerReading *r, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return NULL;
	if (strlen(text) > MAX_VALUE)
	{
		answer_fault(r, "a value is too long");
		return NULL;
	}
	return text;
}

/* The one child sdg:name of a node, or NULL; node may be NULL. */
static const XmlNode *
one(AnswerReading *r, const XmlNode *node, const char *name)
{
	const XmlNode *child = node ? xml_child(node, NS_SDG, name) : NULL;

	if (child != NULL && xml_next_same(child, NS_SDG, name) != NULL)
		answer_fault(r, "an element is repeated that may stand only once");
	return child;
}

const char *
answer_value(AnswerReading *r, const XmlNode *node, const char *name)
{
	const XmlNode *child = one(r, node, name);

	return child ? keep(r, xml_trimmed(child)) : NULL;
}

const char *
answer_attribute(AnswerReading *r, const XmlNode *node, const char *name)
{
	return node ? keep(r, xml_attribute_trimmed(node, NULL, name)) : NULL;
}

/* The texts of all children sdg:name. */
static List *
values_of(AnswerReading *r, const XmlNode *node, const char *name)
{
	List	   *values = NIL;

	for (const XmlNode *child = node ? xml_child(node, NS_SDG, name) : NULL; child != NULL;
		 child = xml_next_same(child, NS_SDG, name))
	{
		const char *value = keep(r, xml_trimmed(child));

		CHECK_FOR_INTERRUPTS();
		if (value != NULL)
			values = lappend(values, (char *) value);
	}
	return values;
}

/* What reader makes of each child sdg:name. */
static List *
each(AnswerReading *r, const XmlNode *node, const char *name, void *(*reader) (AnswerReading *, const XmlNode *))
{
	List	   *list = NIL;

	for (const XmlNode *child = node ? xml_child(node, NS_SDG, name) : NULL; child != NULL;
		 child = xml_next_same(child, NS_SDG, name))
	{
		CHECK_FOR_INTERRUPTS();
		list = lappend(list, reader(r, child));
	}
	return list;
}

DirectoryConcept *
answer_concept(AnswerReading *r, const XmlNode *node)
{
	DirectoryConcept *concept = palloc0(sizeof(DirectoryConcept));
	const XmlNode *supported = one(r, node, "SupportedValue");

	concept->identifier = answer_value(r, node, "Identifier");
	concept->type = answer_value(r, node, "Type");
	concept->list = answer_value(r, node, "ValueExpression");
	if (concept->list == NULL)
		concept->list = answer_attribute(r, one(r, node, "Identifier"), "schemeID");
	concept->values = list_concat(values_of(r, supported, "StringValue"),
								  list_concat(values_of(r, supported, "DateValue"),
											  values_of(r, supported, "BooleanValue")));
	return concept;
}

static void *
read_concept(AnswerReading *r, const XmlNode *node)
{
	return answer_concept(r, node);
}

static void *
read_area(AnswerReading *r, const XmlNode *node)
{
	DirectoryArea *area = palloc0(sizeof(DirectoryArea));

	area->list = answer_attribute(r, node, "listID");
	area->code = keep(r, xml_trimmed(node));
	return area;
}

static void *
read_publisher(AnswerReading *r, const XmlNode *node)
{
	static const char *const levels[] = {"AdminUnitLevel1", "AdminUnitLevel2", "AdminUnitLevel3"};
	DirectoryPublisher *publisher = palloc0(sizeof(DirectoryPublisher));
	const XmlNode *jurisdiction = one(r, node, "Jurisdiction");

	publisher->identifier = answer_value(r, node, "Identifier");
	publisher->scheme = answer_attribute(r, one(r, node, "Identifier"), "schemeID");
	publisher->country = answer_value(r, one(r, node, "Address"), "AdminUnitLevel1");
	for (int i = 0; i < (int) lengthof(levels); i++)
		publisher->levels[i] = answer_value(r, jurisdiction, levels[i]);
	publisher->areas = each(r, jurisdiction, "AdditionalJurisdictionClassification", read_area);
	publisher->concepts = each(r, node, "ClassificationConcept", read_concept);
	return publisher;
}

static void *
read_access(AnswerReading *r, const XmlNode *node)
{
	DirectoryAccess *access = palloc0(sizeof(DirectoryAccess));

	access->identifier = answer_value(r, node, "Identifier");
	access->scheme = answer_attribute(r, one(r, node, "Identifier"), "schemeID");
	access->conforms_to = values_of(r, node, "ConformsTo");
	access->publishers = each(r, node, "Publisher", read_publisher);
	return access;
}

/*
 * A distribution for each Format: the schema of 2.0.1 lets it stand more than once, and
 * what another provider does with it must not hide what is said of ours.
 */
static List *
read_distribution(AnswerReading *r, const XmlNode *node, List *distributions)
{
	List	   *media_types = values_of(r, node, "Format");
	DirectoryDistribution said = {
		.languages = values_of(r, node, "Language"),
		.data_model = answer_value(r, node, "ConformsTo"),
		.transformation = answer_value(r, node, "Transformation")
	};
	const ListCell *cell;

	if (media_types == NIL)
		media_types = list_make1(NULL);
	foreach(cell, media_types)
	{
		DirectoryDistribution *distribution = palloc(sizeof(DirectoryDistribution));

		*distribution = said;
		distribution->media_type = lfirst(cell);
		distributions = lappend(distributions, distribution);
	}
	return distributions;
}

static List *
read_distributions(AnswerReading *r, const XmlNode *node)
{
	List	   *distributions = NIL;

	for (const XmlNode *child = xml_child(node, NS_SDG, "DistributedAs"); child != NULL;
		 child = xml_next_same(child, NS_SDG, "DistributedAs"))
	{
		CHECK_FOR_INTERRUPTS();
		distributions = read_distribution(r, child, distributions);
	}
	return distributions;
}

DirectoryService *
answer_service(AnswerReading *r, const XmlNode *node)
{
	DirectoryService *service = palloc0(sizeof(DirectoryService));

	service->identifier = answer_value(r, node, "Identifier");
	service->classification = answer_value(r, node, "EvidenceTypeClassification");
	service->level_of_assurance = answer_value(r, node, "AuthenticationLevelOfAssurance");
	service->distributions = read_distributions(r, node);
	service->accesses = each(r, node, "AccessService", read_access);
	service->concepts = each(r, node, "EvidenceProviderClassification", read_concept);
	return service;
}
