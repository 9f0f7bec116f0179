/*
 * line.c
 *		The table of EDM lines (EDM §6).
 */
#include "postgres.h"

#include "message/line.h"

#define REPOSITORY "https://sr.oots.tech.ec.europa.eu"

static const LineTraits lines[] = {
	{EDM_V10, "oots-edm:v1.0", false, false, 2, true, "/distributions/", REPOSITORY},
	{EDM_V11, "oots-edm:v1.1", false, false, 2, true, "/datamodels/", REPOSITORY},
	{EDM_V12, "oots-edm:v1.2", false, false, 2, true, "/datamodels/", REPOSITORY},
	{EDM_V20, "oots-edm:v2.0", true, true, 4, false, "/datamodels/", REPOSITORY},
};

const LineTraits *
line_traits(EdmLine line)
{
	Assert(line >= EDM_V10 && line <= EDM_V20);
	return &lines[line - EDM_V10];
}

EdmLine
line_from_identifier(const char *identifier)
{
	if (identifier == NULL)
		return EDM_NONE;
	for (int i = 0; i < (int) lengthof(lines); i++)
		if (strcmp(lines[i].identifier, identifier) == 0)
			return lines[i].line;
	return EDM_NONE;
}
