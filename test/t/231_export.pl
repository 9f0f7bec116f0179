# Named exchanges as one sealed file (D-LOG-25), and the program that checks it on a machine without PostgreSQL: nothing of others is in
# it, and no octet of it can be changed unseen.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use IPC::Run;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('export', 'autovacuum = off');
my $files = PostgreSQL::Test::Utils::tempdir;
my $program = $node->config_data('--bindir') . '/ootspg-audit';

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub run_program
{
	my (@arguments) = @_;
	my ($out, $err) = ('', '');

	# neither libpq's settings nor a server
	local %ENV = (PATH => '/nowhere');
	IPC::Run::run([ $program, @arguments ], '<', '/dev/null', '>', \$out, '2>', \$err);
	return ($? >> 8, $out . $err);
}
sub export_file { my ($ids, $name) = @_; return write_file("$files/$name", decode_base64(sql("SELECT encode(ootspg.export_exchanges(ARRAY[$ids], 'request 17 of the audit office'), 'base64')"))); }

load_registry($node, 'postgres');
sql('SELECT ootspg.maintain()');
seal_registry($node, 'postgres');
answer($node, 'postgres', $_) for 1 .. 3;
sql('SELECT ootspg.make_audit_heads()') for 1 .. 2;
my @ids = split /\n/, sql('SELECT exchange_id FROM ootspg.exchange ORDER BY 1');
my $trusted = $node->basedir . '/keys/seal/civil/birth.pem';

my $export = export_file("$ids[0], $ids[2]", 'export.zip');
my ($code, $out) = run_program('verify', '--trusted', $trusted, $export);
is($code, 0, 'an export holds');
like($out, qr/^ok          the seal of the export: .*\nok          \d+ files\nok          the seal of head 1: .*\nok          10 rows are what the heads have\n(?:not here    .*\n)+The export is what was sealed\.\n\z/, '… and says of each part that it does');
like($out, qr/^not here    exchange $ids[0]: receipts and signatures of the access point/m, '… and what is not there');
is((run_program('verify', $export))[0], 0, 'without anchors, too');
make_pair($files, 'stranger', 'p256');
is((run_program('verify', '--trusted', "$files/stranger.pem", $export))[0], 1, '… but not by a stranger\'s word');
($code, $out) = run_program('show', $export);
like($out, qr/^purpose     request 17 of the audit office\n\nexchange $ids[0]\n.*request_received  in.*\n.*messages\/\d+-first_part, \d+ octets\n(?s:.*)^exchange $ids[2]\n/m, 'it is shown');

# Any system opens it; nothing of another exchange is in it; messages are as they travelled
SKIP:
{
	skip 'there is no unzip', 3 unless IPC::Run::run([ 'unzip', '-v' ], '>', '/dev/null', '2>', '/dev/null');
	mkdir "$files/opened";
	$node->command_ok([ 'unzip', '-q', '-d', "$files/opened", $export ], 'unzip opens it');
	my ($event) = split /\n/, sql("SELECT event_id FROM ootspg.exchange_event WHERE exchange_id = $ids[0] AND direction = 'in'");
	is(unpack('H*', slurp_file("$files/opened/messages/$event-first_part")), sql("SELECT encode(first_part, 'hex') FROM ootspg.exchange_event WHERE event_id = $event"), 'a message as it came');
	like(run_openssl('cms', '-verify', '-binary', '-inform', 'DER', '-in', "$files/opened/manifest.p7s", '-content', "$files/opened/manifest.json", '-CAfile', $trusted, '-purpose', 'any', '-out', '/dev/null'), qr/successful/i, 'openssl verifies the seal');
}
my $other = sql("SELECT request_id FROM ootspg.exchange WHERE exchange_id = $ids[1]");
unlike(slurp_file($export), qr/\Q$other\E/, 'nothing of a third exchange');
is(sql("SELECT facts -> 'exchanges' FROM ootspg.exchange_event WHERE event_type = 'exported' ORDER BY event_id LIMIT 1"), "[$ids[0], $ids[2]]", 'the export is an event');
is(export_file($ids[1], 'a.zip') && (run_program('verify', $export))[0], 0, 'another export');

# Octets changed, at many places: none goes unseen
my $bytes = slurp_file($export);
my @unseen;
for (my $place = 0; $place < length $bytes; $place += 1 + int(length($bytes) / 150))
{
	my $changed = $bytes;

	substr($changed, $place, 1) ^= "\x01";
	write_file("$files/changed.zip", $changed);
	my ($status) = run_program('verify', "$files/changed.zip");
	push @unseen, $place unless $status == 1 || $status == 2;
}
is_deeply(\@unseen, [], 'no changed octet goes unseen');
for ([ 'shortened', substr($bytes, 0, -1) ], [ 'lengthened', $bytes . 'x' ], [ 'something in front', "x$bytes" ], [ 'empty', '' ], [ 'only an end', "PK\5\6" . "\0" x 18 ], [ 'huge counts', "PK\5\6\0\0\0\0" . "\xff" x 12 . "\0\0" ])
{
	write_file("$files/changed.zip", $_->[1]);
	is((run_program('verify', "$files/changed.zip"))[0], 2, "no export: $_->[0]");
}
SKIP:
{
	skip 'there is no zip', 1 unless IPC::Run::run([ 'zip', '-v' ], '>', '/dev/null', '2>', '/dev/null') && -d "$files/opened";
	system("cd $files/opened && zip -q -r -0 ../packed.zip .") == 0 or die;
	($code, $out) = run_program('verify', "$files/packed.zip");
	is($code, 2, 'packed anew it is refused');
}

# What was changed in the database before is in the export, and does not hold; what is too young is said
my ($row) = split /\n/, sql("SELECT event_id FROM ootspg.exchange_event WHERE exchange_id = $ids[0] AND event_type = 'match'");
sql("DO \$\$ DECLARE t regclass; BEGIN FOR t IN SELECT tgrelid FROM pg_trigger WHERE tgname = 'audit_guard' LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER audit_guard', t); END LOOP; END \$\$; UPDATE ootspg.exchange_event SET detail = 'other' WHERE event_id = $row");
($code, $out) = run_program('verify', export_file($ids[0], 'tampered.zip'));
is($code, 1, 'a row that was changed');
like($out, qr/^FAILED      row $row of exchange $ids[0]: it was changed, or added, after its head was made\n/m, '… is named');
answer($node, 'postgres', 4);
($code, $out) = run_program('verify', export_file(sql('SELECT max(exchange_id) FROM ootspg.exchange'), 'young.zip'));
is($code, 0, 'a young exchange is no fault');
like($out, qr/^not proven  row \d+ of exchange \d+ is too young to have a head\n(?s:.*)not all of it is proven by heads\.\n\z/m, '… and is said to be');

# What is refused
my $of_none = 'there is no such exchange';
refused($node, "SELECT ootspg.export_exchanges('{999999}', 'a test')", 'P0002', $of_none, 'an exchange that is not there');
refused($node, "SELECT ootspg.export_exchanges('{0}', 'a test')", 'P0002', $of_none, 'what is outside of exchanges');
refused($node, "SELECT ootspg.export_exchanges('{}', 'a test')", 'P0002', $of_none, 'none');
refused($node, "SELECT ootspg.export_exchanges('{$ids[0]}', ' ')", '22023', 'an export says what it is for', 'without a purpose');
sql(q{CREATE ROLE auditor; CREATE ROLE keeper; SELECT ootspg.grant_duty('auditor', 'audit', 'civil'), ootspg.grant_duty('keeper', 'maintain')});
is(sql("SET SESSION AUTHORIZATION auditor; SELECT length(ootspg.export_exchanges('{$ids[0]}', 'a test')) > 1000"), 't', 'an auditor of the provider exports');
is(sqlstate($node, 'postgres', "SET SESSION AUTHORIZATION keeper; SELECT ootspg.export_exchanges('{$ids[0]}', 'a test')"), '42501', 'a keeper does not');
sql('DELETE FROM ootspg.evidence_type WHERE false; UPDATE ootspg.seal_key SET key_uri = \'file:gone.key\'');
refused($node, "SELECT ootspg.export_exchanges('{$ids[0]}', 'a test')", 'OT004', 'the export cannot be sealed', 'without a key');

# The program itself
is((run_program())[0], 2, 'no argument: usage');
is((run_program('verify', '/nowhere/x'))[0], 2, 'no file');
is((run_program('verify', $files))[0], 2, 'a directory');
like((run_program('--version'))[1], qr/^ootspg-audit \d/, 'its version');
unlike(`ldd $program`, qr/libpq/, 'it needs no libpq');

$node->stop;
done_testing();
