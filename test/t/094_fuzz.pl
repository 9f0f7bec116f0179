# Every reader of foreign bytes, as src has it, under libFuzzer and the sanitizers, for some
# thousand inputs that grow out of the seeds. `make fuzz` runs the same for as long as one likes.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $files = PostgreSQL::Test::Utils::tempdir;

# run(command…): what it printed, and whether it was fine
sub run
{
	my (@command) = @_;
	my $output = '';
	my $fine = IPC::Run::run(\@command, '<', \'', '>&', \$output);
	return ($output, $fine);
}

append_to_file("$files/probe.c", 'int LLVMFuzzerTestOneInput(void) { return 0; }');
my $there = eval { (run('clang', '-fsanitize=fuzzer,address,undefined', '-o', "$files/probe", "$files/probe.c"))[1] };
plan skip_all => 'clang with libFuzzer is not there' unless $there;

my @targets = make_variable('FUZZ_TARGETS');
my ($made, $built) = run('make', '-s', '-j', '2', 'fuzz-targets');
ok($built, 'the targets are built') or BAIL_OUT($made);

my $node = start_node('fuzz');
my ($seeds, $errors);
IPC::Run::run([ 'psql', '-XAt', '-d', $node->connstr('postgres'), '-f', 'test/fuzz/seeds.sql' ], '>', \$seeds, '2>', \$errors)
  or die "seeds: $errors";
IPC::Run::run([ 'test/fuzz/write-seeds', "$files/seeds" ], '<', \$seeds) or die 'seeds could not be written';
$node->stop;

for my $target (@targets)
{
	mkdir "$files/$target" or die "$files/$target: $!";
	my ($output, $fine) = run("test/build/fuzz/$target", '-runs=20000', '-max_total_time=5', '-len_control=0', '-timeout=60', '-rss_limit_mb=4096', '-seed=1',
		"-artifact_prefix=$files/$target-", "$files/$target", "$files/seeds/$target");
	ok($fine, "$target keeps what it promises") or diag(substr $output, -6000);
	my ($loaded) = $output =~ /seed corpus: files: (\d+)/;
	ok($loaded, 'it starts from its seeds');
}

done_testing();
