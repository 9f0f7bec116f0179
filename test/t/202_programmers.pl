# The examples of doc/programmers.md run as they stand, each with the driver of the distribution; what has no driver here is skipped, and says so.
use strict;
use warnings FATAL => 'all';

use Cwd;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

# JDBC knows no Unix sockets
my $node = start_node('programmers', "listen_addresses = '127.0.0.1'");
load_registry($node, 'postgres');
$node->safe_psql('postgres', q{CREATE ROLE portal LOGIN; GRANT USAGE ON SCHEMA registry TO portal; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO portal;
	SELECT ootspg.grant_duty('portal', 'exchange', 'civil')});

my %examples = slurp_file('doc/programmers.md') =~ /^```(python|java|javascript)\n(.*?)^```$/msg;
is_deeply([ sort keys %examples ], [qw(java javascript python)], 'the examples are there');

my $tree = getcwd;
my $directory = PostgreSQL::Test::Utils::tempdir;
my $number = 0;
my %where = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres', PGUSER => 'portal',
	JDBC_URL => 'jdbc:postgresql://127.0.0.1:' . $node->port . '/postgres?user=portal');

# in_directory(command): its exit code, output and words
sub in_directory
{
	my ($out, $err) = ('', '');
	local @ENV{ keys %where } = values %where;
	chdir $directory or die $!;
	IPC::Run::run([@_], '>', \$out, '2>', \$err, IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default));
	my $code = $? >> 8;
	chdir $tree or die $!;
	return ($code, $out, $err);
}

# example(language, file, there, command): answers a request of a new id, and commits
sub example
{
	my ($language, $file, $there, @command) = @_;

  SKIP:
	{
		skip "no driver for $language", 4 if !eval { (in_directory(@$there))[0] == 0 };
		$number++;
		open my $request, '>', "$directory/request.xml" or die $!;
		binmode $request;
		print $request pack 'H*', $node->safe_psql('postgres', "SELECT encode(birth_request($number), 'hex')");
		close $request or die $!;
		PostgreSQL::Test::Utils::append_to_file("$directory/$file", $examples{$language});
		my ($code, $out, $err) = in_directory(@command);
		is($code, 0, "$language: runs") or diag($err);
		like($out, qr{^1 application/x-ebrs\+xml evidence [1-9]\d+$}m, "$language: the message of the answer");
		is(join('', grep { !/^1 / } $out =~ /^(\d.*\n)/mg), $node->safe_psql('postgres', qq{
			BEGIN; SELECT part, media_type, outcome, length(content) FROM ootspg.answer(birth_request(1000 + $number)) WHERE part > 1 ORDER BY part; ROLLBACK}) =~ s/\|/ /gr . "\n",
			"$language: the evidence, as many bytes as there are");
		is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg.exchange WHERE outcome IS NOT NULL AND request_id IS NOT NULL'), $number, "$language: committed");
	}
	return;
}

example('python', 'answer.py', [ 'python3', '-c', 'import psycopg' ], 'python3', 'answer.py');
example('java', 'Answer.java', [ 'sh', '-c', 'java -version && test -r /usr/share/java/postgresql.jar' ], 'java', '-cp', '/usr/share/java/postgresql.jar', 'Answer.java');
example('javascript', 'answer.js', [ 'node', '-e', q{require('pg')} ], 'node', 'answer.js');

$node->stop;
done_testing();
