/*
 * recognise.c
 *		Is text its own exclusive C14N form? Then nobody needs a tree to make it canonical: documents of registers
 *		that write well, and what was canonical once, are sealed at the price of looking at them.
 *
 * A yes is a proof: the text is well-formed with its namespaces, and libxml2 would write the same bytes. A no may be wrong, and then
 * libxml2 decides: what is rare in evidence (instructions, names beyond ASCII, attributes of the xml prefix, strange namespace names)
 * is not looked into. Sizes and characters are xml_scan()'s, which has to agree first.
 *
 * One pass, with the open elements and the namespaces in force on the stack. Nothing here allocates or raises.
 */
#include "postgres.h"

#include "xml/canon.h"
#include "xml/read.h"

#define MAX_OPEN		256		/* xml_scan() stops before */
#define MAX_BINDINGS	64

typedef struct Span
{
	const char *text;
	size_t		length;
} Span;

/* A qualified name; prefix of length 0: none. */
typedef struct Name
{
	Span		prefix;
	Span		local;
} QName;

typedef struct Binding
{
	Span		prefix;
	Span		uri;
	bool		used;			/* visibly, in the tag that declares it */
} Binding;

typedef struct Open
{
	Span		name;			/* as written */
	int			outer;			/* bindings in force outside it */
} Open;

typedef struct Recogniser
{
	const char *at;
	const char *end;
	int			depth;
	int			bindings_count;
	Open		open[MAX_OPEN];
	Binding		bindings[MAX_BINDINGS];
} Recogniser;

/* Of an attribute, what decides on its place: no namespace first, then by namespace name, then by local name. */
typedef struct Place
{
	bool		taken;
	Span		uri;
	Span		local;
} Place;

enum
{
	NAME_START = 1, NAME_MORE = 2, URI_MORE = 4, VALUE_PLAIN = 8
};

#define LETTER (NAME_START | NAME_MORE | URI_MORE | VALUE_PLAIN)
#define DIGIT (NAME_MORE | URI_MORE | VALUE_PLAIN)
#define INNER (NAME_MORE | URI_MORE | VALUE_PLAIN)
#define PART (URI_MORE | VALUE_PLAIN)
#define V VALUE_PLAIN
#define L LETTER
/* In a value, what may stand there as it is; bytes beyond ASCII are xml_scan()'s to judge. */
static const uint8 kinds[256] = {
	[' '] = V, V, ['#'] = V, V, V, ['\''] = V, V, V, V, V, V, INNER, INNER, PART,
	['0'] = DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, PART, V, ['='] = V, V, V, V,
	['A'] = L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, V, V, V, V, LETTER, V,
	['a'] = L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, V, V, V, PART, V,
	[128] = V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
	V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V, V,
};
#undef V
#undef L

static inline bool
is_kind(char c, uint8 kind)
{
	return (kinds[(unsigned char) c] & kind) != 0;
}

static inline bool
same(Span a, Span b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static int
compare(Span a, Span b)
{
	int			order = memcmp(a.text, b.text, Min(a.length, b.length));

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* Does the text go on with word? Then behind it. */
static inline bool
take(Recogniser *r, const char *word, size_t length)
{
	if ((size_t) (r->end - r->at) < length || memcmp(r->at, word, length) != 0)
		return false;
	r->at += length;
	return true;
}

#define take_constant(r, word) take(r, word, sizeof(word) - 1)

static bool
take_part_of_name(Recogniser *r, Span *part)
{
	const char *p = r->at;

	if (p == r->end || !is_kind(*p, NAME_START))
		return false;
	while (p < r->end && is_kind(*p, NAME_MORE))
		p++;
	*part = (Span) {r->at, p - r->at};
	r->at = p;
	return true;
}

/* The prefixes xml and xmlns have laws of their own. */
static bool
is_reserved(Span prefix)
{
	return prefix.length >= 3 && memcmp(prefix.text, "xml", 3) == 0;
}

static bool
take_name(Recogniser *r, QName *name)
{
	name->prefix = (Span) {"", 0};
	if (!take_part_of_name(r, &name->local))
		return false;
	if (r->at == r->end || *r->at != ':')
		return true;
	name->prefix = name->local;
	r->at++;
	return !is_reserved(name->prefix) && take_part_of_name(r, &name->local);
}

/* The reference that canonical values, or texts, write for a character that may not stand there. */
static bool
take_reference(Recogniser *r, bool in_value)
{
	if (take_constant(r, "&amp;") || take_constant(r, "&lt;") || take_constant(r, "&#xD;"))
		return true;
	return in_value ? take_constant(r, "&quot;") || take_constant(r, "&#x9;") || take_constant(r, "&#xA;") : take_constant(r, "&gt;");
}

/* ="…" */
static bool
take_value(Recogniser *r, Span *value)
{
	if (!take_constant(r, "=\""))
		return false;
	value->text = r->at;
	for (;;)
	{
		while (r->at < r->end && is_kind(*r->at, VALUE_PLAIN))
			r->at++;
		if (r->at == r->end)
			return false;
		if (*r->at == '"')
			break;
		if (*r->at != '&' || !take_reference(r, true))
			return false;
	}
	value->length = r->at++ - value->text;
	return true;
}

/* The innermost binding of a prefix; NULL for none. */
static Binding *
in_force(Recogniser *r, Span prefix)
{
	for (int i = r->bindings_count; --i >= 0;)
		if (same(r->bindings[i].prefix, prefix))
			return &r->bindings[i];
	return NULL;
}

static const char *
skip(const char *p, const char *end, uint8 kind)
{
	while (p < end && is_kind(*p, kind))
		p++;
	return p;
}

/* An absolute URI of few characters: scheme, perhaps a host without port, path, perhaps a # at its end. */
static bool
is_plain_uri(Span uri)
{
	static const Span reserved[] = {
		{NS_XML, sizeof(NS_XML) - 1}, {"http://www.w3.org/2000/xmlns/", 29}
	};
	const char *end = uri.text + uri.length;
	const char *p = uri.text;

	for (int i = 0; i < lengthof(reserved); i++)
		if (same(uri, reserved[i]))
			return false;
	while (p < end && ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z'))
		p++;
	if (p == uri.text || end - p < 2 || *p++ != ':')
		return false;
	if (end - p >= 2 && p[0] == '/' && p[1] == '/')
	{
		const char *host = p += 2;

		while (p < end && *p != ':' && *p != '/' && is_kind(*p, NAME_MORE))
			p++;
		if (p == host || (p < end && *p != '/' && *p != '#'))
			return false;
	}
	p = skip(p, end, URI_MORE);
	return p == end || (*p == '#' && p + 1 == end);
}

/* xmlns="…" or xmlns:prefix="…", behind xmlns: in order, sound, and not in force already */
static bool
take_declaration(Recogniser *r, int outer)
{
	Binding		declared = {.prefix = {"", 0}};
	Binding    *known;

	if (*r->at == ':')
	{
		r->at++;
		if (!take_part_of_name(r, &declared.prefix) || is_reserved(declared.prefix))
			return false;
	}
	if (r->bindings_count == MAX_BINDINGS || !take_value(r, &declared.uri) || !is_plain_uri(declared.uri))
		return false;
	if (r->bindings_count > outer && compare(r->bindings[r->bindings_count - 1].prefix, declared.prefix) >= 0)
		return false;
	known = in_force(r, declared.prefix);
	if (known != NULL && same(known->uri, declared.uri))
		return false;
	r->bindings[r->bindings_count++] = declared;
	return true;
}

/* The namespace of a prefix that is used here. */
static bool
use_prefix(Recogniser *r, Span prefix, Span *uri)
{
	Binding    *binding = in_force(r, prefix);

	*uri = (Span) {"", 0};
	if (binding == NULL)
		return prefix.length == 0;
	binding->used = true;
	*uri = binding->uri;
	return true;
}

static bool
take_attribute(Recogniser *r, Place *before)
{
	QName		name;
	Place		place = {.taken = true, .uri = {"", 0}};
	Span		value;
	int			order;

	if (!take_name(r, &name))
		return false;
	if (name.prefix.length > 0 && !use_prefix(r, name.prefix, &place.uri))
		return false;
	place.local = name.local;
	if (before->taken)
	{
		order = compare(before->uri, place.uri);
		if (order > 0 || (order == 0 && compare(before->local, place.local) >= 0))
			return false;
	}
	*before = place;
	return take_value(r, &value);
}

static bool
declares(const Recogniser *r)
{
	return r->end - r->at > 5 && memcmp(r->at, "xmlns", 5) == 0 && (r->at[5] == '=' || r->at[5] == ':');
}

/* Declarations, then attributes, one blank before each. */
static bool
take_attributes(Recogniser *r, int outer)
{
	Place		before = {0};

	while (r->at < r->end && *r->at == ' ')
	{
		r->at++;
		if (!declares(r))
		{
			if (!take_attribute(r, &before))
				return false;
			continue;
		}
		r->at += 5;
		if (before.taken || !take_declaration(r, outer))
			return false;
	}
	return take_constant(r, ">");
}

/* <name …>, behind its < */
static bool
take_start_tag(Recogniser *r, CanonRoot *root)
{
	const char *start = r->at;
	int			outer = r->bindings_count;
	QName		name;
	Span		uri;
	Open	   *open = &r->open[r->depth];

	if (r->depth == MAX_OPEN || !take_name(r, &name))
		return false;
	*open = (Open) {{start, r->at - start}, outer};
	if (!take_attributes(r, outer) || !use_prefix(r, name.prefix, &uri))
		return false;
	for (int i = outer; i < r->bindings_count; i++)
		if (!r->bindings[i].used)
			return false;
	if (r->depth++ == 0 && root != NULL)
		*root = (CanonRoot) {uri.text, uri.length, name.local.text, name.local.length};
	return true;
}

/* </name>, behind its </ */
static bool
take_end_tag(Recogniser *r)
{
	const Open *open = &r->open[--r->depth];

	r->bindings_count = open->outer;
	return take(r, open->name.text, open->name.length) && take_constant(r, ">");
}

/* Text up to the next tag. */
static bool
take_text(Recogniser *r)
{
	const char *to = memchr(r->at, '<', r->end - r->at);

	if (to == NULL || memchr(r->at, '>', to - r->at) != NULL || memchr(r->at, '\r', to - r->at) != NULL)
		return false;
	while ((r->at = memchr(r->at, '&', to - r->at)) != NULL)
		if (!take_reference(r, false))
			return false;
	r->at = to;
	return true;
}

static bool
take_document(Recogniser *r, CanonRoot *root)
{
	if (!take_constant(r, "<") || !take_start_tag(r, root))
		return false;
	while (r->depth > 0)
	{
		if (r->at < r->end && *r->at != '<' && !take_text(r))
			return false;
		if (take_constant(r, "</") ? !take_end_tag(r) : !(take_constant(r, "<") && take_start_tag(r, root)))
			return false;
	}
	return r->at == r->end;
}

bool
canon_recognise(const char *bytes, size_t length, CanonRoot *root)
{
	Recogniser	r;
	XmlFault	fault;

	r.at = bytes;
	r.end = bytes + length;
	r.depth = r.bindings_count = 0;
	return take_document(&r, root) && xml_scan(bytes, length, &fault);
}
