/*
 * flow.h
 *		The layout set on pages: heads, rows that stay together, tables whose heads are
 *		repeated, feet. What is set gets its structure element as it is set.
 */
#ifndef OOTSPG_DOCUMENT_PDF_FLOW_H
#define OOTSPG_DOCUMENT_PDF_FLOW_H

#include "document/pdf.h"
#include "document/pdf/page.h"

/* A heading, for the outline. */
typedef struct Heading
{
	const char *title;
	int			level;			/* 0: the document's title */
	int			page;
	double		top;
	int			number;			/* of its object */
} Heading;

typedef struct Flow
{
	const PdfInput *input;
	Shaper	   *shaper;
	Pages	   *pages;
	double		y;				/* top of what is free on the page */
	double		left,
				body;			/* where lines begin, and how wide they are */
	const double *accent;		/* the colour besides black and greys */
	Heading    *headings;
	int			heading_count,
				max_headings;
	MemoryContext rows;			/* of one row at a time */
} Flow;

/* A cell of a row: texts one below the other. */
typedef struct CellText
{
	Said		said;
	const Style *style;
	ShapedText *shaped;			/* by whoever needed its width beforehand, or NULL */
	struct CellText *next;
} CellText;

typedef struct Cell
{
	CellText   *texts;
	bool		right;			/* aligned to the right */
	double		width;			/* without padding */
	double		x;
	const char *tag;			/* TH or TD */
	const char *attributes;
} Cell;

/* rows.c: a new page, where less than the height is free on this one. */
extern bool flow_need(Flow *flow, double height);

/* rows.c: a row of cells; element -1: an artifact. Keeps it together where a page is high enough; calls again() on each page it begins. */
typedef struct RowLook
{
	double		padding;		/* above and below */
	const double *background;	/* NULL: none */
	const double *rule;			/* below; NULL: none */
} RowLook;

typedef void (*PageBegun) (Flow *flow, void *argument);

extern double row_height(Flow *flow, Cell *cells, int count, const RowLook *look);
extern void row_set(Flow *flow, int parent, Cell *cells, int count, const RowLook *look, PageBegun again, void *argument);

/* The cells of one row one below the other, on this page. */
extern void stack_set(Flow *flow, int parent, Cell *cells, int count);

/* flow.c, above table.c and head.c, which are above rows.c: nothing here stands in a circle. */
extern Flow *flow_set(const PdfInput *input, PdfFile *file, FontSet *fonts);

/* head.c: margins and colour; the mark at the top of the first page; the foot of every page, NULL for none. */
extern void letterhead_begin(Flow *flow);
extern void letterhead_set(Flow *flow);
extern ShapedText *letterhead_footer(Flow *flow);

/* table.c */
extern void table_set(Flow *flow, const Table *table, int parent);
extern void fields_set(Flow *flow, const Field *fields, int parent);
extern void facts_set(Flow *flow, const Field *facts, int parent);

/* look.c: sizes and colours, in one place. */
#define MARGIN	62.0
#define TOP		(PAGE_HEIGHT - 62.0)
#define BOTTOM	74.0

extern const Style title_style,
			second_title_style,
			issuer_style,
			place_style,
			group_style[5],
			second_group_style,
			label_style,
			second_label_style,
			value_style,
			second_value_style,
			head_style,
			second_head_style,
			cell_style,
			second_cell_style,
			fact_label_style,
			fact_style,
			foot_style;
extern const double accent_colour[3],
			rule_colour[3],
			panel_colour[3],
			head_colour[3];

/* The texts of a label or value, the second language's below in its style. In the current memory context. */
extern CellText *cell_texts(const Text *text, const Style *style, const Style *second, const char *second_language);

#endif							/* OOTSPG_DOCUMENT_PDF_FLOW_H */
