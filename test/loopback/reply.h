/*
 * reply.h
 *		Send answers, well or badly as the rules want it. The functions return
 *		what the handler of libmicrohttpd does; MHD_NO cuts the connection.
 */
#ifndef LOOPBACK_REPLY_H
#define LOOPBACK_REPLY_H

#include <microhttpd.h>

#include "operation.h"

/* Takes the bytes. */
extern enum MHD_Result reply_text(struct MHD_Connection *connection, unsigned int code, Buffer *bytes);
extern enum MHD_Result reply_html(struct MHD_Connection *connection, unsigned int code, const char *header, const char *value);

/* Applies the rule for the call, runs the operation, sends what comes of it. */
extern enum MHD_Result reply_call(struct MHD_Connection *connection, Call *call);

#endif
