/*
 * kept.c
 *		Places of what is kept for links.
 */
#include "postgres.h"

#include "compat.h"
#include "errors.h"
#include "preview/envelope.h"
#include "preview/kept.h"

static const char *
place_of(int64 session_id, const char *kind, int number)
{
	return psprintf("ootspg preview " INT64_FORMAT " %s %d", session_id, kind, number);
}

bytea *
kept_close(const uint8 public_key[32], int64 session_id, const char *kind, int number, const void *bytes, size_t length)
{
	return envelope_close(public_key, place_of(session_id, kind, number), bytes, length);
}

char *
kept_open(LinkKeys *keys, int64 session_id, const char *kind, int number, const bytea *closed, size_t *length)
{
	char	   *bytes = envelope_open(keys->private_key, place_of(session_id, kind, number), closed, length);

	if (bytes == NULL)
	{
		link_forget(keys);
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_PREVIEW),
				 errmsg("what is kept for a preview cannot be opened"),
				 errhint("It was changed, or belongs to another link.")));
	}
	return bytes;
}
