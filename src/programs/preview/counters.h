/*
 * counters.h
 *		How often each page was shown, without anything of whom (UX-42): off
 *		unless the authority's settings say otherwise.
 */
#ifndef PREVIEW_COUNTERS_H
#define PREVIEW_COUNTERS_H

#include "memory.h"

/* Both of them are fixed words of this program or the interface. */
extern void counters_add(const char *route, const char *page, unsigned int status);
/* In the text format of Prometheus. */
extern void counters_write(Buffer *out);

#endif
