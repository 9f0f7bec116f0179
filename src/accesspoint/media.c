/*
 * media.c
 *		Read Content-Type values: case does not count, values may be quoted.
 */
#include "postgres.h"

#include "accesspoint/media.h"

#define MOST_BYTES	8192		/* of a value that is read; a boundary and a start have a few hundred */

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

/*
 * Behind the value at p, quoted or not; NULL when a quote is open. to, unless NULL,
 * is where the value is written, without its quotes; it has room for what is left.
 */
static const char *
read_value(const char *p, char *to)
{
	char		dropped;
	char	   *out = to ? to : &dropped;
	int			step = to ? 1 : 0;

	if (*p != '"')
	{
		for (; *p != '\0' && *p != ';' && !is_blank(*p); out += step)
			*out = *p++;
		*out = '\0';
		return p;
	}
	for (p++; *p != '"'; out += step)
	{
		if (*p == '\\')
			p++;
		if (*p == '\0')
			return NULL;
		*out = *p++;
	}
	*out = '\0';
	return p + 1;
}

char *
media_parameter(const char *content_type, const char *name)
{
	size_t		length = strlen(name);
	const char *p = strchr(content_type, ';');
	char	   *found = NULL;

	/* libcurl lets lines of 100 kB through */
	if (strlen(content_type) > MOST_BYTES)
		return NULL;
	while (p != NULL && *p == ';')
	{
		const char *this_name = skip_blanks(p + 1);
		size_t		name_length = strcspn(this_name, "=;\" \t");
		bool		wanted = name_length == length && pg_strncasecmp(this_name, name, length) == 0;

		p = skip_blanks(this_name + name_length);
		if (*p != '=')
		{
			/* an empty parameter, as after a last semicolon */
			if (name_length == 0)
				continue;
			return NULL;
		}
		p = skip_blanks(p + 1);
		if (wanted && found != NULL)
			return NULL;
		if (wanted)
			found = palloc(strlen(p) + 1);
		p = read_value(p, wanted ? found : NULL);
		if (p == NULL)
			return NULL;
		p = skip_blanks(p);
	}
	return found;
}
