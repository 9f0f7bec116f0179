/*
 * rules.c
 *		Which tables judge which kind of message, and by which line: a message and
 *		its header from parsed to judged.
 */
#include "postgres.h"

#include "message/rule_shared.h"
#include "message/rules.h"
#include "settings.h"

#define STATUS "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"

MessageKind
message_kind(const XmlNode *root)
{
	char	   *status;

	if (root == NULL)
		return MESSAGE_OTHER;
	if (xml_is(root, NS_QUERY, "QueryRequest"))
		return MESSAGE_REQUEST;
	if (!xml_is(root, NS_QUERY, "QueryResponse"))
		return MESSAGE_OTHER;
	if (xml_child(root, NS_RS, "Exception") != NULL)
		return MESSAGE_ERROR;
	/* an absent or unknown status is a fault of a response (RESP-S005, -S006) */
	status = xml_attribute(root, NULL, "status");
	return status != NULL && strcmp(status, STATUS "Failure") == 0 ? MESSAGE_ERROR : MESSAGE_RESPONSE;
}

/* Without a body, the action tells what the header belongs to (EDM §5). */
static MessageKind
header_kind(const Header *header)
{
	if (header->action == NULL)
		return MESSAGE_OTHER;
	if (strcmp(header->action, "ExecuteQueryRequest") == 0)
		return MESSAGE_REQUEST;
	if (strcmp(header->action, "ExecuteQueryResponse") == 0)
		return MESSAGE_RESPONSE;
	if (strcmp(header->action, "ExceptionResponse") == 0)
		return MESSAGE_ERROR;
	return MESSAGE_OTHER;
}

const char *
message_specification(const XmlNode *root)
{
	XmlNode    *slot = root ? xml_child(root, NS_RIM, "Slot") : NULL;

	for (; slot != NULL; slot = xml_next_same(slot, NS_RIM, "Slot"))
	{
		char	   *name = xml_attribute(slot, NULL, "name");
		XmlNode    *value;

		if (name == NULL || strcmp(name, "SpecificationIdentifier") != 0)
			continue;
		value = node_below(slot, "rim:SlotValue//rim:Value");
		/* Stripped, so that the verdict on blanks (C001, raw) is that of the right line. */
		return value ? xml_trimmed(value) : NULL;
	}
	return NULL;
}

/*
 * The line whose rules decide (EDM §6): the header property exists only in
 * 2.0 and goes before the slot, whatever its value (ebMS-038 judges that).
 */
static EdmLine
line_to_check(const XmlNode *root, const Header *header)
{
	EdmLine		line;

	if (header != NULL && header_property(header, "SpecificationId") != NULL)
		return EDM_V20;
	line = line_from_identifier(message_specification(root));
	if (line != EDM_NONE)
		return line;
	return header != NULL && header_property(header, "ExchangeId") != NULL ? EDM_V20 : EDM_V12;
}

List *
rules_check(const XmlDocument *message, const XmlDocument *header, EdmLine line)
{
	RuleRun		run = {0};

	run.root = message ? xml_root(message) : NULL;
	run.header = header ? header_read(header) : NULL;
	run.line = line != EDM_NONE ? line : line_to_check(run.root, run.header);
	run.accept_eidas2 = oots_accept_eidas2;
	run.paths = palloc0(sizeof(PathCache));
	if (run.root != NULL)
		run.kind = message_kind(run.root);
	else
		run.kind = run.header ? header_kind(run.header) : MESSAGE_OTHER;

	if (run.header != NULL)
		rule_run(&run, &rules_header);
	if (run.root == NULL)
		return run.violations;

	switch (run.kind)
	{
		case MESSAGE_REQUEST:
			rule_run(&run, &rules_request);
			rule_run(&run, &rules_identity);
			break;
		case MESSAGE_RESPONSE:
			rule_run(&run, &rules_response);
			break;
		case MESSAGE_ERROR:
			rule_run(&run, &rules_error);
			break;
		case MESSAGE_OTHER:
			/* only REQ-S001 and S002 find anything: every other context starts at a request */
			rule_run(&run, &rules_request);
			break;
	}
	return run.violations;
}
