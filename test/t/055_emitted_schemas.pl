# Everything that leaves: answers of every kind on every line are held against the
# published schemas, the rules, the header they go with and the files beside them;
# seals against xmlsec1, evidence against the schema of its own data model.
use strict;
use warnings FATAL => 'all';

use IPC::Run;
use OotsSchema;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $node = start_node('emitted');
my $keys = $node->basedir . '/keys/seal/civil';
my $workplace = PostgreSQL::Test::Utils::tempdir();
my $model = <<'END';
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:example:award:1.0" elementFormDefault="qualified">
	<xs:element name="Award">
		<xs:complexType>
			<xs:sequence>
				<xs:element name="Number" type="xs:string"/>
				<xs:element name="Holder">
					<xs:complexType>
						<xs:sequence>
							<xs:element name="FamilyName" type="xs:string"/>
							<xs:element name="GivenName" type="xs:string"/>
							<xs:element name="DateOfBirth" type="xs:date"/>
						</xs:sequence>
					</xs:complexType>
				</xs:element>
				<xs:element name="Remark" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
				<xs:any namespace="##other" processContents="lax" minOccurs="0"/>
			</xs:sequence>
		</xs:complexType>
	</xs:element>
</xs:schema>
END

load_registry($node, 'postgres');
$node->safe_psql('postgres', slurp_file('test/fixtures/ask.sql'));
make_pair($keys, 'civil', 'p256');

# Awards leave as sealed XML, as JSON or PNG, with a PDF beside them; one person has
# two, one none. Two types fail, each in its way. Names and titles are hostile.
$node->safe_psql('postgres', <<'END' =~ s/:model/unpack 'H*', $model/er);
UPDATE ootspg.provider SET name = '{"EN": "Register \"A&B\" <civil>", "LV": "Reģistrs"}', nuts = 'LV006', full_address = 'Brīvības iela 1 & 2';
SELECT ootspg.set_seal_key('civil', 'civil', 'file:civil.key', 'file:civil.pem');
SELECT ootspg.install_data_model('award', '1.0', 'Award', '2026-01-01', 'urn:example:award:1.0', 'a', '\x:model',
	locations => (SELECT jsonb_object_agg('oots-edm:' || v, 'https://sr.oots.tech.ec.europa.eu/' || CASE v WHEN 'v1.0' THEN 'distributions' ELSE 'datamodels' END || '/award-1.0')
					FROM unnest(ARRAY['v1.0', 'v1.1', 'v1.2', 'v2.0']) v));
SELECT ootspg.install_data_model('award-json', '1.0', 'Award', '2026-01-01',
	locations => (SELECT jsonb_object_agg('oots-edm:' || v, 'https://sr.oots.tech.ec.europa.eu/' || CASE v WHEN 'v1.0' THEN 'distributions' ELSE 'datamodels' END || '/award-json-1.0')
					FROM unnest(ARRAY['v1.0', 'v1.1', 'v1.2', 'v2.0']) v));

CREATE TABLE registry.award (code text REFERENCES registry.person, number text, title text, valid_until date, remarks text[]);
INSERT INTO registry.award VALUES
	('010190-10001', 'A-1', 'Award "for" <merit> & more', '2030-12-31', ARRAY['line' || E'\r\n' || 'line', ']]> & <x>', U&'\+01F396']),
	('010190-10001', 'A-2', 'Apbalvojums', NULL, NULL),
	('020291-10002', 'A-3', NULL, '2030-12-31', '{}');
CREATE TYPE registry.holder AS (family_name text, given_name text, date_of_birth date);
CREATE TYPE registry.award_document AS (number text, holder registry.holder, remark text[]);
CREATE VIEW registry.award_evidence AS
	SELECT a.code AS person_id, DATE '2020-02-29' AS issuing_date, 'LV'::text AS language, a.title, a.number AS piece_order,
		   DATE '2020-02-29' AS valid_from, a.valid_until,
		   ROW(a.number, ROW(p.family_name, p.given_name, p.born), a.remarks)::registry.award_document AS document,
		   jsonb_build_object('number', a.number, 'remarks', a.remarks) AS json,
		   pdf_of(a.number::text) AS pdf,
		   '\x89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63f80f0001010100b138f6140000000049454e44ae426082'::bytea AS png
	  FROM registry.award a JOIN registry.person p USING (code);
CREATE FUNCTION registry.fail(state text) RETURNS boolean LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION USING ERRCODE = state; END$$;
CREATE VIEW registry.unreachable AS SELECT * FROM registry.award_evidence WHERE registry.fail('08006');
CREATE VIEW registry.broken AS SELECT * FROM registry.award_evidence WHERE registry.fail('22012');
-- one award is there, one is not yet; another person's is not either
CREATE VIEW registry.scans AS SELECT a.*, CASE number WHEN 'A-1' THEN NULL ELSE timestamptz '2999-01-01 10:00:00.5+02' END AS available_at,
	CASE number WHEN 'A-1' THEN pdf END AS scan FROM registry.award_evidence a, LATERAL (SELECT a.piece_order AS number) n;
CREATE VIEW registry.companies AS SELECT '40003000001'::text AS person_id;
CREATE VIEW registry.extracts AS SELECT person_id, DATE '2020-02-29' AS issuing_date, pdf_of('') AS pdf FROM registry.companies;

INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject, subject_source, procedures, level_of_assurance, preview, seal, seal_key, no_record) VALUES
	('award', 'civil', 'b1c2d3e4-2222-4333-8444-000000000001', '{"EN": "Award <&>", "LV": "Apbalvojums"}', 'natural person', 'registry.people', '{R1}', 'Substantial', 'exempt', 'prefer', 'civil', 'empty'),
	('unreachable', 'civil', 'b1c2d3e4-2222-4333-8444-000000000006', '{"EN": "Award"}', 'natural person', 'registry.people', '{R1}', 'Low', 'exempt', 'none', NULL, 'empty'),
	('broken', 'civil', 'b1c2d3e4-2222-4333-8444-000000000008', '{"EN": "Award"}', 'natural person', 'registry.people', '{R1}', 'Low', 'exempt', 'none', NULL, 'empty'),
	('scan', 'civil', 'b1c2d3e4-2222-4333-8444-000000000003', '{"EN": "Award <&>"}', 'natural person', 'registry.people', '{R1}', 'Low', 'exempt', 'none', NULL, 'empty'),
	('extract', 'civil', 'b1c2d3e4-2222-4333-8444-000000000002', '{"EN": "Extract"}', 'legal person', 'registry.companies', '{R1}', 'Low', 'exempt', 'none', NULL, 'empty');
INSERT INTO ootspg.evidence_type_line
	SELECT t.evidence_type, l.line, l.classification FROM ootspg.evidence_type_line l, ootspg.evidence_type t WHERE l.evidence_type = 'birth' AND t.evidence_type <> 'birth';
INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source, document, model, model_version, readable) VALUES
	('award', 'xml', 'application/xml', 'registry.award_evidence', 'document', 'award', '1.0', 'pdf'),
	('award', 'json', 'application/json', 'registry.award_evidence', 'json', 'award-json', '1.0', 'pdf'),
	('award', 'png', 'image/png', 'registry.award_evidence', 'png', NULL, NULL, NULL),
	('award', 'pdf', 'application/pdf', 'registry.award_evidence', 'pdf', NULL, NULL, NULL),
	('scan', 'pdf', 'application/pdf', 'registry.scans', 'scan', NULL, NULL, NULL),
	('scan', 'json', 'application/json', 'registry.scans', 'json', 'award-json', '1.0', 'pdf'),
	('unreachable', 'pdf', 'application/pdf', 'registry.unreachable', 'pdf', NULL, NULL, NULL),
	('broken', 'pdf', 'application/pdf', 'registry.broken', 'pdf', NULL, NULL, NULL),
	('extract', 'pdf', 'application/pdf', 'registry.extracts', 'pdf', NULL, NULL, NULL);
SELECT ootspg.activate(evidence_type) FROM ootspg.evidence_type WHERE evidence_type <> 'birth';
END

# Every request with what must come of it; those of an error name its rule or say why.
$node->safe_psql('postgres', <<'END');
CREATE TABLE cases (n serial PRIMARY KEY, line text, name text, expected text, request bytea, sent text, spoil text,
	conversation uuid DEFAULT gen_random_uuid(), exchange uuid DEFAULT gen_random_uuid());
CREATE TABLE answered (n integer, outcome text, exchange_id bigint, part integer, content_id text, media_type text, content bytea);
CREATE FUNCTION award(line text, format text, more text DEFAULT '', family text DEFAULT 'Ozoliņš', given text DEFAULT 'Jānis', born text DEFAULT '1990-01-01',
	level text DEFAULT 'High', type text DEFAULT '000000000001') RETURNS bytea LANGUAGE sql AS $$
	SELECT request(line, test_person(family, given, born, 'DE/LV/A1B2C3D4E', level), wanted(format, more), 'b1c2d3e4-2222-4333-8444-' || type)
$$;
CREATE FUNCTION without(request bytea, pattern text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(regexp_replace(convert_from(request, 'UTF8'), pattern, ''), 'UTF8')
$$;
INSERT INTO cases (line, name, expected, request, sent)
	SELECT line, c.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, LATERAL (VALUES
		('PDF', 'evidence application/pdf', request(line), NULL),
		('two PDF', 'evidence application/pdf application/pdf', award(line, 'application/pdf'), NULL),
		('PNG', 'evidence image/png', award(line, 'image/png', '', 'Bērziņa', 'Anna Marija', '1991-02-02'), NULL),
		('sealed XML', CASE line WHEN 'oots-edm:v2.0' THEN 'evidence application/xml' ELSE 'evidence application/xml application/pdf' END,
			award(line, 'application/xml', '', 'Bērziņa', 'Anna Marija', '1991-02-02'), NULL),
		('sealed XML, two', CASE line WHEN 'oots-edm:v2.0' THEN 'evidence application/xml application/xml'
			ELSE 'evidence application/xml application/pdf application/xml application/pdf' END, award(line, 'application/xml'), NULL),
		('JSON', CASE line WHEN 'oots-edm:v2.0' THEN 'evidence application/json application/json'
			ELSE 'evidence application/json application/pdf application/json application/pdf' END, award(line, 'application/json'), NULL),
		('company', 'evidence application/pdf',
			request(line, test_company('LV/DE/40003000001', 'Alfa &amp; Co', 'High'), service => 'b1c2d3e4-2222-4333-8444-000000000002'), NULL),
		('system check', CASE line WHEN 'oots-edm:v1.0' THEN 'EDM:ERR:0003 R-EDM-REQ-C003' ELSE 'evidence application/pdf' END, request(line, procedure_code => '00'), NULL),
		('empty list', 'empty', award(line, 'application/pdf', '', 'Liepa', 'Ilze', '1994-05-05'), NULL),
		('deferred', 'deferred', award(line, 'application/pdf', '', 'Bērziņa', 'Anna Marija', '1991-02-02', type => '000000000003'), NULL),
		('deferred, one there', 'deferred application/pdf', award(line, 'application/pdf', type => '000000000003'), NULL),
		('deferred, one there with its readable version', CASE line WHEN 'oots-edm:v2.0' THEN 'evidence application/json application/json' ELSE 'deferred application/json application/pdf' END, award(line, 'application/json', type => '000000000003'), NULL),
		('no record', 'empty',
			request(line, test_person('Liepa', 'Ilze', '1994-05-05', 'DE/LV/A1B2C3D4E', 'High')), NULL),
		('level of assurance', 'EDM:ERR:0001 the level of assurance is too low', award(line, 'application/pdf', level => 'Low'), NULL),
		('rule', 'EDM:ERR:0003 R-EDM-REQ-C025', change(request(line), 'DocumentQuery', 'Documents'), NULL),
		('no id', 'EDM:ERR:0003 R-EDM-REQ-S003', without(request(line), ' id="[^"]*"'), NULL),
		('spoilt id', 'EDM:ERR:0003 R-EDM-REQ-S004', change(request(line), 'urn:uuid:', 'urn:uid:'), NULL),
		('no requester', CASE line WHEN 'oots-edm:v1.0' THEN 'unanswerable' ELSE 'EDM:ERR:0003 R-EDM-REQ-S012' END,
			without(request(line), '<rim:Slot name="EvidenceRequester">.*?</rim:SlotValue></rim:Slot>'), NULL),
		('unknown person', 'EDM:ERR:0004', award(line, 'application/pdf', family => 'Nezināms'), NULL),
		('unknown type', 'EDM:ERR:0004', award(line, 'application/pdf', type => '000000000000'), NULL),
		('late', 'EDM:ERR:0005', request(line), '2026-01-01T00:00:00.000Z'),
		('unreachable registry', 'EDM:ERR:0008', award(line, 'application/pdf', type => '000000000006'), NULL),
		('broken registry', 'EDM:ERR:0008', award(line, 'application/pdf', type => '000000000008'), NULL),
		('format', 'EDM:ERR:0007 none of the requested formats is offered', award(line, 'image/jpeg'), NULL),
		('preview', 'EDM:ERR:0007 preview is not offered for this evidence type', request(line, preview => 'true'), NULL)
		) c(name, expected, request, sent);
INSERT INTO cases (line, name, expected, request) VALUES
	('oots-edm:v2.0', 'XML with readable version', 'evidence application/xml application/pdf application/xml application/pdf',
		award('oots-edm:v2.0', 'application/xml', '<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>')),
	('oots-edm:v2.0', 'JSON with readable version', 'evidence application/json application/pdf',
		award('oots-edm:v2.0', 'application/json', '<sdg:AssociatedDocumentRequest>HumanReadableVersion</sdg:AssociatedDocumentRequest>', 'Bērziņa', 'Anna Marija', '1991-02-02')),
	-- the line of what cannot be read is the header's, else the one the provider prefers
	('oots-edm:v1.2', 'unreadable', 'EDM:ERR:0003 the message is not a readable XML document', '<query:QueryRequest'),
	('oots-edm:v2.0', 'unreadable', 'EDM:ERR:0003 the message is not a readable XML document', '<query:QueryRequest'),
	('oots-edm:v1.2', 'no request', 'EDM:ERR:0003 R-EDM-REQ-S001', '<a/>'),
	('oots-edm:v2.0', 'no request', 'EDM:ERR:0003 R-EDM-REQ-S001', '<a/>');
-- what the schema demands and no rule asks for: in 1.0 a slot may lack its value
INSERT INTO cases (line, name, expected, request)
	SELECT 'oots-edm:v1.0', 'blank slot ' || slot, 'EDM:ERR:0003 R-EDM-REQ-' || rule,
		   convert_to(regexp_replace(convert_from(request('oots-edm:v1.0'), 'UTF8'), '(<rim:Slot name="' || slot || '">).*?(</rim:Slot>)', '\1\2'), 'UTF8')
	  FROM (VALUES ('EvidenceProvider', 'S042'), ('EvidenceRequest', 'S044'), ('NaturalPerson', 'S016')) s(slot, rule);
INSERT INTO cases (line, name, expected, request)
	SELECT line, p.name, 'EDM:ERR:0003 R-EDM-REQ-' || rule, request(line, subject)
	  FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, (VALUES
		('blank family name', 'S046', test_person(' ', 'Jānis', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High')),
		('no given name', 'S046', replace(test_person('Ozoliņš', '', '1990-01-01', 'DE/LV/A1B2C3D4E', 'High'), '<sdg:GivenName></sdg:GivenName>', '')),
		('no legal name', 'S047', replace(test_company('LV/DE/40003000001', '', 'High'), '<sdg:LegalName></sdg:LegalName>', ''))
		) p(name, rule, subject);
INSERT INTO cases (line, name, expected, request)
	SELECT 'oots-edm:v1.0', 'birth date with more', 'EDM:ERR:0003 R-EDM-REQ-C043', request('oots-edm:v1.0', test_person('Ozoliņš', 'Jānis', '1990-01-01 or so', 'DE/LV/A1B2C3D4E', 'High'));
INSERT INTO cases (line, name, expected, request)
	SELECT line, 'two names in a language', 'EDM:ERR:0004', change(award(line, 'application/pdf', type => '000000000000'), '<sdg:Name lang="EN">Sample University', '<sdg:Name lang="EN">Again</sdg:Name><sdg:Name lang="EN">Sample University')
	  FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line;
-- a header without sender is invalid, and what names nobody to answer cannot be answered
INSERT INTO cases (line, name, expected, request, spoil)
	SELECT line, c.* FROM unnest(ARRAY['oots-edm:v1.0', 'oots-edm:v1.1', 'oots-edm:v1.2', 'oots-edm:v2.0']) line, LATERAL (VALUES
		('header without sender', 'EDM:ERR:0003 R-EDM-ebMS-019', request(line), '<eb:Property name="originalSender".*?</eb:Property>'),
		('neither sender nor requester', 'unanswerable', without(request(line), '<rim:Slot name="EvidenceRequester">.*?</rim:SlotValue></rim:Slot>'),
			'<eb:Property name="originalSender".*?</eb:Property>'),
		('blank sender, no requester', 'unanswerable', without(request(line), '<rim:Slot name="EvidenceRequester">.*?</rim:SlotValue></rim:Slot>'), 'DE-REQ-0001'),
		('unreadable, no sender', 'unanswerable', 'hello', '<eb:Property name="originalSender".*?</eb:Property>'),
		('from nowhere', 'unanswerable', request(line), '<eb:From>.*?</eb:From>'),
		('from a blank', 'unanswerable', request(line), 'AP_DE_01'),
		('to nowhere', 'unanswerable', request(line), '<eb:To>.*?</eb:To>')
		) c(name, expected, request, spoil);
INSERT INTO cases (line, name, expected, request)
	SELECT line, 'replay', 'EDM:ERR:0003 the request identifier was used before (TDD 4.4)', request FROM cases WHERE name = 'PDF';
DO $$
DECLARE
	a cases;
BEGIN
	FOR a IN SELECT * FROM cases ORDER BY n LOOP
		INSERT INTO answered SELECT a.n, o.outcome, o.exchange_id, o.part, o.content_id, o.media_type, o.content
		  FROM ootspg.answer(a.request, coalesce(without(test_header(a.line, a.conversation::text, a.exchange::text, sent => a.sent), a.spoil),
				test_header(a.line, a.conversation::text, a.exchange::text, sent => a.sent))) o;
	END LOOP;
END $$;
END

# rows(query): arrays of columns
sub rows
{
	my ($query) = @_;
	return map { [ split /\|/, $_, -1 ] } split /\n/, $node->safe_psql('postgres', $query);
}

my %parts;    # case => [ [content id, media type, content], ... ]
push @{ $parts{ $_->[0] } }, [ @$_[ 1, 2 ], pack 'H*', $_->[3] ]
  for rows(q{SELECT n, content_id, media_type, encode(content, 'hex') FROM answered WHERE part IS NOT NULL ORDER BY n, part});
my %broken = map { @$_ } rows(
	q{SELECT n, string_agg(DISTINCT c.rule_id, ' ') FROM answered JOIN ootspg.exchange x USING (exchange_id), ootspg.check_message(content, answer_header) c
	   WHERE part = 1 AND severity IN ('fatal', 'warning') GROUP BY 1});

# What the header says of the answer, in the order of its elements
sub header_facts
{
	my ($header) = @_;
	my ($parties, $properties, $payload) =
	  map { $header =~ m{<eb:$_>(.*)</eb:$_>}s ? $1 : '' } qw(PartyInfo MessageProperties PayloadInfo);

	return {
		action => $header =~ m{<eb:Action>(.*?)<},
		conversation => $header =~ m{<eb:ConversationId>(.*?)<},
		parties => join(' ', $parties =~ m{<eb:PartyId[^>]*>(.*?)<}g),
		properties => [ $properties =~ m{<eb:Property name="([^"]*)(?:" type="[^"]*)?">(.*?)<}g ],
		parts => [ $payload =~ m{<eb:PartInfo href="cid:([^"]*)">.*?>([^<>]*)</eb:Property></eb:PartProperties>}g ],
	};
}

my @own_id = (qr/ id="([^"]*)"/, qr{<sdg:Evidence><sdg:Identifier>(.*?)<}, qr{name="EvidenceResponseIdentifier".*?<rim:Value>(.*?)<});
my $without_schema = schema_missing();
my (@ids, @sealed);

for my $case (
	rows(q{SELECT DISTINCT ON (n) n, cases.line, name, expected, conversation, exchange, answered.outcome, coalesce(substring(convert_from(request, 'UTF8') FROM '<[^>]*\yid="([^"]*)"'), ''),
			encode(answer_header, 'hex') FROM cases JOIN answered USING (n) JOIN ootspg.exchange USING (exchange_id) ORDER BY n}))
{
	my ($n, $line, $name, $expected, $conversation, $exchange, $outcome, $request_id, $header) = @$case;
	my ($first, @files) = @{ $parts{$n} // [] };
	my ($short) = $line =~ /:(.*)/;
	my $title = "$short, $name";

	if ($expected eq 'unanswerable')
	{
		is("$outcome$header", $expected, "$title: nothing leaves");
		ok(!$first, "$title: no part");
		next;
	}
	my ($id, $type, $message) = @$first;
	my ($code) = $message =~ / code="([^"]*)"/;
	my ($detail) = $message =~ / detail="([^"]*)"/;

	$header = pack 'H*', $header;
	is(join(' ', grep { defined } $code // $outcome, $detail, map { $_->[1] } @files), $expected, "$title: as it should be");
	like($message, qr{name="SpecificationIdentifier".*?<rim:Value>\Q$line\E<}, "$title: on its line");
	is_deeply([ $message =~ / requestId="([^"]*)"/ ], [ grep { /^urn:uuid:/ } $request_id ], "$title: names the request, if it can");
	is($broken{$n}, undef, "$title: breaks no rule");
  SKIP:
	{
		skip $without_schema, 1 if $without_schema;
		is(schema_errors($message, line => $short), '', "$title: fits the schemas");
	}
	is_deeply(
		header_facts($header),
		{
			action => $code ? 'ExceptionResponse' : 'ExecuteQueryResponse',
			conversation => $conversation,
			parties => 'AP_LV_01 AP_DE_01',
			properties => [
				originalSender => 'LV90000000001',
				finalRecipient => 'DE-REQ-0001',
				$short eq 'v2.0' ? (ExchangeId => $exchange, SpecificationId => 'oots-edm:v2.0') : ()
			],
			parts => [ map { @$_[ 0, 1 ] } @{ $parts{$n} } ],
		},
		"$title: the header goes with the parts");
	is_deeply([ $message =~ /xlink:href="cid:([^"]*)"/g ], [ map { $_->[0] } @files ], "$title: every file is referred to, in order");
	is_deeply([ $message =~ m{<sdg:Format>(.*?)<}g ], [ map { $_->[1] } @files ], "$title: as what it is");
	like($_->[0], qr/^[0-9a-f]{32}\@civil\.example\.lv$/, "$title: a content id for every line") for @{ $parts{$n} };

	push @ids, (map { $_->[0] } @{ $parts{$n} }), $header =~ m{<eb:MessageId>(.*?)<}, map { $message =~ /$_/g } @own_id;
	push @sealed, map { $_->[2] } grep { $_->[1] eq 'application/xml' } @files;
}
my %seen;
is_deeply([ grep { $seen{$_}++ } @ids ], [], 'no identifier is given twice');
cmp_ok(scalar @ids, '>', 300, 'there were many');

# Sealed evidence, by others' eyes and ours; the schema holds for what is sealed and
# for what was before.
sub model_errors
{
	my (@files) = @_;
	my $output = '';

	IPC::Run::run([ 'xmllint', '--noout', '--nonet', '--schema', "$workplace/model.xsd", @files ], '>&', \$output);
	return $? ? $output : '';
}

my $count = 0;
my @files = map { write_file("$workplace/sealed" . $count++ . '.xml', $_) } @sealed;
my @before;
is($count, 14, 'sealed documents were sent');
is_deeply([ xmlsec_verify("$keys/civil.pem", @files) ], [ $count, 1 ], 'xmlsec1 verifies each');
for my $document (@sealed)
{
	my ($valid, $signed) = split /\|/, $node->safe_psql('postgres',
		sprintf q{SELECT valid, encode(signed_content, 'hex') FROM ootspg.verify_seal('\x%s')}, unpack 'H*', $document);
	push @before, write_file("$workplace/before" . scalar(@before) . '.xml', pack 'H*', $signed // '') if $valid eq 't';
}
is(scalar @before, $count, 'verify_seal() does too');
write_file("$workplace/model.xsd", $model);
is(model_errors(@files), '', 'sealed documents are valid against the schema of their model');
is(model_errors(@before), '', 'and so is what the seal covers');
my $built = $node->safe_psql('postgres',
	q{SELECT string_agg(encode(ootspg.document(document, 'application/xml', 'award', '1.0'), 'hex'), ' ' ORDER BY piece_order) FROM registry.award_evidence});
my %distinct = map { (unpack('H*', slurp_file($_)) => 1) } @before;
is_deeply([ sort keys %distinct ], [ sort split / /, $built ], 'which is the document as built');

$node->stop;
done_testing();
