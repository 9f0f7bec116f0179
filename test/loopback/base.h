/*
 * base.h
 *		What every file of the programs for tests uses: memory that cannot
 *		fail (the program ends instead), growing byte buffers, base64, XML text
 *		and clocks. Whoever declares a Buffer frees it.
 */
#ifndef LOOPBACK_BASE_H
#define LOOPBACK_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define lengthof(array) (sizeof(array) / sizeof((array)[0]))

typedef struct Buffer
{
	char	   *data;			/* ended by a zero byte that len does not count; NULL while empty */
	size_t		len;
	size_t		size;
} Buffer;

extern void *allocate(size_t size);
extern void *reallocate(void *memory, size_t size);
extern char *copy_text(const char *text);
extern char *copy_bytes(const char *bytes, size_t len);
extern char *format_text(const char *format,...) __attribute__((format(printf, 1, 2)));
extern void fatal(const char *format,...) __attribute__((format(printf, 1, 2), noreturn));

extern void buffer_add(Buffer *buffer, const void *bytes, size_t len);
extern void buffer_text(Buffer *buffer, const char *text);
extern void buffer_format(Buffer *buffer, const char *format,...) __attribute__((format(printf, 2, 3)));
extern void buffer_xml(Buffer *buffer, const char *text);
extern void buffer_base64(Buffer *buffer, const void *bytes, size_t len);
extern void buffer_free(Buffer *buffer);

/* White space is skipped; false when anything else is not base64. */
extern bool base64_decode(Buffer *out, const char *text, size_t len);

/* Microseconds since 1970. */
extern int64_t now(void);
extern int64_t parse_time(const char *text);
extern void sleep_ms(long ms);
extern const char *format_time(char *out, size_t size, const char *format, int64_t moment);
extern void random_uuid(char out[37]);
extern bool parse_number(const char *text, long least, long most, long *out);

/* In place; the count is most + 1 when there are more. */
extern int	split_words(char *line, char **words, int most);

#endif
