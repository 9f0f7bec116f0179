# Trusted lists of states as files: signed by whom, of which number and time, which of their services anchor seals and time stamps,
# and what becomes of a list that is over.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use MIME::Base64;
use OotspgTest;
use POSIX qw(strftime);
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;
use TimeStampAuthority;

my $node = start_node('trustlists');
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my @authority = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub bytea { return "decode('" . encode_base64($_[0], '') . "', 'base64')"; }

sub der { return encode_base64(run_openssl('x509', '-in', "$files/$_[0].pem", '-outform', 'DER')); }

sub moment { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + ($_[0] // 0))); }

sql(q{CREATE EXTENSION ootspg;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	VALUES ('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Civil Register"}', 'LV', 'civil.example.lv', 'test');
	CREATE ROLE one LOGIN; CREATE ROLE whole LOGIN; SELECT ootspg.grant_duty('one', 'configure', 'civil'), ootspg.grant_duty('whole', 'configure')});
make_pair($files, $_, 'p256', @authority) for 'issuer', 'other', 'withdrawn', 'stampers';
make_pair($files, 'operator', 'p256');
make_pair($files, 'stranger', 'p256');
make_issued($files, $_, 'p256', $_ =~ s/signer of //r) for 'signer of issuer', 'signer of other', 'signer of withdrawn';
TimeStampAuthority::make($files, 'tsa', 'stampers');

sub service
{
	my ($name, %o) = (@_);
	my $type = $o{type} // 'CA/QC';
	my $status = $o{status} // 'granted';
	my $extension = $o{seals} ? '<ServiceInformationExtensions><Extension Critical="true"><AdditionalServiceInformation><URI xml:lang="en">http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSeals</URI></AdditionalServiceInformation></Extension></ServiceInformationExtensions>' : '';
	my $certificate = $o{certificate} // der($name);
	return "<TSPService><ServiceInformation><ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/$type</ServiceTypeIdentifier>"
	  . "<ServiceName><Name xml:lang=\"lv\">vārds</Name><Name xml:lang=\"en\">$name</Name></ServiceName><ServiceDigitalIdentity><DigitalId><X509Certificate>$certificate</X509Certificate></DigitalId>"
	  . "<DigitalId><X509SubjectName>CN=$name</X509SubjectName></DigitalId></ServiceDigitalIdentity><ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/$status</ServiceStatus>"
	  . "<StatusStartingTime>2016-07-01T00:00:00Z</StatusStartingTime>$extension</ServiceInformation></TSPService>";
}

my @services = (service('issuer', seals => 1), service('other'), service('withdrawn', status => 'withdrawn', seals => 1), service('stampers', type => 'TSA/QTST'), service('broken', certificate => 'AAAA'), service('issuer', type => 'OCSP/QC'));

# list(number => …, next => …, type => …, services => […], by => name of the signer)
sub list
{
	my %o = (number => 7, next => '<dateTime>' . moment(86400 * 100) . '</dateTime>', type => 'EUgeneric', territory => 'LV', services => \@services, by => 'operator', @_);
	my $xml = '<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" TSLTag="http://uri.etsi.org/19612/TSLTag"><SchemeInformation><TSLVersionIdentifier>6</TSLVersionIdentifier>'
	  . "<TSLSequenceNumber>$o{number}</TSLSequenceNumber><TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/$o{type}</TSLType><SchemeTerritory>$o{territory}</SchemeTerritory>"
	  . '<ListIssueDateTime>2026-01-01T00:00:00Z</ListIssueDateTime><NextUpdate>' . $o{next} . '</NextUpdate></SchemeInformation><TrustServiceProviderList>'
	  . '<TrustServiceProvider><TSPServices>' . join('', @{ $o{services} }) . '</TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>';
	return make_signed(evidence => $xml, keys => $files, files => $files, name => $o{by}, time => moment());
}

my $signers = bytea(slurp_file("$files/operator.pem"));
sub load { return 'SELECT ootspg.load_trust_list(' . bytea($_[0]) . ", $signers)"; }

my $list = list();
refused($node, load($list =~ s/ForeSeals/ForeSealz/r), 'OT005', 'the trusted list is not taken: the signature or a digest does not fit', 'changed');
refused($node, load(list(by => 'stranger')), 'OT005', 'the trusted list is not taken: it is signed by none of the signers', 'signed by somebody else');
refused($node, load('<TrustServiceStatusList/>'), 'OT005', 'the trusted list is not taken: the root has no signature', 'unsigned');
refused($node, load(list(type => 'EUlistofthelists')), 'OT001', 'the document is no trusted list of a state: it is of another type', 'the list of lists');
refused($node, load(list(next => '')), 'OT001', 'the document is no trusted list of a state: it is closed', 'closed');
refused($node, load(list(next => '<dateTime>2026-02-01T00:00:00Z</dateTime>')), 'OT005', 'the trusted list is not taken: it held until 2026-02-01', 'over');
refused($node, load(list(number => '-1')), 'OT001', 'the document is no trusted list of a state: it has no number', 'no number');
refused($node, load(list(territory => "L'")), 'OT001', 'the document is no trusted list of a state: it names no territory', 'no territory');
refused($node, "SET SESSION AUTHORIZATION one; " . load($list), '42501', 'role "one" may not configure every provider', 'who configures one provider');
is(sql('SELECT count(*) FROM ootspg.trust_list'), 0, 'none of them is here');
is(sql("SET SESSION AUTHORIZATION whole; " . load($list)), 'LV', 'loaded');
is(sql('SELECT name, purpose, for_seals FROM ootspg.trust_service ORDER BY name'), "issuer|certificates|t\nother|certificates|f\nstampers|time stamps|f", 'services that are granted, and nothing else');
is(sql(load(list(number => 8))), 'LV', 'the next number takes its place');
refused($node, load($list), 'OT005', 'the trusted list is not taken: number 7 of LV is older than what is here \(8\)', 'not the one before');
is(sql("SELECT sequence_number, loaded_by, sha256 IS NOT NULL FROM ootspg.trust_list"), '8|postgres|t', 'one list of each state');

# Who may sign a state's list, the list of lists says
sub list_of_lists
{
	my %o = (type => 'EUlistofthelists', next => moment(86400 * 100), by => 'stranger', @_);
	my $pointer = sub { my ($territory, @names) = @_;
		return '<OtherTSLPointer><ServiceDigitalIdentities>' . join('', map { '<ServiceDigitalIdentity><DigitalId><X509Certificate>' . der($_) . '</X509Certificate></DigitalId></ServiceDigitalIdentity>' } @names)
		  . "</ServiceDigitalIdentities><TSLLocation>https://tl.example/$territory.xml</TSLLocation><AdditionalInformation><OtherInformation><TSLType>x</TSLType></OtherInformation><OtherInformation><SchemeTerritory>$territory</SchemeTerritory></OtherInformation></AdditionalInformation></OtherTSLPointer>"; };
	return make_signed(evidence => "<TrustServiceStatusList xmlns=\"http://uri.etsi.org/02231/v2#\"><SchemeInformation><TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/$o{type}</TSLType><PointersToOtherTSL>"
		  . $pointer->('LV', 'operator', 'other') . $pointer->('EE', 'issuer') . "</PointersToOtherTSL><NextUpdate><dateTime>$o{next}</dateTime></NextUpdate></SchemeInformation></TrustServiceStatusList>",
		keys => $files, files => $files, name => $o{by}, time => moment());
}

my $journal = bytea(slurp_file("$files/stranger.pem"));
sub signers_of { return 'ootspg.trust_list_signers(' . bytea($_[0]) . ", $journal, '" . ($_[1] // 'LV') . "')"; }
my $lists = list_of_lists();
is(sql('SELECT ootspg.load_trust_list(' . bytea(list(number => 9)) . ', ' . signers_of($lists) . ')'), 'LV', 'signed by whom the list of lists names');
refused($node, 'SELECT ootspg.load_trust_list(' . bytea(list(number => 10)) . ', ' . signers_of($lists, 'EE') . ')', 'OT005', 'the trusted list is not taken: it is signed by none of the signers', 'not by whom it names for another state');
refused($node, 'SELECT ' . signers_of($lists, 'FR'), 'OT005', 'the list of lists names no list of "FR"', 'a state that it does not name');
refused($node, 'SELECT ' . signers_of(list_of_lists(by => 'operator')), 'OT005', 'the trusted list is not taken: it is signed by none of the signers', 'the list of lists of somebody else');
refused($node, 'SELECT ' . signers_of(list_of_lists(next => '2026-02-01T00:00:00Z')), 'OT005', 'the list of lists held until 2026-02-01', 'that is over');
refused($node, 'SELECT ' . signers_of(list(by => 'stranger')), 'OT001', 'the document is no trusted list of a state: it is not the list of lists, either', 'that is the list of a state');

# What it anchors
for my $issuer ('issuer', 'other', 'withdrawn')
{
	write_file("$keys/$issuer.key", slurp_file("$files/signer of $issuer.key"));
	chmod 0600, "$keys/$issuer.key";
	write_file("$keys/$issuer.pem", slurp_file("$files/signer of $issuer.pem"));
	my $sealed = pack 'H*', sql("SELECT encode(ootspg_internal.seal_with('<a/>', " . uris($issuer) . "), 'hex')");
	my $answer = TimeStampAuthority::answer($files, 'tsa', pack 'H*', sql('SELECT encode(ootspg.stamp_request(' . bytea($sealed) . "), 'hex')"));
	my $stamped = pack 'H*', sql('SELECT encode(ootspg.add_stamp(' . bytea($sealed) . ', ' . bytea($answer) . ', ' . bytea(slurp_file("$files/stampers.pem")) . "), 'hex')");
	is(join(' ', map { sql("SELECT v.indication || coalesce(v.stamp, '') FROM ootspg.verify_seal(" . bytea($stamped) . ", ootspg.trusted_certificates(for_seals => $_)) v") } 'false', 'true'),
		{ issuer => 'TOTAL-PASSEDvalid TOTAL-PASSEDvalid', other => 'TOTAL-PASSEDvalid INDETERMINATEvalid', withdrawn => 'INDETERMINATEvalid INDETERMINATEvalid' }->{$issuer}, "a seal by $issuer");
}
is(sql("SELECT ootspg.trusted_certificates('EE') IS NULL"), 't', 'no list of that state');

# Its end
sub state { return sql("SELECT state || coalesce(': ' || reason, '') FROM ootspg.status WHERE state LIKE 'trusted list%'") =~ s/ until .*//r; }
is(state(), '', 'as long as it holds nobody need know');
sql("UPDATE ootspg.trust_list SET next_update = now() + interval '3 days'");
is(state(), 'trusted list ends soon: the trusted list of LV, number 9, holds', 'a few days before its end');
isnt(sql('SELECT ootspg.trusted_certificates() IS NULL'), 't', '… it still anchors');
sql("UPDATE ootspg.trust_list SET next_update = now() - interval '1 s'");
is(state(), 'trusted list over: the trusted list of LV, number 9, holds', 'after its end');
is(sql('SELECT ootspg.trusted_certificates() IS NULL'), 't', '… it anchors nothing');
is(sql("SET SESSION AUTHORIZATION one; DELETE FROM ootspg.trust_list; RESET SESSION AUTHORIZATION; SELECT count(*) FROM ootspg.trust_list"), 1, 'who configures one provider takes it from nobody');
is(sql("SET SESSION AUTHORIZATION whole; DELETE FROM ootspg.trust_list; RESET SESSION AUTHORIZATION; SELECT count(*) FROM ootspg.trust_service"), 0, 'who configures all does');

# As many services as the largest states have
is(sql(load(list(territory => 'ES', services => [ (@services) x 60 ])) . "; SELECT count(*), octet_length(ootspg.trusted_certificates()) < 10000 FROM ootspg.trust_service"), "ES\n180|t", 'a large list; what is there twice is told once');

done_testing();
