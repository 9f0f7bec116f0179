/*
 * drawing.h
 *		An SVG being written as operators of PDF: for drawing.c and path.c only. A fault ends it; nothing is raised.
 */
#ifndef OOTSPG_DOCUMENT_DRAWING_H
#define OOTSPG_DOCUMENT_DRAWING_H

#include "lib/stringinfo.h"

/* No coordinate is larger, no group deeper within others. */
#define DRAWING_LIMIT	100000.0
#define DRAWING_DEPTH	20

typedef struct Drawing
{
	StringInfoData out;
	int			drawn;			/* operators */
	int			depth;
	const char *fault;			/* the first */
} Drawing;

extern void drawing_refuse(Drawing *drawing, const char *fault);
extern bool drawing_number(const char **at, double *value);
extern void drawing_skip(const char **at);	/* blanks and commas */
extern void drawing_put(Drawing *drawing, int count, const double *values, const char *operator);

/* path.c: the data of a path; NULL: there are none. */
extern void path_put(Drawing *drawing, const char *data);

#endif							/* OOTSPG_DOCUMENT_DRAWING_H */
