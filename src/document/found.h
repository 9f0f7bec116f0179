/*
 * found.h
 *		Fields and codes of a data model, with the labels that stand where it is defined:
 *		in annotations of its schema, in comments on its composite type.
 */
#ifndef OOTSPG_DOCUMENT_FOUND_H
#define OOTSPG_DOCUMENT_FOUND_H

#include "document/words.h"

/* One of them; text is NULL where a field or code is there and nothing says what it is called. */
typedef struct FoundLabel
{
	const char *path;			/* names from below the root; the root's own name for the root */
	const char *code;			/* "" for the field itself */
	const char *language;		/* upper case; NULL where the place does not say */
	const char *text;
	ValueForm	form;			/* as the field's type asks for */
} FoundLabel;

/* Everything in it is borrowed for the call. */
typedef void (*FoundVisitor) (const FoundLabel *label, void *argument);

/* Of a schema and its root element. A schema that says too much is read so far only; one that cannot be read raises OT001 or OT002. */
extern void found_in_schema(const char *xsd, size_t length, const char *root, FoundVisitor visit, void *argument);

/* Of a composite type or a view's row type. */
extern void found_in_type(Oid type, const char *root, bool camel, FoundVisitor visit, void *argument);

extern const char *form_name(ValueForm form);	/* NULL for FORM_UNKNOWN */

#endif							/* OOTSPG_DOCUMENT_FOUND_H */
