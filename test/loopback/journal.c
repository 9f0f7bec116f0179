/*
 * journal.c
 *		Write and replay the file of what happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "journal.h"

static int	file = -1;
static Buffer record;			/* being made */
static Buffer waiting;			/* complete records not yet written */

static const char *replay_at;	/* in the record being replayed */
static const char *replay_end;

void
journal_begin(const char *kind)
{
	record.len = 0;
	journal_text(kind);
}

void
journal_bytes(const void *bytes, size_t len)
{
	if (file < 0)
		return;
	buffer_format(&record, "%zu:", len);
	buffer_add(&record, bytes, len);
}

void
journal_text(const char *text)
{
	if (file < 0)
		return;
	if (text)
		journal_bytes(text, strlen(text));
	else
		buffer_text(&record, "-");
}

void
journal_number(int64_t number)
{
	char		text[24];

	snprintf(text, sizeof(text), "%lld", (long long) number);
	journal_text(text);
}

void
journal_end(void)
{
	if (file < 0)
		return;
	buffer_format(&waiting, "%zu:", record.len);
	buffer_add(&waiting, record.data, record.len);
	buffer_text(&waiting, "\n");
}

void
journal_commit(void)
{
	size_t		done = 0;

	while (done < waiting.len)
	{
		ssize_t		written = write(file, waiting.data + done, waiting.len - done);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			fatal("could not write the state: %m");
		done += written;
	}
	waiting.len = 0;
	if (waiting.size > 1024 * 1024)
		buffer_free(&waiting);
	if (record.size > 1024 * 1024)
		buffer_free(&record);
}

/* The length before a colon, leaving *at behind it; false when the bytes end before it is over. */
static bool
read_length(const char **at, const char *end, size_t *len)
{
	const char *start = *at;

	*len = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; (*at)++)
		*len = *len * 10 + (**at - '0');
	if (*at == start || *at == end || **at != ':')
		return false;
	(*at)++;
	return *len <= (size_t) (end - *at);
}

const char *
journal_read_bytes(size_t *len)
{
	const char *bytes;

	if (replay_at < replay_end && *replay_at == '-')
	{
		replay_at++;
		*len = 0;
		return NULL;
	}
	if (!read_length(&replay_at, replay_end, len))
		fatal("the state has a damaged record");
	bytes = replay_at;
	replay_at += *len;
	return bytes;
}

char *
journal_read_text(void)
{
	size_t		len;
	const char *bytes = journal_read_bytes(&len);

	return bytes ? copy_bytes(bytes, len) : NULL;
}

int64_t
journal_read_number(void)
{
	char	   *text = journal_read_text();
	int64_t		number = text ? strtoll(text, NULL, 10) : 0;

	free(text);
	return number;
}

/* How many bytes hold whole records; what a kill left half written follows them. */
static size_t
replay_records(const char *bytes, size_t size, void (*replay) (const char *kind))
{
	const char *at = bytes;
	const char *end = bytes + size;
	size_t		len;

	for (;;)
	{
		const char *start = at;

		if (!read_length(&at, end, &len) || at + len == end)
			return start - bytes;
		replay_at = at;
		replay_end = at + len;
		at += len + 1;

		char	   *kind = journal_read_text();

		if (kind == NULL)
			fatal("the state has a record without kind");
		replay(kind);
		free(kind);
	}
}

void
journal_open(const char *path, void (*replay) (const char *kind))
{
	int			opened = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct stat status;

	if (opened < 0 || fstat(opened, &status) != 0)
		fatal("could not open \"%s\": %m", path);
	if (status.st_size > 0)
	{
		char	   *bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, opened, 0);
		size_t		whole;

		if (bytes == MAP_FAILED)
			fatal("could not read \"%s\": %m", path);
		whole = replay_records(bytes, status.st_size, replay);
		munmap(bytes, status.st_size);
		if (ftruncate(opened, whole) != 0)
			fatal("could not cut \"%s\": %m", path);
	}
	file = opened;
}
