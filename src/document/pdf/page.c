/*
 * page.c
 *		Pages and structure elements (page.h).
 */
#include "postgres.h"

#include "compat.h"
#include "document/pdf/page.h"
#include "errors.h"

/* What an element holds, in reading order: an element, or marked content of a page. */
typedef struct Kid
{
	int			element;		/* -1: marked content */
	int			page;
	int			mark;
	int			next;			/* kid, -1 at the end */
} Kid;

typedef struct Element
{
	const char *tag;
	const char *language;
	const char *attributes;
	const char *alt;
	int			parent;
	int			number;			/* of its object */
	int			first,
				last;			/* kids */
} Element;

struct Elements
{
	Element    *elements;		/* 0: the document */
	int			count,
				max;
	Kid		   *kids;
	int			kid_count,
				max_kids;
	int			tree;			/* object of the structure tree */
};

Pages *
pages_begin(PdfFile *file)
{
	Pages	   *pages = palloc0(sizeof(Pages));
	Elements   *elements = palloc0(sizeof(Elements));

	pages->file = file;
	pages->elements = elements;
	pages->max = 8;
	pages->pages = palloc(pages->max * sizeof(Page));
	elements->max = elements->max_kids = 256;
	elements->elements = palloc(elements->max * sizeof(Element));
	elements->kids = palloc(elements->max_kids * sizeof(Kid));
	elements->tree = file_number(file);
	elements->elements[elements->count++] = (Element) {.tag = "Document",.parent = -1,.number = file_number(file),.first = -1,.last = -1};
	return pages;
}

Page *
pages_add(Pages *pages)
{
	Page	   *page;

	if (pages->count == pages->max)
		pages->pages = repalloc(pages->pages, (pages->max *= 2) * sizeof(Page));
	page = &pages->pages[pages->count++];
	memset(page, 0, sizeof(Page));
	page->number = file_number(pages->file);
	page->colour[0] = -1;
	page->state.font = -1;
	page->max_owners = 64;
	page->owners = palloc(page->max_owners * sizeof(int));
	initStringInfo(&page->content);
	return page;
}

static Page *
current(Pages *pages)
{
	return &pages->pages[pages->count - 1];
}

static void
add_kid(Elements *elements, int parent, Kid kid)
{
	Element    *element = &elements->elements[parent];

	if (elements->kid_count == elements->max_kids)
		elements->kids = repalloc_huge(elements->kids, (Size) (elements->max_kids *= 2) * sizeof(Kid));
	kid.next = -1;
	elements->kids[elements->kid_count] = kid;
	if (element->last >= 0)
		elements->kids[element->last].next = elements->kid_count;
	else
		element->first = elements->kid_count;
	element->last = elements->kid_count++;
}

int
element_add(Pages *pages, int parent, const char *tag, const char *language, const char *attributes)
{
	Elements   *elements = pages->elements;

	if (elements->count == elements->max)
		elements->elements = repalloc_huge(elements->elements, (Size) (elements->max *= 2) * sizeof(Element));
	elements->elements[elements->count] = (Element) {tag, language, attributes, NULL, parent, file_number(pages->file), -1, -1};
	add_kid(elements, parent, (Kid) {.element = elements->count});
	return elements->count++;
}

void
element_alt(Pages *pages, int element, const char *alt)
{
	pages->elements->elements[element].alt = alt;
}

/* Content of an element, or of an artifact, begins. */
static void
open_content(Pages *pages, int element)
{
	Page	   *page = current(pages);

	if (element < 0)
	{
		/* ISO 14289-1, 7.1 and 7.8: running heads and feet are artifacts of the pagination */
		appendStringInfoString(&page->content, "/Artifact<</Type/Pagination>>BDC\n");
		return;
	}
	appendStringInfoCharMacro(&page->content, '/');
	appendStringInfoString(&page->content, pages->elements->elements[element].tag);
	appendStringInfoString(&page->content, "<</MCID ");
	put_integer(&page->content, page->owner_count);
	appendStringInfoString(&page->content, ">>BDC\n");
	add_kid(pages->elements, element, (Kid) {.element = -1,.page = pages->count - 1,.mark = page->owner_count});
	if (page->owner_count == page->max_owners)
		page->owners = repalloc(page->owners, (page->max_owners *= 2) * sizeof(int));
	page->owners[page->owner_count++] = element;
}

void
mark_begin(Pages *pages, int element)
{
	open_content(pages, element);
	appendStringInfoString(&current(pages)->content, "BT\n");
}

void
draw_picture(Pages *pages, int element, const double *matrix)
{
	StringInfo	out = &current(pages)->content;

	open_content(pages, element);
	appendStringInfoString(out, "q\n");
	for (int i = 0; i < 6; i++)
		appendStringInfo(out, "%.4f ", matrix[i]);
	appendStringInfoString(out, "cm\n/L Do\nQ\nEMC\n");
}

void
mark_end(Pages *pages)
{
	appendStringInfoString(&current(pages)->content, "ET\nEMC\n");
}

/* Black and greys need no profile, colours are the output intent's. */
static void
set_colour(Page *page, const double *colour)
{
	if (memcmp(page->colour, colour, sizeof(page->colour)) == 0)
		return;
	memcpy(page->colour, colour, sizeof(page->colour));
	put_numbers(&page->content, 3, colour, "rg");
}

void
mark_line(Pages *pages, const ShapedText *text, int line, double x, double y)
{
	Page	   *page = current(pages);

	set_colour(page, text->style->accented && pages->accent != NULL ? pages->accent : text->style->colour);
	text_show(text, line, x, y, &page->state, &page->content);
}

void
draw_box(Pages *pages, double x, double y, double width, double height, const double *colour)
{
	Page	   *page = current(pages);
	StringInfo	out = &page->content;

	appendStringInfoString(out, "/Artifact<</Type/Layout>>BDC\n");
	set_colour(page, colour);
	put_numbers(out, 4, (double[]) {x, y, width, height}, "re f");
	appendStringInfoString(out, "EMC\n");
}

static void
write_kid(const Pages *pages, const Kid *kid, int page, StringInfo out)
{
	if (kid->element >= 0)
		put_reference(out, "", pages->elements->elements[kid->element].number);
	else if (kid->page == page)
	{
		appendStringInfoCharMacro(out, ' ');
		put_integer(out, kid->mark);
	}
	else
		appendStringInfo(out, "<</Type/MCR/Pg %d 0 R/MCID %d>>", pages->pages[kid->page].number, kid->mark);
}

static void
write_element(const Pages *pages, const Element *element)
{
	const Elements *elements = pages->elements;
	StringInfo	out = file_open(pages->file, element->number);
	int			page = -1;

	for (int i = element->first; i >= 0 && page < 0; i = elements->kids[i].next)
		if (elements->kids[i].element < 0)
			page = elements->kids[i].page;
	/* their Type may be left out, and there are some thousands of them (ISO 32000-1, 14.7.2) */
	appendStringInfoString(out, "<</S/");
	appendStringInfoString(out, element->tag);
	put_reference(out, "/P", element->parent >= 0 ? elements->elements[element->parent].number : elements->tree);
	if (page >= 0)
		put_reference(out, "/Pg", pages->pages[page].number);
	/* ISO 14289-1, 7.2: a change of language is said */
	if (element->language != NULL)
		appendStringInfo(out, "/Lang(%s)", element->language);
	if (element->attributes != NULL)
	{
		appendStringInfoString(out, "/A");
		appendStringInfoString(out, element->attributes);
	}
	/* ISO 14289-1, 7.3: a picture says what it shows */
	if (element->alt != NULL)
	{
		appendStringInfoString(out, "/Alt");
		put_text(out, element->alt);
	}
	appendStringInfoString(out, "/K[");
	for (int i = element->first; i >= 0; i = elements->kids[i].next)
		write_kid(pages, &elements->kids[i], page, out);
	appendStringInfoString(out, "]>>");
	file_close(pages->file);
}

/* ISO 19005-3, 6.7.3.3 asks for no more than this, as all tags are standard ones (6.7.3.4). ISO 32000-1, 14.7.4.4: from the content of each page to its elements. */
static void
write_parents(const Pages *pages, int number)
{
	StringInfo	out = file_open(pages->file, number);

	appendStringInfoString(out, "<</Nums[");
	for (int i = 0; i < pages->count; i++)
	{
		appendStringInfo(out, "%d[", i);
		for (int mark = 0; mark < pages->pages[i].owner_count; mark++)
			put_reference(out, "", pages->elements->elements[pages->pages[i].owners[mark]].number);
		appendStringInfoChar(out, ']');
	}
	appendStringInfoString(out, "]>>");
	file_close(pages->file);
}

static void
write_page(const Pages *pages, int index, const FontSet *fonts, int tree)
{
	const Page *page = &pages->pages[index];
	int			content = file_number(pages->file);
	StringInfo	out = file_open(pages->file, page->number);

	/* ISO 14289-1, 7.18.3: the tab order follows the structure */
	appendStringInfo(out, "<</Type/Page/Parent %d 0 R/MediaBox[0 0 595.28 841.89]/Contents %d 0 R/StructParents %d/Tabs/S/Resources<</Font<<", tree, content, index);
	for (int i = 0; i < fonts->count; i++)
		if (fonts->fonts[i].count > 1)
			appendStringInfo(out, "/F%d %d 0 R", i, fonts->fonts[i].number);
	appendStringInfoString(out, ">>");
	if (index == 0 && pages->picture != 0)
		appendStringInfo(out, "/XObject<</L %d 0 R>>", pages->picture);
	appendStringInfoString(out, ">>>>");
	file_close(pages->file);
	file_stream(pages->file, content, "", page->content.data, page->content.len, true);
}

void
pages_write(Pages *pages, const FontSet *fonts, int *page_tree, int *structure)
{
	int			parents = file_number(pages->file);
	StringInfo	out;

	*page_tree = file_number(pages->file);
	*structure = pages->elements->tree;
	for (int i = 0; i < pages->count; i++)
		write_page(pages, i, fonts, *page_tree);
	out = file_open(pages->file, *page_tree);
	appendStringInfo(out, "<</Type/Pages/Count %d/Kids[", pages->count);
	for (int i = 0; i < pages->count; i++)
		appendStringInfo(out, "%d 0 R ", pages->pages[i].number);
	appendStringInfoString(out, "]>>");
	file_close(pages->file);
	for (int i = 0; i < pages->elements->count; i++)
		write_element(pages, &pages->elements->elements[i]);
	write_parents(pages, parents);
	out = file_open(pages->file, *structure);
	appendStringInfo(out, "<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>",
					 pages->elements->elements[0].number, parents, pages->count);
	file_close(pages->file);
}
