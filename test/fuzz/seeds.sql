-- What the fuzz targets start from, one line each: target, name, bytes. Of the fixtures where they have it, and
-- a few small texts of the kinds that they lack. To be run by psql in the root of the tree; see run-fuzz.
\set ON_ERROR_STOP 1
\set QUIET 1
\set own fuzz_seeds
\i test/fixtures/own_database.sql
\o /dev/null
\i test/fixtures/registry.sql
\i test/fixtures/requests.sql
\i test/fixtures/directory.sql
\o
\pset tuples_only on
\pset fieldsep ' '
CREATE TABLE line (line text);
INSERT INTO line SELECT 'oots-edm:' || v FROM unnest(ARRAY['v1.0', 'v1.1', 'v1.2', 'v2.0']) v;
CREATE TABLE seed (target text, name text, content bytea);

CREATE FUNCTION bytes(content text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$ SELECT convert_to(content, 'UTF8') $$;

-- Requests of a person, of a company, and of both
INSERT INTO seed
SELECT 'request', format('%s-%s', line, what), test_request(line, 'b1c2d3e4-2222-4333-8444-555566667777',
	'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888', subject, gen_random_uuid()::text, more_query => more)
	|| '\xff' || test_header(line)
  FROM line, (VALUES
	('person', test_person('Bērziņš', 'Anna Marija', '1990-02-03', 'DE/LV/12345', 'High'), ''),
	('company', test_company('LV/DE/40003', 'SIA Bērzs & Co', 'High', '<sdg:LegalPersonIdentifier schemeID="VATRegistration">LV40003</sdg:LegalPersonIdentifier>'), ''),
	('represented', test_person('O''Neill', 'Seán', '1990-02-03Z', NULL, 'Substantial', '<sdg:PlaceOfBirth>Rīga</sdg:PlaceOfBirth><sdg:BirthName>Kalniņa</sdg:BirthName>'),
	 test_slot('AuthorizedRepresentative', 'AnyValueType', test_person('Kalns', 'Jānis', '1980-01-01', 'DE/LV/99', 'High',
		'<sdg:SectorSpecificAttribute><sdg:AttributeName>PowerOfRepresentationScope</sdg:AttributeName><sdg:AttributeValue>R1, T1</sdg:AttributeValue></sdg:SectorSpecificAttribute>')))) s(what, subject, more);

-- Directories: submissions of every line, taken apart, judged and read for their codes
CREATE FUNCTION submission(service text, line text) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO ootspg.directory_target (environment, service, line) VALUES ('test', submission.service, submission.line)
	ON CONFLICT ON CONSTRAINT directory_target_pkey DO UPDATE SET line = EXCLUDED.line;
	RETURN bytes(ootspg.submission(submission.service)::text);
END $$;
INSERT INTO seed
SELECT 'directory', format('submission-%s-%s-%s', service, line, function), set_byte('\x0000', 0, function) || submission(service, line)
  FROM line, unnest(ARRAY['dsd', 'eb']) service, unnest(ARRAY[2, 5, 6]) function;

CREATE FUNCTION response(status text, content text) RETURNS bytea LANGUAGE sql AS $$
	SELECT bytes(format('<query:QueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"'
		' xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdg="http://data.europa.eu/p4s"'
		' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:%s">%s</query:QueryResponse>', status, content))
$$;
CREATE FUNCTION found(slot text, content text) RETURNS bytea LANGUAGE sql AS $$
	SELECT response('Success', test_slot('SpecificationIdentifier', 'StringValueType', '<rim:Value>oots-cs:v1.2</rim:Value>')
		|| '<rim:RegistryObjectList><rim:RegistryObject>' || test_slot(slot, 'AnyValueType', content) || '</rim:RegistryObject></rim:RegistryObjectList>')
$$;
-- and answers, read, judged, and searched for a provider's own entry
CREATE TABLE answer (name text, content bytea);
INSERT INTO answer VALUES
	('service', found('DataServiceEvidenceType', '<sdg:DataServiceEvidenceType><sdg:Identifier>a1b2c3d4-1111-4222-8333-444455556677</sdg:Identifier>'
		'<sdg:EvidenceTypeClassification>https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888</sdg:EvidenceTypeClassification>'
		'<sdg:Title lang="EN">Birth</sdg:Title><sdg:AuthenticationLevelOfAssurance>High</sdg:AuthenticationLevelOfAssurance>'
		'<sdg:DistributedAs><sdg:Format>application/xml</sdg:Format><sdg:Language>LV</sdg:Language><sdg:ConformsTo>https://sr.oots.tech.ec.europa.eu/distributions/birth</sdg:ConformsTo></sdg:DistributedAs>'
		'<sdg:AccessService><sdg:Identifier schemeID="urn:t">AP</sdg:Identifier><sdg:ConformsTo>oots-edm:v1.2</sdg:ConformsTo><sdg:Publisher>'
		'<sdg:Identifier schemeID="urn:cef.eu:names:identifier:EAS:9939">LV90000000001</sdg:Identifier><sdg:Address><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1></sdg:Address>'
		'<sdg:Jurisdiction><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1><sdg:AdminUnitLevel2>LV00A</sdg:AdminUnitLevel2></sdg:Jurisdiction>'
		'<sdg:ClassificationConcept><sdg:Identifier schemeID="urn:l">c</sdg:Identifier><sdg:Type>Codelist</sdg:Type><sdg:SupportedValue><sdg:StringValue listID="urn:l">x</sdg:StringValue></sdg:SupportedValue>'
		'</sdg:ClassificationConcept></sdg:Publisher></sdg:AccessService></sdg:DataServiceEvidenceType>')),
	('requirement', found('Requirement', '<sdg:Requirement><sdg:Identifier>https://sr/requirements/1</sdg:Identifier><sdg:Name lang="EN">Birth</sdg:Name>'
		'<sdg:EvidenceTypeList><sdg:Identifier>l</sdg:Identifier><sdg:EvidenceType><sdg:EvidenceTypeClassification>https://sr/LV/1</sdg:EvidenceTypeClassification>'
		'<sdg:Jurisdiction><sdg:AdminUnitLevel1>LV</sdg:AdminUnitLevel1></sdg:Jurisdiction></sdg:EvidenceType></sdg:EvidenceTypeList></sdg:Requirement>')),
	('silent', response('Success', '<rim:RegistryObjectList/>')),
	('gone', response('Failure', '<rs:Exception xsi:type="rs:ObjectNotFoundExceptionType" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error" message="m" detail="EMPTY_RESULT" code="DSD:ERR:0001"/>')),
	('none', response('Failure', '<rs:Exception xsi:type="rs:ObjectNotFoundExceptionType" severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error" message="m" detail="EMPTY_RESULT" code="EB:ERR:0001"/>')),
	('question', response('Failure', '<rs:Exception xsi:type="rs:ObjectNotFoundExceptionType" severity="urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput" message="m" code="DSD:ERR:0005">'
		|| test_slot('DataServiceEvidenceType', 'AnyValueType', '<sdg:DataServiceEvidenceType><sdg:Identifier>a1b2c3d4-1111-4222-8333-444455556677</sdg:Identifier></sdg:DataServiceEvidenceType>')
		|| test_slot('JurisdictionDetermination', 'AnyValueType', '<sdg:EvidenceProviderJurisdictionDetermination><sdg:JurisdictionContextId>j</sdg:JurisdictionContextId><sdg:JurisdictionLevel>LAU</sdg:JurisdictionLevel></sdg:EvidenceProviderJurisdictionDetermination>')
		|| test_slot('UserRequestedClassificationConcepts', 'CollectionValueType', '<rim:Element xsi:type="rim:AnyValueType"><sdg:EvidenceProviderClassification><sdg:Identifier>c</sdg:Identifier><sdg:Type>Codelist</sdg:Type></sdg:EvidenceProviderClassification></rim:Element>')
		|| '</rs:Exception>')),
	('accepted', bytes('<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" requestId="urn:uuid:0a1b2c3d-1111-4222-8333-444455556666" status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/>'));
INSERT INTO seed
SELECT 'directory', format('answer-%s-%s', name, function), set_byte('\x0000', 0, function) || content FROM answer, generate_series(0, 4) function;
INSERT INTO seed VALUES
	('directory', 'genericode', '\x0700' || bytes('<gc:CodeList xmlns:gc="http://docs.oasis-open.org/codelist/ns/genericode/1.0/"><Identification><Version>1.0</Version></Identification><ColumnSet>'
	'<Column Id="code"/><Column Id="name"><Data Type="string" Lang="en"/></Column><Key Id="k"><ColumnRef Ref="code"/></Key></ColumnSet><SimpleCodeList><Row><Value ColumnRef="code"><SimpleValue>a</SimpleValue></Value>'
	'<Value ColumnRef="name"><SimpleValue>first</SimpleValue></Value></Row></SimpleCodeList></gc:CodeList>'));

-- The access point: what each operation is answered
CREATE FUNCTION soap(content text, header text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT bytes('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://eu.domibus.wsplugin/">' || header || '<s:Body>' || content || '</s:Body></s:Envelope>')
$$;
CREATE FUNCTION messaging() RETURNS text LANGUAGE sql AS $$
	SELECT '<s:Header><eb:Messaging xmlns:eb="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"><eb:UserMessage><eb:MessageInfo><eb:MessageId>m-1@ap.example.de</eb:MessageId></eb:MessageInfo>'
		'<eb:PartyInfo><eb:From><eb:PartyId type="urn:t">AP_DE_01</eb:PartyId></eb:From></eb:PartyInfo><eb:PayloadInfo><eb:PartInfo href="cid:p1@b"><eb:PartProperties>'
		'<eb:Property name="MimeType">application/x-ebrs+xml</eb:Property></eb:PartProperties></eb:PartInfo></eb:PayloadInfo></eb:UserMessage></eb:Messaging></s:Header>'
$$;
CREATE FUNCTION retrieved(value text) RETURNS bytea LANGUAGE sql AS $$
	SELECT soap('<w:retrieveMessageResponse><payload payloadId="cid:p1@b"><value>' || value || '</value></payload></w:retrieveMessageResponse>', messaging())
$$;
INSERT INTO seed
SELECT 'gateway', name, set_byte('\x0000', 0, operation) || bytes(type) || '\xff' || content FROM (VALUES
	('list', 0, 'application/soap+xml;charset=UTF-8', soap('<w:listPendingMessagesResponse><messageID>m-1@ap.example.de</messageID><messageID>m-2@ap.example.de</messageID></w:listPendingMessagesResponse>')),
	('retrieve', 1, 'application/soap+xml', retrieved('PGE+YjwvYT4=')),
	('retrieve-long', 1, 'application/soap+xml', retrieved(encode(bytes(repeat('<a>b</a>', 60)), 'base64'))),
	('retrieve-mtom', 1, 'multipart/related; type="application/xop+xml"; boundary="uuid:b7"; start="<root@cxf>"; start-info="application/soap+xml"',
		bytes(E'\r\n--uuid:b7\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@cxf>\r\n\r\n')
		|| retrieved('<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:p1%2Bx@cxf"/>')
		|| bytes(E'\r\n--uuid:b7\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <p1+x@cxf>\r\n\r\nPGE+YjwvYT4=\r\n--uuid:b7--')),
	('retrieve-twice', 1, 'multipart/related; type="application/xop+xml"; boundary="uuid:b7"; start="<root@cxf>"; start-info="application/soap+xml"',
		bytes(E'\r\n--uuid:b7\r\nContent-Type: application/xop+xml; charset=UTF-8; type="application/soap+xml"\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <root@cxf>\r\n\r\n')
		|| soap('<w:retrieveMessageResponse>' || (SELECT string_agg(format('<payload payloadId="cid:p%s@b"><value><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:p@cxf"/></value></payload>', n), '')
			FROM generate_series(1, 2) n) || '</w:retrieveMessageResponse>', replace(messaging(), '</eb:PayloadInfo>', '<eb:PartInfo href="cid:p2@b"/></eb:PayloadInfo>'))
		|| bytes(E'\r\n--uuid:b7\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <p@cxf>\r\n\r\n' || repeat('x', 3000) || E'\r\n--uuid:b7--')),
	('mark', 2, 'text/xml', soap('<w:markMessageAsDownloadedResponse><messageID>m-1@ap.example.de</messageID></w:markMessageAsDownloadedResponse>')),
	('status', 3, 'application/soap+xml', soap('<w:getStatusResponse>SEND_ENQUEUED</w:getStatusResponse>')),
	('errors', 4, 'application/soap+xml', soap('<w:getMessageErrorsResponse><item><errorCode>EBMS_0005</errorCode><errorDetail>no</errorDetail><messageInErrorId>m-1@ap.example.de</messageInErrorId><mshRole>SENDING</mshRole><timestamp>2026-01-31T08:15:02</timestamp></item></w:getMessageErrorsResponse>')),
	('submit', 5, 'application/soap+xml', soap('<w:submitResponse><messageID>m-1@ap.example.de</messageID></w:submitResponse>')),
	('fault', 5, 'application/soap+xml', soap('<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason><s:Detail><w:FaultDetail><code>EBMS_0004</code><message>duplicate</message></w:FaultDetail></s:Detail></s:Fault>'))
	) v(name, operation, type, content);

-- A name server's answer: the question, an alias, and two records
CREATE FUNCTION counted(bytes bytea, size int) RETURNS bytea LANGUAGE sql AS $$ SELECT substring(decode(lpad(to_hex(length(bytes)), 8, '0'), 'hex') FROM 5 - size) || bytes $$;
CREATE FUNCTION naptr(preference text, regexp text) RETURNS bytea LANGUAGE sql AS $$
	SELECT '\xc00c0023000100000e10'::bytea || counted('\x0064'::bytea || decode(preference, 'hex') || counted('U', 1) || counted('Meta:SMP', 1) || counted(bytes(regexp), 1) || '\x00', 2)
$$;
INSERT INTO seed VALUES ('naptr', 'two', '\x00008180000100030000000003647364076578616d706c650000230001'::bytea
	|| '\xc00c0005000100000e100003016100' || naptr('000a', '!.*!https://a.example/dsd!') || naptr('0005', '/^.*$/https:\/\/b.example/i'));

-- Names: letters of several scripts, marks, hyphens, and two spellings of one
INSERT INTO seed SELECT 'names', 'name-' || row_number() OVER (), bytes(a) || coalesce('\xff' || bytes(b), '') FROM (VALUES
	('Bērziņš', 'Berzins'), ('Müller', 'Mueller'), ('Ξενάκης', 'Xenakis'), ('Горбачёв', 'Gorbatschow'), ('Anna-Marija Ilze', 'Ilze Anna Marija'), ('O''Neill', 'ONeill'),
	(E'e\u0301\u0323', E'\u1eb9\u0301'), ('Straße', 'STRASSE'), ('İpek Işık', 'ipek isik'), ('王小明', NULL), ('Šmits', 'Shmits'), ('Ντίνος', 'Dinos'), ('Đurić', 'Djuric'), ('van der Æther-Ðorđević', NULL)) v(a, b);

-- Documents, schemas
INSERT INTO seed SELECT 'canonical', 'message-' || row_number() OVER (), content FROM answer;
INSERT INTO seed VALUES
	('canonical', 'odds', bytes('<?xml version="1.0"?><!-- c --><b:a xmlns:b="urn:b" xmlns="urn:d" xmlns:c="urn:c" c:z="1" b:y=''"&#9;&lt;'' x="&#xD;"><![CDATA[<&]]> <d xmlns=""/><c:e xmlns:c="urn:e">ž&#13;&gt;</c:e></b:a>')),
	('schema', 'dear', bytes('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="p"><xs:restriction base="xs:string"><xs:pattern value="((x{1,900}){1,900}){1,900}"/></xs:restriction></xs:simpleType></xs:schema>')),
	('schema', 'small', bytes('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:m" xmlns="urn:m" elementFormDefault="qualified"><xs:element name="a" type="t"/>'
	'<xs:complexType name="t"><xs:sequence><xs:element name="b" minOccurs="0" maxOccurs="9" type="p"/><xs:choice maxOccurs="unbounded"><xs:element ref="h"/><xs:group ref="g"/></xs:choice><xs:any processContents="lax" namespace="##other"/></xs:sequence>'
	'<xs:attribute name="c" use="required" type="xs:date"/><xs:attributeGroup ref="ag"/></xs:complexType><xs:simpleType name="p"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{2}(\d|x){1,5}"/></xs:restriction></xs:simpleType>'
	'<xs:element name="h" abstract="true"/><xs:element name="i" substitutionGroup="h"/><xs:group name="g"><xs:all><xs:element name="k" type="xs:int"/></xs:all></xs:group><xs:attributeGroup name="ag"><xs:attribute name="l"/></xs:attributeGroup></xs:schema>'));

-- Signatures: JSON, a header, and changes: a byte, an element of its own put elsewhere, one of the other document
INSERT INTO seed VALUES
	('jws', 'json', '\x00' || bytes('{"a":"\u00e9\n","b":[1,-2.5e3,true,false,null],"c":{"d":{}}}')),
	('jws', 'header', '\x02' || bytes('{"alg":"ES256","kid":"k","x5t#o":{"digAlg":"S512","digVal":"AAAA"},"x5t#S256":"AAAA","x5c":["AAAA"],"typ":"jose","b64":false,"iat":1800000000,"sigD":{"mId":"http://uri.etsi.org/19182/HttpHeaders","pars":["digest"]},"crit":["b64","sigD"]}')),
	('jws', 'body', '\x0300000541ff'), ('jws', 'digest', '\x0401000020ff'), ('jws', 'signature', '\x050000204142ff'),
	('seal', 'as-it-is', '\x'), ('seal', 'byte', '\x00004041ff'), ('seal', 'taken', '\x0200300005'), ('seal', 'put', '\x01004020ff'),
	('beside', 'xades', '\x00'), ('beside', 'jades', '\x01'), ('beside', 'xades-other-document', '\x02'), ('beside', 'jades-other-document', '\x03'), ('beside', 'alone', '\x06'),
	('beside', 'byte', '\x0000004041ff'), ('beside', 'jades-other', '\x010400400010'),
	('seal', 'moved', '\x0300400080'), ('seal', 'other', '\x0400400010'), ('seal', 'other-signature', '\x8401000100'),
	('jades', 'compact', '\x00' || bytes('eyJhbGciOiJFUzI1NiJ9.e30.AAAA')), ('jades', 'flattened', '\x01' || bytes('{"payload":"e30","protected":"eyJhbGciOiJFUzI1NiIsImNyaXQiOltdfQ","header":{"etsiU":[]},"signature":"AA"}')),
	('jades', 'general', '\x00' || bytes('{"payload":"e30","signatures":[{"protected":"eyJhbGciOiJFUzI1NiJ9","signature":"AA"}]}')),
	('jades', 'as-it-is', '\x02'), ('jades', 'byte', '\x0300004041ff'), ('jades', 'other', '\x020400400010'),
	('picture', 'png', '\x0089504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a730000001149444154789c636460646266616581500000e70024b86e56ae0000000049454e44ae426082'), ('picture', 'palette', '\x0089504e470d0a1a0a0000000d49484452000000040000000102030000008452e75e0000000c504c544500000000000000000000000035e937960000000274524e53ff00e5b7304a0000000a49444154789c63900600001d001c8ef4f5210000000049454e44ae426082'), ('picture', 'jpeg', '\x01ffd8ffc0000b080008000801787878ffda0002ffd9'),
	('picture', 'svg-cut', '\x02' || bytes('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><g transform="rotate"/></svg>')),
	('picture', 'svg', '\x02' || bytes('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><g transform="matrix(1 0 0 1 2 3) rotate(4 5 6)" style="fill:#f00;stroke:none"><path d="M0 0h1v2c1 2 3 4 5 6s1 2 3 4q1 2 3 4t5 6a1 2 3 0 1 4 5z"/><circle r="2"/><polygon points="1,2 3,4"/><rect width="3" height="4" stroke="blue"/></g></svg>')),
	('pdf', 'table', '\x00' || bytes(E'%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[3 0 R]>>>>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 4/Root 1 0 R/Prev 9/XRefStm 9>>\nstartxref\n74\n%%EOF\n')),
	('pdf', 'to-seal', '\x02'), ('pdf', 'to-seal-stream', '\x06'), ('pdf', 'sealed', '\x03'), ('pdf', 'sealed-stream', '\x07'),
	('pdf', 'sealed-byte', '\x0300004041ff'), ('pdf', 'put', '\x0201004020ff'), ('pdf', 'other', '\x070400400010');

-- Time stamps and trusted lists
INSERT INTO seed VALUES
	('stamp', 'answer', '\x0030030201'), ('stamp', 'changed', '\x0100004041ff'), ('stamp', 'taken', '\x010200300005'), ('stamp', 'stamped', '\x0200004041ff'), ('stamp', 'moved', '\x030300400080'),
	('stamp', 'list', '\x04' || bytes('<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#"><SchemeInformation><TSLSequenceNumber>1</TSLSequenceNumber><TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>'
	'<SchemeTerritory>LV</SchemeTerritory><ListIssueDateTime>2026-01-01T00:00:00Z</ListIssueDateTime><NextUpdate><dateTime>2026-06-01T00:00:00Z</dateTime></NextUpdate></SchemeInformation><TrustServiceProviderList><TrustServiceProvider><TSPServices>'
	'<TSPService><ServiceInformation><ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/CA/QC</ServiceTypeIdentifier><ServiceName><Name xml:lang="en">x</Name></ServiceName><ServiceDigitalIdentity><DigitalId><X509Certificate>MAA=</X509Certificate>'
	'</DigitalId></ServiceDigitalIdentity><ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted</ServiceStatus><StatusStartingTime>2026-01-01T00:00:00Z</StatusStartingTime></ServiceInformation></TSPService></TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>')),
	('stamp', 'json', '\x05' || bytes('{"payload":"e30","protected":"e30","signature":"AAAA"}')), ('stamp', 'xml', '\x05' || bytes('<a><ds:SignatureValue Id="sv-1">AA==</ds:SignatureValue></xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature></a>')),
	('stamp', 'pdf', '\x05' || bytes('%PDF-1.4 /ByteRange[0 0000000040 0000000060 0000000004]/Contents<3000> end'));

SELECT target, name, substr(content::text, 3) FROM seed ORDER BY target, name;
\i test/fixtures/leave_database.sql
