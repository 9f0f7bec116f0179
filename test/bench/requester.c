/*
 * requester.c
 *		The requester abroad, quick enough not to be the limit: submits requests to
 *		the loopback access point on one kept connection, so many of them without
 *		an answer at a time, and collects the answers. Ends when each has one.
 *
 *		requester URL USER:PASSWORD REQUESTS FIRST COUNT OPEN
 *
 *		REQUESTS: a file of evidence requests, one a line in base64, taken in turn;
 *		the id of zeros in each gives way to one of its own, from FIRST on. Prints
 *		"CPU ELAPSED": µs of the whole run, CPU of this process.
 */
#include <curl/curl.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define PLACEHOLDER "00000000-0000-4000-8000-000000000000"
#define CONVERSATION "00000000-0000-4000-9000-"	/* and twelve digits */
#define PARTY_TYPE "urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots"
#define GATEWAY "http://sdg.europa.eu/edelivery/gateway"
#define SILENCE_SECONDS 30

typedef struct Text
{
	char	   *data;
	size_t		len,
				size;
} Text;

static CURL *curl;
static char **templates;		/* decoded */
static long template_count;
static long first;
static long asked;
static long answered;
static char *has_answer;		/* of each request */

static void
die(const char *what, const char *detail)
{
	fprintf(stderr, "requester: %s: %.2000s\n", what, detail);
	exit(1);
}

static void
add(Text *text, const char *data, size_t len)
{
	if (text->len + len + 1 > text->size)
	{
		text->size = (text->len + len + 1) * 2;
		text->data = realloc(text->data, text->size);
		if (text->data == NULL)
			die("out of memory", "");
	}
	memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

static void __attribute__((format(printf, 2, 3)))
add_format(Text *text, const char *format, ...)
{
	char		piece[4096];
	va_list		arguments;

	va_start(arguments, format);
	add(text, piece, vsnprintf(piece, sizeof(piece), format, arguments));
	va_end(arguments);
}

static size_t
receive(char *data, size_t one, size_t len, void *answer)
{
	(void) one;
	add(answer, data, len);
	return len;
}

static char *
call(const Text *body)
{
	static Text answer;
	CURLcode	code;
	long		status;

	answer.len = 0;
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long) body->len);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
	code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		die("call", curl_easy_strerror(code));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		die("refused", answer.data ? answer.data : "");
	return answer.data;
}

static void
begin_envelope(Text *body, const char *header)
{
	body->len = 0;
	add_format(body, "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:w=\"http://eu.domibus.wsplugin/\" "
			   "xmlns:e=\"http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/\">%s<s:Body>", header);
}

static void
end_envelope(Text *body)
{
	add_format(body, "</s:Body></s:Envelope>");
}

/* The id of zeros gives way to one that nobody had. */
static char *
with_id(const char *template, long number)
{
	char	   *request = strdup(template);
	char		id[64];

	snprintf(id, sizeof(id), "00000000-0000-4000-8000-%012ld", number);
	for (char *at = request; (at = strstr(at, PLACEHOLDER)) != NULL;)
		memcpy(at, id, sizeof(PLACEHOLDER) - 1);
	return request;
}

static void
add_base64(Text *body, const char *bytes)
{
	size_t		len = strlen(bytes);
	char	   *encoded = malloc(len / 3 * 4 + 8);

	add(body, encoded, EVP_EncodeBlock((unsigned char *) encoded, (const unsigned char *) bytes, (int) len));
	free(encoded);
}

static void
submit(long index)
{
	static Text body;
	long		number = first + index;
	char		header[3072];
	char	   *request = with_id(templates[index % template_count], number);
	char		of_line[256] = "";	/* what the header of the second line has more */

	if (strstr(request, "oots-edm:v2.0") != NULL)
		snprintf(of_line, sizeof(of_line), "<e:Property name=\"ExchangeId\">00000000-0000-4000-a000-%012ld</e:Property>"
				 "<e:Property name=\"SpecificationId\">oots-edm:v2.0</e:Property>", number);
	snprintf(header, sizeof(header),
			 "<s:Header><e:Messaging><e:UserMessage><e:MessageInfo><e:MessageId>%08x-0000-4000-8000-%012ld@requester.example</e:MessageId></e:MessageInfo>"
			 "<e:PartyInfo><e:From><e:PartyId type=\"" PARTY_TYPE "\">AP_DE_01</e:PartyId><e:Role>" GATEWAY "</e:Role></e:From>"
			 "<e:To><e:PartyId type=\"" PARTY_TYPE "\">AP_LV_01</e:PartyId><e:Role>" GATEWAY "</e:Role></e:To></e:PartyInfo>"
			 "<e:CollaborationInfo><e:Service type=\"urn:oasis:names:tc:ebcore:ebrs:ebms:binding:1.0\">QueryManager</e:Service>"
			 "<e:Action>ExecuteQueryRequest</e:Action><e:ConversationId>" CONVERSATION "%012ld</e:ConversationId></e:CollaborationInfo>"
			 "<e:MessageProperties><e:Property name=\"originalSender\">DE-REQ-0001</e:Property>"
			 "<e:Property name=\"finalRecipient\">LV90000000001</e:Property>%s</e:MessageProperties>"
			 "<e:PayloadInfo><e:PartInfo href=\"cid:%ld@requester.example\"><e:PartProperties>"
			 "<e:Property name=\"MimeType\">application/x-ebrs+xml</e:Property></e:PartProperties></e:PartInfo></e:PayloadInfo>"
			 "</e:UserMessage></e:Messaging></s:Header>", (unsigned int) getpid(), number, number, of_line, number);
	begin_envelope(&body, header);
	add_format(&body, "<w:submitRequest><payload payloadId=\"cid:%ld@requester.example\"><value>", number);
	add_base64(&body, request);
	add_format(&body, "</value></payload></w:submitRequest>");
	end_envelope(&body);
	call(&body);
	free(request);
}

static void
take_answer(const char *message)
{
	const char *conversation = strstr(message, "ConversationId>" CONVERSATION);
	long		index = conversation ? atol(conversation + sizeof("ConversationId>" CONVERSATION) - 1) - first : -1;

	if (index < 0 || index >= asked)
		die("not an answer to us", message);
	if (has_answer[index]++)
		die("two answers", message);
	if (strstr(message, ">ExecuteQueryResponse<") == NULL)
		die("no evidence", message);
	answered++;
}

static void
retrieve(const char *id, size_t len)
{
	static Text body;

	begin_envelope(&body, "");
	add_format(&body, "<w:retrieveMessageRequest><messageID>%.*s</messageID></w:retrieveMessageRequest>", (int) len, id);
	end_envelope(&body);
	take_answer(call(&body));
}

/* Everything that is pending; how many. */
static long
collect(void)
{
	static Text body;
	long		count = 0;
	char	   *list;

	begin_envelope(&body, "");
	add_format(&body, "<w:listPendingMessagesRequest/>");
	end_envelope(&body);
	list = strdup(call(&body));
	for (char *at = list; (at = strstr(at, "<messageID>")) != NULL; count++)
	{
		at += sizeof("<messageID>") - 1;
		retrieve(at, strcspn(at, "<"));
	}
	free(list);
	return count;
}

static void
read_templates(const char *path)
{
	FILE	   *file = fopen(path, "re");
	char	   *line = NULL;
	size_t		size = 0;
	ssize_t		len;

	if (file == NULL)
		die("cannot be opened", path);
	while ((len = getline(&line, &size, file)) > 1)
	{
		char	   *decoded;

		while (len > 0 && line[len - 1] == '\n')
			line[--len] = '\0';
		decoded = calloc(1, len + 1);
		if (EVP_DecodeBlock((unsigned char *) decoded, (unsigned char *) line, (int) len) < 0)
			die("not base64", line);
		templates = realloc(templates, (template_count + 1) * sizeof(char *));
		templates[template_count++] = decoded;
	}
	free(line);
	fclose(file);
	if (template_count == 0)
		die("no requests", path);
}

static void
open_connection(const char *url, const char *login)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/soap+xml; charset=UTF-8");

	headers = curl_slist_append(headers, "Expect:");
	curl = curl_easy_init();
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_USERPWD, login);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
}

static double
now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static double
seconds(struct timeval time)
{
	return time.tv_sec + time.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	long		count;
	long		open;
	double		started;
	double		heard;
	struct rusage usage;

	if (argc != 7)
		die("usage", "requester URL USER:PASSWORD REQUESTS FIRST COUNT OPEN");
	open_connection(argv[1], argv[2]);
	read_templates(argv[3]);
	first = atol(argv[4]);
	count = atol(argv[5]);
	open = atol(argv[6]);
	has_answer = calloc(count, 1);
	started = heard = now();
	while (answered < count)
	{
		while (asked < count && asked - answered < open)
			submit(asked++);
		if (collect() > 0)
			heard = now();
		else if (now() - heard > SILENCE_SECONDS)
			die("no answer comes any more", "");
		else
			usleep(open > 1 ? 10000 : 2000);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("%.0f %.0f\n", (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e6, (now() - started) * 1e6);
	return 0;
}
