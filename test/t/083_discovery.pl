# A directory is found by DNS when its source does not say where it is, and whatever a name
# server says or does not say is told, harms nobody and holds nobody up.
use strict;
use warnings FATAL => 'all';

use DirectoryService;
use ExchangeTest;
use NameServer;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

my $ds = DirectoryService->start;
my $ns = NameServer->start;
my ($node, $ap) = exchange_node('discovery', undef, 'autovacuum = off', "ootspg.name_servers = '" . $ns->address . "'", 'ootspg.discover_locally = on');
my $name = 'lv.dsd.v1.cs.testing.oots.tech.ec.europa.eu';
my $url = $ds->url('dsd');
my $number = 0;

sub sql { return $node->safe_psql('postgres', @_); }
sub leads { my ($uri, @rest) = @_; return NameServer::naptr(100, 10, 'U', 'oots:dsd', "!.*!$uri!", @rest); }
sub says { return $ns->tell($name, @_); }
sub answered { my ($what) = @_; return is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $what); }

# lookup(): have it looked up now; what is known then, and what failed
my $forget = q{UPDATE ootspg_internal.directory_discovery SET failure = NULL; SELECT ootspg.read_directories()};
sub lookup
{
	my $before = sql('SELECT clock_timestamp()');
	sql($forget);
	$node->poll_query_until('postgres', "SELECT bool_and(failure IS NOT NULL OR found_at > '$before') FROM ootspg.directory_discovery") or die 'no lookup ended';
	return sql(q{SELECT base_url, failure FROM ootspg.directory_discovery WHERE environment = 'test'});
}

# What an answer leads to, without any network
sub chosen
{
	my (%told) = @_;
	my $message = unpack 'H*', "\0\1" . NameServer::message(NameServer::question($name), %told);
	return sql("SELECT coalesce(base_url, failure) FROM ootspg_internal.choose_naptr('\\x$message', 'dsd')");
}

# Names -------------------------------------------------------------------------------
is(sql(q{SELECT string_agg(ootspg_internal.discovery_name(s), ' ' ORDER BY place) FROM (VALUES (1, 'production', 'FR'), (2, 'acceptance', 'EL')) v(place, environment, country),
	LATERAL jsonb_populate_record(NULL::ootspg.directory_source, jsonb_build_object('environment', environment, 'service', 'dsd', 'country', country)) s}),
	'fr.dsd.v1.cs.prod.oots.tech.ec.europa.eu el.dsd.v1.cs.acc.oots.tech.ec.europa.eu', 'names of countries, directories and environments');

# Choosing ------------------------------------------------------------------------------
my $good = leads('https://a.example/dsd');
sub is_chosen { my ($records, $expected, $what) = @_; return is(chosen(records => $records), $expected, $what); }
sub expression { my ($expression, $flags) = @_; return NameServer::naptr(1, 1, $flags // 'u', '', $expression); }
is_chosen([ leads('https://query.cs.acc.oots.tech.ec.europa.eu/dsd/') ], 'https://query.cs.acc.oots.tech.ec.europa.eu/dsd', 'the record of the Commission; the slash at its end goes');
is_chosen([ leads('https://query.cs.acc.oots.tech.ec.europa.eu') ], 'https://query.cs.acc.oots.tech.ec.europa.eu/dsd', 'no path: that of the directory');
is_chosen([ leads('https://a.example:8443//') ], 'https://a.example:8443/dsd', '… nor is a slash one');
is_chosen([ leads('https://a.example/other/dsd') ], 'https://a.example/other/dsd', 'a longer path stays');
is_chosen([ NameServer::naptr(20, 1, 'U', '', '!.*!https://later.example!'), NameServer::naptr(10, 9, 'U', '', '!.*!https://second.example!'),
	NameServer::naptr(10, 2, 'u', '', '!.*!https://first.example!') ], 'https://first.example/dsd', 'the order decides, then the preference');
is_chosen([ NameServer::naptr(1, 1, $_, '', '!.*!https://no.example!'), $good ], 'https://a.example/dsd', "flag '$_' is stepped over") for '', 'S', 'A', 'P', 'UU';
is_chosen([ expression($_), $good ], 'https://a.example/dsd', "expression $_ leads nowhere, the next record does")
  for '', '!', '!.*', '!.*!https://b.example', '!.*!!', '!^(.*)$!https://b.example/\1!', '!.*!https://b.example/\\\\!', '!fr!https://b.example!', '!.*!https://b.example!x',
  '!.*!https://b.example/?a=b!', '!.*!https://b.example/#c!', '!.*!https://b .example!', '!.*!ftp://b.example!', '!.*!http://b.example!', '!.*!http://localhost.b.example/!', '!.*!https://u:p@b.example!',
  '!.*!https:///x!', "!.*!https://b\x{e9}.example!", "!.*!https://b\0.example!", '1.*1https://b.example1', 'i.*ihttps://b.examplei', '\.*\https://b.example\\';
is_chosen([ expression($_) ], 'https://b.example/dsd', "expression $_ is understood")
  for '!.*!https://b.example!', '!^.*$!https://b.example/!', '#.*#https://b.example#i', '|.*|https://b.example|I';
is_chosen([ expression('!fr!https://b.example!'), expression('!.*!http://b.example!'), expression('!.*!https://c.example/\1!'), expression('!.*!https://d.example!', 'S') ],
	'no NAPTR record can be used: its expression is not one of the whole name, its URI is not https, its expression refers back to the name, its flag is not U',
	'nothing to be used: every reason is told');
is_chosen([ ($good) x 64 ], 'https://a.example/dsd', '64 records are read');
is_chosen([ ($good) x 65 ], 'the name has more NAPTR records than are read', '… and no more');
is_chosen([ NameServer::record(5, 60, "\0"), NameServer::record(16, 60, NameServer::character_string('text')), $good ], 'https://a.example/dsd', 'records of other types, as of aliases, are stepped over');
is(chosen(records => [ NameServer::record(5, 60, "\0") ]), 'the name has no NAPTR record', '… and are none');
is(chosen(records => [], rcode => 2), 'the answer of the name server cannot be read', 'no answer without success');
is(chosen(records => [$good], cut => 1), 'the answer of the name server is cut short', 'nothing is taken from half an answer');

# Hostile bytes
my $whole = "\0\1" . NameServer::message(NameServer::question($name), records => [ leads('https://a.example'), leads('https://b.example') ]);
my $read = q{SELECT coalesce(base_url, failure) FROM ootspg_internal.choose_naptr('\x%s', 'dsd')};
is(sql(join ' UNION ALL ', map { '(' . sprintf($read, unpack 'H*', substr $whole, 0, $_) . ')' } 0 .. length($whole) - 1) =~ s/\n/ /gr,
	join(' ', ('the answer of the name server cannot be read') x length $whole), 'an answer that ends anywhere is none');
for my $hostile (
	[ 'a name that points to itself', tail => "\xc0" . chr(12 + length(NameServer::question($name))) . $good, count => 1, 'https://a.example/dsd' ],
	[ 'names that point to each other', tail => "\xc0\xff" . substr($good, 0, -1) . "\xc0\xff", count => 1, undef ],
	[ 'a label of an unknown kind', tail => "\x80x$good", count => 1, undef ],
	[ 'a name that never ends', tail => "\x3f" . 'x' x 63, count => 1, undef ],
	[ 'more records than there are', records => [$good], count => 65535, undef ],
	[ 'data longer than the message', tail => "\xc0\x0c" . pack('n n N n', 35, 1, 60, 65535) . 'x', count => 1, undef ],
	[ 'data longer than its record', tail => "\xc0\x0c" . NameServer::record(35, 60, pack('n n C', 1, 1, 255)) . 'x' x 300, count => 1, undef ],
	[ 'data shorter than its record', tail => "\xc0\x0c" . NameServer::record(35, 60, pack('n n', 1, 1) . "\1U\0\0\0more"), count => 1, undef ])
{
	my ($what, @told) = @$hostile;
	my $expected = pop(@told) // 'the answer of the name server cannot be read';
	is(chosen(@told), $expected, "hostile: $what");
}
srand 83;
my @noise = map { my $bytes = $whole; substr($bytes, 2 + int rand(length($bytes) - 2), 1) = chr int rand 256 for 1 .. 3; unpack 'H*', $bytes } 1 .. 500;
is(sql(sprintf q{SELECT count(*) FROM unnest('{%s}'::text[]) b, LATERAL ootspg_internal.choose_naptr(decode(b, 'hex'), 'dsd')}, join ',', @noise), '500', 'hundreds of damaged answers are borne');

# From the name to the verdict ------------------------------------------------------------
sql(slurp_file('test/fixtures/directory.sql'));
sql(q{INSERT INTO ootspg.directory_target (environment, service, line, country) VALUES ('test', 'dsd', 'oots-edm:v2.0', 'LV')});
open my $out, '>', $node->basedir . '/keys/credentials/roots.pem' or die $!;
print $out $ds->root_pem;
close $out or die $!;
$ds->publish('dsd', 'LV', sql(q{SELECT ootspg.submission('dsd', 'test')}));
sql(q{INSERT INTO ootspg.directory_source (environment, country, roots_uri) VALUES ('test', 'LV', 'file:roots.pem')});
wait_sql($node, q{SELECT failure IS NOT NULL FROM ootspg.directory_discovery}, 'a new source is looked up at once');
is(sql(q{SELECT environment, service, name, base_url, failure, next_attempt < now() + interval '20 s' FROM ootspg.directory_discovery}),
	"test|dsd|$name||the name does not exist|t", '… by its name, and what fails is told and tried again soon');
wait_sql($node, q{SELECT bool_and(state = 'unknown' AND failure = 'the address of the directory is not known: ootspg.directory_discovery') FROM ootspg.registration}, 'what cannot be asked is unknown, never missing');
is($ds->stats->{'queries.dsd'}, 0, '… and nobody is asked');

says(records => [ NameServer::naptr(100, 5, 'S', '', '!.*!https://no.example!'), leads($ds->url) ]);
is(lookup(), "$url|", 'the directory is found');
wait_sql($node, q{SELECT bool_and(state = 'published' AND failure IS NULL) FROM ootspg.registration}, '… and read at once');
is(sql(q{SELECT round(extract(epoch FROM valid_until - found_at)), next_attempt = valid_until FROM ootspg.directory_discovery}), '3600|t', 'it is valid as long as its record, then it is looked up again');
for my $life ([ 0, 300 ], [ 299, 300 ], [ 7200, 7200 ], [ 604800, 86400 ], [ 0xffffffff, 300 ])
{
	says(records => [ leads($ds->url, $life->[0]) ]);
	lookup();
	is(sql('SELECT round(extract(epoch FROM valid_until - found_at)) FROM ootspg.directory_discovery'), $life->[1], "a TTL of $life->[0] s: valid for $life->[1] s");
}
says(records => [ leads($ds->url, 7200), NameServer::record(5, 600, "\0") ]);
lookup();
is(sql('SELECT round(extract(epoch FROM valid_until - found_at)) FROM ootspg.directory_discovery'), 600, '… an alias may live shorter');

# Failures are told, and what was found before stays in use
for my $trouble (
	[ 'no such name', qr/^the name does not exist$/, rcode => 3 ],
	[ 'no record', qr/^the name has no NAPTR record$/, records => [] ],
	[ 'SERVFAIL', qr/^the name server failed to find out$/, rcode => 2 ],
	[ 'REFUSED', qr/^the name server refused to answer$/, rcode => 5 ],
	[ 'another host without TLS', qr/is not https/, records => [ leads('http://192.0.2.1/dsd') ] ],
	[ 'a reference back', qr/refers back/, records => [ leads('https://a.example/\1') ] ],
	[ 'too many records', qr/more NAPTR records/, records => [ ($good) x 65 ] ],
	[ 'half an answer, by TCP too', qr/cut short|cannot be read/, records => [$good], cut => 1 ],
	[ 'many records that are not there', qr/cannot be read/, records => [$good], count => 65535 ],
	[ 'a label of an unknown kind', qr/cannot be read/, tail => "\x80x$good", count => 1 ])
{
	my ($what, $expected, @told) = @$trouble;
	says(@told);
	my ($base, $failure) = split /\|/, lookup(), 2;
	is($base, $url, "$what: what was found stays");
	like($failure, $expected, '… and the failure is told');
}
is(sql(q{SELECT bool_and(state = 'published') FROM ootspg.registration}), 't', 'no failure was taken for "not registered"');
says(records => [ (leads($ds->url)) x 20 ], truncated => 1);
is(lookup(), "$url|", 'an answer too long for UDP is asked for by TCP');
ok((grep { $_ eq "tcp $name" } $ns->asked), '… as the name server saw');

# Several sources: those in trouble are told apart. Nothing waits for a name server that is silent
$ns->tell("lv.dsd.v1.cs.$_->[0].oots.tech.ec.europa.eu", @$_[1 .. $#$_]) for [ 'acc', silent => 1 ], [ 'prod', wrong_id => 1, records => [$good] ];
says(bytes => "\x81\x80garbage");
my $meanwhile;
sql(q{INSERT INTO ootspg.directory_source (environment, country, roots_uri) SELECT e, 'LV', 'file:' || e || '.pem' FROM unnest('{acceptance,production}'::text[]) e});
for my $try (1 .. 3)
{
	my $before = () = $ns->asked;
	sql($forget);
	$ap->wait_until('the silent name server is asked', sub { (() = $ns->asked) >= $before + 3 });
	answered('an exchange goes on meanwhile');
	$meanwhile = sql(q{SELECT failure IS NULL FROM ootspg.directory_discovery WHERE environment = 'acceptance'});
	last if $meanwhile eq 't';
}
is($meanwhile, 't', '… with the lookup still under way');
wait_sql($node, q{SELECT bool_and(failure IS NOT NULL) FROM ootspg.directory_discovery}, 'it ends by itself');
is(sql(q{SELECT failure FROM ootspg.directory_discovery WHERE environment = 'acceptance'}), 'no name server answered in time', 'silence is told');
is(sql(q{SELECT base_url IS NULL, failure FROM ootspg.directory_discovery WHERE environment = 'production'}), 't|no name server answered in time', 'an answer to another question counts for nothing');
is(sql(q{SELECT base_url, failure ~ 'in time|cannot be read' FROM ootspg.directory_discovery WHERE environment = 'test'}), "$url|t", '… nor does garbage');
sql(q{DELETE FROM ootspg.directory_source WHERE environment <> 'test'});

# Changes of the source are other questions
says(records => [ leads($ds->url) ]);
is(lookup(), "$url|", 'all is well again');
$ns->tell('ee.dsd.v1.cs.testing.oots.tech.ec.europa.eu', records => [ leads('https://ee.example/dsd') ]);
is(sql(q{BEGIN; UPDATE ootspg.directory_source SET country = 'EE'; SELECT name, base_url FROM ootspg.directory_discovery; COMMIT}), 'ee.dsd.v1.cs.testing.oots.tech.ec.europa.eu|', 'what was found for another country holds no more');
wait_sql($node, q{SELECT base_url = 'https://ee.example/dsd' FROM ootspg.directory_discovery}, '… and the new name is looked up at once');
sql(qq{UPDATE ootspg_internal.directory_reading SET checked_at = NULL; UPDATE ootspg.directory_source SET country = 'LV', base_url = '$url/'});
is(sql(q{SELECT count(*) FROM ootspg.directory_discovery}), '0', 'a base_url that is configured overrides: nothing is looked up');
sql('SELECT ootspg.read_directories()');
wait_sql($node, q{SELECT bool_and(state = 'published') FROM ootspg.registration}, '… and it is the one that is asked');
is(sql('SELECT count(*) FROM ootspg_internal.directory_discovery'), '0', '… and what had been found is forgotten');

# Name servers
is(sqlstate($node, 'postgres', "ALTER SYSTEM SET ootspg.name_servers = '$_'"), '22023', "no name server: $_") for 'localhost', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536', '[::1', '127.0.0.1,,::1', '127.0.0.1;::1';
sql(q{ALTER SYSTEM SET ootspg.name_servers = '127.0.0.1:1, } . $ns->address . q{, [::1]:53, ::1'});
$node->reload;
sql(q{UPDATE ootspg.directory_source SET base_url = NULL});
wait_sql($node, qq{SELECT base_url = '$url' FROM ootspg.directory_discovery}, 'when the first name server cannot be reached, the next one is asked');
sql(q{ALTER SYSTEM SET ootspg.name_servers = '127.0.0.1:1'});
$node->reload;
$ap->wait_until('the worker has read it', sub { lookup() eq "$url|no name server could be reached" });
pass('no name server can be reached: that is told');
sql('ALTER SYSTEM RESET ootspg.name_servers');
$node->reload;

# Who may see it
sql(q{CREATE ROLE clerk LOGIN; SELECT ootspg.grant_duty('clerk', 'monitor', 'schools'); CREATE ROLE nobody LOGIN});
is($node->safe_psql('postgres', 'SELECT base_url FROM ootspg.directory_discovery', extra_params => [ '-U', 'clerk' ]), $url, 'whoever has a duty sees where directories are');
is(sqlstate($node, 'postgres', 'SELECT * FROM ootspg.directory_discovery', extra_params => [ '-U', 'nobody' ]), '42501', '… and nobody else');

# DNS leads to no service of this host, and to none of its network, unless a setting for tests says so
$ap->wait_until('the worker has read it', sub { lookup() eq "$url|" });
sql('ALTER SYSTEM SET ootspg.discover_locally = off');
$node->reload;
says(records => [ leads('http://127.0.0.1:9200/_cluster'), leads('http://localhost:9200/') ]);
$ap->wait_until('the worker has read that, too', sub { lookup() eq "$url|no NAPTR record can be used: its URI is not https" });
pass('http to this host is refused');
sub leads_nowhere
{
	my ($uri) = @_;
	says(records => [ leads($uri) ]);
	lookup();
	sql('SELECT ootspg.read_directories()');
	wait_sql($node, qq{SELECT bool_and(failure ~ 'its name leads to this host or to a private network') FROM ootspg_internal.directory_reading r WHERE EXISTS (SELECT FROM ootspg.directory_discovery WHERE base_url ~ '^\Q$uri\E')}, "$uri is not called");
	return;
}
my $called = $ds->stats->{'queries.dsd'};
leads_nowhere($_) for 'https://127.0.0.1:' . $ds->{plain_port}, "https://[::1]:$ds->{plain_port}", 'https://localhost:9200', 'https://2130706433', 'https://10.0.0.1', 'https://192.168.1.1', 'https://169.254.169.254', 'https://[fd00::1]', 'https://[::ffff:10.1.2.3]';
is($ds->stats->{'queries.dsd'}, $called, '… nobody was asked');
sql(qq{UPDATE ootspg.directory_source SET base_url = '$url'; SELECT ootspg.read_directories()});
wait_sql($node, q{SELECT bool_and(state = 'published') FROM ootspg.registration}, 'a base_url that is configured may lead to this host');
sql('ALTER SYSTEM RESET ootspg.discover_locally');
$node->reload;
says(records => [ leads($ds->url) ]);
sql('UPDATE ootspg.directory_source SET base_url = NULL');

# A shutdown waits for no lookup
$ap->wait_until('the worker has read it', sub { lookup() eq "$url|" });
says(silent => 1);
my $before = () = $ns->asked;
sql($forget);
$ap->wait_until('the silent name server is asked', sub { (() = $ns->asked) > $before });
my $started = Time::HiRes::time();
$node->stop('fast');
cmp_ok(Time::HiRes::time() - $started, '<', 2, 'fast shutdown while a lookup is under way');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP:|terminated by signal|begins anew|ERROR:  (?!.*(?:permission denied|parameter))/, 'no process crashed or complained');

$ns->stop;
$_->stop for $ap, $ds;
done_testing();
