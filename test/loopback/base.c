/*
 * base.c
 *		Memory, buffers, base64, XML text, clocks.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base.h"

void
fatal(const char *format,...)
{
	va_list		arguments;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

void *
allocate(size_t size)
{
	void	   *memory = calloc(1, size ? size : 1);

	if (memory == NULL)
		fatal("out of memory");
	return memory;
}

void *
reallocate(void *memory, size_t size)
{
	memory = realloc(memory, size);
	if (memory == NULL)
		fatal("out of memory");
	return memory;
}

char *
copy_bytes(const char *bytes, size_t len)
{
	char	   *copy = allocate(len + 1);

	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

char *
copy_text(const char *text)
{
	return text ? copy_bytes(text, strlen(text)) : NULL;
}

char *
format_text(const char *format,...)
{
	va_list		arguments;
	char	   *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		fatal("out of memory");
	va_end(arguments);
	return text;
}

static void
buffer_reserve(Buffer *buffer, size_t more)
{
	size_t		needed = buffer->len + more + 1;

	if (needed <= buffer->size)
		return;
	if (needed < buffer->size * 2)
		needed = buffer->size * 2;
	buffer->data = reallocate(buffer->data, needed);
	buffer->size = needed;
}

void
buffer_add(Buffer *buffer, const void *bytes, size_t len)
{
	buffer_reserve(buffer, len);
	if (len > 0)
		memcpy(buffer->data + buffer->len, bytes, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
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
	char	   *text;
	int			len;

	va_start(arguments, format);
	len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0)
		fatal("out of memory");
	buffer_add(buffer, text, len);
	free(text);
}

void
buffer_xml(Buffer *buffer, const char *text)
{
	for (; *text; text++)
	{
		size_t		plain = strcspn(text, "&<>\"\r");

		buffer_add(buffer, text, plain);
		text += plain;
		switch (*text)
		{
			case '&':
				buffer_text(buffer, "&amp;");
				break;
			case '<':
				buffer_text(buffer, "&lt;");
				break;
			case '>':
				buffer_text(buffer, "&gt;");
				break;
			case '"':
				buffer_text(buffer, "&quot;");
				break;
			case '\r':
				buffer_text(buffer, "&#13;");
				break;
			default:
				return;
		}
	}
}

void
buffer_free(Buffer *buffer)
{
	free(buffer->data);
	*buffer = (Buffer) {0};
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
buffer_base64(Buffer *buffer, const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	char	   *out;

	buffer_reserve(buffer, (len + 2) / 3 * 4);
	out = buffer->data + buffer->len;
	for (; len >= 3; in += 3, len -= 3)
	{
		*out++ = alphabet[in[0] >> 2];
		*out++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
		*out++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
		*out++ = alphabet[in[2] & 63];
	}
	if (len > 0)
	{
		*out++ = alphabet[in[0] >> 2];
		*out++ = alphabet[(in[0] & 3) << 4 | (len > 1 ? in[1] >> 4 : 0)];
		*out++ = len > 1 ? alphabet[(in[1] & 15) << 2] : '=';
		*out++ = '=';
	}
	*out = '\0';
	buffer->len = out - buffer->data;
}

/* The table costs a little once and makes the loop cheap for megabytes. */
static void
fill_values(signed char values[256])
{
	memset(values, -1, 256);
	for (int i = 0; i < 64; i++)
		values[(unsigned char) alphabet[i]] = i;
}

bool
base64_decode(Buffer *out, const char *text, size_t len)
{
	signed char values[256];
	unsigned int bits = 0;
	int			count = 0;
	int			padding = 0;

	fill_values(values);
	buffer_reserve(out, len / 4 * 3 + 3);
	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = text[i];

		if (isspace(c))
			continue;
		if (c == '=')
			padding++;
		else if (values[c] < 0 || padding > 0)
			return false;
		bits = bits << 6 | (c == '=' ? 0 : values[c]);
		if (++count % 4 == 0)
		{
			char		group[3] = {bits >> 16, bits >> 8, bits};

			if (padding > 2)
				return false;
			memcpy(out->data + out->len, group, 3 - padding);
			out->len += 3 - padding;
		}
	}
	out->data[out->len] = '\0';
	return count % 4 == 0;
}

int64_t
now(void)
{
	struct timespec moment;

	clock_gettime(CLOCK_REALTIME, &moment);
	return (int64_t) moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

/*
 * An xsd:dateTime as the plugin reads it: the zone is dropped, the rest taken
 * for UTC. Negative when it is none.
 */
int64_t
parse_time(const char *text)
{
	struct tm	tm = {0};
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t		fraction = 0;

	if (rest == NULL)
		return -1;
	if (*rest == '.')
	{
		int64_t		unit = 100000;

		for (rest++; isdigit((unsigned char) *rest); rest++, unit /= 10)
			fraction += (*rest - '0') * unit;
	}
	if (*rest && strcmp(rest, "Z") != 0 && strchr("+-", *rest) == NULL)
		return -1;
	return (int64_t) timegm(&tm) * 1000000 + fraction;
}

void
sleep_ms(long ms)
{
	struct timespec rest = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&rest, &rest) != 0 && errno == EINTR)
		;
}

/* strftime in UTC, where %f stands for six digits of a second and %q for three. */
const char *
format_time(char *out, size_t size, const char *format, int64_t moment)
{
	time_t		seconds = moment / 1000000;
	char		expanded[64];
	size_t		len = 0;
	struct tm	tm;

	for (; *format && len < sizeof(expanded) - 8; format++)
	{
		if (format[0] == '%' && (format[1] == 'f' || format[1] == 'q'))
		{
			int			digits = format[1] == 'f' ? 6 : 3;
			int			fraction = moment % 1000000 / (digits == 6 ? 1 : 1000);

			len += sprintf(expanded + len, "%0*d", digits, fraction);
			format++;
		}
		else
			expanded[len++] = *format;
	}
	expanded[len] = '\0';
	gmtime_r(&seconds, &tm);
	if (strftime(out, size, expanded, &tm) == 0)
		out[0] = '\0';
	return out;
}

void
random_uuid(char out[37])
{
	unsigned char bytes[16];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		fatal("no random numbers: %m");
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	for (int i = 0, at = 0; i < 16; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		at += sprintf(out + at, "%02x", bytes[i]);
	}
}

bool
parse_number(const char *text, long least, long most, long *out)
{
	char	   *end;

	errno = 0;
	*out = strtol(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *out >= least && *out <= most;
}

int
split_words(char *line, char **words, int most)
{
	int			count = 0;
	char	   *rest;

	for (char *word = strtok_r(line, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest))
	{
		if (count == most)
			return count + 1;
		words[count++] = word;
	}
	return count;
}
