# What a database brings along does not change what the extension is: default privileges
# open nothing, publications FOR ALL TABLES stop nothing, standard_conforming_strings makes
# no other object, a session's tablespace and access method go nowhere, and a registry that
# indexes name_key() is restored in one go.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('surroundings', 'wal_level = logical', 'allow_in_place_tablespaces = on');
my $directory = PostgreSQL::Test::Utils::tempdir;

sub sql { my ($database, $sql) = @_; return $node->safe_psql($database, $sql); }

# The lines of the second text that the first has not
sub difference
{
	my ($one, $other) = @_;
	my %known = map { $_ => 1 } split /\n/, $one;
	return join "\n", grep { !$known{$_} } split /\n/, $other;
}

sub database
{
	my ($name, $before) = @_;
	sql('postgres', "CREATE DATABASE $name TEMPLATE template0");
	sql($name, $before) if $before;
	return $name;
}

# Default privileges, as some distributions set them up ---------------------------------

my $generous = join ';', map { "ALTER DEFAULT PRIVILEGES GRANT ALL ON $_ TO anon" } qw(TABLES SEQUENCES FUNCTIONS TYPES SCHEMAS);
my $given = q{
	SELECT x.what FROM (
		SELECT 'schema ' || n.nspname, n.nspacl, n.nspowner FROM pg_namespace n WHERE n.nspname ~ '^ootspg'
		UNION ALL SELECT 'relation ' || c.oid::regclass, c.relacl, c.relowner FROM pg_class c WHERE c.relnamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT 'function ' || p.oid::regprocedure, p.proacl, p.proowner FROM pg_proc p WHERE p.pronamespace::regnamespace::text ~ '^ootspg'
		UNION ALL SELECT 'type ' || t.oid::regtype, t.typacl, t.typowner FROM pg_type t WHERE t.typnamespace::regnamespace::text ~ '^ootspg') x(what, acl, owner), aclexplode(x.acl) a
	 WHERE a.grantee = 'anon'::regrole ORDER BY 1};
sql('postgres', 'CREATE ROLE anon LOGIN');
database('given', $generous);
load_registry($node, 'given');
like(answer($node, 'given', '1'), qr/\|evidence/, 'default privileges: an answer');
sql('given', q{SELECT ootspg.maintain()});
is(sql('given', $given), '', 'default privileges give nothing on what the extension made, nor on the audit\'s partitions');
is(sql('given', q{SELECT count(*) > 5, bool_and(c.relrowsecurity) FROM pg_class c WHERE c.relname ~ '_event_(y|rest)' AND c.relkind = 'r'}), 't|t', 'no partition is read by itself, whoever is given it');
sql('given', 'GRANT USAGE ON SCHEMA ootspg_internal TO anon; GRANT SELECT ON ALL TABLES IN SCHEMA ootspg_internal TO anon');
is($node->safe_psql('given', q{SELECT sum((xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c FROM %s', c.oid::regclass), false, true, '')))[1]::text::int)
	FROM pg_class c WHERE c.relname ~ '_event_(y|rest)' AND c.relkind = 'r'}, extra_params => [ '-U', 'anon' ]), '0', '… it is empty to them');

# An update gives nothing on what it makes, keeps what was given before, and tells of it
database('older', $generous);
sql('older', q{CREATE EXTENSION ootspg VERSION '0.2.0'});
my $before = sql('older', $given);
cmp_ok(scalar(split /\n/, $before), '>', 100, '0.2.0 was open to them');
my ($stdout, $stderr);
$node->psql('older', 'ALTER EXTENSION ootspg UPDATE', stdout => \$stdout, stderr => \$stderr);
like($stderr, qr/WARNING:  roles without a duty have rights on tables of ootspg: anon$/m, 'an update tells who has rights without a duty');
my %before = map { $_ => 1 } split /\n/, $before;
is(join("\n", grep { !$before{$_} } split /\n/, sql('older', $given)), '', 'and gives nothing more');

# Published FOR ALL TABLES ----------------------------------------------------------------

database('published');
load_registry($node, 'published');
sql('published', slurp_file('test/fixtures/concurrent.sql'));
like(answer($node, 'published', '1'), qr/\|evidence/, 'an exchange');
sql('published', q{CALL age();
	CREATE ROLE leaver; SELECT ootspg.grant_duty('leaver', 'audit'), ootspg.grant_duty('leaver', 'monitor', 'civil');
	SELECT ootspg.maintain(); CREATE PUBLICATION everything FOR ALL TABLES});
is(sql('published', q{SELECT string_agg(c.oid::regclass::text, ' ' ORDER BY 1) FROM pg_class c
	 WHERE c.relnamespace::regnamespace::text ~ '^ootspg' AND c.relkind IN ('r', 'p') AND c.relreplident <> 'f'
	   AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)}), '', 'every table, and every partition, has a replica identity');
is(sql('published', q{
	CREATE FUNCTION tried() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE t regclass; c text; faults text := '';
	BEGIN
		FOR t IN SELECT c.oid FROM pg_class c WHERE c.relnamespace::regnamespace::text ~ '^ootspg' AND c.relkind = 'r' LOOP
			SELECT attname INTO c FROM pg_attribute WHERE attrelid = t AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = '' LIMIT 1;
			FOREACH c IN ARRAY ARRAY[format('DELETE FROM %s WHERE false', t), format('UPDATE %s SET %2$I = %2$I WHERE false', t, c)] LOOP
				BEGIN
					EXECUTE c;
				EXCEPTION WHEN OTHERS THEN
					faults := faults || CASE WHEN SQLSTATE <> 'OT008' THEN c || ': ' || SQLSTATE || E'\n' ELSE '' END;
				END;
			END LOOP;
		END LOOP;
		RETURN faults;
	END $$;
	SELECT tried()}), '', 'each can be changed while it is published');
is(sql('published', 'SELECT exchanges, events > 0, pieces FROM ootspg.purge()'), '1|t|1', 'purge() removes what is beyond retention');
is(sqlstate($node, 'published', $_), '', "published: $_") for q{SELECT ootspg.revoke_duty('leaver', 'monitor', 'civil')}, q{SELECT ootspg.revoke_duty('leaver', 'audit')},
	q{SELECT ootspg.deactivate('birth'), ootspg.activate('birth')}, q{SELECT ootspg.maintain()}, q{DELETE FROM ootspg.evidence_type WHERE evidence_type = 'birth'}, q{DELETE FROM ootspg.accepted_party};

# standard_conforming_strings = off: the same objects --------------------------------------

my $definitions = q{
	SET standard_conforming_strings = on;
	SELECT format('%s %s %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) FROM pg_constraint c WHERE c.connamespace::regnamespace::text ~ '^ootspg'
	UNION ALL SELECT format('%s %s', p.oid::regprocedure, md5(pg_get_functiondef(p.oid))) FROM pg_proc p WHERE p.pronamespace::regnamespace::text ~ '^ootspg'
	UNION ALL SELECT format('%s %s', c.oid::regclass, md5(pg_get_viewdef(c.oid))) FROM pg_class c WHERE c.relnamespace::regnamespace::text ~ '^ootspg' AND c.relkind = 'v'
	UNION ALL SELECT format('%s %s', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace::regnamespace::text ~ '^ootspg'
	UNION ALL SELECT format('%s %s %s', a.attrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid)) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
		JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace::regnamespace::text ~ '^ootspg'
	UNION ALL SELECT format('%s %s %s', p.polrelid::regclass, p.polname, pg_get_expr(p.polqual, p.polrelid)) FROM pg_policy p
	UNION ALL SELECT format('%s %s', t.tgrelid::regclass, pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace::regnamespace::text ~ '^ootspg' AND NOT t.tgisinternal
	UNION ALL SELECT format('%s %s', d.objoid::regclass, md5(d.description)) FROM pg_description d JOIN pg_class c ON c.oid = d.objoid AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace::regnamespace::text ~ '^ootspg'
	ORDER BY 1};
database('conforming');
database('legacy');
sql('postgres', 'ALTER DATABASE legacy SET standard_conforming_strings = off; ALTER DATABASE legacy SET escape_string_warning = off');
sql($_, 'CREATE EXTENSION ootspg') for qw(conforming legacy);
my $expected = sql('conforming', $definitions);
cmp_ok(scalar(split /\n/, $expected), '>', 500, 'there are definitions to compare');
is(difference($expected, sql('legacy', $definitions)), '', 'standard_conforming_strings = off makes the same objects');
sql('legacy', q{DROP EXTENSION ootspg; CREATE EXTENSION ootspg VERSION '0.2.0'; ALTER EXTENSION ootspg UPDATE});
sql('conforming', q{DROP EXTENSION ootspg; CREATE EXTENSION ootspg VERSION '0.2.0'; ALTER EXTENSION ootspg UPDATE});
is(difference(sql('conforming', $definitions), sql('legacy', $definitions)), '', '… and so does an update there');
# bodies of PL/pgSQL are read when they run
is(sql('conforming', q{SELECT string_agg(DISTINCT p.oid::regprocedure::text, ' ') FROM pg_proc p, regexp_split_to_table(p.prosrc, '\n') line
	WHERE p.pronamespace::regnamespace::text ~ '^ootspg' AND line ~ '\\\\' AND line !~ 'E''[^'']*\\\\'}),
	'', 'no function has a literal that means something else there');

# A session's tablespace and access method ----------------------------------------------------

database('owned');
sql('owned', q{CREATE ROLE ext_owner SUPERUSER NOLOGIN; SET ROLE ext_owner; CREATE EXTENSION ootspg; RESET ROLE; ALTER ROLE ext_owner NOSUPERUSER;
	CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler});
sql('owned', q{CREATE TABLESPACE elsewhere LOCATION ''});
sql('owned', slurp_file("test/fixtures/$_.sql")) for qw(requests registry birth_request);
my $remote = q{SET default_tablespace = elsewhere; SET default_table_access_method = other_heap;};
is(sql('owned', "$remote SELECT DISTINCT outcome FROM ootspg.answer(birth_request(1))"), 'evidence', 'the first answer of a month, in a session whose tablespace the owner may not use');
sql('owned', "$remote SELECT ootspg.maintain()");
is(sql('owned', q{SELECT count(*) > 3, string_agg(DISTINCT c.reltablespace || a.amname, ' ') FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.relname ~ '_event_y' AND c.relkind = 'r'}), 't|0heap', 'partitions lie where the database does');
is(sql('owned', q{SELECT count(*) FROM pg_class WHERE relname ~ '_event_y' AND reltablespace <> 0}), '0', 'and so do their indexes');
# wherever a function of the owner's makes tables
is(sql('owned', q{SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc p WHERE p.pronamespace::regnamespace::text ~ '^ootspg' AND p.prosrc ~* 'CREATE (UNLOGGED )?TABLE'
	AND (p.proconfig IS NULL OR NOT p.proconfig::text ~ 'default_tablespace=' OR NOT p.proconfig::text ~ 'default_table_access_method=heap')}), '', 'every function that makes tables says where');

# Restored in one go --------------------------------------------------------------------------

database('registered');
load_registry($node, 'registered');
sql('registered', q{
	CREATE ROLE registry_owner LOGIN;
	ALTER TABLE registry.person ADD folded text GENERATED ALWAYS AS (ootspg.name_key(family_name)) STORED,
		ADD CHECK (ootspg.names_match(family_name, family_name)), ADD CHECK (ootspg.given_names_match(given_name, given_name));
	ALTER TABLE registry.person OWNER TO registry_owner; ALTER SCHEMA registry OWNER TO registry_owner});
is($node->psql('registered', $_, extra_params => [ '-U', 'registry_owner' ]), 0, "the owner of a registry, without duty: $_")
  for 'ANALYZE registry.person', 'REINDEX TABLE registry.person', q{CREATE INDEX ON registry.person (ootspg.name_key(given_name))},
	q{INSERT INTO registry.person (code, family_name, given_name, born) VALUES ('9', 'Šķēle', 'Andris', '1958-01-16')};
$node->command_ok([ 'pg_dump', '--file', "$directory/plain.sql", $node->connstr('registered') ], 'dumped');
$node->command_ok([ 'pg_dump', '--format=custom', '--file', "$directory/custom.dump", $node->connstr('registered') ], 'and in the custom format');
database($_) for qw(plain custom);
$node->command_ok([ 'psql', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/plain.sql", $node->connstr('plain') ], 'restored in one go, stopping at the first error');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--dbname', $node->connstr('custom'), "$directory/custom.dump" ], 'by pg_restore as well');
for my $database (qw(plain custom))
{
	is(sql($database, q{SELECT count(*) FROM pg_indexes WHERE indexdef ~ 'name_key'}), sql('registered', q{SELECT count(*) FROM pg_indexes WHERE indexdef ~ 'name_key'}), "$database: the indexes are there");
	like(answer($node, $database, '2'), qr/\|evidence/, "$database: it answers");
}

$node->stop;
done_testing();
