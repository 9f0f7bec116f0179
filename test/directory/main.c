/*
 * main.c
 *		directory-service: the common services' query interface (data service
 *		directory and evidence broker) for tests. Options, start and end.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <libxml/parser.h>

#include "command.h"
#include "service.h"
#include "stream.h"

/* For heads: signatures bring certificates along, and rules make them bigger still. */
#define HEAD_MEMORY (2L * 1024 * 1024)

enum
{
	PORT = 1,
	PORT_FILE,
	PLAIN_PORT_FILE,
	TLS_CERT,
	TLS_KEY,
	SIGN_KEY,
	SIGN_CHAIN,
	OTHER_KEY,
	OTHER_CHAIN,
	EXPIRED_KEY,
	EXPIRED_CHAIN,
	TLS_PRIORITIES,
	WITH_PARENT,
	OPTION_COUNT
};

static const char usage[] =
"usage: directory-service --sign-key FILE --sign-chain FILE\n"
"                         [--other-key FILE --other-chain FILE]\n"
"                         [--expired-key FILE --expired-chain FILE]\n"
"                         [--port N] [--port-file FILE]\n"
"                         [--tls-cert FILE --tls-key FILE [--tls-priorities TEXT] [--plain-port-file FILE]]\n"
"                         [--with-parent]\n"
"Answers queries on 127.0.0.1, signed. Files are PEM, chains begin with the leaf.\n"
"The port 0 (default) picks a free one. With TLS, --plain-port-file adds a listener\n"
"without it, for the control interface. --with-parent ends it with its parent.\n";

static const struct option long_options[] = {
	{"port", required_argument, NULL, PORT},
	{"port-file", required_argument, NULL, PORT_FILE},
	{"plain-port-file", required_argument, NULL, PLAIN_PORT_FILE},
	{"tls-cert", required_argument, NULL, TLS_CERT},
	{"tls-key", required_argument, NULL, TLS_KEY},
	{"tls-priorities", required_argument, NULL, TLS_PRIORITIES},
	{"sign-key", required_argument, NULL, SIGN_KEY},
	{"sign-chain", required_argument, NULL, SIGN_CHAIN},
	{"other-key", required_argument, NULL, OTHER_KEY},
	{"other-chain", required_argument, NULL, OTHER_CHAIN},
	{"expired-key", required_argument, NULL, EXPIRED_KEY},
	{"expired-chain", required_argument, NULL, EXPIRED_CHAIN},
	{"with-parent", no_argument, NULL, WITH_PARENT},
	{0}
};

static void
wrong_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

/* By number, an empty text for one without argument; the port is returned. */
static long
read_options(int argc, char **argv, const char **options)
{
	long		port = 0;
	int			option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
	{
		if (option < PORT || option >= OPTION_COUNT)
			wrong_usage();
		options[option] = optarg ? optarg : "";
	}
	for (int key = TLS_CERT; key < EXPIRED_CHAIN; key += 2)
	{
		if (!options[key] != !options[key + 1])
			wrong_usage();
	}
	if (optind < argc || options[SIGN_KEY] == NULL || (options[PORT] && !parse_number(options[PORT], 0, 65535, &port)))
		wrong_usage();
	return port;
}

static Signer *
load(const char *key, const char *chain)
{
	return key ? signer_load(key, chain) : NULL;
}

static void
serve(long port, const char **options)
{
	TlsFiles	tls = {options[TLS_CERT], options[TLS_KEY], NULL, options[TLS_PRIORITIES]};

	if (options[PLAIN_PORT_FILE])
		listen_announce(options[PLAIN_PORT_FILE], listen_start(0, &(TlsFiles) {0}, HEAD_MEMORY, service_answer));
	port = listen_start(port, &tls, HEAD_MEMORY, service_answer);
	if (options[PORT_FILE])
		listen_announce(options[PORT_FILE], port);
	else
	{
		printf("%ld\n", port);
		fflush(stdout);
	}
}

int
main(int argc, char **argv)
{
	const char *options[OPTION_COUNT] = {0};
	long		port = read_options(argc, argv, options);
	sigset_t	ends;
	int			received;

	if (options[WITH_PARENT])
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	/* blocked before any thread starts, so that all inherit it */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	xmlInitParser();
	signers = (Signers) {load(options[SIGN_KEY], options[SIGN_CHAIN]), load(options[OTHER_KEY], options[OTHER_CHAIN]),
		load(options[EXPIRED_KEY], options[EXPIRED_CHAIN])};
	serve(port, options);
	while (sigwait(&ends, &received) != 0)
		;
	stream_stop();
	listen_stop();
	command_reset();
	signer_free(signers.own);
	signer_free(signers.other);
	signer_free(signers.expired);
	xmlCleanupParser();
	return 0;
}
