# What a statement of the workers costs does not depend on what was there before, on what waits,
# on what an old snapshot keeps, or on what the planner knows: buffers are counted, of each of
# them, with 100 000 old messages and 100 000 that wait elsewhere, never analysed.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('statements', undef, 'autovacuum = off', 'fsync = off', "shared_preload_libraries = 'ootspg, pg_stat_statements'",
	'pg_stat_statements.track = all');

plan skip_all => 'this server has no pg_stat_statements'
  unless $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'});

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

my $rows = 100_000;
my $number = 0;
sql(q{CREATE EXTENSION pg_stat_statements; SELECT ootspg.pause()});
sql(q{INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role) VALUES ('silent', 'http://localhost:1', 'x', 'x', 'answerer')});

# ended, answered: so many messages and exchanges that were; waiting: so many that an access point, which is not resumed, has in both queues
sub ended
{
	sql(qq{
		INSERT INTO ootspg_internal.inbox_history (access_point, message_id, from_party, from_party_type, received_at, acknowledged_at, exchange_id)
		SELECT 'ap', 'old' || n, 'AP_DE_01', 'type', now(), now(), -n FROM generate_series(1, $rows) n;
		INSERT INTO ootspg_internal.outbox_history (access_point, exchange_id, message_id, action, created_at, state) SELECT 'ap', -n, 'old' || n, 'x', now(), 'delivered' FROM generate_series(1, $rows) n});
	return;
}

sub answered
{
	sql(qq{
		INSERT INTO ootspg.exchange (exchange_id, received_at, state, outcome, evidence_type) OVERRIDING SYSTEM VALUE SELECT -n, now(), 'answered', 'evidence', 'birth' FROM generate_series(1, $rows) n;
		INSERT INTO ootspg_internal.used_request SELECT gen_random_uuid()::text, -n FROM generate_series(1, $rows) n});
	return;
}

# passed_by: so many that came and went, of whom a snapshot keeps every row
sub passed_by
{
	sql(qq{
		INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state)
		SELECT nextval('ootspg_internal.inbox_history_inbox_id_seq'), 'silent', -n, now(), 'waiting' FROM generate_series(1, $rows) n;
		DELETE FROM ootspg_internal.inbox_queue WHERE access_point = 'silent';
		INSERT INTO ootspg_internal.outbox_queue (outbox_id, access_point, exchange_id, message_id, created_at)
		SELECT nextval('ootspg_internal.outbox_history_outbox_id_seq'), 'silent', -n, n, now() FROM generate_series(1, $rows) n;
		DELETE FROM ootspg_internal.outbox_queue WHERE access_point = 'silent'});
	return;
}

sub waiting
{
	sql(qq{
		WITH h AS (INSERT INTO ootspg_internal.inbox_history (access_point, message_id, from_party, from_party_type, received_at, exchange_id)
			SELECT 'silent', 'waits' || n, 'AP_DE_01', 'type', now(), -n FROM generate_series(1, $rows) n RETURNING *)
		INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state) SELECT inbox_id, access_point, exchange_id, received_at, 'waiting' FROM h;
		WITH h AS (INSERT INTO ootspg_internal.outbox_history (access_point, exchange_id, message_id, action, created_at) SELECT 'silent', -n, 'waits' || n, 'x', now() FROM generate_series(1, $rows) n RETURNING *)
		INSERT INTO ootspg_internal.outbox_queue (outbox_id, access_point, exchange_id, message_id, created_at) SELECT outbox_id, access_point, exchange_id, message_id, created_at FROM h});
	return;
}

# exchanges(what): each statement that was run for thirty exchanges read few pages on the average; a process that begins meanwhile
# looks through what waits once, which is more than a thousand
sub exchanges
{
	my ($what) = @_;
	my @requests;

	is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', "$what: an exchange");
	wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox WHERE access_point = 'ap'}, "$what: its answer is delivered");
	sql('SELECT pg_stat_statements_reset()');
	push @requests, ask($node, $ap, ++$number) for 1 .. 30;
	wait_answer($ap, $_) for @requests;
	wait_sql($node, q{SELECT count(*) = 0 FROM ootspg_internal.outbox_queue WHERE access_point = 'ap'}, "$what: all is delivered");
	is(sql(q{
		SELECT string_agg(format('%s buffers: %s', round((shared_blks_hit + shared_blks_read) / calls), left(query, 300)), chr(10)) FROM pg_stat_statements
		 WHERE calls >= 3 AND (shared_blks_hit + shared_blks_read) / calls > 300 AND query !~ 'pg_stat|SELECT coalesce'}),
		'', "$what: no statement reads much");
	cmp_ok(sql(q{SELECT count(*) FROM pg_stat_statements WHERE calls >= 3 AND query ~ 'ootspg_internal.(in|out)box_'}), '>', 8, '… of those that were counted');
	return;
}

# buffers of one look at the status, in a session that has looked before
sub status_buffers
{
	my ($buffers) = sql(q{SELECT count(*) FROM ootspg.status; EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM ootspg.status}) =~ /"Shared Hit Blocks": (\d+)/;
	return $buffers;
}

sql('SELECT ootspg.resume($$ap$$)');
exchanges('empty');
my $status_empty = status_buffers();
sql('SELECT ootspg.pause($$ap$$)');
ended();
cmp_ok(status_buffers(), '<', $status_empty + 50, 'the status reads what is not finished only');
answered();
sql('SELECT ootspg.resume($$ap$$)');
exchanges('with old messages');
# a session elsewhere that keeps every row
my $holder = $node->background_psql('postgres');
$holder->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM ootspg.access_point');
passed_by();
exchanges('under an old snapshot');
$holder->query_safe('COMMIT');
$holder->quit;
waiting();
exchanges('with others that wait');

$node->stop;
$ap->stop;
done_testing();
