# A registry on another server: views over postgres_fdw. The name key is compared there, by the index there; a server that is down, or says
# nothing, is answered by EDM:ERR:0008 and holds nobody up for longer than connect_timeout.
use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $here = start_node('here');
my $far = start_node('far');

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
	CREATE VIEW people AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth FROM far.person;
	CREATE VIEW residence_evidence AS
		SELECT code AS person_id, current_date AS issuing_date, 'LV' AS language,
			   pdf_of('residence since ' || since) AS document FROM far.residence;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
	VALUES ('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Civil Register"}', 'LV', 'civil.example.lv');
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	VALUES ('residence', 'civil', '5d3f4c1e-7a52-4be0-9c52-0a4c3a1d9e01', '{"EN": "Proof of residence"}', 'people', '{S1,V1}', 'Substantial', 'exempt');
	INSERT INTO ootspg.evidence_type_line
	VALUES ('residence', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/0b7c3a52-5f0e-4b53-8f1c-1e0f7b1a2c3d');
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('residence', 'pdf', 'application/pdf', 'residence_evidence');
	SELECT ootspg.activate('residence')});

# ask(): outcome|error|reason of one request
sub ask
{
	return $here->safe_psql('postgres', q{
		CREATE TEMP TABLE answered AS SELECT * FROM ootspg.answer(ootspg.sample_request('residence', ootspg.natural_person('Ozolins', 'Janis', '1990-01-01'), 'oots-edm:v2.0'));
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

# Down: refused at once
$far->stop;
like(ask(), qr/^error\|EDM:ERR:0008\|08/, 'a server that is down');

# A server that takes the connection and says nothing. Without connect_timeout this would be a hang.
my $silent = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die $!;
$here->safe_psql('postgres', sprintf q{ALTER SERVER far OPTIONS (SET host '127.0.0.1', SET port '%d')}, $silent->sockport);
like(ask(), qr/^error\|EDM:ERR:0008\|08/, 'a server that says nothing');

# Back again, by itself
$far->start;
$here->safe_psql('postgres', "ALTER SERVER far OPTIONS (SET host '$host', SET port '$port')");
is(ask(), 'evidence||', 'and back again');

$here->stop;
$far->stop;
done_testing();
