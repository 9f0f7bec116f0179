-- Documents while a view is being designed, and as people read them (src/document).

CREATE FUNCTION ootspg.document(value anyelement, media_type text, model text DEFAULT NULL, version text DEFAULT NULL,
	languages text[] DEFAULT NULL, facts jsonb DEFAULT NULL) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_document'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg.document(anyelement, text, text, text, text[], jsonb) IS
'the document that a distribution would make of a value of its document column: checked, not yet sealed; NULL for NULL. text/html, and application/pdf of a value that is no bytea, show what people read: in one language or two side by side, with what facts say of the evidence (title, issuer and place, issued, valid_from, valid_until, identifier, language)';

CREATE FUNCTION ootspg_internal.html_rendering(model text, version text, media_type text, content bytea, languages text[], facts jsonb) RETURNS text
AS 'MODULE_PATHNAME', 'ootspg_html_rendering'
LANGUAGE C STABLE;
COMMENT ON FUNCTION ootspg_internal.html_rendering(text, text, text, bytea, text[], jsonb) IS
'structured evidence as a fragment of HTML: every field of the instance and nothing else (D-MOD-03); NULL for NULL content';
