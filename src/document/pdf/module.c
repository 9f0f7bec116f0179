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
	FontSet    *fonts;
	PdfFile    *file;
	Flow	   *flow;
	int			page_tree,
				structure;

	/* a session from before an update of the files has the other module's former self in memory */
	if (strcmp(input->version, OOTSPG_VERSION) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the module that writes PDF documents is of version %s, the library of %s", OOTSPG_VERSION, input->version),
				 errhint("Start a new session; restart the server where the library is preloaded.")));
	fonts = fonts_load(input->fonts, input->bold_fonts);
	file = file_begin(out);
	flow = flow_set(input, file, fonts);
	for (int i = 0; i < fonts->count; i++)
		if (fonts->fonts[i].count > 1)
			fonts->fonts[i].number = file_number(file);
	pages_write(flow->pages, fonts, &page_tree, &structure);
	fonts_write(fonts, file);
	conform_end(flow, file, page_tree, structure);
}
