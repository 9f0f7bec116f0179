/*
 * log.c
 *		Lines on standard error; systemd or whoever started us keeps them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static void write_line(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));

/* One write a line, so that lines of several threads do not mix. */
static void
write_line(const char *format, va_list arguments)
{
	char		line[1024];
	struct timespec now;
	struct tm	parts;
	int			len;
	int			more;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	len = (int) strftime(line, sizeof(line), "%Y-%m-%dT%H:%M:%SZ ", &parts);
	more = vsnprintf(line + len, sizeof(line) - (size_t) len - 1, format, arguments);
	if (more < 0)
		return;
	len += more;
	if (len > (int) sizeof(line) - 2)
		len = (int) sizeof(line) - 2;
	/* what a library or the server says may have several lines */
	for (int i = 0; i < len; i++)
		if ((unsigned char) line[i] < ' ')
			line[i] = ' ';
	line[len++] = '\n';
	if (write(STDERR_FILENO, line, (size_t) len) < 0)
		return;					/* nobody is left to tell */
}

void
log_line(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	write_line(format, arguments);
	va_end(arguments);
}

void
log_fatal(const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	write_line(format, arguments);
	va_end(arguments);
	exit(1);
}

/* A request line without a method begins with the path, and so with a link. */
static const char *
method_name(const char *method)
{
	static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(method, names[i]) == 0)
			return names[i];
	return "other";
}

void
log_access(const char *method, const char *route, unsigned int status, const char *language, int64_t milliseconds)
{
	log_line("request method=%s route=%s status=%u language=%s ms=%lld", method_name(method), route, status, language, (long long) milliseconds);
}
