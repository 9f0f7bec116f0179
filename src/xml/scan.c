/*
 * scan.c
 *		Look at every byte of a document before libxml2 does (D-SEC-07).
 *
 * libxml2 2.9 spends time that grows with the square of the attributes or
 * namespace declarations of one tag, and nothing can cancel it; a document full
 * of small errors costs it much too, because it goes on after each. So the
 * scanner settles in one linear pass what makes parsing dear or dangerous: size,
 * encoding, DTDs, depth, counts, references. Where libxml2 and the scanner might
 * disagree about what is markup (declarations, processing instructions, tags),
 * the scanner is the stricter of the two, so nothing can hide from it. Whatever
 * else makes a document well-formed is left to the parser.
 *
 * Nothing here allocates or raises.
 */
#include "postgres.h"

#include "errors.h"
#include "settings.h"
#include "xml/characters.h"
#include "xml/read.h"

#define MAX_DEPTH		250		/* the setting's own ceiling; libxml2 stops at 256 */
#define MAX_NAME		1024	/* bytes of one name */
#define MAX_TEXT		10000000	/* bytes of one text, as in libxml2 without HUGE */

#define MAX_NAMESPACE	512		/* bytes of one namespace name */

/*
 * Each node of the tree takes some 120 bytes, and one can be written in five. So all
 * kinds are counted, to this many for each element that a document may have: an
 * element with two attributes, its text and blanks round it are seven. An attribute
 * with a value is two. What is neither element, attribute nor text may be as often as elements.
 */
#define NODES_PER_ELEMENT	10

/*
 * The exclusive canonical form declares a namespace again in each tag that uses it and
 * whose parents do not: bytes that all prefixed names together may add to a document,
 * were each declared.
 */
#define MAX_DECLARED	INT64CONST(67108864)

/*
 * Canonicalisation sorts the attributes of each tag by comparing their namespace
 * names with one another; long names declared once are read again and again. So
 * the bytes that it may have to compare are counted. 100,000 elements with ten
 * prefixed attributes each and names of 200 bytes still pass.
 */
#define MAX_COMPARED	INT64CONST(1000000000)

typedef struct Scan
{
	const char *start;
	const char *at;				/* what comes next */
	const char *end;
	bool		ascii;			/* no byte above 0x7f */
	int			depth;
	int			elements;
	int			others;			/* comments, processing instructions, CDATA sections */
	int			nodes;			/* of all kinds */
	int			namespaces;		/* declarations in force here */
	int			outer[MAX_DEPTH + 1];	/* the same, outside each open element */
	size_t		longest_namespace;	/* name so far, in bytes */
	int64		compared;		/* bytes that sorting attributes may compare */
	int64		declared;		/* bytes of namespace names that the canonical form may write */
	XmlFault   *fault;
} Scan;

static bool
refuse(Scan *scan, const char *at, int sqlstate, const char *reason)
{
	int			line = 1;
	const char *p = scan->start;

	while ((p = memchr(p, '\n', at - p)) != NULL)
	{
		line++;
		p++;
	}
	scan->fault->sqlstate = sqlstate;
	scan->fault->reason = reason;
	scan->fault->line = line;
	return false;
}

static bool
malformed(Scan *scan, const char *at, const char *reason)
{
	if (at >= scan->end)
		return refuse(scan, scan->end, ERRCODE_OOTS_UNREADABLE, "it ends too early");
	return refuse(scan, at, ERRCODE_OOTS_UNREADABLE, reason);
}

static bool
exceeded(Scan *scan, const char *at, const char *reason)
{
	return refuse(scan, at, ERRCODE_OOTS_LIMIT, reason);
}

/* Count what the parser will keep. */
static bool
count_nodes(Scan *scan, const char *at, int count)
{
	scan->nodes += count;
	if (scan->nodes / NODES_PER_ELEMENT >= oots_max_elements)
		return exceeded(scan, at, "it has too many nodes");
	return true;
}

static bool
count_other(Scan *scan, const char *at)
{
	if (++scan->others > oots_max_elements)
		return exceeded(scan, at, "it has too many comments, processing instructions and CDATA sections");
	return count_nodes(scan, at, 1);
}

/* A name of an element or attribute: does its namespace have to be declared for it? */
static bool
count_declared(Scan *scan, const char *name)
{
	scan->declared += scan->longest_namespace;
	if (scan->declared > MAX_DECLARED)
		return exceeded(scan, name, "its names are too many for their namespaces");
	return true;
}

/* Do the next bytes spell word? */
static inline bool
looking_at(const Scan *scan, const char *p, const char *word, size_t length)
{
	return (size_t) (scan->end - p) >= length && memcmp(p, word, length) == 0;
}

/* Where word begins in [from, to), or NULL. */
static const char *
find(const char *from, const char *to, const char *word, size_t length)
{
	while (from < to && (from = memchr(from, word[0], to - from)) != NULL)
	{
		if ((size_t) (to - from) < length)
			return NULL;
		if (memcmp(from, word, length) == 0)
			return from;
		from++;
	}
	return NULL;
}

static inline bool
is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static const char *
skip_space(const Scan *scan, const char *p)
{
	while (p < scan->end && is_space(*p))
		p++;
	return p;
}

static inline bool
ends_name(char c)
{
	switch (c)
	{
		case ' ':
		case '\n':
		case '\t':
		case '\r':
		case '=':
		case '/':
		case '<':
		case '>':
		case '"':
		case '\'':
		case '&':
		case '?':
		case '!':
			return true;
		default:
			return false;
	}
}

/* The end of a name; whether its characters may be in one is for the parser to say. */
static const char *
skip_name(const Scan *scan, const char *p)
{
	while (p < scan->end && !ends_name(*p))
		p++;
	return p;
}

/* Only UTF-8 and only characters of XML 1.0 (production 2). */
static bool
scan_characters(Scan *scan)
{
	const char *reason;
	const char *unsound = xml_unsound_at(scan->at, scan->end, &scan->ascii, &reason);

	return unsound == NULL || malformed(scan, unsound, reason);
}

/* Every & in [from, to) begins a predefined or a character reference: without a DTD there are no others. */
static bool
scan_references(Scan *scan, const char *from, const char *to)
{
	while (from < to && (from = memchr(from, '&', to - from)) != NULL)
	{
		static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
		const char *next = NULL;

		if (to - from > 2 && from[1] == '#')
			next = xml_character_reference_end(from + 2, to);
		for (int i = 0; next == NULL && i < lengthof(names); i++)
		{
			size_t		length = strlen(names[i]);

			if ((size_t) (to - from) >= length && memcmp(from, names[i], length) == 0)
				next = from + length;
		}
		if (next == NULL)
			return malformed(scan, from, "it contains a reference that is malformed or undefined");
		from = next;
	}
	return true;
}

/*
 * <?xml version="1.0" encoding="UTF-8" standalone="yes"?> at the very start.
 * Read strictly: libxml2 goes on after a malformed declaration, at a place of
 * its own choice.
 */
static bool
scan_declaration(Scan *scan)
{
	static const char *const wrong = "its XML declaration is malformed";
	static const char *const names[] = {"version", "encoding", "standalone"};
	const char *p = scan->at + 5;
	int			next = 0;		/* the first name that may still come */

	for (;;)
	{
		const char *name = skip_space(scan, p);
		const char *value;
		const char *close;
		size_t		length;

		if (looking_at(scan, name, "?>", 2))
		{
			if (next == 0)
				return malformed(scan, name, wrong);
			scan->at = name + 2;
			return true;
		}
		if (name == p)
			return malformed(scan, p, wrong);
		p = skip_name(scan, name);
		while (next < lengthof(names) &&
			   (strlen(names[next]) != (size_t) (p - name) || memcmp(name, names[next], p - name) != 0))
		{
			if (next++ == 0)
				return malformed(scan, name, wrong);
		}
		if (next++ >= lengthof(names))
			return malformed(scan, name, wrong);

		p = skip_space(scan, p);
		if (p == scan->end || *p != '=')
			return malformed(scan, p, wrong);
		p = skip_space(scan, p + 1);
		if (p == scan->end || (*p != '"' && *p != '\''))
			return malformed(scan, p, wrong);
		value = p + 1;
		close = memchr(value, *p, scan->end - value);
		length = close ? close - value : 0;
		if (close == NULL || strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-") != length)
			return malformed(scan, value, wrong);
		if (next == 2 &&
			!(length == 5 && pg_strncasecmp(value, "UTF-8", 5) == 0) &&
			!(length == 8 && pg_strncasecmp(value, "US-ASCII", 8) == 0 && scan->ascii))
			return malformed(scan, value, "its encoding is not UTF-8");
		p = close + 1;
	}
}

/* <?target …?>; read strictly, since libxml2 reads on as text after a bad target. */
static bool
scan_instruction(Scan *scan)
{
	static const char *const wrong = "it contains a malformed processing instruction";
	const char *target = scan->at + 2;
	const char *p = xml_ncname_end(target, scan->end);
	const char *close;

	if (p == target || (p - target == 3 && pg_strncasecmp(target, "xml", 3) == 0))
		return malformed(scan, p, wrong);
	if (p - target > MAX_NAME)
		return exceeded(scan, target, "a name is too long");
	if (p < scan->end && !is_space(*p) && !looking_at(scan, p, "?>", 2))
		return malformed(scan, p, wrong);
	close = find(p, scan->end, "?>", 2);
	if (close == NULL)
		return malformed(scan, scan->end, wrong);
	scan->at = close + 2;
	return count_other(scan, target);
}

/* <!--…-->, <![CDATA[…]]>; every other <! belongs to a DTD. */
static bool
scan_exclamation(Scan *scan)
{
	const char *p = scan->at;
	const char *close;

	if (looking_at(scan, p, "<!--", 4))
	{
		close = find(p + 4, scan->end, "--", 2);
		if (close == NULL || close + 2 == scan->end || close[2] != '>')
			return malformed(scan, close ? close + 2 : scan->end, "it contains a malformed comment");
		scan->at = close + 3;
		return count_other(scan, p);
	}
	if (looking_at(scan, p, "<![CDATA[", 9))
	{
		close = find(p + 9, scan->end, "]]>", 3);
		if (close == NULL)
			return malformed(scan, scan->end, "");
		if (close - p > MAX_TEXT)
			return exceeded(scan, p, "a text is too long");
		scan->at = close + 3;
		return count_other(scan, p);
	}
	return malformed(scan, p, "it contains a document type declaration");
}

/* The value of an attribute, from its opening quote; scan->at moves behind it. */
static bool
scan_value(Scan *scan, const char *p, const char **value, size_t *length)
{
	const char *close;

	if (p == scan->end || (*p != '"' && *p != '\''))
		return malformed(scan, p, "a tag is malformed");
	close = memchr(p + 1, *p, scan->end - (p + 1));
	if (close == NULL)
		return malformed(scan, scan->end, "a tag is malformed");
	*value = p + 1;
	*length = close - (p + 1);
	if (memchr(*value, '<', *length) != NULL)
		return malformed(scan, p, "a tag is malformed");
	if (*length > MAX_TEXT)
		return exceeded(scan, p, "an attribute is too long");
	scan->at = close + 1;
	return scan_references(scan, *value, close);
}

/* One attribute or namespace declaration, counted. */
static bool
scan_attribute(Scan *scan, const char *name, int *attributes, int *prefixed)
{
	const char *p = skip_name(scan, name);
	size_t		name_length = p - name;
	const char *value;
	size_t		length = 0;

	if (name_length == 0)
		return malformed(scan, name, "a tag is malformed");
	if (name_length > MAX_NAME)
		return exceeded(scan, name, "a name is too long");
	if (++*attributes > oots_max_attributes)
		return exceeded(scan, name, "a tag has too many attributes");

	p = skip_space(scan, p);
	if (p == scan->end || *p != '=')
		return malformed(scan, p, "a tag is malformed");
	if (!scan_value(scan, skip_space(scan, p + 1), &value, &length) || !count_nodes(scan, name, length > 0 ? 2 : 1))
		return false;

	if (name_length >= 5 && memcmp(name, "xmlns", 5) == 0 && (name_length == 5 || name[5] == ':'))
	{
		/* The parser looks names up in a list of those in force. */
		if (++scan->namespaces > oots_max_attributes)
			return exceeded(scan, name, "too many namespace declarations are in force");
		if (length > MAX_NAMESPACE)
			return exceeded(scan, name, "a namespace name is too long");
		scan->longest_namespace = Max(scan->longest_namespace, length);
	}
	else if (memchr(name, ':', name_length) != NULL)
	{
		scan->compared += (*prefixed)++ * scan->longest_namespace;
		if (scan->compared > MAX_COMPARED)
			return exceeded(scan, name, "its attributes are too many for their namespaces");
		return count_declared(scan, name);
	}
	return true;
}

/* <name attribute="value" …> or <name …/> */
static bool
scan_start_tag(Scan *scan)
{
	const char *name = scan->at + 1;
	int			outer = scan->namespaces;
	int			attributes = 0;
	int			prefixed = 0;

	scan->at = skip_name(scan, name);
	if (scan->at == name)
		return malformed(scan, name, "a tag is malformed");
	if (scan->at - name > MAX_NAME)
		return exceeded(scan, name, "a name is too long");
	if (++scan->elements > oots_max_elements)
		return exceeded(scan, name, "it has too many elements");
	if (!count_nodes(scan, name, 1))
		return false;
	if (scan->depth >= Min(oots_max_depth, MAX_DEPTH))
		return exceeded(scan, name, "its elements are nested too deeply");

	for (;;)
	{
		const char *p = skip_space(scan, scan->at);

		if (p < scan->end && *p == '>')
		{
			scan->outer[scan->depth++] = outer;
			scan->at = p + 1;
			return count_declared(scan, name);
		}
		if (looking_at(scan, p, "/>", 2))
		{
			scan->namespaces = outer;
			scan->at = p + 2;
			return count_declared(scan, name);
		}
		if (p == scan->at)
			return malformed(scan, p, "a tag is malformed");
		if (!scan_attribute(scan, p, &attributes, &prefixed))
			return false;
	}
}

/* </name> */
static bool
scan_end_tag(Scan *scan)
{
	const char *name = scan->at + 2;
	const char *p = skip_space(scan, skip_name(scan, name));

	if (p == scan->end || *p != '>' || p == name || scan->depth == 0)
		return malformed(scan, p, "a tag is malformed");
	scan->namespaces = scan->outer[--scan->depth];
	scan->at = p + 1;
	return true;
}

/* Text up to the next markup or the end. */
static bool
scan_text(Scan *scan)
{
	const char *from = scan->at;
	const char *to = memchr(from, '<', scan->end - from);

	if (to == NULL)
		to = scan->end;
	scan->at = to;
	if (to - from > MAX_TEXT)
		return exceeded(scan, from, "a text is too long");
	if (find(from, to, "]]>", 3) != NULL)
		return malformed(scan, from, "it contains the end of a CDATA section without its start");
	return count_nodes(scan, from, 1) && scan_references(scan, from, to);
}

/* Markup, in turn, from the byte after the XML declaration. */
static bool
scan_content(Scan *scan)
{
	while (scan->at < scan->end)
	{
		bool		fine;

		if (*scan->at != '<')
			fine = scan_text(scan);
		else if (scan->end - scan->at < 2)
			fine = malformed(scan, scan->end, "");
		else if (scan->at[1] == '/')
			fine = scan_end_tag(scan);
		else if (scan->at[1] == '!')
			fine = scan_exclamation(scan);
		else if (scan->at[1] == '?')
			fine = scan_instruction(scan);
		else
			fine = scan_start_tag(scan);
		if (!fine)
			return false;
	}
	if (scan->depth > 0)
		return malformed(scan, scan->end, "");
	return true;
}

bool
xml_scan(const char *bytes, size_t length, XmlFault *fault)
{
	Scan		scan = {.start = bytes, .at = bytes, .end = bytes + length, .fault = fault};

	if (length > (size_t) oots_max_message_kb * 1024)
		return exceeded(&scan, bytes, "it is too large");
	if (length == 0)
		return malformed(&scan, bytes + 1, "");
	if (looking_at(&scan, bytes, "\xfe\xff", 2) || looking_at(&scan, bytes, "\xff\xfe", 2) ||
		looking_at(&scan, bytes, "\0<", 2) || looking_at(&scan, bytes, "<\0", 2))
		return malformed(&scan, bytes, "its encoding is not UTF-8");
	if (looking_at(&scan, bytes, "\xef\xbb\xbf", 3))
		scan.at += 3;

	if (!scan_characters(&scan))
		return false;
	if (looking_at(&scan, scan.at, "<?xml", 5) && scan.end - scan.at > 5 &&
		(is_space(scan.at[5]) || scan.at[5] == '?') && !scan_declaration(&scan))
		return false;
	return scan_content(&scan);
}
