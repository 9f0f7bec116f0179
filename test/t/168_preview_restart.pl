# ootspg-preview keeps nothing: it is killed and started again after each step of a user's way, and the next request goes
# on; two instances side by side serve one user alternately. Each time there is one answer, and the audit is the whole of it.
use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use RegistryTest;
use Test::More;

my $line = 'oots-edm:v2.0';
my $secret = 'a secret that proxy and program share, long enough';
my $node = start_node('restart');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);
$node->safe_psql('postgres', q{CREATE ROLE preview_space LOGIN; SELECT ootspg.grant_duty('preview_space', 'preview');
	UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key;
	UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'});
$node->{preview_role} = 'preview_space';
my $secret_file = PostgreSQL::Test::Utils::tempdir() . '/proxy-secret';
append_to_file($secret_file, "$secret\n");
my @settings = ("proxy_secret_file=$secret_file", 'forwarded=on', 'claim.family_name=X-Family', 'claim.given_name=X-Given',
	'claim.date_of_birth=X-Born', 'claim_value.level=High', 'claim_value.source=test');
my $program = PreviewProgram->new($node, @settings)
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $beside = PreviewProgram->new($node, @settings);

sub value { return $node->safe_psql('postgres', shift) }

sub kill_and_start
{
	my $pid = $program->{pid};
	kill 'KILL', $pid;
	waitpid $pid, 0;
	$program->start;
	return $program->{pid} != $pid;
}

# walk(name, between): a user's way; between is called after each step with the browser and the step's name
sub walk
{
	my ($name, $between) = @_;
	is(value("SELECT first('$name', award_request('$line'), test_header('$line'))"), 'preview EDM:ERR:0002', "$name: a link");
	my $link = value("SELECT link('$name')");
	my $user = PreviewProgram::Browser->new($program, 'Accept-Language' => 'en', 'X-Ootspg-Proxy' => $secret, 'X-Family' => 'OZOLINS', 'X-Given' => 'Jānis', 'X-Born' => '1990-01-01');
	my $step = sub { my ($what, $heading) = @_; is($user->heading, $heading, "$name: $what"); $between->($user, "$name: after $what") };

	$user->get("/p/$link");
	$between->($user, "$name: after the link");
	$user->submit('open');
	$step->('opened', 'Sign in once more');
	$user->get("/p/signin/$link");
	$between->($user, "$name: after the way to sign in");
	$user->submit('signin');
	$step->('signed in', 'Look at your documents and decide');
	is($user->ask('GET', "/p/$link/piece/1/part/1")->{status}, 200, "$name: a piece is shown");
	$between->($user, "$name: after a piece");
	$user->get("/p/$link")->submit('choose', { go => 'check', 'piece-1' => 'use', 'piece-2' => 'refuse', 'piece-3' => 'use' });
	$step->('chosen', 'Check before anything is sent');
	$user->submit('decide');
	$step->('decided', 'Your choice is kept');
	like(value("SELECT second('$name', award_request('$line', more_slots => second_slots('$name', '$line')), test_header('$line'))"),
		qr/^evidence .*medal 1.*medal 3(?!.*medal 2)/, "$name: the answer");
	$user->get("/p/$link");
	$step->('the answer', 'All done');
	$user->get("/p/$link");
	like($user->{page}, qr{href="https://portal.example.de/back\?x=1&amp;y=2"}, "$name: the way back");
	return trail($name);
}

# The events of the first request, on which the preview stands, and the decisions, each with its count
sub trail
{
	my ($name) = @_;
	return value(qq{SELECT string_agg(what || '=' || n, ' ' ORDER BY what) FROM (
		SELECT what, count(*) AS n FROM (
			SELECT event_type FROM ootspg.exchange_event e JOIN asked_for a ON a.name = '$name' AND e.exchange_id = a.first
			UNION ALL SELECT decision FROM ootspg.evidence_event e JOIN asked_for a ON a.name = '$name' AND e.exchange_id = a.first) s (what) GROUP BY 1) t});
}

my $undisturbed = walk('undisturbed', sub { });
like($undisturbed, qr/approved=4 .*preview_decided=1 .*preview_visited=1 .*rejected=2/, 'the trail of a way that nothing disturbs');
is(walk('killed', sub { ok(kill_and_start(), "$_[1]: killed and started again") }), $undisturbed, 'killed at each step: the same trail');
my $turn = 0;
is(walk('alternately', sub { $_[0]{program} = $turn++ % 2 ? $program : $beside }), $undisturbed, 'two instances, one after the other: the same trail');
is($_->stop, 0, 'it ends') for $program, $beside;

# Just started, and the database has not said yet where links are: who comes waits, and is not told that his link is none
is(value("SELECT first('early', award_request('$line'), test_header('$line'))"), 'preview EDM:ERR:0002', 'early: a link');
my $path = '/p/' . value("SELECT link('early')");
my $database = 'database=' . $node->connstr('postgres') . q{ user=preview_space options='-c lock_timeout=0'};
my $slow = PreviewProgram->new($node, @settings, $database);
my $lock = start_sql($node, 'postgres', "BEGIN; LOCK TABLE ootspg.preview_space; SELECT pg_sleep($PostgreSQL::Test::Utils::timeout_default)");
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'no lock';
my @waiting = map { my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $slow->{plain_port}) // die $!; print $socket "GET $path HTTP/1.1\r\nHost: preview\r\nConnection: close\r\n\r\n"; $socket } 1 .. 3;
ok($node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE usename = 'preview_space' AND wait_event_type = 'Lock'}), 'one asks for the settings');
value(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
is(join(' ', map { TestServer::read_answer($_)->{status} } @waiting), '200 200 200', '... and all wait for them');
finish_sql($lock);
is($slow->stop, 0, 'it ends');
$node->stop('fast');
$slow->start;
my $early = PreviewProgram::Browser->new($slow, 'Accept-Language' => 'en')->get($path);
is("$early->{status} " . $early->heading, '503 Something went wrong on our side', 'started without a database: it is our side, not the link');
$node->start;
$slow->wait_until('the database is found', sub { $early->get($path)->{status} != 503 });
is($early->{status}, 200, '... and the link works when it is there');
is($slow->stop, 0, 'it ends');

is(value(q{SELECT count(*) FROM ootspg_internal.preview_session WHERE state = 'answered'}), 3, 'three previews, each answered once');

done_testing();
