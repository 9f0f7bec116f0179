/*
 * request.c
 *		A request and its header, as the receiving side reads them: XML, what is said
 *		twice, the request, its rules on every line, search keys. Nothing raises,
 *		each violation is one of a known rule at a place, and what is judged on a line of
 *		its own is judged the same twice.
 *
 *		Input: the message, 0xff, the header.
 */
#include "fuzz.h"

#include "audit/subject_key.h"
#include "message/moment.h"
#include "message/occurs.h"
#include "message/request.h"
#include "message/rules.h"

bool		fuzz_raises = false;

void
fuzz_start(void)
{
}

static void
key_of(const Subject *subject)
{
	uint8		key[SHA256_BYTES];
	uint8		again[SHA256_BYTES];

	if (subject == NULL)
		return;
	if (subject_key(subject, NULL, key))
	{
		PROMISE(subject_key(subject, NULL, again));
		PROMISE(memcmp(key, again, sizeof(key)) == 0);
	}
	if (subject->identifier != NULL)
		identifier_key(subject->identifier, NULL, key);
	if (subject->date_of_birth != NULL)
		(void) moment_is_date(subject->date_of_birth);
}

static void
read_request(const XmlDocument *message)
{
	const Request *request = request_read(xml_root(message));
	bool		value;

	(void) occurs_too_often(xml_root(message));
	(void) request_powers(request);
	(void) request_boolean(request->possibility_for_preview ? request->possibility_for_preview : "", &value);
	if (request_oversized(request) != NULL)
		return;
	key_of(request->subject);
	key_of(request->representative);
}

static int
judge(const XmlDocument *message, const XmlDocument *header, EdmLine line)
{
	const List *violations = rules_check(message, header, line);
	const ListCell *cell;

	foreach(cell, violations)
	{
		const RuleViolation *violation = lfirst(cell);

		PROMISE(strncmp(violation->rule_id, "R-EDM-", 6) == 0);
		PROMISE(rule_severity_word(violation->severity) != NULL);
		PROMISE(violation->location != NULL && violation->detail != NULL);
	}
	return list_length(violations);
}

void
fuzz_one(const char *bytes, size_t length)
{
	static const EdmLine lines[] = {EDM_NONE, EDM_V10, EDM_V11, EDM_V12, EDM_V20};
	FuzzInput	input = {bytes, length};
	char	   *body = fuzz_text(&input, &length);
	XmlFault	fault;
	XmlDocument *message = xml_read(body, length, &fault);
	XmlDocument *header = input.left > 0 ? xml_read(input.at, input.left, &fault) : NULL;

	if (header != NULL && header_read(header) == NULL)
		header = NULL;
	if (message != NULL && message_kind(xml_root(message)) == MESSAGE_REQUEST)
		read_request(message);
	for (int i = 0; (message != NULL || header != NULL) && i < (int) lengthof(lines); i++)
		PROMISE(judge(message, header, lines[i]) == judge(message, header, lines[i]));
}
