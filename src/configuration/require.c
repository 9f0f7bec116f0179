/*
 * require.c
 *		Checks of configuration values, called by CHECK constraints and domains.
 *		A wrong value is refused in words, with a hint, when it is written, not
 *		when a citizen's request meets it.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/jsonb.h"

#include "compat.h"
#include "errors.h"
#include "message/codelist.h"
#include "message/shape.h"

PG_FUNCTION_INFO_V1(ootspg_require);
PG_FUNCTION_INFO_V1(ootspg_require_url);
PG_FUNCTION_INFO_V1(ootspg_require_localized);
PG_FUNCTION_INFO_V1(ootspg_raise_configuration);

/* Of one line at least; which lines a type may be served on with it is asked when that is activated. */
static bool
is_agent_scheme(const char *value)
{
	return strpbrk(value, " \t\r\n") == NULL && (code_is_agent_scheme(EDM_V10, value) || code_is_agent_scheme(EDM_V20, value));
}

static bool
is_country(const char *value)
{
	return code_in(CODES_COUNTRY, EDM_V20, value);
}

static bool
is_nuts(const char *value)
{
	return code_in(CODES_NUTS, EDM_V20, value);
}

static bool
is_level(const char *value)
{
	return code_in(CODES_LEVEL_OF_ASSURANCE, EDM_V20, value);
}

static bool
is_language(const char *value)
{
	return strlen(value) == 2 && code_in(CODES_LANGUAGE, EDM_V20, value);
}

/* one line that says something */
static bool
is_label(const char *value)
{
	for (const unsigned char *c = (const unsigned char *) value; *c; c++)
		if (*c < ' ')
			return false;
	return value[strspn(value, " ")] != '\0' && shape_length(value) <= 500;
}

static bool
is_languages(const char *value)
{
	Datum		array = OidInputFunctionCall(F_ARRAY_IN, pstrdup(value), TEXTOID, -1);
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i] || !is_language(TextDatumGetCString(elements[i])))
			return false;
		for (int j = 0; j < i; j++)
			if (strcmp(TextDatumGetCString(elements[i]), TextDatumGetCString(elements[j])) == 0)
				return false;
	}
	return count > 0;
}

static bool
is_media_type(const char *value)
{
	return code_in(CODES_MEDIA_TYPE, EDM_V20, value);
}

static bool
is_line(const char *value)
{
	return line_from_identifier(value) != EDM_NONE;
}

/* production, acceptance, test, and whatever a state has beside them: it stands in messages of errors and in column values */
static bool
is_environment(const char *value)
{
	return strlen(value) < 32 && value[0] >= 'a' && value[0] <= 'z' &&
		strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(value);
}

/* below 256 characters, no blanks: R-EDM-RESP-C007 */
static bool
is_identifier(const char *value)
{
	return value[0] != '\0' && shape_length(value) < 256 && strpbrk(value, " \t\r\n") == NULL;
}

/* printable, without blanks */
static bool
is_code(const char *value)
{
	for (const char *c = value; *c; c++)
		if (*c <= ' ' || *c > '~')
			return false;
	return value[0] != '\0' && strlen(value) <= 64;
}

/* names of rows stand in messages and file names: letters, digits, - and _ */
static bool
is_name(const char *value)
{
	return strlen(value) < 64 &&
		strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(value) &&
		value[0] != '\0' && strchr("-.", value[0]) == NULL;
}

/* By their form: whether the list has them is asked when the type is activated, for lists grow
 * (ootspg.added_code), and a restored dump brings rows in any order. */
static bool
is_procedures(const char *value)
{
	Datum		array = OidInputFunctionCall(F_ARRAY_IN, pstrdup(value), TEXTOID, -1);
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (nulls[i] || !shape_procedure(TextDatumGetCString(elements[i])))
			return false;
	return count > 0;
}

/* Plain characters without blanks, and something behind the scheme. */
static bool
is_url_of(const char *value, const char *scheme)
{
	size_t		length = strlen(scheme);

	if (strncmp(value, scheme, length) != 0 || value[length] == '\0' || value[length] == '/')
		return false;
	for (const char *c = value; *c; c++)
		if ((unsigned char) *c <= ' ' || (unsigned char) *c > '~')
			return false;
	/* a password in a URL would be shown wherever the row is */
	return strcspn(value + length, "@") >= strcspn(value + length, "/?#");
}

static bool
is_public_url(const char *value)
{
	return is_url_of(value, "https://");
}

/*
 * A link is at most 256 characters long, with what portals append to it in 1.x as its query (EDM §3.4; D-PRE-06).
 */
static bool
is_preview_url(const char *value)
{
	size_t		length = strlen(value);

	return is_public_url(value) && length <= 200 && value[length - 1] == '/' && strpbrk(value, "?#&") == NULL;
}

/* Without TLS only to this very host (D-SEC-01). */
static bool
is_gateway_url(const char *value)
{
	static const char *const here[] = {"http://localhost", "http://127.0.0.1", "http://[::1]"};

	if (is_url_of(value, "https://"))
		return true;
	for (int i = 0; i < (int) lengthof(here); i++)
	{
		size_t		length = strlen(here[i]);

		if (strncmp(value, here[i], length) == 0 && strchr(":/", value[length]) != NULL)
			return is_url_of(value, "http://");
	}
	return false;
}

static bool
is_proxy_url(const char *value)
{
	return is_url_of(value, "http://") || is_url_of(value, "https://");
}

static bool
is_file_uri(const char *value)
{
	return strncmp(value, "file:", 5) == 0 && value[5] != '\0' && strlen(value) < 1024;
}

/* letters and digits in between: it stands behind the @ of content ids */
static bool
is_domain(const char *value)
{
	char		before = '.';

	for (const char *c = value; *c; before = *c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && !((*c == '.' || *c == '-') && strchr(".-", before) == NULL))
			return false;
	return strchr(".-", before) == NULL;
}

/* the last segment of a URL */
static bool
is_subset(const char *value)
{
	return value[0] != '\0' &&
		strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(value);
}

/* Columns that take one of a few words. */
static const struct
{
	const char *kind;
	const char *words[9];
}			choices[] = {
	{"access services", {"one", "several"}},
	{"concept kind", {"codelist", "string", "boolean"}},
	{"context level", {"Country", "NUTS1", "NUTS2", "NUTS3", "LAU"}},
	{"duty", {"configure", "exchange", "operate", "audit", "maintain", "monitor", "preview", "matching"}},
	{"element names", {"camel", "as written"}},
	{"form", {"text", "number", "amount", "truth"}},
	{"given names", {"set", "first"}},
	{"logo", {"image/png", "image/svg+xml"}},
	{"no record", {"by line", "empty", "not found"}},
	{"preview", {"required", "offered", "exempt"}},
	{"preview authentication", {"none", "proxy"}},
	{"preview method", {"GET", "POST", "PUT"}},
	{"reauthentication", {"none", "required", "on ambiguity"}},
	{"requesters", {"all", "listed"}},
	{"seal", {"none", "prefer", "require"}},
	{"seal form", {"standard", "compact", "flattened", "detached", "own", "none"}},
	{"seal level", {"B", "T"}},
	{"service", {"dsd", "eb"}},
	{"subject", {"natural person", "legal person"}},
	{"supported values", {"publisher", "evidence type"}},
};

static const struct
{
	const char *kind;
	bool		(*holds) (const char *value);
	const char *hint;
}			kinds[] = {
	{"agent scheme", is_agent_scheme, "It is urn:cef.eu:names:identifier:EAS: and a code of the list EAS, or urn:oasis:names:tc:ebcore:partyid-type:unregistered: and an OOTS country; oots-edm:v1.0 lets other words follow unregistered."},
	{"code", is_code, "It has 1 to 64 printable characters of ASCII and no blanks."},
	{"content domain", is_domain, "It is a domain name in small letters, as in civil.example.lv."},
	{"country", is_country, "It is an ISO 3166-1 alpha-2 code in upper case; Greece is EL."},
	{"environment", is_environment, "It is production, acceptance, test, or another name of up to 31 small letters, digits, underscores and hyphens."},
	{"file uri", is_file_uri, "It is file: and a path below the directory credentials in ootspg.key_directory, as in file:ap.password."},
	{"gateway url", is_gateway_url, "It is https://…, or http:// to localhost, 127.0.0.1 or [::1]; without user and password."},
	{"identifier", is_identifier, "It has 1 to 255 characters and no blanks."},
	{"label", is_label, "It is one line of 1 to 500 characters, not blanks only."},
	{"language", is_language, "It is an ISO 639-1 code in upper case, as in EN."},
	{"languages", is_languages, "It is an array of ISO 639-1 codes in upper case, each once, as in {EN,LV}."},
	{"level of assurance", is_level, "It is Low, Substantial or High."},
	{"line", is_line, "It is oots-edm:v1.0, oots-edm:v1.1, oots-edm:v1.2 or oots-edm:v2.0."},
	{"media type", is_media_type, "It is application/xml, application/json, application/pdf, image/jpeg, image/png or image/svg+xml."},
	{"name", is_name, "It has 1 to 63 letters, digits, underscores, hyphens or dots."},
	{"nuts", is_nuts, "It is a NUTS code, as in LV00A."},
	{"person identifier", shape_person_identifier, "It is two country codes and a suffix, as in DE/LV/A1B2C3."},
	{"preview url", is_preview_url, "It is https://…/ with at most 200 characters, without user, query and fragment, and ends in a slash: a token of 43 characters is put behind it."},
	{"procedures", is_procedures, "It is an array of procedure codes, as in {R1,S1}; 00 is answered by itself."},
	{"proxy url", is_proxy_url, "It is http://host:port or https://host:port, without user and password."},
	{"public url", is_public_url, "It is https://… without user and password."},
	{"subset", is_subset, "It is the last segment of a URL: letters, digits, dots, underscores and hyphens."},
};

static void
refuse_value(const char *kind, const char *value, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("\"%s\" is not a valid value for %s", value, kind),
			 errhint("%s", hint)));
}

/* One of the words, or the error names them all. */
static void
require_word(const char *kind, const char *const *words, const char *value)
{
	StringInfoData hint;

	initStringInfo(&hint);
	for (int i = 0; words[i] != NULL; i++)
	{
		if (strcmp(words[i], value) == 0)
			return;
		appendStringInfo(&hint, "%s%s", i == 0 ? "It is " : words[i + 1] != NULL ? ", " : " or ", words[i]);
	}
	appendStringInfoChar(&hint, '.');
	refuse_value(kind, value, hint.data);
}

Datum
ootspg_require(PG_FUNCTION_ARGS)
{
	char	   *kind;
	char	   *value;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(true);
	kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	value = text_to_cstring(PG_GETARG_TEXT_PP(1));
	for (int i = 0; i < (int) lengthof(kinds); i++)
	{
		if (strcmp(kinds[i].kind, kind) != 0)
			continue;
		if (!kinds[i].holds(value))
			refuse_value(kind, value, kinds[i].hint);
		PG_RETURN_BOOL(true);
	}
	for (int i = 0; i < (int) lengthof(choices); i++)
	{
		if (strcmp(choices[i].kind, kind) != 0)
			continue;
		require_word(kind, choices[i].words, value);
		PG_RETURN_BOOL(true);
	}
	elog(ERROR, "unknown kind of configuration value: %s", kind);
}

Datum
ootspg_require_url(PG_FUNCTION_ARGS)
{
	char	   *kind;
	char	   *url;
	EdmLine		line;
	bool		model;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_BOOL(true);
	kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	line = line_from_identifier(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	url = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (line == EDM_NONE)
		PG_RETURN_BOOL(true);	/* the line's own check speaks of it */
	model = strcmp(kind, "model") == 0;
	if (!(model ? shape_data_model(line, url) : shape_classification(line, url)))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_CONFIGURATION),
				 errmsg("URL does not have the shape that %s asks of a %s", line_traits(line)->identifier,
						model ? "data model" : "classification"),
				 errdetail("The URL is \"%s\".", url),
				 model ? errhint("On this line it begins with %s%s.", line_traits(line)->repository, line_traits(line)->model_path) :
				 errhint("On this line it is %s/evidencetypeclassifications/, a country code in capitals (EL for Greece) or oots, / and a UUID in small letters.",
						 line_traits(line)->repository)));
	PG_RETURN_BOOL(true);
}

static void
refuse_localized(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("not a text in one or more languages"),
			 errdetail("%s", detail),
			 errhint("Write it as in {\"EN\": \"Birth certificate\"}: upper-case two-letter language codes, texts of two characters or more.")));
}

Datum
ootspg_require_localized(PG_FUNCTION_ARGS)
{
	Jsonb	   *texts;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	value;
	int			objects = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_BOOL(true);
	texts = PG_GETARG_JSONB_P(0);
	if (!JB_ROOT_IS_OBJECT(texts) || JB_ROOT_COUNT(texts) == 0)
		refuse_localized("It is not an object with a text for a language.");
	iterator = JsonbIteratorInit(&texts->root);
	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
	{
		if (token == WJB_KEY)
		{
			char	   *language = pnstrdup(value.val.string.val, value.val.string.len);

			if (strlen(language) != 2 || !code_in(CODES_LANGUAGE, EDM_V20, language))
				refuse_localized(psprintf("\"%s\" is not a language code.", language));
		}
		else if (token == WJB_VALUE &&
				 (value.type != jbvString ||
				  shape_length(pnstrdup(value.val.string.val, value.val.string.len)) < 2))
			refuse_localized("A value is not a text of two characters or more.");
		else if (token == WJB_BEGIN_ARRAY || (token == WJB_BEGIN_OBJECT && ++objects > 1))
			refuse_localized("A value is not a text.");
	}
	PG_RETURN_BOOL(true);
}

/*
 * OT003 in the words of a checking function, without CONTEXT: a dozen lines about
 * which function called which would bury the sentence. Whoever catches the error
 * restores the stack of contexts.
 */
Datum
ootspg_raise_configuration(PG_FUNCTION_ARGS)
{
	char	   *message = PG_ARGISNULL(0) ? pstrdup("the configuration cannot be served") : text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *hint = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));

	error_context_stack = NULL;
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg_internal("%s", message),
			 hint != NULL ? errhint("%s", hint) : 0));
	PG_RETURN_VOID();
}
