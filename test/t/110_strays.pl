# What comes by the life-cycle service is believed only from the directory that was asked, about
# what it was asked; all else is put aside, and of each sender only so much is kept in a day.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('strays', undef, 'ootspg.stray_messages = 4', "ootspg.stray_size = '100kB'");
my $cs_type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots-simulator';
my $nobody = 'urn:uuid:00000000-0000-4000-8000-000000000000';

sub sql { return $node->safe_psql('postgres', @_); }

$ap->party('directory', 'cs-lcm-test', $cs_type, 'directory-Password-1');
$ap->party($_, "AP_XA_$_", party_type(), 'stranger-Password-1') for qw(stranger large);
sql(slurp_file('test/fixtures/directory.sql'));
sql(qq{INSERT INTO ootspg.directory_route (environment, service, access_point, party_id, party_id_type) VALUES ('test', 'dsd', 'ap', 'cs-lcm-test', '$cs_type');
	SELECT ootspg.set_published('dsd', NULL, 'test'); SELECT ootspg.deactivate('birth'); SELECT ootspg.activate_when_accepted('birth')});
my $id = sql(q{SELECT ootspg.register('dsd', 'test')});
my $submission = $ap->wait_message('directory');

# say(who, requestId or undef, message keys…): that the submission was a success; or whatever status and exceptions are
sub say
{
	my ($who, $request_id, %message) = @_;
	my $status = delete $message{status} // 'Success';
	my $content = '<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0"' . (defined $request_id ? qq{ requestId="$request_id"} : '')
	  . qq{ status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:$status">} . (delete $message{more} // '') . '</rs:RegistryResponse>';
	return $ap->submit($who, { to => 'AP_LV_01', service => 'LifecycleManager', action => 'SubmitObjectsResponse', conversation => $submission->{conversation},
		parts => [ { content => $content } ], %message });
}

# put_aside(what, reason, who, requestId, …): the submission has no answer by it
sub put_aside
{
	my ($what, $reason, @said) = @_;
	my $message = say(@said);
	wait_sql($node, "SELECT state IN ('quarantined', 'dismissed') FROM ootspg.inbox WHERE message_id = '$message'", "$what is put aside");
	like(sql("SELECT reason FROM ootspg.inbox WHERE message_id = '$message'"), qr/^\Q$reason\E/, "… $reason");
	is(sql('SELECT state FROM ootspg.sent_submission'), 'sent', '… and the submission has no answer');
	return $message;
}

my $not_theirs = q{its sender is not the party of the directory's route};
put_aside('what a stranger says about it', $not_theirs, 'stranger', "urn:uuid:$id");
put_aside('… by the conversation alone', $not_theirs, 'stranger', undef, status => 'Failure', more => '<rs:Exception code="LCM:ERR:0003"/>');
put_aside('… about nothing of ours', 'answers no submission of this database', 'stranger', $nobody, conversation => AccessPoint::uuid());
put_aside('the directory on another submission', 'its requestId is not that of the submission', 'directory', $nobody);
put_aside('the directory on none', 'it has no requestId', 'directory', undef);
put_aside('… or on one that it could read', 'it has no requestId', 'directory', undef, status => 'Failure', more => '<rs:Exception code="LCM:ERR:0002"/>');
put_aside('the right id in another conversation', 'it belongs to another message', 'directory', "urn:uuid:$id", conversation => AccessPoint::uuid());
is(sql(q{SELECT count(*) FROM ootspg.published_data_set WHERE message = (SELECT message FROM ootspg.final_submission)}), '0', 'nothing counts as published');
is(sql(q{SELECT count(*) FROM ootspg.activation WHERE evidence_type = 'birth'}), '0', 'nothing that waited for acceptance is in service');
say('directory', uc "urn:uuid:$id", conversation => AccessPoint::uuid(), ref_to => $submission->{message_id});
wait_sql($node, q{SELECT state = 'accepted' FROM ootspg.sent_submission}, 'the directory, about the message it was sent, is believed');
is(sql(q{SELECT count(*) FROM ootspg.activation WHERE evidence_type = 'birth'}), '1', '… with its consequences');

# Bounds: of each sender by itself
is(sql(q{SELECT string_agg(from_party || ' ' || state || ' ' || n, ', ' ORDER BY from_party) FROM (SELECT from_party, state, count(*) AS n FROM ootspg.inbox WHERE state <> 'answered' GROUP BY 1, 2) x}),
	'AP_XA_stranger quarantined 3, cs-lcm-test quarantined 4', 'so far all are left to people');
my $last = put_aside_later(say('stranger', $nobody), 'quarantined');
my $over = put_aside_later(say('stranger', $nobody), 'dismissed');
my $action = put_aside_later($ap->submit('stranger', { to => 'AP_LV_01', service => 'LifecycleManager', action => 'SubmitObjectsRequest', parts => [ { content => '<a/>' } ] }), 'dismissed');
like(sql("SELECT reason FROM ootspg.inbox WHERE message_id = '$action'"), qr/^unknown (service|action); more than is kept of its sender's in a day$/, 'of whatever kind');
is(sql("SELECT count(*) FROM ootspg_internal.inbox_part JOIN ootspg.inbox USING (inbox_id) WHERE message_id IN ('$over', '$action')"), '0', '… without their contents');
is(sql("SELECT string_agg(event_type, ' ' ORDER BY event_id) FROM ootspg.exchange_event WHERE facts ->> 'message_id' = '$over'"), 'message_received message_dismissed', '… recorded');
put_aside_later(say('large', $nobody, more => '<!--' . 'x' x 60000 . '-->'), 'quarantined');
put_aside_later(say('large', $nobody, more => '<!--' . 'x' x 60000 . '-->'), 'dismissed');
put_aside_later(say('large', $nobody, more => '<!--' . 'x' x 10000 . '-->'), 'quarantined');
sql("SELECT ootspg.dismiss(inbox_id) FROM ootspg.inbox WHERE message_id = '$last'");
put_aside_later(say('stranger', $nobody), 'quarantined');
wait_sql($node, q{SELECT bool_and(acknowledged_at IS NOT NULL) FROM ootspg.inbox}, 'the access point keeps none of them');

# put_aside_later(message id, state): the id, once the message has that state
sub put_aside_later
{
	my ($message, $state) = @_;
	wait_sql($node, "SELECT state = '$state' FROM ootspg.inbox WHERE message_id = '$message' AND state IN ('quarantined', 'dismissed')", "one more: $state");
	return $message;
}

$node->stop;
$ap->stop;
done_testing();
