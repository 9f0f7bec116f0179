# A script proposed from a table runs as it stands, and makes an evidence type that is found right by a rehearsal and answers: for tables that refer
# to persons, for those that have them themselves, with rows of others as lists, with comments as labels, in odd names. What cannot be known is marked.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('propose');
$node->safe_psql('postgres', q{CREATE EXTENSION ootspg;
	CREATE SCHEMA registry;
	CREATE TABLE registry.person (code text PRIMARY KEY, surname text NOT NULL, first_name text NOT NULL, born date NOT NULL);
	CREATE TABLE registry.diploma (id serial PRIMARY KEY, holder text NOT NULL REFERENCES registry.person, number text NOT NULL, degree varchar(40), granted date NOT NULL, scan bytea);
	COMMENT ON TABLE registry.diploma IS 'Diploma of higher education';
	COMMENT ON COLUMN registry.diploma.number IS 'Number of the diploma';
	CREATE TABLE registry.course (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, diploma int NOT NULL REFERENCES registry.diploma, name text, ects numeric(4,1));
	CREATE TABLE registry."Licence of Vessel" (number text PRIMARY KEY, "family name" text, family_name text, given_names text, date_of_birth date, "class" text, issued_on date);
	CREATE TABLE registry.bare (a int, b text);
	INSERT INTO registry.person VALUES ('1', 'Berzins', 'Janis', '1990-01-01');
	INSERT INTO registry.diploma (holder, number, degree, granted) VALUES ('1', 'A 17', 'Magister', '2015-06-20');
	INSERT INTO registry.course (diploma, name, ects) VALUES (1, 'Algorithms', 6), (1, 'Cryptography', 5.5);
	INSERT INTO registry."Licence of Vessel" VALUES ('V1', 'x', 'Liepa', 'Ilze', '1980-02-03', 'B', '2020-01-02');
	INSERT INTO registry.bare VALUES (1, 'x')});

sub sql { return $node->safe_psql('postgres', $_[0]) }

my $before = sql('SELECT count(*) FROM pg_class');
my $script = sql(q{SELECT ootspg.propose('registry.diploma')});
is(sql('SELECT count(*) FROM pg_class'), $before, 'a proposal does nothing');
is(sql(q{SELECT ootspg.propose('registry.diploma')}), $script, 'and is the same each time');
my @marked = $script =~ /(-- \?.*)$/mg;
cmp_ok(scalar @marked, '>', 6, 'what only a person can know is marked');
like($script, qr/COMMENT ON COLUMN registry\.diploma_document\.number IS 'Number of the diploma';/, 'comments are labels');
like($script, qr/COMMENT ON TYPE registry\.diploma_document IS 'Diploma of higher education';/, 'and the title');
like($script, qr/jsonb_build_object\('EN', 'Diploma of higher education'\), .*   -- \? title by language/, 'whose language is a guess, and said to be one');
unlike($script, qr/scan/, 'what is a document already is none of its fields');

# The script as it is
my ($code, $stdout, $stderr) = $node->psql('postgres', $script, on_error_stop => 1);
is($code, 0, 'it runs as it stands') or diag($stderr, $script);
is(sql(q{SELECT distribution, persons FROM ootspg.rehearse('diploma') WHERE fault IS NULL}), 'xml|1', 'the evidence of everybody is right');
is(sql(q{SELECT string_agg(fault, '; ') FROM ootspg.rehearse('diploma') WHERE fault IS NOT NULL}), '', 'and nothing is wrong');
sql(q{SET client_min_messages = warning; SELECT ootspg.activate('diploma')});
is(sql(q{SELECT role, media_type FROM ootspg.evidence('diploma', ootspg.natural_person('Berzins', 'Janis', '1990-01-01'))}), "MainEvidence|application/xml\nHumanReadableVersion|application/pdf", 'it is served, and people can read it');
is(sql(q{SELECT convert_from(content, 'UTF8') FROM ootspg.evidence('diploma', '{1}'::text[]) WHERE media_type = 'application/xml'}),
	'<Diploma><Number>A 17</Number><Degree>Magister</Degree><Granted>2015-06-20</Granted><Course><Name>Algorithms</Name><Ects>6.0</Ects></Course><Course><Name>Cryptography</Name><Ects>5.5</Ects></Course>'
	. '<HolderFamilyName>Berzins</HolderFamilyName><HolderGivenName>Janis</HolderGivenName></Diploma>', 'what it says');
is(sql(q{SELECT count(*) FROM pg_indexes WHERE tablename IN ('diploma', 'course', 'person') AND indexname !~ 'pkey'}), '3', 'with an index for each question');

# A table of persons itself, in odd names; the provider is there by now
$script = sql(q{SELECT ootspg.propose('registry."Licence of Vessel"', line => 'oots-edm:v1.2')});
unlike($script, qr/INSERT INTO ootspg\.provider/, 'the only provider is it');
($code, $stdout, $stderr) = $node->psql('postgres', $script, on_error_stop => 1);
is($code, 0, 'odd names: it runs as it stands') or diag($stderr, $script);
($code, $stdout, $stderr) = $node->psql('postgres', q{SET client_min_messages = error; SELECT ootspg.activate('licence-of-vessel');
	SELECT convert_from(content, 'UTF8') FROM ootspg.evidence('licence-of-vessel', '{V1}'::text[], line => 'oots-edm:v1.2') WHERE media_type = 'application/xml'}, on_error_stop => 1);
is($stderr, '', 'and goes into service');
like($stdout, qr{<Number>V1</Number><F2FamilyName>x</F2FamilyName>}, 'what it says');

# Nobody to find: said, and left to the reader
$script = sql(q{SELECT ootspg.propose('registry.bare', 'bare')});
like($script, qr/-- \? where are name and day of birth\?/, 'without persons the question stands there');
($code, $stdout, $stderr) = $node->psql('postgres', $script, on_error_stop => 1);
is($code, 0, 'still it runs') or diag($stderr, $script);
is(sql('SELECT ootspg.propose(0)'), '', 'of no table nothing');
isnt($node->psql('postgres', q{SELECT ootspg.propose('registry.bare', E'x\'; DROP TABLE registry.bare; --')}), 0, 'a name that is none is refused');

$node->stop;
done_testing();
