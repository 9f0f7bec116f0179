/*
 * recipients.c
 *		RSA keys take OAEP with SHA-256, elliptic curves an ephemeral key, the KDF of X9.63 with SHA-256 and the wrap of
 *		AES-256; what is wrapped is AES-256-GCM. OpenSSL's errors are about certificates of others: they are
 *		dropped here, and told by a constant text.
 */
#include "postgres.h"

#include <limits.h>

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "seal/recipients.h"

#define LEAST_RSA_BITS 2048
#define LEAST_EC_BITS 256

/* OpenSSL would ask for a pass phrase on a terminal. */
static int
no_passphrase(char *buffer, int size, int writing, void *arg)
{
	return -1;
}

/* NULL when there is not exactly one. */
static X509 *
read_certificate(const char *pem)
{
	size_t		length = strlen(pem);
	BIO		   *bio = length <= RECIPIENT_MAX_PEM ? BIO_new_mem_buf(pem, (int) length) : NULL;
	X509	   *certificate = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
	X509	   *second = certificate ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	if (second == NULL)
		return certificate;
	X509_free(second);
	X509_free(certificate);
	return NULL;
}

/* What a key must be to be wrapped to, and may be used for. */
static const char *
refuse(X509 *certificate)
{
	EVP_PKEY   *key = X509_get0_pubkey(certificate);
	int			kind = key ? EVP_PKEY_get_base_id(key) : 0;
	uint32_t	usage = X509_get_key_usage(certificate);

	if (kind != EVP_PKEY_RSA && kind != EVP_PKEY_EC)
		return "its key is neither of RSA nor of an elliptic curve that OpenSSL's CMS takes";
	if (EVP_PKEY_get_bits(key) < (kind == EVP_PKEY_RSA ? LEAST_RSA_BITS : LEAST_EC_BITS))
		return "its key is too short";
	if (!(usage & (kind == EVP_PKEY_RSA ? KU_KEY_ENCIPHERMENT : KU_KEY_AGREEMENT)))
		return kind == EVP_PKEY_RSA ? "its key usage does not allow key encipherment" : "its key usage does not allow key agreement";
	return NULL;
}

static bool
describe(X509 *certificate, Recipient *recipient)
{
	struct tm	end;
	unsigned char *der = NULL;
	int			length = i2d_X509(certificate, &der);
	unsigned int digest_length = 0;
	bool		done = length > 0 && EVP_Digest(der, length, recipient->sha256, &digest_length, EVP_sha256(), NULL) == 1 &&
		ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1;

	OPENSSL_free(der);
	if (done)
	{
		int			days = 0,
					seconds = 0;
		ASN1_TIME  *epoch = ASN1_TIME_set(NULL, 0);

		done = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1;
		recipient->not_after = (int64) days * 86400 + seconds;
		ASN1_STRING_free(epoch);
	}
	return done;
}

const char *
recipient_identify(Recipient *recipient)
{
	X509	   *certificate = read_certificate(recipient->certificate);
	const char *refusal = certificate ? refuse(certificate) : "it is not one certificate in PEM";

	if (refusal == NULL && !describe(certificate, recipient))
		refusal = "it cannot be read";
	X509_free(certificate);
	ERR_clear_error();
	return refusal;
}

static bool
use_our_algorithms(CMS_RecipientInfo *info)
{
	EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(info);

	if (context == NULL)
		return false;
	if (CMS_RecipientInfo_type(info) == CMS_RECIPINFO_TRANS)
		return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
			EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) > 0 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) > 0;
	return EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) > 0;
}

static const char *
add_recipient(CMS_ContentInfo *cms, Recipient *recipient)
{
	X509	   *certificate = read_certificate(recipient->certificate);
	const char *refusal = certificate ? refuse(certificate) : "it is not one certificate in PEM";
	CMS_RecipientInfo *info;

	if (refusal == NULL && !describe(certificate, recipient))
		refusal = "it cannot be read";
	if (refusal == NULL)
	{
		info = CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM | CMS_USE_KEYID);
		/* a certificate without a key identifier is named by issuer and number */
		if (info == NULL)
			info = CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM);
		if (info == NULL || !use_our_algorithms(info))
			refusal = "OpenSSL cannot encrypt to its key";
	}
	X509_free(certificate);
	return refusal;
}

static bool
write_out(CMS_ContentInfo *cms, const uint8 *key, uint8 **der, size_t *length)
{
	BIO		   *content = BIO_new_mem_buf(key, RECIPIENT_KEY_BYTES);
	unsigned char *written = NULL;
	int			size = 0;

	if (content != NULL && CMS_set_detached(cms, 0) == 1 && CMS_final(cms, content, NULL, CMS_BINARY) == 1)
		size = i2d_CMS_ContentInfo(cms, &written);
	BIO_free(content);
	*der = size > 0 ? malloc(size) : NULL;
	*length = size > 0 ? size : 0;
	if (*der != NULL)
		memcpy(*der, written, size);
	OPENSSL_free(written);
	return *der != NULL;
}

const char *
recipients_wrap(const uint8 key[RECIPIENT_KEY_BYTES], Recipient *recipients, int count, int *which, uint8 **der, size_t *length)
{
	CMS_ContentInfo *cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
	const char *refusal = cms ? NULL : "OpenSSL cannot make a message";

	*which = -1;
	*der = NULL;
	for (int i = 0; refusal == NULL && i < count; i++)
		if ((refusal = add_recipient(cms, &recipients[i])) != NULL)
			*which = i;
	if (refusal == NULL && !write_out(cms, key, der, length))
		refusal = "OpenSSL cannot encrypt to it";
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return refusal;
}

EVP_PKEY *
recipient_key(const char *pem, size_t length)
{
	BIO		   *bio = length <= RECIPIENT_MAX_PEM ? BIO_new_mem_buf(pem, (int) length) : NULL;
	EVP_PKEY   *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return key;
}

void
recipient_key_free(EVP_PKEY *key)
{
	EVP_PKEY_free(key);
}

bool
recipients_unwrap(EVP_PKEY *private_key, const uint8 *der, size_t length, uint8 key[RECIPIENT_KEY_BYTES])
{
	const unsigned char *p = der;
	CMS_ContentInfo *cms = length <= INT_MAX ? d2i_CMS_ContentInfo(NULL, &p, (long) length) : NULL;
	BIO		   *out = BIO_new(BIO_s_secmem());
	uint8		found[RECIPIENT_KEY_BYTES + 1];
	bool		done = cms != NULL && out != NULL && CMS_decrypt_set1_pkey(cms, private_key, NULL) == 1 &&
		CMS_decrypt(cms, NULL, NULL, NULL, out, CMS_BINARY) == 1 && BIO_read(out, found, sizeof(found)) == RECIPIENT_KEY_BYTES;

	if (done)
		memcpy(key, found, RECIPIENT_KEY_BYTES);
	explicit_bzero(found, sizeof(found));
	BIO_free(out);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return done;
}
