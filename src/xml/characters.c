/*
 * characters.c
 *		Characters of XML 1.0, fifth edition, as bytes of UTF-8. Nothing here
 *		allocates or raises.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "xml/characters.h"

/* Eight bytes of plain ASCII: none above 0x7f, none below 0x20. */
static inline bool
is_plain_word(const char *p)
{
	uint64		word;

	memcpy(&word, p, sizeof(word));
	return ((word | (word - UINT64CONST(0x2020202020202020))) & UINT64CONST(0x8080808080808080)) == 0;
}

const char *
xml_unsound_at(const char *from, const char *end, bool *ascii, const char **reason)
{
	const char *p = from;

	*ascii = true;
	*reason = "it contains a character that XML forbids";
	while (p < end)
	{
		unsigned char c = (unsigned char) *p;
		int			length;

		if (end - p >= 8 && is_plain_word(p))
		{
			p += 8;
			continue;
		}
		if (c < 0x80)
		{
			if (c < 0x20 && c != '\n' && c != '\t' && c != '\r')
				return p;
			p++;
			continue;
		}
		*ascii = false;
		length = pg_utf_mblen((const unsigned char *) p);
		if (end - p < length || !pg_utf8_islegal((const unsigned char *) p, length))
		{
			*reason = "it is not valid UTF-8";
			return p;
		}
		if (c == 0xef && (unsigned char) p[1] == 0xbf && (unsigned char) p[2] >= 0xbe)
			return p;
		p += length;
	}
	return NULL;
}

const char *
xml_character_reference_end(const char *p, const char *to)
{
	bool		hex = p < to && *p == 'x';
	uint32		value = 0;
	const char *digits;

	if (hex)
		p++;
	for (digits = p; p < to && *p != ';'; p++)
	{
		if (*p >= '0' && *p <= '9')
			value = value * (hex ? 16 : 10) + (*p - '0');
		else if (hex && ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f'))
			value = value * 16 + ((*p | 0x20) - 'a' + 10);
		else
			return NULL;
		if (value > 0x10ffff)
			return NULL;
	}
	if (p == to || p == digits)
		return NULL;
	if (value < 0x20 ? (value != '\t' && value != '\n' && value != '\r') :
		((value >= 0xd800 && value <= 0xdfff) || value == 0xfffe || value == 0xffff))
		return NULL;
	return p + 1;
}

/* NameStartChar of XML 1.0, fifth edition (production 4), without the colon. */
static bool
starts_name(pg_wchar c)
{
	static const pg_wchar ranges[][2] = {
		{'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xc0, 0xd6}, {0xd8, 0xf6}, {0xf8, 0x2ff},
		{0x370, 0x37d}, {0x37f, 0x1fff}, {0x200c, 0x200d}, {0x2070, 0x218f},
		{0x2c00, 0x2fef}, {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd},
		{0x10000, 0xeffff},
	};

	for (int i = 0; i < lengthof(ranges); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

/* NameChar (production 4a), without the colon. */
static bool
continues_name(pg_wchar c)
{
	return starts_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == 0xb7 ||
		(c >= 0x300 && c <= 0x36f) || (c >= 0x203f && c <= 0x2040);
}

const char *
xml_ncname_end(const char *name, const char *end)
{
	const char *p = name;

	while (p < end)
	{
		int			length = pg_utf_mblen((const unsigned char *) p);
		pg_wchar	c;

		if (end - p < length || !pg_utf8_islegal((const unsigned char *) p, length))
			break;
		c = utf8_to_unicode((const unsigned char *) p);
		if (p == name ? !starts_name(c) : !continues_name(c))
			break;
		p += length;
	}
	return p;
}
