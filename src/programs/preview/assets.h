/*
 * assets.h
 *		Style sheet, script, icon and the authority's mark: the same for
 *		everybody, named by what is in them, so that browsers may keep them.
 */
#ifndef PREVIEW_ASSETS_H
#define PREVIEW_ASSETS_H

#include "request.h"
#include "settings.h"

extern void assets_load(void);
extern const char *asset_path(const Settings *settings, Arena *arena, const char *name);

/* name is what follows /static/; false: there is no such thing. */
extern bool asset_serve(Request *request, const char *name);

#endif
