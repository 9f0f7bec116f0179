/*
 * libpq_bulk.c
 *		The strongest alternative to bulk evidence inside of the server: a program
 *		written by hand for this one evidence type. It reads the registry by binary
 *		COPY, writes the canonical XML with element names in its text, seals with
 *		kept OpenSSL contexts and loads outbox and audit by binary COPY, all in one
 *		transaction. It checks less than the extension does: no schema, no limits,
 *		no characters that XML forbids.
 *
 *		libpq_bulk KEY.pem CERTIFICATE.pem (connects by the environment)
 *		prints "CPU ELAPSED": µs for each document, CPU of client and backend.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <libpq-fe.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "residence.h"

/* Runs a statement; its first value as a number. */
static int64_t
run(PGconn *connection, const char *sql)
{
	PGresult   *result = PQexec(connection, sql);
	int64_t		value = 0;

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		bench_die(sql, PQerrorMessage(connection));
	if (PQntuples(result) > 0)
		value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	return value;
}

/* All fields of a COPY … TO STDOUT (FORMAT binary), row after row. */
static Field *
read_all(PGconn *connection, const char *sql, int fields, size_t *rows)
{
	PGresult   *result = PQexec(connection, sql);
	Field	   *all = NULL;
	size_t		count = 0;
	size_t		room = 0;
	char	   *message;
	int			length;

	if (PQresultStatus(result) != PGRES_COPY_OUT)
		bench_die(sql, PQerrorMessage(connection));
	PQclear(result);
	while ((length = PQgetCopyData(connection, &message, 0)) > 0)
	{
		const char *p = count == 0 && length >= 19 && memcmp(message, "PGCOPY", 6) == 0 ? message + 19 : message;
		uint16_t	n;

		memcpy(&n, p, 2);
		p += 2;
		if (ntohs(n) != fields)
			continue;			/* header or trailer alone */
		if (count + fields > room)
			all = realloc(all, (room = (room + fields) * 2) * sizeof(Field));
		for (int i = 0; i < fields; i++)
		{
			uint32_t	size;

			memcpy(&size, p, 4);
			all[count].length = (int) ntohl(size);
			all[count].text = p + 4;
			p += 4 + (all[count].length > 0 ? all[count].length : 0);
			count++;
		}
		/* the message is kept: fields point into it */
	}
	bench_require(length == -1, "reading");
	PQclear(PQgetResult(connection));
	PQclear(PQgetResult(connection));
	*rows = count / fields;
	return all;
}

static void
put_int32(Buffer *b, int32_t value)
{
	uint32_t	n = htonl((uint32_t) value);

	buffer_put(b, &n, 4);
}

static void
put_field(Buffer *b, const void *bytes, size_t length)
{
	put_int32(b, (int32_t) length);
	buffer_put(b, bytes, length);
}

static void
put_int64_field(Buffer *b, int64_t value)
{
	uint64_t	n = htobe64((uint64_t) value);

	put_field(b, &n, 8);
}

static void
put_int32_field(Buffer *b, int32_t value)
{
	put_int32(b, 4);
	put_int32(b, value);
}

static void
put_count(Buffer *b, int fields)
{
	uint16_t	n = htons((uint16_t) fields);

	buffer_put(b, &n, 2);
}

static const char copy_header[19] = "PGCOPY\n\377\r\n";

static void
copy_begin(PGconn *connection, const char *sql)
{
	PGresult   *result = PQexec(connection, sql);

	if (PQresultStatus(result) != PGRES_COPY_IN)
		bench_die(sql, PQerrorMessage(connection));
	PQclear(result);
	bench_require(PQputCopyData(connection, copy_header, sizeof(copy_header)) == 1, "writing");
}

static void
copy_end(PGconn *connection)
{
	PGresult   *result;

	bench_require(PQputCopyData(connection, "\377\377", 2) == 1 && PQputCopyEnd(connection, NULL) == 1, "writing");
	result = PQgetResult(connection);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		bench_die("COPY", PQerrorMessage(connection));
	PQclear(result);
	PQclear(PQgetResult(connection));
}

/* The outbox row of one document, and its audit row into audit. */
static void
put_document(PGconn *connection, const Sealer *s, Buffer *audit, int64_t exchange, int64_t now, const Buffer *document)
{
	static Buffer row;
	unsigned char id[16];
	char		content_id[36 + sizeof(DOMAIN)];
	unsigned char hash[32];

	residence_uuid(id, content_id);
	memcpy(content_id + 36, DOMAIN, sizeof(DOMAIN));
	residence_digest(s, document->data, document->length, hash);
	row.length = 0;
	put_count(&row, 7);
	put_int64_field(&row, exchange);
	put_int32_field(&row, 2);
	put_field(&row, content_id, strlen(content_id));
	put_field(&row, "application/xml", 15);
	put_field(&row, id, 16);
	put_field(&row, hash, 32);
	put_field(&row, document->data, document->length);
	bench_require(PQputCopyData(connection, row.data, (int) row.length) == 1, "writing");

	put_count(audit, 14);
	put_int64_field(audit, now);
	put_int64_field(audit, exchange);
	put_field(audit, "civil", 5);
	put_field(audit, id, 16);
	put_field(audit, "MainEvidence", 12);
	put_field(audit, "application/xml", 15);
	put_field(audit, content_id, strlen(content_id));
	put_int64_field(audit, (int64_t) document->length);
	put_field(audit, hash, 32);
	put_field(audit, CONFORMS_TO, sizeof(CONFORMS_TO) - 1);
	put_field(audit, "LV", 2);
	put_field(audit, "bench", 5);
	put_field(audit, s->certificate_digest, 32);
	put_field(audit, "not_required", 12);
}

static size_t
bulk(PGconn *connection, const Sealer *s)
{
	Buffer		audit = {0};
	Buffer		document = {0};
	size_t		persons;
	size_t		stays;
	size_t		stay = 0;
	Field	   *person;
	Field	   *residence;
	int64_t		exchange;
	int64_t		now;
	char		moment[24];
	time_t		seconds;

	run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ");
	now = run(connection, "SELECT (extract(epoch FROM now()) * 1000000)::bigint - 946684800000000");
	person = read_all(connection, "COPY (SELECT code, family_name, given_name, born::text, birthplace, sex, citizenship, document_no, "
					  "issued::text, office FROM bench.person ORDER BY code) TO STDOUT (FORMAT binary)", PERSON_FIELDS, &persons);
	residence = read_all(connection, "COPY (SELECT code, since::text, until::text, street, house, city, municipality, postcode, "
						 "cadastre::text, kind FROM bench.residence ORDER BY code, since) TO STDOUT (FORMAT binary)", STAY_FIELDS, &stays);
	exchange = run(connection, "SELECT nextval('bench.exchange_seq')");
	copy_begin(connection, "COPY bench.outbox (exchange_id, part, content_id, media_type, evidence_id, sha256, content) "
			   "FROM STDIN (FORMAT binary)");
	for (size_t i = 0; i < persons; i++)
	{
		const Field *p = &person[i * PERSON_FIELDS];

		if (i % 64 == 0)
		{
			seconds = time(NULL);
			strftime(moment, sizeof(moment), "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
		}
		document.length = 0;
		buffer_constant(&document, RESIDENCE_START);
		residence_person(&document, p);
		for (; stay < stays; stay++)
		{
			const Field *r = &residence[stay * STAY_FIELDS];

			if (r[0].length != p[0].length || memcmp(r[0].text, p[0].text, p[0].length) != 0)
				break;
			residence_stay(&document, r);
		}
		residence_seal(s, &document, 0, RESIDENCE_END, moment);
		put_document(connection, s, &audit, exchange++, now, &document);
	}
	copy_end(connection);
	bench_require(stay == stays, "merging");
	copy_begin(connection, "COPY ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, "
			   "size_bytes, sha256_as_held, conforms_to, language, seal_key, certificate_sha256, decision) FROM STDIN (FORMAT binary)");
	for (size_t sent = 0; sent < audit.length;)
	{
		size_t		chunk = audit.length - sent < 65536 ? audit.length - sent : 65536;

		bench_require(PQputCopyData(connection, audit.data + sent, (int) chunk) == 1, "writing");
		sent += chunk;
	}
	copy_end(connection);
	run(connection, "SELECT setval('bench.exchange_seq', (SELECT max(exchange_id) FROM bench.outbox))");
	run(connection, "COMMIT");
	return persons;
}

static double
seconds_of(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	PGconn	   *connection = PQconnectdb("");
	Sealer		sealer;
	double		elapsed;
	double		client;
	int64_t		backend;
	size_t		documents;

	if (argc != 3)
	{
		fprintf(stderr, "usage: libpq_bulk KEY.pem CERTIFICATE.pem\n");
		return 2;
	}
	if (PQstatus(connection) != CONNECTION_OK)
		bench_die("connecting", PQerrorMessage(connection));
	residence_open_sealer(&sealer, argv[1], argv[2]);
	run(connection, "SET jit = off");
	backend = run(connection, "SELECT bench.cpu()");
	client = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	elapsed = seconds_of(CLOCK_MONOTONIC);
	documents = bulk(connection, &sealer);
	elapsed = seconds_of(CLOCK_MONOTONIC) - elapsed;
	client = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - client;
	backend = run(connection, "SELECT bench.cpu()") - backend;
	printf("%.3f %.3f\n", (client * 1e6 + backend / 1e3) / documents, elapsed * 1e6 / documents);
	PQfinish(connection);
	return 0;
}
