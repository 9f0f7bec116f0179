# What operators do and see: who may, what it means, what it leaves in events and audit,
# and that the status tells the truth (D-OPS-02, D-OPS-04, D-OPS-11, D-OPS-12).
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

my ($node, $ap) = exchange_node('operating', undef, 'ootspg.answer_workers = 2');
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
sub as { my ($role, $sql) = @_; return sqlstate($node, 'postgres', "SET SESSION AUTHORIZATION $role;\n$sql"); }
sub operate { my ($sql) = @_; my $state = as('operator', "SELECT ootspg.$sql"); is($state, '', "the operator: $sql"); return; }
sub events { my ($from) = @_; return sql('SELECT string_agg(event_type, $$ $$ ORDER BY event_time) FROM (SELECT * FROM ootspg.access_point_event ORDER BY event_time OFFSET ' . ($from // 0) . ') e'); }
sub request { my (%message) = @_; return ask($node, $ap, ++$number, %message); }
sub answered { my ($request, $name) = @_; is(wait_answer($ap, $request, 60)->{action}, 'ExecuteQueryResponse', $name); return; }

sub inbox { my ($request, $columns) = @_; return sql("SELECT $columns FROM ootspg.inbox WHERE message_id = '$request->{message_id}'"); }
sub wait_inbox { my ($request, $condition, $name) = @_; return wait_sql($node, "SELECT $condition FROM ootspg.inbox WHERE message_id = '$request->{message_id}'", $name); }
my $outbox = 'FROM ootspg.inbox i JOIN ootspg.outbox o USING (exchange_id) WHERE i.message_id =';
sub outbox { my ($request, $columns) = @_; return sql("SELECT $columns $outbox '$request->{message_id}'"); }
sub wait_outbox { my ($request, $condition, $name) = @_; return wait_sql($node, "SELECT $condition $outbox '$request->{message_id}'", $name); }

# audited(request, type): how often that event is in the audit of its exchanges
sub audited
{
	my ($request, $type) = @_;
	return sql("SELECT count(*) FROM ootspg.exchange_event WHERE event_type = '$type' AND (facts ->> 'message_id' = '$request->{message_id}' OR exchange_id = (SELECT exchange_id FROM ootspg.inbox WHERE message_id = '$request->{message_id}'))");
}

sql(q{CREATE ROLE operator; CREATE ROLE watcher; CREATE ROLE nobody; SELECT ootspg.grant_duty('operator', 'operate'), ootspg.grant_duty('watcher', 'monitor')});

# Privileges ------------------------------------------------------------------------------

my @functions = ('resume()', 'pause()', 'drain()', 'retry(1)', 'retry_all()', 'give_up(1)', 'release(1)', 'dismiss(1)');
for my $role ('nobody', 'watcher', 'answerer')
{
	is(as($role, "SELECT ootspg.$_"), '42501', "$role may not: $_") for @functions;
	is(as($role, "SELECT count(*) FROM ootspg.status"), $role eq 'watcher' ? '' : '42501', "$role: the status");
	is(as($role, "UPDATE ootspg_internal.inbox_queue SET state = 'waiting'"), '42501', "$role: no message by hand");
}
is(as('operator', 'UPDATE ootspg_internal.outbox_queue SET state = $$waiting$$'), '42501', 'nor the operator');
is(as('operator', "SELECT ootspg.$_->[0]"), $_->[1], "$_->[0]: $_->[1]")
  for [ q{resume('none')}, '42704' ], [ q{pause('none')}, '42704' ], [ q{drain('none')}, '42704' ], [ 'retry(999)', '55000' ], [ 'give_up(999)', '55000' ],
  [ 'release(999)', '55000' ], [ 'dismiss(999)', '55000' ], [ 'retry(NULL)', '55000' ];
my $other = as('operator', 'SELECT count(*) FROM ootspg.access_point; SELECT count(*) FROM ootspg.access_point_event; SELECT count(*) FROM ootspg.inbox; SELECT count(*) FROM ootspg.outbox; SELECT count(*) FROM ootspg.status');
is($other, '', 'the operator sees what there is to operate');
is(as('operator', 'SELECT count(*) FROM ootspg_internal.inbox_part'), '42501', 'but no contents');

# Pause and resume ------------------------------------------------------------------------

answered(request(), 'running');
my $before = sql('SELECT count(*) FROM ootspg.access_point_event');
operate(q{pause('ap', 'holiday')});
is(sql(q{SELECT state, reason, pending FROM ootspg.status}), 'paused|holiday|0', 'the status says so');
my $calls = $ap->stats->{'calls.listPendingMessages'};
my $held = request();
# a call under way ends; then there are none
$ap->wait_until('quiet', sub { my $now = $ap->stats->{'calls.listPendingMessages'}; Time::HiRes::sleep(0.5); $now == $ap->stats->{'calls.listPendingMessages'} });
cmp_ok($ap->stats->{'calls.listPendingMessages'} - $calls, '<=', 1, 'no further call');
is($ap->status('provider', $held->{message_id}, 'RECEIVING'), 'RECEIVED', 'what came stays there');
operate(q{resume()});
answered($held, 'resumed');
is(events($before), 'paused resumed', 'events');
is(sql(q{SELECT string_agg(DISTINCT written_by, ' ') FROM ootspg.access_point_event WHERE detail = 'holiday'}), 'operator', 'with who decided');

# The clock of the other side (D-LOG-27)
$ap->control('clock 3600');
wait_sql($node, q{SELECT abs(extract(epoch FROM clock_offset) - 3600) < 2 FROM ootspg.status}, 'a clock that is an hour ahead');
$ap->control('clock 0');
wait_sql($node, q{SELECT abs(extract(epoch FROM clock_offset)) < 2 FROM ootspg.status}, 'and one that is right');

# What stands where -------------------------------------------------------------------------

wait_sql($node, 'SELECT in_flight = 0 FROM ootspg.status', 'all is delivered');
is(sql(q{SELECT waiting, quarantined, oldest_unanswered, overdue, to_send, in_flight, parked, given_up, oldest_undelivered FROM ootspg.status}), '0|0||0|0|0|0|0|', 'nothing stands anywhere');
$ap->control('wire AP_DE_01 hold');
my $flying = request();
wait_outbox($flying, "o.state = 'submitted'", 'handed over');
is(sql(q{SELECT in_flight, oldest_undelivered = (SELECT max(created_at) FROM ootspg.outbox) FROM ootspg.status}), '1|t', 'in flight until its delivery is confirmed (D-SEC-03)');
is(as('operator', 'SELECT ootspg.retry(' . outbox($flying, 'o.outbox_id') . ')'), '55000', 'which nobody can retry');

# Drain: nothing new comes in, what is here goes out, then it pauses
$before = sql('SELECT count(*) FROM ootspg.access_point_event');
operate(q{drain('ap', 'maintenance')});
is(sql('SELECT state, reason FROM ootspg.status'), 'draining|maintenance', 'draining');
my $late = request();
$ap->wait_until('followed up', sub { outbox($flying, 'o.checks') >= 1 });
is(sql('SELECT state FROM ootspg.status') . inbox($late, 'state'), 'draining', 'as long as something is on its way; nothing new comes in');
$ap->control('wire AP_DE_01 deliver');
wait_sql($node, q{SELECT state = 'paused' AND reason = 'drained: maintenance' FROM ootspg.status}, 'then it pauses');
is(outbox($flying, 'o.state'), 'delivered', 'what was on its way is delivered');
is(events($before), 'draining paused', 'events');
operate('resume()');
answered($late, 'resumed: what came meanwhile');
answered($flying, 'and what was drained');

# Messages that are parked
$ap->control('rule submitMessage user=provider times=3 fault=pmode');
my @parked = map { request() } 1 .. 3;
wait_sql($node, 'SELECT parked = 3 FROM ootspg.status', 'three are parked');
operate('give_up(' . outbox($parked[0], 'o.outbox_id') . ", 'no use')");
is(sql('SELECT parked, given_up FROM ootspg.status'), '2|1', 'one is given up');
is(outbox($parked[0], 'o.reason, o.final_at IS NOT NULL, (SELECT count(*) FROM ootspg_internal.outbox_part p WHERE p.outbox_id = o.outbox_id)'), 'no use|t|0', 'for that reason, and erased (D-SEC-06)');
is(as('operator', "SELECT ootspg.$_(" . outbox($parked[0], 'o.outbox_id') . ')'), '55000', "given up is final: $_") for 'give_up', 'retry';
$ap->control('rule submitMessage user=provider fault=party');
is(sql(q{SELECT ootspg.retry_all('none')}), '0', 'retry_all of another access point');
is(sql(q{SELECT ootspg.retry_all()}), '2', 'retry_all');
wait_sql($node, q{SELECT parked = 1 AND in_flight + to_send <= 1 FROM ootspg.status}, 'one of them is refused again');
is(sql(q{SELECT ootspg.retry_all('ap')}), '1', 'and tried again');
answered($_, 'mended') for @parked[ 1, 2 ];
is(audited($parked[0], 'message_given_up') . audited($parked[1], 'message_retried') . audited($parked[2], 'message_retried'), '1' . (audited($parked[1], 'message_retried') + 0) . (3 - audited($parked[1], 'message_retried')), 'all of it in the audit');
is(as('operator', 'SELECT ootspg.give_up(' . outbox($parked[1], 'o.outbox_id') . ')'), '55000', 'what is delivered cannot be given up') if wait_outbox($parked[1], "o.state = 'delivered'", 'delivered');

# Messages in quarantine --------------------------------------------------------------------

# one of which nothing is here
$ap->control('rule retrieveMessage user=provider fault=not-found');
my $empty = request();
wait_inbox($empty, "state = 'quarantined'", 'nothing of it could be had');
is(sql('SELECT quarantined, pending FROM ootspg.status'), '1|1', 'the status counts it');
operate('release(' . inbox($empty, 'inbox_id') . ')');
answered($empty, 'released: it is fetched again');
# one that is no evidence request
my $strange = send_request($ap, request_bytes($node, ++$number), action => 'ExecuteQueryResponse');
wait_inbox($strange, "state = 'quarantined' AND acknowledged_at IS NOT NULL", 'no request');
my $exchange = inbox($strange, 'exchange_id');
operate('release(' . inbox($strange, 'inbox_id') . ')');
wait_inbox($strange, "state IN ('answered', 'unanswerable') AND exchange_id <> $exchange", 'released: it is dealt with, as an exchange of its own');
is(as('operator', 'SELECT ootspg.release(' . inbox($strange, 'inbox_id') . ')'), '55000', 'once');
is(audited($strange, 'message_released'), '1', 'in the audit');
# and one that is dismissed
my $dull = send_request($ap, request_bytes($node, ++$number), action => 'ExceptionResponse');
wait_inbox($dull, "state = 'quarantined'", 'no request either');
operate('dismiss(' . inbox($dull, 'inbox_id') . ", 'seen')");
is(inbox($dull, 'state, reason, (SELECT count(*) FROM ootspg_internal.inbox_part p WHERE p.inbox_id = inbox.inbox_id)'), 'dismissed|seen|0', 'dismissed: its contents are erased');
is(as('operator', "SELECT ootspg.$_(" . inbox($dull, 'inbox_id') . ')'), '55000', "dismissed is final: $_") for 'release', 'dismiss';
is(audited($dull, 'message_dismissed'), '1', 'in the audit');
is(sql('SELECT quarantined FROM ootspg.status'), '0', 'nothing is in quarantine');
# a request that was refused has its answer
sql(q{CREATE OR REPLACE VIEW registry.birth_sample AS SELECT * FROM registry.birth_evidence WHERE false});
sql(q{
	CREATE FUNCTION registry.poison() RETURNS text LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(10); RETURN ''; END $$;
	CREATE OR REPLACE VIEW registry.birth_evidence AS
	SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		   ROW('LV', b.entry_no, p.family_name, p.given_name, p.born, p.birthplace,
			   ARRAY[ROW('mother', b.mother)::registry.parent])::registry.birth_document AS document,
		   convert_to(registry.poison(), 'UTF8') AS pdf
	  FROM registry.birth b JOIN registry.person p USING (code)});
my $poison = request();
wait_inbox($poison, "attempts >= 1 AND leased_by IS NULL AND state = 'waiting'", 'an attempt failed');
is(sql('SELECT waiting, oldest_unanswered = (SELECT received_at FROM ootspg.inbox WHERE state = $$waiting$$), overdue FROM ootspg.status'), '1|t|0', 'the status shows it waiting');
# paused while it waits: nobody looks for it in vain
operate('pause()');
my $transactions = q{SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = 'postgres'};
sql("UPDATE ootspg_internal.inbox_queue SET attempts = 3, next_attempt_at = clock_timestamp() WHERE inbox_id = " . inbox($poison, 'inbox_id'));
my $was = sql("SELECT pg_stat_force_next_flush(); $transactions") =~ s/^\s+//r;
sql('SELECT pg_sleep(2)');
cmp_ok((sql("SELECT pg_stat_force_next_flush(); $transactions") =~ s/^\s+//r) - $was, '<', 40, 'what waits at a paused access point makes no worker spin');
is(inbox($poison, 'attempts'), '3', 'and is not tried');
operate('resume()');
is(wait_answer($ap, $poison, 60)->{code}, 'EDM:ERR:0008', 'refused after the last attempt');
wait_inbox($poison, "state = 'quarantined'", 'and in quarantine');
is(as('operator', 'SELECT ootspg.release(' . inbox($poison, 'inbox_id') . ')'), '55000', 'it has its answer: it cannot be released');
operate('dismiss(' . inbox($poison, 'inbox_id') . ')');

# A copy that nobody said go for is silent ------------------------------------------------------

sql(q{UPDATE ootspg_internal.access_point_state SET copy = 'another'});
wait_sql($node, q{SELECT state = 'silent' AND reason ~ 'resume' FROM ootspg.status}, 'a copy of the database is silent');
is(as('operator', 'DELETE FROM ootspg.access_point_event'), '42501', 'nobody rewrites history');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|begins anew/, 'no process crashed');
$node->stop;
$ap->stop;
done_testing();
