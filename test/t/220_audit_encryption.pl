# What names a person in the audit is closed to readers, and the server writes without being able to read: CMS that openssl
# opens, values that open in their place only, keys made anew, readers who come later, searches as before.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('audit_encryption', 'max_prepared_transactions = 2', 'ootspg.key_warning = 5', "log_statement = 'all'");
my $keys = $node->basedir . '/keys';
my $elsewhere = $node->basedir . '/elsewhere';
mkdir $_, 0700 or die "$_: $!" for $elsewhere, "$keys/audit", "$keys/content";

sub sql { my ($sql, $role) = @_; return $node->safe_psql('postgres', $sql, $role ? (extra_params => [ '-U', $role ]) : ()); }
sub fails_with { my ($sql, $role) = @_; return sqlstate($node, 'postgres', $sql, $role ? (extra_params => [ '-U', $role ]) : ()); }
sub value_in { my ($sql) = @_; return decode_base64(sql("SELECT encode(($sql), 'base64')")); }

# A reader: certificate here, private key elsewhere
sub reader
{
	my ($name, $kind, $usage) = @_;
	make_pair($elsewhere, $name, $kind, 'basicConstraints=CA:FALSE', $usage ? "keyUsage=$usage" : ());
	return slurp_file("$elsewhere/$name.pem");
}
sub add_reader { my ($name, $provider) = @_; return sql("INSERT INTO ootspg.audit_reader (provider, reader, certificate) VALUES (" . ($provider ? "'$provider'" : 'NULL') . ", '$name', '" . slurp_file("$elsewhere/$name.pem") . "')"); }

# What openssl opens with a reader's key
sub opened
{
	my ($wrapped, $name) = @_;
	my $file = write_file("$elsewhere/wrapped.der", $wrapped);
	my $out = "$elsewhere/opened";
	unlink $out;
	IPC::Run::run([ 'openssl', 'cms', '-decrypt', '-inform', 'DER', '-in', $file, '-inkey', "$elsewhere/$name.key", '-out', $out ], '>&', \my $output);
	return -e $out && -s $out ? slurp_file($out) : '';
}

load_registry($node, 'postgres');
sql(q{SELECT ootspg.maintain(); CREATE ROLE auditor LOGIN; CREATE ROLE watcher LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE road_auditor LOGIN;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT 'road', scheme, 'LV90000000002', name, country, 'road.example', environment FROM ootspg.provider;
	SELECT ootspg.grant_duty('auditor', 'audit'), ootspg.grant_duty('watcher', 'monitor'), ootspg.grant_duty('road_auditor', 'audit', 'road')});

# Without readers all is as it was
is(sql('SELECT min(outcome) FROM ootspg.answer(birth_request(1000))'), 'evidence', 'an answer');
like(sql(q{SELECT string_agg(convert_from(first_part, 'UTF8'), '') FROM ootspg.exchange_event}), qr/Ozoliņš/, 'without readers the audit has them as they are');
is(sql(q{SELECT count(*) FROM ootspg.exchange_event WHERE audit_key IS NOT NULL}), '0', 'with no key');
is(sql('SELECT count(*) FROM ootspg_internal.encryption_faults()'), '0', 'outside production nobody is told');
sql(q{UPDATE ootspg.provider SET environment = 'production'});
is(sql(q{SELECT string_agg(state, ', ' ORDER BY state) FROM ootspg.status WHERE state LIKE '%not encrypted'}, 'watcher'), 'audit not encrypted, contents not encrypted', 'in production the status says so');

# Certificates that will not do
reader('weak', 'rsa2048', 'digitalSignature');
is(fails_with("INSERT INTO ootspg.audit_reader (reader, certificate) VALUES ('x', '" . slurp_file("$elsewhere/weak.pem") . "')"), 'OT004', 'a certificate for signing only is none to encrypt to');
is(fails_with("INSERT INTO ootspg.audit_reader (reader, certificate) VALUES ('x', 'nonsense')"), 'OT004', 'nor is what is no certificate');

# Readers of all kinds
reader('office', 'p256');
reader('court', 'rsa3072', 'keyEncipherment');
reader('later', 'p384');
add_reader('office', 'civil');
add_reader('court');
my $before = sql('SELECT max(event_id) FROM ootspg.exchange_event');
is(sql('SELECT min(outcome) FROM ootspg.answer(birth_request(2000))'), 'evidence', 'an answer with readers');
unlike(sql("SELECT string_agg(encode(first_part, 'escape'), '') FROM ootspg.exchange_event WHERE event_id > $before"), qr/Ozoli|1990-01-01|QueryRe/, 'nothing of it can be read');
is(sql("SELECT count(*), count(DISTINCT audit_key), bool_and(first_part_sha256 = sha256(first_part)) FROM ootspg.exchange_event WHERE event_id > $before AND first_part IS NOT NULL"), '2|1|t', 'one key for both messages, digests of what stands there');
my $wrapped = value_in('SELECT wrapped FROM ootspg.audit_key');
my $key = opened($wrapped, 'office');
is(length $key, 32, 'openssl opens the key for an elliptic curve');
is(opened($wrapped, 'court'), $key, 'and for RSA');
is(opened($wrapped, 'later'), '', 'but for nobody else');
is(sql(q{SELECT count(*) FROM ootspg.audit_key k, ootspg.audit_reader_status s WHERE decode(s.certificate_sha256, 'hex') = ANY (k.readers)}, 'auditor'), '2', 'the row says whose certificates');
is(sql(q{SELECT string_agg(state, ', ') FROM ootspg.status WHERE state LIKE 'audit%'}, 'watcher'), '', 'the status is content');
is(sql(q{SELECT count(*) FROM ootspg.exchanges_of(ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'), 'a citizen asks')}, 'auditor'), '2', 'searches find exchanges whatever is closed');

# One key for an hour of one session; another session has another
sub keys_made { return sql('SELECT count(DISTINCT key_id) FROM ootspg.audit_key'); }
sub asks { my (@numbers) = @_; return join ' ', map { "SELECT min(outcome) FROM ootspg.answer(birth_request($_));" } @numbers; }
my $made = keys_made();
sql(asks(2001 .. 2003));
is(keys_made(), $made + 1, 'three answers of one session, one more key');
$node->append_conf('postgresql.conf', 'ootspg.audit_key_lifetime = 0');
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('ootspg.audit_key_lifetime') = '0'});
$made = keys_made();
sql(asks(2005));
is(keys_made(), $made + 2, 'when its time is over, the next row has another');
$node->append_conf('postgresql.conf', 'ootspg.audit_key_lifetime = 1h');
$node->reload;
$node->poll_query_until('postgres', q{SELECT current_setting('ootspg.audit_key_lifetime') = '1h'});

# No value without the row that opens it, whatever is undone
sub orphans { return sql('SELECT count(*) FROM ootspg.exchange_event e WHERE audit_key IS NOT NULL AND NOT EXISTS (SELECT FROM ootspg.audit_key k WHERE k.key_id = e.audit_key)'); }
sql('BEGIN; ' . asks(2010) . ' ROLLBACK; ' . asks(2011));
is(orphans(), '0', 'a transaction that is undone takes its key along');
sql('BEGIN; SAVEPOINT a; ' . asks(2012) . ' ROLLBACK TO a; ' . asks(2013) . ' COMMIT; ' . asks(2014));
is(orphans(), '0', 'so does a subtransaction');
sql('BEGIN; SAVEPOINT a; SAVEPOINT b; ' . asks(2015) . ' RELEASE b; ROLLBACK TO a; ' . asks(2016) . ' COMMIT');
is(orphans(), '0', 'also when what was in it had ended');
sql('BEGIN; SAVEPOINT a; SAVEPOINT b; ' . asks(2017) . ' RELEASE b; RELEASE a; COMMIT; ' . asks(2018));
is(orphans(), '0', 'and one that stays, stays');
$made = keys_made();
sql("BEGIN; " . asks(2019) . " PREPARE TRANSACTION 'p'; " . asks(2020) . " ROLLBACK PREPARED 'p'");
is(orphans(), '0', 'what is prepared may be undone');
is(keys_made(), $made + 1, 'and leaves nothing');

# The value opens in its place only
my $exchange = sql('SELECT max(exchange_id) FROM ootspg.exchange');
write_file("$keys/audit/office.key", slurp_file("$elsewhere/office.key"));
chmod 0600, "$keys/audit/office.key" or die $!;
write_file("$keys/audit/later.key", slurp_file("$elsewhere/later.key"));
chmod 0600, "$keys/audit/later.key" or die $!;
sub read_by { my ($what, $key, $role) = @_; return sql("SELECT string_agg(DISTINCT state, ', '), count(first_part) FROM ootspg.read_audit(ARRAY[$exchange], '$what'" . ($key ? ", 'file:$key.key'" : '') . ') WHERE event_type IN (\'request_received\', \'response_built\')', $role // 'auditor'); }
is(read_by('complaint 1', 'office'), 'opened|2', 'a reader\'s key opens it');
like(sql("SELECT convert_from(first_part, 'UTF8') FROM ootspg.read_audit(ARRAY[$exchange], 'complaint 1', 'file:office.key') WHERE event_type = 'request_received'", 'auditor'), qr/Ozoliņš/, '… as it came');
is(read_by('complaint 1'), 'closed|0', 'without a key it stays closed');
is(read_by('complaint 1', 'later'), 'closed to others|0', 'to another one as well');
my $guarded = sub { my ($statement) = @_; return sql("DO \$\$ DECLARE p text; BEGIN
	FOR p IN SELECT t.tgrelid::regclass::text FROM pg_trigger t WHERE t.tgname = 'audit_guard' LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER audit_guard', p); END LOOP;
	$statement;
	FOR p IN SELECT t.tgrelid::regclass::text FROM pg_trigger t WHERE t.tgname = 'audit_guard' LOOP EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_guard', p); END LOOP; END \$\$"); };
$guarded->("UPDATE ootspg.exchange_event e SET first_part = o.first_part, audit_key = o.audit_key FROM ootspg.exchange_event o WHERE e.exchange_id = $exchange AND e.event_type = 'request_received' AND o.exchange_id = $exchange AND o.event_type = 'response_built'");
is(read_by('complaint 1', 'office'), 'changed, opened|1', 'a value in another row is refused');
$exchange = sql('SELECT exchange_id FROM ootspg.exchange ORDER BY 1 DESC OFFSET 1 LIMIT 1');
$guarded->("UPDATE ootspg.exchange_event e SET first_part = set_byte(first_part, length(first_part) - 20, get_byte(first_part, length(first_part) - 20) # 1) WHERE e.exchange_id = $exchange AND e.event_type = 'request_received'");
is(read_by('complaint 1', 'office'), 'changed, opened|1', 'so is one that was changed');
$exchange = sql('SELECT exchange_id FROM ootspg.exchange ORDER BY 1 DESC OFFSET 3 LIMIT 1');

# Who reads is written down, for good
is(fails_with("SELECT * FROM ootspg.read_audit(ARRAY[$exchange], '')", 'auditor'), 'OT010', 'a purpose is needed');
is(fails_with("SELECT * FROM ootspg.read_audit(ARRAY[$exchange], 'curious')", 'stranger'), '42501', 'and a duty');
is(fails_with("SELECT first_part FROM ootspg.exchange_event WHERE exchange_id = $exchange", 'auditor'), '42501', 'nor are messages read without saying what for');
is(sql("SELECT count(*) FROM ootspg.read_audit(ARRAY[$exchange], 'curious')", 'road_auditor'), '0', 'whoever audits another provider is shown nothing');
my $read = sql('SELECT count(*) FROM ootspg.audit_access');
sql("BEGIN; SELECT count(*) FROM ootspg.read_audit(ARRAY[$exchange, 999999], 'rolled back', 'file:office.key'); ROLLBACK", 'auditor');
is(sql(qq{SELECT count(*) - $read, string_agg(concat_ws(' ', session_role, what, purpose, exchanges), ',' ORDER BY access_id DESC) FILTER (WHERE access_id = (SELECT max(access_id) FROM ootspg.audit_access)) FROM ootspg.audit_access}, 'auditor'), "1|auditor read_audit rolled back {$exchange}", 'a reading stays written though its transaction was undone');
is(sql(q{SELECT count(*) FROM ootspg.exchanges_of(ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01'), 'a citizen asks')}, 'auditor') > 5, 1, 'exchanges of a person');
is(sql(q{SELECT what, cardinality(exchanges) > 5 FROM ootspg.audit_access ORDER BY access_id DESC LIMIT 1}, 'auditor'), 'exchanges_of|t', 'are written down, too');
is(fails_with('UPDATE ootspg.audit_access SET purpose = \'other\''), 'OT008', 'what is written is not changed');
$node->append_conf('postgresql.conf', 'max_worker_processes = 0');
$node->restart;
is(fails_with("SELECT * FROM ootspg.read_audit(ARRAY[$exchange], 'no worker', 'file:office.key')", 'auditor'), 'OT010', 'where it cannot be written, nothing is shown');
$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
$node->restart;

# The key in the statement's text
my $pem = slurp_file("$elsewhere/office.key");
is(fails_with("SELECT * FROM ootspg.read_audit(ARRAY[$exchange], 'careless', '$pem')", 'auditor'), 'OT004', 'a key in the text of the statement is refused');

# Readers who come later
add_reader('later', 'civil');
sql(asks(2030));
my $newest = value_in('SELECT wrapped FROM ootspg.audit_key ORDER BY wrapped_at DESC LIMIT 1');
is(length opened($newest, 'later'), 32, 'who came later reads what comes then');
is(opened($wrapped, 'later'), '', 'and nothing from before');
my $old = sql("SELECT string_agg(md5(e::text), '' ORDER BY event_id) FROM ootspg.exchange_event e");
ok(sql("SELECT ootspg.rewrap_audit('file:office.key', 'a new auditor')", 'auditor') > 5, 'until keys are wrapped anew');
is(read_by('complaint 1', 'later'), 'opened|2', 'then all');
is(sql("SELECT string_agg(md5(e::text), '' ORDER BY event_id) FROM ootspg.exchange_event e"), $old, 'no row of the audit was written anew');
is(sql("SELECT ootspg.rewrap_audit('file:office.key', 'once more')", 'auditor'), '0', 'and nothing is left to be done');

# Elsewhere, by openssl alone
reader('abroad', 'p256');
add_reader('abroad', 'civil');
my $id = sql("SELECT audit_key FROM ootspg.exchange_event WHERE exchange_id = $exchange AND event_type = 'request_received'");
my $plain = opened(value_in("SELECT wrapped FROM ootspg.audit_key WHERE key_id = '$id' ORDER BY wrapped_at LIMIT 1"), 'office');
write_file("$elsewhere/plain", $plain);
run_openssl('cms', '-encrypt', '-binary', '-aes-256-gcm', '-outform', 'DER', '-in', "$elsewhere/plain", '-out', "$elsewhere/again.der", "$elsewhere/abroad.pem");
sql("SELECT ootspg.add_audit_key('$id', decode('" . unpack('H*', slurp_file("$elsewhere/again.der")) . "', 'hex'), 'abroad')", 'auditor');
write_file("$keys/audit/abroad.key", slurp_file("$elsewhere/abroad.key"));
chmod 0600, "$keys/audit/abroad.key" or die $!;
is(read_by('complaint 1', 'abroad'), 'opened|2', 'a key wrapped elsewhere opens as well');

# Ended readers, and none
sql(q{UPDATE ootspg.audit_reader SET until = now() WHERE reader = 'office'});
sql(asks(2040));
is(opened(value_in('SELECT wrapped FROM ootspg.audit_key ORDER BY wrapped_at DESC LIMIT 1'), 'office'), '', 'who has ended reads nothing that comes then');
sql(q{UPDATE ootspg.audit_reader SET until = now()});
is(fails_with('SELECT * FROM ootspg.answer(birth_request(2041))'), 'OT004', 'when all have ended nothing is answered, rather than in the clear');
is(sql(q{SELECT string_agg(state, ', ') FROM ootspg.status WHERE state LIKE 'audit%'}, 'watcher'), 'audit unreadable, audit unreadable', 'which the status says');
sql('DELETE FROM ootspg.audit_reader');
$made = keys_made();
is(sql('SELECT min(outcome) FROM ootspg.answer(birth_request(2042))'), 'evidence', 'without rows it goes on');
is(keys_made(), $made, 'unencrypted, as before');

# A dump has it all, closed
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'dumped');
$node->safe_psql('template1', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $dump, $node->connstr('restored') ], 'restored');
is($node->safe_psql('restored', "SELECT string_agg(DISTINCT state, ', '), count(first_part) FROM ootspg.read_audit(ARRAY[$exchange], 'from a dump', 'file:later.key') WHERE event_type IN ('request_received', 'response_built')"), 'opened|2', 'what was restored is read by the same key');

# Security events: what was done above
is(sql(q{SELECT string_agg(DISTINCT kind, ', ' ORDER BY kind) FROM ootspg.security_event}, 'watcher'), 'audit read, configuration, key, refused, rights', 'all of it made security events');
is(sql(q{SELECT facts->'key'->>'reader', facts->'new' ? 'until', facts::text ~ 'BEGIN' FROM ootspg.security_event WHERE object = 'audit_reader' AND facts->>'change' = 'update' ORDER BY event_id LIMIT 1}), 'office|t|f', 'with what changed');
my $log = slurp_file($node->logfile);
like($log, qr/LOG:  ootspg security event: \{.*"kind": "refused"/, 'and lines of the log');
my $quoted = () = $log =~ /PRIVATE KEY/g;
is($quoted, 2, 'no key in the log but where the statement that was refused had it, begin and end');

# Gone with the last row that needs them
$guarded->(q{UPDATE ootspg.exchange SET received_at = received_at - interval '2 years'; UPDATE ootspg.exchange_event SET event_time = event_time - interval '2 years'; UPDATE ootspg.evidence_event SET event_time = event_time - interval '2 years'; UPDATE ootspg.audit_key SET made_at = made_at - interval '2 years'});
ok(sql('SELECT exchanges FROM ootspg.purge()') > 10, 'exchanges beyond retention go');
is(keys_made(), '0', 'and the keys of their messages');

$node->stop;
done_testing();
