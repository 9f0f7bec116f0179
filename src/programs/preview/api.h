/*
 * api.h
 *		The JSON interface for a platform with pages of its own
 *		(doc/preview_openapi.json): the same functions, the same limits.
 */
#ifndef PREVIEW_API_H
#define PREVIEW_API_H

#include "db.h"
#include "request.h"

extern void api_serve(Request *request, Db *db);

#endif
