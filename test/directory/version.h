/*
 * version.h
 *		The versions of the query interface, and the one an answer has.
 */
#ifndef DIRECTORY_VERSION_H
#define DIRECTORY_VERSION_H

#include <stdbool.h>

/* Sets of versions */
#define V1_0 1U
#define V1_1 2U
#define V1_2 4U
#define V2_0 8U
#define V1_X (V1_0 | V1_1 | V1_2)
#define ALL_VERSIONS (V1_X | V2_0)

typedef struct Version
{
	const char *name;
	unsigned int bit;
} Version;

extern const Version *version_oldest(void);

/* The newest that both sides know; NULL when there is none. No header means the oldest. */
extern const Version *version_choose(const char *header);

/* Which ones the service knows; false when a name is none. */
extern bool version_enable(char **names, int count);
extern void version_reset(void);

#endif
