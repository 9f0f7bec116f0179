/*
 * conform.h
 *		What makes the file an archival and accessible one: metadata, colour profile, the
 *		instance as associated file, catalogue.
 */
#ifndef OOTSPG_DOCUMENT_PDF_CONFORM_H
#define OOTSPG_DOCUMENT_PDF_CONFORM_H

#include "document/pdf/flow.h"

/* Everything but fonts and pages; ends the file. */
extern void conform_end(const Flow *flow, PdfFile *file, int page_tree, int structure);

/* profile.c: an ICC profile of sRGB. */
extern void profile_append(StringInfo out);

#endif							/* OOTSPG_DOCUMENT_PDF_CONFORM_H */
