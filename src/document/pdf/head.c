/*
 * head.c
 *		The letterhead (flow.h): a picture becomes an object that the first page draws, the rest is margins, a colour and a text.
 */
#include "postgres.h"

#include "compat.h"
#include "document/pdf/flow.h"

void
letterhead_begin(Flow *flow)
{
	const PdfLetterhead *letterhead = flow->input->letterhead;

	flow->left = letterhead != NULL && letterhead->margin > 0 ? letterhead->margin : MARGIN;
	flow->body = PAGE_WIDTH - 2 * flow->left;
	flow->accent = accent_colour;
	if (letterhead != NULL && letterhead->colour != NULL)
		flow->accent = flow->pages->accent = letterhead->colour;
}

/*
 * ISO 32000-1, 8.9.5 and 8.10: samples and JPEG as image, operators as form. Colours are the output intent's (ISO 19005-3, 6.2.4);
 * nothing is interpolated, has alternatives (6.2.8) or can be seen through, for what was transparent is mixed with white already (6.2.10).
 */
static int
write_picture(PdfFile *file, const Picture *picture)
{
	int			number = file_number(file);
	StringInfoData entries;

	initStringInfo(&entries);
	if (picture->kind == PICTURE_DRAWING)
	{
		appendStringInfo(&entries, "/Type/XObject/Subtype/Form/BBox[0 0 %.4f %.4f]/Resources<<>>", picture->width, picture->height);
		file_stream(file, number, entries.data, picture->bytes, picture->length, true);
		return number;
	}
	appendStringInfo(&entries, "/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/%s/Filter/%s",
					 (int) picture->width, (int) picture->height, picture->components == 1 ? "DeviceGray" : "DeviceRGB",
					 picture->kind == PICTURE_JPEG ? "DCTDecode" : "FlateDecode");
	file_stream(file, number, entries.data, picture->bytes, picture->length, false);
	return number;
}

/* ISO 14289-1, 7.3: with what it shows it is a figure, without an artifact. */
static int
picture_element(Flow *flow, double x, double y, double width, double height)
{
	const Said *alt = &flow->input->letterhead->alt;
	int			element;

	if (alt->text == NULL)
		return -1;
	element = element_add(flow->pages, 0, "Figure", alt->language,
						  psprintf("<</O/Layout/Placement/Block/BBox[%.2f %.2f %.2f %.2f]>>", x, y, x + width, y + height));
	element_alt(flow->pages, element, alt->text);
	return element;
}

void
letterhead_set(Flow *flow)
{
	const PdfLetterhead *letterhead = flow->input->letterhead;
	const Picture *picture = letterhead != NULL ? letterhead->picture : NULL;
	double		height,
				width;
	bool		drawing;

	if (picture == NULL || picture->kind == PICTURE_NONE)
		return;
	height = letterhead->height;
	width = height * picture->width / picture->height;
	if (width > flow->body)
	{
		height *= flow->body / width;
		width = flow->body;
	}
	drawing = picture->kind == PICTURE_DRAWING;
	flow->pages->picture = write_picture(flow->pages->file, picture);
	draw_picture(flow->pages, picture_element(flow, flow->left, flow->y - height, width, height),
				 (double[]) {drawing ? width / picture->width : width, 0, 0, drawing ? height / picture->height : height, flow->left, flow->y - height});
	flow->y -= height + 14;
}

ShapedText *
letterhead_footer(Flow *flow)
{
	const PdfLetterhead *letterhead = flow->input->letterhead;
	ShapedText *text;

	if (letterhead == NULL || letterhead->footer.text == NULL)
		return NULL;
	text = text_shape(flow->shaper, letterhead->footer, &foot_style);
	text_wrap(text, flow->body);
	return text;
}
