# RegistryTest: databases with the small registry of test/fixtures, for the tests
# that look at what happens around answers.
package RegistryTest;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use File::Temp;
use IPC::Run;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use SealTest;

our @EXPORT = qw(load_registry seal_registry answer sqlstate start_sql finish_sql);

# load_registry(node, database): the extension and the registry
sub load_registry
{
	my ($node, $database) = @_;

	$node->safe_psql($database, 'CREATE EXTENSION ootspg');
	$node->safe_psql($database, slurp_file("test/fixtures/$_.sql")) for qw(requests registry birth_request);
	return;
}

# seal_registry(node, database, required): its XML leaves sealed; required: or nothing leaves. The type
# sends PDF as well, so only 0.2.0 could have put it into service like that.
sub seal_registry
{
	my ($node, $database, $required) = @_;

	make_pair($node->basedir . '/keys/seal/civil', 'birth', 'p256');
	$node->safe_psql($database, q{
		SELECT ootspg.set_seal_key('birth', 'civil', 'file:birth.key', 'file:birth.pem');
		UPDATE ootspg.evidence_type SET seal = 'prefer', seal_key = 'birth'});
	$node->safe_psql($database, q{
		ALTER TABLE ootspg.evidence_type DISABLE TRIGGER check_active;
		ALTER TABLE ootspg.distribution DISABLE TRIGGER check_active;
		UPDATE ootspg.distribution SET seal_form = 'none' WHERE media_type = 'application/pdf';
		UPDATE ootspg.evidence_type SET seal = 'require';
		ALTER TABLE ootspg.evidence_type ENABLE TRIGGER check_active;
		ALTER TABLE ootspg.distribution ENABLE TRIGGER check_active}) if $required;
	return;
}

# answer(node, database, arguments of birth_request()): exchange_id|outcome|error|reason
sub answer
{
	my ($node, $database, $arguments) = @_;

	return $node->safe_psql($database, qq{
		CREATE TEMP TABLE answered AS SELECT * FROM ootspg.answer(birth_request($arguments));
		SELECT exchange_id, outcome, error_code, reason FROM ootspg.exchange
		 WHERE exchange_id = (SELECT min(exchange_id) FROM answered)});
}

# sqlstate(node, database, sql): what it is refused with, '' when it is not
sub sqlstate
{
	my ($node, $database, $sql, %options) = @_;
	my ($stdout, $stderr);

	$node->psql($database, "\\set VERBOSITY sqlstate\n$sql", stdout => \$stdout, stderr => \$stderr, %options);
	return $stderr =~ /(?:ERROR|FATAL):\s+(\w{5})/ ? $1 : '';
}

# start_sql(node, database, sql): a session that works while the test does something else
sub start_sql
{
	my ($node, $database, $sql) = @_;
	my %session = (file => File::Temp->new, out => '', err => '');

	print { $session{file} } $sql;
	close $session{file} or die $!;
	$session{run} = IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr($database), '-f', $session{file}->filename ],
		'>', \$session{out}, '2>', \$session{err},
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	return \%session;
}

# finish_sql(session): what it wrote to standard output and error
sub finish_sql
{
	my ($session) = @_;

	$session->{run}->finish;
	return ($session->{out}, $session->{err});
}

1;
