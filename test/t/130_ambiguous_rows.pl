# What an earlier version let pass is told by the update, goes on as it did, and is in the next
# dump: two distributions that answer the same requests, a subset that brings the whole along.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('ambiguous');
$node->safe_psql('postgres', q{CREATE DATABASE old; CREATE DATABASE restored});
sub sql { return $node->safe_psql('old', @_); }

sql(q{CREATE EXTENSION ootspg VERSION '0.2.0'});
sql(slurp_file('test/fixtures/registry.sql') =~ s/^CREATE EXTENSION.*$//mgr);
sql(q{INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, subset, readable) VALUES
	('birth', 'another', 'application/pdf', 'registry.birth_evidence', 'pdf', NULL, NULL, NULL, NULL),
	('birth', 'short', 'application/xml', 'registry.birth_evidence', 'document', 'birth', '1.0', 'short', 'pdf')});
my ($code, $stdout, $stderr) = $node->psql('old', 'ALTER EXTENSION ootspg UPDATE');
is($code, 0, 'the update goes through') or diag($stderr);
is_deeply([ $stderr =~ /WARNING:  (.*)/g ], [
	'distributions another, pdf of evidence type "birth" answer the same requests, and only "another" leaves',
	'distribution "pdf" of evidence type "birth" is the human-readable version of the subset "short", and is given to whoever asks for the whole',
	'distribution "short" of evidence type "birth" is a subset and has the very document of "xml", which is the whole' ], '… and tells each of them');

my $served = q{SELECT count(*) FROM ootspg.evidence('birth', ARRAY['010190-10001'])};
is(sql($served), '1', 'the type is served as before');
is(sqlstate($node, 'old', q{UPDATE ootspg.evidence_type SET level_of_assurance = 'High'}), 'OT003', 'a change of it is refused');

my $dump = $node->basedir . '/dump';
command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('old') ], 'dumped');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump ], 'restored');
is($node->safe_psql('restored', q{SELECT string_agg(distribution, ' ' ORDER BY distribution) FROM ootspg.distribution}), 'another pdf short xml', 'no row is lost');
is($node->safe_psql('restored', $served), '1', '… and it is served');

# The way out
is(sql(q{BEGIN; CREATE VIEW registry.short_evidence AS SELECT person_id, issuing_date, document, pdf FROM registry.birth_evidence;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, companion_only) VALUES ('birth', 'short-pdf', 'application/pdf', 'registry.short_evidence', 'pdf', true);
	UPDATE ootspg.distribution SET source = 'registry.short_evidence', readable = 'short-pdf' WHERE distribution = 'short';
	DELETE FROM ootspg.distribution WHERE distribution = 'another';
	COMMIT;
	SELECT level_of_assurance FROM ootspg.evidence_type}), 'Substantial', 'rows that say what they mean pass');

$node->stop;
done_testing();
