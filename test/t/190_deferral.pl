# Deferred answers on their way: they leave through the access point like any answer with evidence, and a promise that did not
# leave is none. Promises survive a dump and new search keys, are kept once however many requests find them, and are nobody
# else's to see or to end (D-TMO-08 to -10).
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('deferral');

sub sql { my ($sql, $role) = @_; return $node->safe_psql('postgres', $sql, $role ? (extra_params => [ '-U', $role ]) : ()); }
# promises(): states of all promises, the oldest first
sub promises { return sql(q{SELECT string_agg(state, ' ' ORDER BY exchange_id) FROM ootspg.promise}); }
sub setting { my ($name, $value) = @_; sql("ALTER SYSTEM SET $name = $value"); $node->reload; return; }

# The certificates are in the archive, and somebody has to fetch them
sub fetched
{
	my ($there) = @_;
	return sql(q{CREATE OR REPLACE VIEW registry.birth_evidence AS SELECT b.code AS person_id, b.entered AS issuing_date, 'LV'::text AS language,
		NULL::registry.birth_document AS document, CASE WHEN :there THEN pdf_of('') END AS pdf, timestamptz '2999-01-01 12:00Z' AS available_at
		FROM registry.birth b} =~ s/:there/$there/r);
}
fetched('false');

my $asked = ask($node, $ap, q{1, line => 'oots-edm:v1.2'});
my $answer = wait_answer($ap, $asked);
is($answer->{action}, 'ExecuteQueryResponse', 'a deferral is no exception');
like($answer->{parts}[0]{content}, qr/status="[^"]*:Unavailable".*ResponseAvailableDateTime.*2999-01-01T12:00:00\.000Z/s, '… says when');
is(scalar @{ $answer->{parts} }, 1, '… and brings nothing that is not there');
wait_sql($node, q{SELECT state = 'delivered' FROM ootspg.outbox}, 'it is delivered');
is(promises(), 'open', 'the promise is kept in mind');

# Paused, nothing is promised; nor when who answers may not read the registry any more (D-TMO-09)
sql('SELECT ootspg.pause()');
my $paused = ask($node, $ap, q{2, line => 'oots-edm:v1.2'});
sql('REVOKE SELECT ON registry.birth_evidence FROM answerer; SELECT ootspg.resume()');
is(wait_answer($ap, $paused)->{code}, 'EDM:ERR:0008', 'maintenance promises nothing');
is(promises(), 'open', '… nor ends what was promised');
sql('GRANT SELECT ON registry.birth_evidence TO answerer');

# What could not leave in time promised nothing, and renewed nothing
sql(q{UPDATE ootspg.evidence_type SET t1 = '2 s'});
setting('ootspg.send', 'off');
my $late = ask($node, $ap, q{3, line => 'oots-edm:v1.2'});
wait_sql($node, q{SELECT state = 'waiting' AND expires_at < clock_timestamp() FROM ootspg.outbox ORDER BY outbox_id DESC LIMIT 1}, 'a deferral is built, and too late to leave');
is(promises(), 'renewed open', 'it promised anew');
setting('ootspg.send', 'on');
is(wait_answer($ap, $late)->{code}, 'EDM:ERR:0005', 'the requester is told that it is late');
is(promises(), 'open', 'the older promise stands again, the newer one is gone');
fetched('true');
setting('ootspg.send', 'off');
$late = ask($node, $ap, q{4, line => 'oots-edm:v1.2'});
wait_sql($node, q{SELECT state = 'waiting' AND expires_at < clock_timestamp() FROM ootspg.outbox ORDER BY outbox_id DESC LIMIT 1}, 'evidence is built, and too late to leave');
is(promises(), 'kept', 'the promise would be kept');
setting('ootspg.send', 'on');
is(wait_answer($ap, $late)->{code}, 'EDM:ERR:0005', 'but it did not leave');
is(promises(), 'open', '… so it is not');
sql(q{UPDATE ootspg.evidence_type SET t1 = '5 min'});

# A secret for search keys, and another: older promises are found all the same
sub secrets
{
	my (@ids) = @_;
	for my $id (@ids)
	{
		my $file = $node->basedir . "/keys/search/$id.key";
		next if -e $file;
		open my $out, '>', $file or die "$file: $!";
		print $out $id x 16;
		close $out or die "$file: $!";
		chmod 0600, $file or die "$file: $!";
	}
	setting('ootspg.search_keys', "'" . join(', ', map { "$_=file:$_.key" } @ids) . "'");
	$node->poll_query_until('postgres', "SELECT current_setting('ootspg.search_keys') LIKE '$ids[0]=%'") or die;
	return;
}
sub answered { my ($arguments) = @_; return sql("SELECT min(outcome) FROM ootspg.answer(birth_request($arguments))"); }

sql('SELECT ootspg.pause()');
fetched('false');
secrets('one');
is(answered('11'), 'deferred', 'a promise of a new key …');
is(promises(), 'renewed open', '… renews the one without');
secrets('two', 'one');
fetched('true');
is(answered('12'), 'evidence', 'all is there');
is(promises(), 'renewed kept', '… and a promise of an older key is found');
is(sql(q{SELECT count(DISTINCT subject_key) FROM ootspg.promise}), '2', 'keys differ');
is(answered('13'), 'evidence', 'asked once more');
is(promises(), 'renewed kept', 'nothing is promised, and nothing found');
# a file that is gone: the current one makes the answer fail, an older one is only not found by
fetched('false');
is(answered('14'), 'deferred', 'promised with the second key');
secrets('three', 'two');
unlink $node->basedir . '/keys/search/two.key' or die;
fetched('true');
is(answered('15'), 'evidence', 'an older secret that is lost does not keep evidence back');
is(promises(), 'renewed kept open', '… but what it hid stays open');
sql(q{UPDATE ootspg.promise SET available_at = now() - interval '1 hour' WHERE state = 'open'});
is(sql('SELECT asked_in_vain FROM ootspg.overdue_promise'), 'f', 'and is reported');

# Nobody else's: the other provider's operator neither sees nor ends it; a watcher sees no keys, and ends nothing
sql(q{INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT 'road', scheme, 'LV90000000002', name, country, 'road.example', environment FROM ootspg.provider;
	CREATE ROLE own LOGIN; CREATE ROLE other LOGIN; CREATE ROLE watcher LOGIN; CREATE ROLE auditor LOGIN;
	SELECT ootspg.grant_duty('own', 'operate', 'civil'), ootspg.grant_duty('other', 'operate', 'road'), ootspg.grant_duty('watcher', 'monitor'), ootspg.grant_duty('auditor', 'audit', 'road')});
my $id = sql('SELECT exchange_id FROM ootspg.overdue_promise');
my $settle = "SELECT ootspg.settle_promise($id, 'in the archive')";
sub refused { my ($sql, $role) = @_; my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', $role ]); return $err =~ /ERROR:\s+(.*)/ ? $1 : "$rc $out"; }

is(sql('SELECT exchange_id FROM ootspg.overdue_promise', 'own'), $id, 'its operator sees it');
is(sql('SELECT count(*) FROM ootspg.overdue_promise', 'other'), '0', 'another provider\'s does not');
is(refused($settle, 'other'), "there is no open promise of exchange $id, or it is not yours to settle", '… nor ends it');
is(sql(q{SELECT count(*) FROM ootspg.status WHERE state = 'promises overdue'}, 'watcher'), '1', 'who watches is told');
is(refused('TABLE ootspg.promise', 'watcher'), 'permission denied for table promise', '… but not whom it is about');
is(refused($settle, 'watcher'), 'permission denied for function settle_promise', '… and decides nothing');
is(sql('SELECT count(*) FROM ootspg.promise', 'auditor'), '0', 'an auditor sees those of the own provider');
is(refused("UPDATE ootspg.promise SET state = 'kept'", 'own'), 'permission denied for table promise', 'states are not written by hand');
sql($settle, 'own');
is(sql(q{SELECT event_type, provider, detail, written_by FROM ootspg.exchange_event WHERE exchange_id = } . "$id ORDER BY event_id DESC LIMIT 1"), 'promise_settled|civil|in the archive|own', 'its operator ends it, on record');
is(sql('SELECT count(*) FROM ootspg.overdue_promise'), '0', 'nothing is overdue');

# A dump has them
my $before = sql('SELECT * FROM ootspg.promise ORDER BY exchange_id');
run_log([ 'pg_dump', '-Fc', '-f', $node->basedir . '/dump', $node->connstr('postgres') ]);
sql('CREATE DATABASE again');
run_log([ 'pg_restore', '-d', $node->connstr('again'), $node->basedir . '/dump' ]);
is($node->safe_psql('again', 'SELECT * FROM ootspg.promise ORDER BY exchange_id'), $before, 'a dump keeps what was promised');

$node->stop;
$ap->stop;
done_testing();
