/*
 * preview_narrow.c
 *		Who the user is, where the first request alone did not tell (D-PRE-10, D-PRE-13): the
 *		registry is asked once more, with what a new sign-in vouches for and what the
 *		user said besides, and the pieces are built when exactly one person is left.
 *
 *		It is asked by the role that answered the first request, as long as that has
 *		its duty: the preview space may read nothing. As maintenance commands do with
 *		other people's code, it runs restricted, and leaves nothing in the session.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"
#include "configuration/duty.h"
#include "errors.h"
#include "exchange/exchange.h"
#include "library.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_narrow_preview);

static List *
further_attributes(ArrayType *columns, ArrayType *values)
{
	Datum	   *names;
	Datum	   *texts;
	int			name_count;
	int			text_count;
	List	   *further = NIL;

	deconstruct_array(columns, TEXTOID, -1, false, TYPALIGN_INT, &names, NULL, &name_count);
	deconstruct_array(values, TEXTOID, -1, false, TYPALIGN_INT, &texts, NULL, &text_count);
	for (int i = 0; i < Min(name_count, text_count); i++)
	{
		FurtherAttribute *attribute = palloc(sizeof(FurtherAttribute));

		attribute->column = TextDatumGetCString(names[i]);
		attribute->value = TextDatumGetCString(texts[i]);
		further = lappend(further, attribute);
	}
	return further;
}

/* What the request said stays as it is; what it left out is filled in, for the policies that ask for it. */
static void
complete(Subject *subject, const List *further, const char *identifier)
{
	const ListCell *cell;

	foreach(cell, further)
	{
		const FurtherAttribute *attribute = lfirst(cell);

		if (strcmp(attribute->column, "birth_name") == 0 && subject->birth_name == NULL)
			subject->birth_name = pstrdup(attribute->value);
		if (strcmp(attribute->column, "place_of_birth") == 0 && subject->place_of_birth == NULL)
			subject->place_of_birth = pstrdup(attribute->value);
	}
	/* made for our country, it may be linked (D-IDM-09) */
	if (identifier[0] != '\0')
		subject->identifier = pstrdup(identifier);
}

/* The first request as it was read when it came, up to the registry; its time limit has done its work. */
static Exchange *
first_request(const PreviewSession *session, LinkKeys *keys)
{
	Exchange   *exchange = palloc0(sizeof(Exchange));
	OwnerSwitch caller;

	exchange->id = session->exchange_id;
	exchange->sender_accepted = true;
	exchange->body = preview_first_body(session, keys, &exchange->body_length);
	if (exchange->body == NULL)
		elog(ERROR, "the first request of a preview is gone");
	exchange_receive(exchange);
	exchange->line = session->line;
	exchange->verdict = (Verdict) {OUTCOME_PENDING};
	owner_begin(&caller);
	exchange->type = evidence_type_by_name(session->evidence_type, exchange->line);
	owner_end(&caller);
	if (exchange->type != NULL)
	{
		exchange->provider = exchange->type->provider;
		exchange_choose_distribution(exchange);
	}
	if (exchange->type == NULL || !PENDING(exchange))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("what the preview is about is not served any more")));
	return exchange;
}

static void
ask_as_answering_role(Exchange *exchange, const PreviewSession *session)
{
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	if (OidIsValid(session->answer_role))
		SetUserIdAndSecContext(session->answer_role, context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	if (!OidIsValid(session->answer_role) || !duty_covers("exchange", session->provider))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("the role that answered the first request of the preview may not answer any more")));
	exchange_serve(exchange);
	SetUserIdAndSecContext(user, context);
	/* the user may try again as long as there is time */
	if (exchange->failure != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("the registry could not be asked: SQLSTATE %s", unpack_sql_state(exchange->failure))));
}

static void
put_pieces(const Exchange *exchange, const PreviewSession *session, const LinkKeys *keys)
{
	PreviewOffer offer = {
		.type = exchange->type,
		.line = exchange->line,
		.request = exchange->request,
		.data_model = exchange->distribution->model,
		.data_model_version = exchange->distribution->model_version,
		.pieces = exchange->pieces,
		.awaited = exchange->awaited
	};

	preview_put_pieces(&offer, keys, session->id);
}

/* As preview_session.matching has it: "open" where one may try again. */
static const char *
result_of(const Exchange *exchange)
{
	if (exchange->match.outcome != MATCH_ONE)
		return "open";
	if (exchange->pieces != NIL || exchange->awaited != NIL)
		return "done";
	return exchange->verdict.outcome == OUTCOME_EMPTY ? "no record" : "not found";
}

/*
 * narrow_preview(session_id, link, columns text[], vals text[], identifier text,
 * OUT matching text, OUT reason text, OUT candidates integer, OUT linked boolean)
 */
Datum
ootspg_narrow_preview(PG_FUNCTION_ARGS)
{
	PreviewSession *session;
	Exchange   *exchange;
	LinkKeys	keys;
	TupleDesc	desc;
	Datum		values[4];
	bool		nulls[4] = {false};
	HeapTuple	result;

	library_require_objects();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	SPI_connect();
	(void) link_keys(text_to_cstring(PG_GETARG_TEXT_PP(1)), &keys);
	session = preview_by_id(PG_GETARG_INT64(0));
	if (session == NULL || session->matching != PREVIEW_UNMATCHED)
		elog(ERROR, "the preview is not one to be matched");
	exchange = first_request(session, &keys);
	exchange->further = further_attributes(PG_GETARG_ARRAYTYPE_P(2), PG_GETARG_ARRAYTYPE_P(3));
	complete(exchange->request->subject, exchange->further, text_to_cstring(PG_GETARG_TEXT_PP(4)));
	ask_as_answering_role(exchange, session);
	if (exchange->match.outcome == MATCH_ONE)
		put_pieces(exchange, session, &keys);
	link_forget(&keys);
	values[0] = CStringGetTextDatum(result_of(exchange));
	values[1] = CStringGetTextDatum(exchange->verdict.reason ? exchange->verdict.reason : match_outcome_name(exchange->match.outcome));
	values[2] = Int32GetDatum(exchange->match.candidates);
	values[3] = BoolGetDatum(exchange->match.linked);
	result = heap_form_tuple(desc, values, nulls);
	result = SPI_copytuple(result);
	SPI_finish();
	PG_RETURN_DATUM(HeapTupleGetDatum(result));
}
