/*
 * reading.c
 *		What an answer's readers share: how a trouble is noted, and what it leaves
 *		open.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "accesspoint/reading.h"

#define MAX_DETAIL		500

char *
reading_line(const char *text)
{
	int			length = (int) strnlen(text, MAX_DETAIL + 1);
	char	   *line;

	if (length > MAX_DETAIL)
		length = pg_encoding_mbcliplen(PG_UTF8, text, length, MAX_DETAIL);
	line = pnstrdup(text, length);
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char) *p < 0x20 || *p == 0x7f)
			*p = ' ';
	return line;
}

bool
operation_has_effect(GatewayOperation operation)
{
	return operation == GATEWAY_RETRIEVE || operation == GATEWAY_MARK || operation == GATEWAY_SUBMIT;
}

/* After which troubles the call may have had its effect all the same? */
static bool
leaves_outcome_open(TroubleClass class)
{
	switch (class)
	{
		case TROUBLE_TIMEOUT:
		case TROUBLE_CUT:
		case TROUBLE_ANSWER_TOO_LARGE:
		case TROUBLE_UNREADABLE:
		case TROUBLE_CONTENT_LOST:
		case TROUBLE_UNAVAILABLE:
		case TROUBLE_SERVER:
		case TROUBLE_DUPLICATE:
		case TROUBLE_NO_MEMORY:
			return true;
		case TROUBLE_NONE:
		case TROUBLE_UNRESOLVED:
		case TROUBLE_UNREACHABLE:
		case TROUBLE_TLS:
		case TROUBLE_LOGIN:
		case TROUBLE_NOT_UNDERSTOOD:
		case TROUBLE_WRONG_ADDRESS:
		case TROUBLE_MESSAGE_UNKNOWN:
		case TROUBLE_ALREADY_DOWNLOADED:
		case TROUBLE_BUSY:
		case TROUBLE_REJECTED:
		case TROUBLE_MESSAGE_TOO_LARGE:
		case TROUBLE_LOCAL:
			break;
	}
	return false;
}

bool
reading_fails(Reading *reading, TroubleClass class, const char *detail)
{
	GatewayAnswer *answer = reading->answer;

	answer->trouble = trouble_of(class);
	answer->outcome_unknown = operation_has_effect(reading->operation) && leaves_outcome_open(class);
	answer->detail = detail != NULL && *detail != '\0' ? reading_line(detail) : NULL;
	return false;
}
