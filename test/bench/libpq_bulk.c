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
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DS "http://www.w3.org/2000/09/xmldsig#"
#define XADES "http://uri.etsi.org/01903/v1.3.2#"
#define EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"

#define DOMAIN "@civil.example.lv"
#define CONFORMS_TO "https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0"

#define PERSON_FIELDS 10
#define STAY_FIELDS 10			/* the first is the person's code */

typedef struct Buffer
{
	char	   *data;
	size_t		length,
				room;
} Buffer;

/* A field of a row that was read; length -1 for NULL. */
typedef struct Field
{
	const char *text;
	int			length;
} Field;

typedef struct Sealer
{
	EVP_PKEY_CTX *context;
	EVP_MD_CTX *digesting;
	EVP_MD	   *sha256;
	char	   *key_info;
	unsigned char certificate_digest[32];
	char		certificate_base64[48];
} Sealer;

static void
die(const char *what, const char *why)
{
	fprintf(stderr, "libpq_bulk: %s: %s\n", what, why);
	exit(1);
}

static void
require(int condition, const char *what)
{
	if (!condition)
		die(what, "failed");
}

static void
make_room(Buffer *b, size_t more)
{
	if (b->length + more <= b->room)
		return;
	b->room = (b->length + more) * 2;
	b->data = realloc(b->data, b->room);
	require(b->data != NULL, "memory");
}

static inline void
put(Buffer *b, const void *bytes, size_t length)
{
	make_room(b, length);
	memcpy(b->data + b->length, bytes, length);
	b->length += length;
}

#define put_constant(b, text) put(b, text, sizeof(text) - 1)

static void
put_escaped(Buffer *b, const char *text, int length)
{
	const char *run = text;
	const char *end = text + length;

	for (const char *p = text; p < end; p++)
	{
		const char *reference = *p == '&' ? "&amp;" : *p == '<' ? "&lt;" : *p == '>' ? "&gt;" : *p == '\r' ? "&#xD;" : NULL;

		if (reference == NULL)
			continue;
		put(b, run, p - run);
		put(b, reference, strlen(reference));
		run = p + 1;
	}
	put(b, run, end - run);
}

#define put_element(b, name, field) \
	do { \
		if ((field).length >= 0) \
		{ \
			put_constant(b, "<r:" name ">"); \
			put_escaped(b, (field).text, (field).length); \
			put_constant(b, "</r:" name ">"); \
		} \
	} while (0)

static void
write_person(Buffer *b, const Field *p)
{
	put_element(b, "PersonCode", p[0]);
	put_element(b, "FamilyName", p[1]);
	put_element(b, "GivenName", p[2]);
	put_element(b, "DateOfBirth", p[3]);
	put_element(b, "PlaceOfBirth", p[4]);
	put_element(b, "Sex", p[5]);
	put_element(b, "Citizenship", p[6]);
	put_element(b, "DocumentNumber", p[7]);
	put_element(b, "Issued", p[8]);
	put_element(b, "IssuingOffice", p[9]);
}

static void
write_stay(Buffer *b, const Field *s)
{
	put_constant(b, "<r:Residence>");
	put_element(b, "Since", s[1]);
	put_element(b, "Until", s[2]);
	put_element(b, "Street", s[3]);
	put_element(b, "House", s[4]);
	put_element(b, "City", s[5]);
	put_element(b, "Municipality", s[6]);
	put_element(b, "Postcode", s[7]);
	put_element(b, "CadastreNumber", s[8]);
	put_element(b, "ResidenceKind", s[9]);
	put_constant(b, "</r:Residence>");
}

static void
digest(const Sealer *s, const void *bytes, size_t length, unsigned char *out)
{
	require(EVP_DigestInit_ex2(s->digesting, s->sha256, NULL) &&
			EVP_DigestUpdate(s->digesting, bytes, length) &&
			EVP_DigestFinal_ex(s->digesting, out, NULL), "digest");
}

static void
digest_base64(const Sealer *s, const void *bytes, size_t length, char *out)
{
	unsigned char value[32];

	digest(s, bytes, length, value);
	EVP_EncodeBlock((unsigned char *) out, value, sizeof(value));
}

static void
random_uuid(unsigned char *uuid, char *text)
{
	static unsigned char pool[64][16];
	static int	left = 0;

	if (left == 0)
	{
		require(RAND_bytes(&pool[0][0], sizeof(pool)) == 1, "random numbers");
		left = 64;
	}
	memcpy(uuid, pool[--left], 16);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = "0123456789abcdef"[uuid[i] >> 4];
		*text++ = "0123456789abcdef"[uuid[i] & 0x0f];
	}
	*text = '\0';
}

/* ECDSA: two integers in DER to two numbers of 32 bytes (RFC 6931). */
static void
der_to_raw(const unsigned char *der, unsigned char *raw)
{
	const unsigned char *p = der + 2;

	memset(raw, 0, 64);
	for (int i = 0; i < 2; i++)
	{
		int			length = p[1];
		int			skip = length > 32 ? length - 32 : 0;

		memcpy(raw + 32 * i + 32 - (length - skip), p + 2 + skip, length - skip);
		p += 2 + length;
	}
}

static void
put_properties(Buffer *b, const Sealer *s, const char *uuid, const char *moment, int alone)
{
	put_constant(b, "<xades:SignedProperties");
	if (alone)
		put_constant(b, " xmlns:xades=\"" XADES "\"");
	put_constant(b, " Id=\"sp-");
	put(b, uuid, 36);
	put_constant(b, "\"><xades:SignedSignatureProperties><xades:SigningTime>");
	put(b, moment, 20);
	put_constant(b, "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod");
	if (alone)
		put_constant(b, " xmlns:ds=\"" DS "\"");
	put_constant(b, " Algorithm=\"" SHA256 "\"></ds:DigestMethod><ds:DigestValue");
	if (alone)
		put_constant(b, " xmlns:ds=\"" DS "\"");
	put_constant(b, ">");
	put(b, s->certificate_base64, 44);
	put_constant(b, "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
				 "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
				 "<xades:DataObjectFormat ObjectReference=\"#ref-");
	put(b, uuid, 36);
	put_constant(b, "\"><xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat>"
				 "</xades:SignedDataObjectProperties></xades:SignedProperties>");
}

static void
put_signed_info(Buffer *b, const char *uuid, const char *document_digest, const char *properties_digest)
{
	put_constant(b, "><ds:CanonicalizationMethod Algorithm=\"" EXC_C14N "\"></ds:CanonicalizationMethod>"
				 "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>"
				 "<ds:Reference Id=\"ref-");
	put(b, uuid, 36);
	put_constant(b, "\" URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS "enveloped-signature\"></ds:Transform>"
				 "<ds:Transform Algorithm=\"" EXC_C14N "\"></ds:Transform></ds:Transforms>"
				 "<ds:DigestMethod Algorithm=\"" SHA256 "\"></ds:DigestMethod><ds:DigestValue>");
	put(b, document_digest, 44);
	put_constant(b, "</ds:DigestValue></ds:Reference><ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#sp-");
	put(b, uuid, 36);
	put_constant(b, "\"><ds:Transforms><ds:Transform Algorithm=\"" EXC_C14N "\"></ds:Transform></ds:Transforms>"
				 "<ds:DigestMethod Algorithm=\"" SHA256 "\"></ds:DigestMethod><ds:DigestValue>");
	put(b, properties_digest, 44);
	put_constant(b, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
}

/* Ends the root element of the document that begins at start, with the seal in it. */
static void
seal(const Sealer *s, Buffer *b, size_t start, const char *end_tag, const char *moment)
{
	static Buffer scratch;
	static const char info_alone[] = "<ds:SignedInfo xmlns:ds=\"" DS "\"";
	size_t		head = b->length;
	unsigned char id[16];
	char		uuid[37];
	char		document_digest[48];
	char		properties_digest[48];
	unsigned char hash[32];
	unsigned char der[80];
	unsigned char raw[64];
	char		value[96];
	size_t		length = sizeof(der);

	put(b, end_tag, strlen(end_tag));
	digest_base64(s, b->data + start, b->length - start, document_digest);
	b->length = head;
	random_uuid(id, uuid);
	scratch.length = 0;
	put_properties(&scratch, s, uuid, moment, 1);
	digest_base64(s, scratch.data, scratch.length, properties_digest);
	scratch.length = 0;
	put_constant(&scratch, info_alone);
	put_signed_info(&scratch, uuid, document_digest, properties_digest);
	digest(s, scratch.data, scratch.length, hash);
	require(EVP_PKEY_sign(s->context, der, &length, hash, sizeof(hash)) > 0, "signature");
	der_to_raw(der, raw);
	EVP_EncodeBlock((unsigned char *) value, raw, sizeof(raw));

	put_constant(b, "<ds:Signature xmlns:ds=\"" DS "\" Id=\"sig-");
	put(b, uuid, 36);
	put_constant(b, "\"><ds:SignedInfo");
	put(b, scratch.data + sizeof(info_alone) - 1, scratch.length - (sizeof(info_alone) - 1));
	put_constant(b, "<ds:SignatureValue Id=\"sv-");
	put(b, uuid, 36);
	put_constant(b, "\">");
	put(b, value, 88);
	put_constant(b, "</ds:SignatureValue>");
	put(b, s->key_info, strlen(s->key_info));
	put_constant(b, "<ds:Object><xades:QualifyingProperties xmlns:xades=\"" XADES "\" Target=\"#sig-");
	put(b, uuid, 36);
	put_constant(b, "\">");
	put_properties(b, s, uuid, moment, 0);
	put_constant(b, "</xades:QualifyingProperties></ds:Object></ds:Signature>");
	put(b, end_tag, strlen(end_tag));
}

static void
open_sealer(Sealer *s, const char *key_path, const char *certificate_path)
{
	FILE	   *key_file = fopen(key_path, "r");
	FILE	   *certificate_file = fopen(certificate_path, "r");
	EVP_PKEY   *key = key_file ? PEM_read_PrivateKey(key_file, NULL, NULL, NULL) : NULL;
	X509	   *certificate = certificate_file ? PEM_read_X509(certificate_file, NULL, NULL, NULL) : NULL;
	unsigned char *der = NULL;
	int			length;
	char	   *base64;
	const char	template[] = "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>";

	require(key != NULL && certificate != NULL, "reading key and certificate");
	fclose(key_file);
	fclose(certificate_file);
	s->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	s->digesting = EVP_MD_CTX_new();
	s->context = EVP_PKEY_CTX_new(key, NULL);
	require(EVP_PKEY_sign_init(s->context) > 0 && EVP_PKEY_CTX_set_signature_md(s->context, s->sha256) > 0, "key");
	length = i2d_X509(certificate, &der);
	require(length > 0, "certificate");
	base64 = malloc(length * 2 + 8);
	EVP_EncodeBlock((unsigned char *) base64, der, length);
	s->key_info = malloc(strlen(base64) + sizeof(template));
	sprintf(s->key_info, template, base64);
	digest(s, der, length, s->certificate_digest);
	EVP_EncodeBlock((unsigned char *) s->certificate_base64, s->certificate_digest, 32);
	free(base64);
	OPENSSL_free(der);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

/* Runs a statement; its first value as a number. */
static int64_t
run(PGconn *connection, const char *sql)
{
	PGresult   *result = PQexec(connection, sql);
	int64_t		value = 0;

	if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
		die(sql, PQerrorMessage(connection));
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
		die(sql, PQerrorMessage(connection));
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
	require(length == -1, "reading");
	PQclear(PQgetResult(connection));
	PQclear(PQgetResult(connection));
	*rows = count / fields;
	return all;
}

static void
put_int32(Buffer *b, int32_t value)
{
	uint32_t	n = htonl((uint32_t) value);

	put(b, &n, 4);
}

static void
put_field(Buffer *b, const void *bytes, size_t length)
{
	put_int32(b, (int32_t) length);
	put(b, bytes, length);
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

	put(b, &n, 2);
}

static const char copy_header[19] = "PGCOPY\n\377\r\n";

static void
copy_begin(PGconn *connection, const char *sql)
{
	PGresult   *result = PQexec(connection, sql);

	if (PQresultStatus(result) != PGRES_COPY_IN)
		die(sql, PQerrorMessage(connection));
	PQclear(result);
	require(PQputCopyData(connection, copy_header, sizeof(copy_header)) == 1, "writing");
}

static void
copy_end(PGconn *connection)
{
	PGresult   *result;

	require(PQputCopyData(connection, "\377\377", 2) == 1 && PQputCopyEnd(connection, NULL) == 1, "writing");
	result = PQgetResult(connection);
	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		die("COPY", PQerrorMessage(connection));
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

	random_uuid(id, content_id);
	memcpy(content_id + 36, DOMAIN, sizeof(DOMAIN));
	digest(s, document->data, document->length, hash);
	row.length = 0;
	put_count(&row, 7);
	put_int64_field(&row, exchange);
	put_int32_field(&row, 2);
	put_field(&row, content_id, strlen(content_id));
	put_field(&row, "application/xml", 15);
	put_field(&row, id, 16);
	put_field(&row, hash, 32);
	put_field(&row, document->data, document->length);
	require(PQputCopyData(connection, row.data, (int) row.length) == 1, "writing");

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
	static const char end_tag[] = "</r:ResidenceEvidence>";
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
		put_constant(&document, "<r:ResidenceEvidence xmlns:r=\"urn:example:residence:1.0\">");
		write_person(&document, p);
		for (; stay < stays; stay++)
		{
			const Field *r = &residence[stay * STAY_FIELDS];

			if (r[0].length != p[0].length || memcmp(r[0].text, p[0].text, p[0].length) != 0)
				break;
			write_stay(&document, r);
		}
		seal(s, &document, 0, end_tag, moment);
		put_document(connection, s, &audit, exchange++, now, &document);
	}
	copy_end(connection);
	require(stay == stays, "merging");
	copy_begin(connection, "COPY ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, "
			   "size_bytes, sha256_as_held, conforms_to, language, seal_key, certificate_sha256, decision) FROM STDIN (FORMAT binary)");
	for (size_t sent = 0; sent < audit.length;)
	{
		size_t		chunk = audit.length - sent < 65536 ? audit.length - sent : 65536;

		require(PQputCopyData(connection, audit.data + sent, (int) chunk) == 1, "writing");
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
		die("connecting", PQerrorMessage(connection));
	open_sealer(&sealer, argv[1], argv[2]);
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
