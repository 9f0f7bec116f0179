/*
 * letterhead.c
 *		Rows of ootspg.letterhead (letterhead.h). A picture is read once by each backend, and again when its row has changed.
 */
#include "postgres.h"

#include "common/base64.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compat.h"
#include "configuration/configuration.h"
#include "configuration/kept.h"
#include "document/letterhead.h"
#include "errors.h"
#include "query.h"

PG_FUNCTION_INFO_V1(ootspg_picture_fault);

#define POINTS_PER_MM (72 / 25.4)

static const char letterhead_query[] =
"SELECT h.media_type, h.image, h.height_mm::pg_catalog.float8, h.margin_mm::pg_catalog.float8, h.colour, h.alternative::pg_catalog.jsonb, h.footer::pg_catalog.jsonb"
" FROM ootspg.letterhead h WHERE h.provider OPERATOR(pg_catalog.=) $1";

/* Whatever reading it needs is given back; the picture stays. */
static void
read_picture(const char *media_type, bytea *image, Picture *picture)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg letterhead", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	const char *fault = picture_read(media_type, VARDATA_ANY(image), VARSIZE_ANY_EXHDR(image), picture);
	char	   *bytes;

	/* its trigger has looked: another version's has not */
	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("the picture of a letterhead cannot be used: %s", fault)));
	bytes = MemoryContextAlloc(caller, picture->length + 1);
	memcpy(bytes, picture->bytes, picture->length);
	picture->bytes = bytes;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

static const char *
data_address(const char *media_type, bytea *image)
{
	char	   *head = psprintf("data:%s;base64,", media_type);
	int			length = VARSIZE_ANY_EXHDR(image);
	int			before = strlen(head);
	int			room = pg_b64_enc_len(length) + 1;
	char	   *address = repalloc(head, before + room);
	int			written = pg_b64_encode((const void *) VARDATA_ANY(image), length, address + before, room);

	Assert(written >= 0);
	address[before + written] = '\0';
	return address;
}

static List *
texts(int column)
{
	bool		isnull;
	Datum		value = query_value(0, column, &isnull);

	return isnull ? NIL : localized_texts(value);
}

static double
points(int column)
{
	bool		isnull;
	Datum		value = query_value(0, column, &isnull);

	return isnull ? 0 : DatumGetFloat8(value) * POINTS_PER_MM;
}

static void *
read_letterhead(const void *provider)
{
	QueryArguments arguments = {0};
	Letterhead *letterhead;
	const char *colour;
	bool		isnull;
	Datum		image;

	query_add_text(&arguments, provider);
	if (query_run(letterhead_query, &arguments, true, 1, SPI_OK_SELECT) == 0)
		return NULL;
	letterhead = palloc0(sizeof(Letterhead));
	image = query_value(0, 2, &isnull);
	if (!isnull)
	{
		bytea	   *bytes = DatumGetByteaPP(image);

		read_picture(query_text(0, 1), bytes, &letterhead->picture);
		letterhead->image = data_address(query_text(0, 1), bytes);
	}
	letterhead->height = points(3);
	letterhead->margin = points(4);
	colour = query_text(0, 5);
	letterhead->coloured = colour != NULL;
	for (int i = 0; colour != NULL && i < 3; i++)
		letterhead->colour[i] = (strtoul(colour + 1, NULL, 16) >> (16 - 8 * i) & 255) / 255.0;
	letterhead->alt = texts(6);
	letterhead->footer = texts(7);
	return letterhead;
}

const Letterhead *
letterhead_load(const char *provider)
{
	MemoryContext context = CurrentMemoryContext;
	const Letterhead *letterhead;

	SPI_connect();
	MemoryContextSwitchTo(context);
	letterhead = kept_get(psprintf("letterhead %s", provider), read_letterhead, provider);
	SPI_finish();
	MemoryContextSwitchTo(context);
	return letterhead;
}

/* (media_type text, image bytea) returns text */
Datum
ootspg_picture_fault(PG_FUNCTION_ARGS)
{
	bytea	   *image = PG_GETARG_BYTEA_PP(1);
	Picture		picture;
	const char *fault = picture_read(text_to_cstring(PG_GETARG_TEXT_PP(0)), VARDATA_ANY(image), VARSIZE_ANY_EXHDR(image), &picture);

	if (fault == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(fault));
}
