# The access point's interface against what others recorded and published: answers of a
# real Domibus 5.2.1 are read, requests are valid against the plugin's schema, and
# thousands of damaged answers are told from whole ones without a backend falling over.
use strict;
use warnings FATAL => 'all';

use Digest::SHA 'sha256_hex';
use File::Temp;
use IPC::Run;
use JSON::PP;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('gateway');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

my $asked = '45fa5345-5a18-4691-945f-531f9568729f@oots.eu';
my %recorded = map { $_ => shared_file("data/domibus-recorded/$_.xml") } qw(
  soumissionMessage listeMessagesEnAttente listeMessagesEnAttente.vide requete requete.demarcheInconnue reponseAvecPieceJointe erreurObjetIntrouvable);

# row(query): the one row as a hash
sub row
{
	my ($query) = @_;
	return decode_json($node->safe_psql('postgres', "SELECT row_to_json(r) FROM ($query) r"));
}

sub literal
{
	my ($bytes) = @_;
	return q{'\x} . unpack('H*', $bytes) . q{'::bytea};
}

sub read_answer
{
	my ($operation, $id, $body, $type, $status) = @_;
	$id = defined $id ? "'$id'" : 'NULL';
	$status //= 200;
	$type //= 'application/soap+xml;charset=UTF-8';
	$type =~ s/'/''/g;
	return row("SELECT * FROM ootspg_internal.read_gateway_answer('$operation', $id, $status, '$type', " . literal($body) . ')');
}

# An answer as Apache CXF writes it when MTOM is on: payloads as parts of their own.
sub as_mtom
{
	my ($body) = @_;
	my ($n, $parts) = (0, '');

	$body =~ s{<value>([^<]*)</value>}{
		$n++;
		$parts .= "\r\n--uuid:b7f3\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <p$n+x\@cxf.apache.org>\r\n\r\n" . decode_base64($1);
		"<value><xop:Include xmlns:xop=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:p$n%2Bx%40cxf.apache.org\"/></value>"}ge;
	return (
		"\r\n--uuid:b7f3\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"application/soap+xml\"\r\nContent-Transfer-Encoding: binary\r\n"
		  . "Content-ID: <root.message\@cxf.apache.org>\r\n\r\n$body$parts\r\n--uuid:b7f3--",
		'multipart/related; type="application/xop+xml"; boundary="uuid:b7f3"; start="<root.message@cxf.apache.org>"; start-info="application/soap+xml"');
}

# What Apache CXF, the stack of Domibus and Harmony, wrote in Tomcat and Jetty: as recorded, status, type and all. Read is what is
# whole; whatever else there is has the trouble that decides what happens next.
my %cxf_trouble = (
	'already downloaded' => [qw(fault-already-downloaded)],
	'answer unreadable' => [qw(content-broken-late content-broken-late-declaration content-gone content-gone-late-mtom content-gone-mtom retrieve-20kB-gzip soap-1.1)],
	'content lost' => [qw(content-no-value)],
	'duplicate' => [qw(fault-duplicate)],
	'login refused' => [qw(fault-login fault-login-mtom fault-login-mtom-jetty login-401)],
	'message busy' => [qw(fault-multiple-times)],
	'message rejected' => [qw(fault-message-nil)],
	'message unknown' => [qw(fault-unknown fault-unknown-jetty fault-unknown-mtom fault-unknown-stack)],
	'request not understood' => [qw(5.0-status fault-doctype fault-not-well-formed fault-qualified fault-qualified-validation fault-subcode fault-unknown-operation fault-validation-body fault-validation-header fault-validation-mark-5.0)],
	'server fault' => [qw(content-broken content-broken-validation fault-error fault-must-understand fault-null fault-runtime fault-sql-stack)],
	'unavailable' => [qw(fault-status-503)],
	'wrong address' => [qw(not-found)],
);

# recorded_answer(name): operation, asked id, status, type and body of a recorded exchange
sub recorded_answer
{
	my ($name) = @_;
	my ($request, $response) = map { slurp_file(shared_file("data/cxf-recorded/$name.$_")) } 'request', 'response';
	my ($element) = $request =~ /<(?:[\w-]+:)?((?:submit|listPendingMessages|retrieveMessage|markMessageAsDownloaded|status|getStatus\w*|getMessageErrors\w*)Request\w*)\b/;
	my ($id) = $request =~ /<(?:\w+:)?messageID[^>]*>([^<]+)</;
	my ($operation) = map { $_->[1] } grep { ($element // '') =~ $_->[0] } [ qr/^submit/, 'submit' ], [ qr/^list/, 'list' ], [ qr/^retrieve/, 'retrieve' ], [ qr/^mark/, 'mark' ], [ qr/^(?:s|getS)tatus/, 'status' ], [ qr/Errors/, 'errors' ];
	$response =~ s/^HTTP\/1\.1 100.*?\r\n\r\n//s;
	my ($status, $fields, $body) = $response =~ m{^HTTP/1\.1 (\d+)[^\r]*\r\n(.*?)\r\n\r\n(.*)$}s or die $name;
	my ($type) = $fields =~ /^Content-Type: *(.*?)\r?$/mi;
	if ($fields =~ /^Transfer-Encoding: chunked/mi)
	{
		my $chunks = $body;
		$body = '';
		$body .= substr $chunks, 0, hex $1, '' and $chunks =~ s/^\r\n// while $chunks =~ s/^([0-9a-fA-F]+)\r\n//;
	}
	return ($operation, $id, $status, $type, $body);
}

SKIP:
{
	my $list = shared_file('data/cxf-recorded/made.tsv');
	skip 'the recordings of CXF are not beside the repository', 1 unless $list;
	my %expected = map { my $trouble = $_; map { ($_ => $trouble) } @{ $cxf_trouble{$trouble} } } keys %cxf_trouble;
	my %payloads;
	for my $name (map { /^(\S+)/ } split /\n/, slurp_file($list))
	{
		my ($operation, $id, $status, $type, $body) = recorded_answer($name);
		next unless defined $operation;
		my $answer = read_answer($operation, $id // ($operation =~ /^(?:mark|retrieve|status)$/ ? 'x' : undef), $body, $type, $status);
		my $trouble = delete $expected{$name} // 'none';
		is($answer->{trouble}, $trouble, "CXF: $name");
		$payloads{ join ' ', map { $_->{sha256} } @{ $answer->{parts} } }++ if $name =~ /^retrieve-two-parts/;
	}
	is(join(' ', keys %expected), '', 'CXF: all were there');
	is(join(' ', values %payloads), '6', 'CXF: the same payloads in six manners of writing them');
}

SKIP:
{
	skip 'the recorded answers are not beside the repository', 1 if grep { !defined } values %recorded;
	my %body = map { $_ => slurp_file($recorded{$_}) } keys %recorded;

	my $answer = read_answer('submit', $asked, $body{soumissionMessage});
	is($answer->{trouble}, 'none', 'a recorded submission is read');
	is($answer->{submitted_id}, $asked, 'with its id');
	ok($answer->{speaks_5_2}, 'and its version shows');
	is_deeply(read_answer('list', undef, $body{listeMessagesEnAttente})->{message_ids}, [$asked], 'a recorded list');
	$answer = read_answer('list', undef, $body{'listeMessagesEnAttente.vide'});
	is_deeply([ @$answer{qw(trouble message_ids)} ], [ 'none', undef ], 'a recorded empty list');

	for my $name (qw(requete requete.demarcheInconnue reponseAvecPieceJointe erreurObjetIntrouvable))
	{
		my ($id) = $body{$name} =~ /MessageId>([^<]*)</;
		# independent of our reader: pairs by text, in the order of PayloadInfo
		my %value = map { /payloadId="([^"]*)".*<value>([^<]*)</s ? ($1 => decode_base64($2)) : () } $body{$name} =~ m{(<payload .*?</payload>)}gs;
		my @hrefs = $body{$name} =~ /PartInfo href="([^"]*)"/g;

		for my $mtom (0, 1)
		{
			my ($bytes, $type) = $mtom ? as_mtom($body{$name}) : $body{$name};
			my $how = $mtom ? 'as MTOM' : 'inline';
			$answer = read_answer('retrieve', $id, $bytes, $type);
			is($answer->{trouble}, 'none', "$name $how is read");
			is($answer->{message_id}, $id, 'with its id');
			is_deeply([ map { "cid:$_->{content_id} $_->{sha256}" } @{ $answer->{parts} } ], [ map { "$_ " . sha256_hex($value{$_}) } @hrefs ], 'every payload is whole');
			is($answer->{parts}[0]{media_type}, 'application/x-ebrs+xml', 'the first part is the RegRep');
			ok($mtom || $answer->{speaks_5_2}, 'its version shows');
		}
		my $header = $node->safe_psql('postgres',
			"SELECT convert_from(header, 'UTF8'), header = ootspg.canonical(header) FROM ootspg_internal.read_gateway_answer('retrieve', NULL, 200, 'text/xml', " . literal($body{$name}) . ')');
		like($header, qr/^<ns5:Messaging xmlns:ns5="[^"]*"><ns5:UserMessage mpc.*Messaging>\|t$/s, 'its header stands alone and is canonical');
		is(read_answer('retrieve', 'another', $body{$name})->{trouble}, 'content lost', 'it is no answer about another message');
		is(read_answer('list', undef, $body{$name})->{trouble}, 'answer unreadable', 'nor to another question');
	}

	# Damage: every answer cut and flipped in many places. A damaged answer may be read
	# only when what counts is unharmed: no call raises, no backend falls over.
	my ($n, $state) = (0, 20261125);
	my $random = sub { $state = ($state * 1103515245 + 12345) % 2147483648; return int($state / 256) % $_[0] };
	my $file = PostgreSQL::Test::Utils::tempdir() . '/answers';
	open my $out, '>:raw', $file or die "$file: $!";
	for my $name (sort keys %body)
	{
		my $operation = $name =~ /^liste/ ? 'list' : $name eq 'soumissionMessage' ? 'submit' : 'retrieve';
		for my $mtom (0, 1)
		{
			my ($whole, $type) = $mtom ? as_mtom($body{$name}) : ($body{$name}, 'application/soap+xml');
			for (1 .. 250)
			{
				my ($bytes, $cut) = ($whole, 0);
				if ($random->(2))
				{
					$cut = 1;
					$bytes = substr $bytes, 0, $random->(length($bytes) - 8);
				}
				else
				{
					substr($bytes, $random->(length $bytes), 1 + $random->(3)) = (chr $random->(256), '<', '>', '', "\0", '&', '"', "\r\n--uuid:b7f3--")[ $random->(8) ] for 0 .. $random->(3);
				}
				print $out join("\t", ++$n, $operation, $cut, $type, '\\\\x' . unpack('H*', $bytes)), "\n";
			}
		}
	}
	close $out or die "$file: $!";
	my ($stdout, $stderr) = ('', '');
	my $status = $node->psql('postgres', <<"END", stdout => \$stdout, stderr => \$stderr);
CREATE TABLE damaged (n int, operation text, cut int, type text, body bytea);
\\copy damaged FROM '$file'
CREATE TABLE verdict AS SELECT n, cut, r.* FROM damaged d, ootspg_internal.read_gateway_answer(d.operation, NULL, 200, d.type, d.body) r;
END
	is("$status$stderr", '0', "$n damaged answers raise nothing");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM verdict WHERE cut = 1 AND trouble = 'none'}), '0', 'no answer that was cut passes for whole');
	is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT trouble, ', ' ORDER BY trouble) FROM verdict WHERE trouble <> 'none'}),
		'answer too large, answer unreadable, content lost', 'damage is called by its name');
}

# Requests against the schema, whose imports are made to point to the copies beside it
my %schemas = map { $_ => shared_file("data/ws-plugin/$_") } qw(webservicePlugin-body.xsd webservicePlugin-header.xsd envelope.xsd xml.xsd xmlmime.xsd);
my $xmllint = eval { IPC::Run::run([ 'xmllint', '--version' ], '>', \my $o, '2>', \my $e) };
SKIP:
{
	skip 'the plugin\'s schemas are not beside the repository', 1 if grep { !defined } values %schemas;
	skip 'xmllint is not installed', 1 unless $xmllint;

	my $directory = File::Temp->newdir;
	my %file = (
		'http://www.w3.org/XML/1998/namespace' => 'xml.xsd',
		'http://www.w3.org/2005/05/xmlmime' => 'xmlmime.xsd');
	for my $name (keys %schemas)
	{
		my $text = slurp_file($schemas{$name});
		$text =~ s{<(xsd?:|)import\s+namespace="([^"]+)"[^>]*/>}{<$1import namespace="$2" schemaLocation="$file{$2}"/>}g;
		open my $out, '>:raw', "$directory/$name" or die $!;
		print $out $text;
		close $out or die $!;
	}
	open my $driver, '>:raw', "$directory/all.xsd" or die $!;
	print $driver '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">',
	  '<xs:import namespace="http://www.w3.org/2003/05/soap-envelope" schemaLocation="envelope.xsd"/>',
	  '<xs:import namespace="http://eu.domibus.wsplugin/" schemaLocation="webservicePlugin-body.xsd"/>',
	  '<xs:import namespace="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/" schemaLocation="webservicePlugin-header.xsd"/>', '</xs:schema>';
	close $driver or die $!;

	my $eb = 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/';
	my $header = qq{<eb:Messaging xmlns:eb="$eb"><eb:UserMessage><eb:MessageInfo><eb:MessageId>a\@b.example</eb:MessageId></eb:MessageInfo>}
	  . '<eb:PartyInfo><eb:From><eb:PartyId type="t">XB</eb:PartyId><eb:Role>r</eb:Role></eb:From><eb:To><eb:PartyId type="t">XA</eb:PartyId><eb:Role>r</eb:Role></eb:To></eb:PartyInfo>'
	  . '<eb:CollaborationInfo><eb:Service type="t">QueryManager</eb:Service><eb:Action>ExecuteQueryResponse</eb:Action><eb:ConversationId>c</eb:ConversationId></eb:CollaborationInfo>'
	  . '<eb:PayloadInfo>' . join('', map { qq{<eb:PartInfo href="cid:$_\@b.example"><eb:PartProperties><eb:Property name="MimeType">application/pdf</eb:Property></eb:PartProperties></eb:PartInfo>} } qw(p q))
	  . '</eb:PayloadInfo></eb:UserMessage></eb:Messaging>';
	my $submission = q{'submit', header => } . literal($header)
	  . q{, content_ids => '{p@b.example,q@b.example}', media_types => '{application/x-ebrs+xml,application/pdf}', contents => ARRAY['<q/>'::bytea, '\x00ff0d0a']};
	my %requests = (
		'list' => q{'list'},
		'filtered list' => q{'list', final_recipient => 'A & B', received_from => '2026-01-31 08:00+00', received_to => '2026-02-01 08:00+00'},
		'retrieve' => q{'retrieve', 'a@b'},
		'consuming retrieve' => q{'retrieve', 'a@b', consume => true},
		'mark' => q{'mark', 'a@b'},
		'status' => q{'status', 'a@b'},
		'status for 5.0' => q{'status', 'a@b', with_role => false},
		'errors' => q{'errors', 'a@b'},
		'errors for 5.0' => q{'errors', 'a@b', with_role => false},
		'submission' => $submission);

	for my $name (sort keys %requests)
	{
		my $file = "$directory/request.xml";
		my $request = row("SELECT content_type, encode(body, 'hex') AS body FROM ootspg_internal.gateway_request($requests{$name})");
		open my $out, '>:raw', $file or die $!;
		print $out pack 'H*', $request->{body};
		close $out or die $!;
		IPC::Run::run([ 'xmllint', '--noout', '--nonet', '--schema', "$directory/all.xsd", $file ], '>', \my $stdout, '2>', \my $stderr);
		is($?, 0, "$name is valid") or diag($stderr);
	}

	# The MTOM form, taken apart by somebody else
	my $mtom = row("SELECT content_type, encode(body, 'hex') AS body FROM ootspg_internal.gateway_request($submission, mtom_bytes => 0)");
	my ($boundary) = $mtom->{content_type} =~ /boundary="([^"]+)"/;
	my @parts = split /(?:^|\r\n)--\Q$boundary\E(?:--)?\r\n/, pack 'H*', $mtom->{body};
	is(scalar @parts, 4, 'a submission as MTOM has three parts');
	my ($envelope) = $parts[1] =~ /\r\n\r\n(.*)/s;
	like($parts[3], qr/\r\n\r\n\x00\xff\x0d\x0a$/, 'bytes go as they are');
	my @cids = map { /Content-ID: <([^>]*)>/ } @parts[ 2, 3 ];
	is_deeply([ $envelope =~ /<value><x:Include xmlns:x="[^"]*" href="cid:([^"]*)"><\/x:Include><\/value>/g ], \@cids, 'each is included once');
	like($mtom->{content_type}, qr/^multipart\/related; type="application\/xop\+xml"; start="<([^>]*)>"; start-info="application\/soap\+xml"; /, 'as its type says');
}

unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');
$node->stop;
done_testing();
