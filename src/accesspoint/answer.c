/*
 * answer.c
 *		From the result of a call to what the access point said: transport,
 *		status, MIME, envelope, fault or the answer's own element (access point
 *		§1 to §3). Namespaces are compared by URI, children of the plugin's elements
 *		have none (§1.1).
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "accesspoint/fault.h"
#include "accesspoint/media.h"
#include "accesspoint/retrieved.h"
#include "errors.h"
#include "message/moment.h"

#define MAX_STATUS		64

/* What answers, in the plugin's namespace. */
static const char *const elements[] = {
	[GATEWAY_LIST] = "listPendingMessagesResponse",
	[GATEWAY_RETRIEVE] = "retrieveMessageResponse",
	[GATEWAY_MARK] = "markMessageAsDownloadedResponse",
	[GATEWAY_STATUS] = "getStatusResponse",
	[GATEWAY_ERRORS] = "getMessageErrorsResponse",
	[GATEWAY_SUBMIT] = "submitResponse",
};

/* The call itself failed. A timeout before anything was sent is a peer that can't be reached. */
static void
transport_failed(Reading *reading, const HttpResult *result)
{
	TroubleClass class = TROUBLE_LOCAL;

	switch (result->failure)
	{
		case HTTP_UNRESOLVED:
			class = TROUBLE_UNRESOLVED;
			break;
		case HTTP_UNREACHABLE:
			class = TROUBLE_UNREACHABLE;
			break;
		case HTTP_TLS:
			class = TROUBLE_TLS;
			break;
		case HTTP_TIMEOUT:
			class = result->may_have_arrived ? TROUBLE_TIMEOUT : TROUBLE_UNREACHABLE;
			break;
		case HTTP_CUT:
			class = TROUBLE_CUT;
			break;
		case HTTP_TOO_LARGE:
			class = TROUBLE_ANSWER_TOO_LARGE;
			break;
		case HTTP_NO_MEMORY:
			class = TROUBLE_NO_MEMORY;
			break;
		case HTTP_LOCAL:
		case HTTP_ANSWERED:
			break;
	}
	reading_fails(reading, class, result->detail);
	reading->answer->outcome_unknown = operation_has_effect(reading->operation) && result->may_have_arrived;
}

/* What kind of trouble an answer is that has a status but no envelope. */
static bool
no_envelope(Reading *reading, const HttpResult *result, TroubleClass class, const char *reason)
{
	if (class == TROUBLE_UNREADABLE && result->status >= 500)
		class = TROUBLE_SERVER;
	else if (class == TROUBLE_UNREADABLE && result->status >= 400)
		class = TROUBLE_NOT_UNDERSTOOD;
	return reading_fails(reading, class,
						 reason ? psprintf("HTTP status %d: %s", result->status, reason) : psprintf("HTTP status %d", result->status));
}

/* The XML of the answer, out of MIME if it is in it; whether it is, only the Content-Type says (§2.1). */
static bool
find_xml(Reading *reading, const HttpResult *result, const char **xml, size_t *length)
{
	const MimePart *root;
	const char *reason;

	*xml = result->body;
	*length = result->length;
	if (!media_type_is(result->content_type, "multipart/related"))
		return true;
	reading->mime_parts = mime_read(result->content_type, result->body, result->length, &root, &reason);
	if (reading->mime_parts == NIL)
		return no_envelope(reading, result, TROUBLE_UNREADABLE, reason);
	reading->mime_root = root;
	*xml = root->bytes;
	*length = root->length;
	return true;
}

/* SOAP 1.1 is no plugin's, but a fault in it says what is wrong all the same. */
static bool
is_former_fault(Reading *reading, const XmlNode *root)
{
	XmlNode    *body = xml_is(root, NS_SOAP11, "Envelope") ? xml_child(root, NS_SOAP11, "Body") : NULL;

	reading->content = body ? xml_first(body) : NULL;
	return reading->content != NULL && xml_is(reading->content, NS_SOAP11, "Fault");
}

/* Parse, and find s:Header and the one element of s:Body. */
static bool
open_envelope(Reading *reading, const HttpResult *result)
{
	const char *xml;
	size_t		length;
	XmlFault	fault;
	XmlDocument *document;
	XmlNode    *body;

	if (!find_xml(reading, result, &xml, &length))
		return false;
	reading->texts = inline_take_out(xml, length);
	if (reading->texts == NULL)
		return no_envelope(reading, result, TROUBLE_ANSWER_TOO_LARGE, "its XML is too large");
	document = xml_read(reading->texts->rest.data, reading->texts->rest.len, &fault);
	if (document == NULL)
		return no_envelope(reading, result, fault.sqlstate == ERRCODE_OOTS_LIMIT ? TROUBLE_ANSWER_TOO_LARGE : TROUBLE_UNREADABLE, fault.reason);

	if (is_former_fault(reading, xml_root(document)))
		return true;
	if (!xml_is(xml_root(document), NS_SOAP, "Envelope"))
		return no_envelope(reading, result, TROUBLE_UNREADABLE, "it is no SOAP 1.2 envelope");
	reading->header = xml_child(xml_root(document), NS_SOAP, "Header");
	body = xml_child(xml_root(document), NS_SOAP, "Body");
	reading->content = body ? xml_first(body) : NULL;
	if (reading->content == NULL || xml_next(reading->content) != NULL ||
		xml_count(xml_root(document), NS_SOAP, "Body") > 1 || xml_count(xml_root(document), NS_SOAP, "Header") > 1)
		return no_envelope(reading, result, TROUBLE_UNREADABLE, "its SOAP body does not have one element");
	return true;
}

static bool
read_list(Reading *reading)
{
	for (XmlNode *node = xml_child(reading->content, "", "messageID"); node != NULL; node = xml_next_same(node, "", "messageID"))
	{
		char	   *id = xml_trimmed(node);

		if (*id != '\0')
			reading->answer->message_ids = lappend(reading->answer->message_ids, id);
	}
	return true;
}

/* messageID of the answer, which must be the one asked for. */
static bool
read_same_id(Reading *reading, char **id)
{
	XmlNode    *node = xml_child(reading->content, "", "messageID");

	*id = node ? xml_trimmed(node) : NULL;
	if (*id == NULL || **id == '\0')
		return reading_fails(reading, TROUBLE_UNREADABLE, "the answer names no message");
	if (reading->asked != NULL && strcmp(*id, reading->asked) != 0)
		return reading_fails(reading, TROUBLE_CONTENT_LOST, "the answer names another message");
	return true;
}

static bool
read_submitted(Reading *reading)
{
	reading->answer->speaks_5_2 = xml_child(reading->content, "", "messageEntityID") != NULL;
	return read_same_id(reading, &reading->answer->submitted_id);
}

/* Any word: later versions may have more than the schema's (§1.8). */
static bool
read_status(Reading *reading)
{
	char	   *status = xml_trimmed(reading->content);
	size_t		length = strlen(status);

	if (length == 0 || length > MAX_STATUS || strspn(status, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != length)
		return reading_fails(reading, TROUBLE_UNREADABLE, "the answer is no message status");
	reading->answer->status = status;
	return true;
}

static char *
item_text(const XmlNode *item, const char *local)
{
	XmlNode    *node = xml_child(item, "", local);

	return node ? reading_line(xml_trimmed(node)) : NULL;
}

/* An error with its moment, and its place to keep the order of equal moments. */
typedef struct DatedError
{
	GatewayError *error;
	TimestampTz moment;
	int			place;
} DatedError;

/* Written without zone in 5.0 and 5.1, which then is UTC (§1.9). */
static TimestampTz
error_moment(const GatewayError *error)
{
	TimestampTz moment;

	if (error->timestamp != NULL &&
		(moment_parse(error->timestamp, &moment) || moment_parse(psprintf("%sZ", error->timestamp), &moment)))
		return moment;
	return DT_NOEND;
}

/* Oldest first; where moments are equal, what the server wrote last, since it writes the newest first. */
static int
compare_errors(const void *a, const void *b)
{
	const DatedError *one = a;
	const DatedError *other = b;

	if (one->moment != other->moment)
		return one->moment < other->moment ? -1 : 1;
	return other->place - one->place;
}

static bool
read_errors(Reading *reading)
{
	int			count = xml_count(reading->content, "", "item");
	DatedError *errors = palloc(mul_size(count + 1, sizeof(DatedError)));
	int			n = 0;

	for (XmlNode *item = xml_child(reading->content, "", "item"); item != NULL; item = xml_next_same(item, "", "item"))
	{
		GatewayError *error = palloc0(sizeof(GatewayError));
		char	   *code = item_text(item, "domibusErrorCode");

		error->code = code ? fault_code(code) : NULL;
		error->role = item_text(item, "mshRole");
		error->detail = item_text(item, "errorDetail");
		error->timestamp = item_text(item, "timestamp");
		errors[n] = (DatedError) {error, error_moment(error), n};
		n++;
	}
	qsort(errors, n, sizeof(DatedError), compare_errors);
	for (int i = 0; i < n; i++)
		reading->answer->errors = lappend(reading->answer->errors, errors[i].error);
	return true;
}

/* A header block that is for us (SOAP 1.2 part 1 §2.2: no role, or one of these) and must be understood (§5.2.3). */
static bool
must_be_understood(const XmlNode *block)
{
	char	   *must = xml_attribute_trimmed(block, NS_SOAP, "mustUnderstand");
	char	   *role = xml_attribute_trimmed(block, NS_SOAP, "role");

	return must != NULL && (strcmp(must, "true") == 0 || strcmp(must, "1") == 0) &&
		(role == NULL || *role == '\0' || strcmp(role, NS_SOAP "/role/next") == 0 || strcmp(role, NS_SOAP "/role/ultimateReceiver") == 0);
}

/* The message's own header is all that is understood (§2.4). */
static bool
understands_header(const Reading *reading)
{
	for (XmlNode *block = reading->header ? xml_first(reading->header) : NULL; block != NULL; block = xml_next(block))
		if (must_be_understood(block) && !xml_is(block, NS_EB, "Messaging"))
			return false;
	return true;
}

static bool
read_content(Reading *reading)
{
	char	   *id;

	switch (reading->operation)
	{
		case GATEWAY_LIST:
			return read_list(reading);
		case GATEWAY_RETRIEVE:
			return retrieved_read(reading);
		case GATEWAY_MARK:
			return read_same_id(reading, &id);
		case GATEWAY_STATUS:
			return read_status(reading);
		case GATEWAY_ERRORS:
			return read_errors(reading);
		case GATEWAY_SUBMIT:
			return read_submitted(reading);
	}
	return false;
}

GatewayAnswer *
gateway_trouble(GatewayOperation operation, TroubleClass class, const char *detail)
{
	GatewayAnswer *answer = palloc0(sizeof(GatewayAnswer));
	Reading		reading = {.operation = operation, .answer = answer};

	reading_fails(&reading, class, detail);
	return answer;
}

GatewayAnswer *
gateway_read(GatewayOperation operation, const char *asked, const HttpResult *result)
{
	GatewayAnswer *answer = palloc0(sizeof(GatewayAnswer));
	Reading		reading = {.operation = operation, .asked = asked, .answer = answer};
	TroubleClass class;

	answer->trouble = trouble_of(TROUBLE_NONE);
	if (result->failure != HTTP_ANSWERED)
	{
		transport_failed(&reading, result);
		return answer;
	}
	class = status_trouble(result->status, result->content_type);
	if (class != TROUBLE_NONE)
	{
		no_envelope(&reading, result, class, NULL);
		/* somebody between us and the plugin counts calls, and let this one not pass */
		if (result->status == 429)
			answer->outcome_unknown = false;
		return answer;
	}
	if (!open_envelope(&reading, result))
		return answer;
	if (xml_is(reading.content, NS_SOAP, "Fault") || xml_is(reading.content, NS_SOAP11, "Fault"))
		fault_read(&reading, reading.content);
	else if (result->status != 200)
		no_envelope(&reading, result, TROUBLE_UNREADABLE, "an answer with a status of failure");
	else if (!understands_header(&reading))
		no_envelope(&reading, result, TROUBLE_UNREADABLE, "a header block must be understood, and is not");
	else if (!xml_is(reading.content, NS_WSPLUGIN, elements[operation]))
		no_envelope(&reading, result, TROUBLE_UNREADABLE, "it answers another question");
	else
		read_content(&reading);
	return answer;
}
