# A cancel is honoured at once wherever the extension is, is never turned into an answer,
# leaves nothing half-written and a backend that works.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes qw(time);

my $prompt = 5;
my $node = start_node('cancel');
load_registry($node, 'postgres');
seal_registry($node, 'postgres');
$node->safe_psql('postgres', <<'END');
SELECT ootspg.maintain();
-- registers that never answer in time: while matching, while reading rows, while asking for entitlement
CREATE FUNCTION registry.wait() RETURNS boolean LANGUAGE plpgsql VOLATILE AS 'BEGIN PERFORM pg_sleep(600); RETURN true; END';
CREATE VIEW registry.slow_people AS SELECT * FROM registry.people WHERE registry.wait();
CREATE VIEW registry.slow_evidence AS SELECT person_id, issuing_date, pdf FROM registry.birth_evidence WHERE registry.wait();
CREATE FUNCTION registry.slow_entitlement(ootspg.entitlement_question) RETURNS boolean LANGUAGE sql AS 'SELECT registry.wait()';
-- and large ones, where the time is spent in our own code
CREATE VIEW registry.crowd AS
	SELECT n::text AS person_id, 'Ozoliņš'::text AS family_name, repeat('Jānis ', 10) || n AS given_name, DATE '1990-01-01' AS date_of_birth
	  FROM generate_series(1, 900000) n;
CREATE VIEW registry.bulk AS
	SELECT n::text AS person_id, DATE '2020-01-01' AS issuing_date, 'LV'::text AS language,
		   ROW('LV', 'R-' || n, 'Ozoliņš', 'Jānis', '1990-01-01', 'Rīga', NULL)::registry.birth_document AS document
	  FROM generate_series(1, 200000) n;

INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, entitlement, seal, seal_key)
SELECT name, 'civil', ('b1c2d3e4-2222-4333-8444-55556666000' || number)::uuid, '{"EN": "Slow"}', people, '{R1}', 'High', 'exempt', entitlement, 'prefer', 'birth'
  FROM (VALUES (1, 'matching', 'registry.slow_people'::regclass, NULL), (2, 'rows', 'registry.people', NULL),
			   (3, 'entitlement', 'registry.people', 'registry.slow_entitlement'), (4, 'crowd', 'registry.crowd', NULL),
			   (5, 'bulk', 'registry.people', NULL)) v(number, name, people, entitlement);
INSERT INTO ootspg.evidence_type_line SELECT t.evidence_type, l.line, l.classification FROM ootspg.evidence_type t, ootspg.evidence_type_line l
 WHERE l.evidence_type = 'birth' AND t.evidence_type <> 'birth';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document)
SELECT evidence_type, 'pdf', 'application/pdf', CASE evidence_type WHEN 'rows' THEN 'registry.slow_evidence' ELSE 'registry.birth_evidence' END::regclass, 'pdf'
  FROM ootspg.evidence_type WHERE evidence_type NOT IN ('birth', 'bulk');
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version)
VALUES ('bulk', 'xml', 'application/xml', 'registry.bulk', 'document', 'birth', '1.0');
SELECT ootspg.activate(evidence_type) FROM ootspg.evidence_type;
ALTER SYSTEM SET ootspg.max_candidates = 1000000;
SELECT pg_reload_conf();
END

my $request = sub { "SELECT count(*) FROM ootspg.answer(birth_request($_[0], service => 'b1c2d3e4-2222-4333-8444-55556666000$_[1]'))" };
my %statements = (
	'while matching waits' => $request->(1, 1),
	'while rows are waited for' => $request->(2, 2),
	'while entitlement is asked for' => $request->(3, 3),
	'while many candidates are compared' => $request->(4, 4),
	'during bulk evidence' => q{SELECT count(*) FROM ootspg.evidence('bulk', (SELECT array_agg(n::text) FROM generate_series(1, 200000) n))},
	'during many seals' => q{SELECT count(ootspg.seal('<a/>'::bytea, 'birth')) FROM (SELECT generate_series(1, 100000000)) g},
	'during many verdicts' => q{SELECT count(*) FROM (SELECT generate_series(1, 100000000) n) g, LATERAL ootspg.check_message(birth_request(n))});

my $next = 100;
for my $name (sort keys %statements)
{
	# one session: the statement times out, the next one is served
	my ($stdout, $stderr);
	my $started = time;
	$node->psql('postgres', "\\set VERBOSITY sqlstate\nSET statement_timeout = '700ms';\n$statements{$name};\nRESET statement_timeout;\n"
		  . q{SELECT 'then ' || min(outcome) FROM ootspg.answer(birth_request(} . $next++ . ')); SELECT 1',
		on_error_stop => 0, stdout => \$stdout, stderr => \$stderr);
	my $seconds = time - $started;
	like($stderr, qr/ERROR:\s+57014\n?\z/, "$name: the timeout ends it");
	cmp_ok($seconds, '<', $prompt, "$name: at once");
	like($stdout, qr/^then evidence\n1$/m, "$name: the backend serves the next request");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg.exchange WHERE evidence_type <> 'birth'}), '0', "$name: no answer was made of it");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg_internal.used_request WHERE request_key < 'urn:uuid:00000000-0000-4000-8000-000000000100'}), '0', "$name: its request id is free");
}

# Another session cancels, or ends the backend.
for my $name ('while matching waits', 'while rows are waited for', 'during bulk evidence')
{
	for my $function ('pg_cancel_backend', 'pg_terminate_backend')
	{
		my $session = start_sql($node, 'postgres', "\\set VERBOSITY sqlstate\n$statements{$name};\nSELECT 'goes on'");
		my $backend = q{FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state = 'active'
			AND query ~ 'ootspg.(answer|evidence)' AND } . ($name =~ /bulk/ ? q{now() - query_start > '0.3 s'} : q{wait_event = 'PgSleep'});
		$node->poll_query_until('postgres', "SELECT count(*) = 1 $backend") or die "$name never came to its point";
		my $started = time;
		is($node->safe_psql('postgres', "SELECT $function(pid) $backend"), 't', "$name: $function");
		my ($stdout, $stderr) = finish_sql($session);
		cmp_ok(time - $started, '<', $prompt, "$name: $function is honoured at once");
		like($stderr, $function =~ /cancel/ ? qr/ERROR:\s+57014/ : qr/FATAL:\s+57P01/, "$name: $function is what ended it");
		is($stdout, $function =~ /cancel/ ? "goes on\n" : '', "$name: $function and what came after");
	}
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg.exchange WHERE evidence_type <> 'birth'}), '0', 'no answer was made of any of it');

$node->stop;
done_testing();
