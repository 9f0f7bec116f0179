/*
 * name_key.c
 *		The coarse key: consonant classes with a mark where vowels were, the same for
 *		every spelling of a name, so that one index equality finds all candidates.
 *
 *		Each folded letter becomes a class letter or nothing; then neighbouring
 *		class letters are contracted by rules "two letters become one". The rules
 *		are closed: contracting in any order gives the same result. Two spellings
 *		with equal keys therefore stay equal within any name, and the comparison's
 *		"share a spelling" implies equal keys. The regression test checks the
 *		closure for all triples of class letters.
 */
#include "postgres.h"

#include "evidence/name.h"
#include "evidence/name_fold.h"

/* Longer keys are cut: a key must fit every index tuple. In code points. */
#define KEY_MAX		128
/* names up to this many letters need no allocation for the skeleton */
#define SHORT_NAME	128
#define UTF8_MAX_BYTES 4

/*
 * Class of each letter: a for every vowel; '-' for none, as j comes and goes (đ: d,
 * dj); '.' for x, which is k and s.
 */
static const char letter_class[] =
/*	 abcdefghijklmnopqrstuvwxyz */
	"abhdavhha-klmnapkrstavv.as";

#define LETTER(c) ((c) - 'a')

/*
 * h stands for c, g, h and the groups that replace them. The first rules are the
 * equations of the table, the others follow from them (Knuth and Bendix).
 */
static const char contraction[26][26] = {
	[LETTER('s')] = {
		[LETTER('h')] = 's',	/* š: s, sh */
		[LETTER('t')] = 's',	/* щ: shch, sht */
		[LETTER('k')] = 's'		/* follows */
	},
	[LETTER('k')] = {
		[LETTER('h')] = 'h'		/* х: kh, h */
	},
	[LETTER('t')] = {
		[LETTER('s')] = 'h',	/* ц: ts, c */
		[LETTER('h')] = 'h'		/* follows, as tts is ts */
	},
	[LETTER('n')] = {
		[LETTER('h')] = 'h',	/* γγ: ng, gg */
		[LETTER('t')] = 'd',	/* ντ: nt, d */
		[LETTER('d')] = 'd'		/* follows */
	},
	[LETTER('h')] = {
		[LETTER('k')] = 'h',	/* γκ: gk, g */
		[LETTER('t')] = 'h',	/* follows */
		[LETTER('s')] = 'h'		/* follows */
	},
	[LETTER('m')] = {
		[LETTER('p')] = 'b',	/* μπ: mp, b */
		[LETTER('b')] = 'b'		/* follows */
	},
	[LETTER('b')] = {
		[LETTER('p')] = 'b'		/* follows */
	},
	[LETTER('d')] = {			/* all follow */
		[LETTER('s')] = 'h',
		[LETTER('h')] = 'h',
		[LETTER('t')] = 'd'
	}
};

typedef struct Skeleton
{
	pg_wchar	local[SHORT_NAME];
	pg_wchar   *letters;
	int			count;
	int			size;
} Skeleton;

static inline bool
is_small(pg_wchar c)
{
	return c >= 'a' && c <= 'z';
}

static void
skeleton_enlarge(Skeleton *skeleton)
{
	Size		bytes = (Size) skeleton->size * 2 * sizeof(pg_wchar);

	if (skeleton->letters == skeleton->local)
	{
		skeleton->letters = palloc(bytes);
		memcpy(skeleton->letters, skeleton->local, sizeof(skeleton->local));
	}
	else
		skeleton->letters = repalloc(skeleton->letters, bytes);
	skeleton->size *= 2;
}

/* The letters so far are contracted; contract with the next one and again with what comes out. */
static inline void
skeleton_push(Skeleton *skeleton, pg_wchar letter)
{
	while (skeleton->count > 0)
	{
		pg_wchar	top = skeleton->letters[skeleton->count - 1];
		char		contracted;

		if (top == letter)
			return;
		if (!is_small(top) || !is_small(letter))
			break;
		contracted = contraction[LETTER(top)][LETTER(letter)];
		if (contracted == 0)
			break;
		skeleton->count--;
		letter = contracted;
	}
	if (skeleton->count == skeleton->size)
		skeleton_enlarge(skeleton);
	skeleton->letters[skeleton->count++] = letter;
}

/* letter: lower case, folded */
static inline void
skeleton_add(Skeleton *skeleton, pg_wchar letter)
{
	char		class;

	if (!is_small(letter))
	{
		skeleton_push(skeleton, letter);
		return;
	}
	class = letter_class[LETTER(letter)];
	if (class == '.')
	{
		skeleton_push(skeleton, 'k');
		skeleton_push(skeleton, 's');
	}
	else if (class != '-')
		skeleton_push(skeleton, class);
}

/* Most registry names, without allocation or table. Stops at the first byte that is not ASCII. */
static bool
add_ascii(Skeleton *skeleton, const char *name, size_t length)
{
	for (size_t i = 0; i < length && name[i] != '\0'; i++)
	{
		unsigned char c = (unsigned char) name[i];

		if (c >= 0x80)
			return false;
		if (c >= 'A' && c <= 'Z')
			c += 32;
		if (is_small(c) || (c >= '0' && c <= '9'))
			skeleton_add(skeleton, c);
	}
	return true;
}

/* Any spelling gives the key, so the first of each unit will do. */
static void
add_folded(Skeleton *skeleton, const char *utf8, size_t length)
{
	FoldedName	name = name_fold(utf8, length);

	for (int i = 0; i < name.count; i++)
	{
		const char *spelling = name.units[i].alternatives;

		if (spelling == NULL)
			skeleton_add(skeleton, name.units[i].letter);
		else
			for (; *spelling != '\0' && *spelling != '|'; spelling++)
				skeleton_add(skeleton, (unsigned char) *spelling);
	}
	pfree(name.units);
}

char *
name_key_fold(const char *utf8, size_t length)
{
	Skeleton	skeleton;
	char	   *key;
	char	   *end;

	skeleton.letters = skeleton.local;
	skeleton.count = 0;
	skeleton.size = SHORT_NAME;
	if (!add_ascii(&skeleton, utf8, length))
	{
		skeleton.count = 0;
		add_folded(&skeleton, utf8, length);
	}
	skeleton.count = Min(skeleton.count, KEY_MAX);
	end = key = palloc(skeleton.count * UTF8_MAX_BYTES + 1);
	for (int i = 0; i < skeleton.count; i++)
	{
		unicode_to_utf8(skeleton.letters[i], (unsigned char *) end);
		end += pg_utf_mblen((unsigned char *) end);
	}
	*end = '\0';
	if (skeleton.letters != skeleton.local)
		pfree(skeleton.letters);
	return key;
}
