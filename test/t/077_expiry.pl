# T1 holds for what leaves, not only for what is built: evidence that could not be handed
# over in time is replaced by EDM:ERR:0005, once, and nothing of it stays (D-TMO-01 to -03).
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('expiry');

# Sending is off until T1 is over
$node->safe_psql('postgres', q{UPDATE ootspg.evidence_type SET t1 = '2 s'; ALTER SYSTEM SET ootspg.send = off});
$node->reload;
my $late = ask($node, $ap, '1');
wait_sql($node, q{SELECT state = 'waiting' AND expires_at < clock_timestamp() FROM ootspg.outbox}, 'an answer is built, and too late to leave');
is($node->safe_psql('postgres', 'SELECT outcome FROM ootspg.exchange'), 'evidence', 'it was evidence');
$node->safe_psql('postgres', 'ALTER SYSTEM SET ootspg.send = on');
$node->reload;

my $answer = wait_answer($ap, $late);
is("$answer->{action} $answer->{code}", 'ExceptionResponse EDM:ERR:0005', 'the requester is told that it is late');
is($answer->{request_id}, $late->{request_id}, '… for its request');
is(scalar @{ $answer->{parts} }, 1, '… without evidence');
wait_sql($node, q{SELECT string_agg(state, ' ' ORDER BY outbox_id) = 'expired delivered' FROM ootspg.outbox}, 'the evidence is marked as expired, the error as delivered');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg_internal.outbox_part'), '0', 'nothing of either stays');
is($node->safe_psql('postgres', 'SELECT state, outcome, error_code FROM ootspg.exchange'), 'answered|error|EDM:ERR:0005', 'the exchange ended with an error');
is($node->safe_psql('postgres', q{SELECT string_agg(event_type, ' ' ORDER BY event_id) FROM ootspg.exchange_event WHERE event_type ~ '^(response|error|message)_'}),
	'message_received response_built error_built message_expired message_submitted message_acknowledged', 'the audit tells all of it');

# An error may come late; with t1 = 0 nothing expires
$node->safe_psql('postgres', q{ALTER SYSTEM SET ootspg.send = off});
$node->reload;
my $error = ask($node, $ap, q{2, family => 'Nobody'});
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM ootspg.outbox WHERE state = 'waiting'}) or die;
$node->safe_psql('postgres', q{UPDATE ootspg.evidence_type SET t1 = '0'});
my $unlimited = ask($node, $ap, '3');
$node->poll_query_until('postgres', q{SELECT count(*) = 2 AND bool_and(expires_at IS NULL) FROM ootspg.outbox WHERE state = 'waiting'}) or die;
$node->safe_psql('postgres', 'ALTER SYSTEM SET ootspg.send = on');
$node->reload;
is(wait_answer($ap, $error)->{code}, 'EDM:ERR:0004', 'an error has no time limit');
is(wait_answer($ap, $unlimited)->{action}, 'ExecuteQueryResponse', 'neither has evidence of a type with T1 switched off');

# What waited too long before it came to an answer
$node->safe_psql('postgres', q{UPDATE ootspg.evidence_type SET t1 = '1 s'});
$node->safe_psql('postgres', q{SELECT ootspg.pause(); INSERT INTO ootspg_internal.inbox_history (access_point, message_id, from_party, from_party_type, received_at, acknowledged_at, exchange_id)
	VALUES ('ap', 'waited@test', 'AP_DE_01', 'type', now() - interval '1 min', now(), nextval('ootspg.exchange_exchange_id_seq'))});
$node->safe_psql('postgres', q{INSERT INTO ootspg_internal.inbox_part
	SELECT inbox_id, part, NULL, NULL, CASE part WHEN 0 THEN test_header('oots-edm:v1.2', 'c0ffee00-1234-4abc-8def-001122330099') ELSE birth_request(4) END
	  FROM ootspg.inbox, generate_series(0, 1) part WHERE message_id = 'waited@test';
	INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state)
	SELECT inbox_id, access_point, exchange_id, received_at, 'waiting' FROM ootspg_internal.inbox_history WHERE message_id = 'waited@test';
	SELECT ootspg.resume()});
is(wait_answer($ap, { conversation => 'c0ffee00-1234-4abc-8def-001122330099' })->{code}, 'EDM:ERR:0005', 'a request that waited here longer than T1');

# A registry that hangs holds its worker no longer than ootspg.answer_timeout
$node->safe_psql('postgres', q{
	ALTER SYSTEM SET ootspg.answer_timeout = '1.5 s';
	CREATE OR REPLACE VIEW registry.birth_evidence AS SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		NULL::registry.birth_document AS document, convert_to(pg_sleep(1000)::text, 'UTF8') AS pdf FROM registry.birth b});
$node->reload;
is(wait_answer($ap, ask($node, $ap, '5'))->{code}, 'EDM:ERR:0005', 'a registry that hangs: the requester is told that it is late');
is($node->safe_psql('postgres', q{SELECT attempts, last_error FROM ootspg.inbox ORDER BY inbox_id DESC LIMIT 1}), '2|57014', '… after an attempt that was ended');

# Messages go with their exchange when the audit is purged, and not before
my $messages = 'SELECT count(*) FROM ootspg.inbox UNION ALL SELECT count(*) FROM ootspg.outbox';
$node->safe_psql('postgres', 'SELECT ootspg.purge()');
is($node->safe_psql('postgres', $messages), "5\n6", 'messages stay as long as the audit');

$node->stop;
$ap->stop;
done_testing();
