# Databases of other encodings are refused, clients of other encodings are not;
# messages are UTF-8, with or without its mark. What a changed collation leaves out of order is told of.
use strict;
use warnings FATAL => 'all';

use Encode qw(decode encode);
use OotspgTest;
use RegistryTest;
use Test::More;

my $node = start_node('encoding');

for my $encoding (qw(LATIN1 SQL_ASCII LATIN4))
{
	my $database = lc $encoding;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
	is(sqlstate($node, $database, 'CREATE EXTENSION ootspg'), '0A000', "refused in a database of $encoding");
	$node->psql($database, 'CREATE EXTENSION ootspg', stderr => \my $said);
	like($said, qr/^HINT: .*UTF8/m, "$encoding: and told what would do");
	is($node->safe_psql($database, q{SELECT count(*) FROM pg_proc WHERE probin LIKE '%ootspg%'}), '0', "$encoding: nothing stays");
}

# The database's own collation is the one that indexes of names have unless they say another
$node->safe_psql('postgres', q{CREATE DATABASE sorted TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'lv' LC_COLLATE 'C' LC_CTYPE 'C'});
$node->safe_psql('sorted', q{CREATE EXTENSION ootspg; CREATE TABLE person (name text); CREATE INDEX person_name ON person (ootspg.name_key(name))});
my $told = sub { $node->psql('sorted', 'SELECT ootspg.maintain()', stderr => \my $told); return $told };
unlike($told->(), qr/person_name/, 'an index of names is as it was made');
$node->safe_psql('postgres', q{UPDATE pg_database SET datcollversion = 'another' WHERE datname = 'sorted'});
like($told->(), qr/WARNING:  index public\.person_name of names was sorted by another version.*REINDEX INDEX CONCURRENTLY public\.person_name;.*ALTER DATABASE sorted REFRESH COLLATION VERSION/s,
	'after the system changed the order of letters maintain() says what to do');
$node->safe_psql('sorted', 'REINDEX INDEX CONCURRENTLY person_name; ALTER DATABASE sorted REFRESH COLLATION VERSION');
unlike($told->(), qr/person_name/, 'and is quiet when it was done');

load_registry($node, 'postgres');
{
	# LATIN4 has the letters of Latvian, LATIN1 has not
	local $ENV{PGCLIENTENCODING} = 'LATIN4';
	is($node->safe_psql('postgres', "SELECT ootspg.names_match('Ozoli\xf1\xb9', U&'Ozoli\\0146\\0161')"), 't', 'names arrive in the client\'s encoding');
	is($node->safe_psql('postgres', "SELECT person_id FROM ootspg.evidence('birth', ootspg.natural_person('Ozoli\xf1\xb9', 'J\xe0nis', '1990-01-01'))"),
		'010190-10001', 'and match');
}
{
	local $ENV{PGCLIENTENCODING} = 'LATIN1';
	like(answer($node, 'postgres', "1, family => U&'Ozoli\\0146\\0161', given => U&'J\\0101nis'"), qr/^1\|evidence/, 'a LATIN1 client gets its answer');
	like($node->safe_psql('postgres', q{SELECT convert_from(content, 'UTF8') ~ U&'Ozoli\0146\0161' FROM ootspg.answer(birth_request(2, format => 'application/xml')) WHERE part = 2}),
		qr/^t$/, 'evidence is bytes in UTF-8 whatever the client speaks');
	$node->safe_psql('postgres', "INSERT INTO registry.person VALUES ('x', 'M\xfcller', 'Ren\xe9', '1980-01-01'); INSERT INTO registry.birth VALUES ('x', '1980-01-01', 'R-1')");
	is($node->safe_psql('postgres', "SELECT (xpath('//*[local-name() = ''FamilyName'' or local-name() = ''GivenName'']/text()', convert_from(content, 'UTF8')::xml))::text
		FROM ootspg.evidence('birth', ootspg.natural_person('M\xfcller', 'Ren\xe9', '1980-01-01'), distribution => 'xml') WHERE media_type = 'application/xml'"),
		"{M\xfcller,Ren\xe9}", 'names go in and come out in LATIN1');
	is(sqlstate($node, 'postgres', q{SELECT convert_from(content, 'UTF8') FROM ootspg.answer(birth_request(3, format => 'application/xml')) WHERE part = 2}),
		'22P05', 'only showing it as text needs an encoding that has the letters');
}

# The same request in other bytes; what cannot be read is answered and kept as it came.
my $request = decode('UTF-8', pack 'H*', $node->safe_psql('postgres', q{SELECT encode(birth_request(10), 'hex')}));
my $declared = sub { qq{<?xml version="1.0" encoding="$_[0]"?>} };
my $number = 10;
for my $spelling (
	[ 'UTF-8 with its mark', 'UTF-8', "\x{feff}", 'evidence' ],
	[ 'UTF-8 with mark and declaration', 'UTF-8', "\x{feff}" . $declared->('UTF-8'), 'evidence' ],
	[ 'UTF-16', 'UTF-16', '', 'error' ],
	[ 'UTF-16, declared', 'UTF-16LE', "\x{feff}" . $declared->('UTF-16'), 'error' ],
	[ 'UTF-16 without mark', 'UTF-16BE', $declared->('UTF-16'), 'error' ],
	[ 'UTF-32', 'UTF-32', '', 'error' ],
	[ 'LATIN4, declared', 'ISO-8859-4', $declared->('ISO-8859-4'), 'error' ],
	[ 'LATIN4, undeclared', 'ISO-8859-4', '', 'error' ])
{
	my ($name, $encoding, $prefix, $outcome) = @$spelling;
	my $next = sprintf '%012d', ++$number;
	my $bytes = unpack 'H*', encode($encoding, $prefix . ($request =~ s/000000000010"/$next"/r));

	is( $node->safe_psql('postgres', qq{
			CREATE TEMP TABLE answered AS SELECT DISTINCT exchange_id FROM ootspg.answer('\\x$bytes');
			SELECT outcome, error_code, event_type, first_part = '\\x$bytes'
			  FROM answered JOIN ootspg.exchange USING (exchange_id) JOIN ootspg.exchange_event USING (exchange_id) WHERE direction = 'in'}),
		$outcome eq 'evidence' ? 'evidence||request_received|t' : 'error|EDM:ERR:0003|request_unreadable|t', $name);
}

$node->stop;
done_testing();
