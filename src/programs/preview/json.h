/*
 * json.h
 *		JSON read into a tree, within limits of depth and count: what the
 *		database answers, and what callers of the JSON interface send.
 */
#ifndef PREVIEW_JSON_H
#define PREVIEW_JSON_H

#include "memory.h"

typedef enum JsonKind
{
	JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT
} JsonKind;

typedef struct Json
{
	JsonKind	kind;
	const char *name;			/* in an object */
	const char *text;			/* of strings (UTF-8, no zero byte inside) and numbers (as written) */
	struct Json *first;			/* children of arrays and objects */
	struct Json *next;
} Json;

/* NULL for what is not one whole JSON value of at most 32 levels and 20000 values, or has \u0000. */
extern const Json *json_read(Arena *arena, const char *text, size_t len);

/* All of these take NULL for what is not there. */
extern const Json *json_get(const Json *object, const char *name);
extern const char *json_string(const Json *object, const char *name);	/* NULL unless a string or number */
extern long json_long(const Json *object, const char *name, long otherwise);
extern bool json_true(const Json *object, const char *name);
extern int	json_count(const Json *value);

/* A string with its quotation marks, as JSON wants it. */
extern void json_write(Buffer *buffer, const char *text);

#endif
