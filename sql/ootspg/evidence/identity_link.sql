-- Whom of the registry an eIDAS identifier means.

CREATE TABLE ootspg.identity_link (
	provider		text NOT NULL REFERENCES ootspg.provider ON UPDATE CASCADE,
	identifier		text NOT NULL CHECK (ootspg_internal.require('person identifier', identifier)),
	person_id		text NOT NULL,
	source			text NOT NULL,
	level_of_assurance text NOT NULL CHECK (ootspg_internal.require('level of assurance', level_of_assurance)),
	linked_at		timestamptz NOT NULL DEFAULT clock_timestamp(),
	revoked_at		timestamptz,
	PRIMARY KEY (provider, identifier, linked_at)
);
CREATE UNIQUE INDEX identity_link_live ON ootspg.identity_link (provider, upper(identifier)) WHERE revoked_at IS NULL;
COMMENT ON TABLE ootspg.identity_link IS 'lawful links from an eIDAS identifier, whole triple, to a person or company of the registry (D-IDM-09, D-IDM-10)';
