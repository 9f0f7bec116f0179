/*
 * directory.c
 *		What directories tell and are told: answers to queries, read and judged, submissions
 *		of others, judged and taken apart, and code lists. Answers raise nothing; the
 *		rest raises what class OT has for it.
 *
 *		Input: a byte for the function, one for a choice in it, the document.
 */
#include "fuzz.h"

#include "directory/answer.h"

extern Datum ootspg_check_submission(PG_FUNCTION_ARGS);
extern Datum ootspg_check_directory_answer(PG_FUNCTION_ARGS);
extern Datum ootspg_broken_answer_rules(PG_FUNCTION_ARGS);
extern Datum ootspg_submission_objects(PG_FUNCTION_ARGS);
extern Datum ootspg_submission_codes(PG_FUNCTION_ARGS);
extern Datum ootspg_genericode(PG_FUNCTION_ARGS);

bool		fuzz_raises = false;

static const char *const services[] = {NULL, "dsd", "eb"};

void
fuzz_start(void)
{
}

/* Only who says that nothing is there may be taken for it: never an answer that is not read whole. */
static void
read_answer(bool broker, uint32 choice, const char *bytes, size_t length)
{
	static const int statuses[] = {200, 0, 400, 404, 500, 503};
	static const char *const types[] = {"application/x-ebrs+xml;charset=UTF-8", "application/xml", NULL, "text/html"};
	DirectoryAnswer answer;

	(broker ? directory_read_broker_answer : directory_read_answer)
		(statuses[choice % lengthof(statuses)], types[choice / 16 % lengthof(types)], bytes, length, &answer);
	PROMISE(directory_class_name(answer.class) != NULL);
	PROMISE((answer.reason != NULL) == (answer.class == DIRECTORY_FAILED || answer.class == DIRECTORY_UNREADABLE));
	PROMISE(answer.class != DIRECTORY_NOT_REGISTERED || (answer.services == NIL && answer.requirements == NIL));
	PROMISE(answer.class != DIRECTORY_REGISTERED || answer.services != NIL || answer.requirements != NIL);
	PROMISE(answer.class != DIRECTORY_ADDITIONAL_INPUT || (answer.inputs != NIL && list_length(answer.services) == 1));
}

void
fuzz_one(const char *bytes, size_t length)
{
	static const char *const edm_lines[] = {NULL, "oots-edm:v1.0", "oots-edm:v1.1", "oots-edm:v1.2", "oots-edm:v2.0"};
	static const char *const lines[] = {NULL, "oots-cs:v1.0", "oots-cs:v1.1", "oots-cs:v1.2", "oots-cs:v2.0"};
	FuzzInput	input = {bytes, length};
	uint32		function = fuzz_number(&input, 1) % 8;
	uint32		choice = fuzz_number(&input, 1);
	NullableDatum document = fuzz_bytea(input.at, input.left);
	NullableDatum service = fuzz_cstring(services[choice % lengthof(services)]);

	fuzz_raises = function >= 5;
	switch (function)
	{
		case 0:
		case 1:
			read_answer(function == 1, choice, input.at, input.left);
			break;
		case 2:
			fuzz_rows(ootspg_check_submission, "tttt", 4,
					  (NullableDatum[]) {document, fuzz_cstring(edm_lines[choice / 16 % lengthof(edm_lines)]), service,
					  fuzz_cstring(choice & 8 ? "urn:uuid:0a1b2c3d-1111-4222-8333-444455556666" : NULL)});
			break;
		case 3:
			fuzz_rows(ootspg_check_directory_answer, "tttt", 3,
					  (NullableDatum[]) {document, fuzz_cstring(lines[choice / 16 % lengthof(lines)]), service});
			break;
		case 4:
			fuzz_rows(ootspg_broken_answer_rules, "", 4,
					  (NullableDatum[]) {document, fuzz_cstring("a1b2c3d4-1111-4222-8333-444455556677"),
					  fuzz_cstring("urn:cef.eu:names:identifier:EAS:9939"), fuzz_cstring("LV90000000001")});
			break;
		case 5:
			fuzz_rows(ootspg_submission_objects, "vttttttvt", 1, &document);
			break;
		case 6:
			fuzz_rows(ootspg_submission_codes, "ttt", 1, &document);
			break;
		case 7:
			fuzz_rows(ootspg_genericode, "vtt", 1, &document);
			break;
	}
}
