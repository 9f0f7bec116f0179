# The manual as a whole: links lead somewhere, the picture is one for everybody, and one command makes a site of it.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my @pages = ('README.md', 'CHANGELOG.md', glob 'doc/*.md');
my $directory = PostgreSQL::Test::Utils::tempdir;

# links(page…): what leads nowhere
sub links { my @files = @_; my $out; IPC::Run::run([ '.packaging/links', @files ], '>', \$out); return $out; }

is(links(@pages), '', 'links and their anchors lead somewhere');
PostgreSQL::Test::Utils::append_to_file("$directory/page.md", <<'END');
# One thing, `and` another

[here](#one-thing-and-another) [not here](#one-thing) [no file](other.md) `[no](link)` [far](https://example.invalid/)
END
is(links("$directory/page.md"), "$directory/page.md: #one-thing\n$directory/page.md: other.md\n", 'those that do not are told');

# Every page of the manual is named where one begins to read
my $readme = slurp_file('README.md');
like($readme, qr/\Q($_)\E/, "README.md leads to $_") for glob 'doc/*.md';

my $picture = slurp_file('doc/way.svg');
like($picture, qr/<svg [^>]*role="img" aria-labelledby="title description"/, 'the picture says what it is');
like($picture, qr/<desc id="description">[^<]{200,}/, 'and what is to be seen');
like($picture, qr/prefers-color-scheme: dark/, 'in the dark, too');
unlike($picture, qr/<script|href=|url\((?!#)/, 'and asks nobody for anything');

SKIP:
{
	skip 'no pandoc', 4 if system('sh', '-c', 'command -v pandoc >/dev/null');
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'test/bin/run-site' ], '>', \$out, '2>', \$err, IPC::Run::timeout(4 * $PostgreSQL::Test::Utils::timeout_default));
	is($?, 0, 'the site is made') or diag($err);
	my @html = ('dist/site/index.html', glob 'dist/site/doc/*.html');
	is(scalar @html, scalar(@pages) - 1, 'a page for each');
	my %there = map { $_ => 1 } @html, 'dist/site/README.html', 'dist/site/CHANGELOG.html';
	my @lost;
	foreach my $file (@html)
	{
		my ($folder) = $file =~ m{(.*)/};
		foreach my $link (slurp_file($file) =~ /(?:href|src)="([^"#:]+)/g)
		{
			push @lost, "$file: $link" unless -e "$folder/$link";
		}
	}
	is_deeply(\@lost, [], 'and their links lead somewhere as well');
	like(slurp_file('dist/site/doc/operate.html'), qr/<html [^>]*lang="en"/, 'in a language that is told');
}
done_testing();
