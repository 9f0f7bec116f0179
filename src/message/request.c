/*
 * request.c
 *		Read an evidence request (EDM §1.4) by namespace and slot name, never by
 *		prefix or position; strip white space round every value (EDM §0).
 */
#include "postgres.h"

#include "message/occurs.h"
#include "message/request.h"
#include "xml/read.h"

static char *
not_blank(char *text)
{
	return (text != NULL && text[0] != '\0') ? text : NULL;
}

static char *
child_text(const XmlNode *parent, const char *ns, const char *local)
{
	XmlNode    *child = parent ? xml_child(parent, ns, local) : NULL;

	return child ? not_blank(xml_trimmed(child)) : NULL;
}

static char *
sdg_text(const XmlNode *parent, const char *local)
{
	return child_text(parent, NS_SDG, local);
}

/* The Latin form: one in the original script may stand beside it (EDM, v1.1), and is taken where it stands alone. */
static char *
name_text(const XmlNode *parent, const char *local)
{
	XmlNode    *first = xml_child(parent, NS_SDG, local);
	XmlNode    *name = first;

	while (name != NULL && occurs_in_original_script(name))
		name = xml_next_same(name, NS_SDG, local);
	if (name == NULL)
		name = first;
	return name ? not_blank(xml_trimmed(name)) : NULL;
}

/* rim:Slot[@name]; NULL when absent */
static XmlNode *
slot_of(const XmlNode *parent, const char *name)
{
	XmlNode    *slot = parent ? xml_child(parent, NS_RIM, "Slot") : NULL;

	for (; slot != NULL; slot = xml_next_same(slot, NS_RIM, "Slot"))
	{
		char	   *found = xml_attribute(slot, NULL, "name");
		bool		wanted = found != NULL && strcmp(found, name) == 0;

		/* a dozen slots are looked for, and all names are read for each */
		if (found != NULL)
			pfree(found);
		if (wanted)
			return slot;
	}
	return NULL;
}

/* rim:Slot[@name]/rim:SlotValue below parent; NULL when absent */
static XmlNode *
slot_value(const XmlNode *parent, const char *name)
{
	XmlNode    *slot = slot_of(parent, name);

	return slot ? xml_child(slot, NS_RIM, "SlotValue") : NULL;
}

static char *
slot_text(const XmlNode *parent, const char *name)
{
	return child_text(slot_value(parent, name), NS_RIM, "Value");
}

/* Procedure: 1.x LocalizedString/@value, 2.0 plain rim:Value (EDM §1.4.2) */
static char *
read_procedure(const XmlNode *root, EdmLine line)
{
	XmlNode    *slot = slot_value(root, "Procedure");
	XmlNode    *value = slot ? xml_child(slot, NS_RIM, "Value") : NULL;
	XmlNode    *localized = value ? xml_child(value, NS_RIM, "LocalizedString") : NULL;

	if (localized != NULL && (line == EDM_NONE || !line_traits(line)->procedure_is_string))
		return not_blank(xml_attribute_trimmed(localized, NULL, "value"));
	return value ? not_blank(xml_trimmed(value)) : NULL;
}

static LocalText *
local_text(char *language, char *text)
{
	LocalText  *result = palloc(sizeof(LocalText));

	result->language = language;
	result->text = text;
	return result;
}

static List *
read_texts(const XmlNode *parent, const char *local)
{
	List	   *result = NIL;

	for (XmlNode *node = xml_child(parent, NS_SDG, local); node; node = xml_next_same(node, NS_SDG, local))
		result = lappend(result, local_text(xml_attribute_trimmed(node, NULL, "lang"), xml_trimmed(node)));
	return result;
}

static Agent *
read_agent(const XmlNode *node)
{
	Agent	   *agent = palloc0(sizeof(Agent));
	XmlNode    *identifier = xml_child(node, NS_SDG, "Identifier");
	XmlNode    *address = xml_child(node, NS_SDG, "Address");

	if (identifier != NULL)
	{
		agent->scheme = not_blank(xml_attribute_trimmed(identifier, NULL, "schemeID"));
		agent->identifier = not_blank(xml_trimmed(identifier));
	}
	agent->names = read_texts(node, "Name");
	agent->country = sdg_text(address, "AdminUnitLevel1");
	agent->nuts = sdg_text(address, "AdminUnitLevel2");
	agent->classification = sdg_text(node, "Classification");
	return agent;
}

/* The slot's collection of agents; the requester is the only one classified ER (C074). */
static void
read_requesters(Request *request, const XmlNode *root)
{
	XmlNode    *value = slot_value(root, "EvidenceRequester");
	XmlNode    *element = value ? xml_child(value, NS_RIM, "Element") : NULL;
	int			count = 0;

	for (; element; element = xml_next_same(element, NS_RIM, "Element"))
	{
		XmlNode    *node = xml_child(element, NS_SDG, "Agent");
		Agent	   *agent;

		if (node == NULL)
			continue;
		agent = read_agent(node);
		request->requesters = lappend(request->requesters, agent);
		if (agent->classification == NULL)
			continue;
		if (strcmp(agent->classification, "ER") == 0 && count++ == 0)
			request->requester = agent;
		if (strcmp(agent->classification, "IP") == 0 && request->platform == NULL)
			request->platform = agent;
	}
	if (count != 1)
		request->requester = NULL;
}

static void
read_sector_attributes(Subject *subject, const XmlNode *node)
{
	XmlNode    *attribute = xml_child(node, NS_SDG, "SectorSpecificAttribute");

	for (; attribute; attribute = xml_next_same(attribute, NS_SDG, "SectorSpecificAttribute"))
		subject->sector_attributes = lappend(subject->sector_attributes,
											 local_text(sdg_text(attribute, "AttributeName"),
														sdg_text(attribute, "AttributeValue")));
}

static Subject *
read_person(const XmlNode *node)
{
	Subject    *subject = palloc0(sizeof(Subject));
	XmlNode    *identifier = xml_child(node, NS_SDG, "Identifier");

	subject->level_of_assurance = sdg_text(node, "LevelOfAssurance");
	if (identifier != NULL)
	{
		subject->scheme = not_blank(xml_attribute_trimmed(identifier, NULL, "schemeID"));
		subject->identifier = not_blank(xml_trimmed(identifier));
	}
	subject->family_name = name_text(node, "FamilyName");
	subject->given_name = name_text(node, "GivenName");
	subject->date_of_birth = sdg_text(node, "DateOfBirth");
	subject->birth_name = name_text(node, "BirthName");
	subject->place_of_birth = name_text(node, "PlaceOfBirth");
	read_sector_attributes(subject, node);
	return subject;
}

static Subject *
read_legal_person(const XmlNode *node)
{
	Subject    *subject = palloc0(sizeof(Subject));
	XmlNode    *identifier = xml_child(node, NS_SDG, "LegalPersonIdentifier");

	subject->is_legal = true;
	subject->level_of_assurance = sdg_text(node, "LevelOfAssurance");
	if (identifier != NULL)
	{
		subject->scheme = not_blank(xml_attribute_trimmed(identifier, NULL, "schemeID"));
		subject->identifier = not_blank(xml_trimmed(identifier));
	}
	for (XmlNode *other = xml_child(node, NS_SDG, "Identifier"); other; other = xml_next_same(other, NS_SDG, "Identifier"))
		subject->legal_identifiers = lappend(subject->legal_identifiers,
											 local_text(xml_attribute_trimmed(other, NULL, "schemeID"),
														not_blank(xml_trimmed(other))));
	subject->legal_name = name_text(node, "LegalName");
	read_sector_attributes(subject, node);
	return subject;
}

static Subject *
read_subject(const XmlNode *query, const char *natural_slot, const char *legal_slot)
{
	XmlNode    *value = slot_value(query, natural_slot);
	XmlNode    *node = value ? xml_child(value, NS_SDG, "Person") : NULL;

	if (node != NULL)
		return read_person(node);
	value = slot_value(query, legal_slot);
	node = value ? xml_child(value, NS_SDG, "LegalPerson") : NULL;
	return node ? read_legal_person(node) : NULL;
}

static Wanted *
read_wanted(const XmlNode *node)
{
	Wanted	   *wanted = palloc0(sizeof(Wanted));
	XmlNode    *child;

	wanted->format = sdg_text(node, "Format");
	wanted->conforms_to = sdg_text(node, "ConformsTo");
	wanted->transformation = sdg_text(node, "Transformation");
	for (child = xml_child(node, NS_SDG, "Language"); child; child = xml_next_same(child, NS_SDG, "Language"))
		wanted->languages = lappend(wanted->languages, xml_trimmed(child));
	for (child = xml_child(node, NS_SDG, "AssociatedDocumentRequest"); child;
		 child = xml_next_same(child, NS_SDG, "AssociatedDocumentRequest"))
	{
		wanted->wants_readable |= strcmp(xml_trimmed(child), "HumanReadableVersion") == 0;
		wanted->wants_translation |= strcmp(xml_trimmed(child), "Translation") == 0;
	}
	return wanted;
}

static void
read_evidence_request(Request *request, const XmlNode *query)
{
	XmlNode    *value = slot_value(query, "EvidenceRequest");
	XmlNode    *node = value ? xml_child(value, NS_SDG, "DataServiceEvidenceType") : NULL;

	if (node == NULL)
		return;
	request->data_service = sdg_text(node, "Identifier");
	request->classification = sdg_text(node, "EvidenceTypeClassification");
	request->titles = read_texts(node, "Title");
	for (XmlNode *as = xml_child(node, NS_SDG, "DistributedAs"); as; as = xml_next_same(as, NS_SDG, "DistributedAs"))
		request->wanted = lappend(request->wanted, read_wanted(as));
}

static void
read_requirements(Request *request, const XmlNode *root)
{
	XmlNode    *value = slot_value(root, "Requirements");
	XmlNode    *element = value ? xml_child(value, NS_RIM, "Element") : NULL;

	for (; element; element = xml_next_same(element, NS_RIM, "Element"))
	{
		char	   *identifier = sdg_text(xml_child(element, NS_SDG, "Requirement"), "Identifier");

		if (identifier != NULL)
			request->requirements = lappend(request->requirements, identifier);
	}
}

/* The user's answers to questions of the directory (EDM §1.4.5) */
static void
read_classification_values(Request *request, const XmlNode *root)
{
	XmlNode    *value = slot_value(root, "EvidenceProviderClassification");
	XmlNode    *element = value ? xml_child(value, NS_RIM, "Element") : NULL;

	for (; element; element = xml_next_same(element, NS_RIM, "Element"))
	{
		XmlNode    *concept = xml_child(element, NS_SDG, "EvidenceProviderClassification");
		XmlNode    *supported = concept ? xml_child(concept, NS_SDG, "SupportedValue") : NULL;

		if (supported != NULL)
			request->classification_values = lappend(request->classification_values,
													 local_text(sdg_text(concept, "Identifier"),
																xml_trimmed(supported)));
	}
}

static bool
has_misplaced_slot(const XmlNode *root)
{
	static const char *const of_query[] = {
		"EvidenceRequest", "NaturalPerson", "LegalPerson", "AuthorizedRepresentative", "AuthorizedRepresentativeLegalPerson"
	};

	for (int i = 0; i < (int) lengthof(of_query); i++)
		if (slot_of(root, of_query[i]) != NULL)
			return true;
	return false;
}

Request *
request_read(const XmlNode *root)
{
	Request    *request = palloc0(sizeof(Request));
	XmlNode    *query = xml_child(root, NS_QUERY, "Query");
	XmlNode    *option = xml_child(root, NS_QUERY, "ResponseOption");
	XmlNode    *provider = slot_value(root, "EvidenceProvider");

	request->specification = slot_text(root, "SpecificationIdentifier");
	request->line = line_from_identifier(request->specification);
	request->id = not_blank(xml_attribute_trimmed(root, NULL, "id"));
	request->language = not_blank(xml_attribute_trimmed(root, NS_XML, "lang"));
	request->return_type = option ? xml_attribute(option, NULL, "returnType") : NULL;
	request->issue_time = slot_text(root, "IssueDateTime");
	request->procedure = read_procedure(root, request->line);
	request->preview_location = slot_text(root, "PreviewLocation");
	request->return_location = slot_text(root, "ReturnLocation");
	request->possibility_for_preview = slot_text(root, "PossibilityForPreview");
	request->explicit_request_given = slot_text(root, "ExplicitRequestGiven");
	read_requirements(request, root);
	read_requesters(request, root);
	if (provider != NULL && (provider = xml_child(provider, NS_SDG, "Agent")) != NULL)
		request->provider = read_agent(provider);
	read_classification_values(request, root);
	request->misplaced = has_misplaced_slot(root);
	if (query != NULL)
	{
		read_evidence_request(request, query);
		request->subject = read_subject(query, "NaturalPerson", "LegalPerson");
		request->representative = read_subject(query, "AuthorizedRepresentative",
											   "AuthorizedRepresentativeLegalPerson");
		request->represented = slot_of(query, "AuthorizedRepresentative") != NULL ||
			slot_of(query, "AuthorizedRepresentativeLegalPerson") != NULL;
	}
	return request;
}

List *
request_powers(const Request *request)
{
	List	   *powers = NIL;
	ListCell   *cell;

	if (request->representative == NULL)
		return NIL;
	foreach(cell, request->representative->sector_attributes)
	{
		const LocalText *attribute = lfirst(cell);

		if (attribute->language != NULL && attribute->text != NULL &&
			strcmp(attribute->language, "PowerOfRepresentationScope") == 0)
			powers = lappend(powers, attribute->text);
	}
	return powers;
}

bool
request_boolean(const char *text, bool *value)
{
	if (text == NULL)
		return false;
	if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
		*value = true;
	else if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
		*value = false;
	else
		return false;
	return true;
}
