-- Every rule R-EDM-ERR-* fires where it is published, on the lines where it is
-- published, and on nothing that is right.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA errors;
SET search_path = errors, ootspg;

-- Messages are built here from small pieces; nothing in them is real.
CREATE FUNCTION value_slot(name text, type text, value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:Slot name="%s"><rim:SlotValue xsi:type="rim:%s"><rim:Value>%s</rim:Value></rim:SlotValue></rim:Slot>', name, type, value) $$;

CREATE FUNCTION agent_slot(name text, agent text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rim:Slot name="%s"><rim:SlotValue xsi:type="rim:AnyValueType"><sdg:Agent>%s</sdg:Agent></rim:SlotValue></rim:Slot>', name, agent) $$;

CREATE FUNCTION error(line text, request text, requester text, exception text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT '<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"'
 || ' xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:sdg="http://data.europa.eu/p4s" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
 || request || ' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure">'
 || value_slot('SpecificationIdentifier', 'StringValueType', 'oots-edm:' || line)
 || value_slot('EvidenceResponseIdentifier', 'StringValueType', '88888888-0000-4000-8000-000000000002')
 || agent_slot('ErrorProvider', '<sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0007">SE-REG-77</sdg:Identifier><sdg:Name lang="EN">Register of Lighthouse Keepers</sdg:Name>'
  || '<sdg:Address><sdg:AdminUnitLevel1>SE</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>SE22</sdg:AdminUnitLevel2></sdg:Address><sdg:Classification>ERRP</sdg:Classification>')
 || requester || exception || '</query:QueryResponse>' $$;

CREATE FUNCTION requester() RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT agent_slot('EvidenceRequester', '<sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:0204">DE-OFF-12</sdg:Identifier><sdg:Name lang="DE">Hafenamt Beispielstadt</sdg:Name>') $$;

CREATE FUNCTION exception(type text, code text, message text, severity text, more text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT format('<rs:Exception xsi:type="%s" code="%s" message="%s" severity="%s">', type, code, message, severity)
 || value_slot('Timestamp', 'DateTimeValueType', '2026-02-03T04:05:06Z') || more || '</rs:Exception>' $$;

-- not_found: an ordinary refusal; anonymous: a bad request that named neither itself nor its sender; preview: come and look first
CREATE FUNCTION base(line text, kind text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
SELECT CASE kind
 WHEN 'not_found' THEN error(line, ' requestId="urn:uuid:77777777-0000-4000-8000-000000000002"', requester(),
  exception('rs:ObjectNotFoundExceptionType', 'EDM:ERR:0004', 'Object not found', 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error', ''))
 WHEN 'anonymous' THEN error(line, '', CASE WHEN line = 'v1.0' THEN requester() ELSE '' END,
  exception('rs:InvalidRequestExceptionType', 'EDM:ERR:0003', 'Syntactically or semantically invalid request', 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error', ''))
 WHEN 'preview' THEN error(line, ' requestId="urn:uuid:77777777-0000-4000-8000-000000000003"', requester(),
  exception('rs:AuthorizationExceptionType', 'EDM:ERR:0002', 'Missing Authorization', 'urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:EDMErrorResponse:PreviewRequired',
   value_slot('PreviewLocation', 'StringValueType', 'https://look.keepers.example/p/41')
   || value_slot('PreviewDescription', 'InternationalStringValueType', '<rim:LocalizedString xml:lang="EN" value="Look at your licence"/>')
   || CASE WHEN line = 'v2.0' THEN '' ELSE value_slot('PreviewMethod', 'StringValueType', 'GET') END))
 END $$;

CREATE TABLE lines (line text);
INSERT INTO lines VALUES ('v1.0'), ('v1.1'), ('v1.2'), ('v2.0');

-- What is right breaks nothing; an anonymous refusal leaves two cautions, and is not refused for them.
SELECT kind, line, (SELECT string_agg(rule_id || ' ' || severity, ', ') FROM check_message(convert_to(base(line, kind), 'UTF8'))) AS broken
FROM unnest('{not_found,anonymous,preview}'::text[]) kind, lines ORDER BY kind, line;

-- All eight codes are known with their types.
SELECT code, line, check_message(convert_to(error(line, ' requestId="urn:uuid:77777777-0000-4000-8000-000000000002"', requester(),
 exception(type, 'EDM:ERR:' || code, 'x', 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error', '')), 'UTF8'))
FROM (VALUES ('0001', 'rs:AuthenticationExceptionType'), ('0002', 'rs:AuthorizationExceptionType'), ('0003', 'rs:InvalidRequestExceptionType'),
 ('0004', 'rs:ObjectNotFoundExceptionType'), ('0005', 'rs:TimeoutExceptionType'), ('0006', 'rs:UnresolvedReferenceExceptionType'),
 ('0007', 'rs:UnsupportedCapabilityExceptionType'), ('0008', 'query:QueryExceptionType')) AS codes (code, type), lines;

-- One change for each rule: what is found is put otherwise, and the rule fires on exactly these lines.
CREATE TABLE cases (number serial, rule text, kind text, find text, put text, fires_on text[]);
CREATE FUNCTION on_lines(word text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE word WHEN 'all' THEN '{v1.0,v1.1,v1.2,v2.0}' WHEN 'later' THEN '{v1.1,v1.2,v2.0}' WHEN '1.x' THEN '{v1.0,v1.1,v1.2}'
 WHEN '1.1, 1.2' THEN '{v1.1,v1.2}' WHEN '1.0' THEN '{v1.0}' WHEN '2.0' THEN '{v2.0}' END::text[] $$;

INSERT INTO cases (rule, kind, find, put, fires_on)
SELECT 'R-EDM-ERR-' || rule, kind, find, put, on_lines(word) FROM (VALUES
-- root and slots
('S003', 'not_found', ' requestId="[^"]*"', '', 'later'),
('S004', 'not_found', 'requestId="urn:uuid:', 'requestId="', 'all'),
('S006', 'not_found', 'ResponseStatusType:Failure', 'ResponseStatusType:Success', 'all'),
('S006', 'not_found', 'ResponseStatusType:Failure', 'ResponseStatusType:Unavailable', 'later'),
('S006', 'not_found', ' status="[^"]*"', '', 'all'),
('S007', 'not_found', '</query:QueryResponse>', '<rim:RegistryObjectList/></query:QueryResponse>', 'later'),
('S008', 'not_found', '<rs:Exception.*</rs:Exception>', '', 'all'),
('S009', 'not_found', '(<rim:Slot name="SpecificationIdentifier">.*?</rim:Slot>)', '\1\1', 'all'),
('S010', 'not_found', '<rim:Slot name="EvidenceResponseIdentifier">.*?</rim:Slot>', '', 'all'),
('S011', 'not_found', '<rim:Slot name="ErrorProvider">.*?</rim:Slot>', '', 'all'),
('S012', 'not_found', '<rim:Slot name="EvidenceRequester">.*?</rim:Slot>', '', 'all'),
('S013', 'not_found', '<rim:Slot name="Timestamp">.*?</rim:Slot>', '', 'all'),
('S014', 'preview', '(<rim:Slot name="PreviewLocation">.*?</rim:Slot>)', '\1\1', 'later'),
('S015', 'preview', '(<rim:Slot name="PreviewDescription">.*?</rim:Slot>)', '\1\1', 'all'),
('S016', 'preview', '(<rim:Slot name="PreviewMethod">.*?</rim:Slot>)', '\1\1', '1.x'),
('S017', 'not_found', '<rs:Exception', '<rim:Slot name="IssueDateTime"><rim:SlotValue xsi:type="rim:DateTimeValueType"><rim:Value>2026-02-03T04:05:06Z</rim:Value></rim:SlotValue></rim:Slot><rs:Exception', 'later'),
('S018', 'not_found', '(name="SpecificationIdentifier"><rim:SlotValue xsi:type="rim:)String', '\1DateTime', 'all'),
('S019', 'not_found', '(name="EvidenceResponseIdentifier"><rim:SlotValue xsi:type="rim:)String', '\1DateTime', 'all'),
('S020', 'not_found', '(name="ErrorProvider"><rim:SlotValue xsi:type="rim:)Any', '\1Collection', 'all'),
('S021', 'not_found', '(name="EvidenceRequester"><rim:SlotValue xsi:type="rim:)Any', '\1Collection', 'all'),
('S022', 'not_found', '(name="Timestamp"><rim:SlotValue xsi:type="rim:)DateTime', '\1String', 'later'),
('S023', 'preview', '(name="PreviewLocation"><rim:SlotValue xsi:type="rim:)String', '\1Any', 'all'),
('S024', 'preview', '(name="PreviewDescription"><rim:SlotValue xsi:type="rim:)InternationalString', '\1String', 'all'),
('S025', 'preview', '(name="PreviewMethod"><rim:SlotValue xsi:type="rim:)String', '\1Any', '1.x'),
('S026', 'not_found', '(<sdg:Agent>.*?</sdg:Agent>)', '\1\1', 'all'),
('S026', 'not_found', '(<sdg:Agent>.*?</sdg:Agent>)', '<sdg:Party/>', 'all'),
('S027', 'not_found', '</rs:Exception>', '<rim:Slot name="Remark"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>x</rim:Value></rim:SlotValue></rim:Slot></rs:Exception>', 'later'),
('S027', 'not_found', '</rs:Exception>', '<rim:Slot name="PreviewMethod"><rim:SlotValue xsi:type="rim:StringValueType"><rim:Value>GET</rim:Value></rim:SlotValue></rim:Slot></rs:Exception>', '2.0'),
('S028', 'not_found', '(<rim:SlotValue .*?</rim:SlotValue>)', '\1\1', 'later'),
('S029', 'not_found', '(name="EvidenceResponseIdentifier"><rim:SlotValue xsi:type="rim:StringValueType">)<rim:Value>[^<]*</rim:Value>', '\1', 'later'),
('S030', 'not_found', '(<sdg:Name .*?</sdg:Name>)', '\1\1', 'later'),
('S031', 'preview', '<rim:Slot name="PreviewMethod">.*?</rim:Slot>', '', '1.1, 1.2'),
-- contents
('C001', 'not_found', '(oots-edm:v...)<', ' \1<', 'all'),
('C002', 'not_found', '88888888-', '8-', 'all'),
('C003', 'not_found', ' schemeID="[^"]*">SE-REG', '>SE-REG', 'all'),
('C004', 'not_found', 'EAS:0007">SE-REG', 'EAS:7">SE-REG', 'all'),
('C004', 'not_found', '>SE-REG-77<', '>' || repeat('7', 256) || '<', 'later'),
('C005', 'not_found', '<sdg:AdminUnitLevel1>SE', '<sdg:AdminUnitLevel1>Sweden', 'all'),
('C006', 'not_found', '<sdg:AdminUnitLevel2>SE22', '<sdg:AdminUnitLevel2>Malmo', '2.0'),
('C007', 'not_found', '<sdg:Classification>ERRP</sdg:Classification>', '', 'all'),
('C007', 'not_found', '<sdg:Classification>ERRP', '<sdg:Classification>', 'all'),
('C008', 'not_found', '<sdg:Classification>ERRP', '<sdg:Classification>ER', 'all'),
('C008', 'not_found', '<sdg:Classification>ERRP', '<sdg:Classification>EP', '1.0'),
('C009', 'not_found', ' schemeID="[^"]*">DE-OFF', '>DE-OFF', 'all'),
('C010', 'not_found', 'EAS:0204">DE-OFF', 'EAS:XX">DE-OFF', 'all'),
('C011', 'not_found', '(<rs:Exception.*</rs:Exception>)', '\1\1', '1.0'),
('C011', 'not_found', '<rs:Exception.*</rs:Exception>', '', 'all'),
('C012', 'not_found', ' xsi:type="rs:[^"]*"', '', 'all'),
('C013', 'not_found', ' xsi:type="rs:Object', ' xsi:type="rs:Thing', 'all'),
('C013', 'not_found', ' xsi:type="rs:Object', ' xsi:type="Object', 'all'),
('C014', 'not_found', 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error', 'urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput', 'all'),
('C014', 'preview', 'urn:sr.oots.tech.ec.europa.eu:', 'urn:sr.oots.tech.europa.eu:', 'later'),
('C015', 'not_found', 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error', 'urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:EDMErrorResponse:PreviewRequired', 'later'),
('C015', 'not_found', ' severity="[^"]*"', '', 'later'),
('C015', 'preview', ' severity="[^"]*"', ' severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"', '1.0'),
('C016', 'not_found', ' message="[^"]*"', '', 'all'),
('C017', 'not_found', 'EDM:ERR:0004', 'EDM:ERR:0009', 'all'),
('C018', 'not_found', '2026-02-03T04:05:06Z', 'today', 'all'),
('C019', 'preview', '>https://', '>http://', 'all'),
('C019', 'preview', '>https://', '>HTTPS://', '1.0'),
('C019', 'preview', '<rim:Value>https:[^<]*</rim:Value>', '<rim:Note/>', 'all'),
('C020', 'preview', 'xml:lang="EN"', 'xml:lang="en-US"', 'all'),
('C020', 'preview', 'xml:lang="EN"', 'xsi:lang="EN"', NULL),
('C021', 'preview', '>GET<', '>POST<', '1.0'),
('C021', 'preview', '>GET<', '>DELETE<', '1.x'),
('C022', 'preview', ' severity="[^"]*"', ' severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"', 'later'),
('C022', 'preview', 'rs:AuthorizationExceptionType', 'rs:TimeoutExceptionType', NULL),
('C023', 'not_found', '(<sdg:Agent>.*?</sdg:Agent>)', '\1\1', 'later'),
('C024', 'not_found', '<sdg:AdminUnitLevel1>[^<]*</sdg:AdminUnitLevel1>', '', 'later'),
('C024', 'not_found', '<sdg:Address>.*?</sdg:Address>', '', 'later'),
('C025', 'not_found', ' requestId="[^"]*"', '', 'later'),
('C026', 'not_found', ' code="[^"]*"', '', 'later'),
('C027', 'not_found', 'Register of Lighthouse Keepers', ' R ', 'later'),
('C028', 'not_found', 'lang="DE">Hafenamt', 'lang="de">Hafenamt', 'later'),
('C029', 'not_found', 'lang="DE">Hafenamt', '>Hafenamt', 'later'),
('C030', 'not_found', 'lang="EN">Register', 'lang="ENG">Register', 'later'),
('C031', 'not_found', 'lang="EN">Register', '>Register', 'later')
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

-- S012 and the slots of the preview are graver on 1.0.
SELECT rule_id, v10, v12, v20 FROM rules() WHERE message = 'error' AND (v10, v12, v20) IS DISTINCT FROM ('fatal', 'fatal', 'fatal') ORDER BY rule_id;

-- Another root is no error message: no case reaches S001 and S002.
SELECT rule_id FROM rules() WHERE message = 'error' AND rule_id NOT IN (SELECT rule FROM cases) ORDER BY 1;

DROP SCHEMA errors CASCADE;
