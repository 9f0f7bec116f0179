/*
 * jose.c
 *		What JOSE calls the suites of our table.
 */
#include "postgres.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "utils/memutils.h"

#include "seal/jose.h"

/* Names that validators of other states do not know: no seals of ours have them. */
#define IS_UNUSUAL(alg)	(strncmp((alg), "ESB", 3) == 0)

/* curve NULL: RSA */
static const struct
{
	const char *alg;
	const char *suite;
	const char *curve;
}			algorithms[] = {
	{"ES256", "ecdsa-sha256", "prime256v1"},
	{"ES384", "ecdsa-sha384", "secp384r1"},
	{"ES512", "ecdsa-sha512", "secp521r1"},
	/* RFC 9864: read, not made */
	{"ESB256", "ecdsa-sha256", "brainpoolP256r1"},
	{"ESB384", "ecdsa-sha384", "brainpoolP384r1"},
	{"ESB512", "ecdsa-sha512", "brainpoolP512r1"},
	{"RS256", "rsa-sha256", NULL},
	{"RS384", "rsa-sha384", NULL},
	{"RS512", "rsa-sha512", NULL},
	{"PS256", "sha256-rsa-MGF1", NULL},
	{"PS384", "sha384-rsa-MGF1", NULL},
	{"PS512", "sha512-rsa-MGF1", NULL},
};

static bool
curve_fits(const char *curve, const EVP_PKEY *key)
{
	char		name[64];

	if (curve == NULL)
		return !EVP_PKEY_is_a(key, "EC");
	return EVP_PKEY_is_a(key, "EC") &&
		EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name), NULL) == 1 &&
		strcmp(name, curve) == 0;
}

const SealSuite *
jose_suite(const char *alg)
{
	for (int i = 0; i < (int) lengthof(algorithms); i++)
		if (strcmp(algorithms[i].alg, alg) == 0)
			return suite_by_name(algorithms[i].suite);
	return NULL;
}

bool
jose_key_fits(const char *alg, const EVP_PKEY *key)
{
	for (int i = 0; i < (int) lengthof(algorithms); i++)
		if (strcmp(algorithms[i].alg, alg) == 0)
			return curve_fits(algorithms[i].curve, key);
	return false;
}

const char *
jose_algorithm(const SealSuite *suite, const EVP_PKEY *key)
{
	for (int i = 0; i < (int) lengthof(algorithms); i++)
		if (strcmp(algorithms[i].suite, suite->name) == 0 && !IS_UNUSUAL(algorithms[i].alg) && curve_fits(algorithms[i].curve, key))
			return algorithms[i].alg;
	return NULL;
}

void
jose_append_base64url(StringInfo out, const void *octets, size_t length)
{
	char	   *start;
	char	   *to;

	if (length > (MaxAllocSize - out->len) / 4 * 3 - 16)
		ereport(ERROR, errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("a document is too large to be written in base64url"));
	enlargeStringInfo(out, (int) ((length + 2) / 3 * 4 + 1));
	start = out->data + out->len;
	to = start + EVP_EncodeBlock((unsigned char *) start, octets, (int) length);
	while (to > start && to[-1] == '=')
		to--;
	for (char *p = start; p < to; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	*to = '\0';
	out->len = (int) (to - out->data);
}
