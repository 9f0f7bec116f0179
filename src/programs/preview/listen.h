/*
 * listen.h
 *		The sockets that the program listens on.
 */
#ifndef PREVIEW_LISTEN_H
#define PREVIEW_LISTEN_H

#include <stdbool.h>

/*
 * unix:/path (made with mode 660; one that nobody listens on is replaced), ADDRESS:PORT, [ADDRESS]:PORT, or systemd:N
 * (the Nth socket handed over, from 0). Ends the program when it cannot be had.
 */
extern int	listen_open(const char *where);
/* The port of a TCP socket, for tests that let the machine choose; 0 of others. */
extern int	listen_port(int fd);
/* Removes the file of a Unix socket that listen_open() made. */
extern void listen_close(const char *where);

#endif
