/*
 * assets.c
 *		Serves the files that lie in the program.
 */
#include <string.h>

#include "assets.h"
#include "embedded.h"
#include "secret.h"

typedef struct Asset
{
	const char *name;
	const char *suffix;
	const char *type;
	const char *fingerprint;
} Asset;

static Asset assets[] = {
	{"style", ".css", "text/css; charset=utf-8", NULL},
	{"script", ".js", "text/javascript; charset=utf-8", NULL},
	{"icon", ".svg", "image/svg+xml", NULL},
};
static Arena memory;			/* as long as the program runs */

void
assets_load(void)
{
	for (size_t i = 0; i < lengthof(assets); i++)
	{
		const Embedded *file = embedded_find("asset", assets[i].name);

		assets[i].fingerprint = fingerprint(&memory, file->bytes, embedded_len(file));
	}
}

static const char *
file_name(Arena *arena, const Asset *asset)
{
	return arena_format(arena, "%s-%s%s", asset->name, asset->fingerprint, asset->suffix);
}

const char *
asset_path(const Settings *settings, Arena *arena, const char *name)
{
	for (size_t i = 0; i < lengthof(assets); i++)
		if (strcmp(assets[i].name, name) == 0)
			return arena_format(arena, "%s/static/%s", settings->base, file_name(arena, &assets[i]));
	return "";
}

static bool
serve_logo(Request *request, const char *name)
{
	Settings   *settings = settings_take();
	bool		found = settings->logo_type && strcmp(settings->logo_name, name) == 0;

	if (found)
	{
		request->response.status = 200;
		request->response.policy = POLICY_ASSET;
		request->response.type = arena_text(&request->arena, settings->logo_type);
		buffer_add(&request->response.body, settings->logo, settings->logo_len);
	}
	settings_release(settings);
	return found;
}

bool
asset_serve(Request *request, const char *name)
{
	if (strncmp(name, "logo-", 5) == 0)
		return serve_logo(request, name + 5);
	for (size_t i = 0; i < lengthof(assets); i++)
		if (strcmp(name, file_name(&request->arena, &assets[i])) == 0)
		{
			const Embedded *file = embedded_find("asset", assets[i].name);

			request->response.status = 200;
			request->response.policy = POLICY_ASSET;
			request->response.type = assets[i].type;
			buffer_add(&request->response.body, file->bytes, embedded_len(file));
			return true;
		}
	return false;
}
