# Only known senders are answered (D-REG-08), the whole way: two access points abroad, one
# on the list. What the other sends is kept unopened, and nothing goes back to it, until
# somebody puts it on the list and somebody releases it.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('accepted');
my $number = 0;

$ap->party('stranger', 'AP_XX_01', party_type(), 'stranger-Password-1');

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
sub inbox { my ($request, $columns) = @_; return sql("SELECT $columns FROM ootspg.inbox WHERE message_id = '$request->{message_id}'"); }
sub wait_inbox { my ($request, $condition, $name) = @_; return wait_sql($node, "SELECT $condition FROM ootspg.inbox WHERE message_id = '$request->{message_id}'", $name); }
sub trail { my ($request) = @_; return sql("SELECT string_agg(event_type, ' ' ORDER BY event_id) FROM ootspg.exchange_event WHERE exchange_id = (SELECT exchange_id FROM ootspg.inbox WHERE message_id = '$request->{message_id}')"); }
sub from_stranger { return ask_as('stranger', @_); }

# The same request, submitted by another party
sub ask_as
{
	my ($user, %message) = @_;
	my $bytes = request_bytes($node, ++$number);
	my $conversation = AccessPoint::uuid();
	my $id = $ap->submit($user, { to => 'AP_LV_01', conversation => $conversation, properties => { originalSender => 'DE-REQ-0001', finalRecipient => 'LV90000000001' },
		parts => [ { content => $bytes } ], %message });

	die $id->{reason} // 'broken' if ref $id;
	return { message_id => $id, conversation => $conversation };
}

sub answered { my ($user, $request, $name) = @_; is($ap->wait_message($user, conversation => $request->{conversation}, seconds => 60)->{action}, 'ExecuteQueryResponse', $name); return; }

# As long as there is no list, whoever the access point lets in is answered
is(sql('SELECT environment, accepted FROM ootspg.acceptance'), 'test|everybody', 'no list: everybody');
answered('stranger', from_stranger(), 'even a stranger');

# One party is listed
sql("INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source) VALUES ('test', '" . party_type() . "', 'AP_DE_01', 'Germany', 'national list')");
my $refused = from_stranger();
my $known = ask_as('requester');
answered('requester', $known, 'who is on the list is answered');
wait_inbox($refused, "state = 'quarantined'", 'who is not is not');
is(inbox($refused, 'reason, from_party'), 'unknown sender|AP_XX_01', 'for that reason');
is(trail($refused), 'message_received sender_refused no_answer', 'the trail of a refusal');
is(inbox($refused, '(SELECT request_id IS NULL AND subject_key IS NULL AND requester_identifier IS NULL FROM ootspg.exchange x WHERE x.exchange_id = inbox.exchange_id)'), 't', 'its body was not opened');
is(inbox($refused, '(SELECT count(*) FROM ootspg.outbox o WHERE o.exchange_id = inbox.exchange_id)'), '0', 'nothing goes back');
is(inbox($refused, '(SELECT count(*) FROM ootspg_internal.inbox_part p WHERE p.inbox_id = inbox.inbox_id)'), '2', 'it is kept as it came');
wait_inbox($refused, 'acknowledged_at IS NOT NULL', 'and taken over from the access point');
is(sql('SELECT quarantined FROM ootspg.status WHERE access_point IS NOT NULL'), '1', 'the operator is shown that there is one');

# A name in the message's properties or body makes nobody known: From counts
my $borrowed = from_stranger(properties => { originalSender => 'AP_DE_01', finalRecipient => 'LV90000000001' });
wait_inbox($borrowed, "state = 'quarantined' AND reason = 'unknown sender'", 'a known name as originalSender does not help');

# Released as it is, it is judged again by the list
my $exchange = inbox($refused, 'exchange_id');
sql('SELECT ootspg.release(' . inbox($refused, 'inbox_id') . ')');
wait_inbox($refused, "state = 'quarantined' AND exchange_id <> $exchange", 'released without a change of the list, it comes back');
sql("INSERT INTO ootspg.accepted_party (environment, party_id_type, party_id, name, source) VALUES ('test', '" . party_type() . "', 'AP_XX_01', 'Somebody', 'telephone')");
sql('SELECT ootspg.release(' . inbox($refused, 'inbox_id') . ')');
answered('stranger', $refused, 'on the list and released, it is answered');
is(inbox($refused, '(SELECT count(*) FROM ootspg_internal.inbox_part p WHERE p.inbox_id = inbox.inbox_id)'), '0', 'and nothing of it stays in the inbox');

# What waits when the acceptance ends is refused; what was answered before is not asked again, nor taken back
$ap->control('wire AP_XX_01 hold');
my $flying = from_stranger();
wait_inbox($flying, "state = 'answered'", 'answered while it was accepted');
sql(q{UPDATE ootspg.accepted_party SET valid_until = clock_timestamp() WHERE party_id = 'AP_XX_01'});
my $late = from_stranger();
wait_inbox($late, "state = 'quarantined' AND reason = 'unknown sender'", 'refused since');
$ap->control('wire AP_XX_01 deliver');
answered('stranger', $flying, 'what was answered arrives');

# Requesters behind an access point: they get an error
sql(q{UPDATE ootspg.accepted_party SET requesters = 'listed' WHERE party_id = 'AP_DE_01'});
my $answer = wait_answer($ap, send_request($ap, request_bytes($node, ++$number)));
is("$answer->{action} $answer->{code}", 'ExceptionResponse EDM:ERR:0002', 'a requester that is not listed is told so');
is(sql(q{SELECT count(*) FROM ootspg.inbox WHERE state = 'answered' AND reason = 'requester not accepted'}), '1', 'that is an answer, nothing for the operator');

# Evidence that could not leave in time is replaced also when the acceptance has ended meanwhile (D-TMO-03)
sql(q{UPDATE ootspg.accepted_party SET requesters = 'all' WHERE party_id = 'AP_DE_01';
	UPDATE ootspg.evidence_type SET t1 = '8 s'});
$ap->control('rule submitMessage user=provider fault=pmode');
my $slow = send_request($ap, request_bytes($node, ++$number));
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.outbox WHERE state = 'parked'}, 'an answer cannot leave');
sql(q{UPDATE ootspg.accepted_party SET valid_until = clock_timestamp() WHERE party_id = 'AP_DE_01'});
wait_sql($node, q{SELECT expires_at < clock_timestamp() FROM ootspg.outbox WHERE state = 'parked'}, 'its time is over');
sql('SELECT ootspg.retry_all()');
$answer = wait_answer($ap, $slow, 60);
is("$answer->{code} $answer->{request_id}", "EDM:ERR:0005 $slow->{request_id}", 'the error that replaces it belongs to the request');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|begins anew/, 'no process crashed');
$node->stop;
$ap->stop;
done_testing();
