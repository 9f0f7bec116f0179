/*
 * name_fold.c
 *		NFKD, case fold, strip marks, drop apostrophes, note hyphens and spaces,
 *		look up the table. Independent of locale and collation, so that the SQL
 *		functions are truly immutable: normalisation of assigned characters is stable
 *		by Unicode policy, everything else is in name_table.c.
 */
#include "postgres.h"

#include "common/unicode_norm.h"

#include "evidence/name_fold.h"

#define MAX_CODE_POINT 0x10FFFF

typedef enum CharacterKind
{
	IS_LETTER,					/* letters of any script, digits, whatever is not known better */
	IS_JOINED,					/* dropped without a trace: apostrophes, the dot of l·l, controls */
	IS_HYPHEN,
	IS_SPACE					/* spaces, full stops and other punctuation */
} CharacterKind;

/* A letter with what stood before it, between the two passes. */
typedef struct PlainLetter
{
	pg_wchar	letter;
	NameBreak	before;
} PlainLetter;

static inline bool
between(pg_wchar c, pg_wchar low, pg_wchar high)
{
	return c >= low && c <= high;
}

static CharacterKind
ascii_kind(pg_wchar c)
{
	if (between(c, 'a', 'z') || between(c, 'A', 'Z') || between(c, '0', '9'))
		return IS_LETTER;
	if (c == '\'' || c == '`')
		return IS_JOINED;
	if (c == '-')
		return IS_HYPHEN;
	if (between(c, '\t', '\r') || between(c, ' ', '~'))
		return IS_SPACE;
	return IS_JOINED;
}

/*
 * Only what occurs in names. Apostrophes hide in many places: quotation marks,
 * modifier letters (Oʻ, Nʼ), primes.
 */
static CharacterKind
character_kind(pg_wchar c)
{
	if (c < 0x80)
		return ascii_kind(c);
	if (between(c, 0x2010, 0x2015) || c == 0x2212 || c == 0x2043 || c == 0x058A || c == 0x05BE)
		return IS_HYPHEN;
	if (between(c, 0x2018, 0x201B) || between(c, 0x2032, 0x2037) || between(c, 0x02B0, 0x02FF) ||
		between(c, 0x80, 0x9F) || between(c, 0x200B, 0x200F) || between(c, 0x2028, 0x202E) ||
		between(c, 0x2060, 0x206F) || c == 0xA78C || c == 0xB7 || c == 0xAD || c == 0xFEFF || c == 0x0387)
		return IS_JOINED;
	if (between(c, 0xA0, 0xBF) || between(c, 0x2000, 0x206F) || between(c, 0x3000, 0x3003) ||
		c == 0xD7 || c == 0xF7 || c == 0x037E)
		return IS_SPACE;
	return IS_LETTER;
}

/* Combining marks of the scripts a European register may hold. */
static bool
is_mark(pg_wchar c)
{
	return between(c, 0x0300, 0x036F) || between(c, 0x0483, 0x0489) ||
		between(c, 0x0591, 0x05BD) || c == 0x05BF || between(c, 0x05C1, 0x05C2) ||
		between(c, 0x05C4, 0x05C5) || c == 0x05C7 ||
		between(c, 0x0610, 0x061A) || between(c, 0x064B, 0x065F) || c == 0x0670 ||
		between(c, 0x1AB0, 0x1AFF) || between(c, 0x1DC0, 0x1DFF) ||
		between(c, 0x20D0, 0x20FF) || between(c, 0xFE20, 0xFE2F);
}

/* UTF-8 to code points, zero-terminated, decomposed unless it is all ASCII. */
static pg_wchar *
decompose(const char *utf8, size_t length)
{
	pg_wchar   *code = palloc((length + 1) * sizeof(pg_wchar));
	const unsigned char *byte = (const unsigned char *) utf8;
	size_t		left = length;
	size_t		count = 0;
	bool		ascii = true;
	pg_wchar   *result;

	while (left > 0 && *byte != '\0')
	{
		int			size = pg_utf_mblen(byte);

		if ((size_t) size > left)
			break;				/* cut in the middle of a character */
		ascii = ascii && size == 1;
		code[count] = utf8_to_unicode(byte);
		if (code[count] <= MAX_CODE_POINT)	/* else not UTF-8: drop the byte */
			count++;
		byte += size;
		left -= size;
	}
	code[count] = 0;
	if (ascii)
		return code;
	result = unicode_normalize(UNICODE_NFKD, code);
	pfree(code);
	return result;
}

/* One lower-case letter from a base and the marks after it; *marks says how many these are. */
static pg_wchar
compose(const pg_wchar *code, int *marks)
{
	pg_wchar	letter = name_lower(code[0]);
	pg_wchar	result = letter;

	for (*marks = 0; is_mark(code[1 + *marks]); (*marks)++)
		if (result == letter)
		{
			pg_wchar	marked = name_marked_letter(letter, code[1 + *marks]);

			if (marked != 0)
				result = marked;
		}
	return result;
}

static int
plain_letters(const pg_wchar *code, PlainLetter *letters)
{
	NameBreak	before = BREAK_NONE;
	int			count = 0;

	while (*code != 0)
	{
		int			marks;
		pg_wchar	letter = compose(code, &marks);

		switch (is_mark(*code) ? IS_JOINED : character_kind(*code))
		{
			case IS_LETTER:
				letters[count++] = (PlainLetter) {letter, before};
				before = BREAK_NONE;
				break;
			case IS_HYPHEN:
				before = Max(before, BREAK_HYPHEN);
				break;
			case IS_SPACE:
				/* a space with an accent is what NFKD makes of ´, typed for an apostrophe */
				if (marks == 0)
					before = BREAK_SPACE;
				break;
			case IS_JOINED:
				break;
		}
		code += 1 + marks;
	}
	return count;
}

/* Longest first; a pair is one only within a word. */
static const NameEntry *
entry_at(const PlainLetter *letter, int left)
{
	const NameEntry *entry = NULL;

	if (left > 1 && letter[1].before == BREAK_NONE)
		entry = name_entry(letter[0].letter, letter[1].letter);
	return entry != NULL ? entry : name_entry(letter[0].letter, 0);
}

FoldedName
name_fold(const char *utf8, size_t length)
{
	pg_wchar   *code = decompose(utf8, length);
	size_t		size = 0;
	PlainLetter *letters;
	FoldedName	name = {0};
	int			count;

	while (code[size] != 0)
		size++;
	letters = palloc((size + 1) * sizeof(PlainLetter));
	name.units = palloc((size + 1) * sizeof(NameUnit));
	count = plain_letters(code, letters);
	for (int i = 0; i < count;)
	{
		const NameEntry *entry = entry_at(letters + i, count - i);

		name.units[name.count++] = (NameUnit) {
			.letter = letters[i].letter,
			.alternatives = entry != NULL ? entry->alternatives : NULL,
			.before = letters[i].before
		};
		i += entry != NULL && entry->second != 0 ? 2 : 1;
	}
	pfree(letters);
	pfree(code);
	return name;
}
