# Told to end, the exchange worker waits a moment for the submissions that are under way, so that a planned restart
# leaves none in doubt; not for one that hangs. And what is recorded together does not fail together.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

my ($node, $ap) = exchange_node('leaving', undef);
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

sub worker { return sql(q{SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'}); }

# end_worker: told to while a submission is under way; seconds until it is gone
sub end_worker
{
	my ($rule) = @_;

	$ap->control("rule submitMessage user=provider times=1 $rule");
	my $request = ask($node, $ap, ++$number);
	$ap->wait_until('the submission is under way', sub { $ap->stats->{'rule-uses-left'} == 0 });
	my $pid = worker();
	my $started = Time::HiRes::time();
	sql("SELECT pg_terminate_backend($pid)");
	wait_sql($node, "SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = $pid", "$rule: the worker is gone");
	return ($request, Time::HiRes::time() - $started);
}

# of the last answer: the access point's own word that it took it, or what was found out by asking
my $taken = q{SELECT count(*) FROM ootspg.exchange_event WHERE exchange_id = (SELECT max(exchange_id) FROM ootspg.outbox) AND event_type = 'message_submitted' AND detail IS NULL};

# A machine that stands still for longer than the worker waits says nothing of it: then once more.
my ($request, $seconds);
for (1 .. 10)
{
	($request, $seconds) = end_worker('delay=500');
	is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'slow: answered');
	wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, '… and delivered');
	last if $seconds < 1.9;
}
is(sql($taken), '1', 'a submission that ends is in no doubt');

sql(q{UPDATE ootspg.access_point SET resubmit_after = '0.5 s'});
wait_sql($node, q{SELECT state = 'running' FROM ootspg.status}, 'the worker is there again');
($request) = end_worker('hang');
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'hanging: answered all the same');
is(sql('SELECT attempts FROM ootspg.outbox ORDER BY outbox_id DESC LIMIT 1'), '2', '… by a submission that was made once more');
wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, 'all is delivered');

# One acknowledgement of several cannot be written down
sql(q{CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
	CREATE TRIGGER refuse BEFORE UPDATE ON ootspg_internal.inbox_history FOR EACH ROW WHEN (NEW.acknowledged_at IS NOT NULL AND NEW.inbox_id % 8 = 0) EXECUTE FUNCTION public.refuse();
	SELECT ootspg.pause()});
my $mark = -s $node->logfile;
my @requests = map { ask($node, $ap, ++$number) } 1 .. 8;
sql('SELECT ootspg.resume()');
is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', 'each is answered') for @requests;
wait_sql($node, q{SELECT count(*) FILTER (WHERE acknowledged_at IS NULL) = 1 FROM ootspg.inbox}, 'all but one are acknowledged');
my $log = substr slurp_file($node->logfile), $mark;
like($log, qr/begins anew: 1 results of calls could not be recorded/, 'the one ends the life of the worker');
unlike($log, qr/begins anew: (?!1 )\d+ results/, '… and never takes others along');
sql('DROP TRIGGER refuse ON ootspg_internal.inbox_history');
wait_sql($node, q{SELECT bool_and(acknowledged_at IS NOT NULL) FROM ootspg.inbox}, 'then it is acknowledged as well');

$node->stop;
$ap->stop;
done_testing();
