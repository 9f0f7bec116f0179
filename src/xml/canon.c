/*
 * canon.c
 *		Write XML so that its bytes are its exclusive C14N 1.0 form (SEAL
 *		§3, way A): what is digested and signed is what was written, without a
 *		DOM and without a second pass.
 *
 * A start tag is kept back until its attributes are known. A namespace is
 * declared on the first element that visibly uses it and is in force until that
 * element is closed. Attribute values wait, already escaped, in one buffer; the
 * arrays grow to the largest tag and depth and are then used again, so that the
 * hot path allocates nothing.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "errors.h"
#include "xml/canon.h"
#include "xml/characters.h"

typedef struct Binding
{
	const char *prefix;
	const char *uri;
} Binding;

typedef struct Element
{
	const char *prefix;
	const char *local;
	int			bindings;		/* in force outside it */
} Element;

typedef struct Attribute
{
	const char *prefix;
	const char *uri;
	const char *local;
	int			value;			/* where its escaped value begins and ends in values */
	int			value_end;
} Attribute;

struct CanonWriter
{
	StringInfo	out;
	bool		open;			/* the last start tag is not written yet */
	const char *uri;			/* that tag's namespace */

	Element    *elements;
	int			depth;
	int			max_depth;

	Binding    *bindings;		/* namespaces in force; the innermost is last */
	int			binding_count;
	int			max_bindings;

	Binding    *declared;		/* asked for by canon_declare() on the open tag */
	int			declared_count;
	int			max_declared;

	Attribute  *attributes;		/* of the open tag */
	int			attribute_count;
	int			max_attributes;
	StringInfoData values;
};

/* What a byte asks for. */
enum
{
	PLAIN, TEXT_ONLY, BOTH, VALUE_ONLY, FORBIDDEN, MULTIBYTE
};

#define F FORBIDDEN
#define M MULTIBYTE
static const uint8 byte_class[256] = {
	F, F, F, F, F, F, F, F, F, VALUE_ONLY, VALUE_ONLY, F, F, BOTH, F, F,
	F, F, F, F, F, F, F, F, F, F, F, F, F, F, F, F,
	['"'] = VALUE_ONLY,['&'] = BOTH,['<'] = BOTH,['>'] = TEXT_ONLY,
	[128] = M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
};
#undef F
#undef M

/*
 * appendBinaryStringInfo() in line: most pieces are a few bytes of known length.
 */
static inline void
put(StringInfo out, const char *bytes, size_t length)
{
	if (unlikely(out->len + length >= (size_t) out->maxlen))
		enlargeStringInfo(out, length);
	memcpy(out->data + out->len, bytes, length);
	out->len += length;
	out->data[out->len] = '\0';
}

static void
append_reference(StringInfo out, char c)
{
	switch (c)
	{
		case '&':
			put(out, "&amp;", 5);
			break;
		case '<':
			put(out, "&lt;", 4);
			break;
		case '>':
			put(out, "&gt;", 4);
			break;
		case '"':
			put(out, "&quot;", 6);
			break;
		case '\t':
			put(out, "&#x9;", 5);
			break;
		case '\n':
			put(out, "&#xA;", 5);
			break;
		case '\r':
			put(out, "&#xD;", 5);
			break;
	}
}

/* The bytes of one character beyond ASCII that XML allows. */
static inline int
multibyte_length(const char *p, const char *end)
{
	const unsigned char *u = (const unsigned char *) p;
	int			length;

	/* most letters of Europe beyond ASCII */
	if (end - p >= 2 && u[0] >= 0xc2 && u[0] <= 0xdf && (u[1] & 0xc0) == 0x80)
		return 2;
	length = pg_utf_mblen(u);
	if (end - p < length || !pg_utf8_islegal(u, length))
		ereport(ERROR, errcode(ERRCODE_OOTS_EVIDENCE),
				errmsg("a value for XML is not valid UTF-8"));
	if (u[0] == 0xef && u[1] == 0xbf && u[2] >= 0xbe)
		ereport(ERROR, errcode(ERRCODE_OOTS_EVIDENCE),
				errmsg("a value contains a character that XML 1.0 forbids"),
				errdetail("The character is U+FFFE or U+FFFF."),
				errhint("Remove it from the value, or in the view."));
	return length;
}

#define EVERY_BYTE(c) (UINT64CONST(0x0101010101010101) * (c))
#define HIGH_BITS EVERY_BYTE(0x80)

/* Sets the high bit of bytes that are zero; of others only above such a byte. */
#define ZERO_BYTES(word) (((word) - EVERY_BYTE(1)) & ~(word) & HIGH_BITS)

/*
 * Are all of eight bytes ASCII that no context escapes? A no may be wrong ('=' and
 * '?' are told together with '<' and '>', and subtraction borrows), a yes never is.
 */
static inline bool
plain_eight(const char *p)
{
	uint64		word;

	memcpy(&word, p, sizeof(word));
	return ((word |
			 (word - EVERY_BYTE(0x20)) |
			 ZERO_BYTES((word & EVERY_BYTE(0xfc)) ^ EVERY_BYTE('<')) |
			 ZERO_BYTES(word ^ EVERY_BYTE('&')) |
			 ZERO_BYTES(word ^ EVERY_BYTE('"'))) & HIGH_BITS) == 0;
}

/* Append escaped; other is the class of bytes that stay as they are here though not elsewhere. */
static inline void
append_escaped(StringInfo out, const char *text, size_t length, uint8 other)
{
	const char *end = text + length;
	const char *run = text;

	for (const char *p = text; p < end;)
	{
		uint8		class;

		while (end - p >= 8 && plain_eight(p))
			p += 8;
		if (p == end)
			break;
		class = byte_class[(unsigned char) *p];
		if (class == PLAIN || class == other)
		{
			/* up to the byte that made the eight not plain */
			do
				p++;
			while (p < end && byte_class[(unsigned char) *p] == PLAIN);
			continue;
		}
		if (class == MULTIBYTE)
		{
			p += multibyte_length(p, end);
			continue;
		}
		if (class == FORBIDDEN)
			ereport(ERROR, errcode(ERRCODE_OOTS_EVIDENCE),
					errmsg("a value contains a character that XML 1.0 forbids"),
					errdetail("The character is U+%04X.", (unsigned char) *p),
					errhint("Remove it from the value, or in the view."));
		put(out, run, p - run);
		append_reference(out, *p);
		run = ++p;
	}
	put(out, run, end - run);
}

static void
append_text(StringInfo out, const char *text, size_t length)
{
	append_escaped(out, text, length, VALUE_ONLY);
}

static void
append_value(StringInfo out, const char *text, size_t length)
{
	append_escaped(out, text, length, TEXT_ONLY);
}

static inline void
append_name(StringInfo out, const char *prefix, const char *local)
{
	if (*prefix != '\0')
	{
		put(out, prefix, strlen(prefix));
		put(out, ":", 1);
	}
	put(out, local, strlen(local));
}

/* Room for one more entry in an array of the writer. */
#define MAKE_ROOM(array, count, max) \
	do { \
		if ((count) == (max)) \
		{ \
			(max) *= 2; \
			(array) = repalloc(array, (max) * sizeof(*(array))); \
		} \
	} while (0)

static inline bool
same(const char *a, const char *b)
{
	return a == b || strcmp(a, b) == 0;
}

/* The xml prefix is bound by definition and never declared. */
static inline bool
is_xml(const char *prefix)
{
	return prefix[0] == 'x' && strcmp(prefix, "xml") == 0;
}

/*
 * Bind prefix to uri from this element on, unless it is so already. "" is bound
 * to "" outside everything, so xmlns="" is written only where it undoes something.
 */
static void
bind(CanonWriter *w, const char *prefix, const char *uri)
{
	int			outer = w->elements[w->depth - 1].bindings;
	int			i = w->binding_count;

	if (is_xml(prefix))
		return;
	while (--i >= 0 && !same(w->bindings[i].prefix, prefix))
		;
	if (i >= 0 ? same(w->bindings[i].uri, uri) : (*prefix == '\0' && *uri == '\0'))
		return;
	if (i >= outer)
		elog(ERROR, "prefix \"%s\" stands for two namespaces in one tag", prefix);
	MAKE_ROOM(w->bindings, w->binding_count, w->max_bindings);
	w->bindings[w->binding_count++] = (Binding) {prefix, uri};
}

static void
sort_bindings(Binding *bindings, int count)
{
	for (int i = 1; i < count; i++)
	{
		Binding		b = bindings[i];
		int			j = i;

		for (; j > 0 && strcmp(bindings[j - 1].prefix, b.prefix) > 0; j--)
			bindings[j] = bindings[j - 1];
		bindings[j] = b;
	}
}

static int
compare_attributes(const Attribute *a, const Attribute *b)
{
	int			order = a->uri == b->uri ? 0 : strcmp(a->uri, b->uri);

	if (order == 0)
		order = strcmp(a->local, b->local);
	if (order == 0)
		elog(ERROR, "attribute \"%s\" written twice in one tag", a->local);
	return order;
}

static void
sort_attributes(Attribute *attributes, int count)
{
	for (int i = 1; i < count; i++)
	{
		Attribute	a = attributes[i];
		int			j = i;

		for (; j > 0 && compare_attributes(&attributes[j - 1], &a) > 0; j--)
			attributes[j] = attributes[j - 1];
		attributes[j] = a;
	}
}

/* Write the start tag that was kept back. */
static void
write_tag(CanonWriter *w)
{
	Element    *element = &w->elements[w->depth - 1];
	StringInfo	out = w->out;

	w->open = false;
	put(out, "<", 1);
	append_name(out, element->prefix, element->local);

	bind(w, element->prefix, w->uri);
	for (int i = 0; i < w->attribute_count; i++)
		if (*w->attributes[i].uri != '\0')
			bind(w, w->attributes[i].prefix, w->attributes[i].uri);
	for (int i = 0; i < w->declared_count; i++)
		bind(w, w->declared[i].prefix, w->declared[i].uri);

	sort_bindings(w->bindings + element->bindings, w->binding_count - element->bindings);
	for (int i = element->bindings; i < w->binding_count; i++)
	{
		const Binding *b = &w->bindings[i];

		put(out, " ", 1);
		if (*b->prefix != '\0')
			append_name(out, "xmlns", b->prefix);
		else
			append_name(out, "", "xmlns");
		put(out, "=\"", 2);
		append_value(out, b->uri, strlen(b->uri));
		put(out, "\"", 1);
	}

	sort_attributes(w->attributes, w->attribute_count);
	for (int i = 0; i < w->attribute_count; i++)
	{
		const Attribute *a = &w->attributes[i];

		put(out, " ", 1);
		append_name(out, a->prefix, a->local);
		put(out, "=\"", 2);
		put(out, w->values.data + a->value, a->value_end - a->value);
		put(out, "\"", 1);
	}
	put(out, ">", 1);
	w->attribute_count = 0;
	w->declared_count = 0;
	resetStringInfo(&w->values);
}

CanonWriter *
canon_begin(StringInfo out)
{
	CanonWriter *w = palloc0(sizeof(CanonWriter));

	w->out = out;
	w->max_depth = w->max_bindings = w->max_declared = w->max_attributes = 16;
	w->elements = palloc(w->max_depth * sizeof(Element));
	w->bindings = palloc(w->max_bindings * sizeof(Binding));
	w->declared = palloc(w->max_declared * sizeof(Binding));
	w->attributes = palloc(w->max_attributes * sizeof(Attribute));
	initStringInfo(&w->values);
	return w;
}

void
canon_open(CanonWriter *w, const char *prefix, const char *uri, const char *local)
{
	if (w->open)
		write_tag(w);
	MAKE_ROOM(w->elements, w->depth, w->max_depth);
	w->elements[w->depth++] = (Element) {*uri != '\0' ? prefix : "", local, w->binding_count};
	w->uri = uri;
	w->open = true;
}

void
canon_declare(CanonWriter *w, const char *prefix, const char *uri)
{
	Assert(w->open);
	MAKE_ROOM(w->declared, w->declared_count, w->max_declared);
	w->declared[w->declared_count++] = (Binding) {prefix, uri};
}

void
canon_attribute(CanonWriter *w, const char *local, const char *value)
{
	canon_attribute_ns(w, "", "", local, value);
}

void
canon_attribute_ns(CanonWriter *w, const char *prefix, const char *uri,
				   const char *local, const char *value)
{
	Attribute  *a;

	Assert(w->open);
	if ((*prefix == '\0') != (*uri == '\0'))
		elog(ERROR, "attribute \"%s\" has a prefix or a namespace without the other", local);
	MAKE_ROOM(w->attributes, w->attribute_count, w->max_attributes);
	a = &w->attributes[w->attribute_count++];
	*a = (Attribute) {.prefix = prefix, .uri = uri, .local = local, .value = w->values.len};
	append_value(&w->values, value, strlen(value));
	a->value_end = w->values.len;
}

void
canon_text(CanonWriter *w, const char *text, size_t length)
{
	Assert(w->depth > 0);
	if (w->open)
		write_tag(w);
	append_text(w->out, text, length);
}

void
canon_string(CanonWriter *w, const char *text)
{
	canon_text(w, text, strlen(text));
}

void
canon_raw(CanonWriter *w, const char *bytes, size_t length)
{
	if (w->open)
		write_tag(w);
	put(w->out, bytes, length);
}

void
canon_close(CanonWriter *w)
{
	Element    *element;

	Assert(w->depth > 0);
	if (w->open)
		write_tag(w);
	element = &w->elements[--w->depth];
	put(w->out, "</", 2);
	append_name(w->out, element->prefix, element->local);
	put(w->out, ">", 1);
	w->binding_count = element->bindings;
}

void
canon_leaf(CanonWriter *w, const char *prefix, const char *uri, const char *local, const char *text)
{
	canon_open(w, prefix, uri, local);
	canon_string(w, text);
	canon_close(w);
}

void
canon_end(CanonWriter *w)
{
	if (w->depth != 0)
		elog(ERROR, "XML writer ended with %d open elements", w->depth);
	pfree(w->elements);
	pfree(w->bindings);
	pfree(w->declared);
	pfree(w->attributes);
	pfree(w->values.data);
	pfree(w);
}

bool
canon_is_ncname(const char *name)
{
	const char *end = name + strlen(name);

	return name < end && xml_ncname_end(name, end) == end;
}
