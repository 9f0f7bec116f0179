# PreviewProgram: ootspg-preview of the private server, talked to as browsers do, over a TCP port of its own
# and, for the JSON interface, a Unix socket. See TestServer for how programs are started and ended.
package PreviewProgram;

use strict;
use warnings FATAL => 'all';

use parent 'TestServer';

use File::Temp;
use IO::Socket::INET;
use IO::Socket::UNIX;

# new(node, database, settings...): started; settings are options without their dashes.
sub new
{
	my ($class, $node, @settings) = @_;
	my $self = bless { name => 'ootspg-preview', directory => File::Temp->newdir }, $class;
	my $program = $node->config_data('--bindir') . '/ootspg-preview';

	return undef unless -x $program;
	my $user = $node->{preview_role} // 'postgres';
	$self->{program} = $program;
	$self->{arguments} = [
		'--listen=127.0.0.1:0', "--json_listen=unix:$self->{directory}/json", '--time_zone=Europe/Riga',
		'--database=' . "host=" . $node->host . ' port=' . $node->port . " user=$user dbname=postgres",
		map { "--$_" } @settings
	];
	$self->start;
	return $self;
}

# attach(port): one that runs already, as in the demo
sub attach
{
	my ($class, $port) = @_;
	return bless { name => 'ootspg-preview', plain_port => $port }, $class;
}

sub start
{
	my ($self) = @_;

	unlink $self->file('log');
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDERR, '>>', $self->file('log') or POSIX::_exit(126);
		exec($self->{program}, @{ $self->{arguments} }) or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	delete $self->{socket};
	$self->wait_until('ootspg-preview listens',
		sub { $self->log =~ /is ready/ or (waitpid($pid, POSIX::WNOHANG()) and die 'ootspg-preview ended: ' . $self->log) });
	($self->{plain_port}) = $self->log =~ /listening on port (\d+)/;
	return;
}

# A link of the fake database: its name, filled up
sub link_of { my ($name) = @_; return substr($name . '_' x 43, 0, 43); }

sub escaped
{
	my ($text) = @_;
	$text =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

# A browser: cookies kept, the last page remembered. get, post, submit(button => value …) as a user would.
package PreviewProgram::Browser;

use strict;
use warnings FATAL => 'all';

sub new
{
	my ($class, $program, %headers) = @_;
	return bless { program => $program, headers => {%headers}, cookie => undef }, $class;
}

sub ask
{
	my ($self, $method, $path, $content, %more) = @_;
	my %headers = (%{ $self->{headers} }, %more);
	$headers{Cookie} = $self->{cookie} if $self->{cookie};
	$headers{'Content-Type'} //= 'application/x-www-form-urlencoded' if $method ne 'GET' and $method ne 'HEAD';
	my $answer = $self->{program}->request($method, $path, \%headers, $content // '');
	my $set = $answer->{headers}{'set-cookie'};
	$self->{cookie} = $1 if $set and $set =~ /^([^;]+)/;
	$self->{path} = $path;
	$self->{page} = $answer->{content};
	$self->{status} = $answer->{status};
	$self->{answer} = $answer;
	return $self;
}

# Follows a redirection, which must stay on the host.
sub go
{
	my ($self, @request) = @_;
	$self->ask(@request);
	for (my $i = 0; $self->{status} == 303 and $i < 5; $i++)
	{
		my $location = $self->{answer}{headers}{location};
		die "leads away: $location" unless $location =~ m{^/[^/]};
		$self->ask('GET', $location);
	}
	return $self;
}

sub get { my ($self, $path, %more) = @_; return $self->go('GET', $path, undef, %more); }

sub unescaped
{
	my ($text) = @_;
	my %meant = (amp => '&', lt => '<', gt => '>', quot => '"', '#39' => "'");
	$text =~ s/&(amp|lt|gt|quot|#39);/$meant{$1}/g;
	return $text;
}

# The fields of the page's form that has a button or id of this name, hidden ones and what is checked.
sub form
{
	my ($self, $wanted) = @_;
	my $page = $self->{page};
	while ($page =~ m{<form method="post"(.*?)>(.*?)</form>}gs)
	{
		my ($head, $body) = ($1, $2);
		my ($action) = $head =~ /action="([^"]*)"/;
		next if defined $wanted and $action !~ /$wanted/;
		my %fields;
		while ($body =~ /<input ([^>]*)>/g)
		{
			my $input = $1;
			my ($name) = $input =~ /name="([^"]*)"/ or next;
			my ($value) = $input =~ /value="([^"]*)"/;
			next if $input =~ /type="radio"/ and $input !~ / checked/;
			$fields{$name} = unescaped($value // '');
		}
		return ($action, \%fields);
	}
	die "no form in $self->{path}";
}

# Presses a button of the form: fields beside those that stand in it, and another address when the button has one.
sub submit
{
	my ($self, $wanted, $fields, $action) = @_;
	my ($address, $standing) = $self->form($wanted);
	my %all = (%$standing, %{ $fields // {} });
	my $content = join '&', map { PreviewProgram::escaped($_) . '=' . PreviewProgram::escaped($all{$_}) } sort keys %all;
	return $self->go('POST', $action // $address, $content);
}

sub title { my ($self) = @_; my ($title) = $self->{page} =~ m{<title>(.*?)</title>}s; return $title // ''; }
sub heading { my ($self) = @_; my ($text) = $self->{page} =~ m{<h1[^>]*>(.*?)</h1>}s; $text //= ''; $text =~ s/<[^>]*>//g; return $text; }

# What a reader reads
sub text
{
	my ($self) = @_;
	my ($text) = $self->{page} =~ m{<main[^>]*>(.*)</main>}s;
	$text =~ s/<[^>]*>/ /g;
	$text =~ s/\s+/ /g;
	return $text;
}

1;
