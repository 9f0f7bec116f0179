# The example of the README is one that can be published: with the few rows that the directories
# ask for beside it, its submission breaks no rule. And a dump over a database that answers
# already is let through by a word of its own.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('readme');
my ($example) = slurp_file('README.md') =~ /^```sql\n(.*?)^```$/ms;
my ($code, $stdout, $stderr) = $node->psql('postgres', $example, on_error_stop => 1);
is($code, 0, 'the example runs');
my @reasons = $stderr =~ /NOTICE:  evidence type "residence" can be served, but not published yet: (.*)/g;
is_deeply(\@reasons, [ 'ootspg.directory_entry has no row for it', map { qq{ootspg.$_ has no row for provider "civil"} } qw(publisher access_service) ],
	'activate() says what is missing, and nothing about the example itself');

$node->safe_psql('postgres', q{
	INSERT INTO ootspg.publisher (provider, jurisdiction) VALUES ('civil', 'LV');
	INSERT INTO ootspg.access_service (provider, party_id_type, party_id, name)
	VALUES ('civil', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV', 'AP_LV_1', '{"EN": "State access point"}');
	INSERT INTO ootspg.directory_entry (evidence_type) VALUES ('residence')});
is($node->safe_psql('postgres', 'SELECT string_agg(fact, E\'\n\') FROM ootspg.submission_missing()'), '', 'no fact is missing');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT rule_id || ' ' || severity, ', ')
	FROM ootspg.check_submission(convert_to(ootspg.submission()::text, 'UTF8')) WHERE severity <> 'caution'}), '', 'its submission breaks no rule');
$node->psql('postgres', q{SELECT ootspg.activate('residence')}, stderr => \$stderr);
is_deeply([ $stderr =~ /(?:NOTICE|WARNING):  (.*)/g ], [ 'the audit of provider "civil" is not encrypted', 'messages that wait are not encrypted' ],
	'activate() has nothing left to say but of encryption, which the example leaves out');

# A dump over it: the audit is not dropped by the way
$node->safe_psql('postgres', q{CREATE TABLE answered AS SELECT outcome FROM ootspg.answer(
	ootspg.sample_request('residence', ootspg.natural_person('Ozolins', 'Janis', '1990-01-01', 'DE/LV/A1B2C3')))});
my $dump = $node->basedir . '/dump';
command_ok([ 'pg_dump', '-Fc', '-f', $dump, $node->connstr('postgres') ], 'dumped');
my @restore = ('pg_restore', '--clean', '--if-exists', '--exit-on-error', '-d', $node->connstr('postgres'), $dump);
command_fails_like(\@restore, qr/ootspg\.destroy_audit/, 'pg_restore --clean over exchanges is refused, and names the setting');
{
	local $ENV{PGOPTIONS} = '-c ootspg.destroy_audit=on';
	command_ok(\@restore, '… and goes through with it');
}
is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg.exchange}), '1', 'the exchange of the dump is there');
is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg.evidence('residence', ARRAY['010190-10001'])}), '2', 'evidence leaves as before');

$node->stop;
done_testing();
