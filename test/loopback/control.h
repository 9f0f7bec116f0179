/*
 * control.h
 *		The control interface: lines of text that set the access point up, play
 *		its administrator and tell what it holds.
 */
#ifndef LOOPBACK_CONTROL_H
#define LOOPBACK_CONTROL_H

#include "base.h"

/* Runs the lines up to the first that fails; false when one did. */
extern bool control_run(const char *text, size_t len, Buffer *out);

/* Opens the journal and does again what it says. */
extern void control_restore(const char *path);

/* Parties, messages, rules and settings as at the start; the journal does not hear of it. */
extern void control_clear(void);

#endif
