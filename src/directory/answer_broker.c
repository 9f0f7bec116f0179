/*
 * answer_broker.c
 *		Requirements as the evidence broker describes them: each with the lists of evidence
 *		types that prove it. Until 1.2 the types say where they are issued, since 2.0 the
 *		list does; both are read wherever they stand.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "directory/answering.h"

/* Countries of one list or type: more than there are. */
#define MAX_COUNTRIES	300

static bool
is_in(const List *texts, const char *text)
{
	const ListCell *cell;

	foreach(cell, texts)
		if (strcmp(lfirst(cell), text) == 0)
			return true;
	return false;
}

/* Countries of the jurisdictions of a list or type: one may have many regions. */
static List *
read_countries(AnswerReading *r, const XmlNode *node)
{
	List	   *countries = NIL;

	for (const XmlNode *child = xml_child(node, NS_SDG, "Jurisdiction"); child != NULL;
		 child = xml_next_same(child, NS_SDG, "Jurisdiction"))
	{
		const char *country = answer_value(r, child, "AdminUnitLevel1");

		CHECK_FOR_INTERRUPTS();
		if (country == NULL || is_in(countries, country))
			continue;
		/* also bounds what is compared for each jurisdiction */
		if (list_length(countries) == MAX_COUNTRIES)
		{
			answer_fault(r, "the answer has too many values");
			break;
		}
		countries = lappend(countries, (char *) country);
	}
	return countries;
}

static DirectoryEvidenceType *
read_type(AnswerReading *r, const XmlNode *node)
{
	DirectoryEvidenceType *type = palloc0(sizeof(DirectoryEvidenceType));

	type->classification = answer_value(r, node, "EvidenceTypeClassification");
	type->countries = read_countries(r, node);
	return type;
}

static DirectoryTypeList *
read_list(AnswerReading *r, const XmlNode *node)
{
	DirectoryTypeList *list = palloc0(sizeof(DirectoryTypeList));

	list->identifier = answer_value(r, node, "Identifier");
	list->match = answer_value(r, node, "MatchType");
	list->countries = read_countries(r, node);
	for (const XmlNode *child = xml_child(node, NS_SDG, "EvidenceType"); child != NULL;
		 child = xml_next_same(child, NS_SDG, "EvidenceType"))
		list->types = lappend(list->types, read_type(r, child));
	return list;
}

DirectoryRequirement *
answer_requirement(AnswerReading *r, const XmlNode *node)
{
	DirectoryRequirement *requirement = palloc0(sizeof(DirectoryRequirement));

	requirement->identifier = answer_value(r, node, "Identifier");
	for (const XmlNode *child = xml_child(node, NS_SDG, "EvidenceTypeList"); child != NULL;
		 child = xml_next_same(child, NS_SDG, "EvidenceTypeList"))
		requirement->lists = lappend(requirement->lists, read_list(r, child));
	return requirement;
}
