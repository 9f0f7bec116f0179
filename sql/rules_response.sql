-- Every rule R-EDM-RESP-* fires where it is published, on the lines where it is
-- published, and on nothing that is right.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA responses;
SET search_path = responses, ootspg;

-- Messages are built here from small pieces; nothing in them is real.
CREATE FUNCTION slot(name text, type text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:Slot name="%s"><rim:SlotValue xsi:type="rim:%s">%s</rim:SlotValue></rim:Slot>', name, type, value) $$;

CREATE FUNCTION value_slot(name text, type text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT slot(name, type, format('<rim:Value>%s</rim:Value>', value)) $$;

CREATE FUNCTION provider() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<rim:Slot name="EvidenceProvider"><rim:SlotValue xsi:type="rim:CollectionValueType" collectionType="urn:oasis:names:tc:ebxml-regrep:CollectionType:Set">'
 || '<rim:Element xsi:type="rim:AnyValueType"><sdg:Agent><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0007">SE-REG-77</sdg:Identifier>'
 || '<sdg:Name lang="EN">Register of Lighthouse Keepers</sdg:Name>'
 || '<sdg:Address><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE22</sdg:AdminUnitLevel2></sdg:Address>'
 || '<sdg:Classification>EP</sdg:Classification></sdg:Agent></rim:Element>'
 || '<rim:Element xsi:type="rim:AnyValueType"><sdg:Agent><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0007">SE-HUB-1</sdg:Identifier>'
 || '<sdg:Name lang="SV">Navet</sdg:Name><sdg:Classification>IP</sdg:Classification></sdg:Agent></rim:Element>'
 || '</rim:SlotValue></rim:Slot>' $$;

CREATE FUNCTION requester() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT slot('EvidenceRequester', 'AnyValueType',
 '<sdg:Agent><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0204">DE-OFF-12</sdg:Identifier>'
 '<sdg:Name lang="DE">Hafenamt Beispielstadt</sdg:Name></sdg:Agent>') $$;

CREATE FUNCTION distribution(line text, format text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<sdg:Distribution><sdg:Format>%s</sdg:Format><sdg:Language>EN</sdg:Language>%s</sdg:Distribution>', format,
 CASE WHEN format = 'application/xml' THEN '<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/'
   || CASE line WHEN 'v1.0' THEN 'distributions' ELSE 'datamodels' END || '/keeper-licence</sdg:ConformsTo>' ELSE '' END) $$;

CREATE FUNCTION metadata(number int, evidence text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT slot('EvidenceMetadata', 'AnyValueType',
 format('<sdg:Evidence><sdg:Identifier>22222222-0000-4000-8000-00000000000%s</sdg:Identifier>%s</sdg:Evidence>', number, evidence)) $$;

CREATE FUNCTION about_person() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:NaturalPerson><sdg:Identifier schemeID="eidas">DE/SE/K8L9M0N1P2</sdg:Identifier><sdg:FamilyName>Leuchtfeuer</sdg:FamilyName>'
 '<sdg:GivenName>Ida</sdg:GivenName><sdg:DateOfBirth>1987-11-30</sdg:DateOfBirth><sdg:PlaceOfBirth>Beispielstadt</sdg:PlaceOfBirth></sdg:NaturalPerson>' $$;

CREATE FUNCTION about_company() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:LegalPerson><sdg:LegalPersonIdentifier schemeID="eidas">DE/SE/HRB0001234</sdg:LegalPersonIdentifier>'
 '<sdg:LegalName>Leuchtturm Beispiel GmbH</sdg:LegalName></sdg:LegalPerson>' $$;

CREATE FUNCTION main_metadata(line text, number int, about text, format text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT metadata(number, '<sdg:IsAbout>' || about || '</sdg:IsAbout>'
 || '<sdg:IssuingAuthority><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0007">SE-REG-77</sdg:Identifier><sdg:Name lang="EN">Register of Lighthouse Keepers</sdg:Name></sdg:IssuingAuthority>'
 || '<sdg:IsConformantTo><sdg:EvidenceTypeClassification>https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/SE/0f0e0d0c-1111-4222-8333-444455556666</sdg:EvidenceTypeClassification>'
 || '<sdg:Title lang="EN">Keeper licence</sdg:Title><sdg:Description lang="EN">Says who may keep a light</sdg:Description></sdg:IsConformantTo>'
 || '<sdg:IssuingDate>2020-05-04</sdg:IssuingDate>' || distribution(line, format)
 || '<sdg:ValidityPeriod><sdg:StartDate>2020-05-04</sdg:StartDate><sdg:EndDate>2030-05-03</sdg:EndDate></sdg:ValidityPeriod>') $$;

CREATE FUNCTION object(number int, inner_xml text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:RegistryObject xsi:type="rim:ExtrinsicObjectType" id="urn:uuid:11111111-0000-4000-8000-00000000000%s">%s'
 '<rim:RepositoryItemRef xlink:href="cid:3333333300004000800000000000000%s@keepers.example" xlink:title="File %s"/></rim:RegistryObject>', number, inner_xml, number, number) $$;

CREATE FUNCTION classified(number int, node text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:Classification id="urn:uuid:44444444-0000-4000-8000-00000000000%s" classificationScheme="urn:fdc:oots:classification:edm" classificationNode="%s"/>', number, node) $$;

-- a supplementary document and what joins it to document 1
CREATE FUNCTION companion(number int, node text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT object(number, metadata(number, distribution('v2.0', 'application/pdf')) || classified(number, node))
 || format('<rim:RegistryObject xsi:type="rim:AssociationType" id="urn:uuid:55555555-0000-4000-8000-00000000000%s" type="urn:oasis:names:tc:ebxml-regrep:AssociationType:%s" '
  'sourceObject="urn:uuid:11111111-0000-4000-8000-00000000000%s" targetObject="urn:uuid:11111111-0000-4000-8000-000000000001"/>', number, node, number) $$;

CREATE FUNCTION package(number int, objects text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:RegistryObject xsi:type="rim:RegistryPackageType" id="urn:uuid:66666666-0000-4000-8000-00000000000%s"><rim:RegistryObjectList>%s</rim:RegistryObjectList></rim:RegistryObject>', number, objects) $$;

CREATE FUNCTION objects(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN line <> 'v2.0' THEN
  object(1, main_metadata(line, 1, about_person(), 'application/xml')) || object(2, main_metadata(line, 2, about_company(), 'application/pdf'))
 ELSE
  package(1, object(1, main_metadata(line, 1, about_person(), 'application/xml') || classified(1, 'MainEvidence'))
   || companion(3, 'Annex') || companion(4, 'HumanReadableVersion') || companion(5, 'Translation'))
  || package(2, object(2, main_metadata(line, 2, about_company(), 'application/pdf') || classified(2, 'MainEvidence')))
 END $$;

CREATE FUNCTION response(line text, status text, more text, objects text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"'
 || ' xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:sdg="http://data.europa.eu/p4s" xmlns:xlink="http://www.w3.org/1999/xlink"'
 || ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" requestId="urn:uuid:77777777-0000-4000-8000-000000000001"'
 || ' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:' || status || '">'
 || value_slot('SpecificationIdentifier', 'StringValueType', 'oots-edm:' || line)
 || value_slot('EvidenceResponseIdentifier', 'StringValueType', '88888888-0000-4000-8000-000000000001')
 || value_slot('IssueDateTime', 'DateTimeValueType', '2026-02-03T04:05:06Z') || more
 || provider() || requester()
 || '<rim:RegistryObjectList>' || objects || '</rim:RegistryObjectList></query:QueryResponse>' $$;

CREATE FUNCTION base(line text, kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE kind
 WHEN 'success' THEN response(line, 'Success', '', objects(line))
 WHEN 'empty' THEN response(line, 'Success', '', '')
 WHEN 'deferral' THEN response(line, 'Unavailable', value_slot('ResponseAvailableDateTime', 'DateTimeValueType', '2026-03-01T00:00:00Z'), '')
 END $$;

CREATE TABLE lines (line text);
INSERT INTO lines VALUES ('v1.0'), ('v1.1'), ('v1.2'), ('v2.0');

-- What is right breaks nothing.
SELECT kind, line, (SELECT count(*) FROM check_message(convert_to(base(line, kind), 'UTF8'))) AS broken
FROM unnest('{success,empty,deferral}'::text[]) kind, lines ORDER BY kind, line;

-- One change for each rule: what is found is put otherwise, and the rule fires on exactly these lines.
CREATE TABLE cases (number serial, rule text, kind text, find text, put text, fires_on text[]);
CREATE FUNCTION on_lines(word text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE word WHEN 'all' THEN '{v1.0,v1.1,v1.2,v2.0}' WHEN 'later' THEN '{v1.1,v1.2,v2.0}' WHEN '1.x' THEN '{v1.0,v1.1,v1.2}'
 WHEN 'since 1.2' THEN '{v1.2,v2.0}' WHEN '1.0' THEN '{v1.0}' WHEN '2.0' THEN '{v2.0}' END::text[] $$;

INSERT INTO cases (rule, kind, find, put, fires_on)
SELECT 'R-EDM-RESP-' || rule, kind, find, put, on_lines(word) FROM (VALUES
-- root and slots
('S003', 'success', ' requestId="[^"]*"', '', 'all'),
('S004', 'success', 'requestId="urn:uuid:', 'requestId="uuid:', 'all'),
('S004', 'success', '(requestId="urn:uuid:7777777)7', '\1', 'all'),
('S007', 'success', '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', '', 'all'),
('S007', 'deferral', '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', '', '2.0'),
('S009', 'success', '(<rim:Slot name="SpecificationIdentifier">.*?</rim:Slot>)', '\1\1', 'all'),
('S010', 'success', '<rim:Slot name="EvidenceResponseIdentifier">.*?</rim:Slot>', '', 'all'),
('S011', 'success', '<rim:Slot name="IssueDateTime">.*?</rim:Slot>', '', 'all'),
('S012', 'success', '<rim:Slot name="EvidenceProvider">.*?</rim:Slot>', '', 'all'),
('S013', 'success', '<rim:Slot name="EvidenceRequester">.*?</rim:Slot>', '', 'all'),
('S014', 'success', '<rim:Slot name="EvidenceProvider">', '<rim:Slot name="ResponseAvailableDateTime"><rim:SlotValue xsi:type="rim:DateTimeValueType"><rim:Value>2026-03-01T00:00:00Z</rim:Value></rim:SlotValue></rim:Slot><rim:Slot name="EvidenceProvider">', 'later'),
('S014', 'deferral', '(<rim:Slot name="ResponseAvailableDateTime">.*?</rim:Slot>)', '\1\1', '1.0'),
('S015', 'success', 'name="EvidenceMetadata"', 'name="Metadata"', 'all'),
('S016', 'success', '<rim:RegistryObjectList>', '<rim:Slot name="Remark"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>none</rim:Value></rim:SlotValue></rim:Slot><rim:RegistryObjectList>', 'later'),
('S016', 'success', '</query:QueryResponse>', '<rim:ObjectRefList/></query:QueryResponse>', 'later'),
('S016', 'success', '<rim:Slot name="IssueDateTime">.*?</rim:Slot>', '', '1.0'),
('S016', 'deferral', '<rim:Slot name="IssueDateTime">.*?</rim:Slot>', '', NULL),
('S017', 'success', '(name="SpecificationIdentifier"><rim:SlotValue xsi:type="rim:)String', '\1DateTime', 'all'),
('S018', 'success', '(name="EvidenceResponseIdentifier"><rim:SlotValue xsi:type=")rim:', '\1', 'all'),
('S019', 'success', '(name="IssueDateTime"><rim:SlotValue xsi:type="rim:)DateTime', '\1String', 'all'),
('S020', 'success', 'rim:CollectionValueType', 'rim:AnyValueType', 'all'),
('S021', 'success', '<rim:Element xsi:type="rim:AnyValueType">', '<rim:Element xsi:type="rim:StringValueType">', 'later'),
('S022', 'success', '(name="EvidenceRequester"><rim:SlotValue xsi:type="rim:)Any', '\1Collection', 'all'),
('S023', 'deferral', '(name="ResponseAvailableDateTime"><rim:SlotValue xsi:type="rim:)DateTime', '\1String', 'all'),
('S024', 'success', '(name="EvidenceMetadata"><rim:SlotValue xsi:type="rim:)Any', '\1String', 'all'),
('S025', 'success', '<rim:Element xsi:type="rim:AnyValueType">.*?</rim:Element>', '<rim:Element xsi:type="rim:AnyValueType"><sdg:Party/></rim:Element>', 'later'),
('S026', 'success', '<sdg:Classification>EP', '<sdg:Jurisdiction/><sdg:Classification>EP', 'later'),
('S027', 'success', '(name="EvidenceRequester">.*?)<sdg:Agent>(.*?)</sdg:Agent>', '\1<sdg:Party>\2</sdg:Party>', 'all'),
('S028', 'success', '(Hafenamt Beispielstadt</sdg:Name>)', '\1<sdg:Classification>ER</sdg:Classification>', 'later'),
('S028', 'success', '<sdg:Name lang="DE">Hafenamt Beispielstadt</sdg:Name>', '', '1.0'),
('S029', 'success', '<sdg:Evidence>(.*?)</sdg:Evidence>', '<sdg:Proof>\1</sdg:Proof>', 'all'),
('S030', 'success', '</sdg:IsConformantTo>', '<sdg:Note>new</sdg:Note></sdg:IsConformantTo>', 'later'),
-- objects
('S033', 'success', '<rim:RepositoryItemRef[^>]*/>', '', 'all'),
('S034', 'success', ' xlink:href="[^"]*"', '', 'later'),
('S035', 'success', ' xlink:title="[^"]*"', '', 'later'),
('S035', 'success', ' xlink:title="[^"]*"', ' xlink:title=" "', 'later'),
('S036', 'success', '(<rim:RegistryObject [^>]*) id="[^"]*"', '\1', 'all'),
('S037', 'success', '(<rim:RegistryObject [^>]* id=")urn:uuid:', '\1', 'all'),
('S041', 'success', '<sdg:PlaceOfBirth>', '<sdg:Gender>Female</sdg:Gender><sdg:PlaceOfBirth>', 'later'),
('S042', 'success', '<sdg:LegalName>', '<sdg:Identifier schemeID="VAT">DE1</sdg:Identifier><sdg:LegalName>', 'later'),
('S045', 'deferral', '<rim:Slot name="ResponseAvailableDateTime">.*?</rim:Slot>', '', 'later'),
-- packages
('S046', 'success', '(PackageType[^>]*>)', '\1<rim:RegistryObjectList/>', '2.0'),
('S046', 'success', '(PackageType.*?>)<rim:RegistryObjectList>.*?</rim:RegistryObjectList>', '\1', '2.0'),
('S047', 'success', '"MainEvidence"', '"Translation"', '2.0'),
('S048', 'success', 'urn:fdc:oots:classification:edm', 'urn:example:shelf', '2.0'),
('S048', 'success', '(<rim:Classification [^>]*/>)', '\1\1', '2.0'),
('S049', 'success', 'classificationNode="Annex"', 'classificationNode="Appendix"', '2.0'),
('S049', 'success', ' classificationNode="Annex"', '', '2.0'),
('S050', 'success', '<rim:RegistryObject xsi:type="rim:AssociationType"[^>]*/>', '', '2.0'),
('S051', 'success', ' sourceObject="[^"]*"', '', '2.0'),
('S052', 'success', '(AssociationType:Annex" sourceObject="urn:uuid:)1', '\19', '2.0'),
('S053', 'success', '(AssociationType:HumanReadableVersion" sourceObject="urn:uuid:)1', '\19', '2.0'),
('S054', 'success', '(AssociationType:Translation" sourceObject="urn:uuid:)1', '\19', '2.0'),
('S055', 'success', ' targetObject="[^"]*"', '', '2.0'),
('S056', 'success', '(AssociationType:Annex" .*?targetObject="[^"]*)1"', '\12"', '2.0'),
('S057', 'success', '(AssociationType:HumanReadableVersion" .*?targetObject="[^"]*)1"', '\14"', '2.0'),
('S058', 'success', '(AssociationType:Translation" .*?targetObject="[^"]*)1"', '\15"', '2.0'),
('S059', 'success', 'AssociationType:Annex', 'AssociationType:Translation', '2.0'),
('S060', 'success', 'AssociationType:Translation', 'AssociationType:HumanReadableVersion', '2.0'),
('S061', 'success', 'AssociationType:HumanReadableVersion', 'AssociationType:Annex', '2.0'),
('S062', 'success', '<sdg:IssuingDate>[^<]*</sdg:IssuingDate>', '', '2.0'),
('S063', 'success', '(</sdg:Identifier>)(<sdg:Distribution>)', '\1<sdg:IssuingDate>2020-01-01</sdg:IssuingDate>\2', '2.0'),
('S063', 'success', '(</sdg:Identifier><sdg:Distribution>.*?</sdg:Language>)', '\1<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/datamodels/x</sdg:ConformsTo>', '2.0'),
('S065', 'success', 'urn:uuid:44444444', '44444444', '2.0'),
('S066', 'success', 'rim:RegistryPackageType', 'rim:ExtrinsicObjectType', '2.0'),
-- contents of the slots
('C002', 'success', '(oots-edm:v...)<', '\1 <', 'all'),
('C003', 'success', '88888888-', 'urn:uuid:88888888-', 'all'),
('C004', 'success', '2026-02-03T04:05:06Z', '2026-02-03', 'all'),
('C005', 'deferral', '2026-03-01T00:00:00Z', 'soon', 'all'),
('C006', 'success', ' schemeID="[^"]*">SE-REG', '>SE-REG', 'all'),
('C007', 'success', 'EAS:0007">SE-REG', 'EAS:0000">SE-REG', 'all'),
('C007', 'success', 'urn:cef.eu:names:identifier:EAS:0007', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots-evidence-provider', 'later'),
('C007', 'success', '>SE-REG-77<', '>' || repeat('7', 256) || '<', 'later'),
('C008', 'success', '<sdg:AdminUnitLevel1>SE', '<sdg:AdminUnitLevel1>se', 'all'),
('C009', 'success', '<sdg:AdminUnitLevel2>SE22', '<sdg:AdminUnitLevel2>Malmo', '2.0'),
('C010', 'success', '<sdg:Classification>EP', '<sdg:Classification> ', 'all'),
('C011', 'success', '<sdg:Classification>IP', '<sdg:Classification>XX', 'all'),
('C011', 'success', '<sdg:Classification>IP', '<sdg:Classification>ER', 'later'),
('C012', 'success', ' schemeID="[^"]*">DE-OFF', '>DE-OFF', 'all'),
('C013', 'success', 'EAS:0204">DE-OFF', '0204">DE-OFF', 'all'),
('C013', 'success', 'urn:cef.eu:names:identifier:EAS:0204', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:XX', 'later'),
('C046', 'success', '<sdg:Classification>EP', '<sdg:Classification>IP', 'later'),
('C046', 'success', '<sdg:Classification>IP', '<sdg:Classification>EP', 'later'),
('C047', 'success', '<sdg:AdminUnitLevel1>[^<]*</sdg:AdminUnitLevel1>', '', 'later'),
-- metadata of the evidence
('C015', 'success', '<sdg:Identifier>22222222-', '<sdg:Identifier>2222222-', 'all'),
('C016', 'success', '<sdg:IssuingDate>2020-05-04', '<sdg:IssuingDate>4 May 2020', 'all'),
('C017', 'success', 'evidencetypeclassifications', 'evidencetypes', 'all'),
('C017', 'success', '(evidencetypeclassifications/SE/[^<]*)', '\1 ', 'later'),
('C017', 'success', 'sr.oots.tech.ec.europa.eu/evidence', 'sr.oots.tech.europa.eu/evidence', 'since 1.2'),
('C018', 'success', '<sdg:Title lang="EN">', '<sdg:Title lang="en">', 'all'),
('C019', 'success', '<sdg:Title lang="EN">', '<sdg:Title>', 'all'),
('C020', 'success', '<sdg:Description lang="EN">', '<sdg:Description lang="English">', 'all'),
('C021', 'success', '<sdg:Description lang="EN">', '<sdg:Description>', 'all'),
('C022', 'success', '<sdg:ConformsTo>https://sr.', '<sdg:ConformsTo>https://models.', 'all'),
('C022', 'success', '(<sdg:ConformsTo>[^<]*)distributions', '\1datamodels', '1.0'),
('C023', 'success', 'application/pdf', 'text/csv', 'all'),
('C023', 'success', 'application/pdf', 'image/svg+xml', '1.0'),
('C026', 'success', '<sdg:Language>EN', '<sdg:Language>en', 'all'),
('C027', 'success', '<sdg:Identifier schemeID="eidas">[^<]*</sdg:Identifier>', '', 'all'),
('C028', 'success', 'DE/SE/K8L9M0N1P2', 'DE-SE-K8L9M0N1P2', 'all'),
('C028', 'success', 'DE/SE/K8L9M0N1P2', 'DE/SE/K8L9M0', '1.0'),
('C028', 'success', 'DE/SE/K8L9M0N1P2', 'XX/SE/K8L9M0N1P2', 'later'),
('C028', 'success', '"eidas">DE/SE/K8L9M0N1P2', '"local">K8L9M0N1P2', '1.x'),
('C030', 'success', '<sdg:Identifier schemeID="eidas">', '<sdg:Identifier>', 'all'),
('C031', 'success', '<sdg:Identifier schemeID="eidas">', '<sdg:Identifier schemeID="EIDAS">', 'all'),
('C031', 'success', '<sdg:Identifier schemeID="eidas">', '<sdg:Identifier>', 'all'),
('C032', 'success', '1987-11-30', '30.11.1987', 'all'),
('C032', 'success', '1987-11-30', '1987-11-30Z', 'later'),
('C033', 'success', '>DE/SE/HRB0001234<', '> <', 'all'),
('C033', 'success', '<sdg:LegalPersonIdentifier[^<]*</sdg:LegalPersonIdentifier>', '', 'all'),
('C035', 'success', '>DE/SE/HRB0001234<', '>HRB0001234<', 'later'),
('C036', 'success', '<sdg:LegalPersonIdentifier schemeID="eidas">', '<sdg:LegalPersonIdentifier>', 'later'),
('C037', 'success', '<sdg:LegalPersonIdentifier schemeID="eidas">', '<sdg:LegalPersonIdentifier schemeID="VAT">', 'later'),
('C038', 'success', '(<sdg:IssuingAuthority><sdg:Identifier) schemeID="[^"]*"', '\1', 'all'),
('C039', 'success', '(<sdg:IssuingAuthority><sdg:Identifier schemeID=")[^"]*"', '\1GLN"', 'all'),
('C040', 'success', '<sdg:StartDate>2020', '<sdg:StartDate>20', 'all'),
('C041', 'success', '<sdg:EndDate>2030-05-03', '<sdg:EndDate>never', 'all'),
('C042', 'success', 'xlink:href="cid:', 'xlink:href="mid:', 'all'),
('C042', 'success', ' xlink:href="[^"]*"', '', 'all'),
('C042', 'success', 'xlink:href="cid:3', 'xlink:href="cid:A-3', '1.0'),
('C043', 'success', '</sdg:ConformsTo>', '</sdg:ConformsTo><sdg:Transformation>https://models.example/part</sdg:Transformation>', '1.x'),
('C044', 'success', '<sdg:ConformsTo>[^<]*</sdg:ConformsTo>', '', 'all'),
('C044', 'success', 'application/pdf', 'image/svg+xml', '1.0'),
('C049', 'success', 'Keeper licence', 'K', 'later'),
('C050', 'success', '(application/pdf</sdg:Format><sdg:Language>EN</sdg:Language>)', '\1<sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/distributions/x</sdg:ConformsTo>', 'later'),
('C058', 'success', '(<sdg:Format>application/pdf</sdg:Format>)', '\1\1', '2.0')
) AS c (rule, kind, find, put, word);

-- must be empty: changes that find nothing to change where their rule is to fire
SELECT rule, line FROM cases, unnest(fires_on) line
WHERE regexp_replace(base(line, kind), find, put) = base(line, kind) ORDER BY number, line;

CREATE TABLE verdicts AS
SELECT c.number, c.rule, l.line, v.rule_id, v.severity
FROM cases c CROSS JOIN lines l
LEFT JOIN LATERAL (SELECT DISTINCT rule_id, severity FROM check_message(convert_to(regexp_replace(base(l.line, c.kind), c.find, c.put), 'UTF8'))) v ON true;

-- must be empty: changes that leave no XML
SELECT rule, line FROM verdicts WHERE rule_id = 'XML' ORDER BY number, line;

-- must be empty: rules that did not fire where they should, or fired where they should not
SELECT c.number, c.rule, c.fires_on AS expected, f.fired
FROM cases c
CROSS JOIN LATERAL (SELECT array_agg(line ORDER BY line) AS fired FROM verdicts v WHERE v.number = c.number AND v.rule_id = c.rule) f
WHERE f.fired IS DISTINCT FROM c.fires_on ORDER BY c.number;

-- what each change breaks besides, and how grave it is
SELECT c.rule, (SELECT string_agg(DISTINCT severity, '/') FROM verdicts v WHERE v.number = c.number AND v.rule_id = c.rule) AS severity,
 (SELECT string_agg(DISTINCT substr(rule_id, 7), ' ' ORDER BY substr(rule_id, 7)) FROM verdicts v WHERE v.number = c.number AND v.rule_id <> c.rule) AS besides
FROM cases c ORDER BY number;

-- Rules of the table that no case above reaches: another root is no response,
-- an exception or another status makes an error, and C055 is a hint.
SELECT rule_id FROM rules() WHERE message = 'response' AND rule_id NOT IN (SELECT rule FROM cases) ORDER BY 1;
SELECT what, string_agg(DISTINCT rule_id, ' ' ORDER BY rule_id) AS broken
FROM (VALUES ('another root', 'query:QueryResponse', 'query:QueryReply'), ('another namespace', 'xsd:query:4.0', 'xsd:query:3.0'),
 ('an exception', '<rim:RegistryObjectList>', '<rs:Exception/><rim:RegistryObjectList>'), ('another status', 'Type:Success', 'Type:Waiting'),
 ('no status', ' status="[^"]*"', '')) AS c (what, find, put),
 check_message(convert_to(regexp_replace(base('v1.2', 'empty'), find, put, 'g'), 'UTF8'))
GROUP BY what ORDER BY what;

-- A verdict names the place and never what stands there.
SELECT rule_id, severity, location, detail FROM check_message(convert_to(replace(base('v2.0', 'success'), '1987-11-30', 'long ago'), 'UTF8'));

DROP SCHEMA responses CASCADE;
