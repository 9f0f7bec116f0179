/*
 * document.c
 *		From the bytes of structured evidence to its layout, and to the writers.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/memutils.h"

#include "compat.h"
#include "document/document.h"
#include "errors.h"
#include "evidence/model.h"
#include "settings.h"

char *
document_language(const char *language)
{
	size_t		length = language != NULL ? strlen(language) : 0;
	char	   *result;

	if (length < 2 || length > 3)
		return NULL;
	result = pstrdup(language);
	for (char *c = result; *c != '\0'; c++)
	{
		if (!isalpha((unsigned char) *c))
			return NULL;
		*c = pg_ascii_tolower((unsigned char) *c);
	}
	return result;
}

Said
said_in(const char *text, const char *own, const char *language)
{
	return (Said) {text, own != NULL && pg_strcasecmp(own, language) != 0 ? document_language(own) : NULL};
}

Said
text_in(const List *texts, const char *language)
{
	const LocalText *best = NULL;
	const ListCell *cell;

	foreach(cell, texts)
	{
		const LocalText *text = lfirst(cell);

		if (best == NULL || pg_strcasecmp(text->language, language) == 0)
			best = text;
	}
	return best != NULL ? said_in(best->text, best->language, language) : (Said) {NULL, NULL};
}

/* JSON does not name its root; its model does. */
static const char *
root_name(const DocumentSource *source)
{
	const DataModel *model = source->model != NULL ? data_model_load(source->model, source->version, EDM_NONE) : NULL;

	if (model != NULL)
		return model->root;
	return source->root != NULL ? source->root : "document";
}

static Instance *
read_instance(const DocumentSource *source)
{
	if (source->length > (size_t) oots_max_evidence_kb * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("document is larger than ootspg.max_evidence_size")));
	if (strcmp(source->media_type, "application/xml") == 0)
		return instance_from_xml(source->content, source->length);
	if (strcmp(source->media_type, "application/json") == 0)
		return instance_from_json(source->content, source->length, root_name(source));
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("a document of %s cannot be made readable", source->media_type),
			 errhint("Structured evidence is application/xml or application/json; all else is shown as it is.")));
}

Layout *
document_layout(const DocumentSource *source)
{
	LayoutSource layout = {.facts = &source->facts};

	layout.languages[0] = source->languages[0] != NULL ? source->languages[0] :
		source->facts.language != NULL ? source->facts.language : "en";
	if (source->languages[1] != NULL && strcmp(source->languages[1], layout.languages[0]) != 0)
		layout.languages[1] = source->languages[1];
	layout.instance = read_instance(source);
	for (int i = 0; i < 2; i++)
		if (layout.languages[i] != NULL)
			layout.labels[i] = OidIsValid(source->type) ? labels_of_type(source->type, layout.instance->name, true) :
				labels_load(source->model, source->version, layout.languages[i], source->facts.language);
	return layout_make(&layout);
}

char *
document_html(const DocumentSource *source)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg readable document", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	const Layout *layout = document_layout(source);
	const Letterhead *letterhead = source->provider != NULL ? letterhead_load(source->provider) : NULL;
	StringInfoData out;

	/* the tree is many times the text: only the text stays */
	MemoryContextSwitchTo(caller);
	initStringInfo(&out);
	MemoryContextSwitchTo(context);
	html_write(layout, letterhead, &out);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return out.data;
}
