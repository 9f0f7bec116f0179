/*
 * label.c
 *		Labels of one data model in one language (label.h), read in one statement and
 *		kept sorted: a document asks for few of them, many times.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"

#include "compat.h"
#include "configuration/kept.h"
#include "document/found.h"
#include "document/label.h"
#include "errors.h"
#include "query.h"

/* Lists of codes of all languages are read whole; more than this is no data model's. */
#define MAX_LABELS 100000

/* More than these are not kept by each backend. */
#define MAX_KEPT 4000

typedef struct LabelRow
{
	const char *path;
	const char *code;			/* "" for the element's own label */
	Said		said;
} LabelRow;

typedef struct FormRow
{
	const char *path;
	ValueForm	form;
} FormRow;

struct Labels
{
	LabelRow   *rows;			/* in the order of path, code */
	int			count;
	FormRow    *forms;			/* in the order of path */
	int			form_count;
	bool		too_many;		/* to be kept: there are others, which are not here */
};

static const char label_query[] =
"SELECT DISTINCT ON (l.path COLLATE pg_catalog.\"C\", l.code COLLATE pg_catalog.\"C\") l.path, l.code, l.label, pg_catalog.lower(l.language)"
" FROM ootspg.data_model_label l WHERE l.model OPERATOR(pg_catalog.=) $1 AND l.version OPERATOR(pg_catalog.=) $2"
" ORDER BY l.path COLLATE pg_catalog.\"C\", l.code COLLATE pg_catalog.\"C\","
" CASE l.language WHEN $3 THEN 0 WHEN 'EN' THEN 1 WHEN $4 THEN 2 ELSE 3 END, l.language";

static const char form_query[] =
"SELECT f.path, f.form FROM ootspg.data_model_field f"
" WHERE f.model OPERATOR(pg_catalog.=) $1 AND f.version OPERATOR(pg_catalog.=) $2 ORDER BY f.path COLLATE pg_catalog.\"C\"";

static char *
column_text(uint64 row, int column, MemoryContext context)
{
	return MemoryContextStrdup(context, query_text(row, column));
}

static char *
upper(const char *language)
{
	char	   *result = pstrdup(language != NULL ? language : "");

	for (char *c = result; *c != '\0'; c++)
		*c = pg_ascii_toupper((unsigned char) *c);
	return result;
}

static const char *const form_names[] = {
	[FORM_TEXT] = "text",[FORM_NUMBER] = "number",[FORM_AMOUNT] = "amount",[FORM_TRUTH] = "truth"
};

const char *
form_name(ValueForm form)
{
	return form_names[form];
}

static ValueForm
form_from_name(const char *name)
{
	for (int form = FORM_TEXT; form < lengthof(form_names); form++)
		if (strcmp(form_names[form], name) == 0)
			return form;
	return FORM_UNKNOWN;
}

static void
read_labels(Labels *labels, const QueryArguments *arguments, MemoryContext context)
{
	labels->count = query_run(label_query, arguments, true, MAX_LABELS + 1, SPI_OK_SELECT);
	if (labels->count > MAX_LABELS)
		ereport(ERROR, errcode(ERRCODE_OOTS_LIMIT), errmsg("a data model has more than %d labels", MAX_LABELS));
	labels->rows = MemoryContextAlloc(context, (labels->count + 1) * sizeof(LabelRow));
	for (int i = 0; i < labels->count; i++)
		labels->rows[i] = (LabelRow)
		{
			column_text(i, 1, context), column_text(i, 2, context),
			{column_text(i, 3, context), column_text(i, 4, context)}
		};
}

static void
read_forms(Labels *labels, const QueryArguments *arguments, MemoryContext context)
{
	labels->form_count = query_run(form_query, arguments, true, MAX_LABELS, SPI_OK_SELECT);
	labels->forms = MemoryContextAlloc(context, (labels->form_count + 1) * sizeof(FormRow));
	for (int i = 0; i < labels->form_count; i++)
		labels->forms[i] = (FormRow)
		{
			column_text(i, 1, context), form_from_name(query_text(i, 2))
		};
}

/* Whose labels, and how they are best said. */
typedef struct LabelQuestion
{
	const char *model,
			   *version,
			   *language,
			   *national;
} LabelQuestion;

/* In an SPI connection. */
static Labels *
read_all(const LabelQuestion *question)
{
	MemoryContext context = CurrentMemoryContext;
	Labels	   *labels = palloc0(sizeof(Labels));
	QueryArguments arguments = {0};

	query_add_text(&arguments, question->model);
	query_add_text(&arguments, question->version);
	read_forms(labels, &arguments, context);
	query_add_text(&arguments, question->language);
	query_add_text(&arguments, question->national);
	read_labels(labels, &arguments, context);
	return labels;
}

/* Lists of codes that are long are read each time: of them that is kept. */
static void *
read_kept(const void *question)
{
	Labels	   *labels = read_all(question);

	if (labels->count > MAX_KEPT)
	{
		memset(labels, 0, sizeof(*labels));
		labels->too_many = true;
	}
	return labels;
}

const Labels *
labels_load(const char *model, const char *version, const char *language, const char *national)
{
	MemoryContext context = CurrentMemoryContext;
	LabelQuestion question = {model, version, upper(language), upper(national)};
	const Labels *labels;

	if (model == NULL)
		return palloc0(sizeof(Labels));
	SPI_connect();
	MemoryContextSwitchTo(context);
	labels = kept_get(psprintf("labels %s %s %zu %s %s", question.language, question.national, strlen(model), model, version), read_kept, &question);
	if (labels->too_many)
		labels = read_all(&question);
	SPI_finish();
	MemoryContextSwitchTo(context);
	return labels;
}

/* Rows being gathered. */
typedef struct Gathering
{
	Labels	   *labels;
	int			max_rows,
				max_forms;
} Gathering;

static void
gather(const FoundLabel *found, void *argument)
{
	Gathering  *g = argument;
	Labels	   *labels = g->labels;

	if (found->text != NULL)
	{
		if (labels->count == g->max_rows)
			labels->rows = repalloc(labels->rows, (g->max_rows *= 2) * sizeof(LabelRow));
		labels->rows[labels->count++] = (LabelRow) {pstrdup(found->path), pstrdup(found->code), {found->text, NULL}};
	}
	if (found->form != FORM_UNKNOWN && *found->code == '\0')
	{
		if (labels->form_count == g->max_forms)
			labels->forms = repalloc(labels->forms, (g->max_forms *= 2) * sizeof(FormRow));
		labels->forms[labels->form_count++] = (FormRow) {pstrdup(found->path), found->form};
	}
}

static int
compare_rows(const void *a, const void *b)
{
	return strcmp(((const LabelRow *) a)->path, ((const LabelRow *) b)->path);
}

static int
compare_forms(const void *a, const void *b)
{
	return strcmp(((const FormRow *) a)->path, ((const FormRow *) b)->path);
}

Labels *
labels_of_type(Oid type, const char *root, bool camel)
{
	Labels	   *labels = palloc0(sizeof(Labels));
	Gathering	g = {labels, 64, 64};

	labels->rows = palloc(g.max_rows * sizeof(LabelRow));
	labels->forms = palloc(g.max_forms * sizeof(FormRow));
	found_in_type(type, root, camel, gather, &g);
	qsort(labels->rows, labels->count, sizeof(LabelRow), compare_rows);
	qsort(labels->forms, labels->form_count, sizeof(FormRow), compare_forms);
	return labels;
}

static int
compare_row(const LabelRow *row, const char *path, const char *code)
{
	int			order = strcmp(row->path, path);

	return order != 0 ? order : strcmp(row->code, code);
}

static const LabelRow *
find_row(const Labels *labels, const char *path, const char *code)
{
	int			low = 0,
				high = labels->count;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order = compare_row(&labels->rows[middle], path, code);

		if (order == 0)
			return &labels->rows[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* The path's end without its first name; NULL when that was all. */
static const char *
shorter(const char *path)
{
	const char *slash = strchr(path, '/');

	return slash != NULL ? slash + 1 : NULL;
}

Said
code_of(const Labels *labels, const char *path, const char *code)
{
	if (*code != '\0' && labels->count > 0)
	{
		for (; path != NULL; path = shorter(path))
		{
			const LabelRow *row = find_row(labels, path, code);

			if (row != NULL)
				return row->said;
		}
	}
	return (Said) {NULL, NULL};
}

Said
label_of(const Labels *labels, const char *path)
{
	const char *last = strrchr(path, '/');

	for (const char *rest = path; rest != NULL && labels->count > 0; rest = shorter(rest))
	{
		const LabelRow *row = find_row(labels, rest, "");

		if (row != NULL)
			return row->said;
	}
	return (Said) {label_from_name(last != NULL ? last + 1 : path), NULL};
}

static bool
find_form(const Labels *labels, const char *path, ValueForm *form)
{
	int			low = 0,
				high = labels->form_count;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		int			order = strcmp(labels->forms[middle].path, path);

		*form = labels->forms[middle].form;
		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

ValueForm
form_of(const Labels *labels, const char *path)
{
	ValueForm	form;

	for (; path != NULL && labels->form_count > 0; path = shorter(path))
		if (find_form(labels, path, &form))
			return form;
	return FORM_UNKNOWN;
}

/* A capital that begins a word: not one within an abbreviation (the U of EUCitizen, but its C). */
static bool
begins_word(const char *name, const char *at)
{
	if (at == name || !isupper((unsigned char) *at))
		return false;
	return islower((unsigned char) at[-1]) || isdigit((unsigned char) at[-1]) ||
		(isupper((unsigned char) at[-1]) && islower((unsigned char) at[1]));
}

char *
label_from_name(const char *name)
{
	StringInfoData words;

	if (*name == '@')
		name++;
	initStringInfo(&words);
	for (const char *c = name; *c != '\0'; c++)
	{
		bool		word = begins_word(name, c);

		if (word)
			appendStringInfoChar(&words, ' ');
		if (*c == '_' || *c == '.')
			appendStringInfoChar(&words, words.len > 0 ? ' ' : *c);
		else if (c == name)
			appendStringInfoChar(&words, pg_ascii_toupper((unsigned char) *c));
		else if (word && !isupper((unsigned char) c[1]))
			appendStringInfoChar(&words, pg_ascii_tolower((unsigned char) *c));
		else
			appendStringInfoChar(&words, *c);
	}
	return words.data;
}
