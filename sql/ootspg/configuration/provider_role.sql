-- Which role has which duty.

CREATE TABLE ootspg.provider_role (
	role_name		ootspg.bound_role NOT NULL,
	duty			text NOT NULL CHECK (ootspg_internal.require('duty', duty)),
	provider		text REFERENCES ootspg.provider ON UPDATE CASCADE ON DELETE CASCADE,
	UNIQUE NULLS NOT DISTINCT (role_name, duty, provider)
);
COMMENT ON TABLE ootspg.provider_role IS 'which role has which duty for which provider (NULL: all); written by ootspg.grant_duty() and ootspg.revoke_duty()';
COMMENT ON COLUMN ootspg.provider_role.role_name IS 'the role itself, shown by its name: renamed, it keeps the duty; dropped, it takes the duty along';
COMMENT ON COLUMN ootspg.provider_role.duty IS 'configure, exchange, operate, audit, maintain, monitor, preview or matching';
COMMENT ON COLUMN ootspg.provider_role.provider IS 'NULL: for all providers';
