/*
 * report.c
 *		Statistics, lists and single messages as text.
 */
#include "operation.h"
#include "report.h"
#include "rule.h"

void
report_stats(Buffer *out)
{
	StoreCounts counts = store_counts();
	Operation  *operation;

	buffer_format(out, "messages %ld\npending %ld\nfinished %ld\nduplicate-submissions %ld\n",
				  counts.messages, counts.pending, counts.finished, settings.duplicates);
	buffer_format(out, "personality %s\nrule-uses-left %ld\n", settings.personality->name, rule_uses_left());
	for (int i = 0; i < party_count(); i++)
		buffer_format(out, "pending.%s %ld\n", party_by_number(i)->id, party_by_number(i)->pending);
	for (size_t i = 0; (operation = operation_at(i)) != NULL; i++)
		buffer_format(out, "calls.%s %ld\n", operation->name, operation->calls);
}

static void
write_moment(Buffer *out, int64_t moment)
{
	char		text[40];

	buffer_text(out, format_time(text, sizeof(text), "%Y-%m-%dT%H:%M:%S.%fZ", moment));
}

/* direction, message id, conversation, action, from, to, status, time of arrival */
void
report_messages(const Party *party, Buffer *out)
{
	for (int64_t serial = 0; serial < store_next_serial(); serial++)
	{
		const Message *message = store_by_serial(serial);

		if (message == NULL || message->owner != party || message->forgotten)
			continue;
		buffer_format(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t", message->role == ROLE_SENDING ? "sent" : "received",
					  message->id, message->user->conversation, message->user->action, message->user->from.id,
					  message->user->to.id, status_name(message->status));
		write_moment(out, message->arrived);
		buffer_text(out, "\n");
	}
}

static void
dump_properties(const char *prefix, const Properties *properties, Buffer *out)
{
	for (int i = 0; i < properties->count; i++)
		buffer_format(out, "%s%s %s\n", prefix, properties->items[i].name, properties->items[i].value);
}

void
report_dump(const Message *message, Buffer *out)
{
	const UserMessage *user = message->user;

	buffer_format(out, "message %s\nrole %s\nowner %s\nstatus %s\nlisted %s\narrived ", message->id, role_name(message->role),
				  message->owner->id, status_name(message->status), message->listed ? "yes" : "no");
	write_moment(out, message->arrived);
	buffer_format(out, "\nref %s\nconversation %s\nservice %s\naction %s\nfrom %s %s\nto %s %s\n",
				  user->ref_to ? user->ref_to : "", user->conversation, user->service, user->action,
				  user->from.type, user->from.id, user->to.type, user->to.id);
	dump_properties("property.", &user->properties, out);
	for (int i = 0; i < user->part_count; i++)
	{
		const Part *part = &user->parts[i];

		buffer_format(out, "part %s %ld\n", part->href ? part->href : "bodyload",
					  message->erased || part->content == NULL ? -1L : (long) part->content->size);
		dump_properties("part-property.", &part->properties, out);
	}
}
