# AccessPoint: a loopback access point (test/loopback) for one test, and the far
# side of its wire: what a foreign party does through its own WS plugin.
#
#	my $ap = AccessPoint->start;
#	$ap->party('provider', 'AP_XB', 'urn:x:XB', 'provider-password');
#	$ap->party('requester', 'AP_XA', 'urn:x:XA', 'requester-password');
#	my $id = $ap->submit('requester', { to => 'AP_XB', parts => [ { content => $xml } ] });
#	my $answer = $ap->wait_message('requester', ref_to => $id);
#	print $answer->{parts}[0]{content};
#
# A fault comes back as a hash with the keys sender, reason, code, message; a
# connection that broke as one with the key broken. So: ref $id means refused.
package AccessPoint;

use strict;
use warnings FATAL => 'all';

use parent 'TestServer';

use File::Temp;
use MIME::Base64;

my $program = 'test/build/loopback';
my $envelope = 'http://www.w3.org/2003/05/soap-envelope';
my $ebms = 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/';
my $plugin = 'http://eu.domibus.wsplugin/';
my $gateway = 'http://sdg.europa.eu/edelivery/gateway';
my $service_type = 'urn:oasis:names:tc:ebcore:ebrs:ebms:binding:1.0';

# start(state => 1, tls => 1, client_ca => 1): options are off unless said.
# state: a journal, for restart(); tls: url() is https; client_ca: and asks for
# a certificate of the client.
sub start
{
	my ($class, %options) = @_;
	my $self = bless {
		directory => File::Temp->newdir('loopback.XXXXXX', TMPDIR => 1),
		name => 'loopback', parties => {}, port => 0, plain_port => 0, %options
	}, $class;

	chmod 0755, $self->{directory} or die "$self->{directory}: $!";
	$self->make_certificates if $options{tls};
	$self->launch;
	return $self;
}

# attach(port): one that somebody else started, and ends.
sub attach
{
	my ($class, $port) = @_;
	return bless { parties => {}, port => $port, plain_port => $port }, $class;
}

# ca.pem, server.pem and client.pem with their keys; elliptic curves are quick.
sub make_certificates
{
	my ($self) = @_;
	my %names = (server => 'localhost', client => 'backend');
	my @key = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes');

	TestServer::run_openssl('req', '-x509', @key, '-subj', '/CN=loopback CA', '-days', '2',
		'-keyout', $self->file('ca.key'), '-out', $self->file('ca.pem'));
	for my $name (sort keys %names)
	{
		open my $extensions, '>', $self->file('extensions') or die $!;
		print $extensions "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
		close $extensions or die $!;
		TestServer::run_openssl('req', '-new', @key, '-subj', "/CN=$names{$name}",
			'-keyout', $self->file("$name.key"), '-out', $self->file("$name.csr"));
		TestServer::run_openssl('x509', '-req', '-in', $self->file("$name.csr"), '-CA', $self->file('ca.pem'),
			'-CAkey', $self->file('ca.key'), '-CAcreateserial', '-days', '2',
			'-extfile', $self->file('extensions'), '-out', $self->file("$name.pem"));
	}
	return;
}

sub launch
{
	my ($self) = @_;
	my @arguments = ('--with-parent', '--port', $self->{port}, '--port-file', $self->file('port'));

	push @arguments, '--state', $self->file('state') if $self->{state};
	if ($self->{tls})
	{
		push @arguments, '--tls-cert', $self->file('server.pem'), '--tls-key', $self->file('server.key'),
		  '--plain-port', $self->{plain_port}, '--plain-port-file', $self->file('plain_port');
		push @arguments, '--tls-client-ca', $self->file('ca.pem') if $self->{client_ca};
	}
	$self->spawn($program, @arguments);
	$self->{port} = $self->read_number('port');
	$self->{plain_port} = $self->{tls} ? $self->read_number('plain_port') : $self->{port};
	return;
}

# On the same ports; with the option state nothing is lost.
sub restart { my ($self) = @_; $self->stop; $self->launch; return; }

# What a party calls that speaks no TLS
sub plain_url { my ($self) = @_; return "http://127.0.0.1:$self->{plain_port}/domibus/services/wsplugin"; }

# What the backend under test calls
sub url
{
	my ($self, $path) = @_;
	my $scheme = $self->{tls} ? 'https' : 'http';
	return "$scheme://localhost:$self->{port}" . ($path // '/domibus/services/wsplugin');
}

# party(user, party id, party id type, password)
sub party
{
	my ($self, $user, $id, $type, $password) = @_;
	$self->{parties}{$user} = { id => $id, type => $type, password => $password };
	$self->control("party $id $type $user $password");
	return;
}

sub party_called
{
	my ($self, $id) = @_;
	my ($party) = grep { $_->{id} eq $id } values %{ $self->{parties} };
	return $party // { id => $id, type => 'urn:unknown' };
}

sub uuid
{
	my $hex = join '', map { sprintf '%04x', int rand 65536 } 1 .. 8;
	substr $hex, 12, 1, '4';
	substr $hex, 16, 1, (qw(8 9 a b))[ rand 4 ];
	return join '-', unpack 'A8 A4 A4 A4 A12', $hex;
}

sub escape
{
	my ($text) = @_;
	$text =~ s/&/&amp;/g;
	$text =~ s/</&lt;/g;
	$text =~ s/>/&gt;/g;
	$text =~ s/"/&quot;/g;
	return $text;
}

sub unescape
{
	my ($text) = @_;
	my %characters = (lt => '<', gt => '>', quot => '"', amp => '&', '#13' => "\r");
	$text =~ s/&(lt|gt|quot|amp|#13);/$characters{$1}/g;
	return $text;
}

sub soap
{
	my ($header, $body) = @_;
	return qq{<s:Envelope xmlns:s="$envelope" xmlns:w="$plugin" xmlns:e="$ebms">}
	  . ($header ? "<s:Header>$header</s:Header>" : '') . "<s:Body>$body</s:Body></s:Envelope>";
}

# The parts of a multipart answer by their id, and its root; undef when the
# closing boundary is missing.
sub split_multipart
{
	my ($type, $content) = @_;
	my ($boundary) = $type =~ /boundary="([^"]+)"/ or return;
	my %parts;
	my ($root) = $type =~ /start="<([^>]+)>"/;

	return unless $content =~ s/\r\n--\Q$boundary\E--\s*\z//;
	for my $part (split /(?:\A|\r\n)--\Q$boundary\E\r\n/, $content)
	{
		my ($head, $bytes) = split /\r\n\r\n/, $part, 2;
		$parts{$1} = $bytes if defined $bytes and $head =~ /Content-ID: *<([^>]+)>/i;
	}
	return ($parts{$root}, \%parts);
}

# post(user, XML, options): on_answer, where set, is called with the result: status, type, content as they came, xml and parts as
# they are meant. Options: headers, path, password.
sub post
{
	my ($self, $user, $xml, %options) = @_;
	my $password = $self->{parties}{ $user // '' } ? $self->{parties}{$user}{password} : '';
	my %headers = ('Content-Type' => 'application/soap+xml; charset=UTF-8', %{ $options{headers} // {} });

	$password = $options{password} if defined $options{password};
	$headers{Authorization} = 'Basic ' . encode_base64("$user:$password", '') if defined $user;
	my $answer = $self->request('POST', $options{path} // '/domibus/services/wsplugin', \%headers, $xml);
	my $type = $answer->{headers}{'content-type'} // '';
	my $result = { status => $answer->{status}, type => $type, content => $answer->{content}, headers => $answer->{headers},
		xml => $answer->{content}, parts => {} };
	if ($type =~ /^multipart/)
	{
		@$result{ 'xml', 'parts' } = split_multipart($type, $answer->{content});
	}
	$self->{on_answer}->($result) if $self->{on_answer};
	return $result;
}

# call(user, body, header): the result of post(), or a fault.
sub call
{
	my ($self, $user, $body, $header, %options) = @_;
	my $result = $self->post($user, soap($header, $body), %options);
	my $xml = $result->{xml} // '';

	if ($xml =~ m{<soap:Fault>.*<soap:Value>soap:(\w+)</soap:Value>.*<soap:Text[^>]*>(.*?)</soap:Text>}s)
	{
		my ($sender, $reason) = ($1 eq 'Sender', $2);
		my ($code, $message) = $xml =~ m{<code>(.*?)</code><message>(.*?)</message>}s;
		return { fault => 1, sender => $sender, reason => unescape($reason), code => $code,
			message => defined $message ? unescape($message) : undef };
	}
	return { fault => 1, broken => "$result->{status} $result->{content}" }
	  if $result->{status} != 200 or $xml !~ m{</soap:Envelope>\s*\z};
	return $result;
}

sub party_xml
{
	my ($element, $party) = @_;
	return "<e:$element><e:PartyId type=\"" . escape($party->{type}) . '">' . escape($party->{id})
	  . "</e:PartyId><e:Role>$gateway</e:Role></e:$element>";
}

# A value, or [value, type]
sub property_xml
{
	my ($name, $value, $type) = @_;
	return "<e:Property name=\"$name\"" . (defined $type ? ' type="' . escape($type) . '"' : '') . '>' . escape($value) . '</e:Property>';
}

sub properties_xml
{
	my ($properties) = @_;
	return join '', map { my $value = $properties->{$_}; property_xml($_, ref $value ? @$value : $value) } sort keys %$properties;
}

# The header and the body of a submission, for tests that break them.
sub submission
{
	my ($self, $user, $message) = @_;
	my %m = (
		message_id => uuid() . '@requester.example',
		conversation => uuid(),
		service => 'QueryManager',
		action => 'ExecuteQueryRequest',
		from => $self->{parties}{$user}{id},
		parts => [],
		%$message);
	my %properties = (originalSender => 'REQUESTER-1', finalRecipient => 'PROVIDER-1', %{ $m{properties} // {} });
	my ($infos, $payloads) = ('', '');

	for my $part (@{ $m{parts} })
	{
		my $cid = escape($part->{id} // 'cid:' . uuid() . '@requester.example');
		my %part_properties = (MimeType => $part->{type} // 'application/x-ebrs+xml', %{ $part->{properties} // {} });
		$infos .= "<e:PartInfo href=\"$cid\"><e:PartProperties>" . properties_xml(\%part_properties)
		  . '</e:PartProperties></e:PartInfo>' unless $part->{unlisted};
		$payloads .= "<payload payloadId=\"$cid\"><value>"
		  . ($part->{include} // encode_base64($part->{content}, '')) . '</value></payload>';
	}
	my $header = '<e:Messaging><e:UserMessage><e:MessageInfo><e:MessageId>' . escape($m{message_id}) . '</e:MessageId>'
	  . ($m{ref_to} ? '<e:RefToMessageId>' . escape($m{ref_to}) . '</e:RefToMessageId>' : '') . '</e:MessageInfo><e:PartyInfo>'
	  . party_xml('From', $self->party_called($m{from})) . party_xml('To', $self->party_called($m{to}))
	  . "</e:PartyInfo><e:CollaborationInfo><e:Service type=\"$service_type\">" . escape($m{service}) . '</e:Service><e:Action>'
	  . escape($m{action}) . '</e:Action><e:ConversationId>' . escape($m{conversation})
	  . '</e:ConversationId></e:CollaborationInfo><e:MessageProperties>' . properties_xml(\%properties) . '</e:MessageProperties>'
	  . ($infos ? "<e:PayloadInfo>$infos</e:PayloadInfo>" : '') . '</e:UserMessage></e:Messaging>';
	return ($header, "<w:submitRequest>$payloads</w:submitRequest>");
}

# submit(user, message): the message id, or a fault. Keys of the message, of
# which only to is required: message_id, conversation, ref_to, service, action,
# from, to (party ids), properties, parts: [{ id, type, content, properties }]
sub submit
{
	my ($self, $user, $message) = @_;
	my ($header, $body) = $self->submission($user, $message);
	my $result = $self->call($user, $body, $header);

	return $result if $result->{fault};
	my ($id) = $result->{xml} =~ m{<messageID>(.*?)</messageID>};
	return unescape($id);
}

# The ids of pending messages, oldest first; filters by their element's name.
sub pending
{
	my ($self, $user, %filters) = @_;
	my @names = grep { defined $filters{$_} }
	  qw(messageId conversationId refToMessageId fromPartyId finalRecipient originalSender receivedFrom receivedTo);
	my $result = $self->call($user, '<w:listPendingMessagesRequest>'
		  . join('', map { "<$_>" . escape($filters{$_}) . "</$_>" } @names) . '</w:listPendingMessagesRequest>');

	die $result->{reason} // $result->{broken} if $result->{fault};
	return map { unescape($_) } $result->{xml} =~ m{<messageID>(.*?)</messageID>}g;
}

sub by_id
{
	my ($self, $user, $element, $id, $more) = @_;
	return $self->call($user, "<w:$element><messageID>" . escape($id) . '</messageID>' . ($more // '') . "</w:$element>");
}

# The texts of the header of a retrieved message
sub read_header
{
	my ($header) = @_;
	my $text = sub { my ($name) = @_; return $header =~ m{<(?:\w+:)?$name(?: [^>]*)?>([^<]*)<} ? unescape($1) : undef; };
	my ($from) = $header =~ m{<\w+:From><\w+:PartyId[^>]*>([^<]*)<};
	my ($to) = $header =~ m{<\w+:To><\w+:PartyId[^>]*>([^<]*)<};
	my ($properties) = $header =~ m{MessageProperties>(.*)</\w+:MessageProperties>}s;
	my %properties = ($properties // '') =~ m{<\w+:Property name="([^"]*)"[^>]*>([^<]*)<}g;
	my %types = $header =~ m{PartInfo href="([^"]*)"><\w+:PartProperties>.*?name="MimeType"[^>]*>([^<]*)<}g;

	return (message_id => $text->('MessageId'), ref_to => $text->('RefToMessageId'), conversation => $text->('ConversationId'),
		service => $text->('Service'), action => $text->('Action'), timestamp => $text->('Timestamp'),
		from => $from, to => $to, properties => \%properties, types => \%types);
}

# retrieve(user, id, keep => 1): with keep it stays pending. A hash with header
# (XML), its texts by name, and parts: [{ id, type, content }]; content is undef
# where there is no value. Or a fault.
sub retrieve
{
	my ($self, $user, $id, %options) = @_;
	my $mark = $options{keep} ? ' markAsDownloaded="false"' : '';
	my $result = $self->call($user, "<w:retrieveMessageRequest$mark><messageID>" . escape($id) . '</messageID></w:retrieveMessageRequest>');
	return $result if $result->{fault};

	my ($header) = $result->{xml} =~ m{<soap:Header>(.*)</soap:Header>}s;
	my %message = (xml => $result->{xml}, header => $header, read_header($header), parts => []);
	while ($result->{xml} =~ m{<payload payloadId="([^"]*)"([^>]*)>(?:<value>(.*?)</value>)?</payload>}gs)
	{
		my ($cid, $rest, $value) = ($1, $2, $3);
		if (defined $value and $value =~ m{href="cid:([^"]*)"})
		{
			my $part = $1 =~ s/%(..)/chr hex $1/ger;
			$value = $result->{parts}{$part};
		}
		elsif (defined $value)
		{
			$value = decode_base64($value);
		}
		push @{ $message{parts} }, { id => unescape($cid), type => $message{types}{$cid}, content => $value, attributes => $rest };
	}
	return \%message;
}

# status(user, id, role): the name, or a fault. Without role the old operation.
sub status
{
	my ($self, $user, $id, $role) = @_;
	my $result = $role
	  ? $self->by_id($user, 'statusRequestWithAccessPointRole', $id, "<accessPointRole>$role</accessPointRole>")
	  : $self->by_id($user, 'statusRequest', $id);

	return $result if $result->{fault};
	my ($status) = $result->{xml} =~ m{<ns2:getStatusResponse[^>]*>(\w+)<};
	return $status;
}

# collect(user, filters): every pending message, retrieved and consumed.
sub collect
{
	my ($self, $user, %filters) = @_;
	my @messages;
	for my $id ($self->pending($user, %filters))
	{
		my $message = $self->retrieve($user, $id);
		push @messages, $message unless $message->{fault};
	}
	return @messages;
}

# wait_message(user, conversation => ..., ref_to => ..., seconds => ...): the
# next message that is such, consumed; what else is pending stays.
sub wait_message
{
	my ($self, $user, %options) = @_;
	return $self->wait_until("a message for $user",
		sub {
			my ($id) = $self->pending($user, conversationId => $options{conversation}, refToMessageId => $options{ref_to});
			return unless defined $id;
			my $message = $self->retrieve($user, $id);
			die $message->{reason} // $message->{broken} if $message->{fault};
			return $message;
		}, $options{seconds});
}

sub wait_pending
{
	my ($self, $user, $count, $seconds) = @_;
	return $self->wait_until("$count pending for $user", sub { my @ids = $self->pending($user); @ids == $count }, $seconds);
}

sub wait_status
{
	my ($self, $user, $id, $status, $role, $seconds) = @_;
	return $self->wait_until("$id is $status",
		sub { my $now = $self->status($user, $id, $role // 'SENDING'); !ref $now && $now eq $status }, $seconds);
}

1;
