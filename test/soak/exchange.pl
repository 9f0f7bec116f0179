# Thousands of deaths: first every step of the recipes with every process that can die at
# it, for every kind of server; then any process at any moment under load, until the
# number of kills (SOAK_KILLS) or the time (SOAK_SECONDS) is reached. Every round ends
# with nothing left to do, and is judged; see test/lib/CrashTest.pm. Between the rounds users decide in previews, at each step
# of which somebody dies (test/lib/PreviewCrash.pm).
use strict;
use warnings FATAL => 'all';

use PreviewCrash;
use Test::More;
use Time::HiRes qw(time);

my $most_kills = $ENV{SOAK_KILLS} // 1_000_000;
my $most_seconds = $ENV{SOAK_SECONDS} // 600;
my @personalities = ('5.1.1', '5.1.0', '5.2.1', '5.0');
my $kills_of_a_round = 50;
my $open_requests = 30;

my $started = time;
my $crash = PreviewCrash->new('soak', 'log_min_messages = error', "log_statement = 'none'");
my %sum;

sub is_over { return time - $started > $most_seconds || $crash->kills >= $most_kills; }

# One line for what a round came to; a test only when it came to harm
sub judge_round
{
	my ($what) = @_;

	$crash->settle;
	my $judgement = $crash->judge;
	$sum{$_} += $judgement->{$_} for keys %$judgement;
	note(sprintf '%4d s %6d kills %7d requests %7d answers  lost %d, doubled %d, broken %d  (%s)',
		time - $started, $crash->kills, $sum{asked}, $sum{answered}, $sum{lost}, $sum{doubled} + $sum{foreign}, $sum{broken}, $what);
	fail("$what: " . join ', ', map { "$_ $judgement->{$_}" } sort keys %$judgement)
	  if $judgement->{lost} or $judgement->{doubled} or $judgement->{foreign} or $judgement->{broken};
	return;
}

sub every_step
{
	for my $step ($crash->steps)
	{
		for my $kind ('worker', 'postmaster', $step->{waiter} ? () : 'access point')
		{
			return if is_over();
			$crash->at_step($step, $kind);
		}
	}
	$crash->cut($crash->cuts);
	return;
}

# Each step of a preview, with every process that can die at it; of so many steps, when there is no time for all
sub previews
{
	my ($personality, $most) = @_;
	my @deaths = map { my $step = $_; map { [ $step, $_ ] } 'process', 'postmaster' } $crash->preview_steps;

	for (1 .. $most // @deaths)
	{
		return if is_over();
		my ($step, $kind) = @{ splice @deaths, $most ? rand @deaths : 0, 1 };
		my $wrong = $crash->preview($step, $kind);
		$sum{previews}++;
		$sum{wrong}++ if $wrong;
		fail("$personality, preview, $step->{name}, $kind: $wrong") if $wrong;
	}
	note(sprintf '%4d s %6d kills %7d previews', time - $started, $crash->kills, $sum{previews} // 0);
	return;
}

for my $personality (@personalities)
{
	last if is_over();
	$crash->use_personality($personality);
	every_step();
	judge_round("$personality, every step");
	previews($personality) unless $crash->{consuming};
}
for (my $round = 0; !is_over(); $round++)
{
	my $personality = $personalities[ $round % @personalities ];
	$crash->use_personality($personality);
	for (1 .. $kills_of_a_round)
	{
		last if is_over();
		$crash->keep_busy($open_requests);
		$crash->random_kill;
	}
	judge_round("$personality, any moment");
	previews($personality, 4) unless $crash->{consuming};
}

note($crash->kills, ' kills: ', $crash->kills_by_kind);
note("$sum{asked} requests, $sum{answered} answers ($sum{refused} of them errors), lost $sum{lost}, doubled ", $sum{doubled} + $sum{foreign},
	", broken $sum{broken}; $sum{unrecoverable} that a server handed over once were lost with its answer, and named");
note($sum{previews} // 0, ' previews');
is($sum{wrong} // 0, 0, 'every preview has one answer, one final state and the whole trail');
is($sum{lost}, 0, 'nothing is lost');
is($sum{doubled} + $sum{foreign}, 0, 'nothing is doubled');
is($sum{broken}, 0, 'every message has its one end, every exchange its whole trail');

$crash->stop;
done_testing();
