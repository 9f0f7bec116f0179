/*
 * serve.c
 *		Ask the registry: match the subject, ask for entitlement, build evidence.
 *		The registry's views are other people's code; whatever they raise becomes
 *		an answer, except what concerns the whole backend (cancel, shutdown, out
 *		of memory). A subtransaction keeps a failure from harming the exchange.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/resowner.h"

#include "document/render.h"
#include "errors.h"
#include "evidence/build.h"
#include "evidence/source.h"
#include "exchange/exchange.h"
#include "exchange/stamping.h"
#include "exchange/subject_row.h"
#include "query.h"
#include "settings.h"

/* D-IDM-04, D-IDM-22: unknown, ambiguous and protected look the same outside. */
static void
match(Exchange *exchange)
{
	const MatchResult *match = &exchange->match;

	exchange->match = match_narrowed(exchange->type, exchange->distribution, exchange->request->subject, exchange->further);
	exchange->matched = true;
	if (match->outcome == MATCH_ONE)
		return;
	/* more may be known of them once they have signed in again (D-IDM-05, IR 16(1)) */
	exchange->ambiguous = match->outcome == MATCH_SEVERAL || (match->outcome == MATCH_NONE && match->undecided);
	if (exchange->ambiguous && exchange->sign_in_space != NULL && exchange->type->narrows)
		verdict_outcome(exchange, OUTCOME_PREVIEW, match_outcome_name(match->outcome));
	else
		verdict_error(exchange, 4, NULL, match_outcome_name(match->outcome));
}

static void
add_powers(QueryArguments *arguments, const Request *request)
{
	List	   *powers = request_powers(request);
	Datum	   *codes = palloc(sizeof(Datum) * list_length(powers));
	ListCell   *cell;

	foreach(cell, powers)
		codes[foreach_current_index(cell)] = CStringGetTextDatum(lfirst(cell));
	query_add(arguments, TEXTARRAYOID,
			  PointerGetDatum(construct_array(codes, list_length(powers), TEXTOID, -1, false, TYPALIGN_INT)),
			  powers == NIL);
}

static void
add_subject(QueryArguments *arguments, const Subject *subject)
{
	bool		isnull;
	Datum		value = subject_to_row(subject, &isnull);

	query_add(arguments, subject_row_type(), value, isnull);
}

/* D-IDM-16: own record, or what the type's entitlement function allows. */
static void
check_entitlement(Exchange *exchange)
{
	const Request *request = exchange->request;
	QueryArguments arguments = {0};
	uint64		rows;

	if (exchange->type->entitlement == NULL)
		return;
	query_add_text(&arguments, exchange->type->name);
	query_add_text(&arguments, request->procedure);
	query_add_text(&arguments, request->requester->scheme);
	query_add_text(&arguments, request->requester->identifier);
	query_add_text(&arguments, exchange->match.person_id);
	add_subject(&arguments, request->subject);
	add_subject(&arguments, request->representative);
	add_powers(&arguments, request);
	rows = query_run(psprintf("SELECT %s(ROW($1, $2, $3, $4, $5, $6, $7, $8)::ootspg.entitlement_question)",
							  source_entitlement(exchange->type)),
					 &arguments, false, 2, SPI_OK_SELECT);
	if (rows != 1)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("evidence type \"%s\": its entitlement function gave no answer, or several", exchange->type->name)));
	if (!query_bool(0, 1))
		verdict_error(exchange, 4, NULL, "not entitled");
}

/*
 * The human-readable version: whenever the document conforms to no agreed model
 * (D-MOD-02); in 1.x, where it can't be asked for, whenever there is one; in 2.0
 * on request (D-MOD-09).
 */
static bool
companion_due(const Exchange *exchange)
{
	return exchange->distribution->model == NULL || exchange->line != EDM_V20 ||
		exchange->wanted->wants_readable;
}

static List *
wanted_languages(const Exchange *exchange)
{
	if (exchange->wanted->languages != NIL)
		return exchange->wanted->languages;
	return exchange->request->language ? list_make1(exchange->request->language) : NIL;
}

/* Only what is there leaves; the rest is told of, with the latest moment of all: then one further request finds everything. */
static void
take_pieces(Exchange *exchange, List *pieces)
{
	ListCell   *cell;

	foreach(cell, pieces)
	{
		Piece	   *piece = lfirst(cell);

		if (piece->content != NULL)
			exchange->pieces = lappend(exchange->pieces, piece);
		else
			exchange->awaited = lappend(exchange->awaited, piece);
		exchange->available_at = Max(exchange->available_at, piece->available_at);
	}
	exchange->complete = exchange->pieces != NIL && exchange->awaited == NIL;
}

static void
build(Exchange *exchange)
{
	BuildQuestion question = {
		.type = exchange->type,
		.distribution = exchange->distribution,
		.line = exchange->line,
		.with_companion = companion_due(exchange),
		.translate = exchange->wanted->wants_translation,
		.languages = wanted_languages(exchange),
		.sample = exchange->system_check,
		.renderer = &document_renderer
	};
	List	   *pieces;

	if (question.sample && exchange->distribution->sample_source.name == NULL)
	{
		verdict_error(exchange, 4, NULL, "no sample evidence for the system check");
		return;
	}
	pieces = stamping_kept(exchange, &question);
	take_pieces(exchange, pieces != NIL ? pieces : build_for_person(&question, exchange->match.person_id));
	/* only now, that the person is identified and entitled, may it be told that there is something to wait for (D-TMO-09) */
	if (exchange->awaited != NIL)
		verdict_outcome(exchange, OUTCOME_DEFERRED, "evidence is not there yet");
	if (exchange->pieces != NIL || exchange->awaited != NIL)
		return;
	/* the person is known: only now may the absence of a record be told (DUTY §3.2) */
	if (exchange->type->empty_when_no_record)
		verdict_outcome(exchange, OUTCOME_EMPTY, "no record of this type");
	else
		verdict_error(exchange, 4, NULL, "no record of this type");
}

/*
 * Settings that a view's functions change end with the registry's part: what we
 * write afterwards as owner of the audit must not be found by their search_path.
 */
static void
ask_registry(Exchange *exchange)
{
	int			nesting = NewGUCNestLevel();

	if (!exchange->system_check)
		match(exchange);
	if (PENDING(exchange) && !exchange->system_check)
		check_entitlement(exchange);
	if (PENDING(exchange))
		build(exchange);
	if (PENDING(exchange))
		verdict_outcome(exchange, OUTCOME_EVIDENCE, NULL);
	AtEOXact_GUC(false, nesting);
}

/* A cancel or shutdown of another server reaches us through a foreign table with the same SQLSTATE as our own. */
static bool
interrupted_here(const ErrorData *error)
{
	return error->funcname == NULL || strcmp(error->funcname, "ProcessInterrupts") == 0;
}

/* Errors that concern the backend, not the registry: they go on up. */
static bool
concerns_backend(const ErrorData *error)
{
	int			sqlstate = error->sqlerrcode;
	int			class = ERRCODE_TO_CATEGORY(sqlstate);

	return sqlstate == ERRCODE_OUT_OF_MEMORY ||
		sqlstate == ERRCODE_DISK_FULL ||
		sqlstate == ERRCODE_DATA_CORRUPTED ||
		sqlstate == ERRCODE_INDEX_CORRUPTED ||
		(class == ERRCODE_TO_CATEGORY(ERRCODE_ADMIN_SHUTDOWN) && interrupted_here(error)) ||
		class == ERRCODE_TRANSACTION_ROLLBACK;
}

/* Whose fault it is, where our own checks say so; a key that is lost is no failure of the registry. */
static const char *
what_failed(int sqlstate)
{
	switch (sqlstate)
	{
		case ERRCODE_OOTS_LIMIT:
			return "evidence is larger than allowed:";
		case ERRCODE_OOTS_CONFIGURATION:
			return "evidence type does not fit its registry:";
		case ERRCODE_OOTS_KEY:
			return "seal key cannot be used:";
		case ERRCODE_OOTS_EVIDENCE:
			return "a row cannot become evidence:";
		default:
			return "registry failed with";
	}
}

/* A time limit of the registry's own was the cause: another server's, or one on waiting for locks. */
static bool
ran_out_of_time(int sqlstate)
{
	return sqlstate == ERRCODE_QUERY_CANCELED || sqlstate == ERRCODE_LOCK_NOT_AVAILABLE ||
		sqlstate == ERRCODE_IDLE_IN_TRANSACTION_SESSION_TIMEOUT || sqlstate == ERRCODE_IDLE_SESSION_TIMEOUT;
}

/*
 * A register that fails is a query exception, one whose time is over a time-out (DUTY §3.2;
 * EDM §1.6.3). Some would have one that cannot be reached an unresolved reference: a setting.
 * Only the SQLSTATE is kept: messages of views may quote their data.
 */
static void
registry_failed(Exchange *exchange, int sqlstate)
{
	int			class = ERRCODE_TO_CATEGORY(sqlstate);
	bool		unreachable = class == ERRCODE_CONNECTION_EXCEPTION || class == ERRCODE_FDW_ERROR;
	char	   *reason = psprintf("%s SQLSTATE %s", what_failed(sqlstate), unpack_sql_state(sqlstate));

	exchange->pieces = exchange->awaited = NIL;
	exchange->complete = false;
	exchange->failure = sqlstate;
	exchange->verdict.outcome = OUTCOME_PENDING;
	verdict_error(exchange, ran_out_of_time(sqlstate) ? 5 : unreachable ? oots_unreachable_error : 8, NULL, reason);
}

void
exchange_serve(Exchange *exchange)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		ask_registry(exchange);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		ErrorData  *error;
		int			sqlstate;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		sqlstate = error->sqlerrcode;
		FlushErrorState();
		/* before going on up as well: else the caller's session stays in a failed subtransaction */
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (concerns_backend(error))
			ReThrowError(error);
		FreeErrorData(error);
		registry_failed(exchange, sqlstate);
	}
	PG_END_TRY();
}
