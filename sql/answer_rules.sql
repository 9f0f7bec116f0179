-- Every rule on answers of the directories to queries fires where it is broken, on the
-- lines where it applies and under the number that it has there, and on nothing that is right.
\set VERBOSITY sqlstate
SET client_min_messages = warning;
CREATE SCHEMA answers;
SET search_path = answers, ootspg;

-- Answers are built here from small pieces; nothing in them is real.
CREATE FUNCTION answer(line text, status text, content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0" xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0"'
 ' xmlns:sdg="http://data.europa.eu/p4s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:%s">%s%s</query:QueryResponse>', status,
 CASE WHEN line <> 'v1.0' THEN format('<rim:Slot name="SpecificationIdentifier"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>' || E'\n' || 'oots-cs:%s </rim:Value></rim:SlotValue></rim:Slot>', line) END, content) $$;

CREATE FUNCTION object(number integer, slot text, content text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:RegistryObject id="urn:uuid:00000000-0000-4000-8000-%s"><rim:Slot name="%s"><rim:SlotValue xsi:type="rim:AnyValueType">%s</rim:SlotValue></rim:Slot></rim:RegistryObject>',
 lpad(number::text, 12, '0'), slot, content) $$;

CREATE FUNCTION concept(element text, more text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<sdg:%1$s><sdg:Identifier schemeID="https://sr.oots.tech.ec.europa.eu/codelists/SE/Lights">00000000-0000-4000-8000-00000000c0de</sdg:Identifier><sdg:Type>codelist</sdg:Type>'
 '<sdg:ValueExpression>https://sr.oots.tech.ec.europa.eu/codelists/SE/Lights</sdg:ValueExpression><sdg:Description lang="EN">Kind of light</sdg:Description>%2$s</sdg:%1$s>', element, more) $$;

CREATE FUNCTION access_service(publisher text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:AccessService><sdg:Identifier schemeID="urn:oasis:names:tc:ebcore:partyid-type:unregistered:SE">AP_SE</sdg:Identifier><sdg:ConformsTo>oots-edm:v1.0</sdg:ConformsTo><sdg:ConformsTo> oots-edm:v2.10
 </sdg:ConformsTo><sdg:Publisher><sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0007">' || publisher || '</sdg:Identifier><sdg:Name lang="EN">Register of Lighthouse Keepers</sdg:Name>'
 '<sdg:Address><sdg:FullAddress>Pier 1</sdg:FullAddress><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE22</sdg:AdminUnitLevel2></sdg:Address>'
 '<sdg:Jurisdiction><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE224</sdg:AdminUnitLevel2><sdg:AdminUnitLevel3>1280</sdg:AdminUnitLevel3></sdg:Jurisdiction>'
 || concept('ClassificationConcept', '<sdg:SupportedValue><sdg:StringValue>harbour</sdg:StringValue></sdg:SupportedValue>') || '</sdg:Publisher></sdg:AccessService>' $$;

CREATE FUNCTION evidence_type(line text, service text, access_services text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<sdg:DataServiceEvidenceType><sdg:Identifier>
  ' || service || '
 </sdg:Identifier><sdg:EvidenceTypeClassification> https://sr.acc.oots.tech.ec.europa.eu/evidencetypeclassifications/SE/00000000-0000-4000-8000-0000000c1a55 </sdg:EvidenceTypeClassification>'
 '<sdg:Title lang="EN">Licence</sdg:Title><sdg:Description lang="EN">Licence to keep a light</sdg:Description>'
 || replace('<sdg:DistributedAs><sdg:Format>application/xml</sdg:Format><sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/MODELS/licence-1.0</sdg:ConformsTo></sdg:DistributedAs>'
 '<sdg:DistributedAs><sdg:Format>application/json</sdg:Format><sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/MODELS/licence-1.0</sdg:ConformsTo></sdg:DistributedAs>',
 'MODELS', CASE line WHEN 'v1.0' THEN 'distributions' ELSE 'datamodels' END)
 || access_services || '<sdg:AuthenticationLevelOfAssurance>High</sdg:AuthenticationLevelOfAssurance>'
 '<sdg:EvidenceProviderJurisdictionDetermination><sdg:JurisdictionContextId>00000000-0000-4000-8000-0000000c0e70</sdg:JurisdictionContextId>'
 '<sdg:JurisdictionContext lang="EN">Place of service</sdg:JurisdictionContext><sdg:JurisdictionLevel>LAU</sdg:JurisdictionLevel></sdg:EvidenceProviderJurisdictionDetermination>'
 || concept('EvidenceProviderClassification', '') || '</sdg:DataServiceEvidenceType>' $$;

CREATE FUNCTION asked(line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<rs:Exception xsi:type="rs:ObjectNotFoundExceptionType" severity="urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput" message="more" code="DSD:ERR:0005">'
 '<rim:Slot name="DataServiceEvidenceType"><rim:SlotValue xsi:type="rim:AnyValueType"><sdg:DataServiceEvidenceType/></rim:SlotValue></rim:Slot>'
 '<rim:Slot name="UserRequestedClassificationConcepts"><rim:SlotValue xsi:type="rim:CollectionValueType"><rim:Element xsi:type="rim:AnyValueType">'
 || concept('EvidenceProviderClassification', '') || '</rim:Element></rim:SlotValue></rim:Slot></rs:Exception>' $$;

CREATE FUNCTION base(line text, kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE kind
 WHEN 'dsd answer' THEN answer(line, 'Success', '<rim:RegistryObjectList>' || object(1, 'DataServiceEvidenceType', evidence_type(line, '00000000-0000-4000-8000-0000000d5e70', access_service('SE-REG-77'))) || '</rim:RegistryObjectList>')
 WHEN 'dsd refusal' THEN answer(line, 'Failure', asked(line))
 ELSE answer(line, 'Success', '<rim:RegistryObjectList>' || object(1, 'Requirement', '<sdg:Requirement><sdg:Identifier>https://sr.oots.tech.ec.europa.eu/requirements/00000000-0000-4000-8000-000000000003</sdg:Identifier>'
  '<sdg:EvidenceTypeList><sdg:Identifier>00000000-0000-4000-8000-000000000157</sdg:Identifier><sdg:EvidenceType><sdg:Title lang="EN">Licence</sdg:Title></sdg:EvidenceType></sdg:EvidenceTypeList></sdg:Requirement>') || '</rim:RegistryObjectList>') END $$;

CREATE FUNCTION verdicts(message text, line text, kind text) RETURNS TABLE (rule_id text, severity text) LANGUAGE sql STABLE AS $$
SELECT DISTINCT c.rule_id, c.severity FROM check_directory_answer(convert_to(message, 'UTF8'), 'oots-cs:' || line, split_part(kind, ' ', 1)) c $$;

CREATE TABLE lines (line text);
INSERT INTO lines VALUES ('v1.0'), ('v1.1'), ('v1.2'), ('v2.0');

-- What is right breaks nothing, whether line and directory are told or seen
SELECT kind, line, (SELECT string_agg(rule_id || ' ' || severity, ', ') FROM verdicts(base(line, kind), line, kind)) AS broken,
 (SELECT string_agg(rule_id, ', ') FROM check_directory_answer(convert_to(base(line, kind), 'UTF8'))) AS untold
FROM unnest('{dsd answer,dsd refusal,eb answer}'::text[]) kind, lines ORDER BY kind, line;

-- One change for each rule: what is found is put otherwise, and the rule fires on exactly
-- these lines. carried: on all, and in 2.0 as V10, because its number there is not known.
CREATE TABLE cases (number serial, rule text, kind text, find text, put text, word text);
INSERT INTO cases (rule, kind, find, put, word)
SELECT rule, 'dsd answer', find, put, word FROM (VALUES
('S001', 'query:QueryResponse', 'query:Response', 'carried'),
('S002', 'xsd:query:4.0', 'xsd:query:3.0', 'carried'),
('S005', ' status="[^"]*"', '', 'carried'),
('S006', 'Type:Success', 'Type:Failure', 'carried'),
('S007', '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', '', 'carried'),
('S007', '</rim:RegistryObjectList>', '</rim:RegistryObjectList><rim:RegistryObjectList/>', 'carried'),
('S008', '</rim:RegistryObjectList>', '</rim:RegistryObjectList><rs:Exception/>', 'carried'),
('S0015', '(<rim:RegistryObject .*</rim:RegistryObject>)', '\1\1', '1.0'),
('S009', '<rim:Slot name="DataServiceEvidenceType">', '<rim:Slot name="DataService">', 'carried'),
('S009', '</rim:RegistryObject>', '<rim:Slot name="Remark"/></rim:RegistryObject>', 'carried'),
('S010', 'rim:AnyValueType', 'rim:StringValueType', 'carried'),
('S011', '<(/?)sdg:DataServiceEvidenceType>', '<\1sdg:DataService>', 'carried'),
('S011', '(<sdg:DataServiceEvidenceType>.*</sdg:DataServiceEvidenceType>)', '\1\1', 'carried'),
('S012', '<sdg:SupportedValue>.*?</sdg:SupportedValue>', '', 'carried'),
('S012', '<sdg:SupportedValue>.*?</sdg:SupportedValue>(.*)</sdg:EvidenceProviderClassification>', '\1<sdg:SupportedValue><sdg:StringValue>harbour</sdg:StringValue></sdg:SupportedValue></sdg:EvidenceProviderClassification>', '1.0'),
('S013', '<sdg:AccessService>.*</sdg:AccessService>', '', '1.x'),
('S014', '<sdg:AccessService>.*</sdg:AccessService>', '', '2.0'),
('S014', ' id="urn:uuid:', ' id="', 'carried'),
('S027', '<sdg:DistributedAs>.*</sdg:DistributedAs>', '', '2.0'),
('C002', '00000000-0000-4000-8000-0000000d5e70', 'licence', 'carried'),
('C003', 'evidencetypeclassifications/SE', 'evidencetypeclassifications/SWE', 'carried'),
('C004', '<sdg:Title lang="EN"', '<sdg:Title lang="en"', 'carried'),
('C005', '<sdg:Title lang="EN"', '<sdg:Title', 'carried'),
('C006', '<sdg:Description lang="EN">Licence', '<sdg:Description lang="en">Licence', 'carried'),
('C007', '<sdg:Description lang="EN">Licence', '<sdg:Description>Licence', 'carried'),
('C008', '>High<', '>high<', 'carried'),
('C009', 'application/xml', 'text/xml', 'carried'),
('C010', 'sr.oots.tech.ec.europa.eu/(distributions|datamodels)', 'sr.oots.tech.ec.europa.eu/models', 'all'),
('C010', 'sr.oots.tech.ec.europa.eu/(distributions|datamodels)', 'sr.acc.oots.tech.ec.europa.eu/distributions', '2.0'),
('C010', 'sr.oots.tech.ec.europa.eu/(distributions|datamodels)', 'sr.acc.oots.tech.ec.europa.eu/datamodels', '1.0'),
('C012', ' schemeID="[^"]*">AP_SE', '>AP_SE', 'carried'),
('C014', 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:SE', 'urn:oasis:names:tc:ebcore:partyid-type:iso6523', 'carried'),
('C015', 'oots-edm:v1.0', 'oots:edm-v1.0', 'all'),
('C015', 'oots-edm:v1.0', 'oots-edm:v2.0.1', 'all'),
('C016', ' schemeID="[^"]*">SE-REG', '>SE-REG', 'carried'),
('C017', 'EAS:0007', 'EAS:7', 'carried'),
('C018', '<sdg:Address>(.*?)<sdg:AdminUnitLevel1>SE', '<sdg:Address>\1<sdg:AdminUnitLevel1>Sweden', 'carried'),
('C019', '<sdg:AdminUnitLevel2>SE22<', '<sdg:AdminUnitLevel2>Skane<', 'carried'),
('C020', '<sdg:Jurisdiction><sdg:AdminUnitLevel1>SE', '<sdg:Jurisdiction><sdg:AdminUnitLevel1>Sweden', 'carried'),
('C021', '<sdg:AdminUnitLevel2>SE224<', '<sdg:AdminUnitLevel2>Malmo<', '1.x'),
('C022', '<sdg:AdminUnitLevel3>1280', '<sdg:AdminUnitLevel3>the town', '1.x'),
('C023', '(<sdg:ClassificationConcept><sdg:Identifier[^>]*>)[^<]*', '\1x', 'carried'),
('C024', '(<sdg:ClassificationConcept>.*?)<sdg:Type>.*?</sdg:Type>', '\1', 'carried'),
('C025', '(<sdg:ClassificationConcept>.*?)<sdg:Description.*?</sdg:Description>', '\1', 'carried'),
('C026', '(<sdg:ClassificationConcept>.*?<sdg:Description lang=)"EN"', '\1"en"', 'carried'),
('C027', '(<sdg:ClassificationConcept>.*?<sdg:Description) lang="EN"', '\1', 'carried'),
('C028', '<sdg:StringValue>harbour</sdg:StringValue>', '', 'carried'),
('C029', '(<sdg:EvidenceProviderClassification><sdg:Identifier[^>]*>)[^<]*', '\1x', 'carried'),
('C030', '(<sdg:EvidenceProviderClassification>.*?)<sdg:Type>.*?</sdg:Type>', '\1', 'carried'),
('C031', '(<sdg:EvidenceProviderClassification>.*?)<sdg:Description.*?</sdg:Description>', '\1', 'carried'),
('C032', '(<sdg:EvidenceProviderClassification>.*?<sdg:Description lang=)"EN"', '\1"en"', 'carried'),
('C033', '(<sdg:EvidenceProviderClassification>.*?<sdg:Description) lang="EN"', '\1', 'carried'),
('C034', '00000000-0000-4000-8000-0000000c0e70', 'birth', '1.x'),
('C035', '<sdg:JurisdictionContext lang="EN"', '<sdg:JurisdictionContext lang="en"', '1.x'),
('C036', '<sdg:JurisdictionContext lang="EN"', '<sdg:JurisdictionContext', '1.x'),
('C037', '>LAU<', '>NUTS4<', '1.x'),
('C038', '</sdg:ConformsTo></sdg:DistributedAs>', '</sdg:ConformsTo><sdg:Transformation>https://sr.oots.tech.ec.europa.eu/licence-1.0/name</sdg:Transformation></sdg:DistributedAs>', '1.x'),
('C039a', '(xml</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1', '1.x'),
('C039', '(xml</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1', '2.0'),
('C039', '(xml</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo></sdg:DistributedAs>', '\1</sdg:DistributedAs><sdg:DistributedAs><sdg:Format>application/pdf</sdg:Format></sdg:DistributedAs>', 'never'),
('C039b', '(json</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1', '1.x'),
('C041', '(json</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1', '2.0'),
('C041', '(json</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo></sdg:DistributedAs>', '\1</sdg:DistributedAs><sdg:DistributedAs><sdg:Format>image/png</sdg:Format></sdg:DistributedAs>', 'never'),
('C040', '(xml</sdg:Format>)<sdg:ConformsTo>.*?</sdg:ConformsTo>', '\1<sdg:Transformation>https://sr.oots.tech.ec.europa.eu/distributions/licence-1.0/name</sdg:Transformation>', '1.x'),
('C067', 'application/xml', 'application/pdf', '2.0')
) AS c (rule, find, put, word);

INSERT INTO cases (rule, kind, find, put, word)
SELECT rule, 'dsd refusal', find, put, word FROM (VALUES
('S013', '<rim:Slot name="DataServiceEvidenceType">.*?</rim:Slot>', '', 'all'),
('S013', '(<rim:Slot name="DataServiceEvidenceType">.*?</rim:Slot>)', '\1\1', 'all'),
('S013', 'code="DSD:ERR:0005">.*</rs:Exception>', 'code="DSD:ERR:0001"/>', 'never'),
('S022', '<rim:Slot name="UserRequested.*</rim:Slot>', '', 'all'),
('S022', 'UserRequestedClassificationConcepts', 'JurisdictionDetermination', '2.0'),
('S023', '</sdg:EvidenceProviderClassification>', '<sdg:SupportedValue/></sdg:EvidenceProviderClassification>', '2.0'),
('C031', '>codelist<', '>Codelist<', '2.0'),
('C032', ' schemeID="[^"]*"', '', '2.0'),
('C032', ' schemeID="[^"]*"(.*)>codelist<', '\1>string<', 'never'),
('C033', 'codelists/SE/Lights">', 'codelists/se/Lights">', '2.0'),
('C033', 'codelists/SE/Lights">', 'codelists/SE/all/Lights">', '2.0'),
('C037', '<sdg:ValueExpression>.*</sdg:ValueExpression>', '', '2.0'),
('C037', '>codelist<(.*)<sdg:ValueExpression>.*</sdg:ValueExpression>', '>boolean<\1', 'never'),
('C038', '<sdg:ValueExpression>https:', '<sdg:ValueExpression>http:', '2.0')
) AS c (rule, find, put, word);

INSERT INTO cases (rule, kind, find, put, word)
SELECT rule, 'eb answer', find, put, word FROM (VALUES
('S001', 'query:QueryResponse', 'query:Response', 'carried'),
('S002', 'xsd:query:4.0', 'xsd:query:3.0', 'carried'),
('S005', ' status="[^"]*"', '', 'carried'),
('S006', 'Type:Success', 'Type:PartialSuccess', 'carried'),
('S007', '<rim:RegistryObjectList>.*</rim:RegistryObjectList>', '', 'carried'),
('S008', '</rim:RegistryObjectList>', '</rim:RegistryObjectList><rs:Exception code="EB:ERR:0001"/>', 'carried'),
('S015', '<sdg:EvidenceType>.*</sdg:EvidenceType>', '', 'all'),
('S015', '<sdg:EvidenceType>.*</sdg:EvidenceType>', '<sdg:MatchType> NoMatch </sdg:MatchType>', '1.x'),
('S015', '<sdg:EvidenceType>.*</sdg:EvidenceType>', '<sdg:MatchType>BestMatch</sdg:MatchType>', 'all'),
('C043', '</sdg:EvidenceType>', '</sdg:EvidenceType><sdg:MatchType>BestMatch</sdg:MatchType>', '2.0')
) AS c (rule, find, put, word);

-- a change is made everywhere where an element is renamed, else once
CREATE FUNCTION changed(message text, find text, put text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT regexp_replace(message, find, put, CASE WHEN find ~ '^(query:QueryResponse|<\(/\?\))' THEN 'g' ELSE '' END) $$;
CREATE FUNCTION full_id(kind text, rule text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE kind WHEN 'dsd answer' THEN 'R-DSD-RESP-' WHEN 'dsd refusal' THEN 'R-DSD-ERR-' ELSE 'R-EB-EVI-' END || rule $$;
-- as which rule it fires on a line; NULL where it does not
CREATE FUNCTION expected(c cases, line text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN c.word = 'carried' AND line = 'v2.0' THEN full_id(c.kind, 'V10-' || c.rule)
 WHEN c.word IN ('carried', 'all') OR c.word = substr(line, 2) OR (c.word = '1.x' AND line <> 'v2.0') THEN full_id(c.kind, c.rule) END $$;

-- must be empty: changes that find nothing to change
SELECT number, rule, find, line FROM cases, lines WHERE changed(base(line, kind), find, put) = base(line, kind) ORDER BY number, line;

CREATE TABLE verdict AS
SELECT c.number, l.line, v.rule_id, v.severity FROM cases c CROSS JOIN lines l
LEFT JOIN LATERAL verdicts(changed(base(l.line, c.kind), c.find, c.put), l.line, c.kind) v ON true;

-- must be empty: changes that leave no XML
SELECT number, line FROM verdict WHERE rule_id = 'XML' ORDER BY number, line;

-- must be empty: rules that did not fire where they should, or fired where they should not
SELECT c.number, c.rule, c.find, l.line, expected(c, l.line), v.fired
FROM cases c CROSS JOIN lines l
CROSS JOIN LATERAL (SELECT string_agg(rule_id, ' ') AS fired FROM verdict v
 WHERE v.number = c.number AND v.line = l.line AND v.rule_id IN (full_id(c.kind, c.rule), full_id(c.kind, 'V10-' || c.rule))) v
WHERE v.fired IS DISTINCT FROM expected(c, l.line) ORDER BY c.number, l.line;

-- what each change breaks besides
SELECT c.kind, c.rule, c.word, (SELECT string_agg(DISTINCT severity, '/') FROM verdict v WHERE v.number = c.number AND v.rule_id = expected(c, v.line)) AS severity,
 (SELECT string_agg(DISTINCT regexp_replace(rule_id, '^R-(DSD-RESP|DSD-ERR|EB-EVI)-(V10-)?', ''), ' ') FROM verdict v WHERE v.number = c.number AND v.rule_id IS DISTINCT FROM expected(c, v.line)) AS besides
FROM cases c ORDER BY number;

-- must be empty: rules that nothing here breaks
SELECT r.rule_id, r.message FROM submission_rules() r WHERE r.message IN ('dsd answer', 'dsd refusal', 'eb answer')
 AND NOT EXISTS (SELECT FROM cases c, lines l WHERE c.kind = r.message AND expected(c, l.line) = r.rule_id) ORDER BY 1;
-- how many there are on each line, and those that are not fatal
SELECT message, count(v10) AS v10, count(v11) AS v11, count(v12) AS v12, count(v20) AS v20 FROM submission_rules() WHERE message ~ ' ' GROUP BY 1 ORDER BY 1;
SELECT rule_id, v10, v11, v12, v20 FROM submission_rules() WHERE message ~ ' ' AND 'caution' IN (v10, v11, v12, v20) ORDER BY rule_id COLLATE "C";
-- must be empty: one number for two conditions on a line
SELECT rule_id, message FROM submission_rules() WHERE message ~ ' ' GROUP BY 1, 2 HAVING greatest(count(v10), count(v12), count(v20)) > 1;

-- Line and directory are seen: an answer without version is one of 1.0, an unknown version is new.
CREATE FUNCTION untold(message text) RETURNS text LANGUAGE sql STABLE AS $$
SELECT string_agg(DISTINCT rule_id, ' ') FROM check_directory_answer(convert_to(message, 'UTF8')) $$;
SELECT untold(regexp_replace(base('v1.0', 'dsd answer'), '<sdg:AccessService>.*</sdg:AccessService>', '')) AS v10,
 untold(regexp_replace(base('v2.0', 'dsd answer'), '<sdg:AccessService>.*</sdg:AccessService>', '')) AS v20,
 untold(regexp_replace(replace(base('v2.0', 'dsd answer'), 'oots-cs:v2.0', 'oots-cs:v7.1'), '<sdg:AccessService>.*</sdg:AccessService>', '')) AS v71,
 untold(regexp_replace(base('v1.2', 'eb answer'), '<sdg:EvidenceType>.*</sdg:EvidenceType>', '')) AS eb,
 untold(replace(answer('v2.0', 'Failure', asked('v2.0')), '>codelist<', '>Codelist<')) AS refusal,
 untold(answer('v2.0', 'Failure', '<rs:Exception code="EB:ERR:0001"/>')) AS eb_refusal;
-- Whatever comes in is a row; only the arguments may be wrong.
SELECT * FROM check_directory_answer('<a>');
SELECT * FROM check_directory_answer('<!DOCTYPE a><a/>');
SELECT * FROM check_directory_answer('<a/>');
SELECT rule_id FROM check_directory_answer(NULL);
SELECT rule_id FROM check_directory_answer('<a/>', 'oots-edm:v2.0');
SELECT rule_id FROM check_directory_answer('<a/>', 'oots-cs:v3.0');
SELECT rule_id FROM check_directory_answer('<a/>', service => 'smp');
-- A rule is listed in a few places only, and nothing of the content is repeated.
SELECT rule_id, count(*), count(*) FILTER (WHERE location ~ 'secret' OR detail ~ 'secret') AS repeated
FROM check_directory_answer(convert_to(answer('v2.0', 'Success', '<rim:RegistryObjectList>' || repeat('<rim:RegistryObject id="secret"/>', 5000) || '</rim:RegistryObjectList>'), 'UTF8')) GROUP BY 1 ORDER BY 1;

-- What one provider's entry breaks: its own, and what stands above it in its object, but nothing of the neighbours.
CREATE FUNCTION ours(message text, service text DEFAULT '00000000-0000-4000-8000-0000000d5e70', publisher text DEFAULT 'SE-REG-77') RETURNS text[] LANGUAGE sql AS $$
SELECT ootspg_internal.broken_answer_rules(convert_to(message, 'UTF8'), service, 'urn:cef.eu:names:identifier:EAS:0007', publisher) $$;
CREATE FUNCTION neighbourhood(own text, neighbour text, others text, line text DEFAULT 'v2.0') RETURNS text LANGUAGE sql AS $$
SELECT answer(line, 'Success', '<rim:RegistryObjectList>' || object(1, 'DataServiceEvidenceType', others)
 || object(2, 'DataServiceEvidenceType', evidence_type(line, '00000000-0000-4000-8000-0000000D5E70', neighbour || own)) || '</rim:RegistryObjectList>') $$;
CREATE TABLE piece AS SELECT access_service('SE-REG-77') AS own, replace(access_service('SE-REG-77'), 'oots-edm:v', 'oots:edm-v') AS wrong, access_service('SE-REG-78') AS good,
 replace(replace(access_service('SE-REG-78'), 'oots-edm:v', 'oots:edm-v'), '>SE<', '>Sweden<') AS bad, evidence_type('v2.0', 'x', access_service('SE-REG-77')) AS others;
SELECT ours(neighbourhood(own, good, others)) AS nothing,
 ours(neighbourhood(own, bad, others)) AS neighbours,
 ours(neighbourhood(own, repeat(bad, 100), others)) AS many_neighbours,
 ours(neighbourhood(wrong, repeat(bad, 100), others)) AS own,
 ours(neighbourhood(wrong || own, good, others)) AS own_twice,
 ours(replace(neighbourhood(own, bad, others), '000000000002"', '2"')) AS own_object,
 ours(replace(neighbourhood(own, bad, others), '000000000001"', '1"')) AS other_object,
 ours(replace(neighbourhood(own, good, others), 'datamodels', 'distributions')) AS own_service,
 ours(neighbourhood(wrong, bad, others), publisher => 'se-reg-77') AS no_entry,
 ours(neighbourhood(wrong, bad, others), service => 'y') AS no_service,
 ours(neighbourhood(wrong, bad, others, 'v1.0')) AS v10
FROM piece \gx
-- Cautions are not told, and neither is what is wrong with the answer as a whole.
SELECT ours(regexp_replace(base('v2.0', 'dsd answer'), '<sdg:SupportedValue>', '<sdg:Supported>')) AS unreadable,
 ours(replace(replace(base('v2.0', 'dsd answer'), '<sdg:ClassificationConcept>', '<sdg:Concept>'), '</sdg:ClassificationConcept>', '</sdg:Concept>')) AS caution,
 ours(replace(base('v2.0', 'dsd answer'), '</rim:RegistryObjectList>', '</rim:RegistryObjectList><rs:Exception/>')) AS whole,
 ours(base('v2.0', 'dsd refusal')) AS refusal, ours('') AS empty, ours('<a/>') AS stranger, ours('<!DOCTYPE a><a/>') AS dtd, ours(repeat('<a>', 100000)) AS deep,
 ootspg_internal.broken_answer_rules('<a/>', NULL, 'a', 'b') AS null;

DROP SCHEMA answers CASCADE;
