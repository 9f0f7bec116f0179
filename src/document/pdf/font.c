/*
 * font.c
 *		Font files read and kept (font.h). They are read and not mapped: a file that is cut short in
 *		place must not end the server. Only TrueType outlines are taken, and only what may be embedded.
 */
#include "postgres.h"

#include <hb-ot.h>

#include "common/hashfn.h"
#include "storage/fd.h"
#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/font.h"
#include "errors.h"

/* The largest fonts of all writing systems are below. */
#define MAX_FONT_BYTES (64 * 1024 * 1024)

static FontFile *files = NULL;

OOTS_NORETURN static void
refuse(const char *path, const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("font file \"%s\" cannot be used: %s", path, reason),
			 errhint("Name TrueType fonts that may be embedded in ootspg.document_fonts and ootspg.document_bold_fonts; package fonts-dejavu-core has the defaults.")));
}

/* In memory that stays. */
static char *
read_file(const char *path, size_t *length)
{
	FILE	   *stream = AllocateFile(path, PG_BINARY_R);
	StringInfoData bytes;
	char		block[65536];
	size_t		got;
	char	   *result;

	if (stream == NULL)
		refuse(path, "it cannot be opened");
	initStringInfo(&bytes);
	while ((got = fread(block, 1, sizeof(block), stream)) > 0 && bytes.len <= MAX_FONT_BYTES)
		appendBinaryStringInfo(&bytes, block, got);
	if (ferror(stream) || bytes.len > MAX_FONT_BYTES)
		refuse(path, "it cannot be read, or is too large");
	FreeFile(stream);
	*length = bytes.len;
	result = MemoryContextAlloc(TopMemoryContext, bytes.len + 1);
	memcpy(result, bytes.data, bytes.len);
	pfree(bytes.data);
	return result;
}

static bool
has_table(hb_face_t *face, hb_tag_t tag)
{
	hb_blob_t  *blob = hb_face_reference_table(face, tag);
	bool		result = hb_blob_get_length(blob) > 0;

	hb_blob_destroy(blob);
	return result;
}

/* ISO 19005-3, 6.2.11.4.1: what may not be embedded in a file for everybody is not. */
static bool
may_be_embedded(hb_face_t *face)
{
	hb_blob_t  *blob = hb_face_reference_table(face, HB_TAG('O', 'S', '/', '2'));
	unsigned int length;
	const unsigned char *data = (const unsigned char *) hb_blob_get_data(blob, &length);
	bool		result = length < 10 || ((data[8] << 8 | data[9]) & 0x000f) != 2;

	hb_blob_destroy(blob);
	return result;
}

/*
 * What subsets are made of: a viewer of the file needs no more, for characters are glyphs already. Without its table of characters a
 * font is also taken apart in a third of the time. NULL: no memory.
 */
static hb_face_t *
outlines_of(hb_face_t *face)
{
	static const hb_tag_t needed[] = {
		HB_TAG('g', 'l', 'y', 'f'), HB_TAG('l', 'o', 'c', 'a'), HB_TAG('h', 'e', 'a', 'd'), HB_TAG('h', 'h', 'e', 'a'),
		HB_TAG('h', 'm', 't', 'x'), HB_TAG('m', 'a', 'x', 'p')
	};
	hb_face_t  *outlines = hb_face_builder_create();

	for (int i = 0; i < lengthof(needed); i++)
	{
		hb_blob_t  *table = hb_face_reference_table(face, needed[i]);
		bool		added = hb_face_builder_add_table(outlines, needed[i], table);

		hb_blob_destroy(table);
		if (added)
			continue;
		hb_face_destroy(outlines);
		return NULL;
	}
	return outlines;
}

static FontFile *
load_file(const char *path)
{
	size_t		length;
	char	   *bytes = read_file(path, &length);
	hb_blob_t  *blob = hb_blob_create(bytes, length, HB_MEMORY_MODE_READONLY, NULL, NULL);
	hb_face_t  *face = hb_face_create(blob, 0);
	const char *fault = hb_face_get_glyph_count(face) == 0 ? "it is no font" :
		!has_table(face, HB_TAG('g', 'l', 'y', 'f')) ? "it has no TrueType outlines" :
		!may_be_embedded(face) ? "its licence bits forbid embedding" : NULL;
	hb_face_t  *outlines = fault == NULL ? outlines_of(face) : NULL;
	FontFile   *file;
	hb_font_extents_t extents;

	hb_blob_destroy(blob);
	if (fault == NULL && outlines == NULL)
		fault = "there is not enough memory";
	if (fault != NULL)
	{
		hb_face_destroy(face);
		pfree(bytes);
		refuse(path, fault);
	}
	file = MemoryContextAllocZero(TopMemoryContext, sizeof(FontFile));
	file->path = MemoryContextStrdup(TopMemoryContext, path);
	file->face = face;
	file->outlines = outlines;
	file->font = hb_font_create(face);
	file->scale = 1000.0 / hb_face_get_upem(face);
	hb_font_get_h_extents(file->font, &extents);
	file->ascender = extents.ascender * file->scale;
	file->descender = extents.descender * file->scale;
	file->next = files;
	files = file;
	return file;
}

static FontFile *
find_file(const char *path)
{
	for (FontFile *file = files; file != NULL; file = file->next)
		if (strcmp(file->path, path) == 0)
			return file;
	return load_file(path);
}

static void
add_fonts(FontSet *set, const char *list)
{
	char	   *rest = pstrdup(list);
	char	   *path;

	while ((path = strtok_r(rest, ", ", &rest)) != NULL)
	{
		PdfFont    *font = &set->fonts[set->count];

		if (set->count == MAX_FONTS)
			refuse(path, "there are too many");
		font->file = find_file(path);
		font->max = 128;
		font->glyphs = palloc(font->max * sizeof(UsedGlyph));
		font->slot_count = 512;
		font->slots = palloc0(font->slot_count * sizeof(int));
		/* CID 0 is what is not there, and never used (ISO 19005-3, 6.2.11.8; ISO 14289-1, 7.21.8) */
		font->glyphs[font->count++] = (UsedGlyph) {0};
		set->count++;
	}
}

FontSet *
fonts_load(const char *regular, const char *bold)
{
	FontSet    *set = palloc0(sizeof(FontSet));

	add_fonts(set, regular);
	set->first_bold = set->count;
	add_fonts(set, bold);
	if (set->first_bold == 0 || set->count == set->first_bold)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("no fonts are named for documents"),
				 errhint("Set ootspg.document_fonts and ootspg.document_bold_fonts.")));
	return set;
}

static int
look_up(const FontSet *set, bool bold, pg_wchar c)
{
	uint32		gid;

	/* what the bold fonts lack the others may have */
	for (int i = bold ? set->first_bold : 0; i < set->count; i++)
		if (hb_font_get_nominal_glyph(set->fonts[i].file->font, c, &gid) && gid != 0)
			return i;
	for (int i = 0; i < set->first_bold; i++)
		if (hb_font_get_nominal_glyph(set->fonts[i].file->font, c, &gid) && gid != 0)
			return i;
	return -1;
}

int
fonts_find(FontSet *set, bool bold, pg_wchar c)
{
	uint8	   *known;

	if (c >= KNOWN_CHARACTERS)
		return look_up(set, bold, c);
	known = &set->known[bold][c];
	if (*known == 0)
		*known = look_up(set, bold, c) + 1;
	return *known - 1;
}

static uint32
slot_of(uint32 gid, const pg_wchar *text, int length)
{
	return hash_combine(murmurhash32(gid), hash_bytes((const unsigned char *) text, length * sizeof(pg_wchar)));
}

static void
grow_slots(PdfFont *font)
{
	font->slot_count *= 2;
	font->slots = repalloc(font->slots, font->slot_count * sizeof(int));
	memset(font->slots, 0, font->slot_count * sizeof(int));
	for (int cid = 1; cid < font->count; cid++)
	{
		const UsedGlyph *glyph = &font->glyphs[cid];
		uint32		slot = slot_of(glyph->gid, glyph->text, glyph->length) % font->slot_count;

		while (font->slots[slot] != 0)
			slot = (slot + 1) % font->slot_count;
		font->slots[slot] = cid;
	}
}

int
font_cid(PdfFont *font, uint32 gid, const pg_wchar *text, int length)
{
	uint32		slot = slot_of(gid, text, length) % font->slot_count;
	UsedGlyph  *glyph;

	for (; font->slots[slot] != 0; slot = (slot + 1) % font->slot_count)
	{
		glyph = &font->glyphs[font->slots[slot]];
		if (glyph->gid == gid && glyph->length == length && memcmp(glyph->text, text, length * sizeof(pg_wchar)) == 0)
			return font->slots[slot];
	}
	if (font->count == 65535)
		ereport(ERROR, errcode(ERRCODE_OOTS_LIMIT), errmsg("a document has more different characters than a PDF font"));
	if (font->count == font->max)
		font->glyphs = repalloc(font->glyphs, (font->max *= 2) * sizeof(UsedGlyph));
	glyph = &font->glyphs[font->count];
	glyph->gid = gid;
	glyph->text = memcpy(MemoryContextAlloc(GetMemoryChunkContext(font->glyphs), length * sizeof(pg_wchar)), text, length * sizeof(pg_wchar));
	glyph->length = length;
	glyph->width = hb_font_get_glyph_h_advance(font->file->font, gid) * font->file->scale;
	font->slots[slot] = font->count++;
	if (font->count * 2 > font->slot_count)
		grow_slots(font);
	return font->count - 1;
}
