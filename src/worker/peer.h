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
 * NULL, or why it can't be reached: a constant text that names no path. Strings are
 * palloc'd; peer_forget() wipes the password, once http_start() has its copy.
 */
extern const char *peer_of(const AccessPoint *point, HttpPeer *peer);
extern void peer_forget(HttpPeer *peer);

/* file:NAME of credentials below ootspg.key_directory as a path, palloc'd; NULL for NULL. */
extern char *peer_file_path(const char *uri);

#endif							/* OOTSPG_WORKER_PEER_H */
