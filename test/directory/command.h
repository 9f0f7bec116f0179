/*
 * command.h
 *		The commands of the control interface.
 */
#ifndef DIRECTORY_COMMAND_H
#define DIRECTORY_COMMAND_H

#include "base.h"

/* Runs the commands, one a line, up to the first that fails; false when one does. */
extern bool command_run(const char *text, Buffer *out);

/* Everything as at the start. */
extern void command_reset(void);

#endif
