# Nobody waits for nothing: a message that is listed is fetched at once, however far the next list
# is; what is locked when it is claimed is claimed when the lock goes; a message that was claimed
# with others counts no attempt before its own was begun.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('prompt', undef, 'ootspg.answer_workers = 1');

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# Listed: one at a time, each found by the one list that a look at the configuration brings about.
sql(q{UPDATE ootspg.access_point SET poll_interval = '1 h'});
for my $number (1 .. 3)
{
	sql('SELECT ootspg.pause()');
	my $request = ask($node, $ap, $number);
	sql('SELECT ootspg.resume()');
	is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', "message $number is answered");
	is(sql(q{SELECT next_attempt > clock_timestamp() + interval '30 min' FROM ootspg.status}), 't', '… and the next list is far away');
}
sql(q{UPDATE ootspg.access_point SET poll_interval = '0.2 s'});

# A slow answer with others behind it: whoever ends its process costs these nothing.
sql(q{CREATE TABLE registry.gate (); GRANT SELECT ON registry.gate TO answerer;
	CREATE FUNCTION registry.pass() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM registry.gate; RETURN true; END $$;
	CREATE OR REPLACE VIEW registry.birth_evidence AS SELECT * FROM (} . (sql(q{SELECT pg_get_viewdef('registry.birth_evidence')}) =~ s/;\s*\z//r) . q{) v WHERE registry.pass()});
my $gate = $node->background_psql('postgres');
$gate->query_safe('BEGIN; LOCK TABLE registry.gate IN ACCESS EXCLUSIVE MODE');
my @behind = map { ask($node, $ap, $_) } 11 .. 16;
wait_sql($node, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ootspg answer' AND wait_event_type = 'Lock'}, 'one answer is under way');
wait_sql($node, q{SELECT count(*) = 6 FROM ootspg.inbox WHERE state = 'waiting'}, 'six requests wait');
sql(q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'ootspg answer'});
$gate->query_safe('COMMIT');
$gate->quit;
is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', 'each is answered') for @behind;
wait_sql($node, q{SELECT count(*) = 9 FROM ootspg.inbox WHERE state = 'answered'}, 'all are');
is(sql(q{SELECT string_agg(attempts::text, ' ' ORDER BY attempts) FROM ootspg.inbox WHERE inbox_id > 3}), '1 1 1 1 1 2', 'only what was under way was tried twice');

$node->stop;
$ap->stop;
done_testing();
