# No personal data in the server log, pg_stat_activity or pg_stat_statements, however
# much is logged and whatever goes wrong (D-LOG-05, D-LOG-06). The log is searched for
# values that stand nowhere but in the registry and in the requests. Of the extension's
# tables only the request and the first part of the answer may tell whom they are about.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $libraries = `pg_config --pkglibdir`;
chomp $libraries;
my ($statements, $explain) = map { -e "$libraries/$_.so" } 'pg_stat_statements', 'auto_explain';
my $node = start_node('canary',
	$statements ? ("shared_preload_libraries = 'pg_stat_statements'", 'pg_stat_statements.track = all') : (),
	$explain ? ("session_preload_libraries = 'auto_explain'", 'auto_explain.log_min_duration = 0', 'auto_explain.log_analyze = on', 'auto_explain.log_verbose = on', 'auto_explain.log_nested_statements = on') : (),
	'log_parameter_max_length = 0', 'log_parameter_max_length_on_error = 0',
	"log_statement = 'all'", 'log_min_error_statement = debug1', 'log_min_duration_statement = 0', 'log_min_messages = debug1',
	'log_error_verbosity = verbose', 'debug_print_plan = off');

load_registry($node, 'postgres');
seal_registry($node, 'postgres', 'required');
$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements') if $statements;
my %secrets = (
	evidence => 'Kanarella', family => 'Zvirbulītis', given => 'Teodors', birth => '1987-06-05', identifier => 'Q9W8E7R6',
	code => '050687-12321', place => 'Madliena', control => 'Sekretessa');
$node->safe_psql('postgres', <<"END");
SELECT ootspg.maintain();
INSERT INTO registry.person VALUES ('$secrets{code}', '$secrets{family}', '$secrets{given}', '$secrets{birth}', '$secrets{place}', false);
INSERT INTO registry.birth VALUES ('$secrets{code}', '2001-02-03', 'R-1', '$secrets{evidence}', NULL);
END
$node->safe_psql('postgres', <<'END');
-- what may go wrong in a registry, each in a type of its own; every error would quote the data
CREATE FUNCTION registry.complain(value text) RETURNS text LANGUAGE plpgsql AS
	$$BEGIN RAISE EXCEPTION 'cannot show %', value USING DETAIL = value, HINT = value; END$$;
CREATE FUNCTION registry.complain_entitlement(q ootspg.entitlement_question) RETURNS boolean LANGUAGE plpgsql AS
	$$BEGIN RAISE EXCEPTION 'not for %', q; END$$;
CREATE TYPE registry.parent_document AS (entry_number text, mother text, known integer);
CREATE VIEW registry.mother AS SELECT b.code AS person_id, b.entered AS issuing_date, b.mother, b.entry_no FROM registry.birth b;
CREATE VIEW registry.source_raise AS SELECT person_id, issuing_date, convert_to(registry.complain(mother), 'UTF8') AS document FROM registry.mother;
CREATE VIEW registry.source_cast AS SELECT person_id, issuing_date, ROW(entry_no, mother, mother::integer)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_date AS SELECT person_id, issuing_date, ROW(entry_no, mother, (mother::date - current_date))::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_forbidden AS SELECT person_id, issuing_date, ROW(entry_no, mother || E'\x01', 1)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_code AS SELECT person_id, issuing_date, ROW(entry_no, ootspg.code('mothers', mother), 1)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_schema AS SELECT person_id, issuing_date, ROW(entry_no, mother, 1)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_media AS SELECT person_id, issuing_date, convert_to('no PDF ' || mother, 'UTF8') AS document FROM registry.mother;
CREATE VIEW registry.source_language AS SELECT person_id, issuing_date, mother AS language, ROW(entry_no, mother, 1)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_title AS SELECT person_id, issuing_date, mother || E'\x02' AS title, ROW(entry_no, mother, 1)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_number AS SELECT person_id, issuing_date, mother AS evidence_id, ROW(entry_no, mother, 1)::registry.parent_document AS document FROM registry.mother;
CREATE VIEW registry.source_wellformed AS SELECT person_id, issuing_date, convert_to('<m><' || mother || '>', 'UTF8') AS document FROM registry.mother;
CREATE VIEW registry.source_entitlement AS SELECT * FROM registry.source_schema;
CREATE VIEW registry.source_key AS SELECT * FROM registry.source_schema;
CREATE VIEW registry.slow AS SELECT p.* FROM registry.people p WHERE pg_sleep(600) IS NOT NULL;
CREATE VIEW registry.source_slow AS SELECT * FROM registry.source_schema;
SELECT ootspg.install_data_model('mother', '1', 'Mother', DATE '2026-01-01', locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/mother-1.0"}'),
	   ootspg.install_data_model('strict', '1', 'Mother', DATE '2026-01-01', locations => '{"oots-edm:v1.2": "https://sr.oots.tech.ec.europa.eu/datamodels/strict-1.0"}',
	   schema => $$<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="Mother"><xs:complexType><xs:sequence>
		<xs:element name="EntryNumber"/><xs:element name="Mother"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="A"/></xs:restriction></xs:simpleType></xs:element>
		</xs:sequence></xs:complexType></xs:element></xs:schema>$$);
CREATE TABLE kind AS SELECT row_number() OVER () AS number, k AS name FROM unnest(ARRAY['raise', 'cast', 'date', 'forbidden', 'code', 'schema', 'media', 'language', 'title', 'number', 'wellformed', 'entitlement', 'key', 'slow']) k;
INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview, entitlement, seal, seal_key)
SELECT name, 'civil', ('b1c2d3e4-2222-4333-8444-5555666600' || lpad(number::text, 2, '0'))::uuid, '{"EN": "Mother"}',
	   CASE name WHEN 'slow' THEN 'registry.slow' ELSE 'registry.people' END::regclass, '{R1}', 'High', 'exempt',
	   CASE name WHEN 'entitlement' THEN 'registry.complain_entitlement' END, CASE name WHEN 'key' THEN 'prefer' ELSE 'none' END, 'birth' FROM kind;
INSERT INTO ootspg.evidence_type_line SELECT name, l.line, l.classification FROM kind, ootspg.evidence_type_line l WHERE l.evidence_type = 'birth' AND line = 'oots-edm:v1.2';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version)
SELECT name, 'd', CASE WHEN name IN ('raise', 'media') THEN 'application/pdf' ELSE 'application/xml' END, ('registry.source_' || name)::regclass,
	   CASE WHEN name = 'schema' THEN 'strict' WHEN name NOT IN ('raise', 'media') THEN 'mother' END, CASE WHEN name NOT IN ('raise', 'media') THEN '1' END FROM kind;
SELECT ootspg.activate(name) FROM kind;
CREATE TABLE inbox (name text PRIMARY KEY, body bytea NOT NULL);
END

my $valid = "'oots-edm:v1.2', 'application/xml', '$secrets{family}', '$secrets{given}', '$secrets{birth}'";
my %requests = (evidence => "birth_request(1, $valid)", replay => "birth_request(1, $valid)");
my %expected = (evidence => 'evidence', replay => 'EDM:ERR:0003', key => 'evidence', language => 'EDM:ERR:0008');
my $number = 10;
for my $kind (split /\n/, $node->safe_psql('postgres', 'SELECT number || name FROM kind'))
{
	my ($service, $name) = $kind =~ /^(\d+)(\w+)$/;
	my $format = $name =~ /raise|media/ ? 'application/pdf' : 'application/xml';
	$requests{$name} = sprintf "birth_request(%d, %s, service => 'b1c2d3e4-2222-4333-8444-5555666600%02d')", $number++, $valid =~ s{application/xml}{$format}r, $service;
	$expected{$name} //= 'EDM:ERR:0008';
}
# and in a request: what is wrong stands beside what is secret
my %wrong = (
	impossible_date => [ "$secrets{birth}<", '1987-02-31<' ],
	identifier => [ '<sdg:FamilyName>', "<sdg:Identifier schemeID=\"eidas\">$secrets{identifier}</sdg:Identifier><sdg:FamilyName>" ],
	control => [ '</sdg:GivenName>', " $secrets{control}\x01</sdg:GivenName>" ],
	unclosed => [ '</sdg:FamilyName>', " $secrets{control}</sdg:Surname>" ],
	level => [ '>High<', ">$secrets{control}<" ],
	element => [ '</sdg:Person>', "<sdg:$secrets{control}>$secrets{control}</sdg:$secrets{control}></sdg:Person>" ],
	entity => [ '</sdg:FamilyName>', "&$secrets{control};</sdg:FamilyName>" ],
	doctype => [ '<query:QueryRequest', "<!DOCTYPE $secrets{control} [<!ENTITY a \"$secrets{control}\">]><query:QueryRequest" ],
	procedure => [ 'value="R1"', "value=\"$secrets{control}\"" ]);
for my $name (keys %wrong)
{
	$requests{$name} = sprintf "convert_to(replace(convert_from(birth_request(%d, %s), 'UTF8'), \$x\$%s\$x\$, \$x\$%s\$x\$), 'UTF8')", $number++, $valid, @{ $wrong{$name} };
	$expected{$name} = 'EDM:ERR:0003';
}
$requests{bytes} = sprintf "overlay(birth_request(%d, %s) PLACING '\\xff' FROM position(convert_to('%s', 'UTF8') IN birth_request(1, %s)))", $number++, $valid, $secrets{given}, $valid;
$expected{bytes} = 'EDM:ERR:0003';
# an unknown element breaks no rule; then the evidence lacks its seal
$expected{element} = 'EDM:ERR:0008';
$node->safe_psql('postgres', join ";\n", map { "INSERT INTO inbox VALUES ('$_', $requests{$_})" } sort keys %requests);
rename $node->basedir . '/keys/seal/civil/birth.key', $node->basedir . '/keys/seal/civil/gone.key' or die $!;
$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()') if $statements;

# From here on nothing secret is sent but in rows of the inbox.
my $start = -s $node->logfile;
my $ask = sub { "ootspg.answer((SELECT body FROM inbox WHERE name = '$_[0]'))" };
$node->safe_psql('postgres', "SELECT count(*) FROM " . $ask->('replay'));
# the first one has used their request id up
$expected{evidence} = 'EDM:ERR:0003';
for my $name (grep { $_ ne 'slow' } sort keys %requests)
{
	my $result = $node->safe_psql('postgres', "CREATE TEMP TABLE a AS SELECT * FROM " . $ask->($name)
		. '; SELECT coalesce(x.error_code, x.outcome) FROM ootspg.exchange x JOIN a USING (exchange_id) LIMIT 1');
	is($result, $expected{$name}, "$name: $expected{$name}") ;
}
# an application that sends the request as a parameter; the plan of its own statement is auto_explain's to show, with it
my $body = $node->safe_psql('postgres', q{SELECT encode(body, 'hex') FROM inbox WHERE name = 'evidence'});
my $script = write_file($node->basedir . '/parameter.sql', "SELECT count(*) FROM ootspg.answer(decode(:body, 'hex'));\n");
{
	local $ENV{PGOPTIONS} = '-c auto_explain.log_verbose=off -c auto_explain.log_parameter_max_length=0';
	$node->command_ok([ 'pgbench', '-n', '-t', 1, '-M', 'extended', '-D', "body=$body", '-f', $script, 'postgres' ], 'a request as a parameter');
}
# the same through the functions for applications, which raise: our own words never quote
for my $name (qw(forbidden code schema media language title number wellformed))
{
	my $state = sqlstate($node, 'postgres', "SET auto_explain.log_nested_statements = off; SELECT * FROM ootspg.evidence('$name', (SELECT array_agg(code) FROM registry.person WHERE birthplace = (SELECT max(birthplace) FROM registry.person WHERE born = (SELECT min(born) FROM registry.person))), 'oots-edm:v1.2')");
	is($state, 'OT005', "evidence() of $name raises");
}
$node->safe_psql('postgres', q{SELECT count(*) FROM inbox, ootspg.check_message(body)});
$node->safe_psql('postgres', q{SELECT count(*) FROM inbox, ootspg.verify_seal(body)});
sqlstate($node, 'postgres', 'SELECT ootspg.canonical(body) FROM inbox WHERE name = ' . "'$_'") for qw(control unclosed entity doctype bytes);

my $session = start_sql($node, 'postgres', 'SELECT * FROM ' . $ask->('slow'));
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'not slow';
my $activity = $node->safe_psql('postgres', 'SELECT string_agg(a::text, chr(10)) FROM pg_stat_activity a');
$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
finish_sql($session);

my $log = slurp_file($node->logfile, $start);
like($log, qr/canceling statement due to user request/, 'the log was written until the end');
like($log, qr/Query Text: [^\n]*FROM registry\.people s WHERE/, 'auto_explain saw the registry asked') if $explain;
like($log, qr/leaves unsealed/, 'a key that is not there is a line in the log');
my %places = ('server log' => $log, pg_stat_activity => $activity);
$places{pg_stat_statements} = $node->safe_psql('postgres', 'SELECT string_agg(s::text, chr(10)) FROM pg_stat_statements s') if $statements;
for my $place (sort keys %places)
{
	for my $secret (sort keys %secrets)
	{
		my $hex = unpack 'H*', $secrets{$secret};
		my @lines = grep { /\Q$secrets{$secret}\E/i || /$hex/i } split /\n/, $places{$place};
		is(join("\n", @lines), '', "$place: no $secret");
	}
}
# a control: the search does find what is there
like($log, qr/\Q${\ $ask->('bytes')}\E/, 'the statements are in the log');

# In the extension's tables: which columns hold one of the values?
$node->safe_psql('postgres', q{
	CREATE FUNCTION places(secrets text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
	DECLARE
		c record;
		found boolean;
	BEGIN
		FOR c IN SELECT attrelid::regclass AS relation, attname, atttypid FROM pg_attribute JOIN pg_class t ON t.oid = attrelid
				  WHERE relkind = 'r' AND attnum > 0 AND relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) LOOP
			EXECUTE format(CASE WHEN c.atttypid = 'bytea'::regtype
								THEN 'SELECT EXISTS (SELECT FROM %s, unnest($1) s WHERE position(convert_to(s, ''UTF8'') IN %I) > 0)'
								ELSE 'SELECT EXISTS (SELECT FROM %s, unnest($1) s WHERE position(lower(s) IN lower(%I::text)) > 0)' END,
						   c.relation, c.attname) INTO found USING secrets;
			IF found THEN
				RETURN NEXT regexp_replace(c.relation::text, '_y\d+m\d+$', '') || '.' || c.attname;
			END IF;
		END LOOP;
	END $$});
my $array = sub { 'ARRAY[' . join(',', map { "'$_'" } @_) . ']' };
is($node->safe_psql('postgres', 'SELECT DISTINCT places(' . $array->(@secrets{qw(family given birth identifier)}) . ')'),
	'ootspg_internal.exchange_event.first_part', 'whom a request is about stands in the messages and nowhere else');
is($node->safe_psql('postgres', 'SELECT DISTINCT places(' . $array->(qw(zvirbulitis teodors), @secrets{qw(evidence code place)}) . ')'),
	'', 'evidence and what is made for matching stand nowhere');

# Nor in a file beside the tables and their write-ahead log
$node->stop;
my @files = grep { -f } split /\0/, `find '@{[ $node->data_dir ]}' '(' -path '*/base' -o -path '*/pg_wal' ')' -prune -o -type f -print0`;
ok(@files > 10, 'there are such files');
for my $secret (sort keys %secrets)
{
	is(join(' ', grep { slurp_file($_) =~ /\Q$secrets{$secret}\E/i } @files), '', "files: no $secret");
}
done_testing();
