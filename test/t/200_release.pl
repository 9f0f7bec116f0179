# What a release is made of: one version source, everything else of one mind with it, and an archive that pgxn installs.
use strict;
use warnings FATAL => 'all';

use Cwd;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $tree = getcwd;
my $copy = PostgreSQL::Test::Utils::tempdir . '/tree';
my ($version) = slurp_file('ootspg.control') =~ /^default_version = '(.*)'$/m;

system_or_bail('cp', '-R', $tree, $copy);

# in_copy(command): its exit code and everything it says
sub in_copy
{
	my @command = @_;
	my $output;
	IPC::Run::run([ 'sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', $copy, @command ], '>', \$output, '2>&1',
		IPC::Run::timeout(10 * $PostgreSQL::Test::Utils::timeout_default));
	return ($? >> 8, $output);
}

# with_change(file, change, what): what release-check says of a tree that has it
sub with_change
{
	my ($file, $change, $what) = @_;
	my $before = slurp_file("$copy/$file");
	local $_ = $before;
	$change->();
	isnt($_, $before, "$what: a change");
	write_file("$copy/$file", $_);
	my ($code, $output) = in_copy('test/bin/run-release-check', '--unreleased');
	write_file("$copy/$file", $before);
	is($code, 1, "$what: refused");
	return $output;
}

sub write_file
{
	my ($file, $text) = @_;
	open my $handle, '>', $file or die "$file: $!";
	print $handle $text;
	close $handle;
	return;
}

my ($code, $output) = in_copy('test/bin/run-release-check', '--unreleased');
is($code, 0, 'version, scripts, META.json, change log and manual are of one mind') or diag($output);

like(with_change('ootspg.control', sub { s/^default_version = .*/default_version = '99.0.0'/m }, 'a version without change log'),
	qr/WRONG: the change log begins with this version.*WRONG: META\.json is as/s, 'it is told');
like(with_change('META.json', sub { s/"version": "\Q$version\E"/"version": "9.9.9"/ }, 'META.json written by hand'), qr/WRONG: META\.json/, 'it is told');
like(with_change('sql/ootspg--0.2.0.sql', sub { $_ .= "-- better\n" }, 'a frozen script'), qr/WRONG: scripts of releases are as they were/, 'it is told');
like(with_change('CHANGELOG.md', sub { s/^## 0\.2\.0 \(.*\)/## 0.2.0 (2026-01-01)/m }, 'dates that do not fall'), qr/WRONG: dates fall/, 'it is told');

SKIP:
{
	skip 'no git, or no pgxn (Debian: pgxnclient)', 4 if system('command -v git >/dev/null && command -v pgxn >/dev/null');
	my $server = PostgreSQL::Test::Utils::tempdir . '/server';
	my @git = ('git', '-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false');

	in_copy('rm', '-rf', '.git', 'tmp_check');
	in_copy(@git, @$_) for [ 'init', '-q' ], [ 'add', '-A' ], [ 'commit', '-q', '-m', 'all' ];
	($code, $output) = in_copy('make', '-s', 'dist');
	is($code, 0, 'make dist makes an archive') or diag($output);
	# a server without the extension, of the one that the private one was made of
	(my $origin = $ENV{PG_CONFIG}) =~ s{^/.*?/server(?=/)}{};
	($code, $output) = in_copy('test/bin/private-server', $origin, $server);
	my $private = $server . qx($origin --bindir) =~ s/\n//r . '/pg_config';
	# pgxn looks whether it may write here; nothing of ours goes there
	mkdir $server . qx($origin --libdir) =~ s/\n//r;
	chomp(my $scripts = qx($private --sharedir));
	unlink glob "$scripts/extension/ootspg*";	# what the machine has must not pass for what comes
	($code, $output) = in_copy('env', 'COPT=-O0', 'pgxn', 'install', '--unstable', '--nosudo', "--pg_config=$private", "dist/ootspg-$version.zip");
	is($code, 0, 'pgxn installs it') or diag($output);
	ok(-s "$scripts/extension/ootspg--$version.sql", 'the script is there');
	ok(-s "$scripts/extension/ootspg--0.2.0--$version.sql", 'and so is the update from the release before');
}

done_testing();
