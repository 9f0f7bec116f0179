/*
 * rule.c
 *		Read rules, and choose the one for a call.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "fault.h"
#include "journal.h"
#include "operation.h"
#include "rule.h"

#define ALWAYS (-1)

typedef struct Rule
{
	const char *operation;		/* NULL: any */
	char	   *user;			/* NULL: any */
	long		skip;			/* calls to let pass first */
	long		times;			/* left, or ALWAYS */
	double		probability;
	Action		action;
	struct Rule *next;
} Rule;

typedef enum ArgumentKind
{
	ARGUMENT_NONE,
	ARGUMENT_NUMBER,
	ARGUMENT_TEXT,
	ARGUMENT_FAULT
} ArgumentKind;

static const struct
{
	const char *name;
	ArgumentKind argument;
	ActionKind	kind;
}			actions[] = {
	{"cut-before", ARGUMENT_NONE, ACTION_CUT_BEFORE},
	{"cut-after", ARGUMENT_NONE, ACTION_CUT_AFTER},
	{"cut-midway", ARGUMENT_NONE, ACTION_CUT_MIDWAY},
	{"slow", ARGUMENT_NUMBER, ACTION_SLOW},
	{"delay", ARGUMENT_NUMBER, ACTION_DELAY},
	{"hang", ARGUMENT_NONE, ACTION_HANG},
	{"http", ARGUMENT_NUMBER, ACTION_HTTP},
	{"http-after", ARGUMENT_NUMBER, ACTION_HTTP_AFTER},
	{"fault", ARGUMENT_FAULT, ACTION_FAULT},
	{"fault-after", ARGUMENT_FAULT, ACTION_FAULT_AFTER},
	{"truncate-mime", ARGUMENT_NONE, ACTION_TRUNCATE},
	{"wrong-id", ARGUMENT_NONE, ACTION_WRONG_ID},
	{"drop-payload", ARGUMENT_NONE, ACTION_DROP_PAYLOAD},
	{"no-value", ARGUMENT_NONE, ACTION_NO_VALUE},
	{"empty-value", ARGUMENT_NONE, ACTION_EMPTY_VALUE},
	{"big", ARGUMENT_NUMBER, ACTION_BIG},
	{"garbage", ARGUMENT_NONE, ACTION_GARBAGE},
	{"dtd", ARGUMENT_NONE, ACTION_DTD},
	{"redirect", ARGUMENT_TEXT, ACTION_REDIRECT},
};

static Rule *first_rule;

static bool
read_argument(ArgumentKind kind, const char *text, Action *action)
{
	switch (kind)
	{
		case ARGUMENT_NONE:
			return text == NULL;
		case ARGUMENT_NUMBER:
			return text && parse_number(text, 1, 1024 * 1024 * 1024, &action->number);
		case ARGUMENT_TEXT:
			action->text = copy_text(text);
			return text != NULL;
		case ARGUMENT_FAULT:
			action->number = text ? fault_named(text) : FAULT_NONE;
			return action->number != FAULT_NONE;
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
			return read_argument(actions[i].argument, word[len] ? word + len + 1 : NULL, action);
		}
	}
	return false;
}

/* One word of the form NAME=VALUE before the action; false when it is none of ours. */
static bool
read_condition(const char *word, Rule *rule)
{
	char	   *end;

	if (strncmp(word, "user=", 5) == 0)
	{
		free(rule->user);
		rule->user = copy_text(word + 5);
		return true;
	}
	if (strncmp(word, "skip=", 5) == 0)
		return parse_number(word + 5, 0, 1000000000, &rule->skip);
	if (strcmp(word, "times=always") == 0)
	{
		rule->times = ALWAYS;
		return true;
	}
	if (strncmp(word, "times=", 6) == 0)
		return parse_number(word + 6, 1, 1000000000, &rule->times);
	if (strncmp(word, "probability=", 12) == 0)
	{
		rule->probability = strtod(word + 12, &end);
		return *end == '\0' && rule->probability >= 0 && rule->probability <= 1;
	}
	return false;
}

static void
rule_free(Rule *rule)
{
	free(rule->user);
	free(rule->action.text);
	free(rule);
}

const char *
rule_add(char **words, int count)
{
	Rule	   *rule;
	Rule	  **link = &first_rule;
	bool		any = count > 0 && strcmp(words[0], "any") == 0;

	if (count < 2)
		return "rule OPERATION [user=U] [skip=N] [times=N|always] [probability=P] ACTION";
	if (!any && operation_named(words[0]) == NULL)
		return "no such operation";
	rule = allocate(sizeof(Rule));
	rule->operation = any ? NULL : operation_named(words[0])->name;
	rule->times = 1;
	rule->probability = 1;
	for (int i = 1; i < count - 1; i++)
	{
		if (!read_condition(words[i], rule))
		{
			rule_free(rule);
			return "no such condition of a rule";
		}
	}
	if (!read_action(words[count - 1], &rule->action))
	{
		rule_free(rule);
		return "no such action of a rule";
	}
	while (*link)
		link = &(*link)->next;
	*link = rule;
	return NULL;
}

void
rule_clear(void)
{
	while (first_rule)
	{
		Rule	   *rule = first_rule;

		first_rule = rule->next;
		rule_free(rule);
	}
}

/* One matching call less to skip or to treat. */
static void
use_up(Rule *rule)
{
	int64_t		number = 0;

	for (const Rule *other = first_rule; other != rule; other = other->next)
		number++;
	journal_begin("rule");
	journal_number(number);
	journal_end();
	if (rule->skip > 0)
		rule->skip--;
	else
		rule->times--;
}

static bool
matches(const Rule *rule, const char *operation, const char *user)
{
	return rule->times != 0 &&
		(rule->operation == NULL || (operation && strcmp(rule->operation, operation) == 0)) &&
		(rule->user == NULL || (user && strcmp(rule->user, user) == 0)) &&
		(rule->probability >= 1 || drand48() < rule->probability);
}

Action
rule_apply(const char *operation, const char *user)
{
	for (Rule *rule = first_rule; rule; rule = rule->next)
	{
		bool		fires = rule->skip == 0;

		if (!matches(rule, operation, user))
			continue;
		if (!fires || rule->times != ALWAYS)
			use_up(rule);
		if (fires)
			return (Action) {rule->action.kind, rule->action.number, copy_text(rule->action.text)};
	}
	return (Action) {0};
}

void
rule_replay(void)
{
	int64_t		number = journal_read_number();
	Rule	   *rule = first_rule;

	while (rule && number-- > 0)
		rule = rule->next;
	if (rule)
		use_up(rule);
}

long
rule_uses_left(void)
{
	long		left = 0;

	for (const Rule *rule = first_rule; rule; rule = rule->next)
		left += rule->times > 0 ? rule->times : 0;
	return left;
}
