-- Who tries links that are none, or signs in as somebody else, is counted by where they come from, as a digest that only
-- this database can make, and locked out for a while (D-PRE-28).

CREATE TABLE ootspg_internal.preview_secret (
	secret			bytea NOT NULL DEFAULT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'),
	one				boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO ootspg_internal.preview_secret DEFAULT VALUES;
COMMENT ON TABLE ootspg_internal.preview_secret IS 'what the digests of sources are made with; not in dumps';
COMMENT ON COLUMN ootspg_internal.preview_secret.secret IS 'random, made with the extension';
COMMENT ON COLUMN ootspg_internal.preview_secret.one IS 'one row';

CREATE UNLOGGED TABLE ootspg_internal.preview_source (
	source_digest	bytea NOT NULL,
	kind			text NOT NULL,
	began_at		timestamptz NOT NULL,
	tries			integer NOT NULL,
	locked_until	timestamptz,
	PRIMARY KEY (source_digest, kind)
);
CREATE INDEX preview_source_began_at ON ootspg_internal.preview_source (began_at);
COMMENT ON TABLE ootspg_internal.preview_source IS 'sources of requests for links that are none, and of failed sign-ins, of the last quarter of an hour, and as long as one is locked out';
COMMENT ON COLUMN ootspg_internal.preview_source.source_digest IS 'digest of the client''s address, of IPv6 of its network';
COMMENT ON COLUMN ootspg_internal.preview_source.kind IS 'link or sign-in';
COMMENT ON COLUMN ootspg_internal.preview_source.began_at IS 'first try that counts';
COMMENT ON COLUMN ootspg_internal.preview_source.tries IS 'how many since';
COMMENT ON COLUMN ootspg_internal.preview_source.locked_until IS 'until when it is locked out; NULL: it is not';

CREATE FUNCTION ootspg.preview_refused(source text, kind text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	digest bytea;
	seen ootspg_internal.preview_source;
	now_at timestamptz := clock_timestamp();
	counted text := source;
BEGIN
	IF source IS NULL OR kind IS NULL OR kind NOT IN ('link', 'sign-in') THEN
		RAISE EXCEPTION 'a source, and link or sign-in, is needed' USING ERRCODE = 'OT009';
	END IF;
	-- who has one address of IPv6 has a network of them; behind what stands for an address of IPv4 are different clients
	BEGIN
		IF family(source::inet) = 6 AND NOT source::inet <<= ANY (ARRAY['::ffff:0:0/96', '64:ff9b::/96']::inet[]) THEN
			counted := network(set_masklen(source::inet, 64))::text;
		END IF;
	EXCEPTION WHEN invalid_text_representation THEN
		NULL;	-- a platform may know its clients by other names
	END;
	SELECT sha256(p.secret || sha256(p.secret || convert_to(counted, 'UTF8'))) INTO digest FROM ootspg_internal.preview_secret p;
	IF digest IS NULL THEN
		INSERT INTO ootspg_internal.preview_secret DEFAULT VALUES ON CONFLICT DO NOTHING;
		SELECT sha256(p.secret || sha256(p.secret || convert_to(counted, 'UTF8'))) INTO digest FROM ootspg_internal.preview_secret p;
	END IF;
	INSERT INTO ootspg_internal.preview_source AS p (source_digest, kind, began_at, tries) VALUES (digest, preview_refused.kind, now_at, 1)
	ON CONFLICT ON CONSTRAINT preview_source_pkey DO UPDATE
		SET began_at = CASE WHEN p.began_at < now_at - interval '15 min' THEN now_at ELSE p.began_at END,
			tries = CASE WHEN p.began_at < now_at - interval '15 min' THEN 1 ELSE p.tries + 1 END,
			locked_until = CASE WHEN p.began_at >= now_at - interval '15 min' AND p.tries >= 19 AND p.locked_until IS NULL THEN now_at + interval '15 min'
								WHEN p.locked_until < now_at THEN NULL ELSE p.locked_until END
	RETURNING p.* INTO seen;
	-- after the own row, and waiting for nobody: two that clear up must not wait for each other's
	DELETE FROM ootspg_internal.preview_source p USING (SELECT o.source_digest, o.kind FROM ootspg_internal.preview_source o
		WHERE o.began_at < now_at - interval '15 min' AND (o.locked_until IS NULL OR o.locked_until < now_at) FOR UPDATE SKIP LOCKED) old WHERE (p.source_digest, p.kind) = (old.source_digest, old.kind);
	IF kind = 'sign-in' THEN
		PERFORM ootspg_internal.security_event('login failed', 'preview space', jsonb_build_object('source', encode(digest, 'hex'), 'tries', seen.tries), 'a user', NULL);
	END IF;
	IF seen.locked_until = now_at + interval '15 min' THEN
		PERFORM ootspg_internal.security_event('login locked', 'preview space', jsonb_build_object('source', encode(digest, 'hex'), 'tries', seen.tries, 'kind', kind), 'a user', NULL);
		PERFORM ootspg_internal.prepare_audit(now_at);
		INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type, facts, detail)
		VALUES (now_at, 0, 'preview_source_locked', jsonb_build_object('source', encode(digest, 'hex'), 'tries', seen.tries), 'too many tries: ' || kind);
	END IF;
	RETURN jsonb_build_object('locked_until', ootspg_internal.preview_time(seen.locked_until));
END $$;
COMMENT ON FUNCTION ootspg.preview_refused(text, text) IS
'counts a link that is none (kind link) or a failed sign-in (kind sign-in) of a client''s address, of IPv6 of its network of 64 bits; after 20 within 15 minutes {"locked_until": …} and an event preview_source_locked in the audit';
