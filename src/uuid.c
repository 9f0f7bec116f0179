/*
 * uuid.c
 *		Random identifiers. Random bytes are drawn in blocks: a system call for each
 *		identifier would cost more than writing the message around it. A block is
 *		never shared between processes: it is refilled after a fork.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "uuid.h"

#define POOL_BYTES 1024

/* per process; position == POOL_BYTES means empty */
static uint8 pool[POOL_BYTES];
static int	position = POOL_BYTES;
static int	pool_owner = 0;

static const uint8 *
random_16(void)
{
	const uint8 *result;

	if (position + 16 > POOL_BYTES || pool_owner != MyProcPid)
	{
		if (!pg_strong_random(pool, POOL_BYTES))
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("could not generate random identifiers")));
		position = 0;
		pool_owner = MyProcPid;
	}
	result = pool + position;
	position += 16;
	return result;
}

static char *
write_hex(char *to, const uint8 *bytes, int count)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < count; i++)
	{
		*to++ = digits[bytes[i] >> 4];
		*to++ = digits[bytes[i] & 15];
	}
	return to;
}

void
uuid_write(char *buffer)
{
	static const int groups[] = {4, 2, 2, 2, 6};
	uint8		bytes[16];
	const uint8 *next = bytes;

	memcpy(bytes, random_16(), 16);
	bytes[6] = (bytes[6] & 0x0f) | 0x40;	/* version 4 */
	bytes[8] = (bytes[8] & 0x3f) | 0x80;	/* variant 1 */
	for (int i = 0; i < (int) lengthof(groups); i++)
	{
		if (i > 0)
			*buffer++ = '-';
		buffer = write_hex(buffer, next, groups[i]);
		next += groups[i];
	}
	*buffer = '\0';
}

char *
uuid_text(void)
{
	char	   *text = palloc(UUID_TEXT_LENGTH + 1);

	uuid_write(text);
	return text;
}

char *
uuid_urn(void)
{
	static const char prefix[] = "urn:uuid:";
	char	   *text = palloc(sizeof(prefix) + UUID_TEXT_LENGTH);

	memcpy(text, prefix, sizeof(prefix) - 1);
	uuid_write(text + sizeof(prefix) - 1);
	return text;
}

char *
uuid_hex(void)
{
	char	   *text = palloc(33);

	*write_hex(text, random_16(), 16) = '\0';
	return text;
}
