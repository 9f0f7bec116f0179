# The pages of ootspg-preview, each state of a preview and each button, as a browser without script walks them. The
# database is test/preview/fake.sql: what the real functions do is the matter of other tests.
use strict;
use warnings FATAL => 'all';

use IO::Socket::INET;
use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;

my $node = start_node('pages');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
my $secret = 'a secret that proxy and program share, long enough';
my $secret_file = PostgreSQL::Test::Utils::tempdir() . '/proxy-secret';
append_to_file($secret_file, "$secret\n");
my $program = PreviewProgram->new($node, "proxy_secret_file=$secret_file", 'claim.family_name=X-Claim-Family-Name', 'claim_value.source=national', 'forwarded=on')
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');

sub link_of { return PreviewProgram::link_of(@_) }
sub browser { return PreviewProgram::Browser->new($program, 'Accept-Language' => 'en', @_) }
sub value { return $node->safe_psql('postgres', shift) }
sub calls { my ($what) = @_; return value("SELECT count(*) FROM preview_fake.call WHERE what = '$what'") }

sub session
{
	my ($name, %columns) = @_;
	my $link = link_of($name);
	my @names = ('link', sort keys %columns);
	value("INSERT INTO preview_fake.session (" . join(', ', @names) . ') VALUES (' . join(', ', map { "'$_'" } $link, map { $columns{$_} } sort keys %columns) . ')');
	return $link;
}

# Every state: its status, a title and a heading of its own, and what no page may have.
my %status = (welcome => 200, authenticate => 200, more => 200, list => 200, three => 200, later => 200, xml => 200, png => 200, waiting => 200, done => 200,
	not_found => 200, somebody_else => 403, other_browser => 200, over => 410, locked => 429, closed => 503, neutral => 404, broken => 500, nonsense => 500);
my %titles;
for my $name (sort keys %status)
{
	my $page = browser()->get('/' . link_of($name));
	my $html = $page->{page};
	is($page->{status}, $status{$name}, "$name: status");
	is(() = $html =~ /<h1/g, 1, "$name: one heading");
	like($html, qr/<html lang="en">/, "$name: its language");
	unlike($html, qr/ checked| disabled|<script>|style=|javascript:| on\w+="/, "$name: nothing preselected, disabled or inline");
	unlike($html, qr/consent/i, "$name: no consent");
	unlike($html, qr/secret words/, "$name: nothing of the database's words");
	$titles{ $page->title }{$name} = 1;
}
is(join('; ', sort map { join ',', sort keys %$_ } grep { keys %$_ > 1 } values %titles), 'broken,nonsense; later,three; list,png,xml',
	'titles differ where what is to be done differs');
like(browser()->get('/' . link_of('closed'))->{answer}{headers}{'retry-after'}, qr/^7[12]\d\d$/, 'closed: when to come again');
like(browser()->get('/' . link_of('locked'))->{answer}{headers}{'retry-after'}, qr/^(5|6)\d\d$/, 'locked: when to come again');

# Unknown, over elsewhere, malformed: the same bytes for everybody
my $neutral = browser()->get('/' . link_of('neutral'))->{page};
is(browser()->get("/$_")->{page}, $neutral, "the same page for /$_") for link_of('unknown'), 'x', '', link_of('list') . 'x', 'static/none.css', link_of('list') . '/piece/1/part/1/x';
value("UPDATE preview_fake.session SET browser = 'somebody' WHERE link = '" . link_of('over') . "'");
is(browser()->get('/' . link_of('over'))->{page}, $neutral, 'over: only the browser that began is told');

# GET, HEAD and prefetch change nothing (UX-04): everything was read, nothing called but the counter of strangers' links
is(value("SELECT count(*) FROM preview_fake.call WHERE what <> 'refused'"), 0, 'looking at all pages has changed nothing');
is(value("SELECT string_agg(DISTINCT detail->>'kind', ',') FROM preview_fake.call WHERE what = 'refused'"), 'link', 'what is no link is counted');
my $counted = calls('refused');
browser('Sec-Purpose' => 'prefetch')->get('/' . link_of('unknown'));
is(calls('refused'), $counted, 'a prefetch counts as no try');
my $raw = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $program->{plain_port}) or die;
print $raw 'HEAD /' . link_of('welcome') . " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
my $head = do { local $/; <$raw> };
like($head, qr/^HTTP\/1.1 200 .*\r\n\r\n$/s, 'HEAD: the head of the page');

# Headers of each kind of answer (D-PRE-09, UX-10)
my $strict = qr/^default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'$/;
for (
	[ 'welcome', '', 'text/html; charset=utf-8', $strict, 'DENY', 'no-store' ],
	[ 'neutral', '', 'text/html; charset=utf-8', $strict, 'DENY', 'no-store' ],
	[ 'list', '/piece/1/part/1', 'application/pdf', qr/^frame-ancestors 'self'; (?!.*sandbox)(?!.*default-src)/, 'SAMEORIGIN', 'no-store' ],
	[ 'png', '/piece/1/part/1', 'image/png', qr/^default-src 'none'.*sandbox/, 'DENY', 'no-store' ],
	[ 'xml', '/piece/1/part/1', 'application/xml', qr/^default-src 'none'.*sandbox/, 'DENY', 'no-store' ],
	[ 'html', '/piece/1/part/1', 'text/html', qr/^default-src 'none'.*sandbox/, 'DENY', 'no-store' ])
{
	my ($name, $path, $type, $policy, $frame, $cache) = @$_;
	my $headers = browser()->get('/' . link_of($name) . $path)->{answer}{headers};
	is($headers->{'content-type'}, $type, "$name$path: type");
	like($headers->{'content-security-policy'}, $policy, "$name$path: policy");
	is($headers->{'x-frame-options'}, $frame, "$name$path: frames");
	is($headers->{'cache-control'}, $cache, "$name$path: kept nowhere");
	is($headers->{'referrer-policy'}, 'no-referrer', "$name$path: no referrer");
	is($headers->{'x-content-type-options'}, 'nosniff', "$name$path: no sniffing");
}
my ($style) = $neutral =~ m{href="(/static/style-[^"]+)"};
my $asset = browser()->get($style);
is("$asset->{status} $asset->{answer}{headers}{'content-type'} $asset->{answer}{headers}{'cache-control'}",
	'200 text/css; charset=utf-8 public, max-age=31536000, immutable', 'the style sheet may be kept');
my ($logo) = $neutral =~ m{src="(/static/logo-[^"]+)"};
is(browser()->get($logo)->{answer}{headers}{'content-type'}, 'image/svg+xml', 'the mark of the authority');

# What can run is saved, never shown; the name of the registry's file cannot break out of its header
like(browser()->get('/' . link_of('html') . '/piece/1/part/1')->{answer}{headers}{'content-disposition'}, qr/^attachment/, 'HTML is only saved');
is(browser()->get('/' . link_of('xml') . '/piece/1/part/1')->{answer}{headers}{'content-disposition'}, 'attachment; filename="we_ird__X-Evil__1.xml"', 'a safe name');
is(browser()->get('/' . link_of('list') . '/piece/1/part/1')->{answer}{headers}{'content-disposition'}, 'inline; filename="certificate_1.pdf"', 'PDF is shown');
like(browser()->get('/' . link_of('list') . '/piece/1/part/1?save')->{answer}{headers}{'content-disposition'}, qr/^attachment/, 'or saved');
is(browser()->get('/' . link_of('list') . '/piece/9/part/1')->{page}, $neutral, 'no such piece: the neutral page');

# From the link to the end, one document; 1.x with a way back by GET
my $link = session('walk', page => 'welcome');
my $user = browser()->get("/$link?returnurl=https%3A%2F%2Fportal.example%2Fback%3Fa%3D1%26b%3D2&returnmethod=GET");
like($user->{answer}{headers}{'set-cookie'}, qr/^__Host-ootspg=[\w-]{43}\.en; Path=\/; Secure; HttpOnly; SameSite=Lax$/, 'the one cookie');
unlike($user->text, qr/Keep the page/, 'the way back is known');
like(browser()->get("/$link")->text, qr/Keep the page of University of Tartu open/, 'without a way back it is said');
my $words = () = $user->text =~ /\S+/g;
cmp_ok($words, '<=', 120, "the first page is short ($words words)");
like($user->text, qr/Asked by.*Needed for.*Document.*Held by.*About.*until \d\d:\d\d \(Riga time\)/, 'the facts in their order');
$user->submit('open');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'open'"), '{"url": "https://portal.example/back?a=1&b=2", "method": "GET"}', 'the way back is handed in');
is($user->heading, 'Look at your document and decide', 'then the document');
is(browser()->get("/$link")->heading, 'You began this in another browser', 'which no other browser is shown');
like($user->text, qr/Open Birth certificate \(PDF, 120 kB, opens in a new tab\)/, 'type, size and tab are said');
unlike($user->{page}, qr/<iframe|<object|certificate 1\.pdf/, 'no frame without script, no name of a file');
$user->submit('choose', { go => 'decide' });
is($user->{status}, 422, 'no choice: said');
like($user->title, qr/^Error: /, '... in the title');
like($user->{page}, qr/class="summary" tabindex="-1" autofocus.*href="#piece-1-use".*id="piece-1-use"[^>]*aria-describedby="piece-1-error"/s, '... and where it is');
is(calls('decide'), 0, '... and nothing recorded');
$user->submit('choose', { go => 'decide', 'piece-1' => 'use' });
is($user->heading, 'Your choice is kept', 'recorded');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'decide'"), '{"use": [1], "refuse": []}', 'as chosen');
is($user->get("/$link/state")->{page}, qq({"waiting": true}\n), 'the script may ask');
value("UPDATE preview_fake.session SET page = 'done' WHERE link = '$link'");
$user->get("/$link");
is($user->heading, 'All done', 'answered');
unlike($user->{page}, qr/Your Europe/, 'no mark of Your Europe unless the space sets it');
like($user->text, qr/1 document is on its way to University of Tartu since \d\d:\d\d \(Riga time\)/, 'said what was sent, and when');
like($user->{page}, qr{<a class="button" rel="noreferrer" href="https://portal.example/back\?a=1&amp;b=2">Go back to <?.*University of Tartu.*\(portal.example\)}, 'and the way back');
my $done = $user->{page};
is($user->get("/$link")->{page}, $done, 'reload: the same page');
is($user->get("/$link/piece/1")->{page}, $done, 'a bookmark of the document: the same page');
$user->ask('POST', "/$link/choose", 'go=check');
is("$user->{status} $user->{answer}{headers}{location}", "303 /$link", 'a late press of a button leads to it');

# The second press, and back: recorded once
$link = session('twice', page => 'list');
$user = browser()->get("/$link");
my ($action, $fields) = $user->form('choose');
my $body = join '&', map { "$_=$fields->{$_}" } keys %$fields;
my $before = calls('decide');
$user->ask('POST', $action, "$body&go=decide&piece-1=use");
is($user->{status}, 303, 'first press');
$user->ask('POST', $action, "$body&go=decide&piece-1=refuse");
is($user->{status}, 303, 'second press');
is(calls('decide'), $before + 1, 'recorded once');

# Nothing is asked once more
$link = session('nothing', page => 'list', settled => 'done', decided => 1);
$user = browser()->get("/$link")->submit('choose', { go => 'decide', 'piece-1' => 'refuse' });
is($user->heading, 'Send nothing?', 'asked once more');
like($user->text, qr/not told whether you refused or there was none/, 'what the other side learns');
$user->submit('decide', { go => 'list' }, "/$link/choose");
like($user->{page}, qr/value="refuse"[^>]* checked/, 'keep looking: the choice is kept');
$user->submit('choose', { go => 'decide' })->submit('decide');
is($user->heading, 'All done', 'sent nothing');
like($user->text, qr/No document was sent to University of Tartu/, 'in words');

# Three documents: none, all, a mixture; back and forth keeps what was chosen
$link = session('mixed', page => 'list', pieces => 3);
$user = browser()->get("/$link");
is(() = $user->{page} =~ /<section class="card">/g, 3, 'a card each');
$user->submit('choose', { go => 'none' });
is($user->heading, 'Send nothing?', 'none: asked once more');
$user->submit('decide', { go => 'list' }, "/$link/choose");
is(() = $user->{page} =~ /value="refuse"[^>]* checked/g, 3, 'none: filled in');
$user->submit('choose', { go => 'all' });
is($user->heading, 'Check before anything is sent', 'all: to the check');
like($user->{page}, qr/Send 3 documents to /, 'number and receiver stand on the button');
$user->get("/$link")->submit('choose', { go => 'check', 'piece-1' => 'use', 'piece-3' => 'refuse' });
is($user->{status}, 422, 'one is missing');
like($user->text, qr/Please check Choose whether to use it: Birth certificate of child 2 /, 'it is named');
is(() = $user->{page} =~ / checked/g, 2, 'the others are kept');
$user->submit('choose', { go => 'piece-2' });
is($user->heading, 'What it says', 'a look at the second');
$user->submit('choose', { lang => 'lv', 'piece-2' => 'use' });
is($user->heading, 'Ko dokuments saka', 'in another language, the same page');
$user->submit('choose', { go => 'list' });
is(() = $user->{page} =~ /value="(?:use|refuse)"[^>]* checked/g, 3, 'all choices are kept');
is($user->heading, 'Apskatiet savus dokumentus un izlemiet', 'and the language');
$user->submit('choose', { go => 'check' });
like($user->text, qr/Tiks nosūtīts iestādei „ ?(?:<[^>]*>)?University of Tartu.*Dzimšanas apliecība Dzimšanas apliecība, 2\. bērns Netiks nosūtīts Dzimšanas apliecība, 3\. bērns/, 'what goes and what stays');
like($user->{page}, qr/Nosūtīt 2 dokumentus/, 'plural');
$user->submit('decide');
is(value("SELECT used || '/' || refused::text FROM (SELECT used::text, refused FROM preview_fake.session WHERE link = '$link') s"), '{1,2}/{3}', 'exactly that');

# A document that is not there yet
$user = browser()->get('/' . link_of('later'));
like($user->text, qr/Birth certificate of child 2 is being prepared. It will be there from 09:00 \(Riga time\) on 15 January 2027/, 'from when');
is(() = $user->{page} =~ /<fieldset/g, 1, 'no choice for it');
$user->submit('choose', { go => 'check', 'piece-1' => 'use' })->submit('decide');
is(value("SELECT used::text || refused::text FROM preview_fake.session WHERE link = '" . link_of('later') . "'"), '{1}{}', 'it is not sent, and nothing is decided on it');

# Deciding later, and pages beside the way
$link = session('pause', page => 'list');
$user = browser()->get("/$link/later");
like($user->text, qr/Nothing was sent. You can open the same link again until \d\d:\d\d/, 'later');
is($user->get("/$link")->heading, 'Look at your document and decide', 'and again');
for (qw(help privacy accessibility))
{
	like(browser()->get("/$link/$_")->{page}, qr{href="/$link"}, "$_: leads back");
	my $page = browser()->get("/$_");
	is($page->{status}, 200, "$_: without a link");
	is(browser()->get('/' . link_of('unknown') . "/$_")->{page}, $page->{page}, "$_: of an unknown link the same");
}
like(browser()->get("/$link/help")->text, qr/The register answers within two working days.*oots\@register.example.org.*Monday to Friday/, 'help: the authority\'s own words');

# Ways back: POST and PUT as a form, whose page lets forms go there; what is no https address is shown nowhere
for ([ 'POST', qr{<form method="post" action="https://portal.example/x">} ], [ 'PUT', qr{<form method="post" action="https://portal.example/x">} ])
{
	my ($method, $form) = @$_;
	my $link = session("back$method", page => 'done', facts => qq({"return": {"url": "https://portal.example/x", "host": "portal.example", "method": "$method"}}), used => '{1}');
	my $page = browser()->get("/$link");
	like($page->{page}, $form, "$method: a form");
	like($page->{answer}{headers}{'content-security-policy'}, qr/form-action 'self' https:$/, "$method: its policy");
}
my $n = 0;
for my $url ('javascript:alert(1)', 'data:text/html,x', '/relative', '//host/x', 'http://portal.example/', 'https://a@evil.example/', 'https:// x/', "https://x/\"><script>", 'https://')
{
	my $link = session('bad' . $n++, page => 'welcome');
	my $user = browser()->get("/$link?returnurl=" . PreviewProgram::escaped($url));
	unlike($user->{page}, qr/name="returnurl"/, "$url: not taken over");
	value("UPDATE preview_fake.session SET page = 'done', facts = jsonb_build_object('return', jsonb_build_object('url', \$\$$url\$\$, 'host', 'x', 'method', 'GET')) WHERE link = '$link'");
	$user->get("/$link");
	like($user->text, qr/Go back to the page of University of Tartu in your other tab/, "$url: shown nowhere");
}

# A portal of 1.x that sends the user by POST or PUT: he arrives by GET
$link = session('arrive', page => 'welcome');
for my $method (qw(POST PUT))
{
	my $user = browser()->ask($method, "/$link?returnurl=https%3A%2F%2Fportal.example%2Fb&returnmethod=POST", 'x=y');
	is("$user->{status} $user->{answer}{headers}{location}", "303 /$link?returnurl=https%3A%2F%2Fportal.example%2Fb&returnmethod=POST", "$method: on by GET");
}
is(browser()->ask('POST', "/$link", 'returnurl=https%3A%2F%2Fportal.example%2Fc')->{answer}{headers}{location}, "/$link?returnurl=https%3A%2F%2Fportal.example%2Fc", 'the way back in the body');
is(browser()->ask('POST', "/$link", 'returnurl=https%3A%2F%2Fx%2F%0D%0AX: y')->{answer}{headers}{location}, "/$link", 'no line break gets into a header');
is(browser()->get("/${link}&returnurl=https://portal.example/d")->form('open') && browser()->get("/$link$_")->{status}, 200, "appended by mistake: \"$_\"")
  for '&returnurl=https://portal.example/d', '%20', '?', '?&', '%26returnurl=x', '/';
is(browser()->get("/%20$link")->{status}, 200, 'a blank before it');

# Forms are this browser's, link's and action's own (D-PRE-33)
$link = session('token', page => 'list');
my $other_link = session('token2', page => 'list');
$user = browser()->get("/$link");
(undef, $fields) = $user->form('choose');
$before = calls('decide');
$user->ask('POST', "/$link/decide", "form=$fields->{form}&piece-1=use");
is($user->{status}, 403, 'the token of another action');
$user->ask('POST', "/$other_link/choose", "form=$fields->{form}&go=decide&piece-1=use");
is($user->{status}, 403, 'the token of another link');
my $stranger = browser()->get("/$link");
$stranger->ask('POST', "/$link/choose", "form=$fields->{form}&go=decide&piece-1=use");
is($stranger->{status}, 403, 'the token of another browser');
$user->{cookie} = undef;
$user->ask('POST', "/$link/choose", "form=$fields->{form}&go=decide&piece-1=use");
is($user->{status}, 403, 'no cookie');
like($user->text, qr/Nothing was sent/, '... said in words');
$user = browser()->get("/$link");
$user->{cookie} .= "; $user->{cookie}";
$user->ask('POST', "/$link/choose", 'form=' . ($user->form('choose'))[1]{form} . '&go=decide&piece-1=use');
is($user->{status}, 403, 'two cookies of the name: none counts');
is(calls('decide'), $before, 'nothing was recorded');

# Signing in once more: through the proxy only
$link = session('sign', page => 'authenticate');
is(browser()->get("/signin/$link")->{page}, $neutral, 'without the proxy\'s secret the way is nobody\'s');
is(browser('X-Ootspg-Proxy' => 'guess' x 10)->get("/signin/$link")->{page}, $neutral, 'nor with another');
$user = browser('X-Ootspg-Proxy' => $secret, 'X-Claim-Family-Name' => "O'Br\x{c3}\x{ad}an")->get("/$link");
like($user->{page}, qr{<a class="button" href="/signin/$link">}, 'the way there');
like($user->text, qr/so that nobody else can see.*level of your means of identification: substantial/, 'why, and how strong');
$user->get("/signin/$link");
is($user->heading, 'You are signed in', 'a GET changes nothing');
is(calls('authenticate'), 0, '... and asks nothing');
$user->submit('signin');
is("$user->{status} " . $user->heading, '403 You are signed in as somebody else', 'somebody else');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'authenticate'"), "{\"source\": \"national\", \"family_name\": \"O'Br\x{c3}\x{ad}an\"}", 'the claims of the mapping');
unlike($user->{page}, qr/Bērziņš|Br.*an/, 'nobody\'s data are shown');
$user->{headers}{'X-Claim-Family-Name'} = "Bērziņš\r\nX-Claim-Family-Name: Kalns";
$user->get("/signin/$link")->submit('signin');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'authenticate' ORDER BY id DESC LIMIT 1"), '{"source": "national"}', 'a claim that comes twice is none: one of them is not the proxy\'s');
$user->{headers}{'X-Ootspg-Proxy'} = "$secret\r\nX-Ootspg-Proxy: guess";
is($user->ask('GET', "/signin/$link")->{page}, $neutral, '... nor a secret');
$user->{headers}{'X-Ootspg-Proxy'} = $secret;
$user->{headers}{'X-Claim-Family-Name'} = 'Bērziņš';
$user->get("/signin/$link")->submit('signin');
is($user->heading, 'Look at your document and decide', 'the right person');

# A few more details
$link = session('details', page => 'more');
$user = browser()->get("/$link");
like($user->text, qr/What we already know Family name Bērziņš Given names Jānis.*Place of birth.*Date of birth Day Month Year/, 'known shown, missing asked');
like($user->{page}, qr/autocomplete="bday-day"/, 'what browsers may fill in');
$user->submit('more', { 'a-PlaceOfBirth' => '', 'a-DateOfBirth-day' => '3', 'a-DateOfBirth-month' => 'May', 'a-DateOfBirth-year' => '1988' });
is($user->{status}, 422, 'wrong');
like($user->text, qr/Please check Please fill in: Place of birth Please check how this is written: Date of birth/, 'what, in words');
like($user->{page}, qr/id="a-DateOfBirth-month"[^>]* value="May"[^>]*aria-invalid="true"/, 'kept as typed');
$user->submit('more', { 'a-PlaceOfBirth' => 'Nowhere', 'a-DateOfBirth-day' => '3', 'a-DateOfBirth-month' => '5', 'a-DateOfBirth-year' => '1988' });
is($user->{status}, 422, 'together they fit nobody');
is(() = $user->{page} =~ /No record fits all of these details/g, 1, '... said once');
unlike($user->{page}, qr/class="error"/, '... and of no field');
$user->submit('more', { 'a-PlaceOfBirth' => 'Saint-Étienne', 'a-DateOfBirth-day' => '3', 'a-DateOfBirth-month' => '5', 'a-DateOfBirth-year' => '1988' });
is($user->heading, 'Look at your document and decide', 'right');
is(value("SELECT detail FROM preview_fake.call WHERE what = 'add' ORDER BY id DESC LIMIT 1"), '{"DateOfBirth": "1988-05-03", "PlaceOfBirth": "Saint-Étienne"}', 'as the database wants it');

# Locked by source: who tries links is told to wait, and the address comes from the proxy
$user = browser('X-Forwarded-For' => '203.0.113.9, 198.51.100.66')->get('/' . link_of('unknown'));
is("$user->{status} " . $user->heading, '429 Too many tries', 'locked out');
like($user->{answer}{headers}{'retry-after'}, qr/^\d+$/, 'when to come again');
is(browser('X-Forwarded-For' => "203.0.113.9\r\nX-Forwarded-For: 198.51.100.66")->get('/' . link_of('unknown'))->{status}, 429, 'also where the proxy adds a line of its own');
is(browser('X-Forwarded-For' => '198.51.100.66')->get('/' . link_of('png'))->{status}, 200, 'who has a link is not');

# Log and end
my $log = $program->log;
unlike($log, qr/_{5}|Bērziņš|198\.51|portal\.example|Evil|certificate/, 'no link, name, address or file is logged');
like($log, qr/request method=GET route=part status=200 language=en ms=\d+/, 'but what was done is');
is($program->stop, 0, 'it ends when told to');

done_testing();
