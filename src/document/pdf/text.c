/*
 * text.c
 *		Texts shaped (text.h). Words are shaped one by one: no script that the fonts have joins letters across a
 *		space. Glyphs are kept in logical order, also of what runs from right to left, so that whoever reads the file
 *		without looking at it gets the text as it was typed (ISO 14289-1, 7.2).
 */
#include "postgres.h"

#include <fribidi.h>

#include "common/hashfn.h"
#include "common/unicode_norm.h"
#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/text.h"
#include "errors.h"

/* Words come again: dates, codes, names of a table's column. Each slot keeps the last that fell to it. */
#define KEPT_PIECES 2048
#define MAX_KEPT 32				/* characters */

typedef struct KeptPiece
{
	int			font;
	bool		backwards;
	hb_language_t language;
	int			length;
	pg_wchar	characters[MAX_KEPT];
	Piece		piece;
	Glyph	   *glyphs;
} KeptPiece;

/* A character of figures, as it stands alone */
typedef struct Figure
{
	bool		known;
	Glyph		glyph;
} Figure;

#define FIGURES 0xa1			/* … are below it */

struct Shaper
{
	FontSet    *fonts;
	const char *language;		/* of the document */
	hb_buffer_t *buffer;
	MemoryContextCallback callback;
	MemoryContext context;
	KeptPiece **kept;
	hb_language_t document_language;
	Figure	   *figures[MAX_FONTS]; /* in the document's language; NULL until there are any */
};

/* A text while it is being shaped. */
typedef struct Shaping
{
	Shaper	   *shaper;
	ShapedText *text;
	pg_wchar   *characters;
	int			count;
	FriBidiLevel *levels;
	int		   *fonts;			/* of each character */
	int			glyph_count,
				max_glyphs,
				max_pieces;
	hb_language_t language;
} Shaping;

static void
free_buffer(void *argument)
{
	hb_buffer_destroy(((Shaper *) argument)->buffer);
}

Shaper *
shaper_begin(FontSet *fonts, const char *language)
{
	Shaper	   *shaper = palloc0(sizeof(Shaper));

	shaper->fonts = fonts;
	shaper->language = language;
	shaper->context = CurrentMemoryContext;
	shaper->document_language = hb_language_from_string(language, -1);
	shaper->kept = palloc0(KEPT_PIECES * sizeof(KeptPiece *));
	shaper->callback.func = free_buffer;
	shaper->callback.arg = shaper;
	shaper->buffer = hb_buffer_create();
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &shaper->callback);
	/* each character keeps its own place, marks too */
	hb_buffer_set_cluster_level(shaper->buffer, HB_BUFFER_CLUSTER_LEVEL_MONOTONE_CHARACTERS);
	return shaper;
}

/* Composed, tabs as spaces; what no page shows is left out. */
static pg_wchar *
characters_of(const char *utf8, int *count)
{
	pg_wchar   *characters = palloc((strlen(utf8) + 1) * sizeof(pg_wchar));
	pg_wchar   *composed;
	pg_wchar	highest = 0;

	*count = 0;
	for (const unsigned char *p = (const unsigned char *) utf8; *p != '\0'; p += pg_utf_mblen(p))
	{
		pg_wchar	c = utf8_to_unicode(p);

		if (c == '\t')
			c = ' ';
		if ((c >= ' ' || c == '\n') && (c < 0x7f || c > 0x9f))
			characters[(*count)++] = c;
		highest = Max(highest, c);
	}
	characters[*count] = 0;
	/* below the first combining mark all is composed */
	if (highest < 0x300)
		return characters;
	composed = unicode_normalize(UNICODE_NFC, characters);
	for (*count = 0; composed[*count] != 0;)
		(*count)++;
	return composed;
}

/* Not seen by itself, and had by any font: U+00AD, U+200B to U+200F, U+2060, variation selectors and the like */
static bool
is_ignorable(pg_wchar c)
{
	if (c < 0xad)
		return false;
	return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
		(c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff;
}

static void
choose_fonts(Shaping *s)
{
	int			font = s->text->style->bold ? s->shaper->fonts->first_bold : 0;

	for (int i = 0; i < s->count; i++)
	{
		pg_wchar	c = s->characters[i];

		/* a space takes the font of what precedes it, so that it does not break a run */
		if (c != ' ' && c != '\n' && !is_ignorable(c))
			font = fonts_find(s->shaper->fonts, s->text->style->bold, c);
		/* ISO 19005-3, 6.2.11.8: no glyph that stands for nothing */
		if (font < 0)
			ereport(ERROR,
					(errcode(ERRCODE_OOTS_EVIDENCE),
					 errmsg("a value has a character that no font of documents has"),
					 errdetail("The character is U+%04X.", c),
					 errhint("Name a font that has it in ootspg.document_fonts, or leave the character out in the view.")));
		s->fonts[i] = font;
	}
}

static void
find_levels(Shaping *s)
{
	FriBidiCharType *types = palloc((s->count + 1) * sizeof(FriBidiCharType));
	FriBidiBracketType *brackets = palloc((s->count + 1) * sizeof(FriBidiBracketType));
	FriBidiParType base = FRIBIDI_PAR_ON;
	bool		plain = true;

	for (int i = 0; i < s->count && plain; i++)
		plain = s->characters[i] < 0x590;
	s->levels = palloc0((s->count + 1) * sizeof(FriBidiLevel));
	if (plain || s->count == 0)
		return;
	fribidi_get_bidi_types((const FriBidiChar *) s->characters, s->count, types);
	fribidi_get_bracket_types((const FriBidiChar *) s->characters, s->count, types, brackets);
	if (fribidi_get_par_embedding_levels_ex(types, brackets, s->count, &base, s->levels) == 0)
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"), errdetail("The direction of a text could not be found."));
	s->text->right_to_left = FRIBIDI_IS_RTL(base);
}

static bool
is_word_letter(pg_wchar c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0xc0;
}

/* May a line end behind the character? */
static bool
breaks_after(const Shaping *s, int i)
{
	pg_wchar	c = s->characters[i];

	if (c == ' ')
		return i + 1 == s->count || s->characters[i + 1] != ' ';
	if (c == '-')
		return i > 0 && i + 1 < s->count && is_word_letter(s->characters[i - 1]) && is_word_letter(s->characters[i + 1]);
	return c == 0x200b || c == 0x2010 || c == '/';
}

static Piece *
add_piece(Shaping *s)
{
	ShapedText *text = s->text;

	if (text->piece_count == s->max_pieces)
		text->pieces = repalloc(text->pieces, (s->max_pieces *= 2) * sizeof(Piece));
	text->pieces[text->piece_count] = (Piece) {.first = s->glyph_count};
	return &text->pieces[text->piece_count++];
}

/* Shape characters from..to into the buffer; its glyphs, which are in visual order. */
static const hb_glyph_info_t *
shape_run(Shaping *s, int from, int to, unsigned int *count)
{
	hb_buffer_t *buffer = s->shaper->buffer;

	hb_buffer_clear_contents(buffer);
	hb_buffer_add_utf32(buffer, (const uint32_t *) s->characters + from, to - from, 0, to - from);
	hb_buffer_set_direction(buffer, s->levels[from] & 1 ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
	hb_buffer_set_language(buffer, s->language);
	hb_buffer_guess_segment_properties(buffer);
	hb_shape(s->shaper->fonts->fonts[s->fonts[from]].file->font, buffer, NULL, 0);
	if (!hb_buffer_allocation_successful(buffer))
		ereport(ERROR, errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"), errdetail("A text could not be shaped."));
	return hb_buffer_get_glyph_infos(buffer, count);
}

/* Room for so many glyphs more. */
static void
make_room(Shaping *s, int count)
{
	if (s->glyph_count + count <= s->max_glyphs)
		return;
	s->max_glyphs = Max(s->max_glyphs * 2, s->glyph_count + count);
	s->text->glyphs = repalloc(s->text->glyphs, s->max_glyphs * sizeof(Glyph));
}

/* The slot of a piece of so many characters, whatever is in it. */
static KeptPiece **
kept_slot(const Shaping *s, int from, int length)
{
	uint32		hash = hash_bytes((const unsigned char *) (s->characters + from), length * sizeof(pg_wchar));

	hash = hash_combine(hash, murmurhash32(s->fonts[from] * 2 + (s->levels[from] & 1)));
	return &s->shaper->kept[hash % KEPT_PIECES];
}

static bool
is_kept(const Shaping *s, const KeptPiece *kept, int from, int length)
{
	return kept != NULL && kept->length == length && kept->font == s->fonts[from] && kept->backwards == (s->levels[from] & 1) &&
		kept->language == s->language && memcmp(kept->characters, s->characters + from, length * sizeof(pg_wchar)) == 0;
}

static void
take_kept(Shaping *s, const KeptPiece *kept, int level)
{
	Piece	   *piece = add_piece(s);

	*piece = kept->piece;
	piece->first = s->glyph_count;
	piece->level = level;
	make_room(s, piece->count);
	memcpy(s->text->glyphs + s->glyph_count, kept->glyphs, piece->count * sizeof(Glyph));
	s->glyph_count += piece->count;
}

static void
keep_piece(const Shaping *s, KeptPiece **slot, int from, int length)
{
	const Piece *piece = &s->text->pieces[s->text->piece_count - 1];
	KeptPiece  *kept = *slot;

	if (kept == NULL)
		kept = *slot = MemoryContextAlloc(s->shaper->context, sizeof(KeptPiece));
	else
		pfree(kept->glyphs);
	kept->font = s->fonts[from];
	kept->backwards = s->levels[from] & 1;
	kept->language = s->language;
	kept->length = length;
	memcpy(kept->characters, s->characters + from, length * sizeof(pg_wchar));
	kept->piece = *piece;
	kept->glyphs = MemoryContextAlloc(s->shaper->context, (piece->count + 1) * sizeof(Glyph));
	memcpy(kept->glyphs, s->text->glyphs + piece->first, piece->count * sizeof(Glyph));
}

static void
add_glyph(Shaping *s, PdfFont *font, const hb_glyph_info_t *info, const hb_glyph_position_t *position, const pg_wchar *stands_for, int length)
{
	double		scale = font->file->scale;
	Glyph	   *glyph;

	if (info->codepoint == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("a value has a character that no font of documents has"),
				 errdetail("The character is U+%04X.", *stands_for)));
	make_room(s, 1);
	glyph = &s->text->glyphs[s->glyph_count++];
	glyph->cid = font_cid(font, info->codepoint, stands_for, length);
	glyph->advance = position->x_advance * scale;
	glyph->x = position->x_offset * scale;
	glyph->y = position->y_offset * scale;
	glyph->width = font->glyphs[glyph->cid].width;
}

/*
 * One piece of characters from..to. A glyph stands for the characters from its
 * cluster to the next one's; a second glyph of a cluster for none, which U+200B says.
 */
static void
shape_piece(Shaping *s, int from, int to)
{
	static const pg_wchar nothing = 0x200b;
	PdfFont    *font = &s->shaper->fonts->fonts[s->fonts[from]];
	Piece	   *piece = add_piece(s);
	unsigned int count;
	const hb_glyph_info_t *infos = shape_run(s, from, to, &count);
	const hb_glyph_position_t *positions = hb_buffer_get_glyph_positions(s->shaper->buffer, NULL);
	bool		backwards = s->levels[from] & 1;
	int			spaces = to;
	int			last = -1;

	while (spaces > from && s->characters[spaces - 1] == ' ')
		spaces--;
	for (unsigned int n = 0; n < count; n++)
	{
		unsigned int i = backwards ? count - 1 - n : n;
		unsigned int ahead = n + 1;
		int			cluster = infos[i].cluster;
		int			end = to - from;

		while (ahead < count && infos[backwards ? count - 1 - ahead : ahead].cluster == cluster)
			ahead++;
		if (ahead < count)
			end = infos[backwards ? count - 1 - ahead : ahead].cluster;
		if (cluster == last)
			add_glyph(s, font, &infos[i], &positions[i], &nothing, 1);
		else
			add_glyph(s, font, &infos[i], &positions[i], s->characters + from + cluster, end - cluster);
		last = cluster;
		piece->width += s->text->glyphs[s->glyph_count - 1].advance;
		if (from + cluster < spaces)
			piece->visible = piece->width;
	}
	piece->count = s->glyph_count - piece->first;
	piece->font = s->fonts[from];
	piece->level = s->levels[from];
}

/*
 * Dates, amounts and numbers: half of what tables hold, and hardly two alike. No script joins their characters, and
 * figures have one width so that they stand below each other: each is shaped once, by itself.
 */
static bool
is_figures(const Shaping *s, int from, int to)
{
	if ((s->levels[from] & 1) || s->language != s->shaper->document_language)
		return false;
	for (int i = from; i < to; i++)
	{
		pg_wchar	c = s->characters[i];

		if (!((c >= '0' && c <= '9') || c == '.' || c == ',' || c == ':' || c == '-' || c == ' ' || c == 0xa0))
			return false;
	}
	return true;
}

static const Glyph *
figure(Shaping *s, int i)
{
	Figure	  **figures = &s->shaper->figures[s->fonts[i]];
	Figure	   *found;

	if (*figures == NULL)
		*figures = MemoryContextAllocZero(s->shaper->context, FIGURES * sizeof(Figure));
	found = &(*figures)[s->characters[i]];
	if (!found->known)
	{
		unsigned int count;
		const hb_glyph_info_t *infos = shape_run(s, i, i + 1, &count);

		if (count != 1)
			return NULL;
		add_glyph(s, &s->shaper->fonts->fonts[s->fonts[i]], infos, hb_buffer_get_glyph_positions(s->shaper->buffer, NULL), s->characters + i, 1);
		found->glyph = s->text->glyphs[--s->glyph_count];
		found->known = true;
	}
	return &found->glyph;
}

/* False, with nothing done, where a font has no single glyph for one. */
static bool
add_figures(Shaping *s, int from, int to)
{
	int			first = s->glyph_count;
	double		width = 0,
				visible = 0;
	Piece	   *piece;

	for (int i = from; i < to; i++)
	{
		const Glyph *glyph = figure(s, i);

		if (glyph == NULL)
		{
			s->glyph_count = first;
			return false;
		}
		make_room(s, 1);
		s->text->glyphs[s->glyph_count++] = *glyph;
		width += glyph->advance;
		if (s->characters[i] != ' ')
			visible = width;
	}
	piece = add_piece(s);
	*piece = (Piece) {.first = first,.count = to - from,.width = width,.visible = visible,.font = s->fonts[from],.level = s->levels[from]};
	return true;
}

/* The same, unless its like was shaped just now. */
static void
add_shaped(Shaping *s, int from, int to)
{
	int			length = to - from;
	KeptPiece **slot;

	if (is_figures(s, from, to) && add_figures(s, from, to))
		return;
	if (length > MAX_KEPT)
	{
		shape_piece(s, from, to);
		return;
	}
	slot = kept_slot(s, from, length);
	if (is_kept(s, *slot, from, length))
		take_kept(s, *slot, s->levels[from]);
	else
	{
		shape_piece(s, from, to);
		keep_piece(s, slot, from, length);
	}
}

static void
shape_pieces(Shaping *s)
{
	int			from = 0;

	for (int i = 0; i < s->count; i++)
	{
		bool		line_end = s->characters[i] == '\n';
		bool		can_break = !line_end && breaks_after(s, i);

		/* a space ends the line: whoever reads the lines in one gets words */
		if (line_end)
			s->characters[i] = ' ';
		if (line_end || can_break || i + 1 == s->count || s->levels[i + 1] != s->levels[i] || s->fonts[i + 1] != s->fonts[i])
		{
			add_shaped(s, from, i + 1);
			s->text->pieces[s->text->piece_count - 1].may_break = can_break;
			s->text->pieces[s->text->piece_count - 1].must_break = line_end;
			from = i + 1;
		}
	}
}

static void
measure(ShapedText *text)
{
	double		word = 0,
				line = 0;

	for (int i = 0; i < text->piece_count; i++)
	{
		const Piece *piece = &text->pieces[i];

		text->widest = Max(text->widest, (word + piece->visible) * text->style->size / 1000);
		text->natural = Max(text->natural, (line + piece->visible) * text->style->size / 1000);
		word = piece->may_break || piece->must_break ? 0 : word + piece->width;
		line = piece->must_break ? 0 : line + piece->width;
	}
}

ShapedText *
text_shape(Shaper *shaper, Said said, const Style *style)
{
	ShapedText *text = palloc0(sizeof(ShapedText));
	Shaping		s = {.shaper = shaper,.text = text};

	text->style = style;
	text->language = said.language != NULL && strcmp(said.language, shaper->language) != 0 ? said.language : NULL;
	s.characters = characters_of(said.text, &s.count);
	s.max_glyphs = s.count + 1;
	s.max_pieces = s.count / 4 + 2;
	text->glyphs = palloc(s.max_glyphs * sizeof(Glyph));
	text->pieces = palloc(s.max_pieces * sizeof(Piece));
	s.fonts = palloc((s.count + 1) * sizeof(int));
	s.language = hb_language_from_string(text->language != NULL ? text->language : shaper->language, -1);
	choose_fonts(&s);
	find_levels(&s);
	shape_pieces(&s);
	measure(text);
	return text;
}
