/*
 * jws_header.c
 *		What a protected header must say, and may not (RFC 7515 §4, RFC 7797 §3 and §6,
 *		ETSI TS 119 182-1 §5.2.8). Members that are neither critical nor named here, such as
 *		kid and typ, are passed over; jku, x5u and jwk among them: keys come from nowhere
 *		but a chain to a configured root.
 */
#include "postgres.h"

#include "seal/base64url.h"
#include "seal/jws.h"
#include "seal/jws_header.h"
#include "seal/jws_json.h"

#define HTTP_HEADERS	"http://uri.etsi.org/19182/HttpHeaders"

/* What was found wrong, for the caller. */
typedef struct Refusal
{
	const char *step;
	const char *reason;
} Refusal;

static bool
refuse(Refusal *refusal, const char *step, const char *reason)
{
	refusal->step = step;
	refusal->reason = reason;
	return false;
}

/* Only the two, by their exact names: neither none, nor anything symmetric, nor RSA. */
static bool
read_algorithm(const JwsValue *json, JwsHeader *header, Refusal *refusal)
{
	const char *name = jws_json_string(jws_json_member(json, "alg"));

	if (name == NULL)
		return refuse(refusal, JWS_STEP_HEADER, "the header names no algorithm");
	if (strcmp(name, "ES256") == 0)
		header->algorithm = JWS_ES256;
	else if (strcmp(name, "EdDSA") == 0)
		header->algorithm = JWS_EDDSA;
	else
		return refuse(refusal, JWS_STEP_ALGORITHM, "the algorithm is neither ES256 nor EdDSA");
	return true;
}

/*
 * crit holds b64 and sigD, each once: a reader that does not know them would take the
 * payload for base64url or for empty (RFC 7797 §6).
 */
static bool
check_critical(const JwsValue *json, Refusal *refusal)
{
	const JwsValue *critical = jws_json_member(json, "crit");
	int			b64 = 0;
	int			sigd = 0;

	if (critical == NULL || critical->kind != JWS_ARRAY)
		return refuse(refusal, JWS_STEP_HEADER, "the header has no list of critical members");
	for (const JwsValue *item = critical->first; item != NULL; item = item->next)
	{
		const char *name = jws_json_string(item);

		if (name != NULL && strcmp(name, "b64") == 0)
			b64++;
		else if (name != NULL && strcmp(name, "sigD") == 0)
			sigd++;
		else
			return refuse(refusal, JWS_STEP_HEADER, "a critical member is not understood");
	}
	if (b64 != 1 || sigd != 1)
		return refuse(refusal, JWS_STEP_HEADER, "b64 and sigD are not both critical, each once");
	return true;
}

/* The payload is not encoded, and it is the digest header alone. */
static bool
check_payload(const JwsValue *json, Refusal *refusal)
{
	const JwsValue *b64 = jws_json_member(json, "b64");
	const JwsValue *sigd = jws_json_member(json, "sigD");
	const JwsValue *pars = jws_json_member(sigd, "pars");
	const char *mechanism = jws_json_string(jws_json_member(sigd, "mId"));
	const char *name;

	if (b64 == NULL || b64->kind != JWS_FALSE)
		return refuse(refusal, JWS_STEP_HEADER, "b64 is not false");
	if (mechanism == NULL || strcmp(mechanism, HTTP_HEADERS) != 0)
		return refuse(refusal, JWS_STEP_HEADER, "sigD is not about HTTP headers");
	if (pars == NULL || pars->kind != JWS_ARRAY || pars->count != 1 ||
		(name = jws_json_string(pars->first)) == NULL || strcmp(name, "digest") != 0)
		return refuse(refusal, JWS_STEP_HEADER, "what is signed is not the digest header alone");
	/* critical, so what it holds must be understood too */
	if (sigd->count != 2)
		return refuse(refusal, JWS_STEP_HEADER, "sigD has members that are not understood");
	return true;
}

static bool
read_octets(const JwsValue *value, Base64Kind kind, JwsOctets *octets)
{
	const char *text = jws_json_string(value);

	octets->bytes = text ? base64_strict(text, strlen(text), kind, &octets->length) : NULL;
	return octets->bytes != NULL && octets->length > 0;
}

static bool
read_chain(const JwsValue *json, JwsHeader *header, Refusal *refusal)
{
	const JwsValue *chain = jws_json_member(json, "x5c");

	if (chain == NULL || chain->kind != JWS_ARRAY || chain->count == 0)
		return refuse(refusal, JWS_STEP_CERTIFICATE, "the header has no certificates");
	if (chain->count > JWS_MAX_CERTIFICATES)
		return refuse(refusal, JWS_STEP_CERTIFICATE, "the header has too many certificates");
	/* standard base64, unlike everything else (RFC 7515 §4.1.6) */
	for (const JwsValue *item = chain->first; item != NULL; item = item->next)
		if (!read_octets(item, BASE64_STANDARD, &header->chain[header->chain_length++]))
			return refuse(refusal, JWS_STEP_CERTIFICATE, "a certificate is not base64");
	return true;
}

/* Which certificate signed, said once more; one of the two forms must be there. */
static bool
read_thumbprints(const JwsValue *json, JwsHeader *header, Refusal *refusal)
{
	const JwsValue *sha256 = jws_json_member(json, "x5t#S256");
	const JwsValue *other = jws_json_member(json, "x5t#o");
	const char *digest = jws_json_string(jws_json_member(other, "digAlg"));

	if (sha256 == NULL && other == NULL)
		return refuse(refusal, JWS_STEP_CERTIFICATE, "the header names no certificate by its digest");
	if (sha256 != NULL && !read_octets(sha256, BASE64_URL, &header->thumbprint_sha256))
		return refuse(refusal, JWS_STEP_CERTIFICATE, "the digest of the certificate is not base64url");
	if (other == NULL)
		return true;
	if (digest != NULL && strcmp(digest, "S512") == 0)
		header->thumbprint_digest = "SHA512";
	else if (digest != NULL && strcmp(digest, "S384") == 0)
		header->thumbprint_digest = "SHA384";
	else
		return refuse(refusal, JWS_STEP_CERTIFICATE, "the digest of the certificate has another algorithm than S512 and S384");
	if (!read_octets(jws_json_member(other, "digVal"), BASE64_URL, &header->thumbprint))
		return refuse(refusal, JWS_STEP_CERTIFICATE, "the digest of the certificate is not base64url");
	return true;
}

static bool
read_members(const JwsValue *json, JwsHeader *header, Refusal *refusal)
{
	return read_algorithm(json, header, refusal) && check_critical(json, refusal) &&
		check_payload(json, refusal) && read_chain(json, header, refusal) &&
		read_thumbprints(json, header, refusal);
}

bool
jws_header_read(const char *part, size_t length, JwsHeader *header,
				const char **step, const char **reason)
{
	Refusal		refusal = {.step = JWS_STEP_HEADER};
	size_t		json_length;
	char	   *text = (char *) base64_strict(part, length, BASE64_URL, &json_length);
	const JwsValue *json;
	bool		fine = false;

	memset(header, 0, sizeof(*header));
	if (text == NULL)
		refuse(&refusal, JWS_STEP_HEADER, "the header is not base64url");
	else if ((json = jws_json_read(text, json_length, &refusal.reason)) != NULL)
		fine = read_members(json, header, &refusal);
	if (fine)
		header->issued_at = jws_json_integer(jws_json_member(json, "iat"));
	else
	{
		*step = refusal.step;
		*reason = refusal.reason;
	}
	return fine;
}
