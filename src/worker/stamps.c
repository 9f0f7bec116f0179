/*
 * stamps.c
 *		Calls to time-stamping authorities, a few at a time. A token is looked at before it is filed: upon the right imprint,
 *		of the right policy, by whom the authority's row trusts. What an authority gets to see is a digest.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "query.h"
#include "seal/keyfile.h"
#include "seal/stamp.h"
#include "seal/trust.h"
#include "worker/peer.h"
#include "worker/question.h"
#include "worker/stamps.h"
#include "worker/turn.h"

#define MOST_CALLS		8		/* at the same time */
#define MAX_TRUSTED		65536	/* bytes of the file of certificates */
#define FAILING_MS		60000	/* who has just failed is asked after the others for so long */
#define MOST_FAILING	32
#define NAME_BYTES		128
#define LOOK_AGAIN_MS	2000

typedef struct StampCall
{
	MemoryContext context;		/* all of it */
	int64		exchange_id;
	int			number;
	uint8		imprint[STAMP_IMPRINT];
	char	   *authority;
	char	   *policy;
	char	   *trusted_uri;
	HttpPeer	peer;
	StringInfoData request;
	const char *fault;			/* why it is not asked; NULL: it is */
	HttpCall   *http;
} StampCall;

typedef struct Failing
{
	char		authority[NAME_BYTES];
	TimestampTz until;
} Failing;

static Questions questions;		/* StampCall * */
static TimestampTz next_due = 0;
static Failing failing[MOST_FAILING];
static bool answerable;			/* a message has all of its stamps */

void
stamps_take_up(void)
{
	query_run("UPDATE ootspg_internal.stamping SET next_at = now() WHERE next_at > now() AND token IS NULL", NULL, false, 0, SPI_OK_UPDATE);
}

void
stamps_look_again(void)
{
	next_due = 0;
}

TimestampTz
stamps_due(void)
{
	return list_length(questions.under_way) >= MOST_CALLS ? DT_NOEND : next_due;
}

/* The place of its name, or else the one that is over first. */
static void
note_state(const char *authority, bool fails)
{
	Failing    *place = &failing[0];

	for (int i = 0; i < MOST_FAILING; i++)
	{
		if (strncmp(failing[i].authority, authority, NAME_BYTES - 1) == 0)
		{
			place = &failing[i];
			break;
		}
		if (failing[i].until < place->until)
			place = &failing[i];
	}
	if (!fails && strncmp(place->authority, authority, NAME_BYTES - 1) != 0)
		return;
	strlcpy(place->authority, authority, NAME_BYTES);
	place->until = fails ? TimestampTzPlusMilliseconds(GetCurrentTimestamp(), FAILING_MS) : 0;
}

static Datum
failing_names(void)
{
	ArrayBuildState *names = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	TimestampTz now = GetCurrentTimestamp();

	for (int i = 0; i < MOST_FAILING; i++)
		if (failing[i].until > now)
			names = accumArrayResult(names, CStringGetTextDatum(failing[i].authority), false, TEXTOID, CurrentMemoryContext);
	return makeArrayResult(names, CurrentMemoryContext);
}

static StampCall *
read_row(uint64 row)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg time stamp", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	StampCall  *call = palloc0(sizeof(StampCall));
	bool		isnull;
	bytea	   *imprint;

	call->context = context;
	call->exchange_id = DatumGetInt64(query_value(row, 1, &isnull));
	call->number = DatumGetInt32(query_value(row, 2, &isnull));
	imprint = DatumGetByteaPP(query_value(row, 3, &isnull));
	memcpy(call->imprint, VARDATA_ANY(imprint), Min(VARSIZE_ANY_EXHDR(imprint), STAMP_IMPRINT));
	call->authority = query_text(row, 4);
	call->peer.url = query_text(row, 5);
	call->policy = query_text(row, 6);
	call->trusted_uri = query_text(row, 7);
	call->fault = peer_certificates("ca_uri", query_text(row, 8), &call->peer.ca_file);
	call->peer.proxy = query_text(row, 9);
	call->peer.total_ms = DatumGetInt32(query_value(row, 10, &isnull));
	call->peer.connect_ms = call->peer.stall_ms = call->peer.total_ms;
	if (call->policy != NULL && !stamp_is_policy(call->policy))
		call->fault = "its policy is no object identifier";
	initStringInfo(&call->request);
	if (call->fault == NULL)
		stamp_request(call->imprint, call->policy, &call->request);
	MemoryContextSwitchTo(caller);
	return call;
}

/* Why there is no answer; NULL: there is. libcurl's words name the host, which is configuration. */
static const char *
trouble(const StampCall *call, const HttpResult *result)
{
	if (call->fault != NULL)
		return call->fault;
	if (result->failure != HTTP_ANSWERED)
		return psprintf("no answer: %s", result->detail[0] ? result->detail : "the call failed");
	if (result->status != 200)
		return psprintf("HTTP status %d", result->status);
	return NULL;
}

/* The token of an answer, or why not. */
static const char *
read_token(const StampCall *call, const HttpResult *result, StringInfo token)
{
	char	   *trusted = palloc(MAX_TRUSTED);
	size_t		length = 0;
	KeyFileState state;
	STACK_OF(X509) *anchors;
	const char *refusal = key_file_inspect(PLACE_OF_CREDENTIALS, call->trusted_uri + strlen("file:"), KEY_FILE_CERTIFICATE, &state, trusted, MAX_TRUSTED, &length);

	if (refusal != NULL)
		return psprintf("the file of trusted_uri cannot be used (%s): %s", call->trusted_uri, refusal);
	enlargeStringInfo(token, STAMP_MAX_TOKEN);	/* nothing is raised while the anchors are there */
	anchors = trust_read_anchors(trusted, length);
	refusal = stamp_read_answer(result->body ? result->body : "", result->length, call->imprint, call->policy, anchors, token);
	sk_X509_pop_free(anchors, X509_free);
	return refusal;
}

static void
file_result(const StampCall *call, const char *error, const StringInfoData *token)
{
	QueryArguments arguments = {0};

	if (error != NULL)
		ereport(LOG, (errmsg("time-stamping authority \"%s\" gave no stamp: %s", call->authority, error)));
	note_state(call->authority, error != NULL);
	query_add(&arguments, INT8OID, Int64GetDatum(call->exchange_id), false);
	query_add(&arguments, INT4OID, Int32GetDatum(call->number), false);
	query_add_bytes(&arguments, error == NULL ? token->data : NULL, error == NULL ? token->len : 0);
	query_add_text(&arguments, error);
	query_run("SELECT ootspg_internal.file_stamping($1, $2, $3, $4)", &arguments, false, 1, SPI_OK_SELECT);
	answerable |= query_bool(0, 1);
}

static void
file(void *argument)
{
	const StampCall *call = argument;
	static const HttpResult none = {.failure = HTTP_LOCAL};
	const HttpResult *result = call->http ? http_result(call->http) : &none;
	StringInfoData token;
	const char *error = trouble(call, result);

	initStringInfo(&token);
	if (error == NULL)
		error = read_token(call, result, &token);
	file_result(call, error, &token);
}

/* After an error that was raised, as by certificates that can't be read: the others are to be asked before this one again. */
static void
file_failure(void *argument)
{
	file_result(argument, "the answer could not be taken; the server's log has the error", NULL);
}

static void
record(void)
{
	ListCell   *cell;

	foreach(cell, questions.answered)
	{
		StampCall  *call = lfirst(cell);

		if (turn_try(file, call) != 0)
			(void) turn_try(file_failure, call);	/* what can't be filed is asked for again */
		if (call->http != NULL)
			http_finish(call->http);
		MemoryContextDelete(call->context);
	}
	list_free(questions.answered);
	questions.answered = NIL;
	next_due = 0;
}

static void
take(void *unused)
{
	QueryArguments arguments = {0};
	MemoryContext caller;
	uint64		count;
	bool		isnull;
	Datum		due;
	int			room = MOST_CALLS - list_length(questions.under_way);

	query_add(&arguments, INT4OID, Int32GetDatum(room), false);
	query_add(&arguments, TEXTARRAYOID, failing_names(), false);
	count = query_run("SELECT exchange_id, number, imprint, authority, url, policy, trusted_uri, ca_uri, proxy, timeout_ms "
					  "FROM ootspg_internal.take_stampings($1, $2)", &arguments, false, 0, SPI_OK_SELECT);
	caller = MemoryContextSwitchTo(TopMemoryContext);
	for (uint64 row = 0; row < count; row++)
		questions.taken = lappend(questions.taken, read_row(row));
	MemoryContextSwitchTo(caller);
	/* what no answer has taken, as of a message that was given up, goes after a while */
	query_run("SELECT min(CASE WHEN s.next_at IS NOT NULL AND s.give_up_at > now() THEN s.next_at ELSE s.give_up_at + interval '1 h' END) "
			  "FROM ootspg_internal.stamping s WHERE NOT ootspg_internal.is_silent_copy()", NULL, false, 1, SPI_OK_SELECT);
	due = query_value(0, 1, &isnull);
	next_due = isnull ? DT_NOEND : DatumGetTimestampTz(due);
	/* there was room for more, so somebody holds what is due, or there is nobody to ask */
	if (next_due <= GetCurrentTimestamp() && (int) count < room)
		next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_AGAIN_MS);
}

bool
stamps_take(void)
{
	answerable = false;
	record();
	if (stamps_due() <= GetCurrentTimestamp() && turn_try_briefly(take, NULL) != 0)
		next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_AGAIN_MS);
	return answerable;
}

static bool
start(HttpClient *client, void *question)
{
	StampCall  *call = question;
	const HttpRequest request = {
		.body = call->request.data,
		.length = call->request.len,
		.content_type = "application/timestamp-query",
		.accept = "application/timestamp-reply",
		.max_answer = STAMP_MAX_ANSWER
	};

	if (call->fault != NULL)
		return false;
	call->http = http_start(client, &call->peer, &request, call);
	return true;
}

void
stamps_start(HttpClient *client)
{
	questions_start(&questions, client, start);
}

bool
stamps_ended(HttpCall *http)
{
	return questions_ended(&questions, http);
}

bool
stamps_has_answers(void)
{
	return questions.answered != NIL;
}
