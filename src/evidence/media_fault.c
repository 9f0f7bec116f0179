/*
 * media_fault.c
 *		What is wrong with a document that calls itself what it is: that a reader abroad will not open it,
 *		or that it does something by itself. Asked whenever a document is to leave, and when evidence is rehearsed; that it
 *		is of its media type at all is media.c's matter.
 */
#include "postgres.h"

#include "evidence/document.h"
#include "pdf/pdf.h"
#include "xml/read.h"

#define NS_XLINK	"http://www.w3.org/1999/xlink"
#define NS_SVG		"http://www.w3.org/2000/svg"

static uint32
big_endian(const unsigned char *p, int octets)
{
	uint32		value = 0;

	while (octets-- > 0)
		value = value << 8 | *p++;
	return value;
}

/* Chunks from IHDR to IEND, and nothing behind it (ISO 15948 §5). */
static const char *
png_fault(const char *content, size_t length)
{
	const unsigned char *p = (const unsigned char *) content + 8;
	const unsigned char *end = (const unsigned char *) content + length;
	bool		first = true;

	for (;; first = false)
	{
		uint32		size;

		if (end - p < 12 || (size = big_endian(p, 4)) > (size_t) (end - p) - 12)
			return "the PNG is cut off";
		if (first != (memcmp(p + 4, "IHDR", 4) == 0) || (first && size != 13))
			return "the PNG does not begin with its header";
		if (memcmp(p + 4, "IEND", 4) == 0)
			return p + 12 + size == end ? NULL : "the PNG has something behind its end";
		p += 12 + size;
	}
}

/* Segments to the picture's scan, one frame before it, and the mark at the end (ISO 10918-1 annex B). */
static const char *
jpeg_fault(const char *content, size_t length)
{
	const unsigned char *p = (const unsigned char *) content + 2;
	const unsigned char *end = (const unsigned char *) content + length;
	bool		frame = false;

	if (length < 4 || end[-2] != 0xFF || end[-1] != 0xD9)
		return "the JPEG is cut off";
	for (;;)
	{
		uint32		size;
		unsigned char mark;

		while (end - p > 4 && p[0] == 0xFF && p[1] == 0xFF)
			p++;
		if (end - p < 4 || p[0] != 0xFF || (size = big_endian(p + 2, 2)) < 2 || size > (size_t) (end - p) - 2)
			return "the JPEG's segments can't be followed";
		mark = p[1];
		if (mark == 0xDA)
			return frame ? NULL : "the JPEG has no frame";
		frame = frame || (mark >= 0xC0 && mark <= 0xCF && mark != 0xC4 && mark != 0xC8 && mark != 0xCC);
		p += 2 + size;
	}
}

/* Does a reference leave the document? What is in it begins with a number sign, or is a picture. */
static bool
leads_outside(const char *reference)
{
	return reference != NULL && reference[0] != '#' && pg_strncasecmp(reference, "data:image/", 11) != 0;
}

/* In a style: an import, or an address that is not one within the document. */
static bool
style_leads_outside(const char *style)
{
	for (const char *p = style; *p != '\0'; p++)
	{
		if (pg_strncasecmp(p, "@import", 7) == 0)
			return true;
		if (pg_strncasecmp(p, "url(", 4) == 0)
		{
			const char *address = p + 4;

			address += strspn(address, " \t\r\n\"'");
			if (leads_outside(address))
				return true;
		}
	}
	return false;
}

static const char *
element_fault(const XmlNode *node)
{
	char	   *style = xml_attribute(node, NULL, "style");

	if (pg_strcasecmp(xml_local(node), "script") == 0 || xml_has_handler(node))
		return "the SVG has scripts";
	if (pg_strcasecmp(xml_local(node), "foreignObject") == 0)
		return "the SVG has foreign objects";
	if (leads_outside(xml_attribute_trimmed(node, NULL, "href")) || leads_outside(xml_attribute_trimmed(node, NS_XLINK, "href")) ||
		(style != NULL && style_leads_outside(style)) ||
		(xml_is(node, NS_SVG, "style") && style_leads_outside(xml_text(node))))
		return "the SVG refers to something outside of it";
	return NULL;
}

/* The tree is as deep as the reader lets it be. */
static const char *
subtree_fault(const XmlNode *node)
{
	const char *fault = element_fault(node);

	for (const XmlNode *child = xml_first(node); child != NULL && fault == NULL; child = xml_next(child))
		fault = subtree_fault(child);
	return fault;
}

static const char *
svg_fault(const char *content, size_t length)
{
	XmlFault	fault;
	XmlDocument *document = xml_read(content, length, &fault);
	const char *result;

	if (document == NULL)
		return "the SVG is no XML";
	result = subtree_fault(xml_root(document));
	xml_release(document);
	return result;
}

const char *
media_fault(const char *media_type, const char *content, size_t length)
{
	if (!media_type_fits(media_type, content, length))
		return "the document is not what its media type says";
	if (strcmp(media_type, "application/pdf") == 0)
		return pdf_refusal(content, length);
	if (strcmp(media_type, "image/png") == 0)
		return png_fault(content, length);
	if (strcmp(media_type, "image/jpeg") == 0)
		return jpeg_fault(content, length);
	if (strcmp(media_type, "image/svg+xml") == 0)
		return svg_fault(content, length);
	return NULL;
}
