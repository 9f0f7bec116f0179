/*
 * xref.c
 *		Cross-references, from the newest revision to the oldest: tables, streams, and both in
 *		hybrid files (ISO 32000-2 §7.5.4, §7.5.8). What a newer one has told of an object stays.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "pdf/reading.h"

/* Where the mark and the offset of the newest stand. */
#define TAIL		1024

static bool
refuse(PdfFile *file, const char *reason)
{
	if (file->refusal == NULL)
		file->refusal = reason;
	return false;
}

#define BROKEN "the PDF's cross-reference can't be followed"

/* Note what is told of an object, unless it is known; entries beyond the limit are refused. */
static bool
tell(PdfFile *file, int64 number, PdfEntry entry)
{
	if (number < 0 || number >= PDF_MAX_OBJECTS || ++file->told > 4 * PDF_MAX_OBJECTS)
		return refuse(file, "the PDF has too many objects");
	if (number >= file->room)
	{
		int64		room = Max(file->room * 2, number + 64);

		file->entries = file->entries == NULL ? palloc0(room * sizeof(PdfEntry)) :
			repalloc_huge(file->entries, room * sizeof(PdfEntry));
		memset(file->entries + file->room, 0, (room - file->room) * sizeof(PdfEntry));
		file->room = room;
	}
	file->size = Max(file->size, number + 1);
	if (file->entries[number].place == PDF_UNKNOWN)
		file->entries[number] = entry;
	return true;
}

/* The subsections of a table; only those entries that are in use, or only the free ones. Moves to "trailer". */
static bool
read_table(PdfFile *file, PdfText *text, bool in_use)
{
	int64		first;
	int64		count;

	while (!pdf_take_word(text, "trailer"))
	{
		if (!pdf_take_integer(text, &first) || !pdf_take_integer(text, &count))
			return refuse(file, BROKEN);
		for (int64 i = 0; i < count; i++)
		{
			int64		offset;
			int64		generation;
			bool		used;

			if (!pdf_take_integer(text, &offset) || !pdf_take_integer(text, &generation))
				return refuse(file, BROKEN);
			used = pdf_take_word(text, "n");
			if ((!used && !pdf_take_word(text, "f")) || generation > 65535)
				return refuse(file, BROKEN);
			if (used == in_use && !tell(file, first + i, (PdfEntry)
										{.place = used ? PDF_AT : PDF_FREE, .generation = (uint16) generation, .where = offset}))
				return false;
		}
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}

/* Big-endian, of so many octets. */
static int64
field(const uint8 **p, int width)
{
	uint64		value = 0;

	for (; width > 0; width--)
		value = value << 8 | *(*p)++;
	return (int64) value;
}

static bool
read_widths(const PdfValue *stream, int *widths)
{
	const PdfValue *w = pdf_get(stream, "W");
	const PdfValue *item;

	if (w == NULL || w->kind != PDF_ARRAY || w->count < 3)
		return false;
	item = w->first;
	for (int i = 0; i < 3; i++, item = item->next)
	{
		if (item->kind != PDF_INTEGER || item->number < 0 || item->number > 7)
			return false;
		widths[i] = (int) item->number;
	}
	return w->count == 3;
}

static bool
read_rows(PdfFile *file, const uint8 **p, const uint8 *end, const int *widths, int64 first, int64 count)
{
	for (int64 i = 0; i < count; i++)
	{
		int64		type;
		int64		second;
		int64		third;
		PdfEntry	entry = {0};

		if (end - *p < widths[0] + widths[1] + widths[2])
			return refuse(file, BROKEN);
		type = widths[0] > 0 ? field(p, widths[0]) : 1;
		second = field(p, widths[1]);
		third = field(p, widths[2]);
		entry.place = type == 0 ? PDF_FREE : type == 1 ? PDF_AT : PDF_IN;
		if (type > 2)
			continue;			/* §7.5.8.3: as a reference to null */
		entry.where = second;
		if (type == 2)
			entry.index = (uint32) third;
		else
			entry.generation = (uint16) third;
		if (!tell(file, first + i, entry))
			return false;
	}
	return true;
}

static bool
read_stream_entries(PdfFile *file, const PdfValue *stream)
{
	const PdfValue *index = pdf_get(stream, "Index");
	const PdfValue *size = pdf_get(stream, "Size");
	size_t		length = 0;
	const uint8 *p = (const uint8 *) pdf_stream_data(file, stream, &length);
	const uint8 *end;
	int			widths[3];

	if (p == NULL || !read_widths(stream, widths) || size == NULL || size->kind != PDF_INTEGER)
		return refuse(file, BROKEN);
	end = p + length;
	if (index == NULL)
		return read_rows(file, &p, end, widths, 0, size->number);
	if (index->kind != PDF_ARRAY || index->count % 2 != 0)
		return refuse(file, BROKEN);
	for (const PdfValue *item = index->first; item != NULL; item = item->next->next)
	{
		if (item->kind != PDF_INTEGER || item->next->kind != PDF_INTEGER)
			return refuse(file, BROKEN);
		if (!read_rows(file, &p, end, widths, item->number, item->next->number))
			return false;
	}
	return true;
}

/* A cross-reference stream at an offset; NULL when it is none. */
static const PdfValue *
stream_at(PdfFile *file, size_t offset)
{
	int64		number;
	int			generation;
	const PdfValue *stream = pdf_read_object(file, offset, &number, &generation);

	if (stream == NULL || stream->kind != PDF_STREAM || !pdf_is_name(pdf_get(stream, "Type"), "XRef") ||
		!read_stream_entries(file, stream))
	{
		refuse(file, BROKEN);
		return NULL;
	}
	return stream;
}

/* A table, what a hybrid file hides behind it, and its trailer. */
static const PdfValue *
table_at(PdfFile *file, PdfText text)
{
	PdfText		again = text;
	const PdfValue *trailer;
	const PdfValue *hidden;

	if (!read_table(file, &text, true))
		return NULL;
	trailer = pdf_read_value(&text);
	if (trailer == NULL || trailer->kind != PDF_DICTIONARY)
	{
		refuse(file, BROKEN);
		return NULL;
	}
	/* §7.5.8.4: what the table calls free may be in the stream */
	hidden = pdf_get(trailer, "XRefStm");
	if (hidden != NULL && (hidden->kind != PDF_INTEGER || hidden->number < 0 ||
						   stream_at(file, (size_t) hidden->number) == NULL))
	{
		refuse(file, BROKEN);
		return NULL;
	}
	return read_table(file, &again, false) ? trailer : NULL;
}

/* One revision's; *offset moves to the one before, *more is false when there is none. */
static bool
read_section(PdfFile *file, size_t *offset, bool *more)
{
	PdfText		text = {.at = file->bytes + *offset, .end = file->bytes + file->length};
	bool		stream;
	const PdfValue *trailer;
	const PdfValue *previous;
	const PdfValue *size;

	for (int i = 0; i < file->section_count; i++)
		if (file->sections[i] == *offset)
			return refuse(file, "the PDF's cross-reference runs in a circle");
	if (file->section_count == PDF_MAX_SECTIONS)
		return refuse(file, "the PDF has too many revisions");
	file->sections[file->section_count++] = *offset;
	stream = !pdf_take_word(&text, "xref");
	trailer = stream ? stream_at(file, *offset) : table_at(file, text);
	if (trailer == NULL)
		return false;
	if (pdf_get(trailer, "Encrypt") != NULL)
		return refuse(file, "the PDF is encrypted");
	if (file->trailer == NULL)
	{
		file->trailer = trailer;
		file->startxref = *offset;
		file->ends_with_stream = stream;
	}
	size = pdf_get(trailer, "Size");
	if (size == NULL || size->kind != PDF_INTEGER || size->number < 1 || size->number > PDF_MAX_OBJECTS)
		return refuse(file, BROKEN);
	file->size = Max(file->size, size->number);
	previous = pdf_get(trailer, "Prev");
	*more = previous != NULL;
	if (previous == NULL)
		return true;
	if (previous->kind != PDF_INTEGER || previous->number < 0 || (uint64) previous->number >= file->length)
		return refuse(file, BROKEN);
	*offset = previous->number;
	return true;
}

/* The number after the last "startxref" near the end. */
static bool
find_start(PdfFile *file, size_t *offset)
{
	static const char mark[] = "startxref";
	size_t		tail = Min(file->length, TAIL);
	const char *end = file->bytes + file->length;
	const char *found = NULL;
	PdfText		text;
	int64		number;

	for (const char *p = end - tail; p + strlen(mark) < end; p++)
		if (memcmp(p, mark, strlen(mark)) == 0)
			found = p;
	if (found == NULL)
		return refuse(file, "the PDF has no cross-reference");
	text = (PdfText) {.at = found + strlen(mark), .end = end};
	if (!pdf_take_integer(&text, &number) || (uint64) number >= file->length)
		return refuse(file, BROKEN);
	while (text.at < end && pdf_white(*text.at))
		text.at++;
	if (end - text.at < 5 || memcmp(text.at, "%%EOF", 5) != 0)
		return refuse(file, "the PDF has no mark at its end");
	*offset = number;
	return true;
}

bool
pdf_read_xref(PdfFile *file)
{
	size_t		offset;
	bool		more = true;

	if (!find_start(file, &offset))
		return false;
	while (more)
		if (!read_section(file, &offset, &more))
			return false;
	return true;
}
