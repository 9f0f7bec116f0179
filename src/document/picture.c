/*
 * picture.c
 *		PNG (ISO 15948) and JPEG (ISO 10918-1) for letterheads (picture.h). What is transparent in a PNG is laid on
 *		white, as the page is: nothing transparent then has to be kept.
 */
#include "postgres.h"

#include "compat.h"
#include "document/picture.h"
#include "evidence/document.h"
#include "pdf/flate.h"

typedef struct Png
{
	uint32		width,
				height;
	int			bits,
				colour;			/* its colour type */
	const uint8 *palette;		/* of three octets each */
	size_t		palette_count;
	const uint8 *transparent;	/* tRNS */
	size_t		transparent_count;
	StringInfoData data;		/* of all IDAT */
} Png;

static uint32
big_endian(const uint8 *p, int octets)
{
	uint32		value = 0;

	while (octets-- > 0)
		value = value << 8 | *p++;
	return value;
}

static int
channels(int colour)
{
	return colour == 2 ? 3 : colour == 4 ? 2 : colour == 6 ? 4 : 1;
}

/* Table 11.1: which depths go with which colour type */
static bool
is_combination(int colour, int bits)
{
	switch (colour)
	{
		case 0:
			return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
		case 3:
			return bits == 1 || bits == 2 || bits == 4 || bits == 8;
		case 2:
		case 4:
		case 6:
			return bits == 8 || bits == 16;
		default:
			return false;
	}
}

static const char *
read_header(Png *png, const uint8 *p)
{
	png->width = big_endian(p, 4);
	png->height = big_endian(p + 4, 4);
	png->bits = p[8];
	png->colour = p[9];
	if (!is_combination(png->colour, png->bits) || p[10] != 0 || p[11] != 0)
		return "the PNG is of a kind that there is not";
	if (p[12] != 0)
		return "the PNG is interlaced: save it without";
	if (png->width == 0 || png->height == 0 || (uint64) png->width * png->height > PICTURE_MAX_PIXELS)
		return "the PNG has more than two million pixels, or none";
	return NULL;
}

/* The chunks are sound: media_fault() has looked. */
static const char *
read_chunks(Png *png, const uint8 *p)
{
	const char *fault = read_header(png, p + 16);

	initStringInfo(&png->data);
	for (p += 8; fault == NULL && memcmp(p + 4, "IEND", 4) != 0; p += 12 + big_endian(p, 4))
	{
		uint32		size = big_endian(p, 4);

		if (memcmp(p + 4, "PLTE", 4) == 0)
		{
			png->palette = p + 8;
			png->palette_count = size / 3;
		}
		else if (memcmp(p + 4, "tRNS", 4) == 0)
		{
			png->transparent = p + 8;
			png->transparent_count = size;
		}
		else if (memcmp(p + 4, "IDAT", 4) == 0)
			appendBinaryStringInfo(&png->data, (const char *) p + 8, size);
	}
	return fault;
}

static int
paeth(int left, int up, int corner)
{
	int			p = left + up - corner;
	int			a = abs(p - left),
				b = abs(p - up),
				c = abs(p - corner);

	return a <= b && a <= c ? left : b <= c ? up : corner;
}

/* §9: each row with the filter before it, in place; above: the row before, or zeros. */
static bool
unfilter(uint8 filter, uint8 *row, const uint8 *above, size_t length, size_t step)
{
	if (filter > 4)
		return false;
	for (size_t i = 0; i < length; i++)
	{
		int			left = i >= step ? row[i - step] : 0;
		int			corner = i >= step ? above[i - step] : 0;
		int			predicted = filter == 0 ? 0 : filter == 1 ? left : filter == 2 ? above[i] :
			filter == 3 ? (left + above[i]) / 2 : paeth(left, above[i], corner);

		row[i] = (uint8) (row[i] + predicted);
	}
	return true;
}

/* One sample of a row, as deep as it is. */
static uint32
sample(const Png *png, const uint8 *row, size_t index)
{
	if (png->bits == 16)
		return big_endian(row + 2 * index, 2);
	if (png->bits == 8)
		return row[index];
	return row[index * png->bits / 8] >> (8 - png->bits - index * png->bits % 8) & ((1 << png->bits) - 1);
}

static uint8
to_octet(const Png *png, uint32 value)
{
	return png->bits == 16 ? value >> 8 : (uint8) (value * 255 / ((1 << png->bits) - 1));
}

/* Is the pixel the one colour that a tRNS chunk makes transparent? */
static bool
is_cut_out(const Png *png, const uint32 *values, int count)
{
	if (png->transparent_count < (size_t) count * 2 || png->colour > 2)
		return false;
	for (int i = 0; i < count; i++)
		if (big_endian(png->transparent + 2 * i, 2) != values[i])
			return false;
	return true;
}

/* A pixel on white; false for a palette that does not have it. */
static bool
put_pixel(const Png *png, const uint8 *row, uint32 x, uint8 *out)
{
	int			count = channels(png->colour);
	uint32		values[4];
	uint8		colour[3];
	int			opaque = 255;

	for (int i = 0; i < count; i++)
		values[i] = sample(png, row, (size_t) x * count + i);
	if (png->colour == 3)
	{
		if (values[0] >= png->palette_count)
			return false;
		memcpy(colour, png->palette + 3 * values[0], 3);
		if (values[0] < png->transparent_count)
			opaque = png->transparent[values[0]];
	}
	else
	{
		for (int i = 0; i < 3; i++)
			colour[i] = to_octet(png, values[count >= 3 ? i : 0]);
		if (png->colour >= 4)
			opaque = to_octet(png, values[count - 1]);
		else if (is_cut_out(png, values, count))
			opaque = 0;
	}
	for (int i = 0; i < 3; i++)
		out[i] = (uint8) ((colour[i] * opaque + 255 * (255 - opaque)) / 255);
	return true;
}

static const char *
png_read(const char *bytes, Picture *picture)
{
	Png			png = {0};
	const char *fault = read_chunks(&png, (const uint8 *) bytes);
	size_t		bits = (size_t) channels(png.colour) * png.bits;
	size_t		row_length = (png.width * bits + 7) / 8;
	size_t		step = Max(bits / 8, 1);
	size_t		length;
	uint8	   *data;
	uint8	   *above;
	char	   *samples;

	if (fault != NULL)
		return fault;
	data = (uint8 *) flate_read(png.data.data, png.data.len, (row_length + 1) * png.height + 1, &length);
	if (data == NULL || length != (row_length + 1) * png.height)
		return "the PNG's data are not what its header says";
	above = palloc0(row_length);
	samples = palloc((size_t) png.width * png.height * 3);
	for (uint32 y = 0; y < png.height; y++)
	{
		uint8	   *row = data + y * (row_length + 1) + 1;

		if (!unfilter(row[-1], row, above, row_length, step))
			return "the PNG has rows that can't be read";
		for (uint32 x = 0; x < png.width; x++)
			if (!put_pixel(&png, row, x, (uint8 *) samples + ((size_t) y * png.width + x) * 3))
				return "the PNG has a colour that its palette lacks";
		above = row;
	}
	*picture = (Picture) {PICTURE_SAMPLES, png.width, png.height, 3};
	picture->bytes = flate_write(samples, (size_t) png.width * png.height * 3, &picture->length);
	pfree(samples);
	pfree(data);
	return picture->bytes != NULL ? NULL : "the PNG cannot be written again";
}

/* The frame says how large it is and what its colours are; segments are sound: media_fault() has looked. */
static const char *
jpeg_read(const char *bytes, size_t length, Picture *picture)
{
	const uint8 *p = (const uint8 *) bytes + 2;
	uint32		size;

	for (;; p += 2 + size)
	{
		while (p[0] == 0xFF && p[1] == 0xFF)
			p++;
		size = big_endian(p + 2, 2);
		if (p[1] >= 0xC0 && p[1] <= 0xCF && p[1] != 0xC4 && p[1] != 0xC8 && p[1] != 0xCC)
			break;
	}
	/* what PDF's DCTDecode has: baseline, extended and progressive, of Huffman */
	if (p[1] > 0xC2 || size < 8 || p[4] != 8)
		return "the JPEG is of a kind that PDF does not have";
	*picture = (Picture) {PICTURE_JPEG, big_endian(p + 7, 2), big_endian(p + 5, 2), p[9], bytes, length};
	if (picture->components != 1 && picture->components != 3)
		return "the JPEG has other colours than grey or red, green and blue";
	if (picture->width < 1 || picture->height < 1 || picture->width * picture->height > PICTURE_MAX_PIXELS)
		return "the JPEG has more than two million pixels, or none";
	return NULL;
}

const char *
picture_read(const char *media_type, const char *bytes, size_t length, Picture *picture)
{
	const char *fault;

	memset(picture, 0, sizeof(*picture));
	if (length > PICTURE_MAX_BYTES)
		return "the picture has more than 512 kB";
	fault = media_fault(media_type, bytes, length);
	if (fault != NULL)
		return fault;
	if (strcmp(media_type, "image/png") == 0)
		return png_read(bytes, picture);
	if (strcmp(media_type, "image/jpeg") == 0)
		return jpeg_read(bytes, length, picture);
	if (strcmp(media_type, "image/svg+xml") == 0)
		return drawing_read(bytes, length, picture);
	return "the picture is neither PNG, JPEG nor SVG";
}
