/*
 * line.c
 *		Shaped texts broken into lines, and lines shown (text.h): in which order the pieces of a line stand, and the operators
 *		that put their glyphs on the page.
 */
#include "postgres.h"

#include "compat.h"
#include "document/pdf/text.h"

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
	char	   *to;

	if (back > 0.5 || back < -0.5)
	{
		close_string(pen);
		put_number(pen->out, back);
	}
	enlargeStringInfo(pen->out, 5);
	to = pen->out->data + pen->out->len;
	if (!pen->open)
		*to++ = '<';
	pen->open = true;
	*to++ = digits[glyph->cid >> 12];
	*to++ = digits[(glyph->cid >> 8) & 15];
	*to++ = digits[(glyph->cid >> 4) & 15];
	*to++ = digits[glyph->cid & 15];
	pen->out->len = to - pen->out->data;
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

static void
set_font(int font, double size, TextState *state, StringInfo out)
{
	*state = (TextState) {font, size};
	appendStringInfoString(out, "/F");
	put_integer(out, font);
	appendStringInfoCharMacro(out, ' ');
	put_number(out, size);
	appendStringInfoString(out, " Tf\n");
}

void
text_show(const ShapedText *text, int number, double x, double y, TextState *state, StringInfo out)
{
	const Line *line = &text->lines[number];
	double	   *places = palloc(line->count * sizeof(double));
	double		size = text->style->size;
	Pen			pen = {out};

	place_pieces(text, line, places);
	appendStringInfoString(out, "1 0 0 1 ");
	put_numbers(out, 2, (double[]) {x, y}, "Tm");
	for (int i = 0; i < line->count; i++)
	{
		const Piece *piece = &text->pieces[line->first + i];

		bool		other = piece->font != state->font || size != state->size;

		if (other || i == 0)
		{
			if (i > 0)
			{
				close_string(&pen);
				appendStringInfoString(out, "]TJ\n");
			}
			if (other)
				set_font(piece->font, size, state, out);
			appendStringInfoChar(out, '[');
		}
		show_piece(&pen, text, piece, places[i]);
	}
	close_string(&pen);
	if (line->count > 0)
		appendStringInfoString(out, "]TJ\n");
	pfree(places);
}
