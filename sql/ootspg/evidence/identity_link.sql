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
-- Letter case means nothing in the two country codes; what follows is the asserting country's own, in some of them Base64.
CREATE UNIQUE INDEX identity_link_live ON ootspg.identity_link (provider, (upper(left(identifier, 5) COLLATE "C") || substr(identifier, 6))) WHERE revoked_at IS NULL;
COMMENT ON TABLE ootspg.identity_link IS 'lawful links from an eIDAS identifier, whole triple, to a person or company of the registry (D-IDM-09, D-IDM-10); identifiers that differ in more than the letter case of their country codes are different ones';
COMMENT ON COLUMN ootspg.identity_link.provider IS 'in whose registry the link holds';
COMMENT ON COLUMN ootspg.identity_link.identifier IS 'eIDAS identifier with both country codes, as DE/LV/A1B2C3';
COMMENT ON COLUMN ootspg.identity_link.person_id IS 'registry''s key of the person or company';
COMMENT ON COLUMN ootspg.identity_link.source IS 'on what lawful ground, or by whom, it was linked (D-IDM-10)';
COMMENT ON COLUMN ootspg.identity_link.level_of_assurance IS 'level at which it was linked: Low, Substantial or High (D-IDM-09)';
COMMENT ON COLUMN ootspg.identity_link.linked_at IS 'when it was linked; history of an identifier is in rows of their own';
COMMENT ON COLUMN ootspg.identity_link.revoked_at IS 'when it ended; NULL: it holds';
