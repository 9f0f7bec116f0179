/*
 * piece_packed.h
 *		A piece as octets, without its content: to be kept in a row of our own for a moment, by this version
 *		of the library only.
 */
#ifndef OOTSPG_EVIDENCE_PIECE_PACKED_H
#define OOTSPG_EVIDENCE_PIECE_PACKED_H

#include "evidence/piece.h"
#include "lib/stringinfo.h"

extern void piece_pack(const Piece *piece, StringInfo out);

/* Content, length and digest of that are the caller's to set. Raises when the octets are no piece. */
extern Piece *piece_unpack(const char *octets, size_t length);

#endif							/* OOTSPG_EVIDENCE_PIECE_PACKED_H */
