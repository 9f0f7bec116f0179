/*
 * routes.h
 *		Which page a path and a method mean.
 */
#ifndef PREVIEW_ROUTES_H
#define PREVIEW_ROUTES_H

#include "db.h"
#include "request.h"

/* What needs no database; false: routes_serve() has to. */
extern bool routes_quick(Request *request);
extern void routes_serve(Request *request, Db *db);

#endif
