/*
 * stamp_sql.c
 *		Time stamps for whoever seals outside of an exchange: what to ask an authority, and its answer put into
 *		the seal. How question and answer travel is the caller's affair.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "compat.h"
#include "errors.h"
#include "library.h"
#include "seal/stamped.h"
#include "seal/trust.h"

PG_FUNCTION_INFO_V1(ootspg_stamp_request);
PG_FUNCTION_INFO_V1(ootspg_add_stamp);

static void
begin_bytes(StringInfo out)
{
	initStringInfo(out);
	appendStringInfoSpaces(out, VARHDRSZ);
}

static Datum
end_bytes(StringInfo out)
{
	SET_VARSIZE(out->data, out->len);
	return PointerGetDatum(out->data);
}

static void
require(const char *refusal)
{
	if (refusal != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("the document takes no time stamp: %s", refusal)));
}

static char *
policy_of(FunctionCallInfo fcinfo, int argument)
{
	char	   *policy = PG_ARGISNULL(argument) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(argument));

	if (policy != NULL && !stamp_is_policy(policy))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no policy of a time-stamping authority", policy),
				 errhint("It is an object identifier in digits, as in 1.3.6.1.4.1.13762.3.")));
	return policy;
}

/* (sealed bytea, policy text, which may be NULL) returns bytea */
Datum
ootspg_stamp_request(PG_FUNCTION_ARGS)
{
	uint8		imprint[STAMP_IMPRINT];
	StringInfoData out;
	bytea	   *sealed;

	library_require_objects();
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sealed = PG_GETARG_BYTEA_PP(0);
	require(stamped_imprint(VARDATA_ANY(sealed), VARSIZE_ANY_EXHDR(sealed), imprint));
	begin_bytes(&out);
	stamp_request(imprint, policy_of(fcinfo, 1), &out);
	PG_RETURN_DATUM(end_bytes(&out));
}

/* (sealed bytea, answer bytea, trusted bytea, policy text, which may be NULL) returns bytea */
Datum
ootspg_add_stamp(PG_FUNCTION_ARGS)
{
	uint8		imprint[STAMP_IMPRINT];
	StringInfoData token;
	StringInfoData out;
	bytea	   *sealed;
	bytea	   *answer;
	bytea	   *trusted;
	char	   *policy;
	STACK_OF(X509) *anchors;
	const char *refusal;

	library_require_objects();
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	sealed = PG_GETARG_BYTEA_PP(0);
	answer = PG_GETARG_BYTEA_PP(1);
	trusted = PG_GETARG_BYTEA_PP(2);
	policy = policy_of(fcinfo, 3);
	require(stamped_imprint(VARDATA_ANY(sealed), VARSIZE_ANY_EXHDR(sealed), imprint));
	initStringInfo(&token);
	enlargeStringInfo(&token, STAMP_MAX_TOKEN);	/* nothing is raised while the anchors are there */
	anchors = trust_read_anchors(VARDATA_ANY(trusted), VARSIZE_ANY_EXHDR(trusted));
	refusal = stamp_read_answer(VARDATA_ANY(answer), VARSIZE_ANY_EXHDR(answer), imprint, policy, anchors, &token);
	sk_X509_pop_free(anchors, X509_free);
	require(refusal);
	begin_bytes(&out);
	require(stamped_put(VARDATA_ANY(sealed), VARSIZE_ANY_EXHDR(sealed), (uint8 *) token.data, token.len, &out));
	PG_RETURN_DATUM(end_bytes(&out));
}
