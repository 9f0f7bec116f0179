/*
 * signature.c
 *		Verification of one signature value. RSA-PSS has the salt as long as the digest
 *		and the digest itself in its mask, as RFC 7518 §3.5 and our XML seals want it.
 */
#include "postgres.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "seal/signature.h"

/* r || s as the sequence OpenSSL takes, to be freed by OPENSSL_free(); its length, 0: they are not that. */
static size_t
split_numbers(const EVP_PKEY *key, const uint8 *value, size_t length, uint8 **der)
{
	size_t		octets = suite_ec_octets(key);
	ECDSA_SIG  *numbers;
	BIGNUM	   *r;
	BIGNUM	   *s;
	int			der_length = 0;

	if (length != 2 * octets || (numbers = ECDSA_SIG_new()) == NULL)
		return 0;
	r = BN_bin2bn(value, (int) octets, NULL);
	s = BN_bin2bn(value + octets, (int) octets, NULL);
	if (r != NULL && s != NULL && ECDSA_SIG_set0(numbers, r, s))
		der_length = i2d_ECDSA_SIG(numbers, der);
	else
	{
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(numbers);
	return der_length > 0 ? der_length : 0;
}

static bool
set_padding(const SealSuite *suite, EVP_PKEY_CTX *context)
{
	return !suite_is_pss(suite) ||
		(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
		 EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

bool
signature_verify(const SealSuite *suite, EVP_PKEY *key, const void *bytes, size_t length,
				 const uint8 *value, size_t value_length, bool joined)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *of_key = NULL;
	uint8	   *der = NULL;
	bool		fine = context != NULL;

	if (!EVP_PKEY_is_a(key, "EC"))
		fine = fine && value_length == (size_t) EVP_PKEY_get_size(key);
	else if (joined)
	{
		value_length = split_numbers(key, value, value_length, &der);
		value = der;
		fine = fine && value_length > 0;
	}
	fine = fine && EVP_DigestVerifyInit_ex(context, &of_key, suite->digest, NULL, NULL, key, NULL) == 1 &&
		set_padding(suite, of_key) && EVP_DigestVerify(context, value, value_length, bytes, length) == 1;
	EVP_MD_CTX_free(context);
	OPENSSL_free(der);
	ERR_clear_error();
	return fine;
}
