# A configuration document brings seal keys by reference: they are loaded where they are to seal, and where they cannot be
# nothing is applied.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('configuration_document');
my $keys = $node->basedir . '/keys/seal/civil';
make_pair($keys, $_, 'p256') for qw(tried real);

$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(test production);
load_registry($node, 'test');
$node->safe_psql('test', q{SELECT FROM ootspg.set_seal_key('civil-key', 'civil', 'file:tried.key', 'file:tried.pem');
	UPDATE ootspg.evidence_type SET seal = 'prefer', seal_key = 'civil-key'});
my $document = $node->safe_psql('test', q{SELECT ootspg.export_configuration('civil')});
unlike($document, qr/PRIVATE|-----/, 'keys are named, and not there');

# There is the registry only, with keys of its own under the names of the document
load_registry($node, 'production');
$node->safe_psql('production', q{SELECT FROM ootspg.apply_configuration('{"format": 1, "provider": "civil", "tables": {"evidence_type": []}}', true);
	CREATE TABLE received (document jsonb)});
$node->safe_psql('production', "INSERT INTO received VALUES (\$document\$$document\$document\$)");
is($node->safe_psql('production', 'SELECT count(*) FROM ootspg.evidence_type'), '0', 'nothing is configured');
my $apply = 'SELECT count(*) FROM received, ootspg.apply_configuration(document)';

rename "$keys/tried.key", "$keys/hidden" or die $!;
my ($code, $stdout, $stderr) = $node->psql('production', $apply);
like($stderr, qr/seal key "civil-key"/, 'a key that is not there is told');
is($node->safe_psql('production', 'SELECT (SELECT count(*) FROM ootspg.evidence_type), (SELECT count(*) FROM ootspg.seal_key)'), '0|0', 'and nothing of the document stays');
rename "$keys/hidden", "$keys/tried.key" or die $!;
is($node->safe_psql('production', $apply), '9', 'with it the document is applied');
is($node->safe_psql('production', 'SELECT algorithm FROM ootspg.seal_key_status'), 'ecdsa-sha256', 'the key can be used');
is($node->safe_psql('production', $apply), '0', 'once more: nothing');
is($node->safe_psql('production', q{SELECT ootspg.export_configuration('civil') = document FROM received}), 't', 'both are configured alike');

# Another key under the same name
$node->safe_psql('test', q{SELECT FROM ootspg.set_seal_key('civil-key', 'civil', 'file:real.key', 'file:real.pem')});
$document = $node->safe_psql('test', q{SELECT ootspg.export_configuration('civil')});
$node->safe_psql('production', "UPDATE received SET document = \$document\$$document\$document\$");
is($node->safe_psql('production', 'SELECT table_name, column_name, here, document_says FROM received, ootspg.compare_configuration(document)'),
	qq{seal_key|certificate_uri|"file:tried.pem"|"file:real.pem"\nseal_key|key_uri|"file:tried.key"|"file:real.key"}, 'a key by another reference is a difference');
is($node->safe_psql('production', $apply), '2', 'and applied as one');

# A key that no document has stays, for who configures does not delete keys
$node->safe_psql('production', q{CREATE ROLE dba LOGIN; GRANT USAGE ON SCHEMA registry TO dba; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO dba;
	GRANT SELECT ON received TO dba; SELECT ootspg.grant_duty('dba', 'configure');
	SELECT FROM ootspg.set_seal_key('another', 'civil', 'file:tried.key', 'file:tried.pem')});
is($node->safe_psql('production', 'SELECT count(*) FROM received, ootspg.apply_configuration(document, true)', extra_params => [ '-U', 'dba' ]), '0', 'a key stays');
is($node->safe_psql('production', 'SELECT table_name, here IS NULL FROM received, ootspg.compare_configuration(document)', extra_params => [ '-U', 'dba' ]), 'seal_key|f', 'and is told');

$node->stop;
done_testing();
