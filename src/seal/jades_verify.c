/*
 * jades_verify.c
 *		Strict verification of a JAdES seal whose payload is in it, or is given beside it: compact, flattened, or general with one
 *		signature. What is not protected says nothing but unsigned properties (etsiU), which
 *		are not read; what is protected names no key but by its certificate; what is critical is
 *		understood; and a payload that is neither in it nor given is refused in words.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "utils/timestamp.h"

#include "seal/base64url.h"
#include "seal/jades.h"
#include "seal/jades_beside.h"
#include "seal/jose.h"
#include "seal/signature.h"
#include "seal/trust.h"
#include "settings.h"

/* Chains take the most of it: ten certificates of 4 kB in base64 twice. */
#define MAX_HEADER			131072

/* Seconds since 1970: the year 9999, far from the ends of PostgreSQL's calendar. */
#define MAX_SIGNING_TIME	INT64CONST(253402300799)

/* A text that is part of the document, not NUL terminated. */
typedef struct Part
{
	const char *text;
	size_t		length;
} Part;

/* A JWS taken apart, whichever way it was written. */
typedef struct Jws
{
	SealVerdict *verdict;
	STACK_OF(X509) *certificates;
	bool		compact;
	Part		header;
	Part		payload;		/* as it was sent */
	Part		signature;
	const JwsValue *properties; /* etsiU: not signed; NULL when there are none */
	const JwsValue *json;		/* the header, read */
	const char *alg;
	const SealSuite *suite;
	bool		encoded;		/* payload is base64url: b64 is not false */
} Jws;

static bool
refuse(Jws *jws, const char *step, const char *reason)
{
	return verdict_refuse(jws->verdict, step, reason);
}

/* What it is a seal of is not here. */
static bool
refuse_detached(Jws *jws, const char *reason)
{
	return verdict_refuse_as(jws->verdict, STEP_REFERENCES, "SIGNED_DATA_NOT_FOUND", reason);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
jades_looks_like(const char *bytes, size_t length)
{
	size_t		i = 0;

	while (i < length && is_space(bytes[i]))
		i++;
	if (i < length && bytes[i] == '{')
		return true;
	/* a header is an object, and its first octets encode to this */
	return length > 2 && bytes[0] == 'e' && memchr(bytes, '.', length) != NULL;
}

/* Three parts: there is no other character that could be a dot. */
static bool
split_compact(Jws *jws, const char *bytes, size_t length)
{
	const char *end = bytes + length;
	const char *first = memchr(bytes, '.', length);
	const char *second = first ? memchr(first + 1, '.', end - first - 1) : NULL;

	if (second == NULL || memchr(second + 1, '.', end - second - 1) != NULL)
		return refuse(jws, STEP_STRUCTURE, "the JWS is not three parts");
	jws->compact = true;
	jws->header = (Part) {bytes, first - bytes};
	jws->payload = (Part) {first + 1, second - first - 1};
	jws->signature = (Part) {second + 1, end - second - 1};
	return true;
}

/* header beside protected may have unsigned properties of JAdES, and nothing that a reader could take for more. */
static bool
check_unprotected(Jws *jws, const JwsValue *header)
{
	const JwsValue *unsigned_properties = jws_json_member(header, "etsiU");

	if (header == NULL)
		return true;
	if (header->kind != JWS_OBJECT || header->count != 1 || unsigned_properties == NULL || unsigned_properties->kind != JWS_ARRAY)
		return refuse(jws, STEP_STRUCTURE, "the JWS has an unprotected header with more than etsiU");
	jws->properties = unsigned_properties;
	return true;
}

static bool
take_text(Jws *jws, const JwsValue *object, const char *name, Part *part, const char *reason)
{
	const char *text = jws_json_string(jws_json_member(object, name));

	if (text == NULL)
		return refuse(jws, STEP_STRUCTURE, reason);
	*part = (Part) {text, strlen(text)};
	return true;
}

/* Are all members of an object among these? */
static bool
has_only(const JwsValue *object, const char *const *names, int count)
{
	for (const JwsValue *member = object->first; member != NULL; member = member->next)
	{
		bool		known = false;

		for (int i = 0; i < count; i++)
			known = known || strcmp(member->name, names[i]) == 0;
		if (!known)
			return false;
	}
	return true;
}

/* The object that has signature and protected: the JWS itself, or the one of its list. */
static const JwsValue *
signature_object(Jws *jws, const JwsValue *json)
{
	static const char *const flattened[] = {"payload", "protected", "header", "signature"};
	static const char *const general[] = {"payload", "signatures"};
	static const char *const one[] = {"protected", "header", "signature"};
	const JwsValue *list = jws_json_member(json, "signatures");

	if (list == NULL)
	{
		if (!has_only(json, flattened, lengthof(flattened)))
			refuse(jws, STEP_STRUCTURE, "the JWS has a member that is not one of a JWS");
		return json;
	}
	if (!has_only(json, general, lengthof(general)))
		refuse(jws, STEP_STRUCTURE, "the JWS has a member that is not one of a JWS");
	else if (list->kind != JWS_ARRAY || list->count != 1)
		refuse(jws, STEP_STRUCTURE, "the JWS does not have exactly one signature");
	else if (list->first->kind != JWS_OBJECT || !has_only(list->first, one, lengthof(one)))
		refuse(jws, STEP_STRUCTURE, "the signature has a member that is not one of a JWS");
	return list->first;
}

static bool
split_json(Jws *jws, const char *bytes, size_t length)
{
	const char *reason;
	const JwsValue *json = jws_json_read(bytes, length, &reason);
	const JwsValue *one;

	if (json == NULL)
		return refuse(jws, STEP_PARSING, "the JWS is not JSON, has a member twice, or too many values");
	one = signature_object(jws, json);
	return jws->verdict->step == NULL && check_unprotected(jws, jws_json_member(one, "header")) &&
		take_text(jws, one, "protected", &jws->header, "the JWS has no protected header") &&
		(jws_json_member(json, "payload") == NULL || take_text(jws, json, "payload", &jws->payload, "the payload is not text")) &&
		take_text(jws, one, "signature", &jws->signature, "the JWS has no signature");
}

static bool
split(Jws *jws, const char *bytes, size_t length)
{
	size_t		i = 0;

	if (length > (size_t) oots_max_message_kb * 1024)
		return refuse(jws, STEP_LIMITS, "the document is too large");
	while (i < length && is_space(bytes[i]))
		i++;
	if (i < length && bytes[i] == '{')
		return split_json(jws, bytes, length);
	return split_compact(jws, bytes, length);
}

static bool
read_header(Jws *jws)
{
	size_t		length;
	const char *reason;
	char	   *text;

	if (jws->header.length > MAX_HEADER)
		return refuse(jws, STEP_LIMITS, "the protected header is too long");
	text = (char *) base64_strict(jws->header.text, jws->header.length, BASE64_URL, &length);
	if (text == NULL)
		return refuse(jws, STEP_PARSING, "the protected header is not base64url");
	jws->json = jws_json_read(text, length, &reason);
	return jws->json != NULL || refuse(jws, STEP_PARSING, reason);
}

/* Members that would choose another key, or say that the payload is not what is here. */
static bool
check_members(Jws *jws)
{
	static const char *const keys[] = {"jwk", "jku", "x5u"};

	for (int i = 0; i < (int) lengthof(keys); i++)
		if (jws_json_member(jws->json, keys[i]) != NULL)
			return refuse(jws, STEP_STRUCTURE, "the header names a key otherwise than by its certificate");
	if (jws_json_member(jws->json, "sigD") == NULL)
		return true;
	if (jws->verdict->beside == NULL)
		return refuse_detached(jws, "the seal is of documents elsewhere (sigD)");
	return jws->payload.length == 0 || refuse(jws, STEP_STRUCTURE, "the seal is of its payload and of documents elsewhere");
}

/* RFC 7515 §4.1.11: a list that is not empty, of extensions, each once, there, and understood. */
static bool
check_critical(Jws *jws)
{
	static const char *const understood[] = {"b64", "sigT", "x5t#o", "sigD"};
	const JwsValue *critical = jws_json_member(jws->json, "crit");
	int			said[lengthof(understood)] = {0};

	if (critical == NULL)
		return true;
	if (critical->kind != JWS_ARRAY || critical->count == 0)
		return refuse(jws, STEP_STRUCTURE, "crit is not a list of names");
	for (const JwsValue *item = critical->first; item != NULL; item = item->next)
	{
		const char *name = jws_json_string(item);
		int			i = 0;

		while (name != NULL && i < (int) lengthof(understood) && strcmp(name, understood[i]) != 0)
			i++;
		if (name == NULL || i == lengthof(understood))
			return refuse(jws, STEP_STRUCTURE, "a critical member is not understood");
		if (said[i]++ > 0 || jws_json_member(jws->json, name) == NULL)
			return refuse(jws, STEP_STRUCTURE, "a critical member is named twice, or is not there");
	}
	return true;
}

static bool
is_critical(const Jws *jws, const char *name)
{
	const JwsValue *critical = jws_json_member(jws->json, "crit");

	for (const JwsValue *item = critical ? critical->first : NULL; item != NULL; item = item->next)
		if (strcmp(jws_json_string(item), name) == 0)
			return true;
	return false;
}

/* RFC 7797 §6: who does not know b64 would verify other octets than were meant. */
static bool
check_encoding(Jws *jws)
{
	const JwsValue *b64 = jws_json_member(jws->json, "b64");

	jws->encoded = b64 == NULL || b64->kind == JWS_TRUE;
	if (b64 == NULL)
		return true;
	if ((b64->kind != JWS_TRUE && b64->kind != JWS_FALSE) || !is_critical(jws, "b64"))
		return refuse(jws, STEP_STRUCTURE, "b64 is not a truth value that is critical");
	return true;
}

/* Who does not know sigD would verify a signature over nothing, or not find what it is over. */
static bool
take_beside(Jws *jws)
{
	const StringInfoData *document = jws->verdict->beside;
	const JwsValue *sigd = jws_json_member(jws->json, "sigD");
	StringInfo	payload = makeStringInfo();

	if (jws->payload.length > 0)
		return refuse(jws, STEP_POSITION, NOT_BESIDE);
	if (sigd != NULL && !is_critical(jws, "sigD"))
		return refuse(jws, STEP_STRUCTURE, "sigD is not critical");
	if (!jades_beside(sigd, document, jws->encoded, jws->verdict, payload))
		return false;
	jws->payload = (Part) {payload->data, payload->len};
	jws->verdict->signed_content = makeStringInfo();
	appendBinaryStringInfo(jws->verdict->signed_content, document->data, document->len);
	return true;
}

/* An empty payload is one that was taken out: nobody seals nothing. */
static bool
take_payload(Jws *jws)
{
	StringInfo	content = makeStringInfo();
	size_t		length = jws->payload.length;
	const char *octets = jws->payload.text;

	if (jws->verdict->beside != NULL)
		return take_beside(jws);
	if (length == 0)
		return refuse_detached(jws, "the JWS has no payload: what is sealed lies elsewhere");
	if (jws->encoded)
		octets = (char *) base64_strict(jws->payload.text, jws->payload.length, BASE64_URL, &length);
	if (octets == NULL)
		return refuse(jws, STEP_PARSING, "the payload is not base64url");
	appendBinaryStringInfo(content, octets, (int) length);
	jws->verdict->signed_content = content;
	return true;
}

static bool
check_algorithm(Jws *jws)
{
	jws->alg = jws_json_string(jws_json_member(jws->json, "alg"));
	jws->suite = jws->alg ? jose_suite(jws->alg) : NULL;
	if (jws->suite == NULL)
		return refuse(jws, STEP_ALGORITHMS, "the algorithm is not accepted");
	jws->verdict->algorithm = jws->suite->name;
	return true;
}

static bool
refuse_certificate(Jws *jws, const char *reason)
{
	return refuse(jws, STEP_CERTIFICATE, reason);
}

static bool
read_chain(Jws *jws)
{
	const JwsValue *chain = jws_json_member(jws->json, "x5c");

	if (chain == NULL || chain->kind != JWS_ARRAY || chain->count == 0)
		return refuse_certificate(jws, "the header has no certificates");
	if (chain->count > TRUST_MAX_CHAIN)
		return refuse_certificate(jws, "the header has too many certificates");
	/* standard base64, unlike everything else (RFC 7515 §4.1.6) */
	for (const JwsValue *item = chain->first; item != NULL; item = item->next)
	{
		const char *text = jws_json_string(item);
		size_t		length = 0;
		uint8	   *der = text ? base64_strict(text, strlen(text), BASE64_STANDARD, &length) : NULL;
		const uint8 *p = der;
		X509	   *certificate = der ? d2i_X509(NULL, &p, (long) length) : NULL;

		if (certificate == NULL || p != der + length || !sk_X509_push(jws->certificates, certificate))
		{
			X509_free(certificate);
			return refuse_certificate(jws, "a certificate can't be read");
		}
	}
	return true;
}

/* Is the first certificate the one of that digest, in base64url? */
static bool
is_bound(const Jws *jws, const char *digest, const JwsValue *value)
{
	const char *text = jws_json_string(value);
	size_t		length = 0;
	uint8	   *claimed = text ? base64_strict(text, strlen(text), BASE64_URL, &length) : NULL;
	uint8		computed[EVP_MAX_MD_SIZE];
	unsigned int computed_length = 0;

	return claimed != NULL && X509_digest(sk_X509_value(jws->certificates, 0), EVP_get_digestbyname(digest), computed, &computed_length) &&
		length == computed_length && memcmp(claimed, computed, length) == 0;
}

/* TS 119 182-1 §5.2.2: x5t#S256, or another digest in x5t#o, and one of them only. */
static bool
check_binding(Jws *jws)
{
	const JwsValue *sha256 = jws_json_member(jws->json, "x5t#S256");
	const JwsValue *other = jws_json_member(jws->json, "x5t#o");
	const char *name = jws_json_string(jws_json_member(other, "digAlg"));
	const char *digest = NULL;
	bool		bound;

	if ((sha256 == NULL) == (other == NULL))
		return refuse_certificate(jws, "the header does not name its certificate by one digest");
	if (name != NULL)
		digest = strcmp(name, "S512") == 0 ? "SHA512" : strcmp(name, "S384") == 0 ? "SHA384" : NULL;
	if (other != NULL && digest == NULL)
		return verdict_refuse(jws->verdict, STEP_ALGORITHMS, "the digest of the certificate has another algorithm than S512 and S384");
	bound = sha256 != NULL ? is_bound(jws, "SHA256", sha256) : is_bound(jws, digest, jws_json_member(other, "digVal"));
	return bound || refuse_certificate(jws, "the first certificate is not the one that the header names");
}

static bool
check_certificate(Jws *jws)
{
	X509	   *signer;

	if (!read_chain(jws) || !check_binding(jws))
		return false;
	signer = sk_X509_value(jws->certificates, 0);
	if (!verdict_signer(jws->verdict, signer, jws->suite))
		return false;
	return jose_key_fits(jws->alg, X509_get0_pubkey(signer)) ||
		refuse_certificate(jws, "the certificate's key is not one for the algorithm");
}

static bool
check_signature(Jws *jws)
{
	size_t		length;
	uint8	   *value = base64_strict(jws->signature.text, jws->signature.length, BASE64_URL, &length);
	StringInfoData input;

	if (value == NULL)
		return refuse(jws, STEP_SIGNATURE, "the signature is not base64url");
	initStringInfo(&input);
	appendBinaryStringInfo(&input, jws->header.text, (int) jws->header.length);
	appendStringInfoChar(&input, '.');
	appendBinaryStringInfo(&input, jws->payload.text, (int) jws->payload.length);
	return signature_verify(jws->suite, X509_get0_pubkey(sk_X509_value(jws->certificates, 0)), input.data, input.len,
							value, length, true) ||
		refuse(jws, STEP_SIGNATURE, "the signature does not fit");
}

/* iat; sigT, which it replaced in V1.2.1, makes it a seal of the former form. */
static bool
check_time(Jws *jws)
{
	const JwsValue *issued = jws_json_member(jws->json, "iat");
	const JwsValue *former = jws_json_member(jws->json, "sigT");
	const char *text = jws_json_string(former);
	int64		seconds = jws_json_integer(issued);
	TimestampTz time;

	if ((issued == NULL) == (former == NULL))
		return refuse(jws, STEP_PROPERTIES, "the header does not tell one time of signing");
	if (former != NULL)
	{
		if (!oots_accept_former_seals)
			return refuse(jws, STEP_PROPERTIES, "sigT is a form of former seals");
		if (text == NULL || !verdict_parse_time(text, &time))
			return refuse(jws, STEP_PROPERTIES, "the time of signing can't be read");
	}
	else if (seconds < 0 || seconds > MAX_SIGNING_TIME)
		return refuse(jws, STEP_PROPERTIES, "the time of signing can't be read");
	else
		time = time_t_to_timestamptz((pg_time_t) seconds);
	jws->verdict->form = former != NULL ? "former" : "baseline";
	return verdict_signing_time(jws->verdict, sk_X509_value(jws->certificates, 0), time,
								"the time of signing is outside of the certificate's validity", "the time of signing is in the future");
}

/* An unsigned property: an object, or one in base64url (TS 119 182-1 §5.3.1). */
static const JwsValue *
read_property(const JwsValue *item)
{
	const char *text = jws_json_string(item);
	const char *reason;
	size_t		length;
	char	   *json;

	if (text == NULL)
		return item->kind == JWS_OBJECT ? item : NULL;
	json = strlen(text) <= MAX_HEADER ? (char *) base64_strict(text, strlen(text), BASE64_URL, &length) : NULL;
	return json ? jws_json_read(json, length, &reason) : NULL;
}

/* Time stamps are upon the signature as it is written (TS 119 182-1 §5.3.4). */
static void
note_stamps(Jws *jws)
{
	for (const JwsValue *item = jws->properties ? jws->properties->first : NULL; item != NULL; item = item->next)
	{
		const JwsValue *tokens = jws_json_member(jws_json_member(read_property(item), "sigTst"), "tstTokens");

		for (const JwsValue *token = tokens ? tokens->first : NULL; token != NULL; token = token->next)
		{
			const char *text = jws_json_string(jws_json_member(token, "val"));
			size_t		length = 0;
			uint8	   *octets = text ? base64_strict(text, strlen(text), BASE64_STANDARD, &length) : NULL;

			verdict_note_stamp(jws->verdict, octets, length, jws->signature.text, jws->signature.length);
		}
	}
}

/* DER in base64 in val of each object of a list (TS 119 182-1 §5.3.5.3) */
static void
note_values(Jws *jws, const JwsValue *list, bool is_crl)
{
	for (const JwsValue *item = list ? list->first : NULL; item != NULL; item = item->next)
	{
		const char *text = jws_json_string(jws_json_member(item, "val"));
		size_t		length = 0;
		uint8	   *octets = text ? base64_strict(text, strlen(text), BASE64_STANDARD, &length) : NULL;

		verdict_note_revocation(jws->verdict, is_crl, octets, length);
	}
}

static void
note_revocation(Jws *jws)
{
	for (const JwsValue *item = jws->properties ? jws->properties->first : NULL; item != NULL; item = item->next)
	{
		const JwsValue *values = jws_json_member(read_property(item), "rVals");

		note_values(jws, jws_json_member(values, "crlVals"), true);
		note_values(jws, jws_json_member(values, "ocspVals"), false);
	}
}

static void
note_policy(Jws *jws)
{
	const JwsValue *policy = jws_json_member(jws->json, "sigPId");
	const char *id = jws_json_string(jws_json_member(policy, "id"));

	if (policy != NULL)
		jws->verdict->policy = id ? id : "";
}

bool
jades_verify(const char *bytes, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	Jws			jws = {.verdict = verdict, .certificates = certificates};

	if (!split(&jws, bytes, length) || !read_header(&jws))
		return false;
	note_policy(&jws);
	note_stamps(&jws);
	note_revocation(&jws);
	return check_members(&jws) && check_critical(&jws) && check_encoding(&jws) && take_payload(&jws) &&
		check_algorithm(&jws) && check_certificate(&jws) && check_signature(&jws) && check_time(&jws);
}

bool
jades_is_there(const char *bytes, size_t length)
{
	SealVerdict verdict = {0};
	Jws			jws = {.verdict = &verdict};

	return jades_looks_like(bytes, length) && split(&jws, bytes, length) && jws.payload.length > 0 && read_header(&jws);
}
