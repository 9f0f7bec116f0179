/*
 * schema.h
 *		Validate a document against an XML Schema given as bytes. A schema stands
 *		alone: it may not refer to files or addresses, and nothing is ever loaded.
 *		Compiled schemas are kept for the backend, the least used make room.
 */
#ifndef OOTSPG_XML_SCHEMA_H
#define OOTSPG_XML_SCHEMA_H

/* Raises ERRCODE_OOTS_CONFIGURATION, with the reason, when the schema does not compile. */
extern void schema_check(const char *xsd, size_t length);

/*
 * Is the document valid? If not, *where says at which element and in which line
 * the first fault is, without any content; palloc'd, NULL when valid. sha256 is the
 * digest of xsd, by which its compiled form is known. Raises as schema_check().
 */
extern bool schema_accepts(const uint8 *sha256, const char *xsd, size_t xsd_length,
						   const char *document, size_t length, char **where);

#endif							/* OOTSPG_XML_SCHEMA_H */
