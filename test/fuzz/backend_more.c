/*
 * backend_more.c
 *		The server's lists, hash tables and calendar, as far as the readers use them.
 */
#include "fuzz.h"

#include <time.h>

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/datetime.h"
#include "utils/hsearch.h"
#include "utils/timestamp.h"

#include "library.h"

/* ---- lists ---- */

static List *
list_of(int length)
{
	List	   *list = palloc(offsetof(List, initial_elements));

	list->type = T_List;
	list->length = length;
	list->max_length = Max(length, 1);
	list->elements = palloc0(mul_size(list->max_length, sizeof(ListCell)));
	return list;
}

List *
list_make1_impl(NodeTag type, ListCell datum)
{
	List	   *list = list_of(1);

	list->elements[0] = datum;
	return list;
}

List *
lappend(List *list, void *datum)
{
	if (list == NIL)
		return list_make1_impl(T_List, (ListCell) {.ptr_value = datum});
	if (list->length == list->max_length)
		list->elements = repalloc(list->elements, mul_size(list->max_length *= 2, sizeof(ListCell)));
	list->elements[list->length++].ptr_value = datum;
	return list;
}

List *
list_copy(const List *list)
{
	return list_concat(NIL, list);
}

/* A list of its own always, which the server promises only for the second. */
List *
list_concat(List *one, const List *other)
{
	List	   *list = one;

	if (other == NIL)
		return one;
	if (list == NIL)
	{
		list = list_of(list_length(other));
		memcpy(list->elements, other->elements, mul_size(other->length, sizeof(ListCell)));
	}
	else
		for (int i = 0, count = list_length(other); i < count; i++)
			list = lappend(list, other->elements[i].ptr_value);
	return list;
}

bool
list_member_ptr(const List *list, const void *datum)
{
	for (int i = 0; i < list_length(list); i++)
		if (list->elements[i].ptr_value == datum)
			return true;
	return false;
}

void
list_sort(List *list, list_sort_comparator compare)
{
	if (list_length(list) > 1)
		pg_qsort(list->elements, list->length, sizeof(ListCell), (int (*) (const void *, const void *)) compare);
}

/* ---- hash tables ---- */

#define BUCKETS 256

typedef struct Entry
{
	struct Entry *next;
	uint32		hash;
} Entry;

struct HTAB
{
	HASHCTL		control;
	Entry	   *buckets[BUCKETS];
};

/* With all that is ours to give: functions, and where to live. */
HTAB *
hash_create(const char *name, long elements, const HASHCTL *control, int flags)
{
	HTAB	   *table = MemoryContextAllocZero(control->hcxt, sizeof(HTAB));

	table->control = *control;
	return table;
}

void *
hash_search(HTAB *table, const void *key, HASHACTION action, bool *found)
{
	const HASHCTL *control = &table->control;
	uint32		hash = control->hash(key, control->keysize);
	Entry	  **bucket = &table->buckets[hash % BUCKETS];
	Entry	   *entry = *bucket;

	while (entry != NULL && (entry->hash != hash || control->match(entry + 1, key, control->keysize) != 0))
		entry = entry->next;
	if (found != NULL)
		*found = entry != NULL;
	if (entry == NULL && action == HASH_ENTER)
	{
		entry = MemoryContextAllocZero(control->hcxt, sizeof(Entry) + control->entrysize);
		entry->hash = hash;
		entry->next = *bucket;
		*bucket = entry;
		control->keycopy(entry + 1, key, control->keysize);
	}
	return entry ? entry + 1 : NULL;
}

/* ---- time ---- */

const int	day_tab[2][13] = {
	{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0},
	{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0}
};

/* Julian day of a date of the Gregorian calendar; years begin in March here, so that a leap day is their last. */
int
date2j(int year, int month, int day)
{
	int64		years = (int64) year + 4800 - (month < 3);
	int			months = month < 3 ? month + 9 : month - 3;

	return (int) (day + (153 * months + 2) / 5 + 365 * years + years / 4 - years / 100 + years / 400 - 32045);
}

void
j2date(int julian, int *year, int *month, int *day)
{
	time_t		seconds = ((int64) julian - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	struct tm	tm;

	gmtime_r(&seconds, &tm);
	*year = tm.tm_year + 1900;
	*month = tm.tm_mon + 1;
	*day = tm.tm_mday;
}

int
tm2timestamp(struct pg_tm *tm, fsec_t fsec, int *west, Timestamp *result)
{
	int64		days = date2j(tm->tm_year, tm->tm_mon, tm->tm_mday) - POSTGRES_EPOCH_JDATE;
	int64		seconds = days * SECS_PER_DAY + (tm->tm_hour * MINS_PER_HOUR + tm->tm_min) * SECS_PER_MINUTE +
		tm->tm_sec + (west ? *west : 0);

	*result = seconds * USECS_PER_SEC + fsec;
	return IS_VALID_TIMESTAMP(*result) ? 0 : -1;
}

int
timestamp2tm(Timestamp moment, int *west, struct pg_tm *tm, fsec_t *fsec, const char **zone, pg_tz *attimezone)
{
	time_t		seconds = timestamptz_to_time_t(moment);
	struct tm	utc;

	gmtime_r(&seconds, &utc);
	tm->tm_year = utc.tm_year + 1900;
	tm->tm_mon = utc.tm_mon + 1;
	tm->tm_mday = utc.tm_mday;
	tm->tm_hour = utc.tm_hour;
	tm->tm_min = utc.tm_min;
	tm->tm_sec = utc.tm_sec;
	*fsec = 0;
	return 0;
}

#define EPOCHS_APART	((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

TimestampTz
time_t_to_timestamptz(pg_time_t seconds)
{
	return (seconds - EPOCHS_APART) * USECS_PER_SEC;
}

pg_time_t
timestamptz_to_time_t(TimestampTz moment)
{
	return moment / USECS_PER_SEC + EPOCHS_APART;
}

TimestampTz
GetCurrentTimestamp(void)
{
	return time_t_to_timestamptz(time(NULL));
}

bool
TimestampDifferenceExceeds(TimestampTz start, TimestampTz stop, int msec)
{
	return stop - start >= msec * INT64CONST(1000);
}

/* There are no objects of another version. */
void
library_require_objects(void)
{
}
