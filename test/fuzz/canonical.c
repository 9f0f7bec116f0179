/*
 * canonical.c
 *		Canonical XML. What is recognised as canonical without a parser is what libxml2 would make of it. What was made canonical is read again and is its own canonical form;
 *		our writer and libxml2 write the same of the same tree; what was tidied for
 *		comparison is canonical, and tidying it again changes nothing.
 *
 *		Input: a document.
 */
#include "fuzz.h"

#include "utils/fmgrprotos.h"

#include "xml/canon.h"

extern Datum ootspg_canonical_rewrite(PG_FUNCTION_ARGS);

bool		fuzz_raises = true;

void
fuzz_start(void)
{
}

static bool
are_same(const StringInfoData *a, const StringInfoData *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

static StringInfo
tidied(const char *bytes, size_t length)
{
	XmlDocument *document = xml_read_or_raise(bytes, length, "document");
	StringInfo	out = makeStringInfo();
	CanonWriter *w = canon_begin(out);

	canon_tidy(w, xml_root(document));
	canon_end(w);
	return out;
}

static StringInfo
rewritten(const char *bytes, size_t length)
{
	LOCAL_FCINFO(fcinfo, 1);
	StringInfo	out = makeStringInfo();
	bytea	   *result;

	fcinfo->args[0] = fuzz_bytea(bytes, length);
	result = DatumGetByteaPP(ootspg_canonical_rewrite(fcinfo));
	appendBinaryStringInfo(out, VARDATA_ANY(result), VARSIZE_ANY_EXHDR(result));
	return out;
}

/*
 * Text that is nearly canonical: one byte of it replaced, put in or left out, wherever the input's bytes lead. What of it is
 * recognised nobody may refuse, and nobody may write otherwise.
 */
static void
change_and_recognise(const StringInfoData *canonical, const char *bytes, size_t length)
{
	static const char inserted[] = " <>/=\"'&;:#xmlnspa\r\n\t-";
	uint32		seed = 2166136261u;

	for (size_t i = 0; i < length; i++)
		seed = (seed ^ (unsigned char) bytes[i]) * 16777619u;
	for (int i = 0; i < 32; i++)
	{
		StringInfo	changed = makeStringInfo();
		size_t		at = seed % canonical->len;
		int			kind = seed >> 20 & 3;

		appendBinaryStringInfo(changed, canonical->data, at);
		if (kind > 0)
			appendStringInfoChar(changed, inserted[(seed >> 8) % (sizeof(inserted) - 1)]);
		appendBinaryStringInfo(changed, canonical->data + at + (kind < 2), canonical->len - at - (kind < 2));
		seed = seed * 1664525u + 1013904223u;
		if (canon_recognise(changed->data, changed->len, NULL))
			PROMISE(are_same(canon_from_xml(changed->data, changed->len, "document"), changed));
	}
}

void
fuzz_one(const char *bytes, size_t length)
{
	bool		recognised = canon_recognise(bytes, length, NULL);
	StringInfo	canonical;
	StringInfo	tidy;

	/* nor is what was recognised refused by anybody */
	fuzz_raises = !recognised;
	canonical = canon_from_xml(bytes, length, "document");
	PROMISE(!recognised || (canonical->len == length && memcmp(canonical->data, bytes, length) == 0));
	PROMISE(!canon_recognise(canonical->data, canonical->len, NULL) ||
			are_same(rewritten(canonical->data, canonical->len), canonical));

	/* nothing of what follows is refused: it is ours, apart from processing instructions */
	fuzz_raises = false;
	PROMISE(are_same(canon_from_xml(canonical->data, canonical->len, "document"), canonical));
	fuzz_raises = true;
	PROMISE(are_same(rewritten(bytes, length), canonical));
	tidy = tidied(bytes, length);
	fuzz_raises = false;
	PROMISE(are_same(tidied(tidy->data, tidy->len), tidy));
	PROMISE(are_same(canon_from_xml(tidy->data, tidy->len, "document"), tidy));
	change_and_recognise(canonical, bytes, length);
	change_and_recognise(tidy, bytes, length);
	fuzz_raises = true;
}
