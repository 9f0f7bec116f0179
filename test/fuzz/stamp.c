/*
 * stamp.c
 *		Time stamps and trusted lists. An authority of this run gives a stamp upon the seal of one document; whatever an input
 *		makes of its answer, what is taken is a token of that authority upon that seal, and whatever it makes
 *		of the stamped document, no valid stamp tells another time. Lists may be refused.
 *
 *		Input: a byte for what is read, then bytes, or changes (fuzz_edit()).
 */
#include "fuzz.h"

#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "keys.h"
#include "seal/stamped.h"
#include "seal/verify.h"
#include "seal/xades.h"

extern Datum ootspg_read_trust_list(PG_FUNCTION_ARGS);

bool		fuzz_raises = false;

static const char document[] = "<a xmlns=\"urn:x\"><b>1</b></a>";
static StringInfo sealed;
static StringInfo answer;
static StringInfo stamped;
static StringInfo trusted;		/* certificates of both, PEM */
static STACK_OF(X509) *authority;
static uint8 imprint[STAMP_IMPRINT];
static TimestampTz stamped_at;

static ASN1_INTEGER *
next_serial(TS_RESP_CTX *context, void *unused)
{
	ASN1_INTEGER *serial = ASN1_INTEGER_new();

	ASN1_INTEGER_set(serial, 1);
	return serial;
}

static X509 *
make_certificate(EVP_PKEY *key)
{
	X509	   *certificate = X509_new();
	X509_NAME  *name = X509_get_subject_name(certificate);
	X509_EXTENSION *purpose = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "critical,timeStamping");

	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *) "stamps", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	X509_add_ext(certificate, purpose, -1);
	X509_EXTENSION_free(purpose);
	PROMISE(X509_sign(certificate, key, EVP_sha256()) > 0);
	return certificate;
}

/* The answer to a request, as the authority gives it. */
static void
make_answer(X509 *certificate, EVP_PKEY *key)
{
	TS_RESP_CTX *context = TS_RESP_CTX_new();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
	StringInfo	request = makeStringInfo();
	BIO		   *bio;
	TS_RESP    *response;
	uint8	   *der = NULL;
	int			length;

	stamp_request(imprint, NULL, request);
	bio = BIO_new_mem_buf(request->data, request->len);
	TS_RESP_CTX_set_signer_cert(context, certificate);
	TS_RESP_CTX_set_signer_key(context, key);
	TS_RESP_CTX_set_signer_digest(context, EVP_sha256());
	TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256());
	TS_RESP_CTX_set_def_policy(context, policy);
	TS_RESP_CTX_add_md(context, EVP_sha256());
	TS_RESP_CTX_set_serial_cb(context, next_serial, NULL);
	response = TS_RESP_create_response(context, bio);
	length = i2d_TS_RESP(response, &der);
	PROMISE(length > 0);
	answer = makeStringInfo();
	appendBinaryStringInfo(answer, (char *) der, length);
	OPENSSL_free(der);
	TS_RESP_free(response);
	BIO_free(bio);
	ASN1_OBJECT_free(policy);
	TS_RESP_CTX_free(context);
}

static void
trust(X509 *certificate)
{
	BIO		   *bio = BIO_new(BIO_s_mem());
	char	   *pem;
	long		length;

	PEM_write_bio_X509(bio, certificate);
	length = BIO_get_mem_data(bio, &pem);
	trusted = makeStringInfo();
	appendStringInfoString(trusted, keys_certificate());
	appendBinaryStringInfo(trusted, pem, (int) length);
	BIO_free(bio);
}

static bool
verify(const char *bytes, size_t length, SealVerdict *verdict)
{
	seal_verify(bytes, length, NULL, trusted->data, trusted->len, NIL, verdict);
	return verdict->valid && strcmp(verdict->chain, "valid") == 0 && verdict->stamp != NULL && strcmp(verdict->stamp, "valid") == 0;
}

void
fuzz_start(void)
{
	EVP_PKEY   *key = EVP_EC_gen("P-256");
	X509	   *certificate = make_certificate(key);
	StringInfo	token = makeStringInfo();
	SealVerdict verdict;

	authority = sk_X509_new_null();
	sk_X509_push(authority, certificate);
	keys_make();
	sealed = makeStringInfo();
	seal_canonical(seal_key_get("fuzz", NULL, "file:key.pem", "file:cert.pem"), document, strlen(document), sealed, NULL);
	trust(certificate);
	keys_forget();
	PROMISE(stamped_imprint(sealed->data, sealed->len, imprint) == NULL);
	make_answer(certificate, key);
	PROMISE(stamp_read_answer(answer->data, answer->len, imprint, NULL, authority, token) == NULL);
	stamped = makeStringInfo();
	PROMISE(stamped_put(sealed->data, sealed->len, (uint8 *) token->data, token->len, stamped) == NULL);
	PROMISE(verify(stamped->data, stamped->len, &verdict));
	stamped_at = verdict.stamped_at;
	EVP_PKEY_free(key);
}

static void
read_answer(const char *bytes, size_t length)
{
	StringInfo	token = makeStringInfo();
	StringInfo	put = makeStringInfo();
	SealVerdict verdict;

	if (stamp_read_answer(bytes, length, imprint, NULL, authority, token) != NULL)
		return;
	PROMISE(stamped_put(sealed->data, sealed->len, (uint8 *) token->data, token->len, put) == NULL);
	PROMISE(verify(put->data, put->len, &verdict));
}

void
fuzz_one(const char *bytes, size_t length)
{
	FuzzInput	input = {bytes, length};
	uint32		what = fuzz_number(&input, 1) % 6;
	StringInfo	out = makeStringInfo();
	uint8		other[STAMP_IMPRINT];
	SealVerdict verdict;
	NullableDatum list;
	char	   *text;

	fuzz_raises = what == 4;
	switch (what)
	{
		case 0:
			read_answer(input.at, input.left);
			(void) stamp_judge((const uint8 *) input.at, input.left, document, strlen(document), NULL);
			break;
		case 1:
			text = fuzz_edit(&input, answer->data, answer->len, stamped->data, stamped->len, &length);
			read_answer(text, length);
			break;
		case 2:
		case 3:
			text = fuzz_edit(&input, stamped->data, stamped->len, sealed->data, sealed->len, &length);
			if (verify(text, length, &verdict))
				PROMISE(verdict.stamped_at == stamped_at);
			break;
		case 4:
			list = fuzz_bytea(input.at, input.left);
			fuzz_rows(ootspg_read_trust_list, "tvvvttvvt", 1, &list);
			break;
		case 5:
			/* whatever is taken for a seal of ours */
			if (stamped_imprint(input.at, input.left, other) == NULL)
				(void) stamped_put(input.at, input.left, (const uint8 *) answer->data, answer->len, out);
	}
}
