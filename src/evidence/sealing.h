/*
 * sealing.h
 *		The last step of a piece: its seal, over its final bytes (D-SIG-06).
 */
#ifndef OOTSPG_EVIDENCE_SEALING_H
#define OOTSPG_EVIDENCE_SEALING_H

#include "configuration/configuration.h"
#include "evidence/piece.h"
#include "lib/stringinfo.h"
#include "seal/key.h"

/* A document about to be sealed. */
typedef struct Sealing
{
	const EvidenceType *type;
	const Distribution *distribution;
	const DataModel *model;		/* NULL for unstructured documents */
	SealKey    *key;			/* NULL: there is none to seal with */
	bool		rehearsed;		/* nothing is sealed, but what could not be is found */
	bool		packaged;		/* a detached seal can go along */
	bool		canonical;		/* the document is XML that we have written */
	StringInfo	document;		/* begun by sealing_begin(); takes the sealed one */
} Sealing;

/*
 * Make room for a document of so many bytes, and its seal, behind the header of a value, so that it leaves as one without being
 * copied. Where nothing is written, the room takes no memory.
 */
extern void sealing_begin(StringInfo document, size_t room);

/*
 * Seal the document where it is to be, and set content, value, digest and what is said of the seal. Raises ERRCODE_OOTS_KEY when
 * the key fails, ERRCODE_OOTS_EVIDENCE where a seal is required and this document can't have one.
 */
extern void sealing_apply(const Sealing *s, Piece *piece);

/*
 * The detached seal of a piece that has one, a piece of its own without identifiers, which leaves right behind it; NULL for all
 * others. key: the one it was sealed with.
 */
extern Piece *sealing_beside(SealKey *key, const Piece *piece);

#endif							/* OOTSPG_EVIDENCE_SEALING_H */
