/*
 * answer.c
 *		ootspg.answer(): one request in, the parts of its answer out, everything
 *		recorded in the caller's transaction.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "audit/event.h"
#include "audit/partition.h"
#include "compat.h"
#include "exchange/exchange.h"
#include "exchange/stamping.h"
#include "library.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_answer);

/* The order of checks of D-TMO-04. */
void
exchange_answer(Exchange *exchange)
{
	bool		first_use;

	if (exchange->received_at == 0)
		exchange->received_at = GetCurrentTimestamp();
	audit_prepare(exchange->received_at);
	exchange_receive(exchange);
	if (!exchange_address(exchange))
		return;
	first_use = exchange_register(exchange) || exchange_repeats_first(exchange);
	exchange->duplicate = !first_use;
	if (!first_use)
		verdict_error(exchange, 3, "the request identifier was used before (TDD 4.4)", "request id used before");
	exchange_resolve(exchange);
	if (exchange->refusal != NULL)
		verdict_error(exchange, 8, NULL, exchange->refusal);
	if (PENDING(exchange) && IS_SECOND(exchange))
		exchange_second(exchange);
	else if (PENDING(exchange))
		exchange_serve(exchange);
	/* a success that comes too late may not leave (D-TMO-03), nor a link */
	if (outcome_is_success(exchange->verdict.outcome) || exchange->verdict.outcome == OUTCOME_PREVIEW)
		exchange_check_time(exchange);
	if (outcome_is_success(exchange->verdict.outcome) && stamping_awaited(exchange))
		return;
	/* evidence that must be seen first leaves by a link, and what is not there yet is told of there; with nothing there is nothing to see (D-TMO-04) */
	if ((exchange->pieces != NIL && exchange->space != NULL && outcome_is_success(exchange->verdict.outcome)) ||
		exchange->verdict.outcome == OUTCOME_PREVIEW)
		exchange_offer_preview(exchange);
	if (!outcome_is_success(exchange->verdict.outcome))
		exchange->pieces = NIL;
	exchange->answered_at = GetCurrentTimestamp();
	audit_prepare(exchange->answered_at);
	exchange_reply(exchange);
	exchange_record(exchange);
}

static void
put_part(ReturnSetInfo *result, const Exchange *exchange, int part, const char *content_id,
		 const char *media_type, Datum content)
{
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = Int64GetDatum(exchange->id);
	values[1] = CStringGetTextDatum(outcome_name(exchange->verdict.outcome));
	values[2] = Int32GetDatum(part);
	nulls[2] = nulls[3] = nulls[4] = nulls[5] = DatumGetPointer(content) == NULL;
	if (DatumGetPointer(content) != NULL)
	{
		values[3] = CStringGetTextDatum(content_id);
		values[4] = CStringGetTextDatum(media_type);
		values[5] = content;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* An exchange without answer is one row without part, so that the caller can find it. */
static void
put_parts(ReturnSetInfo *result, const Exchange *exchange)
{
	int			part = 1;
	ListCell   *cell;

	put_part(result, exchange, part++, exchange->content_id, "application/x-ebrs+xml",
			 exchange->message.data == NULL ? PointerGetDatum(NULL) :
			 PointerGetDatum(cstring_to_text_with_len(exchange->message.data, exchange->message.len)));
	foreach(cell, exchange->pieces)
	{
		const Piece *piece = lfirst(cell);

		put_part(result, exchange, part++, piece->content_id, piece->media_type, piece_value(piece));
	}
}

Datum
ootspg_answer(PG_FUNCTION_ARGS)
{
	Exchange   *exchange;
	bytea	   *body;

	library_require_objects();
	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a request is needed")));
	body = PG_GETARG_BYTEA_PP(0);
	SPI_connect();
	exchange = palloc0(sizeof(Exchange));
	exchange->body = VARDATA_ANY(body);
	exchange->body_length = VARSIZE_ANY_EXHDR(body);
	if (!PG_ARGISNULL(1))
	{
		bytea	   *header = PG_GETARG_BYTEA_PP(1);

		exchange->header_bytes = VARDATA_ANY(header);
		exchange->header_length = VARSIZE_ANY_EXHDR(header);
	}
	exchange_answer(exchange);
	put_parts((ReturnSetInfo *) fcinfo->resultinfo, exchange);
	SPI_finish();
	return (Datum) 0;
}
