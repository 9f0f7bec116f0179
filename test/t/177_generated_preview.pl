# A generated, sealed document in a preview: what the user sees is byte for byte what leaves, the page says the same as the PDF and bears the mark of the
# authority. And a server that lacks the libraries of PDF: it says so wherever somebody looks, and serves everything else.
use strict;
use warnings FATAL => 'all';
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('generated_preview');
load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for qw(ask preview);

sub sql { return decode_utf8($node->safe_psql('postgres', encode_utf8($_[0]))) }

# What the statements are refused with
sub refused_with
{
	my ($stdout, $stderr);
	$node->psql('postgres', encode_utf8($_[0]), stdout => \$stdout, stderr => \$stderr);
	return decode_utf8($stderr);
}

my $can_write = refused_with(q{SELECT ootspg.document('{"a": 1}'::json, 'application/pdf')}) !~ /cannot be loaded/;
plan skip_all => 'the module that writes PDF is not built' unless $can_write;

# Awards as XML, with a PDF that is made, both sealed, on a letterhead
make_pair($node->basedir . '/keys/seal/civil', 'award', 'p256');
my $svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><path fill="#7a1020" d="M0 0h40v3H0z"/></svg>';
sql(qq{SET client_min_messages = warning;
	SELECT ootspg.set_seal_key('award', 'civil', 'file:award.key', 'file:award.pem');
	INSERT INTO ootspg.letterhead (provider, media_type, image, alternative, footer) VALUES ('civil', 'image/svg+xml', convert_to('$svg', 'UTF8'), '{"EN": "Flag", "LV": "Karogs"}', '{"LV": "Ēku iela 1"}');
	CREATE VIEW registry.medal_evidence AS SELECT person_id, issuing_date, piece_order, language, title,
		xmlelement(name "Award", xmlelement(name "Number", json->>'number'), xmlelement(name "AwardedFor", json->>'for')) AS document FROM registry.award_evidence;
	UPDATE ootspg.provider SET full_address = 'Ēku iela 7, Rīga';
	SELECT ootspg.deactivate('award');
	DELETE FROM ootspg.distribution WHERE evidence_type = 'award';
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, model, model_version, readable)
	VALUES ('award', 'xml', 'application/xml', 'registry.medal_evidence', 'award', '1.0', 'generated');
	UPDATE ootspg.evidence_type SET seal = 'require', seal_key = 'award' WHERE evidence_type = 'award';
	SELECT ootspg.activate('award');
	CREATE TABLE sent (exchange_id bigint, part int, media_type text, outcome text, content bytea)});

# The request; more: slots of the second one
sub ask
{
	my ($line, $more) = @_;
	my $wanted = '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/award-1.0</sdg:ConformsTo>'
	  . ($line eq 'v2.0' ? '<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>' : '');
	return "request('oots-edm:$line', subject => test_person('Ozoliņš', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High'), service => 'b1c2d3e4-2222-4333-8444-777788889999', preview => 'true', "
	  . "wanted => wanted('application/xml', '$wanted')" . ($more // '') . ')';
}

for my $line (qw(v1.2 v2.0))
{
	my $call = sub { return "link('$line'), browser()" };
	like(sql("SELECT first('$line', " . ask($line) . ", test_header('oots-edm:$line'))"), qr/EDM:ERR:0002/, "$line: to be looked at first");
	is(sql("SELECT open('$line')"), 'list', "$line: the user looks");
	my $pieces = "ootspg.preview_look(" . $call->() . ")->'pieces'";
	is(sql("SELECT string_agg((p->>'sealed') || ' ' || (SELECT string_agg(q->>'role', '+' ORDER BY q->>'part') FROM jsonb_array_elements(p->'parts') q), ', ') FROM jsonb_array_elements($pieces) p"),
		'true main+readable, true main+readable, true main+readable', "$line: three pieces, sealed, each with its PDF");
	my $shown = sql("SELECT string_agg(encode(sha256(d.content), 'hex'), ' ' ORDER BY piece, part) FROM unnest(ARRAY[1, 3]) piece, unnest(ARRAY[1, 2]) part, ootspg.preview_part(" . $call->() . ', piece, part) d');
	is(sql("SELECT string_agg(v.format || ' ' || v.valid, ', ') FROM unnest(ARRAY[1, 2]) part, ootspg.preview_part(" . $call->() . ', 1, part) d, ootspg.verify_seal(d.content) v'),
		'XAdES true, PAdES true', "$line: what is shown bears its seal");
	my $page = sql('SELECT ootspg.preview_rendering(' . $call->() . ", 1, 'lv')");
	like($page, qr{<dd>medal 1</dd>}, "$line: the page shows the evidence");
	like($page, qr{<p class="doc-issuer">Civilstāvokļa reģistrs</p><p class="doc-place">Ēku iela 7, Rīga</p>}, '… with who issues it, and where');
	like($page, qr{<svg [^>]*aria-label="Karogs"[^>]*role="img"[^>]*><image [^>]*href="data:image/svg\+xml;base64,[^"]+"}, '… under the mark of the authority');
	like($page, qr{<p class="doc-address">Ēku iela 1</p>}, '… and with its address');
	is(sql("SELECT decide('$line', '{1,3}', '{2}')"), 'waiting', "$line: and decides");
	sql("DELETE FROM sent; INSERT INTO sent SELECT exchange_id, part, media_type, outcome, content FROM ootspg.answer(" . ask($line, ", more_slots => second_slots('$line', 'oots-edm:$line')") . ", test_header('oots-edm:$line'))");
	is(sql(q{SELECT string_agg(encode(sha256(content), 'hex'), ' ' ORDER BY part) FROM sent WHERE part > 1}), $shown, "$line: what was shown is sent, byte for byte, and nothing else");
	is(sql('SELECT count(*) FROM sent, ootspg.check_message(content) c WHERE part = 1 AND c.severity = \'fatal\''), '0', "$line: by the rules");
}

# A server without the libraries: one of them is there by name only
my $libraries = $node->basedir . '/libraries';
mkdir $libraries or die $!;
append_to_file("$libraries/libharfbuzz-subset.so.0", '');
$node->stop;
{
	local $ENV{LD_LIBRARY_PATH} = $libraries;
	$node->start;
}
my $lacks = qr/the module that writes PDF documents cannot be loaded: .*libharfbuzz-subset/;
like(refused_with(q{\set VERBOSITY verbose
	SELECT ootspg.document('{"a": 1}'::json, 'application/pdf')}), qr/ERROR:  OT003: $lacks.*HINT:  It needs libharfbuzz/s, 'no document as PDF: what lacks is told');
like(sql(q{SELECT convert_from(ootspg.document('{"a": 1}'::json, 'text/html'), 'UTF8')}), qr{<dd>1</dd>}, 'the same as a page');
like(refused_with(q{SELECT ootspg.deactivate('award'); SELECT ootspg.activate('award')}), qr/ERROR:  documents cannot be generated: $lacks/, 'a type with generated documents goes into no service');
like(sql(q{SELECT string_agg(fault, ' ') FROM ootspg.rehearse('award', 1)}), qr/documents cannot be generated: $lacks/, 'a rehearsal says so');
is(sql(q{SELECT concat_ws(' ', outcome, code, reason) FROM ask(request())}), 'evidence', 'types without them are served');

$node->stop;
done_testing();
