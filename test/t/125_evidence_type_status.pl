# Failures of an evidence type are seen: a row for each type, an alarm in the status, one line of the log when it begins and
# one when it ends, in sessions without any worker. A lost key is told as such.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('type_status');
load_registry($node, 'postgres');
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
sub ask { my ($more) = @_; return answer($node, 'postgres', ++$number . ($more // '')) =~ s/^\d+\|//r; }
sub lines { my ($pattern) = @_; return scalar(() = slurp_file($node->logfile) =~ /LOG:  evidence type "birth" $pattern/g); }
sub status { return sql('SELECT state, sqlstate, answers, evidence, errors, failures, recent_failure_rate FROM ootspg.evidence_type_status'); }
sub alarms { return sql('SELECT count(*) FROM ootspg.status WHERE evidence_type IS NOT NULL'); }
# history(minutes): everything that happened is that much longer ago
sub history { my ($minutes) = @_; sql("UPDATE ootspg.exchange SET received_at = received_at - interval '$minutes min', answered_at = answered_at - interval '$minutes min'"); return; }

is(status(), 'served||0|0|{}|0|', 'nobody has asked');
like(ask(), qr/^evidence/, 'answered');
like(ask(", family => 'Nobody'"), qr/^error\|EDM:ERR:0004/, 'nobody of the name');
is(status(), 'served||2|1|{"EDM:ERR:0004": 1}|0|0.000', 'no failure of the registry');
is(alarms(), '0', 'no alarm');
is(sql(q{SELECT latency_median > '0' AND latency_95 >= latency_median AND last_success <= now() FROM ootspg.evidence_type_status}), 't', 'how long it took');

# It fails, again and again
sql(q{CREATE FUNCTION registry.fail(bytea) RETURNS bytea LANGUAGE plpgsql AS 'BEGIN RAISE ''Jānis is not well''; END';
	CREATE OR REPLACE VIEW registry.birth_evidence AS
	SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		   ROW('LV', b.entry_no, p.family_name, p.given_name, p.born, p.birthplace, ARRAY[ROW('mother', b.mother)::registry.parent])::registry.birth_document AS document,
		   registry.fail('') AS pdf
	  FROM registry.birth b JOIN registry.person p USING (code)});
is(ask(), 'error|EDM:ERR:0008|registry failed with SQLSTATE P0001', 'it fails') for 1 .. 3;
is(status(), 'failing|P0001|5|1|{"EDM:ERR:0004": 1, "EDM:ERR:0008": 3}|3|0.600', 'and that shows');
is(sql(q{SELECT state, reason, last_error, since <= now() FROM ootspg.status WHERE evidence_type = 'birth'}), 'failing|evidence type "birth": answers fail with SQLSTATE P0001|P0001|t', 'in the status as well');
is(lines('begins to fail: SQLSTATE P0001'), 1, 'one line of the log for all of them');
unlike(slurp_file($node->logfile) =~ s/^.*?(statement|STATEMENT):.*$//mgr =~ s/^\tSELECT.*$//mgr, qr/LOG:[^\n]*Jānis/, 'and nothing of what it said');

# Mended: it works at once, the alarm ends when it has worked for a while
sql(q{CREATE OR REPLACE FUNCTION registry.fail(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT public.pdf_of('')$$});
like(ask(), qr/^evidence/, 'mended');
is(lines('is answered well again'), 0, 'not sure yet: what fails now and then is no news each time');
like(status(), qr/^failing/, 'the alarm stays a while');
history(20);
like(ask(), qr/^evidence/, 'twenty minutes later');
is(lines('is answered well again'), 1, 'one line that it ended');
like(ask(), qr/^evidence/, 'and further on');
is(lines('is answered well again'), 1, 'no other line');
is(status(), 'served|P0001|8|4|{"EDM:ERR:0004": 1, "EDM:ERR:0008": 3}|3|0.000', 'served; the last failure is kept');
is(alarms(), '0', 'no alarm');
history(60);
is(status(), 'served|P0001|0|0|{}|0|', 'counted is the last hour');

# A type that is seldom asked for fails until it does not
sql(q{CREATE OR REPLACE FUNCTION registry.fail(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT convert_to((1 / length($1))::text, 'UTF8')$$});
is(ask(), 'error|EDM:ERR:0008|registry failed with SQLSTATE 22012', 'it fails again, otherwise');
is(lines('begins to fail: SQLSTATE 22012'), 1, 'a new line');
history(300);
like(status(), qr/^failing\|22012/, 'hours later it is still the last that was seen of it');
is(ask(), 'error|EDM:ERR:0008|registry failed with SQLSTATE 22012', 'and it still fails');
is(lines('begins to fail'), 2, 'no line for what has begun long ago');
sql(q{CREATE OR REPLACE FUNCTION registry.fail(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT public.pdf_of('')$$});
history(1500);
is(alarms(), '0', 'after a day it is history');

# A lost key is no failure of the registry, and is told before anybody asks
seal_registry($node, 'postgres', 1);
like(ask(", 'oots-edm:v2.0', 'application/xml'"), qr/^evidence/, 'sealed');
rename $node->basedir . '/keys/seal/civil/birth.key', $node->basedir . '/keys/seal/civil/birth.lost' or die $!;
like(sql('SELECT state, reason FROM ootspg.evidence_type_status'), qr/^out of service\|evidence type "birth": .*seal key "birth" cannot be used/, 'the status tells of the key');
like(sql('SELECT remedy FROM ootspg.out_of_service'), qr/Mend the files of seal key "birth"/, 'and what to do');
is(alarms(), '1', 'an alarm');
is(ask(", 'oots-edm:v2.0', 'application/xml'"), 'error|EDM:ERR:0008|seal key cannot be used: SQLSTATE OT004', 'the answer keeps it apart');
is(lines('begins to fail: SQLSTATE OT004'), 1, 'as does the log');
rename $node->basedir . '/keys/seal/civil/birth.lost', $node->basedir . '/keys/seal/civil/birth.key' or die $!;
is(sql('SELECT count(*) FROM ootspg.out_of_service'), '0', 'found');

# A row that cannot become evidence
sql(q{CREATE OR REPLACE FUNCTION registry.fail(bytea) RETURNS bytea LANGUAGE sql AS $$SELECT convert_to('no document', 'UTF8')$$});
is(ask(), 'error|EDM:ERR:0008|a row cannot become evidence: SQLSTATE OT005', 'a document that is none');

# Who may look: duties for a provider see its types, others nothing; the status is for those with the duty for all
sql(q{CREATE ROLE watcher; CREATE ROLE other; CREATE ROLE operator;
	INSERT INTO ootspg.provider SELECT 'traffic', scheme, 'LV2', name, country, NULL, NULL, content_domain, environment FROM ootspg.provider;
	SELECT ootspg.grant_duty('watcher', 'monitor', 'civil'), ootspg.grant_duty('other', 'monitor', 'traffic'), ootspg.grant_duty('operator', 'operate')});
for ([ watcher => '1' ], [ other => '0' ], [ operator => '1' ])
{
	my ($role, $rows) = @$_;
	is(sql("SET SESSION AUTHORIZATION $role; SELECT count(*) FROM ootspg.evidence_type_status"), $rows, "$role: $rows types");
	is(sql("SET SESSION AUTHORIZATION $role; SELECT count(*) FROM ootspg.out_of_service"), '0', "$role: out of service");
	is(sqlstate($node, 'postgres', "SET SESSION AUTHORIZATION $role; SELECT count(*) FROM ootspg.exchange"), '42501', "$role: but no exchange");
}
is(sql('SET SESSION AUTHORIZATION operator; SELECT state FROM ootspg.status WHERE evidence_type IS NOT NULL'), 'failing', 'the operator sees the alarm');
is(sql('SET SESSION AUTHORIZATION other; SELECT answers FROM ootspg_internal.evidence_type_figures($$birth$$)'), '0', 'figures of others are none');

# Cheap: whatever the history, the last failure and success are found by an index
sql('VACUUM ANALYZE ootspg.exchange');
like(sql(q{SET enable_seqscan = off; EXPLAIN (COSTS off) SELECT received_at FROM ootspg.exchange x WHERE x.evidence_type = 'birth' AND x.sqlstate IS NOT NULL AND NOT x.system_check ORDER BY received_at DESC LIMIT 1}),
	qr/exchange_failure/, 'the last failure');
$node->stop;
done_testing();
