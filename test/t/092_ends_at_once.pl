# Whatever a single call is given, cancelling it and shutting the server down end it:
# sessions work on worst cases without pause, are cancelled, and are there when the server stops.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('ends', 'jit = off', 'autovacuum = off');
load_registry($node, 'postgres');
$node->safe_psql('postgres', <<'END');
SELECT ootspg.maintain();
CREATE TABLE worst (name text PRIMARY KEY, bytes bytea NOT NULL);
INSERT INTO worst VALUES
	('marks', convert_to(repeat(U&'\0301\0316', 2000000), 'UTF8')),
	('half marks', convert_to(repeat(U&'\FF9E\0F73', 10000), 'UTF8')),
	('growing letters', convert_to(repeat(U&'\FDFA', 2000000), 'UTF8')),
	('instructions', convert_to('<a>' || repeat('<?a?> ', 1700000) || '</a>', 'UTF8')),
	('attributes', convert_to('<a>' || repeat('<b a="1" b="2" c="3" d="4" e="5" f="6" g="7" h="8"/>', 99000) || '</a>', 'UTF8')),
	('circle', convert_to('<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><rim:RegistryObjectList>'
		|| (SELECT string_agg(format('<rim:RegistryObject xsi:type="rim:AssociationType" id="a%s" sourceObject="a%s" targetObject="a1"/>', n, n + 1), '') FROM generate_series(1, 20000) n)
		|| '</rim:RegistryObjectList></lcm:SubmitObjectsRequest>', 'UTF8')),
	('columns', convert_to('<gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/"><Identification><Version>1</Version></Identification><ColumnSet>'
		|| (SELECT string_agg(format('<Column Id="c%s"><Data Lang="en"/></Column>', n), '') FROM generate_series(1, 40000) n)
		|| '<Key><ColumnRef Ref="c1"/></Key></ColumnSet><SimpleCodeList><Row><Value ColumnRef="c1"><SimpleValue>a</SimpleValue></Value></Row></SimpleCodeList></gc:CodeList>', 'UTF8'));

CREATE FUNCTION named(name text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(replace(convert_from(birth_request(1), 'UTF8'), 'Ozoliņš', convert_from(w.bytes, 'UTF8')), 'UTF8') FROM worst w WHERE w.name = named.name
$$;
END

my %statements = map { ("answer(), a name of $_" => "SELECT outcome FROM named('$_') n, LATERAL ootspg.answer(n)", "name_key() of $_" => "SELECT length(ootspg.name_key(convert_from(bytes, 'UTF8'))) FROM worst WHERE name = '$_'",
	"subject_key() of $_" => "SELECT length(ootspg.subject_key(ootspg.natural_person('A', convert_from(bytes, 'UTF8'), '1990-01-01'))) FROM worst WHERE name = '$_'") } 'marks', 'half marks', 'growing letters';
$statements{"check_message() of $_"} = "SELECT count(*) FROM worst, LATERAL ootspg.check_message(bytes) WHERE name = '$_'" for 'instructions', 'attributes';
$statements{'check_submission() of a circle'} = q{SELECT count(*) FROM worst, LATERAL ootspg.check_submission(bytes, 'oots-edm:v1.2', 'dsd') WHERE name = 'circle'};
$statements{'import_code_list() of columns'} = q{SELECT ootspg.import_code_list('https://sr.oots.tech.ec.europa.eu/codelists/LV/Columns', bytes) FROM worst WHERE name = 'columns'};

# Over and over, so that a call is always under way; what it raises is not of interest.
my $loop = sub { "DO \$loop\$ BEGIN LOOP BEGIN PERFORM * FROM ($_[0]) q; EXCEPTION WHEN query_canceled THEN RAISE; WHEN OTHERS THEN NULL; END; END LOOP; END \$loop\$" };
my $busy = q{FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO $loop$%'};

my @sessions = map { { name => $_, session => start_sql($node, 'postgres', "\\set VERBOSITY sqlstate\n" . $loop->($statements{$_}) . ";\nSELECT 'goes on'") } } sort keys %statements;
my $count = @sessions;
$node->poll_query_until('postgres', "SELECT count(*) = $count $busy") or die 'the sessions did not all begin';
is($node->safe_psql('postgres', "SELECT count(*) FROM (SELECT pg_cancel_backend(pid) $busy) c"), $count, 'all are cancelled');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 $busy"), 'and none goes on');
for (@sessions)
{
	my ($stdout, $stderr) = finish_sql($_->{session});
	is($stdout, "goes on\n", "$_->{name}: the session goes on");
	like($stderr, qr/ERROR:\s+57014/, "$_->{name}: the cancel is what ended it");
}

# An index of the registry's own rows, whatever names they have
$node->safe_psql('postgres', q{CREATE TABLE people AS SELECT convert_from(bytes, 'UTF8') AS name FROM worst WHERE name ~ 'marks|letters';
	CREATE INDEX ON people (ootspg.name_key(name)); INSERT INTO people SELECT name || name FROM people});
is($node->safe_psql('postgres', 'SELECT count(*), max(length(ootspg.name_key(name))) FROM people'), '6|128', 'no row of a register fails for its name');

# A fast shutdown while all work
@sessions = map { start_sql($node, 'postgres', $loop->($statements{$_})) } sort keys %statements;
$node->poll_query_until('postgres', "SELECT count(*) = $count $busy") or die 'the sessions did not all begin again';
ok($node->stop('fast', fail_ok => 1), 'the server stops');
for (@sessions)
{
	my (undef, $stderr) = eval { finish_sql($_) };
	like($stderr // '', qr/terminat|server closed/, 'and took the session with it');
}
done_testing();
