/*
 * status.c
 *		Ask for the status and the errors of a message.
 */
#include <stdlib.h>

#include "operation.h"
#include "store.h"

static bool
answer_status(Call *call, const Message *message)
{
	answer_open(&call->answer);
	answer_open_body(&call->answer, "getStatusResponse");
	buffer_text(&call->answer.xml, status_name(message ? message->status : STATUS_NOT_FOUND));
	answer_close(&call->answer, "getStatusResponse");
	return true;
}

static bool
answer_errors(Call *call, const Message *message, const char *id)
{
	/* 5.2 may say the offset of its clock, the others say UTC and no zone */
	bool		zoned = settings.personality->zoned_time;
	const char *format = zoned ? "%Y-%m-%dT%H:%M:%S.%q+02:00" : "%Y-%m-%dT%H:%M:%S.%q";
	int64_t		offset = zoned ? INT64_C(7200000000) : 0;

	if (message == NULL)
		return fault_set(&call->fault, FAULT_NOT_FOUND, id, NULL);
	answer_open(&call->answer);
	answer_open_body(&call->answer, "getMessageErrorsResponse");
	for (const ErrorItem *item = message->errors; item; item = item->older)
	{
		char		moment[40];

		format_time(moment, sizeof(moment), format, item->moment + offset);
		buffer_text(&call->answer.xml, "<item>");
		answer_element(&call->answer, "domibusErrorCode", item->code);
		answer_element(&call->answer, "errorDetail", item->detail);
		answer_element(&call->answer, "messageInErrorId", message->id);
		answer_element(&call->answer, "mshRole", role_name(item->role));
		/* only the sender's own errors are told to its backend */
		if (item->role == ROLE_SENDING)
			answer_element(&call->answer, "notified", moment);
		answer_element(&call->answer, "timestamp", moment);
		buffer_text(&call->answer.xml, "</item>");
	}
	answer_close(&call->answer, "getMessageErrorsResponse");
	return true;
}

/* The only message with an id; two of them are a fault in the versions that know roles. */
static bool
find_only(Call *call, const char *id, FaultKind otherwise, Message **message)
{
	Message    *received = store_find(call->caller, ROLE_RECEIVING, id);

	*message = store_find(call->caller, ROLE_SENDING, id);
	if (*message && received && settings.personality->role_operations)
		return fault_set(&call->fault, otherwise, id, NULL);
	if (*message == NULL)
		*message = received;
	return true;
}

bool
run_status(Call *call)
{
	char	   *id = call_message_id(call);
	Message    *message;
	bool		done = id && find_only(call, id, FAULT_TWO_MESSAGES, &message) && answer_status(call, message);

	free(id);
	return done;
}

bool
run_errors(Call *call)
{
	char	   *id = call_message_id(call);
	Message    *message;
	bool		done = id && find_only(call, id, FAULT_TWO_MESSAGES_ERRORS, &message) && answer_errors(call, message, id);

	free(id);
	return done;
}

static bool
read_role(Call *call, Role *role)
{
	char	   *name = node_text(node_child(call->request.element, NULL, "accessPointRole"));
	bool		known = name && role_parse(name, role);

	if (!known)
		fault_set(&call->fault, FAULT_INVALID, "Access point role is missing", NULL);
	free(name);
	return known;
}

bool
run_status_with_role(Call *call)
{
	char	   *id = call_message_id(call);
	Role		role;
	bool		done = id && read_role(call, &role) && answer_status(call, store_find(call->caller, role, id));

	free(id);
	return done;
}

bool
run_errors_with_role(Call *call)
{
	char	   *id = call_message_id(call);
	Role		role;
	bool		done = id && read_role(call, &role) && answer_errors(call, store_find(call->caller, role, id), id);

	free(id);
	return done;
}
