/*
 * choices.c
 *		Choices read from a form, carried on in the next, and asked for.
 */
#include <string.h>

#include "choices.h"

bool
piece_is_ready(const Json *piece)
{
	return json_string(piece, "available_at") == NULL;
}

const char *
choice_field(Arena *arena, long piece)
{
	return arena_format(arena, "piece-%ld", piece);
}

static void
count(const Visit *visit, Choices *choices)
{
	choices->open = choices->use = choices->refuse = 0;
	for (const Json *piece = visit->pieces ? visit->pieces->first : NULL; piece; piece = piece->next)
	{
		long		n = json_long(piece, "piece", 0);

		if (n < 1 || n > MOST_PIECES || !piece_is_ready(piece))
			continue;
		if (choices->of[n] == CHOICE_USE)
			choices->use++;
		else if (choices->of[n] == CHOICE_REFUSE)
			choices->refuse++;
		else
			choices->open++;
	}
}

void
choices_read(const Visit *visit, Choices *choices)
{
	*choices = (Choices) {0};
	for (const Json *piece = visit->pieces ? visit->pieces->first : NULL; piece; piece = piece->next)
	{
		long		n = json_long(piece, "piece", 0);
		const char *value = field_get(visit->request->form, choice_field(&visit->request->arena, n));

		if (n < 1 || n > MOST_PIECES || value == NULL || !piece_is_ready(piece))
			continue;
		if (strcmp(value, "use") == 0)
			choices->of[n] = CHOICE_USE;
		else if (strcmp(value, "refuse") == 0)
			choices->of[n] = CHOICE_REFUSE;
	}
	count(visit, choices);
}

void
choices_set(const Visit *visit, Choices *choices, Choice choice)
{
	for (int i = 0; i <= MOST_PIECES; i++)
		choices->of[i] = choice;
	count(visit, choices);
}

void
choices_carry(Visit *visit, const Choices *choices, long skip)
{
	for (int i = 1; i <= MOST_PIECES; i++)
		if (choices->of[i] != CHOICE_OPEN && i != skip && visit_piece(visit, i))
		{
			html(&visit->writer, "<input type=\"hidden\"");
			write_attribute(&visit->writer, "name", choice_field(&visit->request->arena, i));
			write_attribute(&visit->writer, "value", choices->of[i] == CHOICE_USE ? "use" : "refuse");
			html(&visit->writer, ">\n");
		}
}

static void
write_option(Visit *visit, long n, const char *value, bool chosen, const char *described, TextId text)
{
	Writer	   *writer = &visit->writer;
	const char *field = choice_field(writer->arena, n);

	html(writer, "<label class=\"option\"><input type=\"radio\"");
	write_attribute(writer, "id", arena_format(writer->arena, "%s-%s", field, value));
	write_attribute(writer, "name", field);
	write_attribute(writer, "value", value);
	write_attribute(writer, "aria-describedby", described);
	/* the user's own choice, handed in with the form; never ours (UX-12) */
	if (chosen)
		html(writer, " checked");
	html(writer, "> <span>");
	say(writer, text);
	html(writer, "</span></label>\n");
}

void
choices_ask(Visit *visit, const Json *piece, Choice choice, bool incomplete)
{
	Writer	   *writer = &visit->writer;
	long		n = json_long(piece, "piece", 0);
	bool		missing = incomplete && choice == CHOICE_OPEN;
	const char *described = missing ? arena_format(writer->arena, "piece-%ld-error", n) : NULL;

	html(writer, "<fieldset");
	write_attribute(writer, "class", missing ? "choice missing" : "choice");
	html(writer, ">\n<legend>");
	say(writer, TEXT_CHOICE_LEGEND);
	html(writer, "</legend>\n");
	if (missing)
	{
		html(writer, "<p class=\"error\"");
		write_attribute(writer, "id", described);
		html(writer, ">");
		set_words(writer, "evidence", visit_title(visit, piece));
		say(writer, TEXT_CHOICE_MISSING);
		html(writer, "</p>\n");
	}
	html(writer, "<div class=\"options\">\n");
	write_option(visit, n, "use", choice == CHOICE_USE, described, TEXT_CHOICE_YES);
	write_option(visit, n, "refuse", choice == CHOICE_REFUSE, described, TEXT_CHOICE_NO);
	html(writer, "</div>\n</fieldset>\n");
}

void
choices_summary(Visit *visit, const Choices *choices, long only)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<div class=\"summary\" tabindex=\"-1\" autofocus role=\"alert\">\n<h2>");
	say(writer, TEXT_SITE_PROBLEM);
	html(writer, "</h2>\n<ul>\n");
	for (const Json *piece = visit->pieces ? visit->pieces->first : NULL; piece; piece = piece->next)
	{
		long		n = json_long(piece, "piece", 0);

		if (n < 1 || n > MOST_PIECES || choices->of[n] != CHOICE_OPEN || !piece_is_ready(piece) || (only && only != n))
			continue;
		html(writer, "<li><a");
		write_attribute(writer, "href", arena_format(writer->arena, "#piece-%ld-use", n));
		html(writer, ">");
		set_words(writer, "evidence", visit_title(visit, piece));
		say(writer, TEXT_CHOICE_MISSING);
		html(writer, "</a></li>\n");
	}
	html(writer, "</ul>\n</div>\n");
}

const char *
choices_array(const Visit *visit, const Choices *choices, Choice choice)
{
	Buffer		out = {.arena = &visit->request->arena};

	buffer_text(&out, "{");
	for (const Json *piece = visit->pieces ? visit->pieces->first : NULL; piece; piece = piece->next)
	{
		long		n = json_long(piece, "piece", 0);

		/* of what was not asked for nothing is said: neither yes nor no would be the user's */
		if (n >= 1 && n <= MOST_PIECES && piece_is_ready(piece) && choices->of[n] == choice)
			buffer_format(&out, "%s%ld", out.len > 1 ? "," : "", n);
	}
	buffer_text(&out, "}");
	return out.data;
}
