/*
 * module.c
 *		The module that writes documents as PDF: loaded by the first one, so that a server without these libraries
 *		serves everything else. Nothing of it starts threads, reads the environment or changes the locale.
 */
#include "postgres.h"

#include "fmgr.h"

#include "compat.h"
#include "document/pdf/conform.h"

PG_MODULE_MAGIC;

extern PGDLLEXPORT void ootspg_document_pdf(const PdfInput *input, StringInfo out);

void
ootspg_document_pdf(const PdfInput *input, StringInfo out)
{
	FontSet    *fonts = fonts_load(input->fonts, input->bold_fonts);
	PdfFile    *file = file_begin(out);
	Flow	   *flow = flow_set(input, file, fonts);
	int			page_tree,
				structure;

	for (int i = 0; i < fonts->count; i++)
		if (fonts->fonts[i].count > 1)
			fonts->fonts[i].number = file_number(file);
	pages_write(flow->pages, fonts, &page_tree, &structure);
	fonts_write(fonts, file);
	conform_end(flow, file, page_tree, structure);
}
