/*
 * part.h
 *		The bytes of a document, which are those that would be sent (D-PRE-15).
 */
#ifndef PREVIEW_PART_H
#define PREVIEW_PART_H

#include "visit.h"

extern void part_serve(Visit *visit, long piece, long part);

#endif
