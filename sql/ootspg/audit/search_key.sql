-- Search keys with a secret (src/audit/search_key.c): whose digests were made with which, so that a search asks for
-- all of them, and misses none in silence.

CREATE TABLE ootspg_internal.search_scope (
	key_id			text NOT NULL,
	provider		text NOT NULL,
	PRIMARY KEY (key_id, provider)
);
COMMENT ON TABLE ootspg_internal.search_scope IS 'secrets of search keys that exchanges of a provider, or of none (empty), were recorded with; ootspg.purge() forgets those without exchange';
SELECT pg_catalog.pg_extension_config_dump('ootspg_internal.search_scope', '');

CREATE FUNCTION ootspg.subject_keys(subject ootspg.subject) RETURNS bytea[]
AS 'MODULE_PATHNAME', 'ootspg_subject_keys'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ootspg.subject_keys(ootspg.subject) IS
'search keys of a person or company in exchanges, one for each secret and provider; no duty has it: ootspg.exchanges_of() asks what for. Raises OT004 when exchanges have a secret that is not configured (D-LOG-15, D-LOG-21)';

CREATE FUNCTION ootspg.identifier_keys(identifier text) RETURNS bytea[]
AS 'MODULE_PATHNAME', 'ootspg_identifier_keys'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION ootspg.identifier_keys(text) IS 'the same for an eIDAS identifier';

CREATE FUNCTION ootspg_internal.search_keys(OUT place integer, OUT key_id text, OUT fault text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'ootspg_search_keys'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.search_keys() IS 'entries of ootspg.search_keys, the current one first, and why they cannot be used';

CREATE VIEW ootspg.search_key_status WITH (security_barrier) AS
SELECT k.key_id, k.place = 0 AS current, coalesce(k.fault, 'usable') AS state FROM ootspg_internal.search_keys() k
UNION ALL
SELECT DISTINCT s.key_id, false, 'in use, but not configured' FROM ootspg_internal.search_scope s
 WHERE s.key_id NOT IN (SELECT k.key_id FROM ootspg_internal.search_keys() k)
UNION ALL
SELECT NULL, true, 'no secret: whoever knows a person can make its search key' WHERE NOT EXISTS (SELECT FROM ootspg_internal.search_keys());
COMMENT ON VIEW ootspg.search_key_status IS 'secrets of the audit''s search keys: those configured, those that exchanges still need, or that there is none (D-LOG-15)';
COMMENT ON COLUMN ootspg.search_key_status.key_id IS 'its id in ootspg.search_keys and ootspg.exchange.search_key; NULL: there is none';
COMMENT ON COLUMN ootspg.search_key_status.current IS 'new exchanges have it';
COMMENT ON COLUMN ootspg.search_key_status.state IS 'usable, or what is the matter with it';
