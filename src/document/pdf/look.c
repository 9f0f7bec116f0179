/*
 * look.c
 *		How documents look: one family of letters, one colour besides black and greys, thin rules.
 */
#include "postgres.h"

#include "compat.h"
#include "document/pdf/flow.h"

#define INK		{0.10, 0.11, 0.13}
#define GREY	{0.33, 0.37, 0.43}
#define NAVY	{0.07, 0.18, 0.35}

const double accent_colour[3] = {0.10, 0.32, 0.60};
const double rule_colour[3] = {0.85, 0.88, 0.91};
const double panel_colour[3] = {0.955, 0.965, 0.98};
const double head_colour[3] = {0.925, 0.945, 0.97};

const Style title_style = {19, 24, true, NAVY, true};
const Style second_title_style = {12, 16, false, GREY};
const Style issuer_style = {9.5, 13, false, GREY};
const Style place_style = {8, 11, false, GREY};
const Style group_style[5] = {
	{12, 16, true, NAVY, true}, {10.5, 14, true, NAVY, true}, {9.5, 13, true, NAVY, true}, {9.5, 13, true, GREY}, {9, 12.5, true, GREY}
};
const Style second_group_style = {9, 12.5, false, GREY};
const Style label_style = {8.5, 12.5, false, GREY};
const Style second_label_style = {7.5, 10.5, false, GREY};
const Style value_style = {9.5, 13, false, INK};
const Style second_value_style = {8, 11, false, GREY};
const Style head_style = {8, 10.5, true, NAVY, true};
const Style second_head_style = {7, 9.5, false, GREY};
const Style cell_style = {8.5, 11.5, false, INK};
const Style second_cell_style = {7.5, 10, false, GREY};
const Style fact_label_style = {7.5, 10, false, GREY};
const Style fact_style = {9, 12, false, INK};
const Style foot_style = {7.5, 10, false, GREY};

CellText *
cell_texts(const Text *text, const Style *style, const Style *second, const char *second_language)
{
	CellText   *first = palloc0(sizeof(CellText));

	first->said = text->in[0];
	/* an empty field is there: a dash says so */
	if (*first->said.text == '\0')
		first->said.text = "\xe2\x80\x93";
	first->style = style;
	if (text->in[1].text != NULL && *text->in[1].text != '\0')
	{
		first->next = palloc0(sizeof(CellText));
		first->next->said = text->in[1];
		if (first->next->said.language == NULL)
			first->next->said.language = second_language;
		first->next->style = second;
	}
	return first;
}
