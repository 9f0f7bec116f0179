/*
 * inflate.c
 *		The octets of a stream that cross-references or objects are kept in: Flate, perhaps
 *		with a PNG predictor (ISO 32000-2 §7.4.4). Other filters are not used for these.
 */
#include "postgres.h"

#include <zlib.h>

#include "utils/memutils.h"

#include "pdf/flate.h"
#include "pdf/reading.h"

#define MAX_COLUMNS 64

/* zlib's memory is the context's, so that nothing is lost when an error jumps over it; none is raised in here. */
static voidpf
allocate(voidpf opaque, uInt items, uInt size)
{
	return palloc_extended((Size) items * size, MCXT_ALLOC_NO_OOM);
}

static void
release(voidpf opaque, voidpf address)
{
	pfree(address);
}

char *
flate_read(const char *from, size_t from_length, size_t limit, size_t *length)
{
	z_stream	z = {.zalloc = allocate, .zfree = release};
	StringInfoData out;
	int			status = Z_OK;

	initStringInfo(&out);
	*length = 0;
	if (inflateInit(&z) != Z_OK)
		return NULL;
	z.next_in = (Bytef *) from;
	z.avail_in = (uInt) from_length;
	while (status == Z_OK && (size_t) out.len < limit)
	{
		int			room;

		enlargeStringInfo(&out, 8192);
		room = out.maxlen - out.len - 1;
		z.next_out = (Bytef *) out.data + out.len;
		z.avail_out = (uInt) room;
		status = inflate(&z, Z_NO_FLUSH);
		out.len += room - (int) z.avail_out;
	}
	inflateEnd(&z);
	*length = out.len;
	return status == Z_STREAM_END ? out.data : NULL;
}

char *
flate_write(const char *from, size_t from_length, size_t *length)
{
	z_stream	z = {.zalloc = allocate, .zfree = release};
	uLong		bound = compressBound(from_length);
	char	   *out = palloc(bound);
	int			status;

	if (deflateInit(&z, Z_BEST_COMPRESSION) != Z_OK)
		return NULL;
	z.next_in = (Bytef *) from;
	z.avail_in = (uInt) from_length;
	z.next_out = (Bytef *) out;
	z.avail_out = (uInt) bound;
	status = deflate(&z, Z_FINISH);
	*length = z.total_out;
	deflateEnd(&z);
	return status == Z_STREAM_END ? out : NULL;
}

/* Within what all streams of the file may give. */
static const char *
inflate_octets(PdfFile *file, const char *from, size_t from_length, size_t *length)
{
	const char *out = flate_read(from, from_length, PDF_MAX_INFLATED - Min(file->inflated, PDF_MAX_INFLATED), length);

	file->inflated += *length;
	return out;
}

static uint8
paeth(int left, int up, int corner)
{
	int			p = left + up - corner;
	int			a = abs(p - left);
	int			b = abs(p - up);
	int			c = abs(p - corner);

	return (uint8) (a <= b && a <= c ? left : b <= c ? up : corner);
}

/* Rows of columns octets, each with its predictor before it, in place. */
static bool
undo_rows(uint8 *data, size_t length, size_t columns, size_t *result)
{
	uint8		zeros[MAX_COLUMNS] = {0};
	const uint8 *above = zeros;
	uint8	   *to = data;

	if (length % (columns + 1) != 0)
		return false;
	for (size_t row = 0; row < length / (columns + 1); row++)
	{
		const uint8 *from = data + row * (columns + 1);
		uint8		predictor = *from++;

		for (size_t i = 0; i < columns; i++)
		{
			uint8		left = i > 0 ? to[i - 1] : 0;
			uint8		corner = i > 0 ? above[i - 1] : 0;

			switch (predictor)
			{
				case 0:
					to[i] = from[i];
					break;
				case 1:
					to[i] = (uint8) (from[i] + left);
					break;
				case 2:
					to[i] = (uint8) (from[i] + above[i]);
					break;
				case 3:
					to[i] = (uint8) (from[i] + (left + above[i]) / 2);
					break;
				case 4:
					to[i] = (uint8) (from[i] + paeth(left, above[i], corner));
					break;
				default:
					return false;
			}
		}
		above = to;
		to += columns;
	}
	*result = to - data;
	return true;
}

static bool
undo_predictor(PdfFile *file, const PdfValue *parameters, const char *data, size_t *length)
{
	const PdfValue *predictor = pdf_find(file, parameters, "Predictor");
	const PdfValue *columns = pdf_find(file, parameters, "Columns");
	const PdfValue *colors = pdf_find(file, parameters, "Colors");
	const PdfValue *bits = pdf_find(file, parameters, "BitsPerComponent");

	if (predictor == NULL || (predictor->kind == PDF_INTEGER && predictor->number == 1))
		return true;
	if (predictor->kind != PDF_INTEGER || predictor->number < 10 || predictor->number > 15 ||
		(colors != NULL && colors->number != 1) || (bits != NULL && bits->number != 8) ||
		columns == NULL || columns->kind != PDF_INTEGER || columns->number < 1 || columns->number > MAX_COLUMNS)
		return false;
	return undo_rows((uint8 *) unconstify(char *, data), *length, columns->number, length);
}

/* A filter alone, or a list of one. */
static const PdfValue *
only_one(PdfFile *file, const PdfValue *value)
{
	if (value != NULL && value->kind == PDF_ARRAY)
		return value->count == 1 ? pdf_resolve(file, value->first) : NULL;
	return value;
}

const char *
pdf_stream_data(PdfFile *file, const PdfValue *stream, size_t *length)
{
	const PdfValue *declared = pdf_find(file, stream, "Length");
	const PdfValue *filter = pdf_find(file, stream, "Filter");
	const PdfValue *parameters = only_one(file, pdf_find(file, stream, "DecodeParms"));
	PdfText		after;
	const char *data;

	if (stream->kind != PDF_STREAM || declared == NULL || declared->kind != PDF_INTEGER || declared->number < 0 ||
		(uint64) declared->number > file->length - stream->data)
		return NULL;
	after = (PdfText) {.at = file->bytes + stream->data + declared->number, .end = file->bytes + file->length};
	if (!pdf_take_word(&after, "endstream"))
		return NULL;
	data = file->bytes + stream->data;
	*length = declared->number;
	if (filter == NULL || (filter->kind == PDF_ARRAY && filter->count == 0))
		return data;
	if (!pdf_is_name(only_one(file, filter), "FlateDecode"))
		return NULL;
	data = inflate_octets(file, data, *length, length);
	return data != NULL && undo_predictor(file, parameters, data, length) ? data : NULL;
}
