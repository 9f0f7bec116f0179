/*
 * revocation.c
 *		Revocation by OpenSSL's CRL checks, which know scopes and delta CRLs; the callback below notes what they find instead of
 *		ending the verification, and raises nothing. A CRL that neither the valid chain nor an anchor has signed is left out
 *		before: the library would choose by names and dates first, and anybody can make a certificate with the issuer's name.
 *
 *		What a seal brings is not signed by its maker, and needs not be: it is signed by the authority. So
 *		it counts where it says something, and where it does not the seal is what it would be without it.
 */
#include "postgres.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>

#include "utils/timestamp.h"

#include "seal/keydata.h"
#include "seal/revocation.h"
#include "seal/trust.h"

/* What is known of one certificate of the chain, by its depth: the signer's is 0. */
typedef struct Known
{
	bool		bad;			/* the CRL for it can't be used */
	bool		missing;		/* there is none, or it is too old */
	bool		revoked;
	TimestampTz revoked_at;
} Known;

typedef struct Look
{
	TimestampTz stamped_at;		/* by a trusted stamp; 0: none */
	Known		known[TRUST_MAX_CHAIN + 2];
} Look;

static bool
add_crl(STACK_OF(X509_CRL) *crls, X509_CRL *crl)
{
	if (crl != NULL && sk_X509_CRL_num(crls) < REVOCATION_MAX_CRLS && sk_X509_CRL_push(crls, crl) > 0)
		return true;
	X509_CRL_free(crl);
	return false;
}

/* PEM, one after the other; the end of the file is an error as well, and the only one that may end it. */
static bool
read_pem(STACK_OF(X509_CRL) *crls, const char *bytes, size_t length)
{
	BIO		   *bio = BIO_new_mem_buf(bytes, (int) length);
	X509_CRL   *crl;
	int			count = 0;
	bool		damaged;

	ERR_clear_error();
	while (bio != NULL && (crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL && add_crl(crls, crl))
		count++;
	damaged = ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE;
	BIO_free(bio);
	ERR_clear_error();
	return count > 0 && !damaged;
}

void
revocation_read(STACK_OF(X509_CRL) *crls, const char *bytes, size_t length)
{
	const uint8 *p = (const uint8 *) bytes;
	X509_CRL   *crl;

	if (length > 0 && bytes[0] != 0x30 && read_pem(crls, bytes, length))
		return;
	crl = length > 0 && bytes[0] == 0x30 ? d2i_X509_CRL(NULL, &p, (long) length) : NULL;
	if (crl != NULL && p != (const uint8 *) bytes + length)
	{
		X509_CRL_free(crl);
		crl = NULL;
	}
	ERR_clear_error();
	if (!add_crl(crls, crl))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a list of revoked certificates can't be read, or there are more than %d", REVOCATION_MAX_CRLS),
				 errhint("Each is given in DER form, or several as PEM.")));
}

/* Was this said after the stamp, or does it hold today? */
static bool
is_fresh(const Look *look, const ASN1_TIME *said, const ASN1_TIME *next)
{
	if (next != NULL && X509_cmp_current_time(next) > 0)
		return true;
	return look->stamped_at != 0 && key_time(said) >= look->stamped_at;
}

static void
note_revoked(Known *known, X509_STORE_CTX *context)
{
	X509_CRL   *crl = X509_STORE_CTX_get0_current_crl(context);
	X509	   *certificate = X509_STORE_CTX_get_current_cert(context);
	X509_REVOKED *entry = NULL;

	if (known->bad || crl == NULL || certificate == NULL || X509_CRL_get0_by_cert(crl, &entry, certificate) != 1)
		return;
	known->revoked = true;
	known->revoked_at = key_time(X509_REVOKED_get0_revocationDate(entry));
}

/* OpenSSL's question whether to go on; errors that are not about CRLs end the verification. */
static int
note(int fine, X509_STORE_CTX *context)
{
	Look	   *look = X509_STORE_CTX_get_app_data(context);
	int			depth = X509_STORE_CTX_get_error_depth(context);
	X509_CRL   *crl = X509_STORE_CTX_get0_current_crl(context);
	Known	   *known;

	if (fine)
		return 1;
	if (depth < 0 || depth >= (int) lengthof(look->known))
		return 0;
	known = &look->known[depth];
	switch (X509_STORE_CTX_get_error(context))
	{
		case X509_V_ERR_CERT_REVOKED:
			note_revoked(known, context);
			break;
		case X509_V_ERR_UNABLE_TO_GET_CRL:
			known->missing = true;
			break;
		case X509_V_ERR_CRL_HAS_EXPIRED:
			known->missing = known->missing || crl == NULL || !is_fresh(look, X509_CRL_get0_lastUpdate(crl), NULL);
			break;
		case X509_V_ERR_CRL_NOT_YET_VALID:
		case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
		case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
		case X509_V_ERR_DIFFERENT_CRL_SCOPE:
		case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
		case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
		case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
		case X509_V_ERR_CRL_SIGNATURE_FAILURE:
		case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
		case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
			known->bad = true;
			break;
		default:
			return 0;
	}
	X509_STORE_CTX_set_error(context, X509_V_OK);
	return 1;
}

/* Is it signed by one of these? */
static bool
is_signed_by(X509_CRL *crl, STACK_OF(X509) *certificates)
{
	for (int i = 0; i < sk_X509_num(certificates); i++)
	{
		X509	   *certificate = sk_X509_value(certificates, i);
		EVP_PKEY   *key = X509_get0_pubkey(certificate);

		if (key != NULL && X509_NAME_cmp(X509_get_subject_name(certificate), X509_CRL_get_issuer(crl)) == 0 && X509_CRL_verify(crl, key) == 1)
			return true;
	}
	return false;
}

/*
 * Is it by an authority of the chain, or by an anchor that is not called like one of them? An anchor that is (the same authority with
 * another key, say) would have its CRL chosen by name and date, and then found not to be signed by whom the chain has.
 */
static bool
is_usable(X509_CRL *crl, STACK_OF(X509) *chain, STACK_OF(X509) *anchors)
{
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (X509_NAME_cmp(X509_get_subject_name(sk_X509_value(chain, i)), X509_CRL_get_issuer(crl)) == 0)
			return is_signed_by(crl, chain);
	return is_signed_by(crl, anchors);
}

/* Of the CRLs those that the chain or an anchor has signed; borrowed, but for those that the seal brings, which it adds to kept. */
static STACK_OF(X509_CRL) *
usable_crls(const SealVerdict *verdict, STACK_OF(X509) *chain, STACK_OF(X509) *anchors, STACK_OF(X509_CRL) *given, STACK_OF(X509_CRL) *kept)
{
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	ListCell   *cell;

	for (int i = 0; crls != NULL && i < sk_X509_CRL_num(given); i++)
	{
		X509_CRL   *crl = sk_X509_CRL_value(given, i);

		if (is_usable(crl, chain, anchors))
			(void) sk_X509_CRL_push(crls, crl);
	}
	foreach(cell, verdict->revocations)
	{
		const SealRevocation *value = lfirst(cell);
		const uint8 *p = value->octets;
		X509_CRL   *crl = value->is_crl ? d2i_X509_CRL(NULL, &p, (long) value->length) : NULL;

		if (crl != NULL && crls != NULL && is_usable(crl, chain, anchors) && sk_X509_CRL_push(kept, crl) > 0)
			(void) sk_X509_CRL_push(crls, crl);
		else
			X509_CRL_free(crl);
	}
	ERR_clear_error();
	return crls;
}

/* The response itself, or what is in it: both are written. */
static OCSP_BASICRESP *
read_ocsp(const SealRevocation *value)
{
	const uint8 *p = value->octets;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long) value->length);
	OCSP_BASICRESP *basic = response ? OCSP_response_get1_basic(response) : NULL;

	OCSP_RESPONSE_free(response);
	if (basic != NULL)
		return basic;
	p = value->octets;
	return d2i_OCSP_BASICRESP(NULL, &p, (long) value->length);
}

/*
 * One answer about one certificate, if it is one: by its issuer, or by a responder whom the issuer has certified for
 * that. Good makes up for a CRL that is missing only: it may be older than what a CRL says.
 */
static void
ask_ocsp(Look *look, OCSP_BASICRESP *basic, X509 *certificate, X509 *issuer, STACK_OF(X509) *chain, X509_STORE *store, Known *known)
{
	OCSP_CERTID *id = OCSP_cert_to_id(NULL, certificate, issuer);
	int			status = V_OCSP_CERTSTATUS_UNKNOWN;
	int			reason;
	ASN1_GENERALIZEDTIME *revoked = NULL;
	ASN1_GENERALIZEDTIME *said = NULL;
	ASN1_GENERALIZEDTIME *next = NULL;

	if (id != NULL && OCSP_resp_find_status(basic, id, &status, &reason, &revoked, &said, &next) == 1 && OCSP_basic_verify(basic, chain, store, 0) == 1)
	{
		if (status == V_OCSP_CERTSTATUS_REVOKED)
		{
			known->revoked = true;
			known->revoked_at = key_time(revoked);
		}
		else if (status == V_OCSP_CERTSTATUS_GOOD && is_fresh(look, said, next))
			known->missing = false;
	}
	OCSP_CERTID_free(id);
}

static void
look_at_responses(Look *look, const SealVerdict *verdict, STACK_OF(X509) *chain, X509_STORE *store)
{
	ListCell   *cell;

	foreach(cell, verdict->revocations)
	{
		const SealRevocation *value = lfirst(cell);
		OCSP_BASICRESP *basic = value->is_crl ? NULL : read_ocsp(value);

		for (int i = 0; basic != NULL && i + 1 < sk_X509_num(chain) && i < (int) lengthof(look->known); i++)
			ask_ocsp(look, basic, sk_X509_value(chain, i), sk_X509_value(chain, i + 1), chain, store, &look->known[i]);
		OCSP_BASICRESP_free(basic);
	}
	ERR_clear_error();
}

/* Certificates between signer and anchor, the anchor left out; -1: the chain was not gone through. */
static int
look_at_chain(Look *look, const SealVerdict *verdict, X509 *signer, STACK_OF(X509) *chain, STACK_OF(X509) *anchors, STACK_OF(X509_CRL) *crls)
{
	X509_STORE *store = trust_store(anchors);
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int			count = -1;

	if (store != NULL && context != NULL && X509_STORE_CTX_init(context, store, signer, chain))
	{
		X509_STORE_CTX_set_app_data(context, look);
		X509_STORE_CTX_set_verify_cb(context, note);
		X509_STORE_CTX_set0_crls(context, crls);
		X509_STORE_CTX_set_flags(context, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
		if (X509_verify_cert(context) == 1)
		{
			STACK_OF(X509) *found = X509_STORE_CTX_get0_chain(context);

			count = Min(sk_X509_num(found) - 1, (int) lengthof(look->known));
			look_at_responses(look, verdict, found, store);
		}
	}
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	ERR_clear_error();
	return count;
}

/* What is known of all of them, and what follows. */
static const char *
conclude(SealVerdict *verdict, const Look *look, int count, bool asked)
{
	bool		later = false;

	for (int i = 0; i < count; i++)
	{
		if (!look->known[i].revoked)
			continue;
		if (look->stamped_at == 0 || look->known[i].revoked_at <= look->stamped_at)
		{
			verdict->revocation = "revoked";
			return i == 0 ? "REVOKED_NO_POE" : "REVOKED_CA_NO_POE";
		}
		later = true;
	}
	for (int i = 0; i < Max(count, 0); i++)
		if (!look->known[i].revoked && (look->known[i].bad || look->known[i].missing))
			count = -1;
	if (count >= 0)
		verdict->revocation = later ? "revoked later" : "good";
	else if (asked)
		verdict->revocation = "unknown";
	return count < 0 && asked ? "TRY_LATER" : NULL;
}

const char *
revocation_judge(SealVerdict *verdict, X509 *signer, STACK_OF(X509) *others, STACK_OF(X509) *anchors, STACK_OF(X509_CRL) *given)
{
	Look		look = {0};
	STACK_OF(X509) *chain;
	STACK_OF(X509_CRL) *kept;
	STACK_OF(X509_CRL) *crls;
	int			count;

	if (given == NULL && verdict->revocations == NIL)
		return NULL;
	if (verdict->stamp != NULL && strcmp(verdict->stamp, "valid") == 0)
		look.stamped_at = verdict->stamped_at;
	chain = trust_build_chain(signer, others, anchors);
	kept = sk_X509_CRL_new_null();
	crls = usable_crls(verdict, chain, anchors, given, kept);
	count = chain == NULL || crls == NULL ? -1 : look_at_chain(&look, verdict, signer, chain, anchors, crls);
	sk_X509_CRL_free(crls);
	sk_X509_CRL_pop_free(kept, X509_CRL_free);
	sk_X509_pop_free(chain, X509_free);
	return conclude(verdict, &look, count, given != NULL);
}
