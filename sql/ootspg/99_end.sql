-- Nothing for PUBLIC (design decision; D-SEC-04). Roles get their rights by ootspg.grant_duty().
REVOKE ALL ON SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA ootspg, ootspg_internal FROM PUBLIC;
