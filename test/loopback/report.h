/*
 * report.h
 *		What the access point holds, as text for tests.
 */
#ifndef LOOPBACK_REPORT_H
#define LOOPBACK_REPORT_H

#include "store.h"

extern void report_stats(Buffer *out);
extern void report_messages(const Party *party, Buffer *out);
extern void report_dump(const Message *message, Buffer *out);

#endif
