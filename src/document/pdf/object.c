/*
 * object.c
 *		Objects of a PDF file (object.h). Compression takes its memory from the context and
 *		gives it back with it; where there is none left it says so itself, for no error may jump out of the library.
 */
#include "postgres.h"

#include <math.h>
#include <zlib.h>

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/object.h"
#include "errors.h"

/* Higher levels take half as long again for a twentieth of the bytes. */
#define COMPRESSION 3

/* Of what zlib looks back at, in powers of two; 8 would not do (zlib takes 9 for it). */
#define MIN_WINDOW 9

/* Objects in one stream: a reader inflates all of them to find one. */
#define OBJECTS_IN_STREAM 200

typedef struct Object
{
	size_t		offset;			/* in the file, of streams; in plain, of others */
	int			length;			/* of a plain object; -1: a stream; 0: not written */
	int			stream;			/* plain: the object stream that it is in */
	int			index;			/* … and its place there */
} Object;

struct PdfFile
{
	StringInfo	out;
	size_t		start;			/* where the file begins in out */
	StringInfoData plain;		/* plain objects, one after the other */
	Object	   *objects;		/* from 1 */
	int			count;
	int			max;
	int			open;			/* being written */
};

PdfFile *
file_begin(StringInfo out)
{
	PdfFile    *file = palloc0(sizeof(PdfFile));

	file->out = out;
	file->start = out->len;
	file->max = 256;
	file->objects = palloc0(file->max * sizeof(Object));
	initStringInfo(&file->plain);
	/* ISO 19005-3, 6.1.2: the header, and a comment of four bytes above 127 */
	appendStringInfoString(out, "%PDF-1.7\n%\xc7\xa5\xe6\xf6\n");
	return file;
}

int
file_number(PdfFile *file)
{
	if (++file->count == file->max)
	{
		file->objects = repalloc_huge(file->objects, (Size) file->max * 2 * sizeof(Object));
		memset(file->objects + file->max, 0, file->max * sizeof(Object));
		file->max *= 2;
	}
	/* ISO 19005-3, 6.1.13: no more than 8388607 indirect objects */
	if (file->count > 8000000)
		ereport(ERROR, errcode(ERRCODE_OOTS_LIMIT), errmsg("a document is too large to be a PDF file"));
	return file->count;
}

StringInfo
file_open(PdfFile *file, int number)
{
	Assert(file->open == 0 && file->objects[number].length == 0);
	file->open = number;
	file->objects[number].offset = file->plain.len;
	return &file->plain;
}

void
file_close(PdfFile *file)
{
	appendStringInfoChar(&file->plain, '\n');
	file->objects[file->open].length = file->plain.len - file->objects[file->open].offset;
	file->open = 0;
}

static voidpf
allocate(voidpf context, uInt items, uInt size)
{
	return MemoryContextAllocExtended(context, (Size) items * size, MCXT_ALLOC_NO_OOM);
}

static void
release(voidpf context, voidpf address)
{
	pfree(address);
}

/* palloc'd */
static char *
compress_bytes(const char *bytes, size_t length, size_t *compressed)
{
	z_stream	z = {.zalloc = allocate,.zfree = release,.opaque = CurrentMemoryContext};
	char	   *result;
	int			bits = MIN_WINDOW;
	int			status;

	/* most streams are short, and tables for long ones take longer to clear than they to be compressed */
	while (bits < MAX_WBITS && (size_t) 1 << bits < length)
		bits++;
	status = deflateInit2(&z, COMPRESSION, Z_DEFLATED, bits, bits - MAX_WBITS + 8, Z_DEFAULT_STRATEGY);

	if (status == Z_OK)
	{
		size_t		room = deflateBound(&z, length);

		result = palloc(room);
		z.next_in = (Bytef *) bytes;
		z.avail_in = length;
		z.next_out = (Bytef *) result;
		z.avail_out = room;
		status = deflate(&z, Z_FINISH);
		*compressed = room - z.avail_out;
		deflateEnd(&z);
		if (status == Z_STREAM_END)
			return result;
	}
	ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"), errdetail("A PDF file could not be compressed."));
}

void
file_stream(PdfFile *file, int number, const char *entries, const char *bytes, size_t length, bool deflate)
{
	size_t		written = length;
	const char *data = deflate ? compress_bytes(bytes, length, &written) : bytes;

	file->objects[number].offset = file->out->len - file->start;
	file->objects[number].length = -1;
	/* ISO 19005-3, 6.1.9: objects on lines of their own. 6.1.7.2: deflate is the only filter, pictures apart. 6.1.7.1: Length is what stands between, and endstream on a line of its own */
	appendStringInfo(file->out, "%d 0 obj\n<<%s/Length %zu%s>>\nstream\n", number, entries, written, deflate ? "/Filter/FlateDecode" : "");
	appendBinaryStringInfo(file->out, data, written);
	appendStringInfoString(file->out, "\nendstream\nendobj\n");
	if (deflate)
		pfree((char *) data);
}

/* Plain objects from the number on, as many as a stream takes; the number after them. */
static int
write_object_stream(PdfFile *file, int from, int last)
{
	int			number = file_number(file);
	int			in = 0;
	StringInfoData head;
	StringInfoData body;

	initStringInfo(&head);
	initStringInfo(&body);
	for (; from <= last && in < OBJECTS_IN_STREAM; from++)
	{
		Object	   *object = &file->objects[from];

		if (object->length <= 0)
			continue;
		put_integer(&head, from);
		appendStringInfoCharMacro(&head, ' ');
		put_integer(&head, body.len);
		appendStringInfoCharMacro(&head, ' ');
		appendBinaryStringInfo(&body, file->plain.data + object->offset, object->length);
		object->stream = number;
		object->index = in++;
	}
	if (in > 0)
	{
		char	   *entries = psprintf("/Type/ObjStm/N %d/First %d", in, head.len);

		appendBinaryStringInfo(&head, body.data, body.len);
		file_stream(file, number, entries, head.data, head.len, true);
	}
	pfree(head.data);
	pfree(body.data);
	return from;
}

/* A row of the cross-reference stream, whose fields have 1, 4 and 2 bytes. */
static void
put_row(StringInfo out, int type, uint32 place, uint16 index)
{
	char		row[7] = {
		(char) type, (char) (place >> 24), (char) (place >> 16), (char) (place >> 8), (char) place, (char) (index >> 8), (char) index
	};

	appendBinaryStringInfo(out, row, sizeof(row));
}

void
file_end(PdfFile *file, int catalog, int info, const uint8 *id)
{
	int			last = file->count;
	int			number;
	size_t		offset;
	StringInfoData rows;
	StringInfoData entries;

	for (int from = 1; from <= last;)
		from = write_object_stream(file, from, last);
	number = file_number(file);
	offset = file->out->len - file->start;
	initStringInfo(&rows);
	put_row(&rows, 0, 0, 65535);
	for (int i = 1; i <= number; i++)
	{
		const Object *object = &file->objects[i];
		bool		plain = object->length > 0;
		bool		known = plain || object->length < 0 || i == number;

		put_row(&rows, !known ? 0 : plain ? 2 : 1, plain ? object->stream : i == number ? offset : known ? object->offset : 0,
				plain ? object->index : known ? 0 : 65535);
	}
	initStringInfo(&entries);
	appendStringInfo(&entries, "/Type/XRef/Size %d/W[1 4 2]/Root %d 0 R/Info %d 0 R/ID[", number + 1, catalog, info);
	/* ISO 19005-3, 6.1.3: a file identifier */
	put_hex(&entries, id, 16);
	put_hex(&entries, id, 16);
	appendStringInfoChar(&entries, ']');
	file_stream(file, number, entries.data, rows.data, rows.len, true);
	appendStringInfo(file->out, "startxref\n%zu\n%%%%EOF\n", offset);
}

/* A document has some ten thousand numbers: they are written without a format. Gives the first of the digits, which end where asked. */
static char *
digits_before(char *end, unsigned long value)
{
	do
		*--end = '0' + value % 10;
	while ((value /= 10) > 0);
	return end;
}

void
put_integer(StringInfo out, long value)
{
	char		digits[24];
	char	   *end = digits + sizeof(digits);
	char	   *begin = digits_before(end, labs(value));

	if (value < 0)
		*--begin = '-';
	appendBinaryStringInfo(out, begin, end - begin);
}

void
put_number(StringInfo out, double value)
{
	long		hundredths = lround(value * 100);
	unsigned long rest = labs(hundredths) % 100;
	char		digits[32];
	char	   *end = digits + sizeof(digits);
	char	   *begin = end;

	if (rest != 0)
	{
		if (rest % 10 != 0)
			*--begin = '0' + rest % 10;
		*--begin = '0' + rest / 10;
		*--begin = '.';
	}
	begin = digits_before(begin, labs(hundredths) / 100);
	if (hundredths < 0)
		*--begin = '-';
	appendBinaryStringInfo(out, begin, end - begin);
}

void
put_reference(StringInfo out, const char *key, int number)
{
	appendStringInfoString(out, key);
	appendStringInfoCharMacro(out, ' ');
	put_integer(out, number);
	appendBinaryStringInfo(out, " 0 R", 4);
}

void
put_numbers(StringInfo out, int count, const double *values, const char *operator)
{
	for (int i = 0; i < count; i++)
	{
		put_number(out, values[i]);
		appendStringInfoChar(out, ' ');
	}
	appendStringInfoString(out, operator);
	appendStringInfoChar(out, '\n');
}

/* ISO 19005-3, 6.1.6: an even number of digits, and nothing else. */
void
put_hex(StringInfo out, const uint8 *bytes, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";

	appendStringInfoChar(out, '<');
	for (size_t i = 0; i < length; i++)
	{
		appendStringInfoChar(out, digits[bytes[i] >> 4]);
		appendStringInfoChar(out, digits[bytes[i] & 15]);
	}
	appendStringInfoChar(out, '>');
}

static bool
is_ascii_text(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char) *text < ' ' || (unsigned char) *text > '~')
			return false;
	return true;
}

void
put_text(StringInfo out, const char *utf8)
{
	if (is_ascii_text(utf8))
	{
		appendStringInfoChar(out, '(');
		for (; *utf8 != '\0'; utf8++)
		{
			if (*utf8 == '(' || *utf8 == ')' || *utf8 == '\\')
				appendStringInfoChar(out, '\\');
			appendStringInfoChar(out, *utf8);
		}
		appendStringInfoChar(out, ')');
		return;
	}
	appendStringInfoString(out, "<FEFF");
	for (; *utf8 != '\0'; utf8 += pg_utf_mblen((const unsigned char *) utf8))
	{
		pg_wchar	c = utf8_to_unicode((const unsigned char *) utf8);

		if (c > 0xffff)
			appendStringInfo(out, "%04X%04X", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
		else
			appendStringInfo(out, "%04X", c);
	}
	appendStringInfoChar(out, '>');
}
