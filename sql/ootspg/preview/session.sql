-- What is known of a preview, and what is kept for it. All of it but what names nobody is encrypted to a key that only the
-- link has (src/preview): a dump, a replica or an administrator reads nothing. Dumps do not carry previews: they are over
-- before anybody restores one.

CREATE TABLE ootspg_internal.preview_session (
	session_id		bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	exchange_id		bigint NOT NULL,
	provider		text NOT NULL,
	evidence_type	text NOT NULL,
	line			text NOT NULL,
	procedure_code	text,
	request_key		text NOT NULL,
	wire_exchange_id text,
	requester		jsonb NOT NULL,
	link_digest		bytea NOT NULL UNIQUE,
	public_key		bytea NOT NULL,
	subject_digest	bytea NOT NULL,
	state			text NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'open', 'decided', 'answered', 'expired')),
	issued_at		timestamptz NOT NULL,
	opened_at		timestamptz,
	authenticated_at timestamptz,
	failures		integer NOT NULL DEFAULT 0,
	locked_until	timestamptz,
	authentication	boolean NOT NULL DEFAULT false,
	decided_at		timestamptz,
	answered_at		timestamptz,
	ends_at			timestamptz NOT NULL,
	forget_at		timestamptz NOT NULL,
	t3				interval NOT NULL,
	browser_digest	bytea,
	second_exchange_id bigint UNIQUE,
	second_request_id text,
	second_header	bytea,
	matching		text NOT NULL DEFAULT 'done' CHECK (matching IN ('done', 'open', 'not found', 'no record')),
	answer_role		ootspg.bound_role,
	attempts		integer NOT NULL DEFAULT 0
);
CREATE INDEX preview_session_ends_at ON ootspg_internal.preview_session (least(ends_at, forget_at)) WHERE state IN ('issued', 'open', 'decided');
CREATE INDEX preview_session_forget_at ON ootspg_internal.preview_session (forget_at);
COMMENT ON TABLE ootspg_internal.preview_session IS 'previews, from the link to T2 + T3 after it; no row names a person (D-PRE-22)';
COMMENT ON COLUMN ootspg_internal.preview_session.session_id IS 'number of the preview';
COMMENT ON COLUMN ootspg_internal.preview_session.exchange_id IS 'exchange of the first request';
COMMENT ON COLUMN ootspg_internal.preview_session.provider IS 'whose evidence it is';
COMMENT ON COLUMN ootspg_internal.preview_session.evidence_type IS 'evidence type asked for';
COMMENT ON COLUMN ootspg_internal.preview_session.line IS 'line of the first request; the second one is of the same';
COMMENT ON COLUMN ootspg_internal.preview_session.procedure_code IS 'procedure that the user goes through';
COMMENT ON COLUMN ootspg_internal.preview_session.request_key IS 'id of the first request in small letters: in 1.x the second one may repeat it (D-TMO-07)';
COMMENT ON COLUMN ootspg_internal.preview_session.wire_exchange_id IS 'ExchangeId of the header, which in 2.0 the second request carries too (D-PRE-16); NULL in 1.x';
COMMENT ON COLUMN ootspg_internal.preview_session.requester IS 'scheme, identifier, names, country and conversation of the evidence requester';
COMMENT ON COLUMN ootspg_internal.preview_session.link_digest IS 'what the link''s token is found by; the token is nowhere (D-PRE-09)';
COMMENT ON COLUMN ootspg_internal.preview_session.public_key IS 'public half of the pair that the token gives: what is kept is encrypted to it';
COMMENT ON COLUMN ootspg_internal.preview_session.subject_digest IS 'digest of the subject under a key of the token, by which the second request''s is compared';
COMMENT ON COLUMN ootspg_internal.preview_session.state IS 'issued; open: bound to a browser; decided: the second request is awaited; answered; expired';
COMMENT ON COLUMN ootspg_internal.preview_session.issued_at IS 'when the link was made; T2 counts from here';
COMMENT ON COLUMN ootspg_internal.preview_session.opened_at IS 'when the user began; NULL: not yet';
COMMENT ON COLUMN ootspg_internal.preview_session.authenticated_at IS 'when the user signed in again as the person of the request; NULL: not yet';
COMMENT ON COLUMN ootspg_internal.preview_session.failures IS 'sign-ins in a row that were somebody else''s';
COMMENT ON COLUMN ootspg_internal.preview_session.locked_until IS 'until when no further one is taken';
COMMENT ON COLUMN ootspg_internal.preview_session.authentication IS 'the type asks the user to sign in again';
COMMENT ON COLUMN ootspg_internal.preview_session.decided_at IS 'when the user decided';
COMMENT ON COLUMN ootspg_internal.preview_session.answered_at IS 'when the answer was built, or the time was over';
COMMENT ON COLUMN ootspg_internal.preview_session.ends_at IS 'end of T2, and once the second request is there of T3; infinity: switched off, and then the preview ends with forget_at';
COMMENT ON COLUMN ootspg_internal.preview_session.forget_at IS 'when the row goes: T2 + T3 after issue';
COMMENT ON COLUMN ootspg_internal.preview_session.t3 IS 'T3 of the type, as it was then';
COMMENT ON COLUMN ootspg_internal.preview_session.browser_digest IS 'digest of the secret in the cookie of the browser that began; NULL: none did';
COMMENT ON COLUMN ootspg_internal.preview_session.second_exchange_id IS 'exchange of the second request; NULL: not here yet';
COMMENT ON COLUMN ootspg_internal.preview_session.second_request_id IS 'its id, for the answer when the time is over';
COMMENT ON COLUMN ootspg_internal.preview_session.second_header IS 'its ebMS header, for the same; it names authorities';
COMMENT ON COLUMN ootspg_internal.preview_session.matching IS 'done: it is known who the user is, and the pieces are there; open: not yet; not found, no record: nothing will be shown, and the second request is told so';
COMMENT ON COLUMN ootspg_internal.preview_session.answer_role IS 'as whom the registry is asked once more where matching is open; NULL: it needs not be';
COMMENT ON COLUMN ootspg_internal.preview_session.attempts IS 'further attributes of the user that matched nobody';

CREATE TABLE ootspg_internal.preview_piece (
	session_id		bigint NOT NULL REFERENCES ootspg_internal.preview_session ON DELETE CASCADE,
	number			integer NOT NULL,
	piece			integer NOT NULL,
	part			integer NOT NULL,
	role			text NOT NULL,
	evidence_id		uuid NOT NULL,
	media_type		text NOT NULL,
	content_id		text NOT NULL,
	size_bytes		bigint NOT NULL,
	sha256			bytea NOT NULL,
	conforms_to		text,
	language		text,
	seal_key		text,
	certificate_sha256 bytea,
	seal_level		text,
	data_model		text,
	data_model_version text,
	accepted		boolean,
	PRIMARY KEY (session_id, number)
);
COMMENT ON TABLE ootspg_internal.preview_piece IS 'documents that a preview shows: identity, size and digest, as the audit has them, never content';
COMMENT ON COLUMN ootspg_internal.preview_piece.session_id IS 'preview it belongs to';
COMMENT ON COLUMN ootspg_internal.preview_piece.number IS 'order in the answer, over all pieces';
COMMENT ON COLUMN ootspg_internal.preview_piece.piece IS 'piece of evidence that the user decides on, 1…';
COMMENT ON COLUMN ootspg_internal.preview_piece.part IS 'document of the piece, 1 the evidence itself';
COMMENT ON COLUMN ootspg_internal.preview_piece.role IS 'MainEvidence, or HumanReadableVersion or Translation of it, or Annex: the seal of the part before it';
COMMENT ON COLUMN ootspg_internal.preview_piece.evidence_id IS 'identifier that the answer gives it';
COMMENT ON COLUMN ootspg_internal.preview_piece.media_type IS 'its media type';
COMMENT ON COLUMN ootspg_internal.preview_piece.content_id IS 'Content-ID of its MIME part';
COMMENT ON COLUMN ootspg_internal.preview_piece.size_bytes IS 'bytes of the document';
COMMENT ON COLUMN ootspg_internal.preview_piece.sha256 IS 'digest of the document: what is sent is what was shown (D-PRE-15)';
COMMENT ON COLUMN ootspg_internal.preview_piece.conforms_to IS 'URL of its data model; NULL: none';
COMMENT ON COLUMN ootspg_internal.preview_piece.language IS 'its language; NULL: none given';
COMMENT ON COLUMN ootspg_internal.preview_piece.seal_key IS 'key it was sealed with; NULL: unsealed';
COMMENT ON COLUMN ootspg_internal.preview_piece.certificate_sha256 IS 'SHA-256 of that key''s certificate';
COMMENT ON COLUMN ootspg_internal.preview_piece.seal_level IS 'level of that seal, as ootspg.evidence_event has it';
COMMENT ON COLUMN ootspg_internal.preview_piece.data_model IS 'data model it was built by; NULL: none';
COMMENT ON COLUMN ootspg_internal.preview_piece.data_model_version IS 'its version';
COMMENT ON COLUMN ootspg_internal.preview_piece.accepted IS 'the user''s decision; NULL: none yet';

CREATE TABLE ootspg_internal.preview_content (
	session_id		bigint NOT NULL REFERENCES ootspg_internal.preview_session ON DELETE CASCADE,
	kind			text NOT NULL CHECK (kind IN ('about', 'first', 'claims', 'facts', 'document', 'awaited', 'request', 'return')),
	number			integer NOT NULL,
	sealed			bytea NOT NULL,
	PRIMARY KEY (session_id, kind, number)
);
ALTER TABLE ootspg_internal.preview_content ALTER sealed SET STORAGE EXTERNAL;	-- what is encrypted does not compress
COMMENT ON TABLE ootspg_internal.preview_content IS 'what is kept for a link, encrypted to its key: whom it is about, titles and dates of each document, its bytes, the second request, the address to return to';
COMMENT ON COLUMN ootspg_internal.preview_content.session_id IS 'preview it belongs to';
COMMENT ON COLUMN ootspg_internal.preview_content.kind IS 'about, first (the first request, as long as matching is open), claims (of the new sign-in, as long), facts (of a document), document, awaited (a piece that is not there yet), request (the second), return';
COMMENT ON COLUMN ootspg_internal.preview_content.number IS 'of the document, or of the awaited piece; 0 otherwise';
COMMENT ON COLUMN ootspg_internal.preview_content.sealed IS 'version, ephemeral X25519 key, AES-256-GCM; erased when the answer is built or the time is over';

-- The ways from and to what is encrypted; the link is needed to open, never to close.
CREATE FUNCTION ootspg_internal.preview_digest(link text) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_preview_digest'
LANGUAGE C IMMUTABLE;
COMMENT ON FUNCTION ootspg_internal.preview_digest(text) IS 'what a link''s token is found by; of what is no token, one that nothing is found by, at the same cost';

CREATE FUNCTION ootspg_internal.preview_seal(public_key bytea, session_id bigint, kind text, number integer, content bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_preview_seal'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION ootspg_internal.preview_seal(bytea, bigint, text, integer, bytea) IS 'content encrypted to the key of a link, for one place only';

CREATE FUNCTION ootspg_internal.preview_unseal(link text, session_id bigint, kind text, number integer, sealed bytea) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_preview_unseal'
LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION ootspg_internal.preview_unseal(text, bigint, text, integer, bytea) IS 'content again, by the link''s token; raises OT009 when it is not what was put there';

-- Exchanges that wait for the user, and answers that nobody sends but the application that asked.
CREATE TABLE ootspg_internal.late_answer (
	exchange_id		bigint NOT NULL,
	part			integer NOT NULL,
	outcome			text NOT NULL,
	content_id		text,
	media_type		text,
	content			bytea,
	content_key		text,
	forget_at		timestamptz NOT NULL,
	PRIMARY KEY (exchange_id, part)
);
CREATE INDEX late_answer_forget_at ON ootspg_internal.late_answer (forget_at);
COMMENT ON TABLE ootspg_internal.late_answer IS 'answers of held requests that came by ootspg.answer(), until ootspg.answer_of() hands them over';
COMMENT ON COLUMN ootspg_internal.late_answer.exchange_id IS 'exchange of the held request';
COMMENT ON COLUMN ootspg_internal.late_answer.part IS 'MIME part, 1 the message';
COMMENT ON COLUMN ootspg_internal.late_answer.outcome IS 'evidence, empty or error';
COMMENT ON COLUMN ootspg_internal.late_answer.content_id IS 'Content-ID of the part';
COMMENT ON COLUMN ootspg_internal.late_answer.media_type IS 'its media type';
COMMENT ON COLUMN ootspg_internal.late_answer.content IS 'its bytes';
COMMENT ON COLUMN ootspg_internal.late_answer.content_key IS 'secret of ootspg.content_keys that content is closed to; NULL: it is as it leaves';
COMMENT ON COLUMN ootspg_internal.late_answer.forget_at IS 'erased then, handed over or not';

CREATE FUNCTION ootspg.answer_of(exchange_id bigint, OUT outcome text, OUT part integer, OUT content_id text, OUT media_type text, OUT content bytea)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- whose time is over is answered now, where no worker does it
	PERFORM ootspg_internal.expire_preview(s.session_id) FROM ootspg_internal.preview_session s
	  WHERE s.second_exchange_id = answer_of.exchange_id AND s.ends_at < clock_timestamp() AND s.state IN ('issued', 'open', 'decided');
	RETURN QUERY
	WITH handed AS (
		DELETE FROM ootspg_internal.late_answer l
		 WHERE l.exchange_id = answer_of.exchange_id
		   AND EXISTS (SELECT FROM ootspg.exchange x WHERE x.exchange_id = l.exchange_id AND ootspg_internal.has_duty(session_user, 'exchange', x.provider))
		RETURNING l.outcome, l.part, l.content_id, l.media_type, ootspg_internal.open_content(l.content, l.content_key, 'late_answer', l.exchange_id, l.part))
	SELECT * FROM handed h ORDER BY h.part;
END $$;
COMMENT ON FUNCTION ootspg.answer_of(bigint) IS
'the parts of the answer to a request that ootspg.answer() held, as soon as there are any: no row before. They are handed over once: the caller keeps or sends them in the same transaction';

CREATE FUNCTION ootspg_internal.expire_preview(session_id bigint) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_expire_preview'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg_internal.expire_preview(bigint) IS 'ends a preview whose time is over: EDM:ERR:0005 to a held request, erased contents, left without decision (D-TMO-05); false when it is over already, or somebody is at it';

CREATE FUNCTION ootspg_internal.answer_preview(session_id bigint, link text) RETURNS void
AS 'MODULE_PATHNAME', 'ootspg_answer_preview'
LANGUAGE C VOLATILE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION ootspg_internal.answer_preview(bigint, text) IS 'answers the held request of a preview that was decided, in the transaction of the decision';

CREATE FUNCTION ootspg.expire_previews() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	done integer := 0;
	session bigint;
BEGIN
	FOR session IN SELECT s.session_id FROM ootspg_internal.preview_session s
					WHERE least(s.ends_at, s.forget_at) < clock_timestamp() AND s.state IN ('issued', 'open', 'decided') ORDER BY least(s.ends_at, s.forget_at) LIMIT 1000 LOOP
		-- one that cannot be ended keeps no other from its end
		BEGIN
			done := done + ootspg_internal.expire_preview(session)::integer;
		EXCEPTION WHEN OTHERS THEN
			RAISE WARNING 'a preview could not be ended: SQLSTATE %', SQLSTATE;
		END;
	END LOOP;
	DELETE FROM ootspg_internal.preview_session s WHERE s.forget_at < clock_timestamp() AND s.state IN ('answered', 'expired');
	-- what cannot be ended is not kept for it (D-PRE-08)
	DELETE FROM ootspg_internal.preview_session s WHERE s.forget_at < clock_timestamp() - interval '1 hour';
	DELETE FROM ootspg_internal.late_answer l WHERE l.forget_at < clock_timestamp();
	DELETE FROM ootspg.matching_log m WHERE m.erase_at < clock_timestamp();
	RETURN done;
END $$;
COMMENT ON FUNCTION ootspg.expire_previews() IS
'ends previews whose time is over and forgets those that are long over; the exchange worker calls it every 10 s, an application without workers does so itself (D-TMO-05)';
