/*
 * verify.c
 *		Which form of seal a document bears, by its first octets, and the verdict on it.
 */
#include "postgres.h"

#include <openssl/err.h>

#include "seal/jades.h"
#include "seal/pades.h"
#include "seal/revocation.h"
#include "seal/trust.h"
#include "seal/verifying.h"
#include "settings.h"

/* What a form's file does: certificates take what the seal brings, the signer's first once it is known. */
typedef bool (*Verifier) (const char *bytes, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates);

/* XML begins with '<', a PDF with its mark, and JSON with a brace; a compact JWS has but base64url and dots. */
static Verifier
verifier_of(const char *bytes, size_t length, SealVerdict *verdict)
{
	if (length >= 5 && memcmp(bytes, "%PDF-", 5) == 0)
	{
		verdict->format = FORMAT_PADES;
		return pades_verify;
	}
	if (jades_looks_like(bytes, length))
	{
		verdict->format = FORMAT_JADES;
		return jades_verify;
	}
	verdict->format = FORMAT_XADES;
	return xades_verify;
}

/* The seal holds, and is of what it is said to be of. */
static bool
is_valid(const char *bytes, size_t length, SealVerdict *verdict, STACK_OF(X509) *certificates)
{
	Verifier	verifier = verifier_of(bytes, length, verdict);

	if (certificates == NULL)
		return verdict_refuse(verdict, STEP_LIMITS, "memory is exhausted");
	if (verdict->beside != NULL && verdict->beside->len > (int64) oots_max_message_kb * 1024)
		return verdict_refuse(verdict, STEP_LIMITS, "the document is too large");
	return verifier(bytes, length, verdict, certificates);
}

void
seal_verify(const char *bytes, size_t length, const StringInfoData *beside, const char *trusted, size_t trusted_length, const List *crls,
			SealVerdict *verdict)
{
	STACK_OF(X509) *volatile anchors = NULL;
	STACK_OF(X509) *volatile certificates;
	STACK_OF(X509_CRL) *volatile given;

	memset(verdict, 0, sizeof(*verdict));
	verdict->beside = beside;
	verdict->chain = "not checked";
	verdict->revocation = "not checked";
	ERR_clear_error();
	if (trusted != NULL)
		anchors = trust_read_anchors(trusted, trusted_length);
	certificates = sk_X509_new_null();
	given = crls != NIL ? sk_X509_CRL_new_null() : NULL;
	PG_TRY();
	{
		const ListCell *cell;

		foreach(cell, crls)
			revocation_read(given, ((StringInfo) lfirst(cell))->data, ((StringInfo) lfirst(cell))->len);
		verdict->valid = is_valid(bytes, length, verdict, certificates);
		verdict_conclude(verdict, verdict->valid ? sk_X509_value(certificates, 0) : NULL, certificates, anchors, given);
	}
	PG_FINALLY();
	{
		sk_X509_pop_free(certificates, X509_free);
		sk_X509_pop_free(anchors, X509_free);
		sk_X509_CRL_pop_free(given, X509_CRL_free);
		ERR_clear_error();
	}
	PG_END_TRY();
}
