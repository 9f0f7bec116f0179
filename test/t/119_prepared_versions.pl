# Two things that go wrong in silence elsewhere: a prepared transaction that the workers should be
# told of, and a library beside objects of another version. Both are said in words, in every session.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('prepared', undef, 'max_prepared_transactions = 4');
my $number = 0;

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }

# Prepared transactions
$node->safe_psql('postgres', 'CREATE DATABASE other');
for (
	[ 'postgres', q{SELECT ootspg.pause('ap')}, 'an operator pauses' ],
	[ 'postgres', q{SELECT ootspg.resume('ap')}, 'an operator resumes' ],
	[ 'postgres', q{UPDATE ootspg.access_point SET poll_interval = '1 s'}, 'an access point is changed' ],
	[ 'postgres', q{SELECT ootspg_internal.wake_for_work()}, 'messages are decided about' ],
	[ 'other', 'CREATE EXTENSION ootspg', 'the extension is created' ])
{
	my ($database, $what, $name) = @$_;
	is(sqlstate($node, $database, "BEGIN; $what; PREPARE TRANSACTION 'p'"), '0A000', "$name: no prepared transaction");
}
is(sql('SELECT count(*) FROM pg_prepared_xacts'), '0', 'nothing stays prepared');
is(sql(q{SELECT state FROM ootspg.status}), 'running', 'nothing was changed');
is(sqlstate($node, 'postgres', q{BEGIN; SELECT count(*) FROM ootspg.answer(birth_request(1001)); PREPARE TRANSACTION 'p'}), '', 'an answer may be prepared');
is(sqlstate($node, 'postgres', q{BEGIN; SELECT count(*) FROM ootspg.evidence('birth', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01')); PREPARE TRANSACTION 'q'}), '', '… and evidence');
sql(q{ROLLBACK PREPARED 'q'});
sql(q{COMMIT PREPARED 'p'});
is(sql('SELECT outcome FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1'), 'evidence', '… and is committed');
is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'the workers work');
is(sqlstate($node, 'other', q{BEGIN; CREATE EXTENSION ootspg; COMMIT}), '', 'without two phases the extension is created');

# Versions: a session that is open keeps its library; each new one looks
my %acts = (
	answer => 'SELECT * FROM ootspg.answer(birth_request(2001))',
	'evidence of a subject' => q{SELECT * FROM ootspg.evidence('birth', ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'))},
	'evidence of persons' => q{SELECT * FROM ootspg.evidence('birth', ARRAY['010190-10001'])},
	seal => q{SELECT ootspg.seal('<a/>'::bytea, 'any')},
	'a decision' => q{SELECT ootspg_internal.tell_decision(1, 'message_retried', NULL, NULL)},
	purge => 'SELECT * FROM ootspg.purge()');
my $version = sql(q{SELECT extversion FROM pg_extension WHERE extname = 'ootspg'});
for (['9.9.9', qr/Install the library of version 9\.9\.9, then connect anew/], ['0.0.9', qr/ALTER EXTENSION ootspg UPDATE/])
{
	my ($other, $hint) = @$_;
	my ($stdout, $stderr);

	sql("UPDATE pg_extension SET extversion = '$other' WHERE extname = 'ootspg'");
	is(sqlstate($node, 'postgres', $acts{$_}), '55000', "objects of $other: $_ is refused") for sort keys %acts;
	$node->psql('postgres', $acts{answer}, stdout => \$stdout, stderr => \$stderr);
	like($stderr, qr/the library of ootspg is of version \Q$version\E, its objects in this database are of version \Q$other\E.*$hint/s, '… in words, with what to do');
}
# within a session, too, once something changed
is(sqlstate($node, 'postgres', qq{
	UPDATE pg_extension SET extversion = '$version' WHERE extname = 'ootspg';
	$acts{answer};
	UPDATE pg_extension SET extversion = '9.9.9' WHERE extname = 'ootspg'; CREATE FUNCTION public.nothing() RETURNS void LANGUAGE sql AS '';
	SELECT * FROM ootspg.answer(birth_request(2002))}), '55000', 'a session looks again when functions were replaced');
sql("UPDATE pg_extension SET extversion = '$version' WHERE extname = 'ootspg'");
is(sqlstate($node, 'postgres', 'SELECT * FROM ootspg.answer(birth_request(2003))'), '', 'of one version they work together');

$node->stop;
$ap->stop;
done_testing();
