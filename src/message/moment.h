/*
 * moment.h
 *		xsd:dateTime to and from timestamps.
 */
#ifndef OOTSPG_MESSAGE_MOMENT_H
#define OOTSPG_MESSAGE_MOMENT_H

#include "datatype/timestamp.h"

/* A full xsd:dateTime with zone; false when it is anything else. A time without
 * zone says nothing (access points write their own wall clock). */
extern bool moment_parse(const char *text, TimestampTz *moment);

/* UTC with milliseconds and Z (D-LOG-27); palloc'd. */
extern char *moment_text(TimestampTz moment);

#endif							/* OOTSPG_MESSAGE_MOMENT_H */
