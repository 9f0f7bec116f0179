/*
 * operation.c
 *		The table of operations, and what they have in common: log-in, checks of
 *		the request, counters.
 */
#include <stdlib.h>
#include <string.h>

#include "operation.h"
#include "store.h"

Settings	settings;

static Operation operations[] = {
	{"submitMessage", "submitRequest", false, shape_submit, run_submit, 0},
	{"listPendingMessages", "listPendingMessagesRequest", false, shape_list, run_list_pending, 0},
	{"retrieveMessage", "retrieveMessageRequest", false, shape_id, run_retrieve, 0},
	{"markMessageAsDownloaded", "markMessageAsDownloadedRequest", true, shape_id, run_mark, 0},
	{"getStatus", "statusRequest", false, shape_id, run_status, 0},
	{"getStatusWithAccessPointRole", "statusRequestWithAccessPointRole", true, shape_id_and_role, run_status_with_role, 0},
	{"getMessageErrors", "getErrorsRequest", false, shape_id, run_errors, 0},
	{"getMessageErrorsWithAccessPointRole", "getErrorsRequestWithAccessPointRole", true, shape_id_and_role,
	run_errors_with_role, 0},
	{"listPushFailedMessages", "listPushFailedMessagesRequest", true, shape_list_push_failed, run_list_push_failed, 0},
	{"rePushFailedMessages", "rePushFailedMessagesRequest", true, shape_repush, run_repush, 0},
};

void
settings_reset(void)
{
	settings = (Settings) {.personality = personality_default(), .list_max = 500};
	for (size_t i = 0; i < lengthof(operations); i++)
		operations[i].calls = 0;
}

Operation *
operation_at(size_t index)
{
	return index < lengthof(operations) ? &operations[index] : NULL;
}

const Operation *
operation_named(const char *name)
{
	for (size_t i = 0; i < lengthof(operations); i++)
	{
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	}
	return NULL;
}

const Operation *
operation_of(const Request *request)
{
	for (size_t i = 0; i < lengthof(operations) && request->element; i++)
	{
		if (node_is(request->element, NS_WS, operations[i].element))
			return &operations[i];
	}
	return NULL;
}

static bool
check_request(Call *call)
{
	const Operation *operation = call->operation;
	const xmlNode *element = call->request.element;

	if (operation == NULL || (operation->role_operation && !settings.personality->role_operations))
		return fault_set(&call->fault, FAULT_NOT_RECOGNIZED, element->ns ? (const char *) element->ns->href : "",
						 (const char *) element->name);
	if (operation->run == run_submit && call->request.messaging &&
		!shape_check(call->request.messaging, shape_messaging, NS_EBMS, settings.schema, &call->fault))
		return false;
	return shape_check(element, operation->shape, NULL, settings.schema, &call->fault);
}

static bool
log_in(Call *call)
{
	call->caller = NULL;
	if (!settings.auth)
		return true;
	switch (party_login(call->user, call->password, &call->caller))
	{
		case LOGIN_OK:
			return true;
		case LOGIN_MISSING:
			return fault_set(&call->fault, FAULT_AUTH_MISSING, NULL, NULL);
		case LOGIN_WRONG:
			return fault_set(&call->fault, FAULT_AUTH, NULL, NULL);
		case LOGIN_SUSPENDED:
			return fault_set(&call->fault, FAULT_AUTH_SUSPENDED, NULL, NULL);
	}
	return false;
}

void
operation_run(Call *call)
{
	if (call->operation)
		operation_at(call->operation - operations)->calls++;
	if (!check_request(call) || !log_in(call) || !call->operation->run(call))
		answer_fault(&call->answer, &call->fault);
}

char *
call_message_id(Call *call)
{
	char	   *id = node_text(node_child(call->request.element, NULL, "messageID"));

	if (id == NULL || *id == '\0')
		fault_set(&call->fault, FAULT_INVALID, "Message ID is empty", NULL);
	else if (xmlUTF8Strlen((const xmlChar *) id) > 255)
		fault_set(&call->fault, FAULT_INVALID, "Invalid Message ID: it is longer than 255 characters", NULL);
	else
		return id;
	free(id);
	return NULL;
}

char *
call_shown_id(const Call *call, const char *id)
{
	return call->action.kind == ACTION_WRONG_ID ? format_text("other-%s", id) : copy_text(id);
}
