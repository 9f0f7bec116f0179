/*
 * naptr.h
 *		Read NAPTR records (RFC 3403) from a DNS message and see which URI each leads to
 *		(RFC 3402). Bytes in, records out: knows neither network nor tables, and takes
 *		the bytes for hostile.
 */
#ifndef OOTSPG_DNS_NAPTR_H
#define OOTSPG_DNS_NAPTR_H

#define DNS_CLASS_IN	1
#define DNS_TYPE_NAPTR	35

#define NAPTR_MOST		64		/* records of one answer */
#define NAPTR_TEXT		256		/* a character string has 255 bytes at most, and so has a URI in it */

typedef struct NaptrRecord
{
	int			place;			/* in the message */
	uint16		order,
				preference;
	char		flags[NAPTR_TEXT],	/* what is no printable ASCII is a question mark */
				services[NAPTR_TEXT],
				regexp[NAPTR_TEXT];
	bool		printable;		/* there was nothing else */
	char		uri[NAPTR_TEXT];
	const char *refused;		/* why it leads nowhere, NULL: it leads to uri */
} NaptrRecord;

typedef struct NaptrAnswer
{
	int			count;
	uint32		ttl;			/* the least of the whole answer, seconds */
	NaptrRecord records[NAPTR_MOST];	/* in the order in which they are to be tried */
} NaptrAnswer;

/* NULL, or why there is no answer to be used. */
extern const char *naptr_read(const uint8 *message, size_t length, NaptrAnswer *answer);

#endif							/* OOTSPG_DNS_NAPTR_H */
