/*
 * result.c
 *		Gather an answer inside libcurl's callbacks, and say in the end what
 *		became of the call.
 *
 * The callbacks allocate with malloc up to caps and never raise; returning less
 * than they were given makes libcurl end the call.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "compat.h"
#include "http/call.h"

#define MAX_HEADER_BYTES	65536
#define MAX_HEADER_LINES	100
#define FIRST_BODY_ROOM		16384

static size_t
gather_body(char *bytes, size_t size, size_t count, void *argument)
{
	HttpCall   *call = argument;
	size_t		length = size * count;
	size_t		needed;

	if (length > call->max_answer - call->result.length)
	{
		call->too_large = true;
		return 0;
	}
	needed = call->result.length + length;
	if (needed > call->body_room)
	{
		size_t		room = Max(Max(call->body_room * 2, needed), FIRST_BODY_ROOM);
		char	   *larger = realloc(call->body, room);

		if (larger == NULL)
		{
			call->out_of_memory = true;
			return 0;
		}
		call->body = larger;
		call->body_room = room;
	}
	memcpy(call->body + call->result.length, bytes, length);
	call->result.length = needed;
	return length;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Room for more bytes of headers; NULL when there is no memory. */
static char *
header_room(HttpCall *call, size_t more)
{
	char	   *larger = realloc(call->answer_headers, call->answer_headers_length + more);

	if (larger == NULL)
	{
		call->out_of_memory = true;
		return NULL;
	}
	call->answer_headers = larger;
	return larger + call->answer_headers_length;
}

/* A line that goes on (RFC 9112 §5.2) belongs to the last value, behind one blank; nothing of it when that was not kept. */
static bool
continue_header(HttpCall *call, const char *text, size_t length)
{
	char	   *at;

	if (!call->header_kept || length == 0)
		return true;
	at = header_room(call, length + 1);
	if (at == NULL)
		return false;
	at[-1] = ' ';
	memcpy(at, text, length);
	at[length] = '\0';
	call->answer_headers_length += length + 1;
	return true;
}

static bool
add_header(HttpCall *call, const char *name, size_t name_length, const char *value, size_t value_length)
{
	char	   *at = header_room(call, name_length + value_length + 2);

	if (at == NULL)
		return false;
	memcpy(at, name, name_length);
	at[name_length] = '\0';
	memcpy(at + name_length + 1, value, value_length);
	at[name_length + 1 + value_length] = '\0';
	call->answer_headers_length += name_length + value_length + 2;
	return true;
}

/* Keep name and value of a header line; nothing of a line without colon. */
static bool
keep_header(HttpCall *call, const char *line, size_t length)
{
	const char *end = line + length;
	const char *colon = memchr(line, ':', length);
	bool		goes_on = is_blank(line[0]);
	const char *value = goes_on || colon == NULL ? line : colon + 1;

	if (memchr(line, '\0', length) != NULL || (!goes_on && colon == NULL))
	{
		call->header_kept = false;
		return true;
	}
	for (; value < end && is_blank(*value); value++)
		;
	while (end > value && is_blank(end[-1]))
		end--;
	if (goes_on)
		return continue_header(call, value, end - value);
	call->header_kept = true;
	return add_header(call, line, colon - line, value, end - value);
}

/*
 * One line at a time. A status line begins anew, so that only the last answer's
 * headers count; trailers, which come after the empty line, are not kept.
 */
static size_t
gather_header(char *line, size_t size, size_t count, void *argument)
{
	HttpCall   *call = argument;
	size_t		length = size * count;

	call->header_bytes += length;
	if (call->header_bytes > MAX_HEADER_BYTES || ++call->header_lines > MAX_HEADER_LINES)
	{
		call->too_large = true;
		return 0;
	}
	if (length >= 5 && memcmp(line, "HTTP/", 5) == 0)
	{
		call->answer_headers_length = 0;
		call->header_kept = false;
		call->headers_whole = false;
	}
	else if (length <= 2 && (length == 0 || is_blank(line[0])))
		call->headers_whole = true;
	else if (!call->headers_whole && !keep_header(call, line, length))
		return 0;
	return length;
}

bool
call_listen(HttpCall *call)
{
	CURL	   *easy = call->easy;

	return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, gather_body) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_WRITEDATA, call) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, gather_header) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HEADERDATA, call) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->words) == CURLE_OK;
}

const char *
http_answer_header(const HttpCall *call, const char *name, bool *repeated)
{
	const char *found = NULL;

	*repeated = false;
	for (size_t at = 0; at < call->answer_headers_length;)
	{
		const char *this_name = call->answer_headers + at;
		const char *value = this_name + strlen(this_name) + 1;

		if (pg_strcasecmp(this_name, name) == 0)
		{
			*repeated = found != NULL;
			if (*repeated)
				return NULL;
			found = value;
		}
		at = value + strlen(value) + 1 - call->answer_headers;
	}
	return found;
}

/*
 * Has any byte of the request left? The time alone does not tell (since 8.21 libcurl sets it for
 * calls that never got that far, too), nor does the size (before 8 it counts what a proxy refused).
 */
static bool
may_have_arrived(CURL *easy)
{
	curl_off_t	pretransfer = 0,
				uploaded = 0;
	long		sent = 0;

	return (curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &pretransfer) == CURLE_OK && pretransfer > 0 &&
			curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent > 0) ||
		(curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded) == CURLE_OK && uploaded > 0);
}

/* The time was over before the name was known: the only sign of it that is the same in all versions. */
static bool
is_silent_name(const HttpCall *call)
{
	return strncmp(call->words, "Resolving timed out", strlen("Resolving timed out")) == 0;
}

/*
 * With TLS 1.3 a server looks at the client's certificate when the client already
 * thinks the handshake is over: its refusal arrives as a failed read, before any
 * byte of an answer.
 */
static bool
is_tls_refusal(const HttpCall *call)
{
	return call->header_bytes == 0 && strstr(call->words, "SSL") != NULL && strstr(call->words, " alert ") != NULL;
}

static HttpFailure
failure_of(const HttpCall *call, CURLcode code)
{
	if (call->too_large)
		return HTTP_TOO_LARGE;
	if (call->out_of_memory)
		return HTTP_NO_MEMORY;
	switch ((int) code)
	{
		case CURLE_OK:
			/* libcurl takes an end in the middle of the headers for the end of them */
			return call->headers_whole ? HTTP_ANSWERED : HTTP_CUT;
		case CURLE_COULDNT_RESOLVE_HOST:
		case CURLE_COULDNT_RESOLVE_PROXY:
			return HTTP_UNRESOLVED;
		case CURLE_COULDNT_CONNECT:
		case CURLE_PROXY:
			return HTTP_UNREACHABLE;
		case CURLE_SSL_CONNECT_ERROR:
		case CURLE_PEER_FAILED_VERIFICATION:
		case CURLE_SSL_CIPHER:
		case CURLE_SSL_ISSUER_ERROR:
		case CURLE_SSL_INVALIDCERTSTATUS:
		case CURLE_SSL_CLIENTCERT:
			return HTTP_TLS;
		case CURLE_OPERATION_TIMEDOUT:
			return is_silent_name(call) ? HTTP_UNRESOLVED : HTTP_TIMEOUT;
		case CURLE_OUT_OF_MEMORY:
			/* of an answer libcurl says so, too, when one header is longer than it keeps */
			return call->result.may_have_arrived ? HTTP_CUT : HTTP_NO_MEMORY;
		case CURLE_FILESIZE_EXCEEDED:
			return HTTP_TOO_LARGE;
		case CURLE_SEND_ERROR:
		case CURLE_RECV_ERROR:
			if (is_tls_refusal(call))
				return HTTP_TLS;
			return call->result.may_have_arrived ? HTTP_CUT : HTTP_UNREACHABLE;
		default:
			/* an answer that is no HTTP, or one that breaks off */
			return call->result.may_have_arrived ? HTTP_CUT : HTTP_LOCAL;
	}
}

/* One line, without what could upset a log. */
static const char *
one_line(char *text)
{
	size_t		length = strlen(text);

	while (length > 0 && is_blank(text[length - 1]))
		text[--length] = '\0';
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char) *p < 0x20 || (unsigned char) *p >= 0x7f)
			*p = ' ';
	return text;
}

/* Content-Type of the answer; "" when it is absent, repeated or not printable ASCII. */
static const char *
content_type_of(const HttpCall *call)
{
	bool		repeated;
	const char *type = http_answer_header(call, "Content-Type", &repeated);

	for (const char *p = type; p != NULL && *p != '\0'; p++)
		if (*p < 0x20 || *p >= 0x7f)
			return "";
	return type ? type : "";
}

/* Signals are blocked; nothing is raised. */
void
call_conclude(HttpCall *call, CURLcode code)
{
	HttpResult *result = &call->result;
	bool		repeated;
	const char *date = http_answer_header(call, "Date", &repeated);
	time_t		seconds = date ? curl_getdate(date, NULL) : -1;
	long		status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	result->may_have_arrived = code == CURLE_OK || may_have_arrived(call->easy);
	result->failure = failure_of(call, code);
	result->status = (int) status;
	result->content_type = content_type_of(call);
	result->body = call->body ? call->body : "";
	result->date = seconds > 0 ? time_t_to_timestamptz(seconds) : 0;
	result->done_at = GetCurrentTimestamp();
	if (result->failure == HTTP_ANSWERED)
		call->words[0] = '\0';
	else if (call->too_large)
		strlcpy(call->words, "the answer is larger than allowed", sizeof(call->words));
	else if (call->not_elsewhere && result->failure == HTTP_UNREACHABLE)
		strlcpy(call->words, "its name leads to this host or to a private network", sizeof(call->words));
	else if (call->out_of_memory)
		strlcpy(call->words, "no memory for the answer", sizeof(call->words));
	else if (code == CURLE_OK)
		strlcpy(call->words, "the answer ends in its headers", sizeof(call->words));
	else if (call->words[0] == '\0')
		strlcpy(call->words, curl_easy_strerror(code), sizeof(call->words));
	result->detail = one_line(call->words);
	call->state = CALL_DONE;
	call->client->done++;
}

void
call_refuse(HttpCall *call, const char *reason)
{
	HttpResult *result = &call->result;

	result->failure = HTTP_LOCAL;
	result->content_type = "";
	result->body = "";
	result->done_at = GetCurrentTimestamp();
	result->detail = reason;
	call->state = CALL_DONE;
	call->client->done++;
}
