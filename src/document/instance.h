/*
 * instance.h
 *		An instance of a data model as a tree of names and texts, whatever it was
 *		written in: XML (canonical, sealed or as others wrote it) or JSON. Nothing of
 *		it is left out but the seal, which is about the instance and not of it.
 *
 * Everything lives in the memory context that was current when it was read.
 */
#ifndef OOTSPG_DOCUMENT_INSTANCE_H
#define OOTSPG_DOCUMENT_INSTANCE_H

typedef struct Instance
{
	const char *name;			/* local name or key; "@name" for an XML attribute, "." for text beside elements */
	const char *text;			/* of what has no children; "" when empty */
	bool		number;			/* said to be a number by JSON itself */
	bool		truth;			/* said to be true or false by JSON itself */
	struct Instance *attributes;	/* of an element that has text: each with text */
	struct Instance *children;	/* attributes of an element with elements come first */
	struct Instance *next;
} Instance;

/* Raise OT001 or OT002 when the bytes cannot be read or are more than the limits allow. */
extern Instance *instance_from_xml(const char *bytes, size_t length);
extern Instance *instance_from_json(const char *bytes, size_t length, const char *root);

/* The node as appended to a list whose end is *last. */
extern Instance *instance_append(Instance ***last, const char *name, const char *text);

#endif							/* OOTSPG_DOCUMENT_INSTANCE_H */
