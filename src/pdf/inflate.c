/*
 * inflate.c
 *		Octets as such: Flate, and the PNG predictors that may stand before it (ISO 32000-2 §7.4.4).
 */
#include "postgres.h"

#include <zlib.h>

#include "lib/stringinfo.h"

#include "pdf/flate.h"

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

static uint8
paeth(int left, int up, int corner)
{
	int			p = left + up - corner;
	int			a = abs(p - left);
	int			b = abs(p - up);
	int			c = abs(p - corner);

	return (uint8) (a <= b && a <= c ? left : b <= c ? up : corner);
}

bool
flate_undo_rows(uint8 *data, size_t length, size_t columns, size_t *result)
{
	uint8		zeros[FLATE_MAX_COLUMNS] = {0};
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
