/*
 * facts.c
 *		Facts about the evidence as SQL gives them: a JSON object (document.h).
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "document/document.h"
#include "errors.h"
#include "message/moment.h"

/* URIs are shorter, and a panel has to hold it. */
#define MAX_IDENTIFIER 2000

OOTS_NORETURN static void
refuse(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("facts of a document are not understood"),
			 errdetail("%s", detail),
			 errhint("They are a JSON object with any of: title, issuer, place (a text, or texts by language), issued, valid_from, valid_until (days), identifier, language, provider (whose letterhead it has), root (texts).")));
}

static JsonbValue *
find(Jsonb *facts, const char *key)
{
	JsonbValue	name = {.type = jbvString,.val.string = {strlen(key), (char *) key}};
	JsonbValue *value = findJsonbValueFromContainer(&facts->root, JB_FOBJECT, &name);

	return value != NULL && value->type != jbvNull ? value : NULL;
}

/* One line of characters that XML has: what is none becomes a blank, as it does nowhere else, for it stands in metadata too. */
static char *
string(const JsonbValue *value)
{
	char	   *text = pnstrdup(value->val.string.val, value->val.string.len);

	for (unsigned char *c = (unsigned char *) text; *c != '\0'; c++)
	{
		if (*c < ' ' || *c == 0x7f)
			*c = ' ';
		else if (c[0] == 0xef && c[1] == 0xbf && c[2] >= 0xbe)
			c[0] = c[1] = c[2] = ' ';
	}
	return text;
}

static const char *
text_of(Jsonb *facts, const char *key)
{
	JsonbValue *value = find(facts, key);

	if (value == NULL)
		return NULL;
	if (value->type != jbvString)
		refuse(psprintf("\"%s\" is no text.", key));
	return string(value);
}

static const char *
day_of(Jsonb *facts, const char *key)
{
	const char *day = text_of(facts, key);

	if (day != NULL && !moment_is_date(day))
		refuse(psprintf("\"%s\" is no day, as in 2026-01-31.", key));
	return day;
}

/* How well a text in a language serves who wants another: the language, English, the national one, any. */
static int
rank(const char *language, const char *wanted, const char *national)
{
	return strcmp(language, wanted) == 0 ? 0 : strcmp(language, "en") == 0 ? 1 :
		national != NULL && strcmp(language, national) == 0 ? 2 : 3;
}

static Said
best(const JsonbValue *texts, const char *wanted, const char *national)
{
	JsonbIterator *iterator = JsonbIteratorInit(texts->val.binary.data);
	JsonbIteratorToken token;
	JsonbValue	value;
	char	   *language = NULL;
	Said		said = {NULL, NULL};

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			language = document_language(string(&value));
		else if (token == WJB_VALUE)
		{
			if (language == NULL || value.type != jbvString)
				refuse("A text by language has codes of two letters, and texts.");
			if (said.text == NULL || rank(language, wanted, national) < rank(said.language, wanted, national))
				said = (Said) {string(&value), language};
		}
	}
	return said;
}

static Text
texts_of(Jsonb *facts, const char *key, const char *const *languages, const char *national)
{
	JsonbValue *value = find(facts, key);
	Text		text = {0};

	if (value == NULL)
		return text;
	if (value->type == jbvString)
	{
		text.in[0] = (Said) {string(value), NULL};
		return text;
	}
	if (value->type != jbvBinary || !JsonContainerIsObject(value->val.binary.data))
		refuse(psprintf("\"%s\" is neither a text nor texts by language.", key));
	for (int i = 0; i < 2; i++)
		if (languages[i] != NULL)
			text.in[i] = best(value, languages[i], national);
	if (text.in[1].text != NULL && strcmp(text.in[0].text, text.in[1].text) == 0)
		text.in[1].text = NULL;
	return text;
}

static void
check_keys(Jsonb *facts)
{
	static const char *const known[] = {"title", "issuer", "place", "issued", "valid_from", "valid_until", "identifier", "language", "provider", "root"};
	JsonbIterator *iterator = JsonbIteratorInit(&facts->root);
	JsonbIteratorToken token;
	JsonbValue	value;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		bool		found = false;

		if (token != WJB_KEY)
			continue;
		for (int i = 0; i < lengthof(known); i++)
			found |= strcmp(known[i], string(&value)) == 0;
		if (!found)
			refuse("It has a key that is none of them.");
	}
}

void
facts_read(Jsonb *facts, bool strict, DocumentSource *source)
{
	Facts	   *result = &source->facts;
	const char *languages[2] = {source->languages[0], source->languages[1]};

	if (facts == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(facts))
		refuse("They are no object.");
	if (strict)
		check_keys(facts);
	result->language = document_language(text_of(facts, "language"));
	if (languages[0] == NULL)
		languages[0] = result->language != NULL ? result->language : "en";
	result->title = texts_of(facts, "title", languages, result->language);
	result->issuer = texts_of(facts, "issuer", languages, result->language);
	result->place = texts_of(facts, "place", languages, result->language);
	result->issued = day_of(facts, "issued");
	result->valid_from = day_of(facts, "valid_from");
	result->valid_until = day_of(facts, "valid_until");
	result->identifier = text_of(facts, "identifier");
	if (result->identifier != NULL && strlen(result->identifier) > MAX_IDENTIFIER)
		refuse("\"identifier\" is too long.");
	source->provider = text_of(facts, "provider");
	if (source->root == NULL)
		source->root = text_of(facts, "root");
}
