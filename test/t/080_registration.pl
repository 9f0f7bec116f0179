# A submission leaves through the access point and its answer comes back that way: what
# was accepted is known as published, goes into service if that was asked for, and
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

# Neither: a status of no meaning, silence, a directory that cannot be reached
sql(q{SELECT ootspg.register('dsd', 'test')});
say(received(), 'PartialSuccess', []);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.submission_status WHERE state = 'unknown'}, 'a third status is unknown');
sql(q{UPDATE ootspg.directory_route SET answer_within = '1 s'; SELECT ootspg.register('dsd', 'test')});
my $silent = received();
wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.submission_status WHERE state = 'unknown'}, 'silence is unknown after the deadline');
say($silent, 'Success', []);
wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.submission_status WHERE state = 'accepted'}, 'a late answer counts all the same');
sql(q{UPDATE ootspg.directory_route SET party_id = 'nobody-known'; SELECT ootspg.register('dsd', 'test')});
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.submission_status WHERE state = 'not delivered' AND delivery = 'parked'}, 'what the access point does not take is not delivered');

# A line and a level of assurance that wait for the directory (D-REG-04)
wait_sql($node, q{SELECT bool_and(answer_due < clock_timestamp()) FROM ootspg.submission_status WHERE state = 'not delivered'}, 'nothing is waited for any more');
sql(q{UPDATE ootspg.directory_route SET party_id = 'cs-lcm-test', answer_within = '1 d'; UPDATE ootspg.evidence_type SET title = '{"EN": "Birth certificate"}' WHERE evidence_type = 'birth'});
my $classification = sql(q{SELECT classification FROM ootspg.evidence_type_line WHERE evidence_type = 'birth' AND line = 'oots-edm:v1.1'});
sql(q{DELETE FROM ootspg.evidence_type_line WHERE evidence_type = 'birth' AND line = 'oots-edm:v1.1'});
my $served = q{SELECT level_of_assurance, (SELECT string_agg(right(line::text, 4), ' ' ORDER BY line) FROM ootspg.evidence_type_line l WHERE l.evidence_type = 'birth') FROM ootspg.evidence_type WHERE evidence_type = 'birth'};
is(sql($served), 'Substantial|v1.0 v1.2 v2.0', 'as it is served now');
my $before = sql(q{SELECT ootspg.finalize_submission('dsd', 'test')});
for my $wrong (
	[ q{'birth', line => 'oots-edm:v1.1'}, '22023', 'a line without its classification' ],
	[ q{'birth', line => 'oots-edm:v1.1', classification => 'https://elsewhere.example/x'}, 'OT003', 'a classification of nowhere' ],
	[ q{'birth', line => 'oots-edm:v9.9', classification => '} . $classification . q{'}, 'OT003', 'a line that is none' ],
	[ q{'birth', level_of_assurance => 'Highest'}, 'OT003', 'a level that is none' ],
	[ q{'nothing', level_of_assurance => 'High'}, 'OT006', 'an evidence type that is none' ])
{
	my ($arguments, $state, $name) = @$wrong;
	is(sqlstate($node, 'postgres', "SELECT ootspg.activate_when_accepted($arguments)"), $state, "$name is refused at once");
}
sql(qq{SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.1', '$classification', 'High')});
is(sql(q{SELECT string_agg(change || ' ' || coalesce(nullif(line, ''), level_of_assurance), ', ' ORDER BY change) FROM ootspg.activation_on_acceptance}), 'level of assurance High, line oots-edm:v1.1', 'two changes wait');
is(sql($served), 'Substantial|v1.0 v1.2 v2.0', '… and nothing has changed');
like(sql(q{SELECT ootspg.submission('dsd', 'test')}), qr{ConformsTo>oots-edm:v1\.1<.*Assurance>High<}s, '… but for the submission');
is(sql($served), 'Substantial|v1.0 v1.2 v2.0', '… which leaves no trace');
sql(qq{SELECT ootspg.register('dsd', 'test', submission_id => '$before')});
say(received(), 'Success', []);
wait_sql($node, qq{SELECT state = 'accepted' FROM ootspg.submission_status WHERE submission_id = '$before'}, 'a submission from before they were asked for is accepted');
is(sql($served), 'Substantial|v1.0 v1.2 v2.0', '… and does not bring them');
sql(q{SELECT ootspg.register('dsd', 'test')});
say(received(), 'Failure', [ 'LCM:ERR:0001' ]);
wait_sql($node, q{SELECT count(*) = 1 FROM ootspg.submission_status WHERE codes = '{LCM:ERR:0001}'}, 'one with them is refused');
is(sql($served), 'Substantial|v1.0 v1.2 v2.0', '… and does not bring them either');
is(wait_answer($ap, ask($node, $ap, '2', level => 'Substantial'))->{action}, 'ExecuteQueryResponse', '… so that the level of before is enough');
my $with = sql(q{SELECT ootspg.register('dsd', 'test')});
say(received(), 'Success', []);
wait_sql($node, qq{SELECT state = 'accepted' FROM ootspg.submission_status WHERE submission_id = '$with'}, 'the next one is accepted');
is(sql($served), 'High|v1.0 v1.1 v1.2 v2.0', '… and they are made');
is(sql(q{SELECT count(*) FROM ootspg.activation_on_acceptance}), '0', '… and wait no more');
is(sql(q{SELECT facts ->> 'changes' FROM ootspg.exchange_event WHERE event_type = 'submission_accepted' ORDER BY event_id DESC LIMIT 1}), '["birth level of assurance High", "birth line oots-edm:v1.1"]', '… as the audit says');
is(sql(q{SELECT count(*) FROM ootspg.submission_diff('dsd', 'test')}), '0', '… and the next submission changes nothing');

# A change is withdrawn; one that can't be made any more is named
sql(q{SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Low'); DELETE FROM ootspg.activation_on_acceptance});
unlike(sql(q{SELECT ootspg.submission('dsd', 'test')}), qr/Assurance>Low</, 'a change that is withdrawn is in no submission');
sql(qq{SELECT ootspg.activate_when_accepted('birth', 'oots-edm:v1.1', '$classification'); UPDATE ootspg.activation_on_acceptance SET classification = 'https://elsewhere.example/x'});
is(sqlstate($node, 'postgres', q{SELECT ootspg.submission('dsd', 'test')}), 'OT003', 'one that cannot be made is named, not passed over');
sql(q{DELETE FROM ootspg.activation_on_acceptance});

# Who may
sql(q{CREATE ROLE clerk LOGIN; SELECT ootspg.grant_duty('clerk', 'configure', 'civil')});
is(sqlstate($node, 'postgres', q{SELECT ootspg.register('dsd', 'test')}, extra_params => [ '-U', 'clerk' ]), '42501', 'the clerk of one provider does not speak for the state');
is(sqlstate($node, 'postgres', q{SELECT ootspg.activate_when_accepted('diploma', level_of_assurance => 'Low')}, extra_params => [ '-U', 'clerk' ]), 'OT006', '… nor for another provider');
sql(q{SELECT ootspg.activate_when_accepted('diploma', level_of_assurance => 'Low')});
$node->safe_psql('postgres', q{SELECT ootspg.activate_when_accepted('birth', level_of_assurance => 'Low'); DELETE FROM ootspg.activation_on_acceptance}, extra_params => [ '-U', 'clerk' ]);
is(sql(q{SELECT string_agg(evidence_type, ' ') FROM ootspg.activation_on_acceptance}), 'diploma', '… and withdraws what is their own');

$node->stop;
$ap->stop;
done_testing();
