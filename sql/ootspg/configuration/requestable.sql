-- What a request can ask for, and that it gets just that (D-MOD-09): no two distributions answer the same request, and no
-- subset brings the whole along.

-- The part of a data model's URL, with the subset, that requests are compared by (src/exchange/resolve.c).
CREATE FUNCTION ootspg_internal.requested_model(model text, version text, subset text, line text) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
	SELECT regexp_replace(u.conforms_to, '^.*?/(datamodels|distributions)/', '') || coalesce('/' || requested_model.subset, '')
	  FROM ootspg.data_model_location u
	 WHERE u.model = requested_model.model AND u.version = requested_model.version AND u.line::text = requested_model.line;
END;
COMMENT ON FUNCTION ootspg_internal.requested_model(text, text, text, text) IS 'by what a request on the line names the model, or the subset of it';

CREATE FUNCTION ootspg_internal.twin(d ootspg.distribution) RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT min(x.distribution COLLATE "C") FROM ootspg.distribution x
	 WHERE x.evidence_type = d.evidence_type AND x.distribution <> d.distribution AND x.media_type = d.media_type
	   AND NOT x.companion_only AND NOT d.companion_only
	   AND ((x.model, x.model_version, x.subset) IS NOT DISTINCT FROM (d.model, d.model_version, d.subset)
			OR EXISTS (SELECT FROM ootspg.evidence_type_line l
						WHERE l.evidence_type = d.evidence_type
						  AND ootspg_internal.requested_model(x.model, x.model_version, x.subset, l.line)
							= ootspg_internal.requested_model(d.model, d.model_version, d.subset, l.line)))
$$;
COMMENT ON FUNCTION ootspg_internal.twin(ootspg.distribution) IS 'another distribution of the type that answers the same requests; NULL when there is none';

-- A view or column of its own is what makes a subset one; whether it yields fewer fields only its author can say.
CREATE FUNCTION ootspg_internal.check_subset(d ootspg.distribution) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	readable ootspg.distribution;
	whole record;
BEGIN
	SELECT * INTO readable FROM ootspg.distribution x WHERE x.evidence_type = d.evidence_type AND x.distribution = d.readable;
	IF FOUND AND NOT readable.companion_only AND readable.subset IS DISTINCT FROM d.subset THEN
		PERFORM ootspg_internal.raise_configuration(
			format('distribution "%s" is the human-readable version of subset "%s" of evidence type "%s", and would be given to whoever asks for the whole',
				readable.distribution, d.subset, d.evidence_type),
			'Set its column "companion_only": it leaves with the subset only, and is not published.');
	END IF;
	FOR whole IN SELECT x.distribution, x.document, c.distribution AS readable, c.document AS readable_document
				   FROM ootspg.distribution x LEFT JOIN ootspg.distribution c ON c.evidence_type = x.evidence_type AND c.distribution = x.readable
				  WHERE x.evidence_type = d.evidence_type AND x.subset IS NULL AND (x.model, x.model_version) = (d.model, d.model_version)
					AND (x.source, x.source_function) IS NOT DISTINCT FROM (d.source, d.source_function) ORDER BY 1 LOOP
		IF whole.document = d.document AND NOT ootspg_internal.is_generated(d) THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distribution "%s" of evidence type "%s" is subset "%s" and has the very document of "%s", which is the whole',
					d.distribution, d.evidence_type, d.subset, whole.distribution),
				'Give the subset a view, or a document column, of its own that yields its fields only (D-MOD-09).');
		ELSIF whole.readable_document = readable.document AND NOT ootspg_internal.is_generated(readable) THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distribution "%s" of evidence type "%s" is subset "%s" and would bring along "%s", the human-readable version of the whole',
					d.distribution, d.evidence_type, d.subset, whole.readable),
				'Name in column "readable" one of its own, with companion_only, that shows the fields of the subset only (D-MOD-09).');
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_subset(ootspg.distribution) IS 'OT003 when a subset would disclose the whole, or its human-readable version pass for the whole';

CREATE FUNCTION ootspg_internal.check_requestable(evidence_type text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	d ootspg.distribution;
	twin text;
BEGIN
	FOR d IN SELECT * FROM ootspg.distribution x WHERE x.evidence_type = check_requestable.evidence_type ORDER BY x.distribution COLLATE "C" LOOP
		twin := ootspg_internal.twin(d);
		IF twin IS NOT NULL THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distributions "%s" and "%s" of evidence type "%s" answer the same requests, and only the first by name would ever leave',
					d.distribution, twin, d.evidence_type),
				'Where one is only the human-readable version of another, set its column "companion_only"; otherwise give them different data models or subsets.');
		END IF;
		IF d.companion_only AND NOT EXISTS (SELECT FROM ootspg.distribution x WHERE x.evidence_type = d.evidence_type AND x.readable = d.distribution) THEN
			PERFORM ootspg_internal.raise_configuration(
				format('distribution "%s" of evidence type "%s" only accompanies others, and none names it', d.distribution, d.evidence_type),
				'Name it in column "readable" of another distribution, or set "companion_only" to false, so that it can be requested.');
		END IF;
		IF d.subset IS NOT NULL THEN
			PERFORM ootspg_internal.check_subset(d);
		END IF;
	END LOOP;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_requestable(text) IS 'OT003 when two distributions of the type answer the same request, or a subset would disclose the whole';

-- A new row can silence another one of a type in service. Rows that came in one statement are a restored dump: of a type that an
-- earlier version let pass that is told only, for a refusal would lose the rows.
CREATE FUNCTION ootspg_internal.check_new_distribution() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	remedy text;
BEGIN
	IF EXISTS (SELECT FROM ootspg.activation a WHERE a.evidence_type = NEW.evidence_type) THEN
		PERFORM ootspg_internal.check_requestable(NEW.evidence_type);
	END IF;
	RETURN NULL;
EXCEPTION WHEN SQLSTATE 'OT003' THEN
	GET STACKED DIAGNOSTICS remedy = PG_EXCEPTION_HINT;
	IF (SELECT count(DISTINCT d.xmin::text) > 1 FROM ootspg.distribution d WHERE d.evidence_type = NEW.evidence_type) THEN
		PERFORM ootspg_internal.raise_configuration(SQLERRM, remedy);
	ELSIF NEW.distribution = (SELECT min(d.distribution) FROM ootspg.distribution d WHERE d.evidence_type = NEW.evidence_type) THEN
		RAISE WARNING '%', SQLERRM USING HINT = remedy;
	END IF;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION ootspg_internal.check_new_distribution() IS 'refuses a new distribution of an active type that answers what another one answers; of rows that come together it warns';
CREATE CONSTRAINT TRIGGER check_new_distribution AFTER INSERT ON ootspg.distribution
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ootspg_internal.check_new_distribution();
