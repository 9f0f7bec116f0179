/*
 * personality.c
 *		The table of versions.
 */
#include <string.h>

#include "base.h"
#include "personality.h"

static const Personality personalities[] = {
	{.name = "5.0", .suffix_when_same = true, .duplicates = UNIQUE_IN_NODE, .header_prefix = "ns3"},
	{.name = "5.1.0", .role_operations = true, .keeps_unmarked = true, .duplicates = UNIQUE_BY_LOOKUP, .header_prefix = "ns3"},
	{.name = "5.1.1", .role_operations = true, .keeps_unmarked = true, .mark_unlists = true,
	.duplicates = UNIQUE_BY_CONSTRAINT, .header_prefix = "ns3"},
	{.name = "5.2.1", .role_operations = true, .keeps_unmarked = true, .mark_unlists = true, .entity_id = true,
	.content_type = true, .zoned_time = true, .duplicates = UNIQUE_BY_CONSTRAINT, .header_prefix = "ns5"},
	/* packaged from the code of 5.1.0 */
	{.name = "harmony-2.2", .role_operations = true, .keeps_unmarked = true, .duplicates = UNIQUE_BY_LOOKUP, .header_prefix = "ns3"},
};

const Personality *
personality_find(const char *name)
{
	for (size_t i = 0; i < lengthof(personalities); i++)
	{
		if (strcmp(personalities[i].name, name) == 0)
			return &personalities[i];
	}
	return NULL;
}

const Personality *
personality_default(void)
{
	return personality_find("5.2.1");
}
