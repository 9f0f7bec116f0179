/*
 * jws_header.h
 *		The protected header of a directory's signature, once it says nothing but what we
 *		understand. For the files of src/seal only.
 */
#ifndef OOTSPG_SEAL_JWS_HEADER_H
#define OOTSPG_SEAL_JWS_HEADER_H

/* Certificates in x5c: more than any chain we know has. */
#define JWS_MAX_CERTIFICATES	10

typedef enum JwsAlgorithm
{
	JWS_ES256,					/* ECDSA, P-256, SHA-256: RFC 7518 §3.4 */
	JWS_EDDSA					/* Ed25519: RFC 8037 §3.1 */
} JwsAlgorithm;

/* Octets that may stand anywhere: numbers, digests, certificates. */
typedef struct JwsOctets
{
	const uint8 *bytes;
	size_t		length;
} JwsOctets;

typedef struct JwsHeader
{
	JwsAlgorithm algorithm;
	JwsOctets	chain[JWS_MAX_CERTIFICATES];	/* DER, the signer's first; from the sender, so no anchors */
	int			chain_length;
	const char *thumbprint_digest;	/* OpenSSL's name of the digest of x5t#o; NULL when there is none */
	JwsOctets	thumbprint;
	JwsOctets	thumbprint_sha256;	/* x5t#S256; bytes NULL when there is none */
	int64		issued_at;		/* iat, seconds since 1970; -1 when it tells none */
} JwsHeader;

/* Reads the first part of a signature; false, with step and constant reason, when it is refused. */
extern bool jws_header_read(const char *part, size_t length, JwsHeader *header,
							const char **step, const char **reason);

#endif							/* OOTSPG_SEAL_JWS_HEADER_H */
