/*
 * rows.c
 *		Rows of cells. A row stands on one page where that is high enough for it, else its lines
 *		go on on the next; each cell is one structure element wherever its lines stand.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/flow.h"

bool
flow_need(Flow *flow, double height)
{
	if (flow->pages->count > 0 && (flow->y - height >= BOTTOM || flow->y >= TOP))
		return false;
	pages_add(flow->pages);
	flow->y = TOP;
	return true;
}

/* A cell with its texts shaped and broken. */
typedef struct SetCell
{
	ShapedText **texts;
	int			count;
	double		height;
	int			element;
	int			text,			/* what comes next */
				line;
} SetCell;

static void
shape_cell(Flow *flow, const Cell *cell, SetCell *set)
{
	int			room = 0;

	for (const CellText *text = cell->texts; text != NULL; text = text->next)
		room++;
	memset(set, 0, sizeof(SetCell));
	set->texts = palloc((room + 1) * sizeof(ShapedText *));
	for (const CellText *text = cell->texts; text != NULL; text = text->next)
	{
		ShapedText *shaped = text->shaped != NULL ? text->shaped : text_shape(flow->shaper, text->said, text->style);

		text_wrap(shaped, cell->width);
		set->texts[set->count++] = shaped;
		set->height += text_height(shaped);
	}
}

double
row_height(Flow *flow, Cell *cells, int count, const RowLook *look)
{
	MemoryContext caller = MemoryContextSwitchTo(flow->rows);
	double		height = 0;

	for (int i = 0; i < count; i++)
	{
		SetCell		set;

		shape_cell(flow, &cells[i], &set);
		height = Max(height, set.height);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextReset(flow->rows);
	return height + 2 * look->padding;
}

/* The lines of one text that fit, in one piece of marked content. */
static double
set_lines(Flow *flow, const Cell *cell, SetCell *set, double y, double bottom)
{
	const ShapedText *text = set->texts[set->text];
	double		leading = text->style->leading;
	int			element = set->element;

	if (element >= 0 && text->language != NULL)
		element = element_add(flow->pages, element, "Span", text->language, NULL);
	mark_begin(flow->pages, element);
	while (set->line < text->line_count && y - leading >= bottom - 0.01)
	{
		double		spare = cell->width - text->lines[set->line].width;
		/* what is aligned to the right, and paragraphs from right to left in a cell of their own */
		double		x = cell->x + (cell->right ? spare : 0);

		/* the letters stand in the middle of their line */
		mark_line(flow->pages, text, set->line, x, y - leading * 0.5 - text->style->size * 0.34);
		y -= leading;
		set->line++;
	}
	mark_end(flow->pages);
	if (set->line == text->line_count)
	{
		set->text++;
		set->line = 0;
	}
	return y;
}

/* What fits of a cell; true when nothing is left. */
static bool
set_cell(Flow *flow, const Cell *cell, SetCell *set, double bottom, double *lowest)
{
	double		y = flow->y;

	while (set->text < set->count)
	{
		const ShapedText *text = set->texts[set->text];

		if (text->line_count > 0 && y - text->style->leading < bottom - 0.01)
			break;
		y = set_lines(flow, cell, set, y, bottom);
	}
	*lowest = Min(*lowest, y);
	return set->text == set->count;
}

/* Does the row go on after what stands on this page? */
static bool
set_part(Flow *flow, Cell *cells, SetCell *sets, int count, const RowLook *look, double height)
{
	double		bottom = Max(flow->y - height, BOTTOM) + look->padding;
	double		lowest = flow->y;
	bool		done = true;

	if (look->background != NULL)
		draw_box(flow->pages, flow->left, bottom - look->padding, flow->body, flow->y - bottom + look->padding, look->background);
	flow->y -= look->padding;
	for (int i = 0; i < count; i++)
		done &= set_cell(flow, &cells[i], &sets[i], bottom, &lowest);
	flow->y = lowest - look->padding;
	return done;
}

static double
height_left(const SetCell *sets, int count, const RowLook *look)
{
	double		height = 0;

	for (int i = 0; i < count; i++)
	{
		double		left = 0;

		for (int t = sets[i].text; t < sets[i].count; t++)
			left += (sets[i].texts[t]->line_count - (t == sets[i].text ? sets[i].line : 0)) * sets[i].texts[t]->style->leading;
		height = Max(height, left);
	}
	return height + 2 * look->padding;
}

static void
add_elements(Flow *flow, int parent, Cell *cells, SetCell *sets, int count)
{
	int			row = parent < 0 ? -1 : element_add(flow->pages, parent, "TR", NULL, NULL);

	for (int i = 0; i < count; i++)
		sets[i].element = parent < 0 ? -1 : element_add(flow->pages, row, cells[i].tag, NULL, cells[i].attributes);
}

void
row_set(Flow *flow, int parent, Cell *cells, int count, const RowLook *look, PageBegun again, void *argument)
{
	MemoryContext caller = MemoryContextSwitchTo(flow->rows);
	SetCell    *sets = palloc(count * sizeof(SetCell));
	double		height;

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < count; i++)
		shape_cell(flow, &cells[i], &sets[i]);
	MemoryContextSwitchTo(caller);
	height = height_left(sets, count, look);
	/* a row higher than a page begins where it is */
	if (flow_need(flow, height < TOP - BOTTOM - 80 ? height : 40) && again != NULL)
		again(flow, argument);
	add_elements(flow, parent, cells, sets, count);
	while (!set_part(flow, cells, sets, count, look, height))
	{
		flow_need(flow, TOP);
		if (again != NULL)
			again(flow, argument);
		height = height_left(sets, count, look);
	}
	if (look->rule != NULL)
		draw_box(flow->pages, flow->left, flow->y, flow->body, 0.5, look->rule);
	MemoryContextReset(flow->rows);
}

void
stack_set(Flow *flow, int parent, Cell *cells, int count)
{
	MemoryContext caller = MemoryContextSwitchTo(flow->rows);
	SetCell    *sets = palloc(count * sizeof(SetCell));

	for (int i = 0; i < count; i++)
		shape_cell(flow, &cells[i], &sets[i]);
	MemoryContextSwitchTo(caller);
	add_elements(flow, parent, cells, sets, count);
	for (int i = 0; i < count; i++)
	{
		double		lowest = flow->y;

		set_cell(flow, &cells[i], &sets[i], 0, &lowest);
		flow->y = lowest;
	}
	MemoryContextReset(flow->rows);
}
