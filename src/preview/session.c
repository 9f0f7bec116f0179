/*
 * session.c
 *		Rows of previews: found, held, ended.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "errors.h"
#include "preview/kept.h"
#include "preview/session.h"
#include "query.h"
#include "seal/sha256.h"

static void
add_number(QueryArguments *arguments, int64 number)
{
	query_add(arguments, INT8OID, Int64GetDatum(number), false);
}

PreviewSpace *
preview_space_of(const char *provider)
{
	QueryArguments arguments = {0};
	PreviewSpace *space;
	bool		isnull;

	query_add_text(&arguments, provider);
	if (query_run_as_owner("SELECT s.base_url, s.description::jsonb, s.method, coalesce(s.closed_until > clock_timestamp() AND coalesce(s.closed_from, '-infinity') <= clock_timestamp(), false) "
			"FROM ootspg.preview_space s WHERE s.provider = $1", &arguments, SPI_OK_SELECT) == 0)
		return NULL;
	space = palloc(sizeof(PreviewSpace));
	space->base_url = query_text(0, 1);
	space->descriptions = localized_texts(query_value(0, 2, &isnull));
	space->method = query_text(0, 3);
	space->closed = query_bool(0, 4);
	return space;
}

static PreviewState
state_of(const char *word)
{
	static const char *const words[] = {"issued", "open", "decided", "answered", "expired"};

	for (int i = 0; i < (int) lengthof(words); i++)
		if (strcmp(words[i], word) == 0)
			return (PreviewState) i;
	elog(ERROR, "unknown state of a preview: %s", word);
}

static PreviewMatching
matching_of(const char *word)
{
	static const char *const words[] = {"done", "open", "not found", "no record"};

	for (int i = 0; i < (int) lengthof(words); i++)
		if (strcmp(words[i], word) == 0)
			return (PreviewMatching) i;
	elog(ERROR, "unknown matching of a preview: %s", word);
}

static TimestampTz
time_or(int column, TimestampTz otherwise)
{
	bool		isnull;
	Datum		value = query_value(0, column, &isnull);

	return isnull ? otherwise : DatumGetTimestampTz(value);
}

static int64
number_or_none(int column)
{
	bool		isnull;
	Datum		value = query_value(0, column, &isnull);

	return isnull ? 0 : DatumGetInt64(value);
}

/* NULL when it is; palloc'd. */
static char *
bytes_of(uint64 row, int column, size_t *length)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);
	bytea	   *bytes = isnull ? NULL : DatumGetByteaPP(value);

	*length = bytes ? VARSIZE_ANY_EXHDR(bytes) : 0;
	return bytes ? memcpy(palloc(*length + 1), VARDATA_ANY(bytes), *length) : NULL;
}

static void
copy_key(int column, uint8 key[32])
{
	size_t		length;
	char	   *bytes = bytes_of(0, column, &length);

	if (length != 32)
		elog(ERROR, "a key of a preview does not have 32 bytes");
	memcpy(key, bytes, 32);
}

#define COLUMNS \
	"s.session_id, s.exchange_id, s.provider, s.evidence_type, s.line, s.request_key, s.wire_exchange_id, " \
	"s.requester->>'scheme', s.requester->>'identifier', s.requester->>'country', s.requester->'names', s.state, s.ends_at, s.forget_at, " \
	"(extract(epoch FROM s.t3) * 1000)::bigint, s.second_exchange_id, s.second_request_id, s.second_header, s.public_key, s.subject_digest, " \
	"(SELECT x.received_at FROM ootspg.exchange x WHERE x.exchange_id = s.second_exchange_id), s.matching, " \
	"ootspg_internal.bound_role_oid(s.answer_role)::bigint"

static PreviewSession *
read_session(void)
{
	PreviewSession *session = palloc0(sizeof(PreviewSession));
	Agent	   *requester = session->requester = palloc0(sizeof(Agent));
	bool		isnull;

	session->id = number_or_none(1);
	session->exchange_id = number_or_none(2);
	session->provider = query_text(0, 3);
	session->evidence_type = query_text(0, 4);
	session->line = line_from_identifier(query_text(0, 5));
	session->request_key = query_text(0, 6);
	session->wire_exchange_id = query_text(0, 7);
	requester->scheme = query_text(0, 8);
	requester->identifier = query_text(0, 9);
	requester->country = query_text(0, 10);
	requester->names = localized_texts(query_value(0, 11, &isnull));
	session->state = state_of(query_text(0, 12));
	session->ends_at = time_or(13, DT_NOEND);
	session->forget_at = time_or(14, DT_NOEND);
	session->t3_ms = number_or_none(15);
	session->second_exchange_id = number_or_none(16);
	session->second_request_id = query_text(0, 17);
	session->second_header = bytes_of(0, 18, &session->second_header_length);
	copy_key(19, session->public_key);
	copy_key(20, session->subject_digest);
	session->second_received_at = time_or(21, 0);
	session->matching = matching_of(query_text(0, 22));
	session->answer_role = (Oid) number_or_none(23);
	return session;
}

PreviewSession *
preview_by_link(const LinkKeys *keys, bool lock)
{
	QueryArguments arguments = {0};

	query_add_bytes(&arguments, keys->digest, sizeof(keys->digest));
	if (query_run_as_owner(lock ? "SELECT " COLUMNS " FROM ootspg_internal.preview_session s WHERE s.link_digest = $1 FOR UPDATE OF s" :
			"SELECT " COLUMNS " FROM ootspg_internal.preview_session s WHERE s.link_digest = $1", &arguments, SPI_OK_SELECT) == 0)
		return NULL;
	return read_session();
}

PreviewSession *
preview_by_id(int64 id)
{
	QueryArguments arguments = {0};

	add_number(&arguments, id);
	return query_run_as_owner("SELECT " COLUMNS " FROM ootspg_internal.preview_session s WHERE s.session_id = $1 FOR UPDATE OF s", &arguments, SPI_OK_SELECT) == 0 ?
		NULL : read_session();
}

PreviewSession *
preview_overdue(int64 id)
{
	QueryArguments arguments = {0};

	add_number(&arguments, id);
	return query_run_as_owner("SELECT " COLUMNS " FROM ootspg_internal.preview_session s WHERE s.session_id = $1 AND least(s.ends_at, s.forget_at) < clock_timestamp() "
			   "AND s.state IN ('issued', 'open', 'decided') FOR UPDATE OF s SKIP LOCKED", &arguments, SPI_OK_SELECT) == 0 ? NULL : read_session();
}

void
preview_keep_return(const PreviewSession *session, const Request *request)
{
	QueryArguments arguments = {0};

	if (request->return_location == NULL)
		return;
	add_number(&arguments, session->id);
	query_add_text(&arguments, request->return_location);
	query_run_as_owner("SELECT ootspg_internal.keep_preview_return(s, $2, 'GET') FROM ootspg_internal.preview_session s WHERE s.session_id = $1", &arguments, SPI_OK_SELECT);
}

void
preview_hold(const PreviewSession *session, int64 exchange_id, const Request *request, const char *body, size_t body_length,
			 const char *header, size_t header_length, TimestampTz ends_at)
{
	QueryArguments arguments = {0};
	QueryArguments content = {0};
	bytea	   *closed = kept_close(session->public_key, session->id, "request", 0, body, body_length);

	add_number(&arguments, session->id);
	add_number(&arguments, exchange_id);
	query_add_text(&arguments, request->id);
	query_add_bytes(&arguments, header, header_length);
	query_add(&arguments, TIMESTAMPTZOID, TimestampTzGetDatum(ends_at), false);
	query_run_as_owner("UPDATE ootspg_internal.preview_session SET second_exchange_id = $2, second_request_id = $3, second_header = $4, ends_at = $5 WHERE session_id = $1",
		&arguments, SPI_OK_UPDATE);
	add_number(&content, session->id);
	query_add(&content, BYTEAOID, PointerGetDatum(closed), false);
	query_run_as_owner("INSERT INTO ootspg_internal.preview_content (session_id, kind, number, sealed) VALUES ($1, 'request', 0, $2)", &content, SPI_OK_INSERT);
	preview_keep_return(session, request);
}

static char *
kept_body(const PreviewSession *session, LinkKeys *keys, const char *kind, size_t *length)
{
	QueryArguments arguments = {0};
	bool		isnull;

	add_number(&arguments, session->id);
	query_add_text(&arguments, kind);
	if (query_run_as_owner("SELECT c.sealed FROM ootspg_internal.preview_content c WHERE c.session_id = $1 AND c.kind = $2", &arguments, SPI_OK_SELECT) == 0)
		return NULL;
	return kept_open(keys, session->id, kind, 0, DatumGetByteaPP(query_value(0, 1, &isnull)), length);
}

char *
preview_first_body(const PreviewSession *session, LinkKeys *keys, size_t *length)
{
	return kept_body(session, keys, "first", length);
}

char *
preview_second_body(const PreviewSession *session, LinkKeys *keys, size_t *length)
{
	return kept_body(session, keys, "request", length);
}

static char *
text_of(const Jsonb *facts, const char *name)
{
	JsonbValue	key = {.type = jbvString,.val.string = {.val = unconstify(char *, name),.len = strlen(name)}};
	JsonbValue *value = findJsonbValueFromContainer(unconstify(JsonbContainer *, &facts->root), JB_FOBJECT, &key);

	return value != NULL && value->type == jbvString ? pnstrdup(value->val.string.val, value->val.string.len) : NULL;
}

static Agent *
authority_of(const Jsonb *facts)
{
	Agent	   *authority = palloc0(sizeof(Agent));
	JsonbValue	key = {.type = jbvString,.val.string = {.val = "issuer",.len = strlen("issuer")}};
	JsonbValue *names = findJsonbValueFromContainer(unconstify(JsonbContainer *, &facts->root), JB_FOBJECT, &key);

	authority->scheme = text_of(facts, "issuer_scheme");
	authority->identifier = text_of(facts, "issuer_identifier");
	if (names == NULL || authority->scheme == NULL)
		return NULL;
	authority->names = localized_texts(JsonbPGetDatum(JsonbValueToJsonb(names)));
	return authority;
}

/* What travels, and nothing else, in its order. */
#define ACCEPTED \
	"SELECT q.number, q.role, q.evidence_id::text, q.media_type, q.content_id, q.conforms_to, q.language, q.sha256, f.sealed, d.sealed " \
	"FROM ootspg_internal.preview_piece q " \
	"LEFT JOIN ootspg_internal.preview_content f ON f.session_id = q.session_id AND f.number = q.number AND f.kind = 'facts' " \
	"LEFT JOIN ootspg_internal.preview_content d ON d.session_id = q.session_id AND d.number = q.number AND d.kind = 'document' " \
	"WHERE q.session_id = $1 AND q.accepted ORDER BY q.number"

static Jsonb *
facts_of(const PreviewSession *session, LinkKeys *keys, uint64 row, int number)
{
	bool		isnull;
	size_t		length;
	Datum		closed = query_value(row, 9, &isnull);

	if (isnull)
		elog(ERROR, "a document of a preview is gone");
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(kept_open(keys, session->id, "facts", number, DatumGetByteaPP(closed), &length))));
}

static Piece *
read_piece(const PreviewSession *session, LinkKeys *keys, uint64 row)
{
	Piece	   *piece = palloc0(sizeof(Piece));
	bool		isnull;
	int			number = DatumGetInt32(query_value(row, 1, &isnull));
	Jsonb	   *facts = facts_of(session, keys, row, number);
	size_t		length;
	char	   *digest = bytes_of(row, 8, &length);

	piece->number = number;
	piece->role = query_text(row, 2);
	piece->evidence_id = query_text(row, 3);
	piece->media_type = query_text(row, 4);
	piece->content_id = query_text(row, 5);
	piece->conforms_to = query_text(row, 6);
	piece->language = query_text(row, 7);
	piece->title = text_of(facts, "title");
	piece->issuing_date = text_of(facts, "issued");
	piece->valid_from = text_of(facts, "valid_from");
	piece->valid_until = text_of(facts, "valid_until");
	piece->authority = authority_of(facts);
	piece->content = kept_open(keys, session->id, "document", number, DatumGetByteaPP(query_value(row, 10, &isnull)), &piece->length);
	sha256_bytes(piece->content, piece->length, piece->sha256);
	if (length != SHA256_BYTES || memcmp(piece->sha256, digest, SHA256_BYTES) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("a document is not the one that was previewed")));
	return piece;
}

List *
preview_accepted(const PreviewSession *session, LinkKeys *keys)
{
	QueryArguments arguments = {0};
	List	   *pieces = NIL;
	uint64		count;

	add_number(&arguments, session->id);
	count = query_run_as_owner(ACCEPTED, &arguments, SPI_OK_SELECT);
	for (uint64 row = 0; row < count; row++)
		pieces = lappend(pieces, read_piece(session, keys, row));
	return pieces;
}

static void
erase(const PreviewSession *session)
{
	QueryArguments arguments = {0};

	add_number(&arguments, session->id);
	query_run_as_owner("DELETE FROM ootspg_internal.preview_content WHERE session_id = $1 AND kind <> 'return'", &arguments, SPI_OK_DELETE);
}

void
preview_answered(const PreviewSession *session, int64 second_exchange_id)
{
	QueryArguments arguments = {0};

	add_number(&arguments, session->id);
	add_number(&arguments, second_exchange_id);
	query_run_as_owner("UPDATE ootspg_internal.preview_session SET state = 'answered', answered_at = clock_timestamp(), second_exchange_id = $2, second_header = NULL "
		"WHERE session_id = $1", &arguments, SPI_OK_UPDATE);
	erase(session);
}

void
preview_expired(const PreviewSession *session, const char *reason)
{
	QueryArguments arguments = {0};

	add_number(&arguments, session->id);
	query_add_text(&arguments, reason);
	query_run_as_owner("UPDATE ootspg_internal.preview_session SET state = 'expired', answered_at = clock_timestamp(), second_header = NULL WHERE session_id = $1 AND $2 IS NOT NULL",
		&arguments, SPI_OK_UPDATE);
	if (session->state != PREVIEW_DECIDED)
		query_run_as_owner("SELECT ootspg_internal.tell_decisions(s) FROM ootspg_internal.preview_session s WHERE s.session_id = $1 AND $2 IS NOT NULL", &arguments, SPI_OK_SELECT);
	query_run_as_owner("SELECT ootspg_internal.tell_preview(s, 'preview_expired', NULL, $2) FROM ootspg_internal.preview_session s WHERE s.session_id = $1", &arguments, SPI_OK_SELECT);
	erase(session);
}
