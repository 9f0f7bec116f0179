/*
 * piece_parts.c
 *		A piece in words: issuer, dates, language, files (UX-07, UX-09). Never
 *		the name of a file.
 */
#include <string.h>
#include <strings.h>

#include "formats.h"
#include "page.h"
#include "piece_parts.h"

bool
media_is(const char *media_type, const char *wanted)
{
	size_t		len = strlen(wanted);

	return media_type && strncasecmp(media_type, wanted, len) == 0 && (media_type[len] == '\0' || media_type[len] == ';' || media_type[len] == ' ');
}

bool
media_is_picture(const char *media_type)
{
	return media_is(media_type, "image/png") || media_is(media_type, "image/jpeg");
}

const char *
part_path(Visit *visit, const Json *piece, const Json *part)
{
	return arena_format(&visit->request->arena, "%s/piece/%ld/part/%ld", visit->root, json_long(piece, "piece", 0), json_long(part, "part", 0));
}

const Json *
piece_main(const Json *piece)
{
	const Json *parts = json_get(piece, "parts");

	for (const Json *part = parts ? parts->first : NULL; part; part = part->next)
		if (json_string(part, "role") && strcmp(json_string(part, "role"), "main") == 0)
			return part;
	return NULL;
}

void
piece_own_title(Visit *visit, const Json *piece)
{
	const char *own = json_string(piece, "title");
	const char *code = json_string(piece, "language");

	if (own == NULL || *own == '\0' || strcmp(own, visit_title(visit, piece).text) == 0)
		return;
	html(&visit->writer, "<p class=\"own\">");
	write_words(&visit->writer, (Words) {own, code && language_find(code, strlen(code)) ? language_find(code, strlen(code))->code : NULL});
	html(&visit->writer, "</p>\n");
}

static void
write_validity(Visit *visit, const char *from, const char *until)
{
	Writer	   *writer = &visit->writer;

	if (from == NULL && until == NULL)
		return;
	if (from)
		set_text(writer, "from", format_date(writer->arena, writer->language, from));
	if (until)
		set_text(writer, "until", format_date(writer->arena, writer->language, until));
	page_row_begin(writer, TEXT_PIECE_VALID);
	say(writer, from && until ? TEXT_PIECE_VALID_BETWEEN : from ? TEXT_PIECE_VALID_FROM : TEXT_PIECE_VALID_UNTIL);
	html(writer, "</dd></div>\n");
}

static bool
has_translation(const Json *piece)
{
	const Json *parts = json_get(piece, "parts");

	for (const Json *part = parts ? parts->first : NULL; part; part = part->next)
		if (json_string(part, "role") && strcmp(json_string(part, "role"), "translation") == 0)
			return true;
	return false;
}

static void
write_document_language(Visit *visit, const Json *piece)
{
	Writer	   *writer = &visit->writer;
	const char *code = json_string(piece, "language");
	const char *name = language_own_name(code);

	if (code == NULL)
		return;
	set_words(writer, "language", (Words) {name ? name : code, name ? language_find(code, strlen(code))->code : NULL});
	page_row_begin(writer, TEXT_PIECE_LANGUAGE);
	if (has_translation(piece) || language_find(code, strlen(code)) == writer->language)
		write_words(writer, (Words) {name ? name : code, name ? language_find(code, strlen(code))->code : NULL});
	else
		say(writer, TEXT_PIECE_UNTRANSLATED);
	html(writer, "</dd></div>\n");
}

void
piece_facts(Visit *visit, const Json *piece)
{
	Writer	   *writer = &visit->writer;
	Words		issuer = choose_words(writer, json_get(piece, "issuer"));
	const char *issued = json_string(piece, "issued");

	html(writer, "<dl class=\"facts\">\n");
	if (issuer.text)
	{
		page_row_begin(writer, TEXT_PIECE_ISSUER);
		write_words(writer, issuer);
		html(writer, "</dd></div>\n");
	}
	if (issued)
	{
		page_row_begin(writer, TEXT_PIECE_ISSUED);
		write_text(writer, format_date(writer->arena, writer->language, issued));
		html(writer, "</dd></div>\n");
	}
	write_validity(visit, json_string(piece, "valid_from"), json_string(piece, "valid_until"));
	write_document_language(visit, piece);
	html(writer, "</dl>\n");
}

static void
write_link(Visit *visit, const char *path, TextId text, bool opens)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<li><a");
	write_attribute(writer, "href", opens ? path : arena_format(writer->arena, "%s?save", path));
	if (opens)
		html(writer, " target=\"_blank\" rel=\"noopener\"");
	else
		html(writer, " download");
	html(writer, ">");
	say(writer, text);
	html(writer, "</a></li>\n");
}

static void
write_part(Visit *visit, const Json *piece, const Json *part)
{
	Writer	   *writer = &visit->writer;
	const char *media = json_string(part, "media_type");
	const char *role = json_string(part, "role");
	const char *name = language_own_name(json_string(part, "language"));
	bool		shown = media_is(media, "application/pdf") || media_is_picture(media);
	const char *path = part_path(visit, piece, part);

	set_text(writer, "type", format_media(writer->arena, media));
	set_text(writer, "size", format_size(writer->arena, writer->language, json_long(part, "size", 0)));
	set_words(writer, "evidence", visit_title(visit, piece));
	set_text(writer, "language", name ? name : json_string(part, "language"));
	if (role && strcmp(role, "annex") == 0)
		write_link(visit, path, TEXT_PIECE_ANNEX, shown);
	else if (!shown)
		write_link(visit, path, role && strcmp(role, "readable") == 0 ? TEXT_PIECE_DOWNLOAD : TEXT_PIECE_DATA, false);
	else if (role && strcmp(role, "translation") == 0)
		write_link(visit, path, TEXT_PIECE_TRANSLATION, true);
	else
	{
		write_link(visit, path, TEXT_PIECE_OPEN, true);
		write_link(visit, path, TEXT_PIECE_DOWNLOAD, false);
	}
}

void
piece_links(Visit *visit, const Json *piece)
{
	const Json *parts = json_get(piece, "parts");

	html(&visit->writer, "<ul class=\"files\">\n");
	for (const Json *part = parts ? parts->first : NULL; part; part = part->next)
		write_part(visit, piece, part);
	html(&visit->writer, "</ul>\n");
}
