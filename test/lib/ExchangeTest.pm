# ExchangeTest: a registry whose database talks to a loopback access point, and the
# requester abroad at the other end of the wire.
#
#	my ($node, $ap) = exchange_node('name');		# workers run, "postgres" is connected
#	my $request = ask($node, $ap, 1);				# number 1, as birth_request() makes it
#	my $answer = wait_answer($ap, $request);		# { action, request_id, code, parts … }
package ExchangeTest;

use strict;
use warnings FATAL => 'all';

use AccessPoint;
use Exporter 'import';
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

our @EXPORT = qw(exchange_node exchange_registry connect_access_point ask request_bytes send_request wait_answer answers
  status_is wait_sql party_type);

our $party_type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots';
my $password = 'loopback-Password-1';

sub party_type { return $party_type; }

# exchange_node(name, access point or undef, settings…): a cluster with workers, whose
# database postgres has the registry and uses the access point. Without one it gets a
# loopback of its own. Its polling interval is short, so that tests need not wait.
sub exchange_node
{
	my ($name, $ap, @settings) = @_;
	my $node = start_node($name, "shared_preload_libraries = 'ootspg'", 'max_worker_processes = 16', @settings);

	$ap //= AccessPoint->start(state => 1);
	$ap->control('auth on');
	$ap->party('provider', 'AP_LV_01', $party_type, $password);
	$ap->party('requester', 'AP_DE_01', $party_type, $password);
	exchange_registry($node, 'postgres');
	connect_access_point($node, 'postgres', $ap);
	return ($node, $ap);
}

# The registry, and a role that may answer from it.
sub exchange_registry
{
	my ($node, $database) = @_;

	load_registry($node, $database);
	$node->safe_psql($database, q{
		DO $$ BEGIN CREATE ROLE answerer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		SELECT ootspg.grant_duty('answerer', 'exchange');
		GRANT USAGE ON SCHEMA registry TO answerer;
		GRANT SELECT ON ALL TABLES IN SCHEMA registry TO answerer});
	return;
}

# connect_access_point(node, database, access point, name => …, paused => 1, columns as SQL text…)
sub connect_access_point
{
	my ($node, $database, $ap, %options) = @_;
	my $name = delete $options{name} // 'ap';
	my $paused = delete $options{paused};
	my %columns = (access_point => "'$name'", url => "'" . $ap->url . "'", party_id => q{'AP_LV_01'}, party_id_type => "'$party_type'",
		answer_role => q{'answerer'}, user_name => q{'provider'}, password_uri => q{'file:ap.password'},
		poll_interval => q{'0.2 s'}, %options);
	my @names = sort keys %columns;
	my $file = $node->basedir . '/keys/credentials/ap.password';

	if (!-e $file)
	{
		open my $out, '>', $file or die "$file: $!";
		print $out "$password\n";
		close $out or die "$file: $!";
		chmod 0600, $file or die "$file: $!";
	}
	$node->safe_psql($database, 'INSERT INTO ootspg.access_point (' . join(', ', @names) . ') VALUES (' . join(', ', @columns{@names}) . ')');
	$node->safe_psql($database, "SELECT ootspg.resume('$name')") unless $paused;
	return;
}

# The bytes of birth_request(arguments)
sub request_bytes
{
	my ($node, $arguments, $database) = @_;
	return decode_base64($node->safe_psql($database // 'postgres', "SELECT encode(birth_request($arguments), 'base64')"));
}

# send_request(access point, bytes, message keys…): what the requester submits. Returns
# { message_id, conversation, request_id }, or the fault.
sub send_request
{
	my ($ap, $bytes, %message) = @_;
	my $conversation = $message{conversation} // AccessPoint::uuid();
	my $id = $ap->submit('requester', { to => 'AP_LV_01', conversation => $conversation,
		properties => { originalSender => 'DE-REQ-0001', finalRecipient => 'LV90000000001', %{ delete $message{properties} // {} } },
		parts => [ { content => $bytes } ], %message });
	my ($request_id) = $bytes =~ /QueryRequest[^>]* id="([^"]*)"/;

	return $id if ref $id;
	return { message_id => $id, conversation => $conversation, request_id => $request_id };
}

sub ask
{
	my ($node, $ap, $arguments, %message) = @_;
	return send_request($ap, request_bytes($node, $arguments), %message);
}

# What a message of the answering side says
sub read_answer
{
	my ($message) = @_;
	my $body = $message->{parts}[0]{content} // '';

	($message->{request_id}) = $body =~ /requestId="([^"]*)"/;
	($message->{code}) = $body =~ /<rs:Exception [^>]*?code="([^"]*)"/;
	($message->{detail}) = $body =~ /<rs:Exception [^>]*?detail="([^"]*)"/;
	return $message;
}

# The answer to a request, consumed
sub wait_answer
{
	my ($ap, $request, $seconds) = @_;
	return read_answer($ap->wait_message('requester', conversation => $request->{conversation}, seconds => $seconds));
}

# All answers that are there, consumed
sub answers
{
	my ($ap) = @_;
	return map { read_answer($_) } $ap->collect('requester');
}

# wait_sql(node, sql, name, database): the test passes when the condition becomes true
sub wait_sql
{
	my ($node, $sql, $name, $database) = @_;
	my $fine = $node->poll_query_until($database // 'postgres', "SELECT coalesce(($sql), false)");
	ok($fine, $name // $sql) or diag($node->safe_psql($database // 'postgres', '\x' . "\nSELECT * FROM ootspg.status"));
	return $fine;
}

# One column of the status view, now
sub status_is
{
	my ($node, $column, $expected, $name, $database) = @_;
	is($node->safe_psql($database // 'postgres', "SELECT $column FROM ootspg.status"), $expected, $name);
	return;
}

1;
