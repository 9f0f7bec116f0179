/*
 * config.c
 *		Reads the configuration once, at the start.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "log.h"
#include "memory.h"

#define MOST_FILE (64 * 1024)

static Config config = {
	.listen = "127.0.0.1:8480",
	.database = "",
	.time_zone = "Europe/Brussels",
	.workers = 4,
	.connections = 1000,
	.connections_per_address = 0,
	.request_seconds = 20,
	.answer_seconds = 120,
};
static Arena memory;			/* as long as the program runs */

static long
number(const char *name, const char *value, long least, long most)
{
	char	   *end;
	long		n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno || end == value || *end || n < least || n > most)
		log_fatal("%s must be a number from %ld to %ld", name, least, most);
	return n;
}

static bool
truth(const char *name, const char *value)
{
	if (strcmp(value, "on") == 0)
		return true;
	if (strcmp(value, "off") != 0)
		log_fatal("%s must be on or off", name);
	return false;
}

static char *
read_file(const char *path)
{
	FILE	   *file = fopen(path, "re");
	char	   *text = arena_take(&memory, MOST_FILE + 1);
	size_t		len;

	if (file == NULL)
		log_fatal("could not open \"%s\": %s", path, strerror(errno));
	len = fread(text, 1, MOST_FILE + 1, file);
	if (ferror(file) || len > MOST_FILE)
		log_fatal("could not read \"%s\", or it is larger than %d bytes", path, MOST_FILE);
	fclose(file);
	text[len] = '\0';
	return text;
}

static char *
trim(char *text)
{
	char	   *end = text + strlen(text);

	while (*text == ' ' || *text == '\t')
		text++;
	while (end > text && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return text;
}

/* A secret that is short can be guessed. */
static const char *
read_secret(const char *path)
{
	char	   *secret = trim(read_file(path));

	if (strlen(secret) < 32)
		log_fatal("\"%s\" must hold a secret of at least 32 characters", path);
	return secret;
}

static void
add_claim(const char *claim, const char *header, const char *value)
{
	if (config.claim_count == MOST_CLAIMS)
		log_fatal("at most %d claims can be taken over", MOST_CLAIMS);
	config.claims[config.claim_count++] = (ClaimSource) {claim, header, value};
}

static void
set(const char *name, const char *value)
{
	const struct
	{
		const char *name;
		const char **text;
	}			texts[] = {
		{"listen", &config.listen}, {"json_listen", &config.json_listen}, {"database", &config.database}, {"time_zone", &config.time_zone},
		{"tls_certificate", &config.tls_certificate}, {"tls_key", &config.tls_key}, {"json_client_ca", &config.json_client_ca},
		{"sign_out", &config.sign_out},
	};
	const struct
	{
		const char *name;
		long	   *number;
		long		least;
		long		most;
	}			numbers[] = {
		{"workers", &config.workers, 1, 64}, {"connections", &config.connections, 10, 100000},
		{"connections_per_address", &config.connections_per_address, 0, 100000},
		{"request_seconds", &config.request_seconds, 1, 600}, {"answer_seconds", &config.answer_seconds, 1, 3600},
	};

	for (size_t i = 0; i < lengthof(texts); i++)
		if (strcmp(name, texts[i].name) == 0)
		{
			*texts[i].text = value;
			return;
		}
	for (size_t i = 0; i < lengthof(numbers); i++)
		if (strcmp(name, numbers[i].name) == 0)
		{
			*numbers[i].number = number(name, value, numbers[i].least, numbers[i].most);
			return;
		}
	if (strcmp(name, "proxy_secret_file") == 0)
		config.proxy_secret = read_secret(value);
	else if (strcmp(name, "forwarded") == 0)
		config.forwarded = truth(name, value);
	else if (strncmp(name, "claim.", 6) == 0)
		add_claim(name + 6, value, NULL);
	else if (strncmp(name, "claim_value.", 12) == 0)
		add_claim(name + 12, NULL, value);
	else
		log_fatal("there is no setting \"%s\"", name);
}

/* Value and name go on living: they lie in the memory of the file. */
static void
read_lines(const char *path)
{
	char	   *rest = read_file(path);
	char	   *line;

	for (int n = 1; (line = strsep(&rest, "\n")) != NULL; n++)
	{
		char	   *equals;

		line = trim(line);
		if (*line == '\0' || *line == '#')
			continue;
		if ((equals = strchr(line, '=')) == NULL)
			log_fatal("line %d of \"%s\" is not \"name = value\"", n, path);
		*equals = '\0';
		set(trim(line), trim(equals + 1));
	}
}

static void
usage(void)
{
	puts("ootspg-preview shows users the evidence that is about to leave, and takes their decision.\n\n"
		 "  ootspg-preview [--config=FILE] [--NAME=VALUE]...\n"
		 "  ootspg-preview --version\n\n"
		 "The names are those of the file; doc/preview_program.md explains them.");
	exit(0);
}

static void
check(void)
{
	if ((config.tls_certificate == NULL) != (config.tls_key == NULL))
		log_fatal("tls_certificate and tls_key belong together");
	if (config.json_client_ca && config.tls_certificate == NULL)
		log_fatal("json_client_ca needs tls_certificate and tls_key");
	if (config.sign_out && (config.sign_out[0] != '/' || config.sign_out[1] == '/'))
		log_fatal("sign_out must be a path of this host");
	if (config.claim_count > 0 && config.proxy_secret == NULL)
		log_fatal("claims are believed of a proxy with a secret only: proxy_secret_file is missing");
	if (config.json_listen && strncmp(config.json_listen, "unix:", 5) != 0 && config.json_client_ca == NULL)
		log_fatal("json_listen is a Unix socket, or there is a json_client_ca: whoever calls it holds links and may be asked to prove who he is");
}

const Config *
config_read(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
	{
		if (strcmp(argv[i], "--help") == 0)
			usage();
		if (strcmp(argv[i], "--version") == 0)
		{
			puts("ootspg-preview " OOTSPG_VERSION);
			exit(0);
		}
		if (strncmp(argv[i], "--config=", 9) == 0)
			read_lines(argv[i] + 9);
	}
	for (int i = 1; i < argc; i++)
	{
		char	   *equals = strchr(argv[i], '=');

		if (strncmp(argv[i], "--", 2) != 0 || equals == NULL)
			log_fatal("\"%s\" is not --name=value", argv[i]);
		if (strncmp(argv[i], "--config=", 9) != 0)
		{
			/* the database's password may be in it: out of the list of processes */
			char	   *value = arena_text(&memory, equals + 1);

			set(arena_copy(&memory, argv[i] + 2, (size_t) (equals - argv[i]) - 2), value);
			memset(equals + 1, ' ', strlen(equals + 1));
		}
	}
	check();
	return &config;
}
