/*
 * sealing.c
 *		Which documents of a distribution are sealed, and how: what its seal_form says, by its media
 *		type, under its evidence type's policy (D-SIG-02, D-SIG-05, D-SIG-08).
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "compat.h"
#include "errors.h"
#include "evidence/sealing.h"
#include "seal/jades.h"
#include "seal/pades.h"
#include "seal/seal.h"
#include "seal/sha256.h"
#include "seal/stamp.h"
#include "seal/xades.h"

/* Bytes of a seal with a certificate or two */
#define SEAL_ROOM 4096

/* Bytes of most sealed documents: they are written without being moved. */
#define USUAL_DOCUMENT 8000

void
sealing_begin(StringInfo document, size_t room)
{
	initStringInfo(document);
	enlargeStringInfo(document, (int) Min(room, (size_t) MaxAllocSize / 4) + USUAL_DOCUMENT);
	document->len = VARHDRSZ;
}

static const char *
content(const Sealing *s)
{
	return s->document->data + VARHDRSZ;
}

static size_t
content_length(const Sealing *s)
{
	return s->document->len - VARHDRSZ;
}

static bool
is_media(const Sealing *s, const char *media_type)
{
	return strcmp(s->distribution->media_type, media_type) == 0;
}

/* Does it bear a signature, by whomever? */
static bool
is_sealed_already(const Sealing *s)
{
	if (is_media(s, "application/pdf"))
		return pades_is_there(content(s), content_length(s));
	if (is_media(s, "application/json"))
		return jades_is_there(content(s), content_length(s));
	return seal_is_there(content(s), content_length(s));
}

/* Canonical XML whose model leaves room (D-SIG-05), a PDF, and JSON where its distribution says how. */
static bool
can_be_sealed(const Sealing *s)
{
	switch (s->distribution->seal_form)
	{
		case CHOICE_STANDARD:
			return is_media(s, "application/pdf") ||
				(s->canonical && (s->model == NULL || s->model->sealable));
		case CHOICE_COMPACT:
		case CHOICE_FLATTENED:
			return is_media(s, "application/json");
		case CHOICE_DETACHED:
			return true;
		default:
			return false;
	}
}

/* Under 'require' what must bear its issuer's signature does, or does not leave (D-SIG-02). */
static void
check_own_seal(const Sealing *s)
{
	const EvidenceType *type = s->type;

	if (type->seal == SEAL_REQUIRE && s->distribution->seal_form == CHOICE_OWN && !is_sealed_already(s))
		ereport(ERROR,
				(errcode(ERRCODE_OOTS_EVIDENCE),
				 errmsg("document column \"%s\" does not hold a document that is signed", s->distribution->document),
				 errhint("Its seal_form is own: documents bear their issuer's signature. Correct the value, or let us seal it.")));
}

/* A rehearsal seals nothing, and finds the PDF that could not be. */
static void
rehearse_seal(const Sealing *s)
{
	const char *refusal = NULL;

	if (s->type->seal == SEAL_REQUIRE && s->distribution->seal_form == CHOICE_STANDARD && is_media(s, "application/pdf"))
		refusal = pades_refusal(content(s), content_length(s));
	if (refusal != NULL)
		seal_raise_refusal(refusal);
}

static void
log_unsealed(const Sealing *s, const char *reason)
{
	ereport(LOG, (errmsg("evidence of type \"%s\" leaves without a seal of ours: %s", s->type->name, reason)));
}

/* The sealed document after room for a header; why not when this one can't be. */
static const char *
seal_copy(const Sealing *s, StringInfo sealed)
{
	initStringInfo(sealed);
	enlargeStringInfo(sealed, s->document->len + SEAL_ROOM);
	sealed->len = VARHDRSZ;
	if (is_media(s, "application/pdf"))
		return pades_seal(s->key, content(s), content_length(s), s->type->stamped ? STAMP_ROOM : 0, sealed);
	jades_seal(s->key, content(s), content_length(s),
			   s->distribution->seal_form == CHOICE_COMPACT ? JADES_COMPACT : JADES_FLATTENED, sealed);
	return NULL;
}

/* XML is sealed where it lies, what is sealed in another form once more written; why not when this one can't be. */
static const char *
make_seal(const Sealing *s, uint8 *sha256)
{
	StringInfoData sealed;
	const char *refusal;

	if (!is_media(s, "application/pdf") && !is_media(s, "application/json"))
	{
		seal_in_place(s->key, s->document, VARHDRSZ, sha256);
		return NULL;
	}
	refusal = seal_copy(s, &sealed);
	if (refusal != NULL)
		return refusal;
	pfree(s->document->data);
	*s->document = sealed;
	sha256_bytes(content(s), content_length(s), sha256);
	return NULL;
}

/* Its seal is another piece, see sealing_beside(): there is place for one in packages only. */
static bool
is_packaged(const Sealing *s, Piece *piece)
{
	sha256_bytes(content(s), content_length(s), piece->sha256);
	piece->sealed_beside = s->packaged;
	if (s->packaged)
		return true;
	if (s->type->seal == SEAL_REQUIRE)
		seal_raise_refusal("a detached seal goes along in packages of line 2.0 only");
	log_unsealed(s, "a detached seal goes along in packages of line 2.0 only");
	return false;
}

/* Seal it, or say why not; policy 'prefer' leaves a document alone that carries a signature already (D-SIG-02). */
static bool
try_seal(const Sealing *s, Piece *piece)
{
	bool		prefer = s->type->seal == SEAL_PREFER;
	const char *refusal;

	if (s->key == NULL || !can_be_sealed(s))
		return false;
	if (s->distribution->seal_form == CHOICE_DETACHED)
		return is_packaged(s, piece);
	if (prefer && is_sealed_already(s))
	{
		log_unsealed(s, "it has a signature already");
		return false;
	}
	refusal = make_seal(s, piece->sha256);
	if (refusal != NULL && prefer)
		log_unsealed(s, refusal);
	else if (refusal != NULL)
		seal_raise_refusal(refusal);
	return refusal == NULL;
}

/* The value becomes the piece's content. */
static void
take_document(Piece *piece, StringInfo document)
{
	SET_VARSIZE(document->data, document->len);
	piece->value = (struct varlena *) document->data;
	piece->content = document->data + VARHDRSZ;
	piece->length = document->len - VARHDRSZ;
}

static void
note_seal(Piece *piece, const SealKey *key)
{
	piece->sealed = true;
	piece->seal_key = seal_key_name(key);
	piece->certificate_sha256 = seal_key_certificate_sha256(key);
	piece->seal_level = "B";
}

void
sealing_apply(const Sealing *s, Piece *piece)
{
	check_own_seal(s);
	if (s->rehearsed)
		rehearse_seal(s);
	if (try_seal(s, piece))
		note_seal(piece, s->key);
	else
		sha256_bytes(content(s), content_length(s), piece->sha256);
	take_document(piece, s->document);
}

/* No language, no model, and the title of what it is the seal of. */
Piece *
sealing_beside(SealKey *key, const Piece *piece)
{
	bool		json = strcmp(piece->media_type, "application/json") == 0;
	StringInfoData document;
	Piece	   *seal;

	if (!piece->sealed_beside)
		return NULL;
	initStringInfo(&document);
	appendStringInfoSpaces(&document, VARHDRSZ);
	seal_detached(key, piece->media_type, piece->content, piece->length, &document);
	seal = palloc0(sizeof(Piece));
	seal->person_id = piece->person_id;
	seal->number = piece->number;
	seal->role = ROLE_SEAL;
	seal->media_type = json ? "application/json" : "application/xml";
	seal->title = psprintf(json ? "%s (JAdES)" : "%s (XAdES)", piece->title);
	seal->issuing_date = piece->issuing_date;
	note_seal(seal, key);
	take_document(seal, &document);
	sha256_bytes(seal->content, seal->length, seal->sha256);
	return seal;
}
