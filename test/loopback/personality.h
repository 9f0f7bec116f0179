/*
 * personality.h
 *		How the versions of the access point differ, as data. The chapters are
 *		those of the description of the WS plugin the tests are written after.
 */
#ifndef LOOPBACK_PERSONALITY_H
#define LOOPBACK_PERSONALITY_H

#include <stdbool.h>

typedef enum DuplicateRule
{
	UNIQUE_IN_NODE,				/* an id is taken in both directions at once */
	UNIQUE_BY_LOOKUP,			/* per role, found by looking */
	UNIQUE_BY_CONSTRAINT		/* per role, found by the database: another text */
} DuplicateRule;

typedef struct Personality
{
	const char *name;
	bool		role_operations;	/* roles, marking and failed pushes are known */
	bool		keeps_unmarked; /* markAsDownloaded="false" is honoured */
	bool		mark_unlists;	/* marking removes the pending row */
	bool		entity_id;		/* submitResponse/messageEntityID */
	bool		content_type;	/* payload/@contentType in answers */
	bool		zoned_time;		/* Timestamp of the message with Z, else the wall clock of the call */
	bool		suffix_when_same;	/* the received copy of a message to oneself gets "_1" */
	DuplicateRule duplicates;
	const char *header_prefix;	/* of the ebMS namespace */
} Personality;

extern const Personality *personality_find(const char *name);
extern const Personality *personality_default(void);

#endif
