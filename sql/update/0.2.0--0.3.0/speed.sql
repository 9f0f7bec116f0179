
-- One index less that every answer writes to: a search by procedure names a time as well (doc/security.md).
DROP INDEX ootspg.exchange_procedure;
