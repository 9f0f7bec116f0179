# What an answer costs, in counts that no other load disturbs: statements, records and bytes of
# the log, memory. Each is of the benchmark's registry, so its SQL is tried here as well.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use OotspgTest;
use SealTest;
use Test::More;

my $node = start_node('work', 'autovacuum = off', 'fsync = off', 'full_page_writes = off', 'jit = off', 'random_page_cost = 1.1', 'max_worker_processes = 16',
	"shared_preload_libraries = 'ootspg, pg_stat_statements'", 'pg_stat_statements.track = all');

plan skip_all => 'this server has no pg_stat_statements'
  unless $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_stat_statements'});

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# file(name, variables): what psql prints of a file of the benchmark
sub file
{
	my ($name, @variables) = @_;
	my ($out, $errors);

	IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), (map { ('-v', $_) } @variables), '-f', "test/bench/$name" ],
		'<', \'', '>', \$out, '2>', \$errors)
	  or die "$name: $errors";
	return $out;
}

make_pair($node->basedir . '/keys/seal/civil', 'bench', 'p256');
sql('CREATE EXTENSION ootspg; CREATE EXTENSION pg_stat_statements');
file('registry.sql', 'persons=200');
file('answer.sql', 'requests=100');
sql('VACUUM ANALYZE');

# answers(first, last): statements, one a request, each a transaction
sub answers
{
	my ($first, $last) = @_;
	return join '', map { "SELECT count(*) FROM bench.request r, ootspg.answer(r.body, r.header) WHERE n = $_;\n" } $first .. $last;
}

my $nested = q{SELECT calls || ' ' || regexp_replace(query, '\s+', ' ', 'g') FROM pg_stat_statements WHERE NOT toplevel ORDER BY query COLLATE "C"};

# psql sends each statement by itself.
sub statements
{
	my ($before, $counted) = @_;
	my ($out, $errors);

	IPC::Run::run([ 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') ],
		'<', \"$before\\o /dev/null\nSELECT pg_stat_statements_reset();\n\\o\n$counted\\echo counted\n$nested", '>', \$out, '2>', \$errors)
	  or die $errors;
	my ($answers, $statements) = $out =~ /^(.*?)counted\n(.*)/s;
	unlike($answers, qr/^(?!2$)/m, 'each was answered by a response and a piece of evidence');
	return split /\n/, $statements;
}

my @warm = statements(answers(2, 11), answers(12, 31));
is(scalar(grep { /^20 / } @warm), scalar(@warm), 'each answer of a session runs the same statements') or diag(join "\n", @warm);
is(scalar(@warm), 3, 'three: candidates, evidence, and the request id, which has to be unique; where there is no link, none is looked for') or diag(join "\n", @warm);
my ($records, $bytes) = split /\|/, sql(q{SELECT sum(wal_records) / 20, sum(wal_bytes) / 20 FROM pg_stat_statements WHERE toplevel AND query LIKE '%ootspg.answer(%'});
cmp_ok($records, '<=', 45, 'records of the log') or diag($records);
cmp_ok($bytes, '<=', 20_000, 'and their bytes') or diag($bytes);

my @first = statements('', answers(32, 32));
cmp_ok(scalar(@first), '<=', 16, 'the first answer of a session reads the configuration by few statements') or diag(join "\n", @first);

# What was built and sealed is canonical, and seen to be so: whoever seals or stores it again parses nothing.
is(sql(q{SELECT bool_and(ootspg_internal.is_canonical(content)) FROM ootspg.evidence('residence', (SELECT array_agg(code) FROM bench.person))}),
	't', 'evidence is recognised as canonical');

my ($peak) = file('large.sql') =~ /^large-peak 0 (\S+)/m;
note("records of the log, their bytes, peak: $records, $bytes, $peak");
cmp_ok($peak, '<=', 3, 'evidence of megabytes takes at most three times its size of memory') or diag($peak);

$node->stop;
done_testing();
