/*
 * uuid.h
 *		Random identifiers (RFC 4122 version 4) from the server's CSPRNG.
 */
#ifndef OOTSPG_UUID_H
#define OOTSPG_UUID_H

#define UUID_TEXT_LENGTH 36

/* canonical lower-case text into buffer (UUID_TEXT_LENGTH + 1 bytes) */
extern void uuid_write(char *buffer);
extern char *uuid_text(void);	/* palloc'd */
extern char *uuid_urn(void);	/* urn:uuid:…, palloc'd */
extern char *uuid_hex(void);	/* 32 hex digits, for content ids (RESP-C042), palloc'd */

#endif							/* OOTSPG_UUID_H */
