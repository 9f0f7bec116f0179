/*
 * main.c
 *		loopback: an AS4 access point of the Domibus family for tests, with the
 *		wire to all other access points inside it. Options, start and end.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <libxml/parser.h>

#include "control.h"
#include "http.h"
#include "operation.h"
#include "stream.h"
#include "wire.h"

#define HEAD_MEMORY (64L * 1024)

typedef struct Options
{
	long		port;
	const char *port_file;
	long		plain_port;
	const char *plain_port_file;
	const char *state;
	TlsFiles	tls;
	bool		with_parent;
} Options;

static const char usage[] =
"usage: loopback [--port N] [--port-file FILE] [--state FILE]\n"
"                [--tls-cert FILE --tls-key FILE [--tls-client-ca FILE]]\n"
"                [--plain-port N] [--plain-port-file FILE] [--with-parent]\n"
"Plays AS4 access points on 127.0.0.1. The port 0 (default) picks a free one.\n"
"With TLS, --plain-port-file adds a listener without it, for the control\n"
"interface and the far side. --with-parent ends the program with its parent.\n";

static const struct option long_options[] = {
	{"port", required_argument, NULL, 'p'},
	{"port-file", required_argument, NULL, 'f'},
	{"plain-port", required_argument, NULL, 'q'},
	{"plain-port-file", required_argument, NULL, 'g'},
	{"state", required_argument, NULL, 's'},
	{"tls-cert", required_argument, NULL, 'c'},
	{"tls-key", required_argument, NULL, 'k'},
	{"tls-client-ca", required_argument, NULL, 'a'},
	{"with-parent", no_argument, NULL, 'w'},
	{0}
};

static void
wrong_usage(void)
{
	fputs(usage, stderr);
	exit(2);
}

static void
read_port(const char *text, long *port)
{
	if (!parse_number(text, 0, 65535, port))
		wrong_usage();
}

static void
read_options(int argc, char **argv, Options *options)
{
	int			option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
	{
		switch (option)
		{
			case 'p':
				read_port(optarg, &options->port);
				break;
			case 'f':
				options->port_file = optarg;
				break;
			case 'q':
				read_port(optarg, &options->plain_port);
				break;
			case 'g':
				options->plain_port_file = optarg;
				break;
			case 's':
				options->state = optarg;
				break;
			case 'c':
				options->tls.certificate = optarg;
				break;
			case 'k':
				options->tls.key = optarg;
				break;
			case 'a':
				options->tls.client_ca = optarg;
				break;
			case 'w':
				options->with_parent = true;
				break;
			default:
				wrong_usage();
		}
	}
	if (optind < argc || !options->tls.certificate != !options->tls.key ||
		(options->tls.client_ca && !options->tls.certificate))
		wrong_usage();
}

static void
serve(const Options *options)
{
	uint16_t	port = listen_start(options->port, &options->tls, HEAD_MEMORY, http_answer);
	uint16_t	plain_port;

	if (options->plain_port_file)
	{
		plain_port = listen_start(options->plain_port, &(TlsFiles) {0}, HEAD_MEMORY, http_answer);
		listen_announce(options->plain_port_file, plain_port);
	}
	if (options->port_file)
		listen_announce(options->port_file, port);
	else
	{
		printf("%d\n", port);
		fflush(stdout);
	}
}

int
main(int argc, char **argv)
{
	Options		options = {0};
	sigset_t	ends;
	int			received;

	read_options(argc, argv, &options);
	if (options.with_parent)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	/* blocked before any thread starts, so that all inherit it */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	xmlInitParser();
	settings_reset();
	if (options.state)
		control_restore(options.state);
	wire_start();
	serve(&options);
	while (sigwait(&ends, &received) != 0)
		;
	stream_stop();
	listen_stop();
	wire_stop();
	control_clear();
	xmlCleanupParser();
	return 0;
}
