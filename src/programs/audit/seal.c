/*
 * seal.c
 *		Seals and time stamps, by OpenSSL.
 */
#include <string.h>

#include <openssl/cms.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "log.h"
#include "seal.h"

/* What was sealed stays sealed when the certificate's time is over; when it was, time stamps tell. */
static X509_STORE *
store_of(const char *path, int purpose)
{
	X509_STORE *store = X509_STORE_new();

	if (store == NULL || X509_STORE_load_file(store, path) != 1)
		log_fatal("%s: no certificates can be read there", path);
	X509_STORE_set_purpose(store, purpose);
	X509_STORE_set_flags(store, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
	return store;
}

static const char *
subject_of(Arena *arena, CMS_ContentInfo *cms)
{
	STACK_OF(X509) *signers = CMS_get0_signers(cms);
	const char *text = "nobody";
	BIO		   *out = BIO_new(BIO_s_mem());
	char	   *bytes;
	long		length;

	if (out != NULL && sk_X509_num(signers) == 1 &&
		X509_NAME_print_ex(out, X509_get_subject_name(sk_X509_value(signers, 0)), 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0 &&
		(length = BIO_get_mem_data(out, &bytes)) > 0)
		text = arena_copy(arena, bytes, (size_t) length);
	BIO_free(out);
	sk_X509_free(signers);
	return text;
}

const char *
seal_fault(Arena *arena, const File *document, const File *seal, const Trust *trust, const char **signer)
{
	const unsigned char *at = seal->bytes;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long) seal->size);
	BIO		   *content = BIO_new_mem_buf(document->bytes, (int) document->size);
	X509_STORE *store = trust->seals ? store_of(trust->seals, X509_PURPOSE_ANY) : NULL;
	const char *fault = NULL;

	*signer = "nobody";
	if (cms == NULL || at != seal->bytes + seal->size || content == NULL || sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) != 1)
		fault = "it is no seal";
	else if (CMS_verify(cms, NULL, NULL, content, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) != 1)
		fault = "it is not upon these octets";
	else
	{
		*signer = subject_of(arena, cms);
		BIO_free(content);
		content = BIO_new_mem_buf(document->bytes, (int) document->size);
		if (store != NULL && (content == NULL || CMS_verify(cms, NULL, store, content, NULL, CMS_BINARY) != 1))
			fault = "nobody whom you trust vouches for its certificate";
	}
	X509_STORE_free(store);
	BIO_free(content);
	CMS_ContentInfo_free(cms);
	return fault;
}

static const char *
time_of(Arena *arena, PKCS7 *token)
{
	TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
	struct tm	tm;
	const char *text = "an unknown time";

	if (info != NULL && ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &tm) == 1)
		text = arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	TS_TST_INFO_free(info);
	return text;
}

const char *
stamp_fault(Arena *arena, const File *stamped, const File *token, const Trust *trust, const char **time)
{
	const unsigned char *at = token->bytes;
	PKCS7	   *pkcs7 = d2i_PKCS7(NULL, &at, (long) token->size);
	TS_VERIFY_CTX *context = TS_VERIFY_CTX_new();
	const char *fault = "it is no time stamp upon the seal";

	*time = "an unknown time";
	if (pkcs7 != NULL && at == token->bytes + token->size && context != NULL && PKCS7_type_is_signed(pkcs7))
	{
		*time = time_of(arena, pkcs7);
		TS_VERIFY_CTX_set_data(context, BIO_new_mem_buf(stamped->bytes, (int) stamped->size));
		if (trust->stamps != NULL)
			TS_VERIFY_CTX_set_store(context, store_of(trust->stamps, X509_PURPOSE_TIMESTAMP_SIGN));
		TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_DATA | (trust->stamps != NULL ? TS_VFY_SIGNATURE | TS_VFY_SIGNER : 0));
		if (TS_RESP_verify_token(context, pkcs7) == 1)
			fault = NULL;
	}
	TS_VERIFY_CTX_free(context);
	PKCS7_free(pkcs7);
	return fault;
}
