/*
 * piece.h
 *		What flows out of the evidence room: pieces of evidence, built, checked,
 *		sealed. All strings are UTF-8, palloc'd in the caller's context.
 */
#ifndef OOTSPG_EVIDENCE_PIECE_H
#define OOTSPG_EVIDENCE_PIECE_H

#include "datatype/timestamp.h"
#include "message/line.h"
#include "message/request.h"
#include "nodes/pg_list.h"

/* The data model a document is built by and conforms to; NULL fields where empty. */
typedef struct DataModel
{
	const char *model,
			   *version;
	const char *namespace;		/* "" for none */
	const char *prefix;			/* "" for a default namespace */
	const char *root;
	bool		camel;			/* family_name -> FamilyName */
	bool		sealable;
	const char *schema;			/* XSD bytes, NULL when there is none */
	size_t		schema_length;
	uint8		schema_sha256[32];
	const char *conforms_to;	/* URL on the exchange's line, NULL when none */
} DataModel;

/* The only annexes are detached seals. */
#define ROLE_SEAL "Annex"

/*
 * A piece that is there has a content. One that is not there yet has none but the
 * moment from which it will probably be: such a piece never leaves, it is told of
 * (D-TMO-08). It has no content_id, and an evidence_id or issuing date only where
 * its row says one.
 */
typedef struct Piece
{
	char	   *person_id;		/* registry key of the subject */
	int			number;			/* 1… within the subject */
	const char *role;			/* MainEvidence, HumanReadableVersion, Translation, or Annex: the detached seal of the piece before it */
	char	   *evidence_id;	/* UUID */
	const char *media_type;
	char	   *conforms_to;	/* NULL for unstructured and companions */
	char	   *language;		/* EN …, NULL when unknown */
	char	   *title;			/* file title */
	Agent	   *authority;		/* who issued it; NULL: the provider */
	char	   *issuing_date;	/* YYYY-MM-DD */
	char	   *valid_from,
			   *valid_until;	/* YYYY-MM-DD or NULL */
	char	   *content_id;		/* 32 hex digits @ domain, without cid: */
	char	   *content;		/* NULL: not there yet */
	size_t		length;
	struct varlena *value;		/* content with the server's header before it; NULL: it lies elsewhere, see piece_value() */
	TimestampTz available_at;	/* then it probably will be, in whole seconds; 0 where there is a content */
	uint8		sha256[32];
	bool		sealed;
	const char *seal_key;		/* name, NULL when unsealed */
	bool		sealed_beside;	/* the seal is the next piece */
	const uint8 *certificate_sha256;	/* of the seal, NULL when unsealed */
	const char *seal_level;		/* B, or T with a time stamp; NULL when unsealed */
} Piece;

/* The content as a value of type bytea: large evidence is not copied for it where it need not be. In build.c. */
extern Datum piece_value(const Piece *piece);

#endif							/* OOTSPG_EVIDENCE_PIECE_H */
