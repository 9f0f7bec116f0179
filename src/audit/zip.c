/*
 * zip.c
 *		An export as one ZIP file (APPNOTE 6.3, as every system opens it): files as they are, not compressed, so that whoever
 *		checks it needs no decompressor, and nothing can swell. No times: the same content is the same file.
 */
#include "postgres.h"

#include <zlib.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "compat.h"

PG_FUNCTION_INFO_V1(ootspg_zip);

#define LOCAL_HEADER	0x04034b50
#define CENTRAL_HEADER	0x02014b50
#define END_RECORD		0x06054b50
#define VERSION			20
#define UTF8_NAMES		0x0800
#define FIRST_DAY		0x0021	/* 1 January 1980: there is no time before it */
#define MOST_FILES		65535
#define MOST_OCTETS		(512 * 1024 * 1024)

static void
put16(StringInfo out, uint32 value)
{
	appendStringInfoChar(out, (char) (value & 0xFF));
	appendStringInfoChar(out, (char) (value >> 8 & 0xFF));
}

static void
put32(StringInfo out, uint32 value)
{
	put16(out, value);
	put16(out, value >> 16);
}

/* What both headers of a file have in common. */
static void
put_facts(StringInfo out, uint32 crc, uint32 size, uint32 name_length)
{
	put16(out, VERSION);
	put16(out, UTF8_NAMES);
	put16(out, 0);				/* stored */
	put16(out, 0);
	put16(out, FIRST_DAY);
	put32(out, crc);
	put32(out, size);
	put32(out, size);
	put16(out, name_length);
	put16(out, 0);
}

static void
put_file(StringInfo out, StringInfo directory, const text *name, const bytea *content)
{
	uint32		size = VARSIZE_ANY_EXHDR(content);
	uint32		name_length = VARSIZE_ANY_EXHDR(name);
	uint32		crc = (uint32) crc32(crc32(0, NULL, 0), (const Bytef *) VARDATA_ANY(content), size);
	uint32		place = out->len - VARHDRSZ;

	if ((Size) out->len + size > MOST_OCTETS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the export has more than 512 MB"),
				 errhint("Export fewer exchanges at once.")));
	put32(out, LOCAL_HEADER);
	put_facts(out, crc, size, name_length);
	appendBinaryStringInfo(out, VARDATA_ANY(name), name_length);
	appendBinaryStringInfo(out, VARDATA_ANY(content), size);
	put32(directory, CENTRAL_HEADER);
	put16(directory, VERSION);
	put_facts(directory, crc, size, name_length);
	put16(directory, 0);		/* comment */
	put16(directory, 0);		/* disk */
	put16(directory, 0);
	put32(directory, 0);
	put32(directory, place);
	appendBinaryStringInfo(directory, VARDATA_ANY(name), name_length);
}

/* zip(names text[], contents bytea[]): names in UTF-8, as many as contents, none NULL */
Datum
ootspg_zip(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	Datum	   *contents;
	bool	   *no_names;
	bool	   *no_contents;
	int			count;
	int			contents_count;
	StringInfoData out;
	StringInfoData directory;
	uint32		place;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false, TYPALIGN_INT, &names, &no_names, &count);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), BYTEAOID, -1, false, TYPALIGN_INT, &contents, &no_contents, &contents_count);
	if (count != contents_count || count > MOST_FILES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the export has more than %d files", MOST_FILES),
				 errhint("Export fewer exchanges at once.")));
	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	initStringInfo(&directory);
	for (int i = 0; i < count; i++)
		if (!no_names[i] && !no_contents[i])
			put_file(&out, &directory, DatumGetTextPP(names[i]), DatumGetByteaPP(contents[i]));
	place = out.len - VARHDRSZ;
	appendBinaryStringInfo(&out, directory.data, directory.len);
	put32(&out, END_RECORD);
	put32(&out, 0);				/* disks */
	put16(&out, count);
	put16(&out, count);
	put32(&out, directory.len);
	put32(&out, place);
	put16(&out, 0);				/* comment */
	SET_VARSIZE(out.data, out.len);
	PG_RETURN_BYTEA_P(out.data);
}
