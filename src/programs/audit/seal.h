/*
 * seal.h
 *		Seals beside documents (CMS), and time stamps upon them. Whom to trust says the auditor; without that, a seal
 *		shows that nothing was changed by anybody but the holder of the key that it names.
 */
#ifndef AUDIT_SEAL_H
#define AUDIT_SEAL_H

#include "archive.h"

typedef struct Trust
{
	const char *seals;			/* file of PEM certificates that vouch for seals; NULL: nobody is asked */
	const char *stamps;			/* … for time stamps */
} Trust;

/* NULL, or why the seal does not hold. *signer: subject of the certificate, in the arena. */
extern const char *seal_fault(Arena *arena, const File *document, const File *seal, const Trust *trust, const char **signer);

/* NULL, or why the stamp does not hold. *time as ISO 8601, in the arena. */
extern const char *stamp_fault(Arena *arena, const File *stamped, const File *token, const Trust *trust, const char **time);

#endif
