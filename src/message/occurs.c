/*
 * occurs.c
 *		The table of occurrences: what the schemas and the profile allow once, on every
 *		line, and what as often as one likes (EDM §1.2 to §1.4, §5). Elements that it
 *		does not name are nobody's business: they are not read.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "message/occurs.h"

typedef enum Often
{
	OFTEN,						/* as often as one likes */
	ONCE,
	ONCE_BY_NAME,				/* once for each value of attribute name */
	ONCE_BY_SCRIPT				/* once, and once more in its original script */
} Often;

typedef struct Element
{
	const char *shown;			/* with the prefix people know; NULL ends a list */
	const char *ns;
	Often		often;
	const struct Element *inside;	/* what it may hold; NULL: nothing is said of that */
	bool		alone;			/* holds one element in all, or any number of one that may stand often */
} Element;

#define END {NULL, NULL, OFTEN, NULL, false}
#define EB(name, often, inside) {"eb:" name, NS_EB, often, inside, false}
#define SDG(name, often, inside) {"sdg:" name, NS_SDG, often, inside, false}
#define SDG_TEXT(name, often) SDG(name, often, text_only)

static const Element text_only[] = {END};	/* no element at all */

static const Element address[] = {
	SDG_TEXT("FullAddress", ONCE), SDG_TEXT("LocatorDesignator", ONCE), SDG_TEXT("PostCode", ONCE),
	SDG_TEXT("PostCityName", ONCE), SDG_TEXT("Thoroughfare", ONCE), SDG_TEXT("AdminUnitLevel1", ONCE),
	SDG_TEXT("AdminUnitLevel2", ONCE), END
};

static const Element agent[] = {
	SDG_TEXT("Identifier", ONCE), SDG_TEXT("Name", OFTEN), SDG("Address", ONCE, address),
	SDG("Jurisdiction", ONCE, NULL), SDG_TEXT("Classification", ONCE), END
};

static const Element requirement[] = {
	SDG_TEXT("Identifier", ONCE), SDG_TEXT("Name", OFTEN), SDG_TEXT("Description", OFTEN), END
};

static const Element supported_value[] = {
	SDG_TEXT("StringValue", OFTEN), SDG_TEXT("DateValue", OFTEN), SDG_TEXT("BooleanValue", OFTEN), END
};

static const Element classification[] = {
	SDG_TEXT("Identifier", ONCE), SDG_TEXT("Type", ONCE), SDG_TEXT("ValueExpression", ONCE), SDG_TEXT("Description", OFTEN),
	{"sdg:SupportedValue", NS_SDG, ONCE, supported_value, true}, END
};

static const Element distribution[] = {
	SDG_TEXT("Format", ONCE), SDG_TEXT("Language", OFTEN), SDG_TEXT("ConformsTo", ONCE), SDG_TEXT("Transformation", ONCE),
	SDG_TEXT("AssociatedDocumentRequest", OFTEN), END
};

/* how many distributions there may be differs from line to line: R-EDM-REQ-C032 */
static const Element evidence_type[] = {
	SDG_TEXT("Identifier", ONCE), SDG_TEXT("EvidenceTypeClassification", ONCE), SDG_TEXT("Title", OFTEN),
	SDG_TEXT("Description", OFTEN), SDG("DistributedAs", OFTEN, distribution), END
};

static const Element sector_attribute[] = {
	SDG_TEXT("AttributeName", ONCE), SDG_TEXT("AttributeURI", ONCE), SDG_TEXT("AttributeValue", ONCE), END
};

/* what came with 1.1 has no known limit, and is not read (EDM §1.3) */
static const Element person[] = {
	SDG_TEXT("LevelOfAssurance", ONCE), SDG_TEXT("Identifier", ONCE), SDG_TEXT("FamilyName", ONCE_BY_SCRIPT),
	SDG_TEXT("GivenName", ONCE_BY_SCRIPT), SDG_TEXT("DateOfBirth", ONCE), SDG_TEXT("BirthName", ONCE_BY_SCRIPT),
	SDG_TEXT("PlaceOfBirth", ONCE_BY_SCRIPT), SDG("CurrentAddress", ONCE, address), SDG_TEXT("Gender", ONCE),
	SDG("SectorSpecificAttribute", OFTEN, sector_attribute), END
};

static const Element legal_person[] = {
	SDG_TEXT("LevelOfAssurance", ONCE), SDG_TEXT("Identifier", OFTEN), SDG_TEXT("LegalPersonIdentifier", ONCE),
	SDG_TEXT("LegalName", ONCE_BY_SCRIPT), SDG("RegisteredAddress", ONCE, address),
	SDG("SectorSpecificAttribute", OFTEN, sector_attribute), END
};

/* the text of an international string stands in an attribute; a code is the same in every language */
static const Element value[] = {
	{"rim:LocalizedString", NS_RIM, ONCE, text_only, false}, END
};

#define IN_A_VALUE \
	SDG("Agent", ONCE, agent), SDG("Requirement", ONCE, requirement), \
	SDG("EvidenceProviderClassification", ONCE, classification), SDG("DataServiceEvidenceType", ONCE, evidence_type), \
	SDG("Person", ONCE, person), SDG("LegalPerson", ONCE, legal_person)

static const Element in_element[] = {IN_A_VALUE, END};

static const Element in_slot_value[] = {
	{"rim:Value", NS_RIM, ONCE, value, false},
	{"rim:Element", NS_RIM, OFTEN, in_element, true},
	IN_A_VALUE, END
};

static const Element in_slot[] = {
	{"rim:SlotValue", NS_RIM, ONCE, in_slot_value, true}, END
};

static const Element query[] = {
	{"rim:Slot", NS_RIM, ONCE_BY_NAME, in_slot, false}, END
};

static const Element request[] = {
	{"rim:Slot", NS_RIM, ONCE_BY_NAME, in_slot, false},
	{"query:ResponseOption", NS_QUERY, ONCE, NULL, false},
	{"query:Query", NS_QUERY, ONCE, query, false}, END
};

static const Element message_info[] = {
	EB("Timestamp", ONCE, text_only), EB("MessageId", ONCE, text_only), EB("RefToMessageId", ONCE, text_only), END
};

static const Element party[] = {
	EB("PartyId", ONCE, text_only), EB("Role", ONCE, text_only), END
};

static const Element party_info[] = {
	EB("From", ONCE, party), EB("To", ONCE, party), END
};

static const Element collaboration_info[] = {
	EB("AgreementRef", ONCE, text_only), EB("Service", ONCE, text_only), EB("Action", ONCE, text_only), EB("ConversationId", ONCE, text_only), END
};

/* how many there are, and of which names, is told by R-EDM-ebMS-018 and -019 */
static const Element message_properties[] = {
	EB("Property", OFTEN, text_only), END
};

static const Element part_properties[] = {
	EB("Property", ONCE_BY_NAME, text_only), END
};

static const Element part_info[] = {
	EB("PartProperties", ONCE, part_properties), END
};

/* R-EDM-ebMS-023 counts the parts, by kind of message */
static const Element payload_info[] = {
	EB("PartInfo", OFTEN, part_info), END
};

static const Element user_message[] = {
	EB("MessageInfo", ONCE, message_info), EB("PartyInfo", ONCE, party_info), EB("CollaborationInfo", ONCE, collaboration_info),
	EB("MessageProperties", ONCE, message_properties), EB("PayloadInfo", ONCE, payload_info), END
};

static const Element messaging[] = {
	EB("UserMessage", ONCE, user_message), END
};

static const Element roots[] = {
	{"query:QueryRequest", NS_QUERY, ONCE, request, false},
	EB("Messaging", ONCE, messaging), EB("UserMessage", ONCE, user_message), END
};

static const Element *
find(const Element *list, const XmlNode *node)
{
	const char *local = xml_local(node);
	const char *ns = xml_namespace(node);

	for (; list->shown != NULL; list++)
		if (strcmp(strchr(list->shown, ':') + 1, local) == 0 && strcmp(list->ns, ns) == 0)
			return list;
	return NULL;
}

bool
occurs_in_original_script(const XmlNode *name)
{
	char	   *mark = xml_attribute_trimmed(name, NULL, "nonLatin");

	return mark != NULL && strcmp(mark, "false") != 0 && strcmp(mark, "0") != 0;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Sorted, not compared pair by pair: how many there are is the sender's choice. */
static bool
named_alike(const XmlNode *parent, const Element *element, int count)
{
	char	  **names = palloc(count * sizeof(char *));
	int			known = 0;
	bool		alike = false;

	for (const XmlNode *child = xml_first(parent); child != NULL; child = xml_next(child))
		if (xml_is(child, element->ns, strchr(element->shown, ':') + 1))
		{
			char	   *name = xml_attribute(child, NULL, "name");

			names[known++] = name != NULL ? name : "";
		}
	qsort(names, known, sizeof(char *), compare_strings);
	for (int i = 1; i < known; i++)
		alike |= strcmp(names[i - 1], names[i]) == 0;
	pfree(names);
	return alike;
}

/* In one that holds one element in all: what is one too many, if anything is */
static const char *
not_alone(const XmlNode *parent, const Element *inside)
{
	const char *seen = NULL;
	const Element *repeated = NULL;

	for (const XmlNode *child = xml_first(parent); child != NULL; child = xml_next(child))
	{
		const Element *element = find(inside, child);
		const char *shown = element != NULL ? element->shown : "an unknown element";

		if (element != NULL && element->often == OFTEN && element == repeated)
			continue;
		if (seen != NULL)
			return shown;
		seen = shown;
		repeated = element;
	}
	return NULL;
}

#define MOST_KINDS 16

static const char *
look_inside(const XmlNode *parent, const Element *definition)
{
	const Element *inside = definition->inside;
	int			count[MOST_KINDS] = {0};
	int			original[MOST_KINDS] = {0};
	const char *fault;

	if (inside == NULL)
		return NULL;
	for (const XmlNode *child = xml_first(parent); child != NULL; child = xml_next(child))
	{
		const Element *element = find(inside, child);
		int			kind = element != NULL ? element - inside : 0;

		CHECK_FOR_INTERRUPTS();
		if (inside == text_only)
			return definition->shown;
		if (element == NULL)
			continue;
		Assert(kind < MOST_KINDS);
		if (element->often == ONCE_BY_SCRIPT && occurs_in_original_script(child))
		{
			if (++original[kind] > 1)
				return element->shown;
		}
		else if (++count[kind] > 1 && (element->often == ONCE || element->often == ONCE_BY_SCRIPT))
			return element->shown;
		fault = look_inside(child, element);
		if (fault != NULL)
			return fault;
	}
	for (int kind = 0; inside[kind].shown != NULL; kind++)
		if (inside[kind].often == ONCE_BY_NAME && count[kind] > 1 && named_alike(parent, &inside[kind], count[kind]))
			return inside[kind].shown;
	return definition->alone ? not_alone(parent, inside) : NULL;
}

const char *
occurs_too_often(const XmlNode *root)
{
	const Element *definition = find(roots, root);

	return definition != NULL ? look_inside(root, definition) : NULL;
}
