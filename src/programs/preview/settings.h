/*
 * settings.h
 *		What the authority has decided (preview_space_settings()), read by a
 *		worker at the start and each minute, used by all.
 */
#ifndef PREVIEW_SETTINGS_H
#define PREVIEW_SETTINGS_H

#include "db.h"
#include "languages.h"

typedef struct Settings
{
	Arena		arena;
	int			users;			/* of settings.c */
	const char *base;			/* path before the link: "" or "/preview" */
	unsigned int offered;		/* languages, a bit each */
	const Language *national;
	const Json *authority;		/* names by language */
	const Json *texts;
	const Json *contact;
	const Json *privacy_url;
	const Json *accessibility_url;
	const char *feedback_url;
	bool		your_europe;
	bool		by_proxy;		/* users sign in again by a proxy in front of us */
	bool		counters;
	const char *logo_type;		/* NULL: none */
	const char *logo;
	size_t		logo_len;
	const char *logo_name;		/* its fingerprint */
} Settings;

/* Never NULL: as long as the database was never reached, what holds without any. Give back by settings_release(). */
extern Settings *settings_take(void);
extern void settings_release(Settings *settings);

/* By a worker, before each request: reads them when they are a minute old. DB_DONE unless they were never read yet. */
extern DbOutcome settings_refresh(Db *db);

#endif
