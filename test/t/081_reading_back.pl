# What is served and what is published are the same thing, or somebody is told: entries are
# read back from the directory, believed when they are signed, compared, and every
# difference is reported (D-REG-03). A failure is never taken for "not registered".
use strict;
use warnings FATAL => 'all';

use DirectoryService;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $ds = DirectoryService->start;
my ($node, $ap) = exchange_node('reading');
my $roots = $node->basedir . '/keys/roots.pem';

sub sql { return $node->safe_psql('postgres', @_); }
sub publish { $ds->publish('dsd', 'LV', sql(q{SELECT ootspg.submission('dsd', 'test')})); return; }
# reading(name, evidence type): everything read anew; then its state on line 2.0 and what differs
sub reading
{
	my ($type) = @_;
	my $before = sql('SELECT clock_timestamp()');
	sql('SELECT ootspg.read_directories()');
	$node->poll_query_until('postgres', qq{SELECT bool_and(checked_at > '$before' OR (failure IS NOT NULL AND next_at > clock_timestamp())) FROM ootspg_internal.directory_reading});
	return sql("SELECT state, array_to_string(differences, ', '), failure FROM ootspg.registration WHERE evidence_type = '$type' AND line = 'oots-edm:v2.0'");
}

sql(slurp_file('test/fixtures/directory.sql'));
sql(q{INSERT INTO ootspg.directory_target (environment, service, line, country) VALUES ('test', 'dsd', 'oots-edm:v2.0', 'LV')});
is(sql(q{SELECT DISTINCT state, failure FROM ootspg.registration}), 'unknown|no directory to read: ootspg.directory_source', 'nothing is known without a directory to read');
open my $out, '>', $roots or die $!;
print $out $ds->root_pem;
close $out or die $!;
publish();
sql(sprintf q{INSERT INTO ootspg.directory_source (environment, base_url, country, roots_uri) VALUES ('test', '%s', 'LV', 'file:roots.pem')}, $ds->url('dsd'));

# Published
wait_sql($node, q{SELECT bool_and(state = 'published') FROM ootspg.registration}, 'a new source is read at once: everything is published');
is(sql(q{SELECT count(*) FROM ootspg.registration_check WHERE verdict = 'published'}), sql('SELECT count(*) FROM ootspg_internal.directory_reading'), '… and each entry stands in the history');
is(sql(q{SELECT bool_and(root_not_after > now() AND failure IS NULL AND next_check > now() + interval '23 h') FROM ootspg.registration}), 't', '… with the end of the trusted root, and the next day to look');
my $queries = $ds->stats->{'queries.dsd'};
ok($queries >= 8, 'one query for each entry and one for each line') or diag($queries);

# Drift, provoked: what is served changes, what is published does not
for my $drift (
	[ q{UPDATE ootspg.evidence_type SET level_of_assurance = 'High' WHERE evidence_type = 'birth'}, 'level of assurance', q{UPDATE ootspg.evidence_type SET level_of_assurance = 'Substantial' WHERE evidence_type = 'birth'} ],
	[ q{UPDATE ootspg.access_service SET party_id = 'AP_LV_2' WHERE provider = 'civil'}, 'access service', q{UPDATE ootspg.access_service SET party_id = 'AP_LV_1' WHERE provider = 'civil'} ],
	[ q{UPDATE ootspg.evidence_type SET data_service = 'b1c2d3e4-2222-4333-8444-555566660000' WHERE evidence_type = 'birth'}, 'identifier', q{UPDATE ootspg.evidence_type SET data_service = 'b1c2d3e4-2222-4333-8444-555566667777' WHERE evidence_type = 'birth'} ],
	[ q{UPDATE ootspg.provider SET country = 'EE' WHERE provider = 'civil'}, 'country', q{UPDATE ootspg.provider SET country = 'LV' WHERE provider = 'civil'} ])
{
	my ($change, $difference, $back) = @$drift;

	sql($change);
	is(reading('birth'), "differs|$difference|", "drift is told: $difference");
	sql($back);
	is(reading('birth'), 'published||', '… and its end');
}
is(sql(q{SELECT string_agg(verdict, ' ' ORDER BY checked_at) FROM ootspg.registration_check WHERE evidence_type = 'birth' AND line = ''}),
	join(' ', 'published', map { ('differs', 'published') } 1 .. 4), 'the history has every change, once');

# What can't be asked for want of facts is told, and nothing else suffers
sql(q{UPDATE ootspg.directory_target SET country = NULL; UPDATE ootspg.provider SET country = 'EE' WHERE provider = 'civil'});
like(reading('birth'), qr/^published\|\|the query could not be made/, 'a query that cannot be made is told');
sql(q{UPDATE ootspg.directory_target SET country = 'LV'; UPDATE ootspg.provider SET country = 'LV' WHERE provider = 'civil'});
is(reading('birth'), 'published||', '… until it can be');

# Missing
$ds->publish('dsd', 'LV', sql(q{UPDATE ootspg.directory_entry SET publish = false WHERE evidence_type = 'diploma' RETURNING ''}) . sql(q{SELECT ootspg.submission('dsd', 'test')}));
is(sql(q{SELECT DISTINCT state FROM ootspg.registration WHERE evidence_type = 'diploma'}), 'not to be published', 'what is deliberately not published is no drift');
sql(q{UPDATE ootspg.directory_entry SET publish = true});
is(reading('diploma'), 'missing||', 'an entry that is gone is missing');
publish();
is(reading('diploma'), 'published||', '… until it is back, found by the kind of school we answer for');

# Failures keep the verdict of before, and say what failed
for my $trouble (
	[ 'bad-digest', qr/signature .* not accepted/ ], [ 'no-digest', qr/signature/ ], [ 'bad-signature', qr/signature/ ], [ 'no-signature', qr/signature/ ],
	[ 'wrong-root', qr/signature/ ], [ 'expired', qr/signature/ ], [ 'alg=none', qr/signature/ ], [ 'http=503', qr/status 503/ ], [ 'http=404', qr/status 404/ ],
	[ 'cut', qr/could not be reached/ ], [ 'garbage', qr/unreadable/ ], [ 'dtd', qr/unreadable/ ], [ 'json-error', qr/status/ ], [ 'redirect=http://127.0.0.1:9/', qr/status/ ])
{
	my ($rule, $expected) = @$trouble;

	$ds->control("rule service=dsd times=always $rule");
	my ($state, $differences, $failure) = split /\|/, reading('birth');
	is($state, 'published', "$rule: what was known stays known");
	like($failure, $expected, '… and the failure is told');
	$ds->control('rules-clear');
}
is(reading('birth'), 'published||', 'afterwards all is well');
is(sql(q{SELECT count(*) FROM ootspg.registration_check WHERE verdict = 'missing'}) > 0 ? sql(q{SELECT DISTINCT evidence_type FROM ootspg.registration_check WHERE verdict = 'missing'}) : '', 'diploma', 'no failure was taken for "not registered"');

# Too long without a word, nothing is known any more
sql(q{UPDATE ootspg_internal.directory_reading SET checked_at = now() - interval '4 days'});
is(sql(q{SELECT DISTINCT state FROM ootspg.registration}), 'unknown', 'a verdict of long ago is none');

# Who may
sql(q{CREATE ROLE clerk LOGIN; SELECT ootspg.grant_duty('clerk', 'monitor', 'schools')});
is(sqlstate($node, 'postgres', 'SELECT ootspg.read_directories()', extra_params => [ '-U', 'clerk' ]), '42501', 'reading is for those who configure or operate');
is($node->safe_psql('postgres', 'SELECT DISTINCT evidence_type FROM ootspg.registration', extra_params => [ '-U', 'clerk' ]), 'diploma', 'everybody sees the entries of their own provider');

$node->stop;
$ap->stop;
$ds->stop;
done_testing();
