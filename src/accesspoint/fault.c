/*
 * fault.c
 *		SOAP faults and HTTP statuses to classes of trouble (access point §3).
 *
 * The plugin types some of its faults by a code in FaultDetail; the others have a
 * reason only, so words must be looked for, and not in the message id that was asked
 * for: a peer chooses it, and could write "Authentication" in it to stop everything.
 */
#include "postgres.h"

#include "accesspoint/answer.h"
#include "accesspoint/media.h"

typedef struct Fault
{
	bool		sender;			/* s:Sender: the request is to blame */
	char	   *reason;			/* "" when absent */
	char	   *code;			/* normalised; NULL when untyped */
	char	   *message;		/* "" when absent */
	char	   *words;			/* reason and message without the id that was asked for */
} Fault;

char *
fault_code(const char *code)
{
	char	   *normal = pnstrdup(code, 40);
	char	   *last = strrchr(normal, '_');

	/* submit checks write WS_PLUGIN_0005, all else WS_PLUGIN:0009 (§3.1) */
	if (last != NULL && last[1] != '\0' && strspn(last + 1, "0123456789") == strlen(last + 1))
		*last = ':';
	return one_line(normal);
}

/* s:Value is a QName, its prefix whatever the server likes */
static bool
is_sender(const XmlNode *fault)
{
	XmlNode    *code = xml_child(fault, NS_SOAP, "Code");
	XmlNode    *value = code ? xml_child(code, NS_SOAP, "Value") : NULL;
	char	   *name;
	char	   *colon;

	if (value == NULL)
		return false;
	name = xml_trimmed(value);
	colon = strchr(name, ':');
	if (colon != NULL)
		*colon = '\0';
	return strcmp(colon ? colon + 1 : name, "Sender") == 0 && xml_prefix_is(value, colon ? name : "", NS_SOAP);
}

static char *
child_text(const XmlNode *parent, const char *ns, const char *local)
{
	XmlNode    *child = parent ? xml_child(parent, ns, local) : NULL;

	return child ? xml_normalized(child) : pstrdup("");
}

/* Overwrite id wherever it stands in text. */
static void
blank_out(char *text, const char *id)
{
	size_t		length = id ? strlen(id) : 0;

	if (length == 0)
		return;
	for (char *p = text; (p = strstr(p, id)) != NULL; p += length)
		memset(p, ' ', length);
}

static void
take_apart(const XmlNode *node, const char *asked, Fault *fault)
{
	XmlNode    *detail = xml_child(node, NS_SOAP, "Detail");
	XmlNode    *typed = detail ? xml_child(detail, NS_WSPLUGIN, "FaultDetail") : NULL;
	char	   *code = child_text(typed, "", "code");

	fault->sender = is_sender(node);
	fault->reason = child_text(xml_child(node, NS_SOAP, "Reason"), NS_SOAP, "Text");
	fault->message = child_text(typed, "", "message");
	fault->code = *code != '\0' ? fault_code(code) : NULL;
	fault->words = psprintf("%s\n%s", fault->reason, fault->message);
	blank_out(fault->words, asked);
}

static bool
says(const Fault *fault, const char *words)
{
	return strstr(fault->words, words) != NULL;
}

static TroubleClass
untyped_class(const Fault *fault)
{
	if (says(fault, "DOM_002") || says(fault, "Authentication") || says(fault, "You are not allowed to handle this message"))
		return TROUBLE_LOGIN;
	if (says(fault, "is not enabled"))
		return TROUBLE_UNAVAILABLE;
	if (fault->sender || says(fault, "Unmarshalling Error") || says(fault, "was not recognized"))
		return TROUBLE_NOT_UNDERSTOOD;
	return TROUBLE_SERVER;
}

/* Codes of a refused submission that will be refused again (§3.2). */
static TroubleClass
refused_class(const char *code)
{
	static const char *const permanent[] = {
		"EBMS:0001", "EBMS:0003", "EBMS:0009", "EBMS:0010", "EBMS:0052", "EBMS:0303",
		"WS_PLUGIN:0001", "WS_PLUGIN:0005", "WS_PLUGIN:0007"
	};

	for (int i = 0; i < lengthof(permanent); i++)
		if (strcmp(code, permanent[i]) == 0)
			return TROUBLE_REJECTED;
	return TROUBLE_SERVER;
}

static TroubleClass
typed_class(GatewayOperation operation, const Fault *fault)
{
	if (strcmp(fault->code, "WS_PLUGIN:0009") == 0)
		return TROUBLE_MESSAGE_UNKNOWN;
	if (strcmp(fault->code, "WS_PLUGIN:0002") == 0)
		return TROUBLE_LOGIN;
	if (operation == GATEWAY_SUBMIT)
	{
		/* the code also stands for configuration errors: the status tells them apart (§5.3) */
		if (strcmp(fault->code, "EBMS:0004") == 0)
			return TROUBLE_DUPLICATE;
		if (strcmp(fault->code, "EBMS:0010") == 0 && says(fault, "greater than the maximum value"))
			return TROUBLE_MESSAGE_TOO_LARGE;
		return refused_class(fault->code);
	}
	if (strcmp(fault->code, "EBMS:0004") == 0 && says(fault, "already downloaded"))
		return TROUBLE_ALREADY_DOWNLOADED;
	/* an id that is no id; two messages of one id where no role was named (§1.8, §1.9) */
	if (strcmp(fault->code, "WS_PLUGIN:0007") == 0 || strcmp(fault->code, "WS_PLUGIN:00010") == 0)
		return TROUBLE_NOT_UNDERSTOOD;
	return TROUBLE_SERVER;
}

static TroubleClass
class_of(GatewayOperation operation, const Fault *fault)
{
	if (says(fault, "Text size limit"))
		return TROUBLE_MESSAGE_TOO_LARGE;
	if (operation == GATEWAY_RETRIEVE && says(fault, "multiple times"))
		return TROUBLE_BUSY;
	return fault->code ? typed_class(operation, fault) : untyped_class(fault);
}

void
fault_read(Reading *reading, const XmlNode *node)
{
	Fault		fault;
	StringInfoData detail;

	take_apart(node, reading->asked, &fault);
	reading->answer->fault_code = fault.code;
	initStringInfo(&detail);
	appendStringInfoString(&detail, fault.reason);
	if (fault.code != NULL)
		appendStringInfo(&detail, " (%s)", fault.code);
	if (*fault.message != '\0')
		appendStringInfo(&detail, " %s", fault.message);
	reading_fails(reading, class_of(reading->operation, &fault), detail.data);
	/* a plugin that is switched off did nothing */
	if (reading->answer->trouble->class == TROUBLE_UNAVAILABLE)
		reading->answer->outcome_unknown = false;
}

TroubleClass
status_trouble(int status, const char *content_type)
{
	switch (status)
	{
		case 401:
		case 403:
		case 407:
			return TROUBLE_LOGIN;
		case 413:
			return TROUBLE_MESSAGE_TOO_LARGE;
		case 404:
		case 405:
		case 410:
			return TROUBLE_WRONG_ADDRESS;
		case 429:
		case 502:
		case 503:
		case 504:
			return TROUBLE_UNAVAILABLE;
	}
	if (status >= 300 && status < 400)
		return TROUBLE_WRONG_ADDRESS;
	if (media_type_is(content_type, "text/html"))
		return status >= 500 ? TROUBLE_SERVER : TROUBLE_WRONG_ADDRESS;
	return TROUBLE_NONE;
}
