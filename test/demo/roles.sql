-- Run by a superuser, once: the extension, and who may do what. Nobody below is a superuser.
CREATE EXTENSION ootspg;

CREATE ROLE registry_owner LOGIN NOINHERIT;	-- owns the registers and publishes evidence types
CREATE ROLE registry_service LOGIN;		-- answers requests; sees a few views, no table
CREATE ROLE registry_auditor LOGIN;		-- reads the audit, nothing else
CREATE ROLE preview_space LOGIN;		-- the program that shows users their evidence; executes a few functions, reads no table
CREATE ROLE registry_operator LOGIN;	-- resumes, pauses, retries; sees messages without their contents

SELECT ootspg.grant_duty('registry_owner', 'configure');
SELECT ootspg.grant_duty('registry_service', 'exchange');
GRANT registry_service TO registry_owner;	-- who has requests answered as a role is a member of it, which gives no right by itself
SELECT ootspg.grant_duty('registry_auditor', 'audit');
SELECT ootspg.grant_duty('registry_operator', 'operate');
SELECT ootspg.grant_duty('preview_space', 'preview');

DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO registry_owner', current_database()); END $$;
