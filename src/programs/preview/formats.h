/*
 * formats.h
 *		Times, dates and sizes in the manner of a language.
 */
#ifndef PREVIEW_FORMATS_H
#define PREVIEW_FORMATS_H

#include <time.h>

#include "languages.h"
#include "memory.h"

/* ISO 8601 with zone, as the database writes it; false for anything else. */
extern bool parse_moment(const char *text, time_t *moment);

/* A clock time with its zone, and the date unless that is today's. zone: what the authority calls it; NULL: UTC+n. */
extern const char *format_moment(Arena *arena, const Language *language, time_t moment, const char *zone);

/* YYYY-MM-DD, or a moment, as a date; anything else as it stands. */
extern const char *format_date(Arena *arena, const Language *language, const char *text);

extern const char *format_size(Arena *arena, const Language *language, long bytes);

/* The name that people know a media type by: PDF, XML, … */
extern const char *format_media(Arena *arena, const char *media_type);

#endif
