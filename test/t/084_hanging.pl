# Nothing that hangs or is slow keeps anybody waiting: not a database from its new name, not the
# server from its shutdown, not the extension from being dropped.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

my ($node, $ap) = exchange_node('hanging', undef, 'autovacuum = off', 'ootspg.answer_workers = 1');
my $number = 0;

sub sql { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql); }
sub answered { my ($name) = @_; return is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $name); }

my $other = AccessPoint->start;
$other->control('auth on');
$other->party('provider', 'AP_LV_01', party_type(), 'loopback-Password-1');
$other->party('requester', 'AP_DE_01', party_type(), 'loopback-Password-1');
sql('CREATE DATABASE second');
exchange_registry($node, 'second');
# a worker that leaves may leave a submission in doubt: what the access point does not know is submitted anew after this
connect_access_point($node, 'second', $other, resubmit_after => q{'1 s'});
my $asked = send_request($other, request_bytes($node, ++$number));
is(wait_answer($other, $asked)->{action}, 'ExecuteQueryResponse', 'two databases: the second one answers');
answered('so does the first');

# An operator who has not made up their mind, while the worker has something to decide as well
my $undecided = start_sql($node, 'postgres', q{BEGIN; SELECT ootspg.pause('ap', 'or not'); SELECT pg_sleep(600);});
wait_sql($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 'a decision is not committed');
$ap->party('provider', 'AP_LV_01', party_type(), 'another-Password-1');
wait_sql($node, q{SELECT last_error = 'OT109' FROM ootspg.status}, 'the access point refuses the login');
is(sql(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND wait_event_type = 'Lock'}), '0', '… and the worker does not wait for the operator');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
finish_sql($undecided);
$ap->party('provider', 'AP_LV_01', party_type(), 'loopback-Password-1');
sql('SELECT ootspg.resume()');
answered('resumed, it answers');

# A server that takes no connection: its queue is full
my $deaf = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my @crowd = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $deaf->sockport, Blocking => 0) } 1 .. 4;
connect_access_point($node, 'postgres', $ap, name => 'deaf', url => q{'http://localhost:} . $deaf->sockport . q{/'}, connect_timeout => q{'1 min'});

# Whatever its workers are doing when a request comes, a database is free at once when it is needed
my ($longest, $started) = (0);
for my $round (1 .. 6)
{
	my ($from, $to) = $round % 2 ? ('second', 'renamed') : ('renamed', 'second');
	$node->safe_psql($from, q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'ootspg answer' AND datname = current_database()});
	$asked = send_request($other, request_bytes($node, ++$number));
	$other->wait_until('the request is fetched', sub { $other->stats->{'pending.AP_LV_01'} == 0 });
	$started = Time::HiRes::time();
	sql("ALTER DATABASE $from RENAME TO $to");
	$longest = Time::HiRes::time() - $started if $longest < Time::HiRes::time() - $started;
	is(wait_answer($other, $asked)->{action}, 'ExecuteQueryResponse', "renamed while a request comes: answered under the next name ($round)");
}
cmp_ok($longest, '<', 4, 'no worker keeps a database from being renamed') or note $longest;

# A registry that hangs holds up no network
my $lock = start_sql($node, 'second', 'BEGIN; LOCK TABLE registry.person IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600);');
wait_sql($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 'the registry is locked', 'second');
my $waits = q{SELECT count(*) = %s FROM pg_stat_activity WHERE backend_type = 'ootspg answer' AND wait_event_type = 'Lock'};
$other->control('rule markMessageAsDownloaded user=provider times=1 delay=5000');
send_request($other, request_bytes($node, ++$number, 'second'));
wait_sql($node, sprintf($waits, 1), 'an answer waits for it', 'second');
is(sql('SELECT acknowledged_at IS NULL FROM ootspg.inbox ORDER BY inbox_id DESC LIMIT 1', 'second'), 't', '… before its request was acknowledged');
wait_sql($node, 'SELECT acknowledged_at IS NOT NULL FROM ootspg.inbox ORDER BY inbox_id DESC LIMIT 1', '… which is noted all the same', 'second');
is(sql(sprintf($waits, 1)), 't', '… while the answer still waits');

# Nothing that hangs holds up a shutdown: a connection, a call, an answer
$ap->control('rule listPendingMessages user=provider times=1 skip=1 hang');
send_request($other, $_) for map { request_bytes($node, ++$number) } 1 .. 12;
wait_sql($node, 'SELECT count(*) = 13 FROM ootspg.inbox WHERE state = $$waiting$$', 'many requests wait', 'second');
wait_sql($node, sprintf($waits, 1), 'no more than ootspg.answer_workers answer', 'second');
sql('ALTER SYSTEM SET ootspg.answer_workers = 3');
$node->reload;
wait_sql($node, sprintf($waits, 3), '… which takes effect by reload', 'second');
$ap->wait_until('a list hangs', sub { $ap->stats->{'rule-uses-left'} == 0 });
is(sql(q{SELECT last_success IS NULL, last_error IS NULL FROM ootspg.status WHERE access_point = 'deaf'}), 't|t', 'a connection hangs');
$started = Time::HiRes::time();
$node->stop('fast');
note sprintf 'stopped in %.2f s', Time::HiRes::time() - $started;
cmp_ok(Time::HiRes::time() - $started, '<', 2, 'fast shutdown while a connection, a call and an answer hang');
finish_sql($lock);

# … nor DROP EXTENSION
$ap->control('rules-clear');
$node->start;
answered('after the start it goes on');
$ap->control('rule listPendingMessages user=provider times=1 hang');
$ap->wait_until('a list hangs', sub { $ap->stats->{'rule-uses-left'} == 0 });
$started = Time::HiRes::time();
sql('SET ootspg.destroy_audit = on; DROP EXTENSION ootspg CASCADE');
cmp_ok(Time::HiRes::time() - $started, '<', 5, 'DROP EXTENSION while a call hangs');
wait_sql($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type ~ '^ootspg (exchange|answer)' AND datname = 'postgres'}, '… and the workers leave at once');
cmp_ok(Time::HiRes::time() - $started, '<', 10, '… without waiting for the call');
$node->stop;

unlike(slurp_file($node->logfile), qr/PANIC|TRAP:|terminated by signal/, 'no process crashed');

$_->stop for $ap, $other;
done_testing();
