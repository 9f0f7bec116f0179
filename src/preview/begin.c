/*
 * begin.c
 *		A preview begins: its row, the documents' identities, and everything that
 *		names a person or is evidence, encrypted to the link's key before it is
 *		written anywhere.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "compat.h"
#include "message/moment.h"
#include "preview/kept.h"
#include "preview/session.h"
#include "query.h"
#include "seal/sha256.h"

/* What T2 and T3 are taken for where they are switched off: nothing is kept without end. */
#define KEPT_MS ((int64) 86400000)

/* A member of a JSON object; NULL is left out. */
static void
put_text(StringInfo json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(json, json->len > 1 ? ", \"%s\": " : "\"%s\": ", name);
	escape_json(json, value);
}

/* The first text in each language. */
static void
put_names(StringInfo json, const char *name, const List *texts)
{
	const ListCell *cell;

	appendStringInfo(json, json->len > 1 ? ", \"%s\": {" : "\"%s\": {", name);
	foreach(cell, texts)
	{
		const LocalText *text = lfirst(cell);
		const ListCell *earlier;
		bool		said = false;

		foreach(earlier, texts)
		{
			if (lfirst(earlier) == text)
				break;
			said = said || strcmp(((const LocalText *) lfirst(earlier))->language, text->language) == 0;
		}
		if (said)
			continue;
		if (json->data[json->len - 1] != '{')
			appendStringInfoString(json, ", ");
		escape_json(json, text->language);
		appendStringInfoString(json, ": ");
		escape_json(json, text->text);
	}
	appendStringInfoChar(json, '}');
}

static char *
requester_json(const Agent *requester)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	put_text(&json, "scheme", requester->scheme);
	put_text(&json, "identifier", requester->identifier);
	put_text(&json, "country", requester->country);
	put_names(&json, "names", requester->names);
	appendStringInfoChar(&json, '}');
	return json.data;
}

static void
put_person(StringInfo json, const Subject *person)
{
	StringInfoData object;

	initStringInfo(&object);
	appendStringInfoChar(&object, '{');
	put_text(&object, "kind", person->is_legal ? "legal person" : "natural person");
	put_text(&object, "identifier", person->identifier);
	put_text(&object, "legal_name", person->legal_name);
	put_text(&object, "family_name", person->family_name);
	put_text(&object, "given_name", person->given_name);
	put_text(&object, "date_of_birth", person->date_of_birth);
	put_text(&object, "birth_name", person->birth_name);
	put_text(&object, "place_of_birth", person->place_of_birth);
	appendStringInfo(json, json->data[json->len - 1] == '[' ? "%s}" : ", %s}", object.data);
}

/* Who may be in front of the screen: the person it is about or, where somebody acts for them, who does (D-PRE-10). */
static void
put_persons(StringInfo json, const char *name, const Subject *person)
{
	appendStringInfo(json, ", \"%s\": [", name);
	put_person(json, person);
	appendStringInfoChar(json, ']');
}

/* Whom the user is told that it is about (UX-06). */
static char *
about_json(const PreviewOffer *offer)
{
	const Request *request = offer->request;
	const Subject *subject = request->subject;
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	put_text(&json, "kind", subject->is_legal ? "company" : request->representative != NULL ? "representative" : "self");
	put_text(&json, "name", subject->is_legal ? subject->legal_name : psprintf("%s %s", subject->given_name, subject->family_name));
	put_persons(&json, "persons", request->representative != NULL ? request->representative : subject);
	/* what is known of them is not asked again (UX-31) */
	if (offer->ambiguous)
		put_persons(&json, "subject", subject);
	appendStringInfoChar(&json, '}');
	return json.data;
}

static char *
facts_json(const Piece *piece)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	put_text(&json, "title", piece->title);
	put_text(&json, "issued", piece->issuing_date);
	put_text(&json, "valid_from", piece->valid_from);
	put_text(&json, "valid_until", piece->valid_until);
	if (piece->content == NULL)
	{
		put_text(&json, "language", piece->language);
		put_text(&json, "available_at", moment_text(piece->available_at));
	}
	if (piece->authority != NULL)
	{
		put_text(&json, "issuer_scheme", piece->authority->scheme);
		put_text(&json, "issuer_identifier", piece->authority->identifier);
		put_names(&json, "issuer", piece->authority->names);
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* Each value with its length before it: no two subjects give the same text. */
static void
put_value(StringInfo text, const char *value)
{
	if (value == NULL)
		appendStringInfoString(text, "-;");
	else
		appendStringInfo(text, "%zu:%s;", strlen(value), value);
}

void
preview_subject_digest(const LinkKeys *keys, const Subject *subject, uint8 digest[32])
{
	StringInfoData text;

	initStringInfo(&text);
	put_value(&text, subject->is_legal ? "company" : "person");
	put_value(&text, subject->identifier);
	put_value(&text, subject->family_name);
	put_value(&text, subject->given_name);
	put_value(&text, subject->date_of_birth);
	put_value(&text, subject->legal_name);
	hmac_sha256_bytes(keys->subject_key, sizeof(keys->subject_key), text.data, text.len, digest);
	explicit_bzero(text.data, text.len);
}

static void
add_interval(QueryArguments *arguments, int64 ms)
{
	query_add(arguments, INT8OID, Int64GetDatum(ms), false);
}

/* Times are the server's: T2 counts from the issue of the link (D-TMO-02). */
static int64
insert_session(const PreviewOffer *offer, const LinkKeys *keys)
{
	QueryArguments arguments = {0};
	const EvidenceType *type = offer->type;
	const Request *request = offer->request;
	uint8		subject[32];
	bool		isnull;

	preview_subject_digest(keys, request->subject, subject);
	query_add(&arguments, INT8OID, Int64GetDatum(offer->exchange_id), false);
	query_add_text(&arguments, type->provider->name);
	query_add_text(&arguments, type->name);
	query_add_text(&arguments, line_traits(offer->line)->identifier);
	query_add_text(&arguments, request->procedure);
	query_add_text(&arguments, asc_tolower(request->id, strlen(request->id)));
	query_add_text(&arguments, offer->wire_exchange_id);
	query_add_text(&arguments, requester_json(request->requester));
	query_add_bytes(&arguments, keys->digest, sizeof(keys->digest));
	query_add_bytes(&arguments, keys->public_key, sizeof(keys->public_key));
	query_add_bytes(&arguments, subject, sizeof(subject));
	add_interval(&arguments, type->t2_ms);
	add_interval(&arguments, type->t3_ms);
	add_interval(&arguments, (type->t2_ms > 0 ? type->t2_ms : KEPT_MS) + (type->t3_ms > 0 ? type->t3_ms : KEPT_MS));
	query_add(&arguments, BOOLOID, BoolGetDatum(offer->sign_in), false);
	query_add_text(&arguments, offer->ambiguous ? "open" : "done");
	query_add_text(&arguments, offer->ambiguous ? GetUserNameFromId(GetUserId(), false) : NULL);
	query_run_as_owner("INSERT INTO ootspg_internal.preview_session (exchange_id, provider, evidence_type, line, procedure_code, request_key, wire_exchange_id, requester, "
		"link_digest, public_key, subject_digest, issued_at, ends_at, forget_at, t3, authentication, matching, answer_role) "
		"SELECT $1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, n.now, CASE WHEN $12 > 0 THEN n.now + $12 * interval '1 ms' ELSE 'infinity' END, "
		"n.now + $14 * interval '1 ms', $13 * interval '1 ms', $15, $16, $17::name::ootspg.bound_role FROM (SELECT clock_timestamp() AS now) n RETURNING session_id",
		&arguments, SPI_OK_INSERT_RETURNING);
	return DatumGetInt64(query_value(0, 1, &isnull));
}

static void
keep(const LinkKeys *keys, int64 session_id, const char *kind, int number, const void *bytes, size_t length)
{
	QueryArguments arguments = {0};

	query_add(&arguments, INT8OID, Int64GetDatum(session_id), false);
	query_add_text(&arguments, kind);
	query_add(&arguments, INT4OID, Int32GetDatum(number), false);
	query_add(&arguments, BYTEAOID, PointerGetDatum(kept_close(keys->public_key, session_id, kind, number, bytes, length)), false);
	query_run_as_owner("INSERT INTO ootspg_internal.preview_content (session_id, kind, number, sealed) VALUES ($1, $2, $3, $4)", &arguments, SPI_OK_INSERT);
}

static void
insert_piece(const PreviewOffer *offer, const LinkKeys *keys, int64 session_id, int number, int piece_number, int part, const Piece *piece)
{
	QueryArguments arguments = {0};
	const char *facts = facts_json(piece);

	query_add(&arguments, INT8OID, Int64GetDatum(session_id), false);
	query_add(&arguments, INT4OID, Int32GetDatum(number), false);
	query_add(&arguments, INT4OID, Int32GetDatum(piece_number), false);
	query_add(&arguments, INT4OID, Int32GetDatum(part), false);
	query_add_text(&arguments, piece->role);
	query_add(&arguments, UUIDOID, DirectFunctionCall1(uuid_in, CStringGetDatum(piece->evidence_id)), false);
	query_add_text(&arguments, piece->media_type);
	query_add_text(&arguments, piece->content_id);
	query_add(&arguments, INT8OID, Int64GetDatum((int64) piece->length), false);
	query_add_bytes(&arguments, piece->sha256, SHA256_BYTES);
	query_add_text(&arguments, piece->conforms_to);
	query_add_text(&arguments, piece->language);
	query_add_text(&arguments, piece->seal_key);
	query_add_bytes(&arguments, piece->certificate_sha256, SHA256_BYTES);
	query_add_text(&arguments, part == 1 ? offer->data_model : NULL);
	query_add_text(&arguments, part == 1 ? offer->data_model_version : NULL);
	query_add_text(&arguments, piece->seal_level);
	query_run_as_owner("INSERT INTO ootspg_internal.preview_piece (session_id, number, piece, part, role, evidence_id, media_type, content_id, size_bytes, sha256, "
		"conforms_to, language, seal_key, certificate_sha256, data_model, data_model_version, seal_level) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
		&arguments, SPI_OK_INSERT);
	keep(keys, session_id, "facts", number, facts, strlen(facts));
	keep(keys, session_id, "document", number, piece->content, piece->length);
}

/* Numbered behind the pieces that are there. */
static void
keep_awaited(const PreviewOffer *offer, const LinkKeys *keys, int64 session_id, int piece_number)
{
	const ListCell *cell;

	foreach(cell, offer->awaited)
	{
		const char *facts = facts_json(lfirst(cell));

		keep(keys, session_id, "awaited", ++piece_number, facts, strlen(facts));
	}
}

void
preview_put_pieces(const PreviewOffer *offer, const LinkKeys *keys, int64 session_id)
{
	const ListCell *cell;
	int			piece_number = 0;
	int			part = 0;

	foreach(cell, offer->pieces)
	{
		const Piece *piece = lfirst(cell);

		/* companions stand behind their main evidence, and are decided on with it (EDM §3.3) */
		if (strcmp(piece->role, "MainEvidence") == 0)
		{
			piece_number++;
			part = 0;
		}
		insert_piece(offer, keys, session_id, foreach_current_index(cell) + 1, piece_number, ++part, piece);
	}
	keep_awaited(offer, keys, session_id, piece_number);
}

char *
preview_begin(const PreviewOffer *offer)
{
	char	   *token = link_new_token();
	LinkKeys	keys;
	int64		session_id;
	const char *about = about_json(offer);

	(void) link_keys(token, &keys);
	explicit_bzero(keys.private_key, sizeof(keys.private_key));	/* closing needs none */
	session_id = insert_session(offer, &keys);
	keep(&keys, session_id, "about", 0, about, strlen(about));
	if (offer->ambiguous)
		keep(&keys, session_id, "first", 0, offer->body, offer->body_length);
	preview_put_pieces(offer, &keys, session_id);
	link_forget(&keys);
	return token;
}
