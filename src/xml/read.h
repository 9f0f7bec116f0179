/*
 * read.h
 *		Reading XML that others sent: safely, with namespaces, without prefixes.
 *		The only room that knows libxml2 is src/xml (and seal/verify.c, because
 *		libxmlsec1 speaks in its types).
 *
 * A document belongs to the memory context that was current when it was read
 * and is freed with it (libxml2 uses malloc; a reset callback frees it), or
 * earlier by xml_release(). Nodes are borrowed from their document. Strings
 * returned are palloc'd in the current context unless a comment says borrowed.
 *
 * Before libxml2 sees a byte, scan.c has looked at all of them: UTF-8, no
 * DOCTYPE, size, depth, elements, attributes in a tag (D-SEC-07).
 */
#ifndef OOTSPG_XML_READ_H
#define OOTSPG_XML_READ_H

/* namespaces that messages and seals use */
#define NS_QUERY	"urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0"
#define NS_RIM		"urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"
#define NS_RS		"urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0"
#define NS_LCM		"urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0"
#define NS_SDG		"http://data.europa.eu/p4s"
#define NS_XSI		"http://www.w3.org/2001/XMLSchema-instance"
#define NS_XLINK	"http://www.w3.org/1999/xlink"
#define NS_XML		"http://www.w3.org/XML/1998/namespace"
#define NS_EB		"http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
#define NS_SOAP		"http://www.w3.org/2003/05/soap-envelope"
#define NS_SOAP11	"http://schemas.xmlsoap.org/soap/envelope/"
#define NS_XOP		"http://www.w3.org/2004/08/xop/include"
#define NS_WSPLUGIN	"http://eu.domibus.wsplugin/"
#define NS_DS		"http://www.w3.org/2000/09/xmldsig#"
#define NS_XADES	"http://uri.etsi.org/01903/v1.3.2#"

typedef struct _xmlNode XmlNode;	/* libxml2's node, opaque outside src/xml */
typedef struct XmlDocument XmlDocument;

/* Why bytes could not be read. sqlstate is ERRCODE_OOTS_UNREADABLE or _LIMIT;
 * reason is a constant sentence fragment without any of the content. */
typedef struct XmlFault
{
	int			sqlstate;
	const char *reason;
	int			line;			/* 0 when unknown */
} XmlFault;

/* Look at the bytes only: true, or false with *fault filled. Never raises. */
extern bool xml_scan(const char *bytes, size_t length, XmlFault *fault);

/* Scan and parse; NULL with *fault filled when it can't be read. Raises only on
 * out of memory. */
extern XmlDocument *xml_read(const char *bytes, size_t length, XmlFault *fault);

/* The same, raising an error with the fault's SQLSTATE; what names the input
 * in the message ("request", "document", …). */
extern XmlDocument *xml_read_or_raise(const char *bytes, size_t length, const char *what);
extern void xml_release(XmlDocument *document);
extern XmlNode *xml_root(const XmlDocument *document);

/* Walking: elements only; comments, processing instructions and text are
 * skipped. NULL at the end. */
extern XmlNode *xml_first(const XmlNode *parent);
extern XmlNode *xml_next(const XmlNode *node);
extern const XmlNode *xml_parent(const XmlNode *node);	/* NULL above the root */

/* The first child, or the next sibling, that is {ns}local. */
extern XmlNode *xml_child(const XmlNode *parent, const char *ns, const char *local);
extern XmlNode *xml_next_same(const XmlNode *node, const char *ns, const char *local);
extern int	xml_count(const XmlNode *parent, const char *ns, const char *local);

extern bool xml_is(const XmlNode *node, const char *ns, const char *local);
extern const char *xml_local(const XmlNode *node);	/* borrowed */
extern const char *xml_namespace(const XmlNode *node);	/* borrowed; "" when none */

/* Text of the node and all its descendants, comments and PIs left out: as it
 * stands; stripped of white space at both ends; XPath normalize-space(). */
extern char *xml_text(const XmlNode *node);
extern char *xml_trimmed(const XmlNode *node);
extern char *xml_normalized(const XmlNode *node);

/* Attribute {ns}local, ns NULL for none; NULL when absent. As it stands / stripped. */
extern char *xml_attribute(const XmlNode *node, const char *ns, const char *local);
extern bool xml_attribute_is(const XmlNode *node, const char *local, const char *value);	/* in no namespace */
extern char *xml_attribute_trimmed(const XmlNode *node, const char *ns, const char *local);

/* Does it have an attribute that scripts are in, whatever its vocabulary: onclick …? */
extern bool xml_has_handler(const XmlNode *node);

/* Each attribute in turn (namespace declarations are none); namespace, name and value are borrowed for the call. */
typedef void (*XmlAttributeVisitor) (const char *ns, const char *local, const char *value, void *argument);
extern void xml_each_attribute(const XmlNode *node, XmlAttributeVisitor visit, void *argument);

/* Text that stands between the element's children, not in them; NULL when it is white space only. */
extern char *xml_text_between(const XmlNode *node);

/* xsi:type as written, prefix included, and its part after the colon (NULL when
 * there is no colon: S020 ff. use substring-after). */
extern char *xml_xsi_type(const XmlNode *node);
extern const char *xml_xsi_type_local(const XmlNode *node);

/* Where a node stands, without any text content: /query:QueryRequest/rim:Slot[3]. */
extern char *xml_location(const XmlNode *node);

/* Does a prefix, as in QNames that are content, stand for ns at this node? "" is the default namespace. */
extern bool xml_prefix_is(const XmlNode *node, const char *prefix, const char *ns);

/* The prefix that our own messages give a namespace; NULL when we write none of it. */
extern const char *xml_usual_prefix(const char *uri);

/* XPath normalize-space() of a plain string; palloc'd. */
extern char *xml_normalize(const char *text);

#endif							/* OOTSPG_XML_READ_H */
