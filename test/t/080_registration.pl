# A submission leaves through the access point and its answer comes back that way: what
# was accepted is known as published, what was planned for then is carried out, and
# everything that is no clear answer is left to people (D-REG-01 to D-REG-05).
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use OotsSchema;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('registration');
my $cs_type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots-simulator';

sub sql { return $node->safe_psql('postgres', @_); }

$ap->party('directory', 'cs-lcm-test', $cs_type, 'directory-Password-1');
sql(slurp_file('test/fixtures/directory.sql'));
is(sqlstate($node, 'postgres', q{SELECT ootspg.register('dsd', 'test')}), 'OT003', 'without a route nothing is submitted: only one authority of a state does so');
sql(qq{INSERT INTO ootspg.directory_route (environment, service, access_point, party_id, party_id_type, properties)
	VALUES ('test', 'dsd', 'ap', 'cs-lcm-test', '$cs_type', '{"SpecificationId": "oots-lcm:v1.0"}')});
is(sqlstate($node, 'postgres', q{SELECT ootspg.register('dsd', 'test')}), 'OT003', 'nor while it is unknown what the directory holds');
sql(q{SELECT ootspg.set_published('dsd', NULL, 'test'); SELECT ootspg.deactivate('birth'); SELECT ootspg.activate_when_accepted('birth')});

# submission(): what the directory received
sub received
{
	return $ap->wait_message('directory');
}

# answer(submission, status, exceptions, message keys): what the directory says to it
sub say
{
	my ($request, $status, $exceptions, %message) = @_;
	my ($id) = $request->{parts}[0]{content} =~ /SubmitObjectsRequest[^>]* id="([^"]*)"/;
	my $about = exists $message{request_id} ? delete $message{request_id} : $id;
	my $content = '<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
	  . (defined $about ? qq{ requestId="$about"} : '') . qq{ status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:$status">}
	  . join('', map { qq{<rs:Exception xsi:type="rs:InvalidRequestExceptionType" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error" message="refused" code="$_"/>} } @$exceptions)
	  . '</rs:RegistryResponse>';

	return $ap->submit('directory', { to => 'AP_LV_01', service => 'LifecycleManager', conversation => $request->{conversation},
		action => $status eq 'Success' ? 'SubmitObjectsResponse' : 'ExceptionResponse', parts => [ { content => $content } ], %message });
}

my $id = sql(q{SELECT ootspg.register('dsd', 'test')});
my $request = received();
is("$request->{service} $request->{action} $request->{from}", 'LifecycleManager SubmitObjectsRequest AP_LV_01', 'the submission has the coordinates of its leg');
is_deeply($request->{properties}, { originalSender => 'AP_LV_01', finalRecipient => 'cs-lcm-test', SpecificationId => 'oots-lcm:v1.0' }, 'and its properties');
like($request->{parts}[0]{content}, qr/SubmitObjectsRequest[^>]* id="urn:uuid:\Q$id\E"/, 'its id is the one that was returned');
is($request->{parts}[0]{content}, sql("SELECT convert_from(message, 'UTF8') FROM ootspg.final_submission"), 'what arrives is what was checked, byte for byte');
SKIP:
{
	skip(schema_missing(), 1) if schema_missing();
	is(schema_errors($request->{parts}[0]{content}, line => 'v2.0'), '', 'it fits the RegRep schemas');
}
is(sql('SELECT state FROM ootspg.submission_status'), 'sent', 'it counts as sent');
is(sqlstate($node, 'postgres', q{SELECT ootspg.register('dsd', 'test')}), '55000', 'no other one follows before its answer');
is(sql(q{SELECT count(*) FROM ootspg.activation WHERE evidence_type = 'birth'}), '0', 'the evidence type is not in service yet');

# Accepted
say($request, 'Success', []);
wait_sql($node, q{SELECT state = 'accepted' FROM ootspg.submission_status}, 'accepted');
is(sql('SELECT (SELECT message FROM ootspg.published_data_set) = message FROM ootspg.final_submission'), 't', '… and known as what is published');
is(sql(q{SELECT count(*) FROM ootspg.activation WHERE evidence_type = 'birth'}), '1', '… and the evidence type that waited for it is in service');
is(sql('SELECT count(*) FROM ootspg.activation_on_acceptance'), '0', '… and waits no more');
is(wait_answer($ap, ask($node, $ap, '1'))->{action}, 'ExecuteQueryResponse', '… and is served');
is(sql(q{SELECT count(*) FROM ootspg.submission_diff('dsd', 'test')}), '0', 'the next submission would change nothing');
is(sql(q{SELECT string_agg(event_type, ' ' ORDER BY event_id) FROM ootspg.exchange_event WHERE event_type ~ '^submission'}), 'submission_accepted', 'the audit has it');

# A second answer, one to nobody, and one that is none
say($request, 'Success', []);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'quarantined' AND reason = 'a second answer to one submission'}, 'a second answer is left to people');
say($request, 'Success', [], request_id => 'urn:uuid:00000000-0000-4000-8000-000000000000', conversation => AccessPoint::uuid());
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'quarantined' AND reason = 'answers no submission of this database'}, 'so is one that answers nothing of ours');
$ap->submit('directory', { to => 'AP_LV_01', service => 'LifecycleManager', action => 'SubmitObjectsResponse', parts => [ { content => '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' } ] });
wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.inbox WHERE state = 'quarantined' AND reason = 'answers no submission of this database'}, 'and one that is no answer at all');
is(sql(q{SELECT ootspg.dismiss(inbox_id) FROM ootspg.inbox WHERE state = 'quarantined'; SELECT count(*) FROM ootspg.inbox WHERE state = 'quarantined'}), "\n\n\n0", 'people dismiss them');

# Refused: correlated by the conversation, since an unread submission cannot be named
my $published = sql('SELECT md5(message) FROM ootspg.published_data_set');
sql(q{UPDATE ootspg.evidence_type SET title = '{"EN": "Certificate of birth"}' WHERE evidence_type = 'birth'; SELECT ootspg.register('dsd', 'test')});
say(received(), 'Failure', [ 'LCM:ERR:0003' ], request_id => undef);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.submission_status WHERE state = 'refused' AND codes = '{LCM:ERR:0003}'}, 'refused, with its code');
for my $code ('LCM:ERR:0001', 'LCM:ERR:0002', 'LCM:ERR:0009')
{
	my $refused = sql(q{SELECT ootspg.register('dsd', 'test')});
	say(received(), 'Failure', [ $code, 'LCM:ERR:0001' ]);
	wait_sql($node, qq{SELECT state = 'refused' AND codes @> '{$code,LCM:ERR:0001}' FROM ootspg.submission_status WHERE submission_id = '$refused'}, "… with $code as well, and all that come together");
}
is(sql('SELECT md5(message) FROM ootspg.published_data_set'), $published, 'what is published stays as it was');

# A line and a level wait for acceptance (D-REG-04): a submission that was made before does
# not carry them out, nor does a refusal. What the directory has not accepted is not served.
my $waiting = q{SELECT string_agg(change, ', ' ORDER BY change) FROM ootspg.activation_on_acceptance};

my $numbers = 100;

# what a request on a line, by a person with a level of assurance, is answered with: the code of an error, or the action
sub outcome
{
	my ($line, $level) = @_;
	my $bytes = request_bytes($node, ++$numbers . ", 'oots-edm:$line'");
	my %properties = $line eq 'v2.0' ? (ExchangeId => AccessPoint::uuid(), SpecificationId => 'oots-edm:v2.0') : ();

	$bytes =~ s{(<sdg:LevelOfAssurance>)High<}{$1$level<} or die 'no level of assurance';
	my $answer = wait_answer($ap, send_request($ap, $bytes, properties => \%properties));
	return $answer->{code} // $answer->{action};
}

# registers, has the directory answer, waits until that is filed
sub registered
{
	my ($status, $state, %arguments) = @_;
	my $known = sql("SELECT count(*) FROM ootspg.submission_status WHERE state = '$state'");

	sql("SELECT ootspg.register('dsd', 'test', submission_id => " . (exists $arguments{id} ? "'$arguments{id}'" : 'NULL') . ')');
	my $submission = received();
	say($submission, $status, $status eq 'Success' ? [] : [ 'LCM:ERR:0003' ]);
	wait_sql($node, "SELECT count(*) = $known + 1 FROM ootspg.submission_status WHERE state = '$state'", "… $state");
	return $submission->{parts}[0]{content};
}

sql(q{DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v2.0'});
my $made_before = sql(q{SELECT ootspg.finalize_submission('dsd', 'test')});
my $unserved = outcome('v2.0', 'High');
like($unserved, qr/^EDM:ERR:/, "on a line that is not served a request gets $unserved");
is(outcome('v1.2', 'Substantial'), 'ExecuteQueryResponse', 'the level of a person suffices');
sql(q{SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888',
	level_of_assurance => 'High')});
my $both = 'level of assurance, oots-edm:v2.0';
is(sql($waiting), $both, 'a line and a level are planned');

sub nothing_changed
{
	my ($why) = @_;
	is(sql($waiting), $both, "$why: they wait");
	is(outcome('v2.0', 'High'), $unserved, '… the line is refused');
	is(outcome('v1.2', 'Substantial'), 'ExecuteQueryResponse', '… the level suffices');
	return;
}

nothing_changed('until the directory is told');
unlike(registered('Success', 'accepted', id => $made_before), qr/oots-edm:v2\.0/, 'a submission made before does not say them');
nothing_changed('which is accepted');
my $said = registered('Failure', 'refused');
like($said, qr{>oots-edm:v2\.0</sdg:ConformsTo>}, 'a submission made now says the line');
like($said, qr{>b1c2d3e4-2222-4333-8444-555566667777</sdg:Identifier>(?:(?!</sdg:DataServiceEvidenceType>).)*>High</sdg:AuthenticationLevelOfAssurance>}, '… and the level');
nothing_changed('which is refused');
registered('Success', 'accepted');
is(sql($waiting), '', 'accepted: nothing waits');
is(outcome('v2.0', 'High'), 'ExecuteQueryResponse', '… the line is served');
like(outcome('v1.2', 'Substantial'), qr/^EDM:ERR:/, '… and the higher level asked for');
is(sql(q{SELECT facts ->> 'activated' FROM ootspg.exchange_event WHERE event_type = 'submission_accepted' ORDER BY event_id DESC LIMIT 1}),
	'["birth: oots-edm:v2.0", "birth: level of assurance"]', '… which the audit tells');
is(sql(q{SELECT count(*) FROM ootspg.submission_diff('dsd', 'test')}), '0', '… and the next submission would change nothing');
is(sql(q{SELECT count(*) FROM ootspg.inbox WHERE state = 'quarantined'}), '0', 'no answer is left over');

# What can no longer be carried out leaves the answer to people, who correct and file it
sql(q{DELETE FROM ootspg.evidence_type_line WHERE line = 'oots-edm:v2.0';
	SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v2.0', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888');
	SELECT ootspg.register('dsd', 'test');
	CREATE TABLE location AS SELECT * FROM ootspg.data_model_location WHERE line = 'oots-edm:v2.0';
	DELETE FROM ootspg.data_model_location WHERE line = 'oots-edm:v2.0'});
say(received(), 'Success', []);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'quarantined' AND last_error = 'OT003'}, 'a plan that is impossible now keeps the answer from being filed');
is(sql($waiting), 'oots-edm:v2.0', '… and waits');
sql(q{INSERT INTO ootspg.data_model_location SELECT * FROM location;
	SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE state = 'quarantined'});
wait_sql($node, q{SELECT count(*) = 0 FROM ootspg.activation_on_acceptance}, '… until it is corrected and the answer released');
is(outcome('v2.0', 'High'), 'ExecuteQueryResponse', '… and served');
my $accepted = sql(q{SELECT count(*) FROM ootspg.submission_status WHERE state = 'accepted'});

# Neither: a status of no meaning, silence, a directory that cannot be reached
sql(q{SELECT ootspg.register('dsd', 'test')});
say(received(), 'PartialSuccess', []);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.submission_status WHERE state = 'unknown'}, 'a third status is unknown');
sql(q{UPDATE ootspg.directory_route SET answer_within = '1 s'; SELECT ootspg.register('dsd', 'test')});
my $silent = received();
wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.submission_status WHERE state = 'unknown'}, 'silence is unknown after the deadline');
say($silent, 'Success', []);
wait_sql($node, qq{SELECT count(*) = $accepted + 1 FROM ootspg.submission_status WHERE state = 'accepted'}, 'a late answer counts all the same');
sql(q{UPDATE ootspg.directory_route SET party_id = 'nobody-known'; SELECT ootspg.register('dsd', 'test')});
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.submission_status WHERE state = 'not delivered' AND delivery = 'parked'}, 'what the access point does not take is not delivered');

# Who may
sql(q{CREATE ROLE clerk LOGIN; SELECT ootspg.grant_duty('clerk', 'configure', 'civil')});
is(sqlstate($node, 'postgres', q{SELECT ootspg.register('dsd', 'test')}, extra_params => [ '-U', 'clerk' ]), '42501', 'the clerk of one provider does not speak for the state');

$node->stop;
$ap->stop;
done_testing();
