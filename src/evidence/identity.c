/*
 * identity.c
 *		Two sign-ins of one person, one abroad and one here, are compared by the
 *		attributes that both must have, by the rules that registers are matched with
 *		(evidence/name.c). Identifiers are made for a pair of countries, and some for a
 *		single recipient: those of different pairs say nothing of each other (D-IDM-08,
 *		D-IDM-09), those of one pair must be the same.
 */
#include "postgres.h"

#include "evidence/identity.h"
#include "evidence/name.h"

/* "XX/YY/" */
#define PAIR_LENGTH 6

static bool
of_one_pair(const char *a, const char *b)
{
	return a != NULL && b != NULL && strlen(a) > PAIR_LENGTH && strlen(b) > PAIR_LENGTH && pg_strncasecmp(a, b, PAIR_LENGTH) == 0;
}

static bool
identifiers_differ(const char *a, const char *b)
{
	return of_one_pair(a, b) && strcmp(a + PAIR_LENGTH, b + PAIR_LENGTH) != 0;
}

static bool
same_names(const char *a, const char *b)
{
	return a != NULL && b != NULL && name_equal(a, b);
}

static List *
natural_differences(const Subject *asked, const Subject *verified, bool first_given_name)
{
	GivenNamePolicy policy = first_given_name ? GIVEN_NAMES_FIRST : GIVEN_NAMES_SET;
	List	   *differences = NIL;

	if (!same_names(asked->family_name, verified->family_name))
		differences = lappend(differences, "family_name");
	if (asked->given_name == NULL || verified->given_name == NULL || !given_names_equal(asked->given_name, verified->given_name, policy))
		differences = lappend(differences, "given_name");
	if (asked->date_of_birth == NULL || verified->date_of_birth == NULL || strcmp(asked->date_of_birth, verified->date_of_birth) != 0)
		differences = lappend(differences, "date_of_birth");
	if (identifiers_differ(asked->identifier, verified->identifier))
		differences = lappend(differences, "identifier");
	return differences;
}

List *
identity_differences(const Subject *asked, const Subject *verified, bool first_given_name)
{
	if (asked->is_legal != verified->is_legal)
		return list_make1("kind");
	if (!asked->is_legal)
		return natural_differences(asked, verified, first_given_name);
	/* companies are renamed (D-IDM-19): what cannot be compared is not the same */
	if (!of_one_pair(asked->identifier, verified->identifier) || identifiers_differ(asked->identifier, verified->identifier))
		return list_make1("identifier");
	return NIL;
}
