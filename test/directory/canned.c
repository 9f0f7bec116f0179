/*
 * canned.c
 *		Keep and find canned answers.
 */
#include <stdlib.h>
#include <string.h>

#include "canned.h"

typedef struct Canned
{
	Query		pattern;
	Buffer		bytes;
	struct Canned *older;
} Canned;

static Canned *youngest;

static bool
fits(const Query *pattern, const Query *query)
{
	for (int i = 0; i < pattern->count; i++)
	{
		const char *value = query_value(query, pattern->parameters[i].name);

		if (value == NULL || strcmp(value, pattern->parameters[i].value) != 0)
			return false;
	}
	return pattern->service == query->service;
}

static void
canned_free(Canned *canned)
{
	query_free(&canned->pattern);
	buffer_free(&canned->bytes);
	free(canned);
}

/* Those for the same queries, said in any order. */
static void
forget(const Query *pattern)
{
	Canned	  **link = &youngest;

	while (*link)
	{
		Canned	   *canned = *link;

		if (canned->pattern.count == pattern->count && fits(&canned->pattern, pattern))
		{
			*link = canned->older;
			canned_free(canned);
		}
		else
			link = &canned->older;
	}
}

void
canned_set(Query *pattern, const Buffer *bytes)
{
	Canned	   *canned;

	forget(pattern);
	if (bytes->len == 0)
	{
		query_free(pattern);
		return;
	}
	canned = allocate(sizeof(Canned));
	canned->pattern = *pattern;
	buffer_add(&canned->bytes, bytes->data, bytes->len);
	canned->older = youngest;
	youngest = canned;
}

bool
canned_find(const Query *query, Buffer *out)
{
	for (const Canned *canned = youngest; canned; canned = canned->older)
	{
		if (fits(&canned->pattern, query))
		{
			buffer_add(out, canned->bytes.data, canned->bytes.len);
			return true;
		}
	}
	return false;
}

void
canned_clear(void)
{
	while (youngest)
	{
		Canned	   *canned = youngest;

		youngest = canned->older;
		canned_free(canned);
	}
}
