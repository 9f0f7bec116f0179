# How the exchange worker meets directories on the network: TLS as chapter 3.7 asks of the
# common services, and limits on time, headers and bytes. Each failure is told by its kind,
# none is taken for "not registered", and the worker goes on.
use strict;
use warnings FATAL => 'all';

use DirectoryService;
use ExchangeTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($node, $ap) = exchange_node('network');
my $keys = $node->basedir . '/keys/credentials';

sub sql { return $node->safe_psql('postgres', @_); }
# A directory with all that we serve, configured as the one to be read
sub directory
{
	my ($tls, %source) = @_;
	my $ds = DirectoryService->start(tls => $tls);
	my %files = ('roots.pem' => $ds->root_pem, $tls ? ('tls.pem' => $ds->tls_root_pem) : ());

	for my $name (keys %files)
	{
		open my $out, '>', "$keys/$name" or die $!;
		print $out $files{$name};
		close $out or die $!;
	}
	$ds->publish('dsd', 'LV', sql(q{SELECT ootspg.submission('dsd', 'test')}));
	sql('DELETE FROM ootspg.directory_source');
	my %columns = (environment => 'test', country => 'LV', roots_uri => 'file:roots.pem', base_url => $ds->url('dsd'), call_timeout => '20 s', $tls ? (ca_uri => 'file:tls.pem') : (), %source);
	sql(sprintf 'INSERT INTO ootspg.directory_source (%s) VALUES (%s)', join(', ', sort keys %columns), join(', ', map { "'$columns{$_}'" } sort keys %columns));
	return $ds;
}
sub told
{
	my ($expected, $name) = @_;
	wait_sql($node, q{SELECT bool_and(failure IS NOT NULL OR state = 'published') FROM ootspg.registration WHERE evidence_type = 'birth'}, "$name: the outcome is told")
	  or diag sql('SELECT * FROM ootspg_internal.directory_reading');
	like(sql(q{SELECT string_agg(DISTINCT state || '|' || coalesce(failure, ''), '; ') FROM ootspg.registration WHERE evidence_type = 'birth'}), $expected, $name);
	return;
}

sql(slurp_file('test/fixtures/directory.sql'));
sql(q{INSERT INTO ootspg.directory_target (environment, service, line, country) VALUES ('test', 'dsd', 'oots-edm:v2.0', 'LV')});

# TLS
my $modern = 'NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2';
my $ds = directory($modern);
told(qr/^published\|$/, 'TLS 1.2 and 1.3, own certificate authority');
$ds = directory('NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-256-GCM:-KX-ALL:+ECDHE-ECDSA');
told(qr/^published\|$/, 'TLS 1.2 with AES-GCM; a new authority in the file that was there is trusted at once');
$ds = directory($modern, ca_uri => 'file:roots.pem');
told(qr/^unknown\|the directory could not be reached: no TLS connection: /, 'a server of another certificate authority');
for my $weak (
	[ 'AES-CBC', 'NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC:-KX-ALL:+ECDHE-ECDSA' ],
	[ 'TLS 1.1', 'LEGACY:%COMPAT:-VERS-ALL:+VERS-TLS1.1' ])
{
	my ($name, $priorities) = @$weak;

	$ds = directory($priorities);
	told(qr/^unknown\|the directory could not be reached: no TLS connection: /, "nothing but $name");
}

# Time and bytes. (Versions of libcurl differ in what they call a header that is too long.)
$ds = directory(undef, call_timeout => '1 s');
told(qr/^published\|$/, 'without TLS, on this very host');
my $known = sql(q{SELECT count(*) FROM ootspg.registration_finding});
for my $trouble (
	[ 'hang', qr/^published\|the directory could not be reached: no answer in time/ ],
	[ 'slow=20', qr/^published\|the directory could not be reached: no answer in time/ ],
	[ 'big-header=500000', qr/^published\|the directory could not be reached: (the answer is too large|the connection was lost)/ ],
	[ 'cut-midway', qr/^published\|the directory could not be reached: the connection was lost/ ],
	[ 'html', qr/^published\|the signature of the answer is not accepted: 1 digest/ ])
{
	my ($rule, $expected) = @$trouble;

	$ds->control("rule times=always $rule");
	sql(q{SELECT ootspg.read_directories()});
	wait_sql($node, q{SELECT bool_and(asked IS NULL AND failure IS NOT NULL) FROM ootspg_internal.directory_reading WHERE evidence_type = 'birth'}, "$rule: nothing is under way any more")
	  or diag sql('SELECT * FROM ootspg_internal.directory_reading');
	told($expected, $rule);
	$ds->control('rules-clear');
	sql(q{SELECT ootspg.read_directories()});
	wait_sql($node, q{SELECT bool_and(failure IS NULL) FROM ootspg.registration}, '… and afterwards it is read again');
}
$ds->publish_answer('dsd', '<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0">' . ' ' x 4_200_000 . '</query:QueryResponse>');
sql(q{SELECT ootspg.read_directories()});
wait_sql($node, q{SELECT bool_and(failure LIKE 'the directory could not be reached: the answer is too large%') FROM ootspg.registration}, 'an answer beyond 4 MB is not taken')
  or diag sql('SELECT DISTINCT failure FROM ootspg.registration');
$ds->stop;
sql(q{SELECT ootspg.read_directories()});
wait_sql($node, q{SELECT bool_and(failure LIKE 'the directory could not be reached: no connection%') FROM ootspg.registration}, 'nobody there')
  or diag sql('SELECT DISTINCT failure FROM ootspg.registration');
is(sql(q{SELECT count(*) FROM ootspg.registration_finding WHERE result = 'pass'}), $known, 'what was known stays known');

my $request = ask($node, $ap, 1);
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'and requests are answered');

$node->stop;
$ap->stop;
done_testing();
