/*
 * sign.c
 *		Digest and detached JWS (JAdES, HttpHeaders) with OpenSSL.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "sign.h"

#define MAX_CHAIN 8
#define ES256_HALF 32

struct Signer
{
	EVP_PKEY   *key;
	X509	   *chain[MAX_CHAIN];
	int			count;
};

static FILE *
open_file(const char *path)
{
	FILE	   *file = fopen(path, "re");

	if (file == NULL)
		fatal("could not open \"%s\": %m", path);
	return file;
}

Signer *
signer_load(const char *key, const char *chain)
{
	Signer	   *signer = allocate(sizeof(Signer));
	FILE	   *file = open_file(key);

	signer->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	file = open_file(chain);
	while (signer->count < MAX_CHAIN && (signer->chain[signer->count] = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
		signer->count++;
	fclose(file);
	if (signer->key == NULL || (!EVP_PKEY_is_a(signer->key, "EC") && !EVP_PKEY_is_a(signer->key, "ED25519")))
		fatal("no key for ES256 or EdDSA in \"%s\"", key);
	if (signer->count == 0 || X509_check_private_key(signer->chain[0], signer->key) != 1)
		fatal("the first certificate of \"%s\" is not that of the key", chain);
	return signer;
}

void
signer_free(Signer *signer)
{
	if (signer == NULL)
		return;
	EVP_PKEY_free(signer->key);
	for (int i = 0; i < signer->count; i++)
		X509_free(signer->chain[i]);
	free(signer);
}

char *
digest_of(const char *bytes, size_t len)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size;
	Buffer		out = {0};

	if (EVP_Digest(bytes ? bytes : "", len, hash, &size, EVP_sha256(), NULL) != 1)
		fatal("could not digest");
	buffer_text(&out, "SHA-256=");
	buffer_base64(&out, hash, size);
	return out.data;
}

static void
add_base64url(Buffer *out, const void *bytes, size_t len)
{
	size_t		start = out->len;

	buffer_base64(out, bytes, len);
	for (char *c = out->data + start; *c; c++)
		*c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
	while (out->len > start && out->data[out->len - 1] == '=')
		out->data[--out->len] = '\0';
}

/* A tag and a length of at most two bytes around the contents, which are taken. */
static Buffer
der_wrap(unsigned char tag, Buffer contents)
{
	unsigned char head[4] = {tag, contents.len};
	Buffer		out = {0};
	int			size = 2;

	if (contents.len > 0xff)
	{
		head[1] = 0x82;
		head[2] = contents.len >> 8;
		head[3] = contents.len;
		size = 4;
	}
	else if (contents.len > 0x7f)
	{
		head[1] = 0x81;
		head[2] = contents.len;
		size = 3;
	}
	buffer_add(&out, head, size);
	buffer_add(&out, contents.data, contents.len);
	buffer_free(&contents);
	return out;
}

/* IssuerSerial: the issuer as the only general name (a directory name), and the serial number. */
static void
add_issuer_serial(Buffer *out, const X509 *leaf)
{
	unsigned char *der = NULL;
	int			len = i2d_X509_NAME(X509_get_issuer_name(leaf), &der);
	Buffer		name = {0};

	buffer_add(&name, der, len);
	OPENSSL_free(der);
	name = der_wrap(0x30, der_wrap(0xa4, name));
	der = NULL;
	len = i2d_ASN1_INTEGER(X509_get0_serialNumber(leaf), &der);
	buffer_add(&name, der, len);
	OPENSSL_free(der);
	name = der_wrap(0x30, name);
	buffer_base64(out, name.data, name.len);
	buffer_free(&name);
}

/* The certificate in base64 of either kind, or its SHA-512 in that for the web. */
static void
add_certificate(Buffer *out, const X509 *certificate, bool hashed)
{
	unsigned char *der = NULL;
	int			len = i2d_X509(certificate, &der);
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned int size;

	if (len < 0 || EVP_Digest(der, len, hash, &size, EVP_sha512(), NULL) != 1)
		fatal("could not write a certificate");
	if (hashed)
		add_base64url(out, hash, size);
	else
		buffer_base64(out, der, len);
	OPENSSL_free(der);
}

static char *
protected_header(const Signer *signer, const char *algorithm, time_t moment)
{
	Buffer		json = {0};
	Buffer		out = {0};

	buffer_format(&json, "{\"alg\":\"%s\",\"kid\":\"", algorithm);
	add_issuer_serial(&json, signer->chain[0]);
	buffer_text(&json, "\",\"x5t#o\":{\"digAlg\":\"S512\",\"digVal\":\"");
	add_certificate(&json, signer->chain[0], true);
	buffer_text(&json, "\"},\"x5c\":[");
	for (int i = 0; i < signer->count; i++)
	{
		buffer_text(&json, i > 0 ? ",\"" : "\"");
		add_certificate(&json, signer->chain[i], false);
		buffer_text(&json, "\"");
	}
	buffer_format(&json, "],\"typ\":\"jose\",\"b64\":false,\"iat\":%lld,\"sigD\":{\"mId\":"
				  "\"http://uri.etsi.org/19182/HttpHeaders\",\"pars\":[\"digest\"]},\"crit\":[\"b64\",\"sigD\"]}",
				  (long long) moment);
	add_base64url(&out, json.data, json.len);
	buffer_free(&json);
	return out.data;
}

/* From the sequence of two integers OpenSSL writes to both in 32 bytes each. */
static void
flatten(unsigned char *signature, size_t *len)
{
	const unsigned char *der = signature;
	ECDSA_SIG  *both = d2i_ECDSA_SIG(NULL, &der, *len);

	if (both == NULL || BN_bn2binpad(ECDSA_SIG_get0_r(both), signature, ES256_HALF) < 0 ||
		BN_bn2binpad(ECDSA_SIG_get0_s(both), signature + ES256_HALF, ES256_HALF) < 0)
		fatal("not a signature for ES256");
	ECDSA_SIG_free(both);
	*len = 2 * ES256_HALF;
}

static void
add_key_signature(Buffer *out, const Signer *signer, const Buffer *input)
{
	bool		edwards = EVP_PKEY_is_a(signer->key, "ED25519");
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char signature[256];
	size_t		len = sizeof(signature);

	if (EVP_DigestSignInit(context, NULL, edwards ? NULL : EVP_sha256(), NULL, signer->key) != 1 ||
		EVP_DigestSign(context, signature, &len, (unsigned char *) input->data, input->len) != 1)
		fatal("could not sign");
	EVP_MD_CTX_free(context);
	if (!edwards)
		flatten(signature, &len);
	add_base64url(out, signature, len);
}

/* What passes where the algorithm is taken from the header: the public key is no secret. */
static void
add_mac(Buffer *out, const Signer *signer, const Buffer *input)
{
	unsigned char *der = NULL;
	int			len = i2d_PUBKEY(signer->key, &der);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int size;

	if (len < 0 || HMAC(EVP_sha256(), der, len, (unsigned char *) input->data, input->len, mac, &size) == NULL)
		fatal("could not compute a code");
	add_base64url(out, mac, size);
	OPENSSL_free(der);
}

char *
signer_sign(const Signer *signer, const char *digest, const char *algorithm, time_t moment)
{
	const char *shown = algorithm ? algorithm : EVP_PKEY_is_a(signer->key, "EC") ? "ES256" : "EdDSA";
	char	   *header = protected_header(signer, shown, moment);
	Buffer		input = {0};
	Buffer		out = {0};

	buffer_format(&input, "%s.digest: %s", header, digest);
	buffer_format(&out, "%s..", header);
	if (strncmp(shown, "HS", 2) == 0)
		add_mac(&out, signer, &input);
	else if (strcmp(shown, "none") != 0)
		add_key_signature(&out, signer, &input);
	buffer_free(&input);
	free(header);
	return out.data;
}

void
spoil_signature(char *jws)
{
	char	   *first = strrchr(jws, '.') + 1;

	*first = *first == 'A' ? 'B' : 'A';
}
