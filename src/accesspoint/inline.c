/*
 * inline.c
 *		Take base64 out of an answer before libxml2 sees it.
 *
 * A payload that comes inline is a text of four thirds of its size (access point
 * §2.1). libxml2 would copy it and refuses more than 10 MB of it, and
 * ootspg.max_message_size is meant for XML, not for payloads in disguise. So long
 * texts of nothing but base64 digits that </value> ends are replaced by a mark with
 * a random part, which no answer can contain; everything else, well-formedness
 * included, is still settled by the parser. Where such a text is not what it seems
 * (in a comment, in CDATA) the mark lands where nobody looks for one; where a value has
 * more than the one text, the parser joins them.
 */
#include "postgres.h"

#include "accesspoint/inline.h"
#include "settings.h"
#include "uuid.h"

#define MIN_LENGTH		1024	/* shorter texts are not worth it */

/* Does </value>, whatever its prefix, stand at p? */
static bool
closes_value(const char *p, const char *end)
{
	static const char name[] = "value";
	const char *local = p + 2;

	if (end - p < 2 || p[1] != '/')
		return false;
	for (const char *q = local; q < end && q - local < 64 && *q != '>' && *q != '<'; q++)
		if (*q == ':')
		{
			local = q + 1;
			break;
		}
	if ((size_t) (end - local) <= strlen(name) || memcmp(local, name, strlen(name)) != 0)
		return false;
	local += strlen(name);
	return *local == '>' || *local == ' ' || *local == '\t' || *local == '\r' || *local == '\n';
}

static bool
is_base64_text(const char *text, const char *end)
{
	for (; text < end; text++)
		if (!((*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') ||
			  *text == '+' || *text == '/' || *text == '=' || *text == '\n' || *text == '\r' || *text == ' ' || *text == '\t'))
			return false;
	return true;
}

/* false when the rest has become too large */
static bool
keep(InlineTexts *texts, const char *from, const char *to)
{
	if (texts->rest.len + (to - from) > oots_max_message_kb * INT64CONST(1024))
		return false;
	appendBinaryStringInfo(&texts->rest, from, (int) (to - from));
	return true;
}

static void
take_out(InlineTexts *texts, const char *from, const char *to)
{
	InlineText *text = palloc(sizeof(InlineText));

	text->text = from;
	text->length = to - from;
	appendStringInfo(&texts->rest, "%s%d", texts->mark, list_length(texts->texts));
	texts->texts = lappend(texts->texts, text);
}

InlineTexts *
inline_take_out(const char *xml, size_t length)
{
	InlineTexts *texts = palloc0(sizeof(InlineTexts));
	const char *end = xml + length;
	const char *kept = xml;		/* up to here it is in rest */
	const char *text = xml;		/* the text that the next tag ends */
	bool		opened = false; /* it follows a start tag, and so is the whole text when an end tag ends it */
	const char *tag;

	snprintf(texts->mark, sizeof(texts->mark), "ootspg:%s:", uuid_hex());
	initStringInfo(&texts->rest);
	while ((tag = memchr(text, '<', end - text)) != NULL)
	{
		const char *tag_end;

		if (opened && tag - text >= MIN_LENGTH && closes_value(tag, end) && is_base64_text(text, tag))
		{
			if (!keep(texts, kept, text))
				return NULL;
			take_out(texts, text, tag);
			kept = tag;
		}
		tag_end = memchr(tag, '>', end - tag);
		if (tag_end == NULL)
			break;
		text = tag_end + 1;
		opened = strchr("/!?", tag[1]) == NULL;
	}
	return keep(texts, kept, end) ? texts : NULL;
}

const InlineText *
inline_find(const InlineTexts *texts, const char *text)
{
	size_t		length = strlen(texts->mark);
	int			number;

	if (strncmp(text, texts->mark, length) != 0)
		return NULL;
	number = atoi(text + length);
	return number >= 0 && number < list_length(texts->texts) ? list_nth(texts->texts, number) : NULL;
}
