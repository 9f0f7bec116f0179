# Memory of a backend is flat over 100 000 calls, successes and failures mixed. The calls
# run in one procedure that rolls back in batches, so that tables do not grow.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

plan skip_all => 'no /proc/self/status to read' unless -r '/proc/self/status';

my $calls = 100_000;
# Less than this over 80 000 calls is less than a cache line a call.
my $allowed = 4096;

my $node = start_node('memory', 'fsync = off', 'autovacuum = off', "log_statement = 'none'", 'log_min_messages = fatal', 'max_wal_size = 4GB');
load_registry($node, 'postgres');
seal_registry($node, 'postgres');
$node->safe_psql('postgres', <<'END');
SELECT ootspg.maintain();

-- A view that fails for one person, and a type without a model and with one whose schema nothing fits
CREATE VIEW registry.broken AS
	SELECT person_id, issuing_date, convert_to((1 / length(replace(person_id, '010190-10001', '')))::text, 'UTF8') AS pdf FROM registry.birth_evidence;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
VALUES ('broken', 'civil', 'b1c2d3e4-2222-4333-8444-555566660000', '{"EN": "Broken"}', 'registry.people', '{R1}', 'High', 'exempt');
INSERT INTO ootspg.evidence_type_line SELECT 'broken', line, classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document)
VALUES ('broken', 'pdf', 'application/pdf', 'registry.broken', 'pdf');
SELECT ootspg.activate('broken');

-- However long the calls take, their requests are never too old (T1).
UPDATE ootspg.evidence_type SET t1 = '0';

CREATE TABLE call (number integer PRIMARY KEY, what text, request bytea, header bytea, statement text);
INSERT INTO call (number, what, request, header) VALUES
	(0, 'evidence', birth_request(1), test_header('oots-edm:v1.2')),
	(1, 'evidence', birth_request(2, 'oots-edm:v2.0', 'application/xml'), test_header('oots-edm:v2.0')),
	(2, 'evidence', birth_request(3, 'oots-edm:v1.0', 'application/xml'), NULL),
	(3, 'error', birth_request(4, family => 'Nobody'), NULL),
	(4, 'error', birth_request(1), NULL),
	(5, 'error', birth_request(5, 'oots-edm:v2.0', service => 'b1c2d3e4-2222-4333-8444-555566660000'), NULL),
	(6, 'error', convert_to(repeat('<a>', 50), 'UTF8'), NULL),
	(7, 'error', overlay(birth_request(6) PLACING '\xff'::bytea FROM 700), NULL),
	(8, 'error', birth_request(7, format => 'image/png'), NULL),
	(9, 'error', convert_to(replace(convert_from(birth_request(8, 'oots-edm:v1.2'), 'UTF8'), 'rim:Slot name=', 'rim:Slot lid='), 'UTF8'), test_header('oots-edm:v1.2'));
INSERT INTO call (number, what, statement) VALUES
	(10, '2', $$SELECT count(*) FROM ootspg.evidence('birth', ARRAY['010190-10001'], distribution => 'xml')$$),
	(11, 'OT007', $$SELECT count(*) FROM ootspg.evidence('birth', ootspg.natural_person('Kalniņš', 'Pēteris', '1992-03-03'))$$),
	(12, '22012', $$SELECT count(*) FROM ootspg.evidence('broken', ARRAY['010190-10001'])$$),
	(13, '0', $$SELECT count(*) FROM call, ootspg.check_message(request, header) WHERE number = 1 AND severity = 'fatal'$$),
	(14, 'true', $$SELECT count(*) > 5 FROM call, ootspg.check_message(request, header) WHERE number = 9$$),
	(15, 'true', $$SELECT valid FROM ootspg.verify_seal(ootspg.seal('<a><b>c</b></a>'::bytea, 'birth'))$$),
	(16, 'false', $$SELECT valid FROM ootspg.verify_seal('<a><b>c</b></a>')$$),
	(17, 'OT001', $$SELECT ootspg.seal('<a><b>c</a>'::bytea, 'birth')$$),
	(18, 'OT004', $$SELECT f.algorithm FROM ootspg_internal.key_facts('x', 'file:none.key', 'file:birth.pem') f$$),
	(19, 'true', $$SELECT ootspg.names_match('Ozoliņš', 'Ozolins') AND ootspg.canonical('<a/>') = '<a></a>'$$);

CREATE FUNCTION try(c call) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	IF c.statement IS NULL THEN
		SELECT min(outcome) INTO result FROM ootspg.answer(c.request, c.header);
	ELSE
		EXECUTE c.statement INTO result;
	END IF;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;

-- RssAnon: what this process alone has; shared buffers it touches don't count
CREATE FUNCTION memory() RETURNS text LANGUAGE sql AS $$
	SELECT (regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\s+(\d+)'))[1] || ' ' || sum(total_bytes) / 1024 FROM pg_backend_memory_contexts
$$;

CREATE PROCEDURE many(calls integer) LANGUAGE plpgsql AS $$
DECLARE
	given call[] := (SELECT array_agg(c ORDER BY number) FROM call c);
	c call;
	result text;
BEGIN
	FOR round IN 0 .. calls / 20 - 1 LOOP
		FOREACH c IN ARRAY given LOOP
			result := try(c);
			IF result <> c.what THEN
				RAISE EXCEPTION 'call % gave %', c.number, result;
			END IF;
		END LOOP;
		IF round % (calls / 200) = calls / 200 - 1 THEN
			RAISE NOTICE 'sample % %', (round + 1) * 20, memory();
		END IF;
		ROLLBACK;
	END LOOP;
END $$;
END

my ($stdout, $stderr);
my $started = time;
$node->psql('postgres', "SET client_min_messages = notice; CALL many($calls)", stdout => \$stdout, stderr => \$stderr, timeout => 600);
my %rss;
my %contexts;
for ($stderr =~ /sample (\d+ \d+ \d+)/g)
{
	my ($number, $rss, $contexts) = split / /;
	($rss{$number}, $contexts{$number}) = ($rss, $contexts);
	note("$number calls: $rss kB of its own, $contexts kB in memory contexts");
}
note(time - $started, ' s');
my @warnings = grep { !/sample|CONTEXT/ } split /\n/, $stderr;
is("@warnings", '', 'every call did what it should');
is(scalar keys %rss, 10, 'there are ten samples');
cmp_ok($rss{$calls} - $rss{ $calls / 5 }, '<', $allowed, 'resident memory does not grow');
cmp_ok($contexts{$calls} - $contexts{ $calls / 5 }, '<', 256, 'memory contexts do not grow');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg.exchange'), '0', 'all was rolled back');

$node->stop;
done_testing();
