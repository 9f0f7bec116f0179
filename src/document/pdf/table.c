/*
 * table.c
 *		Fields, facts and tables as rows (flow.h). Fields are a table of two columns whose first has the heads
 *		of the rows, so that whoever hears a value hears its label (ISO 14289-1, 7.5).
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/flow.h"

#define GAP 10.0				/* between columns */
#define MEASURED_ROWS 300		/* column widths follow from the first rows, which are shaped but once */

static const char row_head[] = "<</O/Table/Scope/Row>>";
static const char column_head[] = "<</O/Table/Scope/Column>>";

static const RowLook field_look = {3.2, NULL, rule_colour};
static const RowLook table_look = {3.0, NULL, rule_colour};
static const RowLook head_look = {4.0, head_colour, NULL};

/* All values of a field, one below the other. */
static CellText *
value_texts(const Value *values, const Style *style, const Style *second, const char *second_language)
{
	CellText   *first = NULL;
	CellText  **last = &first;

	for (const Value *value = values; value != NULL; value = value->next)
	{
		*last = cell_texts(&value->text, style, second, second_language);
		while (*last != NULL)
			last = &(*last)->next;
	}
	return first;
}

void
fields_set(Flow *flow, const Field *fields, int parent)
{
	const char *second = flow->input->layout->languages[1];
	double		label_width = flow->body * 0.36;
	int			table;

	if (fields == NULL)
		return;
	table = element_add(flow->pages, parent, "Table", NULL, NULL);
	for (const Field *field = fields; field != NULL; field = field->next)
	{
		Cell		cells[2] = {
			{cell_texts(&field->label, &label_style, &second_label_style, second), false, label_width - GAP, flow->left, "TH", row_head},
			{value_texts(field->values, &value_style, &second_value_style, second), false, flow->body - label_width, flow->left + label_width, "TD", NULL}
		};

		row_set(flow, table, cells, 2, &field_look, NULL, NULL);
	}
	flow->y -= 6;
}

/* A fact where it stands in the panel: label above value. */
typedef struct PlacedFact
{
	Cell		cells[2];
	double		top,			/* from the panel's */
				height;
} PlacedFact;

/* Two beside each other, and a row for what needs one, as long identifiers do. Gives the panel's height. */
static double
place_facts(Flow *flow, const Field *facts, PlacedFact *placed)
{
	const char *second = flow->input->layout->languages[1];
	double		half = flow->body / 2;
	RowLook		none = {0};
	double		top = 9;
	double		row = 0;
	bool		right = false;

	for (const Field *fact = facts; fact != NULL; fact = fact->next, placed++)
	{
		CellText   *label = cell_texts(&fact->label, &fact_label_style, &fact_label_style, second);
		CellText   *value = value_texts(fact->values, &fact_style, &fact_style, second);
		bool		wide = text_shape(flow->shaper, value->said, &fact_style)->natural > half - 24;
		double		x;

		if (right && wide)
		{
			top += row + 8;
			right = false;
		}
		x = flow->left + 14 + (right ? half : 0);
		placed->cells[0] = (Cell) {label, false, (wide ? flow->body : half) - 24, x, "TH", row_head};
		placed->cells[1] = (Cell) {value, false, (wide ? flow->body : half) - 24, x, "TD", NULL};
		placed->top = top;
		placed->height = row_height(flow, &placed->cells[0], 1, &none) + row_height(flow, &placed->cells[1], 1, &none);
		row = right ? Max(row, placed->height) : placed->height;
		right = !right && !wide && fact->next != NULL;
		if (!right)
			top += row + 8;
	}
	return top + 1;
}

/* Dates, validity and identifier in a panel. */
void
facts_set(Flow *flow, const Field *facts, int parent)
{
	PlacedFact	placed[8];
	double		height;
	double		top;
	int			table;
	int			count = 0;

	if (facts == NULL)
		return;
	for (const Field *fact = facts; fact != NULL; fact = fact->next)
		count++;
	Assert(count <= lengthof(placed));
	height = place_facts(flow, facts, placed);
	flow_need(flow, Min(height, TOP - BOTTOM));
	top = flow->y;
	draw_box(flow->pages, flow->left, top - height, flow->body, height, panel_colour);
	draw_box(flow->pages, flow->left, top - height, 2, height, flow->accent);
	table = element_add(flow->pages, parent, "Table", NULL, NULL);
	for (int i = 0; i < count; i++)
	{
		flow->y = top - placed[i].top;
		stack_set(flow, table, placed[i].cells, 2);
	}
	flow->y = top - height - 10;
}

/* A table's columns, its head for each page, and the texts that were measured. */
typedef struct Columns
{
	const Table *table;
	MemoryContext context;		/* of texts that outlast their row */
	CellText  **measured;		/* row by row */
	int			measured_rows;
	double		widths[32];
	double		xs[32];
	bool		figures[32];
	Cell		head[32];
} Columns;

/* The widest word and the widest text of a cell. */
static void
measure_texts(Flow *flow, CellText *texts, double *widest, double *natural)
{
	for (CellText *text = texts; text != NULL; text = text->next)
	{
		text->shaped = text_shape(flow->shaper, text->said, text->style);
		*widest = Max(*widest, text->shaped->widest);
		*natural = Max(*natural, text->shaped->natural);
	}
}

/*
 * Every column gets its widest word, as long as there is room for all, and of the rest as much as its texts
 * ask for beyond that; what is left when all have what they ask for is shared.
 */
static void
share_width(Columns *columns, const double *widest, const double *natural, double room)
{
	int			count = columns->table->column_count;
	double		least = 0,
				most = 0;

	for (int i = 0; i < count; i++)
	{
		least += widest[i];
		most += natural[i];
	}
	for (int i = 0; i < count; i++)
	{
		if (least >= room)
			columns->widths[i] = room * widest[i] / least;
		else if (most > room)
			columns->widths[i] = widest[i] + (room - least) * (natural[i] - widest[i]) / (most - least);
		else
			columns->widths[i] = natural[i] + (room - most) / count;
	}
}

/* Runs in the context of the columns. */
static void
find_columns(Flow *flow, Columns *columns)
{
	const Table *table = columns->table;
	const char *second = flow->input->layout->languages[1];
	int			count = table->column_count;
	double		widest[32] = {0},
				natural[32] = {0};
	double		x = flow->left + 4;

	columns->measured_rows = Min(table->row_count, MEASURED_ROWS);
	columns->measured = palloc0((columns->measured_rows * count + 1) * sizeof(CellText *));
	for (int i = 0; i < count; i++)
	{
		columns->figures[i] = true;
		widest[i] = natural[i] = 12;
		columns->head[i].texts = cell_texts(&table->heads[i], &head_style, &second_head_style, second);
		measure_texts(flow, columns->head[i].texts, &widest[i], &natural[i]);
		for (int row = 0; row < columns->measured_rows; row++)
		{
			const Value *value = table->cells[row * count + i];
			CellText  **texts = &columns->measured[row * count + i];

			if (value == NULL)
				continue;
			columns->figures[i] &= value->figures;
			*texts = cell_texts(&value->text, &cell_style, &second_cell_style, second);
			measure_texts(flow, *texts, &widest[i], &natural[i]);
		}
	}
	share_width(columns, widest, natural, flow->body - 8 - GAP * (count - 1));
	for (int i = 0; i < count; i++)
	{
		columns->xs[i] = x;
		x += columns->widths[i] + GAP;
		columns->head[i] = (Cell) {columns->head[i].texts, columns->figures[i], columns->widths[i], columns->xs[i], "TH", column_head};
	}
}

static Columns *
make_columns(Flow *flow, const Table *table)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg document table", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Columns    *columns = palloc0(sizeof(Columns));

	columns->table = table;
	columns->context = context;
	find_columns(flow, columns);
	MemoryContextSwitchTo(caller);
	return columns;
}

/* ISO 14289-1, 7.8: a head repeated on another page is an artifact, said once for whoever listens. */
static void
repeat_head(Flow *flow, void *argument)
{
	Columns    *columns = argument;
	Cell		head[32];
	MemoryContext rows = flow->rows;

	/* a row is under way in the other context */
	flow->rows = AllocSetContextCreate(CurrentMemoryContext, "ootspg table head", ALLOCSET_SMALL_SIZES);
	memcpy(head, columns->head, columns->table->column_count * sizeof(Cell));
	row_set(flow, -1, head, columns->table->column_count, &head_look, NULL, NULL);
	MemoryContextDelete(flow->rows);
	flow->rows = rows;
}

/* The texts of a cell: what was measured, else new ones for the time of the row. */
static CellText *
texts_of_cell(Flow *flow, const Columns *columns, int row, int column)
{
	int			place = row * columns->table->column_count + column;
	const Value *value = columns->table->cells[place];
	MemoryContext caller;
	CellText   *texts;

	if (row < columns->measured_rows)
		return columns->measured[place];
	if (value == NULL)
		return NULL;
	caller = MemoryContextSwitchTo(flow->rows);
	texts = cell_texts(&value->text, &cell_style, &second_cell_style, flow->input->layout->languages[1]);
	MemoryContextSwitchTo(caller);
	return texts;
}

void
table_set(Flow *flow, const Table *table, int parent)
{
	Columns    *columns = make_columns(flow, table);
	int			count = table->column_count;
	int			element,
				head,
				body;
	double		height;

	height = row_height(flow, columns->head, count, &head_look);
	flow_need(flow, height + 24);
	element = element_add(flow->pages, parent, "Table", NULL, NULL);
	head = element_add(flow->pages, element, "THead", NULL, NULL);
	row_set(flow, head, columns->head, count, &head_look, NULL, NULL);
	body = element_add(flow->pages, element, "TBody", NULL, NULL);
	for (int row = 0; row < table->row_count; row++)
	{
		Cell		cells[32];

		for (int i = 0; i < count; i++)
			cells[i] = (Cell) {texts_of_cell(flow, columns, row, i), columns->figures[i], columns->widths[i], columns->xs[i], "TD", NULL};
		/* a head that would fill the page is not repeated */
		row_set(flow, body, cells, count, &table_look, height < 200 ? repeat_head : NULL, columns);
	}
	MemoryContextDelete(columns->context);
	flow->y -= 8;
}
