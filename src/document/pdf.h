/*
 * pdf.h
 *		What the module that writes PDF is given, and its one function. The module stands
 *		alone: it needs nothing of the extension's library but plain data.
 */
#ifndef OOTSPG_DOCUMENT_PDF_H
#define OOTSPG_DOCUMENT_PDF_H

#include "document/layout.h"
#include "document/picture.h"
#include "lib/stringinfo.h"

#define PDF_MODULE		"$libdir/ootspg_document"
#define PDF_FUNCTION	"ootspg_document_pdf"

/* Sizes in points. */
typedef struct PdfLetterhead
{
	const Picture *picture;		/* its kind may be PICTURE_NONE */
	double		height;			/* of the picture */
	double		margin;			/* 0: the usual one */
	const double *colour;		/* of titles, heads and lines; NULL: the usual one */
	Said		alt;			/* what the picture shows; no text: it only decorates */
	Said		footer;			/* on every page; no text: none */
} PdfLetterhead;

typedef struct PdfInput
{
	const char *version;		/* of who fills it in: first, in every version */
	const Layout *layout;
	const PdfLetterhead *letterhead;	/* NULL: none */
	const char *fonts;			/* files of the text, separated by commas: a later one has what those before it lack */
	const char *bold_fonts;
	const char *page_word;		/* as in "Page %d of %d" */
	const char *producer;
	int64		now;			/* seconds since 1970: when the file is made */
	uint8		id[16];			/* follows from what is in the file */

	/* the instance itself, attached */
	const char *file_name;
	const char *media_type;
	const char *content;
	size_t		length;
} PdfInput;

/*
 * Append the file to out, in the current memory context, which holds all that is needed on the way. Raises
 * ERRCODE_OOTS_CONFIGURATION for fonts that cannot be used, ERRCODE_OOTS_EVIDENCE for a character
 * that none of them has, ERRCODE_OOTS_LIMIT beyond what the format can count.
 */
typedef void (*PdfFunction) (const PdfInput *input, StringInfo out);

#endif							/* OOTSPG_DOCUMENT_PDF_H */
