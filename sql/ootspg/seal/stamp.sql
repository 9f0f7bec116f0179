-- Time stamps (RFC 3161) for seals made outside of an exchange; within one, the exchange worker fetches them.

CREATE FUNCTION ootspg.stamp_request(sealed bytea, policy text DEFAULT NULL) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_stamp_request'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.stamp_request(bytea, text) IS
'what to send to a time-stamping authority (application/timestamp-query) for a stamp upon the seal of a document: one that ootspg.seal() made as xades, pades-t or flattened. policy: object identifier of the authority''s policy that is asked for; raises OT005 when the seal takes no stamp';

CREATE FUNCTION ootspg.add_stamp(sealed bytea, answer bytea, trusted bytea, policy text DEFAULT NULL) RETURNS bytea
AS 'MODULE_PATHNAME', 'ootspg_add_stamp'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION ootspg.add_stamp(bytea, bytea, bytea, text) IS
'the document with the time stamp of that answer in its seal: level T. trusted: PEM certificates that vouch for the authority; raises OT005 when the answer grants none upon this seal, or none that they vouch for';
