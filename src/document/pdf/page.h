/*
 * page.h
 *		Pages with what is on them, and the structure that says what it means: every piece of content is
 *		either a structure element's or an artifact (ISO 14289-1, 7.1).
 */
#ifndef OOTSPG_DOCUMENT_PDF_PAGE_H
#define OOTSPG_DOCUMENT_PDF_PAGE_H

#include "document/pdf/text.h"

#define PAGE_WIDTH	595.28		/* A4, points */
#define PAGE_HEIGHT	841.89

typedef struct Elements Elements;

/* One page being written. */
typedef struct Page
{
	int			number;			/* of its object */
	StringInfoData content;
	int		   *owners;			/* element of each marked content, by its identifier */
	int			owner_count,
				max_owners;
	double		colour[3];		/* in force at the end of what is written; as the fonts, it outlasts text objects (ISO 32000-1, 8.4) */
	TextState	state;
} Page;

typedef struct Pages
{
	PdfFile    *file;
	Elements   *elements;
	Page	   *pages;
	int			count,
				max;
	const double *accent;		/* colour of accented texts; NULL: their own */
	int			picture;		/* object of the picture on the first page; 0: none */
} Pages;

extern Pages *pages_begin(PdfFile *file);
extern Page *pages_add(Pages *pages);	/* borrowed until the next */

/* An element within another, 0 for the document itself; language NULL: the parent's; attributes: PDF, or NULL. All borrowed. */
extern int	element_add(Pages *pages, int parent, const char *tag, const char *language, const char *attributes);

/* What an element that is no text says; borrowed. */
extern void element_alt(Pages *pages, int element, const char *alt);

/* What follows on the last page is the element's, as text; element -1: an artifact's, which is part of the page's make-up. */
extern void mark_begin(Pages *pages, int element);
extern void mark_end(Pages *pages);

/* A line of a text between them; its first baseline begins at x, y. */
extern void mark_line(Pages *pages, const ShapedText *text, int line, double x, double y);

/* The picture on the first page, as an element or (-1) an artifact; matrix: from its own space to the page's. */
extern void draw_picture(Pages *pages, int element, const double *matrix);

/* Artifacts by themselves. */
extern void draw_box(Pages *pages, double x, double y, double width, double height, const double *colour);

/* Pages, their content and the structure tree as objects; the numbers of the page tree and of the structure tree. fonts: names F0… of those in use. */
extern void pages_write(Pages *pages, const FontSet *fonts, int *page_tree, int *structure);

#endif							/* OOTSPG_DOCUMENT_PDF_PAGE_H */
