/*
 * moment.h
 *		xsd:dateTime to and from timestamps.
 */
#ifndef OOTSPG_MESSAGE_MOMENT_H
#define OOTSPG_MESSAGE_MOMENT_H

#include "datatype/timestamp.h"
#include "utils/date.h"

/* A full xsd:dateTime with zone; false when it is anything else. A time without
 * zone says nothing (access points write their own wall clock). */
extern bool moment_parse(const char *text, TimestampTz *moment);

/* xsd:dateTime and xsd:date, with or without zone: moments and days that exist, of years 1 to 9999. */
extern bool moment_is_date_time(const char *text);
extern bool moment_is_date(const char *text);

/* UTC with milliseconds and Z (D-LOG-27); palloc'd. */
extern char *moment_text(TimestampTz moment);

/* xsd:date without zone, as in 2026-09-01; NULL for an infinite date; palloc'd. */
extern char *moment_date_text(DateADT date);

#endif							/* OOTSPG_MESSAGE_MOMENT_H */
