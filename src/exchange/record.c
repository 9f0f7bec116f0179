/*
 * record.c
 *		Write down what happened: the exchange row, the used request id, the audit
 *		events, all in the caller's transaction (D-LOG-26).
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "audit/counters.h"
#include "audit/event.h"
#include "audit/subject_key.h"
#include "evidence/name.h"
#include "exchange/exchange.h"
#include "exchange/promise.h"
#include "message/moment.h"
#include "query.h"
#include "row.h"

#define REGREP_MEDIA_TYPE "application/x-ebrs+xml"

/* Longer values are in the raw bytes only: an index entry has to fit on a page (D-LOG-02). */
#define SEARCHABLE_BYTES 1024

static void
add_searchable(Row *row, const char *column, const char *text)
{
	row_add_text(row, column, text != NULL && strlen(text) <= SEARCHABLE_BYTES ? text : NULL);
}

int64
exchange_new_id(void)
{
	return row_next_number("ootspg", "exchange_exchange_id_seq");
}

/* Ids are unique by addressee, as the wire names it. What an earlier version registered, without one, is used for all. */
#define REGISTER \
	"INSERT INTO ootspg_internal.used_request (request_key, exchange_id, addressee) SELECT $1, $2, $3 " \
	"WHERE NOT EXISTS (SELECT FROM ootspg_internal.used_request u WHERE u.request_key = $1 AND u.addressee = '') ON CONFLICT DO NOTHING"
/* Objects of an earlier version of the extension may serve until they are updated. */
#define REGISTER_FOR_ALL \
	"INSERT INTO ootspg_internal.used_request (request_key, exchange_id) SELECT $1, $2 WHERE $3 IS NOT NULL ON CONFLICT DO NOTHING"

static bool
addressees_kept(void)
{
	Oid			table = get_relname_relid("used_request", get_namespace_oid("ootspg_internal", false));

	return get_attnum(table, "addressee") != InvalidAttrNumber;
}

/* By this very message, whose answer waited for something. */
static bool
registered_before(const Exchange *exchange)
{
	QueryArguments arguments = {0};

	if (!exchange->by_worker)
		return false;
	query_add_text(&arguments, asc_tolower(exchange->request->id, strlen(exchange->request->id)));
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	return query_run_as_owner("SELECT FROM ootspg_internal.used_request u WHERE u.request_key = $1 AND u.exchange_id = $2", &arguments, SPI_OK_SELECT) > 0;
}

/*
 * Two parallel requests of one id: the second waits here for the first to end and
 * then finds the id used (D-TMO-07). A request refused for its form uses its id up
 * as well; one that nobody here is asked by uses none.
 */
bool
exchange_register(Exchange *exchange)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	const Agent *addressee;
	uint64		inserted;

	if (exchange->id == 0)
		exchange->id = exchange_new_id();
	/* a malformed id is refused for its form every time */
	if (exchange->provider == NULL || usable_request_id(exchange) == NULL)
		return true;
	addressee = exchange->provider->agent;
	query_add_text(&arguments, asc_tolower(exchange->request->id, strlen(exchange->request->id)));
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add_text(&arguments, psprintf("%s %s", addressee->scheme, addressee->identifier));
	owner_begin(&caller);
	inserted = query_run(addressees_kept() ? REGISTER : REGISTER_FOR_ALL, &arguments, false, 0, SPI_OK_INSERT);
	owner_end(&caller);
	if (inserted == 0)
		exchange->duplicate = !registered_before(exchange);
	return !exchange->duplicate;
}

static void
add_key(Row *row, const char *column, const Subject *subject, const SearchKey *secret)
{
	uint8		key[SHA256_BYTES];
	bool		known = subject != NULL && subject_key(subject, secret, key);

	row_add_bytes(row, column, known ? key : NULL, SHA256_BYTES);
}

static void
add_identifier_key(Row *row, const char *column, const Subject *subject, const SearchKey *secret)
{
	uint8		key[SHA256_BYTES];
	bool		known = subject != NULL && subject->identifier != NULL;

	if (known)
		identifier_key(subject->identifier, secret, key);
	row_add_bytes(row, column, known ? key : NULL, SHA256_BYTES);
}

/* The keys of subject and representative; the id of the secret they were made with, NULL for none. */
static const char *
add_search_keys(Row *row, const Request *request, const char *provider)
{
	SearchKey	current;
	const SearchKey *secret = search_key_current(&current, provider) ? &current : NULL;

	add_key(row, "subject_key", request->subject, secret);
	add_identifier_key(row, "subject_identifier_key", request->subject, secret);
	add_key(row, "representative_key", request->representative, secret);
	add_identifier_key(row, "representative_identifier_key", request->representative, secret);
	if (secret == NULL)
		return NULL;
	search_key_forget(&current);
	return pstrdup(current.id);
}

/* Returns the id of the secret of search keys. */
static const char *
add_requested(Row *row, const Exchange *exchange)
{
	static const Request nothing = {0};
	static const Agent nobody = {0};
	const Request *request = exchange->request ? exchange->request : &nothing;
	const Agent *requester = request->requester ? request->requester : &nobody;
	const Header *header = exchange->header;
	const HeaderProperty *wire = header ? header_property(header, "ExchangeId") : NULL;

	add_searchable(row, "data_service", request->data_service);
	add_searchable(row, "procedure_code", request->procedure);
	row_add(row, "system_check", BOOLOID, BoolGetDatum(exchange->system_check), false);
	add_searchable(row, "request_id", request->id);
	add_searchable(row, "conversation_id", header ? header->conversation_id : NULL);
	add_searchable(row, "wire_exchange_id", wire ? wire->value : NULL);
	add_searchable(row, "message_id", header ? header->message_id : NULL);
	add_searchable(row, "requester_scheme", requester->scheme);
	add_searchable(row, "requester_identifier", requester->identifier);
	add_searchable(row, "requester_country", requester->country);
	row_add_text(row, "subject_kind", request->subject == NULL ? NULL :
				 request->subject->is_legal ? "legal person" : "natural person");
	return add_search_keys(row, request, exchange->provider ? exchange->provider->name : "");
}

/*
 * An evidence type fails from the first failure of its registry until it is answered well a
 * quarter of an hour after the last one, so that what fails now and then begins and ends once.
 * The history itself says in which state it was: no session, and no worker, need remember.
 */
#define QUIET_FROM \
	"SELECT CASE WHEN NOT EXISTS (SELECT FROM ootspg.exchange s WHERE s.evidence_type = f.evidence_type AND s.outcome IN ('evidence', 'empty', 'deferred', 'preview') " \
	"AND NOT s.system_check AND s.received_at > f.received_at + interval '15 min') THEN f.received_at + interval '15 min' END " \
	"FROM ootspg.exchange f WHERE f.evidence_type = $1 AND f.sqlstate IS NOT NULL AND NOT f.system_check " \
	"AND f.received_at > $2 ORDER BY f.received_at DESC LIMIT 1"
#define FAILURE_COUNTS_FOR USECS_PER_DAY

static bool
answered_well(const Exchange *exchange)
{
	return outcome_is_success(exchange->verdict.outcome) || exchange->verdict.outcome == OUTCOME_PREVIEW;
}

static bool
is_answered(const Exchange *exchange)
{
	return exchange->verdict.outcome != OUTCOME_UNANSWERABLE && exchange->verdict.outcome != OUTCOME_HELD;
}

/* One line of the server's log when it begins, and one when it ends: the SQLSTATE, nothing else. */
static void
tell_state(const Exchange *exchange, bool failing, TimestampTz quiet_from)
{
	if (exchange->failure != 0 && !failing)
		ereport(LOG,
				(errcode(exchange->failure),
				 errmsg("evidence type \"%s\" begins to fail: SQLSTATE %s", exchange->type->name, unpack_sql_state(exchange->failure)),
				 errhint("SELECT * FROM ootspg.evidence_type_status shows how often, and why where that can be told.")));
	else if (answered_well(exchange) && failing && exchange->received_at > quiet_from)
		ereport(LOG,
				(errmsg("evidence type \"%s\" is answered well again", exchange->type->name)));
}

/* Whose exchanges have the secret: searches ask for it. Written once, looked at each time. */
static void
note_scope(const char *search_key, const char *provider)
{
	QueryArguments arguments = {0};

	query_add_text(&arguments, search_key);
	query_add_text(&arguments, provider);
	query_run("INSERT INTO ootspg_internal.search_scope (key_id, provider) SELECT $1, $2 "
			  "WHERE NOT EXISTS (SELECT FROM ootspg_internal.search_scope s WHERE s.key_id = $1 AND s.provider = $2) "
			  "ON CONFLICT DO NOTHING", &arguments, false, 0, SPI_OK_INSERT);
}

static bool
failed_after(const char *type, TimestampTz moment)
{
	const RowKey keys[] = {
		{"evidence_type", BTEqualStrategyNumber, F_TEXTEQ, CStringGetTextDatum(type)},
		{"received_at", BTGreaterStrategyNumber, F_TIMESTAMPTZ_GT, TimestampTzGetDatum(moment)}
	};

	return row_may_be("exchange", "exchange_failure", keys, lengthof(keys));
}

/* Before the exchange is written: from when on does its type count as answered well? False: it does not fail. */
static bool
type_fails(const char *type, TimestampTz *quiet_from)
{
	TimestampTz since = GetCurrentTimestamp() - FAILURE_COUNTS_FOR;
	QueryArguments arguments = {0};
	OwnerSwitch caller;
	bool		quiet = true;

	if (!failed_after(type, since))
		return false;
	query_add_text(&arguments, type);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(since), false);
	owner_begin(&caller);
	if (query_run(QUIET_FROM, &arguments, false, 1, SPI_OK_SELECT) == 1)
		*quiet_from = DatumGetTimestampTz(query_value(0, 1, &quiet));
	owner_end(&caller);
	return !quiet;
}

/* In the order of the columns. */
static void
exchange_row(Row *row, const Exchange *exchange, const char **search_key)
{
	const Verdict *verdict = &exchange->verdict;
	bool		answered = is_answered(exchange);

	row->arguments.count = 0;
	row_add(row, "exchange_id", INT8OID, Int64GetDatum(exchange->id), false);
	row_add(row, "received_at", TIMESTAMPTZOID, TimestampTzGetDatum(exchange->received_at), false);
	row_add(row, "answered_at", TIMESTAMPTZOID, TimestampTzGetDatum(exchange->answered_at), !answered);
	row_add_text(row, "state", answered ? "answered" : verdict->outcome == OUTCOME_HELD ? "held" : "unanswerable");
	row_add_text(row, "outcome", outcome_name(verdict->outcome));
	row_add_text(row, "provider", exchange->provider ? exchange->provider->name : NULL);
	row_add_text(row, "environment", exchange->provider ? exchange->provider->environment : NULL);
	row_add_text(row, "line", line_traits(exchange->line)->identifier);
	row_add_text(row, "evidence_type", exchange->type ? exchange->type->name : NULL);
	*search_key = add_requested(row, exchange);
	row_add(row, "response_id", UUIDOID,
			answered ? DirectFunctionCall1(uuid_in, CStringGetDatum(exchange->response_id)) : (Datum) 0, !answered);
	row_add_text(row, "error_code", verdict->error ? verdict->error->code : NULL);
	row_add_text(row, "reason", verdict->reason);
	/* for whom answer() was called by; what workers send is in the outbox, and in the audit anyway */
	row_add_bytes(row, "answer_header", exchange->by_worker ? NULL : exchange->answer_header.data, exchange->answer_header.len);
	row_add_text(row, "sqlstate", exchange->failure ? unpack_sql_state(exchange->failure) : NULL);
	row_add_text(row, "search_key", *search_key);
	row_add(row, "first_exchange_id", INT8OID, Int64GetDatum(exchange->first_id), exchange->first_id == 0);
}

static void
insert_exchange(const Exchange *exchange)
{
	bool		registry_asked = !exchange->system_check && !IS_SECOND(exchange) && (exchange->failure != 0 || answered_well(exchange));
	TimestampTz quiet_from = 0;
	bool		failing = registry_asked && type_fails(exchange->type->name, &quiet_from);
	const char *search_key;
	OwnerSwitch caller;
	Row			row;

	exchange_row(&row, exchange, &search_key);
	if (search_key != NULL)
	{
		owner_begin(&caller);
		note_scope(search_key, exchange->provider ? exchange->provider->name : "");
		owner_end(&caller);
	}
	rows_insert(get_relname_relid("exchange", get_namespace_oid("ootspg", false)), &row, 1);
	if (registry_asked)
		tell_state(exchange, failing, quiet_from);
}

static List *
violation_ids(const List *violations)
{
	List	   *ids = NIL;
	const ListCell *cell;

	foreach(cell, violations)
		ids = lappend(ids, pstrdup(((const RuleViolation *) lfirst(cell))->rule_id));
	return ids;
}

static List *
agent_names(const Agent *agent)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, agent->names)
		names = lappend(names, ((LocalText *) lfirst(cell))->text);
	return names;
}

/* An invalid request may say anything there, also what belongs in no column. */
static void
add_level(Facts *facts, const char *name, const Subject *subject)
{
	if (subject != NULL && code_in(CODES_LEVEL_OF_ASSURANCE, EDM_V20, subject->level_of_assurance))
		facts_text(facts, name, subject->level_of_assurance);
}

static void
add_sender_part(Facts *facts, const char *name, const char *text)
{
	facts_text(facts, name, text != NULL && strlen(text) <= SEARCHABLE_BYTES ? text : NULL);
}

/* Who was refused (D-REG-08). */
static void
add_sender(Facts *facts, const Header *header)
{
	if (header == NULL)
		return;
	add_sender_part(facts, "from_party", header->from_party);
	add_sender_part(facts, "from_party_type", header->from_party_type);
}

/* What art. 13(1) lists and the exchange row has no column for. */
static const char *
request_facts(const Exchange *exchange)
{
	const Request *request = exchange->request;
	Facts		facts;

	facts_begin(&facts);
	if (exchange->sender_refused)
		add_sender(&facts, exchange->header);
	facts_texts(&facts, "violations", violation_ids(exchange->violations));
	if (request != NULL)
	{
		facts_text(&facts, "issue_time", request->issue_time);
		facts_text(&facts, "explicit_request_given", request->explicit_request_given);
		facts_text(&facts, "possibility_for_preview", request->possibility_for_preview);
		facts_texts(&facts, "requirements", request->requirements);
		facts_text(&facts, "classification", request->classification);
		if (request->requester != NULL)
			facts_texts(&facts, "requester_names", agent_names(request->requester));
		if (request->platform != NULL)
		{
			facts_text(&facts, "platform_scheme", request->platform->scheme);
			facts_text(&facts, "platform_identifier", request->platform->identifier);
		}
		if (request->provider != NULL)
		{
			facts_text(&facts, "provider_scheme", request->provider->scheme);
			facts_text(&facts, "provider_identifier", request->provider->identifier);
		}
		add_level(&facts, "level_of_assurance", request->subject);
		add_level(&facts, "representative_level_of_assurance", request->representative);
	}
	return facts_end(&facts);
}

static ExchangeEvent
event_of(TimestampTz time, const char *type)
{
	return (ExchangeEvent) {.time = time,.type = type};
}

/* Raw bytes whatever they are; what could not be read stays NULL (D-LOG-02, -03). */
static ExchangeEvent
request_event(const Exchange *exchange)
{
	ExchangeEvent event = event_of(exchange->received_at,
								   exchange->sender_refused ? "sender_refused" :
								   exchange->duplicate ? "duplicate_request" :
								   exchange->request ? "request_received" : "request_unreadable");

	event.direction = "in";
	event.facts = request_facts(exchange);
	event.media_type = REGREP_MEDIA_TYPE;
	event.first_part = exchange->body;
	event.first_part_length = exchange->body_length;
	event.header = exchange->header_bytes;
	event.header_length = exchange->header_length;
	event.detail = exchange->sender_refused ? exchange->verdict.reason :
		exchange->request ? NULL : exchange->fault.reason;
	return event;
}

/* Explainable without any value: policy, attributes by name, counts, decision (D-IDM-26). */
static ExchangeEvent
match_event(const Exchange *exchange)
{
	const MatchResult *match = &exchange->match;
	ExchangeEvent event = event_of(exchange->answered_at, "match");
	Facts		facts;

	facts_begin(&facts);
	facts_number(&facts, "policy_version", NAME_POLICY_VERSION);
	facts_text(&facts, "attributes", match->attributes);
	facts_number(&facts, "candidates", match->candidates);
	facts_flag(&facts, "linked", match->linked);
	event.facts = facts_end(&facts);
	event.detail = match_outcome_name(match->outcome);
	return event;
}

/* Explains why no decision follows (D-LOG-08). */
static ExchangeEvent
no_preview_event(const Exchange *exchange)
{
	ExchangeEvent event = event_of(exchange->answered_at, "preview_not_required");

	event.detail = exchange->system_check ? "system check" : "PossibilityForPreview is false";
	return event;
}

/* What was promised, how many pieces of it are missing, and whose promise was found; NULL where nothing was. */
static const char *
promise_facts(const Exchange *exchange)
{
	Facts		facts;

	if (exchange->available_at == 0 && exchange->promised_by == 0)
		return NULL;
	facts_begin(&facts);
	if (exchange->available_at != 0)
	{
		facts_text(&facts, "available_at", moment_text(exchange->available_at));
		facts_number(&facts, "awaited", list_length(exchange->awaited));
	}
	if (exchange->promised_by != 0)
		facts_number(&facts, "promised_in_exchange", exchange->promised_by);
	return facts_end(&facts);
}

static ExchangeEvent
answer_event(const Exchange *exchange)
{
	const Verdict *verdict = &exchange->verdict;
	bool		answered = is_answered(exchange);
	ExchangeEvent event = event_of(exchange->answered_at,
								   verdict->outcome == OUTCOME_HELD ? "request_held" :
								   !answered ? "no_answer" :
								   verdict->outcome == OUTCOME_PREVIEW ? "preview_offered" :
								   verdict->outcome == OUTCOME_ERROR ? "error_built" :
								   verdict->outcome == OUTCOME_DEFERRED ? "deferral_built" : "response_built");

	event.facts = promise_facts(exchange);

	if (answered)
	{
		event.direction = "out";
		event.media_type = REGREP_MEDIA_TYPE;
		event.first_part = exchange->message.data;
		event.first_part_length = exchange->message.len;
		event.header = exchange->answer_header.data;
		event.header_length = exchange->answer_header.len;
	}
	event.error = verdict->error;
	event.severity = verdict->outcome == OUTCOME_PREVIEW ? "PreviewRequired" : verdict->error ? "Error" : NULL;
	event.detail = verdict->reason;
	return event;
}

/* System checks are none of the statistics (D-OPS-10, D-LOG-30); what is held has no answer yet. */
void
exchange_count(const Exchange *exchange, const char *outcome)
{
	const Agent *requester = exchange->request ? exchange->request->requester : NULL;
	CountedExchange counted = {
		.provider = exchange->provider ? exchange->provider->name : NULL,
		.evidence_type = exchange->type ? exchange->type->name : NULL,
		.line = line_traits(exchange->line)->identifier,
		.outcome = outcome,
		.error_code = exchange->verdict.error ? exchange->verdict.error->code : NULL,
		.country = requester ? requester->country : NULL,
		.seconds = (exchange->answered_at - exchange->received_at) / (double) USECS_PER_SEC
	};

	if (!exchange->system_check && exchange->verdict.outcome != OUTCOME_HELD)
		counters_add(&counted);
}

void
exchange_record(Exchange *exchange)
{
	const char *provider = exchange->provider ? exchange->provider->name : NULL;
	ExchangeEvent events[AUDIT_MAX_EVENTS];
	int			count = 0;
	ListCell   *cell;

	insert_exchange(exchange);
	promise_record(exchange);
	events[count++] = request_event(exchange);
	if (exchange->matched)
		events[count++] = match_event(exchange);
	if (exchange->pieces != NIL && !IS_SECOND(exchange))
		events[count++] = no_preview_event(exchange);
	events[count++] = answer_event(exchange);
	audit_events(exchange->id, provider, events, count);
	exchange_count(exchange, outcome_name(exchange->verdict.outcome));
	/* of a preview the decision on each piece is recorded, where it was offered (D-LOG-07) */
	if (IS_SECOND(exchange))
		return;
	foreach(cell, exchange->pieces)
		audit_evidence(exchange->answered_at, exchange->id, provider, lfirst(cell), "not_required");
}

/* What left no trace outside is not undone in the audit: it stands there as built, and as replaced. */
void
exchange_record_again(const Exchange *exchange)
{
	QueryArguments arguments = {0};
	ExchangeEvent event = answer_event(exchange);
	const Verdict *verdict = &exchange->verdict;
	bool		answered = is_answered(exchange);
	OwnerSwitch caller;

	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(exchange->answered_at), !answered);
	query_add_text(&arguments, outcome_name(verdict->outcome));
	query_add(&arguments, UUIDOID,
			  answered ? DirectFunctionCall1(uuid_in, CStringGetDatum(exchange->response_id)) : (Datum) 0, !answered);
	query_add_text(&arguments, verdict->error ? verdict->error->code : NULL);
	query_add_text(&arguments, verdict->reason);
	query_add_bytes(&arguments, exchange->answer_header.data, exchange->answer_header.len);
	query_add_text(&arguments, answered ? "answered" : "unanswerable");
	owner_begin(&caller);
	query_run("UPDATE ootspg.exchange SET answered_at = $2, outcome = $3, response_id = $4, error_code = $5, reason = $6, "
			  "answer_header = $7, state = $8 WHERE exchange_id = $1", &arguments, false, 0, SPI_OK_UPDATE);
	owner_end(&caller);
	promise_withdraw(exchange->id);
	audit_events(exchange->id, exchange->provider ? exchange->provider->name : NULL, &event, 1);
}
