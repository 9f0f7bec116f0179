/*
 * drawing.c
 *		SVG of paths and shapes as the operators of a PDF form (picture.h): what a mark or coat of arms is made of.
 *		Everything else that SVG has (texts, pictures, gradients, styles by class) is refused in words and by name,
 *		for a letterhead that lacks half of its mark helps nobody. Paths are in path.c.
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "compat.h"
#include "document/drawing.h"
#include "document/picture.h"
#include "xml/read.h"

#define NS_SVG "http://www.w3.org/2000/svg"

/* How a shape is painted; inherited. */
typedef struct Paint
{
	bool		fills,
				strokes;
	double		fill[3],
				stroke[3];
	double		stroke_width;
	bool		even_odd;
	int			cap,
				join;
} Paint;

static void draw_children(Drawing *drawing, const XmlNode *node, const Paint *paint);

void
drawing_refuse(Drawing *drawing, const char *fault)
{
	if (drawing->fault == NULL)
		drawing->fault = fault;
}

/* SVG's numbers: no words, no hexadecimals. */
bool
drawing_number(const char **at, double *value)
{
	char	   *end;
	const char *digit = *at + strspn(*at, "+-");

	if (digit - *at > 1 || (*digit == '.' ? digit[1] < '0' || digit[1] > '9' : *digit < '0' || *digit > '9') ||
		(*digit == '0' && (digit[1] == 'x' || digit[1] == 'X')))
		return false;
	*value = strtod(*at, &end);
	*at = end;
	return fabs(*value) <= DRAWING_LIMIT;
}

void
drawing_skip(const char **at)
{
	*at += strspn(*at, " \t\r\n,");
}

void
drawing_put(Drawing *drawing, int count, const double *values, const char *operator)
{
	for (int i = 0; i < count; i++)
		appendStringInfo(&drawing->out, "%.4f ", values[i]);
	appendStringInfo(&drawing->out, "%s\n", operator);
	if (++drawing->drawn > PICTURE_MAX_DRAWN)
		drawing_refuse(drawing, "the SVG draws more than a letterhead needs");
}

/* A length in user units: of no unit, or px. */
static double
length_of(Drawing *drawing, const XmlNode *node, const char *name, double otherwise)
{
	const char *text = xml_attribute_trimmed(node, NULL, name);
	double		value = otherwise;

	if (text == NULL)
		return otherwise;
	if (!drawing_number(&text, &value) || (*text != '\0' && strcmp(text, "px") != 0))
		drawing_refuse(drawing, "the SVG has a length that is not in its own units");
	return value;
}

static bool
hex_colour(const char *text, double *colour)
{
	size_t		length = strlen(text);
	unsigned	value;

	if (strspn(text, "0123456789abcdefABCDEF") != length || (length != 3 && length != 6))
		return false;
	value = (unsigned) strtoul(text, NULL, 16);
	for (int i = 0; i < 3; i++)
		colour[i] = length == 6 ? (value >> (16 - 8 * i) & 255) / 255.0 : (value >> (8 - 4 * i) & 15) / 15.0;
	return true;
}

static bool
named_colour(const char *text, double *colour)
{
	static const struct
	{
		const char *name;
		const char *hex;
	}			names[] = {
		{"black", "000000"}, {"white", "ffffff"}, {"red", "ff0000"}, {"green", "008000"}, {"blue", "0000ff"}, {"yellow", "ffff00"}, {"gold", "ffd700"},
		{"silver", "c0c0c0"}, {"gray", "808080"}, {"grey", "808080"}, {"navy", "000080"}, {"maroon", "800000"}, {"currentColor", "000000"}
	};

	for (int i = 0; i < lengthof(names); i++)
		if (pg_strcasecmp(names[i].name, text) == 0)
			return hex_colour(names[i].hex, colour);
	return false;
}

static void
set_paint(Drawing *drawing, const char *text, bool *paints, double *colour)
{
	*paints = strcmp(text, "none") != 0;
	if (*paints && !(*text == '#' ? hex_colour(text + 1, colour) : named_colour(text, colour)))
		drawing_refuse(drawing, "the SVG has a colour that is neither #rrggbb nor a common name, or a gradient");
}

static int
choice(Drawing *drawing, const char *text, const char *second, const char *third)
{
	if (strcmp(text, second) == 0)
		return 1;
	if (strcmp(text, third) == 0)
		return 2;
	if (strcmp(text, "butt") != 0 && strcmp(text, "miter") != 0)
		drawing_refuse(drawing, "the SVG has ends or corners of lines of another kind");
	return 0;
}

/* Something else than painting a shape as it stands there. */
static bool
is_trick(const char *name, const char *value)
{
	static const char *const none_only[] = {"clip-path", "mask", "filter", "stroke-dasharray", "marker", "marker-start", "marker-mid", "marker-end"};

	for (int i = 0; i < lengthof(none_only); i++)
		if (strcmp(name, none_only[i]) == 0)
			return strcmp(value, "none") != 0;
	return strcmp(name, "class") == 0 || (strcmp(name, "display") == 0 && strcmp(value, "none") == 0) ||
		(strcmp(name, "visibility") == 0 && strcmp(value, "visible") != 0);
}

/* A property as an attribute, or in a style; what changes nothing of a drawing is passed over. */
static void
set_property(Drawing *drawing, Paint *paint, const char *name, const char *value)
{
	double		number = 1;
	const char *at = value;

	if (strcmp(name, "fill") == 0)
		set_paint(drawing, value, &paint->fills, paint->fill);
	else if (strcmp(name, "stroke") == 0)
		set_paint(drawing, value, &paint->strokes, paint->stroke);
	else if (strcmp(name, "fill-rule") == 0)
		paint->even_odd = strcmp(value, "evenodd") == 0;
	else if (strcmp(name, "stroke-linecap") == 0)
		paint->cap = choice(drawing, value, "round", "square");
	else if (strcmp(name, "stroke-linejoin") == 0)
		paint->join = choice(drawing, value, "round", "bevel");
	else if (strcmp(name, "stroke-width") == 0)
	{
		if (!drawing_number(&at, &paint->stroke_width) || paint->stroke_width < 0)
			drawing_refuse(drawing, "the SVG has a line of no width that could be read");
	}
	else if (strcmp(name, "opacity") == 0 || strcmp(name, "fill-opacity") == 0 || strcmp(name, "stroke-opacity") == 0)
	{
		if (!drawing_number(&at, &number) || number < 1)
			drawing_refuse(drawing, "the SVG has something transparent");
	}
	else if (is_trick(name, value))
		drawing_refuse(drawing, "the SVG hides, clips, dashes or styles something by class: convert it to plain paths");
}

typedef struct Inherited
{
	Drawing    *drawing;
	Paint	   *paint;
} Inherited;

static void
take_attribute(const char *ns, const char *local, const char *value, void *argument)
{
	Inherited  *inherited = argument;

	if (*ns == '\0')
		set_property(inherited->drawing, inherited->paint, local, value);
}

/* fill: red; stroke: none */
static void
take_style(Drawing *drawing, Paint *paint, char *style)
{
	char	   *state;

	for (char *declaration = strtok_r(style, ";", &state); declaration != NULL; declaration = strtok_r(NULL, ";", &state))
	{
		char	   *colon = strchr(declaration, ':');
		char	   *end;

		if (colon == NULL)
			continue;
		*colon++ = '\0';
		declaration += strspn(declaration, " \t\r\n");
		declaration[strcspn(declaration, " \t\r\n")] = '\0';
		colon += strspn(colon, " \t\r\n");
		for (end = colon + strlen(colon); end > colon && strchr(" \t\r\n", end[-1]) != NULL;)
			*--end = '\0';
		set_property(drawing, paint, declaration, colon);
	}
}

/* One of translate(…), scale(…) …, as an operator; false when it can't be read. */
static bool
put_one_transform(Drawing *drawing, const char **at)
{
	static const struct
	{
		const char *name;
		int			least,
					most;
	}			kinds[] = {{"matrix", 6, 6}, {"translate", 1, 2}, {"scale", 1, 2}, {"rotate", 1, 3}};
	double		v[6] = {0};
	int			count = 0;
	int			kind = 0;
	size_t		length = strcspn(*at, " (");
	double		c,
				s;

	while (kind < lengthof(kinds) && (strlen(kinds[kind].name) != length || strncmp(*at, kinds[kind].name, length) != 0))
		kind++;
	*at += length + strspn(*at + length, " ");
	if (kind == lengthof(kinds) || **at != '(')
		return false;
	(*at)++;
	for (drawing_skip(at); count < 6 && drawing_number(at, &v[count]); drawing_skip(at))
		count++;
	if (count < kinds[kind].least || count > kinds[kind].most || **at != ')')
		return false;
	(*at)++;
	switch (kind)
	{
		case 0:
			drawing_put(drawing, 6, v, "cm");
			return true;
		case 1:
			drawing_put(drawing, 6, (double[]) {1, 0, 0, 1, v[0], v[1]}, "cm");
			return true;
		case 2:
			drawing_put(drawing, 6, (double[]) {v[0], 0, 0, count > 1 ? v[1] : v[0], 0, 0}, "cm");
			return true;
		default:
			c = cos(v[0] * M_PI / 180);
			s = sin(v[0] * M_PI / 180);
			drawing_put(drawing, 6, (double[]) {c, s, -s, c, v[1] - c * v[1] + s * v[2], v[2] - s * v[1] - c * v[2]}, "cm");
			return true;
	}
}

static void
put_transform(Drawing *drawing, const char *text)
{
	for (drawing_skip(&text); *text != '\0'; drawing_skip(&text))
	{
		if (!put_one_transform(drawing, &text))
		{
			drawing_refuse(drawing, "the SVG has a transformation that is not understood");
			return;
		}
	}
}

static void
put_ellipse(Drawing *drawing, double x, double y, double rx, double ry)
{
	const double k = 0.5522847498;

	drawing_put(drawing, 2, (double[]) {x + rx, y}, "m");
	drawing_put(drawing, 6, (double[]) {x + rx, y + k * ry, x + k * rx, y + ry, x, y + ry}, "c");
	drawing_put(drawing, 6, (double[]) {x - k * rx, y + ry, x - rx, y + k * ry, x - rx, y}, "c");
	drawing_put(drawing, 6, (double[]) {x - rx, y - k * ry, x - k * rx, y - ry, x, y - ry}, "c");
	drawing_put(drawing, 6, (double[]) {x + k * rx, y - ry, x + rx, y - k * ry, x + rx, y}, "c");
	drawing_put(drawing, 0, NULL, "h");
}

static void
put_polygon(Drawing *drawing, const char *points, bool closed)
{
	int			count = 0;

	for (drawing_skip(&points); *points != '\0'; drawing_skip(&points))
	{
		double		at[2];

		if (!drawing_number(&points, &at[0]) || (drawing_skip(&points), !drawing_number(&points, &at[1])))
		{
			drawing_refuse(drawing, "the SVG has points that can't be read");
			return;
		}
		drawing_put(drawing, 2, at, count++ == 0 ? "m" : "l");
	}
	if (count == 0)
		drawing_put(drawing, 2, (double[]) {0, 0}, "m");
	if (closed)
		drawing_put(drawing, 0, NULL, "h");
}

/* The shape as a path; false for what is no shape. */
static bool
put_shape(Drawing *drawing, const XmlNode *node, const char *name)
{
	if (strcmp(name, "path") == 0)
		path_put(drawing, xml_attribute_trimmed(node, NULL, "d"));
	else if (strcmp(name, "rect") == 0)
	{
		if (xml_attribute(node, NULL, "rx") != NULL || xml_attribute(node, NULL, "ry") != NULL)
			drawing_refuse(drawing, "the SVG has a rectangle with round corners: convert it to a path");
		drawing_put(drawing, 4, (double[]) {length_of(drawing, node, "x", 0), length_of(drawing, node, "y", 0),
					length_of(drawing, node, "width", 0), length_of(drawing, node, "height", 0)}, "re");
	}
	else if (strcmp(name, "circle") == 0)
	{
		double		r = length_of(drawing, node, "r", 0);

		put_ellipse(drawing, length_of(drawing, node, "cx", 0), length_of(drawing, node, "cy", 0), r, r);
	}
	else if (strcmp(name, "ellipse") == 0)
		put_ellipse(drawing, length_of(drawing, node, "cx", 0), length_of(drawing, node, "cy", 0), length_of(drawing, node, "rx", 0), length_of(drawing, node, "ry", 0));
	else if (strcmp(name, "line") == 0)
	{
		drawing_put(drawing, 2, (double[]) {length_of(drawing, node, "x1", 0), length_of(drawing, node, "y1", 0)}, "m");
		drawing_put(drawing, 2, (double[]) {length_of(drawing, node, "x2", 0), length_of(drawing, node, "y2", 0)}, "l");
	}
	else if (strcmp(name, "polygon") == 0 || strcmp(name, "polyline") == 0)
	{
		const char *points = xml_attribute_trimmed(node, NULL, "points");

		put_polygon(drawing, points != NULL ? points : "", strcmp(name, "polygon") == 0);
	}
	else
		return false;
	return true;
}

static void
put_painted(Drawing *drawing, const Paint *paint)
{
	static const char *const operators[2][2][2] = {{{"n", "n"}, {"S", "S"}}, {{"f", "f*"}, {"B", "B*"}}};

	drawing_put(drawing, 0, NULL, operators[paint->fills][paint->strokes][paint->even_odd]);
}

static void
draw(Drawing *drawing, const XmlNode *node, const Paint *inherited)
{
	Paint		paint = *inherited;
	const char *name = xml_local(node);
	const char *transform = xml_attribute_trimmed(node, NULL, "transform");
	char	   *style = xml_attribute(node, NULL, "style");
	bool		group = strcmp(name, "g") == 0;

	if (!xml_is(node, NS_SVG, name) || strcmp(name, "title") == 0 || strcmp(name, "desc") == 0 || strcmp(name, "metadata") == 0)
		return;
	/* what nothing refers to is not drawn, and references are refused */
	if (strcmp(name, "defs") == 0 && xml_first(node) == NULL)
		return;
	xml_each_attribute(node, take_attribute, &(Inherited) {drawing, &paint});
	if (style != NULL)
		take_style(drawing, &paint, style);
	appendStringInfoString(&drawing->out, "q\n");
	if (transform != NULL)
		put_transform(drawing, transform);
	if (group)
		draw_children(drawing, node, &paint);
	else
	{
		if (paint.fills)
			drawing_put(drawing, 3, paint.fill, "rg");
		if (paint.strokes)
		{
			drawing_put(drawing, 3, paint.stroke, "RG");
			drawing_put(drawing, 1, &paint.stroke_width, "w");
			appendStringInfo(&drawing->out, "%d J %d j\n", paint.cap, paint.join);
		}
		if (put_shape(drawing, node, name))
			put_painted(drawing, &paint);
		else
			drawing_refuse(drawing, psprintf("the SVG has an element \"%.40s\": letterheads take paths and plain shapes only", name));
	}
	appendStringInfoString(&drawing->out, "Q\n");
}

/* As deep as the reader of XML lets it be; PDF/A, too, has a limit to saved states (ISO 19005-3, 6.1.13). */
static void
draw_children(Drawing *drawing, const XmlNode *node, const Paint *paint)
{
	check_stack_depth();
	if (++drawing->depth > DRAWING_DEPTH)
		drawing_refuse(drawing, "the SVG has groups too deep within each other");
	for (const XmlNode *child = xml_first(node); child != NULL && drawing->fault == NULL; child = xml_next(child))
		draw(drawing, child, paint);
	drawing->depth--;
}

/* viewBox, else width and height */
static void
read_box(Drawing *drawing, const XmlNode *root, double *box)
{
	const char *view = xml_attribute_trimmed(root, NULL, "viewBox");

	if (view != NULL)
	{
		for (int i = 0; i < 4; i++)
		{
			drawing_skip(&view);
			if (!drawing_number(&view, &box[i]))
				drawing_refuse(drawing, "the SVG has a viewBox that can't be read");
		}
	}
	else
	{
		box[2] = length_of(drawing, root, "width", 0);
		box[3] = length_of(drawing, root, "height", 0);
	}
	if (box[2] < 0.01 || box[3] < 0.01)
		drawing_refuse(drawing, "the SVG says no size: it needs a viewBox");
}

const char *
drawing_read(const char *bytes, size_t length, Picture *picture)
{
	Paint		paint = {.fills = true, .stroke_width = 1};
	double		box[4] = {0};
	Drawing		drawing = {0};
	XmlFault	fault;
	XmlDocument *document = xml_read(bytes, length, &fault);

	if (document == NULL)
		return "the SVG is no XML";
	initStringInfo(&drawing.out);
	read_box(&drawing, xml_root(document), box);
	/* SVG counts downwards, PDF upwards */
	drawing_put(&drawing, 6, (double[]) {1, 0, 0, -1, -box[0], box[1] + box[3]}, "cm");
	xml_each_attribute(xml_root(document), take_attribute, &(Inherited) {&drawing, &paint});
	draw_children(&drawing, xml_root(document), &paint);
	xml_release(document);
	*picture = (Picture) {PICTURE_DRAWING, box[2], box[3], 3, drawing.out.data, drawing.out.len};
	return drawing.fault;
}
