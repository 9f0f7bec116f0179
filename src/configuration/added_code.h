/*
 * added_code.h
 *		Codes that the configuration adds to the lists built in (ootspg.added_code, D-MOD-18).
 */
#ifndef OOTSPG_CONFIGURATION_ADDED_CODE_H
#define OOTSPG_CONFIGURATION_ADDED_CODE_H

#include "message/codelist.h"

/*
 * Is the code among them? Asked by code_in() for what the built-in lists do not have; needs no SPI
 * connection. The rows are read as their owner, once a command; outside a transaction there are none.
 */
extern bool added_code(CodeList list, const char *value);

#endif							/* OOTSPG_CONFIGURATION_ADDED_CODE_H */
