# Answering and sending under misbehaviour (access point §5.3): an
# attempt that fails is made again, one that always fails ends in a refusal and in
# quarantine; whatever a submission ends with, the requester has one answer.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('sending', undef, 'ootspg.answer_workers = 3');
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# A person each whose evidence fails in a way of its own; mood '' is a good one.
my %person = (raise => 'Viens', cancel => 'Divi', memory => 'Trīs', end => 'Četri', sleep => 'Pieci', once => 'Seši', slow => 'Septiņi');
sql(q{
	CREATE TABLE registry.mood (code text PRIMARY KEY, mood text NOT NULL);
	CREATE SEQUENCE registry.tries;		-- counts attempts that are rolled back, too
	CREATE FUNCTION registry.behave(code text) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE mood text := (SELECT m.mood FROM registry.mood m WHERE m.code = behave.code);
	BEGIN
		CASE mood
			WHEN 'raise' THEN PERFORM 1 / 0;
			WHEN 'cancel' THEN PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(10);
			WHEN 'once' THEN
				IF nextval('registry.tries') = 1 THEN
					PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(10);
				END IF;
			WHEN 'memory' THEN RAISE 'no memory' USING ERRCODE = 'out_of_memory';
			WHEN 'end' THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(10);
			WHEN 'sleep' THEN PERFORM pg_sleep(60);
			WHEN 'slow' THEN PERFORM pg_sleep(1.2);
			ELSE NULL;
		END CASE;
		RETURN code;
	END $$;
	GRANT SELECT ON registry.mood TO answerer;
	GRANT USAGE ON SEQUENCE registry.tries TO answerer});
# only in what is shown: the rows of others are filtered away before
sql(q{
	CREATE OR REPLACE VIEW registry.birth_evidence AS
	SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		   ROW('LV', b.entry_no, p.family_name, p.given_name, p.born, p.birthplace,
			   ARRAY[ROW('mother', b.mother)::registry.parent])::registry.birth_document AS document,
		   pdf_of('birth entry ' || registry.behave(b.code)) AS pdf
	  FROM registry.birth b JOIN registry.person p USING (code)});
for my $mood (sort keys %person)
{
	sql("INSERT INTO registry.person VALUES ('m-$mood', '$person{$mood}', 'Nelaimīgais', '1970-01-01', 'Rīga');
		INSERT INTO registry.birth VALUES ('m-$mood', '1970-01-11', 'R-$mood', 'Māte', NULL);
		INSERT INTO registry.mood VALUES ('m-$mood', '$mood')");
}

sub ask_for
{
	my ($mood) = @_;
	return ask($node, $ap, ++$number . ", 'oots-edm:v1.2', 'application/pdf', '$person{$mood}', 'Nelaimīgais', '1970-01-01'");
}

sub inbox { my ($request, $columns) = @_; return sql("SELECT $columns FROM ootspg.inbox WHERE message_id = '$request->{message_id}'"); }
sub wait_inbox { my ($request, $condition, $name) = @_; return wait_sql($node, "SELECT $condition FROM ootspg.inbox WHERE message_id = '$request->{message_id}'", $name); }

# outbox(request, columns): of its answer
sub outbox
{
	my ($request, $columns) = @_;
	return sql("SELECT $columns FROM ootspg.inbox i JOIN ootspg.outbox o USING (exchange_id) WHERE i.message_id = '$request->{message_id}'");
}

sub wait_outbox
{
	my ($request, $condition, $name) = @_;
	return wait_sql($node, "SELECT $condition FROM ootspg.inbox i JOIN ootspg.outbox o USING (exchange_id) WHERE i.message_id = '$request->{message_id}'", $name);
}

# one_answer(request, action or code, name): it comes, and no other one
sub one_answer
{
	my ($request, $expected, $name) = @_;
	my $answer = wait_answer($ap, $request, 60);
	is($answer->{code} // $answer->{action}, $expected, $name);
	push @{ $request->{answers} }, $answer;
	return $answer;
}

my @all;
sub request { my (@how) = @_; my $request = ask($node, $ap, ++$number); push @all, $request; return $request; }

# Attempts that fail ----------------------------------------------------------------------

my $raises = ask_for('raise');
one_answer($raises, 'EDM:ERR:0008', 'a view that raises is answered at once');
is(inbox($raises, 'state, attempts'), 'answered|1', 'in one attempt');

my $once = ask_for('once');
one_answer($once, 'ExecuteQueryResponse', 'after a cancelled attempt the next one answers');
is(inbox($once, 'state, attempts, last_error'), 'answered|2|57014', 'the cancelled one was counted, with its error');

for my $how ('cancel', 'terminate')
{
	sql(q{UPDATE registry.mood SET mood = 'sleep' WHERE code = 'm-sleep'});
	my $request = ask_for('sleep');
	my $active = q{FROM pg_stat_activity WHERE backend_type = 'ootspg answer' AND wait_event = 'PgSleep'};
	wait_inbox($request, 'leased_by IS NOT NULL', 'an attempt is under way');
	$ap->wait_until('sleeping', sub { sql("SELECT count(*) $active AND pid = " . (inbox($request, 'leased_by') || 0)) });
	sql(q{UPDATE registry.mood SET mood = '' WHERE code = 'm-sleep'});
	sql("SELECT pg_${how}_backend(pid) $active AND pid = " . inbox($request, 'leased_by'));
	one_answer($request, 'ExecuteQueryResponse', "an attempt ended by pg_${how}_backend is made again");
	is(inbox($request, 'state, attempts'), 'answered|2', 'and was counted');
}

# T1 (D-TMO-01 … -03)
sql(q{UPDATE ootspg.evidence_type SET t1 = '1 s'});
one_answer(ask_for('slow'), 'EDM:ERR:0005', 'what took longer than T1 is answered so');
sql(q{UPDATE ootspg.evidence_type SET t1 = '3 s'; SELECT ootspg.pause()});
my @late = (request(), request());
$ap->wait_until('T1 passes', sub { sql("SELECT clock_timestamp() > '" . ($late[0]{sent} //= sql('SELECT clock_timestamp()')) . "'::timestamptz + interval '3.5 s'") eq 't' });
$ap->control("rule listPendingMessages user=provider times=always http=503");
sql(q{UPDATE ootspg.access_point SET trust_timestamp = true, resubmit_after = '1.5 s', call_timeout = '2 s'; SELECT ootspg.resume()});
$ap->control('rules-clear');
one_answer($late[0], 'EDM:ERR:0005', 'trusted, the Timestamp of the message counts');
one_answer($late[1], 'EDM:ERR:0005', 'for each');
sql(q{SELECT ootspg.pause()});
my $waits = request();
$waits->{sent} = sql('SELECT clock_timestamp()');
$ap->wait_until('T1 passes', sub { sql("SELECT clock_timestamp() > '$waits->{sent}'::timestamptz + interval '3.5 s'") eq 't' });
sql(q{UPDATE ootspg.access_point SET trust_timestamp = false; SELECT ootspg.resume()});
one_answer($waits, 'ExecuteQueryResponse', 'not trusted, the time when it came here counts');
sql(q{UPDATE ootspg.evidence_type SET t1 = '5 min'});

# Poison: every attempt fails, in a way that concerns the backend. The pauses between attempts are cut short.
my %poison = map { ($_ => ask_for($_)) } qw(cancel memory end);
$ap->wait_until('poison is given up', sub {
	sql(q{UPDATE ootspg_internal.inbox_queue SET next_attempt_at = clock_timestamp() WHERE state = 'waiting' AND leased_by IS NULL AND attempts > 0; SELECT ootspg_internal.wake_for_work()});
	sql(q{SELECT count(*) FROM ootspg.inbox WHERE state = 'quarantined'}) == 3;
}, 60);
for my $mood (sort keys %poison)
{
	one_answer($poison{$mood}, 'EDM:ERR:0008', "poison ($mood): after the last attempt the requester is told");
	is(inbox($poison{$mood}, 'state, reason, attempts'), 'quarantined|given up after 4 attempts|5', "poison ($mood): quarantined with the reason");
}

# Submissions -------------------------------------------------------------------------

# rule(action): for the next submission
sub rule { $ap->control(map { "rule submitMessage user=provider $_" } @_); return; }

# sent(what, request): its one answer is delivered, and nothing of it stays
sub sent
{
	my ($what, $request) = @_;
	one_answer($request, 'ExecuteQueryResponse', "$what: the answer comes");
	wait_outbox($request, "o.state = 'delivered' AND o.final_at IS NOT NULL AND NOT EXISTS (SELECT FROM ootspg_internal.outbox_part p WHERE p.outbox_id = o.outbox_id)",
		"$what: it is final, and nothing of the evidence stays (D-SEC-06)");
	return;
}

# misbehave(actions…): requests whose submissions are treated so
sub misbehave
{
	my (@actions) = @_;
	my %requests;

	for my $action (@actions)
	{
		rule($action);
		$requests{$action} = request();
		wait_outbox($requests{$action}, 'o.attempts >= 1', "$action: submitted");
	}
	return %requests;
}

# Nobody knows the outcome: the status is asked for; what got there is not submitted again
my %known = misbehave('cut-after', 'cut-midway', 'http-after=502', 'fault-after=untyped', 'fault-after=duplicate', 'delay=2500');
# What did not get there is submitted again, under its id, after a while
my %unknown = misbehave('http=500', 'fault=untyped', 'hang', 'fault=duplicate', 'garbage');
for my $action (sort keys %known)
{
	sent($action, $known{$action});
	is(outbox($known{$action}, 'o.attempts'), '1', "$action: one submission, then questions");
}
sent($_, $unknown{$_}) for sort keys %unknown;
# one that is submitted again may meet what was meant for the next
is(sql(q{SELECT sum(attempts) FROM ootspg.outbox WHERE message_id IN (} . join(', ', map { q{'} . outbox($_, 'o.message_id') . q{'} } values %unknown) . q{) AND gateway_status = 'ACKNOWLEDGED'}), '10', 'each failure cost one more submission');
# a worker that was held up for half a second had the answer of "delay" in time, and no doubt
my $delayed = outbox($known{'delay=2500'}, 'o.exchange_id');
is(sql("SELECT count(*) FROM ootspg.exchange_event WHERE event_type = 'message_doubtful' AND exchange_id <> $delayed"), '10', 'each doubt is in the audit');
is(sql(q{SELECT count(*) FROM ootspg.outbox WHERE attempts > 1 AND last_attempt_at < first_attempt_at + interval '1.5 s'}), '0', 'and nothing is submitted again before resubmit_after');
# A server that certainly did nothing
for my $action ('fault=disabled', 'http=429')
{
	rule($action);
	my $request = request();
	sent($action, $request);
	is(outbox($request, 'o.attempts'), '2', "$action: submitted again without a question");
}

# Refusals wait for an operator
sub parked
{
	my ($what, $request, $reason) = @_;
	wait_outbox($request, "o.state = 'parked' AND o.reason ~ '$reason'", "$what: parked");
	return outbox($request, 'o.outbox_id');
}

my %refused = misbehave(map { "fault=$_" } 'pmode', 'party', 'too-large', 'header', 'payload');
for my $fault (sort keys %refused)
{
	my $request = $refused{$fault};
	my $id = parked($fault, $request, $fault =~ /large/ ? 'too large' : 'does not take');

	$request->{old_id} = outbox($request, 'o.message_id');
	sql("SELECT ootspg.retry($id)");
}
for my $fault (sort keys %refused)
{
	sent("$fault, mended", $refused{$fault});
	is(outbox($refused{$fault}, 'o.message_id'), $refused{$fault}{old_id}, 'under the same id');
}
rule('wrong-id');
my $other = request();
parked('wrong-id', $other, 'another id');
one_answer($other, 'ExecuteQueryResponse', 'it left all the same');
sql('SELECT ootspg.give_up(' . outbox($other, 'o.outbox_id') . ", 'it is there')");
is(outbox($other, 'o.state, o.reason, (SELECT count(*) FROM ootspg_internal.outbox_part p WHERE p.outbox_id = o.outbox_id)'), 'given up|it is there|0', 'given up: its contents are erased');

# Following up (§1.8): through failed attempts to the receipt
$ap->control('wire AP_DE_01 fail 100 1000');
my $retried = request();
wait_outbox($retried, "o.state = 'submitted' AND o.gateway_status = 'WAITING_FOR_RETRY'", 'the access point tries to deliver');
$ap->control('wire AP_DE_01 deliver');
sent('after WAITING_FOR_RETRY', $retried);
# … or to failure, with its reasons
$ap->control('wire AP_DE_01 fail 10 2');
my $failed = request();
my $failed_id = parked('not delivered', $failed, 'not delivered');
my $old_id = outbox($failed, 'o.message_id');
is(sql("SELECT facts ->> 'status', jsonb_array_length(facts -> 'errors') FROM ootspg.exchange_event WHERE event_type = 'message_failed'"), 'SEND_FAILURE|4', 'its errors are in the audit');
like(sql("SELECT facts -> 'errors' FROM ootspg.exchange_event WHERE event_type = 'message_failed'"), qr/EBMS:0003 RECEIVING.*EBMS:0005 SENDING/, 'with code and side');
$ap->control('wire AP_DE_01 deliver');
sql("SELECT ootspg.retry($failed_id)");
sent('retried', $failed);
isnt(outbox($failed, 'o.message_id'), $old_id, 'with a new MessageId, for the old one is taken (§5.3)');
is(sql("SELECT count(*) FROM ootspg.exchange_event WHERE event_type = 'message_retried' AND facts ->> 'message_id' = '$old_id' AND facts ->> 'new_message_id' = '" . outbox($failed, 'o.message_id') . "'"), '1', 'both ids in the audit');
# The receipt is lost: a failure to us, the requester has it
$ap->control('wire AP_DE_01 lose-receipt');
my $unconfirmed = request();
parked('receipt lost', $unconfirmed, 'not delivered');
one_answer($unconfirmed, 'ExecuteQueryResponse', 'the requester has it');
# What the access point forgot, or erased, tells nothing (§9.9)
$ap->control('wire AP_DE_01 hold');
my ($erased, $forgotten, $given_up) = (request(), request(), request());
wait_outbox($_, "o.state = 'submitted'", 'on its way') for $erased, $forgotten, $given_up;
sql('SELECT ootspg.give_up(' . outbox($given_up, 'o.outbox_id') . ')');
$ap->control('set-status ' . outbox($erased, 'o.message_id') . ' DELETED', 'forget ' . outbox($forgotten, 'o.message_id'));
parked('erased there', $erased, 'erased it');
parked('forgotten there', $forgotten, 'forgot it');
is(outbox($given_up, 'o.state'), 'given up', 'an operator has the last word');
$ap->control('wire AP_DE_01 deliver');
one_answer($given_up, 'ExecuteQueryResponse', 'though the access point may have the message');

# An age limit: then NOT_FOUND does not mean "never sent" any more
sql(q{UPDATE ootspg.access_point SET resubmit_after = '0.5 s', give_up_after = '3 s'});
$ap->control('rule submitMessage user=provider times=always http=500');
my $aged = request();
parked('too old', $aged, 'older than give_up_after');
$ap->control('rules-clear');
sql(q{UPDATE ootspg.access_point SET give_up_after = '1 d', resubmit_after = '1.5 s'});
sql('SELECT ootspg.retry(' . outbox($aged, 'o.outbox_id') . ')');
sent('retried', $aged);

# Everything at random
$ap->control(map { "rule submitMessage user=provider times=always probability=$_" } '0.25 cut-after', '0.25 cut-before', '0.15 http=503', '0.15 fault-after=untyped');
my @random = map { request() } 1 .. 12;
one_answer($_, 'ExecuteQueryResponse', 'at random: the answer comes') for @random;
$ap->control('rules-clear');
wait_outbox($_, "o.state = 'delivered'", 'at random: delivered') for @random;

# Not ours: another party's name would never be submitted
sql(q{UPDATE ootspg.access_point SET party_id = 'AP_LV_02'});
parked('another sender', request(), 'its sender is not the party');
sql(q{UPDATE ootspg.access_point SET party_id = 'AP_LV_01'});

is(scalar(grep { defined $_->{request_id} } answers($ap)), 0, 'no request has a second answer');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|begins anew/, 'no process crashed');
$node->stop;
$ap->stop;
done_testing();
