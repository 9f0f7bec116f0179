/*
 * generate.c
 *		Documents for people that no column has: they are made of the structured document of the same
 *		row, by the renderer that the question brings (rendering.h), and so show what it
 *		says and nothing else (D-MOD-03).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"

#include "compat.h"
#include "evidence/building.h"
#include "evidence/composite.h"
#include "evidence/document.h"
#include "evidence/sealing.h"

/* The language of documents that nothing else is known of. */
#define COMMON_LANGUAGE "EN"

bool
document_of_row(const Builder *builder, HeapTuple tuple, TupleDesc desc, int column, RowDocument *document)
{
	const Distribution *shown = builder->shown;
	Oid			base = getBaseType(SPI_gettypeid(desc, column));
	bool		isnull;
	Datum		value = SPI_getbinval(tuple, desc, column, &isnull);

	if (isnull)
		return false;
	memset(document, 0, sizeof(*document));
	sealing_begin(&document->bytes, document_room(value, base));
	document->media_type = shown->media_type != NULL ? shown->media_type : document_structured_type(base);
	document->model = builder->shown_model;
	if (document->model == NULL && builder->question->distribution->generated && get_typtype(base) == TYPTYPE_COMPOSITE)
	{
		document->model = composite_own_model(base);
		document->composite = base;
	}
	document_build(value, base, shown->document, document->media_type, document->model, &document->bytes, &document->canonical);
	return true;
}

/* A wanted language as rows have it. */
static const char *
upper(const ListCell *cell)
{
	const char *language = lfirst(cell);

	return asc_toupper(language, strlen(language));
}

static bool
speaks(const Builder *builder, const RowDocument *document, const char *language)
{
	return document->model != NULL && !OidIsValid(document->composite) && strlen(language) == 2 &&
		builder->question->renderer->speaks(document->model->model, document->model->version, language);
}

const char *
shown_language(const Builder *builder, const RowDocument *document, const char *own)
{
	const ListCell *cell;

	if (own != NULL)
		return own;
	foreach(cell, builder->question->languages)
		if (speaks(builder, document, upper(cell)))
			return upper(cell);
	return COMMON_LANGUAGE;
}

const char *
translated_language(const Builder *builder, const RowDocument *document, const char *original)
{
	const ListCell *cell;

	foreach(cell, builder->question->languages)
	{
		/* what is wanted no less is there */
		if (pg_strcasecmp(lfirst(cell), original) == 0)
			return NULL;
		if (speaks(builder, document, upper(cell)))
			return upper(cell);
	}
	return NULL;
}

void
generate_pdf(const Builder *builder, const RowDocument *document, const Piece *main_piece, const char *language, const char *original, StringInfo out)
{
	const BuildQuestion *question = builder->question;
	bool		own_labels = OidIsValid(document->composite) || document->model == NULL;
	Rendering	rendering = {
		.model = own_labels ? NULL : document->model->model,
		.version = own_labels ? NULL : document->model->version,
		.composite = document->composite,
		.media_type = document->media_type,
		.content = document->bytes.data + VARHDRSZ,
		.length = document->bytes.len - VARHDRSZ,
		.type = question->type,
		.piece = main_piece,
		.language = language,
		.original = original
	};
	StringInfo	pdf;

	pdf = question->renderer->pdf(&rendering);
	sealing_begin(out, pdf->len);
	appendBinaryStringInfo(out, pdf->data, pdf->len);
	pfree(pdf->data);
}
