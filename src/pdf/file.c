/*
 * file.c
 *		The file as a whole: opened, and what its trailer leads to.
 */
#include "postgres.h"

#include "pdf/reading.h"

PdfFile *
pdf_open(const char *bytes, size_t length, const char **refusal)
{
	PdfFile    *file = palloc0(sizeof(PdfFile));

	file->bytes = bytes;
	file->length = length;
	file->context = CurrentMemoryContext;
	*refusal = NULL;
	if (length < 5 || memcmp(bytes, "%PDF-", 5) != 0)
		file->refusal = "it does not begin as a PDF";
	else
		(void) pdf_read_xref(file);
	*refusal = file->refusal;
	return file->refusal == NULL ? file : NULL;
}

const PdfValue *
pdf_trailer(const PdfFile *file)
{
	return file->trailer;
}

size_t
pdf_startxref(const PdfFile *file)
{
	return file->startxref;
}

bool
pdf_ends_with_stream(const PdfFile *file)
{
	return file->ends_with_stream;
}

int64
pdf_size(const PdfFile *file)
{
	return file->size;
}

const PdfValue *
pdf_catalog(PdfFile *file)
{
	const PdfValue *root = pdf_get(file->trailer, "Root");
	const PdfValue *catalog = pdf_resolve(file, root);

	return root != NULL && root->kind == PDF_REFERENCE && catalog != NULL && catalog->kind == PDF_DICTIONARY &&
		pdf_is_name(pdf_find(file, catalog, "Type"), "Catalog") ? catalog : NULL;
}
