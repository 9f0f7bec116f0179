/*
 * label.h
 *		What elements and codes of a data model are called, from the rows beside it
 *		(ootspg.data_model_label, ootspg.data_model_field).
 */
#ifndef OOTSPG_DOCUMENT_LABEL_H
#define OOTSPG_DOCUMENT_LABEL_H

#include "document/words.h"

typedef struct Labels Labels;

/* A text and the language it is in: lower case, NULL where that is not known. Borrowed. */
typedef struct Said
{
	const char *text;
	const char *language;
} Said;

/*
 * The labels of a data model as they are best said in a language: in it, else in
 * English, else in the national one (the evidence's own), else in any. model NULL: a model without
 * rows. Runs in SPI with the current user's rights; connects itself. Kept by the backend until
 * rows change (configuration/kept.h); it lasts as long as the current memory context.
 */
extern const Labels *labels_load(const char *model, const char *version, const char *language, const char *national);

/* Those that comments on a composite type give, without rows. root: the name of the document's root. */
extern Labels *labels_of_type(Oid type, const char *root, bool camel);

/*
 * What stands at a path (names from below the root, "/" between them): the row of the
 * whole path, else of its longest end that has one. label_of() falls back on the last name,
 * written as words; code_of() gives no text then.
 */
extern Said label_of(const Labels *labels, const char *path);
extern Said code_of(const Labels *labels, const char *path, const char *code);
extern ValueForm form_of(const Labels *labels, const char *path);

/* FamilyName, family_name, "familyName" -> Family name; palloc'd. */
extern char *label_from_name(const char *name);

#endif							/* OOTSPG_DOCUMENT_LABEL_H */
