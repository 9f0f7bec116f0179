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
my $roots = $node->basedir . '/keys/credentials/roots.pem';

sub sql { return $node->safe_psql('postgres', @_); }
sub publish { $ds->publish($_, 'LV', sql("SELECT ootspg.submission('$_', 'test')")) for 'dsd', 'eb'; return; }
# reading(evidence type): everything read anew; then its state on line 2.0, at the broker, what differs and what failed
sub reading
{
	my ($type) = @_;
	my $before = sql('SELECT clock_timestamp()');
	sql('SELECT ootspg.read_directories()');
	$node->poll_query_until('postgres', qq{SELECT bool_and(asked IS NULL AND (checked_at > '$before' OR (failure IS NOT NULL AND next_at > clock_timestamp()))) FROM ootspg_internal.directory_reading})
	  or diag sql('SELECT * FROM ootspg_internal.directory_reading');
	return known($type);
}
sub known
{
	my ($type) = @_;
	return sql("SELECT state, broker_state, array_to_string(differences, '; '), failure FROM ootspg.registration WHERE evidence_type = '$type' AND line = 'oots-edm:v2.0'");
}

sql(slurp_file('test/fixtures/directory.sql'));
sql(q{INSERT INTO ootspg.directory_target (environment, service, line, country) VALUES ('test', 'dsd', 'oots-edm:v2.0', 'LV'), ('test', 'eb', 'oots-edm:v2.0', 'LV')});
is(sql(q{SELECT DISTINCT state, broker_state, failure FROM ootspg.registration}), 'unknown|unknown|no directory to read: ootspg.directory_source', 'nothing is known without a directory to read');
open my $out, '>', $roots or die $!;
print $out $ds->root_pem;
close $out or die $!;
publish();
sql(sprintf q{INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri) VALUES ('test', 'dsd', '%s', 'LV', 'file:roots.pem'), ('test', 'eb', '%s', 'LV', 'file:roots.pem')},
	$ds->url('dsd'), $ds->url('eb'));

# Published
wait_sql($node, q{SELECT bool_and(state = 'published' AND broker_state = 'published') FROM ootspg.registration}, 'a new source is read at once: everything is published')
  or diag sql('SELECT * FROM ootspg.registration');
is(sql(q{SELECT count(*) FROM ootspg.registration_finding WHERE result <> 'pass'}), '0', 'every point passes');
is(sql(q{SELECT string_agg(finding, ', ' ORDER BY finding) FROM ootspg.registration_finding WHERE evidence_type = 'birth' AND line IS NULL AND service = 'dsd'}),
	'access service, broken rules, classification values, country, distributions, entries, entry, identifier, jurisdiction, languages, level of assurance, lines', '… of those that the entry has');
is(sql(q{SELECT string_agg(DISTINCT finding, ', ') FROM ootspg.registration_finding WHERE service = 'eb'}), 'jurisdiction, list', '… and of those that the broker has');
is(sql(q{SELECT count(*) FROM ootspg.registration_check}), sql('SELECT count(*) FROM ootspg.registration_finding'), '… and stands in the history');
is(sql(q{SELECT bool_and(failure IS NULL AND next_check > now() + interval '23 h') FROM ootspg.registration}), 't', '… until the next day');
my $queries = $ds->stats->{'queries.dsd'};
ok($queries >= 8, 'one query for each entry and one for each line') or diag($queries);
is(sql(q{SELECT directory, state, reason, last_success IS NOT NULL, last_error_text FROM ootspg.status WHERE directory IS NOT NULL ORDER BY 1}),
	"test dsd|published||t|\ntest eb|published||t|", 'the status has a row for each directory');

# Drift, provoked: what is served changes, what is published does not. The answer that is there is compared anew: nobody is asked.
my $asked = $ds->stats->{queries};
for my $drift (
	[ q{UPDATE ootspg.evidence_type SET level_of_assurance = 'High' WHERE evidence_type = 'birth'}, 'level of assurance: High here, Substantial published', q{UPDATE ootspg.evidence_type SET level_of_assurance = 'Substantial' WHERE evidence_type = 'birth'} ],
	[ q{UPDATE ootspg.access_service SET party_id = 'AP_LV_2' WHERE provider = 'civil'}, 'access service: urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV::AP_LV_2 here, urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV::AP_LV_1 published', q{UPDATE ootspg.access_service SET party_id = 'AP_LV_1' WHERE provider = 'civil'} ],
	[ q{UPDATE ootspg.evidence_type SET data_service = 'b1c2d3e4-2222-4333-8444-555566660000' WHERE evidence_type = 'birth'}, 'identifier: b1c2d3e4-2222-4333-8444-555566660000 here, b1c2d3e4-2222-4333-8444-555566667777 published', q{UPDATE ootspg.evidence_type SET data_service = 'b1c2d3e4-2222-4333-8444-555566667777' WHERE evidence_type = 'birth'} ],
	[ q{UPDATE ootspg.provider SET country = 'EE' WHERE provider = 'civil'}, 'country: EE here, LV published', q{UPDATE ootspg.provider SET country = 'LV' WHERE provider = 'civil'} ],
	[ q{UPDATE ootspg.publisher SET jurisdiction = 'EE' WHERE provider = 'civil'}, 'jurisdiction: EE here, LV published; requirement 315cfd75-0000-49c4-b0fe-000000000001, jurisdiction: EE here, LV published', q{UPDATE ootspg.publisher SET jurisdiction = 'LV' WHERE provider = 'civil'} ],
	[ q{DELETE FROM ootspg.distribution_language WHERE language = 'EN'}, 'languages: application/pdf LV here, application/pdf EN+LV published', q{INSERT INTO ootspg.distribution_language VALUES ('birth', 'pdf', 'EN')} ],
	[ q{UPDATE ootspg.directory_target SET lines = '{oots-edm:v1.0,oots-edm:v2.0}'}, 'lines: oots-edm:v1.0, oots-edm:v2.0 here, oots-edm:v1.0, oots-edm:v1.1, oots-edm:v1.2, oots-edm:v2.0 published', q{UPDATE ootspg.directory_target SET lines = NULL} ])
{
	my ($change, $difference, $back) = @$drift;

	sql($change);
	wait_sql($node, q{SELECT bool_or(differences IS NOT NULL) FROM ootspg.registration WHERE evidence_type = 'birth'}, 'a change of what is served is compared at once');
	my ($state, $broker, $told) = split /\|/, known('birth');
	is($state, 'differs', '… and differs');
	is($told, $difference, '… told in words');
	sql($back);
	wait_sql($node, q{SELECT bool_and(state = 'published' AND broker_state = 'published' AND differences IS NULL) FROM ootspg.registration WHERE evidence_type = 'birth'}, '… until it is changed back');
}
is($ds->stats->{queries}, $asked, 'no directory was asked for all this');
is(sql(q{SELECT string_agg(result, ' ' ORDER BY ctid) FROM ootspg.registration_check WHERE evidence_type = 'birth' AND line = '' AND finding = 'level of assurance'}),
	'pass differs pass', 'the history has every change, once');
sql(q{UPDATE ootspg.provider_concept SET supported = '{gymnasium}'});
wait_sql($node, q{SELECT bool_or('classification values: b07146b6-0000-41a7-a10f-000000000001 = gymnasium here, b07146b6-0000-41a7-a10f-000000000001 = gymnasium, lyceum published' = ANY (differences))
	FROM ootspg.registration WHERE evidence_type = 'diploma'}, 'values for which a provider is the right one are compared, found by a value of ours') or diag sql(q{SELECT * FROM ootspg.registration WHERE evidence_type = 'diploma'});
like(sql(q{SELECT state, reason FROM ootspg.status WHERE directory = 'test dsd'}), qr/^differs\|1 of \d+ readings are not as served: diploma$/, 'the status tells it');
sql(q{UPDATE ootspg.provider_concept SET supported = '{gymnasium,lyceum}'});

# What can't be asked for want of facts is told, and nothing else suffers
sql(q{UPDATE ootspg.directory_target SET country = NULL; UPDATE ootspg.provider SET country = 'EE' WHERE provider = 'civil'});
like(reading('birth'), qr/^published\|published\|\|the query could not be made/, 'a query that cannot be made is told');
sql(q{UPDATE ootspg.directory_target SET country = 'LV'; UPDATE ootspg.provider SET country = 'LV' WHERE provider = 'civil'});
is(reading('birth'), 'published|published||', '… until it can be');

# Missing
sql(q{UPDATE ootspg.directory_entry SET publish = false WHERE evidence_type = 'diploma'});
is(sql(q{SELECT DISTINCT state, broker_state FROM ootspg.registration WHERE evidence_type = 'diploma'}), 'not to be published|not to be published', 'what is deliberately not published is no drift');
sql(q{UPDATE ootspg.evidence_type_list_member SET evidence_type = 'birth' WHERE evidence_type = 'diploma'});
publish();
sql(q{UPDATE ootspg.evidence_type_list_member SET evidence_type = 'diploma' WHERE evidence_type_list = '970918e4-0000-41f0-8e20-000000000002';
	UPDATE ootspg.directory_entry SET publish = true});
is(reading('diploma'), 'missing|missing|entry: there here, nothing published; line: oots-edm:v2.0 here, nothing published; requirement 315cfd75-0000-49c4-b0fe-000000000002, list: there here, nothing published|',
	'an entry that is gone is missing, at the broker too');
publish();
is(reading('diploma'), 'published|published||', '… until it is back, found by the kind of school we answer for');

# One requirement that several types prove is asked once
sql(q{INSERT INTO ootspg.evidence_type_list_member VALUES ('970918e4-0000-41f0-8e20-000000000001', 'diploma')});
publish();
is(reading('diploma'), 'published|published||', 'two types of one list are both found');
my $broker_queries = $ds->stats->{'queries.eb'};
reading('diploma');
is(sql(q{SELECT count(*) FROM ootspg_internal.directory_reading WHERE service = 'eb'}), '3', '… by three readings');
is($ds->stats->{'queries.eb'} - $broker_queries, 2, '… and two queries');
sql(q{DELETE FROM ootspg.evidence_type_list_member WHERE evidence_type_list = '970918e4-0000-41f0-8e20-000000000001' AND evidence_type = 'diploma'});
publish();
is(reading('birth'), 'published|published||', 'a list that has lost a type still has the other');

# Failures keep the verdict of before, and say what failed
for my $trouble (
	[ 'bad-digest', qr/signature .* not accepted/ ], [ 'no-digest', qr/signature/ ], [ 'bad-signature', qr/signature/ ], [ 'no-signature', qr/signature/ ],
	[ 'wrong-root', qr/signature/ ], [ 'expired', qr/signature/ ], [ 'alg=none', qr/signature/ ], [ 'http=503', qr/status 503/ ], [ 'http=404', qr/status 404/ ],
	[ 'signed-earlier=3600', qr/signed before one that came earlier/ ], [ 'cut', qr/could not be reached/ ], [ 'garbage', qr/unreadable/ ], [ 'dtd', qr/unreadable/ ], [ 'json-error', qr/status/ ], [ 'redirect=http://127.0.0.1:9/', qr/status/ ])
{
	my ($rule, $expected) = @$trouble;

	$ds->control("rule times=always $rule");
	my ($state, $broker, $differences, $failure) = split /\|/, reading('birth');
	is("$state $broker", 'published published', "$rule: what was known stays known");
	like($failure, $expected, '… and the failure is told');
	$ds->control('rules-clear');
}
like(sql(q{SELECT string_agg(last_error_text, ',') FROM ootspg.status WHERE directory IS NOT NULL AND state = 'failing'}), qr/HTTP status 302.*HTTP status 302/, 'the status tells failures too');
is(reading('birth'), 'published|published||', 'afterwards all is well');
is(sql(q{SELECT DISTINCT evidence_type FROM ootspg.registration_check WHERE service = 'dsd' AND result = 'missing'}), 'diploma', 'no failure was taken for "not registered"');

# Who signs
rename $roots, "$roots.away" or die $!;
is(reading('birth'), 'published|published||the file of roots_uri cannot be used', 'without roots nobody is trusted');
rename "$roots.away", $roots or die $!;
sql(q{UPDATE ootspg.directory_source SET signer_subject = 'CN=somebody else'});
like(reading('birth'), qr/^published\|published\|\|the answer is signed by another than signer_subject: .*CN=leaf/, 'only the certificate of this subject signs');
sql(q{UPDATE ootspg.directory_source SET signer_subject = 'CN=leaf,O=Test,C=XA'});
is(reading('birth'), 'published|published||', '… and it does');
$ds->control('rule times=always signed-later=3600');
is(reading('birth'), 'published|published||', 'an answer signed in the future is one');
like(sql(q{SELECT string_agg(reason, ',') FROM ootspg.status WHERE directory IS NOT NULL}), qr/answers are signed in the future,answers are signed in the future/, '… but that is told');
$ds->control('rules-clear');
sql(q{DELETE FROM ootspg_internal.directory_answer});

# Environments have nothing in common (D-REG-10)
is(sqlstate($node, 'postgres', q{INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri) VALUES ('production', 'dsd', 'https://other.example', 'LV', 'file:roots.pem')}), 'OT003', 'two environments do not name one file of roots');
is(sqlstate($node, 'postgres', sprintf q{INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri) VALUES ('production', 'dsd', '%s/', 'LV', 'file:production.pem')}, $ds->url('dsd')), 'OT003', '… nor one directory');
sql(q{UPDATE ootspg.directory_source SET read_every = '1 d'});
is(reading('birth'), 'published|published||', 'read once more');
sql(q{INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri) VALUES ('acceptance', 'dsd', 'https://other.example', 'LV', 'file:acceptance.pem');
	INSERT INTO ootspg_internal.directory_answer SELECT 'acceptance', service, query, content_type, body, received_at, signed_at, signer_not_after, root_sha256, root_not_after FROM ootspg_internal.directory_answer WHERE service = 'dsd' LIMIT 1});
like(reading('birth'), qr/signed below a root certificate of another environment/, 'a root that a stricter environment has is not trusted');
sql(q{DELETE FROM ootspg.directory_source WHERE environment = 'acceptance'});
is(reading('birth'), 'published|published||', '… until that is settled');

# Whoever keeps a transaction open does not hold up the exchange
my $holder = start_sql($node, 'postgres', q{BEGIN; SELECT ootspg.read_directories(); SELECT 1 FROM ootspg_internal.directory_reading FOR UPDATE; SELECT pg_sleep(180)});
wait_sql($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}, 'somebody holds all that is read');
sql(q{UPDATE ootspg.directory_source SET read_every = '1 s'});
ask($node, $ap, 4711);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.outbox WHERE state = 'delivered'}, 'a request is answered meanwhile');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
finish_sql($holder);
sql(q{UPDATE ootspg.directory_source SET read_every = '1 d'});

# Too long without a word, nothing is known any more
sql(q{UPDATE ootspg_internal.directory_reading SET checked_at = now() - interval '4 days'});
is(sql(q{SELECT DISTINCT state FROM ootspg.registration}), 'unknown', 'a verdict of long ago is none');

# Who may
for my $duty ('monitor', 'operate', 'configure')
{
	sql("CREATE ROLE all_$duty LOGIN; SELECT ootspg.grant_duty('all_$duty', '$duty')");
	for my $view ('registration', 'registration_finding', 'registration_check', 'directory_discovery', $duty eq 'configure' ? () : 'status')
	{
		is(sqlstate($node, 'postgres', "SELECT * FROM ootspg.$view", extra_params => [ '-U', "all_$duty" ]), '', "who may $duty may read $view");
	}
}
sql(q{CREATE ROLE clerk LOGIN; SELECT ootspg.grant_duty('clerk', 'monitor', 'schools')});
is(sqlstate($node, 'postgres', 'SELECT ootspg.read_directories()', extra_params => [ '-U', 'clerk' ]), '42501', 'reading is for those who configure or operate');
is($node->safe_psql('postgres', 'SELECT DISTINCT evidence_type FROM ootspg.registration', extra_params => [ '-U', 'clerk' ]), 'diploma', 'everybody sees the entries of their own provider');

$node->stop;
$ap->stop;
$ds->stop;
done_testing();
