/*
 * detached.c
 *		Detached seals, and the SQL functions for them: heads of the audit and exports have them.
 */
#include "postgres.h"

#include <openssl/x509.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "library.h"
#include "seal/cms.h"
#include "seal/detached.h"
#include "seal/stamp.h"

PG_FUNCTION_INFO_V1(ootspg_seal_detached);
PG_FUNCTION_INFO_V1(ootspg_detached_facts);
PG_FUNCTION_INFO_V1(ootspg_judge_stamp);

static CmsContent
content_of(const char *octets, size_t length)
{
	return (CmsContent) {{octets, octets + length}, {length, 0}};
}

uint8 *
detached_seal(SealKey *key, const char *octets, size_t length, size_t *size)
{
	CmsContent	content = content_of(octets, length);

	return cms_sign(key, &content, size);
}

const char *
detached_fault(const uint8 *der, size_t size, const char *octets, size_t length, bool *has_certificate, uint8 certificate_sha256[32])
{
	CmsContent	content = content_of(octets, length);
	SealVerdict verdict = {0};
	STACK_OF(X509) *certificates = sk_X509_new_null();
	volatile bool valid = false;

	PG_TRY();
	{
		valid = certificates != NULL && cms_verify(der, size, &content, &verdict, certificates);
	}
	PG_FINALLY();
	{
		sk_X509_pop_free(certificates, X509_free);
	}
	PG_END_TRY();
	*has_certificate = verdict.has_certificate;
	memcpy(certificate_sha256, verdict.certificate_sha256, sizeof(verdict.certificate_sha256));
	return valid ? NULL : verdict.reason ? verdict.reason : "the signature can't be read";
}

/* (octets bytea, name text, key_uri text, certificate_uri text, provider text) returns the signature and the SHA-256 of its certificate */
Datum
ootspg_seal_detached(PG_FUNCTION_ARGS)
{
	bytea	   *octets = PG_GETARG_BYTEA_PP(0);
	SealKey    *key = seal_key_get(text_to_cstring(PG_GETARG_TEXT_PP(1)), text_to_cstring(PG_GETARG_TEXT_PP(4)),
								   text_to_cstring(PG_GETARG_TEXT_PP(2)), text_to_cstring(PG_GETARG_TEXT_PP(3)));
	size_t		size;
	uint8	   *der;

	library_require_objects();
	der = detached_seal(key, VARDATA_ANY(octets), VARSIZE_ANY_EXHDR(octets), &size);
	PG_RETURN_BYTEA_P(cstring_to_text_with_len((char *) der, (int) size));
}

/* (octets bytea, signature bytea) returns (fault text, certificate_sha256 bytea) */
Datum
ootspg_detached_facts(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea	   *octets = PG_GETARG_BYTEA_PP(0);
	bytea	   *signature = PG_GETARG_BYTEA_PP(1);
	bool		has_certificate;
	uint8		certificate[32];
	Datum		values[2] = {0};
	bool		nulls[2];
	const char *fault = detached_fault((uint8 *) VARDATA_ANY(signature), VARSIZE_ANY_EXHDR(signature), VARDATA_ANY(octets), VARSIZE_ANY_EXHDR(octets),
									   &has_certificate, certificate);

	InitMaterializedSRF(fcinfo, 0);
	nulls[0] = fault == NULL;
	nulls[1] = !has_certificate;
	if (fault != NULL)
		values[0] = CStringGetTextDatum(fault);
	if (has_certificate)
		values[1] = PointerGetDatum(cstring_to_text_with_len((char *) certificate, sizeof(certificate)));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

/* (octets bytea, token bytea) returns (state text, stamped_at timestamptz): without anchors, which the auditor has */
Datum
ootspg_judge_stamp(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bytea	   *octets = PG_GETARG_BYTEA_PP(0);
	bytea	   *token = PG_GETARG_BYTEA_PP(1);
	StampVerdict verdict = stamp_judge((uint8 *) VARDATA_ANY(token), VARSIZE_ANY_EXHDR(token), VARDATA_ANY(octets), VARSIZE_ANY_EXHDR(octets), NULL);
	Datum		values[2];
	bool		nulls[2] = {false, verdict.time == 0};

	InitMaterializedSRF(fcinfo, 0);
	values[0] = CStringGetTextDatum(verdict.reason ? verdict.reason : verdict.state);
	values[1] = TimestampTzGetDatum(verdict.time);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}
