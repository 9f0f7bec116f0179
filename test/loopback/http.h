/*
 * http.h
 *		What is behind the listeners.
 */
#ifndef LOOPBACK_HTTP_H
#define LOOPBACK_HTTP_H

#include "listen.h"

extern enum MHD_Result http_answer(struct MHD_Connection *connection, const char *url, const char *method,
								   const Incoming *incoming);

#endif
