# What ALTER ROLE and ALTER DATABASE may set does not stop or change what the workers do: settings
# that would are pinned. Both sides are told everything at once, and messages are exchanged all the same.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('settings', undef, 'ootspg.answer_workers = 1', 'max_prepared_transactions = 4');
my $number = 0;

# The tests' own superuser, because postgres is whom the exchange worker runs as
$node->safe_psql('postgres', 'CREATE ROLE tester SUPERUSER LOGIN; CREATE ROLE somebody; GRANT somebody TO answerer');
$ENV{PGUSER} = 'tester';
sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# What a user may set, and what the worker has instead
my %pinned = (
	row_security => [ 'off', 'on' ], session_replication_role => [ 'replica', 'origin' ], default_tablespace => [ 'pg_global', '' ],
	default_transaction_read_only => [ 'on', 'off' ], default_transaction_isolation => [ 'serializable', 'read committed' ],
	default_transaction_deferrable => [ 'on', 'off' ], statement_timeout => [ '1ms', '0' ], lock_timeout => [ '1ms', '0' ],
	idle_in_transaction_session_timeout => [ '1ms', '0' ], search_path => [ 'registry', 'pg_catalog, pg_temp' ], exit_on_error => [ 'on', 'off' ],
	standard_conforming_strings => [ 'off', 'on' ], transform_null_equals => [ 'on', 'off' ], array_nulls => [ 'off', 'on' ], backslash_quote => [ 'on', 'safe_encoding' ],
	max_parallel_workers_per_gather => [ '4', '0' ], plan_cache_mode => [ 'force_custom_plan', 'auto' ], role => [ 'somebody', 'none' ]);
my @free = ("DateStyle = 'German, DMY'", "IntervalStyle = 'sql_standard'", "TimeZone = 'Pacific/Kiritimati'", "xmloption = 'document'", "xmlbinary = 'hex'", "extra_float_digits = '-15'",
	"bytea_output = 'escape'", "quote_all_identifiers = 'on'", "work_mem = '64kB'", "synchronous_commit = 'off'", "client_min_messages = 'error'", "jit = 'off'", "parallel_setup_cost = '0'",
	"enable_indexscan = 'off'", "client_encoding = 'LATIN1'", "escape_string_warning = 'off'");
for (['restrict_nonsystem_relation_kind', 'view', ''], ['transaction_timeout', '100ms', '0'], ['force_parallel_mode', 'on', 'off'], ['debug_parallel_query', 'on', 'off'])
{
	my ($name, $set, $pinned) = @$_;
	$pinned{$name} = [ $set, $pinned ] if sql("SELECT count(*) FROM pg_settings WHERE name = '$name'");
}
# each view of evidence tells with what settings it was read, and takes longer than any time limit
sql(q{
	CREATE TABLE registry.seen (name text, setting text);
	GRANT INSERT ON registry.seen TO answerer;
	CREATE FUNCTION registry.look(code text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO registry.seen SELECT name, setting FROM pg_catalog.pg_settings UNION ALL SELECT 'current_user', current_user;
		PERFORM pg_sleep(0.3);
		RETURN code;
	END $$;
	CREATE OR REPLACE VIEW registry.birth_evidence AS
	SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		   ROW('LV', b.entry_no, p.family_name, p.given_name, p.born, p.birthplace,
			   ARRAY[ROW('mother', b.mother)::registry.parent])::registry.birth_document AS document,
		   pdf_of('birth entry ' || registry.look(b.code)) AS pdf
	  FROM registry.birth b JOIN registry.person p USING (code)});

sub answered_all
{
	my ($name) = @_;
	my @requests = map { ask($node, $ap, ++$number) } 1 .. 2;
	my $unknown = ask($node, $ap, ++$number . q{, family => 'Nobody'});

	sql('TRUNCATE registry.seen');
	is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', "$name: evidence") for @requests;
	is(wait_answer($ap, $unknown)->{code}, 'EDM:ERR:0004', "$name: nobody found");
	wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, "$name: delivered");
	is(sql('SELECT max(attempts) FROM ootspg.inbox'), '1', "$name: at the first attempt");
	return;
}

answered_all('as it is');

# of the role that answers, and of the one that exchanges; in this database, which comes first
my %quoted = map { my $value = $pinned{$_}[0]; ($_ => $_ eq 'search_path' ? $value : "'$value'") } keys %pinned;
for my $role ('answerer', 'postgres')
{
	for my $name (sort keys %pinned)
	{
		next if $role eq 'postgres' && $name eq 'role';
		sql("ALTER ROLE $role IN DATABASE postgres SET $name = $quoted{$name}");
	}
	sql("ALTER ROLE $role SET $_") for @free;
}
# none of the months has a partition, so that the exchange worker makes them under its settings
sql(q{DO $$ DECLARE t regclass; BEGIN
	FOR t IN SELECT c.oid FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
			  WHERE i.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass) AND pg_get_expr(c.relpartbound, c.oid) LIKE 'FOR VALUES%' LOOP
		EXECUTE 'DROP TABLE ' || t;
	END LOOP; END $$});
$node->restart;
my $log = -s $node->logfile;
answered_all('everything set');
is(sql(q{SELECT string_agg(DISTINCT s.setting, ' ') FROM registry.seen s WHERE name = 'current_user'}), 'answerer', 'the registry is read as the role that answers');
for my $name (sort grep { $_ ne 'role' } keys %pinned)
{
	is(sql("SELECT string_agg(DISTINCT setting, ' ') FROM registry.seen WHERE name = '$name'"), $pinned{$name}[1], "$name is the worker's own");
}
is(sql(q{SELECT string_agg(DISTINCT setting, ' ') FROM registry.seen WHERE name = 'DateStyle'}), 'German, DMY', 'what is the registry\'s stays as it is set');
is(sql(q{SELECT count(*) FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
	WHERE i.inhparent IN ('ootspg.exchange_event'::regclass, 'ootspg.evidence_event'::regclass) AND pg_get_expr(c.relpartbound, c.oid) LIKE 'FOR VALUES%'}), '4', 'the exchange worker makes the partitions');
# an error of the registry is an answer, and ends no process
sql(q{CREATE OR REPLACE FUNCTION registry.look(code text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$});
is(wait_answer($ap, ask($node, $ap, ++$number))->{code}, 'EDM:ERR:0008', 'the registry\'s failure is an answer');
unlike(slurp_file($node->logfile, $log), qr/begins anew|exited with exit code [1-9]/, 'no worker ended');

$node->stop;
$ap->stop;
done_testing();
