/*
 * stream.h
 *		The bytes of answers on their way out. The functions that make a response
 *		take the bytes.
 */
#ifndef LOOPBACK_STREAM_H
#define LOOPBACK_STREAM_H

#include <microhttpd.h>

#include "base.h"

extern struct MHD_Response *stream_whole(Buffer *bytes);

/* Cut before the byte stop_at; per second so many bytes, 0 for as fast as it goes. */
extern struct MHD_Response *stream_pieces(Buffer *bytes, size_t stop_at, long per_second);

/* Nothing comes until the client gives up or this program ends. */
extern enum MHD_Result stream_hang(struct MHD_Connection *connection);

/* Lets slow and hanging connections go. */
extern void stream_stop(void);

#endif
