# A registry on another server: views over postgres_fdw. The name key is compared there, by the index there; a server that is down, or says
# nothing, is answered by EDM:ERR:0008 and holds nobody up for longer than connect_timeout. The same for a registry in parts on three
# servers, asked all at once; and a registry that is copied here by logical replication, which needs nobody.
use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $here = start_node('here');
my $far = start_node('far', 'wal_level = logical', 'max_wal_senders = 4', 'max_replication_slots = 4');

plan skip_all => 'no postgres_fdw' unless $here->safe_psql('postgres', q{SELECT 1 FROM pg_available_extensions WHERE name = 'postgres_fdw'});

# The registry: enough persons for an index to be worth it. The functions of the index are the extension's, there as here.
$far->safe_psql('postgres', q{
	CREATE EXTENSION ootspg;
	CREATE TABLE person (code text PRIMARY KEY, family_name text, given_name text, born date);
	INSERT INTO person SELECT 'X' || i, 'Persona' || chr(97 + i % 26) || chr(97 + i / 26 % 26), 'Anna', DATE '1950-01-01' + i % 20000 FROM generate_series(1, 20000) i;
	INSERT INTO person VALUES ('010190-10001', 'Ozoliņš', 'Jānis', '1990-01-01');
	CREATE INDEX person_match ON person (born, ootspg.name_key(family_name));
	CREATE TABLE residence (code text PRIMARY KEY, since date, address text);
	INSERT INTO residence VALUES ('010190-10001', '2015-06-01', 'Brīvības iela 1, Rīga');
	CREATE ROLE reader LOGIN;
	GRANT SELECT ON person, residence TO reader;
	ANALYZE person});
my ($host, $port) = ($far->host, $far->port);
$here->safe_psql('postgres', slurp_file('test/fixtures/pdf.sql'));
$here->safe_psql('postgres', qq{
	CREATE EXTENSION ootspg;
	CREATE EXTENSION postgres_fdw;
	CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw
		OPTIONS (host '$host', port '$port', dbname 'postgres', extensions 'ootspg', connect_timeout '2', use_remote_estimate 'true');
	CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'reader', password_required 'false');
	CREATE SCHEMA far;
	IMPORT FOREIGN SCHEMA public LIMIT TO (person, residence) FROM SERVER far INTO far;
	CREATE FUNCTION page(since date) RETURNS bytea STABLE RETURN pdf_of('residence since ' || since);
	CREATE VIEW people AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth FROM far.person;
	CREATE VIEW residence_evidence AS SELECT code AS person_id, current_date AS issuing_date, 'LV' AS language, page(since) AS document FROM far.residence;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
	VALUES ('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Civil Register"}', 'LV', 'civil.example.lv')});
serve('residence', 'people', 'residence_evidence');

# serve(type, persons, evidence): a type of evidence over these views, in service
sub serve
{
	my ($type, $persons, $evidence) = @_;
	$here->safe_psql('postgres', qq{
		INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
		VALUES ('$type', 'civil', gen_random_uuid(), '{"EN": "Proof of residence"}', '$persons', '{S1,V1}', 'Substantial', 'exempt');
		INSERT INTO ootspg.evidence_type_line
		VALUES ('$type', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/' || gen_random_uuid());
		INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('$type', 'pdf', 'application/pdf', '$evidence');
		SELECT ootspg.activate('$type')});
	return;
}

# ask([type, family name]): outcome|error|reason of one request
sub ask
{
	my ($type, $family) = @_;
	$type //= 'residence';
	$family //= 'Ozolins';
	return $here->safe_psql('postgres', qq{
		CREATE TEMP TABLE answered AS SELECT * FROM ootspg.answer(ootspg.sample_request('$type', ootspg.natural_person('$family', 'Janis', '1990-01-01'), 'oots-edm:v2.0'));
		SELECT outcome, error_code, sqlstate FROM ootspg.exchange WHERE exchange_id = (SELECT min(exchange_id) FROM answered)});
}

my $plan = $here->safe_psql('postgres', q{EXPLAIN (VERBOSE, COSTS OFF) SELECT person_id FROM people
	WHERE date_of_birth = '1990-01-01' AND ootspg.name_key(family_name) = ootspg.name_key('Ozolins')});
like($plan, qr/Remote SQL: .*ootspg\.name_key\(family_name\) = /, 'the name key is compared on the other server');
unlike($plan, qr/^\s*Filter:/m, 'and nothing is left to compare here');
# what the sessions before did there is counted when they have left
$far->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'reader'}) or die;
my $whole = $far->safe_psql('postgres', q{SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'person'});
is(ask(), 'evidence||', 'evidence from there');
$far->poll_query_until('postgres', q{SELECT idx_scan > 0 FROM pg_stat_user_indexes WHERE indexrelname = 'person_match'}) or die;
$far->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE usename = 'reader'}) or die;
is($far->safe_psql('postgres', q{SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'person'}), $whole, 'by the index there, and no look at the whole table');

# In parts on three servers: two databases there, and one here. A request does not say which
my @regions = ([ 'Riga', $far, 'postgres' ], [ 'Kurzeme', $far, 'kurzeme' ], [ 'Latgale', $here, 'latgale' ]);
$_->[1]->safe_psql('postgres', "CREATE DATABASE $_->[2]") for @regions[1, 2];
$here->safe_psql('postgres', q{
	CREATE SCHEMA parts;
	CREATE TABLE parts.person (region text, code text, family_name text, given_name text, born date) PARTITION BY LIST (region);
	CREATE TABLE parts.residence (region text, code text, since date) PARTITION BY LIST (region);
	CREATE VIEW all_people AS SELECT region || code AS person_id, family_name, given_name, born AS date_of_birth FROM parts.person;
	CREATE VIEW all_residence AS SELECT region || code AS person_id, current_date AS issuing_date, 'LV' AS language, page(since) AS document FROM parts.residence});
foreach (@regions)
{
	my ($region, $node, $database) = @$_;
	my $place = sprintf q{host '%s', port '%d', dbname '%s'}, $node->host, $node->port, $database;
	$node->safe_psql($database, qq{
		CREATE EXTENSION IF NOT EXISTS ootspg;
		CREATE TABLE part (region text DEFAULT '$region', code text, family_name text, given_name text, born date);
		INSERT INTO part SELECT '$region', i, 'Persona' || chr(97 + i % 26) || chr(97 + i / 26 % 26), 'Anna', DATE '1950-01-01' + i % 20000 FROM generate_series(1, 5000) i;
		INSERT INTO part VALUES ('$region', '-1', 'Liepa', 'Jānis', '1990-01-01'), ('$region', '-2', 'Tikai $region', 'Jānis', '1990-01-01');
		CREATE INDEX ON part (born, ootspg.name_key(family_name));
		CREATE TABLE part_residence AS SELECT '$region' AS region, code, DATE '2015-06-01' AS since FROM part WHERE code < '0';
		ANALYZE part});
	$here->safe_psql('postgres', qq{
		CREATE SERVER $region FOREIGN DATA WRAPPER postgres_fdw
			OPTIONS ($place, extensions 'ootspg', connect_timeout '2', async_capable 'true', use_remote_estimate 'true');
		CREATE USER MAPPING FOR postgres SERVER $region OPTIONS (user 'postgres', password_required 'false');
		CREATE FOREIGN TABLE parts.person_$region PARTITION OF parts.person FOR VALUES IN ('$region') SERVER $region OPTIONS (schema_name 'public', table_name 'part');
		CREATE FOREIGN TABLE parts.residence_$region PARTITION OF parts.residence FOR VALUES IN ('$region') SERVER $region OPTIONS (schema_name 'public', table_name 'part_residence')});
}
serve('anywhere', 'all_people', 'all_residence');
$plan = $here->safe_psql('postgres', q{EXPLAIN (VERBOSE, COSTS OFF) SELECT person_id FROM all_people
	WHERE date_of_birth = '1990-01-01' AND ootspg.name_key(family_name) = ootspg.name_key('Liepa')});
is(scalar(() = $plan =~ /Async Foreign Scan/g), 3, 'all three are asked at the same time');
is(scalar(() = $plan =~ /Remote SQL: .*ootspg\.name_key\(family_name\) = /g), 3, '... and compare the name key there');
is(ask('anywhere', "Tikai $_"), 'evidence||', "who is registered in $_ alone is found") for map { $_->[0] } @regions;
is(ask('anywhere', 'Nekur'), 'error|EDM:ERR:0004|', 'who is nowhere is unknown');
is(ask('anywhere', 'Liepa'), 'error|EDM:ERR:0004|', 'who is in several is nobody for sure');

# A copy by logical replication: rows come by themselves, the key is computed and indexed here
my $source = sprintf 'host=%s port=%d dbname=postgres user=postgres', $far->host, $far->port;
$far->safe_psql('postgres', 'CREATE PUBLICATION register FOR TABLE person, residence');
$here->safe_psql('postgres', qq{
	CREATE TABLE person (code text PRIMARY KEY, family_name text, given_name text, born date, family_key text GENERATED ALWAYS AS (ootspg.name_key(family_name)) STORED);
	CREATE INDEX ON person (born, ootspg.name_key(family_name));
	CREATE TABLE residence (code text PRIMARY KEY, since date, address text);
	CREATE VIEW copied_people AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth FROM person;
	CREATE VIEW copied_residence AS SELECT code AS person_id, current_date AS issuing_date, 'LV' AS language, page(since) AS document FROM residence});
$here->safe_psql('postgres', "CREATE SUBSCRIPTION register CONNECTION '$source' PUBLICATION register");
$here->poll_query_until('postgres', q{SELECT count(*) = 2 AND bool_and(srsubstate IN ('r', 's')) FROM pg_subscription_rel}) or die 'not copied';
serve('copied', 'copied_people', 'copied_residence');
is(ask('copied'), 'evidence||', 'a copy answers');
$far->safe_psql('postgres', q{INSERT INTO person VALUES ('J', 'Jaun-Celms', 'Janis', '1990-01-01'); INSERT INTO residence VALUES ('J', '2020-01-01'); UPDATE person SET family_name = 'Cita' WHERE family_name LIKE 'Ozoli%'});
$far->wait_for_catchup('register');
is(ask('copied', 'Jauncelms'), 'evidence||', 'who was registered there since is found');
is(ask('copied'), 'error|EDM:ERR:0004|', 'who has another name there is found by it only');
is($here->safe_psql('postgres', q{SELECT count(*) FROM person WHERE family_key IS DISTINCT FROM ootspg.name_key(family_name)}), '0', 'the stored key follows');
$far->safe_psql('postgres', q{UPDATE person SET family_name = 'Ozols-Ozolins' WHERE family_name = 'Cita'; UPDATE person SET family_name = 'Ozolins' WHERE family_name = 'Ozols-Ozolins'});
$far->wait_for_catchup('register');

# Down: refused at once
$far->stop;
like(ask(), qr/^error\|EDM:ERR:0008\|08/, 'a server that is down');
like(ask('anywhere', $_), qr/^error\|EDM:ERR:0008\|08/, "$_: with a part that is down nobody was looked for everywhere") for 'Tikai Latgale', 'Nekur';
is(ask('copied'), 'evidence||', 'the copy asks nobody');

# A server that takes the connection and says nothing. Without connect_timeout this would be a hang.
my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
$here->safe_psql('postgres', sprintf q{ALTER SERVER far OPTIONS (SET host '127.0.0.1', SET port '%d')}, $silent->sockport);
SKIP:
{
	skip 'from PostgreSQL 16 on postgres_fdw does not heed connect_timeout here (doc/growing.md)', 1 if $here->pg_version >= 16;
	like(ask(), qr/^error\|EDM:ERR:0008\|08/, 'a server that says nothing');
}

# Back again, by itself
$far->start;
$here->safe_psql('postgres', "ALTER SERVER far OPTIONS (SET host '$host', SET port '$port')");
is(ask(), 'evidence||', 'and back again');
is(ask('anywhere', 'Tikai Latgale'), 'evidence||', 'the parts, too');
$far->safe_psql('postgres', q{INSERT INTO person VALUES ('V', 'Velak', 'Janis', '1990-01-01'); INSERT INTO residence VALUES ('V', '2020-01-01')});
$far->wait_for_catchup('register');
is(ask('copied', 'Velak'), 'evidence||', 'and the copy goes on');
$here->safe_psql('postgres', 'DROP SUBSCRIPTION register');

$here->stop;
$far->stop;
done_testing();
