/*
 * retrieved.h
 *		The message in a retrieveMessage answer.
 */
#ifndef OOTSPG_ACCESSPOINT_RETRIEVED_H
#define OOTSPG_ACCESSPOINT_RETRIEVED_H

#include "accesspoint/reading.h"

/* Into the answer being read; false when a trouble was noted. */
extern bool retrieved_read(Reading *reading);

#endif							/* OOTSPG_ACCESSPOINT_RETRIEVED_H */
