/*
 * names.c
 *		Names of any letters. Equal names have equal keys, equality has two sides, a name
 *		that has letters equals itself, and Unicode's two forms of a name are the same to
 *		keys and comparison; normalising what is normal changes nothing.
 *
 *		Input: two names, 0xff between them, or one that is both.
 */
#include "fuzz.h"

#include "common/unicode_norm.h"
#include "mb/pg_wchar.h"

#include "audit/subject_key.h"
#include "evidence/name.h"
#include "evidence/name_fold.h"
#include "message/shape.h"

/* Shorter than where keys are cut and comparison is by one spelling only */
#define HONEST		100

bool		fuzz_raises = false;

void
fuzz_start(void)
{
}

static bool
same_key(const char *a, const char *b)
{
	return strcmp(name_key_fold(a, strlen(a)), name_key_fold(b, strlen(b))) == 0;
}

static char *
normal_form(UnicodeNormalizationForm form, const char *name)
{
	pg_wchar   *code = palloc((strlen(name) + 1) * sizeof(pg_wchar));
	pg_wchar   *normal;
	char	   *text;
	char	   *end;
	int			length = 0;

	for (const unsigned char *next = (const unsigned char *) name; *next; next += pg_utf_mblen(next))
		code[length++] = utf8_to_unicode(next);
	code[length] = 0;
	normal = unicode_normalize(form, code);
	for (length = 0; normal[length] != 0; length++)
		;
	end = text = palloc(4 * length + 1);
	for (int i = 0; i < length; i++)
	{
		unicode_to_utf8(normal[i], (unsigned char *) end);
		end += pg_utf_mblen((unsigned char *) end);
	}
	*end = '\0';
	return text;
}

static void
keep_forms(const char *name, bool has_letters)
{
	char	   *composed = normal_form(UNICODE_NFC, name);
	char	   *decomposed = normal_form(UNICODE_NFD, name);
	uint8		key[SHA256_BYTES];
	uint8		other[SHA256_BYTES];

	PROMISE(strcmp(normal_form(UNICODE_NFC, decomposed), composed) == 0);
	PROMISE(same_key(composed, decomposed));
	PROMISE(name_equal(composed, decomposed) == has_letters);
	if (shape_ordinary(composed) && shape_ordinary(decomposed))
	{
		identifier_key(composed, NULL, key);
		identifier_key(decomposed, NULL, other);
		PROMISE(memcmp(key, other, sizeof(key)) == 0);
	}
}

static void
keep_to_itself(const char *name)
{
	bool		has_letters = name_fold(name, strlen(name)).count > 0;

	PROMISE(name_equal(name, name) == has_letters);
	PROMISE(given_names_equal(name, name, GIVEN_NAMES_SET) == has_letters);
	PROMISE(given_names_equal(name, name, GIVEN_NAMES_FIRST) == has_letters);
	PROMISE(same_key(name, name));
	if (strlen(name) <= HONEST)
		keep_forms(name, has_letters);
}

void
fuzz_one(const char *bytes, size_t length)
{
	FuzzInput	input = {bytes, length};
	char	   *a = fuzz_text(&input, NULL);
	char	   *b = input.left > 0 ? fuzz_text(&input, NULL) : a;
	bool		equal;

	/* text of a database is UTF-8 */
	if (!pg_verify_mbstr(PG_UTF8, a, strlen(a), true) || !pg_verify_mbstr(PG_UTF8, b, strlen(b), true))
		return;
	keep_to_itself(a);
	equal = name_equal(a, b);
	PROMISE(equal == name_equal(b, a));
	PROMISE(!equal || same_key(a, b));
	for (GivenNamePolicy policy = GIVEN_NAMES_SET; policy <= GIVEN_NAMES_FIRST; policy++)
	{
		PROMISE(given_names_equal(a, b, policy) == given_names_equal(b, a, policy));
		PROMISE(!equal || policy == GIVEN_NAMES_FIRST || given_names_equal(a, b, policy));
	}
}
