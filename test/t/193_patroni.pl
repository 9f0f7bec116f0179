# Patroni watches over two servers and makes the standby primary when the primary is killed in the midst of a load: exchanges go
# on there by themselves, nothing is lost or doubled, and the former primary comes back as the standby. One kill here;
# OOTSPG_KILLS=10 for ten, there and back.
use strict;
use warnings FATAL => 'all';

use CrashTest;
use PatroniTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

if (my $missing = PatroniTest::missing()) { plan skip_all => $missing; }

# names that stand in synchronous_standby_names as they are, where "first" is a keyword
my $crash = CrashTest->new('north', 'wal_level = replica', 'max_wal_senders = 10', 'hot_standby = on', 'wal_log_hints = on', "ootspg.site = 'riga'", 'synchronous_commit = on');
$crash->use_personality('5.1.1');
$crash->{node}->stop;
my $watched = PatroniTest->new($crash->{node}, PostgreSQL::Test::Cluster->new('south'));

for my $kill (1 .. $ENV{OOTSPG_KILLS} // 1)
{
	my $former = $crash->{node} = $watched->wait_leader;
	my $goal = keys(%{ $crash->{answers} }) + 20;
	do { $crash->keep_busy(20) } until $crash->collect >= $goal;
	$crash->keep_busy(20);
	kill 'KILL', $former->{_pid} or die "kill: $!";
	$crash->{node} = $watched->wait_leader($former);
	isnt($crash->{node}->name, $former->name, "kill $kill: the other server is primary");
	$crash->settle;
	my $judgement = $crash->check("kill $kill");
	cmp_ok($judgement->{asked}, '>=', $goal + 20, "kill $kill: there were requests under way");
	is($crash->{node}->safe_psql('postgres', 'SELECT state FROM ootspg.status'), 'running', "kill $kill: it runs");
	$watched->wait_pair;
	is($former->safe_psql('postgres', q{SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'ootspg%')}), 't|0', "kill $kill: the former primary is a standby, without workers");
}

$watched->stop;
$crash->{ap}->stop;
done_testing();
