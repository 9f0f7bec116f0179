/*
 * jws.c
 *		Verification of a directory's answer, in steps; the first failure is the verdict.
 *		The chain in the header comes from whoever sent the answer: it may help to reach a
 *		configured root and is never one.
 */
#include "postgres.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#include "seal/base64url.h"
#include "seal/jws.h"
#include "seal/jws_header.h"
#include "seal/keydata.h"
#include "seal/sha256.h"
#include "seal/trust.h"

/* Four times what has been seen, with three certificates in it. */
#define MAX_SIGNATURE_HEADER	32768

/* Both algorithms: r and s of 32 octets each (RFC 7518 §3.4), R and S (RFC 8032 §5.1.6). */
#define SIGNATURE_OCTETS		64

#define DIGEST_NAME				"SHA-256="

/* Seconds since 1970: the year 9999, far from the ends of PostgreSQL's calendar. */
#define MAX_SIGNING_TIME		INT64CONST(253402300799)

/* An answer being verified. OpenSSL's objects are freed by jws_verify() on every path. */
typedef struct Verification
{
	const JwsAnswer *answer;
	JwsVerdict *verdict;
	TimestampTz moment;
	const char *header_part;	/* first part of the signature header */
	size_t		header_length;
	const uint8 *signature;		/* SIGNATURE_OCTETS of the third part */
	JwsHeader	header;
	STACK_OF(X509) *certificates;	/* of the header, the signer's first */
	STACK_OF(X509) *roots;
	X509_STORE *store;
	X509_STORE_CTX *context;
	EVP_MD_CTX *digest;
} Verification;

static bool
refuse(Verification *v, const char *step, const char *reason)
{
	v->verdict->step = step;
	v->verdict->reason = reason;
	return false;
}

/*
 * Step 1. One algorithm and one spelling of its value: more in the header would be signed
 * as well, but not be looked at.
 */
static bool
check_digest(Verification *v)
{
	const char *header = v->answer->digest;
	size_t		name = strlen(DIGEST_NAME);
	size_t		length;
	uint8	   *claimed;
	uint8		computed[SHA256_BYTES];

	if (header == NULL)
		return refuse(v, JWS_STEP_DIGEST, "there is no digest header");
	if (pg_strncasecmp(header, DIGEST_NAME, name) != 0)
		return refuse(v, JWS_STEP_DIGEST, "the digest is not one of SHA-256");
	claimed = base64_strict(header + name, strlen(header + name), BASE64_STANDARD, &length);
	if (claimed == NULL || length != SHA256_BYTES)
		return refuse(v, JWS_STEP_DIGEST, "the digest is not base64 of a SHA-256");
	sha256_bytes(v->answer->body, v->answer->length, computed);
	if (memcmp(claimed, computed, SHA256_BYTES) != 0)
		return refuse(v, JWS_STEP_DIGEST, "the digest is that of another body");
	return true;
}

/* Step 2: header, nothing, signature (RFC 7515 Appendix F). */
static bool
split_signature(Verification *v)
{
	const char *text = v->answer->signature;
	const char *dots;
	size_t		length = 0;

	if (text == NULL)
		return refuse(v, JWS_STEP_PARTS, "there is no signature header");
	if (strlen(text) > MAX_SIGNATURE_HEADER)
		return refuse(v, JWS_STEP_PARTS, "the signature header is too long");
	dots = strchr(text, '.');
	if (dots == NULL || dots[1] != '.' || strchr(dots + 2, '.') != NULL)
		return refuse(v, JWS_STEP_PARTS, "the signature header is not two parts with an empty one between them");
	v->header_part = text;
	v->header_length = dots - text;
	v->signature = base64_strict(dots + 2, strlen(dots + 2), BASE64_URL, &length);
	if (v->signature == NULL)
		return refuse(v, JWS_STEP_PARTS, "the signature is not base64url");
	if (length != SIGNATURE_OCTETS)
		return refuse(v, JWS_STEP_PARTS, "the signature does not have 64 octets");
	return true;
}

/* Steps 3 and 4, and the certificates as text. */
static bool
read_header(Verification *v)
{
	if (!jws_header_read(v->header_part, v->header_length, &v->header,
						 &v->verdict->step, &v->verdict->reason))
		return false;
	v->verdict->has_signing_time = v->header.issued_at >= 0 && v->header.issued_at <= MAX_SIGNING_TIME;
	if (v->verdict->has_signing_time)
		v->verdict->signed_at = time_t_to_timestamptz((pg_time_t) v->header.issued_at);
	return true;
}

static bool
read_certificates(Verification *v)
{
	v->certificates = sk_X509_new_null();
	for (int i = 0; i < v->header.chain_length; i++)
	{
		const JwsOctets *der = &v->header.chain[i];
		const uint8 *end = der->bytes;
		X509	   *certificate = d2i_X509(NULL, &end, (long) der->length);

		if (certificate == NULL || end != der->bytes + der->length ||
			!sk_X509_push(v->certificates, certificate))
		{
			X509_free(certificate);
			return refuse(v, JWS_STEP_CERTIFICATE, "a certificate can't be read");
		}
	}
	return true;
}

static bool
note_signer(Verification *v)
{
	X509	   *signer = sk_X509_value(v->certificates, 0);

	if (!X509_digest(signer, sha256_algorithm(), v->verdict->certificate_sha256, NULL))
		return refuse(v, JWS_STEP_CERTIFICATE, "a certificate can't be read");
	v->verdict->has_certificate = true;
	v->verdict->subject = key_subject(signer);
	v->verdict->not_after = key_time(X509_get0_notAfter(signer));
	return true;
}

/* Is the signer's certificate the one of that digest? */
static bool
has_thumbprint(const Verification *v, const char *digest, const JwsOctets *claimed)
{
	uint8		computed[EVP_MAX_MD_SIZE];
	unsigned int length = 0;
	EVP_MD	   *algorithm = EVP_MD_fetch(NULL, digest, NULL);
	bool		fine = algorithm != NULL &&
		X509_digest(sk_X509_value(v->certificates, 0), algorithm, computed, &length) == 1;

	EVP_MD_free(algorithm);
	return fine && claimed->length == length && memcmp(claimed->bytes, computed, length) == 0;
}

static bool
check_thumbprints(Verification *v)
{
	const JwsHeader *header = &v->header;

	if ((header->thumbprint_digest != NULL && !has_thumbprint(v, header->thumbprint_digest, &header->thumbprint)) ||
		(header->thumbprint_sha256.bytes != NULL && !has_thumbprint(v, "SHA256", &header->thumbprint_sha256)))
		return refuse(v, JWS_STEP_CERTIFICATE, "the digest of the certificate is that of another one");
	return true;
}

/* ES256 is P-256 by its name and EdDSA is Ed25519; other keys of the same families are not. */
static bool
key_fits(const EVP_PKEY *key, JwsAlgorithm algorithm)
{
	char		curve[64];
	size_t		length;

	if (key == NULL)
		return false;
	if (algorithm == JWS_EDDSA)
		return EVP_PKEY_is_a(key, "ED25519");
	return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, curve, sizeof(curve), &length) &&
		strcmp(curve, SN_X9_62_prime256v1) == 0;
}

/* May the key sign, and sign this? */
static bool
check_usage(Verification *v)
{
	X509	   *signer = sk_X509_value(v->certificates, 0);
	const char *refusal = trust_usage_refusal(signer);

	if (!key_fits(X509_get0_pubkey(signer), v->header.algorithm))
		return refuse(v, JWS_STEP_CERTIFICATE, "the certificate's key does not fit the algorithm");
	return refusal == NULL || refuse(v, JWS_STEP_CERTIFICATE, refusal);
}

/* A context in which nothing but the configured roots is trusted; no network, so no revocation. */
static bool
prepare_chain(Verification *v)
{
	X509_VERIFY_PARAM *param;

	v->store = X509_STORE_new();
	v->context = X509_STORE_CTX_new();
	if (v->store == NULL || v->context == NULL)
		return false;
	for (int i = 0; i < sk_X509_num(v->roots); i++)
		if (!X509_STORE_add_cert(v->store, sk_X509_value(v->roots, i)))
			return false;
	if (!X509_STORE_CTX_init(v->context, v->store, sk_X509_value(v->certificates, 0), v->certificates))
		return false;
	param = X509_STORE_CTX_get0_param(v->context);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_depth(param, JWS_MAX_CERTIFICATES);
	X509_VERIFY_PARAM_set_time(param, (time_t) timestamptz_to_time_t(v->moment));
	/* 112 bits: no SHA-1 and no short keys anywhere in the chain (D-SIG-12) */
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	return true;
}

/* The configured certificate the chain that was found ends in, or NULL. */
static X509 *
root_of_chain(const Verification *v)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(v->context);
	const X509 *last = sk_X509_value(chain, sk_X509_num(chain) - 1);

	for (int i = 0; last != NULL && i < sk_X509_num(v->roots); i++)
		if (X509_cmp(last, sk_X509_value(v->roots, i)) == 0)
			return sk_X509_value(v->roots, i);
	return NULL;
}

/* Step 6 */
static bool
check_chain(Verification *v)
{
	X509	   *root;

	if (!prepare_chain(v))
		return refuse(v, JWS_STEP_CHAIN, "the chain can't be checked");
	if (X509_verify_cert(v->context) != 1)
	{
		switch (X509_STORE_CTX_get_error(v->context))
		{
			case X509_V_ERR_CERT_HAS_EXPIRED:
				return refuse(v, JWS_STEP_CHAIN, "a certificate of the chain has expired");
			case X509_V_ERR_CERT_NOT_YET_VALID:
				return refuse(v, JWS_STEP_CHAIN, "a certificate of the chain is not valid yet");
			default:
				return refuse(v, JWS_STEP_CHAIN, "the chain does not end in a configured root");
		}
	}
	root = root_of_chain(v);
	if (root == NULL || !X509_digest(root, sha256_algorithm(), v->verdict->root_sha256, NULL))
		return refuse(v, JWS_STEP_CHAIN, "the chain does not end in a configured root");
	v->verdict->has_root = true;
	v->verdict->root_not_after = key_time(X509_get0_notAfter(root));
	return true;
}

/*
 * What is signed: the header as it was sent, a dot, and the digest header as RFC 7230 would
 * write it on one line, its name in lower case, without an end of the line.
 */
static void
signing_input(const Verification *v, StringInfo input)
{
	initStringInfo(input);
	appendBinaryStringInfo(input, v->header_part, (int) v->header_length);
	appendStringInfo(input, ".digest: %s", v->answer->digest);
}

/* An unsigned number as a DER integer; its length. */
static size_t
der_integer(const uint8 *octets, size_t length, uint8 *out)
{
	size_t		pad;

	for (; length > 1 && *octets == 0; length--)
		octets++;
	pad = *octets >> 7;			/* else it would be negative */
	out[0] = 2;
	out[1] = (uint8) (length + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, octets, length);
	return 2 + pad + length;
}

/* r || s as the sequence OpenSSL takes; its length. */
static size_t
der_signature(const uint8 *raw, uint8 *out)
{
	size_t		length = der_integer(raw, SIGNATURE_OCTETS / 2, out + 2);

	length += der_integer(raw + SIGNATURE_OCTETS / 2, SIGNATURE_OCTETS / 2, out + 2 + length);
	out[0] = 0x30;
	out[1] = (uint8) length;
	return 2 + length;
}

/* Step 7 */
static bool
check_signature(Verification *v)
{
	bool		ecdsa = v->header.algorithm == JWS_ES256;
	uint8		signature[SIGNATURE_OCTETS + 16];
	size_t		length = SIGNATURE_OCTETS;
	StringInfoData input;

	signing_input(v, &input);
	if (ecdsa)
		length = der_signature(v->signature, signature);
	else
		memcpy(signature, v->signature, SIGNATURE_OCTETS);
	v->digest = EVP_MD_CTX_new();
	if (v->digest == NULL ||
		EVP_DigestVerifyInit(v->digest, NULL, ecdsa ? sha256_algorithm() : NULL, NULL,
							 X509_get0_pubkey(sk_X509_value(v->certificates, 0))) != 1 ||
		EVP_DigestVerify(v->digest, signature, length, (uint8 *) input.data, input.len) != 1)
		return refuse(v, JWS_STEP_SIGNATURE, "the signature is not one of this header and digest");
	return true;
}

void
jws_verify(const JwsAnswer *answer, const char *trusted, size_t trusted_length,
		   TimestampTz moment, JwsVerdict *verdict)
{
	Verification v = {.answer = answer, .verdict = verdict, .moment = moment};

	memset(verdict, 0, sizeof(*verdict));
	if (TIMESTAMP_NOT_FINITE(moment))
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("certificates can't be judged as of an infinite moment"));
	ERR_clear_error();
	v.roots = trust_read_anchors(trusted, trusted_length);
	PG_TRY();
	{
		verdict->valid = check_digest(&v) && split_signature(&v) && read_header(&v) &&
			read_certificates(&v) && note_signer(&v) && check_thumbprints(&v) && check_usage(&v) &&
			check_chain(&v) && check_signature(&v);
	}
	PG_FINALLY();
	{
		EVP_MD_CTX_free(v.digest);
		X509_STORE_CTX_free(v.context);
		X509_STORE_free(v.store);
		sk_X509_pop_free(v.certificates, X509_free);
		sk_X509_pop_free(v.roots, X509_free);
		ERR_clear_error();
	}
	PG_END_TRY();
}
