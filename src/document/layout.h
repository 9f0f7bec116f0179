/*
 * layout.h
 *		What a document shows, in order, and nothing of how it looks: one tree that the
 *		writers of HTML and PDF go through. It holds every field of the instance and
 *		nothing else of it (D-MOD-03); facts about the evidence stand apart.
 *
 * A tree is plain data in one memory context, so that a writer in a module of its own
 * needs no function of this one.
 */
#ifndef OOTSPG_DOCUMENT_LAYOUT_H
#define OOTSPG_DOCUMENT_LAYOUT_H

#include "document/instance.h"
#include "document/label.h"

/* In the document's language, and beside it in the second one where it says something else there; else its text is NULL. */
typedef struct Text
{
	Said		in[2];
} Text;

typedef struct Value
{
	Text		text;			/* "" for an empty field */
	bool		figures;		/* a number: its digits stand under each other in a table */
	struct Value *next;
} Value;

typedef struct Field
{
	Text		label;
	Value	   *values;
	struct Field *next;
} Field;

/* Of rows that repeat: a cell is NULL where the row does not have the field. */
typedef struct Table
{
	int			column_count;
	Text	   *heads;
	int			row_count;
	Value	  **cells;			/* row by row */
} Table;

typedef struct Section
{
	Text		title;
	int			level;			/* 0: the document itself, whose title it is */
	Field	   *fields;
	Table	   *table;			/* then there is nothing else in it */
	struct Section *groups;
	struct Section *next;
} Section;

/* What is known of the evidence beside the instance; NULL where nothing is. */
typedef struct Facts
{
	Text		title;
	Text		issuer;
	Text		place;			/* where it was issued: the issuer's address */
	const char *issued,
			   *valid_from,
			   *valid_until;	/* YYYY-MM-DD */
	const char *identifier;
	const char *language;		/* the evidence's own, lower case */
	const char *translation;	/* of what is no original: from and into which language */
} Facts;

typedef struct Layout
{
	const char *languages[2];	/* lower case; the second NULL unless both stand side by side */
	Text		issuer,
				place;			/* in[0].text NULL: not known */
	Field	   *facts;			/* dates, validity, identifier, labelled */
	Section	   *root;
} Layout;

/* What the tree is made of. Labels of the second language are NULL where there is none. */
typedef struct LayoutSource
{
	const Instance *instance;
	const Labels *labels[2];
	const char *languages[2];
	const Facts *facts;
} LayoutSource;

/* In the current memory context; limits on size and depth are those of the instance. */
extern Layout *layout_make(const LayoutSource *source);

#endif							/* OOTSPG_DOCUMENT_LAYOUT_H */
