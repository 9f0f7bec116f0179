/*
 * piece_packed.c
 *		One field after the other: numbers in eight octets, texts with their length before them, -1 for none.
 */
#include "postgres.h"

#include "libpq/pqformat.h"

#include "evidence/piece_packed.h"

#define NONE	(-1)

static void
pack_text(StringInfo out, const char *text)
{
	pq_sendint32(out, text ? (int) strlen(text) : NONE);
	if (text != NULL)
		appendBinaryStringInfo(out, text, (int) strlen(text));
}

static char *
unpack_text(StringInfo in)
{
	int			length = pq_getmsgint(in, 4);

	return length == NONE ? NULL : pnstrdup(pq_getmsgbytes(in, length), length);
}

static void
pack_agent(StringInfo out, const Agent *agent)
{
	const ListCell *cell;

	pq_sendint32(out, agent ? list_length(agent->names) : NONE);
	if (agent == NULL)
		return;
	foreach(cell, agent->names)
	{
		const LocalText *name = lfirst(cell);

		pack_text(out, name->language);
		pack_text(out, name->text);
	}
	pack_text(out, agent->scheme);
	pack_text(out, agent->identifier);
	pack_text(out, agent->full_address);
	pack_text(out, agent->country);
	pack_text(out, agent->nuts);
	pack_text(out, agent->classification);
}

static Agent *
unpack_agent(StringInfo in)
{
	int			names = pq_getmsgint(in, 4);
	Agent	   *agent;

	if (names == NONE)
		return NULL;
	agent = palloc0(sizeof(Agent));
	for (int i = 0; i < names; i++)
	{
		LocalText  *name = palloc(sizeof(LocalText));

		name->language = unpack_text(in);
		name->text = unpack_text(in);
		agent->names = lappend(agent->names, name);
	}
	agent->scheme = unpack_text(in);
	agent->identifier = unpack_text(in);
	agent->full_address = unpack_text(in);
	agent->country = unpack_text(in);
	agent->nuts = unpack_text(in);
	agent->classification = unpack_text(in);
	return agent;
}

void
piece_pack(const Piece *piece, StringInfo out)
{
	pack_text(out, piece->person_id);
	pq_sendint32(out, piece->number);
	pack_text(out, piece->role);
	pack_text(out, piece->evidence_id);
	pack_text(out, piece->media_type);
	pack_text(out, piece->conforms_to);
	pack_text(out, piece->language);
	pack_text(out, piece->title);
	pack_agent(out, piece->authority);
	pack_text(out, piece->issuing_date);
	pack_text(out, piece->valid_from);
	pack_text(out, piece->valid_until);
	pack_text(out, piece->content_id);
	pq_sendint64(out, piece->available_at);
	pq_sendint32(out, piece->sealed_beside);
	pack_text(out, piece->seal_key);
	if (piece->seal_key != NULL)
		appendBinaryStringInfo(out, (const char *) piece->certificate_sha256, sizeof(piece->sha256));
}

Piece *
piece_unpack(const char *octets, size_t length)
{
	Piece	   *piece = palloc0(sizeof(Piece));
	StringInfoData in = {.data = (char *) octets, .len = (int) length, .maxlen = (int) length};

	piece->person_id = unpack_text(&in);
	piece->number = pq_getmsgint(&in, 4);
	piece->role = unpack_text(&in);
	piece->evidence_id = unpack_text(&in);
	piece->media_type = unpack_text(&in);
	piece->conforms_to = unpack_text(&in);
	piece->language = unpack_text(&in);
	piece->title = unpack_text(&in);
	piece->authority = unpack_agent(&in);
	piece->issuing_date = unpack_text(&in);
	piece->valid_from = unpack_text(&in);
	piece->valid_until = unpack_text(&in);
	piece->content_id = unpack_text(&in);
	piece->available_at = pq_getmsgint64(&in);
	piece->sealed_beside = pq_getmsgint(&in, 4) != 0;
	piece->seal_key = unpack_text(&in);
	piece->sealed = piece->seal_key != NULL;
	if (piece->sealed)
	{
		uint8	   *digest = palloc(sizeof(piece->sha256));

		memcpy(digest, pq_getmsgbytes(&in, sizeof(piece->sha256)), sizeof(piece->sha256));
		piece->certificate_sha256 = digest;
		piece->seal_level = "B";
	}
	pq_getmsgend(&in);
	return piece;
}
