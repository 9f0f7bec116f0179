/*
 * naptr.c
 *		The answer section of a message, record by record, and the URI that each NAPTR
 *		record leads to.
 *
 * Names are stepped over, never followed: compression can neither loop nor leave the
 * message. The name server was asked one question and is trusted to answer that one, by
 * way of aliases if need be; so the owner of a record is not compared.
 */
#include "postgres.h"

#include "dns/naptr.h"

#define HEADER_BYTES	12
#define FLAG_ANSWER		0x8000
#define FLAG_CUT		0x0200
#define MASK_RCODE		0x000f

/* What is left to be read. */
typedef struct Reader
{
	const uint8 *at,
			   *end;
	bool		fine;			/* nothing was missing so far */
} Reader;

static const uint8 *
take(Reader *reader, size_t length)
{
	const uint8 *bytes = reader->at;

	if (!reader->fine || (size_t) (reader->end - reader->at) < length)
	{
		reader->fine = false;
		return NULL;
	}
	reader->at += length;
	return bytes;
}

static uint32
take_number(Reader *reader, size_t length)
{
	const uint8 *bytes = take(reader, length);
	uint32		number = 0;

	for (size_t i = 0; bytes != NULL && i < length; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* RFC 1035 §4.1.4: labels up to an empty one or a pointer. */
static void
skip_name(Reader *reader)
{
	for (;;)
	{
		uint32		length = take_number(reader, 1);

		if (length >= 0xc0)
			take(reader, 1);
		else if (length >= 0x40)
			reader->fine = false;	/* no label is so long, and other kinds were given up */
		else
			take(reader, length);
		if (!reader->fine || length == 0 || length >= 0xc0)
			return;
	}
}

static void
take_text(Reader *reader, char *text, bool *printable)
{
	uint32		length = take_number(reader, 1);
	const uint8 *bytes = take(reader, length);

	if (bytes == NULL)
		length = 0;
	for (uint32 i = 0; i < length; i++)
	{
		bool		plain = bytes[i] >= 0x20 && bytes[i] < 0x7f;

		text[i] = plain ? (char) bytes[i] : '?';
		*printable &= plain;
	}
	text[length] = '\0';
}

/* RFC 3403 §4.1; data holds the record's and nothing else. */
static bool
read_record(Reader *data, NaptrRecord *record)
{
	memset(record, 0, sizeof(NaptrRecord));
	record->order = take_number(data, 2);
	record->preference = take_number(data, 2);
	record->printable = true;
	take_text(data, record->flags, &record->printable);
	take_text(data, record->services, &record->printable);
	take_text(data, record->regexp, &record->printable);
	skip_name(data);			/* where records that are not terminal lead */
	return data->fine && data->at == data->end;
}

/* The next delimiter, behind which *part begins; NULL when there is none. Escaped ones are part of the text. */
static char *
find_delimiter(char *part, char delimiter)
{
	for (char *c = part; *c != '\0'; c++)
	{
		if (*c == delimiter)
			return c;
		if (*c == '\\' && c[1] != '\0')
			c++;
	}
	return NULL;
}

static bool
is_whole_name(const char *expression)
{
	static const char *const whole[] = {".*", "^.*$", "^.*", ".*$"};

	for (int i = 0; i < (int) lengthof(whole); i++)
		if (strcmp(expression, whole[i]) == 0)
			return true;
	return false;
}

/* Delimiter, expression, delimiter, substitution, delimiter, flags: RFC 3402 §3.2. */
static const char *
find_uri(NaptrRecord *record)
{
	char		parts[NAPTR_TEXT];
	char	   *expression = parts + 1;
	char	   *substitution;
	char	   *flags;

	strlcpy(parts, record->regexp, sizeof(parts));
	/* digits and the flag i could not be told from what they delimit */
	if (parts[0] == '\0' || strchr("0123456789i\\", parts[0]) != NULL ||
		(substitution = find_delimiter(expression, parts[0])) == NULL ||
		(flags = find_delimiter(substitution + 1, parts[0])) == NULL)
		return "its expression has no three parts";
	*substitution++ = '\0';
	*flags++ = '\0';
	if (!is_whole_name(expression) || (flags[0] != '\0' && pg_strcasecmp(flags, "i") != 0))
		return "its expression is not one of the whole name";
	if (strchr(substitution, '\\') != NULL)
		return "its expression refers back to the name";
	/* a path is to be added */
	if (substitution[0] == '\0' || strpbrk(substitution, " ?#") != NULL)
		return "its URI cannot be the base of another";
	strlcpy(record->uri, substitution, sizeof(record->uri));
	return NULL;
}

static const char *
judge(NaptrRecord *record)
{
	if (!record->printable)
		return "it is not of printable characters";
	if (pg_strcasecmp(record->flags, "U") != 0)
		return "its flag is not U";
	return find_uri(record);
}

/* By order, then preference; then as they came, so that the outcome does not depend on sorting. */
static int
compare_records(const void *a, const void *b)
{
	const NaptrRecord *one = a,
			   *other = b;

	if (one->order != other->order)
		return one->order - other->order;
	if (one->preference != other->preference)
		return one->preference - other->preference;
	return one->place - other->place;
}

static const char *
read_answers(Reader *reader, uint32 count, NaptrAnswer *answer)
{
	answer->ttl = PG_UINT32_MAX;
	for (uint32 i = 0; i < count; i++)
	{
		uint32		type,
					class,
					ttl,
					length;
		Reader		data = {.fine = true};

		skip_name(reader);
		type = take_number(reader, 2);
		class = take_number(reader, 2);
		ttl = take_number(reader, 4);
		length = take_number(reader, 2);
		data.at = take(reader, length);
		if (!reader->fine)
			return "the answer of the name server cannot be read";
		data.end = data.at + length;
		/* RFC 2181 §8: a number with its first bit set is none */
		answer->ttl = Min(answer->ttl, ttl > PG_INT32_MAX ? 0 : ttl);
		if (type != DNS_TYPE_NAPTR || class != DNS_CLASS_IN)
			continue;
		if (answer->count == NAPTR_MOST)
			return "the name has more NAPTR records than are read";
		if (!read_record(&data, &answer->records[answer->count]))
			return "the answer of the name server cannot be read";
		answer->records[answer->count].place = answer->count;
		answer->count++;
	}
	return NULL;
}

const char *
naptr_read(const uint8 *message, size_t length, NaptrAnswer *answer)
{
	Reader		reader = {message, message + length, true};
	uint32		flags,
				questions,
				answers;
	const char *failure;

	answer->count = 0;
	take_number(&reader, 2);	/* whose answer it is was seen to by whoever asked */
	flags = take_number(&reader, 2);
	questions = take_number(&reader, 2);
	answers = take_number(&reader, 2);
	take(&reader, HEADER_BYTES - 8);
	if (!reader.fine || (flags & FLAG_ANSWER) == 0 || (flags & MASK_RCODE) != 0)
		return "the answer of the name server cannot be read";
	if ((flags & FLAG_CUT) != 0)
		return "the answer of the name server is cut short";
	for (uint32 i = 0; i < questions && reader.fine; i++)
	{
		skip_name(&reader);
		take(&reader, 4);
	}
	failure = read_answers(&reader, answers, answer);
	if (failure != NULL)
		return failure;
	if (answer->count == 0)
		return "the name has no NAPTR record";
	for (int i = 0; i < answer->count; i++)
		answer->records[i].refused = judge(&answer->records[i]);
	qsort(answer->records, answer->count, sizeof(NaptrRecord), compare_records);
	return NULL;
}
