# Heads of the audit (D-LOG-14): made of rows that nobody can add to any more, whoever is late; sealed as others can check; and every
# row that a superuser changes, takes away, adds, swaps or brings back is named.
use strict;
use warnings FATAL => 'all';

use Digest::SHA qw(sha256 sha256_hex);
use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $heads = PostgreSQL::Test::Utils::tempdir;
my $node = start_node('heads', 'autovacuum = off', 'max_prepared_transactions = 2', "ootspg.audit_head_directory = '$heads'", 'log_min_messages = log');
my $number = 0;

sub sql { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql); }
# steps until nothing is new; a step that waits ends it
sub make_heads
{
	my ($database) = @_;
	my @steps;

	do { push @steps, sql('SELECT ootspg.make_audit_heads()', $database) } until $steps[-1] =~ /^(idle|waiting)$/ || @steps > 50;
	return join ' ', @steps;
}
sub answer_some { my ($count) = @_; answer($node, 'postgres', ++$number) for 1 .. $count; return; }
my $verify = 'SELECT what, provider, head, table_name, event_id FROM ootspg.verify_audit()';

load_registry($node, 'postgres');
is(make_heads(), 'idle', 'without a row there is no head');
sql('SELECT ootspg.maintain()');
seal_registry($node, 'postgres');
answer_some(3);
is(make_heads(), 'marked made idle', 'rows that stand become a head');
is(sql('SELECT provider, number, rows, seal_key, seal IS NOT NULL, fault, previous FROM ootspg.audit_head'), "civil|1|" . sql('SELECT (SELECT count(*) FROM ootspg.exchange_event) + (SELECT count(*) FROM ootspg.evidence_event)') . '|birth|t||', '… all of them, sealed');
is(sql($verify), '', '… and all is as it was');
answer_some(1);
is(make_heads(), 'marked made idle', 'more rows, another head');
is(sql('SELECT h.previous = p.digest, h.first_event > p.last_event FROM ootspg.audit_head h, ootspg.audit_head p WHERE h.number = 2 AND p.number = 1'), 't|t', '… that names the one before it');
is(make_heads(), 'idle', 'nothing new');

# What is kept elsewhere
is_deeply([ map { s{.*/}{}r } sort glob "$heads/*" ], [ map { ("civil-000000000$_.json", "civil-000000000$_.p7s") } 1, 2 ], 'each head is two files');
is(sha256_hex(slurp_file("$heads/civil-0000000001.json")), sql(q{SELECT encode(digest, 'hex') FROM ootspg.audit_head WHERE number = 1}), '… its document');
like(run_openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', "$heads/civil-0000000001.p7s", '-content', "$heads/civil-0000000001.json", '-CAfile', $node->basedir . '/keys/seal/civil/birth.pem', '-purpose', 'any', '-out', '/dev/null'), qr/successful/i, '… and its seal, which openssl verifies');
like(slurp_file($node->logfile), qr/LOG:  audit head 2 of provider "civil": \d+ rows to event \d+, root [0-9a-f]{64}, digest [0-9a-f]{64}, sealed\n(?!.*CONTEXT)/, '… and a line of the log');

# The proof of one exchange, by the letter of RFC 6962
my $exchange = sql('SELECT min(exchange_id) FROM ootspg.exchange');
my @proof = split /\n/, sql("SELECT place, rows, encode(root, 'hex'), encode(leaf, 'hex'), encode(content, 'hex'), array_to_string(ARRAY(SELECT encode(p, 'hex') FROM unnest(path) p), ' '), state FROM ootspg.audit_proof($exchange)");
cmp_ok(scalar @proof, '>', 3, 'an exchange has rows');
for (@proof)
{
	my ($place, $rows, $root, $leaf, $content, $path, $state) = split /\|/;
	my ($digest, $first, $last) = (sha256("\0" . pack 'H*', $content), $place, $rows - 1);

	is(unpack('H*', $digest), $leaf, 'the leaf is the digest of the row\'s text');
	for my $other (map { pack 'H*', $_ } split / /, $path)
	{
		if ($first & 1 || $first == $last)
		{
			$digest = sha256("\1$other$digest");
			until ($first & 1 || !$first) { $first >>= 1; $last >>= 1; }
		}
		else { $digest = sha256("\1$digest$other"); }
		$first >>= 1;
		$last >>= 1;
	}
	is(unpack('H*', $digest) . " $last $state", "$root 0 proven", '… and its path leads to the root');
}
my $message = sql("SELECT encode(first_part, 'hex') FROM ootspg.exchange_event WHERE exchange_id = $exchange AND direction = 'in'");
like(join(' ', map { pack 'H*', (split /\|/)[4] } @proof), qr/first_part 64\n\Q${\sha256_hex(pack 'H*', $message)}\E\n/, 'the text has the digest of the message');

# Whoever is late: a transaction that has its number before the mark, and commits after it; a prepared one
my $late = $node->background_psql('postgres', on_error_die => 1);
$late->query_safe("BEGIN; SELECT ootspg.answer(birth_request(@{[ ++$number ]}))");
answer_some(1);
is(make_heads(), 'marked waiting', 'a transaction that may still write is waited for');
is(sql('SELECT count(*) FROM ootspg.audit_head'), '2', '… and no head is made');
$late->query_safe("PREPARE TRANSACTION 'late'");
is(make_heads(), 'waiting', '… when it is prepared, too');
answer_some(1);
sql("COMMIT PREPARED 'late'");
is(make_heads(), 'made marked made idle', 'when it has ended its rows are in the head');
is(sql($verify), '', '… and nothing was overlooked');
$late->quit;
is(sql('SELECT bool_and(last_event < first) FROM (SELECT h.last_event, lead(h.first_event) OVER (ORDER BY number) AS first FROM ootspg.audit_head h) x'), 't', 'heads follow each other');
{
	my ($ret, $out, $err) = $node->psql('postgres', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1; SELECT ootspg.make_audit_heads()');
	like($err, qr/are made in transactions that read what is committed/, 'a snapshot of the past is refused');
}

# What superusers do, in a transaction that is rolled back
my ($first, $second, $third) = split /\n/, sql('SELECT event_id FROM ootspg.exchange_event ORDER BY 1 LIMIT 3');
my $piece = sql('SELECT min(event_id) FROM ootspg.evidence_event');
my $unguarded = q{DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'audit_guard' LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER audit_guard', t); END LOOP; END $$;};
sub tampered { my ($sql) = @_; return sql("BEGIN; $unguarded $sql; $verify; ROLLBACK"); }
is(tampered("UPDATE ootspg.exchange_event SET detail = coalesce(detail, '') || ' ' WHERE event_id = $second"), "row changed|civil|1|exchange_event|$second", 'a blank in a column');
is(tampered("UPDATE ootspg.exchange_event SET first_part = first_part || '\\x20' WHERE event_id = $first"), "row changed|civil|1|exchange_event|$first", 'an octet in a message');
is(tampered("UPDATE ootspg.exchange_event SET provider = 'other' WHERE event_id = $first"), "row changed|civil|1|exchange_event|$first", 'another provider');
is(tampered("UPDATE ootspg.exchange_event SET event_time = event_time + interval '1 us' WHERE event_id = $third"), "row changed|civil|1|exchange_event|$third", 'a microsecond');
is(tampered("UPDATE ootspg.evidence_event SET decision = 'rejected' WHERE event_id = $piece"), "row changed|civil|1|evidence_event|$piece", 'a decision');
is(tampered("DELETE FROM ootspg.exchange_event WHERE event_id = $second"), "row missing|civil|1|exchange_event|$second", 'a row less');
is(tampered("DELETE FROM ootspg.evidence_event WHERE event_id = $piece"), "row missing|civil|1|evidence_event|$piece", 'a piece of evidence less');
is(tampered("INSERT INTO ootspg.exchange_event (event_id, event_time, exchange_id, provider, event_type) VALUES ($first, now(), 1, 'civil', 'match')"), "row added|civil||exchange_event|$first", 'a row more, with a number that was given');
is(tampered("INSERT INTO ootspg.exchange_event (event_id, event_time, exchange_id, provider, event_type) VALUES (-7, now(), 1, 'civil', 'match')"), 'row added|civil||exchange_event|-7', '… that never was');
is(tampered("INSERT INTO ootspg.exchange_event (event_id, event_time, exchange_id, provider, event_type) VALUES (1000000, now(), 1, 'civil', 'match')"), 'row added|civil||exchange_event|1000000', '… that will be');
is(tampered("INSERT INTO ootspg.exchange_event (event_id, event_time, written_at, exchange_id, provider, event_type, direction, written_by, facts, media_type, first_part, header, exception_code, exception_type, severity, detail) SELECT event_id, event_time, written_at, exchange_id, provider, event_type, direction, written_by, facts, media_type, first_part, header, exception_code, exception_type, severity, detail FROM ootspg.exchange_event WHERE event_id = $first"), "row added|civil||exchange_event|$first", 'the same row twice');
is(tampered("UPDATE ootspg.exchange_event SET event_id = CASE event_id WHEN $first THEN $second ELSE $first END WHERE event_id IN ($first, $second)"), "row changed|civil|1|exchange_event|$first\nrow changed|civil|1|exchange_event|$second", 'two rows swapped');
my $partition = sql("SELECT tableoid::regclass FROM ootspg.exchange_event WHERE event_id = $first");
my $rows = sql("SELECT count(*) FROM $partition");
my @detached = split /\n/, tampered("ALTER TABLE ootspg.exchange_event DETACH PARTITION $partition");
is(scalar @detached, $rows, 'a partition detached: all of its rows are missing');
is($detached[0], "row missing|civil|1|exchange_event|$first", '… the first is named first');
is(tampered("DELETE FROM $partition WHERE event_id >= $third") =~ s/\n.*//sr, "row missing|civil|1|exchange_event|$third", 'an older copy of a partition: what came after it is missing');

# Heads and leaves themselves
my $open = 'ALTER TABLE ootspg.audit_head DISABLE TRIGGER USER;';
sub what { my ($sql) = @_; return sql("BEGIN; $unguarded $open $sql; SELECT DISTINCT what, head FROM ootspg.verify_audit() ORDER BY 1, 2; ROLLBACK"); }
is(what('UPDATE ootspg_internal.audit_leaf SET leaves = set_byte(leaves, 40, get_byte(leaves, 40) # 1) WHERE number = 1'), "leaves changed|1\nrow changed|1", 'a digest that was kept');
is(what('DELETE FROM ootspg_internal.audit_leaf WHERE number = 1'), "leaves missing|1\nrow added|", 'leaves');
is(what('DELETE FROM ootspg.audit_head WHERE number = 1'), "head missing|1\nhead missing|2", 'a head');
is(what("UPDATE ootspg.audit_head SET rows = rows + 1 WHERE number = 2"), "head changed|2\nleaves changed|2", 'what a head says');
is(what("UPDATE ootspg.audit_head h SET document = ootspg_internal.head_document(x) FROM (SELECT (jsonb_populate_record(NULL::ootspg.audit_head, to_jsonb(a) || '{\"made_at\": \"2026-01-01\"}')).* FROM ootspg.audit_head a WHERE number = 2) x WHERE h.number = 2"), "head changed|2\nseal broken|2", '… and its document');
is(what("UPDATE ootspg.audit_head SET seal = set_byte(seal, length(seal) - 1, get_byte(seal, length(seal) - 1) # 1) WHERE number = 1"), 'seal broken|1', 'its seal');
is(what('UPDATE ootspg_internal.audit_run SET finished_at = NULL WHERE run = 2'), 'heads missing|', 'a whole run');
refused($node, 'UPDATE ootspg.audit_head SET rows = 1', 'OT006', 'heads of the audit are never changed', 'heads are guarded');
refused($node, 'DELETE FROM ootspg.audit_head', 'OT006', 'heads of the audit are never changed', 'heads stay');
refused($node, 'TRUNCATE ootspg.audit_head', 'OT006', 'heads of the audit are never changed', 'all of them');

# Who may
sql(q{CREATE ROLE auditor; CREATE ROLE keeper; CREATE ROLE stranger; SELECT ootspg.grant_duty('auditor', 'audit', 'civil'), ootspg.grant_duty('keeper', 'maintain'), ootspg.grant_duty('stranger', 'monitor')});
is(sql("SET SESSION AUTHORIZATION auditor; SELECT count(*) FROM ootspg.verify_audit(); SELECT count(*) > 3 FROM ootspg.audit_proof($exchange); SELECT count(*) > 2 FROM ootspg.audit_head"), "0\nt\nt", 'an auditor of the provider verifies');
is(sqlstate($node, 'postgres', "SET SESSION AUTHORIZATION $_->[0]; $_->[1]"), '42501', "$_->[0] may not: $_->[1]") for ([ 'keeper', 'SELECT ootspg.verify_audit()' ], [ 'stranger', "SELECT ootspg.audit_proof(1)" ], [ 'auditor', 'SELECT ootspg.make_audit_heads()' ], [ 'stranger', 'TABLE ootspg.audit_head' ]);
is(sql('SET SESSION AUTHORIZATION keeper; SELECT ootspg.make_audit_heads()'), 'idle', 'the keeper makes heads');

# Many rows: chunks, runs, several providers at once
sql(q{INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type, detail) SELECT now(), 0, CASE WHEN i % 3 = 0 THEN NULL ELSE 'civil' END, 'evidence_handed_out', 'row ' || i FROM generate_series(1, 20000) i});
like(make_heads(), qr/^marked more more made idle$/, 'many rows are gathered in several steps');
is(sql("SELECT provider, rows, fault FROM ootspg.audit_head WHERE run = (SELECT max(run) FROM ootspg.audit_head) ORDER BY 1"), "|6666|\ncivil|13334|", 'a head for each provider, and one for rows of none');
is(sql($verify), '', 'all as it was');
my $many = sql(q{SELECT event_id FROM ootspg.exchange_event WHERE detail = 'row 12346'});
is(tampered("UPDATE ootspg.exchange_event SET detail = 'row 12345' WHERE event_id = $many"), "row changed|civil|5|exchange_event|$many", 'one in twenty thousand');

# The same in another place: a catch-all's rows moved to their month, a dump restored
sql(q{INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) VALUES (now() - interval '3 months', 0, 'civil', 'evidence_handed_out')});
make_heads();
is(sql('SELECT count(*) FROM ootspg_internal.exchange_event_rest'), '1', 'a row in the catch-all');
sql('SELECT ootspg.maintain()');
is(sql('SELECT count(*) FROM ootspg_internal.exchange_event_rest'), '0', '… is moved');
is(sql($verify), '', '… and still the same row');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$heads/dump", '-d', $node->connstr('postgres') ], 'a dump');
$node->safe_psql('postgres', "CREATE DATABASE restored ENCODING 'UTF8' TEMPLATE template0");
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), "$heads/dump" ], '… restored');
is(sql($verify, 'restored'), '', '… is what its heads say');
is(sql("SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET bytea_output = 'escape'; SET extra_float_digits = 0; $verify"), '', '… whatever the session writes like');
sql("INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) VALUES (now(), 0, 'civil', 'evidence_handed_out')", 'restored');
is(make_heads('restored'), 'marked made idle', 'the chain goes on there');
is(sql("$verify; SELECT max(number) FROM ootspg.audit_head WHERE provider = 'civil'", 'restored'), '7', '… with its next number');

$node->stop;
done_testing();
