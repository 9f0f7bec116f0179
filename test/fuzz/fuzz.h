/*
 * fuzz.h
 *		What a target is made of: it defines fuzz_raises, fuzz_start() and fuzz_one();
 *		harness.c runs it under libFuzzer, each input in a memory context of its own that
 *		is freed after it.
 */
#ifndef OOTSPG_FUZZ_H
#define OOTSPG_FUZZ_H

#include "postgres.h"

#include "fmgr.h"

/* May what is under test raise errors of class OT? All others are findings, and where false these too. The target says it. */
extern bool fuzz_raises;

/* Once, before the first input; what is allocated stays. */
extern void fuzz_start(void);
extern void fuzz_one(const char *bytes, size_t length);

/* A promise that was not kept ends the run, and libFuzzer keeps the input. */
extern void fuzz_broken(const char *promise) pg_attribute_noreturn();

#define PROMISE(holds)	((holds) ? (void) 0 : fuzz_broken(#holds))

/* Take the text before the next 0xff, a byte that no UTF-8 has, out of an input; the rest when there is none. */
typedef struct FuzzInput
{
	const char *at;
	size_t		left;
} FuzzInput;

extern char *fuzz_text(FuzzInput *input, size_t *length);	/* palloc'd, with a terminating NUL; length may be NULL */
extern uint32 fuzz_number(FuzzInput *input, int bytes);

/*
 * Changes to a text as an input describes them: bytes set, taken out, put in, and whole
 * elements or stretches of this or another text put somewhere else. Starts with the text
 * itself, so that an empty input changes nothing. palloc'd, with a terminating NUL.
 */
extern char *fuzz_edit(FuzzInput *input, const char *text, size_t length, const char *other, size_t other_length,
					   size_t *edited_length);

/*
 * backend.c: what the server would do for a set-returning function. The bytes of each row
 * are looked at; types has one letter a column: t for a varlena, v for a value.
 */
extern uint64 fuzz_rows(PGFunction function, const char *types, int count, const NullableDatum *arguments);
extern NullableDatum fuzz_bytea(const char *bytes, size_t length);
extern NullableDatum fuzz_cstring(const char *text);	/* NULL: SQL NULL */

/* Of the error that was raised last, for the report. */
extern const char *fuzz_error_text(void);
extern int	fuzz_error_state(void);

#endif							/* OOTSPG_FUZZ_H */
