# A synchronous standby takes over: the primary is gone in the middle of a load, the standby
# is promoted, its worker goes on by itself, and at the requester's side nothing is lost
# or doubled. What has not reached the standby is not acted on, whatever ends while it waits.
use strict;
use warnings FATAL => 'all';

use CrashTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $crash = CrashTest->new('first', 'wal_level = replica', 'max_wal_senders = 4', 'hot_standby = on', "ootspg.site = 'riga'", 'synchronous_commit = on');
my $ap = $crash->{ap};

# The keys are not in the database: the standby has the same key directory.
sub add_standby
{
	my ($primary, $name) = @_;
	my $standby = PostgreSQL::Test::Cluster->new($name);

	$primary->backup("for $name");
	$standby->init_from_backup($primary, "for $name", has_streaming => 1);
	$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''");
	$standby->start;
	$primary->safe_psql('postgres', "ALTER SYSTEM SET synchronous_standby_names = '$name'");
	$primary->safe_psql('postgres', 'SELECT pg_reload_conf()');
	$crash->wait_for('the standby is synchronous', q{SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'});
	return $standby;
}

sub wait_at_standby
{
	my ($what) = @_;
	$crash->wait_for("the worker waits for the standby: $what",
		q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND wait_event = 'SyncRep'});
	return;
}

sub is_pending
{
	my ($what) = @_;
	my ($request) = values %{ $crash->{asked} };
	like($ap->control("dump $request->{message_id}"), qr/role RECEIVING\n.*?listed yes\n/s, "$what: not acknowledged");
	return;
}

$crash->use_personality('5.1.1');
my $primary = $crash->{node};
my $standby = add_standby($primary, 'second');

is($standby->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'ootspg%'}), '0', 'a standby has no workers');
$standby->stop;
$crash->ask;
wait_at_standby('a message came');
is($primary->safe_psql('postgres', 'SELECT count(*) FROM ootspg.inbox'), '0', 'a message that only the primary has is not seen');
is_pending('the standby is down');
for my $how ('pg_cancel_backend', 'pg_terminate_backend')
{
	$primary->safe_psql('postgres', qq{SELECT $how(pid) FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'});
	wait_at_standby($how);
	is_pending($how);
}
$crash->kill_now('exchange worker');
wait_at_standby('kill -9');
is($primary->safe_psql('postgres', 'SELECT count(*) FROM ootspg.inbox'), '1', 'after the crash the message is seen');
is_pending('kill -9');
$standby->start;
$crash->settle;
$crash->check('the standby is back');

my $name = 'third';
for my $round (1 .. 2)
{
	$crash->use_personality('5.1.1');
	my $goal = 60;
	do { $crash->keep_busy(30) } until $crash->collect >= $goal;
	$crash->keep_busy(30);
	$crash->{node}->stop('immediate');
	$standby->promote;
	$crash->{node} = $standby;
	$crash->settle;
	my $judgement = $crash->check("failover $round");
	cmp_ok($judgement->{asked}, '>=', $goal + 30, "failover $round: there were requests under way");
	is($standby->safe_psql('postgres', q{SELECT count(*) FROM ootspg.access_point_event WHERE event_type = 'taken_over'}), $round, "failover $round: taken over by itself");
	is($standby->safe_psql('postgres', 'SELECT state FROM ootspg.status'), 'running', "failover $round: it runs");
	$standby = add_standby($crash->{node}, $name) if $round == 1;
}

$crash->stop;
done_testing();
