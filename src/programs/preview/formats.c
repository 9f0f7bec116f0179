/*
 * formats.c
 *		The patterns of languages.c filled in. The zone is the process's (TZ),
 *		set once at the start.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats.h"

/* "+02:00", "+02", "Z": seconds east of Greenwich. */
static bool
parse_zone(const char *text, long *seconds)
{
	int			hours;
	int			minutes = 0;
	int			len = 0;

	*seconds = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (text[0] == '+' || text[0] == '-')
		if ((sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &len) == 2 && text[1 + len] == '\0') ||
			(minutes = 0, sscanf(text + 1, "%2d%n", &hours, &len) == 1 && text[1 + len] == '\0'))
		{
			*seconds = (hours * 60L + minutes) * 60 * (text[0] == '-' ? -1 : 1);
			return true;
		}
	return false;
}

bool
parse_moment(const char *text, time_t *moment)
{
	struct tm	parts = {0};
	long		zone;
	int			len = 0;

	if (text == NULL || sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
							   &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &len) != 6 || len == 0)
		return false;
	text += len;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	if (!parse_zone(text, &zone))
		return false;
	parts.tm_year -= 1900;
	parts.tm_mon--;
	*moment = timegm(&parts) - zone;
	return true;
}

static const char *
fill_date(Arena *arena, const Language *language, const struct tm *parts)
{
	Buffer		out = {.arena = arena};

	for (const char *c = language->date; *c; c++)
		if (*c == 'D')
			buffer_format(&out, "%d", parts->tm_mday);
		else if (*c == 'M')
			buffer_text(&out, language->months[parts->tm_mon]);
		else if (*c == 'Y')
			buffer_format(&out, "%d", parts->tm_year + 1900);
		else
			buffer_add(&out, c, 1);
	return out.data;
}

static const char *
fill_clock(Arena *arena, const Language *language, const struct tm *parts, const char *zone)
{
	Buffer		out = {.arena = arena};
	long		minutes = parts->tm_gmtoff / 60;

	for (const char *c = language->clock; *c; c++)
		if (*c == 'H' || *c == 'G')
			buffer_format(&out, *c == 'H' ? "%02d" : "%d", parts->tm_hour);
		else if (*c == 'I')
			buffer_format(&out, "%02d", parts->tm_min);
		else
			buffer_add(&out, c, 1);
	if (zone)
		buffer_format(&out, " (%s)", zone);
	else if (minutes == 0)
		buffer_text(&out, " (UTC)");
	else if (minutes % 60 == 0)
		buffer_format(&out, " (UTC%+ld)", minutes / 60);
	else
		buffer_format(&out, " (UTC%+ld:%02ld)", minutes / 60, labs(minutes % 60));
	return out.data;
}

const char *
format_moment(Arena *arena, const Language *language, time_t moment, const char *zone)
{
	time_t		now = time(NULL);
	struct tm	parts;
	struct tm	today;
	const char *clock;
	Buffer		out = {.arena = arena};

	localtime_r(&moment, &parts);
	localtime_r(&now, &today);
	clock = fill_clock(arena, language, &parts, zone);
	if (parts.tm_year == today.tm_year && parts.tm_yday == today.tm_yday)
		return clock;
	for (const char *c = language->moment; *c; c++)
		if (*c == '@')
			buffer_text(&out, clock);
		else if (*c == '#')
			buffer_text(&out, fill_date(arena, language, &parts));
		else
			buffer_add(&out, c, 1);
	return out.data;
}

const char *
format_date(Arena *arena, const Language *language, const char *text)
{
	struct tm	parts = {0};
	time_t		moment;
	int			len = 0;

	if (parse_moment(text, &moment))
		localtime_r(&moment, &parts);
	else if (sscanf(text, "%4d-%2d-%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &len) == 3 && text[len] == '\0' &&
			 parts.tm_mon >= 1 && parts.tm_mon <= 12)
	{
		parts.tm_year -= 1900;
		parts.tm_mon--;
	}
	else
		return text;
	return fill_date(arena, language, &parts);
}

const char *
format_size(Arena *arena, const Language *language, long bytes)
{
	const char *unit = bytes < 1000 * 1000 ? "kB" : "MB";
	double		size = (double) bytes / (bytes < 1000 * 1000 ? 1000 : 1000 * 1000);
	char	   *text;

	if (size < 10)
	{
		text = arena_format(arena, "%.1f %s", size < 0.1 ? 0.1 : size, unit);
		for (char *c = text; *c; c++)
			if (*c == '.')
				*c = language->decimal;
		return text;
	}
	return arena_format(arena, "%.0f %s", size, unit);
}

const char *
format_media(Arena *arena, const char *media_type)
{
	const char *subtype = media_type ? strchr(media_type, '/') : NULL;
	const char *plus;
	char	   *name;

	if (subtype == NULL)
		return "?";
	plus = strrchr(subtype, '+');
	name = arena_copy(arena, plus ? plus + 1 : subtype + 1, strcspn(plus ? plus + 1 : subtype + 1, "; "));
	for (char *c = name; *c; c++)
		*c = (char) toupper((unsigned char) *c);
	return name;
}
