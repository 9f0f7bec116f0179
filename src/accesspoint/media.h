/*
 * media.h
 *		Content-Type values (RFC 9110 §8.3).
 */
#ifndef OOTSPG_ACCESSPOINT_MEDIA_H
#define OOTSPG_ACCESSPOINT_MEDIA_H

/* Is the type, parameters left aside, the given one? */
extern bool media_type_is(const char *content_type, const char *type);

/* A parameter's value without quotes, palloc'd; NULL when it is absent, repeated, malformed, or in a value of more
 * than 8 kB. The time is linear, and nothing else is allocated. */
extern char *media_parameter(const char *content_type, const char *name);

#endif							/* OOTSPG_ACCESSPOINT_MEDIA_H */
