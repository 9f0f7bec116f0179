/*
 * check.c
 *		Whether an export is what a provider sealed, and its rows what the provider's heads have. A line for each thing:
 *		ok, not proven (which is no fault: a row may be too young), FAILED.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "proof.h"

typedef struct Tally
{
	unsigned int failed;
	unsigned int unproven;
	unsigned int proven;
} Tally;

static void failed(Tally *tally, const char *format,...) __attribute__((format(printf, 2, 3)));

static void
failed(Tally *tally, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	printf("FAILED      ");
	vprintf(format, arguments);
	putchar('\n');
	va_end(arguments);
	tally->failed++;
}

/* The manifest names every file, and no file is there that it does not name. */
static void
check_files(Export *export, Tally *tally)
{
	const Json *files = json_get(export->manifest, "files");
	unsigned int named = 0;

	for (const Json *item = files ? files->first : NULL; item != NULL; item = item->next)
	{
		File	   *file = export_file(export, item, "name");
		uint8_t		digest[DIGEST];

		named++;
		if (file == NULL || file->listed)
		{
			failed(tally, "a file that the manifest names is missing, or named twice");
			continue;
		}
		file->listed = true;
		digest_of(file->bytes, file->size, digest);
		if (!digest_is(digest, json_string(item, "sha256")))
			failed(tally, "%s is not the file that was sealed", file->name);
	}
	for (size_t i = 0; i < export->archive.count; i++)
		if (!export->archive.files[i].listed && strncmp(export->archive.files[i].name, "manifest.", 9) != 0)
			failed(tally, "%s was added", export->archive.files[i].name);
	printf("%s%u files\n", tally->failed ? "            " : "ok          ", named);
}

static void
check_seal(Export *export, const Trust *trust, const char *what, const File *document, const File *seal, Tally *tally)
{
	const char *signer;
	const char *fault = document == NULL || seal == NULL ? "there is none" : seal_fault(export->arena, document, seal, trust, &signer);

	if (fault != NULL)
		failed(tally, "the seal of %s: %s", what, fault);
	else
		printf("ok          the seal of %s: %s%s\n", what, signer, trust->seals ? "" : " (not checked who vouches for it: --trusted)");
}

/* The head of a row: its file, read; NULL: told. */
static const Json *
head_of(Export *export, const char *number, const File **document)
{
	const Json *head;

	*document = archive_find(&export->archive, arena_format(export->arena, "heads/%s.json", number));
	head = *document ? json_read(export->arena, (const char *) (*document)->bytes, (*document)->size) : NULL;
	if (json_long(head, "audit_head", 0) != 1 || json_string(head, "number") == NULL || strcmp(json_string(head, "number"), number) != 0 ||
		json_string(head, "provider") == NULL || strcmp(json_string(head, "provider"), json_string(export->manifest, "provider")) != 0)
		return NULL;
	return head;
}

/* From the row's text to the root of its head. NULL, or why not. */
static const char *
proof_fault(Export *export, const Json *row, const File *text)
{
	const char *number = json_string(row, "head");
	const File *document;
	const Json *head = number ? head_of(export, number, &document) : NULL;
	const Json *path = json_get(row, "path");
	uint64_t	first = strtoull(json_string(row, "place") ? json_string(row, "place") : "", NULL, 10);
	uint64_t	rows = head ? strtoull(json_string(head, "rows") ? json_string(head, "rows") : "", NULL, 10) : 0;
	uint64_t	last = rows - 1;
	uint8_t		digest[DIGEST];

	if (head == NULL)
		return "its head is not here";
	if (rows == 0 || first >= rows || rows > (uint64_t) 1 << 62)
		return "it has no place among the rows of its head";
	proof_leaf(text->bytes, text->size, digest);
	for (const Json *step = path ? path->first : NULL; step != NULL; step = step->next)
	{
		uint8_t		other[DIGEST];

		if (step->kind != JSON_STRING || !digest_read(step->text, other) || !proof_step(digest, other, &first, &last))
			return "its proof is damaged";
	}
	if (last != 0 || !digest_is(digest, json_string(head, "root")))
		return "its proof does not lead to its head";
	return NULL;
}

/* What the row says of a message is the digest of the file. */
static bool
message_fits(const Export *export, const Json *row, const File *text, const char *column)
{
	const File *file = export_file(export, row, column);
	const char *value;
	size_t		length;
	uint8_t		digest[DIGEST];
	bool		there = row_value(text->bytes, text->size, column, &value, &length);

	if (json_string(row, column) == NULL)
		return !there;
	if (file == NULL || !there || length != 2 * DIGEST)
		return false;
	digest_of(file->bytes, file->size, digest);
	return digest_is(digest, arena_copy(export->arena, value, length));
}

static bool
is_named(const Export *export, const char *exchange)
{
	const Json *exchanges = json_get(export->manifest, "exchanges");

	for (const Json *one = exchanges ? exchanges->first : NULL; one != NULL; one = one->next)
		if (one->kind == JSON_NUMBER && exchange != NULL && strcmp(one->text, exchange) == 0)
			return true;
	return false;
}

static void
check_row(Export *export, const Json *row, Tally *tally)
{
	const File *text = export_file(export, row, "file");
	const char *event = json_string(row, "event_id");
	const char *exchange = json_string(row, "exchange");
	const char *state = json_string(row, "state");
	const char *table = json_string(row, "table");
	const char *begin = arena_format(export->arena, "ootspg audit row 1\n%s\n", table ? table : "");
	const char *fault = NULL;

	if (text == NULL || event == NULL || state == NULL || text->size < strlen(begin) || memcmp(text->bytes, begin, strlen(begin)) != 0 ||
		!row_is(text->bytes, text->size, "event_id", event) || exchange == NULL || !row_is(text->bytes, text->size, "exchange_id", exchange) || !is_named(export, exchange) ||
		!row_is(text->bytes, text->size, "provider", json_string(export->manifest, "provider")))
		fault = "it is not the row that the manifest names";
	else if (!message_fits(export, row, text, "first_part") || !message_fits(export, row, text, "header"))
		fault = "its message is not the one that was recorded";
	else if (strcmp(state, "proven") == 0)
		fault = proof_fault(export, row, text);
	else if (strcmp(state, "no head yet") != 0)
		fault = "it was changed, or added, after its head was made";
	if (fault != NULL)
		failed(tally, "row %s of exchange %s: %s", event ? event : "?", exchange ? exchange : "?", fault);
	else if (strcmp(state, "proven") == 0)
		tally->proven++;
	else
	{
		printf("not proven  row %s of exchange %s is too young to have a head\n", event, exchange);
		tally->unproven++;
	}
}

/* Each head of a row, once. */
static void
check_heads(Export *export, const Trust *trust, Tally *tally)
{
	for (size_t i = 0; i < export->archive.count; i++)
	{
		const File *document = &export->archive.files[i];
		size_t		length = strlen(document->name);
		const char *number;
		const File *seal;
		const File *stamp;
		const char *time;
		const char *fault;

		if (strncmp(document->name, "heads/", 6) != 0 || strcmp(document->name + length - 5, ".json") != 0)
			continue;
		number = arena_copy(export->arena, document->name + 6, length - 11);
		seal = archive_find(&export->archive, arena_format(export->arena, "heads/%s.p7s", number));
		stamp = archive_find(&export->archive, arena_format(export->arena, "heads/%s.tst", number));
		if (head_of(export, number, &document) == NULL)
			failed(tally, "head %s is none of this provider", number);
		if (seal == NULL)
		{
			printf("not proven  head %s has no seal\n", number);
			tally->unproven++;
			continue;
		}
		check_seal(export, trust, arena_format(export->arena, "head %s", number), document, seal, tally);
		if (stamp == NULL)
			continue;
		fault = stamp_fault(export->arena, seal, stamp, trust, &time);
		if (fault != NULL)
			failed(tally, "the time stamp of head %s: %s", number, fault);
		else
			printf("ok          the time stamp of head %s: %s%s\n", number, time, trust->stamps ? "" : " (not checked who vouches for it: --trusted-stamps)");
	}
}

bool
export_verify(Export *export, const Trust *trust)
{
	Tally		tally = {0};
	const Json *rows = json_get(export->manifest, "rows");
	const Json *missing = json_get(export->manifest, "missing");

	check_seal(export, trust, "the export", archive_find(&export->archive, "manifest.json"), archive_find(&export->archive, "manifest.p7s"), &tally);
	check_files(export, &tally);
	check_heads(export, trust, &tally);
	for (const Json *row = rows ? rows->first : NULL; row != NULL; row = row->next)
		check_row(export, row, &tally);
	if (tally.proven > 0)
		printf("ok          %u rows are what the heads have\n", tally.proven);
	for (const Json *item = missing ? missing->first : NULL; item != NULL; item = item->next)
		if (item->kind == JSON_STRING)
			printf("not here    %s\n", item->text);
	if (tally.failed > 0)
		printf("The export is NOT what was sealed: %u of its parts do not hold.\n", tally.failed);
	else
		printf("The export is what was sealed%s.\n", tally.unproven > 0 ? "; not all of it is proven by heads" : "");
	return tally.failed == 0;
}
