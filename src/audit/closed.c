/*
 * closed.c
 *		What is encrypted does not compress any more, so it is compressed before, by the server's own means: a varlena
 *		compressed in place is its header, four bytes of size and method, and the compressed bytes.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "port/pg_bswap.h"

#include "audit/closed.h"
#include "compat.h"

#define VERSION 1
#define HEAD_BYTES (1 + 1 + 4 + CLOSED_ID_BYTES)
#define OVERHEAD (HEAD_BYTES + AEAD_NONCE_BYTES + AEAD_TAG_BYTES)
#define LEAST_COMPRESSED 256

#ifdef USE_LZ4
#define METHOD TOAST_LZ4_COMPRESSION
#else
#define METHOD TOAST_PGLZ_COMPRESSION
#endif

typedef enum Coding
{
	AS_IT_IS,
	PGLZ,
	LZ4
} Coding;

/* The bytes as they are encrypted. */
typedef struct Coded
{
	Coding		coding;
	const uint8 *bytes;
	size_t		length;
} Coded;

static Coded
encode(const void *bytes, size_t length)
{
	Coded		coded = {AS_IT_IS, bytes, length};
	struct varlena *plain;
	struct varlena *smaller;

	if (length < LEAST_COMPRESSED)
		return coded;
	plain = palloc(VARHDRSZ + length);
	SET_VARSIZE(plain, VARHDRSZ + length);
	memcpy(VARDATA(plain), bytes, length);
	smaller = (struct varlena *) DatumGetPointer(toast_compress_datum(PointerGetDatum(plain), METHOD));
	explicit_bzero(VARDATA(plain), length);
	pfree(plain);
	if (smaller == NULL)
		return coded;
	coded.coding = METHOD == TOAST_LZ4_COMPRESSION ? LZ4 : PGLZ;
	coded.bytes = (const uint8 *) smaller + VARHDRSZ_COMPRESSED;
	coded.length = VARSIZE(smaller) - VARHDRSZ_COMPRESSED;
	return coded;
}

/* What was encoded, and is as it was: it opened. */
static char *
decode(const Coded *coded, size_t length)
{
	char	   *bytes = palloc(length + 1);
	struct varlena *smaller;
	struct varlena *plain;

	bytes[length] = '\0';
	if (coded->coding == AS_IT_IS)
		return memcpy(bytes, coded->bytes, length);
	smaller = palloc(VARHDRSZ_COMPRESSED + coded->length);
	SET_VARSIZE_COMPRESSED(smaller, VARHDRSZ_COMPRESSED + coded->length);
	TOAST_COMPRESS_SET_SIZE_AND_COMPRESS_METHOD(smaller, length, coded->coding == LZ4 ? TOAST_LZ4_COMPRESSION_ID : TOAST_PGLZ_COMPRESSION_ID);
	memcpy((uint8 *) smaller + VARHDRSZ_COMPRESSED, coded->bytes, coded->length);
	plain = detoast_attr(smaller);
	memcpy(bytes, VARDATA(plain), length);
	pfree(plain);
	pfree(smaller);
	return bytes;
}

static const char *
text_of(const ClosedPlace *place, char *text, size_t size)
{
	snprintf(text, size, "ootspg %s %s " INT64_FORMAT " %d", place->table, place->column, place->row, place->part);
	return text;
}

bytea *
closed_make(DataKey *key, const ClosedPlace *place, const void *bytes, size_t length)
{
	Coded		coded = encode(bytes, length);
	size_t		size = OVERHEAD + coded.length;
	bytea	   *value = palloc(VARHDRSZ + size);
	uint8	   *head = (uint8 *) VARDATA(value);
	uint8	   *nonce = head + HEAD_BYTES;
	uint32		plain_length = pg_hton32((uint32) length);
	uint64		number = pg_hton64(key->used++);
	char		text[256];
	AeadContext context = {.head = head,.head_length = HEAD_BYTES,.place = text_of(place, text, sizeof(text))};

	SET_VARSIZE(value, VARHDRSZ + size);
	head[0] = VERSION;
	head[1] = coded.coding;
	memcpy(head + 2, &plain_length, 4);
	memcpy(head + 6, key->id, CLOSED_ID_BYTES);
	memset(nonce, 0, AEAD_NONCE_BYTES);
	memcpy(nonce + AEAD_NONCE_BYTES - sizeof(number), &number, sizeof(number));
	if (!aead_close(key->key, nonce, &context, coded.bytes, coded.length, nonce + AEAD_NONCE_BYTES))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not encrypt a value")));
	return value;
}

bool
closed_key_id(const bytea *value, uint8 id[CLOSED_ID_BYTES])
{
	const uint8 *head = (const uint8 *) VARDATA_ANY(value);

	if (VARSIZE_ANY_EXHDR(value) < OVERHEAD || head[0] != VERSION || head[1] > LZ4)
		return false;
	memcpy(id, head + 6, CLOSED_ID_BYTES);
	return true;
}

char *
closed_open(const DataKey *key, const ClosedPlace *place, const bytea *value, size_t *length)
{
	const uint8 *head = (const uint8 *) VARDATA_ANY(value);
	const uint8 *nonce = head + HEAD_BYTES;
	uint8		id[CLOSED_ID_BYTES];
	char		text[256];
	AeadContext context = {.head = head,.head_length = HEAD_BYTES,.place = text_of(place, text, sizeof(text))};
	uint32		plain_length;
	Coded		coded;
	uint8	   *opened;

	if (!closed_key_id(value, id) || memcmp(id, key->id, CLOSED_ID_BYTES) != 0)
		return NULL;
	memcpy(&plain_length, head + 2, 4);
	*length = pg_ntoh32(plain_length);
	coded.coding = head[1];
	coded.length = VARSIZE_ANY_EXHDR(value) - OVERHEAD;
	/* GCM writes whole blocks of its own only */
	opened = palloc(coded.length + 1);
	if (!aead_open(key->key, nonce, &context, nonce + AEAD_NONCE_BYTES, coded.length, opened) ||
		(coded.coding == AS_IT_IS && coded.length != *length))
		return NULL;
	coded.bytes = opened;
	return decode(&coded, *length);
}
