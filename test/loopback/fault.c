/*
 * fault.c
 *		The table of faults and their XML.
 */
#include <stdlib.h>
#include <string.h>

#include "fault.h"

typedef struct FaultText
{
	const char *name;			/* in the rules of the control interface */
	bool		sender;			/* s:Sender, else s:Receiver */
	const char *reason;
	const char *code;			/* NULL: an untyped fault, without FaultDetail */
	const char *message;
} FaultText;

#define SUBMISSION_FAILED "Message submission failed"

/* Submissions write the codes of the plugin with an underscore, all else with a colon. */
static const FaultText faults[] = {
	[FAULT_AUTH] = {"auth", false, "[DOM_002]:Authentication of the plugin user failed", NULL, NULL},
	[FAULT_AUTH_MISSING] = {"auth-missing", false, "[DOM_002]:No Authentication information in the request", NULL, NULL},
	[FAULT_AUTH_SUSPENDED] = {"auth-suspended", false, "[DOM_002]:Authentication refused: the plugin user is suspended", NULL, NULL},
	[FAULT_NOT_ALLOWED] = {"not-allowed", false, "You are not allowed to handle this message [$1]. You are authorized as [$2]", NULL, NULL},
	[FAULT_UNTYPED] = {"untyped", false, "Fault occurred while processing.", NULL, NULL},
	[FAULT_DISABLED] = {"disabled", false, "Plugin [backendWSPlugin] is not enabled for domain [default]", NULL, NULL},
	[FAULT_UNPARSABLE] = {"unparsable", true, "Error reading XMLStreamReader: $1", NULL, NULL},
	[FAULT_UNMARSHALLING] = {"unmarshalling", true, "Unmarshalling Error: $1", NULL, NULL},
	[FAULT_NOT_RECOGNIZED] = {"not-recognized", true,
	"Message part {$1}$2 was not recognized.  (Does it exist in service WSDL?)", NULL, NULL},
	[FAULT_DUPLICATE] = {"duplicate", false, SUBMISSION_FAILED, "EBMS:0004",
	"Message with id [$1] already exists. Message identifiers must be unique."},
	[FAULT_DUPLICATE_CONSTRAINT] = {"duplicate-constraint", false, SUBMISSION_FAILED, "EBMS:0004",
		"Other detail: Could not persist message [$1]. It could be that you are submitting a message with an id "
	"which already exists."},
	[FAULT_PMODE] = {"pmode", false, SUBMISSION_FAILED, "EBMS:0001",
	"ValueNotRecognized detail: No leg of the PMode has service [$1] and action [$2]"},
	[FAULT_PARTY] = {"party", false, SUBMISSION_FAILED, "EBMS:0003",
	"ValueInconsistent detail: Receiver party could not be found for the value PartyId{value='$1', type='$2'}"},
	[FAULT_SENDER_PARTY] = {"sender-party", false, SUBMISSION_FAILED, "EBMS:0003",
	"ValueInconsistent detail: Sender party could not be found for the value PartyId{value='$1', type='$2'}"},
	[FAULT_ROLE] = {"role", false, SUBMISSION_FAILED, "EBMS:0003",
	"ValueInconsistent detail: Role with value [$1] could not be found"},
	[FAULT_NOT_SENDER] = {"not-sender", false, SUBMISSION_FAILED, "EBMS:0010",
	"ProcessingModeMismatch detail: Sender party [$1] is not this access point [$2]"},
	[FAULT_PROPERTY_MISSING] = {"property-missing", false, SUBMISSION_FAILED, "EBMS:0010",
	"ProcessingModeMismatch detail: Required property missing [$1]"},
	[FAULT_PROPERTY_UNKNOWN] = {"property-unknown", false, SUBMISSION_FAILED, "EBMS:0010",
	"ProcessingModeMismatch detail: Property profiling for this exchange does not include a property named [$1]"},
	[FAULT_TOO_LONG] = {"too-long", false, SUBMISSION_FAILED, "EBMS:0003",
	"ValueInconsistent detail: [$1] is too long: over [$2] characters"},
	[FAULT_TOO_MANY] = {"too-many", false, SUBMISSION_FAILED, "EBMS:0003",
	"ValueInconsistent detail: A message may have 28 attachments, this one has [$1]"},
	[FAULT_HEADER] = {"header", false, SUBMISSION_FAILED, "EBMS:0009",
	"InvalidHeader detail: Mandatory field [$1] is not provided"},
	[FAULT_PATTERN] = {"pattern", false, SUBMISSION_FAILED, "EBMS:0009",
	"InvalidHeader detail: [$1] does not conform to the pattern [^[\\x20-\\x7E]*$]"},
	[FAULT_COMPRESSION] = {"compression", false, SUBMISSION_FAILED, "EBMS:0052",
	"BadProperties detail: The part property CompressionType must not be set by the backend"},
	[FAULT_PAYLOAD] = {"payload", false, SUBMISSION_FAILED, "WS_PLUGIN_0005", "Payloads error: $1"},
	[FAULT_PAYLOAD_EMPTY] = {"payload-empty", false, SUBMISSION_FAILED, "WS_PLUGIN_0001",
	"Generic error: payload [$1] has no value"},
	[FAULT_TOO_LARGE] = {"too-large", false, SUBMISSION_FAILED, "EBMS:0010",
		"ProcessingModeMismatch detail: Payload size [52428801] is greater than the maximum value defined [52428800] "
	"for profile [MessageProfile]"},
	[FAULT_TEXT_LIMIT] = {"text-limit", false, "Text size limit (134217728) exceeded", NULL, NULL},
	[FAULT_NOT_FOUND] = {"not-found", false, "Message not found, id [$1]", "WS_PLUGIN:0009", "No message with id [$1] found"},
	[FAULT_ALREADY_DOWNLOADED] = {"already-downloaded", false, "Message not found, id [$1]", "EBMS:0004",
	"Message with id [$1] was already downloaded"},
	[FAULT_MULTIPLE_TIMES] = {"multiple-times", false, "An attempt was made to download message [$1] multiple times",
	"WS_PLUGIN:0001", "Error retrieving message"},
	[FAULT_TWO_MESSAGES] = {"two-messages", false, "Duplicated message found, id [$1]", "WS_PLUGIN:0007",
	"Duplicated message found, id [$1]"},
	[FAULT_TWO_MESSAGES_ERRORS] = {"two-messages-errors", false, "Duplicated message found, id [$1]", "WS_PLUGIN:00010",
	"Duplicate message Id [$1] found"},
	[FAULT_INVALID] = {"invalid", false, "$1", "WS_PLUGIN:0007", "Invalid message: $1"},
};

/* Always false, so that a check can end with "return fault_set(...)". */
bool
fault_set(Fault *fault, FaultKind kind, const char *first, const char *second)
{
	fault_free(fault);
	fault->kind = kind;
	fault->first = copy_text(first ? first : "");
	fault->second = copy_text(second ? second : "");
	return false;
}

void
fault_free(Fault *fault)
{
	free(fault->first);
	free(fault->second);
	*fault = (Fault) {0};
}

FaultKind
fault_named(const char *name)
{
	for (size_t i = FAULT_NONE + 1; i < lengthof(faults); i++)
	{
		if (strcmp(faults[i].name, name) == 0)
			return i;
	}
	return FAULT_NONE;
}

FaultKind
fault_duplicate(const Personality *personality)
{
	return personality->duplicates == UNIQUE_BY_CONSTRAINT ? FAULT_DUPLICATE_CONSTRAINT : FAULT_DUPLICATE;
}

static void
write_text(Buffer *out, const char *text, const Fault *fault)
{
	Buffer		plain = {0};

	for (const char *at = text; *at; at++)
	{
		if (at[0] == '$' && (at[1] == '1' || at[1] == '2'))
			buffer_text(&plain, *++at == '1' ? fault->first : fault->second);
		else
			buffer_add(&plain, at, 1);
	}
	buffer_xml(out, plain.data);
	buffer_free(&plain);
}

void
fault_write(Buffer *out, const Fault *fault)
{
	const FaultText *text = &faults[fault->kind];

	buffer_format(out, "<soap:Fault><soap:Code><soap:Value>soap:%s</soap:Value></soap:Code><soap:Reason>"
				  "<soap:Text xml:lang=\"en\">", text->sender ? "Sender" : "Receiver");
	write_text(out, text->reason, fault);
	buffer_text(out, "</soap:Text></soap:Reason>");
	if (text->code)
	{
		buffer_format(out, "<soap:Detail><ns2:FaultDetail xmlns:ns2=\"http://eu.domibus.wsplugin/\"><code>%s</code><message>", text->code);
		write_text(out, text->message, fault);
		buffer_text(out, "</message></ns2:FaultDetail></soap:Detail>");
	}
	buffer_text(out, "</soap:Fault>");
}
