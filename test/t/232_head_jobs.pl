# The exchange worker makes heads by itself, has them time-stamped, and goes on after a crash; a standby verifies, and makes none before it
# is promoted. What ootspg.purge() takes is not missed; what is held it does not take.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;
use TimeStampAuthority;

my $heads = PostgreSQL::Test::Utils::tempdir;
my $files = PostgreSQL::Test::Utils::tempdir;
my ($node, $ap) = exchange_node('jobs', undef, 'wal_level = replica', 'max_wal_senders = 8', 'hot_standby = on', 'autovacuum = off', q{ootspg.site = 'riga'}, "ootspg.audit_head_directory = '$heads'");
my $number = 0;

sub sql { return $node->safe_psql('postgres', $_[0]); }
my $verify = 'SELECT what, provider, head, table_name, event_id FROM ootspg.verify_audit()';
my $ungathered = 'SELECT count(*) FROM (SELECT event_id FROM ootspg.exchange_event UNION ALL SELECT event_id FROM ootspg.evidence_event) e WHERE event_id > (SELECT coalesce(max(last_event), 0) FROM ootspg_internal.audit_run WHERE finished_at IS NOT NULL)';

make_pair($files, 'tsaroot', 'p256', 'basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');
TimeStampAuthority::make($files, 'tsa', 'tsaroot');
my $tsa = TimeStampAuthority->start($files, 'tsa');
write_file($node->basedir . '/keys/credentials/tsa.pem', slurp_file("$files/tsaroot.pem"));
chmod 0600, $node->basedir . '/keys/credentials/tsa.pem';
seal_registry($node, 'postgres');
is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'a request is answered');
sql("INSERT INTO ootspg.time_stamp_authority (authority, url, trusted_uri) VALUES ('tsa', '" . $tsa->url . "', 'file:tsa.pem')");
is(sql('SELECT count(*) FROM ootspg.audit_head'), '0', 'an interval of 0: no head');
$node->append_conf('postgresql.conf', "ootspg.audit_head_interval = '1 s'");
$node->reload;
wait_sql($node, "SELECT ($ungathered) = 0 AND count(*) > 0 FROM ootspg.audit_head", 'heads are made by the worker');
wait_sql($node, 'SELECT bool_and(stamp IS NOT NULL AND filed_at IS NOT NULL) FROM ootspg.audit_head', '… and stamped');
is(sql($verify), '', '… and hold');
is(sql('SELECT count(*) FROM ootspg_internal.stamping'), '0', 'nothing is left of the question');
my ($head) = sort glob "$heads/civil-*.json";
like(run_openssl('ts', '-verify', '-data', $head =~ s/json$/p7s/r, '-in', $head =~ s/json$/tst/r, '-token_in', '-CAfile', "$files/tsaroot.pem"), qr/Verification: OK/, 'openssl verifies the stamp');
is(sql("BEGIN; ALTER TABLE ootspg.audit_head DISABLE TRIGGER USER; UPDATE ootspg.audit_head SET stamp = set_byte(stamp, length(stamp) - 1, get_byte(stamp, length(stamp) - 1) # 1); SELECT DISTINCT what FROM ootspg.verify_audit(); ROLLBACK"), 'time stamp broken', 'a stamp that was changed');

# A standby
$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'another request');
wait_sql($node, "SELECT ($ungathered) = 0", 'is in a head');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('postgres', $verify), '', 'a standby verifies');
is(sqlstate($standby, 'postgres', 'SELECT ootspg.make_audit_heads()'), '25006', '… and makes no head');

# A crash in the middle: what is marked is made afterwards
my $late = $node->background_psql('postgres', on_error_die => 1);
$late->query_safe(q{BEGIN; INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) VALUES (now(), 0, 'civil', 'evidence_handed_out')});
is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'requests are answered while a transaction stays open');
wait_sql($node, 'SELECT count(*) = 1 FROM ootspg_internal.audit_run WHERE finished_at IS NULL', 'a run is under way');
$node->stop('immediate');
eval { $late->quit };
$node->start;
wait_sql($node, "SELECT ($ungathered) = 0", 'after the crash it comes to its end');
is(sql($verify), '', '… with all rows');

# Purged and held
sql(q{CREATE PROCEDURE old(exchange bigint, months integer, of_provider text, key bytea) LANGUAGE sql AS $$
	INSERT INTO ootspg.exchange (exchange_id, received_at, state, outcome, provider, requester_identifier, subject_key) OVERRIDING SYSTEM VALUE VALUES (exchange, now() - make_interval(months => months), 'answered', 'evidence', of_provider, 'R' || exchange, key);
	INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) SELECT now() - make_interval(months => months), exchange, of_provider, 'match' FROM generate_series(1, 3)
$$});
sql(qq{CALL old(-$_, 14, 'civil', sha256('$_'))}) for 1 .. 6;
sql(q{CALL old(-7, 14, NULL, NULL); INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) SELECT now() - m * interval '1 month', 0, 'civil', 'evidence_handed_out' FROM unnest(ARRAY[14, 11]) m});
wait_sql($node, "SELECT ($ungathered) = 0", 'old exchanges are in heads');
sql(q{CREATE ROLE auditor; CREATE ROLE keeper; SELECT ootspg.grant_duty('auditor', 'audit', 'civil'), ootspg.grant_duty('keeper', 'maintain')});
my $as = 'SET SESSION AUTHORIZATION auditor;';
sql("$as SELECT ootspg.hold_exchange(-1, 'a dispute', current_date + 30), ootspg.hold_requester('R-2', 'an incident', current_date, 'civil')");
sql(q{INSERT INTO ootspg.hold (provider, person_keys, reason, review_on) VALUES ('civil', ARRAY[sha256('3')], 'restricted', current_date)});
is(sql("$as SELECT exchange_id, reason, author, to_be_reviewed FROM ootspg.held_exchange ORDER BY 1 DESC"), "-1|a dispute|auditor|f\n-2|an incident|auditor|t\n-3|restricted|postgres|t", 'what is held is listed');
is(sql("$as SELECT ootspg.hold_person(ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'), 'restriction', current_date, 'civil') > 0; SELECT count(*) > 0 FROM ootspg.held_exchange WHERE reason = 'restriction'"), "t\nt", 'a person is held by search keys');
is(sqlstate($node, 'postgres', "$as SELECT ootspg.hold_requester('x', 'y', current_date)"), '42501', 'for all providers it takes the duty for all');
is(sqlstate($node, 'postgres', "$as SELECT ootspg.hold_exchange(-7, 'y', current_date)"), '42501', '… and for nobody\'s');
is(sqlstate($node, 'postgres', "$as SELECT ootspg.hold_exchange(-1, 'y', current_date - 1)"), '22023', 'a review that is over');
is(sqlstate($node, 'postgres', "$as SELECT ootspg.hold_exchange(-99, 'y', current_date)"), 'P0002', 'an exchange that is not there');
is(sqlstate($node, 'postgres', "SET SESSION AUTHORIZATION keeper; SELECT ootspg.hold_exchange(-1, 'y', current_date)"), '42501', 'a keeper holds nothing');
is(sql('SET SESSION AUTHORIZATION keeper; SELECT exchanges, events FROM ootspg.purge(1)'), '1|4', 'one exchange, and what stands outside of any');
is(sql('SELECT count(*) FROM ootspg.exchange_event WHERE exchange_id = 0 AND event_time < now() - interval \'1 year\''), '0', '… is not kept by younger rows');
sql(q{INSERT INTO ootspg.retention VALUES ('civil', 24, 'the archives act')});
is(sql('SELECT exchanges FROM ootspg.purge()'), '0', 'a provider that keeps its exchanges longer');
is(sqlstate($node, 'postgres', q{UPDATE ootspg.retention SET months = 11}), '23514', '… and never shorter');
sql(q{DELETE FROM ootspg.retention});
is(sql('SELECT exchanges FROM ootspg.purge()'), '3', 'all others');
is(sql('SELECT exchange_id FROM ootspg.exchange WHERE exchange_id < 0 ORDER BY 1 DESC'), "-1\n-2\n-3", 'what is held stays');
is(sql($verify), '', 'nothing that was purged is missed');
wait_sql($node, "SELECT ($ungathered) = 0", 'what was purged is said in a head');
is(sql(q{SELECT provider, facts ->> 'rows' FROM ootspg.exchange_event WHERE event_type = 'purged' ORDER BY event_id}), "|3\ncivil|1\ncivil|9", '… by provider');
is(sql("$as SELECT ootspg.end_hold(h.hold_id, 'settled') IS NOT NULL FROM ootspg.hold h WHERE h.exchange_id = -1; RESET SESSION AUTHORIZATION; SELECT exchanges FROM ootspg.purge()"), "t\n1", 'a hold that ended');
is(sql($verify), '', 'all as it was');
my ($purged) = sql(q{SELECT event_id FROM ootspg.exchange_event WHERE exchange_id = -2 ORDER BY 1 LIMIT 1});
like(sql("BEGIN; DO \$\$ DECLARE t regclass; BEGIN FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'audit_guard' LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER audit_guard', t); END LOOP; END \$\$; DELETE FROM ootspg.exchange_event WHERE event_id = $purged; $verify; ROLLBACK"), qr/^row missing\|civil\|\d+\|exchange_event\|$purged$/, 'taken away by hand it is missed');

# Promoted, the standby goes on
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
$node->stop;
$standby->promote;
$standby->poll_query_until('postgres', q{SELECT NOT pg_is_in_recovery()});
$standby->safe_psql('postgres', q{INSERT INTO ootspg.exchange_event (event_time, exchange_id, provider, event_type) VALUES (now(), 0, 'civil', 'evidence_handed_out')});
wait_sql($standby, "SELECT ($ungathered) = 0", 'after its promotion it makes heads');
is($standby->safe_psql('postgres', $verify), '', '… of the same chain');

$standby->stop;
$ap->stop;
done_testing();
