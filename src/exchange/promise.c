/*
 * promise.c
 *		A deferred answer ends its exchange, and nothing is sent by itself later: the
 *		requester comes back with a new request, which says nothing of the first. What
 *		ties the two is requester, evidence type and subject, the subject by its search
 *		keys, so that a promise names nobody (D-TMO-10, D-LOG-21).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/timestamp.h"

#include "audit/subject_key.h"
#include "exchange/promise.h"
#include "query.h"
#include "row.h"

static Datum
digest_datum(const uint8 digest[SHA256_BYTES])
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) digest, SHA256_BYTES));
}

/* Most requesters were promised nothing: they cost one look into an index. */
static bool
anything_promised(const Exchange *exchange)
{
	const RowKey keys[] = {
		{"evidence_type", BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(exchange->type->name)},
		{"requester_identifier", BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(exchange->request->requester->identifier)}
	};

	return row_may_be("promise", "promise_open", keys, lengthof(keys));
}

static ArrayBuildState *
add_digests(ArrayBuildState *digests, const Subject *subject, const SearchKey *secret)
{
	uint8		digest[SHA256_BYTES];

	if (subject_key(subject, secret, digest))
		digests = accumArrayResult(digests, digest_datum(digest), false, BYTEAOID, CurrentMemoryContext);
	if (subject->identifier != NULL)
	{
		identifier_key(subject->identifier, secret, digest);
		digests = accumArrayResult(digests, digest_datum(digest), false, BYTEAOID, CurrentMemoryContext);
	}
	return digests;
}

/* The subject's keys by each secret that there is, for secrets are replaced while promises last; a file that can't be read finds nothing. */
static Datum
subject_digests(const Exchange *exchange)
{
	ArrayBuildState *digests = initArrayResult(BYTEAOID, CurrentMemoryContext, false);
	const char *fault;
	char	   *id;

	digests = add_digests(digests, exchange->request->subject, NULL);
	for (int n = 0; (id = search_key_entry(n, &fault)) != NULL; n++)
	{
		SearchKey	secret;

		if (fault != NULL)
			continue;
		search_key_by_id(&secret, id, exchange->provider->name);
		digests = add_digests(digests, exchange->request->subject, &secret);
		search_key_forget(&secret);
	}
	return makeArrayResult(digests, CurrentMemoryContext);
}

/* What a request did to the promises that it found. Evidence that is there to be seen, behind the link of a preview, was promised no less. */
static const char *
new_state(const Exchange *exchange)
{
	const Verdict *verdict = &exchange->verdict;
	bool		given = verdict->outcome == OUTCOME_EVIDENCE || (verdict->error != NULL && verdict->error == error_code(2));

	if (verdict->outcome == OUTCOME_DEFERRED)
		return "renewed";
	return given && exchange->complete ? "kept" : "open";
}

/* A second request at the same moment waits for the first, and finds the promise kept. */
static void
find_promises(Exchange *exchange)
{
	QueryArguments arguments = {0};
	const char *state = new_state(exchange);
	uint64		found;

	query_add_text(&arguments, exchange->type->name);
	query_add_text(&arguments, exchange->request->requester->scheme);
	query_add_text(&arguments, exchange->request->requester->identifier);
	query_add(&arguments, BYTEAARRAYOID, subject_digests(exchange), false);
	query_add_text(&arguments, state);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(exchange->answered_at), false);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	found = query_run("UPDATE ootspg.promise p SET state = $5, last_asked_at = $6, "
					  "ended_at = CASE WHEN $5 <> 'open' THEN $6 END, ended_by = CASE WHEN $5 <> 'open' THEN $7 END "
					  "WHERE p.evidence_type = $1 AND p.requester_scheme = $2 AND p.requester_identifier = $3 AND p.state = 'open' "
					  "AND (p.subject_key = ANY ($4) OR p.subject_identifier_key = ANY ($4)) RETURNING p.exchange_id",
					  &arguments, false, 0, SPI_OK_UPDATE_RETURNING);
	for (uint64 row = 0; row < found; row++)
	{
		bool		isnull;

		exchange->promised_by = Max(exchange->promised_by, DatumGetInt64(query_value(row, 1, &isnull)));
	}
}

/* Keys and all else as the exchange's row has them. */
static void
make_promise(const Exchange *exchange)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(exchange->available_at), false);
	query_run("INSERT INTO ootspg.promise (exchange_id, provider, evidence_type, requester_scheme, requester_identifier, "
			  "subject_key, subject_identifier_key, promised_at, available_at) "
			  "SELECT x.exchange_id, x.provider, x.evidence_type, x.requester_scheme, x.requester_identifier, "
			  "x.subject_key, x.subject_identifier_key, x.answered_at, $2 FROM ootspg.exchange x WHERE x.exchange_id = $1",
			  &arguments, false, 0, SPI_OK_INSERT);
}

void
promise_record(Exchange *exchange)
{
	OwnerSwitch caller;

	/* of somebody who is not identified nothing was promised, and nothing is told (D-TMO-09) */
	if (!exchange->matched || exchange->match.outcome != MATCH_ONE)
		return;
	owner_begin(&caller);
	if (anything_promised(exchange))
		find_promises(exchange);
	if (exchange->verdict.outcome == OUTCOME_DEFERRED)
		make_promise(exchange);
	owner_end(&caller);
}

void
promise_withdraw(int64 exchange_id)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	owner_begin(&caller);
	query_run("DELETE FROM ootspg.promise WHERE exchange_id = $1", &arguments, false, 0, SPI_OK_DELETE);
	query_run("UPDATE ootspg.promise SET state = 'open', ended_at = NULL, ended_by = NULL WHERE ended_by = $1", &arguments, false, 0, SPI_OK_UPDATE);
	owner_end(&caller);
}
