-- Who may ask (D-REG-08). The sender of a message is the access point that its ebMS header
-- names and ours has authenticated; whom the sender asks for is its own word. So access
-- points are listed, and the requesters behind one only where its row says so. As long as
-- nobody is listed, whoever the P-Modes of our access point let in is answered.

CREATE TABLE ootspg.accepted_party (
	environment		text NOT NULL DEFAULT 'production' CHECK (ootspg_internal.require('environment', environment)),
	party_id_type	text NOT NULL CHECK (party_id_type ~ E'^\\S(.{0,253}\\S)?$'),
	party_id		text NOT NULL CHECK (party_id ~ E'^\\S(.{0,253}\\S)?$'),
	name			text NOT NULL,
	source			text NOT NULL,
	requesters		text NOT NULL DEFAULT 'all' CHECK (ootspg_internal.require('requesters', requesters)),
	valid_from		timestamptz NOT NULL DEFAULT now(),
	valid_until		timestamptz CHECK (valid_until > valid_from),
	PRIMARY KEY (party_id, party_id_type, environment)
);
COMMENT ON TABLE ootspg.accepted_party IS 'access points whose evidence requests are answered (D-REG-08); messages of others stay unopened. Without any row everybody that our access point lets in is answered, see ootspg.acceptance';
COMMENT ON COLUMN ootspg.accepted_party.valid_from IS 'begin of its acceptance';
COMMENT ON COLUMN ootspg.accepted_party.environment IS 'its requests are answered for providers of this environment only (D-REG-10)';
COMMENT ON COLUMN ootspg.accepted_party.party_id_type IS 'type of the ebMS PartyId in From, as in the P-Modes';
COMMENT ON COLUMN ootspg.accepted_party.party_id IS 'ebMS PartyId in From, as in the P-Modes';
COMMENT ON COLUMN ootspg.accepted_party.name IS 'whose access point it is';
COMMENT ON COLUMN ootspg.accepted_party.source IS 'where that is known from: the national or the EU list, and its date or version';
COMMENT ON COLUMN ootspg.accepted_party.requesters IS 'all: whomever it asks for; listed: only those of ootspg.accepted_requester';
COMMENT ON COLUMN ootspg.accepted_party.valid_until IS 'end of its acceptance; NULL: none known. A row that has ended keeps the list';

CREATE TABLE ootspg.accepted_requester (
	environment		text NOT NULL DEFAULT 'production',
	party_id_type	text NOT NULL,
	party_id		text NOT NULL,
	scheme			text NOT NULL CHECK (ootspg_internal.require('agent scheme', scheme)),
	identifier		text NOT NULL CHECK (ootspg_internal.require('identifier', identifier)),
	name			text NOT NULL,
	PRIMARY KEY (party_id, party_id_type, environment, scheme, identifier),
	FOREIGN KEY (party_id, party_id_type, environment) REFERENCES ootspg.accepted_party ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE ootspg.accepted_requester IS 'evidence requesters that an access point may ask for, where its row in ootspg.accepted_party has requesters = listed';
COMMENT ON COLUMN ootspg.accepted_requester.environment IS 'with party_id_type and party_id: the row of ootspg.accepted_party it belongs to';
COMMENT ON COLUMN ootspg.accepted_requester.party_id_type IS 'type of the access point''s PartyId';
COMMENT ON COLUMN ootspg.accepted_requester.party_id IS 'PartyId of the access point that may ask for it';
COMMENT ON COLUMN ootspg.accepted_requester.name IS 'whose requests these are, for people; not compared';
COMMENT ON COLUMN ootspg.accepted_requester.scheme IS 'agent scheme of the EvidenceRequester, as in urn:cef.eu:names:identifier:EAS:0204';
COMMENT ON COLUMN ootspg.accepted_requester.identifier IS 'identifier of the EvidenceRequester under that scheme';

-- The last row taken away opens the door: that must not happen unnoticed.
CREATE FUNCTION ootspg_internal.tell_open_door() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM ootspg.accepted_party) THEN
		RAISE WARNING 'no access point is listed any more: everybody that our access point lets in is answered'
			USING HINT = 'To end the acceptance of an access point, set valid_until; its row keeps the list.';
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.tell_open_door() IS 'warns when the list of accepted access points becomes empty';
CREATE TRIGGER tell_open_door AFTER DELETE OR TRUNCATE ON ootspg.accepted_party
	FOR EACH STATEMENT EXECUTE FUNCTION ootspg_internal.tell_open_door();
