/*
 * name.h
 *		Names of persons and places: a coarse key for the index and the exact
 *		comparison that decides (D-IDM-11 … -13). Pure functions of their
 *		arguments: no locale, no catalogue, no setting. What they say is frozen per
 *		policy version, because indexes and match records depend on it.
 *		The user's description is doc/matching.md.
 */
#ifndef OOTSPG_EVIDENCE_NAME_H
#define OOTSPG_EVIDENCE_NAME_H

/* recorded with each match (D-IDM-12); changing a table, a rule or a limit needs a new version */
#define NAME_POLICY_VERSION 1

typedef enum GivenNamePolicy
{
	GIVEN_NAMES_SET,			/* all given names, in any order */
	GIVEN_NAMES_FIRST			/* the first given name; ask for one more attribute */
} GivenNamePolicy;

/*
 * The coarse key, palloc'd. name_equal(a, b) implies that the keys are the same;
 * the reverse does not hold. Any UTF-8, any length, so that no row of a register
 * fails for its name; the result is short enough for every index.
 */
extern char *name_key_fold(const char *utf8, size_t length);

/* Do the two names share a documented spelling? A name without letters or digits equals nothing. */
extern bool name_equal(const char *a, const char *b);

extern bool given_names_equal(const char *a, const char *b, GivenNamePolicy policy);

#endif							/* OOTSPG_EVIDENCE_NAME_H */
