/*
 * render.c
 *		Documents for people as evidence is built (evidence/rendering.h): what is known of the piece
 *		becomes the facts of a document.
 */
#include "postgres.h"

#include "catalog/pg_type.h"

#include "compat.h"
#include "document/document.h"
#include "document/render.h"
#include "query.h"

/* Every field with a label in any language has one in this one. */
static const char speaks_query[] =
"SELECT FROM ootspg.data_model_label l WHERE l.model OPERATOR(pg_catalog.=) $1 AND l.version OPERATOR(pg_catalog.=) $2 AND l.code OPERATOR(pg_catalog.=) ''"
" HAVING pg_catalog.count(*) FILTER (WHERE l.language OPERATOR(pg_catalog.=) $3) OPERATOR(pg_catalog.=) pg_catalog.count(DISTINCT l.path)"
" AND pg_catalog.count(*) OPERATOR(pg_catalog.>) 0";

static bool
speaks(const char *model, const char *version, const char *language)
{
	QueryArguments arguments = {0};
	bool		result;

	SPI_connect();
	query_add_text(&arguments, model);
	query_add_text(&arguments, version);
	query_add_text(&arguments, language);
	result = query_run(speaks_query, &arguments, true, 1, SPI_OK_SELECT) == 1;
	SPI_finish();
	return result;
}

/* The type's title in the language, unless the view gives the piece one of its own. */
static Said
title_of(const Rendering *rendering)
{
	const LocalText *first = linitial(rendering->type->titles);
	const Piece *piece = rendering->piece;

	if (strcmp(piece->title, first->text) == 0)
		return text_in(rendering->type->titles, rendering->language);
	return said_in(piece->title, piece->language, rendering->language);
}

static StringInfo
render_pdf(const Rendering *rendering)
{
	const Piece *piece = rendering->piece;
	const Agent *issuer = piece->authority != NULL ? piece->authority : rendering->type->provider->agent;
	DocumentSource source = {
		.model = rendering->model,
		.version = rendering->version,
		.media_type = rendering->media_type,
		.content = rendering->content,
		.length = rendering->length,
		.type = rendering->composite,
		.languages = {document_language(rendering->language)},
		.provider = rendering->type->provider->name,
		.facts = {
			.title.in[0] = title_of(rendering),
			.issuer.in[0] = text_in(issuer->names, rendering->language),
			.place.in[0].text = issuer->full_address,
			.issued = piece->issuing_date,
			.valid_from = piece->valid_from,
			.valid_until = piece->valid_until,
			.identifier = piece->evidence_id,
			.language = document_language(piece->language)
		}
	};

	if (rendering->original != NULL)
		source.facts.translation = psprintf("%s \xe2\x80\x93 %s", rendering->original, rendering->language);
	return document_pdf(&source);
}

const Renderer document_renderer = {render_pdf, speaks};
