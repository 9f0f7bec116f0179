# Whoever makes the registry's views and types writes code: checks of domains, casts, functions. Nothing of it runs with
# the rights of the extension's owner, and a row gets no view that its provider's people may not read, now or when it is made.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use RegistryTest;
use Test::More;

my $node = start_node('foreign_code');

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# as(role, sql): what it gives, or SQLSTATE and words of its refusal or warning
sub as
{
	my ($role, $sql) = @_;
	my ($stdout, $stderr);
	$node->psql('postgres', "\\set VERBOSITY verbose\n$sql", stdout => \$stdout, stderr => \$stderr, extra_params => [ '-U', $role ]);
	return $stderr =~ /(?:ERROR|WARNING):  (.*)/s ? $1 : $stdout;
}

load_registry($node, 'postgres');
sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT 'road', scheme, 'LV90000000002', name, country, 'road.example', environment FROM ootspg.provider;
	CREATE ROLE road LOGIN; CREATE ROLE road_monitor LOGIN; CREATE ROLE owner LOGIN;
	SELECT ootspg.grant_duty('road', 'configure', 'road'), ootspg.grant_duty('road_monitor', 'monitor', 'road');
	GRANT USAGE ON SCHEMA registry TO road;
	GRANT USAGE, CREATE ON SCHEMA registry TO owner;
	CREATE SCHEMA roadreg AUTHORIZATION road});

# Types whose checks and casts tell who runs them
my $people = q{SELECT 'R1'::text AS person_id, 'Name'::text AS family_name, 'Name'::text AS given_name, DATE '1990-01-01' AS date_of_birth};
as('road', qq{
	CREATE TABLE roadreg.ran (who text);
	GRANT USAGE ON SCHEMA roadreg TO PUBLIC; GRANT INSERT ON roadreg.ran TO PUBLIC;
	CREATE TYPE roadreg.answer AS ENUM ('yes', 'no');
	CREATE FUNCTION roadreg.tell() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO roadreg.ran VALUES (current_user); RETURN false; END';
	CREATE FUNCTION roadreg.truth(roadreg.answer) RETURNS boolean LANGUAGE sql CALLED ON NULL INPUT AS 'SELECT roadreg.tell()';
	CREATE CAST (roadreg.answer AS boolean) WITH FUNCTION roadreg.truth(roadreg.answer);
	CREATE VIEW roadreg.people AS $people;
	CREATE VIEW roadreg.vehicle AS SELECT 'R1'::text AS person_id, DATE '2020-01-01' AS issuing_date, '%PDF-1.4'::bytea AS document;
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	VALUES ('vehicle', 'road', 'b1c2d3e4-2222-4333-8444-000000000001', '{"EN": "Vehicle"}', 'roadreg.people', '{R1}', 'Low', 'exempt');
	INSERT INTO ootspg.evidence_type_line VALUES ('vehicle', 'oots-edm:v1.2', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778889');
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('vehicle', 'pdf', 'application/pdf', 'roadreg.vehicle');
	SELECT ootspg.activate('vehicle')});
is(sql(q{SELECT evidence_type FROM ootspg.activation ORDER BY 1}), "birth\nvehicle", 'a type of another provider is in service');
# the domain comes last: its very making runs its check, as its maker
as('road', q{CREATE DOMAIN roadreg.flag AS boolean CHECK (NOT coalesce(roadreg.tell(), false))});
sql('DELETE FROM roadreg.ran');
for my $type ('roadreg.answer', 'roadreg.flag')
{
	as('road', "DROP VIEW roadreg.people; CREATE VIEW roadreg.people AS $people, CASE WHEN random() < 0 THEN 'no'::$type END AS protected");
	as('road', q{SELECT ootspg.activate('vehicle')});
	as('road', q{UPDATE ootspg.evidence_type SET title = '{"EN": "Vehicles"}' WHERE evidence_type = 'vehicle'});
	as('road_monitor', 'TABLE ootspg.out_of_service; TABLE ootspg.evidence_type_status');
	sql('TABLE ootspg.out_of_service');
	is(sql(q{SELECT coalesce(string_agg(DISTINCT who, ' '), '') FROM roadreg.ran WHERE who <> 'road'}), '', "a cast to boolean of $type is looked up, not tried");
}
is(sql('SELECT count(*) FROM ootspg.out_of_service'), '0', 'and both are truth values');
like(as('road', "DROP VIEW roadreg.people; CREATE VIEW roadreg.people AS $people, 1::smallint AS protected"), qr/OT003: evidence type "vehicle": column "protected" of roadreg\.people is smallint, which is no truth value/, 'where others are none');
as('road', "DROP VIEW roadreg.people; CREATE VIEW roadreg.people AS $people");

# Views that are not there yet
my $later = q{INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, source_name, source_owner) VALUES ('vehicle', 'next', 'application/pdf', 0::oid::regclass, '%s', 'owner')};
for my $name ('registry.birth_next', 'registry_next.birth')
{
	like(as('road', sprintf $later, $name), qr/^OT003: there is no relation $name/, "nobody reserves $name");
}
like(as('road', q{INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, subject_source_name, subject_source_owner, procedures, level_of_assurance, preview)
	VALUES ('next', 'road', 'b1c2d3e4-2222-4333-8444-000000000002', '{"EN": "Next"}', 0::oid::regclass, 'registry.people_next', 'owner', '{R1}', 'Low', 'exempt')}),
	qr/^OT003: there is no relation registry\.people_next/, 'nor a view of persons');
as('road', q{
	CREATE VIEW roadreg.short_lived AS TABLE roadreg.vehicle;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('vehicle', 'gone', 'image/png', 'roadreg.short_lived');
	DROP VIEW roadreg.short_lived});
as('road', q{UPDATE ootspg.distribution SET source_name = 'registry.birth_next', source_owner = 'owner' WHERE distribution = 'gone'});
as('owner', q{CREATE VIEW registry.birth_next AS SELECT 'B1'::text AS person_id, DATE '2020-01-01' AS issuing_date, '%PDF-1.4'::bytea AS document});
is(sql(q{SELECT source_name, source_owner, EXISTS (SELECT FROM pg_class c WHERE c.oid = source) FROM ootspg.distribution WHERE distribution = 'gone'}), 'roadreg.short_lived|road|f', 'nor does a row take another name when its view is gone');
as('road', q{DELETE FROM ootspg.distribution WHERE distribution = 'gone'});

# Names that no statement can say
as('road', q{CREATE FUNCTION roadreg."9f"(text[]) RETURNS SETOF roadreg.vehicle LANGUAGE sql STABLE AS 'SELECT * FROM roadreg.vehicle'});
as('road', q{CREATE FUNCTION roadreg."9f"(ootspg.entitlement_question) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'});
like(as('road', q{INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source_function) VALUES ('vehicle', 'odd', 'application/pdf', 'roadreg.9f')}), qr/^OT003: "roadreg\.9f" is no set-returning function/, 'a function is written as statements name it');
like(as('road', q{UPDATE ootspg.evidence_type SET entitlement = 'roadreg.9f' WHERE evidence_type = 'vehicle'}), qr/^OT003: "roadreg\.9f" is no function of one ootspg\.entitlement_question/, 'one that is asked as well');
sql(q{SET session_replication_role = replica; UPDATE ootspg.evidence_type SET entitlement = 'roadreg.9f' WHERE evidence_type = 'vehicle'});
like(as('postgres', 'DROP VIEW registry.people CASCADE'), qr/^OT003: evidence type "birth": /, 'one that came otherwise does not blind the watch over all others');

# A change that does not end
sql(q{UPDATE ootspg.evidence_type SET entitlement = NULL WHERE evidence_type = 'vehicle'; DELETE FROM ootspg_internal.out_of_service});
my $other = $node->background_psql('postgres', on_error_stop => 0);
$other->query_safe('SET client_min_messages = error; BEGIN; DROP VIEW roadreg.people');
like(as('road', 'DROP VIEW roadreg.vehicle CASCADE'), qr/^\S+ ootspg could not look at what evidence types are served from: SQLSTATE 55P03/, 'is not waited for');
$other->query_safe('ROLLBACK');
$other->quit;

$node->stop;
done_testing();
