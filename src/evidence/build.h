/*
 * build.h
 *		From registry rows to sealed pieces of evidence.
 */
#ifndef OOTSPG_EVIDENCE_BUILD_H
#define OOTSPG_EVIDENCE_BUILD_H

#include "configuration/configuration.h"
#include "evidence/piece.h"
#include "evidence/rendering.h"

typedef struct BuildQuestion
{
	const EvidenceType *type;
	const Distribution *distribution;
	EdmLine		line;
	bool		with_companion; /* add the human-readable version where there is one */
	bool		translate;		/* add a translation where one can be made into a wanted language */
	const List *languages;		/* char *, wanted, best first; NIL: any */
	bool		sample;			/* the sample source: procedure 00 */
	bool		rehearsed;		/* nothing leaves: no key is needed and nothing is sealed */
	const Renderer *renderer;	/* what makes documents for people of structured ones */
} BuildQuestion;

/*
 * Pieces for one person, main evidence and companions in order; NIL when the
 * registry has no record. Those that are not there yet are among them, without
 * content and companion; never of samples, which nobody waits for. Inside an SPI
 * connection. Raises ERRCODE_OOTS_EVIDENCE, _LIMIT, _KEY (seal required), or
 * whatever the registry's view raises.
 */
extern List *build_for_person(const BuildQuestion *question, const char *person_id);

/*
 * Pieces for many persons in one scan; each is handed to receive() and its memory
 * given back afterwards. For bulk work.
 */
typedef void (*PieceReceiver) (const Piece *piece, void *argument);
extern void build_for_persons(const BuildQuestion *question, Datum person_ids,
							  PieceReceiver receive, void *argument);

#endif							/* OOTSPG_EVIDENCE_BUILD_H */
