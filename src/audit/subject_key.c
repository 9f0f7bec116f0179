/*
 * subject_key.c
 *		A key is the HMAC-SHA-256 of a provider, a kind and case-folded values, or,
 *		without a secret, the SHA-256 of kind and values, each with its length
 *		before it: no two different lists of values give the same text, whatever
 *		characters the values contain (D-LOG-22). Companies are keyed by identifier
 *		alone, for correspondents rewrite their names. What nobody is called is keyed
 *		by its bytes as they came: normalising it would cost the square of its marks.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "audit/subject_key.h"
#include "evidence/name_fold.h"
#include "message/shape.h"
#include "unicode.h"

static void
append_raw(StringInfo text, const char *value)
{
	appendStringInfo(text, "raw %zu:", strlen(value));
	appendStringInfoString(text, value);
	appendStringInfoChar(text, ';');
}

/*
 * Lower case, composed; our own table, so no locale decides. The table knows base
 * letters: marks are taken off for it and put back after.
 */
static void
append_folded(StringInfo text, const char *value)
{
	pg_wchar   *code = palloc((strlen(value) + 1) * sizeof(pg_wchar));
	pg_wchar   *decomposed;
	StringInfoData folded;
	int			length = 0;

	for (const unsigned char *next = (const unsigned char *) value; *next; next += pg_utf_mblen(next))
		code[length++] = utf8_to_unicode(next);
	code[length] = 0;
	decomposed = unicode_fixed(UNICODE_NFD, code);
	for (pg_wchar *next = decomposed; *next; next++)
		*next = name_lower(*next);
	initStringInfo(&folded);
	for (pg_wchar *next = unicode_fixed(UNICODE_NFC, decomposed); *next; next++)
	{
		unsigned char utf8[5] = {0};

		unicode_to_utf8(*next, utf8);
		appendBinaryStringInfo(&folded, (char *) utf8, pg_utf_mblen(utf8));
	}
	appendStringInfo(text, "%d:%s;", folded.len, folded.data);
}

static void
append_value(StringInfo text, const char *value)
{
	if (shape_ordinary(value))
		append_folded(text, value);
	else
		append_raw(text, value);
}

static void
digest(const StringInfoData *text, const SearchKey *secret, uint8 key[SHA256_BYTES])
{
	StringInfoData whole;

	if (secret == NULL)
	{
		sha256_bytes(text->data, text->len, key);
		return;
	}
	initStringInfo(&whole);
	appendStringInfo(&whole, "%zu:%s;", strlen(secret->provider), secret->provider);
	appendBinaryStringInfo(&whole, text->data, text->len);
	hmac_sha256_bytes(secret->secret, secret->length, whole.data, whole.len, key);
}

void
identifier_key(const char *identifier, const SearchKey *secret, uint8 key[SHA256_BYTES])
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "identifier;");
	append_value(&text, identifier);
	digest(&text, secret, key);
}

bool
subject_key(const Subject *subject, const SearchKey *secret, uint8 key[SHA256_BYTES])
{
	StringInfoData text;

	initStringInfo(&text);
	if (subject->is_legal)
	{
		if (subject->identifier == NULL)
			return false;
		appendStringInfoString(&text, "legal person;");
		append_value(&text, subject->identifier);
	}
	else
	{
		if (subject->family_name == NULL || subject->given_name == NULL || subject->date_of_birth == NULL)
			return false;
		appendStringInfoString(&text, "natural person;");
		append_value(&text, subject->family_name);
		append_value(&text, subject->given_name);
		append_value(&text, subject->date_of_birth);
	}
	digest(&text, secret, key);
	return true;
}
