# Keys and credentials lie in places of their own: a provider seals with no key but its
# own, no row of an access point names a seal key or its pass phrase, nothing is told of
# what lies elsewhere, and secrets go to a new address only when an operator says so.
use strict;
use warnings FATAL => 'all';

use File::Copy qw(copy);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use AccessPoint;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my ($node, $ap) = exchange_node('places');
my $keys = $node->basedir . '/keys';

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# as(role, sql): what it gives, or SQLSTATE, message and detail of its refusal
sub as
{
	my ($role, $sql) = @_;
	my ($stdout, $stderr);
	$node->psql('postgres', "\\set VERBOSITY verbose\nSET SESSION AUTHORIZATION $role;\n$sql", stdout => \$stdout, stderr => \$stderr);
	return $stderr =~ /ERROR:  (.*?)\nLOCATION|ERROR:  (.*?)(?:\nHINT|\nCONTEXT)/s ? ($2 // $1) =~ s/\n(?:HINT|CONTEXT).*//sr : $stdout;
}

sub set_key
{
	my ($role, $name, $provider, $key, $certificate) = @_;
	return as($role, "SELECT algorithm FROM ootspg.set_seal_key('$name', '$provider', '$key', '$certificate')");
}

sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT v.p, scheme, 'LV9000000000' || v.n, name, country, 'x.example', environment FROM ootspg.provider, (VALUES ('road', 2)) v(p, n);
	CREATE ROLE civil LOGIN; CREATE ROLE road LOGIN; CREATE ROLE everything LOGIN;
	SELECT ootspg.grant_duty('civil', 'configure', 'civil'), ootspg.grant_duty('road', 'configure', 'road'), ootspg.grant_duty('road', 'exchange', 'road');
	SELECT ootspg.grant_duty('everything', 'configure')});
mkdir "$keys/seal/road" or die $!;
make_pair("$keys/seal/civil", 'civil', 'p256');
make_pair("$keys/seal/road", 'road', 'p256');
make_pair($keys, 'old', 'p256');

# Seal keys (D-SEC-04, D-SIG-07)

is(set_key('civil', 'civil-key', 'civil', 'file:civil.key', 'file:civil.pem'), 'ecdsa-sha256', 'a provider has its own key');
is(set_key('road', 'road-key', 'road', 'file:road.key', "file:$keys/seal/road/road.pem"), 'ecdsa-sha256', 'and another its own, by an absolute path as well');
my $outside = 'it lies outside of its place in ootspg.key_directory';
for my $path ('../civil/civil', "$keys/seal/civil/civil", "//$keys/seal/civil/civil", '../../old', "$keys/old", './../civil/civil', 'x/../../civil/civil')
{
	like(set_key('road', 'stolen', 'road', "file:$path.key", "file:$path.pem"), qr/^OT004: certificate of seal key "stolen" cannot be used: \Q$outside\E$/m, "no foreign key: $path");
}
symlink '../civil/civil.pem', "$keys/seal/road/link.pem" or die $!;
like(set_key('road', 'stolen', 'road', 'file:road.key', 'file:link.pem'), qr/\Q$outside\E/, 'nor by a link');
is(sql(q{SELECT count(*) FROM ootspg.seal_key}), '2', 'nothing was registered');
copy("$keys/seal/civil/civil.$_", "$keys/seal/road/copy.$_") or die $! for qw(key pem);
chmod 0600, "$keys/seal/road/copy.key";
like(set_key('road', 'copied', 'road', 'file:copy.key', 'file:copy.pem'), qr/^OT003: the certificate is that of another provider's seal key$/m, 'a certificate that is another provider\'s');
is(set_key('civil', 'civil-key', 'civil', 'file:civil.key', 'file:civil.pem'), 'ecdsa-sha256', 'whose own it stays');
sql(q{UPDATE ootspg.seal_key SET key_uri = 'file:../civil/civil.key', certificate_uri = 'file:../civil/civil.pem' WHERE seal_key = 'road-key'});
like(as('road', q{SELECT ootspg.seal('<a/>'::bytea, 'road-key')}), qr/^OT004: .*\Q$outside\E/m, 'it is asked when it seals, whatever the row says');
like(as('road', q{SELECT state FROM ootspg.seal_key_status}), qr/\Q$outside\E/, 'and the status says so');
like(as('civil', q{SELECT ootspg_internal.key_facts('x', 'file:seal/road/road.key', 'file:seal/road/road.pem')}), qr/^42501/, 'whoever may name any file is no duty');

# Tokens are granted one by one
like(set_key('civil', 'token', 'civil', 'pkcs11:token=civil', 'file:civil.pem'), qr/^OT003: provider "civil" may use keys in files only$/m, 'a token is not for everybody who knows its URI');
like(as('everything', q{INSERT INTO ootspg.key_grant VALUES ('civil', 'pkcs11:token=civil')}), qr/^42501/, 'no duty grants it');
sql(q{INSERT INTO ootspg.key_grant VALUES ('civil', 'pkcs11:token=civil')});
like(set_key('civil', 'token', 'civil', 'pkcs11:token=civil', 'file:civil.pem'), qr/^OT004: .*no provider serves the scheme/m, 'granted, it is tried');
like(set_key('civil', 'token', 'civil', 'pkcs11:token=civil;object=x', 'file:civil.pem'), qr/^OT003/m, 'letter by letter');
is(as('road', 'SELECT count(*) FROM ootspg.key_grant'), '0', 'and what others were granted is not seen');

# Nothing is told of what lies elsewhere: there, absent, closed, a link to each
symlink $_->[1], "$keys/seal/road/$_->[0]" or die $! for [ 'to_file', '/etc/passwd' ], [ 'to_nothing', '/etc/there-is-no-such' ], [ 'to_door', '/etc' ], [ 'to_closed', '/root/closed' ];
my %told = map { set_key('road', 'probe', 'road', "file:$_", "file:$_") =~ s/\nDETAIL.*//sr => 1 }
	'/etc/passwd', '/etc/shadow', '/etc/there-is-no-such', '/root/.ssh/id_rsa', '../../../../etc/passwd', '../there-is-no-such', 'to_file', 'to_nothing', 'to_closed', 'to_door/passwd', 'to_door/there-is-no-such', 'to_door/shadow';
is_deeply([ keys %told ], [ qq{OT004: certificate of seal key "probe" cannot be used: $outside} ], 'one sentence for all that lies elsewhere');
like(set_key('road', 'probe', 'road', 'file:absent.key', 'file:absent.pem'), qr/it does not exist/, 'what should be here and is not is told');

# Credentials (D-SEC-08): a row can name nothing but what is theirs

my $thief = AccessPoint->start;
write_file("$keys/seal/civil/civil.pass", "Passphrase-of-civil\n");
chmod 0600, "$keys/seal/civil/civil.pass";
for my $uri ('file:civil.pass', 'file:seal/civil/civil.pass', 'file:../seal/civil/civil.pass', "file:$keys/seal/civil/civil.pass")
{
	sql(qq{UPDATE ootspg.access_point SET url = '@{[ $thief->url ]}', user_name = 'x', password_uri = '$uri'; SELECT ootspg.resume()});
	wait_sql($node, q{SELECT state = 'failing' AND last_error_text ~ 'could not be called' FROM ootspg.status WHERE last_error_at > since}, "no password for an access point: $uri");
}
is(join(' ', grep { /^calls/ && $thief->stats->{$_} } keys %{ $thief->stats }), '', 'nobody was called with it');

# A new address, or other credentials, wait for an operator
my %changes = (
	url => "'" . $ap->url . "'", user_name => q{'provider'}, password_uri => q{'file:ap.password'}, ca_uri => q{'file:none.pem'}, proxy => q{'http://127.0.0.1:9'},
	'(certificate_uri, key_uri)' => q{('file:none.pem', 'file:none.key')});
for my $column (sort keys %changes)
{
	sql('SELECT ootspg.resume()');
	my $before = sql('SELECT max(event_time) FROM ootspg.access_point_event');
	as('everything', "UPDATE ootspg.access_point SET $column = $changes{$column}");
	my ($name) = $column =~ /(\w+)/;
	like(sql(q{SELECT state || ' ' || reason FROM ootspg.status WHERE access_point IS NOT NULL}), qr/^paused.*\b$name\b.* changed: ootspg.resume\(\) uses it$/, "$column changed: paused, and why");
	is(sql(qq{SELECT string_agg(event_type || ' by ' || written_by, ',') FROM ootspg.access_point_event WHERE event_time > '$before' AND event_type = 'paused'}), 'paused by everything', "$column: the history has who did it");
}
sql(q{UPDATE ootspg.access_point SET ca_uri = NULL, proxy = NULL, certificate_uri = NULL, key_uri = NULL; SELECT ootspg.resume()});
as('everything', q{UPDATE ootspg.access_point SET poll_interval = '0.1 s', url = url});
is(sql('SELECT state FROM ootspg_internal.access_point_state'), 'running', 'what changes neither goes on');
my $request = ask($node, $ap, 1);
is(wait_answer($ap, $request, 60)->{action}, 'ExecuteQueryResponse', 'resumed, it works');

$node->stop;
done_testing();
