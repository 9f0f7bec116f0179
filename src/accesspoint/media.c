/*
 * media.c
 *		Read Content-Type values: case does not count, values may be quoted.
 */
#include "postgres.h"

#include "accesspoint/media.h"

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *
skip_blanks(const char *p)
{
	while (is_blank(*p))
		p++;
	return p;
}

bool
media_type_is(const char *content_type, const char *type)
{
	size_t		length = strlen(type);

	content_type = skip_blanks(content_type);
	if (pg_strncasecmp(content_type, type, length) != 0)
		return false;
	content_type = skip_blanks(content_type + length);
	return *content_type == '\0' || *content_type == ';';
}

/* The value at p, quoted or not, palloc'd; *end is behind it. NULL when a quote is open. */
static char *
read_value(const char *p, const char **end)
{
	char	   *value = palloc(strlen(p) + 1);
	char	   *to = value;

	if (*p != '"')
	{
		while (*p != '\0' && *p != ';' && !is_blank(*p))
			*to++ = *p++;
		*to = '\0';
		*end = p;
		return value;
	}
	for (p++; *p != '"'; p++)
	{
		if (*p == '\\')
			p++;
		if (*p == '\0')
			return NULL;
		*to++ = *p;
	}
	*to = '\0';
	*end = p + 1;
	return value;
}

char *
media_parameter(const char *content_type, const char *name)
{
	size_t		length = strlen(name);
	const char *p = strchr(content_type, ';');
	char	   *found = NULL;

	while (p != NULL && *p == ';')
	{
		const char *this_name = skip_blanks(p + 1);
		size_t		name_length = strcspn(this_name, "=;\" \t");
		char	   *value;

		p = skip_blanks(this_name + name_length);
		if (*p != '=')
		{
			/* an empty parameter, as after a last semicolon */
			if (name_length == 0)
				continue;
			return NULL;
		}
		value = read_value(skip_blanks(p + 1), &p);
		if (value == NULL)
			return NULL;
		if (name_length == length && pg_strncasecmp(this_name, name, length) == 0)
		{
			if (found != NULL)
				return NULL;
			found = value;
		}
		p = skip_blanks(p);
	}
	return found;
}
