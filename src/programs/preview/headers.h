/*
 * headers.h
 *		The headers of every response, by its policy (D-PRE-09, UX-10).
 */
#ifndef PREVIEW_HEADERS_H
#define PREVIEW_HEADERS_H

#include "request.h"

extern void headers_complete(Request *request);

#endif
