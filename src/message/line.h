/*
 * line.h
 *		The EDM lines (oots-edm:v1.0 …) as data: what differs between them is a
 *		field here or a column of the rule table, never a copy of code.
 */
#ifndef OOTSPG_MESSAGE_LINE_H
#define OOTSPG_MESSAGE_LINE_H

typedef enum EdmLine
{
	EDM_NONE = 0,				/* unknown or missing */
	EDM_V10,
	EDM_V11,
	EDM_V12,
	EDM_V20
} EdmLine;

typedef struct LineTraits
{
	EdmLine		line;
	const char *identifier;		/* oots-edm:v1.0 */
	bool		packaged;		/* 2.0: packages with classifications and associations (EDM §1.5.4) */
	bool		procedure_is_string;	/* 2.0: StringValueType */
	int			header_properties;	/* 2 or 4 (ebMS-018) */
	bool		preview_method;	/* slot PreviewMethod exists */
	const char *model_path;		/* "/distributions/" or "/datamodels/" */
	const char *repository;		/* semantic repository emitted: https://sr.oots.tech.ec.europa.eu */
} LineTraits;

extern const LineTraits *line_traits(EdmLine line);	/* line must not be EDM_NONE */
extern EdmLine line_from_identifier(const char *identifier);	/* exact; EDM_NONE when unknown or NULL */

#endif							/* OOTSPG_MESSAGE_LINE_H */
