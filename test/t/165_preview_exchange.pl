# The program and the database together: a request comes in, its user walks the pages as a browser does, and what
# leaves is what was shown and chosen. The role of the program has the duty preview and nothing else.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256_hex);
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use RegistryTest;
use Test::More;

my $node = start_node('exchange');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);
$node->safe_psql('postgres', q{CREATE ROLE preview_space LOGIN; SELECT ootspg.grant_duty('preview_space', 'preview');
	UPDATE ootspg.preview_space SET authority = '{"EN": "Births and names", "LV": "Dzimšanas un vārdi"}', contact = '{"email": "help@civil.example.lv"}', feedback_url = 'https://feedback.example.lv/', your_europe = true});
$node->{preview_role} = 'preview_space';
my $secret_file = PostgreSQL::Test::Utils::tempdir() . '/proxy-secret';
append_to_file($secret_file, "a secret that proxy and program share, long enough\n");
my $program = PreviewProgram->new($node, "proxy_secret_file=$secret_file", 'forwarded=on', 'claim.family_name=X-Family', 'claim.given_name=X-Given',
	'claim.date_of_birth=X-Born', 'claim_value.level=High', 'claim_value.source=test')
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');

sub value { return $node->safe_psql('postgres', shift) }
sub browser { return PreviewProgram::Browser->new($program, 'Accept-Language' => 'en', @_) }

# first(name, line): the path of the link
sub first
{
	my ($name, $line) = @_;
	my $header = $line eq 'oots-edm:v2.0' ? "test_header('$line')" : 'NULL';
	is(value("SELECT first('$name', award_request('$line'), $header)"), 'preview EDM:ERR:0002', "$name: a link");
	return '/p/' . value("SELECT link('$name')");
}

sub second
{
	my ($name, $line) = @_;
	my $header = $line eq 'oots-edm:v2.0' ? "test_header('$line')" : 'NULL';
	return value("SELECT second('$name', award_request('$line', more_slots => second_slots('$name', '$line')), $header)");
}

for my $line (qw(oots-edm:v1.0 oots-edm:v1.1 oots-edm:v1.2 oots-edm:v2.0))
{
	# The user decides, then the second request comes
	my $path = first("decided $line", $line);
	my $user = browser()->get($path . ($line eq 'oots-edm:v2.0' ? '' : '?returnurl=https%3A%2F%2Fportal.example.de%2Fx&returnmethod=GET'));
	like($user->heading, qr/has asked for a document about you$/, "$line: welcome");
	like($user->{page}, qr{<footer.*>Your Europe<.*</footer>}s, "$line: the mark of Your Europe, as the space has set it");
	unlike($user->{page}, qr/feedback\.example/, "$line: feedback is for the end");
	is($user->{page} =~ /__Host|[\w-]{43}"/ ? 1 : 0, 1, "$line: a form of its own");
	is(value("SELECT count(*) FROM ootspg.exchange_event WHERE event_type = 'preview_visited' AND exchange_id = (SELECT first FROM asked_for WHERE name = 'decided $line')"), 0, "$line: no visit before the button");
	$user->submit('open');
	is($user->heading, 'Look at your documents and decide', "$line: the pieces");
	is(join(',', sort { $a <=> $b } $user->{page} =~ /name="piece-(\d)" value="use"/g), '1,2,3', "$line: a choice for each");
	my @shown = map { my ($n, $part) = @$_; $user->ask('GET', "$path/piece/$n/part/$part"); sha256_hex($user->{page}) } [ 1, 1 ], [ 1, 2 ], [ 3, 1 ], [ 3, 2 ];
	$user->get($path)->submit('choose', { go => 'check', 'piece-1' => 'use', 'piece-2' => 'refuse', 'piece-3' => 'use' });
	is($user->heading, 'Check before anything is sent', "$line: the check");
	$user->submit('decide');
	is($user->heading, 'Your choice is kept', "$line: waiting");
	is($user->ask('GET', "$path/piece/1/part/1")->{status}, 404, "$line: no document any more");
	value("UPDATE registry.award SET body = body || '!'");
	like(second("decided $line", $line), qr/^evidence .*medal 1.*medal 3(?!.*medal 2)/, "$line: the answer");
	is(value(qq{SELECT string_agg(encode(e.sha256_as_held, 'hex'), ',' ORDER BY e.event_id) FROM asked_for a JOIN ootspg.evidence_event e ON e.exchange_id = a.first
		WHERE a.name = 'decided $line' AND e.decision = 'approved'}), join(',', @shown), "$line: the bytes shown are those that leave");
	$user->get($path);
	is($user->heading, 'All done', "$line: done");
	like($user->text, qr/2 documents are on their way to /, "$line: what was sent");
	like($user->{page}, qr{<a [^>]*href="https://feedback\.example\.lv/"[^>]*>Tell us what you think of this service}, "$line: where to say what one thinks of it");
	like($user->{page}, $line eq 'oots-edm:v2.0' ? qr{href="https://portal.example.de/back\?x=1&amp;y=2"} : qr{href="https://portal.example.de/x"}, "$line: the way back");
	is(browser()->get($path)->{status}, 404, "$line: nothing for another browser");

	# The second request waits; nothing is sent
	$path = first("held $line", $line);
	is(second("held $line", $line), 'held', "$line: held");
	$user = browser('Accept-Language' => 'lv')->get($path)->submit('open')->submit('choose', { go => 'none' });
	is($user->heading, 'Vai neko nesūtīt?', "$line: asked once more, in Latvian");
	$user->submit('decide');
	is($user->heading, 'Viss ir paveikts', "$line: done at once");
	is(value("SELECT late_answer('held $line')"), 'empty', "$line: an empty list");
}

# The time of a link is over: the browser that began is told so, others nothing
my $path = first('late', 'oots-edm:v2.0');
my $user = browser()->get($path)->submit('open');
value("SELECT later('late', '1 day')");
$user->get($path);
is("$user->{status} " . $user->heading, '410 The time for this link is over', 'over');
is(browser()->get($path)->{page}, browser()->get('/p/' . 'A' x 43)->{page}, 'over: to others as if it had never been');

# Two tabs: the first decision stays
$path = first('tabs', 'oots-edm:v2.0');
my $one = browser()->get($path)->submit('open')->submit('choose', { go => 'all' });
my $other = browser();
$other->{cookie} = $one->{cookie};
$other->get($path)->submit('choose', { go => 'none' });
$one->submit('decide');
$other->submit('decide');
is($other->heading, 'Your choice is kept', 'the second tab is shown what the first has decided');
is(value(q{SELECT facts->>'approved' FROM ootspg.exchange_event WHERE event_type = 'preview_decided' AND exchange_id = (SELECT first FROM asked_for WHERE name = 'tabs')}), 3, 'decided once');

# Signing in once more, through the proxy
value(q{UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key; UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'});
$program->stop;
$program->start;
$path = first('signed', 'oots-edm:v2.0');
my ($link) = $path =~ m{([^/]+)$};
$user = browser('X-Ootspg-Proxy' => 'a secret that proxy and program share, long enough', 'X-Family' => 'Kalniņš', 'X-Given' => 'Jānis', 'X-Born' => '1990-01-01');
$user->get($path)->submit('open');
is($user->heading, 'Sign in once more', 'nothing before signing in');
unlike($user->text, qr/Ozoliņš/, 'no name either');
$user->get("/p/signin/$link")->submit('signin');
is($user->heading, 'You are signed in as somebody else', 'somebody else');
$user->{headers}{'X-Family'} = 'OZOLINS';
$user->get("/p/signin/$link")->submit('signin');
is($user->heading, 'Look at your documents and decide', 'the right person');

# Several persons of one name: a few details more are asked for, those that fit nobody said to, and the third time is the end
value(q{UPDATE ootspg.evidence_type SET reauthentication = 'on ambiguity', additional_attributes = '{"place_of_birth": {"EN": "Where you were born"}}' WHERE evidence_type = 'award'});
sub ambiguous
{
	my ($name) = @_;
	is(value("SELECT first('$name', award_request(subject => test_person('Kalniņš', 'Pēteris', '1992-03-03', NULL, 'High')))"), 'preview EDM:ERR:0002', "$name: a link");
	my $path = '/p/' . value("SELECT link('$name')");
	my $user = browser('X-Ootspg-Proxy' => 'a secret that proxy and program share, long enough', 'X-Family' => 'Kalniņš', 'X-Given' => 'Pēteris', 'X-Born' => '1992-03-03')->get($path)->submit('open');
	$user->get("/p/signin/" . value("SELECT link('$name')"))->submit('signin');
	is($user->heading, 'A few more details are needed', "$name: asked for");
	return $user;
}
$user = ambiguous('guess');
like($user->text, qr/What we already know Family name Kalniņš.*Where you were born/, 'what is known, and what is not');
for (1 .. 3)
{
	$user->submit('more', { 'a-place_of_birth' => "Nowhere $_" });
	like($user->text, qr/No record fits all of these details/, "details $_ that fit nobody") if $_ < 3;
}
$user->get($user->{path} =~ s{/more$}{}r);
is("$user->{status} " . $user->heading, '200 No document was found', 'the third time is the end');
unlike($user->{page}, qr/Use it in my procedure/, '... with nothing to choose');

# Closed for a time: said to whoever comes without a living preview; who began goes on
value(q{UPDATE ootspg.evidence_type SET reauthentication = 'none', additional_attributes = '{}' WHERE evidence_type = 'award'});
$path = first('open', 'oots-edm:v2.0');
$user = browser()->get($path)->submit('open');
value(q{UPDATE ootspg.preview_space SET closed_until = now() + interval '2 h'});
is($user->get($path)->heading, 'Look at your documents and decide', 'closed: who began goes on');
my $stranger = browser()->get('/p/' . 'C' x 43);
is("$stranger->{status} " . $stranger->heading, '503 This service is closed for a time', 'closed: until when');
like($stranger->{answer}{headers}{'retry-after'}, qr/^7[12]\d\d$/, '... and when to come again');
value(q{UPDATE ootspg.preview_space SET closed_until = NULL});

# Structured evidence is text in the page, by the registry's own writer, in the page's language
$path = first('rendered', 'oots-edm:v2.0');
$user = browser()->get($path)->submit('open')->submit('choose', { go => 'piece-2' });
like($user->{page}, qr{<article [^>]*class="doc-evidence"[^>]*>.*<h2[^>]*>Award 2</h2>.*medal 2}s, 'the rendering stands in the page');
unlike($user->{page}, qr/&lt;|\{&quot;|"number":/, '... and nothing of JSON');

# A piece that is not there yet is told of, and keeps nobody from deciding on the others
value(q{CREATE OR REPLACE VIEW registry.award_evidence AS SELECT a.code AS person_id, DATE '2026-01-01' + a.number AS issuing_date, a.number AS piece_order, 'LV'::text AS language,
	'Award ' || a.number AS title, CASE WHEN a.number < 3 THEN jsonb_build_object('number', a.number, 'for', a.body) END AS json,
	CASE WHEN a.number < 3 THEN pdf_of(a.body) END AS pdf,
	CASE WHEN a.number = 3 THEN TIMESTAMPTZ '2999-01-01 10:00+02' END AS available_at FROM registry.award a});
$path = first('awaited', 'oots-edm:v2.0');
$user = browser()->get($path)->submit('open');
like($user->text, qr/is being prepared\. It will be there from .*2999/, 'a piece that is not there yet');
$user->submit('choose', { go => 'check', 'piece-1' => 'use', 'piece-2' => 'refuse' })->submit('decide');
is($user->heading, 'Your choice is kept', 'the others are decided on');
like(second('awaited', 'oots-edm:v2.0'), qr/^evidence .*medal 1(?!.*medal 2)/, '... and answered');
value(q{CREATE OR REPLACE VIEW registry.award_evidence AS SELECT a.code AS person_id, DATE '2026-01-01' + a.number AS issuing_date, a.number AS piece_order, 'LV'::text AS language,
	'Award ' || a.number AS title, jsonb_build_object('number', a.number, 'for', a.body) AS json, pdf_of(a.body) AS pdf,
	NULL::timestamptz AS available_at FROM registry.award a});

# Ways back of 1.x portals by POST and PUT: a form with a button
for my $method (qw(POST PUT))
{
	my $path = first("back $method", 'oots-edm:v1.2');
	my $user = browser()->get("$path?returnurl=https%3A%2F%2Fportal.example.de%2Fx&returnmethod=$method")->submit('open')->submit('choose', { go => 'none' });
	$user->submit('decide');
	like($user->{page}, qr{<form method="post" action="https://portal.example.de/x">}, "$method: the way back while waiting");
	is(second("back $method", 'oots-edm:v1.2'), 'empty', "$method: answered");
	like($user->get($path)->{page}, qr{<form method="post" action="https://portal.example.de/x">.*Go back to }s, "$method: and at the end");
}

# Guessing links locks a source out, and is in the audit
my $last;
$last = browser('X-Forwarded-For' => '203.0.113.7')->get('/p/' . sprintf('%043d', $_)) for 1 .. 21;
is($last->{status}, 429, 'locked out after twenty');
is(value(q{SELECT count(*) FROM ootspg.exchange_event WHERE event_type = 'preview_source_locked'}), 1, 'in the audit once');

# What the role may do beside, and what is in the log
for my $sql ('TABLE ootspg.exchange', 'TABLE registry.award', 'SELECT ootspg.answer(NULL, NULL)', 'TABLE ootspg_internal.preview_content')
{
	my ($code) = $node->psql('postgres', $sql, extra_params => [ '-U', 'preview_space' ]);
	isnt($code, 0, "the program's role may not: $sql");
}
my $tokens = value("SELECT string_agg(link, '|') FROM asked_for WHERE link IS NOT NULL");
unlike($program->log, qr/$tokens|Ozoliņš|203\.0\.113/, 'no link, name or address in the log');
is($program->stop, 0, 'it ends');

done_testing();
