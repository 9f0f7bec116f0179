-- The extension installs cleanly, says what it is, and leaves nothing to PUBLIC.
CREATE EXTENSION ootspg;
SELECT ootspg.library_version() = extversion AS library_fits FROM pg_extension WHERE extname = 'ootspg';
