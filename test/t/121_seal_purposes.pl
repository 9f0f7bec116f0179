# What may seal, and what may be sealed: certificates by their purpose, the same answer for
# making and for verifying; documents that have a signature already; and operators see
# in time that a key ends.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('purposes');
my $keys = $node->basedir . '/keys/seal/civil';
my $files = PostgreSQL::Test::Utils::tempdir;
my $evidence = '<ev:Evidence xmlns:ev="urn:ev"><ev:Name>Anna</ev:Name></ev:Evidence>';

load_registry($node, 'postgres');

# Certificates: extendedKeyUsage, and why not

my $tls = 'the certificate is for TLS only';
my $other = 'the certificate is for other purposes than signing documents';
my $signing = 'keyUsage=critical,digitalSignature';
my @purposes = (
	[ 'none', undef, '' ],
	[ 'server', 'serverAuth', $tls ],
	[ 'server critical', 'critical,serverAuth', $tls ],
	[ 'client', 'clientAuth', $tls ],
	[ 'server and client', 'serverAuth,clientAuth', $tls ],
	[ 'server and unknown', 'serverAuth,1.3.6.1.4.1.99999.1', $other ],
	[ 'code', 'codeSigning', $other ],
	[ 'time stamps', 'critical,timeStamping', $other ],
	[ 'OCSP', 'OCSPSigning', $other ],
	[ 'OCSP and client', 'OCSPSigning,clientAuth', $other ],
	[ 'unknown critical', 'critical,1.3.6.1.4.1.99999.1', $other ],
	[ 'unknown', '1.3.6.1.4.1.99999.1', '' ],
	[ 'documents', 'critical,1.3.6.1.5.5.7.3.36', '' ],
	[ 'documents of one firm', '1.3.6.1.4.1.311.10.3.12', '' ],
	[ 'documents of another', 'critical,1.2.840.113583.1.1.5', '' ],
	[ 'e-mail', 'emailProtection', '' ],
	[ 'e-mail and server', 'serverAuth,emailProtection', '' ],
	[ 'any', 'critical,anyExtendedKeyUsage', '' ]);

$node->safe_psql('postgres', q{
	CREATE FUNCTION refused(k text) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		PERFORM ootspg_internal.seal_with('<a/>', k, 'file:seal/civil/' || k || '.key', 'file:seal/civil/' || k || '.pem');
		RETURN '';
	EXCEPTION WHEN SQLSTATE 'OT004' THEN
		RETURN SQLERRM;
	END $$});
for my $n (0 .. $#purposes)
{
	make_pair($keys, "purpose$n", 'p256', $signing, 'basicConstraints=CA:FALSE', $purposes[$n][1] ? "extendedKeyUsage=$purposes[$n][1]" : ());
}
my $now = $node->safe_psql('postgres', q{SELECT to_char(now() AT TIME ZONE 'UTC' + '1 min', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')});
my @refusals = split /\n/, $node->safe_psql('postgres', "SELECT '>' || refused('purpose' || n) FROM generate_series(0, $#purposes) n ORDER BY n");
for my $n (0 .. $#purposes)
{
	my ($name, undef, $reason) = @{ $purposes[$n] };
	is($refusals[$n], $reason ? ">certificate of seal key \"purpose$n\" cannot be used: $reason" : '>', "purpose: $name");
	ask_verdict("seal by a certificate with purpose: $name", make_signed(evidence => $evidence, keys => $keys, files => $files, time => $now, name => "purpose$n"),
		'valid, step, reason', $reason ? "f|8 certificate|$reason" : 't||');
}
judge($node);
refused($node, q{SELECT ootspg.set_seal_key('tls', 'civil', 'file:purpose1.key', 'file:purpose1.pem')}, 'OT004', qr/certificate of seal key "tls" cannot be used: \Q$tls\E/,
	'set_seal_key() refuses it as well');

# Documents that have a signature

make_dated_pair($keys, 'long', time - 86400, time + 90 * 86400);
$node->safe_psql('postgres', q{SELECT ootspg.set_seal_key('long', 'civil', 'file:long.key', 'file:long.pem')});
my $already = qr/the document cannot be sealed: its root has a signature already/;
refused($node, q{SELECT ootspg.seal(ootspg.seal('<a/>'::bytea, 'long'), 'long')}, 'OT005', $already, 'sealed already');
refused($node, qq{SELECT ootspg.seal('<a><b/><s:Signature xmlns:s="$ds"/></a>'::xml, 'long')}, 'OT005', $already, 'whatever its prefix');
refused($node, qq{SELECT ootspg.seal('<s:Signature xmlns:s="$ds"/>'::xml, 'long')}, 'OT005', $already, 'and what is one is the seal of something else');
is($node->safe_psql('postgres', qq{SELECT string_agg(valid::text, ' ') FROM unnest(ARRAY['<a><b><ds:Signature xmlns:ds="$ds"/></b></a>', '<a><Signature/>$ds</a>'])
		d, ootspg.verify_seal(ootspg.seal(d::xml, 'long'))}), 'true true', 'a signature deeper, a name, a mention: sealed');

$node->safe_psql('postgres', qq{
	CREATE VIEW registry.signed AS SELECT person_id, issuing_date, language, pdf, xmlparse(document '<b:BirthEvidence xmlns:b="urn:example:birth:1.0">'
		|| CASE WHEN person_id = '010190-10001' THEN '<ds:Signature xmlns:ds="$ds">theirs</ds:Signature>' ELSE '' END || '</b:BirthEvidence>') AS document FROM registry.birth_evidence;
	UPDATE ootspg.distribution SET source = 'registry.signed', sample_source = NULL;
	UPDATE ootspg.evidence_type SET seal = 'prefer', seal_key = 'long'});
is($node->safe_psql('postgres', q{SELECT person_id, sealed, convert_from(content, 'UTF8') ~ 'theirs' FROM ootspg.evidence('birth', '{010190-10001,020291-10002}'::text[], distribution => 'xml')
	WHERE media_type = 'application/xml' ORDER BY 1}), "010190-10001|f|t\n020291-10002|t|f", 'evidence that prefers a seal leaves without a second one');
like(slurp_file($node->logfile), qr/evidence of type "birth" leaves without a seal of ours: it has a signature already/, 'and the log says so');

# What cannot be sealed is not required to be

my $birth = q{SELECT ootspg.deactivate('birth'); UPDATE ootspg.evidence_type SET seal = 'require'; UPDATE ootspg.distribution SET seal_form = 'none' WHERE distribution = 'pdf';};
refused($node, "$birth SELECT ootspg.activate('birth')", 'OT003', qr/distribution "pdf" would leave without the seal that evidence type "birth" requires: its seal_form is none/,
	'a required seal and PDF');
$node->safe_psql('postgres', q{UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'pdf'; SELECT ootspg.activate('birth')});
is($node->safe_psql('postgres', q{SELECT sealed FROM ootspg.evidence('birth', '{020291-10002}'::text[])}), 't', 'XML alone may be required to be sealed');
refused($node, q{SELECT * FROM ootspg.evidence('birth', '{010190-10001}'::text[])}, 'OT005', $already, 'but not twice');
refused($node, q{CREATE VIEW registry.bytes AS SELECT person_id, issuing_date, convert_to('<a/>', 'UTF8') AS document FROM registry.birth_evidence;
	UPDATE ootspg.distribution SET source = 'registry.bytes'}, 'OT003', qr/distribution "xml" would leave without the seal .*: a document in bytea leaves as it is/, 'nor are bytes sealed');
refused($node, q{CREATE FUNCTION registry.bytes_of(text[]) RETURNS SETOF registry.bytes LANGUAGE sql AS 'SELECT * FROM registry.bytes WHERE person_id = ANY ($1)';
	UPDATE ootspg.distribution SET source = NULL, source_function = 'registry.bytes_of'}, 'OT003', qr/distribution "xml" would leave without the seal .*: a document in bytea leaves as it is/,
	'nor when a function hands them out');

# Keys in the status: those that need somebody

sub trouble
{
	my ($role) = @_;
	return $node->safe_psql('postgres', ($role ? "SET SESSION AUTHORIZATION $role; " : '') . q{SELECT seal_key, state, reason FROM ootspg.status WHERE seal_key IS NOT NULL ORDER BY 1});
}

is(trouble(), '', 'no row for a key that is well');
make_dated_pair($keys, 'short', time - 86400, time + 86400);
make_pair($keys, 'lost', 'p256');
$node->safe_psql('postgres', q{SELECT ootspg.set_seal_key(k, 'civil', 'file:' || k || '.key', 'file:' || k || '.pem') FROM unnest('{short,lost}'::text[]) k});
unlink "$keys/lost.key" or die $!;
my $expected = qr/^lost\|unusable\|key of seal key "lost" cannot be used: it does not exist\nshort\|expires soon\|the certificate ends at 2\d\d\d-[^|]*$/;
like(trouble(), $expected, 'one for a key that ends soon, one for a key that is not there');
$node->safe_psql('postgres', q{CREATE ROLE watcher; SELECT ootspg.grant_duty('watcher', 'monitor'); CREATE ROLE operator; SELECT ootspg.grant_duty('operator', 'operate')});
like(trouble($_), $expected, "for the role $_ as well") for 'watcher', 'operator';

$node->stop;
done_testing();
