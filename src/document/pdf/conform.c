/*
 * conform.c
 *		PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) in one file: what both ask of the file as a whole (conform.h).
 */
#include "postgres.h"

#include <time.h>

#include "compat.h"
#include "document/pdf/conform.h"

static char *
utc(int64 seconds, const char *format)
{
	time_t		moment = seconds;
	struct tm	parts;
	char		text[40];

	gmtime_r(&moment, &parts);
	strftime(text, sizeof(text), format, &parts);
	return pstrdup(text);
}

/* Texts come from outside: characters that XML has no place for were dropped by the readers of instances, but not of facts. */
static void
put_xml(StringInfo out, const char *text)
{
	for (; *text != '\0'; text++)
	{
		switch (*text)
		{
			case '&':
				appendStringInfoString(out, "&amp;");
				break;
			case '<':
				appendStringInfoString(out, "&lt;");
				break;
			case '>':
				appendStringInfoString(out, "&gt;");
				break;
			default:
				appendStringInfoChar(out, (unsigned char) *text < ' ' ? ' ' : *text);
		}
	}
}

/*
 * ISO 19005-3, 6.6.2 to 6.6.4: metadata that say what the Info dictionary says, the claim, and the schema of what is not in the XMP specification:
 * the claim of ISO 14289-1, 5.
 */
static void
write_metadata(const Flow *flow, PdfFile *file, int number, const char *title, int64 now)
{
	const char *moment = utc(now, "%Y-%m-%dT%H:%M:%SZ");
	StringInfoData xmp;

	initStringInfo(&xmp);
	appendStringInfoString(&xmp, "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
						   "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
						   "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\""
						   " xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\" xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\" xmlns:pdfuaid=\"http://www.aiim.org/pdfua/ns/id/\""
						   " xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\" xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\""
						   " xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\">\n"
						   "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
	put_xml(&xmp, title);
	appendStringInfoString(&xmp, "</rdf:li></rdf:Alt></dc:title>\n<dc:language><rdf:Bag><rdf:li>");
	put_xml(&xmp, flow->input->layout->languages[0]);
	appendStringInfoString(&xmp, "</rdf:li></rdf:Bag></dc:language>\n<pdf:Producer>");
	put_xml(&xmp, flow->input->producer);
	appendStringInfo(&xmp, "</pdf:Producer>\n<xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate><xmp:MetadataDate>%s</xmp:MetadataDate>\n", moment, moment, moment);
	appendStringInfoString(&xmp, "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>\n"
						   "<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>"
						   "<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI><pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>"
						   "<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>"
						   "<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>"
						   "</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>\n"
						   "</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"r\"?>");
	/* readable by whoever looks for it without a PDF reader */
	file_stream(file, number, "/Type/Metadata/Subtype/XML", xmp.data, xmp.len, false);
}

/* ISO 19005-3, 6.1.5: equal to the metadata. */
static void
write_info(const Flow *flow, PdfFile *file, int number, const char *title, int64 now)
{
	const char *moment = utc(now, "D:%Y%m%d%H%M%SZ");
	StringInfo	out = file_open(file, number);

	appendStringInfoString(out, "<</Title");
	put_text(out, title);
	appendStringInfoString(out, "/Producer");
	put_text(out, flow->input->producer);
	appendStringInfo(out, "/CreationDate(%s)/ModDate(%s)>>", moment, moment);
	file_close(file);
}

/* The media type as a name: application/xml -> application#2Fxml */
static void
put_media_type(StringInfo out, const char *media_type)
{
	for (; *media_type != '\0'; media_type++)
	{
		if (*media_type == '/')
			appendStringInfoString(out, "#2F");
		else
			appendStringInfoChar(out, *media_type);
	}
}

/* ISO 19005-3, 6.8, and ISO 14289-1, 7.11: the instance, with media type, names, description, and that it is the source of what is shown. */
static int
write_instance(const Flow *flow, PdfFile *file)
{
	const PdfInput *input = flow->input;
	int			specification = file_number(file);
	int			embedded = file_number(file);
	StringInfo	out = file_open(file, specification);
	StringInfoData entries;

	appendStringInfoString(out, "<</Type/Filespec/AFRelationship/Source/F");
	put_text(out, input->file_name);
	appendStringInfoString(out, "/UF");
	put_text(out, input->file_name);
	appendStringInfoString(out, "/Desc(The structured evidence that this document shows)");
	appendStringInfo(out, "/EF<</F %d 0 R/UF %d 0 R>>>>", embedded, embedded);
	file_close(file);
	initStringInfo(&entries);
	appendStringInfoString(&entries, "/Type/EmbeddedFile/Subtype/");
	put_media_type(&entries, input->media_type);
	appendStringInfo(&entries, "/Params<</Size %zu/ModDate(%s)>>", input->length, utc(input->now, "D:%Y%m%d%H%M%SZ"));
	file_stream(file, embedded, entries.data, input->content, input->length, true);
	return specification;
}


typedef struct OutlineItem
{
	int			parent,
				first,
				last,
				previous,
				next,
				below;			/* all of them */
} OutlineItem;

/* ISO 14289-1, 7.17: bookmarks that follow the structure: headings within headings. A level that is left out does not happen, for groups are within each other. */
static int
write_outline(Flow *flow, PdfFile *file)
{
	int			count = flow->heading_count;
	int			root = file_number(file);
	OutlineItem *items = palloc0((count + 1) * sizeof(OutlineItem));
	int		   *open = palloc0((count + 1) * sizeof(int));	/* the last heading of each level */
	StringInfo	out;
	int			deepest = -1;

	/* item 0 is the root; heading i is item i + 1 */
	for (int i = 0; i < count; i++)
	{
		int			level = Min(flow->headings[i].level, deepest + 1);
		int			parent = level > 0 ? open[level - 1] : 0;

		flow->headings[i].number = file_number(file);
		items[i + 1].parent = parent;
		items[i + 1].previous = items[parent].last;
		if (items[parent].last > 0)
			items[items[parent].last].next = i + 1;
		else
			items[parent].first = i + 1;
		items[parent].last = i + 1;
		open[level] = i + 1;
		deepest = level;
		for (int above = parent;; above = items[above].parent)
		{
			items[above].below++;
			if (above == 0)
				break;
		}
	}
	for (int i = 0; i <= count; i++)
	{
		const Heading *heading = i > 0 ? &flow->headings[i - 1] : NULL;

#define NUMBER(item) ((item) > 0 ? flow->headings[(item) - 1].number : root)
		out = file_open(file, NUMBER(i));
		if (heading == NULL)
			appendStringInfoString(out, "<</Type/Outlines");
		else
		{
			appendStringInfoString(out, "<</Title");
			put_text(out, heading->title);
			appendStringInfo(out, "/Parent %d 0 R/Dest[%d 0 R/XYZ null ", NUMBER(items[i].parent), flow->pages->pages[heading->page].number);
			put_number(out, heading->top);
			appendStringInfoString(out, " null]");
		}
		if (items[i].first > 0)
			appendStringInfo(out, "/First %d 0 R/Last %d 0 R/Count %d", NUMBER(items[i].first), NUMBER(items[i].last), items[i].below);
		if (items[i].previous > 0)
			appendStringInfo(out, "/Prev %d 0 R", NUMBER(items[i].previous));
		if (items[i].next > 0)
			appendStringInfo(out, "/Next %d 0 R", NUMBER(items[i].next));
		appendStringInfoString(out, ">>");
		file_close(file);
#undef NUMBER
	}
	return root;
}

/* ISO 19005-3, 6.2.3: what the colours mean. */
static int
write_profile(PdfFile *file)
{
	int			profile = file_number(file);
	StringInfoData bytes;

	initStringInfo(&bytes);
	profile_append(&bytes);
	file_stream(file, profile, "/N 3", bytes.data, bytes.len, true);
	return profile;
}

void
conform_end(const Flow *flow, PdfFile *file, int page_tree, int structure)
{
	const char *title = flow->input->layout->root->title.in[0].text;
	int64		now = flow->input->now;
	int			metadata = file_number(file);
	int			info = file_number(file);
	int			catalog = file_number(file);
	int			instance = write_instance(flow, file);
	int			profile = write_profile(file);
	int			outline = write_outline((Flow *) flow, file);
	StringInfo	out;

	write_metadata(flow, file, metadata, title, now);
	write_info(flow, file, info, title, now);
	out = file_open(file, catalog);
	/* ISO 19005-3, 6.7.2.2, 6.7.3.3, 6.7.4; ISO 14289-1, 6.2, 7.1, 7.2: tagged, with a title shown and a language */
	appendStringInfo(out, "<</Type/Catalog/Pages %d 0 R/MarkInfo<</Marked true>>/Lang(%s)/ViewerPreferences<</DisplayDocTitle true>>/StructTreeRoot %d 0 R"
					 "/Metadata %d 0 R/Outlines %d 0 R/AF[%d 0 R]/Names<</EmbeddedFiles<</Names[",
					 page_tree, flow->input->layout->languages[0], structure, metadata, outline, instance);
	put_text(out, flow->input->file_name);
	appendStringInfo(out, " %d 0 R]>>>>/OutputIntents[<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB)/DestOutputProfile %d 0 R>>]>>", instance, profile);
	file_close(file);
	file_end(file, catalog, info, flow->input->id);
}
