# Signing in once more in a real browser, with its own rules for cookies and forms: by OpenID Connect and by SAML, through Apache
# as the manual says it; one user lets some pieces go, one lets none, one is led back to the portal by a form.
use strict;
use warnings FATAL => 'all';
use utf8;

use OotspgTest;
use OpenIdProvider;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use RegistryTest;
use SamlProvider;
use SignInProxy;
use Test::More;
use WebDriver;

my $missing = WebDriver::missing();
plan(skip_all => "$missing is not installed (make test-browser does that)") if $missing;
plan(skip_all => 'apache2 with mod_auth_openidc and mod_auth_mellon is not installed') unless SignInProxy::has('auth_openidc') and SignInProxy::has('auth_mellon');
plan(skip_all => 'xmlsec1 is not installed') unless grep { -x "$_/xmlsec1" } split /:/, $ENV{PATH};

my $node = start_node('sign_in');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);
$node->safe_psql('postgres', q{CREATE ROLE preview_space LOGIN; SELECT ootspg.grant_duty('preview_space', 'preview');
	UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key;
	UPDATE ootspg.evidence_type SET reauthentication = 'required' WHERE evidence_type = 'award'});
$node->{preview_role} = 'preview_space';
my $host = SignInProxy::host();
my $secret = 'a secret that proxy and program share, long enough';
sub value { return $node->safe_psql('postgres', shift) }

# program(word of the manual's settings): a directory of its own, and the program
sub program
{
	my ($word) = @_;
	my $directory = PostgreSQL::Test::Utils::tempdir_short();
	return ($directory, PreviewProgram->new($node, SignInProxy::settings($directory, $secret, SignInProxy::manual('conf', $word))));
}

sub openid
{
	my ($directory, $program) = program('OIDC_CLAIM');
	plan(skip_all => 'this server was built without libmicrohttpd: there is no ootspg-preview') unless $program;
	my $service = OpenIdProvider->new('preview', 'the-secret-of-the-client', "https://$host/p/signin/return");
	my $proxy = SignInProxy->new($program, $directory, $service, $secret);
	$proxy->start(['auth_openidc'], SignInProxy::openid_recipe($service));
	return $proxy;
}

sub saml
{
	my ($directory, $program) = program('mellon');
	my $service = SamlProvider->new("https://$host/p/signin/mellon/metadata", "https://$host/p/signin/mellon/postResponse", "https://$host/p/signin/mellon/logout");
	my $proxy = SignInProxy->new($program, $directory, $service, $secret);
	$proxy->start(['auth_mellon'], SignInProxy::saml_recipe($directory, $service));
	return $proxy;
}

sub arrives
{
	my ($browser, $heading, $what) = @_;
	eval { $browser->wait_until($heading, sub { (eval { $browser->text('h1') } // '') eq $heading }, 60) };
	is(eval { $browser->text('h1') } // '', $heading, $what);
	return;
}

# signed_in(browser, name, line, more): from the portal's link to the documents
sub signed_in
{
	my ($browser, $name, $line, $more) = @_;
	my $header = $line eq 'oots-edm:v2.0' ? "test_header('$line')" : 'NULL';
	is(value("SELECT first('$name', award_request('$line'), $header)"), 'preview EDM:ERR:0002', "$name: a link");
	$browser->go("https://$host/p/" . value("SELECT link('$name')") . ($more // ''))->click('main form button');
	arrives($browser, 'Sign in once more', "$name: nothing is shown before");
	$browser->click('main a.button');
	if ($browser->find('form[action*=postResponse]')) { $browser->click('button') }
	arrives($browser, 'You are signed in', "$name: by the service and back");
	$browser->click('main form button');
	arrives($browser, 'Look at your documents and decide', "$name: the documents");
	return;
}

sub second
{
	my ($name, $line) = @_;
	my $header = $line eq 'oots-edm:v2.0' ? "test_header('$line')" : 'NULL';
	return value("SELECT second('$name', award_request('$line', more_slots => second_slots('$name', '$line')), $header)");
}

for my $way ([ 'OpenID Connect', \&openid ], [ 'SAML', \&saml ])
{
	my ($what, $begin) = @$way;
	my $proxy = $begin->();
	$proxy->{service}->be(family_name => 'OZOLIŅŠ', given_name => 'Jānis', birthdate => '1990-01-01');
	my $browser = WebDriver->start(hosts => "MAP $host 127.0.0.1:$proxy->{port}");

	# some of them
	my $name = "$what, mixed";
	signed_in($browser, $name, 'oots-edm:v2.0');
	$browser->click($_) for '#piece-1-use', '#piece-2-refuse', '#piece-3-use', '.buttons button[value=check]';
	arrives($browser, 'Check before anything is sent', "$name: the check");
	$browser->click('main form button.button');
	arrives($browser, 'Your choice is kept', "$name: decided");
	like(second($name, 'oots-edm:v2.0'), qr/^evidence .*medal 1.*medal 3(?!.*medal 2)/, "$name: the answer");
	$browser->reload;
	arrives($browser, 'All done', "$name: done");
	is($browser->evaluate('return document.querySelector("main a.button").href'), 'https://portal.example.de/back?x=1&y=2', "$name: the way back by GET");

	# none of them; and back by a form, to another site
	$name = "$what, none";
	my $back = "https://localhost:$proxy->{port}/p/help";
	signed_in($browser, $name, 'oots-edm:v1.2', '?returnurl=' . SignInService::escaped($back) . '&returnmethod=POST');
	is(second($name, 'oots-edm:v1.2'), 'held', "$name: the portal waits");
	$browser->click('.buttons button[value=none]');
	arrives($browser, 'Send nothing?', "$name: asked once more");
	$browser->click('main form button.button');
	arrives($browser, 'All done', "$name: done");
	is(value("SELECT late_answer('$name')"), 'empty', "$name: an empty list");
	$browser->click('main form button');
	$browser->wait_until('the portal', sub { $browser->address eq $back });
	pass("$name: back by POST");
	is(join('; ', grep { !/status of (4|5)\d\d/ } $browser->complaints), '', "$what: no policy was in the way");
	$browser->quit;
	$proxy->stop;
	$proxy->{service}->stop;
	is($proxy->{program}->stop, 0, 'it ends');
}
done_testing();
