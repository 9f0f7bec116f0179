# With readers of the audit and a key for contents, nothing that names a person and no evidence stands in the clear: not in the
# tables, the WAL, the log, temporary files or a dump, nor on a standby, while answers wait and after they left. What waits is opened
# by the workers again: sent, given another id, replaced when its time is over.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my ($node, $ap) = exchange_node('canary', undef, 'wal_level = replica', 'max_wal_senders = 4', 'hot_standby = on', 'autovacuum = off', 'wal_keep_size = 1GB', 'full_page_writes = on',
	"log_statement = 'none'", 'log_min_error_statement = panic', 'ootspg.key_warning = 5');
my $keys = $node->basedir . '/keys';
my $elsewhere = $node->basedir . '/elsewhere';
mkdir $_, 0700 or die "$_: $!" for $elsewhere, map { "$keys/$_" } qw(audit content);
sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
sub set
{
	my ($name, $value) = @_;
	sql("ALTER SYSTEM SET $name = '$value'");
	sql('SELECT pg_reload_conf()');
	return $node->poll_query_until('postgres', "SELECT current_setting('$name') = '$value'");
}
sub secret { my ($name) = @_; return chmod 0600, write_file("$keys/content/$name.key", run_openssl('rand', '-hex', '32')); }

sql('SELECT ootspg.maintain()');
make_pair($elsewhere, 'office', 'p256', 'basicConstraints=CA:FALSE');
sql("INSERT INTO ootspg.audit_reader (reader, certificate) VALUES ('office', '" . slurp_file("$elsewhere/office.pem") . "')");
secret('one');
set('ootspg.content_keys', 'one=file:one.key');
my $copy = PostgreSQL::Test::Cluster->new('copy');
$node->backup('base');
$copy->init_from_backup($node, 'base', has_streaming => 1);
$copy->start;

# The registry spells the name otherwise; brackets stand in messages only
my @canaries = ('OZOLINS', 'JANIS', 'DateOfBirth>1990-01-01', '>R-10001<');
my $canaries = join '|', @canaries;
my $number = 0;
sub request { my (%message) = @_; $number++; return ask($node, $ap, "$number, 'oots-edm:v1.2', 'application/xml', 'OZOLINS', 'JANIS'", %message); }
sub waits { my ($count, $name) = @_; return wait_sql($node, "SELECT count(*) = $count FROM ootspg.outbox WHERE state = 'waiting'", $name); }
sub found
{
	my %found;
	$node->safe_psql('postgres', $_) for 'CHECKPOINT', 'SELECT pg_switch_wal()';
	$node->wait_for_catchup($copy, 'replay', $node->lsn('insert'));
	$copy->safe_psql('postgres', 'CHECKPOINT');
	my $dump = $node->basedir . '/dump.sql';
	IPC::Run::run([ 'pg_dump', '--inserts', '-f', $dump, '--exclude-schema=registry', $node->connstr('postgres') ]) or die;
	my %files = (dump => [$dump]);
	for my $server ($node, $copy)
	{
		my $name = $server->name;
		$files{"$name: files"} = [ grep { -f } map { glob($server->data_dir . "/$_") } 'base/*/*', 'base/pgsql_tmp/*', 'pg_replslot/*/*', 'pg_stat/*' ];
		$files{"$name: WAL"} = [ grep { /[0-9A-F]{24}$/ } glob($server->data_dir . '/pg_wal/*') ];
		$files{"$name: log"} = [ $server->logfile ];
	}
	for my $where (keys %files)
	{
		for my $file (@{ $files{$where} })
		{
			my $bytes = slurp_file($file);
			$bytes .= pack 'H*', $_ for $where eq 'dump' ? $bytes =~ /'\\x([0-9a-f]{2,})'/g : ();
			$found{"$where: $1"}++ while $bytes =~ /($canaries)/g;
		}
	}
	return join ', ', sort keys %found;
}

# While it waits
set('ootspg.send', 'off');
my $waiting = request();
waits(1, 'an answer waits');
is(sql('SELECT count(*) > 4, bool_and(content_key IS NOT NULL), count(*) FILTER (WHERE part < 0) FROM ootspg_internal.outbox_part'), 't|t|2', 'closed, with its request');
is(sql(q{SELECT count(*) FROM ootspg.exchange_event WHERE first_part IS NOT NULL AND audit_key IS NULL}), '0', 'so is the audit');
is(found(), '', 'nothing stands anywhere');
my ($id, $part) = split /\|/, sql('SELECT outbox_id, part FROM ootspg_internal.outbox_part WHERE part = 1');
is(sqlstate($node, 'postgres', "SELECT ootspg_internal.open_content(content, content_key, 'outbox_part', outbox_id + 1, part) FROM ootspg_internal.outbox_part WHERE part = 1"), 'OT008', 'a content opens in its row only');
is(sqlstate($node, 'postgres', "SELECT ootspg_internal.open_content(content, content_key, 'outbox_part', outbox_id, part) FROM ootspg_internal.outbox_part WHERE part = 1"), '', '… but there it does');
is(sql("BEGIN; CREATE TEMP TABLE new AS SELECT ootspg_internal.renew_message_id($id) AS id; SELECT position(new.id in convert_from(ootspg_internal.open_content(content, content_key, 'outbox_part', outbox_id, part), 'UTF8')) > 0
	FROM new, ootspg_internal.outbox_part WHERE part = 0; ROLLBACK"), 't', 'a header with another id is closed as well');

# Another secret; the old one is needed as long as something waits that has it
secret('two');
set('ootspg.content_keys', 'two=file:two.key, one=file:one.key');
set('ootspg.send', 'on');
my $answer = wait_answer($ap, $waiting);
like($answer->{parts}[1]{content}, qr/BirthEvidence.*>R-10001</s, 'it is sent whole');
wait_sql($node, 'SELECT count(*) = 0 FROM ootspg_internal.outbox_part', 'and erased');

# One that comes from a server which forgets what it handed over, one that expires
$ap->control('personality 5.0');
sql(q{UPDATE ootspg_internal.access_point_state SET plugin = NULL; SELECT ootspg.resume()});
like(wait_answer($ap, request())->{parts}[1]{content}, qr/>R-10001</, 'so is one of a server that keeps nothing');
set('ootspg.send', 'off');
my $late = request();
waits(1, 'another one waits');
sql(q{UPDATE ootspg_internal.outbox_queue SET expires_at = now() - interval '1 s'});
set('ootspg.send', 'on');
is(wait_answer($ap, $late)->{code}, 'EDM:ERR:0005', 'and is replaced, though the server cannot read the audit');
is(found(), '', 'nothing stands anywhere after all that');

# The search finds what is there
sql('DELETE FROM ootspg.audit_reader');
set('ootspg.content_keys', '');
wait_answer($ap, request());
my $found = found();
like($found, qr/\Q$_\E/, "without keys it would be found: $_") for 'canary: WAL: OZOLINS', 'copy: WAL: OZOLINS', 'copy: files: OZOLINS', 'dump: OZOLINS';

# A secret that cannot be read: nothing is lost, nothing is in the clear
set('ootspg.content_keys', 'three=file:three.key');
my $asked = request();
wait_sql($node, q{SELECT count(*) > 0 FROM ootspg.status WHERE state = 'unusable' AND reason ~ 'three'}, 'a secret that is missing is told');
secret('three');
like(wait_answer($ap, $asked)->{parts}[1]{content}, qr/>R-10001</, 'when it is there the request is answered');

$copy->stop;
$node->stop;
$ap->stop;
done_testing();
