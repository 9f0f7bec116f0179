-- A small registry in the database of the container, answering for nobody yet: go on with README.md, "Five minutes".
CREATE EXTENSION ootspg;
CREATE ROLE civil_answers LOGIN;
SELECT ootspg.grant_duty('civil_answers', 'exchange');
