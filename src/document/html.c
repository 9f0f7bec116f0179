/*
 * html.c
 *		The layout as a fragment of HTML. It is written by the writer of canonical XML:
 *		every text goes through its escaping, every element that is opened is closed, and
 *		nothing else can be written. Only elements are used that HTML reads as XML does.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat.h"
#include "document/document.h"
#include "xml/canon.h"

#define SVG "http://www.w3.org/2000/svg"

typedef struct Writer
{
	CanonWriter *canon;
	const char *language;		/* of what is being written */
} Writer;

static void
begin(Writer *w, const char *element, const char *class)
{
	canon_open(w->canon, "", "", element);
	if (class != NULL)
		canon_attribute(w->canon, "class", class);
}

static void
end(Writer *w)
{
	canon_close(w->canon);
}

/* On the element just opened: in which language its text is, where that is another, and its direction. */
static void
say_language(Writer *w, Said said)
{
	if (said.language != NULL && strcmp(said.language, w->language) != 0)
		canon_attribute(w->canon, "lang", said.language);
	if (words_right_to_left(said.text))
		canon_attribute(w->canon, "dir", "rtl");
}

/* The text of an element just opened; in two languages, each has a span. */
static void
write_text(Writer *w, const Text *text, const char *second_language)
{
	const char *outside = w->language;

	if (text->in[1].text == NULL)
	{
		say_language(w, text->in[0]);
		canon_string(w->canon, text->in[0].text);
		return;
	}
	begin(w, "span", "doc-first");
	say_language(w, text->in[0]);
	canon_string(w->canon, text->in[0].text);
	end(w);
	canon_string(w->canon, " ");
	begin(w, "span", "doc-second");
	canon_attribute(w->canon, "lang", text->in[1].language != NULL ? text->in[1].language : second_language);
	w->language = second_language;
	if (words_right_to_left(text->in[1].text))
		canon_attribute(w->canon, "dir", "rtl");
	canon_string(w->canon, text->in[1].text);
	w->language = outside;
	end(w);
}

/* An empty field is there: a dash says so, where a field that is not there leaves its cell blank. */
static void
write_value(Writer *w, const Value *value, const char *second_language)
{
	if (*value->text.in[0].text == '\0' && value->text.in[1].text == NULL)
		canon_string(w->canon, "\xe2\x80\x93");
	else
		write_text(w, &value->text, second_language);
}

/*
 * The mark of the letterhead. HTML has an element for pictures that has no end tag, which XML asks for; within a drawing both
 * read the same. Its colours are the picture's alone: a page has its own, and room for people who need others.
 */
static void
write_mark(Writer *w, const Letterhead *letterhead)
{
	const char *width = psprintf("%.0f", letterhead->height * letterhead->picture.width / letterhead->picture.height);
	const char *height = psprintf("%.0f", letterhead->height);
	Said		alt = text_in(letterhead->alt, w->language);

	canon_open(w->canon, "", SVG, "svg");
	if (alt.text != NULL)
	{
		canon_attribute(w->canon, "aria-label", alt.text);
		canon_attribute(w->canon, "class", "doc-mark");
		canon_attribute(w->canon, "height", height);
		if (alt.language != NULL)
			canon_attribute(w->canon, "lang", alt.language);
		canon_attribute(w->canon, "role", "img");
	}
	else
	{
		canon_attribute(w->canon, "aria-hidden", "true");
		canon_attribute(w->canon, "class", "doc-mark");
		canon_attribute(w->canon, "height", height);
	}
	/* so that it shrinks with a narrow screen */
	canon_attribute(w->canon, "viewBox", psprintf("0 0 %s %s", width, height));
	canon_attribute(w->canon, "width", width);
	canon_open(w->canon, "", SVG, "image");
	canon_attribute(w->canon, "height", height);
	canon_attribute(w->canon, "href", letterhead->image);
	canon_attribute(w->canon, "width", width);
	end(w);
	end(w);
}

static void
write_line(Writer *w, const Layout *layout, const Text *text, const char *class)
{
	if (text->in[0].text == NULL || *text->in[0].text == '\0')
		return;
	begin(w, "p", class);
	write_text(w, text, layout->languages[1]);
	end(w);
}

static void
write_address(Writer *w, const Letterhead *letterhead)
{
	Said		footer = letterhead != NULL ? text_in(letterhead->footer, w->language) : (Said) {NULL, NULL};

	if (footer.text == NULL)
		return;
	begin(w, "p", "doc-address");
	say_language(w, footer);
	canon_string(w->canon, footer.text);
	end(w);
}

static void
write_fields(Writer *w, const Layout *layout, const Field *fields, const char *class)
{
	if (fields == NULL)
		return;
	begin(w, "dl", class);
	for (const Field *field = fields; field != NULL; field = field->next)
	{
		CHECK_FOR_INTERRUPTS();
		begin(w, "div", NULL);
		begin(w, "dt", NULL);
		write_text(w, &field->label, layout->languages[1]);
		end(w);
		for (const Value *value = field->values; value != NULL; value = value->next)
		{
			begin(w, "dd", NULL);
			write_value(w, value, layout->languages[1]);
			end(w);
		}
		end(w);
	}
	end(w);
}

static void
write_row(Writer *w, const Layout *layout, const Table *table, int row)
{
	CHECK_FOR_INTERRUPTS();
	begin(w, "tr", NULL);
	for (int column = 0; column < table->column_count; column++)
	{
		const Value *value = table->cells[row * table->column_count + column];

		begin(w, "td", value != NULL && value->figures ? "doc-figures" : NULL);
		if (value != NULL)
			write_value(w, value, layout->languages[1]);
		end(w);
	}
	end(w);
}

/* The box is what is moved sideways where a screen is narrower than the table; it can be reached by keyboard. */
static void
write_table(Writer *w, const Layout *layout, const Table *table, const Text *title)
{
	begin(w, "div", "doc-table");
	canon_attribute(w->canon, "role", "region");
	canon_attribute(w->canon, "tabindex", "0");
	canon_attribute(w->canon, "aria-label", title->in[0].text);
	begin(w, "table", NULL);
	begin(w, "thead", NULL);
	begin(w, "tr", NULL);
	for (int column = 0; column < table->column_count; column++)
	{
		begin(w, "th", NULL);
		canon_attribute(w->canon, "scope", "col");
		write_text(w, &table->heads[column], layout->languages[1]);
		end(w);
	}
	end(w);
	end(w);
	begin(w, "tbody", NULL);
	for (int row = 0; row < table->row_count; row++)
		write_row(w, layout, table, row);
	end(w);
	end(w);
	end(w);
}

static const char *
heading(int level)
{
	static const char *const headings[] = {"h2", "h3", "h4", "h5", "h6"};

	return headings[Min(level, (int) lengthof(headings) - 1)];
}

static void
write_group(Writer *w, const Layout *layout, const Section *group)
{
	check_stack_depth();
	if (group->level > 0)
	{
		begin(w, "section", "doc-group");
		begin(w, heading(group->level), NULL);
		write_text(w, &group->title, layout->languages[1]);
		end(w);
	}
	write_fields(w, layout, group->fields, "doc-fields");
	if (group->table != NULL)
		write_table(w, layout, group->table, &group->title);
	for (const Section *inner = group->groups; inner != NULL; inner = inner->next)
		write_group(w, layout, inner);
	if (group->level > 0)
		end(w);
}

void
html_write(const Layout *layout, const Letterhead *letterhead, StringInfo out)
{
	Writer		w = {canon_begin(out), layout->languages[0]};

	begin(&w, "article", "doc-evidence");
	canon_attribute(w.canon, "lang", layout->languages[0]);
	begin(&w, "header", "doc-head");
	if (letterhead != NULL && letterhead->image != NULL)
		write_mark(&w, letterhead);
	write_line(&w, layout, &layout->issuer, "doc-issuer");
	write_line(&w, layout, &layout->place, "doc-place");
	begin(&w, heading(0), NULL);
	write_text(&w, &layout->root->title, layout->languages[1]);
	end(&w);
	end(&w);
	write_group(&w, layout, layout->root);
	if (layout->facts != NULL || (letterhead != NULL && letterhead->footer != NIL))
	{
		begin(&w, "footer", "doc-foot");
		write_fields(&w, layout, layout->facts, "doc-facts");
		write_address(&w, letterhead);
		end(&w);
	}
	end(&w);
	canon_end(w.canon);
}
