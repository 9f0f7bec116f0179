/*
 * main.c
 *		ootspg-preview: the pages on which a user sees the evidence and decides.
 *		It keeps nothing: whatever it knows it has just been told by the
 *		database or the browser, so that it may be killed at any moment.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "assets.h"
#include "http.h"
#include "log.h"
#include "routes.h"
#include "texts.h"
#include "tls.h"

/* Until it is told to end; each second connections that take too long are ended. */
static void
wait_for_end(const Config *config, const sigset_t *signals)
{
	const struct timespec second = {.tv_sec = 1};

	for (;;)
	{
		int			caught = sigtimedwait(signals, NULL, &second);

		if (caught == SIGTERM || caught == SIGINT)
			return;
		if (caught == SIGHUP && config->tls_certificate)
			tls_reload(config);
		http_end_slow();
	}
}

int
main(int argc, char **argv)
{
	const Config *config = config_read(argc, argv);
	sigset_t	signals;

	/* times are shown in this zone; the process has no other use for it */
	setenv("TZ", config->time_zone, 1);
	tzset();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	/* before there are threads, which inherit it */
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	texts_load();
	assets_load();
	http_start(config, routes_quick, routes_serve);
	log_line("ootspg-preview " OOTSPG_VERSION " is ready");
	wait_for_end(config, &signals);
	http_stop();
	log_line("ended");
	return 0;
}
