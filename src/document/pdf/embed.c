/*
 * embed.c
 *		Fonts as objects of the file: subsets with only the glyphs that are used, the text that each glyph
 *		stands for, widths, and which CID is which glyph (font.h). HarfBuzz allocates by malloc: what it gives is freed when the
 *		memory context ends, however it ends.
 */
#include "postgres.h"

#include <hb-subset.h>

#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/font.h"
#include "errors.h"

/* What a subset is made with; freed together. */
typedef struct Subset
{
	MemoryContextCallback callback;
	hb_subset_input_t *input;
	hb_subset_plan_t *plan;
	hb_face_t  *face;
	hb_blob_t  *blob;
} Subset;

/* Each of these takes NULL. */
static void
free_subset(void *argument)
{
	Subset	   *subset = argument;

	hb_blob_destroy(subset->blob);
	hb_face_destroy(subset->face);
	hb_subset_plan_destroy(subset->plan);
	hb_subset_input_destroy(subset->input);
}

static Subset *
make_subset(const PdfFont *font)
{
	Subset	   *subset = palloc0(sizeof(Subset));
	hb_set_t   *glyphs;

	subset->callback.func = free_subset;
	subset->callback.arg = subset;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &subset->callback);
	subset->input = hb_subset_input_create_or_fail();
	if (subset->input == NULL)
		goto failed;
	hb_subset_input_set_flags(subset->input, HB_SUBSET_FLAGS_NO_HINTING);
	glyphs = hb_subset_input_glyph_set(subset->input);
	for (int cid = 1; cid < font->count; cid++)
		hb_set_add(glyphs, font->glyphs[cid].gid);
	if (!hb_set_allocation_successful(glyphs))
		goto failed;
	subset->plan = hb_subset_plan_create_or_fail(font->file->outlines, subset->input);
	if (subset->plan == NULL)
		goto failed;
	subset->face = hb_subset_plan_execute_or_fail(subset->plan);
	if (subset->face == NULL)
		goto failed;
	subset->blob = hb_face_reference_blob(subset->face);
	if (hb_blob_get_length(subset->blob) > 0)
		return subset;
failed:
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("font file \"%s\" cannot be used: no part of it can be taken", font->file->path)));
}

/* ISO 19005-3, 6.2.11.3.2 and ISO 14289-1, 7.21.3.2: which glyph of the subset a CID is. */
static void
write_glyph_map(const PdfFont *font, const Subset *subset, PdfFile *file, int number)
{
	const hb_map_t *map = hb_subset_plan_old_to_new_glyph_mapping(subset->plan);
	StringInfoData bytes;

	initStringInfo(&bytes);
	for (int cid = 0; cid < font->count; cid++)
	{
		hb_codepoint_t glyph = cid == 0 ? 0 : hb_map_get(map, font->glyphs[cid].gid);

		if (glyph == HB_MAP_VALUE_INVALID)
			elog(ERROR, "a glyph is not in its subset");
		appendStringInfoChar(&bytes, (char) (glyph >> 8));
		appendStringInfoChar(&bytes, (char) glyph);
	}
	file_stream(file, number, "", bytes.data, bytes.len, true);
}

static void
put_utf16(StringInfo out, const pg_wchar *text, int length)
{
	appendStringInfoChar(out, '<');
	for (int i = 0; i < length; i++)
	{
		if (text[i] > 0xffff)
			appendStringInfo(out, "%04X%04X", 0xd800 + ((text[i] - 0x10000) >> 10), 0xdc00 + ((text[i] - 0x10000) & 0x3ff));
		else
			appendStringInfo(out, "%04X", text[i]);
	}
	appendStringInfoChar(out, '>');
}

/* ISO 19005-3, 6.2.11.7.2 and ISO 14289-1, 7.21.7: what text a CID stands for. */
static void
write_to_unicode(const PdfFont *font, PdfFile *file, int number)
{
	StringInfoData map;

	initStringInfo(&map);
	appendStringInfoString(&map, "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
						   "/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
						   "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n");
	for (int cid = 1; cid < font->count; cid++)
	{
		if ((cid - 1) % 100 == 0)
			appendStringInfo(&map, "%d beginbfchar\n", Min(100, font->count - cid));
		appendStringInfo(&map, "<%04X> ", cid);
		put_utf16(&map, font->glyphs[cid].text, font->glyphs[cid].length);
		appendStringInfoChar(&map, '\n');
		if (cid % 100 == 0 || cid == font->count - 1)
			appendStringInfoString(&map, "endbfchar\n");
	}
	appendStringInfoString(&map, "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
	file_stream(file, number, "", map.data, map.len, true);
}

/* A name of its own for each subset: six letters from what is in it. */
static char *
subset_name(const PdfFont *font, int index)
{
	uint32		hash = index;
	char		tag[7] = {0};

	for (int cid = 1; cid < font->count; cid++)
		hash = hash * 31 + font->glyphs[cid].gid;
	for (int i = 0; i < 6; i++, hash /= 26)
		tag[i] = 'A' + hash % 26;
	return psprintf("%s+Text%d", tag, index + 1);
}

static void
write_widths(const PdfFont *font, StringInfo out)
{
	/* ISO 19005-3, 6.2.11.5, and ISO 14289-1, 7.21.5: the widths of the font itself */
	appendStringInfoString(out, "/DW 0/W[1[");
	for (int cid = 1; cid < font->count; cid++)
	{
		put_number(out, font->glyphs[cid].width);
		appendStringInfoChar(out, ' ');
	}
	appendStringInfoString(out, "]]");
}

/*
 * ISO 19005-3, 6.2.11.2 to 6.2.11.4, and ISO 14289-1, 7.21.3 and 7.21.4: a composite font whose program is in the file, with at least what is used of
 * it; a list of its CIDs (CIDSet) is not asked for, and would have to be complete.
 */
static void
write_font(PdfFont *font, int index, PdfFile *file)
{
	Subset	   *subset = make_subset(font);
	unsigned int length;
	const char *data = hb_blob_get_data(subset->blob, &length);
	int			descendant = file_number(file);
	int			descriptor = file_number(file);
	int			program = file_number(file);
	int			glyph_map = file_number(file);
	int			to_unicode = file_number(file);
	char	   *name = subset_name(font, index);
	StringInfo	out;

	out = file_open(file, font->number);
	appendStringInfo(out, "<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, descendant, to_unicode);
	file_close(file);
	out = file_open(file, descendant);
	appendStringInfo(out, "<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
					 "/FontDescriptor %d 0 R/CIDToGIDMap %d 0 R", name, descriptor, glyph_map);
	write_widths(font, out);
	appendStringInfoString(out, ">>");
	file_close(file);
	out = file_open(file, descriptor);
	appendStringInfo(out, "<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[-1000 %d 2000 %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight 700/StemV 80/FontFile2 %d 0 R>>",
					 name, (int) font->file->descender, (int) font->file->ascender, (int) font->file->ascender, (int) font->file->descender, program);
	file_close(file);
	file_stream(file, program, psprintf("/Length1 %u", length), data, length, true);
	write_glyph_map(font, subset, file, glyph_map);
	write_to_unicode(font, file, to_unicode);
}

void
fonts_write(FontSet *set, PdfFile *file)
{
	for (int i = 0; i < set->count; i++)
		if (set->fonts[i].count > 1)
			write_font(&set->fonts[i], i, file);
}
