/*
 * keydata.h
 *		What a loaded seal key is made of; for the files of src/seal only.
 *
 *		A SealKey lives as long as the backend, its content until the key is
 *		loaded anew: strings in context, OpenSSL's objects freed by key.c.
 */
#ifndef OOTSPG_SEAL_KEYDATA_H
#define OOTSPG_SEAL_KEYDATA_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "compat.h"
#include "seal/key.h"
#include "seal/keyfile.h"
#include "seal/suite.h"

/* seal certificate and intermediates, in bytes of PEM and in number */
#define KEY_MAX_BYTES			65536
#define KEY_MAX_CERTIFICATES	8
#define KEY_MAX_PATH			1024

/* the largest signature any suite we make seals with can give: RSA of 16384 bits */
#define KEY_MAX_SIGNATURE		2048

/* a file: URI taken apart */
typedef struct KeyFile
{
	bool		used;
	char		path[KEY_MAX_PATH];
	KeyFileState state;
} KeyFile;

struct SealKey
{
	SealKey    *next;
	char	   *name;
	bool		loaded;
	TimestampTz checked_at;		/* when the files were last looked at */

	MemoryContext context;
	char	   *place;			/* where its files lie, see keyfile.h */
	char	   *key_uri;
	char	   *certificate_uri;
	bool		pss;			/* ootspg.rsa_pss when it was loaded */
	char	   *directory;		/* ootspg.key_directory they were read from */
	KeyFile		key_file;
	KeyFile		passphrase_file;
	KeyFile		certificate_file;

	OSSL_LIB_CTX *library;		/* NULL: OpenSSL's default context */
	EVP_PKEY   *private_key;
	STACK_OF(X509) *certificates;	/* seal certificate first */
	EVP_PKEY_CTX *signer;		/* initialised, used again and again */
	EVP_MD	   *digest;			/* of SignedInfo */
	const SealSuite *suite;
	int			ec_octets;		/* bytes of r and of s; 0 for RSA */
	uint8		certificate_sha256[32];
	TimestampTz not_before;
	TimestampTz not_after;

	const char *key_info;		/* ds:KeyInfo, made by xades.c */
	const char *certificate_digest; /* base64 of certificate_sha256, likewise */
	const char *jose_members;	/* of a JWS header: digest and chain, made by jades.c */
};

/*
 * keyload.c: fill private_key, certificates and the files' states from the
 * URIs. Both return NULL or the reason for refusal, a constant text; *hint may
 * be set then. Neither raises after having read a secret.
 */
extern const char *key_load_private(SealKey *key, const char **hint);
extern const char *key_load_certificates(SealKey *key, const char **hint);

/* keyplain.c: the first private key of a PEM file, if it is of the kind that most are; NULL leaves it to OpenSSL. Never raises. */
extern EVP_PKEY *key_from_plain_pem(const char *pem, size_t length);

/* Are the files of a loaded key still those that were read, and still acceptable? */
extern bool key_files_unchanged(const SealKey *key);

/*
 * The signature over a digest in the form ds:SignatureValue wants (r || s for EC),
 * its length, or 0 when it can't be made. out holds KEY_MAX_SIGNATURE bytes.
 */
extern size_t key_sign(SealKey *key, const uint8 *digest, size_t digest_length, uint8 *out);

/* The same as OpenSSL gives it: SEQUENCE { r, s } for EC. */
extern size_t key_sign_der(SealKey *key, const uint8 *digest, size_t digest_length, uint8 *out);

/*
 * The DER of certificate i of the key, palloc'd; NULL when it is the trust anchor, which goes along with no seal. Raises
 * ERRCODE_OOTS_KEY when it can't be written.
 */
extern uint8 *key_certificate_der(const SealKey *key, int i, int *length);

/* Raises ERRCODE_OOTS_KEY: what ("signing", "a digest") failed. */
extern OOTS_NORETURN void key_raise_failure(const SealKey *key, const char *what);

/* The reason of OpenSSL's last error for errdetail_log, or NULL; drains its queue. */
extern const char *key_library_reason(void);

/* A point in time of a certificate; 0 when it can't be told. */
extern TimestampTz key_time(const ASN1_TIME *time);

/* The subject as RFC 2253 text, palloc'd; "" when it can't be told. */
extern char *key_subject(const X509 *certificate);

#endif							/* OOTSPG_SEAL_KEYDATA_H */
