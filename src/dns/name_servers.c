/*
 * name_servers.c
 *		Name servers as they are written in the configuration: "address[:port], …", IPv6
 *		in brackets where a port follows. A wrong one is refused when it is set.
 */
#include "postgres.h"

#include <arpa/inet.h>

#include "dns/name_servers.h"
#include "dns/resolver.h"
#include "utils/builtins.h"

static bool
is_port(const char *text)
{
	size_t		digits = strspn(text, "0123456789");

	return digits > 0 && digits <= 5 && text[digits] == '\0' && atoi(text) > 0 && atoi(text) <= 65535;
}

/* Takes the text apart. */
static bool
is_server(char *text)
{
	unsigned char address[sizeof(struct in6_addr)];
	char	   *end = text;

	if (text[0] == '[')
	{
		end = strchr(++text, ']');
		if (end == NULL || (end[1] != '\0' && (end[1] != ':' || !is_port(end + 2))))
			return false;
		*end = '\0';
		return inet_pton(AF_INET6, text, address) == 1;
	}
	if (inet_pton(AF_INET6, text, address) == 1)
		return true;
	end = strchr(text, ':');
	if (end != NULL)
	{
		if (!is_port(end + 1))
			return false;
		*end = '\0';
	}
	return inet_pton(AF_INET, text, address) == 1;
}

/* Kept without blanks, which c-ares would not skip. */
bool
name_servers_check(char **value, void **extra, GucSource source)
{
	char	   *to = *value;
	char	   *list;
	char	   *server;
	char	   *rest;

	for (const char *from = *value; *from != '\0'; from++)
		if (*from != ' ' && *from != '\t')
			*to++ = *from;
	*to = '\0';
	if (strlen(*value) >= DNS_SERVERS_ROOM)
	{
		GUC_check_errdetail("The list has more than %d characters.", DNS_SERVERS_ROOM - 1);
		return false;
	}
	list = pstrdup(*value);
	for (server = list; **value != '\0' && server != NULL; server = rest)
	{
		rest = strchr(server, ',');
		if (rest != NULL)
			*rest++ = '\0';
		if (!is_server(server))
		{
			GUC_check_errdetail("Name servers are given by address[:port], separated by commas, as in 127.0.0.1:5353, [2001:db8::1]:53.");
			pfree(list);
			return false;
		}
	}
	pfree(list);
	return true;
}
