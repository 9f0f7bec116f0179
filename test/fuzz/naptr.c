/*
 * naptr.c
 *		NAPTR records of a DNS message. Records are no more than are read, in the order
 *		in which they are to be tried, and lead to a printable URI or are refused.
 *
 *		Input: the message.
 */
#include "fuzz.h"

#include "dns/naptr.h"

bool		fuzz_raises = false;

void
fuzz_start(void)
{
}

static bool
is_plain(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

void
fuzz_one(const char *bytes, size_t length)
{
	NaptrAnswer answer;

	if (naptr_read((const uint8 *) bytes, length, &answer) != NULL)
		return;
	PROMISE(answer.count > 0 && answer.count <= NAPTR_MOST);
	PROMISE(answer.ttl <= PG_INT32_MAX);
	for (int i = 0; i < answer.count; i++)
	{
		const NaptrRecord *record = &answer.records[i];

		PROMISE(is_plain(record->flags) && is_plain(record->services) && is_plain(record->regexp));
		PROMISE(record->refused != NULL || (record->uri[0] != '\0' && is_plain(record->uri) && strpbrk(record->uri, " ?#\\") == NULL));
		PROMISE(i == 0 || record[-1].order < record->order ||
				(record[-1].order == record->order && record[-1].preference <= record->preference));
	}
}
