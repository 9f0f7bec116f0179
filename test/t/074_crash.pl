# Processes die and connections break at the steps of the recipes, and at any moment under
# load; afterwards every request has one answer, every message one end, every audit its
# whole trail. Here each step and each kind of death is there; `make soak` has all of
# their combinations, and some thousand deaths at any moment.
use strict;
use warnings FATAL => 'all';

use CrashTest;
use Test::More;
use Time::HiRes;

my $crash = CrashTest->new('crash');
my $turn = 0;

sub die_at_steps
{
	my ($personality, $steps, $kind) = @_;

	for my $step ($crash->steps)
	{
		next unless $step->{name} =~ $steps;
		# what a lock keeps waiting would not notice the end of the access point
		next if $kind eq 'access point' and $step->{waiter};
		ok($crash->at_step($step, $kind), "$personality: $step->{name}: $kind");
	}
	return;
}

for my $personality ('5.1.1', '5.1.0', '5.2.1', '5.0')
{
	my $started = Time::HiRes::time();
	my $first = $personality eq '5.1.1';

	$crash->use_personality($personality);
	# the recipes differ in how messages are received and what is asked for a lost submission
	die_at_steps($personality, $first ? qr/./ : qr/^5\.1 \([234]\)/, 'worker');
	die_at_steps($personality, $first ? qr/not done|\(3\) asking|\(4\) following/ : qr/^5\.1 \(2\) .*half/, 'access point');
	die_at_steps($personality, (qr/^5\.1 \(3\)|^5\.3 \(2\) .*no answer/, qr/^5\.1 \(4\) .*no answer/, qr/^5\.3 \(1\) commit/, qr/^5\.1 \(2\) .*half/)[$turn++], 'postmaster');
	$crash->cut($first ? ('listPendingMessages cut-after', $crash->cuts('RETRIEVE', 'MARK', 'submitMessage', 'STATUS')) : $crash->cuts('RETRIEVE', 'MARK'));
	$crash->settle;
	$crash->check("$personality, steps and cuts");
	note(sprintf '%s: %.1f s', $personality, Time::HiRes::time() - $started);
}

$crash->use_personality('5.1.1');
for (1 .. 10)
{
	$crash->keep_busy(20);
	$crash->random_kill;
}
$crash->settle;
$crash->check('5.1.1, any moment under load');
note($crash->kills, ' kills: ', $crash->kills_by_kind);

# Four calls refused at the same time are one failure: the pause is the first and shortest one.
my ($node, $ap) = @$crash{ 'node', 'ap' };
$node->safe_psql('postgres', 'ALTER SYSTEM SET ootspg.receive = off');
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
$crash->ask(4);
my $before = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
$ap->control('rule retrieveMessage user=provider times=4 http=503');
$node->safe_psql('postgres', 'ALTER SYSTEM RESET ootspg.receive');
$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
$ap->wait_until('all four are refused', sub { $ap->stats->{'rule-uses-left'} == 0 });
$crash->settle;
is($node->safe_psql('postgres', qq{
		SELECT count(*), max(event_time) - min(event_time) < interval '6 s' FROM ootspg.access_point_event	-- four in a row would pause for 6.4 s at least
		 WHERE event_time > '$before' AND event_type IN ('failing', 'working')}),
	'2|t', 'calls that fail together count once');

$crash->stop;
done_testing();
