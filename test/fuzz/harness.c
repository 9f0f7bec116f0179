/*
 * harness.c
 *		Between libFuzzer and a target.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <unistd.h>

#include "utils/memutils.h"

const char *__lsan_default_options(void);
int			LLVMFuzzerInitialize(int *argc, char ***argv);
int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The heads of our allocations are poisoned, but lead to all of them. */
const char *
__lsan_default_options(void)
{
	return "use_poisoned=1";
}

void
fuzz_broken(const char *promise)
{
	fprintf(stderr, "ootspg: not kept: %s\n", promise);
	abort();
}

static bool
is_ours(int sqlstate)
{
	char		class[2] = {PGUNSIXBIT(sqlstate), PGUNSIXBIT(sqlstate >> 6)};

	return memcmp(class, "OT", sizeof(class)) == 0;
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	TopMemoryContext = AllocSetContextCreate(NULL, "top", ALLOCSET_DEFAULT_SIZES);
	CurrentMemoryContext = TopMemoryContext;
	fuzz_start();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MemoryContext input = AllocSetContextCreate(TopMemoryContext, "input", ALLOCSET_DEFAULT_SIZES);
	sigjmp_buf	raised;

	MemoryContextSwitchTo(input);
	PG_exception_stack = &raised;
	if (sigsetjmp(raised, 0) == 0)
		fuzz_one((const char *) data, size);
	else if (!fuzz_raises || !is_ours(fuzz_error_state()))
		fuzz_broken(fuzz_error_text());
	PG_exception_stack = NULL;
	MemoryContextSwitchTo(TopMemoryContext);
	MemoryContextDelete(input);
	return 0;
}

char *
fuzz_text(FuzzInput *input, size_t *length)
{
	const char *end = memchr(input->at, 0xff, input->left);
	size_t		size = end ? (size_t) (end - input->at) : input->left;
	char	   *text = palloc(size + 1);

	memcpy(text, input->at, size);
	text[size] = '\0';
	input->at += size + (end != NULL);
	input->left -= size + (end != NULL);
	if (length != NULL)
		*length = size;
	return text;
}

uint32
fuzz_number(FuzzInput *input, int bytes)
{
	uint32		number = 0;

	for (; bytes > 0 && input->left > 0; bytes--, input->at++, input->left--)
		number = number << 8 | (uint8) *input->at;
	return number;
}

/* Where the element that begins at or after place ends: behind its end tag, by counting; its own beginning when there is none. */
static size_t
element_end(const char *text, size_t length, size_t start)
{
	int			depth = 0;

	for (size_t i = start; i < length; i++)
		if (text[i] == '<' && i + 1 < length)
			depth += text[i + 1] == '/' ? -1 : 1;
		else if (text[i] == '>')
		{
			depth -= text[i - 1] == '/' && i > start;
			if (depth <= 0)
				return i + 1;
		}
	return start;
}

static size_t
element_start(const char *text, size_t length, size_t place)
{
	while (place < length && text[place] != '<')
		place++;
	return place;
}

typedef struct Edited
{
	char	   *text;
	size_t		length;
} Edited;

static void
replace(Edited *edited, size_t from, size_t taken, const char *put, size_t size)
{
	char	   *text;

	from = Min(from, edited->length);
	taken = Min(taken, edited->length - from);
	text = palloc(edited->length - taken + size + 1);
	memcpy(text, edited->text, from);
	memcpy(text + from, put, size);
	memcpy(text + from + size, edited->text + from + taken, edited->length - from - taken);
	edited->length += size - taken;
	text[edited->length] = '\0';
	edited->text = text;
}

static void
put_element(Edited *edited, size_t to, const char *text, size_t length, size_t place, bool instead)
{
	size_t		start = element_start(text, length, length ? place % length : 0);
	size_t		end = element_end(text, length, start);
	size_t		target = element_start(edited->text, edited->length, to);

	replace(edited, target, instead ? element_end(edited->text, edited->length, target) - target : 0, text + start, end - start);
}

#define MOST_EDITS	16

char *
fuzz_edit(FuzzInput *input, const char *text, size_t length, const char *other, size_t other_length,
		  size_t *edited_length)
{
	Edited		edited = {memcpy(palloc(length + 1), text, length), length};	/* which may hold octets of zero */

	edited.text[length] = '\0';

	for (int i = 0; i < MOST_EDITS && input->left > 0 && edited.length < 4 * (length + other_length) + 1000; i++)
	{
		uint32		kind = fuzz_number(input, 1);
		size_t		place = fuzz_number(input, 2) % (edited.length + 1);
		size_t		count;
		size_t		from;
		char	   *bytes;

		switch (kind % 5)
		{
			case 0:
				bytes = fuzz_text(input, &count);
				replace(&edited, place, count, bytes, count);
				break;
			case 1:
				bytes = fuzz_text(input, &count);
				replace(&edited, place, 0, bytes, count);
				break;
			case 2:
				replace(&edited, place, fuzz_number(input, 2), "", 0);
				break;
			case 3:
				from = fuzz_number(input, 2);
				put_element(&edited, place, edited.text, edited.length, from, kind & 0x80);
				break;
			case 4:
				from = fuzz_number(input, 2);
				put_element(&edited, place, other, other_length, from, kind & 0x80);
				break;
		}
	}
	*edited_length = edited.length;
	return edited.text;
}
