/*
 * document_pdf.c
 *		The way to the module that writes PDF (pdf.h): it is loaded by the first document of a session, and
 *		what it is given is put together here.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "document/document.h"
#include "document/letterhead.h"
#include "document/pdf.h"
#include "errors.h"
#include "seal/sha256.h"
#include "settings.h"

/* The loader's error becomes one of the configuration: it says what the server lacks. Loading touches no database state, so that catching its error needs no subtransaction. */
OOTS_NORETURN static void
refuse_module(MemoryContext context)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	if (error->sqlerrcode == ERRCODE_OUT_OF_MEMORY || ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_TO_CATEGORY(ERRCODE_OPERATOR_INTERVENTION))
		PG_RE_THROW();
	FlushErrorState();
	ereport(ERROR,
			(errcode(ERRCODE_OOTS_CONFIGURATION),
			 errmsg("the module that writes PDF documents cannot be loaded: %s", error->message),
			 errhint("It needs libharfbuzz, libharfbuzz-subset, libfribidi and zlib (Debian: libharfbuzz0b libharfbuzz-subset0 libfribidi0).")));
}

/* Modules are never unloaded: the address stays good. */
static PdfFunction
load_writer(void)
{
	static PdfFunction writer = NULL;
	MemoryContext context = CurrentMemoryContext;

	if (writer != NULL)
		return writer;
	PG_TRY();
	{
		writer = (PdfFunction) load_external_function(PDF_MODULE, PDF_FUNCTION, true, NULL);
	}
	PG_CATCH();
	{
		refuse_module(context);
	}
	PG_END_TRY();
	return writer;
}

static void
append_text(StringInfo out, const Text *text)
{
	for (int i = 0; i < 2; i++)
	{
		appendStringInfoString(out, text->in[i].text != NULL ? text->in[i].text : "");
		appendStringInfoChar(out, '\n');
	}
}

/* The file's identifier: the same for the same instance, languages and facts. */
static void
identify(const DocumentSource *source, const Layout *layout, uint8 *id)
{
	StringInfoData said;
	uint8		digests[2][SHA256_BYTES];
	uint8		digest[SHA256_BYTES];

	initStringInfo(&said);
	appendStringInfo(&said, "%s\n%s\n%s\n", layout->languages[0], layout->languages[1] != NULL ? layout->languages[1] : "",
					 source->facts.identifier != NULL ? source->facts.identifier : "");
	append_text(&said, &layout->issuer);
	append_text(&said, &layout->place);
	append_text(&said, &layout->root->title);
	sha256_bytes(source->content, source->length, digests[0]);
	sha256_bytes(said.data, said.len, digests[1]);
	sha256_bytes(digests, sizeof(digests), digest);
	memcpy(id, digest, 16);
}

static const PdfLetterhead *
letterhead_of(const DocumentSource *source, const char *language)
{
	const Letterhead *row = source->provider != NULL ? letterhead_load(source->provider) : NULL;
	PdfLetterhead *letterhead;

	if (row == NULL)
		return NULL;
	letterhead = palloc0(sizeof(PdfLetterhead));
	letterhead->picture = &row->picture;
	letterhead->height = row->height;
	letterhead->margin = row->margin;
	letterhead->colour = row->coloured ? row->colour : NULL;
	letterhead->alt = text_in(row->alt, language);
	letterhead->footer = text_in(row->footer, language);
	return letterhead;
}

StringInfo
document_pdf(const DocumentSource *source)
{
	StringInfo	out = makeStringInfo();
	PdfFunction writer = load_writer();
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ootspg PDF document", ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	bool		xml = strcmp(source->media_type, "application/xml") == 0;
	PdfInput	input = {
		.version = OOTSPG_VERSION,
		.fonts = oots_document_fonts,
		.bold_fonts = oots_document_bold_fonts,
		.producer = "ootspg " OOTSPG_VERSION,
		.now = GetCurrentTransactionStartTimestamp() / USECS_PER_SEC + (int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY,
		.file_name = xml ? "evidence.xml" : "evidence.json",
		.media_type = source->media_type,
		.content = source->content,
		.length = source->length
	};

	input.layout = document_layout(source);
	input.page_word = words_say(input.layout->languages[0], WORD_PAGE);
	input.letterhead = letterhead_of(source, input.layout->languages[0]);
	identify(source, input.layout, input.id);
	writer(&input, out);
	if (out->len > (size_t) oots_max_evidence_kb * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_LIMIT),
				 errmsg("PDF document is larger than ootspg.max_evidence_size")));
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return out;
}
