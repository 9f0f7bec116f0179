/*
 * canonical.c
 *		Canonical XML. What was made canonical is read again and is its own canonical form;
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

void
fuzz_one(const char *bytes, size_t length)
{
	StringInfo	canonical = canon_from_xml(bytes, length, "document");
	StringInfo	tidy;

	/* nothing of what follows is refused: it is ours, apart from processing instructions */
	fuzz_raises = false;
	PROMISE(are_same(canon_from_xml(canonical->data, canonical->len, "document"), canonical));
	fuzz_raises = true;
	PROMISE(are_same(rewritten(bytes, length), canonical));
	tidy = tidied(bytes, length);
	fuzz_raises = false;
	PROMISE(are_same(tidied(tidy->data, tidy->len), tidy));
	PROMISE(are_same(canon_from_xml(tidy->data, tidy->len, "document"), tidy));
	fuzz_raises = true;
}
