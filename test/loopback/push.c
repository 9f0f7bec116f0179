/*
 * push.c
 *		Failed notifications of the backend. Nothing is ever pushed from here; a
 *		message counts as failed when the control interface says so.
 */
#include <stdlib.h>

#include "filter.h"
#include "operation.h"
#include "store.h"

#define LIST_MAX 500
#define REPUSH_MAX 100

bool
run_list_push_failed(Call *call)
{
	Filter		filter = {0};
	int			listed = 0;

	filter_read(&filter, call->request.element);
	answer_open(&call->answer);
	answer_open_body(&call->answer, "listPushFailedMessagesResponse");
	for (int64_t serial = 0; serial < store_next_serial() && listed < LIST_MAX; serial++)
	{
		Message    *message = store_by_serial(serial);

		if (message && message->push_failed && (call->caller == NULL || message->owner == call->caller) &&
			filter_accepts(&filter, message))
		{
			answer_element(&call->answer, "messageID", message->id);
			listed++;
		}
	}
	answer_close(&call->answer, "listPushFailedMessagesResponse");
	filter_free(&filter);
	return true;
}

/* With commit false, only whether it can be done. */
static bool
repush(Call *call, const xmlNode *element, bool commit)
{
	char	   *id = node_text(element);
	Message    *message = store_find(call->caller, ROLE_RECEIVING, id);
	bool		failed = message && message->push_failed;

	if (!failed)
		fault_set(&call->fault, FAULT_INVALID, "A message is not in the list of failed messages", NULL);
	else if (commit)
		store_set_push_failed(message, false);
	free(id);
	return failed;
}

bool
run_repush(Call *call)
{
	int			count = 0;

	for (xmlNode *id = node_first(call->request.element); id; id = node_next(id))
	{
		if (++count > REPUSH_MAX)
			return fault_set(&call->fault, FAULT_INVALID, "Too many messages to push again", NULL);
		if (!repush(call, id, false))
			return false;
	}
	for (xmlNode *id = node_first(call->request.element); id; id = node_next(id))
	{
		/* an id said twice is pushed once */
		if (!repush(call, id, true))
			fault_free(&call->fault);
	}
	answer_open(&call->answer);
	answer_close(&call->answer, NULL);
	return true;
}
