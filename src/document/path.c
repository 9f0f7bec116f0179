/*
 * path.c
 *		The data of an SVG path (SVG 1.1, chapter 8.3): lines, curves of both degrees, arcs, as PDF's lines and cubic curves.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "compat.h"
#include "document/drawing.h"

typedef struct Pen
{
	Drawing    *drawing;
	const char *at;
	char		command;
	double		x,
				y;				/* where it is */
	double		start_x,
				start_y;		/* of the subpath */
	double		control_x,
				control_y;		/* of the curve before: where a smooth one goes on */
	char		curve;			/* its kind: C, Q or none */
	bool		begun;
} Pen;

/* Numbers that a command takes; flags of an arc stand without a blank between. */
static bool
take(Pen *pen, double *values, int count, bool arc)
{
	for (int i = 0; i < count; i++)
	{
		drawing_skip(&pen->at);
		if (arc && (i == 3 || i == 4))
		{
			if (*pen->at != '0' && *pen->at != '1')
				return false;
			values[i] = *pen->at++ - '0';
		}
		else if (!drawing_number(&pen->at, &values[i]))
			return false;
	}
	return true;
}

static void
move_to(Pen *pen, double x, double y)
{
	pen->x = pen->start_x = x;
	pen->y = pen->start_y = y;
	drawing_put(pen->drawing, 2, (double[]) {x, y}, "m");
	pen->begun = true;
}

static void
line_to(Pen *pen, double x, double y)
{
	pen->x = x;
	pen->y = y;
	drawing_put(pen->drawing, 2, (double[]) {x, y}, "l");
}

static void
curve_to(Pen *pen, double x1, double y1, double x2, double y2, double x, double y)
{
	drawing_put(pen->drawing, 6, (double[]) {x1, y1, x2, y2, x, y}, "c");
	pen->x = x;
	pen->y = y;
}

static void
quadratic_to(Pen *pen, double cx, double cy, double x, double y)
{
	curve_to(pen, pen->x + (cx - pen->x) * 2 / 3, pen->y + (cy - pen->y) * 2 / 3, x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, x, y);
	pen->control_x = cx;
	pen->control_y = cy;
}

/* Implementation notes of SVG 1.1, F.6.5: from its ends to the middle of the ellipse, then quarters of it as curves. */
static void
arc_to(Pen *pen, double rx, double ry, double turn, bool large, bool sweep, double x, double y)
{
	double		phi = turn * M_PI / 180,
				cosine = cos(phi),
				sine = sin(phi);
	double		dx = (pen->x - x) / 2,
				dy = (pen->y - y) / 2;
	double		px = cosine * dx + sine * dy,
				py = -sine * dx + cosine * dy;
	double		fit,
				root,
				cx,
				cy,
				first,
				angle;
	int			parts;

	rx = fabs(rx);
	ry = fabs(ry);
	if (rx < 1e-6 || ry < 1e-6 || (dx == 0 && dy == 0))
	{
		line_to(pen, x, y);
		return;
	}
	fit = px * px / (rx * rx) + py * py / (ry * ry);
	if (!(fit > 1e-12))			/* straight, as far as numbers go that can be divided by */
	{
		line_to(pen, x, y);
		return;
	}
	if (fit > 1)
	{
		rx *= sqrt(fit);
		ry *= sqrt(fit);
		fit = 1;
	}
	root = (large == sweep ? -1 : 1) * sqrt(Max(1 / fit - 1, 0));
	cx = root * rx * py / ry;
	cy = -root * ry * px / rx;
	first = atan2((py - cy) / ry, (px - cx) / rx);
	angle = atan2((-py - cy) / ry, (-px - cx) / rx) - first;
	if (sweep && angle < 0)
		angle += 2 * M_PI;
	else if (!sweep && angle > 0)
		angle -= 2 * M_PI;
	parts = (int) ceil(fabs(angle) / (M_PI / 2) - 1e-9);
	parts = Min(Max(parts, 1), 4);
	{
		double		mx = (pen->x + x) / 2 + cosine * cx - sine * cy,
					my = (pen->y + y) / 2 + sine * cx + cosine * cy;
		double		step = angle / parts,
					k = 4.0 / 3 * tan(step / 4);

#define PLACE_X(u, v) (mx + cosine * rx * (u) - sine * ry * (v))
#define PLACE_Y(u, v) (my + sine * rx * (u) + cosine * ry * (v))
		for (int i = 0; i < parts; i++)
		{
			double		a = first + i * step,
						b = a + step;
			double		ux = cos(a) - k * sin(a),
						uy = sin(a) + k * cos(a),
						vx = cos(b) + k * sin(b),
						vy = sin(b) - k * cos(b);

			curve_to(pen, PLACE_X(ux, uy), PLACE_Y(ux, uy), PLACE_X(vx, vy), PLACE_Y(vx, vy),
					 i == parts - 1 ? x : PLACE_X(cos(b), sin(b)), i == parts - 1 ? y : PLACE_Y(cos(b), sin(b)));
		}
#undef PLACE_X
#undef PLACE_Y
	}
}

/* One command with its numbers; false when it can't be read. */
static bool
step(Pen *pen)
{
	double		v[7];
	bool		relative = islower((unsigned char) pen->command);
	double		ox = relative ? pen->x : 0,
				oy = relative ? pen->y : 0;
	char		before = pen->curve;
	char		command = pg_ascii_toupper((unsigned char) pen->command);
	bool		smooth;

	pen->curve = '\0';
	if (!pen->begun && command != 'M')
		return false;
	switch (command)
	{
		case 'M':
			if (!take(pen, v, 2, false))
				return false;
			move_to(pen, ox + v[0], oy + v[1]);
			/* further pairs are lines */
			pen->command = relative ? 'l' : 'L';
			return true;
		case 'L':
			if (!take(pen, v, 2, false))
				return false;
			line_to(pen, ox + v[0], oy + v[1]);
			return true;
		case 'H':
			if (!take(pen, v, 1, false))
				return false;
			line_to(pen, ox + v[0], pen->y);
			return true;
		case 'V':
			if (!take(pen, v, 1, false))
				return false;
			line_to(pen, pen->x, oy + v[0]);
			return true;
		case 'C':
		case 'S':
			smooth = command == 'S';
			if (!take(pen, v + (smooth ? 2 : 0), smooth ? 4 : 6, false))
				return false;
			if (smooth)
			{
				v[0] = (before == 'C' ? 2 * pen->x - pen->control_x : pen->x) - ox;
				v[1] = (before == 'C' ? 2 * pen->y - pen->control_y : pen->y) - oy;
			}
			pen->control_x = ox + v[2];
			pen->control_y = oy + v[3];
			curve_to(pen, ox + v[0], oy + v[1], ox + v[2], oy + v[3], ox + v[4], oy + v[5]);
			pen->curve = 'C';
			return true;
		case 'Q':
			if (!take(pen, v, 4, false))
				return false;
			quadratic_to(pen, ox + v[0], oy + v[1], ox + v[2], oy + v[3]);
			pen->curve = 'Q';
			return true;
		case 'T':
			if (!take(pen, v, 2, false))
				return false;
			quadratic_to(pen, before == 'Q' ? 2 * pen->x - pen->control_x : pen->x, before == 'Q' ? 2 * pen->y - pen->control_y : pen->y, ox + v[0], oy + v[1]);
			pen->curve = 'Q';
			return true;
		case 'A':
			if (!take(pen, v, 7, true))
				return false;
			arc_to(pen, v[0], v[1], v[2], v[3] != 0, v[4] != 0, ox + v[5], oy + v[6]);
			return true;
		default:
			return false;
	}
}

static void
close_path(Pen *pen)
{
	drawing_put(pen->drawing, 0, NULL, "h");
	pen->x = pen->start_x;
	pen->y = pen->start_y;
	pen->curve = '\0';
}

void
path_put(Drawing *drawing, const char *data)
{
	Pen			pen = {.drawing = drawing, .at = data != NULL ? data : ""};

	for (drawing_skip(&pen.at); *pen.at != '\0' && drawing->fault == NULL; drawing_skip(&pen.at))
	{
		if (isalpha((unsigned char) *pen.at))
			pen.command = *pen.at++;
		if (pen.begun && (pen.command == 'z' || pen.command == 'Z'))
		{
			close_path(&pen);
			pen.command = '\0';
		}
		else if (!step(&pen) || fabs(pen.x) > DRAWING_LIMIT || fabs(pen.y) > DRAWING_LIMIT)
		{
			drawing_refuse(drawing, "the SVG has a path that can't be read");
			return;
		}
	}
	if (!pen.begun)
		drawing_put(drawing, 2, (double[]) {0, 0}, "m");
}
