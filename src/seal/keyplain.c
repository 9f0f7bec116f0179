/*
 * keyplain.c
 *		An EC private key in plain PKCS #8, which most seal keys are, put together from its numbers.
 *
 *		PEM_read_bio_PrivateKey() looks for a decoder among all that OpenSSL has, at the price of as many instructions as two
 *		answers, in each session. The structure is so small that it need not. Whatever else a key may be (RSA, encrypted,
 *		with parameters of its own, malformed) is left to it, and so is the verdict on it.
 */
#include "postgres.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "seal/keydata.h"

#define MAX_NUMBER	66			/* octets of a private key of P-521 */

/* A part of DER. */
typedef struct Der
{
	const unsigned char *at;
	const unsigned char *end;
} Der;

/* Steps into the next part, if it is of that class and tag and its length is told; rest stands behind it. */
static bool
enter(Der *rest, int class, int tag, Der *part)
{
	const unsigned char *p = rest->at;
	long		length;
	int			found;
	int			found_class;

	if (p >= rest->end || (ASN1_get_object(&p, &length, &found, &found_class, rest->end - p) & 0x81) != 0 ||
		found != tag || found_class != class)
		return false;
	part->at = p;
	part->end = rest->at = p + length;
	return true;
}

/* ECPrivateKey of RFC 5915, without parameters, which PKCS #8 has outside: the number, and the point where it is there. */
static bool
read_numbers(Der key, Der *number, Der *point)
{
	Der			inner;
	Der			part;

	point->at = point->end = NULL;
	if (!enter(&key, V_ASN1_UNIVERSAL, V_ASN1_SEQUENCE, &inner) || key.at != key.end ||
		!enter(&inner, V_ASN1_UNIVERSAL, V_ASN1_INTEGER, &part) || part.end - part.at != 1 || *part.at != 1 ||
		!enter(&inner, V_ASN1_UNIVERSAL, V_ASN1_OCTET_STRING, number) ||
		number->end == number->at || number->end - number->at > MAX_NUMBER)
		return false;
	if (inner.at == inner.end)
		return true;
	if (!enter(&inner, V_ASN1_CONTEXT_SPECIFIC, 1, &part) || inner.at != inner.end ||
		!enter(&part, V_ASN1_UNIVERSAL, V_ASN1_BIT_STRING, point) || part.at != part.end ||
		point->end - point->at < 2 || *point->at != 0)
		return false;
	point->at++;				/* the count of unused bits */
	return true;
}

/* OpenSSL wants the number in the machine's order. */
static void
copy_number(const Der *number, unsigned char *to)
{
	size_t		length = number->end - number->at;

	for (size_t i = 0; i < length; i++)
#ifdef WORDS_BIGENDIAN
		to[i] = number->at[i];
#else
		to[i] = number->at[length - 1 - i];
#endif
}

static EVP_PKEY *
put_together(const char *curve, const Der *number, const Der *point)
{
	EVP_PKEY   *key = NULL;
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	unsigned char ordered[MAX_NUMBER];
	OSSL_PARAM	params[4];
	int			count = 0;

	copy_number(number, ordered);
	params[count++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *) curve, 0);
	params[count++] = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, ordered, number->end - number->at);
	if (point->at != NULL)
		params[count++] = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *) point->at, point->end - point->at);
	params[count] = OSSL_PARAM_construct_end();
	if (context == NULL || EVP_PKEY_fromdata_init(context) <= 0 || EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	OPENSSL_cleanse(ordered, sizeof(ordered));
	return key;
}

static EVP_PKEY *
from_pkcs8(const PKCS8_PRIV_KEY_INFO *info)
{
	const ASN1_OBJECT *algorithm;
	const X509_ALGOR *parameters;
	const void *curve;
	int			kind;
	Der			key;
	Der			number;
	Der			point;
	int			length;

	if (!PKCS8_pkey_get0(&algorithm, &key.at, &length, &parameters, info) || OBJ_obj2nid(algorithm) != NID_X9_62_id_ecPublicKey)
		return NULL;
	key.end = key.at + length;
	X509_ALGOR_get0(NULL, &kind, &curve, parameters);
	if (kind != V_ASN1_OBJECT || OBJ_obj2nid(curve) == NID_undef || !read_numbers(key, &number, &point))
		return NULL;
	return put_together(OBJ_nid2sn(OBJ_obj2nid(curve)), &number, &point);
}

static EVP_PKEY *
from_der(const unsigned char *der, long length)
{
	const unsigned char *p = der;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, length);
	EVP_PKEY   *key = info != NULL && p == der + length ? from_pkcs8(info) : NULL;

	PKCS8_PRIV_KEY_INFO_free(info);
	return key;
}

EVP_PKEY *
key_from_plain_pem(const char *pem, size_t length)
{
	BIO		   *bio = BIO_new_mem_buf(pem, (int) length);
	EVP_PKEY   *key = NULL;
	bool		decided = false;
	char	   *name;
	char	   *header;
	unsigned char *der;
	long		der_length;

	/* certificates may stand before it */
	while (bio != NULL && !decided && PEM_read_bio(bio, &name, &header, &der, &der_length))
	{
		decided = strstr(name, "PRIVATE KEY") != NULL;
		if (strcmp(name, PEM_STRING_PKCS8INF) == 0 && header[0] == '\0')
			key = from_der(der, der_length);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_clear_free(der, der_length);
	}
	BIO_free(bio);
	ERR_clear_error();
	return key;
}
