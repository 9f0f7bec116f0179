/*
 * form.c
 *		Signature fields. Names and kinds are inherited down a tree of fields, which is walked within
 *		bounds, as it may run in a circle.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "pdf/form.h"
#include "pdf/reading.h"

#define MAX_FIELDS		10000
#define MAX_FIELD_DEPTH 32

typedef struct FormWalk
{
	PdfFile    *file;
	int			fields;
	List	   *signatures;
	const char *locked;
	const char *refusal;
} FormWalk;

#define LOCKED "the PDF has a signature that lets nothing be added"

/* Transform methods of a signature's references: all of them say what may change afterwards. */
static void
look_at_references(FormWalk *walk, const PdfValue *signature)
{
	const PdfValue *references = pdf_find(walk->file, signature, "Reference");

	if (references != NULL && (references->kind != PDF_ARRAY || references->count > 0))
		walk->locked = LOCKED;
}

static void
look_at_field(FormWalk *walk, const PdfValue *value, bool inherited, int depth)
{
	const PdfValue *field = pdf_resolve(walk->file, value);
	const PdfValue *kind = pdf_find(walk->file, field, "FT");
	const PdfValue *kids = pdf_find(walk->file, field, "Kids");
	const PdfValue *signature = pdf_find(walk->file, field, "V");
	bool		signs = kind ? pdf_is_name(kind, "Sig") : inherited;

	CHECK_FOR_INTERRUPTS();
	if (++walk->fields > MAX_FIELDS || depth > MAX_FIELD_DEPTH)
		walk->refusal = "the PDF has too many form fields";
	if (walk->refusal != NULL || field == NULL || field->kind != PDF_DICTIONARY)
		return;
	if (signs && signature != NULL && signature->kind == PDF_DICTIONARY)
	{
		walk->signatures = lappend(walk->signatures, unconstify(PdfValue *, signature));
		look_at_references(walk, signature);
		if (pdf_get(field, "Lock") != NULL)
			walk->locked = LOCKED;
	}
	for (const PdfValue *kid = kids && kids->kind == PDF_ARRAY ? kids->first : NULL; kid != NULL; kid = kid->next)
		look_at_field(walk, kid, signs, depth + 1);
}

static void
walk_form(FormWalk *walk)
{
	const PdfValue *form = pdf_find(walk->file, pdf_catalog(walk->file), "AcroForm");
	const PdfValue *fields = pdf_find(walk->file, form, "Fields");

	if (fields == NULL || fields->kind != PDF_ARRAY)
		return;
	for (const PdfValue *field = fields->first; field != NULL && walk->refusal == NULL; field = field->next)
		look_at_field(walk, field, false, 1);
}

List *
pdf_signatures(PdfFile *file, const char **refusal)
{
	FormWalk	walk = {.file = file};

	walk_form(&walk);
	*refusal = walk.refusal;
	return walk.refusal == NULL ? walk.signatures : NIL;
}

const char *
pdf_locked(PdfFile *file)
{
	FormWalk	walk = {.file = file};
	const PdfValue *catalog = pdf_catalog(file);
	const PdfValue *form = pdf_find(file, catalog, "AcroForm");

	/* certified (§12.8.2.2), or with rights that a vendor's signature grants to the file as it is */
	if (pdf_find(file, catalog, "Perms") != NULL)
		return LOCKED;
	if (pdf_get(form, "XFA") != NULL)
		return "the PDF has a form of XFA";
	walk_form(&walk);
	return walk.refusal != NULL ? walk.refusal : walk.locked;
}
