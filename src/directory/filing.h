/*
 * filing.h
 *		What directories answer to submissions, and where it goes.
 */
#ifndef OOTSPG_DIRECTORY_FILING_H
#define OOTSPG_DIRECTORY_FILING_H

/*
 * File the answers that the inbox holds, in this transaction; raises nothing about an answer.
 * False: somebody has locked what one of them concerns, and it is to be filed later.
 */
extern bool directory_file_answers(void);

#endif							/* OOTSPG_DIRECTORY_FILING_H */
