/*
 * program.c
 *		The strongest alternative to answer(): a program written for this one evidence type. It reads request and
 *		header, judges them by all rules, matches the subject, writes and seals the evidence by hand, writes response
 *		and header of the answer, and records request id, exchange, events and evidence in one transaction. What is read
 *		of the configuration is in it; statements are prepared, and sent in two batches, one before the evidence and one
 *		behind it. Rules, requests, names and responses are the extension's own sources (src/message, src/xml, src/evidence),
 *		compiled into it over malloc: nobody would write better ones for this. It leaves out what belongs to other types:
 *		senders' lists, previews, promises, system checks, other lines; its facts in the audit are constant.
 *
 *		program KEY.pem CERTIFICATE.pem FIRST COUNT	(connects by the environment)
 *		prints "CPU ELAPSED BOTH": µs for each request, CPU of the backend, and of client and backend.
 *
 *		With COUNT 0: answers FIRST, and prints document, response and header of the answer in hex, a line each.
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <endian.h>

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "audit/subject_key.h"
#include "evidence/name.h"
#include "message/moment.h"
#include "message/occurs.h"
#include "message/response.h"
#include "message/rules.h"
#include "uuid.h"
#include "xml/read.h"

#include "residence.h"
#include "rows.h"

enum
{
	USED_REQUEST, EXCHANGE, EVENTS, EVIDENCE, TABLES
};

static Table tables[TABLES] = {
	{.name = "used_request"}, {.name = "exchange"}, {.name = "exchange_event"}, {.name = "evidence_event"}
};

/* of the exchange's events, as answer() writes them */
enum
{
	REQUEST_RECEIVED, MATCHED, NO_PREVIEW, RESPONSE_BUILT
};

#define CLASSIFICATION "https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888"
#define ADDRESSEE "urn:cef.eu:names:identifier:EAS:9939 LV90000000001"

/* What the configuration says */
static LocalText provider_name = {"EN", "Population Register"};
static LocalText title = {"EN", "Evidence of residence"};
static Agent provider = {
	.scheme = "urn:cef.eu:names:identifier:EAS:9939",.identifier = "LV90000000001",.country = "LV"
};

static List *titles;
static Sealer sealer;
static PGresult *requests;		/* body, header */
static uint64_t next_exchange;
static bool is_shown;

/* One request under way. */
typedef struct Answer
{
	const char *body;
	int			body_length;
	const char *header_bytes;
	int			header_length;
	Request    *request;
	Header	   *header;
	uint64_t	exchange;		/* as the wire has it */
	Buffer	   *document;
	unsigned char evidence_uuid[16];
	char		evidence_id[37];
	char	   *content_id;
	char	   *issuing_date;
	char	   *response_id;
	StringInfoData response;
	StringInfoData answer_header;
} Answer;

bool		fuzz_raises = false;	/* what backend.c asks of its user */
void		fuzz_broken(const char *promise);

void
fuzz_broken(const char *promise)
{
	bench_die("server's part", promise);
}

/* ---- request ---- */

/* May it be answered? Rules, what is said twice, sizes: whoever breaks them is not in this benchmark. */
static void
judge(const XmlDocument *body, const XmlDocument *header, const Request *request)
{
	const List *violations = rules_check(body, header, request->line);
	const ListCell *cell;

	foreach(cell, violations)
	{
		const RuleViolation *violation = lfirst(cell);

		if (violation->severity == RULE_FATAL)
			bench_die("request", violation->rule_id);
	}
	bench_require(occurs_too_often(xml_root(body)) == NULL && request_oversized(request) == NULL &&
				  request->issue_time != NULL && moment_is_date_time(request->issue_time) && moment_is_date(request->subject->date_of_birth), "request");
}

static void
receive(Answer *a)
{
	XmlFault	fault;
	XmlDocument *header = xml_read(a->header_bytes, a->header_length, &fault);
	XmlDocument *body = xml_read(a->body, a->body_length, &fault);

	bench_require(header != NULL && body != NULL && message_kind(xml_root(body)) == MESSAGE_REQUEST, "reading the request");
	a->header = header_read(header);
	a->request = request_read(xml_root(body));
	bench_require(a->header != NULL && a->header->twice == NULL && a->request->line == EDM_V20 && a->request->subject != NULL, "request");
	judge(body, header, a->request);
	xml_release(body);
	xml_release(header);
}

/* ---- registry ---- */

static PGresult *
next_result(void)
{
	PGresult   *result = PQgetResult(connection);
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
		die("transaction");
	if (PQgetResult(connection) != NULL)
		die("end of a statement");
	return result;
}

static void
look_up(const Answer *a)
{
	const Subject *subject = a->request->subject;
	const char *key[] = {subject->date_of_birth, name_key_fold(subject->family_name, strlen(subject->family_name))};
	const char *link[] = {subject->identifier};
	const char *id = a->request->id;

	for (int i = 0; i < TABLES; i++)
		for (int row = 0; row < PQntuples(tables[i].rows); row++)
			set_value(&tables[i], row, "exchange_id", &a->exchange, sizeof(a->exchange));
	set_value(&tables[USED_REQUEST], 0, "request_key", id, strlen(id));
	set_value(&tables[USED_REQUEST], 0, "addressee", ADDRESSEE, strlen(ADDRESSEE));
	send_prepared("begin", 0, NULL, NULL, NULL);
	send_table(&tables[USED_REQUEST]);
	send_prepared("link", 1, link, NULL, NULL);
	send_prepared("person", 2, key, NULL, NULL);
	send_prepared("stays", 2, key, NULL, NULL);
	if (PQsendFlushRequest(connection) != 1 || PQflush(connection) != 0)
		die("flush");
	PQclear(next_result());
	PQclear(next_result());
}

static void
fields_of(PGresult *rows, int row, int count, Field *fields)
{
	for (int i = 0; i < count; i++)
		fields[i] = (Field) {PQgetvalue(rows, row, i), PQgetisnull(rows, row, i) ? -1 : PQgetlength(rows, row, i)};
}

static void
write_document(Answer *a, PGresult *persons, PGresult *stays)
{
	Field		fields[PERSON_FIELDS > STAY_FIELDS ? PERSON_FIELDS : STAY_FIELDS];
	char		moment[24];
	time_t		seconds = time(NULL);

	strftime(moment, sizeof(moment), "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
	a->document->length = 0;
	buffer_constant(a->document, RESIDENCE_START);
	fields_of(persons, 0, PERSON_FIELDS, fields);
	residence_person(a->document, fields);
	for (int row = 0; row < PQntuples(stays); row++)
	{
		fields_of(stays, row, STAY_FIELDS, fields);
		residence_stay(a->document, fields);
	}
	residence_seal(&sealer, a->document, 0, RESIDENCE_END, moment);
	a->issuing_date = pstrdup(PQgetvalue(persons, 0, 8));
}

static void
serve(Answer *a)
{
	const Subject *subject = a->request->subject;
	PGresult   *link = next_result();
	PGresult   *persons = next_result();
	PGresult   *stays = next_result();

	bench_require(PQntuples(link) == 0 && PQntuples(persons) == 1 && name_equal(subject->family_name, PQgetvalue(persons, 0, 1)) &&
				  given_names_equal(subject->given_name, PQgetvalue(persons, 0, 2), GIVEN_NAMES_SET), "match");
	write_document(a, persons, stays);
	PQclear(link);
	PQclear(persons);
	PQclear(stays);
}

/* ---- answer ---- */

static void
reply(Answer *a, TimestampTz now)
{
	ResponseFrame frame = {
		.line = EDM_V20,.request_id = a->request->id,.response_id = a->response_id = uuid_text(),
		.issued = moment_text(now),.provider = &provider,.requester = a->request->requester
	};
	ResponseItem item = {
		.role = "MainEvidence",.evidence_id = a->evidence_id,.content_id = a->content_id,.media_type = "application/xml",
		.language = "LV",.conforms_to = CONFORMS_TO,.title = title.text,.issuing_date = a->issuing_date
	};
	char	   *first_id = psprintf("%s" DOMAIN, uuid_hex());
	ResponsePart first = {first_id, "application/x-ebrs+xml"};
	ResponsePart evidence = {a->content_id, "application/xml"};

	initStringInfo(&a->response);
	response_write(&a->response, &frame, a->request->subject, CLASSIFICATION, titles, list_make1(&item));
	initStringInfo(&a->answer_header);
	response_write_header(&a->answer_header, &frame, a->header, "ExecuteQueryResponse", psprintf("%s" DOMAIN, uuid_text()),
						  lappend(list_make1(&first), &evidence));
}

static void
record_event(int row, const char *part, int length, const char *header, int header_length, unsigned char *digest)
{
	residence_digest(&sealer, part, length, digest);
	set_value(&tables[EVENTS], row, "first_part", part, length);
	set_value(&tables[EVENTS], row, "header", header, header_length);
	set_value(&tables[EVENTS], row, "first_part_sha256", digest, 32);
}

static void
record(const Answer *a, TimestampTz received, TimestampTz answered)
{
	Table	   *exchange = &tables[EXCHANGE];
	Table	   *evidence = &tables[EVIDENCE];
	uint64_t	times[2] = {htobe64((uint64_t) received), htobe64((uint64_t) answered)};
	uint64_t	size = htobe64((uint64_t) a->document->length);
	unsigned char digests[3][32];
	uint8		keys[2][SHA256_BYTES];

	bench_require(subject_key(a->request->subject, NULL, keys[0]), "subject");
	identifier_key(a->request->subject->identifier, NULL, keys[1]);
	set_value(exchange, 0, "received_at", &times[0], 8);
	set_value(exchange, 0, "answered_at", &times[1], 8);
	set_value(exchange, 0, "request_id", a->request->id, strlen(a->request->id));
	set_value(exchange, 0, "data_service", a->request->data_service, strlen(a->request->data_service));
	set_value(exchange, 0, "subject_key", keys[0], SHA256_BYTES);
	set_value(exchange, 0, "subject_identifier_key", keys[1], SHA256_BYTES);
	set_value(exchange, 0, "answer_header", a->answer_header.data, a->answer_header.len);
	for (int row = REQUEST_RECEIVED; row <= RESPONSE_BUILT; row++)
		set_value(&tables[EVENTS], row, "event_time", &times[row != REQUEST_RECEIVED], 8);
	record_event(REQUEST_RECEIVED, a->body, a->body_length, a->header_bytes, a->header_length, digests[0]);
	record_event(RESPONSE_BUILT, a->response.data, a->response.len, a->answer_header.data, a->answer_header.len, digests[1]);
	residence_digest(&sealer, a->document->data, a->document->length, digests[2]);
	set_value(evidence, 0, "event_time", &times[1], 8);
	set_value(evidence, 0, "evidence_id", a->evidence_uuid, 16);
	set_value(evidence, 0, "content_id", a->content_id, strlen(a->content_id));
	set_value(evidence, 0, "size_bytes", &size, 8);
	set_value(evidence, 0, "sha256_as_held", digests[2], 32);
	for (int i = EXCHANGE; i < TABLES; i++)
		send_table(&tables[i]);
	send_prepared("commit", 0, NULL, NULL, NULL);
	finish_pipeline();
}

static void
show(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%02x", (unsigned char) bytes[i]);
	printf("\n");
}

static void
answer(int row)
{
	static Buffer document;
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "request", ALLOCSET_DEFAULT_SIZES);
	TimestampTz received = GetCurrentTimestamp();
	TimestampTz answered;
	Answer		a = {
		.body = PQgetvalue(requests, row, 0),.body_length = PQgetlength(requests, row, 0),
		.header_bytes = PQgetvalue(requests, row, 1),.header_length = PQgetlength(requests, row, 1),
		.exchange = htobe64(next_exchange++),.document = &document
	};

	MemoryContextSwitchTo(context);
	receive(&a);
	look_up(&a);
	serve(&a);
	residence_uuid(a.evidence_uuid, a.evidence_id);
	a.content_id = psprintf("%s" DOMAIN, uuid_hex());
	answered = GetCurrentTimestamp();
	reply(&a, answered);
	record(&a, received, answered);
	if (is_shown)
	{
		show(a.document->data, a.document->length);
		show(a.response.data, a.response.len);
		show(a.answer_header.data, a.answer_header.len);
	}
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(context);
}

static void
prepare_statements(void)
{
	static const char *const condition = "born = $1 AND ootspg.name_key(family_name) = $2";
	const Oid	key[] = {1082, 25};
	const Oid	text[] = {25};

	prepare("begin", "BEGIN", 0, NULL);
	prepare("commit", "COMMIT", 0, NULL);
	prepare("link", "SELECT person_id FROM ootspg.identity_link WHERE provider = 'civil' AND revoked_at IS NULL "
			"AND upper(left(identifier, 5) COLLATE \"C\") || substr(identifier, 6) = upper(left($1, 5) COLLATE \"C\") || substr($1, 6)", 1, text);
	prepare("person", psprintf("SELECT code, family_name, given_name, born::text, birthplace, sex, citizenship, document_no, issued::text, office "
							   "FROM bench.person WHERE %s", condition), 2, key);
	prepare("stays", psprintf("SELECT r.code, r.since::text, r.until::text, r.street, r.house, r.city, r.municipality, r.postcode, r.cadastre::text, r.kind "
							  "FROM bench.person p JOIN bench.residence r USING (code) WHERE %s ORDER BY r.since", condition), 2, key);
	for (int i = 0; i < TABLES; i++)
		prepare_table(&tables[i]);
}

static void
measure(int count)
{
	int			warm_up = count / 10;
	int64_t		cpu;
	double		client;
	double		elapsed;

	for (int i = 0; i < warm_up; i++)
		answer(i);
	PQexitPipelineMode(connection);
	cpu = backend_cpu();
	PQenterPipelineMode(connection);
	client = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	elapsed = seconds_of(CLOCK_MONOTONIC);
	for (int i = warm_up; i < count; i++)
		answer(i);
	elapsed = seconds_of(CLOCK_MONOTONIC) - elapsed;
	client = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - client;
	PQexitPipelineMode(connection);
	cpu = backend_cpu() - cpu;
	count -= warm_up;
	printf("%.3f %.3f %.3f\n", cpu / 1e3 / count, elapsed * 1e6 / count, client * 1e6 / count + cpu / 1e3 / count);
}

int
main(int argc, char **argv)
{
	int			count = argc == 5 ? atoi(argv[4]) : -1;

	if (count < 0)
	{
		fprintf(stderr, "usage: program KEY.pem CERTIFICATE.pem FIRST COUNT\n");
		return 2;
	}
	CurrentMemoryContext = TopMemoryContext = AllocSetContextCreate(NULL, "top", ALLOCSET_DEFAULT_SIZES);
	provider.names = list_make1(&provider_name);
	titles = list_make1(&title);
	residence_open_sealer(&sealer, argv[1], argv[2]);
	connect_anew();
	is_shown = count == 0;
	requests = run(psprintf("SELECT body, header FROM bench.request WHERE n > %d ORDER BY n LIMIT %d", atoi(argv[3]), Max(count, 1)), 1);
	next_exchange = (uint64_t) (atoi(argv[3]) + 1) << 24;
	prepare_statements();
	if (PQenterPipelineMode(connection) != 1)
		die("pipeline");
	if (is_shown)
		answer(0);
	else
		measure(PQntuples(requests));
	PQfinish(connection);
	return 0;
}
