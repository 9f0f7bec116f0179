/*
 * stamp.c
 *		Requests for time stamps, and tokens, with OpenSSL's TS. The library reads the DER and checks the
 *		signature, the authority's certificate (purpose, ESSCertID) and its chain; which digests are
 *		taken and what the token must be upon is decided here.
 *
 *		A request has no nonce: what is stamped is the value of a seal that was made a moment ago, so no
 *		token of before can be upon it.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/ts.h>

#include "seal/keydata.h"
#include "seal/stamp.h"
#include "seal/trust.h"

static bool
is_digest(int nid)
{
	return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

bool
stamp_is_policy(const char *policy)
{
	ASN1_OBJECT *object = strlen(policy) < STAMP_MAX_POLICY && strspn(policy, "0123456789.") == strlen(policy) ? OBJ_txt2obj(policy, 1) : NULL;
	bool		fine = object != NULL;

	ASN1_OBJECT_free(object);
	ERR_clear_error();
	return fine;
}

static bool
fill_request(TS_REQ *request, const uint8 *imprint, const char *policy)
{
	TS_MSG_IMPRINT *message = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	ASN1_OBJECT *object = policy ? OBJ_txt2obj(policy, 1) : NULL;
	bool		fine = message != NULL && algorithm != NULL && (policy == NULL || object != NULL) &&
		X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) && TS_MSG_IMPRINT_set_algo(message, algorithm) &&
		TS_MSG_IMPRINT_set_msg(message, unconstify(uint8 *, imprint), STAMP_IMPRINT) &&
		TS_REQ_set_version(request, 1) && TS_REQ_set_msg_imprint(request, message) &&
		(object == NULL || TS_REQ_set_policy_id(request, object)) && TS_REQ_set_cert_req(request, 1);

	TS_MSG_IMPRINT_free(message);
	X509_ALGOR_free(algorithm);
	ASN1_OBJECT_free(object);
	return fine;
}

void
stamp_request(const uint8 *imprint, const char *policy, StringInfo out)
{
	TS_REQ	   *request = TS_REQ_new();
	uint8	   *der = NULL;
	int			length = request != NULL && fill_request(request, imprint, policy) ? i2d_TS_REQ(request, &der) : 0;

	TS_REQ_free(request);
	ERR_clear_error();
	if (length > 0)
		appendBinaryStringInfo(out, (char *) der, length);
	OPENSSL_free(der);
	if (length <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("a request for a time stamp can't be written")));
}

/* Is it upon an octet string of this digest? */
static bool
imprint_fits(TS_TST_INFO *info, const char *stamped, size_t length)
{
	TS_MSG_IMPRINT *message = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OBJECT *object = NULL;
	const ASN1_OCTET_STRING *claimed = message ? TS_MSG_IMPRINT_get_msg(message) : NULL;
	uint8		digest[EVP_MAX_MD_SIZE];
	unsigned int digest_length = 0;

	if (claimed == NULL)
		return false;
	X509_ALGOR_get0(&object, NULL, NULL, TS_MSG_IMPRINT_get_algo(message));
	return is_digest(OBJ_obj2nid(object)) && EVP_Digest(stamped, length, digest, &digest_length, EVP_get_digestbyobj(object), NULL) &&
		ASN1_STRING_length(claimed) == (int) digest_length && memcmp(ASN1_STRING_get0_data(claimed), digest, digest_length) == 0;
}

/* The one signature upon it has a digest of our table. */
static bool
signed_well(PKCS7 *token)
{
	STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_type_is_signed(token) ? PKCS7_get_signer_info(token) : NULL;
	X509_ALGOR *digest = NULL;
	const ASN1_OBJECT *object = NULL;

	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return false;
	PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), NULL, &digest, NULL);
	X509_ALGOR_get0(&object, NULL, NULL, digest);
	return is_digest(OBJ_obj2nid(object));
}

/* Certificates that anchor a chain: those given, or, where none are, whatever the token brings itself. */
static X509_STORE *
store_of(PKCS7 *token, STACK_OF(X509) *anchors)
{
	return trust_store(anchors != NULL ? anchors : token->d.sign->cert);
}

/* The signature and whose it is: "valid", "untrusted", or NULL: it does not fit. */
static const char *
judge_signature(PKCS7 *token, STACK_OF(X509) *anchors)
{
	X509_STORE *store = store_of(token, anchors);
	bool		fits = store != NULL && TS_RESP_verify_signature(token, NULL, store, NULL) == 1;
	bool		chain = !fits && ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_TS &&
		ERR_GET_REASON(ERR_peek_last_error()) == TS_R_CERTIFICATE_VERIFY_ERROR;

	X509_STORE_free(store);
	ERR_clear_error();
	return fits ? "valid" : chain ? "untrusted" : NULL;
}

static StampVerdict
invalid(const char *reason, TimestampTz time)
{
	return (StampVerdict) {"invalid", reason, time};
}

static StampVerdict
judge_token(PKCS7 *token, TS_TST_INFO *info, const char *stamped, size_t length, STACK_OF(X509) *anchors)
{
	TimestampTz time = key_time(TS_TST_INFO_get_time(info));
	const char *signature;

	if (TS_TST_INFO_get_version(info) != 1 || time == 0)
		return invalid("the time stamp can't be read", time);
	if (!imprint_fits(info, stamped, length))
		return invalid("the time stamp is upon something else, or by a digest that is not accepted", time);
	if (!signed_well(token))
		return invalid("the time stamp's signature has algorithms that are not accepted", time);
	/* the token's own certificates anchor nothing: then only the signature is looked at */
	signature = judge_signature(token, anchors);
	if (anchors != NULL && signature != NULL && strcmp(signature, "untrusted") == 0)
		/* the library looks at the chain first */
		signature = judge_signature(token, NULL) != NULL ? "untrusted" : NULL;
	if (signature == NULL)
		return invalid("the time stamp's signature does not fit", time);
	return (StampVerdict) {anchors == NULL ? "not checked" : signature, NULL, time};
}

StampVerdict
stamp_judge(const uint8 *der, size_t length, const char *stamped, size_t stamped_length, STACK_OF(X509) *anchors)
{
	const uint8 *p = der;
	PKCS7	   *token = length <= STAMP_MAX_ANSWER ? d2i_PKCS7(NULL, &p, (long) length) : NULL;
	TS_TST_INFO *info = token != NULL && p == der + length && PKCS7_type_is_signed(token) && token->d.sign != NULL ? PKCS7_to_TS_TST_INFO(token) : NULL;
	StampVerdict verdict = info == NULL ? invalid("the time stamp can't be read", 0) :
		judge_token(token, info, stamped, stamped_length, anchors);

	TS_TST_INFO_free(info);
	PKCS7_free(token);
	ERR_clear_error();
	return verdict;
}

/* What an answer says by itself: a token, and of the policy that was asked for. */
static const char *
check_answer(TS_RESP *answer, const char *policy)
{
	TS_STATUS_INFO *status = TS_RESP_get_status_info(answer);
	const ASN1_INTEGER *granted = status ? TS_STATUS_INFO_get0_status(status) : NULL;
	TS_TST_INFO *info = TS_RESP_get_tst_info(answer);
	char		text[STAMP_MAX_POLICY];

	if (granted == NULL || ASN1_INTEGER_get(granted) < 0 || ASN1_INTEGER_get(granted) > 1)
		return "the authority refuses the request";
	if (info == NULL || TS_RESP_get_token(answer) == NULL)
		return "the answer has no token";
	if (policy != NULL && (OBJ_obj2txt(text, sizeof(text), TS_TST_INFO_get_policy_id(info), 1) <= 0 || strcmp(text, policy) != 0))
		return "the token is of another policy";
	return NULL;
}

/* Is it upon that very imprint? */
static bool
has_imprint(TS_RESP *answer, const uint8 *imprint)
{
	TS_MSG_IMPRINT *message = TS_TST_INFO_get_msg_imprint(TS_RESP_get_tst_info(answer));
	const ASN1_OBJECT *object = NULL;
	const ASN1_OCTET_STRING *claimed = message ? TS_MSG_IMPRINT_get_msg(message) : NULL;

	if (claimed == NULL)
		return false;
	X509_ALGOR_get0(&object, NULL, NULL, TS_MSG_IMPRINT_get_algo(message));
	return OBJ_obj2nid(object) == NID_sha256 && ASN1_STRING_length(claimed) == STAMP_IMPRINT &&
		memcmp(ASN1_STRING_get0_data(claimed), imprint, STAMP_IMPRINT) == 0;
}

static const char *
check_token(TS_RESP *answer, const uint8 *imprint, STACK_OF(X509) *anchors)
{
	PKCS7	   *token = TS_RESP_get_token(answer);
	const char *signature;

	if (!has_imprint(answer, imprint))
		return "the token is upon something else";
	if (!signed_well(token))
		return "the token's signature has algorithms that are not accepted";
	signature = judge_signature(token, anchors);
	if (signature == NULL)
		return "the token's signature does not fit";
	return strcmp(signature, "valid") == 0 ? NULL : "the token is by an authority that trusted_uri does not vouch for";
}

const char *
stamp_read_answer(const char *bytes, size_t length, const uint8 *imprint, const char *policy, STACK_OF(X509) *anchors, StringInfo token)
{
	const uint8 *p = (const uint8 *) bytes;
	TS_RESP    *answer = length <= STAMP_MAX_ANSWER ? d2i_TS_RESP(NULL, &p, (long) length) : NULL;
	uint8	   *der = NULL;
	int			size = 0;
	const char *refusal = answer == NULL || p != (const uint8 *) bytes + length ? "the answer is not one of a time-stamping authority" : check_answer(answer, policy);

	if (refusal == NULL)
		refusal = check_token(answer, imprint, anchors);
	if (refusal == NULL && ((size = i2d_PKCS7(TS_RESP_get_token(answer), &der)) <= 0 || size > STAMP_MAX_TOKEN))
		refusal = "the token is too large";
	TS_RESP_free(answer);
	ERR_clear_error();
	if (refusal == NULL)
		appendBinaryStringInfo(token, (char *) der, size);
	OPENSSL_free(der);
	return refusal;
}
