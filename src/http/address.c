/*
 * address.c
 *		Which addresses are somebody else's: for peers whose URL was not configured but
 *		found out, so that no name leads to services of this host or its own network.
 *
 * Looked at when a connection is made, because only then a name has its addresses.
 */
#include "postgres.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "compat.h"
#include "http/call.h"

/* A network by its first bits */
typedef struct Network
{
	const char *address;
	int			bits;
} Network;

/* Not globally reachable (RFC 6890 and its registries), and many hosts at once. */
static const Network networks_4[] = {
	{"0.0.0.0", 8}, {"10.0.0.0", 8}, {"100.64.0.0", 10}, {"127.0.0.0", 8}, {"169.254.0.0", 16}, {"172.16.0.0", 12},
	{"192.0.0.0", 24}, {"192.168.0.0", 16}, {"198.18.0.0", 15}, {"224.0.0.0", 3}
};
static const Network networks_6[] = {
	{"::", 127}, {"64:ff9b:1::", 48}, {"100::", 64}, {"fc00::", 7}, {"fe80::", 9}, {"ff00::", 8}
};

/* Behind these bits stands an address of version 4: mapped, translated, 6to4. */
static const Network embedding_6[] = {
	{"::ffff:0:0", 96}, {"::", 96}, {"64:ff9b::", 96}, {"2002::", 16}
};

static bool
is_in(const uint8 *address, int family, const Network *network)
{
	uint8		other[sizeof(struct in6_addr)];
	int			whole = network->bits / 8;
	int			rest = network->bits % 8;

	if (inet_pton(family, network->address, other) != 1 || memcmp(address, other, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ other[whole]) >> (8 - rest)) == 0;
}

static bool
is_in_any(const uint8 *address, int family, const Network *networks, int count)
{
	for (int i = 0; i < count; i++)
		if (is_in(address, family, &networks[i]))
			return true;
	return false;
}

static bool
is_elsewhere_4(const uint8 *address)
{
	return !is_in_any(address, AF_INET, networks_4, lengthof(networks_4));
}

bool
address_is_elsewhere(const struct sockaddr *address)
{
	const uint8 *bytes;

	if (address->sa_family == AF_INET)
		return is_elsewhere_4((const uint8 *) &((const struct sockaddr_in *) address)->sin_addr);
	if (address->sa_family != AF_INET6)
		return false;
	bytes = (const uint8 *) &((const struct sockaddr_in6 *) address)->sin6_addr;
	if (is_in_any(bytes, AF_INET6, networks_6, lengthof(networks_6)))
		return false;
	for (int i = 0; i < lengthof(embedding_6); i++)
		if (is_in(bytes, AF_INET6, &embedding_6[i]) && !is_elsewhere_4(bytes + embedding_6[i].bits / 8))
			return false;
	return true;
}

/* libcurl goes on to the next address of the name, if there is one. */
static curl_socket_t
open_socket(void *argument, curlsocktype purpose, struct curl_sockaddr *address)
{
	HttpCall   *call = argument;

	if (!address_is_elsewhere(&address->addr))
	{
		call->not_elsewhere = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

bool
call_stay_away(HttpCall *call)
{
	return curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
		curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETDATA, call) == CURLE_OK;
}
