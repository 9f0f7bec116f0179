/*
 * log.h
 *		What the program tells its operator, on standard error: a line each,
 *		never with a link, a name, an address or anything else of a person.
 */
#ifndef PREVIEW_LOG_H
#define PREVIEW_LOG_H

#include <stdint.h>

extern void log_line(const char *format,...) __attribute__((format(printf, 1, 2)));
/* Says it and ends the program. */
extern void log_fatal(const char *format,...) __attribute__((format(printf, 1, 2), noreturn));
/* One request: the name of its route, never its path. */
extern void log_access(const char *method, const char *route, unsigned int status, const char *language, int64_t milliseconds);

#endif
