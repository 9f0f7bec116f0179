/*
 * hold.c
 *		Whoever may configure one provider may lock the tables of all, and hold the
 *		lock as long as they like. A worker asks for all that it will read before it
 *		asks the registry: then a wait is the lock's and has an end, and none of it
 *		is taken for the registry's failure or the message's.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "exchange/hold.h"
#include "query.h"

/* What answering reads of the tables that the duty to configure lets be written. */
#define READ "ootspg.access_point, ootspg.accepted_party, ootspg.accepted_requester, ootspg.provider, ootspg.evidence_type, " \
	"ootspg.evidence_type_line, ootspg.distribution, ootspg.data_model, ootspg.data_model_location, ootspg.identity_link, ootspg.code_map, ootspg.added_code, ootspg.preview_space"

void
hold_configuration(void)
{
	OwnerSwitch caller;

	owner_begin(&caller);
	query_run("LOCK TABLE ONLY " READ " IN ACCESS SHARE MODE", NULL, false, 0, SPI_OK_UTILITY);
	owner_end(&caller);
}

void
hold_postpone(const InboxClaim *claim, long delay_ms)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	query_add(&arguments, INT8OID, Int64GetDatum(claim->id), false);
	query_add(&arguments, INT8OID, Int64GetDatum(delay_ms), false);
	query_add_text(&arguments, unpack_sql_state(ERRCODE_LOCK_NOT_AVAILABLE));
	owner_begin(&caller);
	query_run("UPDATE ootspg.inbox SET attempts = attempts - 1, last_error = $3, leased_by = NULL, next_attempt_at = clock_timestamp() + $2 * interval '1 ms' "
			  "WHERE inbox_id = $1 AND state = 'waiting'", &arguments, false, 0, SPI_OK_UPDATE);
	owner_end(&caller);
}
