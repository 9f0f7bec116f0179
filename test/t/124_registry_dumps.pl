# Views that evidence is read from, dropped and made again around dumps and restores: never another relation, the type is
# served again, and nothing of the configuration is lost. And what watches over them comes and goes with the extension.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('registry_dumps', 'max_prepared_transactions = 2');
my $dumps = $node->basedir;

sub sql { my ($database, $sql) = @_; return $node->safe_psql($database, $sql); }
sub dump_of { my ($database, @options) = @_; my $file = "$dumps/$database.dump"; $node->command_ok([ 'pg_dump', @options, '-f', $file, $database ], "$database is dumped"); return $file; }

# restore(dump, database, options...): what pg_restore complained of
sub restore
{
	my ($dump, $database, @options) = @_;
	my ($stdout, $stderr) = ('', '');
	IPC::Run::run([ 'pg_restore', '-d', $node->connstr($database), @options, $dump ], '>', \$stdout, '2>', \$stderr);
	return join "\n", grep { /error/ } split /\n/, $stderr;
}

my $seen = q{SELECT evidence_type, subject_source_name, (SELECT oid FROM pg_class WHERE oid = subject_source) IS NOT NULL FROM ootspg.evidence_type};
my $made = 'CREATE VIEW registry.people AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth FROM registry.person';

# A type whose view is gone when the dump is made
sql('postgres', 'CREATE DATABASE gone');
load_registry($node, 'gone');
sql('gone', 'DROP VIEW registry.people');
my $gone = dump_of('gone', '-Fc');
sql('postgres', 'CREATE DATABASE gone_again');
is(restore($gone, 'gone_again'), '', 'it is restored without an error');
is(sql('gone_again', $seen), 'birth|registry.people|f', 'the row is there, and names what is missing');
is(sql('gone_again', 'SELECT count(*) FROM ootspg.distribution'), '2', 'with all that depends on it');
is(sql('gone_again', 'SELECT count(*), count(since) FROM ootspg.out_of_service'), '1|1', 'it is out of service since the view was dropped');
like(answer($node, 'gone_again', '1'), qr/\|error\|EDM:ERR:0008\|evidence type does not fit its registry: SQLSTATE OT003$/, 'and answered so');
sql('gone_again', $made);
is(sql('gone_again', $seen), 'birth|registry.people|t', 'the view is made again there');
is(sql('gone_again', 'SELECT count(*) FROM ootspg.out_of_service'), '0', 'and the type in service');
like(answer($node, 'gone_again', '2'), qr/\|evidence\|/, 'served');

# The number of what is gone is another relation's in the new database; event triggers were off, so that nothing was noticed
sql('postgres', 'CREATE DATABASE numbers');
load_registry($node, 'numbers');
sql('numbers', q{
	CREATE TABLE registry.wrong (person_id text, family_name text, given_name text, date_of_birth date);
	INSERT INTO registry.wrong SELECT 'somebody else', family_name, given_name, born FROM registry.person;
	SET session_replication_role = replica;
	UPDATE ootspg.evidence_type SET subject_source = 'registry.wrong', subject_source_name = 'registry.people'});
# as a restore brings it: the text of a number, with the name beside it
sql('numbers', q{
	CREATE TEMP TABLE kept AS SELECT * FROM ootspg.evidence_type;
	CREATE TEMP TABLE lines AS SELECT * FROM ootspg.evidence_type_line;
	CREATE TEMP TABLE forms AS SELECT * FROM ootspg.distribution; ALTER TABLE forms DROP COLUMN readable_row;
	DELETE FROM ootspg.evidence_type;
	INSERT INTO ootspg.evidence_type SELECT * FROM kept;
	INSERT INTO ootspg.evidence_type_line SELECT * FROM lines;
	INSERT INTO ootspg.distribution SELECT * FROM forms;
	SELECT ootspg.activate('birth')});
is(sql('numbers', 'SELECT subject_source, subject_source_name FROM ootspg.evidence_type'), 'registry.people|registry.people', 'the name holds, not the number of something else');
sql('numbers', q{
	DROP VIEW registry.people;
	CREATE TEMP TABLE kept AS SELECT * FROM ootspg.evidence_type;
	UPDATE kept SET subject_source = 'registry.wrong';
	CREATE TEMP TABLE forms AS SELECT * FROM ootspg.distribution; ALTER TABLE forms DROP COLUMN readable_row;
	DELETE FROM ootspg.evidence_type;
	INSERT INTO ootspg.evidence_type SELECT * FROM kept;
	INSERT INTO ootspg.distribution SELECT * FROM forms});
is(sql('numbers', 'SELECT subject_source, subject_source_name FROM ootspg.evidence_type'), '-|registry.people', 'nor where nothing has the name: it is of nothing then');

# pg_dump --clean over a database in service drops and makes again everything, the extension too
sql('postgres', 'CREATE DATABASE clean');
load_registry($node, 'clean');
like(answer($node, 'clean', '1'), qr/^1\|evidence/, 'served');
my $clean = dump_of('clean', '-Fc');
{
	local $ENV{PGOPTIONS} = '-c ootspg.destroy_audit=on';
	is(restore($clean, 'clean', '--clean', '--if-exists'), '', '--clean: restored over itself');
}
like(answer($node, 'clean', '1'), qr/^\d+\|error\|EDM:ERR:0003/, 'remembers');
like(answer($node, 'clean', '2'), qr/\|evidence\|/, 'and is served');

# By sections, without triggers
sql('gone', 'DROP VIEW registry.birth_sample');
$gone = dump_of('gone', '-Fc');
sql('postgres', 'CREATE DATABASE sections');
is(restore($gone, 'sections', @$_), '', "by sections: @$_") for [ '--section=pre-data' ], [ '--section=data', '--data-only', '--disable-triggers' ], [ '--section=post-data' ];
sql('sections', "$made; CREATE VIEW registry.birth_sample AS SELECT * FROM registry.birth_evidence LIMIT 1");
is(sql('sections', 'SELECT subject_source, sample_source FROM ootspg.evidence_type JOIN ootspg.distribution USING (evidence_type)'),
	join("\n", ('registry.people|registry.birth_sample') x 2), 'found by their names');
like(answer($node, 'sections', '3'), qr/\|evidence\|/, 'and served');

# Nothing that watches is left behind, and nobody else's event triggers are touched
sql('clean', q{CREATE FUNCTION public.theirs() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER theirs ON ddl_command_end EXECUTE FUNCTION public.theirs()});
is(sql('clean', q{SELECT string_agg(evtname || evtenabled::text, ' ' ORDER BY evtname) FROM pg_event_trigger}), 'ootspg_keep_auditO ootspg_registry_changedA ootspg_registry_droppedA theirsO', 'the extension brought its own');
sql('clean', 'DROP INDEX registry.person_match; SET ootspg.destroy_audit = on; DROP EXTENSION ootspg; DROP VIEW registry.people; DROP SCHEMA registry CASCADE');
is(sql('clean', q{SELECT string_agg(evtname, ' ') FROM pg_event_trigger}), 'theirs', 'and takes them with it');

# A statement of others does not wait for who holds the rows of the configuration, and does not fail when something here does
sql('postgres', 'CREATE DATABASE held');
load_registry($node, 'held');
sql('held', q{BEGIN; UPDATE ootspg.evidence_type SET title = title; UPDATE ootspg.distribution SET document = document; PREPARE TRANSACTION 'holder'});
my $births = sql('held', q{SELECT pg_get_viewdef('registry.people')});
sql('held', "SET lock_timeout = '1s'; DROP VIEW registry.people; CREATE VIEW registry.people AS $births");
like(answer($node, 'held', '1'), qr/\|evidence\|/, 'held rows: the view made again is found by its name');
sql('held', q{ROLLBACK PREPARED 'holder'});
sql('held', 'ALTER TABLE ootspg_internal.out_of_service RENAME TO away');
my ($stdout, $stderr);
is($node->psql('held', 'DROP VIEW registry.people', stdout => \$stdout, stderr => \$stderr), 0, 'what fails here fails no statement of others');
like($stderr, qr/WARNING:  ootspg could not look at what evidence types are served from: SQLSTATE 42P01/, 'but is told');
sql('held', 'ALTER TABLE ootspg_internal.away RENAME TO out_of_service');
$node->stop;
done_testing();
