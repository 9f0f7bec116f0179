-- Which keys outside of files a provider may seal with: kept by the owner of the extension alone, because a
-- token answers whoever knows a URI.

CREATE TABLE ootspg.key_grant (
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	uri				text NOT NULL CHECK (uri ~ '^[A-Za-z][A-Za-z0-9+.-]*:'),
	PRIMARY KEY (provider, uri)
);
COMMENT ON TABLE ootspg.key_grant IS 'URIs of keys and certificates in tokens that a provider may name to ootspg.set_seal_key(); written by superusers and the owner of the extension';
COMMENT ON COLUMN ootspg.key_grant.provider IS 'whose key it is';
COMMENT ON COLUMN ootspg.key_grant.uri IS 'the URI, letter by letter as set_seal_key() will be given it, of the key or of the certificate';

ALTER TABLE ootspg.key_grant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_provider ON ootspg.key_grant FOR SELECT
	USING ((SELECT ootspg_internal.own_providers(current_user, 'configure')) && ARRAY['*', provider]);
SELECT pg_catalog.pg_extension_config_dump('ootspg.key_grant', '');

-- An update grants what is registered.
INSERT INTO ootspg.key_grant
SELECT DISTINCT k.provider, u.uri FROM ootspg.seal_key k, unnest(ARRAY[k.key_uri, k.certificate_uri]) u(uri) WHERE u.uri !~* '^file:';
