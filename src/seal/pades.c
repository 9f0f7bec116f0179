/*
 * pades.c
 *		Seal a PDF by an incremental update (ISO 32000-2 §7.5.6): a signature dictionary, its field,
 *		which is an annotation of no extent on the first page, and what must know of them anew. The cross-reference
 *		is of the kind the file ends with. Earlier signatures cover what they covered; where one
 *		forbids additions, the document is refused.
 *
 *		The annotation has neither extent nor appearance, is printed and locked: PDF/A asks for no appearance
 *		then, and PDF/UA takes it for one outside of the page, so a document that conformed before conforms
 *		afterwards.
 */
#include "postgres.h"

#include <time.h>

#include "utils/memutils.h"

#include "pdf/form.h"
#include "seal/cms.h"
#include "seal/pades.h"
#include "uuid.h"

/* Digits of an offset in ByteRange; evidence never comes near to what they can say. */
#define RANGE_DIGITS	10
#define RANGE_HOLE		"[0 0000000000 0000000000 0000000000]"

/* page, its annotations, catalog, form, its fields, signature, field, cross-reference */
#define MAX_WRITTEN		8

typedef struct Written
{
	int64		number;
	int			generation;
	size_t		offset;
} Written;

/* The revision being written. */
typedef struct Update
{
	PdfFile    *file;
	StringInfo	out;
	int			start;			/* of the document in out */
	const PdfValue *catalog;
	int64		catalog_number;
	int64		page_number;
	int64		signature;		/* numbers of the new objects */
	int64		field;
	Written		written[MAX_WRITTEN];
	int			count;
	int			range_hole;		/* where they begin in out */
	int			contents_hole;
	size_t		contents_size;	/* octets, half as many as digits */
} Update;

static void
begin_object(Update *u, int64 number, int generation)
{
	Written    *written = &u->written[u->count++];

	Assert(u->count <= MAX_WRITTEN);
	written->number = number;
	written->generation = generation;
	written->offset = u->out->len - u->start;
	appendStringInfo(u->out, INT64_FORMAT " %d obj\n", number, generation);
}

static void
end_object(Update *u)
{
	appendStringInfoString(u->out, "\nendobj\n");
}

/* A new version of an object begins with its old generation. */
static void
begin_again(Update *u, int64 number)
{
	int			generation = 0;

	(void) pdf_object(u->file, number, &generation);
	begin_object(u, number, generation);
}

/* An array of references with the field's after the others; array may be NULL. */
static void
append_with_field(Update *u, const PdfValue *array)
{
	appendStringInfoChar(u->out, '[');
	for (const PdfValue *item = array ? array->first : NULL; item != NULL; item = item->next)
	{
		pdf_append(u->out, item);
		appendStringInfoChar(u->out, ' ');
	}
	appendStringInfo(u->out, INT64_FORMAT " 0 R]", u->field);
}

/* What a key holds, if it is an array; *own is its object's number where it is one. */
static const PdfValue *
array_of(Update *u, const PdfValue *dictionary, const char *key, int64 *own)
{
	const PdfValue *value = pdf_get(dictionary, key);
	const PdfValue *array = pdf_resolve(u->file, value);

	if (array == NULL || array->kind != PDF_ARRAY)
		array = NULL;
	*own = array != NULL && value->kind == PDF_REFERENCE ? value->number : 0;
	return array;
}

/* The first page, or only its annotations where these are an object. */
static void
write_page(Update *u)
{
	static const char *const replaced[] = {"Annots", "Tabs"};
	const PdfValue *page = pdf_object(u->file, u->page_number, NULL);
	int64		own;
	const PdfValue *annotations = array_of(u, page, "Annots", &own);
	/* PDF/UA-1 7.18.3: a tagged page with annotations has their order follow the structure */
	bool		order = pdf_get(u->catalog, "StructTreeRoot") != NULL && pdf_get(page, "Tabs") == NULL;

	if (own != 0)
	{
		begin_again(u, own);
		append_with_field(u, annotations);
		end_object(u);
		return;
	}
	begin_again(u, u->page_number);
	appendStringInfoString(u->out, "<<");
	pdf_append_without(u->out, page, replaced, order ? 2 : 1);
	appendStringInfoString(u->out, order ? "/Tabs/S/Annots" : "/Annots");
	append_with_field(u, annotations);
	appendStringInfoString(u->out, ">>");
	end_object(u);
}

/* The form's dictionary with the field in it; form may be NULL. Fields that are an object are written by write_fields(). */
static void
append_form(Update *u, const PdfValue *form)
{
	static const char *const replaced[] = {"SigFlags", "Fields"};
	int64		own;
	const PdfValue *fields = array_of(u, form, "Fields", &own);

	appendStringInfoString(u->out, "<<");
	if (form != NULL)
		pdf_append_without(u->out, form, replaced, own != 0 ? 1 : 2);
	if (own == 0)
	{
		appendStringInfoString(u->out, "/Fields");
		append_with_field(u, fields);
	}
	/* signatures exist, and the file is to be appended to only */
	appendStringInfoString(u->out, "/SigFlags 3>>");
}

static void
write_fields(Update *u, const PdfValue *form)
{
	int64		own;
	const PdfValue *fields = array_of(u, form, "Fields", &own);

	if (own == 0)
		return;
	begin_again(u, own);
	append_with_field(u, fields);
	end_object(u);
}

/* The form, in the catalog or as an object of its own. */
static void
write_form(Update *u)
{
	static const char *const replaced[] = {"AcroForm"};
	const PdfValue *value = pdf_get(u->catalog, "AcroForm");
	const PdfValue *form = pdf_resolve(u->file, value);

	if (form != NULL && form->kind != PDF_DICTIONARY)
		form = NULL;
	write_fields(u, form);
	if (form != NULL && value->kind == PDF_REFERENCE)
	{
		begin_again(u, value->number);
		append_form(u, form);
		end_object(u);
		return;
	}
	begin_again(u, u->catalog_number);
	appendStringInfoString(u->out, "<<");
	pdf_append_without(u->out, u->catalog, replaced, 1);
	appendStringInfoString(u->out, "/AcroForm");
	append_form(u, form);
	appendStringInfoString(u->out, ">>");
	end_object(u);
}

static void
write_field(Update *u)
{
	int			generation = 0;

	(void) pdf_object(u->file, u->page_number, &generation);
	begin_object(u, u->field, 0);
	appendStringInfo(u->out, "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal " INT64_FORMAT ")/TU(Electronic seal)/Rect[0 0 0 0]/F 132/P " INT64_FORMAT
					 " %d R/V " INT64_FORMAT " 0 R>>", u->field, u->page_number, generation, u->signature);
	end_object(u);
}

/* EN 319 142-1 §6.3: SubFilter, the time in M, and Contents, which is all that is not signed. */
static void
write_signature(Update *u)
{
	char		text[32];
	time_t		now = time(NULL);
	struct tm	utc;

	gmtime_r(&now, &utc);
	strftime(text, sizeof(text), "D:%Y%m%d%H%M%SZ", &utc);
	begin_object(u, u->signature, 0);
	appendStringInfo(u->out, "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(%s)/ByteRange", text);
	u->range_hole = u->out->len;
	appendStringInfoString(u->out, RANGE_HOLE "/Contents");
	u->contents_hole = u->out->len;
	enlargeStringInfo(u->out, (int) (2 * u->contents_size + 64));
	appendStringInfoChar(u->out, '<');
	memset(u->out->data + u->out->len, '0', 2 * u->contents_size);
	u->out->len += (int) (2 * u->contents_size);
	appendStringInfoString(u->out, ">>>");
	end_object(u);
}

static int
compare_written(const void *a, const void *b)
{
	int64		x = ((const Written *) a)->number;
	int64		y = ((const Written *) b)->number;

	return x < y ? -1 : x > y;
}

/* Members that a trailer and a cross-reference stream have alike. */
static void
append_trailer(Update *u, int64 size)
{
	const PdfValue *info = pdf_get(pdf_trailer(u->file), "Info");
	const PdfValue *id = pdf_find(u->file, pdf_trailer(u->file), "ID");
	char	   *fresh = uuid_hex();

	appendStringInfo(u->out, "/Size " INT64_FORMAT "/Prev %zu/Root ", size, pdf_startxref(u->file));
	pdf_append(u->out, pdf_get(pdf_trailer(u->file), "Root"));
	if (info != NULL)
	{
		appendStringInfoString(u->out, "/Info ");
		pdf_append(u->out, info);
	}
	/* the first half stays, the second is new with each revision (§14.4) */
	appendStringInfoString(u->out, "/ID[");
	if (id != NULL && id->kind == PDF_ARRAY && id->first != NULL && id->first->kind == PDF_STRING)
		pdf_append(u->out, id->first);
	else
		appendStringInfo(u->out, "<%s>", fresh);
	appendStringInfo(u->out, "<%s>]", fresh);
}

/* How many of the written objects from i on have numbers without a gap. */
static int
run_of(const Update *u, int i)
{
	int			n = 1;

	while (i + n < u->count && u->written[i + n].number == u->written[i].number + n)
		n++;
	return n;
}

static void
write_table(Update *u)
{
	appendStringInfoString(u->out, "xref\n");
	for (int i = 0, n; i < u->count; i += n)
	{
		n = run_of(u, i);
		appendStringInfo(u->out, INT64_FORMAT " %d\n", u->written[i].number, n);
		for (int j = i; j < i + n; j++)
			appendStringInfo(u->out, "%010zu %05d n\r\n", u->written[j].offset, u->written[j].generation);
	}
	appendStringInfoString(u->out, "trailer\n<<");
	append_trailer(u, u->field + 1);
	appendStringInfoString(u->out, ">>");
}

static void
append_number(StringInfo out, uint64 number, int octets)
{
	while (octets-- > 0)
		appendStringInfoChar(out, (char) (number >> (8 * octets) & 0xFF));
}

/* As a stream (§7.5.8), which has an entry of itself. */
static void
write_stream(Update *u)
{
	begin_object(u, u->field + 1, 0);
	qsort(u->written, u->count, sizeof(Written), compare_written);
	appendStringInfo(u->out, "<</Type/XRef/W[1 4 2]/Length %d/Index[", u->count * 7);
	for (int i = 0; i < u->count; i += run_of(u, i))
		appendStringInfo(u->out, INT64_FORMAT " %d ", u->written[i].number, run_of(u, i));
	appendStringInfoChar(u->out, ']');
	append_trailer(u, u->field + 2);
	appendStringInfoString(u->out, ">>stream\n");
	for (int i = 0; i < u->count; i++)
	{
		append_number(u->out, 1, 1);
		append_number(u->out, u->written[i].offset, 4);
		append_number(u->out, u->written[i].generation, 2);
	}
	appendStringInfoString(u->out, "\nendstream");
	end_object(u);
}

/* One array that is annotations and fields at once would have two versions in one revision. */
static bool
is_written_twice(Update *u)
{
	qsort(u->written, u->count, sizeof(Written), compare_written);
	for (int i = 1; i < u->count; i++)
		if (u->written[i - 1].number == u->written[i].number)
			return true;
	return false;
}

static void
write_xref(Update *u)
{
	size_t		offset = u->out->len - u->start;

	if (pdf_ends_with_stream(u->file))
		write_stream(u);
	else
		write_table(u);
	appendStringInfo(u->out, "\nstartxref\n%zu\n%%%%EOF\n", offset);
}

/* Tell what is signed, and put the signature over it into its place. */
static void
sign(Update *u, SealKey *key)
{
	static const char digits[] = "0123456789abcdef";
	size_t		begin = u->contents_hole - u->start;
	size_t		end = begin + 2 * u->contents_size + 2;
	size_t		rest = u->out->len - u->start - end;
	char	   *range = psprintf("[0 %0*zu %0*zu %0*zu]", RANGE_DIGITS, begin, RANGE_DIGITS, end, RANGE_DIGITS, rest);
	CmsContent	content;
	size_t		length;
	uint8	   *der;
	char	   *to = u->out->data + u->contents_hole + 1;

	memcpy(u->out->data + u->range_hole, range, strlen(range));
	content = (CmsContent)
	{
		{u->out->data + u->start, u->out->data + u->start + end}, {begin, rest}
	};
	der = cms_sign(key, &content, &length);
	if (length > u->contents_size)
		key_raise_failure(key, "making room for the signature");
	for (size_t i = 0; i < length; i++)
	{
		*to++ = digits[der[i] >> 4];
		*to++ = digits[der[i] & 15];
	}
	pfree(der);
}

/* What must be known before anything is written; false with a reason. */
static const char *
prepare(Update *u, const char *pdf, size_t length)
{
	const char *refusal;
	const PdfValue *page;

	u->file = pdf_open(pdf, length, &refusal);
	if (u->file == NULL)
		return refusal;
	u->catalog = pdf_catalog(u->file);
	if (u->catalog == NULL)
		return "the PDF has no catalog";
	u->catalog_number = pdf_get(pdf_trailer(u->file), "Root")->number;
	u->page_number = pdf_first_page(u->file, &refusal);
	if (u->page_number == 0)
		return refusal;
	page = pdf_object(u->file, u->page_number, NULL);
	if (page == NULL || page->kind != PDF_DICTIONARY)
		return "the PDF has no pages";
	refusal = pdf_locked(u->file);
	if (refusal != NULL)
		return refusal;
	u->signature = pdf_size(u->file);
	u->field = u->signature + 1;
	return NULL;
}

const char *
pades_seal(SealKey *key, const char *pdf, size_t length, size_t room, StringInfo out)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg PAdES", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Update		u = {.out = out, .start = out->len, .contents_size = cms_size(key) + room};
	const char *refusal = length > MaxAllocSize / 2 ? "the PDF is too large" : prepare(&u, pdf, length);

	if (refusal == NULL)
	{
		enlargeStringInfo(out, (int) (length + 2 * u.contents_size + 8192));
		appendBinaryStringInfo(out, pdf, (int) length);
		if (pdf[length - 1] != '\n' && pdf[length - 1] != '\r')
			appendStringInfoChar(out, '\n');
		write_page(&u);
		write_form(&u);
		write_field(&u);
		write_signature(&u);
		if (is_written_twice(&u))
		{
			out->len = u.start;
			refusal = "the PDF has one object in two roles";
		}
		else
		{
			write_xref(&u);
			sign(&u, key);
		}
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return refusal;
}

const char *
pades_refusal(const char *pdf, size_t length)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg PAdES", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Update		u = {0};
	const char *refusal = prepare(&u, pdf, length);

	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return refusal;
}
