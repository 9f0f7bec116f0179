/*
 * jades.c
 *		Write a JAdES-BASELINE-B signature (ETSI TS 119 182-1 V1.2.1): a JWS (RFC 7515) whose protected
 *		header names the signer's certificate by its digest, has the chain, and the time in iat, which
 *		took the place of sigT. All that is said is protected; there is nothing beside it. A
 *		payload that is in it is encoded, so no member is critical; of one that lies beside, sigD has the digest.
 */
#include "postgres.h"

#include <time.h>

#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "errors.h"
#include "seal/jades.h"
#include "seal/jose.h"
#include "seal/keydata.h"
#include "seal/sha256.h"

/* The key's algorithm as JOSE names it. */
static const char *
algorithm_of(const SealKey *key)
{
	const char *algorithm = jose_algorithm(key->suite, X509_get0_pubkey(sk_X509_value(key->certificates, 0)));

	if (algorithm == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_KEY),
				 errmsg("seal key \"%s\" could not make a seal: JSON can't be sealed on Brainpool's curves", key->name),
				 errhint("Validators of other states know no JOSE algorithm for them. Use a key on P-256 or P-384.")));
	return algorithm;
}

/* Members of the header that are those of the key: digest and chain, the trust anchor left out. */
static void
make_constants(SealKey *key)
{
	MemoryContext old = MemoryContextSwitchTo(key->context);
	StringInfoData members;

	initStringInfo(&members);
	appendStringInfoString(&members, "\"x5t#S256\":\"");
	jose_append_base64url(&members, key->certificate_sha256, sizeof(key->certificate_sha256));
	appendStringInfoString(&members, "\",\"x5c\":[");
	for (int i = 0; i < sk_X509_num(key->certificates); i++)
	{
		int			length;
		uint8	   *der = key_certificate_der(key, i, &length);

		if (der == NULL)
			continue;
		appendStringInfoString(&members, i > 0 ? ",\"" : "\"");
		/* standard base64, unlike everything else (RFC 7515 §4.1.6) */
		enlargeStringInfo(&members, (length + 2) / 3 * 4 + 1);
		members.len += EVP_EncodeBlock((unsigned char *) members.data + members.len, der, length);
		appendStringInfoChar(&members, '"');
		pfree(der);
	}
	appendStringInfoChar(&members, ']');
	MemoryContextSwitchTo(old);
	key->jose_members = members.data;
}

/*
 * What the seal is of, by its digest (TS 119 182-1 §5.2.8.3.3): with b64 false that of its octets, not of their encoding. The name is
 * made of the digest as well (RFC 6920), since one that it has on the way is another where it is kept.
 */
static void
append_sigd(StringInfo header, const char *json, size_t length)
{
	uint8		digest[SHA256_BYTES];
	StringInfoData text;

	initStringInfo(&text);
	sha256_bytes(json, length, digest);
	jose_append_base64url(&text, digest, sizeof(digest));
	appendStringInfo(header, "\"b64\":false,\"crit\":[\"b64\",\"sigD\"],\"sigD\":{\"mId\":\"" JADES_BY_HASH "\",\"pars\":[\"ni:///sha-256;%s\"],"
					 "\"hashM\":\"S256\",\"hashV\":[\"%s\"],\"ctys\":[\"json\"]},", text.data, text.data);
	pfree(text.data);
}

static void
append_header(StringInfo out, const SealKey *key, JadesForm form, const char *json, size_t length)
{
	StringInfoData header;

	initStringInfo(&header);
	appendStringInfo(&header, "{\"alg\":\"%s\",\"typ\":\"%s\",", algorithm_of(key), form == JADES_COMPACT ? "jose" : "jose+json");
	if (form == JADES_DETACHED)
		append_sigd(&header, json, length);
	else
		appendStringInfoString(&header, "\"cty\":\"json\",");
	appendStringInfo(&header, "\"iat\":" INT64_FORMAT ",%s}", (int64) time(NULL), key->jose_members);
	jose_append_base64url(out, header.data, header.len);
	pfree(header.data);
}

static void
append_signature(StringInfo out, SealKey *key, const char *input, size_t length)
{
	uint8		digest[EVP_MAX_MD_SIZE];
	unsigned int digest_length;
	uint8		signature[KEY_MAX_SIGNATURE];
	size_t		signature_length;

	if (!EVP_Digest(input, length, digest, &digest_length, key->digest, NULL))
		key_raise_failure(key, "a digest");
	signature_length = key_sign(key, digest, digest_length, signature);
	if (signature_length == 0)
		key_raise_failure(key, "signing");
	jose_append_base64url(out, signature, signature_length);
}

void
jades_seal(SealKey *key, const char *json, size_t length, JadesForm form, StringInfo out)
{
	StringInfoData input;
	int			dot;

	(void) algorithm_of(key);
	if (key->jose_members == NULL)
		make_constants(key);
	initStringInfo(&input);
	append_header(&input, key, form, json, length);
	dot = input.len;
	appendStringInfoChar(&input, '.');
	if (form != JADES_DETACHED)
		jose_append_base64url(&input, json, length);
	if (form == JADES_COMPACT)
	{
		appendBinaryStringInfo(out, input.data, input.len);
		appendStringInfoChar(out, '.');
		append_signature(out, key, input.data, input.len);
	}
	else
	{
		appendStringInfoChar(out, '{');
		if (form == JADES_FLATTENED)
		{
			appendStringInfoString(out, "\"payload\":\"");
			appendBinaryStringInfo(out, input.data + dot + 1, input.len - dot - 1);
			appendStringInfoString(out, "\",");
		}
		appendStringInfoString(out, "\"protected\":\"");
		appendBinaryStringInfo(out, input.data, dot);
		appendStringInfoString(out, "\",\"signature\":\"");
		append_signature(out, key, input.data, input.len);
		appendStringInfoString(out, "\"}");
	}
	pfree(input.data);
}
