/*
 * document.h
 *		Structured evidence as people read it: HTML for the preview, PDF for a clerk
 *		abroad, both from one layout of the same instance (D-MOD-03).
 */
#ifndef OOTSPG_DOCUMENT_DOCUMENT_H
#define OOTSPG_DOCUMENT_DOCUMENT_H

#include "document/layout.h"
#include "document/letterhead.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/* The media type of the fragment. */
#define DOCUMENT_HTML "text/html"
#define DOCUMENT_PDF "application/pdf"

typedef struct DocumentSource
{
	const char *model,			/* whose labels are used; NULL: names written as words */
			   *version;
	const char *media_type;		/* application/xml or application/json */
	const char *content;		/* the instance, also sealed */
	size_t		length;
	Oid			type;			/* composite type whose comments are labels where there is no model, or InvalidOid */
	const char *root;			/* name of a JSON instance without model; NULL: document */
	const char *languages[2];	/* lower case; the second NULL, or to stand beside the first */
	const char *provider;		/* whose letterhead the document has; NULL: none */
	Facts		facts;
} DocumentSource;

/*
 * The tree of an instance, in the current memory context. Raises OT001 and OT002 when the
 * instance cannot be read, OT003 for another media type. Runs in SPI with the current user's rights.
 */
extern Layout *document_layout(const DocumentSource *source);

/* A fragment of HTML that is XML as well: one article without style, script or ids; classes begin with "doc-". palloc'd. */
extern char *document_html(const DocumentSource *source);

/*
 * The instance as PDF, itself attached, in the current memory context. The writer is a module of its own, which the first document of a
 * session loads; the loader's error says what it lacks. Raises as document_layout(), and OT005 for a character that no font has.
 */
extern StringInfo document_pdf(const DocumentSource *source);

/* The writer behind document_html(); letterhead NULL: none. */
extern void html_write(const Layout *layout, const Letterhead *letterhead, StringInfo out);

/* Facts as SQL gives them, in the source's languages; what is not understood is refused with OT003, where strict a key that is not known as well. NULL: none. */
extern void facts_read(Jsonb *facts, bool strict, DocumentSource *source);

/* A text of a language of its own within a document: what is said in the document's needs no mark. */
extern Said said_in(const char *text, const char *own, const char *language);

/* Of texts by language (LocalText *) the one in the language, else the first: English where there is any. No text where there is none. */
extern Said text_in(const List *texts, const char *language);

/* A language as it stands in tags: two or three letters in lower case; NULL for what is none. palloc'd. */
extern char *document_language(const char *language);

#endif							/* OOTSPG_DOCUMENT_DOCUMENT_H */
