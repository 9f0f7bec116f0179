/*
 * dsd.c
 *		The query of the data service directory: which access services give an
 *		evidence type, and the questions to be answered first.
 */
#include <stdlib.h>
#include <string.h>

#include "query.h"

#define MAX_OFFERS 1000

/* Somebody who gives the evidence, and how to reach him. */
typedef struct Offer
{
	const xmlNode *access;
	const xmlNode *publisher;
} Offer;

typedef struct Candidate
{
	const Publication *publication;
	const Item *type;			/* sdg:DataServiceEvidenceType */
	Offer		offers[MAX_OFFERS];
	int			count;
} Candidate;

/* What was said about asking; the last word on a classification counts. */
typedef struct Asking
{
	char	   *classification; /* NULL: any */
	bool		asking;
	struct Asking *older;
} Asking;

static Asking *last_asking;

void
dsd_set_asking(const char *classification, bool asking)
{
	Asking	   *word = allocate(sizeof(Asking));

	*word = (Asking) {copy_text(classification), asking, last_asking};
	last_asking = word;
}

void
dsd_reset(void)
{
	while (last_asking)
	{
		Asking	   *word = last_asking;

		last_asking = word->older;
		free(word->classification);
		free(word);
	}
}

static bool
is_asking(const Item *type)
{
	for (const Asking *word = last_asking; word; word = word->older)
	{
		if (word->classification == NULL || child_says(type->node, "EvidenceTypeClassification", word->classification))
			return word->asking;
	}
	return true;
}

static void
add_offer(Candidate *candidate, const xmlNode *access, const xmlNode *publisher)
{
	if (publisher && candidate->count < MAX_OFFERS)
		candidate->offers[candidate->count++] = (Offer) {access, publisher};
}

/* In the old model the provider is inside its access service, in the newer one an association leads there. */
static void
find_offers(Candidate *candidate)
{
	const Publication *publication = candidate->publication;

	candidate->count = 0;
	for (int i = 0; i < publication->link_count; i++)
	{
		const Link *link = &publication->links[i];

		if (link->target != candidate->type)
			continue;
		if (strcmp(link->type, "ServesEvidenceType") == 0)
			add_offer(candidate, link->source->node, node_child(link->source->node, NS_SDG, "Publisher"));
		for (int j = 0; j < publication->link_count && strcmp(link->type, "ProvidesEvidenceType") == 0; j++)
		{
			const Link *uses = &publication->links[j];

			if (uses->source == link->source && strcmp(uses->type, "UsesAccessService") == 0)
				add_offer(candidate, uses->target->node, link->source->node);
		}
	}
}

/* Does the provider say that it serves this value of the concept? */
static bool
supports(const xmlNode *publisher, const char *concept, const char *value)
{
	for (xmlNode *child = node_first(publisher); child; child = node_next(child))
	{
		xmlNode    *values;

		if (!node_is(child, NS_SDG, "ClassificationConcept") || !child_says(child, "Identifier", concept))
			continue;
		values = node_child(child, NS_SDG, "SupportedValue");
		if (child_says(values, "StringValue", value) || child_says(values, "DateValue", value) ||
			child_says(values, "BooleanValue", value))
			return true;
	}
	return false;
}

static bool
anybody_supports(const Candidate *candidate, const char *concept, const char *value)
{
	for (int i = 0; i < candidate->count; i++)
	{
		if (supports(candidate->offers[i].publisher, concept, value))
			return true;
	}
	return false;
}

static bool
is_concept_of(const Candidate *candidate, const char *name)
{
	for (xmlNode *child = node_first(candidate->type->node); child; child = node_next(child))
	{
		if (node_is(child, NS_SDG, "EvidenceProviderClassification") && child_says(child, "Identifier", name))
			return true;
	}
	return false;
}

/* The first answer to a question that cannot be right, or NULL. */
static const char *
wrong_value(const Query *query, const Candidate *candidate)
{
	xmlNode    *place = node_child(candidate->type->node, NS_SDG, "EvidenceProviderJurisdictionDetermination");
	const char *context = query_value(query, "jurisdiction-context-id");

	if (context && !(place && child_says(place, "JurisdictionContextId", context)))
		return "jurisdiction-context-id";
	for (int i = 0; i < query->count; i++)
	{
		const Parameter *parameter = &query->parameters[i];

		if (is_uuid(parameter->name) && (!is_concept_of(candidate, parameter->name) ||
										 !anybody_supports(candidate, parameter->name, parameter->value)))
			return parameter->name;
	}
	return NULL;
}

/* The question for the place, while it is not answered; the last versions have none. */
static xmlNode *
open_place(const Query *query, const Candidate *candidate)
{
	xmlNode    *place = query_knows(query, V1_X) ?
		node_child(candidate->type->node, NS_SDG, "EvidenceProviderJurisdictionDetermination") : NULL;
	const char *parameter = place && child_says(place, "JurisdictionLevel", "LAU") ?
		"jurisdiction-admin-l3" : "jurisdiction-admin-l2";
	bool		country = place && child_says(place, "JurisdictionLevel", "Country");

	if (place && query_value(query, "evidence-type-id") && query_value(query, "jurisdiction-context-id") &&
		(country || query_value(query, parameter)))
		return NULL;
	return place;
}

static bool
is_open(const Query *query, const xmlNode *concept)
{
	char	   *id = node_text(node_child(concept, NS_SDG, "Identifier"));
	bool		open = node_is(concept, NS_SDG, "EvidenceProviderClassification") && query_value(query, id) == NULL;

	free(id);
	return open;
}

/* Less of it is there since 2.0: the first query does for the second. */
static void
write_asked_type(Answer *answer, const xmlNode *type)
{
	xmlNode    *copy = answer_copy_shell(answer, answer_slot(answer, answer->exception, "DataServiceEvidenceType",
															 "rim:AnyValueType"), type);

	for (xmlNode *child = node_first(type); child; child = node_next(child))
	{
		if (!node_is(child, NS_SDG, "EvidenceProviderJurisdictionDetermination") &&
			!node_is(child, NS_SDG, "EvidenceProviderClassification") &&
			!(node_is(child, NS_SDG, "Identifier") && answer->version->bit == V2_0))
			answer_copy(answer, copy, child);
	}
}

static void
write_open_concepts(const Query *query, Answer *answer, const xmlNode *type)
{
	xmlNode    *set = answer_slot(answer, answer->exception, "UserRequestedClassificationConcepts", "rim:CollectionValueType");

	xmlNewProp(set, (const xmlChar *) "collectionType",
			   (const xmlChar *) "urn:oasis:names:tc:ebxml-regrep:CollectionType:Set");
	for (xmlNode *child = node_first(type); child; child = node_next(child))
	{
		xmlNode    *element;

		if (!is_open(query, child))
			continue;
		element = xmlNewChild(set, answer->rim, (const xmlChar *) "Element", NULL);
		xmlNewNsProp(element, answer->xsi, (const xmlChar *) "type", (const xmlChar *) "rim:AnyValueType");
		answer_copy(answer, element, child);
	}
}

/* The exception with all questions that are still open; false when none is. */
static bool
ask(const Query *query, const Candidate *candidate, Answer *answer)
{
	const xmlNode *type = candidate->type->node;
	xmlNode    *place = open_place(query, candidate);
	bool		concepts = false;

	for (xmlNode *child = node_first(type); child; child = node_next(child))
		concepts = concepts || is_open(query, child);
	if (!is_asking(candidate->type) || (!place && !concepts))
		return false;
	answer_refuse(answer, "DSD:ERR:0005",
				  !concepts ? "JurisdictionDetermination" :
				  !place ? "UserRequestedClassificationConcepts" :
				  "JurisdictionDetermination and UserRequestedClassificationConcepts");
	write_asked_type(answer, type);
	if (place)
		answer_copy(answer, answer_slot(answer, answer->exception, "JurisdictionDetermination", "rim:AnyValueType"), place);
	if (concepts)
		write_open_concepts(query, answer, type);
	return true;
}

/* Only those stay who speak the specification, are there and serve what was answered. */
static void
narrow(const Query *query, Candidate *candidate)
{
	const char *specification = query_value(query, "specification");
	int			kept = 0;

	for (int i = 0; i < candidate->count; i++)
	{
		Offer		offer = candidate->offers[i];
		bool		keep = query_meets(query, offer.publisher) &&
			(!specification || child_says(offer.access, "ConformsTo", specification));

		for (int j = 0; j < query->count && keep; j++)
			keep = !is_uuid(query->parameters[j].name) ||
				supports(offer.publisher, query->parameters[j].name, query->parameters[j].value);
		if (keep)
			candidate->offers[kept++] = offer;
	}
	candidate->count = kept;
}

/* In 1.0 an access service names one specification: there is one for each. */
static void
write_offer(Answer *answer, xmlNode *parent, const Offer *offer, const xmlNode *only)
{
	xmlNode    *access = answer_element(answer, parent, "AccessService", NULL);

	for (xmlNode *child = node_first(offer->access); child; child = node_next(child))
	{
		if (!node_is(child, NS_SDG, "Publisher") && (only == NULL || only == child || !node_is(child, NS_SDG, "ConformsTo")))
			answer_copy(answer, access, child);
	}
	answer_copy(answer, access, offer->publisher);
}

static void
write_offers(Answer *answer, xmlNode *parent, const Candidate *candidate)
{
	for (int i = 0; i < candidate->count; i++)
	{
		const Offer *offer = &candidate->offers[i];

		if (answer->version->bit != V1_0)
			write_offer(answer, parent, offer, NULL);
		for (xmlNode *child = node_first(offer->access); child && answer->version->bit == V1_0; child = node_next(child))
		{
			if (node_is(child, NS_SDG, "ConformsTo"))
				write_offer(answer, parent, offer, child);
		}
	}
}

/* Since 1.2 the values that anybody serves stand beside the question. */
static void
write_supported(Answer *answer, xmlNode *classification, const Candidate *candidate, const xmlNode *concept)
{
	char	   *id = node_text(node_child(concept, NS_SDG, "Identifier"));
	xmlNode    *values = NULL;

	for (int i = 0; i < candidate->count && id; i++)
	{
		for (xmlNode *child = node_first(candidate->offers[i].publisher); child; child = node_next(child))
		{
			if (!node_is(child, NS_SDG, "ClassificationConcept") || !child_says(child, "Identifier", id))
				continue;
			for (xmlNode *value = node_first(node_child(child, NS_SDG, "SupportedValue")); value; value = node_next(value))
			{
				char	   *text = node_text(value);

				if (values == NULL)
					values = answer_element(answer, classification, "SupportedValue", NULL);
				if (!child_says(values, (const char *) value->name, text))
					answer_copy(answer, values, value);
				free(text);
			}
		}
	}
	free(id);
}

/* The access services follow the distributions. */
static void
write_type(Answer *answer, const Candidate *candidate)
{
	static const char *const before[] = {"Identifier", "EvidenceTypeClassification", "Title", "Description", "DistributedAs"};
	xmlNode    *type = answer_copy_shell(answer, answer_object(answer, "DataServiceEvidenceType"), candidate->type->node);
	bool		offered = false;

	for (xmlNode *child = node_first(candidate->type->node); child; child = node_next(child))
	{
		bool		first = false;
		xmlNode    *copy;

		for (size_t i = 0; i < lengthof(before); i++)
			first = first || node_is(child, NS_SDG, before[i]);
		if (!first && !offered)
		{
			write_offers(answer, type, candidate);
			offered = true;
		}
		copy = answer_copy(answer, type, child);
		if (copy && node_is(child, NS_SDG, "EvidenceProviderClassification") && answer->version->bit >= V1_2)
			write_supported(answer, copy, candidate, child);
	}
	if (!offered)
		write_offers(answer, type, candidate);
}

static bool
is_wanted(const Query *query, const Item *item)
{
	const char *id = query_value(query, "evidence-type-id");

	return strcmp(item->kind, "DataServiceEvidenceType") == 0 &&
		child_says(item->node, "EvidenceTypeClassification", query_value(query, "evidence-type-classification")) &&
		(id == NULL || child_says(item->node, "Identifier", id));
}

/* False when the answer is complete: refused. */
static bool
answer_candidate(const Query *query, Candidate *candidate, Answer *answer)
{
	const char *wrong;

	find_offers(candidate);
	wrong = wrong_value(query, candidate);
	if (wrong)
	{
		answer_refuse(answer, "DSD:ERR:0006", wrong);
		return false;
	}
	if (ask(query, candidate, answer))
		return false;
	narrow(query, candidate);
	if (candidate->count > 0)
		write_type(answer, candidate);
	return true;
}

void
dsd_services(const Query *query, Answer *answer)
{
	Candidate  *candidate = allocate(sizeof(Candidate));
	bool		found = false;
	bool		more = true;

	candidate->publication = catalogue_find(SERVICE_DSD, query_value(query, "country-code"));
	for (int i = 0; candidate->publication && i < candidate->publication->item_count && more; i++)
	{
		candidate->type = &candidate->publication->items[i];
		if (!is_wanted(query, candidate->type))
			continue;
		found = true;
		more = answer_candidate(query, candidate, answer);
	}
	if (candidate->publication == NULL || (found && more && answer->list == NULL))
		answer_refuse(answer, "DSD:ERR:0001", "DS_NOT_FOUND");
	else if (!found)
		answer_refuse(answer, query_value(query, "evidence-type-id") ? "DSD:ERR:0006" : "DSD:ERR:0002",
					  query_value(query, "evidence-type-id") ? "evidence-type-id" : "EMPTY_RESULT");
	free(candidate);
}
