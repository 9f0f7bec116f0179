# The manual's way from the last release to this one: what it has the operator look at shows every thing that stops the
# update, or that the update leaves out of service, and nothing else does.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('update_manual');

sub sql { my ($database, $sql) = @_; return $node->safe_psql($database, $sql); }

sub before_update
{
	my ($name) = @_;
	sql('postgres', "CREATE DATABASE $name");
	sql($name, q{CREATE EXTENSION ootspg VERSION '0.2.0'});
	return $name;
}

# The statements of the section's block, each under its comment
my ($block) = slurp_file('doc/recovery.md') =~ /^### From 0\.2\.0 to 0\.3\.0\n.*?^```sql\n(.*?)^```$/ms;
my @looks = map { s/^--.*\n//mgr } split /\n\n/, $block;
my @names = qw(in_the_way gone_roles answer_roles protected seals gone_views urls);
is(scalar @looks, scalar @names, 'the manual looks at so many things');
my %look;
@look{@names} = @looks;

# A view upon every relation, a view upon every function, as a DBA might have made them
my $relations = q{
	SELECT format('CREATE VIEW mine."%s" AS SELECT * FROM %s', c.relname, c.oid::regclass) FROM pg_class c
	 WHERE c.relnamespace = 'ootspg'::regnamespace AND c.relkind IN ('r', 'v', 'p') ORDER BY c.relname};
my $functions = q{
	SELECT format('CREATE VIEW mine."%s" AS SELECT count(*) FROM %s(%s) AS x', p.oid, p.oid::regproc,
		   (SELECT string_agg(format('NULL::%s', t::regtype), ', ' ORDER BY n) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY a(t, n)))
	  FROM pg_proc p
	 WHERE p.pronamespace = 'ootspg'::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'void'::regtype
	   AND NOT EXISTS (SELECT FROM pg_type t WHERE (t.oid = p.prorettype OR t.oid = ANY (p.proargtypes::oid[])) AND t.typtype = 'p' AND t.typname <> 'record')};

my $database = before_update('views');
sql($database, 'CREATE SCHEMA mine');
sql($database, "$relations \\gexec");
sql($database, "$functions \\gexec");
cmp_ok(sql($database, q{SELECT count(*) FROM pg_views WHERE schemaname = 'mine'}), '>', 80, 'there are views upon all that is public');
my %expected = map { /on view (mine\.\S+)$/ ? ($1 => 1) : () } split /\n/, sql($database, $look{in_the_way});
my %found;
for (1 .. 20)
{
	my ($stdout, $stderr);
	last if $node->psql($database, 'ALTER EXTENSION ootspg UPDATE', stdout => \$stdout, stderr => \$stderr) == 0;
	my @views = $stderr =~ /view (mine\.\S+) depends/g;
	@views = ($1) if !@views && $stderr =~ /rule _RETURN on view (mine\.\S+)/;
	die "the update fails: $stderr" unless @views;
	$found{$_} = 1 for @views;
	sql($database, "DROP VIEW $_") for @views;
}
is(sql($database, q{SELECT extversion = default_version FROM pg_extension JOIN pg_available_extensions ON name = extname WHERE name = 'ootspg'}), 't', 'without them the update goes through');
cmp_ok(scalar keys %found, '>', 2, 'some views stop the update');
is(join(' ', sort keys %found), join(' ', sort keys %expected), '… and the manual shows these and no other');

# What it would leave out of service
$database = before_update('faults');
sql($database, slurp_file("test/fixtures/$_.sql")) for qw(requests registry birth_request);
is(join('|', map { sql($database, $look{$_}) } @names[0, 1, 2, 3, 4, 5]), '|||||', 'there is nothing to mend in a sound database');
sql($database, q{
	CREATE ROLE gone; CREATE ROLE above BYPASSRLS; CREATE ROLE answering LOGIN IN ROLE above;
	SELECT ootspg.grant_duty(r, 'exchange') FROM unnest('{gone,answering}'::name[]) r;
	DROP OWNED BY gone; DROP ROLE gone;
	CREATE VIEW registry.numbered AS SELECT person_id, family_name, given_name, date_of_birth, protected::int::smallint AS protected FROM registry.people;
	UPDATE ootspg.evidence_type SET subject_source = 'registry.numbered';
	INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role) VALUES ('asked', 'https://ap.example/wsplugin?wsdl', 'AP', 'urn:x', 'answering')});
is(sql($database, $look{gone_roles}), 'gone|exchange|', 'rows of a role that is gone');
is(sql($database, $look{answer_roles}), 'asked|answering', 'a role of the workers that is more than it was granted');
is(sql($database, $look{protected}), 'birth|registry.numbered|smallint', 'a truth value that is none');
is(sql($database, $look{urls}), 'asked|https://ap.example/wsplugin?wsdl', 'a URL with a query');
sql($database, q{ALTER TABLE ootspg.evidence_type DROP CONSTRAINT evidence_type_seal_needs_key; UPDATE ootspg.evidence_type SET seal = 'require'});
is(sql($database, $look{seals}), 'birth', 'a seal that cannot be');
sql($database, 'ALTER EXTENSION ootspg UPDATE');
is(sql($database, q{SELECT evidence_type FROM ootspg.out_of_service}), 'birth', 'the update leaves it out of service');
is(sql($database, q{SELECT ootspg_internal.answer_role_excess('answering'::regrole)}), 'role "answering" is a member of "above", which bypasses row-level security', '… and requests waiting');

# The same looks after the update, by the manual's mending
sql($database, q{
	DELETE FROM ootspg.provider_role WHERE role_name LIKE 'pg_gone%';
	REVOKE above FROM answering;
	CREATE OR REPLACE VIEW registry.people AS SELECT code AS person_id, family_name, given_name, born AS date_of_birth, birthplace AS place_of_birth, secret AS protected FROM registry.person;
	UPDATE ootspg.evidence_type SET subject_source = 'registry.people', seal = 'none';
	UPDATE ootspg.access_point SET url = 'https://ap.example/wsplugin'});
is(join('|', map { sql($database, $look{$_}) } @names), '|' x $#names, 'mended, nothing is left to look at');
is(sql($database, q{SELECT count(*) FROM ootspg.out_of_service; SELECT DISTINCT outcome FROM ootspg.answer(birth_request(1))}), "0\nevidence", '… and evidence leaves');

done_testing();
