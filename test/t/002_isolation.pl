# The concurrent tests of the Makefile's ISOLATION list: what sessions see of
# each other's work (test/specs, test/expected), in one database with a registry.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my @tests = make_variable('ISOLATION');
my @files = map { m{([^/]+)\.spec$} } glob 'test/specs/*.spec';

is_deeply([ sort @files ], [ sort @tests ], 'ISOLATION names every file test/specs/*.spec');
my $node = start_node('isolation');
$node->safe_psql('postgres', 'CREATE DATABASE isolation');
load_registry($node, 'isolation');
$node->safe_psql('isolation', slurp_file('test/fixtures/concurrent.sql'));
run_regress($node, $ENV{PG_ISOLATION_REGRESS}, [ '--inputdir=test', '--use-existing', '--dbname=isolation' ], grep { $_ ne 'preview' } @tests);
$node->stop;

# Previews have a type of their own, which the others do not expect
$node = start_node('isolation_preview');
$node->safe_psql('postgres', 'CREATE DATABASE isolation');
load_registry($node, 'isolation');
$node->safe_psql('isolation', slurp_file("test/fixtures/$_.sql")) for qw(concurrent ask preview);
run_regress($node, $ENV{PG_ISOLATION_REGRESS}, [ '--inputdir=test', '--use-existing', '--dbname=isolation' ], 'preview');
$node->stop;

done_testing();
