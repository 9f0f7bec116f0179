/*
 * inline.h
 *		The base64 texts of an answer, taken out before the XML is parsed.
 */
#ifndef OOTSPG_ACCESSPOINT_INLINE_H
#define OOTSPG_ACCESSPOINT_INLINE_H

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

typedef struct InlineText
{
	const char *text;			/* in the bytes it was taken out of */
	size_t		length;
} InlineText;

typedef struct InlineTexts
{
	char		mark[64];		/* what stands in their place, before a number: nobody can know it */
	List	   *texts;			/* InlineText * */
	StringInfoData rest;		/* the XML without them */
} InlineTexts;

/* Takes long texts of elements named value out of xml; NULL when what is left is more than is read. */
extern InlineTexts *inline_take_out(const char *xml, size_t length);

/* The text that a mark stands for, or NULL when text is no mark. */
extern const InlineText *inline_find(const InlineTexts *texts, const char *text);

#endif							/* OOTSPG_ACCESSPOINT_INLINE_H */
