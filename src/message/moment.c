/*
 * moment.c
 *		xsd:dateTime, read strictly and written in one form.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "message/moment.h"

/* count digits at *text as a number; moves behind them */
static bool
digits(const char **text, int count, int *value)
{
	*value = 0;
	for (int i = 0; i < count; i++, (*text)++)
	{
		if (!isdigit((unsigned char) **text))
			return false;
		*value = *value * 10 + (**text - '0');
	}
	return true;
}

static bool
literal(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

/* microseconds; a point is followed by a digit at least */
static bool
fraction(const char **text, fsec_t *result)
{
	int			unit = 100000;

	*result = 0;
	if (!literal(text, '.'))
		return true;
	if (!isdigit((unsigned char) **text))
		return false;
	for (; isdigit((unsigned char) **text); (*text)++, unit /= 10)
		*result += (**text - '0') * unit;
	return true;
}

/* seconds west of UTC, as tm2timestamp() wants them; in small letters, too, as the published rules take them */
static bool
zone(const char **text, int *west)
{
	int			sign,
				hours,
				minutes;

	*west = 0;
	if (literal(text, 'Z') || literal(text, 'z'))
		return true;
	if (**text != '+' && **text != '-')
		return false;
	sign = **text == '+' ? -1 : 1;
	(*text)++;
	if (!digits(text, 2, &hours) || !literal(text, ':') || !digits(text, 2, &minutes) ||
		minutes > 59 || hours * 60 + minutes > 14 * 60)
		return false;
	*west = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* A day that is in the calendar: xsd:date has no year 0 */
static bool
day(const char **text, struct pg_tm *tm)
{
	return digits(text, 4, &tm->tm_year) && literal(text, '-') &&
		digits(text, 2, &tm->tm_mon) && literal(text, '-') &&
		digits(text, 2, &tm->tm_mday) &&
		tm->tm_year > 0 && tm->tm_mon >= 1 && tm->tm_mon <= MONTHS_PER_YEAR &&
		tm->tm_mday >= 1 && tm->tm_mday <= day_tab[isleap(tm->tm_year)][tm->tm_mon - 1];
}

/* 24:00:00 is the end of a day; a minute has no 61st second */
static bool
time_of_day(const char **text, struct pg_tm *tm, fsec_t *fsec)
{
	return digits(text, 2, &tm->tm_hour) && literal(text, ':') &&
		digits(text, 2, &tm->tm_min) && literal(text, ':') &&
		digits(text, 2, &tm->tm_sec) && fraction(text, fsec) &&
		tm->tm_min <= 59 && tm->tm_sec <= 59 &&
		(tm->tm_hour <= 23 || (tm->tm_hour == 24 && tm->tm_min == 0 && tm->tm_sec == 0 && *fsec == 0));
}

static bool
day_and_time(const char **text, struct pg_tm *tm, fsec_t *fsec)
{
	return day(text, tm) && (literal(text, 'T') || literal(text, 't')) && time_of_day(text, tm, fsec);
}

bool
moment_parse(const char *text, TimestampTz *moment)
{
	struct pg_tm tm = {0};
	fsec_t		fsec;
	int			west;

	return day_and_time(&text, &tm, &fsec) && zone(&text, &west) && *text == '\0' &&
		tm2timestamp(&tm, fsec, &west, moment) == 0;
}

bool
moment_is_date_time(const char *text)
{
	struct pg_tm tm = {0};
	fsec_t		fsec;
	int			west;

	return day_and_time(&text, &tm, &fsec) && (*text == '\0' || zone(&text, &west)) && *text == '\0';
}

bool
moment_is_date(const char *text)
{
	struct pg_tm tm = {0};
	int			west;

	return day(&text, &tm) && (*text == '\0' || zone(&text, &west)) && *text == '\0';
}

char *
moment_text(TimestampTz moment)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(moment, NULL, &tm, &fsec, NULL, NULL) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("timestamp out of range")));
	return psprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year, tm.tm_mon, tm.tm_mday,
					tm.tm_hour, tm.tm_min, tm.tm_sec, (int) (fsec / 1000));
}

char *
moment_date_text(DateADT date)
{
	int			year,
				month,
				day;

	if (DATE_NOT_FINITE(date))
		return NULL;
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return psprintf("%04d-%02d-%02d", year, month, day);
}
