/*
 * letterhead.h
 *		A provider's mark, colour, margin and foot, from its row of ootspg.letterhead.
 */
#ifndef OOTSPG_DOCUMENT_LETTERHEAD_H
#define OOTSPG_DOCUMENT_LETTERHEAD_H

#include "document/picture.h"
#include "nodes/pg_list.h"

typedef struct Letterhead
{
	Picture		picture;		/* kind PICTURE_NONE: there is none */
	const char *image;			/* the picture's file as an address by itself (RFC 2397), for pages; NULL: there is none */
	double		height;			/* of the picture, points */
	double		margin;			/* left and right, points; 0: the usual one */
	bool		coloured;
	double		colour[3];
	List	   *alt;			/* LocalText *: what the picture shows; NIL: it only decorates */
	List	   *footer;			/* LocalText * */
} Letterhead;

/* NULL when the provider has none. Kept (configuration/kept.h): it lasts as long as the current memory context. With the current user's rights; connects itself. */
extern const Letterhead *letterhead_load(const char *provider);

#endif							/* OOTSPG_DOCUMENT_LETTERHEAD_H */
