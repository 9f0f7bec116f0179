/*
 * answer.c
 *		From status, type and body to what the directory said. Directories answer 200 even
 *		when they refuse, so the body counts whatever the status is; but what no directory
 *		wrote - a page of a proxy, JSON of the infrastructure, half a document - never
 *		becomes a statement about registrations.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "accesspoint/media.h"
#include "directory/answering.h"

#define STATUS_TYPE		"urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
#define SEVERITY_INPUT	"ErrorSeverity:DSDErrorResponse:AdditionalInput"
#define SLOT_SERVICE	"DataServiceEvidenceType"
#define SLOT_REQUIREMENT	"Requirement"

/* Questions a directory may ask at a time, more than a user would answer. */
#define MAX_INPUTS		1000

/* Bytes of an exception's code, and of a detail that is a code rather than a sentence. */
#define MAX_CODE		64

static void
read_service(AnswerReading *r, const XmlNode *element, DirectoryAnswer *answer)
{
	answer->services = lappend(answer->services, answer_service(r, element));
}

static void
read_requirement(AnswerReading *r, const XmlNode *element, DirectoryAnswer *answer)
{
	answer->requirements = lappend(answer->requirements, answer_requirement(r, element));
}

/* What differs between the directories. */
struct AnswerKind
{
	const char *codes;			/* how all of its codes begin */
	const char *const refusals[6];	/* codes that find fault with the query; NULL ends them */
	bool		asks;			/* a question may come back */
	const char *object;			/* slot of each object in an answer, and the element in it */
	void		(*read) (AnswerReading *r, const XmlNode *element, DirectoryAnswer *answer);
	const char *stranger;		/* what is wrong with another object */
	const char *nothing;		/* … and with a success without objects */
};

static const AnswerKind services_kind = {
	.codes = "DSD:ERR:",
	.refusals = {"DSD:ERR:0003", "DSD:ERR:0004", "DSD:ERR:0006"},
	.asks = true,
	.object = SLOT_SERVICE,
	.read = read_service,
	.stranger = "an object is not a data service",
	.nothing = "a success has no data service"
};

static const AnswerKind broker_kind = {
	.codes = "EB:ERR:",
	.refusals = {"EB:ERR:0003", "EB:ERR:0004", "EB:ERR:0005", "EB:ERR:0006", "EB:ERR:0007"},
	.object = SLOT_REQUIREMENT,
	.read = read_requirement,
	.stranger = "an object is not a requirement",
	.nothing = "a success has no requirement"
};

static const char *const class_names[] = {
	[DIRECTORY_REGISTERED] = "registered",
	[DIRECTORY_NOT_REGISTERED] = "not registered",
	[DIRECTORY_ADDITIONAL_INPUT] = "additional input",
	[DIRECTORY_REFUSED] = "refused",
	[DIRECTORY_FAILED] = "failed",
	[DIRECTORY_UNREADABLE] = "unreadable",
};

const char *
directory_class_name(DirectoryClass class)
{
	return class_names[class];
}

static void
conclude(DirectoryAnswer *answer, DirectoryClass class, const char *reason)
{
	answer->class = class;
	answer->reason = reason;
}

static void
drop_content(DirectoryAnswer *answer)
{
	answer->services = NIL;
	answer->requirements = NIL;
	answer->inputs = NIL;
}

/* Nothing of an answer that is not understood may pass for what it says. */
static void
give_up(DirectoryAnswer *answer, const char *reason)
{
	drop_content(answer);
	conclude(answer, DIRECTORY_UNREADABLE, reason);
}

/* The rim:Slot of that name, or NULL; a second one is a fault. */
static const XmlNode *
slot_of(AnswerReading *r, const XmlNode *parent, const char *name)
{
	const XmlNode *found = NULL;

	for (const XmlNode *slot = xml_child(parent, NS_RIM, "Slot"); slot != NULL; slot = xml_next_same(slot, NS_RIM, "Slot"))
	{
		const char *this_name = xml_attribute(slot, NULL, "name");

		if (this_name == NULL || strcmp(this_name, name) != 0)
			continue;
		if (found != NULL)
			answer_fault(r, "a slot stands twice");
		found = slot;
	}
	return found;
}

/* The one rim:SlotValue of a slot, or NULL; slot may be NULL. */
static const XmlNode *
slot_value(AnswerReading *r, const XmlNode *slot)
{
	if (slot != NULL && xml_count(slot, NS_RIM, "SlotValue") != 1)
		answer_fault(r, "a slot does not have one value");
	return slot ? xml_child(slot, NS_RIM, "SlotValue") : NULL;
}

/* The one element sdg:name that a value holds, or NULL; value may be NULL. */
static const XmlNode *
held(AnswerReading *r, const XmlNode *value, const char *name)
{
	const XmlNode *element = value ? xml_child(value, NS_SDG, name) : NULL;

	if (value != NULL && (element == NULL || xml_next_same(element, NS_SDG, name) != NULL))
		answer_fault(r, "a value does not hold one element of its kind");
	return element;
}

static void
read_specification(AnswerReading *r, const XmlNode *root, DirectoryAnswer *answer)
{
	const XmlNode *value = slot_value(r, slot_of(r, root, "SpecificationIdentifier"));
	const XmlNode *text = value ? xml_child(value, NS_RIM, "Value") : NULL;

	if (text == NULL)
		return;
	answer->specification = xml_trimmed(text);
	if (strlen(answer->specification) > MAX_CODE)
	{
		answer->specification = NULL;
		answer_fault(r, "a value is too long");
	}
}

static void
read_success(AnswerReading *r, const XmlNode *root, DirectoryAnswer *answer)
{
	const XmlNode *list = xml_child(root, NS_RIM, "RegistryObjectList");

	if (xml_child(root, NS_RS, "Exception") != NULL)
		answer_fault(r, "a success has an exception");
	if (list == NULL || xml_next_same(list, NS_RIM, "RegistryObjectList") != NULL)
	{
		answer_fault(r, "a success does not have one list of objects");
		return;
	}
	for (const XmlNode *object = xml_child(list, NS_RIM, "RegistryObject"); object != NULL;
		 object = xml_next_same(object, NS_RIM, "RegistryObject"))
	{
		const XmlNode *element = held(r, slot_value(r, slot_of(r, object, r->kind->object)), r->kind->object);

		CHECK_FOR_INTERRUPTS();
		if (element == NULL)
			answer_fault(r, r->kind->stranger);
		else
			r->kind->read(r, element, answer);
	}
	/* a directory that has none says so by an exception: silence is no such statement */
	if (answer->services == NIL && answer->requirements == NIL)
		answer_fault(r, r->kind->nothing);
	conclude(answer, DIRECTORY_REGISTERED, NULL);
}

/* Text of an attribute when it is one word of the characters that codes have; NULL otherwise. */
static const char *
code_attribute(const XmlNode *node, const char *name)
{
	const char *text = xml_attribute_trimmed(node, NULL, name);
	size_t		length = text ? strlen(text) : 0;

	if (length == 0 || length > MAX_CODE ||
		strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-") != length)
		return NULL;
	return text;
}

/* Is the exception of that type of the rs namespace, whatever its prefix? */
static bool
has_type(const XmlNode *exception, const char *type)
{
	const char *written = xml_xsi_type(exception);
	const char *colon = written ? strchr(written, ':') : NULL;

	return colon != NULL && strcmp(colon + 1, type) == 0 &&
		xml_prefix_is(exception, pnstrdup(written, colon - written), NS_RS);
}

/* The severity's host changed between the lines; what comes after "codes:" did not. */
static bool
asks_for_input(const XmlNode *exception, const char *code)
{
	const char *severity = xml_attribute_trimmed(exception, NULL, "severity");
	const char *rest = severity ? strstr(severity, "codes:") : NULL;

	return (code != NULL && strcmp(code, "DSD:ERR:0005") == 0) ||
		(rest != NULL && strcmp(rest + strlen("codes:"), SEVERITY_INPUT) == 0);
}

static bool
finds_fault_with_query(const AnswerKind *kind, const char *code)
{
	for (const char *const *refusal = kind->refusals; *refusal != NULL; refusal++)
		if (strcmp(code, *refusal) == 0)
			return true;
	return false;
}

/*
 * Codes that are not known go by the type of their exception. That nothing was found
 * must be said by both, and by the directory that was asked.
 */
static DirectoryClass
class_of(const AnswerKind *kind, const XmlNode *exception)
{
	const char *code = code_attribute(exception, "code");

	if (asks_for_input(exception, code))
		return kind->asks ? DIRECTORY_ADDITIONAL_INPUT : DIRECTORY_REFUSED;
	if (code != NULL && strncmp(code, kind->codes, strlen(kind->codes)) == 0 &&
		!finds_fault_with_query(kind, code) && has_type(exception, "ObjectNotFoundExceptionType"))
		return DIRECTORY_NOT_REGISTERED;
	return DIRECTORY_REFUSED;
}

static void
add_input(AnswerReading *r, DirectoryAnswer *answer, DirectoryInput input)
{
	DirectoryInput *copy;

	if (list_length(answer->inputs) == MAX_INPUTS)
	{
		answer_fault(r, "the answer has too many values");
		return;
	}
	copy = palloc(sizeof(DirectoryInput));
	*copy = input;
	answer->inputs = lappend(answer->inputs, copy);
}

/* The concepts of a collection, one in each rim:Element. */
static void
read_concepts(AnswerReading *r, const XmlNode *collection, DirectoryAnswer *answer)
{
	for (const XmlNode *element = collection ? xml_child(collection, NS_RIM, "Element") : NULL; element != NULL;
		 element = xml_next_same(element, NS_RIM, "Element"))
	{
		const XmlNode *node = held(r, element, "EvidenceProviderClassification");
		const DirectoryConcept *concept = node ? answer_concept(r, node) : NULL;

		CHECK_FOR_INTERRUPTS();
		if (concept != NULL)
			add_input(r, answer, (DirectoryInput)
					  {
						  .kind = "concept",
						  .identifier = concept->identifier,
						  .type = concept->type,
						  .list = concept->list
					  });
	}
}

static void
read_question(AnswerReading *r, const XmlNode *exception, DirectoryAnswer *answer)
{
	const XmlNode *service = held(r, slot_value(r, slot_of(r, exception, SLOT_SERVICE)), SLOT_SERVICE);
	const XmlNode *jurisdiction = held(r, slot_value(r, slot_of(r, exception, "JurisdictionDetermination")),
									   "EvidenceProviderJurisdictionDetermination");

	if (service == NULL)
		answer_fault(r, "a question is not about a data service");
	else
		answer->services = list_make1(answer_service(r, service));
	if (jurisdiction != NULL)
		add_input(r, answer, (DirectoryInput)
				  {
					  .kind = "jurisdiction",
					  .identifier = answer_value(r, jurisdiction, "JurisdictionContextId"),
					  .level = answer_value(r, jurisdiction, "JurisdictionLevel")
				  });
	read_concepts(r, slot_value(r, slot_of(r, exception, "UserRequestedClassificationConcepts")), answer);
	if (answer->inputs == NIL)
		answer_fault(r, "a question does not ask for anything");
}

/* Of several exceptions the one that says least about registrations counts. */
static void
read_failure(AnswerReading *r, const XmlNode *root, DirectoryAnswer *answer)
{
	const XmlNode *worst = NULL;

	for (const XmlNode *exception = xml_child(root, NS_RS, "Exception"); exception != NULL;
		 exception = xml_next_same(exception, NS_RS, "Exception"))
	{
		DirectoryClass class = class_of(r->kind, exception);

		CHECK_FOR_INTERRUPTS();
		if (worst == NULL || class > answer->class)
		{
			worst = exception;
			conclude(answer, class, NULL);
		}
	}
	if (worst == NULL || xml_child(root, NS_RIM, "RegistryObjectList") != NULL)
	{
		answer_fault(r, "a failure is not told by exceptions alone");
		return;
	}
	answer->code = code_attribute(worst, "code");
	answer->message_code = code_attribute(worst, "detail");
	if (answer->class == DIRECTORY_ADDITIONAL_INPUT)
		read_question(r, worst, answer);
}

static void
read_root(const AnswerKind *kind, const XmlNode *root, DirectoryAnswer *answer)
{
	AnswerReading r = {.kind = kind};
	const char *status = xml_attribute_trimmed(root, NULL, "status");

	if (!xml_is(root, NS_QUERY, "QueryResponse"))
	{
		give_up(answer, "the body is not an answer to a query");
		return;
	}
	read_specification(&r, root, answer);
	if (status != NULL && strcmp(status, STATUS_TYPE "Success") == 0)
		read_success(&r, root, answer);
	else if (status != NULL && strcmp(status, STATUS_TYPE "Failure") == 0)
		read_failure(&r, root, answer);
	else
		answer_fault(&r, "the status is neither success nor failure");
	if (r.fault != NULL)
		give_up(answer, r.fault);
}

static void
read_body(const AnswerKind *kind, const char *body, size_t length, DirectoryAnswer *answer)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(body, length, &fault);

	if (document == NULL)
	{
		give_up(answer, fault.reason);
		return;
	}
	read_root(kind, xml_root(document), answer);
	xml_release(document);
}

/* HTTP says that it failed, and nothing in the body says otherwise. */
static void
conclude_failed(int http_status, DirectoryAnswer *answer)
{
	drop_content(answer);
	answer->retryable = http_status == 0 || http_status >= 500 || http_status == 408 || http_status == 429;
	conclude(answer, DIRECTORY_FAILED,
			 http_status == 0 ? "there was no answer" :
			 http_status >= 500 ? "the server failed" :
			 http_status >= 400 ? "the server refused the call" : "the server sent something else than an answer");
}

/*
 * May the body speak although HTTP failed? About a query that is wrong, always. That
 * nothing is registered is not believed of a server that says it is out of order, and
 * that something is, only after a call that went well.
 */
static bool
body_counts(int http_status, DirectoryClass class)
{
	switch (class)
	{
		case DIRECTORY_REFUSED:
		case DIRECTORY_ADDITIONAL_INPUT:
			return true;
		case DIRECTORY_NOT_REGISTERED:
			return http_status >= 400 && http_status < 500;
		default:
			return false;
	}
}

static void
read_answer(const AnswerKind *kind, int http_status, const char *content_type,
			const char *body, size_t length, DirectoryAnswer *answer)
{
	/* the type the directories declare, and what a relay may make of it */
	static const char *const types[] = {"application/x-ebrs+xml", "application/xml", "text/xml"};
	bool		known = false;

	memset(answer, 0, sizeof(*answer));
	for (int i = 0; i < (int) lengthof(types) && content_type != NULL; i++)
		known = known || media_type_is(content_type, types[i]);
	if (http_status == 204 || http_status == 205)	/* RFC 9110 §15.3.5: whatever comes with it is no answer */
		give_up(answer, "the status says that there is no content");
	else if (known)
		read_body(kind, body, length, answer);
	else
		give_up(answer, "the content type is not one of XML");
	if ((http_status < 200 || http_status > 299) && !body_counts(http_status, answer->class))
		conclude_failed(http_status, answer);
}

void
directory_read_answer(int http_status, const char *content_type, const char *body, size_t length,
					  DirectoryAnswer *answer)
{
	read_answer(&services_kind, http_status, content_type, body, length, answer);
}

void
directory_read_broker_answer(int http_status, const char *content_type, const char *body, size_t length,
							 DirectoryAnswer *answer)
{
	read_answer(&broker_kind, http_status, content_type, body, length, answer);
}
