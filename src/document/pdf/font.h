/*
 * font.h
 *		Font files, and what a document uses of them. HarfBuzz lives here and in text.c.
 *
 * A glyph gets a CID of its own for each text it stands for, numbered by first use: so
 * the file says exactly which text each glyph is, ligatures included, without a second pass.
 */
#ifndef OOTSPG_DOCUMENT_PDF_FONT_H
#define OOTSPG_DOCUMENT_PDF_FONT_H

#include <hb.h>

#include "mb/pg_wchar.h"

#include "document/pdf/object.h"

/* A file, kept for the life of the process. */
typedef struct FontFile
{
	char	   *path;
	hb_face_t  *face;
	hb_face_t  *outlines;		/* only the tables that a viewer needs */
	hb_font_t  *font;			/* scaled to units of the em */
	double		scale;			/* units to thousandths */
	double		ascender,
				descender;		/* thousandths, the latter negative */
	struct FontFile *next;
} FontFile;

/* A glyph as the document uses it. */
typedef struct UsedGlyph
{
	uint32		gid;
	const pg_wchar *text;
	int			length;			/* of text */
	double		width;			/* thousandths */
} UsedGlyph;

typedef struct PdfFont
{
	FontFile   *file;
	int			number;			/* of its object */
	UsedGlyph  *glyphs;			/* by CID, from 1 */
	int			count;
	int			max;
	int		   *slots;			/* hash of glyph and text to CID */
	int			slot_count;
} PdfFont;

/* The fonts of a document: those of the text first. */
#define MAX_FONTS 16

/* Of characters below this the font is looked up once: those of all alphabets of the Union. */
#define KNOWN_CHARACTERS 0x600

typedef struct FontSet
{
	PdfFont		fonts[MAX_FONTS];
	int			count;
	int			first_bold;
	uint8		known[2][KNOWN_CHARACTERS]; /* of regular and bold text: the font's number and one, 0 until it is asked for */
} FontSet;

/* Both are lists of files, separated by commas. Raises OT003 for what is no font that can be embedded. */
extern FontSet *fonts_load(const char *regular, const char *bold);

/* The number in the set of the font that has the character; -1 when none has. */
extern int	fonts_find(FontSet *set, bool bold, pg_wchar c);

/* The CID of a glyph that stands for a text, which is copied. */
extern int	font_cid(PdfFont *font, uint32 gid, const pg_wchar *text, int length);

/* All that the document used, as objects. Uses set->fonts[i].number. */
extern void fonts_write(FontSet *set, PdfFile *file);

#endif							/* OOTSPG_DOCUMENT_PDF_FONT_H */
