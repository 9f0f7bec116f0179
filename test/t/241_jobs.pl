# What the exchange worker does at regular times: it does it, tells so, and one that fails is told and hinders nothing. An access point is
# measured; what a server missed while it was off is found at its next start; an answer that is parked is an incident.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('jobs');
sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
my $point = sql('SELECT access_point FROM ootspg.access_point');

wait_sql($node, q{SELECT count(*) = 5 AND bool_and(sqlstate IS NULL AND last_success >= now() - interval '1 hour' AND next_run > last_run AND result IS NOT NULL) FROM ootspg.job}, 'all jobs have run');
is(sql(q{SELECT string_agg(job, ' ' ORDER BY job) FROM ootspg.job}), 'audit availability incidents maintenance statistics', 'by name');
is(sql(q{SELECT count(*) FROM ootspg.status WHERE state = 'job failing'}), '0', 'none fails');
wait_sql($node, q{SELECT last_success IS NOT NULL FROM ootspg.status WHERE access_point IS NOT NULL}, 'the access point answers');
sql('SELECT ootspg_internal.measure_availability()');
is(sql(q{SELECT component_kind, component, state FROM ootspg.availability_interval WHERE ended_at IS NULL ORDER BY 1}), "access point|$point|up\nevidence type|birth|up", 'measured');

# Paused by hand is down; maintenance drains and resumes by itself
sql(q{SELECT ootspg.pause(reason => 'a cable')});
sql('SELECT ootspg_internal.measure_availability()');
is(sql(q{SELECT cause, ended_at IS NULL FROM ootspg.failure}), 'paused: a cable|t', 'paused is down');
is(sql(q{SELECT ootspg.support_data() -> 'failures' -> 0 ->> 'cause'}), 'paused: a cable', 'support is told');
sql('SELECT ootspg.resume()');
sql(q{INSERT INTO ootspg.maintenance_window (country, starts_at, ends_at, reason) VALUES ('LV', now() - interval '1 h', now() + interval '1 h', 'disks')});
like(sql('SELECT ootspg_internal.heed_calendar()'), qr/^[01] switched off/, 'the worker, or this, drains it');
wait_sql($node, q{SELECT state = 'paused' FROM ootspg_internal.access_point_state}, 'drained');
sql('SELECT ootspg.cancel_maintenance(window_id) FROM ootspg.maintenance_window; SELECT ootspg_internal.heed_calendar()');
is(sql('SELECT state FROM ootspg_internal.access_point_state'), 'running', 'and in use again when it is over');

# An answer that waits for an operator
sql(qq{SELECT ootspg_internal.outbox_add('$point', 4711, 'message-1', 'x', NULL); UPDATE ootspg_internal.outbox_queue SET state = 'parked'});
sql('SELECT ootspg_internal.find_incidents()');
is(sql('SELECT kind, component, exchanges, state FROM ootspg.incident'), "failed transmission|$point|{4711}|open", 'is an incident');
is(sql('SELECT ootspg_internal.find_incidents()'), '0 incidents opened', 'once');

# The server is off for ten minutes, as far as it knows; a job that cannot work
sql(q{UPDATE ootspg.availability_interval SET began_at = began_at - interval '1 hour' WHERE ended_at IS NULL;
	ALTER TABLE ootspg.incident RENAME TO elsewhere});
$node->stop('immediate');
$node->append_conf('postgresql.conf', 'ootspg.exchange = off');
$node->start;
sql(q{UPDATE ootspg_internal.availability_seen SET seen_at = now() - interval '10 min'; UPDATE ootspg_internal.job_run SET last_run = now() - interval '10 min'});
$node->append_conf('postgresql.conf', 'ootspg.exchange = on');
$node->reload;
wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.availability_interval WHERE cause = 'the server or its exchange worker was off' AND ended_at IS NOT NULL}, 'found at the next start, for everything that was in use');
wait_sql($node, q{SELECT sqlstate = '42P01' AND failures > 0 FROM ootspg.job WHERE job = 'incidents'}, 'a job that fails is told');
wait_sql($node, q{SELECT bool_and(sqlstate IS NULL) FROM ootspg.job WHERE job <> 'incidents'}, 'and hinders none of the others');
sql(q{UPDATE ootspg_internal.job_run SET failures = 3 WHERE job = 'incidents'});
like(sql(q{SELECT reason FROM ootspg.status WHERE state = 'job failing'}), qr/^job "incidents" of the exchange worker fails with SQLSTATE 42P01, \d times in a row$/, 'in the status after the third time');
sql('ALTER TABLE ootspg.elsewhere RENAME TO incident');
my $request = ask($node, $ap, 1);
ok(wait_answer($ap, $request), 'requests are answered all the time');

done_testing();
