/*
 * shape.c
 *		The shapes that rules ask values to have, written by hand: regular
 *		expressions of the server would depend on the database's collation, and
 *		these must give the verdict the published rules give.
 *
 * Functions named take_* read something at the start of a string and return
 * what follows it, or NULL when it is not there.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "message/codelist.h"
#include "message/shape.h"

#define LOWER		"abcdefghijklmnopqrstuvwxyz"
#define UPPER		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS		"0123456789"
#define LOWER_HEX	DIGITS "abcdef"
#define ANY_HEX		LOWER_HEX "ABCDEF"
#define BLANKS		" \t\r\n"

#define CLASSIFICATIONS "/evidencetypeclassifications/"
#define CODELISTS	"/codelists/"

/* exactly count characters of a set */
static const char *
take(const char *s, const char *set, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (s[i] == '\0' || strchr(set, s[i]) == NULL)
			return NULL;
	return s + count;
}

/* a picture: 0 = digit, anything else = itself */
static const char *
take_picture(const char *s, const char *picture)
{
	for (; *picture != '\0'; s++, picture++)
		if (*picture == '0' ? strchr(DIGITS, *s) == NULL || *s == '\0' : *s != *picture)
			return NULL;
	return s;
}

static const char *
take_text(const char *s, const char *text, bool any_case)
{
	size_t		length = strlen(text);

	if (any_case ? pg_strncasecmp(s, text, length) != 0 : strncmp(s, text, length) != 0)
		return NULL;
	return s + length;
}

static const char *
take_uuid(const char *s, const char *hex)
{
	static const int groups[] = {8, 4, 4, 4, 12};

	for (int i = 0; s != NULL && i < (int) lengthof(groups); i++)
	{
		if (i > 0 && *s++ != '-')
			return NULL;
		s = take(s, hex, groups[i]);
	}
	return s;
}

/* Like take_text(), but a dot of the text stands for any character, as it does
 * in the published patterns that leave it unescaped (EDM §1.4.2). */
static const char *
take_loose(const char *s, const char *text, bool any_case)
{
	for (; *text != '\0'; s++, text++)
	{
		if (*s == '\0')
			return NULL;
		if (*text != '.' && *s != *text &&
			!(any_case && pg_tolower((unsigned char) *s) == *text))
			return NULL;
	}
	return s;
}

/*
 * https://sr(.environment)?.oots.tech.ec.europa.eu. The 1.0 snapshot, and with
 * it 1.1, also has the host without ec (EDM §0, trap 1).
 */
static const char *
take_repository(EdmLine line, const char *s, bool any_case)
{
	static const char *const hosts[] = {".oots.tech.ec.europa.eu", ".oots.tech.europa.eu"};
	int			host_count = line == EDM_V10 || line == EDM_V11 ? 2 : 1;
	const char *infix_end;

	s = take_text(s, "https://sr", any_case);
	if (s == NULL)
		return NULL;
	infix_end = *s == '.' ? s + 1 + strspn(s + 1, LOWER UPPER) : s;
	for (int i = 0; i < host_count; i++)
	{
		const char *rest = take_loose(s, hosts[i], any_case);

		if (rest == NULL && infix_end > s + 1)
			rest = take_loose(infix_end, hosts[i], any_case);
		if (rest != NULL)
			return rest;
	}
	return NULL;
}

/* CC in the list of OOTS countries, two characters, any case */
static const char *
take_oots_country(const char *s)
{
	char		country[3] = {0};

	if (s[0] == '\0' || s[1] == '\0')
		return NULL;
	country[0] = pg_ascii_toupper((unsigned char) s[0]);
	country[1] = pg_ascii_toupper((unsigned char) s[1]);
	return code_in(CODES_OOTS_COUNTRY, EDM_V20, country) ? s + 2 : NULL;
}

int
shape_length(const char *value)
{
	int			length = 0;

	for (; *value != '\0'; value++)
		if (((unsigned char) *value & 0xC0) != 0x80)
			length++;
	return length;
}

static inline bool
between(uint32 c, uint32 low, uint32 high)
{
	return c >= low && c <= high;
}

bool
shape_is_mark(uint32 c)
{
	return between(c, 0x0300, 0x036F) || between(c, 0x0483, 0x0489) ||
		between(c, 0x0591, 0x05BD) || c == 0x05BF || between(c, 0x05C1, 0x05C2) ||
		between(c, 0x05C4, 0x05C5) || c == 0x05C7 ||
		between(c, 0x0610, 0x061A) || between(c, 0x064B, 0x065F) || c == 0x0670 ||
		between(c, 0x1AB0, 0x1AFF) || between(c, 0x1DC0, 0x1DFF) ||
		between(c, 0x20D0, 0x20FF) || between(c, 0xFE20, 0xFE2F);
}

bool
shape_ordinary(const char *value)
{
	int			characters = 0;
	int			marks = 0;

	for (const unsigned char *p = (const unsigned char *) value; *p != '\0'; p += pg_utf_mblen(p))
	{
		if (++characters > SHAPE_MOST_CHARACTERS)
			return false;
		marks = *p >= 0x80 && shape_is_mark(utf8_to_unicode(p)) ? marks + 1 : 0;
		if (marks > SHAPE_MOST_MARKS)
			return false;
	}
	return true;
}

bool
shape_uuid(const char *value)
{
	const char *rest = take_uuid(value, ANY_HEX);

	return rest != NULL && *rest == '\0';
}

bool
shape_urn_uuid(EdmLine line, const char *value)
{
	const size_t length = strlen("urn:uuid:") + 36;
	const char *rest;

	/* the 1.0 pattern has no ^, but an end */
	if (line == EDM_V10 && strlen(value) > length)
		value += strlen(value) - length;
	rest = take_text(value, "urn:uuid:", true);
	return rest != NULL && shape_uuid(rest);
}

/* in letters of any case */
bool
shape_date_time(const char *value)
{
	for (; *value != '\0'; value++)
	{
		const char *rest = take_picture(value, "0000-00-00");

		if (rest != NULL && (*rest == 'T' || *rest == 't') && take_picture(rest + 1, "00:00:00") != NULL)
			return true;
	}
	return false;
}

bool
shape_date(EdmLine line, const char *value)
{
	if (line == EDM_V10)
	{
		for (; *value != '\0'; value++)
			if (take_picture(value, "0000-00-00") != NULL)
				return true;
		return false;
	}
	value = take_picture(value, "0000-00-00");
	return value != NULL && *value == '\0';
}

bool
shape_procedure(const char *value)
{
	size_t		letters = strspn(value, UPPER);
	size_t		digits = strspn(value + letters, DIGITS);

	return letters >= 1 && letters <= 3 && digits >= 1 && digits <= 3 && value[letters + digits] == '\0';
}

bool
shape_https(EdmLine line, const char *value)
{
	return take_text(value, "https://", line != EDM_V10) != NULL;
}

/* ((AT|BE|…)/){2}\S{6,256}$: something may stand before, nothing behind. Only
 * the end of a long value can match; to look everywhere would take quadratic time. */
bool
shape_person_identifier(const char *value)
{
	const size_t longest = strlen("CC/CC/") + 256 * 4;
	size_t		length_all = strlen(value);

	if (length_all > longest)
		value += length_all - longest;
	for (; *value != '\0'; value++)
	{
		const char *rest = take_oots_country(value);
		int			length;

		if (rest == NULL || *rest != '/')
			continue;
		rest = take_oots_country(rest + 1);
		if (rest == NULL || *rest != '/' || strpbrk(rest + 1, BLANKS) != NULL)
			continue;
		length = shape_length(rest + 1);
		if (length >= 6 && length <= 256)
			return true;
	}
	return false;
}

bool
shape_person_identifier_v10(const char *value)
{
	for (; *value != '\0'; value++)
	{
		const char *rest = take(value, LOWER UPPER, 2);

		rest = rest && *rest == '/' ? take(rest + 1, LOWER UPPER, 2) : NULL;
		if (rest && *rest == '/' && take(rest + 1, LOWER UPPER DIGITS, 9) != NULL)
			return true;
	}
	return false;
}

bool
shape_requirement_on(EdmLine line, const char *value)
{
	const char *rest = take_repository(line, value, line == EDM_V10);

	rest = rest ? take_text(rest, "/requirements/", line == EDM_V10) : NULL;
	rest = rest ? take_uuid(rest, line == EDM_V10 ? ANY_HEX : LOWER_HEX) : NULL;
	return rest != NULL && *rest == '\0';
}

bool
shape_requirement(const char *value)
{
	return shape_requirement_on(EDM_V12, value);
}

/* any two letters, any case, something may stand before (EDM §1.4.4) */
static bool
is_classification_v10(const char *value)
{
	for (; *value != '\0'; value++)
	{
		const char *rest = take_repository(EDM_V10, value, true);

		rest = rest ? take_text(rest, CLASSIFICATIONS, true) : NULL;
		rest = rest ? take(rest, LOWER UPPER, 2) : NULL;
		if (rest && *rest == '/' && shape_uuid(rest + 1))
			return true;
	}
	return false;
}

bool
shape_classification(EdmLine line, const char *value)
{
	const char *rest;

	if (line == EDM_V10)
		return is_classification_v10(value);
	rest = take_repository(line, value, false);
	rest = rest ? take_text(rest, CLASSIFICATIONS, false) : NULL;
	if (rest == NULL)
		return false;
	if (strncmp(rest, "oots", 4) == 0)
		rest += 4;
	else if (take(rest, UPPER, 2) == NULL || (rest = take_oots_country(rest)) == NULL)
		return false;
	if (*rest != '/')
		return false;
	rest = take_uuid(rest + 1, LOWER_HEX);
	return rest != NULL && *rest == '\0';
}

bool
shape_data_model(EdmLine line, const char *value)
{
	const char *rest = take_repository(line, value, false);

	if (rest == NULL)
		return false;
	return take_text(rest, "/distributions/", false) != NULL ||
		(line != EDM_V10 && take_text(rest, "/datamodels/", false) != NULL);
}

/* From 1.2 on the published alternation also passes distributions/ anywhere (REQ-C035). */
bool
shape_transformation(EdmLine line, const char *value)
{
	const char *rest = take_repository(line, value, false);

	if (line == EDM_V10)
		return rest != NULL && take_text(rest, "/distributions/", false) != NULL;
	return (rest != NULL && take_text(rest, "/datamodels", false) != NULL) ||
		strstr(value, "distributions/") != NULL;
}

bool
shape_codelist(const char *value)
{
	const char *rest = take_repository(EDM_V12, value, false);

	rest = rest ? take_text(rest, CODELISTS, false) : NULL;
	rest = rest ? take(rest, UPPER, 2) : NULL;
	return rest != NULL && *rest == '/' && strchr(rest + 1, '/') == NULL && shape_codelist_name(rest);
}

bool
shape_codelist_country(const char *value)
{
	const char *rest = strstr(value, CODELISTS);

	rest = rest ? rest + strlen(CODELISTS) : NULL;
	return rest != NULL && take(rest, UPPER, 2) != NULL &&
		take_oots_country(rest) != NULL && (rest[2] == '/' || rest[2] == '\0');
}

bool
shape_codelist_name(const char *value)
{
	const char *slash = strrchr(value, '/');
	size_t		length;

	if (slash == NULL)
		return false;
	length = strlen(slash + 1);
	return length >= 2 && length <= 50 && strspn(slash + 1, LOWER UPPER DIGITS) == length;
}

bool
shape_has_infix(const char *value)
{
	const char *rest = take_text(value, "https://sr.", false);

	if (rest == NULL)
		return false;
	rest += strspn(rest, LOWER UPPER);
	return take_text(rest, ".oots.", false) != NULL;
}

/* v1.0: ^cid:[a-z0-9]*@[a-z0-9]*, neither hyphen nor upper case before the @ */
bool
shape_cid(EdmLine line, const char *value)
{
	const char *local = take_text(value, "cid:", false);
	const char *at;

	if (local == NULL)
		return false;
	if (line == EDM_V10)
		return local[strspn(local, LOWER DIGITS)] == '@';
	at = strchr(local, '@');
	return at != NULL && at > local && at[1] != '\0' && strpbrk(value, BLANKS) == NULL;
}
