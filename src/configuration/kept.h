/*
 * kept.h
 *		What was read of the configuration, kept by this backend until it changes.
 */
#ifndef OOTSPG_KEPT_H
#define OOTSPG_KEPT_H

/*
 * Reads rows inside an SPI connection, as the current user; everything it makes lies in the
 * current memory context. NULL: there is nothing, which is not kept.
 */
typedef void *(*KeptReader) (const void *question);

/*
 * What the reader makes of the question, which the key names, for the current user: kept, or
 * read now. It is not to be changed, and lasts as long as the current memory context does,
 * whatever is configured meanwhile. In an SPI connection.
 */
extern void *kept_get(const char *key, KeptReader read, const void *question);

#endif							/* OOTSPG_KEPT_H */
