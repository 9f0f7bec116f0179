/*
 * peer.h
 *		From an access point's row to how its server is reached: files named by
 *		reference are checked, the password is read (D-SEC-08).
 */
#ifndef OOTSPG_WORKER_PEER_H
#define OOTSPG_WORKER_PEER_H

#include "configuration/access_point.h"
#include "http/http.h"

/*
 * NULL, or why it can't be reached: a text that names column and URI. Strings are
 * palloc'd; peer_forget() wipes the password, once http_start() has its copy.
 */
extern const char *peer_of(const AccessPoint *point, HttpPeer *peer);
extern void peer_forget(HttpPeer *peer);

/* A file of certificates that a row names, checked: NULL and its *path (NULL for no URI), or why it can't be used. */
extern const char *peer_certificates(const char *column, const char *uri, const char **path);

#endif							/* OOTSPG_WORKER_PEER_H */
