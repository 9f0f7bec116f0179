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

struct Shaper
{
	FontSet    *fonts;
	const char *language;		/* of the document */
	hb_buffer_t *buffer;
	MemoryContextCallback callback;
	MemoryContext context;
	KeptPiece **kept;
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
	bool		ascii = true;

	*count = 0;
	for (const unsigned char *p = (const unsigned char *) utf8; *p != '\0'; p += pg_utf_mblen(p))
	{
		pg_wchar	c = utf8_to_unicode(p);

		if (c == '\t')
			c = ' ';
		if ((c >= ' ' || c == '\n') && (c < 0x7f || c > 0x9f))
			characters[(*count)++] = c;
		ascii &= c < 128;
	}
	characters[*count] = 0;
	if (ascii)
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

/* The same, unless its like was shaped just now. */
static void
add_shaped(Shaping *s, int from, int to)
{
	int			length = to - from;
	KeptPiece **slot;

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
	Shaping		s = {.shaper = shaper,.text = text,.max_glyphs = 64,.max_pieces = 8};

	text->style = style;
	text->language = said.language != NULL && strcmp(said.language, shaper->language) != 0 ? said.language : NULL;
	text->glyphs = palloc(s.max_glyphs * sizeof(Glyph));
	text->pieces = palloc(s.max_pieces * sizeof(Piece));
	s.characters = characters_of(said.text, &s.count);
	s.fonts = palloc((s.count + 1) * sizeof(int));
	s.language = hb_language_from_string(text->language != NULL ? text->language : shaper->language, -1);
	choose_fonts(&s);
	find_levels(&s);
	shape_pieces(&s);
	measure(text);
	return text;
}

/* A piece that is wider than the line is cut in two: what fits, one glyph at least, and the rest. */
static void
cut_piece(ShapedText *text, int index, double width)
{
	Piece	   *piece;
	Piece		rest;
	double		taken = 0;
	int			count = 0;

	text->pieces = repalloc(text->pieces, (text->piece_count + 1) * sizeof(Piece));
	memmove(&text->pieces[index + 1], &text->pieces[index], (text->piece_count - index) * sizeof(Piece));
	text->piece_count++;
	piece = &text->pieces[index];
	rest = *piece;
	while (count < piece->count && (count == 0 || taken + text->glyphs[piece->first + count].advance <= width))
		taken += text->glyphs[piece->first + count++].advance;
	rest.first += count;
	rest.count -= count;
	rest.width -= taken;
	rest.visible = Max(rest.visible - taken, 0);
	piece->count = count;
	piece->width = piece->visible = taken;
	piece->may_break = true;
	piece->must_break = false;
	text->pieces[index + 1] = rest;
}

void
text_wrap(ShapedText *text, double width)
{
	double		room = width * 1000 / text->style->size + 0.5;
	int			max_lines = 4;
	int			first = 0;

	text->lines = palloc(max_lines * sizeof(Line));
	text->line_count = 0;
	while (first < text->piece_count)
	{
		double		used = 0;
		int			end = first;	/* of what the line takes */
		int			i = first;

		/* words, each of one or more pieces, as long as they fit */
		while (i < text->piece_count)
		{
			const Piece *piece = &text->pieces[i];

			if (used + piece->visible > room)
				break;
			used += piece->width;
			i++;
			if (piece->may_break || piece->must_break || i == text->piece_count)
				end = i;
			if (piece->must_break)
				break;
		}
		if (end == first)
		{
			double		before = 0;

			/* not even one word: cut it where the line ends */
			for (int k = first; k < i; k++)
				before += text->pieces[k].width;
			if (i > first && text->pieces[i].count == 1)
				end = i;
			else
			{
				if (text->pieces[i].count > 1)
					cut_piece(text, i, room - before);
				end = i + 1;
			}
		}
		if (text->line_count == max_lines)
			text->lines = repalloc(text->lines, (max_lines *= 2) * sizeof(Line));
		used = 0;
		for (int k = first; k < end; k++)
			used += k + 1 < end ? text->pieces[k].width : text->pieces[k].visible;
		text->lines[text->line_count++] = (Line) {first, end - first, used * text->style->size / 1000};
		first = end;
	}
}

double
text_height(const ShapedText *text)
{
	return text->line_count * text->style->leading;
}

/* Where each piece of a line begins, from its left, in thousandths: rule L2 of the bidirectional algorithm. */
static void
place_pieces(const ShapedText *text, const Line *line, double *places)
{
	int		   *order = palloc(line->count * sizeof(int));
	int			highest = 0;
	double		x = 0;

	for (int i = 0; i < line->count; i++)
	{
		order[i] = i;
		highest = Max(highest, text->pieces[line->first + i].level);
	}
	for (int level = highest; level > 0; level--)
	{
		for (int from = 0; from < line->count; from++)
		{
			int			to = from;

			while (to < line->count && text->pieces[line->first + order[to]].level >= level)
				to++;
			for (int a = from, b = to - 1; a < b; a++, b--)
			{
				int			swap = order[a];

				order[a] = order[b];
				order[b] = swap;
			}
			from = Max(from, to - 1);
		}
	}
	for (int i = 0; i < line->count; i++)
	{
		places[order[i]] = x;
		x += text->pieces[line->first + order[i]].width;
	}
	pfree(order);
}

/* The pen within a TJ array, in thousandths from the line's left. */
typedef struct Pen
{
	StringInfo	out;
	double		x;
	bool		open;			/* a string is open */
} Pen;

static void
close_string(Pen *pen)
{
	if (pen->open)
		appendStringInfoChar(pen->out, '>');
	pen->open = false;
}

static void
show_glyph(Pen *pen, const Glyph *glyph, double x)
{
	static const char digits[] = "0123456789ABCDEF";
	double		back = pen->x - x;

	if (back > 0.5 || back < -0.5)
	{
		close_string(pen);
		put_number(pen->out, back);
	}
	if (!pen->open)
		appendStringInfoCharMacro(pen->out, '<');
	pen->open = true;
	appendBinaryStringInfo(pen->out, (char[]) {digits[glyph->cid >> 12], digits[(glyph->cid >> 8) & 15], digits[(glyph->cid >> 4) & 15], digits[glyph->cid & 15]}, 4);
	pen->x = x + glyph->width;
}

/* A glyph that is raised or lowered, as marks upon letters are. */
static void
show_raised(Pen *pen, const Glyph *glyph, double x, double size)
{
	close_string(pen);
	appendStringInfoString(pen->out, "]TJ ");
	put_number(pen->out, glyph->y * size / 1000);
	appendStringInfoString(pen->out, " Ts[");
	show_glyph(pen, glyph, x);
	close_string(pen);
	appendStringInfoString(pen->out, "]TJ 0 Ts[");
}

static void
show_piece(Pen *pen, const ShapedText *text, const Piece *piece, double place)
{
	bool		backwards = piece->level & 1;
	double		x = backwards ? place + piece->width : place;

	for (int i = 0; i < piece->count; i++)
	{
		const Glyph *glyph = &text->glyphs[piece->first + i];

		if (backwards)
			x -= glyph->advance;
		if (glyph->y > 0.5 || glyph->y < -0.5)
			show_raised(pen, glyph, x + glyph->x, text->style->size);
		else
			show_glyph(pen, glyph, x + glyph->x);
		if (!backwards)
			x += glyph->advance;
	}
}

void
text_show(const ShapedText *text, int number, double x, double y, int *font, StringInfo out)
{
	const Line *line = &text->lines[number];
	double	   *places = palloc(line->count * sizeof(double));
	Pen			pen = {out};

	place_pieces(text, line, places);
	put_numbers(out, 6, (double[]) {1, 0, 0, 1, x, y}, "Tm");
	for (int i = 0; i < line->count; i++)
	{
		const Piece *piece = &text->pieces[line->first + i];

		if (piece->font != *font || i == 0)
		{
			if (i > 0)
			{
				close_string(&pen);
				appendStringInfoString(out, "]TJ\n");
			}
			if (piece->font != *font)
			{
				appendStringInfo(out, "/F%d ", piece->font);
				put_number(out, text->style->size);
				appendStringInfoString(out, " Tf\n");
			}
			*font = piece->font;
			appendStringInfoChar(out, '[');
		}
		show_piece(&pen, text, piece, places[i]);
	}
	close_string(&pen);
	if (line->count > 0)
		appendStringInfoString(out, "]TJ\n");
	pfree(places);
}
