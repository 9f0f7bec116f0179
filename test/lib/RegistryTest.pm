# RegistryTest: databases with the small registry of test/fixtures, for the tests
# that look at what happens around answers.
package RegistryTest;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;

our @EXPORT = qw(load_registry seal_registry answer sqlstate);

# load_registry(node, database): the extension and the registry
sub load_registry
{
	my ($node, $database) = @_;

	$node->safe_psql($database, 'CREATE EXTENSION ootspg');
	$node->safe_psql($database, slurp_file("test/fixtures/$_.sql")) for qw(requests registry birth_request);
	return;
}

# seal_registry(node, database): its evidence leaves sealed
sub seal_registry
{
	my ($node, $database) = @_;

	make_pair($node->basedir . '/keys', 'birth', 'p256');
	$node->safe_psql($database, q{
		SELECT ootspg.set_seal_key('birth', 'civil', 'file:birth.key', 'file:birth.pem');
		UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'birth'});
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

1;
