/*
 * memory.h
 *		Memory of one request, freed at once when it is answered, and texts
 *		that grow in it. The program ends when the machine has no memory left.
 */
#ifndef PREVIEW_MEMORY_H
#define PREVIEW_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Arena
{
	struct ArenaBlock *blocks;
} Arena;

/* Zeroed, aligned for anything; lives until arena_free(). */
extern void *arena_take(Arena *arena, size_t size);
extern char *arena_copy(Arena *arena, const char *bytes, size_t len);
extern char *arena_text(Arena *arena, const char *text);
extern char *arena_format(Arena *arena, const char *format,...) __attribute__((format(printf, 2, 3)));
extern void arena_free(Arena *arena);

/* Memory outside a request, which cannot fail either. */
extern void *take_memory(size_t size);

typedef struct Buffer
{
	Arena	   *arena;
	char	   *data;			/* ended by a zero byte that len does not count; NULL while empty */
	size_t		len;
	size_t		size;
} Buffer;

extern void buffer_add(Buffer *buffer, const void *bytes, size_t len);
/* Bytes of the same arena, ended by a zero byte, become all of it, without a copy. */
extern void buffer_adopt(Buffer *buffer, char *bytes, size_t len);
extern void buffer_text(Buffer *buffer, const char *text);
extern void buffer_format(Buffer *buffer, const char *format,...) __attribute__((format(printf, 2, 3)));

#endif
