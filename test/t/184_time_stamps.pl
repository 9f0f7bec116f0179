# Time stamps (RFC 3161) upon seals of each form: judged by verify_seal(), openssl, xmlsec1 and pdfsig; stamps that prove nothing;
# answers that wait for stamps, authorities that give none, and what leaves then.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use ExchangeTest;
use IPC::Run;
use MIME::Base64;
use OotspgTest;
use PdfTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;
use TimeStampAuthority;

my ($node, $ap) = exchange_node('stamps', undef, "ootspg.stamp_timeout = '10 min'");
my $keys = $node->basedir . '/keys';
my $files = PostgreSQL::Test::Utils::tempdir;
my @authority = ('basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign');

sub sql { return $node->safe_psql('postgres', $_[0]); }

sub bytes_of { return pack 'H*', sql("SELECT encode($_[0], 'hex')"); }

sub bytea { return "decode('" . encode_base64($_[0], '') . "', 'base64')"; }

make_pair($files, $_, 'p256', @authority) for 'root', 'tsaroot', 'otherroot';
make_issued($files, 'civil', 'p256', 'root');
TimeStampAuthority::make($files, 'first', 'tsaroot');
TimeStampAuthority::make($files, 'second', 'tsaroot');
TimeStampAuthority::make($files, 'stranger', 'otherroot');
make_issued($files, 'leaf', 'p256', 'tsaroot');
append_to_file("$files/trusted.pem", slurp_file("$files/$_.pem")) for 'root', 'tsaroot';
for ([ 'civil.key', 'seal/civil/civil.key' ], [ 'civil.pem', 'seal/civil/civil.pem' ], [ 'tsaroot.pem', 'credentials/tsa.pem' ])
{
	write_file("$keys/$_->[1]", slurp_file("$files/$_->[0]"));
	chmod 0600, "$keys/$_->[1]";
}
sql(q{SELECT ootspg.set_seal_key('civil', 'civil', 'file:civil.key', 'file:civil.pem')});
my $trusted = bytea(slurp_file("$files/trusted.pem"));
my $tsa_trusted = bytea(slurp_file("$files/tsaroot.pem"));

# Each form: the seal, what is asked, the stamp, and what it is worth

my %documents = (
	xades => '<a xmlns="urn:x"><b>1</b></a>',
	'pades-t' => pdf_classic(pdf_objects()),
	flattened => '{"a": 1}');
my (%sealed, %stamped, %answers);

sub verdict { return sql("SELECT valid, indication, sub_indication, level, stamp, stamped_at BETWEEN signing_time - interval '1 s' AND now() + interval '1 s' FROM ootspg.verify_seal(" . bytea($_[0]) . ', ' . ($_[1] // $trusted) . ')'); }

sub add { return 'SELECT ootspg.add_stamp(' . bytea($_[0]) . ', ' . bytea($_[1]) . ', ' . ($_[2] // $tsa_trusted) . ')'; }

for my $form (sort keys %documents)
{
	$sealed{$form} = bytes_of("ootspg.seal(" . bytea($documents{$form}) . ", 'civil', '$form')");
	my $request = bytes_of('ootspg.stamp_request(' . bytea($sealed{$form}) . ')');
	$answers{$form} = TimeStampAuthority::answer($files, 'first', $request);
	$stamped{$form} = bytes_of('ootspg.add_stamp(' . bytea($sealed{$form}) . ', ' . bytea($answers{$form}) . ", $tsa_trusted)");
	is(verdict($sealed{$form}), 't|TOTAL-PASSED||B||', "$form: level B before");
	is(verdict($stamped{$form}), 't|TOTAL-PASSED||T|valid|t', "$form: level T after");
	is(verdict($stamped{$form}, bytea(slurp_file("$files/root.pem"))), 't|TOTAL-PASSED||B|untrusted|t', "$form: a stamp that nobody vouches for");
	is(verdict($stamped{$form}, 'NULL'), 't|INDETERMINATE|NO_CERTIFICATE_CHAIN_FOUND|T|not checked|t', "$form: nothing is trusted");
	write_file("$files/request.tsq", $request);
	write_file("$files/answer.tsr", $answers{$form});
	like(run_openssl('ts', '-verify', '-queryfile', "$files/request.tsq", '-in', "$files/answer.tsr", '-CAfile', "$files/tsaroot.pem"), qr/Verification: OK/, "$form: openssl says that the answer is one to the request");
	refused($node, "SELECT ootspg.stamp_request(" . bytea($stamped{$form}) . ')', 'OT005', 'the document takes no time stamp: the seal is not one of ours without a time stamp', "$form: one stamp only");
	refused($node, add($sealed{$form}, TimeStampAuthority::answer($files, 'stranger', $request)), 'OT005', 'the document takes no time stamp: the token is by an authority that', "$form: of a stranger");
	refused($node, add($sealed{$form}, 'x' . $answers{$form}), 'OT005', 'the document takes no time stamp: the answer is not one', "$form: no answer");
	is(length($stamped{$form}), length($sealed{$form}), 'a PDF does not grow') if $form eq 'pades-t';
}
is_deeply([ xmlsec_verify("$files/civil.pem", write_file("$files/stamped.xml", $stamped{xades})) ], [ 1, 1 ], 'xmlsec1 verifies the stamped XML');
write_file("$files/stamped.pdf", $stamped{'pades-t'});
my $pdfsig = `pdfsig -nocert $files/stamped.pdf 2>&1`;
like($pdfsig, qr/Signature is Valid/, 'pdfsig verifies the stamped PDF');
like($pdfsig, qr/Total document signed/, '… all of it');
refused($node, add($sealed{xades}, $answers{flattened}), 'OT005', 'the document takes no time stamp: the token is upon something else', 'the stamp of another seal');
refused($node, "SELECT ootspg.stamp_request(ootspg.seal(convert_to('{}', 'UTF8'), 'civil', 'compact'))", 'OT005', 'the document takes no time stamp: a seal of this form takes no time stamp', 'compact');
refused($node, "SELECT ootspg.stamp_request(ootspg.seal(" . bytea($documents{'pades-t'}) . ", 'civil', 'pades'), '1.2.x')", '22023', '"1.2.x" is no policy', 'no policy');
refused($node, "SELECT ootspg.add_stamp(ootspg.seal(" . bytea($documents{'pades-t'}) . ", 'civil', 'pades'), '\\x00', $tsa_trusted)", 'OT005', 'the document takes no time stamp: the answer', 'no answer at all');
{
	my $pdf = bytes_of("ootspg.seal(" . bytea($documents{'pades-t'}) . ", 'civil', 'pades')");
	my $answer = TimeStampAuthority::answer($files, 'first', bytes_of('ootspg.stamp_request(' . bytea($pdf) . ')'));
	refused($node, 'SELECT ootspg.add_stamp(' . bytea($pdf) . ', ' . bytea($answer) . ", $tsa_trusted), ootspg.add_stamp(" . bytea($pdf) . ', ' . bytea($answer) . ", $tsa_trusted, '1.2.3.4.2')", 'OT005', 'the document takes no time stamp: the', 'no room, or another policy');
}

# Stamps that prove nothing take nothing from a seal

sub token_of { my ($answer) = @_; write_file("$files/answer.tsr", $answer); run_openssl('ts', '-reply', '-in', "$files/answer.tsr", '-token_out', '-out', "$files/token.der"); return slurp_file("$files/token.der"); }

my ($place) = $stamped{xades} =~ m{<xades:EncapsulatedTimeStamp>([^<]*)<};
my $foreign = encode_base64(token_of($answers{flattened}), '');
my $spoiled = do { my $token = token_of($answers{xades}); substr($token, -3, 1) ^= "\x01"; encode_base64($token, '') };
my @cases = (
	[ 'of another seal', $foreign, 'the time stamp is upon something else, or by a digest that is not accepted' ],
	[ 'spoiled', $spoiled, "the time stamp's signature does not fit" ],
	[ 'no DER', encode_base64('x' x 100, ''), "the time stamp can't be read" ],
	[ 'no base64', '!!', "the time stamp can't be read" ],
	[ 'empty', '', "the time stamp can't be read" ]);
for my $case (@cases)
{
	my ($name, $token, $reason) = @$case;
	ask_verdict("a stamp that proves nothing, $name", $stamped{xades} =~ s/\Q$place\E/$token/r, 'valid, indication, level, stamp, stamped_at', "t|TOTAL-PASSED|B|$reason|", arguments => ", $trusted");
}
my ($stamp) = $stamped{xades} =~ m{(<xades:SignatureTimeStamp.*</xades:SignatureTimeStamp>)};
my $bad = $stamp =~ s/\Q$place\E/$foreign/r =~ s/Id="[^"]*"/Id="other"/r;
ask_verdict('a good one behind a bad one', $stamped{xades} =~ s/\Q$stamp\E/$bad$stamp/r, 'valid, level, stamp', 't|T|valid', arguments => ", $trusted");
ask_verdict('a bad one behind a good one', $stamped{xades} =~ s/\Q$stamp\E/$stamp$bad/r, 'valid, level, stamp', 't|T|valid', arguments => ", $trusted");
ask_verdict('by inclusive canonicalisation said, upon the exclusive one', $stamped{xades} =~ s{(<xades:SignatureTimeStamp [^>]*>)<ds:CanonicalizationMethod [^>]*>}{$1<ds:CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315">}r,
	'valid, level, stamp', 't|B|the time stamp is upon something else, or by a digest that is not accepted', arguments => ", $trusted");
judge($node);
# a certificate for other purposes gives none
write_file("$files/leaf.conf", slurp_file("$files/first.conf") =~ s/first/leaf/gr);
ok(!eval { TimeStampAuthority::answer($files, 'leaf', bytes_of('ootspg.stamp_request(' . bytea($sealed{xades}) . ')')) }, 'openssl itself refuses to stamp with another certificate');

# The exchange

my @tsas = map { TimeStampAuthority->start($files, $_) } 'first', 'second';
run_openssl('ts', '-query', '-digest', '0' x 64, '-sha256', '-tspolicy', '1.2.3.4.9', '-out', "$files/refused.tsq");
sql(q{UPDATE ootspg.distribution SET readable = NULL; DELETE FROM ootspg.distribution WHERE distribution = 'pdf';
	ALTER TABLE ootspg.evidence_type DISABLE TRIGGER check_active});

my $number = 0;
my $people = 0;

sub exchanged
{
	my $request = ask($node, $ap, ++$number . ", format => 'application/xml'");
	my $answer = wait_answer($ap, $request);
	my $content = @{ $answer->{parts} } > 1 ? $answer->{parts}[1]{content} : undef;
	my $audit = sql("SELECT string_agg(e.seal_level || ' ' || (e.sha256_as_held = sha256(" . bytea($content // '') . "))::text, ',') FROM ootspg.evidence_event e JOIN ootspg.exchange x USING (exchange_id) WHERE x.request_id LIKE '%" . sprintf('%012d', $number) . "'");
	my $level = defined $content ? sql("SELECT level || coalesce(stamp, '') FROM ootspg.verify_seal(" . bytea($content) . ", $trusted)") : '';
	return join '|', $answer->{code} // '', $level, $audit;
}

sub type { sql("UPDATE ootspg.evidence_type SET seal = '$_[0]', seal_key = 'civil', seal_level = '$_[1]'"); return; }

type('require', 'B');
is(exchanged(), '|B|B true', 'level B');
type('prefer', 'T');
is(exchanged(), '|B|B true', 'no authority: prefer leaves at level B at once');
type('require', 'T');
is(exchanged(), 'EDM:ERR:0008||', '… and require does not');
sql("INSERT INTO ootspg.time_stamp_authority (authority, url, turn, trusted_uri, policy) VALUES ('first', '" . $tsas[0]->url . "', 1, 'file:tsa.pem', NULL), ('second', '" . $tsas[1]->url . "', 2, 'file:tsa.pem', '1.2.3.4.2')");
is(exchanged(), '|Tvalid|T true', 'level T, and the audit has the octets that left');
is($tsas[1]->asked, 0, 'the second authority was not needed');
is(sql('SELECT count(*) FROM ootspg_internal.stamping'), 0, 'nothing of it is kept');
is(sql("SELECT attempts FROM ootspg.inbox ORDER BY inbox_id DESC LIMIT 1"), 1, 'waiting was no attempt');
for my $mode ('refuse', 'fail', 'garbage', 'other')
{
	my $asked = $tsas[1]->asked;
	$tsas[0]->mode($mode);
	is(exchanged(), '|Tvalid|T true', "the first one answers in another way ($mode): the second is asked");
	cmp_ok($tsas[1]->asked, '>', $asked, '… it was');
}
$_->mode('fail') for @tsas;
$node->append_conf('postgresql.conf', "ootspg.stamp_timeout = '300 ms'");
$node->reload;
wait_sql($node, "current_setting('ootspg.stamp_timeout') = '300ms'", 'less patience');
is(exchanged(), 'EDM:ERR:0008||', 'none gives a stamp: require');
is(sql("SELECT reason FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1"), 'no time stamp was to be had in time', '… and why is recorded');
type('prefer', 'T');
is(exchanged(), '|B|B true', 'prefer leaves at level B');
like(slurp_file($node->logfile), qr/evidence of type "birth" leaves with a seal of level B: no time stamp was to be had in time/, '… and the log says why');
like(slurp_file($node->logfile), qr/time-stamping authority "first" gave no stamp: HTTP status 500/, '… and the authority, what');
$_->mode('grant') for @tsas;
write_file("$keys/credentials/junk.pem", "junk\n");
sql(q{UPDATE ootspg.time_stamp_authority SET trusted_uri = 'file:junk.pem'});
is(exchanged(), '|B|B true', 'certificates that cannot be read: prefer leaves at level B');
like(slurp_file($node->logfile), qr/time-stamping authority "\w+" gave no stamp: the answer could not be taken/, '… and the log says whose');
sql(q{UPDATE ootspg.time_stamp_authority SET trusted_uri = 'file:tsa.pem'});
$node->append_conf('postgresql.conf', "ootspg.stamp_timeout = '10 min'");
$node->reload;
wait_sql($node, "current_setting('ootspg.stamp_timeout') = '10min'", 'patience');

# A session of its own has no network
is(sql("SELECT v.level FROM ootspg.answer(birth_request(900, format => 'application/xml')) a, ootspg.verify_seal(a.content) v WHERE a.part = 2"), 'B', 'ootspg.answer(), prefer: level B');
type('require', 'T');
is(sql("SELECT outcome FROM ootspg.answer(birth_request(901, format => 'application/xml')) WHERE part = 1"), 'error', 'ootspg.answer(), require: none');
is(sql("SELECT reason FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1"), 'time stamps are fetched by the workers only', '… and why is recorded');

# While an answer waits: its id is used, and what ends in between is done again
$_->mode('hold') for @tsas;
my $bytes = request_bytes($node, ++$number . ", format => 'application/xml'");
my $waiting = send_request($ap, $bytes);
wait_sql($node, 'EXISTS (SELECT FROM ootspg_internal.stamping WHERE attempts > 0)', 'an authority has been asked');
my $again = wait_answer($ap, send_request($ap, $bytes));
is($again->{code}, 'EDM:ERR:0003', 'the same request id again: refused');
my ($worker) = sql('SELECT exchange_worker FROM ootspg.status LIMIT 1');
sql("SELECT pg_terminate_backend($worker)");
wait_sql($node, "(SELECT exchange_worker <> $worker FROM ootspg.status LIMIT 1)", 'another exchange worker');
$_->mode('grant') for @tsas;
my $late = wait_answer($ap, $waiting);
is(sql('SELECT level || stamp FROM ootspg.verify_seal(' . bytea($late->{parts}[1]{content}) . ", $trusted)"), 'Tvalid', '… and the first one is answered with its stamp');
is(sql('SELECT count(*) FROM ootspg_internal.stamping'), 0, 'nothing of it is kept');

# What a user sees first is stamped before
sql(q{INSERT INTO ootspg.preview_space (provider, base_url) VALUES ('civil', 'https://preview.example/')});
sql("UPDATE ootspg.evidence_type SET preview = 'required'");
my $preview = request_bytes($node, ++$number . ", format => 'application/xml'") =~ s{(PossibilityForPreview.*?<rim:Value>)false}{$1true}sr;
like($preview, qr/PossibilityForPreview.*?<rim:Value>true/s, 'a request for a preview');
my $answer = wait_answer($ap, send_request($ap, $preview));
is($answer->{code}, 'EDM:ERR:0002', 'a preview is offered');
is(sql('SELECT seal_level FROM ootspg_internal.preview_piece'), 'T', '… of evidence that is stamped');

# Activation
sub activation { my ($stdout, $stderr); $node->psql('postgres', "BEGIN; $_[0]; SELECT ootspg_internal.check_activation(t) FROM ootspg.evidence_type t WHERE evidence_type = 'birth'", stdout => \$stdout, stderr => \$stderr); return $stderr =~ /ERROR:  (.*)/ ? $1 : 'accepted'; }
is(activation('DELETE FROM ootspg.time_stamp_authority'), 'evidence type "birth" has seals of level T, and there is no time-stamping authority', 'nobody to ask');
is(activation("UPDATE ootspg.evidence_type SET seal = 'none'"), 'evidence type "birth" has seals of level T, and its seal is none', 'nothing to stamp');
my $space = "UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key";
is(activation("$space; UPDATE ootspg.evidence_type SET seal = 'require', reauthentication = 'on ambiguity'"), 'evidence type "birth" requires time stamps, and users may be found by signing in again only', 'no time for stamps');
is(activation("$space; UPDATE ootspg.evidence_type SET seal = 'prefer', reauthentication = 'on ambiguity'"), 'accepted', '… where they are not required it is');
is(activation('SELECT 1'), 'accepted', 'as it is');

# A document that lies beside its seal: the seal is stamped, and both are told to be
sql(q{UPDATE ootspg.evidence_type SET preview = 'exempt';
	CREATE TABLE registry.photo AS SELECT '010190-10001'::text AS person_id, date '2020-01-01' AS issuing_date, ootspg.seal('<a/>'::bytea, 'civil') AS document;
	GRANT SELECT ON registry.photo TO PUBLIC;
	ALTER TABLE ootspg.distribution DISABLE TRIGGER check_active;
	UPDATE ootspg.distribution SET source = 'registry.photo', sample_source = NULL, document = 'document', model = NULL, model_version = NULL, seal_form = 'detached'});
my $v20 = sub { return (properties => { SpecificationId => 'oots-edm:v2.0', ExchangeId => AccessPoint::uuid() }) };
my $beside = wait_answer($ap, ask($node, $ap, ++$number . ", 'oots-edm:v2.0', 'application/xml'", $v20->()));
is(scalar @{ $beside->{parts} }, 3, 'the document and its seal leave');
is(sql('SELECT level || stamp FROM ootspg.verify_seal(' . bytea($beside->{parts}[2]{content}) . ", $trusted, beside => " . bytea($beside->{parts}[1]{content}) . ')'), 'Tvalid', '… with a stamp upon the seal');
is(sql("SELECT string_agg(e.role || ' ' || e.seal_level, ',' ORDER BY e.role DESC) FROM ootspg.evidence_event e JOIN ootspg.exchange x USING (exchange_id) WHERE x.request_id LIKE '%" . sprintf('%012d', $number) . "'"), 'MainEvidence T,Annex T', '… as the audit says');
is(sql('SELECT level FROM ootspg.verify_seal(' . bytea($beside->{parts}[1]{content}) . ", $trusted)"), 'B', '… and none upon the seal that the document has itself');
sql(q{UPDATE ootspg.evidence_type SET preview = 'required'});
$preview = request_bytes($node, ++$number . ", 'oots-edm:v2.0', 'application/xml'") =~ s{(PossibilityForPreview.*?<rim:Value>)false}{$1true}sr;
$answer = wait_answer($ap, send_request($ap, $preview, $v20->()));
is($answer->{code}, 'EDM:ERR:0002', 'a preview is offered');
is(sql("SELECT string_agg(concat_ws(' ', piece, part, role, seal_level), ',' ORDER BY number) FROM ootspg_internal.preview_piece WHERE session_id = (SELECT max(session_id) FROM ootspg_internal.preview_session)"), '1 1 MainEvidence T,1 2 Annex T', '… of both, as one piece');

done_testing();
