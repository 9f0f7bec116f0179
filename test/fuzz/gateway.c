/*
 * gateway.c
 *		What an access point answers to each operation, plain or MIME. Nothing raises;
 *		an answer that holds has what was asked for; parts and payloads of a message
 *		together are never more than what came.
 *
 *		Input: a byte for the operation, one for the HTTP status, the Content-Type, 0xff,
 *		the body.
 */
#include "fuzz.h"

#include "accesspoint/base64.h"
#include "accesspoint/gateway.h"

bool		fuzz_raises = false;

void
fuzz_start(void)
{
}

/* Of all bytes that were handed out, so that each is read */
static uint64 sum_of_bytes;

static void
look_at(const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		sum_of_bytes += ((const uint8 *) bytes)[i];
}

static void
read_parts(const char *content_type, const char *body, size_t length)
{
	const MimePart *root = NULL;
	const char *reason = NULL;
	const List *parts = mime_read(content_type, body, length, &root, &reason);
	const ListCell *cell;
	size_t		sum = 0;

	PROMISE((parts == NIL) == (reason != NULL));
	PROMISE(parts == NIL || list_member_ptr(parts, root));
	foreach(cell, parts)
	{
		const MimePart *part = lfirst(cell);

		look_at(part->bytes, part->length);
		look_at(part->content_id, strlen(part->content_id));
		look_at(part->content_type, strlen(part->content_type));
		sum += part->length;
	}
	PROMISE(sum <= length);
}

static void
keep_to(GatewayOperation operation, const GatewayAnswer *answer, size_t length)
{
	const ListCell *cell;
	size_t		sum = 0;

	PROMISE(answer->trouble != NULL);
	PROMISE(answer->detail == NULL || (strlen(answer->detail) <= 500 && strchr(answer->detail, '\n') == NULL));
	if (answer->trouble->class != TROUBLE_NONE)
		return;
	PROMISE(operation != GATEWAY_STATUS || answer->status != NULL);
	PROMISE(operation != GATEWAY_SUBMIT || answer->submitted_id != NULL);
	if (operation != GATEWAY_RETRIEVE)
		return;
	PROMISE(answer->header != NULL && answer->message_id != NULL && answer->parts != NIL);
	look_at(answer->header, answer->header_length);
	foreach(cell, answer->parts)
	{
		const GatewayPart *part = lfirst(cell);

		look_at(part->bytes, part->length);
		PROMISE(part->content_id != NULL);
		sum += part->length;
	}
	PROMISE(sum <= length);
}

void
fuzz_one(const char *bytes, size_t length)
{
	static const int statuses[] = {200, 200, 200, 200, 0, 202, 301, 401, 404, 429, 500, 503};
	FuzzInput	input = {bytes, length};
	GatewayOperation operation = fuzz_number(&input, 1) % (GATEWAY_SUBMIT + 1);
	uint32		status = fuzz_number(&input, 1);
	char	   *content_type = fuzz_text(&input, NULL);
	HttpResult	result = {
		.failure = status & 0x80 ? HTTP_CUT : HTTP_ANSWERED,
		.may_have_arrived = status & 0x40,
		.status = statuses[(status & 0x3f) % lengthof(statuses)],
		.content_type = content_type,
		.body = input.at,
		.length = input.left,
		.detail = ""
	};
	const char *asked = operation == GATEWAY_LIST || (status & 0x20) ? NULL : "m-1@ap.example.de";

	keep_to(operation, gateway_read(operation, asked, &result), result.length);
	read_parts(content_type, result.body, result.length);
}
