# The pages of ootspg-preview in a real browser: every screen, keyboard only, as small as a phone, without script, back,
# reload, two tabs, time running out, a PDF in place. make test-browser installs the browser; without it this is skipped.
# PREVIEW_PICTURES names a folder that gets pictures of the screens.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;
use WebDriver;
use utf8;

my $missing = WebDriver::missing();
plan(skip_all => "$missing is not installed (make test-browser does that)") if $missing;

my $node = start_node('browser');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
my $directory = PostgreSQL::Test::Utils::tempdir();
TestServer::run_openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', "$directory/key.pem", '-out', "$directory/certificate.pem", '-subj', '/CN=localhost', '-days', '2');
my $program = PreviewProgram->new($node, "tls_certificate=$directory/certificate.pem", "tls_key=$directory/key.pem")
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $base = "https://localhost:$program->{plain_port}";
my $pictures = $ENV{PREVIEW_PICTURES};

sub value { return $node->safe_psql('postgres', shift) }
sub link_of { return PreviewProgram::link_of(@_) }
sub url { return "$base/" . link_of(@_) }

sub session
{
	my ($name, %columns) = @_;
	my $link = link_of($name);
	my @names = ('link', sort keys %columns);
	value("INSERT INTO preview_fake.session (" . join(', ', @names) . ') VALUES (' . join(', ', map { "'$_'" } $link, map { $columns{$_} } sort keys %columns) . ')');
	return "$base/$link";
}

# Nothing of a page is wider than it, too small to hit, or anybody else's
my $measures = <<'END';
const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
const small = [...document.querySelectorAll('main a[href], main button, main input:not([type=hidden]), main summary, footer a')].filter(e => {
	const r = (e.closest('label') || e).getBoundingClientRect();
	return e.tabIndex >= 0 && r.width > 0 && (r.height < 24 || r.width < 24);
}).map(e => e.outerHTML.slice(0, 80));
const foreign = performance.getEntriesByType('resource').map(e => new URL(e.name).host).filter(h => h !== location.host);
return { wide, small, foreign, headings: document.querySelectorAll('h1').length, cookies: document.cookie };
END
my @screens = qw(welcome authenticate more list three later xml png waiting done not_found somebody_else other_browser over locked closed neutral broken);
for my $language (qw(en lv de))
{
	my $phone = WebDriver->start(language => $language, phone => 1);
	for my $screen (@screens)
	{
		$phone->go(url($screen));
		my $found = $phone->evaluate($measures);
		ok(!$found->{wide}, "$language, phone, $screen: nothing scrolls sideways");
		is(join('; ', @{ $found->{small} }), '', "$language, phone, $screen: everything can be hit");
		is("@{ $found->{foreign} }", '', "$language, phone, $screen: nothing from elsewhere");
		is($phone->evaluate('return document.documentElement.lang'), $language, "$language, phone, $screen: the language of the browser");
		ok(!$phone->find('iframe, object, embed'), "$language, phone, $screen: no frame");
	}
	is(join('; ', grep { !/status of (4|5)\d\d/ } $phone->complaints), '', "$language: the browser complains of nothing");
	if ($pictures) { $phone->go(url('three')); $phone->picture("$pictures/phone-$language.png") }
	$phone->quit;
}

my $user = WebDriver->start;
if ($pictures)
{
	for (@screens) { $user->go(url($_)); $user->picture("$pictures/$_.png") }
}

# Keyboard only, from the link to the end
my $address = session('keyboard', page => 'welcome');
$user->go($address);
is($user->focused, 'University of Tartu has asked for a document about you', 'the heading has the focus');
$user->keys('Tab');
is($user->focused, 'Look at the document', 'then the button');
$user->keys('Enter');
$user->wait_until('the document', sub { $user->text('h1') eq 'Look at your document and decide' });
is($user->focused, 'Look at your document and decide', 'the heading again after a step');
my @stops;
for (1 .. 40)
{
	$user->keys('Tab');
	push @stops, $user->focused;
	ok($user->evaluate('const e = document.activeElement, r = (e.closest("label") || e).getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight'), "stop $_ is in sight: $stops[-1]");
	last if $stops[-1] eq 'use';
}
is($stops[-1], 'use', 'the choice is reached');
$user->evaluate('document.activeElement.form.querySelector("[name=go]").scrollIntoView()');
is($user->text('button[value=decide]'), 'Confirm my choice', 'the button before the choice');
$user->keys('Space');
is($user->text('button[value=decide]'), 'Send this document to University of Tartu: Birth certificate', 'the button says what it does');
$user->keys('Down');
is($user->text('button[value=decide]'), 'Send nothing', 'and after the other choice');
$user->keys('Tab', 'Enter');
$user->wait_until('asked once more', sub { $user->text('h1') eq 'Send nothing?' });
$user->keys('Tab', 'Enter');
$user->wait_until('recorded', sub { $user->text('h1') eq 'Your choice is kept' });
pass('decided by keyboard');

# Back, forward, reload after the decision
$user->back;
unlike($user->text, qr/Use it in my procedure|Confirm my choice/, 'back: no choice any more');
$user->go($address)->reload;
is($user->text('h1'), 'Your choice is kept', 'reload: the same page');

# The waiting page says when there is news, and leads nowhere by itself
is($user->text('#live'), '', 'no news');
value("UPDATE preview_fake.session SET page = 'done' WHERE link = '" . link_of('keyboard') . "'");
$user->wait_until('news', sub { $user->text('#live') =~ /has been fetched/ });
is($user->text('h1'), 'Your choice is kept', 'still here');
$user->click('main a.button');
is($user->text('h1'), 'All done', 'on by the button');

# An error: said, focused, linked
$address = session('errors', page => 'list', pieces => 3);
$user->go($address)->click('.buttons .button:not(.quiet)');
is($user->evaluate('return document.activeElement.className'), 'summary', 'the summary has the focus');
$user->click('.summary a');
is($user->evaluate('return document.activeElement.id'), 'piece-1-use', 'its link leads to the choice');

# The choices stay through the language switch, the look at a piece, and back
$user->click('#piece-1-use')->click('#piece-3-refuse')->click('.languages summary')->click('.languages [lang=fr]');
is($user->text('h1'), 'Regardez vos documents et décidez', 'another language');
is($user->evaluate('return [...document.querySelectorAll("input:checked")].map(e => e.id).join()'), 'piece-1-use,piece-3-refuse', 'the choices are kept');
$user->click('button[value=piece-2]')->click('#piece-2-use')->click('button[value=list]');
is($user->evaluate('return [...document.querySelectorAll("input:checked")].map(e => e.id).join()'), 'piece-1-use,piece-2-use,piece-3-refuse', 'and with that of the piece');
$user->click('.buttons .button:not(.quiet)');
like($user->text, qr/sera envoyé à University of Tartu Birth certificate Birth certificate of child 2 Ceci ne sera pas envoyé Birth certificate of child 3/, 'the check');

# Two tabs: what the first decides the second is told
my $first = $user->ask('GET', '/window');
my $second = $user->ask('POST', '/window/new', { type => 'tab' })->{handle};
$user->ask('POST', '/window', { handle => $second });
$user->go($address);
$user->ask('POST', '/window', { handle => $first });
$user->click('.buttons .button:not(.quiet)');
is($user->text('h1'), 'Votre choix est enregistré', 'decided in one tab');
$user->ask('POST', '/window', { handle => $second });
$user->click('#piece-1-refuse')->click('.buttons .button:not(.quiet)');
is($user->text('h1'), 'Votre choix est enregistré', 'the other tab is told');
is(value("SELECT decided FROM preview_fake.session WHERE link = '" . link_of('errors') . "'"), 1, 'once');
$user->ask('DELETE', '/window');
$user->ask('POST', '/window', { handle => $first });

# A PDF in place, by the browser's own viewer, under the headers of the program; the link beside it
$user->go(url('list') . '?lang=en');
$user->wait_until('the frame', sub { $user->find('.frame iframe') });
ok($user->evaluate('const f = document.querySelector(".frame iframe"); return f.title !== "" && f.getBoundingClientRect().height > 300'), 'a frame with a title');
$user->wait_until('the document in it', sub {
	my $targets = $user->command('POST', "$user->{session}/goog/cdp/execute", { cmd => 'Target.getTargets', params => {} })->{targetInfos};
	scalar grep { $_->{url} =~ m{/piece/1/part/1|chrome-extension://mhjfbmdgcfjbbpaeojofohoefgiehjai} } @$targets });
is(join('; ', grep { !/status of (4|5)\d\d/ } $user->complaints), '', 'no policy was in its way');

# Time runs out: said five minutes before, in words, once
$address = session('hurry', page => 'list', facts => '{"deadline": "' . value(q{SELECT to_char((now() + interval '302 s') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')}) . '"}');
$user->go($address);
$user->wait_until('the warning', sub { $user->text('#live') eq 'Time left to decide: 5 min.' }, 30);
is($user->evaluate('return document.querySelectorAll("#live p").length'), 1, 'the warning stands once');
is($user->evaluate('return document.activeElement.tagName'), 'H1', 'and leaves the focus where it is');

# Enlarged four times (1280 px at 400 % are 320): nothing scrolls sideways, what has the focus is in sight
$user->command('POST', "$user->{session}/goog/cdp/execute", { cmd => 'Emulation.setDeviceMetricsOverride', params => { width => 320, height => 256, deviceScaleFactor => 4, mobile => JSON::PP::false() } });
$user->go(url('three'));
ok(!$user->evaluate($measures)->{wide}, '400 %: nothing scrolls sideways');
for (1 .. 12)
{
	$user->keys('Tab');
	ok($user->evaluate('const e = document.activeElement, r = (e.closest("label") || e).getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight'), "400 %: stop $_ is in sight");
}
$user->quit;

# Without script: everything
my $plain = WebDriver->start(script => 0);
$address = session('plain', page => 'welcome');
$plain->go($address)->click('main form button');
is($plain->text('h1'), 'Look at your document and decide', 'without script: the document');
ok(!$plain->find('iframe'), 'without script: no frame');
$plain->click('#piece-1-use')->click('.languages summary')->click('.languages [lang=it]')->click('button[value=decide]');
is($plain->text('h1'), 'La sua scelta è registrata', 'without script: decided, in Italian');
value("UPDATE preview_fake.session SET page = 'done', facts = '{\"return\": {\"url\": \"$base/help\", \"host\": \"localhost\", \"method\": \"GET\"}}' WHERE link = '" . link_of('plain') . "'");
$plain->click('main a.button');
is($plain->text('h1'), 'Tutto fatto', 'without script: the end');
$plain->click('main a.button');
is($plain->address, "$base/help", 'and back');
$plain->quit;

# On paper: the receipt, without what only a screen needs
my $paper = WebDriver->start;
$paper->go(url('done'));
$paper->command('POST', "$paper->{session}/goog/cdp/execute", { cmd => 'Emulation.setEmulatedMedia', params => { media => 'print' } });
ok($paper->evaluate('return getComputedStyle(document.querySelector("footer.site")).display === "none" && getComputedStyle(document.querySelector("h1")).display !== "none"'), 'on paper');
ok(length $paper->ask('POST', '/print', {}) > 1000, 'as a PDF');
$paper->quit;

is($program->stop, 0, 'it ends');
done_testing();
