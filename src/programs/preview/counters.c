/*
 * counters.c
 *		Counts by route, page and status; they begin anew with the program.
 */
#include <pthread.h>
#include <string.h>

#include "counters.h"

#define MOST_COUNTERS 200

typedef struct Counter
{
	char		route[24];
	char		page[24];
	unsigned int status;
	unsigned long n;
} Counter;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static Counter counters[MOST_COUNTERS];
static int	count;

void
counters_add(const char *route, const char *page, unsigned int status)
{
	int			i;

	pthread_mutex_lock(&mutex);
	for (i = 0; i < count; i++)
		if (counters[i].status == status && strcmp(counters[i].route, route) == 0 && strcmp(counters[i].page, page) == 0)
			break;
	if (i == count && count < MOST_COUNTERS && strlen(route) < sizeof(counters[i].route) && strlen(page) < sizeof(counters[i].page))
	{
		strcpy(counters[i].route, route);
		strcpy(counters[i].page, page);
		counters[i].status = status;
		count++;
	}
	if (i < count)
		counters[i].n++;
	pthread_mutex_unlock(&mutex);
}

void
counters_write(Buffer *out)
{
	buffer_text(out, "# HELP ootspg_preview_pages_total Pages answered, by route, state of the preview and HTTP status.\n"
				"# TYPE ootspg_preview_pages_total counter\n");
	pthread_mutex_lock(&mutex);
	for (int i = 0; i < count; i++)
		buffer_format(out, "ootspg_preview_pages_total{route=\"%s\",page=\"%s\",status=\"%u\"} %lu\n",
					  counters[i].route, counters[i].page, counters[i].status, counters[i].n);
	pthread_mutex_unlock(&mutex);
}
