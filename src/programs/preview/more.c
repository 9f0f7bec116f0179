/*
 * more.c
 *		A few more details: only those that the type declares (D-PRE-13), what
 *		is known already shown and not asked again (UX-31).
 */
#include <string.h>

#include "formats.h"
#include "page.h"
#include "pages.h"

typedef struct KnownField
{
	const char *names[4];		/* as the database may call it */
	TextId		label;
	const char *complete;		/* token of autocomplete */
	bool		date;
} KnownField;

static const KnownField known_fields[] = {
	{{"FamilyName", "family_name"}, TEXT_FIELD_FAMILY_NAME, "family-name", false},
	{{"GivenName", "given_name"}, TEXT_FIELD_GIVEN_NAME, "given-name", false},
	{{"DateOfBirth", "date_of_birth", "birth_date"}, TEXT_FIELD_DATE_OF_BIRTH, "bday", true},
	{{"PlaceOfBirth", "place_of_birth", "birth_place"}, TEXT_FIELD_PLACE_OF_BIRTH, NULL, false},
	{{"BirthName", "birth_name"}, TEXT_FIELD_BIRTH_NAME, NULL, false},
	{{"Identifier", "identifier", "person_id"}, TEXT_FIELD_IDENTIFIER, NULL, false},
	{{"CurrentAddress", "address", "current_address"}, TEXT_FIELD_ADDRESS, "street-address", false},
	{{"Gender", "gender"}, TEXT_FIELD_GENDER, "sex", false},
	{{"Nationality", "nationality"}, TEXT_FIELD_NATIONALITY, "country-name", false},
};

static const KnownField *
find_known(const char *name)
{
	for (size_t i = 0; i < lengthof(known_fields); i++)
		for (size_t j = 0; j < lengthof(known_fields[i].names) && known_fields[i].names[j]; j++)
			if (strcmp(known_fields[i].names[j], name) == 0)
				return &known_fields[i];
	return NULL;
}

/* An attribute is its name, or {"attribute": …, "labels": {…}, "date": true}. */
static const char *
attribute_name(const Json *attribute)
{
	if (attribute->kind == JSON_STRING)
		return attribute->text;
	return json_string(attribute, "attribute");
}

static bool
is_date(const Json *attribute, const KnownField *known)
{
	return json_true(attribute, "date") || (known && known->date);
}

static Words
attribute_label(Visit *visit, const Json *attribute, const char *name)
{
	const KnownField *known = find_known(name);
	Words		label = choose_words(&visit->writer, json_get(attribute, "labels"));

	if (label.text == NULL && known)
		return (Words) {said(&visit->writer, known->label), text_language(visit->writer.language, known->label)->code};
	return label.text ? label : (Words) {name, NULL};
}

static void
write_known_value(Visit *visit, const Json *value, const KnownField *field)
{
	Writer	   *writer = &visit->writer;

	if (value->kind != JSON_STRING && value->kind != JSON_NUMBER)
		return;
	html(writer, "<div><dt>");
	write_words(writer, attribute_label(visit, NULL, value->name));
	html(writer, "</dt><dd>");
	write_text(writer, field && field->date ? format_date(writer->arena, writer->language, value->text) : value->text);
	html(writer, "</dd></div>\n");
}

/* In our order, for JSON has none; then what we have no name for. */
static void
write_known(Visit *visit)
{
	Writer	   *writer = &visit->writer;
	const Json *known = json_get(visit->facts, "known");

	if (json_count(known) == 0)
		return;
	html(writer, "<h2>");
	say(writer, TEXT_MORE_KNOWN);
	html(writer, "</h2>\n<dl class=\"facts\">\n");
	for (size_t i = 0; i <= lengthof(known_fields); i++)
		for (const Json *value = known->first; value; value = value->next)
			if (find_known(value->name) == (i < lengthof(known_fields) ? &known_fields[i] : NULL))
				write_known_value(visit, value, find_known(value->name));
	html(writer, "</dl>\n");
}

static const char *
field_name(Arena *arena, const char *name, const char *part)
{
	return arena_format(arena, "a-%s%s", name, part);
}

static void
write_input(Visit *visit, const char *field, const char *complete, const char *described, const char *class, bool digits)
{
	Writer	   *writer = &visit->writer;

	html(writer, "<input type=\"text\"");
	if (digits)
		html(writer, " inputmode=\"numeric\"");
	write_attribute(writer, "class", class);
	write_attribute(writer, "id", field);
	write_attribute(writer, "name", field);
	write_attribute(writer, "autocomplete", complete ? complete : "off");
	write_attribute(writer, "value", field_get(visit->request->form, field));
	write_attribute(writer, "aria-describedby", described);
	if (described)
		html(writer, " aria-invalid=\"true\"");
	html(writer, " spellcheck=\"false\">");
}

/* What is wrong with one of them; that all together fit nobody is said once, not of each. */
static const char *
fault_of(const Json *errors, const char *name)
{
	const char *kind = json_string(errors, name);

	return kind && strcmp(kind, "unmatched") != 0 ? kind : NULL;
}

static void
write_error(Visit *visit, Words label, const char *kind, const char *id)
{
	Writer	   *writer = &visit->writer;

	if (kind == NULL)
		return;
	set_words(writer, "field", label);
	html(writer, "<p class=\"error\"");
	write_attribute(writer, "id", id);
	html(writer, ">");
	say(writer, strcmp(kind, "missing") == 0 ? TEXT_MORE_MISSING : TEXT_MORE_INVALID);
	html(writer, "</p>\n");
}

static void
write_date(Visit *visit, const char *name, Words label, const char *kind, const char *error_id)
{
	static const struct
	{
		const char *part;
		TextId		label;
		const char *complete;
	}			parts[] = {{"-day", TEXT_MORE_DAY, "bday-day"}, {"-month", TEXT_MORE_MONTH, "bday-month"}, {"-year", TEXT_MORE_YEAR, "bday-year"}};
	Writer	   *writer = &visit->writer;
	const KnownField *known = find_known(name);

	html(writer, "<fieldset class=\"field\"><legend>");
	write_words(writer, label);
	html(writer, "</legend>\n");
	write_error(visit, label, kind, error_id);
	html(writer, "<div class=\"date\">\n");
	for (size_t i = 0; i < lengthof(parts); i++)
	{
		const char *field = field_name(writer->arena, name, parts[i].part);

		html(writer, "<div><label");
		write_attribute(writer, "for", field);
		html(writer, ">");
		say(writer, parts[i].label);
		html(writer, "</label>");
		write_input(visit, field, known && known->label == TEXT_FIELD_DATE_OF_BIRTH ? parts[i].complete : NULL, kind ? error_id : NULL,
					i == 2 ? "year" : "short", true);
		html(writer, "</div>\n");
	}
	html(writer, "</div></fieldset>\n");
}

static void
write_field(Visit *visit, const Json *attribute, const char *name, const char *kind)
{
	Writer	   *writer = &visit->writer;
	const KnownField *known = find_known(name);
	Words		label = attribute_label(visit, attribute, name);
	const char *field = field_name(writer->arena, name, "");
	const char *error_id = arena_format(writer->arena, "%s-error", field);

	if (is_date(attribute, known))
	{
		write_date(visit, name, label, kind, error_id);
		return;
	}
	html(writer, "<div class=\"field\"><label");
	write_attribute(writer, "for", field);
	html(writer, ">");
	write_words(writer, label);
	html(writer, "</label>\n");
	write_error(visit, label, kind, error_id);
	write_input(visit, field, known ? known->complete : NULL, kind ? error_id : NULL, NULL, false);
	html(writer, "</div>\n");
}

static void
write_summary(Visit *visit, const Json *errors)
{
	Writer	   *writer = &visit->writer;
	const Json *ask = json_get(visit->facts, "ask");
	bool		unmatched = false;

	html(writer, "<div class=\"summary\" tabindex=\"-1\" autofocus role=\"alert\">\n<h2>");
	say(writer, TEXT_SITE_PROBLEM);
	html(writer, "</h2>\n<ul>\n");
	for (const Json *attribute = ask ? ask->first : NULL; attribute; attribute = attribute->next)
	{
		const char *name = attribute_name(attribute);
		const char *kind = name ? json_string(errors, name) : NULL;

		if (kind == NULL || (unmatched && fault_of(errors, name) == NULL))
			continue;
		unmatched = fault_of(errors, name) == NULL;
		html(writer, "<li><a");
		write_attribute(writer, "href", arena_format(writer->arena, "#%s", field_name(writer->arena, name, is_date(attribute, find_known(name)) ? "-day" : "")));
		html(writer, ">");
		set_words(writer, "field", attribute_label(visit, attribute, name));
		say(writer, unmatched ? TEXT_MORE_UNMATCHED : strcmp(kind, "missing") == 0 ? TEXT_MORE_MISSING : TEXT_MORE_INVALID);
		html(writer, "</a></li>\n");
	}
	html(writer, "</ul>\n</div>\n");
}

void
page_more(Visit *visit, const Json *errors)
{
	Writer	   *writer = &visit->writer;
	const Json *ask = json_get(visit->facts, "ask");
	bool		wrong = json_count(errors) > 0;

	visit->switch_form = arena_format(writer->arena, "%s/more", visit->root);
	page_begin(visit, &(PageHead) {.status = wrong ? 422 : 200, .title = TEXT_MORE_TITLE, .error = wrong, .warn = true});
	if (wrong)
		write_summary(visit, errors);
	say_paragraph(writer, TEXT_MORE_WHY);
	page_facts(visit, false);
	write_known(visit);
	page_form(visit, visit->switch_form, "more", "choices");
	for (const Json *attribute = ask ? ask->first : NULL; attribute; attribute = attribute->next)
		if (attribute_name(attribute))
			write_field(visit, attribute, attribute_name(attribute), fault_of(errors, attribute_name(attribute)));
	page_button(visit, "button", NULL, NULL, TEXT_SITE_CONTINUE);
	page_form_end(visit);
	page_end(visit);
}

/* Digits only, put together as ISO 8601; what is no date goes as written, and the database says so. */
static const char *
date_of(Visit *visit, const char *name)
{
	Arena	   *arena = &visit->request->arena;
	const char *day = field_get(visit->request->form, field_name(arena, name, "-day"));
	const char *month = field_get(visit->request->form, field_name(arena, name, "-month"));
	const char *year = field_get(visit->request->form, field_name(arena, name, "-year"));

	if (day == NULL || month == NULL || year == NULL || (*day == '\0' && *month == '\0' && *year == '\0'))
		return "";
	return arena_format(arena, "%s-%s%s-%s%s", year, strlen(month) == 1 ? "0" : "", month, strlen(day) == 1 ? "0" : "", day);
}

const char *
more_answers(Visit *visit)
{
	Arena	   *arena = &visit->request->arena;
	const Json *ask = json_get(visit->facts, "ask");
	Buffer		out = {.arena = arena};

	buffer_text(&out, "{");
	for (const Json *attribute = ask ? ask->first : NULL; attribute; attribute = attribute->next)
	{
		const char *name = attribute_name(attribute);
		const char *value;

		if (name == NULL)
			continue;
		value = is_date(attribute, find_known(name)) ? date_of(visit, name) : field_get(visit->request->form, field_name(arena, name, ""));
		if (out.len > 1)
			buffer_text(&out, ",");
		json_write(&out, name);
		buffer_text(&out, ":");
		json_write(&out, value ? value : "");
	}
	buffer_text(&out, "}");
	return out.data;
}
