# A name service that says nothing is a trouble of the name, told as such, and holds up
# nobody whose name is known.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $library = PostgreSQL::Test::Utils::tempdir() . '/silent.so';
plan(skip_all => 'no compiler') if system("cc -shared -fPIC -o '$library' test/names/silent.c -ldl");

my ($node, $ap);
{
	local $ENV{LD_PRELOAD} = $library;
	($node, $ap) = exchange_node('names');
}
my $number = 0;

sub sql { return $node->safe_psql('postgres', @_); }

is(sql(q{SELECT failure, may_have_arrived, detail ~ 'Resolving timed out' FROM ootspg_internal.try_http('https://ap.silent.invalid/', connect_ms => 300)}),
	'unresolved|f|t', 'the time is over before the name is known');
is(sql(q{SELECT failure FROM ootspg_internal.try_http('https://ap.silent.invalid/', total_ms => 300)}), 'unresolved', '… whichever time it is');
for my $n (1 .. 6)
{
	connect_access_point($node, 'postgres', $ap, name => "hung$n", url => "'https://ap$n.silent.invalid/domibus/services/wsplugin'", connect_timeout => q{'0.3 s'});
	is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', "$n silent names: others are served");
}
wait_sql($node, q{SELECT count(*) = 6 FROM ootspg.status WHERE last_error = 'OT101' AND state = 'failing'}, 'told as troubles of the name');
like(slurp_file($node->logfile), qr/access point "hung1": the host name of the access point has no address\n.*DETAIL:  Resolving timed out.*\n.*HINT:  .*name service/, 'the log has the detail, and where to look');

$node->stop('fast');
$ap->stop;
done_testing();
