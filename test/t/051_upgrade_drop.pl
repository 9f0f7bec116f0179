# The extension comes, is updated and goes like any other: nothing of it stays, and
# every released version leads to the present one.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($version) = make_variable('EXTVERSION');
my $node = start_node('upgrade_drop');

# What is there that a fresh database does not have
my $objects = q{
	SELECT 'class ' || relname FROM pg_class WHERE relnamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT 'proc ' || proname FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'ootspg%' OR probin LIKE '%ootspg%'
	UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname LIKE 'ootspg%' AND nspname <> 'ootspg'
	UNION ALL SELECT 'policy ' || polname FROM pg_policy UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgname LIKE '%audit_guard%'
	UNION ALL SELECT 'event trigger ' || evtname FROM pg_event_trigger ORDER BY 1};

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
cmp_ok(scalar(split /\n/, $node->safe_psql('postgres', $objects)), '>', 100, 'the extension is there');
is($node->safe_psql('postgres', q{SELECT string_agg(obj_description(c.oid, 'pg_class') IS NULL || c.relname, ' ') FROM pg_class c
	WHERE c.relnamespace = 'ootspg'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND obj_description(c.oid, 'pg_class') IS NULL}), '', 'every public table tells what it is');
is($node->safe_psql('postgres', q{SELECT string_agg(p.oid::regprocedure::text, ' ') FROM pg_proc p
	WHERE p.pronamespace = 'ootspg'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL}), '', 'and every public function');
$node->safe_psql('postgres', 'DROP EXTENSION ootspg');
is($node->safe_psql('postgres', $objects), '', 'dropped without data: nothing of it stays');

# With data, partitions, and what a registry builds on it
load_registry($node, 'postgres');
$node->safe_psql('postgres', 'SELECT ootspg.maintain()');
like(answer($node, 'postgres', '1'), qr/\|evidence/, 'an answer');
my ($stdout, $stderr);
$node->psql('postgres', '\set VERBOSITY verbose' . "\nSET ootspg.destroy_audit = on;\nDROP EXTENSION ootspg", stdout => \$stdout, stderr => \$stderr);
like($stderr, qr/2BP01.*registry\.person_match depends on function ootspg\.name_key/s, 'an index of the registry on name_key() is not dropped silently');
unlike($stderr, qr/_event_y|registry\.people|birth_evidence/, 'nothing else stands in the way');
$node->safe_psql('postgres', 'DROP INDEX registry.person_match');
is(sqlstate($node, 'postgres', $_), 'OT008', "an audit that the law wants kept: $_ is refused")
  for 'DROP EXTENSION ootspg', 'DROP EXTENSION ootspg CASCADE', 'DROP EXTENSION citext, ootspg', 'DROP SCHEMA ootspg CASCADE', 'DROP EXTENSION plpgsql CASCADE', 'DROP OWNED BY postgres';
is($node->safe_psql('postgres', 'CREATE SCHEMA other; DROP SCHEMA other; CREATE ROLE nobody; DROP OWNED BY nobody; DROP ROLE nobody; SELECT 1'), '1', 'what does not reach it is dropped as ever');
$node->safe_psql('postgres', 'SET ootspg.destroy_audit = on; DROP EXTENSION ootspg');
is($node->safe_psql('postgres', $objects), '', 'dropped with data: nothing of it stays, partitions neither');
is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM registry.birth_evidence'), 't', 'the registry is untouched');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg.provider'), '0', 'created again, empty');

# Updates: each script sql/ootspg--A--B.sql is a step; from every version that was ever
# released there must be a way to the present one.
my @steps = map { [m{ootspg--([^-]+)--([^-]+)\.sql$}] } glob 'sql/ootspg--*--*.sql';
my %released = map { $_ => 1 } grep { $_ ne 'unreleased' } slurp_file('CHANGELOG.md') =~ /^## (\d+\.\d+\.\d+) \(\d{4}/mg;
for my $from (sort keys %released)
{
	next if $from eq $version;
	is($node->safe_psql('postgres', "SELECT path IS NOT NULL FROM pg_extension_update_paths('ootspg') WHERE source = '$from' AND target = '$version'"),
		't', "$from can be updated to $version");
}
is_deeply([ grep { !$released{ $_->[0] } } @steps ], [], 'every update starts from a released version');
is($node->safe_psql('postgres', "SELECT string_agg(version, ' ') FROM pg_available_extension_versions WHERE name = 'ootspg' AND installed"),
	$version, 'CREATE EXTENSION gives the default version');

# What an updated extension is made of, line by line: nothing of it may differ from a fresh one's.
my $anatomy = q{
	SELECT line FROM (
	SELECT format('function %s: %s %s %s %s', p.oid::regprocedure, md5(pg_get_functiondef(p.oid)), p.proowner::regrole, p.proacl, obj_description(p.oid, 'pg_proc'))
	  FROM pg_proc p WHERE p.pronamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT format('%s %s: %s %s %s %s %s %s', c.relkind, c.oid::regclass, c.relrowsecurity, c.relacl, obj_description(c.oid, 'pg_class'), c.reloptions, c.relpersistence,
			CASE c.relkind WHEN 'v' THEN pg_get_viewdef(c.oid) WHEN 'i' THEN pg_get_indexdef(c.oid) END)
	  FROM pg_class c WHERE c.relnamespace::regnamespace::text LIKE 'ootspg%' AND c.relkind <> 't'
	UNION ALL SELECT format('column %s.%s: %s %s %s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
			a.attcompression, coalesce(pg_get_expr(d.adbin, d.adrelid), '') || coalesce(col_description(a.attrelid, a.attnum), ''))
	  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
	 WHERE c.relnamespace::regnamespace::text LIKE 'ootspg%' AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 't')
	UNION ALL SELECT format('constraint %s on %s: %s', k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.connamespace::regnamespace::text LIKE 'ootspg%'
	UNION ALL SELECT format('policy %s on %s: %s %s', p.polname, p.polrelid::regclass, p.polcmd, pg_get_expr(p.polqual, p.polrelid)) FROM pg_policy p
	UNION ALL SELECT format('event trigger %s: %s %s %s', evtname, evtevent, evtfoid::regprocedure, evttags) FROM pg_event_trigger
	UNION ALL SELECT 'trigger: ' || pg_get_triggerdef(t.oid) || t.tgenabled::text FROM pg_trigger t WHERE NOT t.tgisinternal
	UNION ALL SELECT format('type %s: %s %s', t.oid::regtype, t.typacl, obj_description(t.oid, 'pg_type')) FROM pg_type t WHERE t.typnamespace::regnamespace::text LIKE 'ootspg%' AND t.typtype IN ('c', 'd')
	UNION ALL SELECT 'dumped: ' || unnest(extconfig)::regclass::text FROM pg_extension WHERE extname = 'ootspg'
	UNION ALL SELECT 'member: ' || pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
	 WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e') anatomy(line) ORDER BY line COLLATE "C"};
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION ootspg');
my $fresh = $node->safe_psql('fresh', $anatomy);
for my $from (sort keys %released)
{
	next if $from eq $version;
	(my $database = "from_$from") =~ tr/./_/;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, "CREATE EXTENSION ootspg VERSION '$from'");
	# with data, and duties given before; what the old release did goes on after the update
	$node->safe_psql($database, slurp_file("test/fixtures/$_.sql")) for qw(requests registry birth_request);
	is(sqlstate($node, $database, "SELECT * FROM $_"), '55000', "$from: this library refuses $_")
	  for 'ootspg.answer(birth_request(1))', q{ootspg.evidence('birth', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'))}, 'ootspg.purge()', q{ootspg.seal('<a/>'::bytea, 'any')};
	# what it did in its time
	$node->safe_psql($database, q{
		INSERT INTO ootspg.exchange (received_at, state, outcome) VALUES (now(), 'answered', 'evidence');
		INSERT INTO ootspg_internal.used_request SELECT lower(substring(convert_from(birth_request(1), 'UTF8') FROM ' id="([^"]*)"')), max(exchange_id) FROM ootspg.exchange;
		SELECT ootspg_internal.ensure_partitions(now());
		INSERT INTO ootspg.exchange_event (event_time, exchange_id, event_type) SELECT now(), exchange_id, 'request_received' FROM ootspg.exchange});
	$node->safe_psql($database, q{DO $$ BEGIN CREATE ROLE old_hand; EXCEPTION WHEN duplicate_object THEN NULL; END $$; SELECT ootspg.grant_duty('old_hand', 'monitor')});
	# of a role that was dropped: earlier releases know duties by name
	$node->safe_psql($database, q{INSERT INTO ootspg.provider_role VALUES ('never_was', 'audit', 'civil')});
	my $connected = $node->safe_psql($database, q{SELECT to_regclass('ootspg.access_point') IS NOT NULL}) eq 't';
	$node->safe_psql($database, q{INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role) VALUES ('ap', 'http://localhost:1', 'x', 'x', 'postgres')}) if $connected;
	$node->safe_psql($database, q{
		INSERT INTO ootspg.inbox (access_point, message_id, received_at, acknowledged_at, exchange_id, state, next_attempt_at, attempts, reason) VALUES
			('gone', '1', now(), now(), -1, 'answered', now(), 2, NULL), ('gone', '2', now(), NULL, -2, 'waiting', now(), 0, NULL), ('gone', '3', now(), now(), -3, 'quarantined', now(), 0, 'why');
		INSERT INTO ootspg.outbox (access_point, exchange_id, message_id, action, created_at, state, next_attempt_at, attempts) VALUES
			('gone', -1, '1', 'x', now(), 'delivered', now(), 1), ('gone', -2, '2', 'x', now(), 'submitted', now(), 1), ('gone', -3, '3', 'x', now(), 'parked', now(), 4)}) if $connected;
	my $before = $node->safe_psql($database, 'SELECT count(*), min(exchange_id) FROM ootspg.exchange_event');
	$node->safe_psql($database, 'ALTER EXTENSION ootspg UPDATE');
	is($node->safe_psql($database, 'SELECT count(*), min(exchange_id) FROM ootspg.exchange_event'), $before, "$from: nothing of the audit is lost");
	is($node->safe_psql($database, q{SELECT string_agg(concat_ws(' ', role_name, duty, provider), ', ' ORDER BY duty DESC) FROM ootspg.provider_role}),
		'old_hand monitor, pg_gone(0 never_was) audit civil', "$from: duties are bound to the roles that are there, and none is lost");
	is($node->safe_psql($database, q{
		SELECT string_agg(concat_ws(' ', inbox_id, state, attempts, reason, acknowledged_at IS NULL), ', ' ORDER BY inbox_id), nextval('ootspg_internal.inbox_history_inbox_id_seq') FROM ootspg.inbox
		UNION ALL SELECT string_agg(concat_ws(' ', outbox_id, state, attempts), ', ' ORDER BY outbox_id), (SELECT string_agg(message_id, ' ') FROM ootspg_internal.inbox_unacknowledged)::bigint FROM ootspg.outbox}),
		"1 answered 2 f, 2 waiting 0 t, 3 quarantined 0 why f|4\n1 delivered 1, 2 submitted 1, 3 parked 4|2", "$from: messages stay where they were on their way") if $connected;
	is($node->safe_psql($database, 'SELECT answer_role, (SELECT min(f) FROM ootspg_internal.answering_faults(access_point) f) FROM ootspg.access_point'),
		'postgres|role "postgres" is a superuser: requests wait', "$from: an answer role that has too much is told") if $connected;
	$node->safe_psql($database, q{CREATE ROLE never_was; SELECT ootspg.grant_duty('never_was', 'monitor', 'civil')});
	is($node->safe_psql($database, q{SELECT ootspg_internal.has_duty('never_was', 'audit', 'civil')}), 'f', "$from: who gets a name later gets nothing");
	$node->safe_psql($database, 'DROP OWNED BY never_was; DROP ROLE never_was; DELETE FROM ootspg.access_point');
	like(answer($node, $database, '2'), qr/^2\|evidence/, "$from: answers after the update");
	is($node->safe_psql($database, q{SELECT DISTINCT outcome FROM ootspg.answer(birth_request(3), test_header('oots-edm:v1.2'))}), 'evidence', "$from: whoever sends, as there is no list of senders yet");
	like(answer($node, $database, '1'), qr/^4\|error\|EDM:ERR:0003/, "$from: remembers what was asked before");
	is($node->safe_psql($database, q{SELECT count(*) > 0, bool_and(relrowsecurity AND relreplident = 'f') FROM pg_class WHERE relname ~ '_event_y' AND relkind = 'r'}), 't|t',
		"$from: partitions that were there have what new ones have");
	$node->safe_psql($database, q{SELECT ootspg.grant_duty('old_hand', 'monitor')});
	is($node->safe_psql($database, q{SET ROLE old_hand; SELECT access_point IS NULL FROM ootspg.status}), 't', "$from: a duty given again includes what is new");
	$node->safe_psql($database, q{DROP INDEX registry.person_match; SET ootspg.destroy_audit = on; DROP EXTENSION ootspg});
	$node->safe_psql($database, "CREATE EXTENSION ootspg VERSION '$from'; ALTER EXTENSION ootspg UPDATE");
	my $updated = $node->safe_psql($database, $anatomy);
	is($updated, $fresh, "$from: updated, it is what a fresh one is") or diag(join "\n", difference($fresh, $updated));
}

# Lines that only one of two texts has
sub difference
{
	my ($one, $other) = @_;
	my %one = map { $_ => 1 } split /\n/, $one;
	my %other = map { $_ => 1 } split /\n/, $other;
	return ((map { "- $_" } grep { !$other{$_} } sort keys %one), (map { "+ $_" } grep { !$one{$_} } sort keys %other));
}

my $installed = slurp_file($node->config_data('--sharedir') . "/extension/ootspg--$version.sql");
is($installed, join('', map { slurp_file($_) } make_variable('SQL_PARTS')), 'the installed script is the parts in their order');

# A library of another version than the extension's objects must be noticeable.
is($node->safe_psql('postgres', q{SELECT ootspg.library_version() = extversion FROM pg_extension WHERE extname = 'ootspg'}),
	't', 'library and extension agree');
$node->safe_psql('postgres', q{UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'ootspg'});
is($node->safe_psql('postgres', q{SELECT ootspg.library_version(), extversion FROM pg_extension WHERE extname = 'ootspg'}),
	"$version|0.0.9", 'a difference shows');

$node->stop;
done_testing();
