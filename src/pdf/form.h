/*
 * form.h
 *		Signature fields of a PDF, and what signatures that are there forbid (ISO 32000-2
 *		§12.7.5.5, §12.8).
 */
#ifndef OOTSPG_PDF_FORM_H
#define OOTSPG_PDF_FORM_H

#include "nodes/pg_list.h"

#include "pdf/pdf.h"

/*
 * Values (dictionaries) of all signature fields that are signed, as PdfValue *. NULL, with a constant *refusal,
 * when the form cannot be read or has too many fields; NIL, without, when there are none.
 */
extern List *pdf_signatures(PdfFile *file, const char **refusal);

/* Why nothing may be added to the file, constant text; NULL: a signature may. */
extern const char *pdf_locked(PdfFile *file);

#endif							/* OOTSPG_PDF_FORM_H */
