/*
 * name_fold.c
 *		NFKD, case fold, strip marks, drop apostrophes, note hyphens and spaces,
 *		look up the table. Independent of locale and collation, so that the SQL
 *		functions are truly immutable: normalisation is by tables of a version of its own
 *		(unicode.h), everything else is in name_table.c. Time and memory are
 *		linear in the name, whatever it is made of.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "evidence/name_fold.h"
#include "message/shape.h"
#include "unicode.h"

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

/*
 * Normalising sorts the marks of a letter by moving each past those before it, and
 * nothing can cancel it: the cost is the square of their number, which a name decides
 * that somebody made for it. So it is given no more than this at a time, in code points.
 */
#define MOST_AT_ONCE 128

/*
 * UTF-8 to code points, zero-terminated; *ascii tells whether that is all. Marks upon
 * one letter beyond the bound of the standard do not count.
 */
static pg_wchar *
code_points(const char *utf8, size_t length, bool *ascii)
{
	pg_wchar   *code = palloc((length + 1) * sizeof(pg_wchar));
	const unsigned char *byte = (const unsigned char *) utf8;
	size_t		left = length;
	size_t		count = 0;
	int			marks = 0;

	*ascii = true;
	while (left > 0 && *byte != '\0')
	{
		int			size = pg_utf_mblen(byte);

		if ((size_t) size > left)
			break;				/* cut in the middle of a character */
		*ascii = *ascii && size == 1;
		code[count] = utf8_to_unicode(byte);
		marks = shape_is_mark(code[count]) ? marks + 1 : 0;
		if (code[count] <= MAX_CODE_POINT && marks <= SHAPE_MOST_MARKS)	/* else not UTF-8: drop the byte */
			count++;
		byte += size;
		left -= size;
	}
	code[count] = 0;
	return code;
}

static size_t
count_code_points(const pg_wchar *code)
{
	size_t		count = 0;

	while (code[count] != 0)
		count++;
	return count;
}

/* As many code points from here as are decomposed at once: a letter keeps its marks. */
static size_t
next_stretch(const pg_wchar *code, size_t left)
{
	size_t		count = MOST_AT_ONCE;

	if (left <= count)
		return left;
	while (shape_is_mark(code[count]))
		count--;
	return count;
}

static pg_wchar *
decompose_stretch(const pg_wchar *code, size_t count)
{
	pg_wchar	stretch[MOST_AT_ONCE + 1];

	memcpy(stretch, code, count * sizeof(pg_wchar));
	stretch[count] = 0;
	return unicode_fixed(UNICODE_NFKD, stretch);
}

/* UTF-8 to code points, zero-terminated, decomposed unless it is all ASCII. */
static pg_wchar *
decompose(const char *utf8, size_t length)
{
	bool		ascii;
	pg_wchar   *code = code_points(utf8, Min(length, NAME_MOST_BYTES), &ascii);
	size_t		left = count_code_points(code);
	const pg_wchar end = 0;
	StringInfoData result;

	if (ascii)
		return code;
	initStringInfo(&result);
	for (pg_wchar *next = code; left > 0;)
	{
		size_t		taken = next_stretch(next, left);
		pg_wchar   *decomposed = decompose_stretch(next, taken);

		CHECK_FOR_INTERRUPTS();
		appendBinaryStringInfo(&result, (char *) decomposed, count_code_points(decomposed) * sizeof(pg_wchar));
		pfree(decomposed);
		next += taken;
		left -= taken;
	}
	appendBinaryStringInfo(&result, (char *) &end, sizeof(end));
	pfree(code);
	return (pg_wchar *) result.data;
}

/* One lower-case letter from a base and the marks after it; *marks says how many these are. */
static pg_wchar
compose(const pg_wchar *code, int *marks)
{
	pg_wchar	letter = name_lower(code[0]);
	pg_wchar	result = letter;

	for (*marks = 0; shape_is_mark(code[1 + *marks]); (*marks)++)
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

		switch (shape_is_mark(*code) ? IS_JOINED : character_kind(*code))
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
	size_t		size = count_code_points(code);
	PlainLetter *letters;
	FoldedName	name = {0};
	int			count;

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
