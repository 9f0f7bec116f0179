/*
 * hold.c
 *		Whoever may configure one provider may lock the tables of all, and hold the
 *		lock as long as they like. A worker asks for all that it will read before it
 *		asks the registry: then a wait is the lock's and has an end, and none of it
 *		is taken for the registry's failure or the message's.
 */
#include "postgres.h"

#include "exchange/hold.h"
#include "query.h"

/* What answering reads of the tables that the duty to configure lets be written. */
#define READ "ootspg.access_point, ootspg.accepted_party, ootspg.accepted_requester, ootspg.provider, ootspg.evidence_type, " \
	"ootspg.evidence_type_line, ootspg.distribution, ootspg.data_model, ootspg.data_model_location, ootspg.data_model_label, ootspg.data_model_field, ootspg.letterhead, ootspg.identity_link, ootspg.code_map, ootspg.added_code, ootspg.preview_space, ootspg.time_stamp_authority, ootspg.audit_reader"

void
hold_configuration(void)
{
	OwnerSwitch caller;

	owner_begin(&caller);
	query_run("LOCK TABLE ONLY " READ " IN ACCESS SHARE MODE", NULL, false, 0, SPI_OK_UTILITY);
	owner_end(&caller);
}
