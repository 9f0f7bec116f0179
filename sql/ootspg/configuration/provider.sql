-- Who we are.

CREATE TABLE ootspg.provider (
	provider		text PRIMARY KEY CHECK (ootspg_internal.require('name', provider)),
	scheme			text NOT NULL CHECK (ootspg_internal.require('agent scheme', scheme)),
	identifier		text NOT NULL CHECK (ootspg_internal.require('identifier', identifier)),
	name			ootspg.localized_text NOT NULL,
	country			text NOT NULL CHECK (ootspg_internal.require('country', country)),
	nuts			text CHECK (ootspg_internal.require('nuts', nuts)),
	full_address	text,
	content_domain	text NOT NULL CHECK (ootspg_internal.require('content domain', content_domain)),
	environment		text NOT NULL DEFAULT 'production' CHECK (ootspg_internal.require('environment', environment)),
	preferred_line	ootspg.edm_line NOT NULL DEFAULT 'oots-edm:v1.2',
	answer_role		ootspg.bound_role,
	UNIQUE (scheme, identifier)
);
COMMENT ON TABLE ootspg.provider IS 'evidence providers this database answers for';
COMMENT ON COLUMN ootspg.provider.provider IS 'short local name';
COMMENT ON COLUMN ootspg.provider.scheme IS 'agent scheme, as in urn:cef.eu:names:identifier:EAS:9934';
COMMENT ON COLUMN ootspg.provider.identifier IS 'identifier under that scheme, as registered in the Data Services Directory';
COMMENT ON COLUMN ootspg.provider.name IS 'name by language; the first in alphabetical order of languages, EN preferred, goes into errors';
COMMENT ON COLUMN ootspg.provider.country IS 'country of the address (AdminUnitLevel1)';
COMMENT ON COLUMN ootspg.provider.nuts IS 'NUTS code of the address (AdminUnitLevel2)';
COMMENT ON COLUMN ootspg.provider.full_address IS 'address in one line';
COMMENT ON COLUMN ootspg.provider.content_domain IS 'domain after the @ of content ids';
COMMENT ON COLUMN ootspg.provider.environment IS 'production, acceptance, test, or a short name of your own for a further one, as in training; exchanges outside production are marked in the audit (D-LOG-30)';
COMMENT ON COLUMN ootspg.provider.preferred_line IS 'line of an error about a request whose own line cannot be told';
COMMENT ON COLUMN ootspg.provider.answer_role IS 'role of the workers that answer its requests; NULL: that of the access point. Providers that do not trust each other have one each (D-SEC-04)';
