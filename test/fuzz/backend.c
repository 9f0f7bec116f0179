/*
 * backend.c
 *		As much of the server as the readers need: memory contexts over malloc, so that
 *		each allocation has its own bounds and is really freed; errors by longjmp;
 *		rows that are looked at and forgotten. What is asked for and cannot be needed
 *		here ends the run. The rest is the server's own libpgcommon.
 */
#include "fuzz.h"

#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/unicode_norm.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "settings.h"

int			oots_max_message_kb = 1024;
int			oots_max_depth = 100;
int			oots_max_elements = 100000;
int			oots_max_attributes = 128;
char	   *oots_key_directory = NULL;
bool		oots_accept_former_seals = true;
bool		oots_rsa_pss = false;
bool		oots_accept_eidas2 = false;

volatile sig_atomic_t InterruptPending = false;
int			MyProcPid = 1;
MemoryContext TopMemoryContext = NULL;
MemoryContext CurrentMemoryContext = NULL;
sigjmp_buf *PG_exception_stack = NULL;
ErrorContextCallback *error_context_stack = NULL;

/* ---- memory ---- */

/* Before each allocation; nobody but this file may touch it. */
typedef struct Chunk
{
	struct Chunk *previous,
			   *next;
	MemoryContext context;
	Size		size;
} Chunk;

typedef struct Context
{
	MemoryContextData data;		/* first */
	Chunk		chunks;			/* head of a ring */
} Context;

static Chunk *
chunk_open(void *pointer)
{
	Chunk	   *chunk = (Chunk *) pointer - 1;

	ASAN_UNPOISON_MEMORY_REGION(chunk, sizeof(Chunk));
	return chunk;
}

static void
chunk_close(Chunk *chunk)
{
	ASAN_POISON_MEMORY_REGION(chunk, sizeof(Chunk));
}

static void
ring_insert(Chunk *head, Chunk *chunk)
{
	bool		first = head->next == head;
	Chunk	   *next = head->next;

	chunk->previous = head;
	chunk->next = next;
	head->next = chunk;
	if (!first)
		chunk_open(next + 1);
	next->previous = chunk;
	if (!first)
		chunk_close(next);
}

static void
ring_take(Chunk *chunk)
{
	Chunk	   *head = &((Context *) chunk->context)->chunks;

	if (chunk->previous != head)
		chunk_open(chunk->previous + 1);
	chunk->previous->next = chunk->next;
	if (chunk->previous != head)
		chunk_close(chunk->previous);
	if (chunk->next != head)
		chunk_open(chunk->next + 1);
	chunk->next->previous = chunk->previous;
	if (chunk->next != head)
		chunk_close(chunk->next);
}

static void *
allocate(MemoryContext context, Size size, int flags)
{
	Chunk	   *chunk;

	if ((flags & MCXT_ALLOC_HUGE) ? !AllocHugeSizeIsValid(size) : !AllocSizeIsValid(size))
		elog(ERROR, "invalid memory alloc request size %zu", size);
	chunk = malloc(sizeof(Chunk) + size);
	if (chunk == NULL)
		elog(ERROR, "out of memory");
	chunk->context = context;
	chunk->size = size;
	ring_insert(&((Context *) context)->chunks, chunk);
	chunk_close(chunk);
	if (flags & MCXT_ALLOC_ZERO)
		memset(chunk + 1, 0, size);
	return chunk + 1;
}

static void *
reallocate(void *pointer, Size size, int flags)
{
	Chunk	   *old = chunk_open(pointer);
	Size		old_size = old->size;
	MemoryContext context = old->context;
	void	   *result;

	chunk_close(old);
	result = allocate(context, size, flags);
	memcpy(result, pointer, Min(old_size, size));
	pfree(pointer);
	return result;
}

void *
palloc(Size size)
{
	return allocate(CurrentMemoryContext, size, 0);
}

void *
palloc0(Size size)
{
	return allocate(CurrentMemoryContext, size, MCXT_ALLOC_ZERO);
}

void *
palloc_extended(Size size, int flags)
{
	return allocate(CurrentMemoryContext, size, flags);
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return allocate(context, size, 0);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return allocate(context, size, MCXT_ALLOC_ZERO);
}

void *
repalloc(void *pointer, Size size)
{
	return reallocate(pointer, size, 0);
}

void *
repalloc_huge(void *pointer, Size size)
{
	return reallocate(pointer, size, MCXT_ALLOC_HUGE);
}

void
pfree(void *pointer)
{
	Chunk	   *chunk = chunk_open(pointer);

	ring_take(chunk);
	free(chunk);
}

Size
mul_size(Size a, Size b)
{
	Size		result;

	if (__builtin_mul_overflow(a, b, &result))
		elog(ERROR, "requested size overflows");
	return result;
}

char *
MemoryContextStrdup(MemoryContext context, const char *string)
{
	Size		size = strlen(string) + 1;

	return memcpy(allocate(context, size, 0), string, size);
}

char *
pstrdup(const char *string)
{
	return MemoryContextStrdup(CurrentMemoryContext, string);
}

char *
pnstrdup(const char *string, Size length)
{
	char	   *result;

	length = strnlen(string, length);
	result = palloc(length + 1);
	memcpy(result, string, length);
	result[length] = '\0';
	return result;
}

MemoryContext
AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size least, Size initial, Size most)
{
	Context    *context = calloc(1, sizeof(Context));

	context->data.name = name;
	context->chunks.previous = context->chunks.next = &context->chunks;
	MemoryContextSetParent(&context->data, parent);
	return &context->data;
}

void
MemoryContextSetParent(MemoryContext context, MemoryContext parent)
{
	if (context->parent != NULL)
	{
		if (context->prevchild != NULL)
			context->prevchild->nextchild = context->nextchild;
		else
			context->parent->firstchild = context->nextchild;
		if (context->nextchild != NULL)
			context->nextchild->prevchild = context->prevchild;
	}
	context->parent = parent;
	context->prevchild = NULL;
	context->nextchild = parent ? parent->firstchild : NULL;
	if (context->nextchild != NULL)
		context->nextchild->prevchild = context;
	if (parent != NULL)
		parent->firstchild = context;
}

/* Children first, then callbacks in the opposite order of their registration, as in the server. */
void
MemoryContextReset(MemoryContext context)
{
	Chunk	   *head = &((Context *) context)->chunks;

	while (context->firstchild != NULL)
		MemoryContextDelete(context->firstchild);
	while (context->reset_cbs != NULL)
	{
		MemoryContextCallback *callback = context->reset_cbs;

		context->reset_cbs = callback->next;
		callback->func(callback->arg);
	}
	while (head->next != head)
		pfree(head->next + 1);
}

void
MemoryContextDelete(MemoryContext context)
{
	MemoryContextReset(context);
	MemoryContextSetParent(context, NULL);
	free(context);
}

void
MemoryContextRegisterResetCallback(MemoryContext context, MemoryContextCallback *callback)
{
	callback->next = context->reset_cbs;
	context->reset_cbs = callback;
}

/* ---- errors ---- */

static struct
{
	int			level;
	int			state;
	char		text[4096];
}			error;

const char *
fuzz_error_text(void)
{
	return error.text;
}

int
fuzz_error_state(void)
{
	return error.state;
}

bool
errstart(int elevel, const char *domain)
{
	if (elevel < ERROR)
		return false;
	error.level = elevel;
	error.state = ERRCODE_INTERNAL_ERROR;
	error.text[0] = '\0';
	return true;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

int
errcode(int sqlerrcode)
{
	error.state = sqlerrcode;
	return 0;
}

/* All that is said is formatted, so that it is read. */
#define SAY(name) \
int \
name(const char *format,...) \
{ \
	size_t		used = strlen(error.text); \
	va_list		arguments; \
 \
	va_start(arguments, format); \
	vsnprintf(error.text + used, sizeof(error.text) - used, format, arguments); \
	va_end(arguments); \
	return 0; \
}

SAY(errmsg)
SAY(errmsg_internal)
SAY(errdetail)
SAY(errdetail_log)
SAY(errhint)

void
pg_re_throw(void)
{
	if (PG_exception_stack == NULL)
		fuzz_broken(error.text);
	siglongjmp(*PG_exception_stack, 1);
}

void
errfinish(const char *file, int line, const char *function)
{
	pg_re_throw();
}

void
ProcessInterrupts(void)
{
}

/* What runs too deep falls off the end of the stack, which the sanitizer tells. */
void
check_stack_depth(void)
{
}

/* ---- values ---- */

text *
cstring_to_text(const char *string)
{
	Size		length = strlen(string);
	text	   *result = palloc(VARHDRSZ + length);

	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), string, length);
	return result;
}

char *
text_to_cstring(const text *value)
{
	return pnstrdup(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return datum;
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return datum;
}

/* An array is only handed on to a row: its elements were looked at when they were made. */
ArrayType *
construct_empty_array(Oid type)
{
	return (ArrayType *) cstring_to_text("");
}

ArrayType *
construct_array(Datum *elements, int count, Oid type, int length, bool by_value, char alignment)
{
	return construct_empty_array(type);
}

ArrayBuildState *
accumArrayResult(ArrayBuildState *state, Datum value, bool null, Oid type, MemoryContext context)
{
	return state ? state : MemoryContextAllocZero(context, sizeof(ArrayBuildState));
}

Datum
makeArrayResult(ArrayBuildState *state, MemoryContext context)
{
	return PointerGetDatum(construct_empty_array(InvalidOid));
}

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

bool
pg_verify_mbstr(int encoding, const char *text, int length, bool no_error)
{
	return pg_encoding_verifymbstr(encoding, text, length) == length;
}

int
pg_encoding_mbcliplen(int encoding, const char *text, int length, int limit)
{
	int			clipped = 0;

	while (clipped < length)
	{
		int			size = pg_encoding_mblen(encoding, text + clipped);

		if (clipped + size > Min(limit, length))
			break;
		clipped += size;
	}
	return clipped;
}

extern pg_wchar *__real_unicode_normalize(UnicodeNormalizationForm form, const pg_wchar *input);
extern pg_wchar *__wrap_unicode_normalize(UnicodeNormalizationForm form, const pg_wchar *input);

pg_wchar *
__wrap_unicode_normalize(UnicodeNormalizationForm form, const pg_wchar *input)
{
	pg_wchar   *normal = __real_unicode_normalize(form, input);
	pg_wchar   *result;
	Size		count = 0;

	if (normal == NULL)
		elog(ERROR, "out of memory");
	while (normal[count++] != 0)
		;
	result = palloc(mul_size(count, sizeof(pg_wchar)));
	memcpy(result, normal, count * sizeof(pg_wchar));
	free(normal);
	return result;
}

/* ---- rows ---- */

static struct
{
	const char *types;
	uint64		count;
	uint64		sum;			/* of all bytes, so that each is read */
}			rows;

void
InitMaterializedSRF(FunctionCallInfo fcinfo, bits32 flags)
{
}

void
tuplestore_putvalues(Tuplestorestate *state, TupleDesc descriptor, Datum *values, bool *nulls)
{
	for (int i = 0; rows.types[i] != '\0'; i++)
	{
		const struct varlena *value = (struct varlena *) DatumGetPointer(values[i]);

		if (!nulls[i] && rows.types[i] == 't')
			for (Size at = 0; at < VARSIZE_ANY_EXHDR(value); at++)
				rows.sum += (uint8) VARDATA_ANY(value)[at];
	}
	rows.count++;
}

uint64
fuzz_rows(PGFunction function, const char *types, int count, const NullableDatum *arguments)
{
	LOCAL_FCINFO(fcinfo, 8);
	ReturnSetInfo result = {.type = T_ReturnSetInfo};

	rows.types = types;
	rows.count = 0;
	InitFunctionCallInfoData(*fcinfo, NULL, count, InvalidOid, NULL, (Node *) &result);
	for (int i = 0; i < count; i++)
		fcinfo->args[i] = arguments[i];
	function(fcinfo);
	return rows.count;
}

NullableDatum
fuzz_bytea(const char *bytes, size_t length)
{
	bytea	   *value = palloc(VARHDRSZ + length);

	SET_VARSIZE(value, VARHDRSZ + length);
	memcpy(VARDATA(value), bytes, length);
	return (NullableDatum) {.value = PointerGetDatum(value)};
}

NullableDatum
fuzz_cstring(const char *text)
{
	return (NullableDatum) {.value = text ? CStringGetTextDatum(text) : (Datum) 0,.isnull = text == NULL};
}

/* ---- what no target comes to ---- */

JsonbIterator *
JsonbIteratorInit(JsonbContainer *container)
{
	fuzz_broken("no JSON is read");
}

JsonbIteratorToken
JsonbIteratorNext(JsonbIterator **iterator, JsonbValue *value, bool skip)
{
	fuzz_broken("no JSON is read");
}

Datum
sha256_bytea(PG_FUNCTION_ARGS)
{
	fuzz_broken("no digest is asked for by SQL");
}

Datum
DirectFunctionCall1Coll(PGFunction function, Oid collation, Datum argument)
{
	fuzz_broken("no function is called by SQL");
}
