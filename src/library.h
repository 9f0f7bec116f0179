/*
 * library.h
 *		The loaded library and the installed objects are of one version.
 */
#ifndef OOTSPG_LIBRARY_H
#define OOTSPG_LIBRARY_H

/* Raises 55000 when they are not: the one would answer by the other's rules. In a transaction. */
extern void library_require_objects(void);

#endif							/* OOTSPG_LIBRARY_H */
