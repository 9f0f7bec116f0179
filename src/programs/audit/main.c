/*
 * main.c
 *		ootspg-audit: what an auditor does with an export of ootspg.export_exchanges(), on any machine, without a database
 *		and without the network.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "log.h"

static const char usage[] =
"ootspg-audit verify [--trusted FILE] [--trusted-stamps FILE] EXPORT\n"
"ootspg-audit show EXPORT\n"
"ootspg-audit decrypt --key FILE --to DIRECTORY EXPORT\n"
"\n"
"verify   checks the seal of the export and of each head, every file, and the proof of every row;\n"
"         ends with 0 when all holds, with 1 when anything does not, with 2 when there is nothing to check\n"
"show     lists exchanges, what happened in them, and their messages\n"
"decrypt  writes messages in clear into a new directory, with the private key of a reader of the audit\n"
"\n"
"--trusted FILE         PEM certificates that vouch for seals\n"
"--trusted-stamps FILE  PEM certificates that vouch for time stamps\n"
"--key FILE             private key, PEM\n"
"--to DIRECTORY         where the messages go; it must not exist\n"
"--version, --help\n";

void
log_fatal(const char *format,...)
{
	va_list		arguments;

	fflush(stdout);
	fprintf(stderr, "ootspg-audit: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(2);
}

typedef struct Options
{
	Trust		trust;
	const char *key;
	const char *directory;
} Options;

static Options
read_options(int count, char **words)
{
	static const struct option known[] = {
		{"trusted", required_argument, NULL, 't'}, {"trusted-stamps", required_argument, NULL, 's'}, {"key", required_argument, NULL, 'k'},
		{"to", required_argument, NULL, 'o'}, {"version", no_argument, NULL, 'v'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}
	};
	Options		options = {0};
	int			option;

	while ((option = getopt_long(count, words, "", known, NULL)) != -1)
		switch (option)
		{
			case 't':
				options.trust.seals = optarg;
				break;
			case 's':
				options.trust.stamps = optarg;
				break;
			case 'k':
				options.key = optarg;
				break;
			case 'o':
				options.directory = optarg;
				break;
			case 'v':
				printf("ootspg-audit %s\n", OOTSPG_VERSION);
				exit(0);
			case 'h':
				fputs(usage, stdout);
				exit(0);
			default:
				fputs(usage, stderr);
				exit(2);
		}
	return options;
}

int
main(int count, char **words)
{
	Options		options = read_options(count, words);
	Arena		arena = {0};
	Export		export = {0};
	const char *verb = optind < count ? words[optind] : "";
	bool		held = true;

	if (count - optind != 2 || (strcmp(verb, "verify") != 0 && strcmp(verb, "show") != 0 && strcmp(verb, "decrypt") != 0) ||
		(strcmp(verb, "decrypt") == 0 && (options.key == NULL || options.directory == NULL)))
	{
		fputs(usage, stderr);
		return 2;
	}
	export_open(&export, &arena, words[optind + 1]);
	if (strcmp(verb, "verify") == 0)
		held = export_verify(&export, &options.trust);
	else if (strcmp(verb, "show") == 0)
		export_show(&export);
	else
		held = export_decrypt(&export, options.key, options.directory);
	arena_free(&arena);
	return held ? 0 : 1;
}
