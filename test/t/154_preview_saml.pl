# Signing in once more by SAML, for real: Apache with mod_auth_mellon as doc/preview_program.md configures it, a service that
# signs assertions, the program and the database. Wrong people, wrong assertions and headers from outside open nothing.
use strict;
use warnings FATAL => 'all';
use utf8;

use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use RegistryTest;
use SamlProvider;
use SignInProxy;
use Test::More;

plan(skip_all => 'apache2 with mod_auth_mellon is not installed') unless SignInProxy::has('auth_mellon');
plan(skip_all => 'xmlsec1 is not installed') unless grep { -x "$_/xmlsec1" } split /:/, $ENV{PATH};

my $node = start_node('saml');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);
$node->safe_psql('postgres', q{CREATE ROLE preview_space LOGIN; SELECT ootspg.grant_duty('preview_space', 'preview');
	UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key;
	UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'});
$node->{preview_role} = 'preview_space';

my $host = SignInProxy::host();
my $secret = 'a secret that proxy and program share, long enough';
my $directory = PostgreSQL::Test::Utils::tempdir_short();
my $program = PreviewProgram->new($node, SignInProxy::settings($directory, $secret, SignInProxy::manual('conf', 'mellon')))
  or plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview');
my $base = "https://$host/p/signin/mellon";
my $service = SamlProvider->new("$base/metadata", "$base/postResponse", "$base/logout");
my $proxy = SignInProxy->new($program, $directory, $service, $secret);

$proxy->start(['auth_mellon'], SignInProxy::saml_recipe($directory, $service));

sub value { return $node->safe_psql('postgres', shift) }
# at_the_button(name): somebody who has opened the link, and is asked to sign in
sub at_the_button
{
	my ($name) = @_;
	is(value("SELECT first('$name', award_request('oots-edm:v2.0'), test_header('oots-edm:v2.0'))"), 'preview EDM:ERR:0002', "$name: a link");
	my $user = $proxy->browser->go('GET', '/p/' . value("SELECT link('$name')"))->submit('/open');
	is($user->heading, '200 Sign in once more', "$name: nothing is shown before");
	return $user;
}
my %right = (family_name => 'OZOLIŅŠ', given_name => 'Jānis', birthdate => '1990-01-01', identifier => 'DE/LV/A1B2C3D4E');

$service->be(%right);
my $user = at_the_button('right')->press;
is($user->heading, '200 You are signed in', 'by the service and back');
is(value(q{SELECT count(*) FROM ootspg.exchange_event WHERE event_type LIKE 'preview%authenticated'}), 0, 'nothing was compared by a GET');
like($service->kept('asked'), qr{<saml:AuthnContextClassRef>http://eidas\.europa\.eu/LoA/high<}, 'the service was asked for the level');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', 'the right person sees the documents');
is(value(q{SELECT event_type FROM ootspg.exchange_event WHERE event_type LIKE 'preview%authenticated'}), 'preview_authenticated', 'which is in the audit');

# Somebody else: nothing is shown; who leaves and signs in again as himself goes on
$service->be(%right, given_name => 'Kārlis');
$user = at_the_button('wrong')->press->submit('/signin/');
is($user->heading, '403 You are signed in as somebody else', 'another name');
unlike($user->{page}, qr/Kārlis|OZOL|medal/i, '... nobody is named');
$service->be(%right);
$user->press;
is($user->heading, '200 You are signed in', 'signed out and in again');
$user->submit('/signin/');
is($user->heading, '200 Look at your documents and decide', '... as the right person');
$service->be(%right, birthdate => '1990-01-02');
is(at_the_button('born')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'another date of birth');
$service->be(%right, identifier => 'DE/LV/Z9Z9Z9Z9Z');
is(at_the_button('number')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'another identifier of the same pair of countries');
$service->be(family_name => 'Ozoliņš');
is(at_the_button('half')->press->submit('/signin/')->heading, '403 You are signed in as somebody else', 'attributes that are missing');

# Headers from outside say nothing, beside attributes and in place of those that are missing
$user = at_the_button('headers');
my $link = value("SELECT link('headers')");
my %forged = (Family => 'Ozoliņš', Given => 'Jānis', Born => '1990-01-01');
my $forged = join '', map { "X-Signed-In-$_: $forged{$_}\r\n" } sort keys %forged;
utf8::encode($forged);
$user->{headers} = "X-Ootspg-Proxy: $secret\r\n$forged";
is($user->site('GET', "/p/signin/$link")->{status}, 303, 'with the headers of a proxy, but no sign-in: to the service');
for my $path ("//p/signin/$link", "/p//signin/$link", "/p/%73ignin/$link", "/p/x/../signin/$link", "/p/SIGNIN/$link", "/signin/$link")
{
	$user->site('GET', $path);
	isnt($user->heading, '200 You are signed in', "... nor by $path");
}
$user->go('GET', "/p/signin/$link")->submit('/signin/');
is($user->heading, '403 You are signed in as somebody else', 'signed in: what the service says counts, not his headers');

# Assertions that are none, one after the other in one browser, and at last a good one
$service->be(%right);
$user = at_the_button('faults');
$link = value("SELECT link('faults')");
for my $fault (qw(key unsigned altered beside issuer audience expired level again denied))
{
	$service->fault($fault);
	$user->go('GET', "/p/signin/$link");
	unlike($user->heading, qr/^200|You are signed in/, "$fault: refused by the proxy");
}
$service->fault('');
is($user->go('GET', "/p/signin/$link")->heading, '200 You are signed in', 'a good one afterwards is taken');
# ... once: handed in by another browser it opens nothing
my ($address, $body) = @{ $user->{handed_in} };
my $thief = $proxy->browser->go('POST', $address =~ s{^https://[^/]*}{}r, $body);
unlike($thief->heading, qr/^200|You are signed in/, 'handed in again by another browser: refused');

$proxy->stop;
$service->stop;
my $tokens = value("SELECT string_agg(link, '|') FROM asked_for WHERE link IS NOT NULL");
unlike($program->log . $proxy->logged, qr/$tokens|OZOLI|Kalni/, 'no link and no name in any log');
is($program->stop, 0, 'it ends');
done_testing();
