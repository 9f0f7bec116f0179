/*
 * canon.h
 *		Writing XML as exclusive C14N 1.0 bytes, straight away (SEAL §3 way
 *		A, W3C exc-c14n). Also writes our own messages: there, namespaces may be
 *		declared ahead with canon_declare(), which keeps the text well-formed and
 *		short but no longer canonical.
 *
 * Everything lives in the memory context current at canon_begin(). Element and
 * attribute names and values are UTF-8, NUL-terminated where no length is given.
 * A character that XML 1.0 forbids raises ERRCODE_OOTS_EVIDENCE; it is never written.
 */
#ifndef OOTSPG_XML_CANON_H
#define OOTSPG_XML_CANON_H

#include "lib/stringinfo.h"
#include "xml/read.h"

typedef struct CanonWriter CanonWriter;
struct _xmlNode;				/* XmlNode of read.h */

extern CanonWriter *canon_begin(StringInfo out);	/* appends to out, which the caller owns */

/* Open {uri}local, written as prefix:local (prefix "" = default namespace; uri
 * "" = no namespace). Names are borrowed until the element is closed. */
extern void canon_open(CanonWriter *w, const char *prefix, const char *uri, const char *local);

/* Declare a namespace on the element just opened although it is not visibly used there. */
extern void canon_declare(CanonWriter *w, const char *prefix, const char *uri);

/* Attributes of the element just opened, in any order; written sorted. */
extern void canon_attribute(CanonWriter *w, const char *local, const char *value);
extern void canon_attribute_ns(CanonWriter *w, const char *prefix, const char *uri,
							   const char *local, const char *value);
extern void canon_text(CanonWriter *w, const char *text, size_t length);
extern void canon_string(CanonWriter *w, const char *text);

/* Bytes that are already canonical in this place (a nested fragment, base64). */
extern void canon_raw(CanonWriter *w, const char *bytes, size_t length);
extern void canon_close(CanonWriter *w);

/* <prefix:local>text</prefix:local> */
extern void canon_leaf(CanonWriter *w, const char *prefix, const char *uri,
					   const char *local, const char *text);
extern void canon_end(CanonWriter *w);	/* asserts that every element is closed */

/* Is this a valid NCName (usable as element name)? */
extern bool canon_is_ncname(const char *name);

/* The root element of text that was recognised; borrowed from it. */
typedef struct CanonRoot
{
	const char *uri;
	size_t		uri_length;		/* 0: in no namespace */
	const char *local;
	size_t		local_length;
} CanonRoot;

/*
 * Within all limits, and its own exclusive C14N form? A yes is sure, and then root, if given, is filled; a no only says that
 * canon_from_xml() has to be asked. Neither allocates nor raises.
 */
extern bool canon_recognise(const char *bytes, size_t length, CanonRoot *root);

/* Parse (with all limits) and render by libxml2's exclusive C14N without
 * comments; raises ERRCODE_OOTS_UNREADABLE/_LIMIT. For xml values of users and as the
 * writer's oracle in tests. what names the input in errors. */
extern StringInfo canon_from_xml(const char *bytes, size_t length, const char *what);

/* The same of what was parsed; the document stays its owner's. */
extern StringInfo canon_from_document(const XmlDocument *document, const char *what);

/*
 * Why libxml2 can't make an element, or one in it, canonical: a namespace name it does
 * not write rightly. A constant fragment; NULL when all is well.
 */
extern const char *canon_namespace_refusal(const XmlNode *node);

/* An element with all that is in it as a document of its own, likewise. NULL when libxml2 can't. */
extern StringInfo canon_from_node(const XmlNode *node);

/* The same by the canonicalisation of that URI, one of three without comments; NULL for any other. */
extern StringInfo canon_from_node_by(const XmlNode *node, const char *uri);

/*
 * An element that others wrote, so that equal content gives equal bytes however it
 * was indented, commented and prefixed: our own prefixes for the namespaces we know,
 * no white space around text. Refuses processing instructions.
 */
extern void canon_tidy(CanonWriter *w, const struct _xmlNode *element);

#endif							/* OOTSPG_XML_CANON_H */
