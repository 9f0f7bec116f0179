/*
 * eb.c
 *		The queries of the evidence broker: the requirements of a procedure, and
 *		the evidence that meets a requirement.
 */
#include <stdlib.h>
#include <string.h>

#include "query.h"

static bool
is_link(const Link *link, const char *type)
{
	return strcmp(link->type, type) == 0;
}

/* The requirement of that id in the answer, made from the source when it is not there yet. */
static xmlNode *
requirement_in(Answer *answer, const xmlNode *source)
{
	char	   *id = node_text(node_child(source, NS_SDG, "Identifier"));
	xmlNode    *found = NULL;

	for (xmlNode *object = node_first(answer->list); object && !found && id; object = node_next(object))
	{
		xmlNode    *value = node_child(node_child(object, NS_RIM, "Slot"), NS_RIM, "SlotValue");
		xmlNode    *requirement = node_child(value, NS_SDG, "Requirement");

		found = child_says(requirement, "Identifier", id) ? requirement : NULL;
	}
	free(id);
	return found ? found : answer_copy(answer, answer_object(answer, "Requirement"), source);
}

/* Procedures are named in what the framework is related to. */
static bool
is_for_procedure(const xmlNode *framework, const char *procedure)
{
	for (xmlNode *child = node_first(framework); child; child = node_next(child))
	{
		if (node_is(child, NS_SDG, "RelatedTo") && child_says(child, "Identifier", procedure))
			return true;
	}
	return procedure == NULL;
}

/* Does any published framework name the procedure? */
static bool
is_known_procedure(const char *procedure)
{
	for (const Publication *publication = catalogue_first(); publication; publication = publication->next)
	{
		for (int i = 0; i < publication->item_count; i++)
		{
			const Item *item = &publication->items[i];

			if (strcmp(item->kind, "ReferenceFramework") == 0 && is_for_procedure(item->node, procedure))
				return true;
		}
	}
	return procedure == NULL;
}

static bool
is_code(const char *code)
{
	return code == NULL || strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(code);
}

/* The refusals both queries have in common. */
static const char *
wrong_place(const Query *query, const char **detail)
{
	const char *country = query_value(query, "country-code");

	if (country && catalogue_find(SERVICE_EB, country) == NULL)
	{
		*detail = "country-code";
		return "EB:ERR:0006";
	}
	*detail = is_code(query_value(query, "jurisdiction-admin-l2")) ? "jurisdiction-admin-l3" : "jurisdiction-admin-l2";
	if (is_code(query_value(query, "jurisdiction-admin-l2")) && is_code(query_value(query, "jurisdiction-admin-l3")))
		return NULL;
	return "EB:ERR:0004";
}

static bool
is_asked(const Query *query, const Publication *publication)
{
	const char *country = query_value(query, "country-code");

	return publication->service == SERVICE_EB && (country == NULL || strcmp(country, publication->country) == 0);
}

static void
add_requirements(const Query *query, Answer *answer, const Publication *publication)
{
	for (int i = 0; i < publication->link_count; i++)
	{
		const Link *link = &publication->links[i];

		if (is_link(link, "DerivesFromReferenceFramework") && query_meets(query, link->target->node) &&
			is_for_procedure(link->target->node, query_value(query, "procedure-id")))
			answer_copy(answer, requirement_in(answer, link->source->node), link->target->node);
	}
}

void
eb_requirements(const Query *query, Answer *answer)
{
	const char *procedure = query_value(query, "procedure-id");
	const char *detail;
	const char *code = wrong_place(query, &detail);

	/* a procedure is that of a state until 2.0 */
	if (procedure && query_value(query, "country-code") == NULL && query_knows(query, V1_X))
		answer_refuse(answer, "EB:ERR:0003", "country-code");
	else if (code)
		answer_refuse(answer, code, detail);
	else if (!is_known_procedure(procedure))
		answer_refuse(answer, "EB:ERR:0005", "procedure-id");
	else
	{
		for (const Publication *publication = catalogue_first(); publication; publication = publication->next)
		{
			if (is_asked(query, publication))
				add_requirements(query, answer, publication);
		}
		if (answer->list == NULL)
			answer_refuse(answer, "EB:ERR:0001", "EMPTY_RESULT");
	}
}

/* What a part says of its place, once at the whole. */
static void
add_places(Answer *answer, xmlNode *whole, const xmlNode *part)
{
	for (xmlNode *child = node_first(part); child; child = node_next(child))
	{
		bool		there = false;
		xmlNode    *place;

		if (!node_is(child, NS_SDG, "Jurisdiction"))
			continue;
		place = answer_element(answer, whole, "Jurisdiction", NULL);
		for (xmlNode *unit = node_first(child); unit; unit = node_next(unit))
			answer_copy(answer, place, unit);
		for (xmlNode *other = node_first(whole); other && other != place && !there; other = node_next(other))
		{
			char	   *one = node_text(other);
			char	   *text = node_text(place);

			there = node_is(other, NS_SDG, "Jurisdiction") && strcmp(one, text) == 0;
			free(one);
			free(text);
		}
		if (there)
		{
			xmlUnlinkNode(place);
			xmlFreeNode(place);
		}
	}
}

/* Until 2.0 the types say where they are from, then the list does, behind them. */
static void
add_list(const Query *query, Answer *answer, xmlNode *requirement, const Publication *publication, const Item *item)
{
	xmlNode    *list = answer_copy(answer, requirement, item->node);
	bool		at_list = query_knows(query, V2_0);

	for (int pass = 0; pass < (at_list ? 2 : 1); pass++)
	{
		for (int i = 0; i < publication->link_count; i++)
		{
			const Link *link = &publication->links[i];

			if (link->source != item || !is_link(link, "ContainsEvidence") || !query_meets(query, link->target->node))
				continue;
			if (pass == 1)
				add_places(answer, list, link->target->node);
			else
			{
				xmlNode    *type = answer_copy(answer, list, link->target->node);

				if (!at_list)
					add_places(answer, type, item->node);
			}
		}
	}
	if (at_list)
		add_places(answer, list, item->node);
}

static void
add_lists(const Query *query, Answer *answer, const Publication *publication)
{
	for (int i = 0; i < publication->link_count; i++)
	{
		const Link *link = &publication->links[i];

		if (is_link(link, "FulfillsRequirement") && query_meets(query, link->source->node) &&
			child_says(link->target->node, "Identifier", query_value(query, "requirement-id")))
			add_list(query, answer, requirement_in(answer, link->target->node), publication, link->source);
	}
}

static bool
is_known_requirement(const char *id)
{
	for (const Publication *publication = catalogue_first(); publication; publication = publication->next)
	{
		for (int i = 0; i < publication->item_count; i++)
		{
			if (strcmp(publication->items[i].kind, "Requirement") == 0 &&
				child_says(publication->items[i].node, "Identifier", id))
				return true;
		}
	}
	return false;
}

void
eb_evidence_types(const Query *query, Answer *answer)
{
	const char *detail;
	const char *code = wrong_place(query, &detail);

	if (code)
		answer_refuse(answer, code, detail);
	else if (!is_known_requirement(query_value(query, "requirement-id")))
		answer_refuse(answer, "EB:ERR:0002", "requirement-id");
	else
	{
		for (const Publication *publication = catalogue_first(); publication; publication = publication->next)
		{
			if (is_asked(query, publication))
				add_lists(query, answer, publication);
		}
		if (answer->list == NULL)
			answer_refuse(answer, "EB:ERR:0001", "EMPTY_RESULT");
	}
}
