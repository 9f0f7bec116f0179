/*
 * script.c
 *		Read rules, and choose the one for a query.
 */
#include <stdlib.h>
#include <string.h>

#include "script.h"

#define ALWAYS (-1)

typedef struct Rule
{
	bool		any;
	Service		service;		/* unless any */
	long		skip;			/* queries to let pass first */
	long		times;			/* left, or ALWAYS */
	Action		action;
	struct Rule *next;
} Rule;

typedef enum ArgumentKind
{
	ARGUMENT_NONE,
	ARGUMENT_NUMBER,
	ARGUMENT_OPTIONAL,			/* a number, or that of the table */
	ARGUMENT_TEXT
} ArgumentKind;

static const struct
{
	const char *name;
	ArgumentKind argument;
	ActionKind	kind;
	long		otherwise;
}			actions[] = {
	{"cut", ARGUMENT_NONE, ACTION_CUT, 0},
	{"hang", ARGUMENT_NONE, ACTION_HANG, 0},
	{"http", ARGUMENT_NUMBER, ACTION_HTTP, 0},
	{"json-error", ARGUMENT_OPTIONAL, ACTION_JSON_ERROR, 500},
	{"html", ARGUMENT_NONE, ACTION_HTML, 0},
	{"redirect", ARGUMENT_TEXT, ACTION_REDIRECT, 0},
	{"delay", ARGUMENT_NUMBER, ACTION_DELAY, 0},
	{"garbage", ARGUMENT_NONE, ACTION_GARBAGE, 0},
	{"dtd", ARGUMENT_NONE, ACTION_DTD, 0},
	{"bad-digest", ARGUMENT_NONE, ACTION_BAD_DIGEST, 0},
	{"no-digest", ARGUMENT_NONE, ACTION_NO_DIGEST, 0},
	{"bad-signature", ARGUMENT_NONE, ACTION_BAD_SIGNATURE, 0},
	{"no-signature", ARGUMENT_NONE, ACTION_NO_SIGNATURE, 0},
	{"wrong-root", ARGUMENT_NONE, ACTION_WRONG_ROOT, 0},
	{"expired", ARGUMENT_NONE, ACTION_EXPIRED, 0},
	{"alg", ARGUMENT_TEXT, ACTION_ALGORITHM, 0},
	{"signed-earlier", ARGUMENT_NUMBER, ACTION_SIGNED_EARLIER, 0},
	{"signed-later", ARGUMENT_NUMBER, ACTION_SIGNED_LATER, 0},
	{"big-header", ARGUMENT_OPTIONAL, ACTION_BIG_HEADER, 40000},
	{"http-after", ARGUMENT_NUMBER, ACTION_HTTP_AFTER, 0},
	{"slow", ARGUMENT_NUMBER, ACTION_SLOW, 0},
	{"cut-midway", ARGUMENT_NONE, ACTION_CUT_MIDWAY, 0},
};

static Rule *first_rule;

static bool
read_argument(ArgumentKind kind, const char *text, Action *action)
{
	switch (kind)
	{
		case ARGUMENT_NONE:
			return text == NULL;
		case ARGUMENT_OPTIONAL:
			if (text == NULL)
				return true;
			/* FALLTHROUGH */
		case ARGUMENT_NUMBER:
			return text && parse_number(text, 1, 1000000, &action->number);
		case ARGUMENT_TEXT:
			action->text = copy_text(text);
			return text != NULL;
	}
	return false;
}

static bool
read_action(const char *word, Action *action)
{
	size_t		len = strcspn(word, "=");

	for (size_t i = 0; i < lengthof(actions); i++)
	{
		if (strlen(actions[i].name) == len && strncmp(actions[i].name, word, len) == 0)
		{
			action->kind = actions[i].kind;
			action->number = actions[i].otherwise;
			if (!read_argument(actions[i].argument, word[len] ? word + len + 1 : NULL, action))
				return false;
			return (action->kind != ACTION_HTTP && action->kind != ACTION_HTTP_AFTER && action->kind != ACTION_JSON_ERROR) ||
				(action->number >= 200 && action->number <= 599);
		}
	}
	return false;
}

static bool
read_condition(const char *word, Rule *rule)
{
	if (strncmp(word, "service=", 8) == 0)
	{
		rule->any = false;
		return service_parse(word + 8, strlen(word + 8), &rule->service);
	}
	if (strncmp(word, "skip=", 5) == 0)
		return parse_number(word + 5, 0, 1000000000, &rule->skip);
	if (strcmp(word, "times=always") == 0)
	{
		rule->times = ALWAYS;
		return true;
	}
	return strncmp(word, "times=", 6) == 0 && parse_number(word + 6, 1, 1000000000, &rule->times);
}

static void
rule_free(Rule *rule)
{
	free(rule->action.text);
	free(rule);
}

const char *
script_add(char **words, int count)
{
	Rule	   *rule = allocate(sizeof(Rule));
	Rule	  **link = &first_rule;
	const char *error = NULL;

	rule->any = true;
	rule->times = 1;
	for (int i = 0; i < count - 1 && error == NULL; i++)
	{
		if (!read_condition(words[i], rule))
			error = "no such condition of a rule";
	}
	if (error == NULL && !read_action(words[count - 1], &rule->action))
		error = "no such action of a rule";
	if (error)
	{
		rule_free(rule);
		return error;
	}
	while (*link)
		link = &(*link)->next;
	*link = rule;
	return NULL;
}

void
script_clear(void)
{
	while (first_rule)
	{
		Rule	   *rule = first_rule;

		first_rule = rule->next;
		rule_free(rule);
	}
}

Action
script_choose(Service service)
{
	for (Rule *rule = first_rule; rule; rule = rule->next)
	{
		if (rule->times == 0 || (!rule->any && rule->service != service))
			continue;
		if (rule->skip > 0)
		{
			rule->skip--;
			continue;
		}
		if (rule->times != ALWAYS)
			rule->times--;
		return (Action) {rule->action.kind, rule->action.number, copy_text(rule->action.text)};
	}
	return (Action) {0};
}
