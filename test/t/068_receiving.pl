# Receiving under misbehaviour (access point §1, §5.1, §5.2): whatever a call of any kind
# ends with, each request has exactly one answer, each message ends acknowledged or in
# quarantine with its reason, and nothing stops the next one.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $first) = exchange_node('receiving', undef, 'ootspg.max_message_size = 1MB', 'ootspg.answer_workers = 2');
my $number = 0;

# One access point for each personality, all at the same time
my %ap = ('5.2.1' => $first);
my %name = ('5.2.1' => 'ap', '5.0' => 'a50', '5.1.0' => 'a510', '5.1.1' => 'a511', 'harmony-2.2' => 'harmony');
for my $personality ('5.0', '5.1.0', '5.1.1', 'harmony-2.2')
{
	my $ap = $ap{$personality} = AccessPoint->start;
	$ap->control('auth on', "personality $personality");
	$ap->party('provider', 'AP_LV_01', party_type, 'loopback-Password-1');
	$ap->party('requester', 'AP_DE_01', party_type, 'loopback-Password-1');
	connect_access_point($node, 'postgres', $ap, name => $name{$personality}, $personality eq '5.1.1' ? (server => q{'5.1.1'}) : ());
}
my @two_phases = grep { $_ ne '5.0' } sort keys %ap;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# rules(personality, operation, actions…): the next calls of the provider are treated so, one after the other
sub rules
{
	my ($personality, $operation, @actions) = @_;
	$ap{$personality}->control(map { "rule $operation user=provider $_" } @actions);
	return;
}

# requests(personality, count): as many that were sent
sub requests
{
	my ($personality, $count, %message) = @_;
	return map { ask($node, $ap{$personality}, ++$number, %message) } 1 .. $count;
}

# answered(personality, what, requests…): each has one answer, with evidence, and no more come
sub answered
{
	my ($personality, $what, @requests) = @_;
	my %missing = map { ($_->{request_id} => 1) } @requests;
	my @answers;

	$ap{$personality}->wait_until("answers: $what", sub { push @answers, answers($ap{$personality}); @answers >= @requests }, 60);
	wait_sql($node, "SELECT bool_and(acknowledged_at IS NOT NULL AND state = 'answered') FROM ootspg.inbox WHERE message_id IN ("
		  . join(', ', map { "'$_->{message_id}'" } @requests) . ')', "$personality: $what: all acknowledged");
	push @answers, answers($ap{$personality});
	is(scalar(grep { delete $missing{ $_->{request_id} } && $_->{action} eq 'ExecuteQueryResponse' } @answers), scalar @requests, "$personality: $what: each has its answer");
	is(scalar @answers, scalar @requests, "$personality: $what: and one only");
	return;
}

sub quarantined
{
	my ($request, $reason, $name) = @_;
	wait_sql($node, "SELECT reason ~ '$reason' AND state = 'quarantined' FROM ootspg.inbox WHERE message_id = '$request->{message_id}'", $name);
	return;
}

sub calls { my ($personality, $operation) = @_; return $ap{$personality}->stats->{"calls.$operation"}; }

# The recipes follow from the probe, or from what is declared (§5.1, §5.2)
my %asked = map { ($_ => [ requests($_, 1) ]) } sort keys %ap;
answered($_, 'a first request', @{ $asked{$_} }) for sort keys %ap;
is(sql(q{SELECT string_agg(access_point || ':' || server || ':' || receiving, ' ' ORDER BY access_point) FROM ootspg.status}),
	'a50:5.0:one-phase retrieval a510:5.1:retrieved twice a511:5.1.1:retrieved, then marked ap:5.2:retrieved, then marked harmony:5.1:retrieved twice',
	'the status shows the recipes');
is(join(' ', map { calls($_, 'retrieveMessage') . '/' . calls($_, 'markMessageAsDownloaded') } '5.0', '5.1.0', '5.1.1', '5.2.1', 'harmony-2.2'),
	# the requester of the test retrieves by the same operation, once
	'2/0 3/0 2/1 2/1 3/0', 'retrieved once, twice, or marked; a server that keeps marked rows is never asked to mark (§1.6)');

# Whatever a retrieval without consuming ends with, it is tried again
my @broken = ('cut-before', 'cut-after', 'cut-midway', 'garbage', 'dtd', 'http=500', 'fault=untyped', 'fault-after=untyped', 'fault=multiple-times', 'slow=100000');
# these speak of the access point as a whole, which then has a pause
my %worse = ('5.1.0' => 'http=503', '5.1.1' => 'http=404', '5.2.1' => 'redirect=http://127.0.0.1:1/', 'harmony-2.2' => 'fault=disabled');
%asked = ();
for my $personality (@two_phases)
{
	$ap{$personality}->control('mtom on') if $personality eq '5.1.1';
	rules($personality, 'retrieveMessage', @broken, $worse{$personality}, $personality eq '5.1.1' ? 'truncate-mime' : ());
	push @{ $asked{$personality} }, requests($personality, 12);
}
# A consuming one that certainly did nothing is repeated; one whose answer was lost is not there to be repeated
rules('5.0', 'retrieveMessage', 'cut-before', 'garbage', 'http=500', 'http=503', 'fault=untyped', 'fault=multiple-times');
push @{ $asked{'5.0'} }, requests('5.0', 7);
answered($_, 'retrievals break', @{ $asked{$_} }) for sort keys %asked;

# The same of the acknowledgement: "not there" means done
%asked = ();
for my $personality (@two_phases)
{
	# of 5.1.0 the second retrieval is the acknowledgement: let the first ones pass
	my $mark = $personality =~ /^5\.1\.1|^5\.2/;
	my @rules = (grep { !/slow/ } @broken, $worse{$personality});
	rules($personality, 'markMessageAsDownloaded', @rules, 'fault-after=already-downloaded', 'fault-after=not-found') if $mark;
	$ap{$personality}->control(map { "rule retrieveMessage user=provider skip=" . (4 + $_) . " cut-after" } 0 .. 5) unless $mark;
	push @{ $asked{$personality} }, requests($personality, $mark ? 13 : 8);
}
answered($_, 'acknowledgements break', @{ $asked{$_} }) for sort keys %asked;
$_->control('rules-clear', 'mtom off') for values %ap;

# Lists that break: a short pause, then the next
rules('5.2.1', 'listPendingMessages', 'cut-before', map { "skip=$_->[0] $_->[1]" } [ 1, 'garbage' ], [ 2, 'http=503' ], [ 3, 'redirect=http://127.0.0.1:1/' ]);
rules('5.1.0', 'listPendingMessages', 'http=500', map { "skip=$_->[0] $_->[1]" } [ 1, 'dtd' ], [ 2, 'fault=untyped' ], [ 3, 'http=404' ]);
# Probes that break
sql(q{UPDATE ootspg_internal.access_point_state SET plugin = NULL});
rules('harmony-2.2', 'getStatusWithAccessPointRole', 'garbage', 'http=503');
rules('5.1.1', 'getStatusWithAccessPointRole', 'cut-after', 'http=500');
sql(q{SELECT ootspg.resume('harmony'), ootspg.resume('a511')});
%asked = map { ($_ => [ requests($_, 2) ]) } sort keys %ap;
answered($_, 'lists or probes break', @{ $asked{$_} }) for sort keys %ap;
wait_sql($node, "SELECT count(*) >= 4 FROM ootspg.access_point_event WHERE access_point = 'ap' AND event_type = 'working'", 'each list that broke is a failure of the access point');
is(sql(q{SELECT string_agg(DISTINCT state, ' ') FROM ootspg.inbox}), 'answered', 'nothing is in quarantine until now');
is(sql(q{SELECT count(*) FROM ootspg.inbox WHERE duplicates > 0}), '0', 'and nothing was taken for a duplicate');
$_->control('rules-clear') for values %ap;

# What is wrong with one message alone: quarantine at once, not tried at every poll, and the next one comes
my @lost = ('drop-payload', 'no-value', 'wrong-id', 'big=4000000', 'fault=not-found', 'fault=already-downloaded');
my (%stale, %next);
for my $personality ('5.1.0', '5.2.1')
{
	rules($personality, 'retrieveMessage', @lost);
	$stale{$personality} = [ map { requests($personality, 1) } @lost ];
	wait_sql($node, "SELECT count(*) = 6 FROM ootspg.inbox WHERE state = 'quarantined' AND access_point = '$name{$personality}'", "$personality: quarantine");
	$next{$personality} = [ requests($personality, 1) ];
	answered($personality, 'the next one', @{ $next{$personality} });
}
is(sql(q{SELECT string_agg(last_error, ' ' ORDER BY inbox_id) FROM ootspg.inbox WHERE state = 'quarantined' AND access_point = 'ap' AND reason IS NOT NULL AND acknowledged_at IS NULL})
	  =~ tr/ //, 5, 'with its error, its reason, and not acknowledged');
my $lists = calls('5.2.1', 'listPendingMessages');
my $retrievals = calls('5.2.1', 'retrieveMessage');
$ap{'5.2.1'}->wait_until('five more lists', sub { calls('5.2.1', 'listPendingMessages') >= $lists + 5 });
is(calls('5.2.1', 'retrieveMessage'), $retrievals, 'what is in quarantine is not retrieved at every poll (§1.10)');
is(sql(q{SELECT pending || ' ' || quarantined FROM ootspg.status WHERE access_point = 'ap'}), '6 6', 'the status shows it');
is(sql(q{SELECT count(*) FROM ootspg.exchange_event WHERE event_type = 'message_quarantined'}), '12', 'once each in the audit');
# An operator lets them be fetched again: now they come whole
sql(q{SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE state = 'quarantined'});
answered($_, 'released', @{ $stale{$_} }) for sort keys %stale;

# A stale row: its content is gone (§1.10). Nobody can bring it back; dismissed, it is no more told of.
my ($gone) = map { $ap{'5.2.1'}->control('rule listPendingMessages user=provider times=always http=503'); requests('5.2.1', 1) } 1;
$first->control("expire-payload $gone->{message_id}", 'rules-clear');
quarantined($gone, '.', 'a message whose payload was erased is quarantined');

# A window beside rows that are stuck: the list is cut, all of it is stuck, new ones are found (§1.4)
my $list = $ap{'5.1.1'};
$list->control('list-max 12', 'rule retrieveMessage user=provider times=12 fault=not-found');
my @stuck = requests('5.1.1', 12);
wait_sql($node, q{SELECT count(*) = 12 FROM ootspg.inbox WHERE state = 'quarantined' AND access_point = 'a511'}, 'a full list of rows that are stuck');
# receivedFrom has whole seconds
my $stuck_since = time;
$list->wait_until('the next seconds', sub { time > $stuck_since + 2 });
my @hidden = requests('5.1.1', 3);
answered('5.1.1', 'behind a full list of stuck rows', @hidden);

# More than one list: the next one follows at once, and does not wait for the interval
my $cut = $ap{'5.1.0'};
sql(q{SELECT ootspg.pause('a510')});
$cut->control('list-max 5');
my @many = requests('5.1.0', 40);
sql(q{UPDATE ootspg.access_point SET poll_interval = '1 h' WHERE access_point = 'a510'; SELECT ootspg.resume('a510')});
answered('5.1.0', '40 messages in lists of 5', @many);
$cut->control('list-max 500');
sql(q{UPDATE ootspg.access_point SET poll_interval = '0.2 s' WHERE access_point = 'a510'});

# Duplicates (D-TMO-07): the same message is delivered once more, and by another access point
for my $personality ('5.0', '5.2.1')
{
	$ap{$personality}->control('wire AP_LV_01 duplicate 0 1500');
	my ($again) = requests($personality, 1);
	answered($personality, 'delivered twice', $again);
	wait_sql($node, "SELECT duplicates = 1 FROM ootspg.inbox WHERE message_id = '$again->{message_id}'", "$personality: the second one is counted");
	$ap{$personality}->wait_until('acknowledged', sub { $ap{$personality}->stats->{'pending.AP_LV_01'} <= ($personality eq '5.2.1') });
	is(sql("SELECT count(*) FROM ootspg.exchange_event JOIN ootspg.inbox USING (exchange_id) WHERE event_type = 'message_duplicate' AND message_id = '$again->{message_id}'"), '1', 'in the audit');
	$ap{$personality}->control('wire AP_LV_01 deliver');
	for my $other ('5.0', '5.1.1')
	{
		my $id = $ap{$other}->submit('requester', { to => 'AP_LV_01', conversation => $again->{conversation}, message_id => $again->{message_id},
			properties => { originalSender => 'DE-REQ-0001', finalRecipient => 'LV90000000001' },
			parts => [ { content => request_bytes($node, $number) } ] }) if $other ne $personality;
		next unless defined $id;
		wait_sql($node, "SELECT duplicates = " . ($other eq '5.1.1' && $personality eq '5.2.1' ? 3 : 2) . " FROM ootspg.inbox WHERE message_id = '$again->{message_id}'", "$personality: and the one by $other");
		$ap{$other}->wait_until('acknowledged', sub { $ap{$other}->status('provider', $id, $other eq '5.0' ? undef : 'RECEIVING') =~ /DOWNLOADED/ });
	}
	is(sql("SELECT count(*) FROM ootspg.inbox WHERE message_id = '$again->{message_id}'"), '1', 'it is one message');
}
is(scalar(map { answers($_) } values %ap), 0, 'no duplicate is answered');

# Messages that are no evidence requests, or no good ones
my $ap = $first;
my $fine = request_bytes($node, ++$number);
my ($action, $service) = (send_request($ap, $fine, action => 'ExecuteQueryResponse'), send_request($ap, $fine, service => 'LifecycleManager', action => 'SubmitObjectsRequest'));
SKIP:
{
	quarantined($action, 'unknown action', 'a response is no request') unless !defined $action->{message_id};
	skip 'the access point refuses the service', 1 if !defined $service->{message_id};
	quarantined($service, 'unknown service', 'an unknown service');
}
my $none = send_request($ap, $fine, parts => []);
if (defined $none->{message_id})
{
	quarantined($none, 'no part', 'a message without parts');
	wait_sql($node, "SELECT acknowledged_at IS NOT NULL FROM ootspg.inbox WHERE message_id = '$none->{message_id}'", 'acknowledged');
	is(sqlstate($node, 'postgres', "SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE message_id = '$none->{message_id}'"), '55000', 'has nothing to be released');
}
for ([ 'no XML' => 'EDM:ERR:0003', 'this is no XML' ], [ 'cut' => 'EDM:ERR:0003', substr $fine, 0, length($fine) / 2 ],
	[ 'a document type' => 'EDM:ERR:0003', '<!DOCTYPE x [<!ENTITY y "z">]>' . ($fine =~ s/^<\?xml.*?\?>//sr) ], [ 'another document' => 'EDM:ERR:0003', '<x xmlns="urn:x"/>' ])
{
	my ($what, $code, $bytes) = @$_;
	my $request = send_request($ap, $bytes);
	my $answer = wait_answer($ap, $request);
	is("$answer->{action} " . ($answer->{code} // ''), "ExceptionResponse $code", "a body that is $what is answered so");
}
my $several = send_request($ap, request_bytes($node, ++$number), parts => [ { content => request_bytes($node, $number) }, { content => 'evidence?', type => 'text/plain' } ]);
my $answer = wait_answer($ap, $several);
is("$answer->{code} $answer->{detail}", 'EDM:ERR:0003 R-EDM-ebMS-023', 'a request has one part');
wait_sql($node, q{SELECT count(*) = 0 FROM ootspg.inbox WHERE acknowledged_at IS NULL AND from_party IS NOT NULL}, 'all that is ours is acknowledged');

# A message that the database refuses to store ends in quarantine, and no life of the worker with it
sql(q{
	CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.message_id LIKE 'unstorable%' AND NEW.from_party IS NOT NULL THEN RAISE 'no' USING ERRCODE = 'program_limit_exceeded'; END IF; RETURN NEW; END $$;
	CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON ootspg_internal.inbox_history FOR EACH ROW EXECUTE FUNCTION refuse()});
my $worker = sql(q{SELECT DISTINCT exchange_worker FROM ootspg.status});
my %unstorable;
for my $personality ('5.0', '5.2.1')
{
	($unstorable{$personality}) = requests($personality, 1, message_id => "unstorable-$personality\@requester.example");
	quarantined($unstorable{$personality}, 'cannot be stored', "$personality: a message that cannot be stored");
	answered($personality, 'the next one', requests($personality, 1));
}
is(sql(q{SELECT DISTINCT exchange_worker FROM ootspg.status}), $worker, 'the worker lives on');
sql(q{DROP TRIGGER refuse ON ootspg_internal.inbox_history; SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE reason = 'it cannot be stored'});
answered($_, 'mended and released, though 5.0 does not hand it over again', $unstorable{$_}) for sort keys %unstorable;

# Line 5.0: an answer lost after consumption is told, not forgotten (§5.2)
$ap = $ap{'5.0'};
my @consumed;
for my $broken ('cut-after', 'cut-midway', 'dtd', 'no-value')
{
	rules('5.0', 'retrieveMessage', $broken);
	push @consumed, requests('5.0', 1);
	quarantined($consumed[-1], 'recover it there', "5.0: $broken");
}
is(sql(q{SELECT count(*) FROM ootspg.inbox i JOIN ootspg_internal.inbox_part p USING (inbox_id) WHERE p.part = -1 AND i.state = 'quarantined' AND i.access_point = 'a50'}), '2',
	'5.0: what came is kept as it came: the unreadable, the one without content');
sql(q{SELECT ootspg.release(inbox_id) FROM ootspg.inbox WHERE state = 'quarantined' AND access_point = 'a50'});
quarantined($_, 'recover it there', '5.0: released, but not better') for @consumed[ 2, 3 ];
is(sql(q{SELECT count(*) FROM ootspg_internal.inbox_part WHERE part = -1}), '2', '5.0: nor lost');
# Somebody else took it away between two tries: what was noted as being fetched has an end
rules('5.0', 'retrieveMessage', 'times=always fault=multiple-times');
my ($taken) = requests('5.0', 1);
wait_sql($node, "SELECT state = 'fetching' FROM ootspg.inbox WHERE message_id = '$taken->{message_id}'", '5.0: it is being fetched');
$ap->control("forget $taken->{message_id}");
quarantined($taken, 'no such message', '5.0: taken away by somebody else');
$ap->control('rules-clear');
# It comes after all, though somebody changed the configuration meanwhile, and the status said it was gone
$ap->control('rule retrieveMessage user=provider delay=1500');
my ($late) = requests('5.0', 1);
$ap->wait_until('fetching', sub { sql("SELECT count(*) FROM ootspg.inbox WHERE message_id = '$late->{message_id}' AND state = 'fetching'") });
$ap->control("set-status $late->{message_id} DOWNLOADED");
sql(q{SELECT ootspg.resume('a50')});
quarantined($late, 'recover it there', '5.0: given up while its answer is under way');
$ap->control("set-status $late->{message_id} RECEIVED");
answered('5.0', 'an answer that comes late', $late);

# A worker ended between the commit of the raw answer and its reading: the next life reads it
sub earlier_life
{
	my ($request, $type, $bytes) = @_;
	sql("WITH h AS (INSERT INTO ootspg_internal.inbox_history (access_point, message_id, received_at, exchange_id)
			VALUES ('a50', '$request->{message_id}', clock_timestamp(), 0) RETURNING inbox_id, received_at),
		i AS (INSERT INTO ootspg_internal.inbox_queue (inbox_id, access_point, exchange_id, received_at, state)
			SELECT inbox_id, 'a50', 0, received_at, 'fetching' FROM h RETURNING inbox_id)
		INSERT INTO ootspg_internal.inbox_part (inbox_id, part, media_type, content) SELECT inbox_id, -1, '$type', decode('" . encode_base64($bytes, '') . "', 'base64') FROM i");
	return;
}
sql(q{SELECT ootspg.pause('a50')});
my ($kept, $unread, $intact) = requests('5.0', 3);
my $raw = $ap->by_id('provider', 'retrieveMessageRequest', $kept->{message_id});
earlier_life($kept, @$raw{qw(type content)});
$ap->by_id('provider', 'retrieveMessageRequest', $unread->{message_id});
earlier_life($unread, 'text/xml', '<half');
earlier_life($intact, 'text/xml', '<half');
# which noted them before it read them
sql("INSERT INTO ootspg_internal.reading_attempt (access_point, message_id) VALUES ('a50', '$_->{message_id}')") for $kept, $unread;
sql(q{SELECT ootspg.resume('a50')});
answered('5.0', 'read in the next life', $kept, $intact);
quarantined($unread, 'recover it there', '5.0: what was kept cannot be read, and is consumed');
is(sql('SELECT count(*) FROM ootspg_internal.reading_attempt'), '0', '5.0: neither is noted any more as being read');

# 5.1.1 declared where the server is 5.0: that would consume and not know it (§1.3)
sql(q{UPDATE ootspg.access_point SET server = '5.1.1' WHERE access_point = 'a50'});
wait_sql($node, q{SELECT state = 'stopped' AND reason ~ 'line 5.0' FROM ootspg.status WHERE access_point = 'a50'}, 'a declared line that is not the server\'s stops the access point');
$retrievals = calls('5.0', 'retrieveMessage');
my ($waits) = requests('5.0', 1);
is($ap->status('provider', $waits->{message_id}), 'RECEIVED', 'nothing is consumed');
is(calls('5.0', 'retrieveMessage'), $retrievals, 'nothing is retrieved');
sql(q{UPDATE ootspg.access_point SET server = 'probe' WHERE access_point = 'a50'; SELECT ootspg.resume('a50')});
answered('5.0', 'declared rightly', $waits);

# Only messages to our final recipient
sql(q{UPDATE ootspg.access_point SET final_recipient = 'LV90000000001' WHERE access_point = 'a511'});
my $others = send_request($list, request_bytes($node, ++$number), properties => { finalRecipient => 'LV90000000002' });
answered('5.1.1', 'to our final recipient', requests('5.1.1', 1));
is($list->status('provider', $others->{message_id}, 'RECEIVING'), 'RECEIVED', 'what is for another one stays there');
is(sql("SELECT count(*) FROM ootspg.inbox WHERE message_id = '$others->{message_id}'"), '0', 'unseen');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal|begins anew/, 'no process ended before its time');
$node->stop;
$_->stop for values %ap;
done_testing();
