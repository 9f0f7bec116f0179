# The extension comes, is updated and goes like any other: nothing of it stays, and
# every released version leads to the present one.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($version) = make_variable('EXTVERSION');
my $node = start_node('upgrade_drop');

# What is there that a fresh database does not have
my $objects = q{
	SELECT 'class ' || relname FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT 'proc ' || proname FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'ootspg%' OR probin LIKE '%ootspg%'
	UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'ootspg%' AND nspname <> 'ootspg'
	UNION ALL SELECT 'policy ' || polname FROM pg_policy UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE '%audit_guard%'
	UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger ORDER BY 1};

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
cmp_ok(scalar(split /\n/, $node->safe_psql('postgres', $objects)), '>', 100, 'the extension is there');
is($node->safe_psql('postgres', q{SELECT string_agg(obj_description(c.oid, 'pg_class') IS NULL || c.relname, ' ') FROM pg_class c
	WHERE c.relnamespace = 'ootspg'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND obj_description(c.oid, 'pg_class') IS NULL}), '', 'every public table tells what it is');
is($node->safe_psql('postgres', q{SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc p
	WHERE p.pronamespace = 'ootspg'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL}), '', 'and every public function');
$node->safe_psql('postgres', 'DROP EXTENSION ootspg');
is($node->safe_psql('postgres', $objects), '', 'dropped without data: nothing of it stays');

# With data, partitions, and what a registry builds on it
load_registry($node, 'postgres');
$node->safe_psql('postgres', 'SELECT ootspg.maintain()');
like(answer($node, 'postgres', '1'), qr/\|evidence/, 'an answer');
my ($stdout, $stderr);
$node->psql('postgres', '\set VERBOSITY verbose' . "\nDROP EXTENSION ootspg", stdout => \$stdout, stderr => \$stderr);
like($stderr, qr/2BP01.*registry\.person_match depends on function ootspg\.name_key/s, 'an index of the registry on name_key() is not dropped silently');
unlike($stderr, qr/_event_y|registry\.people|birth_evidence/, 'nothing else stands in the way');
$node->safe_psql('postgres', 'DROP INDEX registry.person_match; DROP EXTENSION ootspg');
is($node->safe_psql('postgres', $objects), '', 'dropped with data: nothing of it stays, partitions neither');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM registry.birth_evidence'), 't', 'the registry is untouched');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg.provider'), '0', 'created again, empty');

# Updates: each script sql/ootspg--A--B.sql is a step; from every version that was ever
# released there must be a way to the present one.
my @steps = map { [m{ootspg--([^-]+)--([^-]+)\.sql$}] } glob 'sql/ootspg--*--*.sql';
my %released = map { $_ => 1 } grep { $_ ne 'unreleased' } slurp_file('CHANGELOG.md') =~ /^## (\d+\.\d+\.\d+) \(\d{4}/mg;
for my $from (sort keys %released)
{
	next if $from eq $version;
	is($node->safe_psql('postgres', "SELECT path IS NOT NULL FROM pg_extension_update_paths('ootspg') WHERE source = '$from' AND target = '$version'"),
		't', "$from can be updated to $version");
}
is_deeply([ grep { !$released{ $_->[0] } } @steps ], [], 'every update starts from a released version');
note('this is the first version: there is nothing to update from') unless @steps;
is($node->safe_psql('postgres', "SELECT string_agg(version, ' ') FROM pg_available_extension_versions WHERE name = 'ootspg' AND installed"),
	$version, 'CREATE EXTENSION gives the default version');

my $installed = slurp_file($node->config_data('--sharedir') . "/extension/ootspg--$version.sql");
is($installed, join('', map { slurp_file($_) } make_variable('SQL_PARTS')), 'the installed script is the parts in their order');

# A library of another version than the extension's objects must be noticeable.
is($node->safe_psql('postgres', q{SELECT ootspg.library_version() = extversion FROM pg_extension WHERE extname = 'ootspg'}),
	't', 'library and extension agree');
$node->safe_psql('postgres', q{UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'ootspg'});
is($node->safe_psql('postgres', q{SELECT ootspg.library_version(), extversion FROM pg_extension WHERE extname = 'ootspg'}),
	"$version|0.0.9", 'a difference shows');

$node->stop;
done_testing();
