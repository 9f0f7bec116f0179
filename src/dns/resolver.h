/*
 * resolver.h
 *		NAPTR records of a name, a few names at a time and none of them blocking: the
 *		sockets and times of c-ares stand in the wait of http. The only room that knows
 *		c-ares. Says what came, as bytes; naptr.h reads them.
 *
 * For a process that has an HttpClient, and as long-lived. Called while no transaction
 * is open. Inside c-ares's callbacks nothing is raised; they use malloc and flags only.
 */
#ifndef OOTSPG_DNS_RESOLVER_H
#define OOTSPG_DNS_RESOLVER_H

#include "http/http.h"

#define DNS_MOST_LOOKUPS	4	/* at the same time */
#define DNS_SERVERS_ROOM	512 /* bytes of a list of name servers */

typedef struct DnsLookup DnsLookup;

extern void dns_open(HttpClient *client);

/* servers: "address[:port],…", "" for the system's; tag is the caller's. What goes wrong is a failure of the lookup. */
extern DnsLookup *dns_start(const char *name, const char *servers, void *tag);

/* A lookup that has ended, or NULL. What it says is valid until dns_finish(). */
extern DnsLookup *dns_done(void);
extern void *dns_tag(const DnsLookup *lookup);
extern const char *dns_failure(const DnsLookup *lookup);	/* NULL: there is an answer */
extern const uint8 *dns_answer(const DnsLookup *lookup, size_t *length);
extern void dns_finish(DnsLookup *lookup);

#endif							/* OOTSPG_DNS_RESOLVER_H */
