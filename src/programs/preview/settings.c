/*
 * settings.c
 *		The present settings, counted by their users; who is the last frees them.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "secret.h"
#include "settings.h"

#define FRESH_SECONDS 60
#define RETRY_SECONDS 2

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t first_reading = PTHREAD_MUTEX_INITIALIZER;
static Settings *present;
static time_t read_again;		/* CLOCK_MONOTONIC */
static DbOutcome known = DB_GONE;	/* DB_DONE: they were read once; else what came of the last try */

Settings *
settings_take(void)
{
	Settings   *settings;

	pthread_mutex_lock(&mutex);
	if (present == NULL)
	{
		present = take_memory(sizeof(Settings));
		present->users = 1;
		present->base = "";
		present->offered = (1U << LANGUAGE_COUNT) - 1;
		present->national = language_english();
	}
	settings = present;
	settings->users++;
	pthread_mutex_unlock(&mutex);
	return settings;
}

void
settings_release(Settings *settings)
{
	bool		last;

	pthread_mutex_lock(&mutex);
	last = --settings->users == 0;
	pthread_mutex_unlock(&mutex);
	if (last)
	{
		arena_free(&settings->arena);
		free(settings);
	}
}

/* Blanks are skipped; what is no base64 ends it. */
static size_t
base64_decode(const char *text, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned int held = 0;
	int			bits = 0;
	size_t		len = 0;

	for (; *text; text++)
	{
		const char *digit = strchr(digits, *text);

		if (*text == '\n' || *text == '\r' || *text == ' ')
			continue;
		if (digit == NULL)
			break;
		held = held << 6 | (unsigned int) (digit - digits);
		if ((bits += 6) >= 8)
			out[len++] = (char) (held >> (bits -= 8));
	}
	return len;
}

static void
read_logo(Settings *settings, const Json *logo)
{
	static const char *const types[] = {"image/png", "image/jpeg", "image/svg+xml"};
	const char *type = json_string(logo, "media_type");
	const char *content = json_string(logo, "content");
	char	   *bytes;

	for (size_t i = 0; type && content && i < lengthof(types); i++)
		if (strcmp(type, types[i]) == 0)
		{
			bytes = arena_take(&settings->arena, strlen(content) + 1);
			settings->logo_len = base64_decode(content, bytes);
			settings->logo = bytes;
			settings->logo_type = types[i];
			settings->logo_name = fingerprint(&settings->arena, bytes, settings->logo_len);
		}
}

/* Of https://host/path/ the path without its last slash. */
static const char *
base_path(Arena *arena, const char *url)
{
	const char *path = url ? strstr(url, "://") : NULL;
	size_t		len;

	path = path ? strchr(path + 3, '/') : NULL;
	len = path ? strlen(path) : 0;
	while (len > 0 && path[len - 1] == '/')
		len--;
	return arena_copy(arena, path ? path : "", len);
}

static unsigned int
read_languages(const Json *list)
{
	unsigned int offered = 0;

	for (const Json *code = list ? list->first : NULL; code; code = code->next)
	{
		const Language *language = code->text ? language_find(code->text, strlen(code->text)) : NULL;

		if (language)
			offered |= 1U << language_index(language);
	}
	return offered;
}

static Settings *
read_settings(const char *text)
{
	Settings   *settings = take_memory(sizeof(Settings));
	const Json *json = json_read(&settings->arena, text, strlen(text));
	const char *national = json_string(json, "national_language");

	settings->users = 1;
	settings->base = base_path(&settings->arena, json_string(json, "base_url"));
	settings->national = national ? language_find(national, strlen(national)) : NULL;
	if (settings->national == NULL)
		settings->national = language_english();
	settings->offered = read_languages(json_get(json, "languages"));
	if (settings->offered == 0)
		settings->offered = (1U << LANGUAGE_COUNT) - 1;
	settings->authority = json_get(json, "authority");
	settings->texts = json_get(json, "texts");
	settings->contact = json_get(json, "contact");
	settings->privacy_url = json_get(json, "privacy_url");
	settings->accessibility_url = json_get(json, "accessibility_url");
	settings->feedback_url = json_string(json, "feedback_url");
	settings->your_europe = json_true(json, "your_europe");
	settings->counters = json_true(json, "counters");
	settings->by_proxy = json_string(json, "authentication") && strcmp(json_string(json, "authentication"), "proxy") == 0;
	read_logo(settings, json_get(json, "logo"));
	return settings;
}

/* Whether it is the caller who reads; the others go on with what there is. */
static bool
is_my_turn(void)
{
	struct timespec now;
	bool		mine;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&mutex);
	mine = read_again == 0 || now.tv_sec >= read_again;
	if (mine)
		read_again = now.tv_sec + RETRY_SECONDS;
	pthread_mutex_unlock(&mutex);
	return mine;
}

static void
note_outcome(DbOutcome outcome, Settings *settings, Settings **former)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&mutex);
	if (settings)
	{
		*former = present;
		present = settings;
		read_again = now.tv_sec + FRESH_SECONDS;
	}
	if (known != DB_DONE)
		known = outcome;
	pthread_mutex_unlock(&mutex);
}

static void
read_in_turn(Db *db)
{
	Arena		arena = {0};
	const char *text;
	Settings   *former = NULL;
	DbOutcome	outcome;

	if (!is_my_turn())
		return;
	outcome = db_call(db, &arena, DB_SETTINGS, NULL, &text);
	if (outcome == DB_DONE && text == NULL)
		outcome = DB_REFUSED;
	note_outcome(outcome, outcome == DB_DONE ? read_settings(text) : NULL, &former);
	if (former)
		settings_release(former);
	arena_free(&arena);
}

static DbOutcome
what_is_known(void)
{
	DbOutcome	outcome;

	pthread_mutex_lock(&mutex);
	outcome = known;
	pthread_mutex_unlock(&mutex);
	return outcome;
}

DbOutcome
settings_refresh(Db *db)
{
	if (what_is_known() == DB_DONE)
	{
		read_in_turn(db);
		return DB_DONE;
	}
	/* the first ones: who comes meanwhile has nothing to go on with, and waits for who reads */
	pthread_mutex_lock(&first_reading);
	if (what_is_known() != DB_DONE)
		read_in_turn(db);
	pthread_mutex_unlock(&first_reading);
	return what_is_known();
}
