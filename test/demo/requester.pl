# requester.pl: the parties abroad, who send evidence requests through their own access
# points and collect the answers. They call no SQL; what happened inside is asked for
# only to be shown.
#
#	requester.pl PORT parties PASSWORD   who takes part, told to the access point
#	requester.pl PORT send FIRST LAST    requests of scenarios, each with its line
#	requester.pl PORT break NUMBER       sends one whose answer meets a broken connection: its ids
#	requester.pl PORT collect IDS        how many answers to it there are once it is delivered, the exchange, what it holds
#	requester.pl PORT preview            both requests of a preview: the link, the conversation of the second, milliseconds until the link
#	requester.pl PORT fetch CONVERSATION FILE   its answer holds what the lines of FILE are the SHA-256 of: exchange of the first request
#
# PORT is the loopback access point's. The server is found by PGHOST, PGPORT and
# PGDATABASE. Ends with status 1 when an answer is not what its scenario says.
use strict;
use warnings FATAL => 'all';
use utf8;

use AccessPoint;
use Digest::SHA qw(sha256_hex);
use MIME::Base64;
use Time::HiRes;

binmode STDOUT, ':encoding(UTF-8)';
$| = 1;

my $type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots';
my @countries = qw(DE FR SE PT);
my $repetition = 1000;		# ids that no other part of the show uses
my ($port, $action, @arguments) = @ARGV;
my $ap = AccessPoint->attach($port);
my $unexpected = 0;

$ap->{parties}{ lc $_ } = { id => "AP_${_}_01", type => $type, password => "requester-Password-$_" } for @countries;
$ap->{parties}{registry} = { id => 'AP_LV_01', type => $type };

# Rows of a query, for the show only
sub show
{
	my ($sql) = @_;
	open my $psql, '-|:encoding(UTF-8)', 'psql', '-X', '-q', '-At', '-F', "\t", '-v', 'ON_ERROR_STOP=1', '-U', 'postgres', '-c', $sql
	  or die "psql: $!";
	chomp(my @rows = <$psql>);
	close $psql or die 'psql failed';
	return map { [ split /\t/, $_, -1 ] } @rows;
}

sub scenarios
{
	my ($first, $last) = @_;
	my @keys = qw(number line scenario recipient outcome error_code detail pieces request);

	return map { my %scenario; @scenario{@keys} = @$_; \%scenario }
	  show("SELECT p.* FROM demo.post($repetition) p WHERE number BETWEEN $first AND $last");
}

# A requester of another country writes its own name, as requests.sql writes a German one's.
sub request_of
{
	my ($scenario, $country) = @_;
	my $request = decode_base64($scenario->{request});

	$request =~ s/DE-REQ-0001/$country-REQ-0001/g;
	$request =~ s/(<sdg:AdminUnitLevel1>)DE</$1$country</;
	$request =~ s{LV/DE/}{LV/$country/};
	return $request;
}

# submit(scenario, exchange id): the country it came from, message id, conversation
sub submit
{
	my ($scenario, $exchange) = @_;
	my $country = $countries[ ($scenario->{number} - 1) % @countries ];
	my %properties = (originalSender => [ "$country-REQ-0001", 'urn:cef.eu:names:identifier:EAS:0204' ],
		finalRecipient => [ $scenario->{recipient}, 'urn:cef.eu:names:identifier:EAS:9939' ]);

	@properties{ 'ExchangeId', 'SpecificationId' } = ($exchange // AccessPoint::uuid(), 'oots-edm:v2.0') if $scenario->{line} eq 'v2.0';
	my $conversation = AccessPoint::uuid();
	my $id = $ap->submit(lc $country, { to => 'AP_LV_01', conversation => $conversation, properties => \%properties, parts => [ { content => request_of($scenario, $country) } ] });
	die "not submitted: $id->{reason}\n" if ref $id;
	return ($country, $id, $conversation);
}

# What came back: outcome, error code, detail, media types
sub read_answer
{
	my ($message) = @_;
	my ($first, @pieces) = @{ $message->{parts} };
	my ($code) = $first->{content} =~ /<rs:Exception [^>]*?code="([^"]*)"/;
	my ($detail) = $first->{content} =~ /<rs:Exception [^>]*?detail="([^"]*)"/;
	my $outcome = $message->{action} eq 'ExceptionResponse' ? 'error' : @pieces ? 'evidence' : 'empty';

	return { outcome => $outcome, error_code => $code // '', detail => AccessPoint::unescape($detail // ''),
		pieces => join ' ', map { $_->{type} =~ s{.*/}{}r } @pieces };
}

sub as_expected
{
	my ($scenario, $answer) = @_;
	return 0 if grep { $scenario->{$_} ne $answer->{$_} } qw(outcome error_code pieces);
	return $scenario->{detail} eq '' || $answer->{detail} =~ /$scenario->{detail}/;
}

sub wait_crossing
{
	my ($id, $condition) = @_;
	return $ap->wait_until("the inside of $id",
		sub {
			my ($row) = show("SELECT * FROM demo.crossing('$id')");
			return $row && $condition->(@$row) ? $row : undef;
		}, 60);
}

# The time of each step, in milliseconds since the submission
sub since
{
	my ($begin, @moments) = @_;
	return map { sprintf '%4d', ($_ - $begin) * 1000 } @moments;
}

sub send_one
{
	my ($scenario) = @_;
	my $begin = Time::HiRes::time();
	my ($country, $id, $conversation) = submit($scenario);
	my $answer = { outcome => 'unanswerable', error_code => '', detail => '', pieces => '' };
	my $end;

	printf '   %s %-41.41s submitted', $country, $scenario->{scenario};
	if ($scenario->{outcome} ne 'unanswerable')
	{
		$answer = read_answer($ap->wait_message(lc $country, conversation => $conversation, seconds => 60));
		$end = Time::HiRes::time();
	}
	my ($received, $answered) = @{ wait_crossing($id, sub { my (undef, undef, $inbox) = @_; $inbox =~ /answer/ }) };
	printf ' · received %s', since($begin, $received);
	printf ' · answered %s · delivered %s ms · %s', since($begin, $answered, $end), $answer->{error_code} || $answer->{pieces} =~ s/ / + /gr || 'empty list' if $end;
	print ' ms · no valid answer exists' unless $end;
	my $fine = as_expected($scenario, $answer);
	$unexpected++ unless $fine;
	print $fine ? "\n" : " UNEXPECTED\n";
	return;
}

# The portal sends the user to the link, and its second request at once.
sub ask_preview
{
	my $begin = Time::HiRes::time();
	my $exchange = AccessPoint::uuid();
	my $request = sub {
		my ($location) = @_;
		my ($row) = show("SELECT * FROM demo.post_preview('$location')");
		return submit({ number => 1, recipient => $row->[0], line => $row->[1], request => $row->[2] }, $exchange);
	};
	my ($country, undef, $conversation) = $request->('');
	my $answer = $ap->wait_message(lc $country, conversation => $conversation, seconds => 60);
	my ($link) = $answer->{parts}[0]{content} =~ m{<rim:Value>(https://[^<]+)</rim:Value>} or die "no link came\n";
	my $milliseconds = (Time::HiRes::time() - $begin) * 1000;
	(undef, my $second, $conversation) = $request->($link);
	wait_crossing($second, sub { my (undef, undef, $inbox) = @_; $inbox eq 'held' });
	printf "%s %s %d\n", $link, $conversation, $milliseconds;
	return;
}

sub fetch
{
	my ($conversation, $file) = @_;
	my (undef, @pieces) = @{ $ap->wait_message(lc $countries[0], conversation => $conversation, seconds => 60)->{parts} };
	open my $in, '<', $file or die "$file: $!";
	chomp(my @shown = <$in>);
	close $in;
	$unexpected = "@shown" ne join ' ', map { sha256_hex($_->{content}) } @pieces;
	my ($row) = show(q{SELECT max(first_exchange_id) FROM ootspg.exchange});
	print "$row->[0]\n";
	return;
}

if ($action eq 'parties')
{
	$ap->control('auth on', 'personality 5.2.1', "party AP_LV_01 $type registry $arguments[0]",
		map { "party $_->{id} $type $_->{user} $_->{password}" } map { { %{ $ap->{parties}{ lc $_ } }, user => lc $_ } } @countries);
}
elsif ($action eq 'send')
{
	send_one($_) for scenarios(@arguments);
}
elsif ($action eq 'break')
{
	$ap->control('rule submitMessage user=registry times=always cut-before');
	$repetition++;
	my ($scenario) = scenarios($arguments[0], $arguments[0]);
	my (undef, $id, $conversation) = submit($scenario);
	wait_crossing($id, sub { my (undef, undef, undef, $outbox) = @_; $outbox eq 'doubtful' });
	print "$id $conversation\n";
}
elsif ($action eq 'collect')
{
	my ($id, $conversation) = @arguments;

	$ap->control('rules-clear');
	my $row = wait_crossing($id, sub { my (undef, undef, undef, $outbox) = @_; $outbox eq 'delivered' });
	my @all = map { $ap->collect($_, conversationId => $conversation) } map { lc } @countries;
	printf "%d %d %s\n", scalar @all, $row->[4], @all ? read_answer($all[0])->{pieces} =~ s/ / + /gr : 'none';
	$unexpected = @all != 1;
}
elsif ($action eq 'preview')
{
	ask_preview();
}
elsif ($action eq 'fetch')
{
	fetch(@arguments);
}
else
{
	die "unknown action\n";
}
exit($unexpected ? 1 : 0);
