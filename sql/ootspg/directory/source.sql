-- Where the instances of the directories are read back.

CREATE TABLE ootspg.directory_source (
	environment		text NOT NULL CHECK (ootspg_internal.require('environment', environment)),
	service			text NOT NULL DEFAULT 'dsd' CHECK (ootspg_internal.require('service', service)),
	base_url		text CHECK (ootspg_internal.require('gateway url', base_url)),
	country			text NOT NULL CHECK (ootspg_internal.require('country', country)),
	roots_uri		text NOT NULL CHECK (ootspg_internal.require('file uri', roots_uri)),
	signer_subject	text CHECK (signer_subject <> ''),
	ca_uri			text CHECK (ootspg_internal.require('file uri', ca_uri)),
	proxy			text CHECK (ootspg_internal.require('proxy url', proxy)),
	accept_version	text NOT NULL DEFAULT 'oots-cs:v2.0' CHECK (accept_version ~ E'^oots-cs:v\\d+\\.\\d+(, *oots-cs:v\\d+\\.\\d+)*$'),
	cache_for		interval NOT NULL DEFAULT '1 h' CHECK (cache_for BETWEEN '0' AND '1 d'),
	read_every		interval NOT NULL DEFAULT '1 d' CHECK (read_every >= '1 s'),
	call_timeout	interval NOT NULL DEFAULT '1 min' CHECK (call_timeout BETWEEN '0.1 s' AND '10 min'),
	PRIMARY KEY (environment, service),
	CONSTRAINT directory_source_found_by_dns CHECK (base_url IS NOT NULL OR environment IN ('production', 'acceptance', 'test'))
);
COMMENT ON TABLE ootspg.directory_source IS 'where an instance of the Data Services Directory (dsd) or the Evidence Broker (eb) is read back';
COMMENT ON COLUMN ootspg.directory_source.environment IS 'environment whose entries are read back there';
COMMENT ON COLUMN ootspg.directory_source.service IS 'dsd: Data Services Directory; eb: Evidence Broker';
COMMENT ON COLUMN ootspg.directory_source.proxy IS 'HTTP proxy of the readings; NULL: none';
COMMENT ON COLUMN ootspg.directory_source.call_timeout IS 'longest time of one reading';
COMMENT ON COLUMN ootspg.directory_source.base_url IS 'what stands before /rest/search, as in https://query.cs.acc.oots.tech.ec.europa.eu/dsd; NULL: found by DNS, see ootspg.directory_discovery; environments of other names than production, acceptance and test are not found there';
COMMENT ON COLUMN ootspg.directory_source.country IS 'country whose entries are asked for: ours';
COMMENT ON COLUMN ootspg.directory_source.roots_uri IS 'file: URI of the root certificates, PEM, that signatures of this instance must chain to; never one file for two environments (D-REG-10)';
COMMENT ON COLUMN ootspg.directory_source.signer_subject IS 'subject of the certificate that answers must be signed with, as RFC 2253 text; NULL: any below the roots';
COMMENT ON COLUMN ootspg.directory_source.ca_uri IS 'file: URI of the certificates that the server''s TLS certificate must chain to; NULL: the system''s';
COMMENT ON COLUMN ootspg.directory_source.accept_version IS 'versions of the answer that are asked for';
COMMENT ON COLUMN ootspg.directory_source.cache_for IS 'when what is served changes, an answer of at most this age is compared anew; an older one is fetched again';
COMMENT ON COLUMN ootspg.directory_source.read_every IS 'time between two readings of an entry; failures are tried again sooner';

-- A copy of the database that nobody said go for leaves directories alone as well. Where there
-- is no access point, nothing tells copies apart, and nothing is at stake.
CREATE FUNCTION ootspg_internal.is_silent_copy() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER	-- the status asks it for whoever may read the status
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT EXISTS (SELECT FROM ootspg.access_point)
	   AND NOT EXISTS (SELECT FROM ootspg_internal.access_point_state s WHERE s.copy = ootspg_internal.this_copy());
END;
COMMENT ON FUNCTION ootspg_internal.is_silent_copy() IS 'has no access point been resumed in this copy of the database?';

-- Two environments that share an address or a trust store are one (D-REG-10).
CREATE FUNCTION ootspg_internal.separate_environments() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	other ootspg.directory_source;
BEGIN
	SELECT s.* INTO other FROM ootspg.directory_source s
	 WHERE s.environment <> NEW.environment AND (s.roots_uri = NEW.roots_uri OR rtrim(s.base_url, '/') = rtrim(NEW.base_url, '/')) LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'directory_source: % and % name the same %', NEW.environment, other.environment,
				CASE WHEN other.roots_uri = NEW.roots_uri THEN 'roots_uri' ELSE 'base_url' END
			USING ERRCODE = 'OT003', HINT = 'Environments have directories and root certificates of their own.';
	END IF;
	RETURN NEW;
END $$;
COMMENT ON FUNCTION ootspg_internal.separate_environments() IS 'OT003 when environments are mixed';

CREATE TRIGGER separate_environments BEFORE INSERT OR UPDATE ON ootspg.directory_source
	FOR EACH ROW EXECUTE FUNCTION ootspg_internal.separate_environments();

CREATE TRIGGER wake_worker AFTER INSERT OR UPDATE OR DELETE ON ootspg.directory_source
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.wake_worker('configuration');

DO $$
BEGIN
	ALTER TABLE ootspg.directory_source ENABLE ROW LEVEL SECURITY;
	CREATE POLICY whole_state ON ootspg.directory_source USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*']);
	PERFORM pg_catalog.pg_extension_config_dump('ootspg.directory_source', '');
END $$;
