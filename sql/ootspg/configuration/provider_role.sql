-- Which role has which duty.

CREATE TABLE ootspg.provider_role (
	role_name		name NOT NULL,
	duty			text NOT NULL CHECK (duty IN ('configure', 'exchange', 'operate', 'audit', 'maintain', 'monitor')),
	provider		text REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE NULLS NOT DISTINCT (role_name, duty, provider)
);
COMMENT ON TABLE ootspg.provider_role IS 'which role has which duty for which provider (NULL: all); written by ootspg.grant_duty() and ootspg.revoke_duty()';
