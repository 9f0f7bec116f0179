/*
 * text.h
 *		Texts shaped and broken into lines: HarfBuzz chooses and places the glyphs of each word, FriBidi
 *		says what runs from right to left, lines break at spaces, hyphens between letters, slashes and U+200B, and
 *		within a word only where it is wider than its column.
 */
#ifndef OOTSPG_DOCUMENT_PDF_TEXT_H
#define OOTSPG_DOCUMENT_PDF_TEXT_H

#include "document/label.h"
#include "document/pdf/font.h"

typedef struct Shaper Shaper;

/* How a text looks. */
typedef struct Style
{
	double		size;			/* points */
	double		leading;		/* from line to line, points */
	bool		bold;
	double		colour[3];
	bool		accented;		/* in the letterhead's colour, where it has one */
} Style;

/* In thousandths of the em, in logical order whatever its direction. */
typedef struct Glyph
{
	int			cid;
	float		advance;
	float		x,
				y;				/* off its place */
	float		width;			/* as the font says */
} Glyph;

/* Glyphs of one font and direction between two places where a line may break; the spaces at its end are part of it. */
typedef struct Piece
{
	int			first,
				count;			/* of the text's glyphs */
	double		width;			/* all of it, thousandths */
	double		visible;		/* without the spaces at its end */
	int			font;
	int			level;			/* odd: from right to left */
	bool		may_break;		/* after it */
	bool		must_break;
} Piece;

typedef struct Line
{
	int			first,
				count;			/* of the text's pieces */
	double		width;			/* without spaces at its end, points */
} Line;

typedef struct ShapedText
{
	const Style *style;
	const char *language;		/* other than the document's; NULL: none */
	Glyph	   *glyphs;
	Piece	   *pieces;
	int			piece_count;
	Line	   *lines;
	int			line_count;
	bool		right_to_left;	/* as a paragraph */
	double		widest,			/* of what no line breaks in, points */
				natural;		/* of all in one line */
} ShapedText;

extern Shaper *shaper_begin(FontSet *fonts, const char *language);

/* Shape a text; lines are made by text_wrap(). Raises OT005 for a character that no font has. */
extern ShapedText *text_shape(Shaper *shaper, Said said, const Style *style);

/* Break into lines of a width in points, as often as wanted. */
extern void text_wrap(ShapedText *text, double width);

extern double text_height(const ShapedText *text);

/* The font in force, -1 for none, and its size */
typedef struct TextState
{
	int			font;
	double		size;
} TextState;

/* Operators that show a line whose first baseline begins at x, y: between BT and ET. */
extern void text_show(const ShapedText *text, int line, double x, double y, TextState *state, StringInfo out);

#endif							/* OOTSPG_DOCUMENT_PDF_TEXT_H */
