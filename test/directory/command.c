/*
 * command.c
 *		Read and run commands, under the lock of the service.
 */
#include <stdlib.h>
#include <string.h>

#include "canned.h"
#include "command.h"
#include "query.h"
#include "script.h"
#include "service.h"

#define MAX_WORDS 8

static const char *
run_rule(char **words, int count, Buffer *out)
{
	const char *action = words[count - 1];

	(void) out;
	if ((strcmp(action, "wrong-root") == 0 && signers.other == NULL) ||
		(strcmp(action, "expired") == 0 && signers.expired == NULL))
		return "the program was started without that key";
	return script_add(words, count);
}

static const char *
run_rules_clear(char **words, int count, Buffer *out)
{
	(void) words, (void) count, (void) out;
	script_clear();
	return NULL;
}

static const char *
run_additional_input(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	if (strcmp(words[1], "on") != 0 && strcmp(words[1], "off") != 0)
		return "on or off";
	dsd_set_asking(strcmp(words[0], "any") == 0 ? NULL : words[0], strcmp(words[1], "on") == 0);
	return NULL;
}

static const char *
run_versions(char **words, int count, Buffer *out)
{
	(void) out;
	return version_enable(words, count) ? NULL : "no such version";
}

static const char *
run_environment(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	answer_set_environment(strcmp(words[0], "none") == 0 ? NULL : words[0]);
	return NULL;
}

static const char *
run_stats(char **words, int count, Buffer *out)
{
	(void) words, (void) count;
	buffer_format(out, "queries %ld\n", counters.queries[SERVICE_DSD] + counters.queries[SERVICE_EB]);
	for (int i = 0; i < SERVICE_COUNT; i++)
		buffer_format(out, "queries.%s %ld\n", service_name(i), counters.queries[i]);
	buffer_format(out, "successes %ld\nrefusals %ld\ncanned %ld\nmisbehaved %ld\n", counters.successes, counters.refusals,
				  counters.canned, counters.misbehaved);
	for (const Publication *publication = catalogue_first(); publication; publication = publication->next)
		buffer_format(out, "published.%s.%s %d\n", service_name(publication->service), publication->country,
					  publication->item_count);
	return NULL;
}

static const char *
run_queries(char **words, int count, Buffer *out)
{
	(void) words, (void) count;
	buffer_add(out, query_log.data, query_log.len);
	return NULL;
}

void
command_reset(void)
{
	script_clear();
	canned_clear();
	catalogue_clear();
	dsd_reset();
	version_reset();
	answer_set_environment(NULL);
	buffer_free(&query_log);
	counters = (Counters) {0};
}

static const char *
run_reset(char **words, int count, Buffer *out)
{
	(void) words, (void) count, (void) out;
	command_reset();
	return NULL;
}

static const struct
{
	const char *name;
	int			least;			/* words behind it */
	int			most;
	const char *(*run) (char **words, int count, Buffer *out);	/* why not, or NULL */
}			commands[] = {
	{"rule", 1, 4, run_rule},
	{"rules-clear", 0, 0, run_rules_clear},
	{"additional-input", 2, 2, run_additional_input},
	{"versions", 1, 4, run_versions},
	{"environment", 1, 1, run_environment},
	{"stats", 0, 0, run_stats},
	{"queries", 0, 0, run_queries},
	{"reset", 0, 0, run_reset},
};

static const char *
run_line(const char *line, Buffer *out)
{
	char	   *copy = copy_text(line);
	char	   *words[MAX_WORDS + 1];
	int			count = split_words(copy, words, MAX_WORDS) - 1;
	const char *error = count < 0 ? NULL : "no such command";

	for (size_t i = 0; i < lengthof(commands) && count >= 0; i++)
	{
		if (strcmp(commands[i].name, words[0]) != 0)
			continue;
		error = count < commands[i].least || count > commands[i].most ? "wrong number of words" :
			commands[i].run(words + 1, count, out);
		break;
	}
	free(copy);
	return error;
}

bool
command_run(const char *text, Buffer *out)
{
	char	   *copy = copy_text(text);
	char	   *rest;
	const char *error = NULL;

	for (char *line = strtok_r(copy, "\n", &rest); line && error == NULL; line = strtok_r(NULL, "\n", &rest))
	{
		error = run_line(line, out);
		if (error)
			buffer_format(out, "error: %s: %s\n", line, error);
	}
	free(copy);
	return error == NULL;
}
