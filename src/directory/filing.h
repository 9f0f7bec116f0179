/*
 * filing.h
 *		What directories answer to submissions, and where it goes.
 */
#ifndef OOTSPG_DIRECTORY_FILING_H
#define OOTSPG_DIRECTORY_FILING_H

/* File the answers that the inbox holds, in this transaction; raises nothing about an answer. */
extern void directory_file_answers(void);

#endif							/* OOTSPG_DIRECTORY_FILING_H */
