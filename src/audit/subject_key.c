/*
 * subject_key.c
 *		A key is the SHA-256 of a kind and case-folded values, each with its length
 *		before it: no two different lists of values give the same text, whatever
 *		characters the values contain (D-LOG-22). Companies are keyed by identifier
 *		alone, for correspondents rewrite their names.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "audit/subject_key.h"
#include "evidence/name.h"

static void
append_value(StringInfo text, const char *folded)
{
	appendStringInfo(text, "%zu:%s;", strlen(folded), folded);
}

static void
digest(const StringInfoData *text, uint8 key[SHA256_BYTES])
{
	sha256_bytes(text->data, text->len, key);
}

void
identifier_key(const char *identifier, uint8 key[SHA256_BYTES])
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "identifier;");
	append_value(&text, name_casefold(identifier));
	digest(&text, key);
}

bool
subject_key(const Subject *subject, uint8 key[SHA256_BYTES])
{
	StringInfoData text;

	initStringInfo(&text);
	if (subject->is_legal)
	{
		if (subject->identifier == NULL)
			return false;
		appendStringInfoString(&text, "legal person;");
		append_value(&text, name_casefold(subject->identifier));
	}
	else
	{
		if (subject->family_name == NULL || subject->given_name == NULL || subject->date_of_birth == NULL)
			return false;
		appendStringInfoString(&text, "natural person;");
		append_value(&text, name_casefold(subject->family_name));
		append_value(&text, name_casefold(subject->given_name));
		append_value(&text, subject->date_of_birth);
	}
	digest(&text, key);
	return true;
}
