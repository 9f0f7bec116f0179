/*
 * flow.c
 *		The whole layout, from its title to the feet of its pages (flow.h).
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "compat.h"
#include "document/pdf/flow.h"

static double
heading_height(const ShapedText *first, const ShapedText *second)
{
	return text_height(first) + (second != NULL ? text_height(second) : 0);
}

static void
set_text(Flow *flow, const ShapedText *text, int element)
{
	if (text->language != NULL)
		element = element_add(flow->pages, element, "Span", text->language, NULL);
	mark_begin(flow->pages, element);
	for (int line = 0; line < text->line_count; line++)
	{
		/* a title longer than a page goes on on the next */
		if (flow->y - text->style->leading < BOTTOM)
		{
			mark_end(flow->pages);
			flow_need(flow, TOP);
			mark_begin(flow->pages, element);
		}
		mark_line(flow->pages, text, line, flow->left, flow->y - text->style->leading * 0.5 - text->style->size * 0.34);
		flow->y -= text->style->leading;
	}
	mark_end(flow->pages);
}

static void
note_heading(Flow *flow, const char *title, int level)
{
	if (flow->heading_count == flow->max_headings)
		flow->headings = repalloc(flow->headings, (flow->max_headings *= 2) * sizeof(Heading));
	flow->headings[flow->heading_count++] = (Heading) {title, level, flow->pages->count - 1, flow->y + 4, 0};
}

static ShapedText *
shape_wrapped(Flow *flow, Said said, const Style *style)
{
	ShapedText *text = text_shape(flow->shaper, said, style);

	text_wrap(text, flow->body);
	return text;
}

/*
 * A heading, with room for something below it. ISO 14289-1, 7.4.2: levels follow each other without gaps, as groups are within each
 * other; below the sixth there is none.
 */
static void
set_heading(Flow *flow, const Text *title, int level, int parent, const Style *style, const Style *second_style, double room)
{
	static const char *const tags[] = {"H1", "H2", "H3", "H4", "H5", "H6"};
	Said		other = title->in[1];
	ShapedText *first = shape_wrapped(flow, title->in[0], style);
	ShapedText *second = NULL;
	int			element;

	if (other.text != NULL)
	{
		if (other.language == NULL)
			other.language = flow->input->layout->languages[1];
		second = shape_wrapped(flow, other, second_style);
	}
	flow_need(flow, Min(heading_height(first, second) + room, TOP - BOTTOM));
	note_heading(flow, title->in[0].text, level);
	element = element_add(flow->pages, parent, tags[Min(level, 5)], NULL, NULL);
	set_text(flow, first, element);
	if (second != NULL)
		set_text(flow, second, element);
}

static void
set_group_heading(Flow *flow, const Text *title, int level, int parent)
{
	if (flow->y < TOP)
		flow->y -= level == 1 ? 14 : 8;
	set_heading(flow, title, level, parent, &group_style[Min(level, 5) - 1], &second_group_style, 60);
	flow->y -= 2;
	if (level == 1)
		draw_box(flow->pages, flow->left, flow->y, flow->body, 0.8, flow->accent);
	flow->y -= 2;
}

static void
set_group(Flow *flow, const Section *group, int parent)
{
	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	if (group->level > 0)
	{
		parent = element_add(flow->pages, parent, "Sect", NULL, NULL);
		set_group_heading(flow, &group->title, group->level, parent);
	}
	fields_set(flow, group->fields, parent);
	if (group->table != NULL)
		table_set(flow, group->table, parent);
	for (const Section *inner = group->groups; inner != NULL; inner = inner->next)
		set_group(flow, inner, parent);
}

/* A paragraph above the title: who issued it, and where. */
static void
set_line(Flow *flow, const Text *text, const Style *style)
{
	Said		other = text->in[1];
	int			element;

	if (text->in[0].text == NULL || *text->in[0].text == '\0')
		return;
	element = element_add(flow->pages, 0, "P", NULL, NULL);
	set_text(flow, shape_wrapped(flow, text->in[0], style), element);
	if (other.text == NULL)
		return;
	if (other.language == NULL)
		other.language = flow->input->layout->languages[1];
	set_text(flow, shape_wrapped(flow, other, style), element);
}

static void
set_title(Flow *flow)
{
	const Layout *layout = flow->input->layout;

	set_line(flow, &layout->issuer, &issuer_style);
	set_line(flow, &layout->place, &place_style);
	if (layout->issuer.in[0].text != NULL || layout->place.in[0].text != NULL)
		flow->y -= 6;
	set_heading(flow, &layout->root->title, 0, 0, &title_style, &second_title_style, 0);
	flow->y -= 6;
	draw_box(flow->pages, flow->left, flow->y, 56, 2.5, flow->accent);
	flow->y -= 12;
}

/* Known when the pages are: they are counted in it. */
static void
set_feet(Flow *flow)
{
	Pages	   *pages = flow->pages;
	int			count = pages->count;
	ShapedText *title = text_shape(flow->shaper, flow->input->layout->root->title.in[0], &foot_style);
	double		y = BOTTOM - 30;
	ShapedText *footer = letterhead_footer(flow);

	text_wrap(title, flow->body * 0.72);
	for (int i = 0; i < count; i++)
	{
		MemoryContext caller = MemoryContextSwitchTo(flow->rows);
		Said		number = {psprintf(flow->input->page_word, i + 1, count), NULL};
		ShapedText *text = text_shape(flow->shaper, number, &foot_style);

		text_wrap(text, flow->body * 0.28);
		MemoryContextSwitchTo(caller);
		/* what is drawn goes on the last page there is */
		pages->count = i + 1;
		draw_box(pages, flow->left, BOTTOM - 16, flow->body, 0.5, rule_colour);
		mark_begin(pages, -1);
		if (title->line_count > 0)
			mark_line(pages, title, 0, flow->left, y);
		if (text->line_count > 0)
			mark_line(pages, text, 0, (flow->left + flow->body) - text->lines[0].width, y);
		for (int line = 0; footer != NULL && line < Min(footer->line_count, 2); line++)
			mark_line(pages, footer, line, flow->left, y - 13 - line * foot_style.leading);
		mark_end(pages);
		MemoryContextReset(flow->rows);
	}
	pages->count = count;
}

Flow *
flow_set(const PdfInput *input, PdfFile *file, FontSet *fonts)
{
	Flow	   *flow = palloc0(sizeof(Flow));

	flow->input = input;
	flow->shaper = shaper_begin(fonts, input->layout->languages[0]);
	flow->pages = pages_begin(file);
	flow->max_headings = 32;
	flow->headings = palloc(flow->max_headings * sizeof(Heading));
	flow->rows = AllocSetContextCreate(CurrentMemoryContext, "ootspg document row", ALLOCSET_DEFAULT_SIZES);
	letterhead_begin(flow);
	flow_need(flow, 0);
	letterhead_set(flow);
	set_title(flow);
	facts_set(flow, input->layout->facts, 0);
	set_group(flow, input->layout->root, 0);
	set_feet(flow);
	return flow;
}
