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
	UPDATE ootspg.preview_space SET authority = '{"EN": "Births and names", "LV": "Dzimšanas un vārdi"}', contact = '{"email": "help@civil.example.lv"}', feedback_url = 'https://feedback.example.lv/'});
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
