/*
 * version.c
 *		Agree on a version.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "version.h"

static const Version versions[] = {
	{"oots-cs:v1.0", V1_0},
	{"oots-cs:v1.1", V1_1},
	{"oots-cs:v1.2", V1_2},
	{"oots-cs:v2.0", V2_0},
};

static unsigned int enabled = ALL_VERSIONS;

static unsigned int
bit_named(const char *name)
{
	for (size_t i = 0; i < lengthof(versions); i++)
	{
		if (strcmp(versions[i].name, name) == 0)
			return versions[i].bit;
	}
	return 0;
}

const Version *
version_oldest(void)
{
	return &versions[0];
}

const Version *
version_choose(const char *header)
{
	char	   *copy;
	char	   *rest;
	unsigned int wanted = 0;
	const Version *chosen = NULL;

	if (header == NULL)
		return enabled & V1_0 ? &versions[0] : NULL;
	copy = copy_text(header);
	for (char *name = strtok_r(copy, ", \t", &rest); name; name = strtok_r(NULL, ", \t", &rest))
		wanted |= bit_named(name);
	free(copy);
	for (size_t i = 0; i < lengthof(versions); i++)
	{
		if (versions[i].bit & wanted & enabled)
			chosen = &versions[i];
	}
	return chosen;
}

bool
version_enable(char **names, int count)
{
	unsigned int bits = 0;

	for (int i = 0; i < count; i++)
	{
		unsigned int bit = bit_named(names[i]);

		if (bit == 0)
			return false;
		bits |= bit;
	}
	enabled = bits;
	return true;
}

void
version_reset(void)
{
	enabled = ALL_VERSIONS;
}
