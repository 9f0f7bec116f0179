# A preview whose processes die: at each step of it once by the death of whoever is at work, and once by the server's at
# every fourth step; `make soak` has all of these combinations, again and again. Each request has one answer, each preview
# one final state, and the audit the whole of it.
use strict;
use warnings FATAL => 'all';

use PreviewCrash;
use Test::More;

my $crash = PreviewCrash->new('preview_crash');
my $turn = 0;

$crash->use_personality('5.1.1');
for my $step ($crash->preview_steps)
{
	is($crash->preview($step, 'process'), '', "$step->{name}: $step->{waiter} dies");
	is($crash->preview($step, 'postmaster'), '', "$step->{name}: the server dies") if $turn++ % 4 == 1;
}
note($crash->kills, ' kills: ', $crash->kills_by_kind);

$crash->stop;
done_testing();
