/*
 * embedded.h
 *		Files that lie in the program as they are: texts, style sheet, script,
 *		icon. One program is all there is to install, and all of one version.
 */
#ifndef PREVIEW_EMBEDDED_H
#define PREVIEW_EMBEDDED_H

#include <stddef.h>

typedef struct Embedded
{
	const char *kind;			/* po, or asset */
	const char *name;
	const unsigned char *bytes;
	const unsigned char *end;
} Embedded;

#define embedded_len(file) ((size_t) ((file)->end - (file)->bytes))

extern const Embedded *embedded_find(const char *kind, const char *name);

#endif
