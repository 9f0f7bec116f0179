# What is wrong with our own configuration of a peer is told where operators look: which
# column, which file, what about it. What changes concerns its own access point and no other.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('peers');
my $keys = $node->basedir . '/keys/credentials';
my $number = 0;

sub sql { return $node->safe_psql('postgres', @_); }
sub answered { my ($what, $request) = @_; return is(wait_answer($ap, $request // ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $what); }
sub put { my ($name, $mode) = @_; open my $out, '>', "$keys/$name" or die $!; print $out "loopback-Password-1\n"; close $out or die $!; chmod $mode, "$keys/$name" or die $!; return; }

# told(access point, why): by the status and by the last event
sub told
{
	my ($name, $why) = @_;
	my $words = "the access point could not be called with this configuration: the file of password_uri cannot be used (file:other.password): $why";
	wait_sql($node, "SELECT last_error = 'OT120' AND last_error_text = '$words' FROM ootspg.status WHERE access_point = '$name'", "the status tells: $why");
	wait_sql($node, "SELECT sqlstate = 'OT120' AND detail = '$words' FROM ootspg.access_point_event WHERE access_point = '$name' ORDER BY event_time DESC LIMIT 1", '… so does the history');
	like(slurp_file($node->logfile), qr/DETAIL:  the file of password_uri cannot be used \(file:other\.password\): \Q${\ ($why =~ s{''}{'}gr)}\E/, '… and the log');
	return;
}

answered('an exchange');
put('other.password', 0644);
connect_access_point($node, 'postgres', $ap, name => 'other', password_uri => q{'file:other.password'});
told('other', 'its group or others have access to it');
unlink "$keys/other.password" or die $!;
told('other', 'it does not exist');
put('other.password', 0600);
wait_sql($node, q{SELECT state = 'running' FROM ootspg.status WHERE access_point = 'other'}, 'mended, it works');
is(sql(q{SELECT string_agg(event_type, ' ' ORDER BY event_time) FROM ootspg.access_point_event WHERE access_point = 'other' AND event_type IN ('failing', 'working')}),
	'failing failing working', 'each cause is told once');
sql(q{SELECT ootspg.pause('other', 'tea')});
is(sql(q{SELECT state, reason, last_error IS NOT NULL FROM ootspg.status WHERE access_point = 'other'}), 'paused|tea|t', 'paused, it shows what was last seen');
sql(q{SELECT ootspg.resume('other')});
wait_sql($node, q{SELECT last_error IS NULL AND last_error_text IS NULL AND last_success IS NOT NULL FROM ootspg.status WHERE access_point = 'other'}, 'resumed, what was seen begins anew');

# An operator's reason stays
sql(q{SELECT ootspg.drain('other', 'maintenance')});
wait_sql($node, q{SELECT state = 'paused' AND reason = 'drained: maintenance' FROM ootspg.status WHERE access_point = 'other'}, 'drained, and why');
is(sql(q{SELECT detail FROM ootspg.access_point_event WHERE access_point = 'other' ORDER BY event_time DESC LIMIT 1}), 'drained: maintenance', '… in the history, too');

# A change concerns its own access point: what goes on elsewhere is not begun anew
sub probes { my $stats = $ap->stats; my $sum = 0; $sum += $stats->{$_} // 0 for grep { /^calls\..*status/i } keys %$stats; return $sum; }
sub lists { return $ap->stats->{'calls.listPendingMessages'}; }
wait_sql($node, q{SELECT count(*) = 0 FROM ootspg.outbox WHERE state NOT IN ('delivered', 'given up')}, 'nothing is followed');
my ($probes, $seen) = (probes(), sql(q{SELECT last_success FROM ootspg.status WHERE access_point = 'ap'}));
for my $n (1 .. 5)
{
	my $lists = lists();
	sql("UPDATE ootspg.access_point SET poll_interval = '$n s' WHERE access_point = 'other'; SELECT ootspg.pause('other')");
	$ap->wait_until('lists go on', sub { lists() >= $lists + 2 });
}
is(probes(), $probes, 'five changes of another one: no server is probed anew');
ok(sql(q{SELECT last_success FROM ootspg.status WHERE access_point = 'ap'}) ge $seen, '… and what was seen stays');
sql(q{UPDATE ootspg.access_point SET poll_interval = '0.3 s' WHERE access_point = 'ap'});
$ap->wait_until('its own change', sub { probes() > $probes });
pass('its own change has it probed');
answered('… and goes on');

# Passwords that are refused: each access point is asked once, however many of them stop at the same time
my @strict = map { AccessPoint->start } 1 .. 4;
for my $n (0 .. $#strict)
{
	$strict[$n]->control('auth on');
	$strict[$n]->party('provider', 'AP_LV_01', party_type(), 'another-Password-1');
	$strict[$n]->control("rule any user=provider times=1000000 delay=" . (1 + 200 * $n));	# the refusals come one after the other
	connect_access_point($node, 'postgres', $strict[$n], name => "strict$n", paused => 1);
}
sql(q{SELECT ootspg.resume(access_point) FROM ootspg.access_point WHERE access_point ~ '^strict'});
wait_sql($node, q{SELECT count(*) = 4 FROM ootspg.status WHERE access_point ~ '^strict' AND state = 'stopped'}, 'refused logins stop four access points');
answered('… and not the others');
for my $n (0 .. $#strict)
{
	my $stats = $strict[$n]->stats;
	my $calls = 0;
	$calls += $stats->{$_} for grep { /^calls\./ } keys %$stats;
	is($calls, 1, "… each after one call ($n)");
	$strict[$n]->stop;
}
sql(q{DELETE FROM ootspg.access_point WHERE access_point ~ '^strict'});

# What a list names is fetched at once, and not when the next list is due
my $slow = AccessPoint->start;
$slow->control('auth on');
$slow->party('provider', 'AP_LV_01', party_type(), 'loopback-Password-1');
$slow->party('requester', 'AP_DE_01', party_type(), 'loopback-Password-1');
connect_access_point($node, 'postgres', $slow, name => 'slow', paused => 1, poll_interval => q{'1 h'});
my $early = ask($node, $slow, ++$number);
sql(q{SELECT ootspg.pause(); SELECT ootspg.resume('slow')});
is(wait_answer($slow, $early)->{action}, 'ExecuteQueryResponse', 'an answer long before the next list');
sql(q{SELECT ootspg.resume(); SELECT ootspg.pause('slow')});

# A payload that the access point cannot read for a while comes as an empty one
$ap->control('rule retrieveMessage user=provider times=2 empty-value');
answered('it is asked for again');

# Wrong rows, in words
is(sqlstate($node, 'postgres', "UPDATE ootspg.access_point SET $_ WHERE access_point = 'other'"), 'OT003', $_)
  for q{url = url || '?wsdl'}, q{server = '5.2'}, q{poll_interval = '2 h'}, q{password_uri = NULL}, q{certificate_uri = 'file:x'}, q{resubmit_after = '2 d'}, q{connections = 0};
my $stderr;
$node->psql('postgres', q{UPDATE ootspg.access_point SET resubmit_after = '1 min' WHERE access_point = 'other'}, stderr => \$stderr);
like($stderr, qr/^(?:psql:.*?: )?WARNING:  access point "other": resubmit_after is less than twice call_timeout$/m, 'a short resubmit_after is warned of');

# A file of certificates that would hold its reader, or lies elsewhere, is not opened
sql(slurp_file('test/fixtures/directory.sql'));
sql(q{INSERT INTO ootspg.directory_target (environment, service, line, country) VALUES ('test', 'dsd', 'oots-edm:v2.0', 'LV')});
put('roots.pem', 0644);
system('mkfifo', "$keys/fifo") == 0 or die 'mkfifo';
symlink '/etc/passwd', "$keys/away" or die $!;
sql(q{INSERT INTO ootspg.directory_source (environment, base_url, country, roots_uri, ca_uri) VALUES ('test', 'https://localhost:1', 'LV', 'file:roots.pem', 'file:fifo')});
my %why = (fifo => 'it is not a regular file', away => 'it lies outside of its place in ootspg.key_directory', none => 'it does not exist');
for my $file (sort keys %why)
{
	sql("UPDATE ootspg.directory_source SET ca_uri = 'file:$file'; SELECT ootspg.read_directories()");
	wait_sql($node, "SELECT count(*) > 0 FROM ootspg.registration WHERE failure ~ 'the call could not be made: the file of ca_uri cannot be used \\(file:$file\\): $why{$file}'", "ca_uri: $why{$file}");
}
answered('exchanges go on');

# Released late: the same request came in another message meanwhile
sql(q{INSERT INTO ootspg.accepted_party (party_id, party_id_type, name, source, environment) SELECT 'AP_XX_01', 't', 'somebody else', 'a list', environment FROM ootspg.provider LIMIT 1});
my $bytes = request_bytes($node, ++$number);
my $first = send_request($ap, $bytes);
wait_sql($node, "SELECT state = 'quarantined' FROM ootspg.inbox WHERE message_id = '$first->{message_id}'", 'a sender that is not accepted');
sql(qq{DELETE FROM ootspg.accepted_party});
answered('the same request in a new message, once it is', send_request($ap, $bytes));
$node->psql('postgres', "SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE message_id = '$first->{message_id}'", stderr => \$stderr);
like($stderr, qr/NOTICE:  the request in inbox message \d+ came by another message too, which was dealt with: exchange \d+/, 'released, it is told');
is(wait_answer($ap, $first)->{code}, 'EDM:ERR:0003', '… and what comes of it');

$node->stop;
$ap->stop;
done_testing();
