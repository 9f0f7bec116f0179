# What people watch it with: counters of exchanges, the queries of postgres_exporter, the panels of the dashboard, the check and its exit
# codes, the first words of log lines. All as a role that has the duty to monitor and nothing else.
use strict;
use warnings FATAL => 'all';

use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('monitoring', q{shared_preload_libraries = 'ootspg'}, 'max_prepared_transactions = 2', 'autovacuum = off');
load_registry($node, 'postgres');
$node->safe_psql('postgres', q{
	CREATE ROLE watcher LOGIN; CREATE ROLE neighbour LOGIN; CREATE ROLE operator LOGIN;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain)
	VALUES ('other', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000777', '{"EN": "Other"}', 'LV', 'other.example.lv');
	SELECT ootspg.grant_duty('watcher', 'monitor'); SELECT ootspg.grant_duty('neighbour', 'monitor', 'other'); SELECT ootspg.grant_duty('operator', 'operate')});

sub as { my ($role, $sql) = @_; return $node->safe_psql('postgres', $sql, connstr => $node->connstr('postgres') . " user=$role"); }
my $number = 0;
sub ask { my ($more) = @_; return 'SELECT count(*) FROM ootspg.answer(birth_request(' . ++$number . ($more // '') . "));\n"; }
sub counted { return as('watcher', 'SELECT outcome, error_code, sum(answers) FROM ootspg.exchange_counters GROUP BY 1, 2 ORDER BY 1, 2'); }

# Counters: of what was committed
is(counted(), '', 'nothing yet');
$node->safe_psql('postgres', ask() . ask(q{, family => 'Nobody'}) . ask());
is(counted(), "error|EDM:ERR:0004|1\nevidence||2", 'each answer is counted');
is(as('watcher', q{SELECT provider, evidence_type, line, outcome, error_code, requester_country, others, answers, within_5min, seconds >= 0 AND longest <= seconds, since <= last_answer
	FROM ootspg.exchange_counters WHERE outcome = 'evidence'}), $node->safe_psql('postgres', q{
	SELECT 'civil', 'birth', line, 'evidence', NULL, requester_country, 'f', 2, 2, 't', 't' FROM ootspg.exchange WHERE outcome = 'evidence' LIMIT 1}), 'by what it was about');
$node->safe_psql('postgres', "BEGIN;\n" . ask() . "ROLLBACK;\n");
$node->safe_psql('postgres', "BEGIN;\n" . ask() . "SAVEPOINT a;\n" . ask() . "SAVEPOINT b;\n" . ask() . "RELEASE b; ROLLBACK TO a;\n" . ask() . "COMMIT;\n");
is(counted(), "error|EDM:ERR:0004|1\nevidence||4", 'what is rolled back, in part or whole, is not');
$node->safe_psql('postgres', "BEGIN;\nSAVEPOINT a;\n" . ask() . "RELEASE a;\nPREPARE TRANSACTION 'one';\n");
is(counted(), "error|EDM:ERR:0004|1\nevidence||5", 'what is prepared is');
$node->safe_psql('postgres', q{COMMIT PREPARED 'one'});
is(as('neighbour', 'SELECT count(*) FROM ootspg.exchange_counters'), '0', 'another provider sees nothing of it');
$node->safe_psql('postgres', 'CREATE DATABASE second');
$node->safe_psql('second', 'CREATE EXTENSION ootspg');
is($node->safe_psql('second', 'SELECT count(*) FROM ootspg.exchange_counters'), '0', 'nor does another database');
is(sqlstate($node, 'postgres', 'SELECT ootspg.reset_exchange_counters()', connstr => $node->connstr('postgres') . ' user=watcher'), '42501', 'who watches does not reset');
as('operator', 'SELECT ootspg.reset_exchange_counters()');
is(counted(), '', 'who operates does');

# They are none of the things that have to last
$node->safe_psql('postgres', ask());
$node->restart;
is(counted(), '', 'a restart begins anew');
$node->safe_psql('postgres', ask() . ask(q{, family => 'Nobody'}));

# Every panel of the dashboard
my $dashboard = JSON::PP->new->utf8->decode(slurp_file('doc/monitoring/dashboard.json'));
cmp_ok(scalar @{ $dashboard->{panels} }, '>', 10, 'the dashboard has panels');
foreach my $panel (@{ $dashboard->{panels} })
{
	foreach my $target (@{ $panel->{targets} })
	{
		my $sql = $target->{rawSql} =~ s/\$__timeFrom\(\)/(now() - interval '1 day')/gr =~ s/\$__timeTo\(\)/now()/gr;
		unlike($sql, qr/\$/, "panel \"$panel->{title}\": no macro is left");
		is(sqlstate($node, 'postgres', $sql, connstr => $node->connstr('postgres') . ' user=watcher'), '', "panel \"$panel->{title}\": runs");
	}
}
my ($answers) = map { $_->{targets}[0]{rawSql} } grep { $_->{title} eq 'Answers' } @{ $dashboard->{panels} };
is(as('watcher', $answers), '2', 'and tells what there is');

# The queries of the exporter: each gives the columns that its metrics name
my @queries = slurp_file('doc/monitoring/queries.yaml') =~ /^(\w+):\n  query: \|\n((?:    .*\n)+)  metrics:\n((?:    - .*\n)+)/mg;
cmp_ok(scalar @queries, '>=', 3 * 6, 'there are queries');
while (my ($name, $sql, $metrics) = splice @queries, 0, 3)
{
	my $columns = as('watcher', "\\pset tuples_only off\n\\pset footer off\n$sql");
	is((split /\n/, $columns)[0], join('|', $metrics =~ /^    - (\w+):/mg), "$name: columns and metrics are the same");
}

SKIP:
{
	my ($exporter) = grep { -x } map { "$_/prometheus-postgres-exporter" } split /:/, $ENV{PATH};
	skip 'no prometheus-postgres-exporter', 6 unless $exporter;
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	my ($out, $err) = ('', '');
	local $ENV{DATA_SOURCE_NAME} = 'user=watcher dbname=postgres host=' . $node->host . ' port=' . $node->port . ' sslmode=disable';
	my $run = IPC::Run::start([ $exporter, '--disable-default-metrics', '--disable-settings-metrics', '--extend.query-path=doc/monitoring/queries.yaml', "--web.listen-address=127.0.0.1:$port" ],
		'>', \$out, '2>', \$err, my $timer = IPC::Run::timer($PostgreSQL::Test::Utils::timeout_default));
	my $page = '';
	while ($page !~ /^ootspg_/m && !$timer->is_expired)
	{
		$run->pump_nb;
		IPC::Run::run([ 'perl', '-MIO::Socket::INET', '-e', q{my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0]) or exit; print $s "GET /metrics HTTP/1.0\r\n\r\n"; print while <$s>}, "127.0.0.1:$port" ], '>', \$page);
	}
	$run->kill_kill;
	like($page, qr/^ootspg_exchange_answers\{.*evidence_type="birth".*outcome="evidence".*\} 1$/m, 'the exporter tells of answers') or diag($err);
	like($page, qr/^ootspg_access_point_state_now\{access_point="",.*state="no access point"\} 1$/m, 'of access points');
	like($page, qr/^ootspg_evidence_type_served\{.*evidence_type="birth".*\} 1$/m, 'of evidence types');
	like($page, qr/^ootspg_purge_exchanges\{.*\} 0$/m, 'of what was purged');
	like($page, qr/^pg_exporter_last_scrape_error 0$/m, 'without an error');
	unlike($err, qr/level=(?:error|warn)\S* .*ootspg/, 'or a word about one');
}

# check(role, database): exit code and line
sub check
{
	my ($role, $database) = @_;
	my ($out, $err);
	IPC::Run::run([ 'doc/monitoring/check_ootspg', '-d', $node->connstr($database // 'postgres') . " user=$role" ], '>', \$out, '2>', \$err,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	chomp $out;
	return join ' ', $? >> 8, $out, $err;
}

like(check('watcher'), qr/^1 OOTSPG WARNING - exchange no access point \|waiting=0 overdue=0 .* parked=0 oldest_unanswered=0s $/, 'the check: no access point yet');
like(check('nobody'), qr/^3 OOTSPG UNKNOWN - .*role "nobody" does not exist/, 'no connection');
like(check('watcher', 'template1'), qr/^3 OOTSPG UNKNOWN - .*"ootspg\.status" does not exist/, 'no extension');
$node->safe_psql('postgres', q{CREATE ROLE answers LOGIN; SELECT ootspg.grant_duty('answers', 'exchange'); GRANT USAGE ON SCHEMA registry TO answers; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO answers;
	INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role)
	VALUES ('national', 'http://127.0.0.1:1/services/wsplugin', 'AP', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:LV', 'answers')});
like(check('watcher'), qr/^1 OOTSPG WARNING - national paused: not resumed yet \|/, 'an access point that waits for its go');
$node->safe_psql('postgres', 'SELECT ootspg.resume()');
$node->poll_query_until('postgres', q{SELECT state = 'failing' FROM ootspg.status WHERE access_point = 'national'}) or die;
like(check('watcher'), qr/^2 OOTSPG CRITICAL - national failing: no connection to the access point could be made/, 'one that cannot be reached');
$node->safe_psql('postgres', q{ALTER VIEW registry.birth_evidence RENAME COLUMN pdf TO paper});
like(check('watcher'), qr/^2 OOTSPG CRITICAL - birth out of service: /, 'an evidence type that cannot be served');

# What nobody remembers
$node->safe_psql('postgres', q{ALTER TABLE ootspg.activation DISABLE TRIGGER ALL; UPDATE ootspg.activation SET activated_at = now() - interval '15 months'; ALTER TABLE ootspg.activation ENABLE TRIGGER ALL});
like(check('watcher'), qr/ootspg\.purge\(\) did not run for 40 days/, 'exchanges that nobody purges');
$node->safe_psql('postgres', 'SELECT ootspg.purge()');
unlike(check('watcher'), qr/purge/, 'until somebody does');

# Log lines begin with what they are about, as the manual has it
my @first = map { s/".*//r } slurp_file('doc/monitoring.md') =~ /^\| `([^`|]*?)(?: \xe2\x80\xa6)?` \| [^|]+ \| [^|]+ \|$/mg;
my @lines = map { slurp_file($_) =~ /ereport\((?:LOG|WARNING),\s*\(?(?:errcode\([^;]*?\),\s*)?\(?errmsg(?:_plural)?\("((?:[^"\\]|\\.)*)"/g } glob 'src/*/*.c';
cmp_ok(scalar @first, '>=', 6, 'first words are named');
cmp_ok(scalar @lines, '>=', 12, 'there are log lines');
foreach my $line (@lines)
{
	ok((grep { $line =~ /^\Q$_\E/ } @first), "log line: $line");
}

$node->stop;
done_testing();
