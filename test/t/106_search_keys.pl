# The audit's search keys with a secret: whoever knows a person cannot make the key, nor
# look for exchanges of another provider by it; secrets are replaced without touching rows
# and searches find what any of them made; planner estimates tell nothing.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('search_keys', "shared_preload_libraries = 'ootspg'");
my $search = $node->basedir . '/keys/search';
my $person = q{ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01')};
my $number = 0;

sub sql { my ($sql, $role) = @_; return $node->safe_psql('postgres', $sql, $role ? (extra_params => [ '-U', $role ]) : ()); }

sub settings
{
	my ($value) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET ootspg.search_keys = '$value'");
	$node->safe_psql('postgres', 'SELECT pg_reload_conf()');
	return $node->poll_query_until('postgres', "SELECT current_setting('ootspg.search_keys') = '$value'");
}

sub secret
{
	my ($name, $content, $mode) = @_;
	return chmod $mode // 0600, write_file("$search/$name", $content);
}

load_registry($node, 'postgres');
# Another provider answers from the same views
sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT 'road', scheme, 'LV90000000002', name, country, 'road.example', environment FROM ootspg.provider;
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	SELECT 'road', 'road', 'b1c2d3e4-2222-4333-8444-000000000001', title, subject_source, procedures, level_of_assurance, preview FROM ootspg.evidence_type;
	INSERT INTO ootspg.evidence_type_line SELECT 'road', line, classification FROM ootspg.evidence_type_line;
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document) SELECT 'road', distribution, media_type, source, document FROM ootspg.distribution WHERE media_type = 'application/pdf';
	SELECT ootspg.activate('road');
	CREATE ROLE auditor LOGIN; CREATE ROLE road_auditor LOGIN; CREATE ROLE civil_auditor LOGIN; CREATE ROLE service LOGIN; CREATE ROLE watcher LOGIN;
	SELECT ootspg.grant_duty('auditor', 'audit'), ootspg.grant_duty('road_auditor', 'audit', 'road'), ootspg.grant_duty('civil_auditor', 'audit', 'civil'), ootspg.grant_duty('service', 'exchange'),
		   ootspg.grant_duty('watcher', 'monitor')});
# A request about the person, with identifier, to the service of a provider: the outcome
sub asked
{
	my ($service, $provider) = @_;
	$number++;
	return sql(qq{SELECT DISTINCT outcome FROM ootspg.answer(test_request('oots-edm:v1.2', '$service',
		'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888',
		test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3', 'High'), '00000000-0000-4000-8000-' || lpad('$number', 12, '0'),
		'<sdg:DistributedAs><sdg:Format>application/pdf</sdg:Format></sdg:DistributedAs>', provider_id => '$provider'))});
}
sub civil { return asked('b1c2d3e4-2222-4333-8444-555566667777', 'LV90000000001'); }
sub road { return asked('b1c2d3e4-2222-4333-8444-000000000001', 'LV90000000002'); }
my $found = "SELECT count(*) FROM ootspg.exchanges_of($person, 'a question')";
sub keys_of { return sql(q{SELECT string_agg(coalesce(search_key, '-') || ' ' || provider, ', ' ORDER BY exchange_id) FROM ootspg.exchange}); }

# Without a secret: as before, and said so
is(civil(), 'evidence', 'an answer');
is(sql("SELECT subject_key = ootspg.subject_key($person), search_key IS NULL FROM ootspg.exchange"), 't|t', 'without a secret the key is a plain digest');
is(sql('TABLE ootspg.search_key_status', 'watcher'), '|t|no secret: whoever knows a person can make its search key', 'and the status says what that means');
is(sql($found, 'auditor'), '1', 'exchanges_of() finds it');

# With one
secret('2026.key', "a secret of thirty-two letters, or\n");
settings('2026=file:2026.key');
is(civil(), 'evidence', 'civil answers with a secret');
is(road(), 'evidence', 'and road');
is(keys_of(), '- civil, 2026 civil, 2026 road', 'each row has the id of its secret');
is(sql($found, 'auditor'), '3', 'who audits all finds all, old and new');
is(sql($found, 'civil_auditor'), '2', 'who audits one provider finds its own');
is(sql($found, 'road_auditor'), '1', 'so does the other');
is(sql("SELECT count(DISTINCT subject_key) FROM ootspg.exchange"), '3', 'one person, three keys');
my $hidden = sql("SELECT encode(subject_key, 'hex') FROM ootspg.exchange WHERE provider = 'civil' AND search_key = '2026'");
is(sql("SELECT count(*) FROM ootspg.exchanges_of($person, 'a question') WHERE subject_key = decode('$hidden', 'hex')", 'road_auditor'), '0', 'nobody finds another provider\'s exchanges');
is(sql("SELECT count(*) FROM ootspg.exchanges_of($person, 'a question') WHERE subject_key = decode('$hidden', 'hex')", 'civil_auditor'), '1', 'but the own');
is(sql("SELECT count(*) FROM ootspg.exchanges_of('de/lv/a1b2c3', 'a question')", 'auditor'), '3', 'identifiers are found alike');
is(sqlstate($node, 'postgres', "SELECT ootspg.subject_key($person)"), '55000', 'one plain key would find not all, and is refused');
is(sqlstate($node, 'postgres', q{SELECT ootspg.identifier_key('x')}), '55000', 'for an identifier too');
is(sqlstate($node, 'postgres', "SELECT ootspg.subject_keys($person)", extra_params => [ '-U', $_ ]), '42501', "$_ makes no search keys") for qw(service watcher auditor);
isnt(sql('SHOW ootspg.search_keys'), '', 'the setting is set');
is(sqlstate($node, 'postgres', 'SHOW ootspg.search_keys', extra_params => [ '-U', 'auditor' ]), '42501', 'and shown to superusers only');
# What HMAC-SHA-256 makes of it, by another program
my $text = '5:civil;natural person;9:ozoliņš;6:jānis;10:1990-01-01;';
utf8::is_utf8($text) and utf8::encode($text);
write_file("$search/text", $text);
my ($mac) = run_openssl('mac', '-digest', 'SHA256', '-macopt', 'hexkey:' . unpack('H*', 'a secret of thirty-two letters, or'), '-in', "$search/text", 'HMAC') =~ /^([0-9A-F]{64})$/m;
is(lc($mac // ''), $hidden, 'it is the HMAC-SHA-256 of provider and person');

# Replaced: new rows have the new one, nothing is rewritten, both are asked
secret('2027.key', 'another secret that is long enough for it');
settings('2027=file:2027.key, 2026=file:2026.key');
is(civil(), 'evidence', 'an answer after the secret was replaced');
is(keys_of(), '- civil, 2026 civil, 2026 road, 2027 civil', 'old rows keep theirs');
is(sql($found, 'auditor'), '4', 'searches ask with every secret in use');
is(sql('SELECT * FROM ootspg.search_key_status ORDER BY 1', 'watcher'), "2026|f|usable\n2027|t|usable", 'the status has both');

# One that is missing is not passed over in silence
settings('2027=file:2027.key');
is(sqlstate($node, 'postgres', $found), 'OT004', 'a search that would miss rows is refused');
is(sql('SELECT * FROM ootspg.search_key_status ORDER BY 1', 'watcher'), "2026|f|in use, but not configured\n2027|t|usable", 'and the status says which secret is missing');
settings('2027=file:2027.key, 2026=file:2026.key');

# What a secret must be
for my $case (
	[ 'file:absent.key', 'it does not exist' ], [ 'file:short.key', 'it has less than 32 bytes' ], [ 'file:open.key', 'its group or others have access to it' ],
	[ 'file:../seal/civil/seal.key', 'it lies outside of its place in ootspg.key_directory' ])
{
	my ($uri, $reason) = @$case;
	secret('short.key', 'short');
	secret('open.key', 'x' x 40, 0644);
	settings("bad=$uri, 2027=file:2027.key, 2026=file:2026.key");
	is(sql(q{SELECT state FROM ootspg.search_key_status WHERE key_id = 'bad'}, 'watcher'), $reason, "$uri: $reason");
	is(sqlstate($node, 'postgres', 'SELECT * FROM ootspg.answer(birth_request(1000))'), 'OT004', "$uri: nothing is recorded without its secret");
}
is(sqlstate($node, 'postgres', "ALTER SYSTEM SET ootspg.search_keys = '$_'"), '22023', "no list of secrets: $_") for 'x', 'x=/etc/passwd', 'x=file:', '=file:a', 'a b=file:c', 'a=file:b c=file:d';
settings('2027=file:2027.key, 2026=file:2026.key');

# Gone with its last exchange
sql(q{UPDATE ootspg.exchange SET received_at = received_at - interval '2 years' WHERE search_key = '2026';
	ALTER TABLE ootspg.exchange_event DISABLE TRIGGER audit_guard; ALTER TABLE ootspg.evidence_event DISABLE TRIGGER audit_guard;
	SELECT ootspg_internal.ensure_partitions(now() - interval '2 years')});
sql(q{DO $$ DECLARE p text; t text; BEGIN
	FOR p IN SELECT c.oid::regclass::text FROM pg_class c WHERE c.relname ~ '_event_y' AND c.relkind = 'r' LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER audit_guard', p); END LOOP;
	FOREACH t IN ARRAY ARRAY['exchange_event', 'evidence_event'] LOOP
		EXECUTE format('UPDATE ootspg.%I e SET event_time = event_time - interval ''2 years'' FROM ootspg.exchange x WHERE x.exchange_id = e.exchange_id AND x.search_key = ''2026''', t); END LOOP;
	FOR p IN SELECT c.oid::regclass::text FROM pg_class c WHERE c.relname ~ '_event_y' AND c.relkind = 'r' LOOP EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_guard', p); END LOOP;
	END $$});
is(sql('SELECT exchanges FROM ootspg.purge()'), '2', 'exchanges beyond retention go');
settings('2027=file:2027.key');
is(sql($found, 'auditor'), '2', 'and their secret need not be kept any longer');

# Estimates and counts of a plan tell nothing about others' exchanges (D-LOG-15)
sql(q{INSERT INTO ootspg.exchange (received_at, state, outcome, provider, subject_key, search_key, requester_identifier, request_id, conversation_id)
	SELECT now(), 'answered', 'evidence', 'civil', x.subject_key, '2027', 'DE-OFTEN', 'same', 'same' FROM (SELECT subject_key FROM ootspg.exchange WHERE search_key = '2027' LIMIT 1) x, generate_series(1, 3000);
	ANALYZE ootspg.exchange});
sub estimate { my ($condition, $options) = @_; return sql("EXPLAIN ($options) SELECT * FROM ootspg.exchange WHERE $condition", 'road_auditor'); }
my ($known, $unknown) = map { estimate("subject_key = $_", 'COSTS ON') =~ s/\Q$_\E|'[^']*'//gr } map { "'\\x" . sql("SELECT encode(k, 'hex') FROM unnest(ootspg.subject_keys(ootspg.natural_person('$_', 'Jānis', '1990-01-01'))) k ORDER BY k LIMIT 1") . "'" } 'Ozoliņš', 'Nekad';
is($known, $unknown, 'a plan estimates the same for a person asked about often and for one never');
for my $column (qw(requester_identifier request_id conversation_id))
{
	my ($often, $never) = map { estimate("$column = '$_'", 'COSTS ON') =~ s/\Q'$_'\E//gr } $column eq 'requester_identifier' ? ('DE-OFTEN', 'DE-NEVER') : ('same', 'none');
	is($often, $never, "so it does for $column");
}
is(sql(q{SELECT count(*) FROM pg_statistic s JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum WHERE a.attrelid = 'ootspg.exchange'::regclass AND a.attname ~ '^(subject|representative)_.*key$|^request_id$'}), '0', 'nothing is gathered');
unlike(sql("EXPLAIN (ANALYZE, TIMING OFF) SELECT * FROM ootspg.exchanges_of($person, 'a question')", 'road_auditor'), qr/Rows Removed by Filter: [0-9]{2}/, 'and running it counts none of another provider\'s');

$node->stop;
done_testing();
