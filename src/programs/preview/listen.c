/*
 * listen.c
 *		Unix sockets, addresses, and sockets that systemd hands over.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "listen.h"
#include "log.h"

#define BACKLOG 512
#define FIRST_HANDED_OVER 3

static int
listening(int fd, const char *where)
{
	if (fd < 0 || listen(fd, BACKLOG) != 0)
		log_fatal("could not listen on %s: %s", where, strerror(errno));
	return fd;
}

/* A socket that a killed program left stands in the way of the next one; a living one answers. */
static void
remove_stale(const struct sockaddr_un *address)
{
	int			fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (const struct sockaddr *) address, sizeof(*address)) != 0 && errno == ECONNREFUSED)
		unlink(address->sun_path);
	close(fd);
}

static int
open_unix(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int			fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	mode_t		mask;

	if (strlen(path) >= sizeof(address.sun_path))
		log_fatal("the path of a Unix socket has at most %zu bytes", sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	remove_stale(&address);
	mask = umask(0117);
	if (bind(fd, (struct sockaddr *) &address, sizeof(address)) != 0)
		log_fatal("could not listen on unix:%s: %s", path, strerror(errno));
	umask(mask);
	return fd;
}

static int
open_address(const char *where)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
	struct addrinfo *found;
	char		host[64];
	const char *colon = strrchr(where, ':');
	size_t		len = colon ? (size_t) (colon - where) : 0;
	int			on = 1;
	int			fd;

	if (colon == NULL || len == 0 || len >= sizeof(host))
		log_fatal("\"%s\" is neither unix:/path nor ADDRESS:PORT nor systemd:N", where);
	memcpy(host, where, len);
	host[len] = '\0';
	if (host[0] == '[' && host[len - 1] == ']')
	{
		host[len - 1] = '\0';
		memmove(host, host + 1, len - 1);
	}
	if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
		log_fatal("\"%s\" has no numeric address and port", where);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) != 0)
		log_fatal("could not listen on %s: %s", where, strerror(errno));
	freeaddrinfo(found);
	return fd;
}

static int
take_over(const char *number)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	int			n = atoi(number);

	if (pid == NULL || count == NULL || atoi(pid) != getpid() || n < 0 || n >= atoi(count))
		log_fatal("systemd has handed over no socket %d", n);
	return FIRST_HANDED_OVER + n;
}

int
listen_open(const char *where)
{
	if (strncmp(where, "systemd:", 8) == 0)
		return take_over(where + 8);
	return listening(strncmp(where, "unix:", 5) == 0 ? open_unix(where + 5) : open_address(where), where);
}

int
listen_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t	len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *) &address, &len) != 0)
		return 0;
	if (address.ss_family == AF_INET)
		return ntohs(((struct sockaddr_in *) &address)->sin_port);
	return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *) &address)->sin6_port) : 0;
}

void
listen_close(const char *where)
{
	if (where && strncmp(where, "unix:", 5) == 0)
		unlink(where + 5);
}
