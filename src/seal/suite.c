/*
 * suite.c
 *		The tables of signature and digest algorithms. What is not listed is
 *		neither made nor accepted: SHA-1, MD5, DSA, every HMAC (D-SIG-12).
 */
#include "postgres.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "seal/suite.h"

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

/*
 * Names follow ETSI TS 119 312 V1.5.1 (December 2024). RSA below 3000 bits is
 * legacy there: no new seals with it, but seals made with 2048 bits are still
 * read. The padding of PKCS#1 v1.5 (rsa-sha256 …) has an end there whatever the
 * size of the key; RSA-PSS is made where the administrator says so. EdDSA is left out:
 * neither libxmlsec1 1.2 nor the validators of other states know it.
 */
static const SealSuite ts_119_312_v1_5_1[] = {
	{"ecdsa-sha256", MORE "ecdsa-sha256", "SHA256", "EC", {"prime256v1", "brainpoolP256r1"}, 0, 256},
	{"ecdsa-sha384", MORE "ecdsa-sha384", "SHA384", "EC", {"secp384r1", "brainpoolP384r1"}, 0, 256},
	{"ecdsa-sha512", MORE "ecdsa-sha512", "SHA512", "EC", {"brainpoolP512r1", NULL}, 0, 256},
	{"rsa-sha256", MORE "rsa-sha256", "SHA256", "RSA", {NULL, NULL}, 3072, 2048},
	{"rsa-sha384", MORE "rsa-sha384", "SHA384", "RSA", {NULL, NULL}, 0, 2048},
	{"rsa-sha512", MORE "rsa-sha512", "SHA512", "RSA", {NULL, NULL}, 0, 2048},
	{"sha256-rsa-MGF1", PSS_URI("sha256"), "SHA256", "RSA", {NULL, NULL}, 3072, 2048},
	{"sha384-rsa-MGF1", PSS_URI("sha384"), "SHA384", "RSA", {NULL, NULL}, 0, 2048},
	{"sha512-rsa-MGF1", PSS_URI("sha512"), "SHA512", "RSA", {NULL, NULL}, 0, 2048},
};

static const struct
{
	const char *uri;
	const char *digest;
}			digests[] = {
	{"http://www.w3.org/2001/04/xmlenc#sha256", "SHA256"},
	{MORE "sha384", "SHA384"},
	{"http://www.w3.org/2001/04/xmlenc#sha512", "SHA512"},
};

/* curves whose signatures are accepted; Brainpool's are usual in German and Austrian certificates */
static const char *const curves[] = {
	"prime256v1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1",
};

static bool
curve_of(const EVP_PKEY *key, char *curve, size_t size)
{
	return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
										  curve, size, NULL) == 1;
}

static bool
makes_seals(const SealSuite *suite, const EVP_PKEY *key, bool pss)
{
	char		curve[64];

	if (!EVP_PKEY_is_a(key, suite->key_type))
		return false;
	if (strcmp(suite->key_type, "EC") != 0)
		return suite_is_pss(suite) == pss && suite->bits_to_create > 0 && EVP_PKEY_get_bits(key) >= suite->bits_to_create;
	if (!curve_of(key, curve, sizeof(curve)))
		return false;
	for (int i = 0; i < (int) lengthof(suite->curves); i++)
		if (suite->curves[i] != NULL && strcmp(suite->curves[i], curve) == 0)
			return true;
	return false;
}

const SealSuite *
suite_for_key(const EVP_PKEY *key, bool pss)
{
	for (int i = 0; i < (int) lengthof(ts_119_312_v1_5_1); i++)
		if (makes_seals(&ts_119_312_v1_5_1[i], key, pss))
			return &ts_119_312_v1_5_1[i];
	return NULL;
}

bool
suite_prepare(const SealSuite *suite, EVP_PKEY_CTX *context, const EVP_MD *digest)
{
	return EVP_PKEY_CTX_set_signature_md(context, digest) > 0 &&
		(!suite_is_pss(suite) ||
		 (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
		  EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0));
}

const SealSuite *
suite_by_uri(const char *uri)
{
	for (int i = 0; i < (int) lengthof(ts_119_312_v1_5_1); i++)
		if (strcmp(ts_119_312_v1_5_1[i].uri, uri) == 0)
			return &ts_119_312_v1_5_1[i];
	return NULL;
}

const SealSuite *
suite_by_name(const char *name)
{
	for (int i = 0; i < (int) lengthof(ts_119_312_v1_5_1); i++)
		if (strcmp(ts_119_312_v1_5_1[i].name, name) == 0)
			return &ts_119_312_v1_5_1[i];
	return NULL;
}

bool
suite_is_pss(const SealSuite *suite)
{
	return strstr(suite->name, "-rsa-MGF1") != NULL;
}

bool
suite_accepts_key(const SealSuite *suite, const EVP_PKEY *key)
{
	char		curve[64];

	if (!EVP_PKEY_is_a(key, suite->key_type) ||
		EVP_PKEY_get_bits(key) < suite->bits_to_accept)
		return false;
	if (strcmp(suite->key_type, "EC") != 0)
		return true;
	if (!curve_of(key, curve, sizeof(curve)))
		return false;
	for (int i = 0; i < (int) lengthof(curves); i++)
		if (strcmp(curves[i], curve) == 0)
			return true;
	return false;
}

const char *
suite_digest_by_uri(const char *uri)
{
	for (int i = 0; i < (int) lengthof(digests); i++)
		if (strcmp(digests[i].uri, uri) == 0)
			return digests[i].digest;
	return NULL;
}

int
suite_ec_octets(const EVP_PKEY *key)
{
	return (EVP_PKEY_get_bits(key) + 7) / 8;
}
