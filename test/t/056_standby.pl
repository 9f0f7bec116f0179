# A standby can check but not answer; after promotion it answers. A crash in the middle of
# answers leaves each exchange whole or not at all.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $primary = start_node('primary', 'wal_level = replica', 'max_wal_senders = 4', 'hot_standby = on');
load_registry($primary, 'postgres');
seal_registry($primary, 'postgres');
like(answer($primary, 'postgres', '1'), qr/^1\|evidence/, 'the primary answers');

# the keys are not in the database: whoever runs a standby brings them
my $standby = PostgreSQL::Test::Cluster->new('standby');
$primary->backup('base');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;
like(answer($primary, 'postgres', q{2, 'oots-edm:v2.0', 'application/xml'}), qr/^2\|evidence/, 'the primary goes on');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

my $contents = q{SELECT (SELECT string_agg(x::text, ' ' ORDER BY exchange_id) FROM ootspg.exchange x), (SELECT count(*) FROM ootspg.exchange_event),
	(SELECT count(*) FROM ootspg.evidence_event), (SELECT string_agg(u::text, ' ' ORDER BY u::text) FROM ootspg_internal.used_request u)};
is($standby->safe_psql('postgres', $contents), $primary->safe_psql('postgres', $contents), 'the standby has exchanges and audit');

# what only computes works read-only
is($standby->safe_psql('postgres', q{SELECT count(*) FROM ootspg.check_message(birth_request(3)) WHERE severity = 'fatal'}), '0', 'standby: check_message()');
is($standby->safe_psql('postgres', q{SELECT valid FROM ootspg.verify_seal('<a/>')}), 'f', 'standby: verify_seal()');
is($standby->safe_psql('postgres', q{SELECT valid FROM ootspg.verify_seal(ootspg.seal('<a/>'::bytea, 'birth'))}), 't', 'standby: seal()');
is($standby->safe_psql('postgres', q{SELECT convert_from(ootspg.canonical('<a/>'), 'UTF8'), ootspg.names_match('Ozoliņš', 'OZOLINS')}), '<a></a>|t', 'standby: canonical(), names_match()');
is($standby->safe_psql('postgres', q{SELECT count(*) FROM ootspg.rules() WHERE v20 = 'fatal'}) > 50, 1, 'standby: rules()');
is($standby->safe_psql('postgres', q{SELECT state FROM ootspg.seal_key_status}), 'expires soon', 'standby: status of keys');

is(sqlstate($standby, 'postgres', 'SELECT * FROM ootspg.answer(birth_request(3))'), '25006', 'standby: answer() is refused as any write is');
is(sqlstate($primary, 'postgres', 'BEGIN READ ONLY; SELECT * FROM ootspg.answer(birth_request(3))'), '25006', 'so it is in a read-only transaction of the primary');
is(sqlstate($standby, 'postgres', q{SELECT * FROM ootspg.evidence('birth', ARRAY['010190-10001'])}), '25006', 'so is evidence(), for it would not be recorded');
is(sqlstate($standby, 'postgres', 'SELECT ootspg.purge()'), '25006', 'standby: purge() is refused');
is($primary->safe_psql('postgres', 'SELECT max(exchange_id), count(*) FROM ootspg.exchange'), '2|2', 'nothing of it stays');

$primary->stop('immediate');
$standby->promote;
like(answer($standby, 'postgres', '1'), qr/^\d+\|error\|EDM:ERR:0003/, 'promoted: a replay is still refused');
like(answer($standby, 'postgres', '3'), qr/^\d+\|evidence/, 'promoted: it answers');
is($standby->safe_psql('postgres', 'SELECT count(DISTINCT exchange_id) = count(*) FROM ootspg.exchange'), 't', 'promoted: every exchange has a number of its own');

# Sessions answer without pause; the server dies among them, several times. Exchange row,
# events, evidence and used request id of an exchange come together or not at all.
my $whole = q{
	SELECT count(*) FROM ootspg.exchange x FULL JOIN ootspg_internal.used_request u USING (exchange_id)
	  FULL JOIN (SELECT exchange_id, count(*) FILTER (WHERE event_type = 'request_received') AS requests,
						count(*) FILTER (WHERE event_type = 'match') AS matches, count(*) FILTER (WHERE event_type = 'response_built') AS answers
				   FROM ootspg.exchange_event GROUP BY 1) e USING (exchange_id)
	  FULL JOIN (SELECT exchange_id, count(*) AS pieces FROM ootspg.evidence_event GROUP BY 1) v USING (exchange_id)
	 WHERE x.outcome IS DISTINCT FROM 'error'
	   AND (x.exchange_id IS NULL OR u.request_key IS DISTINCT FROM lower(x.request_id) OR (e.requests, e.matches, e.answers) IS DISTINCT FROM (1, 1, 1) OR v.pieces IS NULL)};
is($standby->safe_psql('postgres', $whole), '0', 'exchanges are whole');
$standby->append_conf('postgresql.conf', "restart_after_crash = on\nfsync = on");
$standby->restart;
for my $round (1 .. 3)
{
	my $before = $standby->safe_psql('postgres', 'SELECT count(*) FROM ootspg.exchange');
	my @sessions = map {
		my $session = $_;
		start_sql($standby, 'postgres', join '', map { sprintf "SELECT min(outcome) FROM ootspg.answer(birth_request(%d));\n", $round * 100_000 + $session * 10_000 + $_ } 1 .. 5000)
	} 1 .. 3;
	my $goal = $before + 50;
	$standby->poll_query_until('postgres', "SELECT count(*) >= $goal FROM ootspg.exchange") or die 'no answers';
	$standby->stop('immediate');
	my $told = 0;
	for my $session (@sessions)
	{
		my ($stdout) = finish_sql($session);
		$told += () = $stdout =~ /^evidence$/mg;
	}
	$standby->start;
	is($standby->safe_psql('postgres', $whole), '0', "crash $round: every exchange is whole");
	my $there = $standby->safe_psql('postgres', "SELECT count(*) FROM ootspg.exchange WHERE request_id ~ '-000000$round'");
	ok($told > 0 && $there >= $told, "crash $round: no answer that was given is lost ($told given, $there there)");
	is($standby->safe_psql('postgres', 'SELECT count(DISTINCT event_id) = count(*) FROM ootspg.exchange_event'), 't', "crash $round: event ids are unique");
	# the ids of the answers that were lost are not used up
	is($standby->safe_psql('postgres', qq{SELECT count(*), min(a.outcome) FROM generate_series(1, 3) session,
		LATERAL (SELECT min(n) AS number FROM generate_series($round * 100000 + session * 10000 + 1, $round * 100000 + session * 10000 + 5000) n
				  WHERE NOT EXISTS (SELECT FROM ootspg.exchange WHERE request_id = 'urn:uuid:00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))) lost,
		LATERAL ootspg.answer(birth_request(number)) a WHERE part = 1}), '3|evidence', "crash $round: what was lost can be asked again");
}
like(answer($standby, 'postgres', '4'), qr/^\d+\|evidence/, 'after the crashes it answers');

$standby->stop;
done_testing();
