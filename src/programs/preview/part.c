/*
 * part.c
 *		A document shown or saved. Only what browsers show without running any
 *		of it is shown; all else can be saved only.
 */
#include <ctype.h>
#include <string.h>

#include "part.h"
#include "piece_parts.h"
#include "trouble.h"

/* Letters, digits, dot, dash, underscore; whatever else it is called in the registry. */
static const char *
safe_name(Arena *arena, const char *name)
{
	char	   *safe = arena_text(arena, name && *name ? name : "document");

	for (char *c = safe; *c; c++)
		if (!isalnum((unsigned char) *c) && strchr(".-_", *c) == NULL)
			*c = '_';
	while (*safe == '.')
		safe++;
	if (strlen(safe) > 100)
		safe[100] = '\0';
	return *safe ? safe : "document";
}

/* A media type and nothing after it. */
static const char *
safe_type(Arena *arena, const char *type)
{
	size_t		len = type ? strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&-^_.+/") : 0;

	return len > 0 && len < 128 ? arena_copy(arena, type, len) : "application/octet-stream";
}

void
part_serve(Visit *visit, long piece, long part)
{
	Request    *request = visit->request;
	Response   *response = &request->response;
	bool		save = field_get(request->query, "save") != NULL;
	DbPart		found;
	DbOutcome	outcome = db_part(visit->db, &request->arena, request->link, request->browser, piece, part, &found);

	if (outcome != DB_DONE)
		return trouble_problem(visit, outcome == DB_GONE);
	if (found.content == NULL)
		return trouble_neutral(visit, false);
	response->status = 200;
	response->type = safe_type(&request->arena, found.media_type);
	response->policy = media_is(found.media_type, "application/pdf") ? POLICY_PDF : media_is_picture(found.media_type) ? POLICY_PICTURE : POLICY_FILE;
	if (response->policy == POLICY_FILE)
		save = true;
	response_header(request, "Content-Disposition",
					arena_format(&request->arena, "%s; filename=\"%s\"", save ? "attachment" : "inline", safe_name(&request->arena, found.file_name)));
	if (found.language && strlen(found.language) <= 8 && strspn(found.language, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") == strlen(found.language))
		response_header(request, "Content-Language", found.language);
	buffer_adopt(&response->body, found.content, found.len);
}
