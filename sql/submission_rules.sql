-- Every rule on submissions to the directories and on the answers to them fires where it
-- is broken, in the object model where it applies, and on nothing that is right: also
-- those that the published files never run.
\set VERBOSITY sqlstate
SET client_min_messages = warning;
CREATE SCHEMA submissions;
SET search_path = submissions, ootspg;

-- Messages are built here from small pieces; nothing in them is real.
CREATE FUNCTION urn(number integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT 'urn:uuid:00000000-0000-4000-8000-' || lpad(number::text, 12, '0') $$;

CREATE FUNCTION object(number integer, service text, node text, content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:RegistryObject id="%s"><rim:Slot name="%s"><rim:SlotValue xsi:type="rim:AnyValueType">%s</rim:SlotValue></rim:Slot>'
 '<rim:Classification id="%s" classificationScheme="urn:fdc:oots:classification:%s" classificationNode="%s"/></rim:RegistryObject>',
 urn(number), node, content, urn(1000 + number), service, node) $$;

CREATE FUNCTION link(number integer, type text, source integer, target integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:RegistryObject xsi:type="rim:AssociationType" id="%s" type="urn:oasis:names:tc:ebxml-regrep:AssociationType:%s" sourceObject="%s" targetObject="%s"/>',
 urn(number), type, urn(source), urn(target)) $$;

CREATE FUNCTION request(objects text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"'
 ' xmlns:sdg="http://data.europa.eu/p4s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="%s"><rim:RegistryObjectList>%s</rim:RegistryObjectList></lcm:SubmitObjectsRequest>', urn(900), objects) $$;

CREATE FUNCTION place() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:Address><sdg:FullAddress>Pier 1</sdg:FullAddress><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE22</sdg:AdminUnitLevel2></sdg:Address>'
 '<sdg:Jurisdiction><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE224</sdg:AdminUnitLevel2><sdg:AdminUnitLevel3>1280</sdg:AdminUnitLevel3></sdg:Jurisdiction>' $$;

CREATE FUNCTION concept(element text, more text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<sdg:%1$s><sdg:Identifier>00000000-0000-4000-8000-00000000c0de</sdg:Identifier><sdg:Type>Codelist</sdg:Type>'
 '<sdg:Description lang="EN">Kind of light</sdg:Description>%2$s</sdg:%1$s>', element, more) $$;

CREATE FUNCTION publisher() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:Publisher><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0007">SE-REG-77</sdg:Identifier><sdg:Name lang="EN">Register of Lighthouse Keepers</sdg:Name>'
 || place() || concept('ClassificationConcept', '<sdg:SupportedValue><sdg:StringValue>harbour</sdg:StringValue></sdg:SupportedValue>') || '</sdg:Publisher>' $$;

CREATE FUNCTION access_service(publisher text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:AccessService><sdg:Identifier schemeID="urn:oasis:names:tc:ebcore:partyid-type:unregistered:SE">AP_SE</sdg:Identifier><sdg:ConformsTo>oots-edm:v1.0</sdg:ConformsTo>' || publisher || '</sdg:AccessService>' $$;

CREATE FUNCTION evidence_type(models text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:DataServiceEvidenceType><sdg:Identifier>00000000-0000-4000-8000-0000000d5e70</sdg:Identifier>'
 '<sdg:EvidenceTypeClassification>https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/SE/00000000-0000-4000-8000-0000000c1a55</sdg:EvidenceTypeClassification>'
 '<sdg:Title lang="EN">Licence</sdg:Title><sdg:Description lang="EN">Licence to keep a light</sdg:Description>'
 '<sdg:DistributedAs><sdg:Format>application/pdf</sdg:Format></sdg:DistributedAs>'
 || replace('<sdg:DistributedAs><sdg:Format>application/xml</sdg:Format><sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/MODELS/licence-1.0</sdg:ConformsTo></sdg:DistributedAs>'
 '<sdg:DistributedAs><sdg:Format>application/json</sdg:Format><sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/MODELS/licence-1.0</sdg:ConformsTo></sdg:DistributedAs>', 'MODELS', models)
 || '<sdg:AuthenticationLevelOfAssurance>High</sdg:AuthenticationLevelOfAssurance>'
 '<sdg:EvidenceProviderJurisdictionDetermination><sdg:JurisdictionContextId>00000000-0000-4000-8000-0000000c0e70</sdg:JurisdictionContextId>'
 '<sdg:JurisdictionContext lang="EN">Place of service</sdg:JurisdictionContext><sdg:JurisdictionLevel>LAU</sdg:JurisdictionLevel></sdg:EvidenceProviderJurisdictionDetermination>'
 || concept('EvidenceProviderClassification', '') || '</sdg:DataServiceEvidenceType>' $$;

-- each line has its object model and its path of data models
CREATE FUNCTION dsd(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE line WHEN 'v1.0' THEN request(object(1, 'dsd', 'EvidenceProvider', access_service(publisher())) || object(2, 'dsd', 'DataServiceEvidenceType', evidence_type('distributions'))
  || link(3, 'ServesEvidenceType', 1, 2))
 ELSE request(object(1, 'dsd', 'EvidenceProvider', publisher()) || object(2, 'dsd', 'DataServiceEvidenceType', evidence_type('datamodels'))
  || object(4, 'dsd', 'AccessService', access_service('')) || link(3, 'ProvidesEvidenceType', 1, 2) || link(5, 'UsesAccessService', 1, 4)) END $$;

CREATE FUNCTION eb(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT request(object(1, 'eb', 'EvidenceType', '<sdg:EvidenceType><sdg:EvidenceTypeClassification>https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/SE/00000000-0000-4000-8000-0000000c1a55</sdg:EvidenceTypeClassification>'
  '<sdg:Title lang="EN">Licence</sdg:Title><sdg:Description lang="EN">Licence to keep a light</sdg:Description>' || replace(place(), '<sdg:Address>', '<!--') || '</sdg:EvidenceType>')
 || object(2, 'eb', 'EvidenceTypeList', '<sdg:EvidenceTypeList><sdg:Identifier>00000000-0000-4000-8000-000000000157</sdg:Identifier><sdg:Name lang="EN">Licences</sdg:Name>'
  || CASE line WHEN 'v2.0' THEN '<sdg:Jurisdiction><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1></sdg:Jurisdiction>' ELSE '' END || '</sdg:EvidenceTypeList>')
 || object(3, 'eb', 'Requirement', '<sdg:Requirement><sdg:Identifier>https://sr.oots.tech.ec.europa.eu/requirements/00000000-0000-4000-8000-000000000003</sdg:Identifier><sdg:Name lang="EN">May keep a light</sdg:Name></sdg:Requirement>')
 || object(4, 'eb', 'ReferenceFramework', '<sdg:ReferenceFramework><sdg:Identifier>00000000-0000-4000-8000-0000000f4a3e</sdg:Identifier><sdg:Title lang="EN">Taking up service</sdg:Title><sdg:Description lang="EN">At any light</sdg:Description>'
  '<sdg:RelatedTo><sdg:Identifier>S1</sdg:Identifier></sdg:RelatedTo><sdg:Jurisdiction><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE22</sdg:AdminUnitLevel2><sdg:AdminUnitLevel3>1281</sdg:AdminUnitLevel3></sdg:Jurisdiction></sdg:ReferenceFramework>')
 || link(5, 'ContainsEvidence', 2, 1) || link(6, 'FulfillsRequirement', 2, 3) || link(7, 'DerivesFromReferenceFramework', 3, 4)) $$;

CREATE FUNCTION answer(status text, content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
 ' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:%s" requestId="%s">%s</rs:RegistryResponse>', status, urn(900), content) $$;

CREATE FUNCTION base(line text, kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE kind WHEN 'dsd' THEN dsd(line) WHEN 'eb' THEN regexp_replace(eb(line), '<!--.*?</sdg:Address>', '') WHEN 'success' THEN answer('Success', '')
 ELSE answer('Failure', '<rs:Exception xsi:type="rs:InvalidRequestExceptionType" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error" code="LCM:ERR:0002" message="no" detail="x"/>') END $$;

CREATE FUNCTION verdicts(message text, line text) RETURNS TABLE (rule_id text, severity text) LANGUAGE sql STABLE AS $$
SELECT DISTINCT c.rule_id, c.severity FROM check_submission(convert_to(message, 'UTF8'), 'oots-edm:' || line, submission_id => urn(900)) c $$;

CREATE TABLE lines (line text);
INSERT INTO lines VALUES ('v1.0'), ('v1.1'), ('v1.2'), ('v2.0');

-- What is right breaks nothing, whether the line is told or seen
SELECT kind, line, (SELECT string_agg(rule_id || ' ' || severity, ', ') FROM verdicts(base(line, kind), line)) AS broken,
 (SELECT string_agg(rule_id, ', ') FROM check_submission(base(line, kind)::xml)) AS untold
FROM unnest('{dsd,eb,success,error}'::text[]) kind, lines ORDER BY kind, line;

-- The object models are never mixed: each fails the rules of the other.
SELECT (SELECT string_agg(rule_id, ' ' ORDER BY rule_id) FROM verdicts(dsd('v1.2'), 'v1.0')) AS three_objects_as_two,
 (SELECT string_agg(rule_id, ' ' ORDER BY rule_id) FROM verdicts(dsd('v1.0'), 'v1.2')) AS two_objects_as_three;

-- One change for each rule: what is found is put otherwise, and the rule fires on exactly these lines.
CREATE TABLE cases (number serial, rule text, kind text, find text, put text, fires_on text[]);
CREATE FUNCTION on_lines(word text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE word WHEN 'all' THEN '{v1.0,v1.1,v1.2,v2.0}' WHEN 'later' THEN '{v1.1,v1.2,v2.0}' WHEN '1.x' THEN '{v1.0,v1.1,v1.2}'
 WHEN '1.0' THEN '{v1.0}' WHEN '2.0' THEN '{v2.0}' END::text[] $$;

INSERT INTO cases (rule, kind, find, put, fires_on)
SELECT 'R-DSD-SUB-' || rule, 'dsd', find, put, on_lines(word) FROM (VALUES
-- root and objects
('S001', 'SubmitObjectsRequest', 'UpdateObjectsRequest', 'all'),
('S002', 'xsd:lcm:4.0', 'xsd:lcm:3.0', 'all'),
('S003', ' id="[^"]*900"', '', 'all'),
('S004', ' id="[^"]*900"', ' id="900"', 'all'),
('S005', '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', '', 'all'),
('S036', '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', '<rim:RegistryObjectList/>', 'all'),
('S006', '<rim:RegistryObject id="[^"]*"', '<rim:RegistryObject', 'all'),
('S006', '<rim:RegistryObject id="[^"]*"', '<rim:RegistryObject id=""', 'all'),
('S007', '<rim:Classification .*?/>', '', 'all'),
('S022', '<rim:Classification .*?/>', '', 'all'),
('S008', '<rim:Classification id="[^"]*"', '<rim:Classification', 'all'),
('S009', '<rim:Classification id="urn:uuid:', '<rim:Classification id="', 'all'),
('S010', ' classificationScheme="[^"]*"', '', 'all'),
('S011', ' classificationNode="[^"]*"', '', 'all'),
('S012', 'classification:dsd', 'classification:eb2', 'all'),
('S013', 'classificationNode="EvidenceProvider"', 'classificationNode="Provider"', 'all'),
('S013', 'classificationNode="EvidenceProvider"', 'classificationNode="AccessService"', '1.0'),
('S014', '<rim:Slot name="EvidenceProvider">', '<rim:Slot name="Provider">', 'all'),
('S014', '(<rim:Slot name="EvidenceProvider">.*?</rim:Slot>)', '\1\1', 'all'),
('S014', '<rim:Slot name="AccessService">', '<rim:Slot name="Service">', 'later'),
('S015', '<rim:Slot name="DataServiceEvidenceType">', '<rim:Slot name="EvidenceType">', 'all'),
('S016', 'name="EvidenceProvider"><rim:SlotValue xsi:type="rim:Any', 'name="EvidenceProvider"><rim:SlotValue xsi:type="rim:String', 'all'),
('S017', 'name="DataServiceEvidenceType"><rim:SlotValue xsi:type="rim:Any', 'name="DataServiceEvidenceType"><rim:SlotValue xsi:type="rim:String', 'all'),
('S018', '(<sdg:AccessService>.*?</sdg:AccessService>)', '\1\1', 'later'),
('S018', '<sdg:AccessService>.*?</sdg:AccessService>', '', 'later'),
('S018', '(<sdg:Publisher>.*?</sdg:Publisher>)', '\1\1', 'later'),
('S019', '(<sdg:DataServiceEvidenceType>.*?</sdg:DataServiceEvidenceType>)', '\1\1', 'all'),
('S020', '</sdg:DataServiceEvidenceType>', '<sdg:AccessService/></sdg:DataServiceEvidenceType>', 'all'),
('S021', '</sdg:ConformsTo></sdg:DistributedAs>', '</sdg:ConformsTo><sdg:Transformation>https://sr.oots.tech.ec.europa.eu/distributions/licence-1.0/name</sdg:Transformation></sdg:DistributedAs>', 'all'),
-- associations
('S023', '(<rim:RegistryObject id="[^"]*002".*?</rim:RegistryObject>)', '\1\1', 'all'),
('S023', 'sourceObject="[^"]*001"', 'sourceObject="urn:uuid:00000000-0000-4000-8000-000000000077"', 'all'),
('S023', 'sourceObject="([^"]*)001" targetObject="([^"]*)002"', 'sourceObject="\1002" targetObject="\2001"', 'all'),
('S024', ' sourceObject="[^"]*"', '', 'all'),
('S025', 'sourceObject="([^"]*)001"', 'sourceObject="\1002"', 'all'),
('S026', ' targetObject="[^"]*"', '', 'all'),
('S027', 'targetObject="([^"]*)002"', 'targetObject="\1001"', 'all'),
('S028a', 'sourceObject="([^"]*)001"', 'sourceObject="\1002"', 'all'),
('S028b', 'targetObject="([^"]*)002"', 'targetObject="\1001"', 'all'),
('S028a', '(UsesAccessService" sourceObject="[^"]*)001"', '\1002"', 'later'),
('S028b', '(UsesAccessService" sourceObject="[^"]*" targetObject="[^"]*)004"', '\1002"', 'later'),
('S029', 'AssociationType:(Serv|Provid)esEvidenceType', 'AssociationType:HasEvidenceType', 'all'),
('S029', 'AssociationType:(Serv|Provid)esEvidenceType', 'AssociationType:ServesEvidenceType', 'later'),
('S029', 'AssociationType:UsesAccessService', 'AssociationType:ProvidesEvidenceType', 'later'),
('S030', '<rim:RegistryObjectList>', '<rim:Slot name="Remark"/><rim:RegistryObjectList>', 'all'),
('S030', '<rim:RegistryObjectList>', '<rim:Slot name="SpecificationIdentifier"/><rim:RegistryObjectList>', NULL),
('S031', '<sdg:SupportedValue>.*?</sdg:SupportedValue>', '', 'all'),
('S032', '<rim:RegistryObject id="urn:uuid:', '<rim:RegistryObject id="', 'all'),
('S033', 'name="EvidenceProvider"', 'name="Provider"', 'all'),
('S034', 'name="DataServiceEvidenceType"', 'name="EvidenceType"', 'all'),
('S035', '<rim:RegistryObject xsi:type.*/>', '', 'all'),
('S035', 'xsi:type="rim:AssociationType"', 'xsi:type="AssociationType"', '1.0'),
-- contents
('C001', '00000000-0000-4000-8000-0000000d5e70', '0d5e70', 'all'),
('C001', '00000000-0000-4000-8000-0000000d5e70', 'id-00000000-0000-4000-8000-0000000d5e70', 'later'),
('C002', 'evidencetypeclassifications/SE', 'evidencetypeclassifications/SWE', 'all'),
('C003', '<sdg:Title lang="EN"', '<sdg:Title lang="en"', 'all'),
('C004', '<sdg:Title lang="EN"', '<sdg:Title', 'all'),
('C005', '<sdg:Description lang="EN">Lic', '<sdg:Description lang="en">Lic', 'all'),
('C006', '<sdg:Description lang="EN">Lic', '<sdg:Description>Lic', 'all'),
('C007', 'application/pdf', 'text/plain', 'all'),
('C008', '/distributions/|/datamodels/', '/models/', 'all'),
('C008', '/distributions/|/datamodels/', '/datamodels/', '1.0'),
('C009', '</sdg:ConformsTo></sdg:DistributedAs>', '</sdg:ConformsTo><sdg:Transformation>name</sdg:Transformation></sdg:DistributedAs>', '1.x'),
('C010', '(<sdg:EvidenceProviderClassification><sdg:Identifier>)[^<]*', '\1x', 'all'),
('C011', '(<sdg:EvidenceProviderClassification>.*?)<sdg:Type>.*?</sdg:Type>', '\1', 'all'),
('C012', '(<sdg:EvidenceProviderClassification>.*?)<sdg:Description.*?</sdg:Description>', '\1', 'all'),
('C012', '(<sdg:EvidenceProviderClassification>.*?<sdg:Description lang="EN">)Kind of light', '\1', 'all'),
('C013', '(<sdg:EvidenceProviderClassification>.*?<sdg:Description lang=)"EN"', '\1"en"', 'all'),
('C014', '(<sdg:EvidenceProviderClassification>.*?<sdg:Description) lang="EN"', '\1', 'all'),
('C015', '00000000-0000-4000-8000-0000000c0e70', 'birth', '1.x'),
('C016', '<sdg:JurisdictionContext lang="EN"', '<sdg:JurisdictionContext lang="en"', '1.x'),
('C017', '<sdg:JurisdictionContext lang="EN"', '<sdg:JurisdictionContext', '1.x'),
('C018', '>LAU<', '>NUTS4<', '1.x'),
('C020', ' schemeID="[^"]*">AP_SE', '>AP_SE', 'all'),
('C022', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:SE', 'urn:oasis:names:tc:ebcore:partyid-type:iso6523', 'all'),
('C023', 'oots-edm:v1.0', 'oots:edm-v1.0', 'all'),
('C023', 'oots-edm:v1.0', 'oots-edm:v2.0.1', 'all'),
('C023', 'oots-edm:v1.0', 'oots-edm:v2.10', NULL),
('C024', ' schemeID="[^"]*">SE-REG', '>SE-REG', 'all'),
('C025', 'EAS:0007', 'EAS:7', 'all'),
('C026', '<sdg:Address>(.*?)<sdg:AdminUnitLevel1>SE', '<sdg:Address>\1<sdg:AdminUnitLevel1>Sweden', 'all'),
('C026', '<sdg:Address>(.*?)<sdg:AdminUnitLevel1>SE', '<sdg:Address>\1<sdg:AdminUnitLevel1>GR', 'all'),
('C026', '<sdg:Address>(.*?)<sdg:AdminUnitLevel1>SE', '<sdg:Address>\1<sdg:AdminUnitLevel1>SWE', 'later'),
('C027', '<sdg:AdminUnitLevel2>SE22<', '<sdg:AdminUnitLevel2>Skane<', 'all'),
('C028', '<sdg:Jurisdiction><sdg:AdminUnitLevel1>SE', '<sdg:Jurisdiction><sdg:AdminUnitLevel1>Sweden', 'all'),
('C029', '<sdg:AdminUnitLevel2>SE224<', '<sdg:AdminUnitLevel2>Malmo<', '1.x'),
('C030', '<sdg:AdminUnitLevel3>1280', '<sdg:AdminUnitLevel3>the town', '1.x'),
('C031', '(<sdg:ClassificationConcept><sdg:Identifier>)[^<]*', '\1x', 'all'),
('C032', '(<sdg:ClassificationConcept>.*?)<sdg:Type>.*?</sdg:Type>', '\1', 'all'),
('C033', '(<sdg:ClassificationConcept>.*?)<sdg:Description.*?</sdg:Description>', '\1', 'all'),
('C034', '(<sdg:ClassificationConcept>.*?<sdg:Description lang=)"EN"', '\1"en"', 'all'),
('C035', '(<sdg:ClassificationConcept>.*?<sdg:Description) lang="EN"', '\1', 'all'),
('C036', '<sdg:StringValue>harbour</sdg:StringValue>', '', 'all'),
('C037', '>High<', '>high<', 'all'),
('C038a', '(xml</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1', 'all'),
('C038a', 'application/pdf', 'image/svg+xml', '1.0'),
('C038b', '(json</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1', 'all'),
('C039', '(pdf</sdg:Format>)', '\1<sdg:Transformation>https://sr.oots.tech.ec.europa.eu/distributions/licence-1.0/name</sdg:Transformation>', '1.x')
) AS c (rule, find, put, word);

INSERT INTO cases (rule, kind, find, put, fires_on)
SELECT 'R-EB-SUB-' || rule, 'eb', find, put, on_lines(word) FROM (VALUES
('S001', 'SubmitObjectsRequest', 'UpdateObjectsRequest', 'all'),
('S002', 'xsd:lcm:4.0', 'xsd:lcm:3.0', 'all'),
('S003', ' id="[^"]*900"', '', 'all'),
('S004', ' id="[^"]*900"', ' id="900"', 'all'),
('S006', '<rim:RegistryObject id="[^"]*"', '<rim:RegistryObject', 'all'),
('S007', '<rim:Classification .*?/>', '', 'all'),
('S030', '<rim:Classification .*?/>', '', 'all'),
('S008', '<rim:Classification id="[^"]*"', '<rim:Classification', 'all'),
('S009', '<rim:Classification id="urn:uuid:', '<rim:Classification id="', 'all'),
('S010', ' classificationScheme="[^"]*"', '', 'all'),
('S011', ' classificationNode="[^"]*"', '', 'all'),
('S012', 'classification:eb', 'classification:eb2', 'all'),
('S013', 'classificationNode="EvidenceType"', 'classificationNode="Evidence"', 'all'),
('S014', '<rim:Slot name="EvidenceType">', '<rim:Slot name="Evidence">', 'all'),
('S015', '<rim:Slot name="EvidenceTypeList">', '<rim:Slot name="List">', 'all'),
('S016', '(<rim:Slot name="Requirement">.*?</rim:Slot>)', '\1\1', 'all'),
('S017', '<rim:Slot name="ReferenceFramework">', '<rim:Slot name="Framework">', 'all'),
('S018', 'name="EvidenceType"><rim:SlotValue xsi:type="rim:Any', 'name="EvidenceType"><rim:SlotValue xsi:type="rim:String', 'all'),
('S019', 'name="EvidenceTypeList"><rim:SlotValue xsi:type="rim:Any', 'name="EvidenceTypeList"><rim:SlotValue xsi:type="rim:String', 'all'),
('S020', 'name="Requirement"><rim:SlotValue xsi:type="rim:Any', 'name="Requirement"><rim:SlotValue xsi:type="rim:String', 'all'),
('S021', 'name="ReferenceFramework"><rim:SlotValue xsi:type="rim:Any', 'name="ReferenceFramework"><rim:SlotValue xsi:type="rim:String', 'all'),
('S022', '<(/?)sdg:EvidenceType>', '<\1sdg:Evidence>', 'all'),
('S023', '<(/?)sdg:EvidenceTypeList>', '<\1sdg:List>', 'all'),
('S023', '(<rim:RegistryObject id="[^"]*001".*?</rim:RegistryObject>)', '\1\1', 'all'),
('S024', '<(/?)sdg:Requirement>', '<\1sdg:Need>', 'all'),
('S025', '<(/?)sdg:ReferenceFramework>', '<\1sdg:Framework>', 'all'),
('S026', '</sdg:EvidenceType>', '<sdg:Distribution/></sdg:EvidenceType>', 'all'),
('S027', '</sdg:EvidenceTypeList>', '<sdg:EvidenceType/></sdg:EvidenceTypeList>', 'all'),
('S028', '</sdg:Requirement>', '<sdg:ReferenceFramework/></sdg:Requirement>', 'all'),
('S028', '</sdg:Requirement>', '<sdg:EvidenceTypeList/></sdg:Requirement>', 'all'),
('S029', '</sdg:RelatedTo>', '<sdg:Title lang="EN">More</sdg:Title></sdg:RelatedTo>', 'all'),
('S029', '<sdg:RelatedTo>.*?</sdg:RelatedTo>', '<sdg:RelatedTo/>', 'all'),
('S031', '<rim:RegistryObject [^>]*ContainsEvidence[^>]*>', '', 'all'),
('S032', ' sourceObject="[^"]*"', '', 'all'),
('S033', 'sourceObject="[^"]*"', 'sourceObject="list"', 'all'),
('S033', '(DerivesFromReferenceFramework" sourceObject="[^"]*)3"', '\19"', NULL),
('S034', ' targetObject="[^"]*"', '', 'all'),
('S035', 'targetObject="[^"]*"', 'targetObject="type"', 'all'),
('S036a', '(ContainsEvidence" sourceObject="[^"]*)2"', '\13"', 'all'),
('S036b', '(ContainsEvidence" sourceObject="[^"]*" targetObject="[^"]*)1"', '\13"', 'all'),
('S037', 'ContainsEvidence', 'Contains', 'all'),
('S038a', '(FulfillsRequirement" sourceObject="[^"]*)2"', '\11"', 'all'),
('S038b', '(FulfillsRequirement" sourceObject="[^"]*" targetObject="[^"]*)3"', '\19"', 'all'),
('S039', 'FulfillsRequirement', 'fulfillsRequirement', 'all'),
('S040a', '(DerivesFromReferenceFramework" sourceObject="[^"]*)3"', '\19"', 'all'),
('S040b', '(DerivesFromReferenceFramework" sourceObject="[^"]*" targetObject="[^"]*)4"', '\11"', 'all'),
('S041', 'DerivesFromReferenceFramework', 'DerivesFrom', 'all'),
('S042', '<rim:RegistryObjectList>', '<rim:Slot name="Remark"/><rim:RegistryObjectList>', 'all'),
('S043', '<rim:RegistryObject id="urn:uuid:', '<rim:RegistryObject id="', 'all'),
('S044', 'name="EvidenceType"', 'name="Evidence"', 'all'),
('S045', 'name="EvidenceTypeList"', 'name="List"', 'all'),
('S046', 'name="Requirement"', 'name="Need"', 'all'),
('S047', '<rim:RegistryObject xsi:type.*/>', '', 'all'),
('S048', 'name="ReferenceFramework"', 'name="Framework"', 'all'),
('S049', '<sdg:RelatedTo>.*?</sdg:RelatedTo>', '', 'all'),
('S050', '(<sdg:ReferenceFramework>.*?)<sdg:Jurisdiction>.*?</sdg:Jurisdiction>', '\1', 'all'),
('S051', '(DerivesFromReferenceFramework" sourceObject="[^"]*)3"', '\12"', 'all'),
('S052', '(DerivesFromReferenceFramework" sourceObject="[^"]*" targetObject="[^"]*)4"', '\19"', 'all'),
('S053', '(FulfillsRequirement" sourceObject="[^"]*" targetObject="[^"]*)3"', '\14"', 'all'),
('S054', '(FulfillsRequirement" sourceObject="[^"]*)2"', '\13"', 'all'),
('S054', '(ContainsEvidence" sourceObject="[^"]*)2"', '\13"', 'all'),
('S055', '(ContainsEvidence" sourceObject="[^"]*)2"', '\14"', 'all'),
('S055', '(ContainsEvidence" sourceObject="[^"]*" targetObject="[^"]*)1"', '\14"', 'all'),
('S056', '(ContainsEvidence" sourceObject="[^"]*" targetObject="[^"]*)1"', '\14"', 'all'),
('C001', 'evidencetypeclassifications/SE', 'evidencetypeclassifications/SWE', 'all'),
('C003', '(<sdg:EvidenceType>.*?<sdg:Title) lang="EN"', '\1', 'all'),
('C002', '(<sdg:EvidenceType>.*?<sdg:Title lang=)"EN"', '\1"en"', 'all'),
('C005', '(<sdg:EvidenceType>.*?<sdg:Description) lang="EN"', '\1', 'all'),
('C004', '(<sdg:EvidenceType>.*?<sdg:Description lang=)"EN"', '\1"en"', 'all'),
('C006', '(<sdg:EvidenceType>.*?<sdg:AdminUnitLevel1>)SE', '\1Sweden', '1.x'),
('C006', '(<sdg:EvidenceTypeList>.*?<sdg:AdminUnitLevel1>)SE(.*</sdg:EvidenceTypeList>)', '\1Sweden\2', '2.0'),
('C007', 'SE224', 'Malmo', '1.x'),
('C007', '00000000-0000-4000-8000-000000000157', 'list', 'all'),
('C008', '1280', 'the town', '1.x'),
('C009', '00000000-0000-4000-8000-000000000157', 'list', 'all'),
('C011', '<sdg:Name lang="EN">Lic', '<sdg:Name>Lic', 'all'),
('C010', '<sdg:Name lang="EN">Lic', '<sdg:Name lang="en">Lic', 'all'),
('C012', '/requirements/', '/needs/', 'all'),
('C012', 'sr.oots.tech.ec.europa.eu/requirements/', 'sr.oots.tech.europa.eu/requirements/', 'newer'),
('C013', '<sdg:Name lang="EN">May', '<sdg:Name lang="en">May', 'all'),
('C014', '<sdg:Name lang="EN">May', '<sdg:Name>May', 'all'),
('C015', '00000000-0000-4000-8000-0000000f4a3e', 'framework', 'all'),
('C017', '<sdg:Title lang="EN">Tak', '<sdg:Title>Tak', 'all'),
('C016', '<sdg:Title lang="EN">Tak', '<sdg:Title lang="en">Tak', 'all'),
('C019', '<sdg:Description lang="EN">At', '<sdg:Description>At', 'all'),
('C018', '<sdg:Description lang="EN">At', '<sdg:Description lang="en">At', 'all'),
('C020', '(<sdg:ReferenceFramework>.*?<sdg:AdminUnitLevel1>)SE', '\1Sweden', 'all'),
('C021', '(<sdg:ReferenceFramework>.*?<sdg:AdminUnitLevel2>)SE22', '\1Skane', '1.x'),
('C022', '1281', 'the town', '1.x'),
('C023', '>S1<', '>S9<', 'all'),
('C023', '>S1<', '>00<', '1.0')
) AS c (rule, find, put, word);
UPDATE cases SET fires_on = '{v1.2,v2.0}' WHERE put LIKE '%sr.oots.tech.europa.eu%';

INSERT INTO cases (rule, kind, find, put, fires_on)
SELECT 'R-LCM-' || rule, kind, find, put, on_lines(word) FROM (VALUES
('SUC-001', 'success', 'rs:RegistryResponse', 'rs:Response', 'all'),
('SUC-002', 'success', 'xsd:rs:4.0', 'xsd:rs:3.0', 'all'),
('SUC-003', 'success', ' requestId="[^"]*"', '', 'all'),
('SUC-004', 'success', ' requestId="urn:uuid:', ' requestId="', 'all'),
('SUC-004', 'success', '900"', '901"', 'all'),
('SUC-005', 'success', ' status="[^"]*"', '', 'all'),
('SUC-006', 'success', 'Type:Success', 'Type:PartialSuccess', 'all'),
('SUC-007', 'success', '></rs:RegistryResponse>', '><rim:RegistryObjectList/></rs:RegistryResponse>', 'all'),
('SUC-008', 'success', '></rs:RegistryResponse>', '><rim:Slot name="x"/></rs:RegistryResponse>', 'all'),
('ERR-001', 'error', 'rs:RegistryResponse', 'rs:Response', 'all'),
('ERR-002', 'error', 'xsd:rs:4.0', 'xsd:rs:3.0', 'all'),
('ERR-003', 'error', ' requestId="[^"]*"', '', 'all'),
('ERR-004', 'error', ' requestId="urn:uuid:', ' requestId="', 'all'),
('ERR-004', 'error', '900"', '901"', 'all'),
('ERR-005', 'error', ' status="[^"]*"', '', 'all'),
('ERR-006', 'error', 'Type:Failure', 'Type:Success', 'all'),
('ERR-007', 'error', '</rs:RegistryResponse>', '<rim:RegistryObjectList/></rs:RegistryResponse>', 'all'),
('ERR-008', 'error', '<rs:Exception.*?/>', '', 'all'),
('ERR-009', 'error', ' xsi:type="[^"]*"', '', 'all'),
('ERR-010', 'error', 'rs:InvalidRequest', 'rs:ObjectNotFound', 'all'),
('ERR-011', 'error', ' severity="[^"]*"', '', 'all'),
('ERR-011', 'error', 'ErrorSeverityType:Error', 'ErrorSeverityType:Warning', 'all'),
('ERR-012', 'error', ' severity="[^"]*"', ' severity="urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:EDMErrorResponse:PreviewRequired"', 'all'),
('ERR-013', 'error', ' message="[^"]*"', '', 'all'),
('ERR-015', 'error', ' code="[^"]*"', '', 'all'),
('ERR-016', 'error', 'LCM:ERR:0002', 'SERVICE:ERR:0001', 'all'),
('ERR-017', 'error', '</rs:RegistryResponse>', '<rim:Slot name="x"/></rs:RegistryResponse>', 'all')
) AS c (rule, kind, find, put, word);

-- a change is made everywhere where the root or an element is renamed, else once
CREATE FUNCTION changed(message text, find text, put text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT regexp_replace(message, find, put, CASE WHEN find ~ '^(SubmitObjectsRequest|rs:RegistryResponse|<\(/\?\))' THEN 'g' ELSE '' END) $$;

-- must be empty: changes that find nothing to change where their rule is to fire
SELECT rule, find, line FROM cases, unnest(fires_on) line
WHERE changed(base(line, kind), find, put) = base(line, kind) ORDER BY number, line;

CREATE TABLE verdict AS
SELECT c.number, c.rule, l.line, v.rule_id, v.severity
FROM cases c CROSS JOIN lines l
LEFT JOIN LATERAL verdicts(changed(base(l.line, c.kind), c.find, c.put), l.line) v ON true;

-- must be empty: changes that leave no XML
SELECT rule, line FROM verdict WHERE rule_id = 'XML' ORDER BY number, line;

-- must be empty: rules that did not fire where they should, or fired where they should not
SELECT c.number, c.rule, c.find, c.fires_on AS expected, f.fired
FROM cases c
CROSS JOIN LATERAL (SELECT array_agg(line ORDER BY line) AS fired FROM verdict v WHERE v.number = c.number AND v.rule_id = c.rule) f
WHERE f.fired IS DISTINCT FROM c.fires_on ORDER BY c.number;

-- what each change breaks besides, and how grave it is
SELECT c.rule, (SELECT string_agg(DISTINCT severity, '/') FROM verdict v WHERE v.number = c.number AND v.rule_id = c.rule) AS severity,
 (SELECT string_agg(DISTINCT regexp_replace(rule_id, '^R-(DSD-SUB|EB-SUB|LCM)-', ''), ' ') FROM verdict v WHERE v.number = c.number AND v.rule_id <> c.rule) AS besides
FROM cases c ORDER BY number;

-- rules that nothing here breaks
SELECT DISTINCT rule_id, expects FROM submission_rules() WHERE message IN ('dsd', 'eb', 'success', 'error') AND rule_id NOT IN (SELECT rule FROM cases) ORDER BY 1;
-- how many there are, and those that are not fatal on every line
SELECT message, count(DISTINCT rule_id) FROM submission_rules() WHERE message IN ('dsd', 'eb', 'success', 'error') GROUP BY 1 ORDER BY 1;
SELECT rule_id, v10, v11, v12, v20 FROM submission_rules() WHERE message IN ('dsd', 'eb', 'success', 'error') AND (v10, v11, v12, v20) IS DISTINCT FROM ('fatal', 'fatal', 'fatal', 'fatal') ORDER BY rule_id COLLATE "C", v10;

-- A request without list tells neither directory nor model: the first may be named.
SELECT rule_id FROM check_submission(convert_to(regexp_replace(base('v1.0', 'eb'), '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', ''), 'UTF8'), service => 'eb');
-- An answer may go without the name of its submission if that could not be read.
SELECT count(*) AS broken FROM verdicts(replace(regexp_replace(base('v1.0', 'error'), ' requestId="[^"]*"', ''), '0002', '0003'), 'v1.0');
-- Whatever comes in is a row; only the arguments may be wrong.
SELECT * FROM check_submission(convert_to('<a>', 'UTF8'));
SELECT rule_id FROM check_submission('<a/>'::xml);
SELECT rule_id FROM check_submission(NULL::bytea);
SELECT rule_id FROM check_submission('<a/>'::xml, 'oots-edm:v3');
SELECT rule_id FROM check_submission('<a/>'::xml, service => 'smp');
-- A rule is listed in a few places only, and nothing of the content is repeated.
SELECT rule_id, count(*), count(DISTINCT location), count(*) FILTER (WHERE detail ~ 'secret') AS repeated
FROM check_submission(convert_to(request(repeat('<rim:RegistryObject id="secret"/>', 5000)), 'UTF8')) GROUP BY 1 ORDER BY 1;

DROP SCHEMA submissions CASCADE;
