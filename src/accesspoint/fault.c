/*
 * fault.c
 *		SOAP faults and HTTP statuses to classes of trouble (access point §3).
 *
 * The plugin types some of its faults by a code in FaultDetail; the others have a
 * reason only, in one language or several, so words must be looked for. A reason may
 * quote what a peer chose: a party, a recipient, a message id. What concerns the whole
 * access point is therefore read only where a sentence of the server's own begins;
 * other words concern one message, and are not looked for in the id that was asked for.
 */
#include "postgres.h"

#include "accesspoint/fault.h"
#include "accesspoint/media.h"

typedef struct Fault
{
	bool		sender;			/* s:Sender: the request is to blame */
	List	   *reasons;		/* char *, one for each language */
	char	   *code;			/* normalised; NULL when untyped */
	char	   *message;		/* "" when absent */
	char	   *words;			/* reasons and message without the id that was asked for */
} Fault;

/* An id of fewer characters can hold none of the words that are looked for, and blanked out it would only hide them. */
#define SHORTEST_WORDS	((int) strlen("multiple times"))

char *
fault_code(const char *code)
{
	char	   *normal = pnstrdup(code, 40);
	char	   *last = strrchr(normal, '_');

	/* submit checks write WS_PLUGIN_0005, all else WS_PLUGIN:0009 (§3.1) */
	if (last != NULL && last[1] != '\0' && strspn(last + 1, "0123456789") == strlen(last + 1))
		*last = ':';
	return reading_line(normal);
}

/* Does a QName, its prefix whatever the server likes, mean {ns}local? */
static bool
names(const XmlNode *node, const char *ns, const char *local)
{
	char	   *name;
	char	   *colon;

	if (node == NULL)
		return false;
	name = xml_trimmed(node);
	colon = strchr(name, ':');
	if (colon != NULL)
		*colon = '\0';
	return strcmp(colon ? colon + 1 : name, local) == 0 && xml_prefix_is(node, colon ? name : "", ns);
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

	if (length < SHORTEST_WORDS)
		return;
	for (char *p = text; (p = strstr(p, id)) != NULL; p += length)
		memset(p, ' ', length);
}

static void
take_detail(const XmlNode *detail, Fault *fault)
{
	XmlNode    *typed = detail ? xml_child(detail, NS_WSPLUGIN, "FaultDetail") : NULL;
	char	   *code = child_text(typed, "", "code");

	fault->message = child_text(typed, "", "message");
	fault->code = *code != '\0' ? fault_code(code) : NULL;
}

static void
take_apart(const XmlNode *node, Fault *fault)
{
	XmlNode    *code = xml_child(node, NS_SOAP, "Code");
	XmlNode    *reason = xml_child(node, NS_SOAP, "Reason");

	fault->sender = code != NULL && names(xml_child(code, NS_SOAP, "Value"), NS_SOAP, "Sender");
	for (XmlNode *text = reason ? xml_child(reason, NS_SOAP, "Text") : NULL; text != NULL; text = xml_next_same(text, NS_SOAP, "Text"))
		fault->reasons = lappend(fault->reasons, xml_normalized(text));
	take_detail(xml_child(node, NS_SOAP, "Detail"), fault);
}

/* The former SOAP, as something before the plugin may speak it: its children have no namespace. */
static void
take_apart_11(const XmlNode *node, Fault *fault)
{
	fault->sender = names(xml_child(node, "", "faultcode"), NS_SOAP11, "Client");
	fault->reasons = list_make1(child_text(node, "", "faultstring"));
	take_detail(xml_child(node, "", "detail"), fault);
}

static char *
joined(const List *texts)
{
	StringInfoData all;
	const ListCell *cell;

	initStringInfo(&all);
	foreach(cell, texts)
		appendStringInfo(&all, "%s%s", all.len > 0 ? " / " : "", (char *) lfirst(cell));
	return all.data;
}

/* Behind the names of Java's classes that some stacks put before a sentence, as in a.b.SomeException: sentence. */
static const char *
sentence(const char *text)
{
	for (;;)
	{
		size_t		length = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.$");

		if (text[length] != ':' || text[length + 1] != ' ' || memchr(text, '.', length) == NULL)
			return text;
		text += length + 2;
	}
}

static bool
begins(const char *text, const char *words)
{
	return strncmp(text, words, strlen(words)) == 0;
}

/* Sentences about a login, by their beginnings: "Authentication" is a word of its own there, no part of somebody's name. */
static bool
is_about_login(const char *text)
{
	static const char word[] = "Authentication";

	text = sentence(text);
	if (begins(text, "[DOM_002]") || begins(text, "DOM_002") || begins(text, "You are not allowed to handle this message"))
		return true;
	return begins(text, word) && (text[strlen(word)] == '\0' || strchr(" :.,", text[strlen(word)]) != NULL);
}

/* "The WS plugin is not enabled", "Plugin [x] is not enabled": at most two words before the plugin, at most its name behind. */
static bool
is_about_plugin(const char *text)
{
	const char *p = text = sentence(text);
	int			words = 0;

	while (words < 3)
	{
		size_t		length = strcspn(p, " ");

		if (length >= 6 && pg_strncasecmp(p + length - 6, "plugin", 6) == 0)
		{
			p += length;
			if (begins(p, " ["))
				p += strcspn(p, "]") + (strchr(p, ']') ? 1 : 0);
			return begins(p, " is not enabled");
		}
		if (p[length] == '\0')
			break;
		p += length + 1;
		words++;
	}
	return false;
}

/* In any of its languages */
static bool
any_reason(const Fault *fault, bool (*is_about) (const char *text))
{
	const ListCell *cell;

	foreach(cell, fault->reasons)
		if (is_about(lfirst(cell)))
			return true;
	return false;
}

static bool
says(const Fault *fault, const char *words)
{
	return strstr(fault->words, words) != NULL;
}

static TroubleClass
untyped_class(const Fault *fault)
{
	if (any_reason(fault, is_about_login))
		return TROUBLE_LOGIN;
	if (any_reason(fault, is_about_plugin))
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
	Fault		fault = {0};
	StringInfoData detail;

	if (xml_is(node, NS_SOAP, "Fault"))
		take_apart(node, &fault);
	else
		take_apart_11(node, &fault);
	fault.words = psprintf("%s\n%s", joined(fault.reasons), fault.message);
	blank_out(fault.words, reading->asked);
	reading->answer->fault_code = fault.code;
	initStringInfo(&detail);
	appendStringInfoString(&detail, joined(fault.reasons));
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
