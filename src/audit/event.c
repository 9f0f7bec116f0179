/*
 * event.c
 *		Write audit rows.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "audit/event.h"
#include "query.h"
#include "seal/sha256.h"

#define EVENT_COLUMNS 11

/* "INSERT … VALUES ($1, $2, $3 …), ($1, $2, $14 …)": exchange and provider are the same for all. */
static char *
events_statement(int count)
{
	StringInfoData sql;
	int			argument = 2;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "INSERT INTO ootspg.exchange_event (exchange_id, provider, event_time, event_type, direction, "
						   "facts, media_type, first_part, header, exception_code, exception_type, severity, detail) VALUES ");
	for (int i = 0; i < count; i++)
	{
		appendStringInfoString(&sql, i > 0 ? ", ($1, $2" : "($1, $2");
		for (int column = 0; column < EVENT_COLUMNS; column++)
			appendStringInfo(&sql, ", $%d", ++argument);
		appendStringInfoChar(&sql, ')');
	}
	return sql.data;
}

static void
add_facts(QueryArguments *arguments, const char *facts)
{
	Datum		value = facts ? DirectFunctionCall1(jsonb_in, CStringGetDatum(facts)) : (Datum) 0;

	query_add(arguments, JSONBOID, value, facts == NULL);
}

static void
add_event(QueryArguments *arguments, const ExchangeEvent *event)
{
	query_add(arguments, TIMESTAMPTZOID, TimestampTzGetDatum(event->time), false);
	query_add_text(arguments, event->type);
	query_add_text(arguments, event->direction);
	add_facts(arguments, event->facts);
	query_add_text(arguments, event->media_type);
	query_add_bytes(arguments, event->first_part, event->first_part_length);
	query_add_bytes(arguments, event->header, event->header_length);
	query_add_text(arguments, event->error ? event->error->code : NULL);
	query_add_text(arguments, event->error ? event->error->type : NULL);
	query_add_text(arguments, event->severity);
	query_add_text(arguments, event->detail);
}

void
audit_events(int64 exchange_id, const char *provider, const ExchangeEvent *events, int count)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	Assert(count <= AUDIT_MAX_EVENTS);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	query_add_text(&arguments, provider);
	for (int i = 0; i < count; i++)
		add_event(&arguments, &events[i]);
	owner_begin(&caller);
	query_run(events_statement(count), &arguments, false, 0, SPI_OK_INSERT);
	owner_end(&caller);
}

void
audit_evidence(TimestampTz time, int64 exchange_id, const char *provider,
			   const Piece *piece, const char *decision)
{
	QueryArguments arguments = {0};
	OwnerSwitch caller;

	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(time), false);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange_id), false);
	query_add_text(&arguments, provider);
	query_add(&arguments, UUIDOID, DirectFunctionCall1(uuid_in, CStringGetDatum(piece->evidence_id)), false);
	query_add_text(&arguments, piece->role);
	query_add_text(&arguments, piece->media_type);
	query_add_text(&arguments, piece->content_id);
	query_add(&arguments, INT8OID, Int64GetDatum((int64) piece->length), false);
	query_add_bytes(&arguments, piece->sha256, SHA256_BYTES);
	query_add_text(&arguments, piece->conforms_to);
	query_add_text(&arguments, piece->language);
	query_add_text(&arguments, piece->seal_key);
	query_add_bytes(&arguments, piece->certificate_sha256, SHA256_BYTES);
	query_add_text(&arguments, decision);
	owner_begin(&caller);
	query_run("INSERT INTO ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, "
			  "content_id, size_bytes, sha256_as_held, conforms_to, language, seal_key, certificate_sha256, decision) "
			  "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
			  &arguments, false, 0, SPI_OK_INSERT);
	owner_end(&caller);
}

void
facts_begin(Facts *facts)
{
	initStringInfo(&facts->json);
	appendStringInfoChar(&facts->json, '{');
}

static void
facts_name(Facts *facts, const char *name)
{
	if (facts->json.len > 1)
		appendStringInfoString(&facts->json, ", ");
	escape_json(&facts->json, name);
	appendStringInfoString(&facts->json, ": ");
}

void
facts_text(Facts *facts, const char *name, const char *value)
{
	if (value == NULL)
		return;
	facts_name(facts, name);
	escape_json(&facts->json, value);
}

void
facts_number(Facts *facts, const char *name, int64 value)
{
	facts_name(facts, name);
	appendStringInfo(&facts->json, INT64_FORMAT, value);
}

void
facts_flag(Facts *facts, const char *name, bool value)
{
	facts_name(facts, name);
	appendStringInfoString(&facts->json, value ? "true" : "false");
}

void
facts_texts(Facts *facts, const char *name, const List *values)
{
	const ListCell *cell;
	const char *separator = "[";

	if (values == NIL)
		return;
	facts_name(facts, name);
	foreach(cell, values)
	{
		appendStringInfoString(&facts->json, separator);
		escape_json(&facts->json, lfirst(cell));
		separator = ", ";
	}
	appendStringInfoChar(&facts->json, ']');
}

const char *
facts_end(Facts *facts)
{
	appendStringInfoChar(&facts->json, '}');
	return facts->json.data;
}
