-- Which keys seal.

CREATE TABLE ootspg.seal_key (
	seal_key		text PRIMARY KEY CHECK (ootspg_internal.require('name', seal_key)),
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	key_uri			text NOT NULL,
	certificate_uri	text NOT NULL,
	UNIQUE (provider, seal_key)
);
COMMENT ON TABLE ootspg.seal_key IS 'seal keys by reference; written by ootspg.set_seal_key(), which tries the key first. Key material is never in a table';
COMMENT ON COLUMN ootspg.seal_key.seal_key IS 'short local name, unique in the database';
COMMENT ON COLUMN ootspg.seal_key.provider IS 'whose seal it makes; evidence types of others cannot name it (D-SIG-07)';
COMMENT ON COLUMN ootspg.seal_key.key_uri IS 'file: URI in the directory seal/PROVIDER below ootspg.key_directory, or a URI of ootspg.key_grant that an OpenSSL provider serves';
COMMENT ON COLUMN ootspg.seal_key.certificate_uri IS 'PEM file there with the seal certificate first, then intermediates, or a URI of ootspg.key_grant';
