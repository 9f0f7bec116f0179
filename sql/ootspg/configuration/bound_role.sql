-- Roles in rows: bound by OID, written by name (src/configuration/bound_role.c). What is given to a role ends with it and follows
-- a rename, in whatever database that happens; a later role of the same name gets nothing.

CREATE TYPE ootspg.bound_role;
CREATE FUNCTION ootspg_internal.bound_role_in(cstring) RETURNS ootspg.bound_role
AS 'MODULE_PATHNAME', 'ootspg_bound_role_in'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_out(ootspg.bound_role) RETURNS cstring
AS 'MODULE_PATHNAME', 'ootspg_bound_role_out'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
CREATE TYPE ootspg.bound_role (INPUT = ootspg_internal.bound_role_in, OUTPUT = ootspg_internal.bound_role_out,
	INTERNALLENGTH = 72, ALIGNMENT = int4, STORAGE = plain);
COMMENT ON TYPE ootspg.bound_role IS
'a role of the cluster, written by its name and bound to that very role: it follows a rename and ends with the role. pg_gone(OID name): the role is gone, or was missing when this was restored, and the value is nobody';

CREATE FUNCTION ootspg_internal.bound_role_oid(ootspg.bound_role) RETURNS oid
AS 'MODULE_PATHNAME', 'ootspg_bound_role_oid'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.bound_role_oid(ootspg.bound_role) IS 'the role; NULL when it is gone';
CREATE FUNCTION ootspg_internal.bound_role_name(ootspg.bound_role) RETURNS name
AS 'MODULE_PATHNAME', 'ootspg_bound_role_name'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.bound_role_name(ootspg.bound_role) IS 'the role''s name, also when it is gone';
CREATE FUNCTION ootspg_internal.bound_role_dropped(ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_dropped'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION ootspg_internal.bound_role_dropped(ootspg.bound_role) IS 'was it a role of this cluster that is gone?';
CREATE CAST (name AS ootspg.bound_role) WITH INOUT AS ASSIGNMENT;
CREATE CAST (ootspg.bound_role AS text) WITH INOUT AS IMPLICIT;

CREATE FUNCTION ootspg_internal.bound_role_cmp(ootspg.bound_role, ootspg.bound_role) RETURNS integer
AS 'MODULE_PATHNAME', 'ootspg_bound_role_cmp'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_lt(ootspg.bound_role, ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_lt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_le(ootspg.bound_role, ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_le'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_eq(ootspg.bound_role, ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_eq'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_ne(ootspg.bound_role, ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_ne'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_ge(ootspg.bound_role, ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_ge'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION ootspg_internal.bound_role_gt(ootspg.bound_role, ootspg.bound_role) RETURNS boolean
AS 'MODULE_PATHNAME', 'ootspg_bound_role_gt'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE OPERATOR ootspg_internal.< (FUNCTION = ootspg_internal.bound_role_lt, LEFTARG = ootspg.bound_role, RIGHTARG = ootspg.bound_role,
	COMMUTATOR = OPERATOR(ootspg_internal.>), NEGATOR = OPERATOR(ootspg_internal.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR ootspg_internal.<= (FUNCTION = ootspg_internal.bound_role_le, LEFTARG = ootspg.bound_role, RIGHTARG = ootspg.bound_role,
	COMMUTATOR = OPERATOR(ootspg_internal.>=), NEGATOR = OPERATOR(ootspg_internal.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel);
CREATE OPERATOR ootspg_internal.= (FUNCTION = ootspg_internal.bound_role_eq, LEFTARG = ootspg.bound_role, RIGHTARG = ootspg.bound_role,
	COMMUTATOR = OPERATOR(ootspg_internal.=), NEGATOR = OPERATOR(ootspg_internal.<>), RESTRICT = eqsel, JOIN = eqjoinsel);
CREATE OPERATOR ootspg_internal.<> (FUNCTION = ootspg_internal.bound_role_ne, LEFTARG = ootspg.bound_role, RIGHTARG = ootspg.bound_role,
	COMMUTATOR = OPERATOR(ootspg_internal.<>), NEGATOR = OPERATOR(ootspg_internal.=), RESTRICT = neqsel, JOIN = neqjoinsel);
CREATE OPERATOR ootspg_internal.>= (FUNCTION = ootspg_internal.bound_role_ge, LEFTARG = ootspg.bound_role, RIGHTARG = ootspg.bound_role,
	COMMUTATOR = OPERATOR(ootspg_internal.<=), NEGATOR = OPERATOR(ootspg_internal.<), RESTRICT = scalargesel, JOIN = scalargejoinsel);
CREATE OPERATOR ootspg_internal.> (FUNCTION = ootspg_internal.bound_role_gt, LEFTARG = ootspg.bound_role, RIGHTARG = ootspg.bound_role,
	COMMUTATOR = OPERATOR(ootspg_internal.<), NEGATOR = OPERATOR(ootspg_internal.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel);
CREATE OPERATOR CLASS ootspg_internal.bound_role_ops DEFAULT FOR TYPE ootspg.bound_role USING btree AS
	OPERATOR 1 ootspg_internal.<, OPERATOR 2 ootspg_internal.<=, OPERATOR 3 ootspg_internal.=, OPERATOR 4 ootspg_internal.>=, OPERATOR 5 ootspg_internal.>,
	FUNCTION 1 ootspg_internal.bound_role_cmp(ootspg.bound_role, ootspg.bound_role);
