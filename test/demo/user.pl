# user.pl: somebody whom a portal abroad has sent to look at three documents. Looks at the second, lets the others go, and
# keeps each page as a file that any browser shows; where chromium is installed, as a picture as well.
#
#	user.pl PORT LINK FOLDER    PORT: where ootspg-preview listens on this machine
#
# FOLDER/shown gets the SHA-256 of what was seen and let go. Ends with status 1 when a page is not the expected one.
use strict;
use warnings FATAL => 'all';
use utf8;

use Digest::SHA qw(sha256_hex);
use Encode;
use File::Temp;
use MIME::Base64;
use POSIX ();
use PreviewProgram;

binmode STDOUT, ':encoding(UTF-8)';
$| = 1;

my ($port, $link, $folder) = @ARGV;
my $program = PreviewProgram->attach($port);
my $user = PreviewProgram::Browser->new($program, 'Accept-Language' => 'en');
my ($path) = $link =~ m{^https://[^/]+(/.*)} or die "no link: $link\n";
my ($base) = $path =~ m{^(.*)/};
my ($chromium) = grep { -x } map { my $folder = $_; map { "$folder/$_" } qw(chromium chromium-browser google-chrome) } split /:/, $ENV{PATH};
my $number = 0;

sub write_file
{
	my ($file, $content) = @_;
	open my $out, '>:raw', $file or die "$file: $!";
	print $out $content;
	close $out or die "$file: $!";
	return;
}

# What the page refers to goes into it: the file needs no program behind it.
sub alone
{
	my ($html) = @_;
	my $of = sub { return $program->request('GET', $_[0], {}, '')->{content} };

	$html =~ s{<script [^>]*></script>|<link rel="icon"[^>]*>}{}g;
	$html =~ s{<link rel="stylesheet" href="([^"]+)">}{'<style>' . $of->($1) . '</style>'}e;
	$html =~ s{src="([^"]*/static/logo[^"]*)"}{'src="data:image/svg+xml;base64,' . encode_base64($of->($1), '') . '"'}e;
	return $html;
}

sub picture
{
	my ($page) = @_;
	my $picture = $page =~ s/\.html$/.png/r;
	my $profile = File::Temp->newdir;
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDOUT, '>', '/dev/null';
		open STDERR, '>&', \*STDOUT;
		exec($chromium, qw(--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --hide-scrollbars), "--window-size=900,1200", "--user-data-dir=$profile",
			"--screenshot=$picture", "file://$page") or POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return -s $picture ? $picture : undef;
}

# One page: expected under this heading, kept, and told
sub seen
{
	my ($name, $expected) = @_;
	my $heading = decode('UTF-8', PreviewProgram::Browser::unescaped($user->heading));

	die "\"$heading\" ($user->{status}) instead of \"$expected\"\n" unless $heading =~ /$expected/;
	my $page = sprintf '%s/%d-%s.html', $folder, ++$number, $name;
	write_file($page, alone($user->{page}));
	my $kept = ($chromium && picture($page)) // $page;
	printf "      %-62.62s %s\n", $heading, $kept =~ s{.*/}{}r;
	return;
}

seen('welcome', $user->get($path) && 'has asked for a document about you');
$user->submit('open');
seen('documents', 'Look at your documents and decide');
my @shown = map { $user->ask('GET', "$path/piece/$_/part/1")->{status} == 200 ? sha256_hex($user->{page}) : die "document $_: $user->{status}\n" } 1, 3;
$user->get($path)->submit('choose', { go => 'piece-2' });
seen('document', 'What it says');
$user->submit('choose', { go => 'check', 'piece-1' => 'use', 'piece-2' => 'refuse', 'piece-3' => 'use' });
seen('check', 'Check before anything is sent');
$user->submit('decide');
seen('done', 'All done');
write_file("$folder/shown", join '', map { "$_\n" } @shown);
