# The pages of ootspg-preview before two judges: axe-core, whether everybody can use them (on a wide screen, and on a phone by
# night), and the Nu HTML checker, whether they are valid. make test-browser brings both, pinned by test/preview/package-lock.json;
# without them this is skipped.
use strict;
use warnings FATAL => 'all';

use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;
use WebDriver;

my $modules = $ENV{PREVIEW_JUDGES} // '';
plan(skip_all => 'axe-core and vnu-jar are not installed (make test-browser does that)') unless -d "$modules/axe-core" and -d "$modules/vnu-jar";
my $missing = WebDriver::missing();
plan(skip_all => "$missing is not installed (make test-browser does that)") if $missing;

my $node = start_node('judged');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
my $program = PreviewProgram->new($node)
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my @screens = qw(welcome authenticate more list three later xml png waiting done not_found somebody_else other_browser over locked closed neutral broken);
my @paths = (map({ '/' . PreviewProgram::link_of($_) } @screens), '/' . PreviewProgram::link_of('three') . '/piece/1', '/help', '/privacy', '/accessibility');

# What a user comes to by a form: the error, the check, the question before nothing is sent
my $form = '/' . PreviewProgram::link_of('three');
my @ways = (
	[ 'an error' => 'check' ],
	[ 'the check' => 'check', '#piece-1-use', '#piece-2-refuse', '#piece-3-use' ],
	[ 'nothing' => 'none' ]);

# Rules of WCAG 2.2 A and AA and what is good besides
my $judge = slurp_file("$modules/axe-core/axe.min.js") . <<'END';
;const done = arguments[arguments.length - 1];
axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], rules: { 'target-size': { enabled: true } } })
	.then(r => done({ rules: r.passes.length, violations: r.violations.map(v => v.id + ' at ' + v.nodes.map(n => n.target.join(' ')).join(', ')) }), e => done({ rules: 0, violations: [String(e)] }));
END

sub judge
{
	my ($browser, $what) = @_;
	my $found = $browser->ask('POST', '/execute/async', { script => $judge, args => [] });
	cmp_ok($found->{rules}, '>', 10, "$what: judged");
	is(join('; ', @{ $found->{violations} }), '', "$what: everybody can use it");
	return;
}

for my $kind ([ 'wide screen', language => 'en' ], [ 'phone by night', language => 'lv', phone => 1 ])
{
	my ($name, %wanted) = @$kind;
	my $browser = WebDriver->start(%wanted);
	my $base = "http://localhost:$program->{plain_port}";
	$browser->command('POST', "$browser->{session}/goog/cdp/execute", { cmd => 'Emulation.setEmulatedMedia', params => { features => [ { name => 'prefers-color-scheme', value => 'dark' } ] } }) if $wanted{phone};
	for my $path (@paths)
	{
		judge($browser->go($base . $path), "$name, " . $path =~ s/_+//r);
	}
	for my $way (@ways)
	{
		my ($what, $go, @choices) = @$way;
		$browser->go($base . $form);
		$browser->click($_) for @choices;
		my $before = $browser->title;
		$browser->click(".buttons button[value=$go]");
		$browser->wait_until($what, sub { $browser->title ne $before });
		judge($browser, "$name, $what");
	}
	$browser->quit;
}

# As they are sent
my $directory = PostgreSQL::Test::Utils::tempdir();
my @files;
for my $language (qw(en lv el))
{
	for my $path (@paths)
	{
		my $page = PreviewProgram::Browser->new($program, 'Accept-Language' => $language)->get($path)->{page};
		push @files, "$directory/$language-" . $path =~ s{/}{.}gr . '.html';
		append_to_file($files[-1], $page);
	}
}
append_to_file("$directory/wrong.html", '<!DOCTYPE html><html lang="en"><title>x</title><p><li>x</html>');
my $told = qx(java -Xss8m -jar $modules/vnu-jar/build/dist/vnu.jar --format json --errors-only --exit-zero-always @files $directory/wrong.html 2>&1);
my @errors = map { my ($file) = $_->{url} =~ m{([^/]*)$}; "$file: $_->{message}" } @{ decode_json($told)->{messages} };
like(join('; ', grep { /^wrong/ } @errors), qr/li/, 'the judge sees what is wrong');
is(join('; ', grep { !/^wrong/ } @errors), '', 'every page is valid HTML');

is($program->stop, 0, 'it ends');
done_testing();
