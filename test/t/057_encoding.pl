# Databases of other encodings are refused, clients of other encodings are not.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use RegistryTest;
use Test::More;

my $node = start_node('encoding');

for my $encoding (qw(LATIN1 SQL_ASCII LATIN4))
{
	my $database = lc $encoding;

	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C'");
	is(sqlstate($node, $database, 'CREATE EXTENSION ootspg'), '0A000', "refused in a database of $encoding");
	is($node->safe_psql($database, q{SELECT count(*) FROM pg_proc WHERE probin LIKE '%ootspg%'}), '0', "$encoding: nothing stays");
}

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
	is(sqlstate($node, 'postgres', q{SELECT convert_from(content, 'UTF8') FROM ootspg.answer(birth_request(3, format => 'application/xml')) WHERE part = 2}),
		'22P05', 'only showing it as text needs an encoding that has the letters');
}

$node->stop;
done_testing();
