/*
 * lexical.c
 *		Scalar values in the lexical forms of XML Schema part 2. PostgreSQL's own
 *		output functions are used only where no setting changes them; dates and
 *		times are written here. A value that the forms can't carry (infinity, NaN,
 *		a year before 1) stops the evidence: never a guessed value (D-MOD-16).
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/base64.h"
#include "common/shortest_dec.h"
#include "datatype/timestamp.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "compat.h"
#include "errors.h"
#include "evidence/lexical.h"

static const struct
{
	Oid			type;
	LexicalKind kind;
}			own_forms[] =
{
	{BOOLOID, LEXICAL_BOOLEAN},
	{INT2OID, LEXICAL_INT2},
	{INT4OID, LEXICAL_INT4},
	{INT8OID, LEXICAL_INT8},
	{FLOAT4OID, LEXICAL_FLOAT4},
	{FLOAT8OID, LEXICAL_FLOAT8},
	{NUMERICOID, LEXICAL_NUMERIC},
	{DATEOID, LEXICAL_DATE},
	{TIMEOID, LEXICAL_TIME},
	{TIMETZOID, LEXICAL_TIMETZ},
	{TIMESTAMPOID, LEXICAL_TIMESTAMP},
	{TIMESTAMPTZOID, LEXICAL_TIMESTAMPTZ},
	{INTERVALOID, LEXICAL_INTERVAL},
	{UUIDOID, LEXICAL_UUID},
	{BYTEAOID, LEXICAL_BYTEA},
	{TEXTOID, LEXICAL_TEXT},
	{VARCHAROID, LEXICAL_TEXT},
	{BPCHAROID, LEXICAL_BPCHAR}
};

bool
lexical_prepare(Oid type, Lexical *lexical, MemoryContext context)
{
	char		category;
	bool		preferred,
				varlena;
	Oid			output;

	for (int i = 0; i < lengthof(own_forms); i++)
	{
		if (own_forms[i].type == type)
		{
			lexical->kind = own_forms[i].kind;
			return true;
		}
	}

	/* Enums, other strings (name, citext) and network addresses print the same everywhere. */
	get_type_category_preferred(type, &category, &preferred);
	if (category != TYPCATEGORY_ENUM && category != TYPCATEGORY_STRING &&
		category != TYPCATEGORY_NETWORK)
		return false;
	lexical->kind = LEXICAL_OUTPUT;
	getTypeOutputInfo(type, &output, &varlena);
	fmgr_info_cxt(output, &lexical->output, context);
	return true;
}

OOTS_NORETURN static void
refuse(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_EVIDENCE),
			 errmsg("registry value cannot become evidence: %s", what),
			 errhint("Let the view return NULL or another value for it.")));
}

/* YYYY-MM-DD; XML Schema 1.0 has no year 0, and no registry a person of before. */
static char *
write_date(char *p, int year, int month, int day)
{
	if (year < 1)
		refuse("a date before year 1");
	p = pg_ultostr_zeropad(p, year, 4);
	*p++ = '-';
	p = pg_ultostr_zeropad(p, month, 2);
	*p++ = '-';
	return pg_ultostr_zeropad(p, day, 2);
}

/* .ffffff without trailing zeros, nothing when there is no fraction */
static char *
write_fraction(char *p, uint32 microseconds)
{
	if (microseconds == 0)
		return p;
	*p++ = '.';
	p = pg_ultostr_zeropad(p, microseconds, 6);
	while (p[-1] == '0')
		p--;
	return p;
}

/* hh:mm:ss[.ffffff] of microseconds since midnight; 24:00:00 is a time in both worlds */
static char *
write_time(char *p, int64 time)
{
	p = pg_ultostr_zeropad(p, time / USECS_PER_HOUR, 2);
	*p++ = ':';
	p = pg_ultostr_zeropad(p, time / USECS_PER_MINUTE % MINS_PER_HOUR, 2);
	*p++ = ':';
	p = pg_ultostr_zeropad(p, time / USECS_PER_SEC % SECS_PER_MINUTE, 2);
	return write_fraction(p, time % USECS_PER_SEC);
}

static char *
write_day(char *p, int32 days)
{
	int			year,
				month,
				day;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	return write_date(p, year, month, day);
}

static char *
write_timestamp(char *p, Timestamp timestamp)
{
	int64		days = timestamp / USECS_PER_DAY,
				time = timestamp % USECS_PER_DAY;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		refuse("an infinite timestamp");
	if (time < 0)
	{
		time += USECS_PER_DAY;
		days--;
	}
	p = write_day(p, days);
	*p++ = 'T';
	return write_time(p, time);
}

/* The zone is seconds west of Greenwich; XML Schema knows minutes only. */
static char *
write_zone(char *p, int32 zone)
{
	int			minutes = abs(zone) / SECS_PER_MINUTE;

	if (zone % SECS_PER_MINUTE != 0)
		refuse("a time zone with seconds");
	if (minutes == 0)
	{
		*p++ = 'Z';
		return p;
	}
	*p++ = zone > 0 ? '-' : '+';
	p = pg_ultostr_zeropad(p, minutes / MINS_PER_HOUR, 2);
	*p++ = ':';
	return pg_ultostr_zeropad(p, minutes % MINS_PER_HOUR, 2);
}

static char *
write_part(char *p, int64 amount, char unit)
{
	if (amount == 0)
		return p;
	p += pg_ulltoa_n(amount, p);
	*p++ = unit;
	return p;
}

/* PnYnMnDTnHnMn.nS; a duration has one sign, an interval may mix them */
static char *
write_interval(char *p, const Interval *interval)
{
	int64		months = interval->month,
				days = interval->day,
				time = interval->time;
	char	   *start;

	if (months < 0 || days < 0 || time < 0)
	{
		if (months > 0 || days > 0 || time > 0)
			refuse("an interval with parts of both signs");
		/* also the infinite interval of later servers, whose parts are all extreme */
		if (time == PG_INT64_MIN)
			refuse("an interval out of range");
		months = -months;
		days = -days;
		time = -time;
		*p++ = '-';
	}
	if (time == PG_INT64_MAX)
		refuse("an interval out of range");

	*p++ = 'P';
	start = p;
	p = write_part(p, months / MONTHS_PER_YEAR, 'Y');
	p = write_part(p, months % MONTHS_PER_YEAR, 'M');
	p = write_part(p, days, 'D');
	if (time == 0 && p > start)
		return p;
	*p++ = 'T';
	start = p;
	p = write_part(p, time / USECS_PER_HOUR, 'H');
	p = write_part(p, time / USECS_PER_MINUTE % MINS_PER_HOUR, 'M');
	if (time % USECS_PER_MINUTE != 0 || p == start)
	{
		p += pg_ulltoa_n(time / USECS_PER_SEC % SECS_PER_MINUTE, p);
		p = write_fraction(p, time % USECS_PER_SEC);
		*p++ = 'S';
	}
	return p;
}

static char *
write_uuid(char *p, const pg_uuid_t *uuid)
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[uuid->data[i] >> 4];
		*p++ = digits[uuid->data[i] & 15];
	}
	return p;
}

static void
form_base64(LexicalForm *form, Datum value)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);
	size_t		length = VARSIZE_ANY_EXHDR(bytes);
	int			room;
	char	   *result;

	if (length > MaxAllocSize / 4 * 3 - 4)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("binary value is too large for a document")));
	room = pg_b64_enc_len(length) + 1;
	result = palloc(room);
	/* the source's type differs between server versions, hence the cast */
	form->length = pg_b64_encode((const void *) VARDATA_ANY(bytes), length, result, room);
	form->text = result;
	form->plain = true;
}

static void
form_text(LexicalForm *form, Datum value, bool padded)
{
	struct varlena *text = PG_DETOAST_DATUM_PACKED(value);
	const char *start = VARDATA_ANY(text);
	size_t		length = VARSIZE_ANY_EXHDR(text);

	while (padded && length > 0 && start[length - 1] == ' ')
		length--;
	form->text = start;
	form->length = length;
	form->plain = false;
}

static void
form_numeric(LexicalForm *form, Datum value)
{
	Numeric		numeric = DatumGetNumeric(value);

	if (numeric_is_nan(numeric) || numeric_is_inf(numeric))
		refuse("a number that is not finite");
	form->text = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(numeric)));
	form->length = strlen(form->text);
	form->plain = true;
}

static void
form_output(LexicalForm *form, Lexical *lexical, Datum value)
{
	form->text = OutputFunctionCall(&lexical->output, value);
	form->length = strlen(form->text);
	form->plain = false;
}

/* The forms that fit the scratch buffer: where the written form ends. */
static char *
write_bounded(LexicalKind kind, Datum value, char *p)
{
	switch (kind)
	{
		case LEXICAL_BOOLEAN:
			return stpcpy(p, DatumGetBool(value) ? "true" : "false");
		case LEXICAL_INT2:
			return p + pg_itoa(DatumGetInt16(value), p);
		case LEXICAL_INT4:
			return p + pg_ltoa(DatumGetInt32(value), p);
		case LEXICAL_INT8:
			return p + pg_lltoa(DatumGetInt64(value), p);
		case LEXICAL_FLOAT4:
			if (!isfinite(DatumGetFloat4(value)))
				refuse("a number that is not finite");
			return p + float_to_shortest_decimal_buf(DatumGetFloat4(value), p);
		case LEXICAL_FLOAT8:
			if (!isfinite(DatumGetFloat8(value)))
				refuse("a number that is not finite");
			return p + double_to_shortest_decimal_buf(DatumGetFloat8(value), p);
		case LEXICAL_DATE:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)))
				refuse("an infinite date");
			return write_day(p, DatumGetDateADT(value));
		case LEXICAL_TIME:
			return write_time(p, DatumGetTimeADT(value));
		case LEXICAL_TIMETZ:
			return write_zone(write_time(p, DatumGetTimeTzADTP(value)->time),
							  DatumGetTimeTzADTP(value)->zone);
		case LEXICAL_TIMESTAMP:
			return write_timestamp(p, DatumGetTimestamp(value));
		case LEXICAL_TIMESTAMPTZ:
			return stpcpy(write_timestamp(p, DatumGetTimestampTz(value)), "Z");
		case LEXICAL_INTERVAL:
			return write_interval(p, DatumGetIntervalP(value));
		case LEXICAL_UUID:
			return write_uuid(p, DatumGetUUIDP(value));
		default:
			elog(ERROR, "unexpected lexical kind %d", kind);
	}
}

void
lexical_write(Lexical *lexical, Datum value, LexicalForm *form)
{
	switch (lexical->kind)
	{
		case LEXICAL_TEXT:
			form_text(form, value, false);
			break;
		case LEXICAL_BPCHAR:
			form_text(form, value, true);
			break;
		case LEXICAL_OUTPUT:
			form_output(form, lexical, value);
			break;
		case LEXICAL_NUMERIC:
			form_numeric(form, value);
			break;
		case LEXICAL_BYTEA:
			form_base64(form, value);
			break;
		default:
			form->text = form->scratch;
			form->length = write_bounded(lexical->kind, value, form->scratch) - form->scratch;
			form->plain = true;
	}
}
