# The loopback access point does what the description of the WS plugin says: it
# is what all tests of the worker believe about access points.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use IO::Socket::INET;
use IPC::Run;
use MIME::Base64;
use POSIX ();
use OotspgTest;
use PluginSchema;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes;

my $far = 'requester';
my $near = 'provider';
my @personalities = ('5.0', '5.1.0', '5.1.1', '5.2.1', 'harmony-2.2');
my $xml_part = { content => '<q/>' };
my %seen;    # answers to hold against the schemas

my $ap = AccessPoint->start(state => 1);

sub set_up
{
	my (@lines) = @_;
	$ap->control('reset');
	$ap->party($far, 'AP_A', 'urn:type:A', 'password-of-a');
	$ap->party($near, 'AP_B', 'urn:type:B', 'password-of-b');
	$ap->control('auth on', @lines);
	return;
}

sub send_one
{
	my (%message) = @_;
	my $id = $ap->submit($far, { to => 'AP_B', parts => [$xml_part], %message });
	die $id->{reason} // $id->{broken} if ref $id;
	return $id;
}

# Any fault in one line: Sender or Receiver, reason, code, message.
sub fault_text
{
	my ($fault) = @_;
	return "no fault: $fault" unless ref $fault;
	return 'no fault' unless $fault->{fault};
	return "broken: $fault->{broken}" if defined $fault->{broken};
	return join ' | ', $fault->{sender} ? 'Sender' : 'Receiver', $fault->{reason},
	  defined $fault->{code} ? ($fault->{code}, $fault->{message}) : ();
}

sub is_fault
{
	my ($fault, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ref $expected ? like(fault_text($fault), $expected, $name) : is(fault_text($fault), $expected, $name);
}

sub messages
{
	my ($party) = @_;
	return map { [ split /\t/ ] } split /\n/, $ap->control("messages $party");
}

# a multipart answer is validated with its bytes put back
sub remember
{
	my ($result) = @_;
	my $xml = $result->{type} =~ /html/ ? return : $result->{xml} // return;
	$xml =~ s{<xop:Include [^>]*href="cid:([^"]*)"/>}{encode_base64($result->{parts}{$1 =~ s/%40/@/r}, '')}ge;
	$seen{$xml} = 1;
	return;
}
$ap->{on_answer} = \&remember;

subtest 'the ordinary exchange, in every personality, plain and MTOM' => sub {
	for my $personality (@personalities)
	{
		for my $mtom ('off', 'on')
		{
			my $name = "$personality, mtom $mtom";
			set_up("personality $personality", "mtom $mtom");
			my $pdf = join '', map { chr } 0 .. 255;
			my $id = send_one(
				message_id => "<&>\"$personality\@a",
				ref_to => 'earlier@b',
				conversation => 'c1',
				properties => { SpecificationId => 'oots-edm:v2.0' },
				parts => [ $xml_part, { id => 'cid:p@a', type => 'application/pdf', content => $pdf } ]);
			is($id, "<&>\"$personality\@a", "$name: the id is ours");
			is_deeply([ $ap->pending($near) ], [$id], "$name: listed for the receiver");
			is_deeply([ $ap->pending($far) ], [], "$name: not for the sender");

			my $message = $ap->retrieve($near, $id);
			is($message->{message_id}, $id, "$name: retrieved");
			is_deeply(
				[ @$message{qw(ref_to conversation action from to)} ],
				[ 'earlier@b', 'c1', 'ExecuteQueryRequest', 'AP_A', 'AP_B' ],
				"$name: header");
			is($message->{properties}{SpecificationId}, 'oots-edm:v2.0', "$name: properties");
			is_deeply([ map { $_->{content} } @{ $message->{parts} } ], [ '<q/>', $pdf ], "$name: contents");
			is($message->{parts}[1]{type}, 'application/pdf', "$name: media type");
			is_deeply([ $ap->pending($near) ], [], "$name: consumed");
			is($ap->status($far, $id), 'ACKNOWLEDGED', "$name: acknowledged");
			is($ap->status($near, $id), 'DOWNLOADED', "$name: downloaded");
		}
	}
};

subtest 'a foreign requester asks and waits for the answer' => sub {
	set_up();
	my $id = send_one(conversation => 'c2');
	my $request = $ap->wait_message($near);
	my $answer = $ap->submit($near,
		{ to => 'AP_A', action => 'ExecuteQueryResponse', ref_to => $id, conversation => $request->{conversation}, parts => [$xml_part] });
	my $received = $ap->wait_message($far, ref_to => $id);
	is($received->{message_id}, $answer, 'the answer');
	is(scalar $ap->collect($far), 0, 'nothing else');
};

subtest 'what tells the personalities apart' => sub {
	for my $personality (@personalities)
	{
		my $old = $personality eq '5.0';
		my $new = $personality eq '5.2.1';
		my $harmony = $personality =~ /5\.1\.0|harmony/;

		set_up("personality $personality");
		my $id = send_one();
		my $message = $ap->retrieve($near, $id, keep => 1);
		is($message->{parts}[0]{content}, '<q/>', "$personality: read without marking");
		is(scalar(my @left = $ap->pending($near)), $old ? 0 : 1, "$personality: markAsDownloaded=false " . ($old ? 'ignored' : 'honoured'));
		like($message->{timestamp}, $new ? qr/^[\d-]+T[\d:]+\.000Z$/ : qr/^[\d-]+T[\d:]+\.\d{6}$/, "$personality: Timestamp");
		is($message->{parts}[0]{attributes} =~ /contentType="application\/x-ebrs\+xml"/ ? 1 : 0, $new ? 1 : 0, "$personality: contentType");

		my $marked = $ap->by_id($near, 'markMessageAsDownloadedRequest', $id);
		my $status = $ap->status($near, $id, 'RECEIVING');
		if ($old)
		{
			is_fault($marked, qr/^Sender \| .*markMessageAsDownloadedRequest was not recognized/, "$personality: no marking");
			is_fault($status, qr/^Sender \| .*statusRequestWithAccessPointRole was not recognized/, "$personality: no roles");
			is_fault($ap->by_id($near, 'listPushFailedMessagesRequest', 'x'), qr/^Sender .*not recognized/, "$personality: no failed pushes");
		}
		else
		{
			like($marked->{xml}, qr{<messageID>\Q$id\E</messageID>}, "$personality: marked");
			is($status, 'DOWNLOADED', "$personality: status of the receiver");
			is(scalar(@left = $ap->pending($near)), $harmony ? 1 : 0, "$personality: the row of a marked message");
			is_fault($ap->by_id($near, 'markMessageAsDownloadedRequest', $id),
				$harmony
				? "Receiver | Message not found, id [$id] | EBMS:0004 | Message with id [$id] was already downloaded"
				: "Receiver | Message not found, id [$id] | WS_PLUGIN:0009 | No message with id [$id] found",
				"$personality: marked again");
			is_fault($ap->retrieve($near, $id), $harmony ? qr/already downloaded/ : qr/WS_PLUGIN:0009/, "$personality: retrieved after that");
			is($ap->retrieve($near, $id, keep => 1)->{message_id}, $id, "$personality: still readable without marking");
		}

		my $taken = $ap->submit($far, { to => 'AP_B', message_id => $id, parts => [$xml_part] });
		is_fault($taken,
			'Receiver | Message submission failed | EBMS:0004 | '
			  . ($personality =~ /^5\.(1\.1|2)/
				? "Other detail: Could not persist message [$id]. It could be that you are submitting a message with an id which already exists."
				: "Message with id [$id] already exists. Message identifiers must be unique."),
			"$personality: the id is taken");
		is($ap->stats->{'duplicate-submissions'}, 1, "$personality: counted");

		# the id of a received message is free for the other direction, but not in 5.0
		my $back = $ap->submit($near, { to => 'AP_A', message_id => $id, parts => [$xml_part] });
		$old ? is_fault($back, qr/EBMS:0004/, "$personality: unique in the node") : is($back, $id, "$personality: unique by role");
		is(scalar(() = $ap->call($far, '<w:listPendingMessagesRequest/>')->{xml} =~ /messageEntityID/g), 0, "$personality: no entity id there");
		my ($header, $body) = $ap->submission($far, { to => 'AP_B', parts => [$xml_part] });
		my $submitted = $ap->call($far, $body, $header)->{xml};
		$new ? like($submitted, qr{<messageEntityID>\d{18}</messageEntityID>}, "$personality: entity id")
		  : unlike($submitted, qr/messageEntityID/, "$personality: no entity id");

		# a message to oneself
		my $self = send_one(to => 'AP_A', message_id => 'self@a');
		is_deeply([ grep { /self/ } $ap->pending($far) ], [ $old ? 'self@a_1' : 'self@a' ], "$personality: the id of a message to oneself");
		if ($old)
		{
			is($ap->status($far, $self), 'ACKNOWLEDGED', "$personality: its status");
		}
		else
		{
			is_fault($ap->status($far, $self),
				'Receiver | Duplicated message found, id [self@a] | WS_PLUGIN:0007 | Duplicated message found, id [self@a]',
				"$personality: its status without role");
			is($ap->status($far, $self, 'SENDING'), 'ACKNOWLEDGED', "$personality: as sender");
			is($ap->status($far, $self, 'RECEIVING'), 'RECEIVED', "$personality: as receiver");
			is_fault($ap->by_id($far, 'getErrorsRequest', $self), qr/WS_PLUGIN:00010 \| Duplicate message Id \[self\@a\] found/,
				"$personality: its errors without role");
		}
	}
};

subtest 'lists: filters, order, limit' => sub {
	set_up();
	my @ids = map { send_one(message_id => "m$_\@a", conversation => "c$_", ref_to => "r$_",
			properties => { finalRecipient => "F$_", originalSender => "S$_" }) } 1 .. 3;
	is_deeply([ $ap->pending($near) ], \@ids, 'oldest first');
	my %filters = (messageId => 'm2@a', conversationId => 'c2', refToMessageId => 'r2', finalRecipient => 'F2', originalSender => 'S2');
	for my $filter (sort keys %filters)
	{
		is_deeply([ $ap->pending($near, $filter => $filters{$filter}) ], ['m2@a'], $filter);
		is_deeply([ $ap->pending($near, $filter => $filters{$filter}, conversationId => 'c1') ], [], "$filter and another")
		  if $filter ne 'conversationId';
	}
	is(scalar(my @from = $ap->pending($near, fromPartyId => 'AP_A')), 3, 'fromPartyId');
	my ($second) = grep { $_->[1] eq 'm2@a' } messages('AP_B');
	is_deeply([ $ap->pending($near, receivedFrom => $second->[7]) ], [ 'm2@a', 'm3@a' ], 'receivedFrom is inclusive');
	is_deeply([ $ap->pending($near, receivedTo => $second->[7]) ], [ 'm1@a', 'm2@a' ], 'receivedTo is inclusive');
	my $other_zone = $second->[7] =~ s/Z$/+02:00/r;
	is_deeply([ $ap->pending($near, receivedFrom => $other_zone) ], [ 'm2@a', 'm3@a' ], 'the zone is dropped');
	$ap->control('list-max 2');
	is_deeply([ $ap->pending($near) ], [ 'm1@a', 'm2@a' ], 'cut at the limit');
	$ap->control('list-max 0');
	is(scalar(my @all = $ap->pending($near)), 3, '0 is no limit');
	send_one(message_id => "n$_\@a") for 1 .. 500;
	$ap->control('list-max 500');
	is(scalar(@all = $ap->pending($near)), 500, 'the default limit');
};

subtest 'retrieving: markAsDownloaded, ids, the second time' => sub {
	set_up();
	for my $no ('false', 'no', 'off', 'f', 'n')
	{
		my $id = send_one();
		$ap->call($near, "<w:retrieveMessageRequest markAsDownloaded=\"$no\"><messageID> $id </messageID></w:retrieveMessageRequest>");
		is($ap->status($near, $id), 'RECEIVED', "$no keeps it");
		$ap->call($near, "<w:retrieveMessageRequest markAsDownloaded=\"0\"><messageID>$id</messageID></w:retrieveMessageRequest>");
		is($ap->status($near, $id), 'DOWNLOADED', 'anything else does not');
		is_fault($ap->retrieve($near, $id), "Receiver | Message not found, id [$id] | WS_PLUGIN:0009 | No message with id [$id] found", 'gone');
	}
	is_fault($ap->retrieve($near, 'never', keep => 1), qr/WS_PLUGIN:0009/, 'unknown id');
	is_fault($ap->retrieve($near, ''), qr/^Receiver \| Message ID is empty \| WS_PLUGIN:0007/, 'empty id');
	is_fault($ap->retrieve($near, 'x' x 256), qr/WS_PLUGIN:0007/, 'long id');
	is($ap->status($near, 'never', 'RECEIVING'), 'NOT_FOUND', 'an unknown id has a status');
	is_fault($ap->by_id($near, 'statusRequestWithAccessPointRole', 'x'), qr/WS_PLUGIN:0007/, 'role missing');
	my $id = send_one();
	is_fault($ap->retrieve($far, $id), qr/WS_PLUGIN:0009/, 'another party does not see it');
	$ap->control('auth off');
	is($ap->retrieve(undef, $id)->{message_id}, $id, 'without log-in everybody does');
};

# One change to a good submission and what the plugin says to it.
my @refused = (
	[ 'unknown receiver', sub { s/AP_B/AP_X/ },
		q{Receiver | Message submission failed | EBMS:0003 | ValueInconsistent detail: Receiver party could not be found for the value PartyId{value='AP_X', type='urn:type:B'}} ],
	[ 'unknown sender', sub { s/AP_A/AP_X/ }, qr/EBMS:0003 \| ValueInconsistent detail: Sender party/ ],
	[ 'another party', sub { s/AP_A/AP_B/; s/urn:type:A/urn:type:B/ }, qr/EBMS:0010 \| ProcessingModeMismatch detail: / ],
	[ 'unknown role', sub { s/gateway</other</ }, qr/EBMS:0003 \| ValueInconsistent detail: Role/ ],
	[ 'unknown action', sub { s/ExecuteQueryRequest/Other/ }, qr/EBMS:0001 \| ValueNotRecognized detail: / ],
	[ 'unknown service', sub { s/QueryManager/Other/ }, qr/EBMS:0001/ ],
	[ 'service without type', sub { s/<e:Service type="[^"]*"/<e:Service/ }, qr/EBMS:0001/ ],
	[ 'no original sender', sub { s{<e:Property name="originalSender">.*?</e:Property>}{} }, qr/EBMS:0010 .*\[originalSender\]/ ],
	[ 'a foreign property', sub { s{(<e:MessageProperties>)}{$1<e:Property name="more">x</e:Property>} }, qr/EBMS:0010 .*\[more\]/ ],
	[ 'a long property', sub { s{>PROVIDER-1<}{'>' . 'x' x 1025 . '<'}e }, qr/EBMS:0003/ ],
	[ 'no To', sub { s{<e:To>.*</e:To>}{} }, qr/EBMS:0009 \| InvalidHeader detail: / ],
	[ 'no action', sub { s{<e:Action>.*</e:Action>}{} }, qr/EBMS:0009/ ],
	[ 'an id beyond ASCII', sub { s{<e:MessageId>}{<e:MessageId>\xc3\xa9} }, qr/EBMS:0009/ ],
	[ 'a long id', sub { s{<e:MessageId>}{'<e:MessageId>' . 'x' x 255}e }, qr/EBMS:0003/ ],
	[ 'no payloadId', sub { s/ payloadId="[^"]*"// }, qr/WS_PLUGIN_0005/ ],
	[ 'a bodyload with payloadId', sub { s{<payload (.*?)</payload>}{<bodyload $1</bodyload>} }, qr/WS_PLUGIN_0005/ ],
	[ 'no value', sub { s{<value>.*</value>}{} }, qr/WS_PLUGIN_0001/ ],
	[ 'empty PartProperties', sub { s{<e:PartProperties>.*</e:PartProperties>}{<e:PartProperties/>} }, qr/WS_PLUGIN_0005/ ],
	[ 'an href nobody has', sub { s{href="cid:}{href="cid:x} }, qr/WS_PLUGIN_0005/ ],
	[ 'the same without properties', sub { s{href="cid:}{href="cid:x}; s{<e:PartProperties>.*</e:PartProperties>}{} }, 'Receiver | Fault occurred while processing.' ],
	[ 'FilePath', sub { s/"MimeType"/"FilePath"/ }, qr/WS_PLUGIN_0005/ ],
	[ 'CompressionType', sub { s/"MimeType"/"CompressionType"/ }, qr/EBMS:0052/ ],
	[ 'no user message', sub { s{<e:UserMessage>.*</e:UserMessage>}{} }, qr/^Receiver \| [^|]*$/ ],
	[ 'qualified children', sub { s{<payload }{<w:payload }; s{</payload>}{</w:payload>} },
		qr/^Sender \| Unmarshalling Error: unexpected element \(uri:"http:\/\/eu\.domibus\.wsplugin\/", local:"payload"\)/ ],
	[ 'unqualified header', sub { s{e:Action>}{Action>}g }, qr/^Sender \| Unmarshalling Error/ ],
	[ 'another operation', sub { s/submitRequest/messageStatusRequest/g }, qr/^Sender \| Message part .*messageStatusRequest was not recognized/ ],
);

subtest 'submissions that are refused' => sub {
	set_up();
	for my $case (@refused)
	{
		my ($name, $change, $expected) = @$case;
		my ($header, $body) = $ap->submission($far, { to => 'AP_B', parts => [$xml_part] });
		for ($header, $body) { $change->() }
		is_fault($ap->call($far, $body, $header), $expected, $name);
	}
	is($ap->stats->{messages}, 0, 'none of them was stored');
	my @many = map { { content => "$_" } } 1 .. 29;
	is_fault($ap->submit($far, { to => 'AP_B', parts => \@many }), qr/EBMS:0003/, '29 attachments');
	pop @many;
	my $id = send_one(parts => \@many);
	is(scalar @{ $ap->retrieve($near, $id)->{parts} }, 28, '28 are taken');
};

subtest 'parts: unlisted, by another case, media types, MTOM' => sub {
	set_up();
	my $id = send_one(parts => [ $xml_part, { content => 'x', unlisted => 1 } ]);
	is(scalar @{ $ap->retrieve($near, $id)->{parts} }, 1, 'an unlisted payload is dropped');
	$id = send_one(parts => [ { content => 'x', unlisted => 1 } ]);
	is(scalar @{ $ap->retrieve($near, $id)->{parts} }, 0, 'all of them are');
	is($ap->submit($far, { to => 'AP_B', parts => [] }) =~ /\@requester/ ? 1 : 0, 1, 'no parts at all');

	my ($header, $body) = $ap->submission($far, { message_id => 'case', to => 'AP_B', parts => [ { id => 'cid:Abc', content => 'x' } ] });
	$body =~ s/cid:Abc/CID:aBC/;
	$header =~ s{<e:PartProperties>.*</e:PartProperties>}{};
	$body =~ s/<payload /<payload contentType="image\/png" /;
	$ap->call($far, $body, $header);
	my $message = $ap->retrieve($near, 'case');
	is($message->{parts}[0]{id}, 'cid:Abc', 'the href is what arrives');
	is($message->{parts}[0]{type}, 'image/png', 'contentType when there is no MimeType');

	($header, $body) = $ap->submission($far, { message_id => ' ', to => 'AP_B', parts => [$xml_part] });
	like($ap->call($far, $body, $header)->{xml}, qr{<messageID>[0-9a-f-]{36}\@domibus\.eu</messageID>}, 'an id from the server');

	my $bytes = "binary \0 \r\n--B7f3 is no boundary\r\n";
	my $include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:p%31@b.example"/>';
	($header, $body) = $ap->submission($far, { message_id => 'mtom', to => 'AP_B', parts => [ { include => $include } ] });
	for my $type ('boundary="B7f3x"; start="<root@b.example>"', 'start="<root@b.example>"; action=";"; boundary=B7f3x')
	{
		my $request = join "\r\n", '--B7f3x', 'Content-Type: application/octet-stream', 'content-id: <p1@b.example>', '', $bytes,
		  '--B7f3x', 'Content-Type: application/xop+xml', 'Content-ID: <root@b.example>', '', AccessPoint::soap($header, $body), '--B7f3x--', '';
		my $answer = $ap->post($far, $request,
			headers => { 'Content-Type' => "multipart/related; type=\"application/xop+xml\"; $type" });
		like($answer->{xml}, qr{<messageID>mtom</messageID>}, 'MTOM is read');
		is($ap->retrieve($near, 'mtom')->{parts}[0]{content}, $bytes, 'with its bytes');
		$ap->control('forget mtom');
	}
	my $cut = $ap->post($far, "--B7f3x\r\nContent-ID: <root>\r\n\r\n" . AccessPoint::soap($header, $body),
		headers => { 'Content-Type' => 'multipart/related; boundary=B7f3x' });
	like($cut->{xml}, qr{<soap:Value>soap:Sender</soap:Value>}, 'MTOM without end is refused');
};

subtest 'requests that are none' => sub {
	set_up();
	my $list = AccessPoint::soap('', '<w:listPendingMessagesRequest/>');
	my $get = $ap->request('GET', '/domibus/services/wsplugin', {}, '');
	is("$get->{status} $get->{headers}{allow}", '405 POST', 'only POST');
	is($ap->post($near, $list, path => '/services/wsplugin/listPendingMessages')->{status},
		200, 'the path of Harmony, and a longer one');
	is($ap->post($near, $list, path => '/services/msh')->{status}, 404, 'another path');
	my %bad = (
		'not XML' => 'hello',
		'nothing' => '',
		'half of it' => substr($list, 0, -20),
		'SOAP 1.1' => $list =~ s{http://www.w3.org/2003/05/soap-envelope}{http://schemas.xmlsoap.org/soap/envelope/}r,
		'DOCTYPE' => '<!DOCTYPE s:Envelope [<!ENTITY e "e">]>' . $list,
		'an empty body' => AccessPoint::soap('', ''),
	);
	for my $name (sort keys %bad)
	{
		my $answer = $ap->post($near, $bad{$name});
		is($answer->{status}, 500, "$name: HTTP 500");
		like($answer->{xml}, qr{<soap:Value>soap:Sender</soap:Value>}, "$name: Sender");
	}
	is(scalar(my @ids = $ap->pending($near)), 0, 'lists without schema are lenient');
	$ap->control('schema on');
	is_fault($ap->call($near, '<w:listPendingMessagesRequest><messageId/></w:listPendingMessagesRequest>'), qr/^Sender \| Unmarshalling Error: cvc/, 'too short');
	is_fault($ap->call($near, '<w:listPendingMessagesRequest><conversationId>c</conversationId><messageId>m</messageId></w:listPendingMessagesRequest>'),
		qr/^Sender \| Unmarshalling Error: cvc/, 'wrong order');
	is_fault($ap->call($near, '<w:listPendingMessagesRequest><receivedFrom>now</receivedFrom></w:listPendingMessagesRequest>'), qr/cvc/, 'no time');
	is_fault($ap->call($near, '<w:retrieveMessageRequest/>'), qr/cvc/, 'missing');
	ok(!ref $ap->submit($far, { to => 'AP_B', parts => [$xml_part] }), 'a right submission passes');
};

subtest 'log-in' => sub {
	set_up();
	is_fault($ap->call(undef, '<w:listPendingMessagesRequest/>'), qr/^Receiver \| [^|]*DOM_002[^|]*$/, 'without');
	is_fault($ap->call('nobody', '<w:listPendingMessagesRequest/>'), qr/DOM_002/, 'unknown user');
	is_fault($ap->call($near, '<w:listPendingMessagesRequest/>', '', password => 'x'), qr/Authentication/, "wrong password $_") for 1 .. 5;
	is_fault($ap->call($near, '<w:listPendingMessagesRequest/>'), qr/suspended/, 'suspended, with the right password too');
	is(scalar(my @ids = $ap->pending($far)), 0, 'not the others');
	$ap->control("unlock $near");
	is(scalar(@ids = $ap->pending($near)), 0, 'let in again');
	$ap->control('auth off');
	is(scalar(@ids = $ap->pending('nobody')), 0, 'ignored when nobody has to log in');
};

subtest 'the wire' => sub {
	set_up('wire AP_B hold');
	my $id = send_one();
	is($ap->status($far, $id), 'SEND_ENQUEUED', 'held');
	is(scalar(my @ids = $ap->pending($near)), 0, 'not there');
	$ap->control('wire AP_B deliver 50 100000');
	$ap->wait_pending($near, 1);
	is($ap->status($far, $id), 'WAITING_FOR_RECEIPT', 'there, without receipt yet');
	$ap->control('set-status ' . $id . ' ACKNOWLEDGED');
	is($ap->status($far, $id), 'ACKNOWLEDGED', 'set by hand');

	$ap->control('wire AP_B deliver 20 20');
	$ap->wait_status($far, send_one(), 'ACKNOWLEDGED');

	$ap->control('wire AP_B fail 200000');
	$id = send_one();
	is($ap->status($far, $id), 'WAITING_FOR_RETRY', 'failed once');
	my $errors = $ap->by_id($far, 'getErrorsRequestWithAccessPointRole', $id, '<accessPointRole>SENDING</accessPointRole>')->{xml};
	is_deeply([ $errors =~ /<domibusErrorCode>(\w+)/g ], [ 'EBMS_0005', 'EBMS_0003' ], 'two errors, the newest first');
	is_deeply([ $errors =~ /<mshRole>(\w+)/g ], [ 'SENDING', 'RECEIVING' ], 'of both sides');
	like($errors, qr{<timestamp>[\d-]+T[\d:.]+\+02:00</timestamp>}, '5.2.1 says the zone');
	$ap->control('wire AP_B fail');
	$id = send_one();
	is($ap->status($far, $id), 'SEND_FAILURE', 'failed for good');
	$ap->control('personality 5.1.1');
	$errors = $ap->by_id($far, 'getErrorsRequest', $id)->{xml};
	is(scalar(() = $errors =~ /<item>/g), 6, 'three attempts');
	like($errors, qr{<timestamp>[\d-]+T[\d:.]+</timestamp>}, '5.1 does not');
	is_fault($ap->by_id($far, 'getErrorsRequest', 'never'), qr/WS_PLUGIN:0009/, 'errors of nothing');

	set_up('wire AP_B lose-receipt');
	$id = send_one();
	is($ap->status($far, $id), 'SEND_FAILURE', 'lost receipt: the sender believes it failed');
	is_deeply([ $ap->pending($near) ], [$id], 'but it has arrived');

	set_up('wire AP_B duplicate');
	$id = send_one();
	is_deeply([ $ap->pending($near) ], [ $id, $id ], 'twice in the list');
	$ap->retrieve($near, $id);
	is_deeply([ $ap->pending($near) ], [$id], 'once more');
	$ap->retrieve($near, $id);
	is_deeply([ $ap->pending($near) ], [], 'and no more');

	$ap->control('wire AP_B deliver', 'forget ' . $id);
	is($ap->status($far, $id, 'SENDING'), 'NOT_FOUND', 'forgotten');
	is(send_one(message_id => $id), $id, 'so the id is free again');
};

subtest 'expiry and the administrator' => sub {
	set_up();
	my $id = send_one();
	$ap->control("expire-payload $id");
	is_deeply([ $ap->pending($near) ], [$id], 'a stale row');
	local $ap->{on_answer} = undef;
	my $message = $ap->retrieve($near, $id, keep => 1);
	is(scalar @{ $message->{parts} }, 1, 'the payload is there');
	is($message->{parts}[0]{content}, undef, 'without value');
	$ap->control("set-status $id DELETED");
	is_fault($ap->retrieve($near, $id, keep => 1), qr/WS_PLUGIN:0009/, 'deleted');
	is($ap->status($far, $id), 'DELETED', 'on both sides');
	is_deeply([ $ap->pending($near) ], [$id], 'and still listed');
	$id = send_one();
	$ap->control("forget $id stale");
	is_fault($ap->retrieve($near, $id, keep => 1), qr/WS_PLUGIN:0009/, 'forgotten');
	is(scalar(my @ids = $ap->pending($near)), 2, 'and still listed');

	$id = send_one();
	$ap->control("push-failed $id");
	like($ap->call($near, '<w:listPushFailedMessagesRequest/>')->{xml}, qr{<messageID>\Q$id\E</messageID>}, 'a failed push');
	is_fault($ap->by_id($near, 'rePushFailedMessagesRequest', 'other'), qr/WS_PLUGIN:0007/, 'another one');
	like($ap->by_id($near, 'rePushFailedMessagesRequest', $id)->{xml}, qr{<soap:Body/>}, 'pushed again');
	unlike($ap->call($near, '<w:listPushFailedMessagesRequest/>')->{xml}, qr{<messageID>}, 'failed no more');
	is_fault($ap->call($near, '<w:rePushFailedMessagesRequest>' . '<messageID>x</messageID>' x 101 . '</w:rePushFailedMessagesRequest>'),
		qr/WS_PLUGIN:0007/, 'too many');

	set_up('retention 0 2');
	for (1 .. 5)
	{
		my $finished = send_one();
		is($ap->retrieve($near, $finished)->{parts}[0]{content}, '<q/>', 'retention leaves what is being read');
	}
	is($ap->stats->{messages}, 2, 'retention forgets all but the last');

	$ap->control('clock 86400');
	my $date = $ap->post($near, AccessPoint::soap('', '<w:listPendingMessagesRequest/>'))->{headers}{date};
	my $tomorrow = Time::HiRes::time() + 86400;
	my @expected = map { POSIX::strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime $tomorrow + $_) } -30 .. 5;
	is(scalar(grep { $_ eq $date } @expected), 1, 'the Date of tomorrow');
	for my $wrong ('nonsense', 'wire AP_B', 'wire AP_X hold', 'rule any', 'rule any fault=nothing', 'rule nothing hang',
		'rule any times=0 hang', 'personality 6', 'mtom maybe', 'list-max -1', 'forget nothing', 'set-status x Y', 'retention 1 0')
	{
		ok(!eval { $ap->control($wrong); 1 } && $@ =~ /^400 error: \Q$wrong\E: /, "refused: $wrong");
	}
};

subtest 'scripted misbehaviour' => sub {
	set_up();
	local $ap->{on_answer} = undef;
	my $list = '<w:listPendingMessagesRequest/>';
	my $rule = sub { $ap->control('rules-clear', "rule $_[0]"); return; };
	my $id = send_one();

	$rule->('submitMessage cut-before');
	is_fault($ap->submit($far, { to => 'AP_B', message_id => 'cut1', parts => [$xml_part] }), qr/^broken: 599/, 'cut-before');
	is($ap->status($far, 'cut1', 'SENDING'), 'NOT_FOUND', 'nothing was done');
	$rule->('submitMessage cut-after');
	is_fault($ap->submit($far, { to => 'AP_B', message_id => 'cut2', parts => [$xml_part] }), qr/^broken: 599/, 'cut-after');
	is($ap->status($far, 'cut2', 'SENDING'), 'ACKNOWLEDGED', 'it was done');
	$rule->('retrieveMessage cut-midway');
	is_fault($ap->retrieve($near, 'cut2'), qr/^broken: 599/, 'cut-midway');
	is($ap->status($near, 'cut2', 'RECEIVING'), 'DOWNLOADED', 'consumed all the same');

	$rule->('any http=503');
	my $answer = $ap->post($near, AccessPoint::soap('', $list));
	is($answer->{status}, 503, 'http');
	like($answer->{type}, qr/^text\/html/, 'with HTML');
	$rule->('submitMessage http-after=502');
	is_fault($ap->submit($far, { to => 'AP_B', message_id => 'after', parts => [$xml_part] }), qr/^broken: 502/, 'http-after');
	is($ap->status($far, 'after', 'SENDING'), 'ACKNOWLEDGED', 'it was done');
	$rule->('submitMessage fault-after=untyped');
	is_fault($ap->submit($far, { to => 'AP_B', message_id => 'after2', parts => [$xml_part] }), 'Receiver | Fault occurred while processing.', 'fault-after');
	is($ap->status($far, 'after2', 'SENDING'), 'ACKNOWLEDGED', 'it was done, too');

	my %faults = (
		auth => qr/DOM_002/, untyped => qr/^Receiver \| [^|]*$/, disabled => qr/is not enabled/,
		duplicate => qr/EBMS:0004 .*Could not persist/, pmode => qr/EBMS:0001/,
		'multiple-times' => qr/An attempt was made to download message \[\Q$id\E\] multiple times \| WS_PLUGIN:0001 \| Error retrieving message/,
		'too-large' => qr/EBMS:0010 .*greater than the maximum value/, 'text-limit' => qr/Text size limit/, 'not-recognized' => qr/^Sender/);
	for my $fault (sort keys %faults)
	{
		$rule->("retrieveMessage fault=$fault");
		is_fault($ap->retrieve($near, $id), $faults{$fault}, "fault=$fault");
	}
	is($ap->status($near, $id, 'RECEIVING'), 'RECEIVED', 'nothing was done');

	for my $mtom ('off', 'on')
	{
		$ap->control("mtom $mtom");
		$rule->('retrieveMessage truncate-mime');
		my $cut = $ap->retrieve($near, $id, keep => 1);
		is_fault($cut, qr/^broken: 200/, "truncate-mime, mtom $mtom");
		$rule->('retrieveMessage dtd');
		like($ap->retrieve($near, $id, keep => 1)->{xml}, qr/^<!DOCTYPE/, "dtd, mtom $mtom");
		$rule->('retrieveMessage big=3000000');
		is(length $ap->retrieve($near, $id, keep => 1)->{parts}[0]{content}, 3000000, "big, mtom $mtom");
		$rule->('retrieveMessage no-value');
		is($ap->retrieve($near, $id, keep => 1)->{parts}[0]{content}, undef, "no-value, mtom $mtom");
		$rule->('retrieveMessage drop-payload');
		is(scalar @{ $ap->retrieve($near, $id, keep => 1)->{parts} }, 0, "drop-payload, mtom $mtom");
		$rule->('retrieveMessage wrong-id');
		is($ap->retrieve($near, $id, keep => 1)->{message_id}, "other-$id", "wrong-id, mtom $mtom");
	}
	$ap->control('mtom off');
	$rule->('any garbage');
	is_fault($ap->call($near, $list), qr/^broken: 200/, 'garbage');
	$rule->('any redirect=http://127.0.0.1:1/x');
	$answer = $ap->post($near, AccessPoint::soap('', $list));
	is("$answer->{status} $answer->{headers}{location}", '302 http://127.0.0.1:1/x', 'redirect');

	my $started = Time::HiRes::time();
	$rule->('any delay=300');
	$ap->pending($near);
	cmp_ok(Time::HiRes::time() - $started, '>=', 0.3, 'delay');
	$started = Time::HiRes::time();
	$rule->('any slow=1000');
	is(scalar(my @ids = $ap->pending($near)), 3, 'slow, but whole');
	cmp_ok(Time::HiRes::time() - $started, '>=', 0.3, 'slow');

	$rule->('any user=slowpoke hang');
	my $body = AccessPoint::soap('', $list);
	my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $ap->{plain_port}) or die $@;
	print $socket "POST /services/wsplugin HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ", encode_base64('slowpoke:', ''),
	  "\r\nContent-Length: ", length($body), "\r\n\r\n$body";
	$socket->flush;
	my $ready = '';
	vec($ready, fileno $socket, 1) = 1;
	is(select($ready, undef, undef, 0.3), 0, 'hang: no answer');
	is(scalar(@ids = $ap->pending($near)), 3, 'and nobody else waits');
	close $socket;

	$rule->('listPendingMessages user=requester skip=1 times=2 http=500');
	my @results = map { my $r = $ap->post($far, AccessPoint::soap('', $list)); $r->{status} } 1 .. 4;
	is("@results", '200 500 500 200', 'skip and times');
	$rule->('listPendingMessages user=requester times=always http=503');
	is($ap->post($near, AccessPoint::soap('', $list))->{status}, 200, 'not for another user');
	is($ap->post($far, AccessPoint::soap('', $list))->{status}, 503, "always $_") for 1 .. 3;
	$rule->('any probability=0 times=always http=503');
	is($ap->post($far, AccessPoint::soap('', $list))->{status}, 200, 'never');
	$rule->('any times=always probability=0.5 http=503');
	my $failed = grep { $ap->post($far, AccessPoint::soap('', $list))->{status} == 503 } 1 .. 200;
	ok($failed > 40 && $failed < 160, "now and then ($failed of 200)");
};

# Names and namespaces are compared, contents are not.
sub skeleton
{
	my ($xml) = @_;
	$xml =~ s/>[^<]+</></g;
	$xml =~ s/(<ns\d:Property name=)"[^"]*"(?: type="[^"]*")?/$1""/g;
	$xml =~ s/ (type|href|payloadId|contentType)="[^"]*"/ $1=""/g;
	return $xml;
}

subtest 'answers look like recorded ones' => sub {
	plan skip_all => 'the recorded answers are not beside the repository' unless shared_file('data/domibus-recorded');
	my $recorded = sub { return skeleton(slurp_file(shared_file("data/domibus-recorded/$_[0].xml"))); };
	my %properties = (ExchangeId => 'x', SpecificationId => 'oots-edm:v2.0');
	my $list = '<w:listPendingMessagesRequest/>';

	set_up();
	is(skeleton($ap->call($near, $list)->{xml}), $recorded->('listeMessagesEnAttente.vide'), 'an empty list');
	my ($header, $body) = $ap->submission($far, { to => 'AP_B', parts => [$xml_part], properties => \%properties });
	is(skeleton($ap->call($far, $body, $header)->{xml}), $recorded->('soumissionMessage'), 'a submission');
	is(skeleton($ap->call($near, $list)->{xml}), $recorded->('listeMessagesEnAttente'), 'a list');
	is(skeleton(($ap->collect($near))[0]{xml}), $recorded->('requete'), 'a message of one part');
	send_one(parts => [ $xml_part, $xml_part ], properties => \%properties);
	is(skeleton(($ap->collect($near))[0]{xml}), $recorded->('reponseAvecPieceJointe'), 'a message of two parts');
};

subtest 'killed and started again, nothing is lost' => sub {
	set_up('personality 5.1.1', 'rule any user=requester skip=1 times=3 http=503', 'wire AP_B hold');
	$ap->post($far, AccessPoint::soap('', '<w:listPendingMessagesRequest/>')) for 1 .. 2;
	my $pdf = join '', map { chr } 0 .. 255;
	my $answer = $ap->submit($near, { to => 'AP_A', parts => [ { content => $pdf, type => 'application/pdf' } ] });
	my $gone = $ap->submit($near, { to => 'AP_A', parts => [$xml_part] });
	$ap->control("expire-payload $gone", 'wire AP_A fail 100000');
	my $retry = $ap->submit($near, { to => 'AP_A', parts => [] });
	my @before = sort map { "@$_" } messages('AP_A'), messages('AP_B');
	my $url = $ap->url;

	$ap->kill9;
	open my $state, '>>', $ap->file('state') or die $!;
	print $state '200:6:status1:0';
	close $state or die $!;
	$ap->restart;
	is($ap->url, $url, 'on the same port');
	my @after = sort map { "@$_" } messages('AP_A'), messages('AP_B');
	is_deeply(\@after, \@before, 'the same messages');
	is($ap->stats->{personality}, '5.1.1', 'the same personality');
	my @statuses = map { $ap->post($far, AccessPoint::soap('', '<w:listPendingMessagesRequest/>'))->{status} } 1 .. 3;
	is("@statuses", '503 503 200', 'what was left of the rule');
	is($ap->retrieve($far, $answer)->{parts}[0]{content}, $pdf, 'the same content');
	{
		local $ap->{on_answer} = undef;
		is($ap->retrieve($far, $gone)->{parts}[0]{content}, undef, 'what had expired');
	}
	my $held = send_one();
	$ap->kill9;
	$ap->restart;
	is($ap->status($far, $held), 'SEND_ENQUEUED', 'held before and after');
	is($ap->status($near, $retry), 'WAITING_FOR_RETRY', 'between its attempts before and after');
	$ap->control('wire AP_B deliver');
	is($ap->status($far, $held, 'SENDING'), 'ACKNOWLEDGED', 'sets out when released');
	is($ap->status($far, $answer, 'RECEIVING'), 'DOWNLOADED', 'consumed stays consumed');
	is($ap->stop, 0, 'ends by itself');
};

subtest 'over TLS' => sub {
	my $tls = AccessPoint->start(tls => 1, client_ca => 1);
	my $request = AccessPoint::soap('', '<w:listPendingMessagesRequest/>');
	my $talk = sub {
		my (@options) = @_;
		my $in = "POST /domibus/services/wsplugin HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
		  . length($request) . "\r\n\r\n$request";
		my ($out, $err);
		IPC::Run::run(
			[ 'openssl', 's_client', '-quiet', '-verify_return_error', '-connect', "127.0.0.1:$tls->{port}", '-servername', 'localhost', @options ],
			'<', \$in, '>', \$out, '2>', \$err, IPC::Run::timeout(60));
		return $out;
	};
	my @trust = ('-CAfile', $tls->file('ca.pem'));
	my @identity = ('-cert', $tls->file('client.pem'), '-key', $tls->file('client.key'));

	like($tls->url, qr/^https:/, 'the address');
	like($talk->(@trust, @identity), qr/listPendingMessagesResponse/, 'with a certificate');
	unlike($talk->(@trust), qr/listPendingMessagesResponse/, 'not without');
	unlike($talk->(@identity), qr/listPendingMessagesResponse/, 'its own is signed by its authority only');
	is($tls->stats->{messages}, 0, 'the control interface is reached without TLS');
	is($tls->stop, 0, 'ends by itself');
};

SKIP:
{
	my $reason = plugin_schema_missing();
	skip $reason, 1 if $reason;

	# 5.2.1 adds an element that no published schema has; and the published body of
	# an envelope takes no elements of the envelope's namespace, so that a fault is
	# looked at by itself
	my $soap = 'http://www.w3.org/2003/05/soap-envelope';
	my @answers = map { s{<messageEntityID>\d+</messageEntityID>}{}r }
	  map { m{(<soap:Fault)(>.*</soap:Fault>)}s ? "$1 xmlns:soap=\"$soap\"$2" : $_ } sort keys %seen;
	cmp_ok(scalar @answers, '>', 200, 'answers to hold against the schemas: ' . @answers);
	is(plugin_schema_errors(@answers), '', 'all fit the schemas');
	my ($one) = grep { /<messageID>/ } @answers;
	like(plugin_schema_errors($one =~ s/<messageID>/<messageId>/r), qr/messageI/, 'a wrong one is noticed');
}

done_testing();
