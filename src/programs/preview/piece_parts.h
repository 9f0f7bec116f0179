/*
 * piece_parts.h
 *		What of a piece stands on several pages: its description, and the links
 *		to its parts.
 */
#ifndef PREVIEW_PIECE_PARTS_H
#define PREVIEW_PIECE_PARTS_H

#include "visit.h"

/* What the registry calls this very piece, where it calls it otherwise than its type. */
extern void piece_own_title(Visit *visit, const Json *piece);
extern void piece_facts(Visit *visit, const Json *piece);
/* Open and save, by what a part is and what browsers can show. */
extern void piece_links(Visit *visit, const Json *piece);
extern const char *part_path(Visit *visit, const Json *piece, const Json *part);
extern const Json *piece_main(const Json *piece);

extern bool media_is(const char *media_type, const char *wanted);
/* A picture that a page can show. */
extern bool media_is_picture(const char *media_type);

#endif
