/*
 * answer.c
 *		Write SOAP answers in the shape of the recorded ones: no XML declaration,
 *		no line breaks, namespaces declared whether they are used or not.
 */
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "request.h"

#define ROOT_ID "root.message@cxf.apache.org"

void
answer_open(Answer *answer)
{
	buffer_text(&answer->xml, "<soap:Envelope xmlns:soap=\"" NS_SOAP "\">");
}

void
answer_open_body(Answer *answer, const char *element)
{
	/* ns5 is the prefix of the ebMS namespace in the header of the same answer: so it is recorded */
	buffer_format(&answer->xml, "<soap:Body><ns2:%s xmlns:ns2=\"" NS_WS "\" xmlns:ns3=\"" NS_EBMS "\" "
				  "xmlns:xmime=\"http://www.w3.org/2005/05/xmlmime\" xmlns:ns5=\"" NS_SOAP "\">", element);
	answer->body_at = answer->xml.len;
}

/* With element NULL the body stays empty. */
void
answer_close(Answer *answer, const char *element)
{
	if (element == NULL)
		buffer_text(&answer->xml, "<soap:Body/></soap:Envelope>");
	else if (answer->xml.len == answer->body_at)
	{
		answer->xml.len--;
		buffer_text(&answer->xml, "/></soap:Body></soap:Envelope>");
	}
	else
		buffer_format(&answer->xml, "</ns2:%s></soap:Body></soap:Envelope>", element);
}

void
answer_fault(Answer *answer, const Fault *fault)
{
	answer_free(answer);
	answer_open(answer);
	buffer_text(&answer->xml, "<soap:Body>");
	fault_write(&answer->xml, fault);
	buffer_text(&answer->xml, "</soap:Body></soap:Envelope>");
}

void
answer_element(Answer *answer, const char *name, const char *text)
{
	buffer_format(&answer->xml, "<%s>", name);
	buffer_xml(&answer->xml, text);
	buffer_format(&answer->xml, "</%s>", name);
}

void
answer_content(Answer *answer, Blob *content)
{
	answer->inserts = reallocate(answer->inserts, (answer->insert_count + 1) * sizeof(Insert));
	answer->inserts[answer->insert_count++] = (Insert)
	{
		answer->xml.len, blob_share(content)
	};
}

void
answer_free(Answer *answer)
{
	for (int i = 0; i < answer->insert_count; i++)
		blob_release(answer->inserts[i].content);
	free(answer->inserts);
	buffer_free(&answer->xml);
	*answer = (Answer) {0};
}

static void
write_xml(const Answer *answer, const char *mtom_id, Buffer *out)
{
	size_t		done = 0;

	for (int i = 0; i < answer->insert_count; i++)
	{
		const Insert *insert = &answer->inserts[i];

		buffer_add(out, answer->xml.data + done, insert->at - done);
		done = insert->at;
		if (mtom_id)
			buffer_format(out, "<xop:Include xmlns:xop=\"" NS_XOP "\" href=\"cid:%s-%d%%40cxf.apache.org\"/>", mtom_id, i + 1);
		else
			buffer_base64(out, insert->content->bytes, insert->content->size);
	}
	buffer_add(out, answer->xml.data + done, answer->xml.len - done);
}

static char *
render_multipart(const Answer *answer, Buffer *out)
{
	char		boundary[37];
	char		id[37];

	random_uuid(boundary);
	random_uuid(id);
	buffer_format(out, "\r\n--uuid:%s\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\n"
				  "Content-Transfer-Encoding: binary\r\nContent-ID: <" ROOT_ID ">\r\n\r\n", boundary);
	write_xml(answer, id, out);
	for (int i = 0; i < answer->insert_count; i++)
	{
		buffer_format(out, "\r\n--uuid:%s\r\nContent-Type: application/octet-stream\r\n"
					  "Content-Transfer-Encoding: binary\r\nContent-ID: <%s-%d@cxf.apache.org>\r\n\r\n", boundary, id, i + 1);
		buffer_add(out, answer->inserts[i].content->bytes, answer->inserts[i].content->size);
	}
	buffer_format(out, "\r\n--uuid:%s--", boundary);
	return format_text("multipart/related; type=\"application/xop+xml\"; boundary=\"uuid:%s\"; "
					   "start=\"<" ROOT_ID ">\"; start-info=\"application/soap+xml\"", boundary);
}

char *
answer_render(const Answer *answer, bool mtom, Buffer *out)
{
	if (mtom)
		return render_multipart(answer, out);
	write_xml(answer, NULL, out);
	return copy_text("application/soap+xml;charset=UTF-8");
}
