# The workers' manners: what an idle one costs, how soon it is there when it is needed, and
# what one access point or role that fails means for the others.
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

my ($node, $ap) = exchange_node('manners', undef, 'autovacuum = off', 'ootspg.answer_workers = 1');
my $number = 0;
my $party_type = party_type();

sub sql { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql); }
sub answered { my ($name) = @_; return is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $name); }
# Calls as the user, counted by a rule that does to them what it says
sub count_calls { my ($of, $user, $action) = @_; return $of->control("rule any user=$user times=1000000 $action"); }
sub calls { my ($of) = @_; return 1_000_000 - $of->stats->{'rule-uses-left'}; }

# Two databases with an access point each; the second one is the idle one of this test
my $other = AccessPoint->start;
$other->control('auth on');
$other->party('provider', 'AP_LV_01', $party_type, 'loopback-Password-1');
$other->party('requester', 'AP_DE_01', $party_type, 'loopback-Password-1');
sql('CREATE DATABASE second');
exchange_registry($node, 'second');
connect_access_point($node, 'second', $other, poll_interval => q{'0.5 s'});
my $asked = send_request($other, request_bytes($node, ++$number));
is(wait_answer($other, $asked)->{action}, 'ExecuteQueryResponse', 'each database talks to its own access point');
my $answered_at = Time::HiRes::time();
answered('so does the first');

# Rows of the queues wake it when they are committed, however far the next interval is
$ap->control('rule submitMessage user=provider fault=pmode');
my $late = ask($node, $ap, ++$number);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.outbox WHERE state = 'parked'}, 'an answer is parked');
my $unknown = ask($node, $ap, ++$number, action => 'ExecuteQueryResponse');
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'quarantined' AND acknowledged_at IS NOT NULL}, 'a message of unknown action is in quarantine');
sql(q{UPDATE ootspg.access_point SET poll_interval = '1 h'});
wait_sql($node, q{SELECT next_attempt > now() + interval '30 min' FROM ootspg.status}, 'the next list is far away');
$ap->control('rule listPendingMessages user=provider times=1000000 delay=1');
sql(q{BEGIN; SELECT ootspg.retry_all(); ROLLBACK});
my ($out, $err) = finish_sql(start_sql($node, 'postgres', q{
	BEGIN; SELECT ootspg.retry_all(); SELECT pg_sleep(0.5); SELECT clock_timestamp(); COMMIT;}));
my ($committed) = $out =~ /^(\d{4}-.*)$/m;
is(wait_answer($ap, $late)->{action}, 'ExecuteQueryResponse', 'a committed outgoing message is sent without waiting for the interval');
is(sql(qq{SELECT last_attempt_at BETWEEN '$committed' AND '$committed'::timestamptz + interval '20 s', attempts FROM ootspg.outbox WHERE state <> 'delivered' OR last_attempt_at > '$committed'}),
	't|1', '… once, after the commit, not before it and not for a rolled back one');
($out, $err) = finish_sql(start_sql($node, 'postgres', q{
	SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE state = 'quarantined'}));
is(wait_answer($ap, $unknown)->{request_id}, $unknown->{request_id}, 'a committed incoming message is answered without waiting, too');
is(calls($ap), 0, '… and all that without a list');
sql(q{UPDATE ootspg.access_point SET poll_interval = '0.2 s'});
$ap->control('rules-clear');

# A password that is refused: one call, because an account may be locked by more of them
my $strict = AccessPoint->start;
$strict->control('auth on');
$strict->party('provider', 'AP_LV_01', $party_type, 'loopback-Password-1');
count_calls($strict, 'provider', 'fault=auth');
sql(q{INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role, user_name, password_uri, poll_interval)
	SELECT 'strict', '} . $strict->url . q{', party_id, party_id_type, answer_role, user_name, password_uri, '0.1 s' FROM ootspg.access_point});
sql(q{SELECT ootspg.resume('strict')});
wait_sql($node, q{SELECT state = 'stopped' FROM ootspg.status WHERE access_point = 'strict'}, 'refused log-in: the access point is stopped');
is(calls($strict), 1, '… after one call');
answered('… and the other one works');
is(calls($strict), 1, '… while nothing is called there any more');
is(sql(q{SELECT state, reason ~ 'refused|log', last_error IS NOT NULL FROM ootspg.status WHERE access_point = 'strict'}), 'stopped|t|t', '… the status tells why');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND datname = 'postgres'});
answered('… nor by the next worker');
is(calls($strict), 1, '… not even once');
$strict->control('rules-clear');
sql(q{SELECT ootspg.resume('strict')});
wait_sql($node, q{SELECT state = 'running' AND last_success IS NOT NULL FROM ootspg.status WHERE access_point = 'strict'}, 'resumed with the right password it works');

# … refused later, when many calls are to be made
sql(q{SELECT ootspg.pause('strict')});
$strict->party('requester', 'AP_DE_01', $party_type, 'loopback-Password-1');
send_request($strict, request_bytes($node, ++$number)) for 1 .. 10;
$strict->control('rule retrieveMessage user=provider times=1000000 fault=auth');
sql(q{SELECT ootspg.resume('strict')});
wait_sql($node, q{SELECT state = 'stopped' FROM ootspg.status WHERE access_point = 'strict'}, 'refused later: it is stopped');
answered('… and the other one works');
my $refused = calls($strict);
ok($refused > 1 && $refused <= 4, "… after as many calls as were under way ($refused), which are access_point.connections at most");
sql(q{SELECT ootspg.pause('strict')});

# Access points that are not there, or take no connection, slow down nobody
my $deaf = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or die $!;
my @crowd = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $deaf->sockport, Blocking => 0) } 1 .. 4;
my %broken = (gone => 'http://localhost:1/', deaf => 'http://localhost:' . $deaf->sockport . '/');
for my $name (sort keys %broken)
{
	sql(qq{INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role, poll_interval, connect_timeout)
		SELECT '$name', '$broken{$name}', party_id, party_id_type, answer_role, '0.1 s', '1 min' FROM ootspg.access_point WHERE access_point = 'ap';
		SELECT ootspg.resume('$name')});
}
wait_sql($node, q{SELECT state = 'failing' FROM ootspg.status WHERE access_point = 'gone'}, 'one is not there');
my $started = Time::HiRes::time();
my @requests = map { ask($node, $ap, ++$number) } 1 .. 5;
is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', 'another one works') for @requests;
cmp_ok(Time::HiRes::time() - $started, '<', 15, '… as quickly as ever');
is(sql(q{SELECT last_success IS NULL, last_error IS NULL FROM ootspg.status WHERE access_point = 'deaf'}), 't|t', '… while a call to a third one waits for its connection');

# Roles that cannot answer: their requests wait, the status says for what, others are answered
my $third = AccessPoint->start;
$third->control('auth on');
$third->party('provider', 'AP_LV_01', $party_type, 'loopback-Password-1');
$third->party('requester', 'AP_DE_01', $party_type, 'loopback-Password-1');
sql('CREATE ROLE powerless LOGIN; GRANT USAGE ON SCHEMA registry TO powerless; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO powerless');
my $log = -s $node->logfile;
connect_access_point($node, 'postgres', $third, name => 'third', answer_role => q{'powerless'});
my $status = q{SELECT state || ' ' || waiting || ' ' || reason FROM ootspg.status WHERE access_point = 'third'};
my $waiting = send_request($third, request_bytes($node, ++$number));
wait_sql($node, qq{($status) = 'running 1 role "powerless" has not the duty to exchange: requests wait'}, 'a role without the duty: the status says so');
answered('… others are answered');
sql('ALTER ROLE powerless RENAME TO gone');
is(sql($status), 'running 1 role "powerless" does not exist: requests wait', 'a role that is gone: the status says so');
answered('… others are answered');
sql('ALTER ROLE gone RENAME TO powerless');
is(sql(q{SELECT attempts, state FROM ootspg.inbox WHERE access_point = 'third'}), '0|waiting', 'no attempt was used up by all that');
SKIP:
{
	skip 'from PostgreSQL 17 on workers need no right to log in', 1 if $node->safe_psql('postgres', 'SHOW server_version_num') >= 170000;
	sql(q{ALTER ROLE powerless NOLOGIN; SELECT ootspg.grant_duty('powerless', 'exchange')});
	is(sql($status), 'running 1 role "powerless" may not log in: requests wait', 'a role that may not log in: the status says so');
}
sql(q{SELECT ootspg.grant_duty('powerless', 'exchange')});
sql('ALTER ROLE powerless LOGIN');
is(wait_answer($third, $waiting)->{action}, 'ExecuteQueryResponse', 'with all it needs it answers');
is(sql($status), '', '… and the status has nothing to say');
is(scalar(() = slurp_file($node->logfile, $log) =~ /requests wait to be answered: role "powerless" has not the duty to exchange/g), 1, 'the log said it once');

# An answering worker that has had nothing to do for half a minute has left
wait_sql($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'ootspg answer' AND datname = 'second'}, 'an idle answering worker has left');
cmp_ok(Time::HiRes::time() - $answered_at, '>', 25, '… not too soon');

# An idle worker: one call each interval, and nothing in the database
my $idle = q{SELECT state_change FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND datname = 'second'};
wait_sql($node, "SELECT ($idle) < now() - interval '1 s'", 'the exchange worker has nothing to do');
count_calls($other, 'provider', 'delay=1');
my $lists = $other->stats->{'calls.listPendingMessages'};
my $last = sql($idle);
$started = Time::HiRes::time();
$other->wait_until('some intervals', sub { calls($other) >= 6 });
my $calls = calls($other);
cmp_ok($calls, '<=', (Time::HiRes::time() - $started) / 0.5 + 1.5, 'an idle worker makes one call each interval');
cmp_ok($other->stats->{'calls.listPendingMessages'} - $lists, '>=', 6, '… a list');
is(sql($idle), $last, '… and no transaction');

$asked = send_request($other, request_bytes($node, ++$number));
is(wait_answer($other, $asked)->{action}, 'ExecuteQueryResponse', 'an answering worker comes when it is needed');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP:|terminated by signal/, 'no process crashed');
$node->stop;
$_->stop for $ap, $other, $strict, $third;
done_testing();
