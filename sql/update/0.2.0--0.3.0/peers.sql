
-- What nobody asked for is put aside by one function, within limits.
DROP FUNCTION ootspg_internal.quarantine_directory_answer(bigint, text, text);

-- A query says whether its address was found by DNS; such an address is https.
DROP FUNCTION ootspg_internal.take_readings(integer);
UPDATE ootspg_internal.directory_discovery SET base_url = NULL, next_at = clock_timestamp() WHERE base_url NOT LIKE 'https://%';

-- What the worker saw of an access point has the cause of a failure that is our own configuration's.
DROP FUNCTION ootspg_internal.gateway_state();
