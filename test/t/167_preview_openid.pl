# Signing in once more by OpenID Connect, for real: Apache with mod_auth_openidc as doc/preview_program.md configures it, a
# provider, the program and the database. Wrong claims, wrong tokens and headers from outside open nothing.
use strict;
use warnings FATAL => 'all';
use utf8;

use JSON::PP ();
use OotspgTest;
use OpenIdProvider;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use RegistryTest;
use SignInProxy;
use Test::More;

plan(skip_all => 'apache2 with mod_auth_openidc is not installed') unless SignInProxy::has('auth_openidc');

my $node = start_node('openid');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);
$node->safe_psql('postgres', q{CREATE ROLE preview_space LOGIN; SELECT ootspg.grant_duty('preview_space', 'preview');
	UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key;
	UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'});
$node->{preview_role} = 'preview_space';

my $host = SignInProxy::host();
my $secret = 'a secret that proxy and program share, long enough';
my $directory = PostgreSQL::Test::Utils::tempdir_short();
my $program = PreviewProgram->new($node, SignInProxy::settings($directory, $secret, SignInProxy::manual('conf', 'OIDC_CLAIM')))
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $provider = OpenIdProvider->new('preview', 'the-secret-of-the-client', "https://$host/p/signin/return");
my $proxy = SignInProxy->new($program, $directory, $provider, $secret);

# By the manual's own words, but for addresses
sub start_apache
{
	my (@more) = @_;
	$proxy->start(['auth_openidc'], SignInProxy::openid_recipe($provider) . join '', map { "$_\n" } @more);
	return;
}

sub value { return $node->safe_psql('postgres', shift) }
sub first
{
	my ($name) = @_;
	is(value("SELECT first('$name', award_request('oots-edm:v2.0'), test_header('oots-edm:v2.0'))"), 'preview EDM:ERR:0002', "$name: a link");
	return '/p/' . value("SELECT link('$name')");
}
# at_the_button(name): somebody who has opened the link, and is asked to sign in
sub at_the_button
{
	my ($name) = @_;
	my $user = $proxy->browser->go('GET', first($name))->submit('/open');
	is($user->heading, '200 Sign in once more', "$name: nothing is shown before");
	return $user;
}
my %right = (family_name => 'OZOLIŅŠ', given_name => 'Jānis', birthdate => '1990-01-01');

start_apache();
$provider->be(%right);
my $user = at_the_button('right');
$user->press;
is($user->heading, '200 You are signed in', 'by the provider and back');
is(value(q{SELECT count(*) FROM ootspg.exchange_event WHERE event_type LIKE 'preview%authenticated'}), 0, 'nothing was compared by a GET');
like(JSON::PP::decode_json($provider->kept('asked'))->{prompt}, qr/^login$/, 'the provider was asked for a sign-in of now');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', 'the right person sees the documents');
is(value(q{SELECT event_type FROM ootspg.exchange_event WHERE event_type LIKE 'preview%authenticated'}), 'preview_authenticated', 'which is in the audit');

# Somebody else: nothing is shown; who leaves and signs in again as himself goes on
$provider->be(%right, given_name => 'Kārlis');
$user = at_the_button('wrong')->press->submit('/signin/');
is($user->heading, '403 You are signed in as somebody else', 'another name');
unlike($user->{page}, qr/Kārlis|OZOL|medal/i, '... nobody is named');
$provider->be(%right);
$user->press;
is($user->heading, '200 You are signed in', 'signed out and in again');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', '... as the right person');
$provider->be(%right, birthdate => '1990-01-02');
is(at_the_button('born')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'another date of birth');
$provider->be(family_name => 'Ozoliņš');
is(at_the_button('half')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'claims that are missing');

# Headers from outside say nothing, whatever they are called
$provider->be(%right, family_name => 'Kalniņš');
$user = at_the_button('headers');
my $link = value("SELECT link('headers')");
my %forged = (family_name => 'Ozoliņš', given_name => 'Jānis', birthdate => '1990-01-01');
my $forged = '';
for my $prefix (qw(OIDC_CLAIM_ oidc_claim_ OIDC-CLAIM- Oidc_Claim-))
{
	$forged .= "$prefix$_: $forged{$_}\r\n" for sort keys %forged;
}
utf8::encode($forged);
$user->{headers} = "X-Ootspg-Proxy: $secret\r\n$forged";
is($user->site('GET', "/p/signin/$link")->{status}, 302, 'with the headers of a proxy, but no sign-in: to the provider');
for my $path ("//p/signin/$link", "/p//signin/$link", "/p/%73ignin/$link", "/p/x/../signin/$link", "/p/SIGNIN/$link", "/signin/$link")
{
	$user->site('GET', $path);
	isnt($user->heading, '200 You are signed in', "... nor by $path");
}
$user->go('GET', "/p/signin/$link")->submit('/signin/');
is($user->heading, '403 You are signed in as somebody else', 'signed in: the headers of the proxy count, not his');

# Tokens that are none
for my $fault (qw(key issuer audience nonce expired denied))
{
	$provider->be(%right);
	$user = at_the_button($fault);
	$provider->fault($fault);
	$user->press;
	unlike($user->heading, qr/You are signed in/, "$fault: refused by the proxy");
	$provider->fault('');
	$user->go('GET', "/p/signin/" . value("SELECT link('$fault')"));
	is($user->heading, '200 You are signed in', "$fault: a good one afterwards is taken");
}
is($user->go('GET', '/p/signin/return?code=code-1&state=guess')->{status} >= 400 ? 'refused' : 'taken', 'refused', 'an answer that nobody asked for');

# A provider that answers by a form from its own site: its answer comes by POST without our cookie, and the way goes on by GET
$proxy->stop;
start_apache('OIDCResponseMode form_post', 'OIDCCookieSameSite Off');
$user = at_the_button('form')->press;
is($user->heading, '200 You are signed in', 'form_post: back');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', 'form_post: the same browser, the documents');

$proxy->stop;
$provider->stop;
my $tokens = value("SELECT string_agg(link, '|') FROM asked_for WHERE link IS NOT NULL");
unlike($program->log . $proxy->logged, qr/$tokens|OZOLI|Kalni/, 'no link and no name in any log');
is($program->stop, 0, 'it ends');
done_testing();
