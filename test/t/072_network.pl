# Network manners: whom the worker trusts and who it says it is, what it
# does when an access point is away, slow or misconfigured, and that none of it concerns
# another access point. Each failure has its SQLSTATE, one event and one line in the log.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use File::Copy 'copy';
use IO::Select;
use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my @children;
my $parent = $$;

END
{
	local $?;
	if ($$ == $parent)
	{
		kill 'KILL', map { -$_ } @children;
		waitpid $_, 0 for @children;
	}
}

# relay(where to): a server between, a process for each connection, that writes down what
# the client says. Without a target it is a proxy, and does as CONNECT asks.
sub relay
{
	my ($target) = @_;
	my $socket = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1', LocalPort => 0, ReuseAddr => 1) // die "listen: $!";
	my $file = PostgreSQL::Test::Utils::tempdir() . '/relay.' . $socket->sockport;
	my $pid = fork // die "fork: $!";

	if (!$pid)
	{
		require POSIX;
		setpgrp;
		$SIG{PIPE} = $SIG{CHLD} = 'IGNORE';
		while (my $client = $socket->accept)
		{
			next if fork;
			open my $out, '>>:raw', $file or POSIX::_exit(1);
			syswrite $out, "CONNECTION\n";
			my $to = $target;
			if (!defined $to)
			{
				my $head = '';
				sysread($client, $head, 1, length $head) or POSIX::_exit(0) while $head !~ /\r\n\r\n$/;
				syswrite $out, $head;
				($to) = $head =~ /^CONNECT (\S+)/ or POSIX::_exit(0);
				$to =~ s/localhost/127.0.0.1/;
				syswrite $client, "HTTP/1.1 200 Connected\r\n\r\n";
			}
			my $server = IO::Socket::INET->new(PeerAddr => $to) or POSIX::_exit(0);
			my $select = IO::Select->new($client, $server);
			while (my @ready = $select->can_read)
			{
				for my $from (@ready)
				{
					sysread($from, my $bytes, 1 << 20) or POSIX::_exit(0);
					syswrite $out, $bytes if $from == $client and defined $target;
					my $done = 0;
					$done += syswrite($from == $client ? $server : $client, $bytes, 1 << 20, $done) // POSIX::_exit(0) while $done < length $bytes;
				}
			}
		}
		POSIX::_exit(0);
	}
	push @children, $pid;
	return ($socket->sockport, $file);
}

my $tls = AccessPoint->start(tls => 1, client_ca => 1, state => 1);
my ($node) = exchange_node('network', $tls, 'log_min_messages = log', 'ootspg.answer_workers = 2');
my $keys = $node->basedir . '/keys/credentials';
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
# What calls need is changed and, because that pauses it, the access point resumed
sub set { my ($what, $name) = @_; $name //= 'ap'; return sql("UPDATE ootspg.access_point SET $what WHERE access_point = '$name'; SELECT ootspg.resume('$name')"); }
sub events
{
	my ($name, @more) = @_;
	my $types = join ', ', map { "'$_'" } 'failing', 'working', 'stopped', @more;
	return sql("SELECT string_agg(event_type || coalesce(':' || sqlstate, ''), ' ' ORDER BY event_time) FROM ootspg.access_point_event WHERE event_type IN ($types) AND access_point = '" . ($name // 'ap') . "'") // '';
}

sub install
{
	my ($from, $to) = @_;
	copy($from, "$keys/$to") or die "$to: $!";
	chmod 0600, "$keys/$to" or die "$to: $!";
	return;
}

sub write_file
{
	my ($name, $text, $mode) = @_;
	open my $out, '>', "$keys/$name" or die "$name: $!";
	print $out $text;
	close $out or die "$name: $!";
	chmod $mode // 0600, "$keys/$name" or die "$name: $!";
	return;
}

# fails(what, words of the status): the access point is failing, for that reason
sub fails
{
	my ($what, $words, $name) = @_;
	$name //= 'ap';
	wait_sql($node, "SELECT state = 'failing' AND last_error_text ~ '$words' FROM ootspg.status WHERE access_point = '$name'", $what);
	return;
}

sub works
{
	my ($what, $ap, $name) = @_;
	my $request = ask($node, $ap, ++$number);
	is(wait_answer($ap, $request, 60)->{action}, 'ExecuteQueryResponse', $what);
	$name //= 'ap';
	wait_sql($node, "SELECT state = 'running' FROM ootspg.status WHERE access_point = '$name'", "$what: running");
	return;
}

# TLS ---------------------------------------------------------------------------------

install($tls->file('ca.pem'), 'ca.pem');
install($tls->file('client.pem'), 'client.pem');
install($tls->file('client.key'), 'client.key');
fails('a server whose certificate the system does not know', 'no trusted TLS connection');
is(sql(q{SELECT last_error FROM ootspg.status}), sql(q{SELECT sqlstate FROM ootspg_internal.gateway_troubles() WHERE trouble = 'TLS refused'}), 'with its own SQLSTATE');
set(q{ca_uri = 'file:ca.pem'});
fails('a server that wants a certificate of ours', 'no trusted TLS connection|broke off');
set(q{certificate_uri = 'file:client.pem', key_uri = 'file:client.key'});
works('mutual TLS with an own CA', $tls);
TestServer::run_openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=other CA', '-days', '2',
	'-keyout', $tls->file('other.key'), '-out', $tls->file('other.pem'));
install($tls->file('other.pem'), 'other.pem');
set(q{ca_uri = 'file:other.pem'});
fails('a server of another CA', 'no trusted TLS connection');
set(q{ca_uri = 'file:ca.pem'});
works('the right one again', $tls);
# A certificate of the right CA for another host
{
	my $good = slurp_file($tls->file('server.pem'));
	open my $extensions, '>', $tls->file('extensions') or die $!;
	print $extensions "subjectAltName=DNS:elsewhere.example\n";
	close $extensions or die $!;
	TestServer::run_openssl('x509', '-req', '-in', $tls->file('server.csr'), '-CA', $tls->file('ca.pem'), '-CAkey', $tls->file('ca.key'),
		'-CAcreateserial', '-days', '2', '-extfile', $tls->file('extensions'), '-out', $tls->file('server.pem'));
	$tls->restart;
	fails('a server with the certificate of another host', 'no trusted TLS connection');
	open my $out, '>', $tls->file('server.pem') or die $!;
	print $out $good;
	close $out or die $!;
	$tls->restart;
	works('with its own', $tls);
}

# Files named by reference (D-SEC-08) ---------------------------------------------------

for (
	[ 'a password that others may read', sub { chmod 0644, "$keys/ap.password" }, sub { chmod 0600, "$keys/ap.password" } ],
	[ 'a password that is not there', sub { rename "$keys/ap.password", "$keys/away" }, sub { rename "$keys/away", "$keys/ap.password" } ],
	[ 'a client key that others may read', sub { chmod 0644, "$keys/client.key" }, sub { chmod 0600, "$keys/client.key" } ],
	[ 'a CA that is not there', sub { rename "$keys/ca.pem", "$keys/away" }, sub { rename "$keys/away", "$keys/ca.pem" } ])
{
	my ($what, $break, $mend) = @$_;
	$break->();
	fails($what, 'could not be called');
	$mend->();
	works("$what, mended: found by itself", $tls);
}
my $log = slurp_file($node->logfile);
like($log, qr/the file of password_uri cannot be used/, 'the log names the column');
unlike($log, qr/loopback-Password/, 'and no secret');
# All are told once when they begin, and once when they end
my $events = events();
unlike(events('ap', 'resumed'), qr/failing(\S*) failing\1/, 'no failure is an event twice') or diag($events);
is(scalar(() = $log =~ /access point "ap" works again/g), scalar(() = $events =~ /working/g), 'one line in the log when it works again');

# Login -------------------------------------------------------------------------------

# The other one tells how time goes by
my $other = AccessPoint->start;
$other->control('auth on');
$other->party('provider', 'AP_LV_01', party_type, 'loopback-Password-1');
$other->party('requester', 'AP_DE_01', party_type, 'loopback-Password-1');
write_file('other.password', "loopback-Password-1\n");
connect_access_point($node, 'postgres', $other, name => 'other', password_uri => q{'file:other.password'});
sub some_time
{
	my $lists = $other->stats->{'calls.listPendingMessages'};
	return $other->wait_until('five lists', sub { $other->stats->{'calls.listPendingMessages'} >= $lists + 5 });
}

sub calls_of { my ($ap) = @_; my $stats = $ap->stats; my $sum = 0; $sum += $stats->{$_} for grep { /^calls/ } keys %$stats; return $sum; }

works('another access point', $other, 'other');
$tls->control('auth off');
write_file('ap.password', "rotated-Password-2\n");
$tls->control('party AP_LV_01 ' . party_type . ' provider rotated-Password-2', 'auth on');
some_time();
works('a password that was changed in file and server', $tls);
is(events(), $events, 'and nothing failed');
sql(q{SELECT ootspg.pause('ap')});
write_file('ap.password', "forgotten-Password-3\n");
some_time();
my $calls = calls_of($tls);
my $messages = $tls->stats->{messages};
sql(q{SELECT ootspg.resume('ap')});
wait_sql($node, q{SELECT state = 'stopped' AND reason ~ 'refused the login' FROM ootspg.status WHERE access_point = 'ap'}, 'a wrong password stops all calls (§1.2)');
some_time();
cmp_ok(calls_of($tls) - $calls, '<=', 1, 'one call was enough');
like(events(), qr/stopped:\w{5}$/, 'an event');
write_file('ap.password', "rotated-Password-2\n");
sql(q{SELECT ootspg.resume('ap')});
works('an operator resumes', $tls);

# Proxy -------------------------------------------------------------------------------

my ($proxy_port, $proxy_file) = relay();
set("proxy = 'http://127.0.0.1:$proxy_port', connections = 2");
works('through a proxy', $tls);
my $lists = $tls->stats->{'calls.listPendingMessages'};
$tls->wait_until('ten lists', sub { $tls->stats->{'calls.listPendingMessages'} >= $lists + 10 });
my $said = slurp_file($proxy_file);
like($said, qr/^CONNECTION\nCONNECT localhost:\d+ /, 'which connects');
cmp_ok(scalar(() = $said =~ /CONNECTION/g), '<=', 2, 'connections are used again');
set(q{proxy = 'http://127.0.0.1:1'});
fails('a proxy that is not there', 'no connection');
set('proxy = NULL');
works('without a proxy', $tls);

# Inline below the limit, MTOM above it (§2.2) ------------------------------------------

my ($relay_port, $relay_file) = relay('127.0.0.1:' . $other->{port});
sql(q{CREATE OR REPLACE VIEW registry.birth_evidence AS
	SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		   ROW('LV', b.entry_no, p.family_name, p.given_name, p.born, p.birthplace,
			   ARRAY[ROW('mother', b.mother)::registry.parent])::registry.birth_document AS document,
		   pdf_of('birth entry ' || CASE WHEN p.given_name = 'Jānis' THEN repeat('x', 3000000) ELSE b.entry_no END) AS pdf
	  FROM registry.birth b JOIN registry.person p USING (code)});
set("url = 'http://127.0.0.1:$relay_port/domibus/services/wsplugin'", 'other');
my $big = wait_answer($other, ask($node, $other, ++$number), 60);
is(length $big->{parts}[1]{content}, 3000000 + 331, 'a big evidence arrives') or diag(length $big->{parts}[1]{content});
my $small = wait_answer($other, ask($node, $other, ++$number . ", 'oots-edm:v1.2', 'application/pdf', 'Bērziņa', 'Anna Marija', '1991-02-02'"), 60);
like($small->{parts}[1]{content}, qr/R-10002/, 'and a small one');
my $sent = slurp_file($relay_file);
is(scalar(() = $sent =~ /<\w+:submitRequest[ >]/g), 2, 'by two submissions');
is(scalar(() = $sent =~ /^Content-Type: multipart\/related/gm), 1, 'one of them as MTOM');

# Redirects are not followed ------------------------------------------------------------

set("url = '" . $other->url . "'", 'other');
works('directly', $other, 'other');
my $served = -s $relay_file;
$other->control("rule listPendingMessages user=provider times=always redirect=http://127.0.0.1:$relay_port/domibus/services/wsplugin");
fails('a redirect', 'no WS plugin', 'other');
is(-s $relay_file, $served, 'is not followed');
$other->control('rules-clear');
works('without it', $other, 'other');

# Away and back -------------------------------------------------------------------------

$events = events();
my $marked = -s $node->logfile;
$tls->stop;
fails('an access point that is away', 'no connection');
some_time();
$tls->launch;
works('back', $tls);
# whom it leaves in the middle of a handshake has no TLS rather than no connection
like(substr(events(), length $events), qr/^ failing:OT10[23] working$/, 'two events');
$log = substr slurp_file($node->logfile), $marked;
is(scalar(() = $log =~ /LOG: +access point "ap": /g), 1, 'one line in the log');

# One that hangs does not hold up the other -----------------------------------------------

set(q{call_timeout = '30 s'});
$tls->control('rule any user=provider times=always hang');
sql(q{SELECT ootspg.resume('ap')});
my @asked = map { ask($node, $other, ++$number . ", 'oots-edm:v1.2', 'application/pdf', 'Bērziņa', 'Anna Marija', '1991-02-02'") } 1 .. 10;
my @answers;
$other->wait_until('ten answers', sub { push @answers, answers($other); @answers >= 10 }, 15);
is(scalar @answers, 10, 'ten answers while the other access point hangs');
wait_sql($node, q{SELECT last_success IS NULL OR last_success < clock_timestamp() - interval '1 s' FROM ootspg.status WHERE access_point = 'ap'}, 'which it does');
# the cut ends its call, which then has an outcome
$tls->control('rules-clear');
$tls->stop;
$tls->launch;
works('it hangs no more', $tls);

# One connection only: receiving and sending take turns, so that a long list holds up no answer
sql(q{SELECT ootspg.pause('other')});
set(q{connections = 1}, 'other');
my $newest = sql('SELECT max(inbox_id) FROM ootspg.inbox');
@asked = map { ask($node, $other, ++$number . ", 'oots-edm:v1.2', 'application/pdf', 'Bērziņa', 'Anna Marija', '1991-02-02'") } 1 .. 20;
sql(q{SELECT ootspg.resume('other')});
@answers = ();
$other->wait_until('answers', sub { push @answers, answers($other); @answers >= 20 }, 60);
is(sql("SELECT min(o.first_attempt_at) < max(i.received_at) FROM ootspg.inbox i JOIN ootspg.outbox o USING (exchange_id) WHERE i.inbox_id > $newest"), 't', 'answers leave while messages come in');

# Several providers behind one access point ------------------------------------------------

sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	VALUES ('second', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000002', '{"EN": "Second Register", "LV": "Otrs reģistrs"}', 'LV', 'second.example.lv', 'test');
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	SELECT 'second', 'second', 'b1c2d3e4-2222-4333-8444-555566668888', title, subject_source, procedures, level_of_assurance, preview FROM ootspg.evidence_type;
	INSERT INTO ootspg.evidence_type_line SELECT 'second', line, classification FROM ootspg.evidence_type_line;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, sample_source, document)
	SELECT 'second', distribution, media_type, source, sample_source, document FROM ootspg.distribution WHERE distribution = 'pdf';
	SELECT ootspg.activate('second')});
my $second = request_bytes($node, ++$number . ", service => 'b1c2d3e4-2222-4333-8444-555566668888', family => 'Bērziņa', given => 'Anna Marija', born => '1991-02-02'") =~ s/LV90000000001/LV90000000002/gr;
my $answer = wait_answer($other, send_request($other, $second, properties => { finalRecipient => 'LV90000000002' }), 60);
is($answer->{action}, 'ExecuteQueryResponse', 'a second provider answers') or diag($answer->{parts}[0]{content});
is($answer->{properties}{originalSender}, 'LV90000000002', 'in its own name');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|begins anew/, 'no process crashed');
$node->stop;
$_->stop for $tls, $other;
done_testing();
