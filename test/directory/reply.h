/*
 * reply.h
 *		Send answers, signed or wrongly signed, well or badly.
 */
#ifndef DIRECTORY_REPLY_H
#define DIRECTORY_REPLY_H

#include <microhttpd.h>

#include "script.h"
#include "sign.h"

#define TYPE_EBRS "application/x-ebrs+xml"
#define TYPE_XML "application/xml"
#define TYPE_TEXT "text/plain;charset=UTF-8"

/* Takes the bytes. */
extern enum MHD_Result reply_plain(struct MHD_Connection *connection, unsigned int code, const char *type, Buffer *bytes);

/* A fault of the infrastructure, told in JSON. */
extern enum MHD_Result reply_json(struct MHD_Connection *connection, unsigned int code, const char *path, const char *allow);

/* What an action wants instead of an answer; false when it wants an answer. */
extern bool reply_instead(struct MHD_Connection *connection, const char *path, const Action *action, enum MHD_Result *result);

/* An answer to a query, as the action wants it; takes the bytes. */
extern enum MHD_Result reply_signed(struct MHD_Connection *connection, const Action *action, Buffer *bytes);

#endif
