/*
 * control.c
 *		The commands of the control interface. Commands that change settings are
 *		recorded as they were said; what a command does to messages, the store
 *		records itself.
 */
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "journal.h"
#include "operation.h"
#include "report.h"
#include "store.h"
#include "wire.h"

#define MAX_WORDS 16

static const char *const not_on_off = "on or off";
static const char *const no_party = "no such party";
static const char *const no_message = "no such message";

/* Replaying is no reason to send anything: the journal goes on with what came of it. */
static bool replaying;

static const char *
set_switch(bool *setting, const char *word)
{
	if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return not_on_off;
	*setting = strcmp(word, "on") == 0;
	return NULL;
}

static const char *
command_party(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	party_define(words[0], words[1], words[2], words[3]);
	return NULL;
}

static const char *
command_unlock(char **words, int count, Buffer *out)
{
	Party	   *party = party_of_user(words[0]);

	(void) count, (void) out;
	if (party == NULL)
		return "no such user";
	party->failures = 0;
	party->suspended_until = 0;
	return NULL;
}

static const char *
command_personality(char **words, int count, Buffer *out)
{
	const Personality *personality = personality_find(words[0]);

	(void) count, (void) out;
	if (personality == NULL)
		return "no such personality";
	settings.personality = personality;
	return NULL;
}

static const char *
command_mtom(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return set_switch(&settings.mtom, words[0]);
}

static const char *
command_auth(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return set_switch(&settings.auth, words[0]);
}

static const char *
command_schema(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return set_switch(&settings.schema, words[0]);
}

static const char *
command_list_max(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return parse_number(words[0], 0, 1000000, &settings.list_max) ? NULL : "a number, 0 for no limit";
}

static const char *
command_clock(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return parse_number(words[0], -1000000000, 1000000000, &settings.clock_shift) ? NULL : "a number of seconds";
}

static const char *
command_retention(char **words, int count, Buffer *out)
{
	long		contents;
	long		metadata = -1;

	(void) out;
	if (!parse_number(words[0], -1, 1000000000, &contents) ||
		(count > 1 && !parse_number(words[1], -1, 1000000000, &metadata)) || metadata == 0)
		return "numbers of finished messages, -1 for all; at least one keeps its metadata";
	store_set_retention(contents, metadata);
	return NULL;
}

static const char *
command_wire(char **words, int count, Buffer *out)
{
	Party	   *party = party_named(words[0]);
	const char *error;

	(void) out;
	if (party == NULL)
		return no_party;
	error = wire_script(party, words + 1, count - 1);
	if (error == NULL && !replaying)
		wire_release(party);
	return error;
}

static const char *
command_rule(char **words, int count, Buffer *out)
{
	(void) out;
	return rule_add(words, count);
}

static const char *
command_rules_clear(char **words, int count, Buffer *out)
{
	(void) words, (void) count, (void) out;
	rule_clear();
	return NULL;
}

void
control_clear(void)
{
	wire_forget_all();
	store_forget_all();
	party_forget_all();
	rule_clear();
	settings_reset();
}

static const char *
command_reset(char **words, int count, Buffer *out)
{
	(void) words, (void) count, (void) out;
	control_clear();
	return NULL;
}

/* Calls do on each copy with the id and role. */
static const char *
for_copies(const char *id, Role role, void (*todo) (Message *message, void *argument), void *argument)
{
	bool		found = false;

	for (int64_t serial = 0; serial < store_next_serial(); serial++)
	{
		Message    *message = store_by_serial(serial);

		if (message == NULL || message->forgotten || strcmp(message->id, id) != 0 ||
			(role != ROLE_ANY && message->role != role))
			continue;
		todo(message, argument);
		found = true;
	}
	return found ? NULL : no_message;
}

static void
erase(Message *message, void *unused)
{
	(void) unused;
	store_erase(message);
}

static const char *
command_expire_payload(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return for_copies(words[0], ROLE_ANY, erase, NULL);
}

static void
forget(Message *message, void *keep_row)
{
	store_forget(message, *(bool *) keep_row);
}

static const char *
command_forget(char **words, int count, Buffer *out)
{
	bool		keep_row = count > 1 && strcmp(words[1], "stale") == 0;

	(void) out;
	if (count > 1 && !keep_row)
		return "forget ID [stale]";
	return for_copies(words[0], ROLE_ANY, forget, &keep_row);
}

static void
set_status(Message *message, void *status)
{
	store_set_status(message, *(Status *) status);
}

/* Unless a role is said, a status of received messages goes to those, DELETED to all, the rest to the sent ones. */
static const char *
command_set_status(char **words, int count, Buffer *out)
{
	Status		status;
	Role		role = ROLE_SENDING;

	(void) out;
	if (!status_parse(words[1], &status))
		return "no such status";
	if (status == STATUS_DELETED)
		role = ROLE_ANY;
	if (status == STATUS_RECEIVED || status == STATUS_RECEIVED_WITH_WARNINGS || status == STATUS_DOWNLOADED)
		role = ROLE_RECEIVING;
	if (count > 2 && !role_parse(words[2], &role))
		return "no such role";
	return for_copies(words[0], role, set_status, &status);
}

static void
push_failed(Message *message, void *unused)
{
	(void) unused;
	store_set_push_failed(message, true);
}

static const char *
command_push_failed(char **words, int count, Buffer *out)
{
	(void) count, (void) out;
	return for_copies(words[0], ROLE_RECEIVING, push_failed, NULL);
}

static const char *
command_stats(char **words, int count, Buffer *out)
{
	(void) words, (void) count;
	report_stats(out);
	return NULL;
}

static const char *
command_messages(char **words, int count, Buffer *out)
{
	Party	   *party = party_named(words[0]);

	(void) count;
	if (party == NULL)
		return no_party;
	report_messages(party, out);
	return NULL;
}

static void
dump(Message *message, void *out)
{
	report_dump(message, out);
}

static const char *
command_dump(char **words, int count, Buffer *out)
{
	(void) count;
	return for_copies(words[0], ROLE_ANY, dump, out);
}

static const struct
{
	const char *name;
	int			least;			/* words after the name */
	int			most;
	bool		recorded;
	const char *(*run) (char **words, int count, Buffer *out);	/* what is wrong, or NULL */
}			commands[] = {
	{"party", 4, 4, true, command_party},
	{"unlock", 1, 1, true, command_unlock},
	{"personality", 1, 1, true, command_personality},
	{"mtom", 1, 1, true, command_mtom},
	{"auth", 1, 1, true, command_auth},
	{"schema", 1, 1, true, command_schema},
	{"list-max", 1, 1, true, command_list_max},
	{"clock", 1, 1, true, command_clock},
	{"retention", 1, 2, true, command_retention},
	{"wire", 2, 4, true, command_wire},
	{"rule", 2, 8, true, command_rule},
	{"rules-clear", 0, 0, true, command_rules_clear},
	{"reset", 0, 0, true, command_reset},
	{"expire-payload", 1, 1, false, command_expire_payload},
	{"forget", 1, 2, false, command_forget},
	{"set-status", 2, 3, false, command_set_status},
	{"push-failed", 1, 1, false, command_push_failed},
	{"stats", 0, 0, false, command_stats},
	{"messages", 1, 1, false, command_messages},
	{"dump", 1, 1, false, command_dump},
};

/* The record comes first: what a command does to messages must follow it. */
static void
record(const char *line)
{
	journal_begin("command");
	journal_text(line);
	journal_end();
}

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
		if (count < commands[i].least || count > commands[i].most)
		{
			error = "wrong number of words";
			break;
		}
		if (commands[i].recorded)
			record(line);
		error = commands[i].run(words + 1, count, out);
		break;
	}
	free(copy);
	return error;
}

bool
control_run(const char *text, size_t len, Buffer *out)
{
	char	   *copy = copy_bytes(text, len);
	char	   *rest;
	const char *error = NULL;

	store_lock();
	for (char *line = strtok_r(copy, "\n", &rest); line && error == NULL; line = strtok_r(NULL, "\n", &rest))
	{
		error = run_line(line, out);
		if (error)
			buffer_format(out, "error: %s: %s\n", line, error);
	}
	store_unlock();
	free(copy);
	return error == NULL;
}

static void
replay(const char *kind)
{
	if (strcmp(kind, "command") == 0)
	{
		char	   *line = journal_read_text();
		Buffer		unused = {0};

		if (line)
			run_line(line, &unused);
		buffer_free(&unused);
		free(line);
	}
	else if (strcmp(kind, "rule") == 0)
		rule_replay();
	else if (!store_replay(kind))
		fatal("the state has a record of the unknown kind \"%s\"", kind);
}

void
control_restore(const char *path)
{
	store_lock();
	replaying = true;
	journal_open(path, replay);
	replaying = false;
	wire_resume();
	store_unlock();
}
