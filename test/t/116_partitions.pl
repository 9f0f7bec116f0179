# The audit always has a place for what happens, and nobody who may only connect, only maintain or
# only read holds up who writes: partitions are made ahead, compared by their bounds, by short tries.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('partitions', undef, 'autovacuum = off');
my $number = 0;

sub sql { my ($sql, %options) = @_; return $node->safe_psql('postgres', $sql, %options); }
sub answered { my ($name) = @_; return is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $name); }

# The partitions that have bounds, and how many rows stand in none of them
my $months = q{SELECT count(*) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
	WHERE i.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass) AND pg_get_expr(c.relpartbound, c.oid) LIKE 'FOR VALUES%'};
my $rest = 'SELECT (SELECT count(*) FROM ootspg_internal.exchange_event_rest) + (SELECT count(*) FROM ootspg_internal.evidence_event_rest)';
# as in a month for which nobody has made any
sub forget_partitions
{
	sql(q{DO $$ DECLARE t regclass; BEGIN
		FOR t IN SELECT c.oid FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
				  WHERE i.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass) AND pg_get_expr(c.relpartbound, c.oid) LIKE 'FOR VALUES%' LOOP
			EXECUTE 'DROP TABLE ' || t;
		END LOOP; END $$});
	is(sql($months), '0', 'no partition of any month');
	return;
}

wait_sql($node, "($months) = 4", 'the worker has made the partitions of this month and the next one');
answered('a request is answered');
is(sql($rest), '0', '… and nothing stands in the catch-all');

# A stranger has the advisory lock that 0.2.0 took; decisions and new months do not ask for it
sql('CREATE ROLE stranger LOGIN; CREATE ROLE keeper LOGIN; CREATE ROLE operator LOGIN');
sql(q{SELECT ootspg.grant_duty('keeper', 'maintain', 'civil'), ootspg.grant_duty('operator', 'operate')});
my $gate = start_sql($node, 'postgres', q{SET SESSION AUTHORIZATION stranger; SELECT pg_advisory_lock(hashtextextended('ootspg audit partitions', 0)); SELECT pg_sleep(600)});
wait_sql($node, q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted}, 'a stranger has taken an advisory lock');
forget_partitions();
answered('the first request of a month is answered');
is(sql("SELECT ($rest) > 0"), 't', '… its events stand in the catch-all');
send_request($ap, request_bytes($node, ++$number), action => 'ExecuteQueryResponse');
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'quarantined'}, 'a message of an action of no request is in quarantine');
is(sqlstate($node, 'postgres', q{SET lock_timeout = '10 s'; SET SESSION AUTHORIZATION operator; SELECT ootspg.dismiss(inbox_id) FROM ootspg.inbox WHERE state = 'quarantined'}), '', '… and an operator dismisses it');
my $last = sql('SELECT max(event_id) FROM ootspg.exchange_event');
my $events = "SELECT md5(string_agg(e::text, chr(10) ORDER BY event_id)) FROM ootspg.exchange_event e WHERE event_id <= $last";
my $before = sql($events);
is(sqlstate($node, 'postgres', q{SET lock_timeout = '10 s'; SET SESSION AUTHORIZATION keeper; SELECT ootspg.maintain()}), '', 'maintain() waits for no stranger either');
is(sql($months), '4', '… and makes the partitions');
is(sql($rest), '0', '… to which it moves what was written meanwhile');
is(sql($events), $before, '… as it was');
is(sql(q{SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'}), 't', 'the stranger goes');

# Only near months, by one function only
is(sqlstate($node, 'postgres', q{SET SESSION AUTHORIZATION keeper; SELECT ootspg_internal.ensure_partitions(now())}), '42501', 'who has the duty to maintain makes no partition by date');
sql(q{SELECT ootspg_internal.ensure_partitions(t) FROM unnest(ARRAY[make_timestamptz(-2026, 12, 5, 0, 0, 0, 'UTC'), now() - interval '40 days', now() + interval '3 months', '-infinity', 'infinity']::timestamptz[]) t});
is(sql($months), '4', 'far months have none');

# What has the name of a month is no partition of it
forget_partitions();
sql(q{DO $$ BEGIN EXECUTE format('CREATE TABLE ootspg_internal.exchange_event%s (n integer)', to_char(now() AT TIME ZONE 'UTC', '"_y"YYYY"m"MM')); END $$});
sql(q{DO $$ BEGIN EXECUTE format('CREATE TABLE ootspg_internal.evidence_event%s PARTITION OF ootspg.evidence_event FOR VALUES FROM (%L) TO (%L)',
	to_char(now() AT TIME ZONE 'UTC', '"_y"YYYY"m"MM'), '2026-11-01 00:00:00+00 BC', '2026-12-01 00:00:00+00 BC'); END $$});
answered('with names that are taken, one of them before Christ, requests are answered');
sql('SELECT ootspg.maintain()');
is(sql(q{SELECT count(*) FROM (VALUES ('exchange_event'), ('evidence_event')) p(parent), (VALUES (now()), (now() + interval '1 month')) m(moment)
	WHERE ootspg_internal.audit_partition(parent, moment) IS NOT NULL}), '4', 'maintain() makes partitions of other names');
is(sql($rest), '0', '… that take what was written meanwhile');

# An auditor reads the catch-all for long: nothing is made now, nobody waits, nothing is lost
forget_partitions();
my $auditor = start_sql($node, 'postgres', 'BEGIN; SELECT count(*) FROM ootspg.exchange_event, ootspg.evidence_event; SELECT pg_sleep(600)');
wait_sql($node, q{SELECT count(*) > 0 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.relation = 'ootspg_internal.exchange_event_rest'::regclass AND a.query LIKE '%pg_sleep(600)%'}, 'an auditor reads');
is(sqlstate($node, 'postgres', q{SELECT ootspg.maintain()}), '', 'maintain() ends');
is(sql($months), '0', '… without having made anything');
answered('answers are given');
is(sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()}), 't', 'the auditor goes');
sql('SELECT ootspg.maintain()');
is(sql("SELECT ($months) || ' ' || ($rest)"), '4 0', 'then all is where it belongs');

# A month that went by without any: moved afterwards, whatever its age
sql(q{INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type) SELECT now() - make_interval(months => m), 1, 'late' FROM unnest(ARRAY[5, 5, 14]) m});
is(sql($rest), '3', 'events of months that have no partition');
sql('SELECT ootspg.maintain()');
is(sql("SELECT ($months) || ' ' || ($rest)"), '8 0', '… have one');
is(sql(q{SELECT count(*) FROM ootspg.exchange_event WHERE event_type = 'late'}), '3', '… and are there');

$node->stop;
$ap->stop;
done_testing();
