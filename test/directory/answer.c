/*
 * answer.c
 *		Write answers.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"

#define TEXT(string) ((const xmlChar *) (string))
#define STATUS "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
#define ERROR_SEVERITY "urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"
#define INPUT_SEVERITY "urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput"
#define OLD_INPUT_SEVERITY "urn:sr.oots.tech.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput"

static const struct
{
	const char *code;
	const char *type;
	const char *message;
}			refusals[] = {
	{"DSD:ERR:0001", "rs:ObjectNotFoundExceptionType", "No Data Services were found based on the given parameters"},
	{"DSD:ERR:0002", "rs:ObjectNotFoundExceptionType", "The Evidence Type requested cannot be found"},
	{"DSD:ERR:0003", "rs:InvalidRequestExceptionType", "The query parameters do not follow the query specification"},
	{"DSD:ERR:0004", "rs:InvalidRequestExceptionType", "The requested Query does not exist"},
	{"DSD:ERR:0005", "rs:ObjectNotFoundExceptionType",
	"The query requires the included extra attributes to be provided by the user"},
	{"DSD:ERR:0006", "rs:InvalidRequestExceptionType", "Incorrect provided value for requested parameters"},
	{"EB:ERR:0001", "rs:ObjectNotFoundExceptionType", "The result set is empty"},
	{"EB:ERR:0002", "rs:ObjectNotFoundExceptionType",
	"The requirement requested, represented by the requirement id, does not exist"},
	{"EB:ERR:0003", "rs:InvalidRequestExceptionType", "The query parameters do not follow the query specification"},
	{"EB:ERR:0004", "rs:InvalidRequestExceptionType", "The jurisdiction level code query parameter is invalid or unknown"},
	{"EB:ERR:0005", "rs:InvalidRequestExceptionType", "The value of the procedure-id query parameter is invalid or unknown"},
	{"EB:ERR:0006", "rs:InvalidRequestExceptionType",
	"The value of the procedure implementation country query parameter is invalid or unknown"},
	{"EB:ERR:0007", "rs:InvalidRequestExceptionType", "The requested Query does not exist"},
};

/* Elements some versions do not have at that place; the parent NULL: at no place. */
static const struct
{
	const char *parent;
	const char *name;
	unsigned int missing;
}			gaps[] = {
	{"AccessService", "Name", V1_0},
	{"Publisher", "Description", V1_0},
	{"Requirement", "Description", V1_0},
	{NULL, "Note", V1_0},
	{NULL, "Language", V1_X},
	{NULL, "Transformation", V2_0},
	{NULL, "EvidenceProviderJurisdictionDetermination", V2_0},
	{"Jurisdiction", "AdminUnitLevel2", V2_0},
	{"Jurisdiction", "AdminUnitLevel3", V2_0},
	{NULL, "AdditionalJurisdictionClassification", V1_X},
	{NULL, "ClassificationConcept", V1_2 | V2_0},
	{"EvidenceProviderClassification", "SupportedValue", ALL_VERSIONS},	/* added where it belongs */
	{NULL, "MatchType", V1_X},
	{NULL, "MatchDescription", V1_X},
	{"EvidenceType", "Jurisdiction", V2_0},	/* moved */
	{"EvidenceTypeList", "Jurisdiction", ALL_VERSIONS},	/* moved, or behind what it stands before */
};

static char *environment;

void
answer_set_environment(const char *name)
{
	free(environment);
	environment = copy_text(name);
}

void
answer_begin(Answer *answer, const Version *version)
{
	xmlNs	   *query;

	*answer = (Answer) {.version = version ? version : version_oldest(), .doc = xmlNewDoc(TEXT("1.0"))};
	answer->root = xmlNewDocNode(answer->doc, NULL, TEXT("QueryResponse"), NULL);
	xmlDocSetRootElement(answer->doc, answer->root);
	query = xmlNewNs(answer->root, TEXT(NS_QUERY), TEXT("query"));
	answer->rim = xmlNewNs(answer->root, TEXT(NS_RIM), TEXT("rim"));
	answer->rs = xmlNewNs(answer->root, TEXT(NS_RS), TEXT("rs"));
	answer->xsi = xmlNewNs(answer->root, TEXT(NS_XSI), TEXT("xsi"));
	answer->sdg = xmlNewNs(answer->root, TEXT(NS_SDG), TEXT("sdg"));
	xmlSetNs(answer->root, query);
	xmlNewProp(answer->root, TEXT("status"), TEXT(STATUS "Success"));
	if (version && version->bit != V1_0)
		xmlNewTextChild(answer_slot(answer, answer->root, "SpecificationIdentifier", "rim:StringValueType"),
						answer->rim, TEXT("Value"), TEXT(version->name));
}

void
answer_render(Answer *answer, Buffer *out)
{
	xmlChar    *text;
	int			len;

	xmlDocDumpFormatMemoryEnc(answer->doc, &text, &len, "UTF-8", 1);
	if (text == NULL)
		fatal("could not write an answer");
	buffer_add(out, text, len);
	xmlFree(text);
}

void
answer_free(Answer *answer)
{
	xmlFreeDoc(answer->doc);
	*answer = (Answer) {0};
}

xmlNode *
answer_slot(Answer *answer, xmlNode *parent, const char *name, const char *type)
{
	xmlNode    *slot = xmlNewChild(parent, answer->rim, TEXT("Slot"), NULL);
	xmlNode    *value = xmlNewChild(slot, answer->rim, TEXT("SlotValue"), NULL);

	xmlNewProp(slot, TEXT("name"), TEXT(name));
	xmlNewNsProp(value, answer->xsi, TEXT("type"), TEXT(type));
	return value;
}

xmlNode *
answer_object(Answer *answer, const char *slot)
{
	xmlNode    *object;
	char		uuid[37];
	char	   *id;

	if (answer->list == NULL)
		answer->list = xmlNewChild(answer->root, answer->rim, TEXT("RegistryObjectList"), NULL);
	object = xmlNewChild(answer->list, answer->rim, TEXT("RegistryObject"), NULL);
	random_uuid(uuid);
	id = format_text("urn:uuid:%s", uuid);
	xmlNewProp(object, TEXT("id"), TEXT(id));
	free(id);
	return answer_slot(answer, object, slot, "rim:AnyValueType");
}

void
answer_refuse(Answer *answer, const char *code, const char *detail)
{
	size_t		i = 0;
	bool		input = strcmp(code, "DSD:ERR:0005") == 0;
	xmlNode    *exception = xmlNewChild(answer->root, answer->rs, TEXT("Exception"), NULL);

	if (answer->list)
	{
		xmlUnlinkNode(answer->list);
		xmlFreeNode(answer->list);
		answer->list = NULL;
	}
	while (strcmp(refusals[i].code, code) != 0)
		i++;
	xmlSetProp(answer->root, TEXT("status"), TEXT(STATUS "Failure"));
	xmlNewNsProp(exception, answer->xsi, TEXT("type"), TEXT(refusals[i].type));
	xmlNewProp(exception, TEXT("severity"),
			   TEXT(!input ? ERROR_SEVERITY : answer->version->bit == V1_0 ? OLD_INPUT_SEVERITY : INPUT_SEVERITY));
	xmlNewProp(exception, TEXT("message"), TEXT(refusals[i].message));
	xmlNewProp(exception, TEXT("detail"), TEXT(detail));
	xmlNewProp(exception, TEXT("code"), TEXT(code));
	answer->exception = exception;
}

/* The acceptance environment names itself in the host, but to callers of 2.0 only. */
static char *
address_for(const Answer *answer, const char *text)
{
	const char *rest = address_rest(text);

	if (rest && answer->version->bit != V2_0)
		return format_text("https://sr.%s", rest);
	if (rest && environment)
		return format_text("https://sr.%s.%s", environment, rest);
	return copy_text(text);
}

xmlNode *
answer_element(Answer *answer, xmlNode *parent, const char *name, const char *text)
{
	char	   *shown = text ? address_for(answer, text) : NULL;
	xmlNode    *node = xmlNewTextChild(parent, answer->sdg, TEXT(name), shown ? TEXT(shown) : NULL);

	free(shown);
	return node;
}

static bool
is_gap(const Answer *answer, const xmlNode *source)
{
	const char *parent = (const char *) source->parent->name;

	for (size_t i = 0; i < lengthof(gaps); i++)
	{
		if (strcmp((const char *) source->name, gaps[i].name) == 0 &&
			(gaps[i].parent == NULL || strcmp(parent, gaps[i].parent) == 0))
			return (gaps[i].missing & answer->version->bit) != 0;
	}
	return false;
}

xmlNode *
answer_copy_shell(Answer *answer, xmlNode *parent, const xmlNode *source)
{
	xmlNode    *copy;

	if (is_gap(answer, source))
		return NULL;
	copy = answer_element(answer, parent, (const char *) source->name, NULL);
	for (const xmlAttr *attribute = source->properties; attribute; attribute = attribute->next)
	{
		char	   *value = node_attribute(source, (const char *) attribute->name);
		char	   *shown = value ? address_for(answer, value) : NULL;

		if (shown)
			xmlNewProp(copy, attribute->name, TEXT(shown));
		free(shown);
		free(value);
	}
	return copy;
}

xmlNode *
answer_copy(Answer *answer, xmlNode *parent, const xmlNode *source)
{
	xmlNode    *copy = answer_copy_shell(answer, parent, source);

	if (copy && node_first(source) == NULL)
	{
		char	   *text = node_text(source);
		char	   *shown = address_for(answer, text);

		/* types of concepts: old data have capitals, which 2.0 does not know */
		for (char *c = shown; *c && node_is(source, NS_SDG, "Type") && answer->version->bit == V2_0; c++)
			*c = tolower((unsigned char) *c);

		xmlAddChild(copy, xmlNewDocText(answer->doc, TEXT(shown)));
		free(shown);
		free(text);
	}
	for (xmlNode *child = copy ? node_first(source) : NULL; child; child = node_next(child))
		answer_copy(answer, copy, child);
	return copy;
}
