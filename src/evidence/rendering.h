/*
 * rendering.h
 *		What is handed upwards to be made into a document for people: this room knows rows and
 *		documents, the room above (src/document) labels and layouts.
 */
#ifndef OOTSPG_EVIDENCE_RENDERING_H
#define OOTSPG_EVIDENCE_RENDERING_H

#include "configuration/configuration.h"
#include "evidence/piece.h"
#include "lib/stringinfo.h"

/* A structured document, and what is known of the evidence that it is. All borrowed. */
typedef struct Rendering
{
	const char *model,			/* whose labels are used; NULL: those of the composite type, or names written as words */
			   *version;
	Oid			composite;		/* that type, or InvalidOid */
	const char *media_type;
	const char *content;
	size_t		length;
	const EvidenceType *type;
	const Piece *piece;			/* the main evidence, with all metadata */
	const char *language;		/* to be written in, upper case */
	const char *original;		/* language of what this is a translation of; NULL: it is none */
} Rendering;

typedef struct Renderer
{
	/* The document as PDF, in the current memory context. Raises OT003 and OT005. */
	StringInfo	(*pdf) (const Rendering *rendering);

	/* Does every field of the data model that has a label have one in the language? */
	bool		(*speaks) (const char *model, const char *version, const char *language);
} Renderer;

#endif							/* OOTSPG_EVIDENCE_RENDERING_H */
