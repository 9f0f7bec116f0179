/*
 * keys.h
 *		A key and its certificate, made for this run.
 */
#ifndef OOTSPG_FUZZ_KEYS_H
#define OOTSPG_FUZZ_KEYS_H

/* In a directory of its own: key.pem and cert.pem, on P-256. It is ootspg.key_directory until keys_forget(). */
extern void keys_make(void);
extern const char *keys_certificate(void);	/* PEM; stays */
extern char *keys_path(const char *name);	/* to be freed */
extern void keys_forget(void);

#endif							/* OOTSPG_FUZZ_KEYS_H */
