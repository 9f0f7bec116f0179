
-- How documents are sealed. What there is goes on as it did: XML is sealed and nothing else. Rows are changed by a new type of the column, as
-- triggers that look at what is in service would have to wait for the end of the transaction.
ALTER TABLE ootspg.distribution ADD COLUMN seal_form text;
ALTER TABLE ootspg.distribution ALTER COLUMN seal_form TYPE text
	USING CASE WHEN media_type IN ('application/xml', 'application/json', 'image/jpeg', 'image/png') THEN 'standard' ELSE 'none' END;
ALTER TABLE ootspg.distribution ALTER COLUMN seal_form SET DEFAULT 'standard', ALTER COLUMN seal_form SET NOT NULL,
	ADD CONSTRAINT distribution_seal_form_check CHECK (ootspg_internal.require('seal form', seal_form)),
	ADD CONSTRAINT distribution_seal_form_fits CHECK (seal_form NOT IN ('compact', 'flattened') OR media_type = 'application/json');
