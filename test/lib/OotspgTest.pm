# OotspgTest: what the TAP tests share on top of PostgreSQL::Test::Cluster.
# Nodes are UTF-8 clusters whose superuser is "postgres" whoever runs the tests;
# if a test fails, the ends of its nodes' server logs are shown.
package OotspgTest;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(start_node make_variable run_regress shared_file);

my @nodes;

# start_node(name, settings...): a running cluster; settings are lines for
# postgresql.conf.
sub start_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $keys = $node->basedir . '/keys';

	$ENV{PGUSER} = 'postgres';
	$node->init(
		extra => [ '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8' ]);
	mkdir $_, 0700 or die "$_: $!" for $keys, map { "$keys/$_" } qw(credentials search seal seal/civil);
	# heads of the audit are made where a test is about them: what others count is theirs
	$node->append_conf('postgresql.conf', 'ootspg.audit_head_interval = 0');
	$node->append_conf('postgresql.conf', join("\n", "ootspg.key_directory = '$keys'", @settings));
	$node->start;
	push @nodes, $node;
	return $node;
}

# The words of a variable of the Makefile.
sub make_variable
{
	my ($variable) = @_;
	my $words = `make -s print-$variable`;
	die "make print-$variable failed" if $?;
	return split ' ', $words;
}

# run_regress(node, program, options, tests): one TAP test for each test of
# pg_regress or pg_isolation_regress, and one for the server having survived.
sub run_regress
{
	my ($node, $program, $options, @tests) = @_;
	my $output = $node->basedir . '/results';
	my %passed;

	mkdir $output or die "$output: $!";
	my ($stdout, $stderr);
	IPC::Run::run(
		[
			$program, @$options, "--outputdir=$output", '--bindir=' . $node->config_data('--bindir'),
			'--host=' . $node->host, '--port=' . $node->port, '--user=postgres', @tests
		],
		'>', \$stdout, '2>', \$stderr,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default * @tests));

	# Before PostgreSQL 16 "test NAME ... ok", since then TAP.
	for (split /\n/, $stdout)
	{
		$passed{$1} = $2 eq 'ok' if /^test (\S+) +\.\.\. (\w+)/;
		$passed{$2} = !$1 if /^(not )?ok \d+ +[-+] (\S+)/;
	}
	ok($passed{$_}, $_) for @tests;

	if (-s "$output/regression.diffs")
	{
		diag(slurp_file("$output/regression.diffs"));
	}
	elsif (grep { !$passed{$_} } @tests)
	{
		diag($stdout, $stderr);
	}
	unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');
	return;
}

# A file of the material beside the repository, or undef, in a list as well: then the caller skips.
sub shared_file
{
	my ($path) = @_;
	return undef unless $ENV{OOTSPG_SHARED};
	my $file = "$ENV{OOTSPG_SHARED}/$path";
	return -e $file ? $file : undef;
}

END
{
	if (!Test::More->builder->is_passing)
	{
		for my $node (@nodes)
		{
			my @lines = split /\n/, slurp_file($node->logfile);
			my $first = @lines > 40 ? -40 : -@lines;
			diag('last lines of the log of ' . $node->name, map { "\n$_" } @lines[ $first .. -1 ]);
		}
	}
}

1;
