/*
 * stream.c
 *		Answers going out well, slowly, in part or not at all.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

static volatile bool stopping;

/* An answer that goes out piece by piece. */
typedef struct Stream
{
	Buffer		bytes;
	size_t		stop_at;		/* the connection is cut here */
	long		per_second;		/* 0: as fast as it goes */
} Stream;

struct MHD_Response *
stream_whole(Buffer *bytes)
{
	return MHD_create_response_from_buffer(bytes->len, bytes->data, bytes->data ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
}

static ssize_t
read_stream(void *state, uint64_t at, char *out, size_t max)
{
	Stream	   *stream = state;
	size_t		left = stream->stop_at - at;

	if (left == 0)
		return stream->stop_at == stream->bytes.len ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
	if (stream->per_second > 0)
	{
		/* ten pieces a second, or one byte at its own pace */
		size_t		piece = stream->per_second >= 10 ? stream->per_second / 10 : 1;

		if (stopping)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		sleep_ms(stream->per_second >= 10 ? 100 : 1000 / stream->per_second);
		max = piece < max ? piece : max;
	}
	max = left < max ? left : max;
	memcpy(out, stream->bytes.data + at, max);
	return max;
}

static void
free_stream(void *state)
{
	Stream	   *stream = state;

	buffer_free(&stream->bytes);
	free(stream);
}

struct MHD_Response *
stream_pieces(Buffer *bytes, size_t stop_at, long per_second)
{
	Stream	   *stream = allocate(sizeof(Stream));
	size_t		size = bytes->len;

	*stream = (Stream) {*bytes, stop_at, per_second};
	return MHD_create_response_from_callback(size, 16 * 1024, read_stream, stream, free_stream);
}

enum MHD_Result
stream_hang(struct MHD_Connection *connection)
{
	int			fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
	struct pollfd client = {.fd = fd, .events = POLLRDHUP};

	while (!stopping && poll(&client, 1, 100) == 0)
		;
	return MHD_NO;
}

void
stream_stop(void)
{
	stopping = true;
}
