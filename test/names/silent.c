/*
 * silent.c
 *		A name service that says nothing: preloaded into a server of the tests, it
 *		never answers for names below .silent.invalid.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

int
getaddrinfo(const char *restrict name, const char *restrict service, const struct addrinfo *restrict hints,
			struct addrinfo **restrict result)
{
	int			(*next) (const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (name != NULL && strstr(name, ".silent.invalid") != NULL)
		for (;;)
			pause();
	*(void **) &next = dlsym(RTLD_NEXT, "getaddrinfo");
	return next(name, service, hints, result);
}
