/*
 * memory.c
 *		Blocks of memory that end with their request, growing texts in them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"

#define BLOCK_SIZE (16 * 1024)

typedef struct ArenaBlock
{
	struct ArenaBlock *next;
	size_t		size;
	size_t		used;
	_Alignas(max_align_t) char data[];
} ArenaBlock;

void *
take_memory(size_t size)
{
	void	   *memory = calloc(1, size);

	if (memory == NULL)
		log_fatal("out of memory");
	return memory;
}

void *
arena_take(Arena *arena, size_t size)
{
	ArenaBlock *block = arena->blocks;
	const size_t align = _Alignof(max_align_t);
	size_t		wanted;
	void	   *memory;

	if (size > SIZE_MAX / 2)
		log_fatal("out of memory");
	wanted = (size + align - 1) / align * align;
	if (block == NULL || block->size - block->used < wanted)
	{
		size_t		room = wanted > BLOCK_SIZE ? wanted : BLOCK_SIZE;

		block = take_memory(sizeof(ArenaBlock) + room);
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	memory = block->data + block->used;
	block->used += wanted;
	return memory;
}

char *
arena_copy(Arena *arena, const char *bytes, size_t len)
{
	char	   *copy = arena_take(arena, len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	copy[len] = '\0';
	return copy;
}

char *
arena_text(Arena *arena, const char *text)
{
	return arena_copy(arena, text, strlen(text));
}

char *
arena_format(Arena *arena, const char *format,...)
{
	va_list		arguments;
	va_list		again;
	int			len;
	char	   *text;

	va_start(arguments, format);
	va_copy(again, arguments);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	text = arena_take(arena, (size_t) len + 1);
	vsnprintf(text, (size_t) len + 1, format, again);
	va_end(again);
	return text;
}

void
arena_free(Arena *arena)
{
	while (arena->blocks)
	{
		ArenaBlock *block = arena->blocks;

		arena->blocks = block->next;
		/* names and documents of persons were in it */
		explicit_bzero(block->data, block->used);
		free(block);
	}
}

void
buffer_add(Buffer *buffer, const void *bytes, size_t len)
{
	if (buffer->size - buffer->len < len + 1)
	{
		size_t		size = buffer->size ? buffer->size * 2 : 4096;
		char	   *data;

		while (size - buffer->len < len + 1)
			size *= 2;
		data = arena_take(buffer->arena, size);
		if (buffer->len > 0)
			memcpy(data, buffer->data, buffer->len);
		buffer->data = data;
		buffer->size = size;
	}
	memcpy(buffer->data + buffer->len, bytes, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
}

void
buffer_adopt(Buffer *buffer, char *bytes, size_t len)
{
	buffer->data = bytes;
	buffer->len = len;
	buffer->size = len + 1;
}

void
buffer_text(Buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void
buffer_format(Buffer *buffer, const char *format,...)
{
	va_list		arguments;
	va_list		again;
	int			len;

	va_start(arguments, format);
	va_copy(again, arguments);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	{
		char	   *text = arena_take(buffer->arena, (size_t) len + 1);

		vsnprintf(text, (size_t) len + 1, format, again);
		buffer_add(buffer, text, (size_t) len);
	}
	va_end(again);
}
