/*
 * shape.h
 *		What the schemas of the plugin allow below an element, as tables. The
 *		stack refuses an element nobody expects even without schema validation;
 *		with it also what is missing, in the wrong order or not of its type.
 */
#ifndef LOOPBACK_SHAPE_H
#define LOOPBACK_SHAPE_H

#include <libxml/tree.h>

#include "fault.h"

typedef enum ShapeKind
{
	SHAPE_CHILDREN,
	SHAPE_TEXT,					/* any length */
	SHAPE_TEXT_255,				/* 1 to 255 characters */
	SHAPE_TEXT_1024,
	SHAPE_TIME,
	SHAPE_ROLE,
	SHAPE_BASE64
} ShapeKind;

#define MANY 1000000

typedef struct Shape
{
	const char *name;			/* NULL ends a table */
	int			least;
	int			most;
	ShapeKind	kind;
	const struct Shape *children;
	const char *required;		/* an attribute that must be there, or NULL */
} Shape;

extern const Shape shape_id[];
extern const Shape shape_id_and_role[];
extern const Shape shape_list[];
extern const Shape shape_list_push_failed[];
extern const Shape shape_repush[];
extern const Shape shape_submit[];
extern const Shape shape_messaging[];

/* ns is that of all elements below parent, NULL for none. */
extern bool shape_check(const xmlNode *parent, const Shape *shapes, const char *ns, bool strict, Fault *fault);

#endif
