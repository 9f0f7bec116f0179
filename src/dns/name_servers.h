/*
 * name_servers.h
 *		The setting ootspg.name_servers.
 */
#ifndef OOTSPG_DNS_NAME_SERVERS_H
#define OOTSPG_DNS_NAME_SERVERS_H

#include "utils/guc.h"

extern bool name_servers_check(char **value, void **extra, GucSource source);

#endif							/* OOTSPG_DNS_NAME_SERVERS_H */
