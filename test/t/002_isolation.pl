# The concurrent tests of the Makefile's ISOLATION list: what sessions see of
# each other's work (test/specs, test/expected).
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use Test::More;

my @tests = make_variable('ISOLATION');
my @files = map { m{([^/]+)\.spec$} } glob 'test/specs/*.spec';
plan skip_all => 'there are no isolation tests yet' unless @tests || @files;

is_deeply([ sort @files ], [ sort @tests ], 'ISOLATION names every file test/specs/*.spec');
my $node = start_node('isolation');
run_regress($node, $ENV{PG_ISOLATION_REGRESS}, [ '--inputdir=test', '--dbname=isolation' ], @tests);
$node->stop;

done_testing();
