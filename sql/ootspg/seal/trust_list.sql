-- Trusted lists of states (ETSI TS 119 612, Implementing Decision (EU) 2015/1505) as files: whose certificates anchor seals and time
-- stamps. The extension fetches none of them: whoever has the duty loads what a job has fetched (D-SIG-09).

CREATE TABLE ootspg.trust_list (
	territory		text PRIMARY KEY,
	sequence_number	integer NOT NULL,
	issued_at		timestamptz NOT NULL,
	next_update		timestamptz NOT NULL,
	loaded_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	loaded_by		text NOT NULL DEFAULT session_user,
	sha256			bytea NOT NULL,
	signer_sha256	bytea NOT NULL
);
COMMENT ON TABLE ootspg.trust_list IS 'trusted lists that were loaded; written by ootspg.load_trust_list()';
COMMENT ON COLUMN ootspg.trust_list.territory IS 'state whose list it is, as the list says (EL, UK and EU included)';
COMMENT ON COLUMN ootspg.trust_list.sequence_number IS 'its number; only one with a larger number takes its place';
COMMENT ON COLUMN ootspg.trust_list.issued_at IS 'when it was issued';
COMMENT ON COLUMN ootspg.trust_list.next_update IS 'until when it holds; then it anchors nothing, and ootspg.status says so';
COMMENT ON COLUMN ootspg.trust_list.loaded_at IS 'when it was loaded here';
COMMENT ON COLUMN ootspg.trust_list.loaded_by IS 'session user who loaded it';
COMMENT ON COLUMN ootspg.trust_list.sha256 IS 'SHA-256 of the file';
COMMENT ON COLUMN ootspg.trust_list.signer_sha256 IS 'SHA-256 of the certificate (DER) it is signed with';

CREATE TABLE ootspg.trust_service (
	territory		text NOT NULL REFERENCES ootspg.trust_list ON DELETE CASCADE,
	number			integer NOT NULL,
	purpose			text NOT NULL CHECK (purpose IN ('certificates', 'time stamps')),
	name			text,
	since			timestamptz NOT NULL,
	for_seals		boolean NOT NULL,
	certificate		bytea NOT NULL,
	PRIMARY KEY (territory, number)
);
COMMENT ON TABLE ootspg.trust_service IS 'services of the loaded lists whose present state is granted, a row for each certificate';
COMMENT ON COLUMN ootspg.trust_service.territory IS 'list that has it';
COMMENT ON COLUMN ootspg.trust_service.number IS 'its place in the list';
COMMENT ON COLUMN ootspg.trust_service.purpose IS 'certificates: it issues qualified certificates (CA/QC); time stamps: qualified ones (TSA/QTST)';
COMMENT ON COLUMN ootspg.trust_service.name IS 'name of the service, in English where there is one';
COMMENT ON COLUMN ootspg.trust_service.since IS 'since when it is in that state';
COMMENT ON COLUMN ootspg.trust_service.for_seals IS 'the list says that its certificates are for electronic seals';
COMMENT ON COLUMN ootspg.trust_service.certificate IS 'certificate of the service, DER';

CREATE FUNCTION ootspg_internal.read_trust_list(list bytea)
RETURNS TABLE (territory text, sequence_number integer, issued_at timestamptz, next_update timestamptz, purpose text, name text, since timestamptz, for_seals boolean, certificate bytea)
AS 'MODULE_PATHNAME', 'ootspg_read_trust_list'
LANGUAGE C STABLE STRICT ROWS 500 PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.read_trust_list(bytea) IS 'what a trusted list says, unverified: first a row of the list itself, then one for each certificate of a service that is granted; raises OT001 when it is none';

CREATE FUNCTION ootspg_internal.read_list_of_lists(list bytea)
RETURNS TABLE (next_update timestamptz, territory text, certificate bytea)
AS 'MODULE_PATHNAME', 'ootspg_read_list_of_lists'
LANGUAGE C STABLE STRICT ROWS 100 PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.read_list_of_lists(bytea) IS 'whom the list of lists names as signers of the lists of states, unverified; raises OT001 when it is none';

CREATE FUNCTION ootspg_internal.as_pem(certificates bytea[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT convert_to(string_agg(E'-----BEGIN CERTIFICATE-----\n' || encode(c, 'base64') || E'\n-----END CERTIFICATE-----\n', ''), 'UTF8') FROM unnest(certificates) c;
END;
COMMENT ON FUNCTION ootspg_internal.as_pem(bytea[]) IS 'certificates (DER) one after the other in PEM form; NULL of none';

-- What is signed by whom it must be; else OT005.
CREATE FUNCTION ootspg_internal.verified_list(list bytea, signers bytea, OUT content bytea, OUT signer bytea) RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v record;
BEGIN
	IF list IS NULL OR signers IS NULL THEN
		RAISE EXCEPTION 'a trusted list and the certificates that may sign it are needed' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	SELECT * INTO v FROM ootspg.verify_seal(list, signers);
	IF NOT v.valid OR v.chain <> 'valid' THEN
		RAISE EXCEPTION 'the trusted list is not taken: %', coalesce(v.reason, 'it is signed by none of the signers')
			USING ERRCODE = 'OT005', HINT = 'signers holds the scheme operator''s certificates as PEM; trust_list_signers() reads them out of the list of lists.';
	END IF;
	content := v.signed_content;
	signer := v.certificate_sha256;
END $$;
COMMENT ON FUNCTION ootspg_internal.verified_list(bytea, bytea) IS 'what a signature by one of the signers covers, and the SHA-256 of its certificate; OT005 when there is none';

CREATE FUNCTION ootspg.trust_list_signers(list_of_lists bytea, signers bytea, territory text) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	content bytea := (ootspg_internal.verified_list(list_of_lists, signers)).content;
	until timestamptz;
	found bytea[];
BEGIN
	SELECT max(r.next_update), array_agg(r.certificate) FILTER (WHERE r.territory = trust_list_signers.territory) INTO until, found FROM ootspg_internal.read_list_of_lists(content) r;
	IF until <= now() THEN
		RAISE EXCEPTION 'the list of lists held until %', until USING ERRCODE = 'OT005', HINT = 'Fetch it again: there is a newer one.';
	ELSIF found IS NULL THEN
		RAISE EXCEPTION 'the list of lists names no list of "%"', territory USING ERRCODE = 'OT005', HINT = 'It has them by two letters, as LV; Greece is EL.';
	END IF;
	RETURN ootspg_internal.as_pem(found);
END $$;
COMMENT ON FUNCTION ootspg.trust_list_signers(bytea, bytea, text) IS
'certificates that may sign the trusted list of a state, as PEM for load_trust_list(), out of the list of lists of the European Commission. signers: PEM of the certificates that may sign that one, as the Official Journal has them. Raises OT005 when it is signed otherwise, is over, or names no such list; OT001 when it is none';

CREATE FUNCTION ootspg.load_trust_list(list bytea, signers bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	v record;
	head record;
	before ootspg.trust_list;
BEGIN
	PERFORM ootspg_internal.require_configure(NULL);
	SELECT * INTO v FROM ootspg_internal.verified_list(list, signers);
	SELECT r.territory, r.sequence_number, r.issued_at, r.next_update INTO head FROM ootspg_internal.read_trust_list(v.content) r LIMIT 1;
	SELECT * INTO before FROM ootspg.trust_list t WHERE t.territory = head.territory FOR UPDATE;
	-- an old list of the same signer is not a new one, and may grant what was withdrawn since
	IF before.sequence_number > head.sequence_number THEN
		RAISE EXCEPTION 'the trusted list is not taken: number % of % is older than what is here (%)', head.sequence_number, head.territory, before.sequence_number
			USING ERRCODE = 'OT005', HINT = 'Delete the row of ootspg.trust_list first, if it is the one that is wrong.';
	ELSIF head.next_update <= now() THEN
		RAISE EXCEPTION 'the trusted list is not taken: it held until %', head.next_update
			USING ERRCODE = 'OT005', HINT = 'Fetch the list again: there is a newer one.';
	END IF;
	INSERT INTO ootspg.trust_list AS t (territory, sequence_number, issued_at, next_update, sha256, signer_sha256)
	VALUES (head.territory, head.sequence_number, head.issued_at, head.next_update, sha256(list), v.signer)
	ON CONFLICT (territory) DO UPDATE SET sequence_number = EXCLUDED.sequence_number, issued_at = EXCLUDED.issued_at, next_update = EXCLUDED.next_update,
		loaded_at = clock_timestamp(), loaded_by = session_user, sha256 = EXCLUDED.sha256, signer_sha256 = EXCLUDED.signer_sha256;
	DELETE FROM ootspg.trust_service s WHERE s.territory = head.territory;
	INSERT INTO ootspg.trust_service (territory, number, purpose, name, since, for_seals, certificate)
	SELECT r.territory, row_number() OVER (), r.purpose, r.name, r.since, r.for_seals, r.certificate FROM ootspg_internal.read_trust_list(v.content) r WHERE r.certificate IS NOT NULL;
	RETURN head.territory;
END $$;
COMMENT ON FUNCTION ootspg.load_trust_list(bytea, bytea) IS
'takes a trusted list of a state (XML by ETSI TS 119 612) in the place of the one that is here, and returns its territory. signers: PEM of the certificates it may be signed with. Raises OT005 when it is signed otherwise, older than the one here, or over; OT001 when it is no such list';

CREATE FUNCTION ootspg.trusted_certificates(territory text DEFAULT NULL, for_seals boolean DEFAULT false) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT convert_to(string_agg(E'-----BEGIN CERTIFICATE-----\n' || encode(c.certificate, 'base64') || E'\n-----END CERTIFICATE-----\n', '' ORDER BY c.certificate), 'UTF8')
	  FROM (SELECT DISTINCT s.certificate FROM ootspg.trust_service s JOIN ootspg.trust_list t USING (territory)
			 WHERE t.next_update > now() AND (trusted_certificates.territory IS NULL OR t.territory = trusted_certificates.territory)
			   AND (s.purpose = 'time stamps' OR s.for_seals OR NOT trusted_certificates.for_seals)) c;
END;
COMMENT ON FUNCTION ootspg.trusted_certificates(text, boolean) IS
'certificates of the services that the loaded lists grant, as PEM for verify_seal(): of one territory or all, with for_seals = true only issuers whose certificates are for seals, and time stamps. Lists whose time is over give none; NULL when there is none at all';

-- A week before a list is over somebody should look whether the job that fetches them still does.
CREATE FUNCTION ootspg_internal.trust_lists_now() RETURNS TABLE (state text, reason text, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT CASE WHEN t.next_update <= now() THEN 'trusted list over' ELSE 'trusted list ends soon' END,
		   format('the trusted list of %s, number %s, holds until %s', t.territory, t.sequence_number, t.next_update), t.loaded_at
	  FROM ootspg.trust_list t WHERE t.next_update < now() + interval '7 days';
END;
COMMENT ON FUNCTION ootspg_internal.trust_lists_now() IS 'trusted lists that hold no more, or not for long, for ootspg.status';

DO $$
BEGIN
	-- what states publish everybody may see; what holds for all providers only who configures all of them takes away
	ALTER TABLE ootspg.trust_list ENABLE ROW LEVEL SECURITY;
	CREATE POLICY published ON ootspg.trust_list FOR SELECT USING (true);
	CREATE POLICY whole_state ON ootspg.trust_list FOR DELETE USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*']);
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.trust_list', '');
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.trust_service', '');
END $$;
