# What makes a database slow without anybody's fault is said, or seen to: who keeps rows that are
# gone stands in the status, and maintain() looks at tables of which the planner knows nothing.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('keepers', undef, 'autovacuum = off', 'fsync = off', 'max_prepared_transactions = 2');
my $reason = q{SELECT reason FROM ootspg.status WHERE access_point = 'ap'};

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# pass(number): so many transactions
sub pass_transactions
{
	my ($number) = @_;
	sql(qq{CREATE TEMP TABLE t (n int); DO \$\$ BEGIN FOR n IN 1 .. $number LOOP BEGIN INSERT INTO t VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END \$\$});
	return;
}

sql(q{CREATE ROLE watcher LOGIN; SELECT ootspg.grant_duty('watcher', 'monitor')});
my $session = $node->background_psql('postgres');
my $pid = $session->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_backend_pid()');
pass_transactions(1000);
is(sql($reason), '', 'a short transaction is nothing to speak of');
pass_transactions(10_000);
like(sql($reason), qr/^rows that are gone are kept for process $pid of role "\w+" \(idle in transaction, since .*, 1\d{4} transactions by now/, 'one that keeps rows is named');
like($node->safe_psql('postgres', $reason, extra_params => [ '-U', 'watcher' ]), qr/process $pid/, '… to whoever watches');
$session->query_safe('COMMIT');
$session->quit;
is(sql($reason), '', '… until it ends');
sql(q{BEGIN; CREATE TABLE forgotten (); PREPARE TRANSACTION 'forgotten'});
pass_transactions(11_000);
like(sql($reason), qr/the prepared transaction "forgotten" of role/, 'so is a prepared one');
sql(q{ROLLBACK PREPARED 'forgotten'});

my $known = q{SELECT count(*) FROM pg_stats WHERE schemaname = 'ootspg_internal' AND tablename = 'inbox_history'};
sql(q{INSERT INTO ootspg_internal.inbox_history (access_point, message_id, received_at, exchange_id) SELECT 'ap', 'old' || n, now(), -n FROM generate_series(1, 2000) n});
is(sql($known), '0', 'of a table that was filled, as by a restore, the planner knows nothing');
sql('SELECT ootspg.maintain()');
cmp_ok(sql($known), '>', 0, 'after maintain() it does');

$node->stop;
$ap->stop;
done_testing();
