# directory.pl: the Data Services Directory and the Evidence Broker of the show. It takes submissions through its
# own access point, publishes them in a directory service (test/directory) that signs what
# it answers, and sends its verdict back the way the submission came. Which of the two is
# meant is told by the classification scheme. It calls no SQL.
#
#	directory.pl PORT ROOTS URL
#
# PORT is the loopback access point's. Before the first submission, the certificate that
# answers can be trusted by is written to the file ROOTS, and then the address of both
# services to the file URL. It works until SIGTERM, and takes the directory service along.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use DirectoryService;
use Time::HiRes;

$| = 1;

my $type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots';
my ($port, $roots, $url) = @ARGV;
my $ds = DirectoryService->start;
my $ap = AccessPoint->attach($port);

$SIG{TERM} = sub { $ds->stop; exit 0; };
$ap->{parties}{registry} = { id => 'AP_LV_01', type => $type };
$ap->party('directory', 'cs-lcm-demo', $type, 'directory-Password-1');

sub write_file
{
	my ($name, $text) = @_;
	open my $out, '>', $name or die "$name: $!";
	print $out $text;
	close $out or die "$name: $!";
	return;
}

# What the directory service takes is accepted, everything else is refused.
sub take
{
	my ($message) = @_;
	my $content = $message->{parts}[0]{content} // '';
	my ($id) = $content =~ /SubmitObjectsRequest[^>]* id="([^"]*)"/;
	my ($service) = $content =~ /urn:fdc:oots:classification:(dsd|eb)/;
	my $fine = eval { $ds->publish($service // 'dsd', 'LV', $content); 1 };
	my $trouble = $fine ? '' : AccessPoint::escape("$@");

	printf "   directory  %s of %d bytes for the %s from %s: %s\n", $message->{action}, length $content, uc($service // '?'), $message->{from},
	  $fine ? 'published, answered with Success' : "refused, $@";
	my $answer = $ap->submit('directory', { to => $message->{from}, service => $message->{service}, conversation => $message->{conversation},
			ref_to => $message->{message_id}, action => $fine ? 'SubmitObjectsResponse' : 'ExceptionResponse',
			parts => [ { content => '<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
				  . (defined $id ? qq{ requestId="$id"} : '') . ' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:' . ($fine ? 'Success"/>'
					: qq{Failure"><rs:Exception xsi:type="rs:InvalidRequestExceptionType" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"}
					. qq{ code="LCM:ERR:0003" message="$trouble"/></rs:RegistryResponse>}) } ] });
	die "not submitted: $answer->{reason}\n" if ref $answer;
	return;
}

write_file($roots, $ds->root_pem);
write_file($url, $ds->url . "\n");
for (;;)
{
	take($_) for $ap->collect('directory');
	Time::HiRes::sleep(0.05);
}
