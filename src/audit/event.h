/*
 * event.h
 *		Rows of the audit, written with the effect they record, in its transaction
 *		(D-LOG-01 ff.). Callers have no privilege on the audit; these functions
 *		write as the owner of its tables.
 */
#ifndef OOTSPG_AUDIT_EVENT_H
#define OOTSPG_AUDIT_EVENT_H

#include "datatype/timestamp.h"
#include "evidence/piece.h"
#include "lib/stringinfo.h"
#include "message/codelist.h"

typedef struct ExchangeEvent
{
	TimestampTz time;
	const char *type;			/* request_received … */
	const char *direction;		/* in, out or NULL */
	const char *facts;			/* JSON object or NULL; no attribute values, no evidence */
	const char *media_type;
	const char *first_part;		/* NULL when there is none */
	size_t		first_part_length;
	const char *header;			/* eb:Messaging as received; NULL when there is none */
	size_t		header_length;
	const ErrorCode *error;		/* NULL when the event is none */
	const char *severity;
	const char *detail;			/* rule or reason */
} ExchangeEvent;

/* Inside an SPI connection, after audit_prepare() of the moment. Events of one exchange,
 * in order. provider is NULL when it is not known. */
#define AUDIT_MAX_EVENTS 4
extern void audit_events(int64 exchange_id, const char *provider, const ExchangeEvent *events, int count);
extern void audit_events_of(const int64 *exchange_ids, const ExchangeEvent *events, int count);	/* each of an exchange of its own, of no known provider */
extern void audit_evidence(TimestampTz time, int64 exchange_id, const char *provider,
						   const Piece *piece, const char *decision);

/* A JSON object being written: {"name": value, …}. */
typedef struct Facts
{
	StringInfoData json;
} Facts;

extern void facts_begin(Facts *facts);
extern void facts_text(Facts *facts, const char *name, const char *value);	/* NULL: left out */
extern void facts_number(Facts *facts, const char *name, int64 value);
extern void facts_flag(Facts *facts, const char *name, bool value);
extern void facts_texts(Facts *facts, const char *name, const List *values);	/* char *; NIL: left out */
extern const char *facts_end(Facts *facts);

#endif							/* OOTSPG_AUDIT_EVENT_H */
