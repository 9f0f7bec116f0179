/*
 * show.c
 *		What an export holds, for reading: exchanges, what happened in them, and where the messages lie. Octets that a terminal
 *		would take for orders are not written.
 */
#include <stdio.h>
#include <string.h>

#include "export.h"
#include "proof.h"

static void
print_safely(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		putchar((unsigned char) text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i]);
}

static void
show_value(const File *text, const char *column)
{
	const char *value;
	size_t		length;

	if (row_value(text->bytes, text->size, column, &value, &length))
	{
		printf("  ");
		print_safely(value, length);
	}
}

static void
show_text(const Export *export, const char *title, const char *word)
{
	const char *text = json_string(export->manifest, word);

	printf("%-11s ", title);
	print_safely(text ? text : "", text ? strlen(text) : 0);
	putchar('\n');
}

void
export_show(const Export *export)
{
	static const char *const columns[] = {"event_type", "direction", "decision", "role", "evidence_id", "media_type", "exception_code", "detail"};
	const Json *rows = json_get(export->manifest, "rows");
	const char *exchange = "";

	show_text(export, "provider", "provider");
	show_text(export, "made", "made_at");
	show_text(export, "by", "made_by");
	show_text(export, "purpose", "purpose");
	for (const Json *row = rows ? rows->first : NULL; row != NULL; row = row->next)
	{
		const File *text = export_file(export, row, "file");
		const char *of = json_string(row, "exchange");

		if (text == NULL || of == NULL)
			continue;
		if (strcmp(exchange, of) != 0)
		{
			printf("\nexchange ");
			print_safely(of, strlen(of));
			putchar('\n');
		}
		exchange = of;
		show_value(text, "event_time");
		for (size_t i = 0; i < lengthof(columns); i++)
			show_value(text, columns[i]);
		putchar('\n');
		for (int i = 0; i < 2; i++)
		{
			const File *message = export_file(export, row, i == 0 ? "first_part" : "header");

			if (message != NULL)
				printf("      %s, %zu octets\n", message->name, message->size);
		}
	}
}
