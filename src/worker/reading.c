/*
 * reading.c
 *		Queries to directories, a few at a time: public, without login, at long
 *		intervals. An answer is filed with the headers that sign it; nothing here looks
 *		into it. Failures are answers too, so that they are told from "not registered".
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "query.h"
#include "seal/keyfile.h"
#include "settings.h"
#include "worker/peer.h"
#include "worker/question.h"
#include "worker/reading.h"
#include "worker/turn.h"

#define MOST_READINGS	4		/* at the same time */
#define MOST_COMPARISONS 10	/* in one transaction */
#define MAX_ROOTS		65536	/* bytes of the file of trusted roots */
#define MAX_ANSWER		(4 * 1024 * 1024)
#define PAUSE_MS		50		/* for exchanges, between comparisons */
#define LOOK_AGAIN_MS	10000

/* Chapter 3.7 of the technical design documents: what a server of the common services offers. */
#define CIPHERSUITES	"TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define CIPHERS			"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:" \
						"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-CCM:ECDHE-ECDSA-AES128-CCM"
#define CURVES			"P-256:P-384:P-521:X25519:X448"

struct Reading
{
	MemoryContext context;		/* all of it */
	int64		id;
	HttpPeer	peer;
	char	   *path;
	char	   *accept_version;
	char	   *roots_uri;
	const char *fault;			/* why it is not asked; NULL: it is */
	HttpCall   *http;
};

static Questions questions;		/* Reading * */
static TimestampTz next_due = 0;
static bool changed = true;		/* what is served, perhaps */
static bool to_compare = true;	/* some readings with the answers that are there */

void
reading_look_again(void)
{
	next_due = 0;
	changed = true;
}

TimestampTz
reading_due(void)
{
	return list_length(questions.under_way) >= MOST_READINGS ? DT_NOEND : next_due;
}

static Reading *
read_row(uint64 row)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "ootspg reading", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Reading    *reading = palloc0(sizeof(Reading));
	bool		isnull;

	reading->context = context;
	reading->id = DatumGetInt64(query_value(row, 1, &isnull));
	reading->peer.url = query_text(row, 2);
	reading->path = query_text(row, 3);
	reading->accept_version = query_text(row, 4);
	reading->fault = peer_certificates("ca_uri", query_text(row, 5), &reading->peer.ca_file);
	reading->peer.proxy = query_text(row, 6);
	reading->roots_uri = query_text(row, 7);
	reading->peer.total_ms = DatumGetInt32(query_value(row, 8, &isnull));
	reading->peer.connect_ms = reading->peer.stall_ms = reading->peer.total_ms;
	/* who answers for DNS does not choose among our own hosts */
	reading->peer.elsewhere = query_bool(row, 9) && !oots_discover_locally;
	reading->peer.ciphers = CIPHERS;
	reading->peer.ciphersuites = CIPHERSUITES;
	reading->peer.curves = CURVES;
	MemoryContextSwitchTo(caller);
	return reading;
}

static void
compare(void)
{
	QueryArguments arguments = {0};

	if (changed)
		query_run("SELECT ootspg_internal.configuration_changed()", NULL, false, 1, SPI_OK_SELECT);
	changed = false;
	query_add(&arguments, INT4OID, Int32GetDatum(MOST_COMPARISONS), false);
	query_run("SELECT ootspg_internal.compare_again($1)", &arguments, false, 1, SPI_OK_SELECT);
	to_compare = query_bool(0, 1);
}

static void
take(void *unused)
{
	QueryArguments arguments = {0};
	MemoryContext caller;
	uint64		count;
	bool		isnull;
	Datum		due;
	int			room = MOST_READINGS - list_length(questions.under_way);

	if (changed || to_compare)
		compare();
	query_add(&arguments, INT4OID, Int32GetDatum(room), false);
	count = query_run("SELECT reading_id, base_url, path, accept_version, ca_uri, proxy, roots_uri, timeout_ms, discovered "
					  "FROM ootspg_internal.take_readings($1)", &arguments, false, 0, SPI_OK_SELECT);
	caller = MemoryContextSwitchTo(TopMemoryContext);
	for (uint64 row = 0; row < count; row++)
		questions.taken = lappend(questions.taken, read_row(row));
	MemoryContextSwitchTo(caller);
	query_run("SELECT min(next_at) FROM ootspg_internal.directory_reading WHERE NOT ootspg_internal.is_silent_copy()", NULL, false, 1, SPI_OK_SELECT);
	due = query_value(0, 1, &isnull);
	next_due = isnull ? DT_NOEND : DatumGetTimestampTz(due);
	/* there was room for more, so somebody holds what is due */
	if (next_due <= GetCurrentTimestamp() && (int) count < room)
		next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_AGAIN_MS);
	if (to_compare)
		next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), PAUSE_MS);
}

/* Somebody may hold the rows, or what they hang on, in a transaction: then a little later. */
void
reading_take(void)
{
	if (turn_try(take, NULL) != 0)
		next_due = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), LOOK_AGAIN_MS);
}

static bool
start(HttpClient *client, void *question)
{
	Reading    *reading = question;
	const HttpHeader headers[] = {{"Accept-Version", reading->accept_version}};
	const HttpRequest request = {
		.path = reading->path,
		.accept = "application/x-ebrs+xml",
		.headers = headers,
		.header_count = lengthof(headers),
		.max_answer = MAX_ANSWER
	};

	if (reading->fault != NULL)
		return false;
	reading->http = http_start(client, &reading->peer, &request, reading);
	return true;
}

void
reading_start(HttpClient *client)
{
	questions_start(&questions, client, start);
}

bool
reading_ended(HttpCall *http)
{
	return questions_ended(&questions, http);
}

bool
reading_has_answers(void)
{
	return questions.answered != NIL;
}

/* "" when it can't be used: then no signature is trusted. */
static const char *
read_roots(const char *uri, size_t *length)
{
	char	   *buffer = palloc(MAX_ROOTS);
	KeyFileState state;

	*length = 0;
	if (key_file_inspect(PLACE_OF_CREDENTIALS, uri + strlen("file:"), KEY_FILE_CERTIFICATE, &state, buffer, MAX_ROOTS, length) != NULL)
		*length = 0;
	return buffer;
}

static void
add_header(QueryArguments *arguments, const Reading *reading, const char *name)
{
	bool		repeated;

	query_add_text(arguments, reading->http ? http_answer_header(reading->http, name, &repeated) : NULL);
}

/* Why there is no answer; NULL: there is. libcurl's words name the host, which is configuration. */
static const char *
trouble(const Reading *reading, const HttpResult *result)
{
	static const char *const classes[] = {
		[HTTP_UNRESOLVED] = "no address for its name",
		[HTTP_UNREACHABLE] = "no connection",
		[HTTP_TLS] = "no TLS connection",
		[HTTP_TIMEOUT] = "no answer in time",
		[HTTP_CUT] = "the connection was lost",
		[HTTP_TOO_LARGE] = "the answer is too large",
		[HTTP_NO_MEMORY] = "no memory for the answer",
		[HTTP_LOCAL] = "the call could not be made"
	};

	if (reading->fault != NULL)
		return psprintf("%s: %s", classes[HTTP_LOCAL], reading->fault);
	if (result->failure == HTTP_ANSWERED)
		return NULL;
	return psprintf("%s%s%s", classes[result->failure], result->detail[0] ? ": " : "", result->detail);
}

static void
file(void *argument)
{
	const Reading *reading = argument;
	static const HttpResult none = {.failure = HTTP_LOCAL};
	const HttpResult *result = reading->http ? http_result(reading->http) : &none;
	QueryArguments arguments = {0};
	bool		answer = result->failure == HTTP_ANSWERED;
	size_t		length;
	const char *roots = read_roots(reading->roots_uri, &length);

	query_add(&arguments, INT8OID, Int64GetDatum(reading->id), false);
	query_add(&arguments, INT4OID, Int32GetDatum(result->status), !answer);
	query_add_text(&arguments, answer ? result->content_type : NULL);
	query_add_bytes(&arguments, answer ? (result->body ? result->body : "") : NULL, answer ? result->length : 0);
	add_header(&arguments, reading, "digest");
	add_header(&arguments, reading, "oots-response-sig");
	query_add_bytes(&arguments, roots, length);
	query_add_text(&arguments, trouble(reading, result));
	query_run("SELECT ootspg_internal.file_reading($1, $2, $3, $4, $5, $6, $7, $8)", &arguments, false, 0, SPI_OK_SELECT);
}

void
reading_record(void)
{
	ListCell   *cell;

	foreach(cell, questions.answered)
	{
		Reading    *reading = lfirst(cell);

		(void) turn_try(file, reading);	/* what can't be filed is asked for again */
		if (reading->http != NULL)
			http_finish(reading->http);
		MemoryContextDelete(reading->context);
	}
	list_free(questions.answered);
	questions.answered = NIL;
	next_due = 0;
	to_compare = true;
}
