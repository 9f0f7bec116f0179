# The demo keeps its promises: three registers are loaded and published by a role that is
# no superuser, and every scenario of test/demo/scenarios.sql ends as it says there, asked
# from SQL and from abroad.
use strict;
use warnings FATAL => 'all';
use utf8;

use FindBin;
use lib "$FindBin::RealBin/../lib";
use AccessPoint;
use Encode;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use SealTest;
use Test::More;

my $node = start_node('demo', "shared_preload_libraries = 'ootspg'", 'max_worker_processes = 16');
my $keys = $node->basedir . '/keys';

# as(role, statement): its output; the role must be able to run it
sub as
{
	my ($role, $sql) = @_;

	return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]);
}

# denied(role, statement, name): the role lacks the right
sub denied
{
	my ($role, $sql, $name) = @_;
	my $stderr;

	$node->psql('postgres', $sql, stderr => \$stderr, extra_params => [ '-U', $role ]);
	like($stderr, qr/permission denied/, $name);
	return;
}

# The cross-reference table points at the objects, and the stream is as long as it says: of the document as the registry has
# it, which its seal only adds to.
sub pdf_is_sound
{
	my ($sealed, $name) = @_;
	my ($pdf) = $sealed =~ /\A(.*?\n%%EOF\n)/s;
	my ($start) = $pdf =~ /startxref\n(\d+)\n%%EOF\n\z/;
	my @offsets = substr($pdf, $start) =~ /^(\d{10}) 00000 n \n/mg;
	my @wrong = grep { substr($pdf, $offsets[$_]) !~ /\A@{[ $_ + 1 ]} 0 obj\n/ } 0 .. $#offsets;
	my ($length, $stream) = $pdf =~ m{<< /Length (\d+) >>\nstream\n(.*?)\nendstream}s;

	ok(substr($pdf, $start) =~ /\Axref\n0 8\n/ && @offsets == 7 && !@wrong && $length == length $stream, $name);
	return;
}

# longer than the status warns ahead
$SealTest::days = 400;
mkdir "$keys/seal/$_" or die $! for qw(road companies);
make_pair("$keys/seal/civil", 'civil', 'p256');
make_pair("$keys/seal/road", 'road', 'p384');
make_pair("$keys/seal/companies", 'companies', 'rsa3072');
as('postgres', '\i test/demo/roles.sql');
as('registry_owner', "\\i test/demo/$_.sql") for qw(pdf population vehicles companies publish);
as('postgres', "\\i test/demo/$_.sql") for qw(scenarios show abroad);

is(as('postgres', 'SELECT count(*) FROM population.person'), 100000, '100 000 persons');
# ... and the same ones every time: loaded again in a transaction that is rolled back
my $digest = q{SELECT md5(string_agg(p::text, '|' ORDER BY person_code COLLATE "C")) FROM population.person p};
is( as('postgres', "\\o /dev/null\nBEGIN; DROP SCHEMA population CASCADE;\n\\i test/demo/population.sql\n\\o\n$digest; ROLLBACK"),
	as('postgres', $digest), 'the same persons every time');

# One session for each, as registry_service
my @scenarios = split /\n/, as('registry_service', 'SELECT scenario FROM demo.scenario ORDER BY number');
cmp_ok(scalar @scenarios, '>=', 20, 'there are scenarios');
for my $scenario (@scenarios)
{
	as('registry_service', "CALL demo.play(\$\$$scenario\$\$, 0)");
	is( as('registry_auditor', "SELECT coalesce(outcome, ''), coalesce(error_code, ''), coalesce(detail, ''), pieces
			FROM demo.unexpected WHERE scenario = \$\$$scenario\$\$"),
		'', $scenario);
}
is(as('registry_auditor', 'SELECT count(*) FROM demo.run'), scalar @scenarios, 'all were played');
is(as('registry_auditor', 'SELECT * FROM demo.broken_rules()'), '', 'no answer breaks a rule');

# Every piece of XML evidence is sealed by its provider, every PDF is one
my $files = PostgreSQL::Test::Utils::tempdir;
my %sealed;
for (split /\n/, as('postgres', "SELECT p.scenario, p.part, t.provider, p.media_type, translate(encode(p.content, 'base64'), E'\\n', '')
	FROM demo.part p JOIN demo.scenario s USING (scenario) JOIN ootspg.evidence_type t USING (evidence_type) WHERE p.part > 1"))
{
	my ($scenario, $part, $provider, $media_type, $base64) = split /\|/;
	my $content = decode_base64($base64);

	if ($media_type eq 'application/xml')
	{
		push @{ $sealed{$provider} }, write_file("$files/" . keys(%sealed) . '-' . @{ $sealed{$provider} // [] } . '.xml', $content);
	}
	elsif ($media_type eq 'application/pdf')
	{
		pdf_is_sound($content, "$scenario: part $part is a sound PDF");
	}
}
for my $provider (sort keys %sealed)
{
	my ($good) = xmlsec_verify("$keys/seal/$provider/$provider.pem", @{ $sealed{$provider} });
	is($good, scalar @{ $sealed{$provider} }, "xmlsec1 verifies all seals of $provider");
}
is(join(' ', sort keys %sealed), 'civil companies road', 'three providers seal');

# Unknown, ambiguous and protected look the same from outside (D-IDM-22)
is( as('registry_auditor', q{
		SELECT count(DISTINCT (outcome, error_code, message, detail)), count(*) FROM demo.result
		 WHERE scenario ~ '^(nobody of that name|two of one name|protected person)'}),
	'1|3', 'unknown, ambiguous and protected are answered alike');

# A date of birth with a zone is valid in v1.0, and the same day
as('postgres', q{INSERT INTO demo.scenario (scenario, line, evidence_type, format, who, outcome, pieces)
	VALUES ('zone', 'v1.0', 'birth', 'xml', 'Grauds, Martins, 1988-11-11Z', 'evidence', '{xml,pdf}')});
as('registry_service', q{CALL demo.play('zone', 0)});
is(as('registry_auditor', q{SELECT outcome FROM demo.result WHERE scenario = 'zone'}), 'evidence', 'birth date with zone, v1.0');

# Least privilege
denied('registry_service', 'SELECT FROM population.person', 'registry_service reads no table of persons');
denied('registry_service', 'SELECT FROM ootspg.exchange', 'registry_service reads no audit');
denied('registry_auditor', 'SELECT FROM population.people', 'registry_auditor reads no register');
denied('registry_auditor', q{SELECT ootspg.answer('')}, 'registry_auditor answers nothing');
denied('registry_owner', q{SELECT ootspg.answer('')}, 'registry_owner answers nothing');

# From abroad, through an access point. The parties there are a program that calls no SQL but for its show.
my $ap = AccessPoint->start(state => 1);
my $password = 'gateway-Password-1';
write_file("$keys/credentials/gateway.password", "$password\n");
chmod 0600, "$keys/credentials/gateway.password";
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'postgres';

# abroad(arguments): what requester.pl prints, and whether all was as expected
sub abroad
{
	my (@arguments) = @_;
	my ($stdout, $stderr) = run_command([ 'perl', '-I', "$FindBin::RealBin/../lib", "$FindBin::RealBin/../demo/requester.pl", $ap->{port}, @arguments ]);
	my $fine = $? == 0;

	diag("$stdout\n$stderr") unless $fine;
	return ($stdout, $fine);
}

abroad('parties', $password);
my $url = $ap->plain_url;
as('registry_owner', "\\set url $url\n\\i test/demo/access_point.sql");
is(as('registry_operator', 'SELECT state FROM ootspg.status'), 'paused', 'an access point is not used before somebody says so');
as('registry_operator', 'SELECT ootspg.resume()');

my $number = @scenarios;
my ($lines, $fine) = abroad('send', 1, $number);
ok($fine, 'every scenario ends abroad as it says');
is(scalar(my @shown = split /\n/, $lines), $number, 'a line for each');
is( scalar(grep { /^   (DE|FR|SE|PT) .* submitted · received +\d+ (· answered +\d+ · delivered +\d+ ms · \S|ms · no valid answer exists)/ } map { decode('UTF-8', $_) } @shown), $number,
	'which says what happened when');
$node->poll_query_until('postgres', q{SELECT waiting + to_send + in_flight = 0 FROM ootspg.status}) or die 'messages are left';
is( as('registry_operator', q{SELECT state, waiting, quarantined, overdue, to_send, in_flight, parked, given_up, server FROM ootspg.status}),
	'running|0|0|0|0|0|0|0|5.2', 'the status says that all is done');
is( as('registry_operator', q{SELECT count(DISTINCT from_party), count(*) FILTER (WHERE acknowledged_at IS NULL) FROM ootspg.inbox}),
	'4|0', 'four parties asked, every message is acknowledged');
is( as('registry_auditor', q{SELECT count(DISTINCT provider), count(DISTINCT line) >= 3, count(DISTINCT requester_country)
		FROM ootspg.exchange WHERE message_id LIKE '%@requester.example' AND outcome = 'evidence'}),
	'3|t|4', 'three providers answered parties of four countries on three lines and more');
my ($exchange) = as('registry_auditor', q{SELECT max(exchange_id) FROM ootspg.exchange WHERE line = 'oots-edm:v2.0' AND outcome = 'evidence' AND NOT system_check});
like(as('registry_auditor', "SELECT demo.exchange_trail($exchange)"),
	qr/message_received \(in\) .*\n +request_received .*\n(?:.*\n)+ +message_submitted \(out\) .*\n +message_acknowledged \(out\) +ACKNOWLEDGED/,
	'its trail begins and ends with what the access point told');

# The trouble of the show: one answer, though nobody knew whether it had arrived
my ($ids) = abroad('break', 4);
$ap->kill9;
chomp $ids;
$node->poll_query_until('postgres', q{SELECT state = 'failing' AND last_error = 'OT102' AND in_flight = 1 FROM ootspg.status}) or die 'no trouble';
pass('the status says that the access point is failing, and why');
$ap->restart;
my ($answers, $once) = abroad('collect', split ' ', $ids);
ok($once, 'one answer');
like($answers, qr/^1 (\d+) xml \+ pdf$/, 'with all that it holds');
($exchange) = $answers =~ /^1 (\d+)/;
like(as('registry_auditor', "SELECT demo.exchange_trail($exchange)"), qr/message_doubtful.*\n +message_submitted.*attempt 2.*\n +message_acknowledged/,
	'the audit tells of the doubt');
ok($node->poll_query_until('postgres', q{SELECT state = 'running' FROM ootspg.status}), 'it works again');

# The first refused login stops the worker; a new password and a word of an operator let it go on
abroad('parties', 'another-Password-2');
ok($node->poll_query_until('postgres', q{SELECT state = 'stopped' AND reason = 'the access point refused the login' FROM ootspg.status}), 'a refused login stops the worker');
write_file("$keys/credentials/gateway.password", "another-Password-2\n");
as('registry_operator', 'SELECT ootspg.resume()');
ok($node->poll_query_until('postgres', q{SELECT state = 'running' AND last_success > since FROM ootspg.status}), 'resumed with the new one');
is( as('registry_operator', q{SELECT string_agg(event_type, ' ' ORDER BY event_time) FROM ootspg.access_point_event}),
	'resumed probed probed failing working stopped resumed', 'the history of the access point');

# A user sees three documents first, and lets two of them go. The pages are kept for whoever looks at the show; without a
# browser here, which their pictures need.
$node->{preview_role} = 'preview_space';
as('registry_owner', "\\set url https://localhost:18443/p/\n\\i test/demo/preview.sql");
SKIP:
{
	my $program = PreviewProgram->new($node) or skip 'this server was built without libmicrohttpd: there is no ootspg-preview', 9;
	my $pages = PostgreSQL::Test::Utils::tempdir();
	($lines, $fine) = abroad('preview');
	ok($fine, 'a link comes, and the second request waits');
	my ($link, $conversation) = split ' ', $lines;
	my ($told, $trouble);
	{
		local $ENV{PATH} = '/nonexistent';
		($told, $trouble) = run_command([ $^X, '-I', "$FindBin::RealBin/../lib", "$FindBin::RealBin/../demo/user.pl", $program->{plain_port}, $link, $pages ]);
	}
	is($trouble, '', 'the user finds through the pages');
	is(join(' ', sort map { s{.*/}{}r } glob "$pages/*.html"), '1-welcome.html 2-documents.html 3-document.html 4-check.html 5-done.html', 'each is kept');
	like($told, qr/^ +Check before anything is sent +4-check\.html$/m, '... and told');
	my $page = decode('UTF-8', slurp_file("$pages/2-documents.html"));
	unlike($page, qr/<(?:link|script|img)[^>]*(?:href|src)="\/|\Q$link\E/, '... with all that it shows');
	like($page, qr/<style>.*Volvo V60, ZA-1001.*Škoda Octavia, ZA-1002/s, '... of the documents');
	my ($exchange, $same) = abroad('fetch', $conversation, "$pages/shown");
	ok($same, 'what was let go comes, byte for byte as shown, and nothing else');
	like(as('registry_auditor', "SELECT demo.exchange_trail($exchange)"), qr/preview_visited.*preview_decided.*approved\n.*rejected\n.*approved/s, 'the audit has each decision');
	is($program->stop, 0, 'the program ends');
}

# What the Data Services Directory is told breaks no rule. Nobody answers at this URL.
as('registry_owner', "\\set url http://localhost:9/dsd\n\\i test/demo/directory.sql");
is(as('registry_owner', q{SELECT rule_id, detail FROM ootspg.check_submission(ootspg.submission('dsd')) WHERE severity = 'fatal'}), '', 'the submission breaks no rule');
is(as('registry_owner', q{SELECT count(*) FROM ootspg.submission_diff('dsd') WHERE entry ~ '^DataServiceEvidenceType '}), '4', 'and has every evidence type');

# What the show prints
as('registry_service', "CALL demo.repeat('birth, XML, v1.2', 3)");
my $trail = as('registry_auditor', "SELECT demo.trail('birth, XML, v1.2')");
like($trail, qr/^ +request_received \(in\).*\n +match .*\n +preview_not_required.*\n +response_built.*\n +evidence: MainEvidence.*sealed with civil-seal\n +evidence: HumanReadableVersion/,
	'the trail of an exchange in its order');
like(as('registry_auditor', q{SELECT demo.block('a request sent twice')}), qr/asked .*same request id.*\n.*EDM:ERR:0003/, 'a block says what was asked and answered');
like(as('registry_auditor', 'SELECT demo.times()'), qr/birth, XML, v1\.2 +xml \+ pdf +[\d.]+ +[\d.]+\n/, 'the table of times');
like(as('registry_service', q{EXPLAIN SELECT person_id FROM population.people s
		WHERE s.date_of_birth = DATE '1984-06-17' AND ootspg.name_key(s.family_name) = ootspg.name_key('Papadopoulos')}),
	qr/person_match.*person_match_original/s, 'matching is two look-ups in an index');
# Documents that nobody has: what run-demo shows as pictures
SKIP:
{
	skip 'documents cannot be generated here', 2 if $node->safe_psql('postgres', 'SELECT fault FROM ootspg_internal.writer_fault()') ne '';
	as('registry_owner', "\\i test/demo/documents.sql");
	is(as('registry_service', q{SELECT string_agg(t || ' ' || e.role || ' ' || v.format || ' ' || v.valid, ', ' ORDER BY t, e.role DESC)
		FROM unnest(ARRAY['periods', 'diploma']) t, LATERAL (SELECT min(person_id) AS p FROM insurance.periods_evidence) q, ootspg.evidence(t, ARRAY[p], distribution => 'xml') e, ootspg.verify_seal(e.content) v}),
		join(', ', map { ("$_ MainEvidence XAdES true", "$_ HumanReadableVersion PAdES true") } qw(diploma periods)), 'generated documents are sealed in their form');
	is(as('registry_service', q{SELECT e.media_type FROM ootspg.evidence('diploma', ARRAY[(SELECT min(person_id) FROM diplomas.diploma_evidence)], distribution => 'pdf') e}), 'application/pdf', 'and are the evidence itself');
}

$node->stop;
$ap->stop;

done_testing();
