-- From 0.2.0: what changes in objects that are there, by hand: columns, constraints, policies, and what must be
-- dropped before it is made again. The rest follows from the parts of the extension script.

-- reads what many of these change
DROP VIEW ootspg.status;
