/*
 * prepare.c
 *		The way of a seal key, from PEM to a signature that is verified, gone once for nothing.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "seal/prepare.h"
#include "seal/sha256.h"

/* The key as it comes from a file. */
static EVP_PKEY *
through_pem(EVP_PKEY *key)
{
	BIO		   *bio = BIO_new(BIO_s_mem());
	EVP_PKEY   *result = NULL;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL))
		result = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return result;
}

/* A certificate of the key as it comes from a file. */
static X509 *
certificate_of(EVP_PKEY *key)
{
	X509	   *made = X509_new();
	X509	   *result = NULL;
	unsigned char *der = NULL;
	int			length = 0;

	if (made != NULL && X509_gmtime_adj(X509_getm_notBefore(made), 0) && X509_gmtime_adj(X509_getm_notAfter(made), 60) &&
		X509_set_pubkey(made, key) && X509_sign(made, key, EVP_sha256()))
		length = i2d_X509(made, &der);
	if (length > 0)
	{
		const unsigned char *p = der;

		result = d2i_X509(NULL, &p, length);
	}
	OPENSSL_free(der);
	X509_free(made);
	return result;
}

static void
sign_and_verify(EVP_PKEY *private_key, EVP_PKEY *public_key)
{
	unsigned char digest[SHA256_BYTES] = {0};
	unsigned char signature[256];
	size_t		length = sizeof(signature);
	EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new_from_pkey(NULL, private_key, NULL);
	EVP_PKEY_CTX *verifier = EVP_PKEY_CTX_new_from_pkey(NULL, public_key, NULL);

	if (signer != NULL && EVP_PKEY_sign_init(signer) > 0 && EVP_PKEY_CTX_set_signature_md(signer, EVP_sha256()) > 0 &&
		EVP_PKEY_sign(signer, signature, &length, digest, sizeof(digest)) > 0 && verifier != NULL && EVP_PKEY_verify_init(verifier) > 0)
		(void) EVP_PKEY_verify(verifier, signature, length, digest, sizeof(digest));
	EVP_PKEY_CTX_free(signer);
	EVP_PKEY_CTX_free(verifier);
}

static void
go_through(EVP_PKEY *key)
{
	EVP_PKEY   *private_key = through_pem(key);
	X509	   *certificate = certificate_of(key);
	EVP_PKEY   *public_key = certificate ? X509_get0_pubkey(certificate) : NULL;

	if (private_key != NULL && public_key != NULL)
		sign_and_verify(private_key, public_key);
	EVP_PKEY_free(private_key);
	X509_free(certificate);
}

void
seal_prepare(void)
{
	uint8		digest[SHA256_BYTES];
	EVP_PKEY   *key = EVP_EC_gen("P-256");

	sha256_bytes("", 0, digest);
	if (key != NULL)
		go_through(key);
	EVP_PKEY_free(key);
	ERR_clear_error();
}
