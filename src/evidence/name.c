/*
 * name.c
 *		The comparison that decides: two names are equal when they share a spelling
 *		(D-IDM-11; no similarity, no score). The spellings of a name are the paths
 *		through a small automaton; two names share one when both automata can be
 *		walked together. Each pair of states is visited once, so the cost is bounded
 *		by the product of the lengths, whatever the number of spellings.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "evidence/name.h"
#include "evidence/name_fold.h"

/* Longer names compare by their first spellings only. In units; passports stop at 39 letters. */
#define MAX_COMPARED 512

/* Letters of the automaton beside code points */
#define END_OF_NAME	0xFFFFFFFF
#define NO_LETTER	0xFFFFFFFE

/* Either read the letter and go to next, or try other as if it stood here. */
typedef struct State
{
	pg_wchar	letter;
	int			next;
	int			other;			/* -1: none */
} State;

typedef struct Spellings
{
	State	   *states;
	int			count;
	int			start;
} Spellings;

typedef struct Pair
{
	int			a;
	int			b;
} Pair;

typedef struct Search
{
	const State *a;
	const State *b;
	int			width;			/* states of b */
	uint8	   *seen;			/* one bit a pair */
	Pair	   *stack;
	int			depth;
	int			size;
} Search;

static int
add_state(Spellings *spellings, pg_wchar letter, int next, int other)
{
	spellings->states[spellings->count] = (State) {letter, next, other};
	return spellings->count++;
}

/* The spelling's letters, last first, so that each knows where it goes. */
static int
add_spelling(Spellings *spellings, const char *spelling, int length, int next, int other)
{
	if (length == 0)
		return add_state(spellings, NO_LETTER, next, other);
	for (int i = length - 1; i > 0; i--)
		next = add_state(spellings, (unsigned char) spelling[i], next, -1);
	return add_state(spellings, (unsigned char) spelling[0], next, other);
}

static int
add_unit(Spellings *spellings, const NameUnit *unit, int next)
{
	const char *spelling = unit->alternatives;
	int			head = -1;

	if (spelling == NULL)
		return add_state(spellings, unit->letter, next, -1);
	for (;;)
	{
		int			length = strcspn(spelling, "|");

		head = add_spelling(spellings, spelling, length, next, head);
		if (spelling[length] == '\0')
			return head;
		spelling += length + 1;
	}
}

static Spellings
spell(FoldedName name)
{
	Spellings	spellings = {0};
	size_t		size = 1;

	for (int i = 0; i < name.count; i++)
		size += name.units[i].alternatives == NULL ? 1 : strlen(name.units[i].alternatives) + 1;
	spellings.states = palloc(size * sizeof(State));
	spellings.start = add_state(&spellings, END_OF_NAME, -1, -1);
	for (int i = name.count - 1; i >= 0; i--)
		spellings.start = add_unit(&spellings, &name.units[i], spellings.start);
	return spellings;
}

static void
visit(Search *search, int a, int b)
{
	size_t		bit = (size_t) a * search->width + b;

	if (a < 0 || b < 0 || search->seen[bit / 8] & (1 << bit % 8))
		return;
	search->seen[bit / 8] |= 1 << bit % 8;
	if (search->depth == search->size)
	{
		search->size *= 2;
		search->stack = repalloc(search->stack, search->size * sizeof(Pair));
	}
	search->stack[search->depth++] = (Pair) {a, b};
}

static bool
walk_together(Search *search)
{
	while (search->depth > 0)
	{
		Pair		pair = search->stack[--search->depth];
		const State *a = &search->a[pair.a];
		const State *b = &search->b[pair.b];

		CHECK_FOR_INTERRUPTS();
		if (a->letter == END_OF_NAME && b->letter == END_OF_NAME)
			return true;
		visit(search, a->other, pair.b);
		visit(search, pair.a, b->other);
		if (a->letter == NO_LETTER)
			visit(search, a->next, pair.b);
		else if (b->letter == NO_LETTER)
			visit(search, pair.a, b->next);
		else if (a->letter == b->letter)
			visit(search, a->next, b->next);
	}
	return false;
}

static bool
share_spelling(FoldedName a, FoldedName b)
{
	Spellings	of_a = spell(a);
	Spellings	of_b = spell(b);
	Search		search = {.a = of_a.states, .b = of_b.states, .width = of_b.count, .size = 64};
	bool		result;

	search.seen = palloc0((size_t) of_a.count * of_b.count / 8 + 1);
	search.stack = palloc(search.size * sizeof(Pair));
	visit(&search, of_a.start, of_b.start);
	result = walk_together(&search);
	pfree(search.stack);
	pfree(search.seen);
	pfree(of_a.states);
	pfree(of_b.states);
	return result;
}

/* Names beyond the limit: each unit stands for its first spelling. */
static Spellings
spell_plainly(FoldedName name)
{
	for (int i = 0; i < name.count; i++)
	{
		NameUnit   *unit = &name.units[i];

		if (unit->alternatives != NULL)
			unit->alternatives = pnstrdup(unit->alternatives, strcspn(unit->alternatives, "|"));
	}
	return spell(name);
}

static bool
same_plain_spelling(FoldedName a, FoldedName b)
{
	Spellings	of_a = spell_plainly(a);
	Spellings	of_b = spell_plainly(b);
	int			at_a = of_a.start;
	int			at_b = of_b.start;

	for (;;)
	{
		while (of_a.states[at_a].letter == NO_LETTER)
			at_a = of_a.states[at_a].next;
		while (of_b.states[at_b].letter == NO_LETTER)
			at_b = of_b.states[at_b].next;
		if (of_a.states[at_a].letter != of_b.states[at_b].letter)
			return false;
		if (of_a.states[at_a].letter == END_OF_NAME)
			return true;
		at_a = of_a.states[at_a].next;
		at_b = of_b.states[at_b].next;
	}
}

static bool
folded_equal(FoldedName a, FoldedName b)
{
	if (a.count == 0 || b.count == 0)
		return false;
	if (a.count > MAX_COMPARED || b.count > MAX_COMPARED)
		return same_plain_spelling(a, b);
	return share_spelling(a, b);
}

/* Beyond the limit of folding, the ends are not known. */
static bool
is_too_long(const char *name)
{
	return strlen(name) > NAME_MOST_BYTES;
}

bool
name_equal(const char *a, const char *b)
{
	if (is_too_long(a) || is_too_long(b))
		return false;
	return folded_equal(name_fold(a, strlen(a)), name_fold(b, strlen(b)));
}

/* The stretch of units from start to the next break of that strength, or the end. */
static FoldedName
part_at(FoldedName name, int start, NameBreak least)
{
	FoldedName	part = {name.units + start, 1};

	while (start + part.count < name.count && part.units[part.count].before < least)
		part.count++;
	return part;
}

static bool
has_part(FoldedName name, FoldedName wanted)
{
	FoldedName	part;

	for (int start = 0; start < name.count; start += part.count)
	{
		part = part_at(name, start, BREAK_HYPHEN);
		if (folded_equal(part, wanted))
			return true;
	}
	return false;
}

static bool
has_all_parts(FoldedName name, FoldedName wanted)
{
	FoldedName	part;

	for (int start = 0; start < wanted.count; start += part.count)
	{
		part = part_at(wanted, start, BREAK_HYPHEN);
		if (!has_part(name, part))
			return false;
	}
	return true;
}

/* The first so many parts of the name, run together. */
static FoldedName
leading_parts(FoldedName name, int parts)
{
	FoldedName	result = {name.units, 0};

	while (parts-- > 0 && result.count < name.count)
		result.count += part_at(name, result.count, BREAK_HYPHEN).count;
	return result;
}

static int
count_parts(FoldedName name)
{
	int			result = 0;

	for (int start = 0; start < name.count; start += part_at(name, start, BREAK_HYPHEN).count)
		result++;
	return result;
}

/* Is the first, hyphened given name of a spelt with spaces in b? */
static bool
hyphen_lost(FoldedName first_a, FoldedName b, FoldedName first_b)
{
	int			parts = count_parts(first_a);

	return parts > 1 && count_parts(first_b) == 1 && folded_equal(first_a, leading_parts(b, parts));
}

/* The first given name reaches to the first space, its hyphens included. */
static bool
first_equal(FoldedName a, FoldedName b)
{
	FoldedName	first_a = part_at(a, 0, BREAK_SPACE);
	FoldedName	first_b = part_at(b, 0, BREAK_SPACE);

	return folded_equal(first_a, first_b) ||
		hyphen_lost(first_a, b, first_b) || hyphen_lost(first_b, a, first_a);
}

/* More given names than anybody has are not compared as a set: the work would grow with the square. */
#define MAX_GIVEN_NAMES 32

bool
given_names_equal(const char *a, const char *b, GivenNamePolicy policy)
{
	FoldedName	of_a = name_fold(a, strlen(a));
	FoldedName	of_b = name_fold(b, strlen(b));

	if (of_a.count == 0 || of_b.count == 0 || is_too_long(a) || is_too_long(b))
		return false;
	switch (policy)
	{
		case GIVEN_NAMES_FIRST:
			return first_equal(of_a, of_b);
		case GIVEN_NAMES_SET:
			if (folded_equal(of_a, of_b))
				return true;
			return count_parts(of_a) <= MAX_GIVEN_NAMES && count_parts(of_b) <= MAX_GIVEN_NAMES &&
				has_all_parts(of_a, of_b) && has_all_parts(of_b, of_a);
	}
	return false;
}
