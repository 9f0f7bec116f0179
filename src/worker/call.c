/*
 * call.c
 *		A call to an access point, from its request to its answer.
 */
#include "postgres.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "settings.h"
#include "worker/call.h"
#include "worker/peer.h"
#include "worker/turn.h"

/* base64, envelope and headers around a message of the largest size */
#define MAX_ANSWER ((size_t) oots_max_message_kb * 1024 * 3 / 2 + 1024 * 1024)

Call *
call_new(Gateway *gateway, CallPurpose purpose, GatewayOperation operation, const char *message_id)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg call", ALLOCSET_DEFAULT_SIZES);
	Call	   *call = MemoryContextAllocZero(context, sizeof(Call));

	call->context = context;
	call->gateway = gateway;
	call->purpose = purpose;
	call->operation = operation;
	if (message_id != NULL)
		strlcpy(call->message_id, message_id, MESSAGE_ID_BYTES);
	return call;
}

/* Without credentials nothing is sent; the call ends at once. */
void
call_start(HttpClient *client, Call *call, GatewayRequest *request)
{
	HttpRequest http = {
		.body = request->body.data,
		.length = request->body.len,
		.content_type = request->content_type,
		.accept = "application/soap+xml, multipart/related",
		.max_answer = MAX_ANSWER
	};
	HttpPeer	peer;
	const char *fault = peer_of(call->gateway->point, &peer);

	call->gateway->calls++;
	call->gateway->kept++;
	call->begun_at = GetCurrentTimestamp();
	if (fault != NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(call->context);

		call->answer = gateway_trouble(call->operation, TROUBLE_LOCAL, fault);
		MemoryContextSwitchTo(caller);
		turn_unable(call);
		return;
	}
	call->http = http_start(client, &peer, &http, call);
	peer_forget(&peer);
}

void
call_release(Call *call)
{
	if (!call->released)
		call->gateway->calls--;
	call->released = true;
}

void
call_free(Call *call)
{
	Gateway    *gateway = call->gateway;

	call_release(call);
	if (--gateway->kept == 0 && gateway->dropped)
		MemoryContextDelete(gateway->context);
	MemoryContextDelete(call->context);
}

bool
call_failed(const Call *call)
{
	return call->answer->trouble->class != TROUBLE_NONE;
}

TroubleClass
call_trouble(const Call *call)
{
	return call->answer->trouble->class;
}

/* Words of a server may quote anybody; these are ours. */
const char *
call_cause(const Call *call)
{
	return call_trouble(call) == TROUBLE_LOCAL ? call->answer->detail : NULL;
}
