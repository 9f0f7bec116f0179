/*
 * stamping.c
 *		Answers that wait for time stamps, see stamping.h. The answering role has no privilege on the table of pieces
 *		that wait: these statements run as its owner.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "audit/content_key.h"
#include "compat.h"
#include "evidence/piece_packed.h"
#include "exchange/stamping.h"
#include "query.h"
#include "seal/sha256.h"
#include "seal/stamped.h"
#include "settings.h"

/* What the pieces were built for: whatever of it is another the second time, they are built anew. */
static char *
asked(const Exchange *exchange, const BuildQuestion *question)
{
	StringInfoData text;
	const ListCell *cell;

	initStringInfo(&text);
	appendStringInfo(&text, "%s %s %d %d %d %s", question->type->name, question->distribution->name, question->line, question->with_companion,
					 question->sample, question->sample ? "" : exchange->match.person_id);
	foreach(cell, question->languages)
		appendStringInfo(&text, " %s", (const char *) lfirst(cell));
	return text.data;
}

static Datum
asked_digest(const Exchange *exchange)
{
	char	   *text = exchange->stamping_for;
	uint8		digest[SHA256_BYTES];

	sha256_bytes(text, strlen(text), digest);
	return PointerGetDatum(cstring_to_text_with_len((const char *) digest, SHA256_BYTES));
}

static const char *
bytes_of(uint64 row, int column, size_t *length)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);
	bytea	   *bytes = isnull ? NULL : DatumGetByteaPP(value);

	*length = bytes ? VARSIZE_ANY_EXHDR(bytes) : 0;
	return bytes ? VARDATA_ANY(bytes) : NULL;
}

/* A column that the server's key for contents may close; its id stands behind. */
static const char *
kept_of(const Exchange *exchange, const char *name, uint64 row, int column, size_t *length)
{
	bool		isnull;
	ClosedPlace place = {.table = "stamping",.column = name,.row = exchange->id,.part = DatumGetInt32(query_value(row, 5, &isnull))};

	return content_of_result(row, column, &place, length);
}

/* The sealed document with its stamp as a value; false when the seal takes none. */
static bool
put_stamp(Piece *piece, const char *token, size_t length)
{
	StringInfoData stamped;

	initStringInfo(&stamped);
	appendStringInfoSpaces(&stamped, VARHDRSZ);
	if (stamped_put(piece->content, piece->length, (const uint8 *) token, length, &stamped) != NULL)
		return false;
	SET_VARSIZE(stamped.data, stamped.len);
	piece->value = (struct varlena *) stamped.data;
	piece->content = stamped.data + VARHDRSZ;
	piece->length = stamped.len - VARHDRSZ;
	piece->seal_level = "T";
	return true;
}

static Piece *
read_piece(const Exchange *exchange, uint64 row)
{
	size_t		length;
	const char *packed = kept_of(exchange, "piece", row, 1, &length);
	Piece	   *piece = piece_unpack(packed, length);
	const char *content = kept_of(exchange, "content", row, 3, &piece->length);
	size_t		token_length;
	const char *token = bytes_of(row, 6, &token_length);

	if (content == NULL)
		return piece;
	piece->content = (char *) content;
	if (token != NULL)
		(void) put_stamp(piece, token, token_length);
	sha256_bytes(piece->content, piece->length, piece->sha256);
	return piece;
}

/* A document that lies beside its seal is sealed as well as that is. */
static void
pass_on_level(Piece *piece, const Piece *next)
{
	if (piece->sealed_beside)
		piece->seal_level = next->seal_level;
}

List *
stamping_kept(Exchange *exchange, const BuildQuestion *question)
{
	QueryArguments arguments = {0};
	List	   *pieces = NIL;
	uint64		rows;
	SPITupleTable *table;

	if (!question->type->stamped || !exchange->by_worker)
		return NIL;
	exchange->stamping_for = asked(exchange, question);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add(&arguments, BYTEAOID, asked_digest(exchange), false);
	rows = query_run_as_owner("SELECT s.piece, s.content_key, s.content, s.content_key, s.number, s.token FROM ootspg_internal.stamping s WHERE s.exchange_id = $1 AND s.asked = $2 ORDER BY s.number",
							  &arguments, SPI_OK_SELECT);
	table = SPI_tuptable;
	for (uint64 row = 0; row < rows; row++)
	{
		SPI_tuptable = table;
		pieces = lappend(pieces, read_piece(exchange, row));
		if (row > 0)
			pass_on_level(list_nth(pieces, (int) row - 1), llast(pieces));
	}
	exchange->stamping_over = rows > 0;
	return pieces;
}

/* Sealed, without a stamp, and in a form that has a place for one. */
static bool
lacks_stamp(const Piece *piece, uint8 *imprint)
{
	return piece->content != NULL && piece->sealed && !piece->sealed_beside && strcmp(piece->seal_level, "T") != 0 &&
		stamped_imprint(piece->content, piece->length, imprint) == NULL;
}

static bool
any_lacks_stamp(const Exchange *exchange)
{
	const ListCell *cell;
	uint8		imprint[STAMP_IMPRINT];

	foreach(cell, exchange->pieces)
		if (lacks_stamp(lfirst(cell), imprint))
			return true;
	return false;
}

/* When no stamp is waited for any longer: half of what is left of T1 is for the answer's way. */
static TimestampTz
end_of_patience(const Exchange *exchange)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz deadline = exchange_deadline(exchange);
	int64		patience = (int64) oots_stamp_timeout_ms * 1000;

	return now + (TIMESTAMP_IS_NOEND(deadline) ? patience : Min(patience, Max(deadline - now, 0) / 2));
}

static void
forget(const Exchange *exchange)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_run_as_owner("DELETE FROM ootspg_internal.stamping WHERE exchange_id = $1", &arguments, SPI_OK_DELETE);
}

/* Where nobody is asked for stamps there is nothing to wait for. */
static bool
authorities_exist(void)
{
	return query_run_as_owner("SELECT FROM ootspg.time_stamp_authority LIMIT 1", NULL, SPI_OK_SELECT) > 0;
}

static const char *
why_unstamped(const Exchange *exchange)
{
	if (exchange->stamping_over)
		return "no time stamp was to be had in time";
	return exchange->by_worker ? "no time-stamping authority can be asked" : "time stamps are fetched by the workers only";
}

/* D-SIG-08: under "require" nothing leaves at a lower level, under "prefer" it is told. */
static void
settle(Exchange *exchange)
{
	const char *reason = why_unstamped(exchange);

	if (exchange->type->seal == SEAL_REQUIRE)
	{
		exchange->pieces = exchange->awaited = NIL;
		exchange->complete = false;
		exchange->verdict.outcome = OUTCOME_PENDING;
		verdict_error(exchange, 8, NULL, reason);
		return;
	}
	ereport(LOG, (errmsg("evidence of type \"%s\" leaves with a seal of level B: %s", exchange->type->name, reason)));
}

bool
stamping_awaited(Exchange *exchange)
{
	if (exchange->type == NULL || !exchange->type->stamped || exchange->pieces == NIL || IS_SECOND(exchange))
		return false;
	if (any_lacks_stamp(exchange))
	{
		exchange->awaits_stamps = exchange->by_worker && !exchange->stamping_over && exchange->refusal == NULL && authorities_exist();
		if (!exchange->awaits_stamps)
			settle(exchange);
	}
	if (exchange->stamping_over)
		forget(exchange);
	return exchange->awaits_stamps;
}

static void
put_aside(const InboxClaim *claim, const Exchange *exchange, const Piece *piece, int number, TimestampTz until)
{
	QueryArguments arguments = {0};
	StringInfoData packed;
	ClosedPlace place = {.table = "stamping",.column = "piece",.row = exchange->id,.part = number};
	const char *content_key;
	uint8		imprint[STAMP_IMPRINT];
	bool		stamped = lacks_stamp(piece, imprint);

	initStringInfo(&packed);
	piece_pack(piece, &packed);
	query_add(&arguments, INT8OID, Int64GetDatum(exchange->id), false);
	query_add(&arguments, INT4OID, Int32GetDatum(number), false);
	query_add(&arguments, INT8OID, Int64GetDatum(claim->id), false);
	query_add(&arguments, BYTEAOID, asked_digest(exchange), false);
	content_key = content_add_argument(&arguments, &place, packed.data, packed.len);
	place.column = "content";
	(void) content_add_argument(&arguments, &place, piece->content, piece->length);
	query_add_bytes(&arguments, stamped ? imprint : NULL, STAMP_IMPRINT);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(until), false);
	query_add_text(&arguments, content_key);
	query_run_as_owner("INSERT INTO ootspg_internal.stamping (exchange_id, number, inbox_id, asked, piece, content, imprint, next_at, give_up_at, content_key) "
					   "VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 IS NOT NULL THEN clock_timestamp() END, $8, $9)", &arguments, SPI_OK_INSERT);
}

void
stamping_wait(const InboxClaim *claim, const Exchange *exchange)
{
	TimestampTz until = end_of_patience(exchange);
	const ListCell *cell;
	int			number = 0;

	forget(exchange);
	foreach(cell, exchange->pieces)
		put_aside(claim, exchange, lfirst(cell), ++number, until);
	foreach(cell, exchange->awaited)
		put_aside(claim, exchange, lfirst(cell), ++number, until);
	inbox_wait(claim, until);
}
