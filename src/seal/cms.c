/*
 * cms.c
 *		Make a CAdES signature with OpenSSL's CMS. The library adds the time of signing to whatever it
 *		signs itself, which ETSI EN 319 142-1 §6.3 forbids in a PDF, where the dictionary tells it; so the
 *		attributes are the library's and the signature over them is made with our own key's context,
 *		which also serves keys that never leave a token.
 */
#include "postgres.h"

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "seal/cms.h"

/* more than everything of a signature but certificates and value */
#define CMS_FRAME	2048

/* Most attributes that are signed: content type, digest, certificate */
#define MAX_ATTRIBUTES	8

#define CREATE_FLAGS (CMS_DETACHED | CMS_BINARY | CMS_PARTIAL)

/* Is it one that goes along? The trust anchor does not. */
static bool
goes_along(const SealKey *key, int i)
{
	return i == 0 || (X509_get_extension_flags(sk_X509_value(key->certificates, i)) & EXFLAG_SS) == 0;
}

size_t
cms_size(const SealKey *key)
{
	size_t		size = CMS_FRAME + EVP_PKEY_get_size(key->private_key);

	for (int i = 0; i < sk_X509_num(key->certificates); i++)
		if (goes_along(key, i))
			size += i2d_X509(sk_X509_value(key->certificates, i), NULL);
	/* issuer and serial number are named once more, with the digest and by the signer's identifier */
	return size + 2 * i2d_X509_NAME(X509_get_issuer_name(sk_X509_value(key->certificates, 0)), NULL);
}

bool
cms_digest(const EVP_MD *algorithm, const CmsContent *content, uint8 *digest)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool		fine = context != NULL && EVP_DigestInit_ex2(context, algorithm, NULL) &&
		EVP_DigestUpdate(context, content->range[0], content->length[0]) &&
		EVP_DigestUpdate(context, content->range[1], content->length[1]) &&
		EVP_DigestFinal_ex(context, digest, NULL);

	EVP_MD_CTX_free(context);
	return fine;
}

static bool
add_attributes(const SealKey *key, CMS_SignerInfo *signer, const uint8 *digest)
{
	return CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1) &&
		CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, digest, EVP_MD_get_size(key->digest));
}

static int
compare_octets(const void *a, const void *b)
{
	const StringInfoData *x = *(const StringInfoData *const *) a;
	const StringInfoData *y = *(const StringInfoData *const *) b;
	int			order = memcmp(x->data, y->data, Min(x->len, y->len));

	return order != 0 ? order : x->len - y->len;
}

/* In DER: as few octets as do (X.690 §10.1); two at most, which total is held to. */
static void
append_length(StringInfo out, size_t length)
{
	if (length > 255)
		appendStringInfoChar(out, (char) 0x82);
	else if (length > 127)
		appendStringInfoChar(out, (char) 0x81);
	if (length > 255)
		appendStringInfoChar(out, (char) (length >> 8));
	appendStringInfoChar(out, (char) (length & 0xFF));
}

/* What is signed: the attributes as SET OF in DER (RFC 5652 §5.4). NULL: they can't be had. */
static StringInfo
signed_octets(const CMS_SignerInfo *signer)
{
	int			count = CMS_signed_get_attr_count(signer);
	StringInfo	attributes[MAX_ATTRIBUTES];
	StringInfo	out = makeStringInfo();
	size_t		total = 0;

	if (count < 1 || count > MAX_ATTRIBUTES)
		return NULL;
	for (int i = 0; i < count; i++)
	{
		X509_ATTRIBUTE *attribute = CMS_signed_get_attr(signer, i);
		int			length = i2d_X509_ATTRIBUTE(attribute, NULL);
		uint8	   *p;

		if (length <= 0)
			return NULL;
		attributes[i] = makeStringInfo();
		enlargeStringInfo(attributes[i], length);
		p = (uint8 *) attributes[i]->data;
		i2d_X509_ATTRIBUTE(attribute, &p);
		attributes[i]->len = length;
		total += length;
	}
	if (total > 65535)
		return NULL;
	qsort(attributes, count, sizeof(StringInfo), compare_octets);
	appendStringInfoChar(out, 0x31);
	append_length(out, total);
	for (int i = 0; i < count; i++)
		appendBinaryStringInfo(out, attributes[i]->data, attributes[i]->len);
	return out;
}

/* Sign the attributes and put the value into its place. */
static bool
put_signature(SealKey *key, CMS_SignerInfo *signer)
{
	StringInfo	octets = signed_octets(signer);
	uint8		digest[EVP_MAX_MD_SIZE];
	unsigned int digest_length;
	uint8		value[KEY_MAX_SIGNATURE];
	size_t		length;

	if (octets == NULL || !EVP_Digest(octets->data, octets->len, digest, &digest_length, key->digest, NULL))
		return false;
	length = key_sign_der(key, digest, digest_length, value);
	return length > 0 && ASN1_OCTET_STRING_set(CMS_SignerInfo_get0_signature(signer), value, (int) length);
}

/* The digest as its identifier has it. */
static X509_ALGOR *
digest_identifier(const EVP_MD *digest)
{
	X509_ALGOR *identifier = X509_ALGOR_new();

	if (identifier != NULL)
		X509_ALGOR_set_md(identifier, digest);
	return identifier;
}

/* The mask function with its digest as parameter. */
static X509_ALGOR *
mask_identifier(const EVP_MD *digest)
{
	X509_ALGOR *of_digest = digest_identifier(digest);
	X509_ALGOR *mask = X509_ALGOR_new();
	ASN1_STRING *packed = of_digest ? ASN1_item_pack(of_digest, ASN1_ITEM_rptr(X509_ALGOR), NULL) : NULL;

	if (mask == NULL || packed == NULL || !X509_ALGOR_set0(mask, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, packed))
	{
		ASN1_STRING_free(packed);
		X509_ALGOR_free(mask);
		mask = NULL;
	}
	X509_ALGOR_free(of_digest);
	return mask;
}

/* RSASSA-PSS names its parameters (RFC 4056); the library would ask the private key for them. */
static bool
set_padding(const SealKey *key, CMS_SignerInfo *signer)
{
	RSA_PSS_PARAMS *parameters;
	ASN1_STRING *packed = NULL;
	X509_ALGOR *algorithm;
	bool		fine = false;

	if (!suite_is_pss(key->suite))
		return true;
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, NULL, &algorithm);
	parameters = RSA_PSS_PARAMS_new();
	if (parameters != NULL)
	{
		parameters->hashAlgorithm = digest_identifier(key->digest);
		parameters->maskGenAlgorithm = mask_identifier(key->digest);
		parameters->saltLength = ASN1_INTEGER_new();
		if (parameters->hashAlgorithm != NULL && parameters->maskGenAlgorithm != NULL && parameters->saltLength != NULL &&
			ASN1_INTEGER_set(parameters->saltLength, EVP_MD_get_size(key->digest)))
			packed = ASN1_item_pack(parameters, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	}
	if (packed != NULL)
	{
		fine = X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed);
		if (!fine)
			ASN1_STRING_free(packed);
	}
	RSA_PSS_PARAMS_free(parameters);
	return fine;
}

/* The library's part. Nothing is raised but for memory, with cms to be freed by the caller. */
static bool
build(SealKey *key, CMS_ContentInfo *cms, const CmsContent *content)
{
	X509	   *certificate = sk_X509_value(key->certificates, 0);
	uint8		digest[EVP_MAX_MD_SIZE];
	CMS_SignerInfo *signer;

	if (!cms_digest(key->digest, content, digest))
		return false;
	for (int i = 0; i < sk_X509_num(key->certificates); i++)
		if (goes_along(key, i) && !CMS_add1_cert(cms, sk_X509_value(key->certificates, i)))
			return false;
	/* the public key in the private one's place: the library does not sign */
	signer = CMS_add1_signer(cms, certificate, X509_get0_pubkey(certificate), key->digest,
							 CREATE_FLAGS | CMS_CADES | CMS_NOCERTS | CMS_NOSMIMECAP);
	return signer != NULL && set_padding(key, signer) && add_attributes(key, signer, digest) && put_signature(key, signer);
}

uint8 *
cms_sign(SealKey *key, const CmsContent *content, size_t *length)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CREATE_FLAGS);
	uint8	   *der = NULL;
	uint8	   *volatile copy = NULL;

	if (cms == NULL)
		key_raise_failure(key, "signing");
	PG_TRY();
	{
		int			size = build(key, cms, content) ? i2d_CMS_ContentInfo(cms, &der) : 0;

		if (size > 0)
		{
			copy = palloc_extended(size, MCXT_ALLOC_NO_OOM);
			if (copy != NULL)
				memcpy(copy, der, size);
			*length = size;
		}
		OPENSSL_free(der);
	}
	PG_FINALLY();
	{
		CMS_ContentInfo_free(cms);
	}
	PG_END_TRY();
	if (copy == NULL)
		key_raise_failure(key, "signing");
	return copy;
}
