# The regression tests of the Makefile's REGRESS list, and that nothing about
# the list or the version number has been forgotten. OOTSPG_REGRESS="names audit" runs only these.
use strict;
use warnings FATAL => 'all';

use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my @tests = make_variable('REGRESS');
my @files = grep { !/^ootspg--/ } map { m{([^/]+)\.sql$} } glob 'sql/*.sql';
is_deeply([ sort @files ], [ sort @tests ], 'REGRESS names every file sql/*.sql');

my ($version) = slurp_file('ootspg.control') =~ /^default_version = '(.*)'$/m;
my $meta = decode_json(slurp_file('META.json'));
is($meta->{version}, $version, 'META.json and ootspg.control agree on the version');
is($meta->{provides}{ootspg}{version}, $version, 'META.json provides that version');
like(slurp_file('CHANGELOG.md'), qr/^## \Q$version\E\b/m, 'CHANGELOG.md speaks of it');

my $node = start_node('regress');
run_regress($node, $ENV{PG_REGRESS}, [ '--inputdir=.', '--dbname=regression' ], $ENV{OOTSPG_REGRESS} ? split(' ', $ENV{OOTSPG_REGRESS}) : @tests);
$node->stop;

done_testing();
