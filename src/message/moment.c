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

static fsec_t
fraction(const char **text)
{
	fsec_t		result = 0;
	int			unit = 100000;

	if (**text != '.')
		return 0;
	for ((*text)++; isdigit((unsigned char) **text); (*text)++, unit /= 10)
		result += (**text - '0') * unit;
	return result;
}

/* seconds west of UTC, as tm2timestamp() wants them */
static bool
zone(const char **text, int *west)
{
	int			sign,
				hours,
				minutes;

	*west = 0;
	if (literal(text, 'Z'))
		return true;
	if (**text != '+' && **text != '-')
		return false;
	sign = **text == '+' ? -1 : 1;
	(*text)++;
	if (!digits(text, 2, &hours) || !literal(text, ':') || !digits(text, 2, &minutes) ||
		hours > 14 || minutes > 59)
		return false;
	*west = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
moment_parse(const char *text, TimestampTz *moment)
{
	struct pg_tm tm = {0};
	fsec_t		fsec;
	int			west;

	if (!digits(&text, 4, &tm.tm_year) || !literal(&text, '-') ||
		!digits(&text, 2, &tm.tm_mon) || !literal(&text, '-') ||
		!digits(&text, 2, &tm.tm_mday) || !literal(&text, 'T') ||
		!digits(&text, 2, &tm.tm_hour) || !literal(&text, ':') ||
		!digits(&text, 2, &tm.tm_min) || !literal(&text, ':') ||
		!digits(&text, 2, &tm.tm_sec))
		return false;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 ||
		tm.tm_hour > 24 || tm.tm_min > 59 || tm.tm_sec > 60)
		return false;
	fsec = fraction(&text);
	return zone(&text, &west) && *text == '\0' && tm2timestamp(&tm, fsec, &west, moment) == 0;
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
