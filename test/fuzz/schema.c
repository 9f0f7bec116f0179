/*
 * schema.c
 *		XML Schemas that somebody installs. What the estimate of their cost lets pass,
 *		libxml2 compiles within libFuzzer's limits of time and memory, or says that it is none.
 *
 *		Input: the schema.
 */
#include "fuzz.h"

#include "xml/schema.h"

bool		fuzz_raises = true;

void
fuzz_start(void)
{
}

void
fuzz_one(const char *bytes, size_t length)
{
	schema_check(bytes, length);
}
