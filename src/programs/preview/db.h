/*
 * db.h
 *		The database: a connection for each worker, and the functions of the
 *		preview, which are all that its role may call. Links and secrets travel
 *		as parameters, never in the text of a statement.
 */
#ifndef PREVIEW_DB_H
#define PREVIEW_DB_H

#include "config.h"
#include "json.h"

typedef struct Db Db;

typedef enum DbOutcome
{
	DB_DONE,
	DB_REFUSED,					/* the server has answered with an error */
	DB_GONE						/* no connection */
} DbOutcome;

/* A part of a document; content is NULL when there is none to be shown. */
typedef struct DbPart
{
	const char *media_type;
	const char *language;
	const char *file_name;
	char	   *content;
	size_t		len;
} DbPart;

extern Db  *db_open(const Config *config);
extern void db_close(Db *db);

/* One of the functions that answer with jsonb; *text is the answer as it came. Parameters are texts or NULL. */
typedef enum DbFunction
{
	DB_SETTINGS, DB_LOOK, DB_OPEN, DB_AUTHENTICATE, DB_ADD, DB_DECIDE, DB_REFUSED_COUNT, DB_PING
} DbFunction;

extern DbOutcome db_call(Db *db, Arena *arena, DbFunction function, const char *const *parameters, const char **text);

extern DbOutcome db_part(Db *db, Arena *arena, const char *link, const char *browser, long piece, long part, DbPart *out);
extern DbOutcome db_rendering(Db *db, Arena *arena, const char *link, const char *browser, long piece, const char *language, const char **html);

#endif
