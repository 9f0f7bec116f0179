# A message that there is no memory for is that message's trouble: it waits by itself, the
# others are answered, the worker lives on. What ends the worker, or the server, twice is
# not fetched a third time.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('memory', undef, "ootspg.max_message_size = '64MB'", 'restart_after_crash = on');
my $number = 0;

sub sql { return $node->safe_psql('postgres', @_); }
sub worker { return sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'}); }
sub answered { my ($what, $request) = @_; return is(wait_answer($ap, $request // ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $what); }

# may_grow(pid, megabytes or undef): how much more of addresses the process may have
sub may_grow
{
	my ($pid, $megabytes) = @_;
	my ($size) = slurp_file("/proc/$pid/status") =~ /VmSize:\s+(\d+)/;
	my $limit = defined $megabytes ? ($size + $megabytes * 1024) * 1024 : 'unlimited';
	return system('prlimit', '--pid', $pid, "--as=$limit:") == 0;
}

answered('an exchange');
my $pid = worker();
SKIP:
{
	skip('no prlimit', 1) unless may_grow($pid, 40);
	my $big = send_request($ap, request_bytes($node, ++$number) . ' ' x 14_000_000);
	answered('another one is answered beside it') for 1 .. 3;
	wait_sql($node, "SELECT state = 'quarantined' AND last_error = 'OT121' FROM ootspg.inbox WHERE message_id = '$big->{message_id}'", 'it is quarantined after some tries');
	is(worker(), $pid, '… by the same worker');
	is(sql('SELECT state FROM ootspg.status'), 'running', '… which did not stop');
	answered('… and serves others');
	ok(may_grow($pid), 'memory is back');
	sql("SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE message_id = '$big->{message_id}'");
	like(wait_answer($ap, $big)->{action}, qr/Response$/, '… and the message is fetched again, and answered, when it is released');
	is(sql('SELECT count(*) FROM ootspg_internal.reading_attempt'), '0', 'no attempt is left over');
}

# A process that is killed with a message in hand, and the server with it: here it waits for
# a table, so that it has one in hand for certain
my $deadly;
sub receive { my ($whether) = @_; sql("ALTER SYSTEM SET ootspg.receive = $whether"); $node->reload; return; }
for my $end (1, 2)
{
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'}) or die 'no worker';
	receive('off') if $end == 1;
	# results that can be asked for again wait for no disk: those of before are written, so that no life has to note them once more
	wait_sql($node, q{NOT EXISTS (SELECT FROM ootspg.outbox WHERE state <> 'delivered')}, 'nothing else is under way') if $end == 1;
	sql('CHECKPOINT');
	my $holder = start_sql($node, 'postgres', 'BEGIN; LOCK TABLE ootspg.exchange_event IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)');
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE relation = 'ootspg.exchange_event'::regclass AND mode = 'AccessExclusiveLock' AND granted}) or die 'no lock';
	$deadly //= send_request($ap, request_bytes($node, ++$number));
	receive('on');
	$node->poll_query_until('postgres', "SELECT count(*) = 1 FROM ootspg_internal.reading_attempt WHERE message_id = '$deadly->{message_id}' AND attempts = $end") or die 'no attempt';
	receive('off') if $end == 1;
	kill 'KILL', worker();
	eval { finish_sql($holder) };
	pass("a process is killed with a message in hand: $end");
}
wait_sql($node, "SELECT state = 'quarantined' AND reason = 'reading it ended the exchange worker twice' FROM ootspg.inbox WHERE message_id = '$deadly->{message_id}'",
	'what ended two of them is put aside by the third');
answered('… which serves others');
sql("SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE message_id = '$deadly->{message_id}'");
answered('… and that one, once somebody says so', $deadly);
like(slurp_file($node->logfile), qr/a message ended the process that read it, twice/, 'the log tells');

# An end that is no message's fault counts for none
sql(q{CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '55000'; END $$;
	CREATE TRIGGER refuse BEFORE INSERT ON ootspg_internal.inbox_history FOR EACH ROW EXECUTE FUNCTION refuse()});
my $offset = -s $node->logfile;
my $innocent = ask($node, $ap, ++$number);
$ap->wait_until('the worker has ended three times', sub { (() = slurp_file($node->logfile, $offset) =~ /begins anew: \d+ results/g) >= 3 });
sql('DROP TRIGGER refuse ON ootspg_internal.inbox_history');
answered('a message that could not be stored for a while is answered', $innocent);

$node->stop;
$ap->stop;
done_testing();
