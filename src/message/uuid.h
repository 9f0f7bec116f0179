/*
 * uuid.h
 *		Random identifiers (RFC 4122 version 4) from the server's CSPRNG.
 */
#ifndef OOTSPG_MESSAGE_UUID_H
#define OOTSPG_MESSAGE_UUID_H

#define UUID_TEXT_LENGTH 36

extern char *uuid_text(void);	/* palloc'd */
extern char *uuid_urn(void);	/* urn:uuid:…, palloc'd */
extern char *uuid_hex(void);	/* 32 hex digits, for content ids (RESP-C042), palloc'd */

#endif							/* OOTSPG_MESSAGE_UUID_H */
