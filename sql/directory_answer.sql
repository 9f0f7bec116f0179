--
-- Answers of directories: what they say about registrations, and that nothing but a
-- directory's own word ever says that something is not registered.
--
\pset format unaligned
\pset tuples_only on
\pset null (null)

CREATE FUNCTION pg_temp.response(status text, content text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(format('<q:QueryResponse xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:m="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"'
		' xmlns:s="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:rs="urn:example:not-rs" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://data.europa.eu/p4s"'
		' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:%s">%s</q:QueryResponse>', status, content), 'UTF8')
$$;
CREATE FUNCTION pg_temp.slot(name text, content text) RETURNS text LANGUAGE sql AS $$
	SELECT format('<m:Slot name="%s"><m:SlotValue xsi:type="m:AnyValueType">%s</m:SlotValue></m:Slot>', name, content)
$$;
CREATE FUNCTION pg_temp.found(VARIADIC services text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.response('Success', '<m:RegistryObjectList>' || coalesce(string_agg('<m:RegistryObject>' || pg_temp.slot('DataServiceEvidenceType',
		'<DataServiceEvidenceType>' || s || '</DataServiceEvidenceType>') || '</m:RegistryObject>', ''), '') || '</m:RegistryObjectList>') FROM unnest(services) s
$$;
CREATE FUNCTION pg_temp.exception(code text, type text DEFAULT 's:ObjectNotFoundExceptionType', content text DEFAULT '', detail text DEFAULT 'EMPTY_RESULT',
	severity text DEFAULT 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error') RETURNS text LANGUAGE sql AS $$
	SELECT format('<s:Exception xsi:type="%s" severity="%s" message="free text" detail="%s" code="%s">%s</s:Exception>', type, severity, detail, code, content)
$$;
CREATE FUNCTION pg_temp.failure(VARIADIC exceptions text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.response('Failure', array_to_string(exceptions, ''))
$$;
CREATE FUNCTION pg_temp.said(body bytea, status integer DEFAULT 200, type text DEFAULT 'application/x-ebrs+xml;charset=UTF-8')
RETURNS TABLE (class text, reason text, retryable boolean, code text, message_code text) LANGUAGE sql AS $$
	SELECT class, reason, retryable, code, message_code FROM ootspg_internal.read_directory_answer(status, type, body)
$$;

-- A service of the 1.0 line: two access services, three distributions
SELECT pg_temp.found('
	<Identifier> 6ee853e4-7188-44b0-b850-785dfd4d8c48
	</Identifier><EvidenceTypeClassification>https://sr.oots.tech.europa.eu/evidencetypeclassifications/LV/1</EvidenceTypeClassification>
	<Title lang="EN">Birth</Title>
	<DistributedAs><Format>application/xml</Format><ConformsTo>https://sr.oots.tech.europa.eu/distributions/birth</ConformsTo></DistributedAs>
	<DistributedAs><Format>application/xml</Format><ConformsTo>https://sr.oots.tech.europa.eu/distributions/birth</ConformsTo><Transformation>https://sr.oots.tech.europa.eu/distributions/birth/age</Transformation></DistributedAs>
	<DistributedAs><Format>application/pdf</Format></DistributedAs>
	<AccessService><Identifier schemeID="urn:cef.eu:names:identifier:EAS:9939">LV1</Identifier><ConformsTo>oots-edm:v1.0</ConformsTo>
		<Publisher><Identifier schemeID="urn:cef.eu:names:identifier:EAS:9939">LV2</Identifier><Name lang="EN">Registry</Name>
			<Address><PostCode>1</PostCode><AdminUnitLevel1>LV</AdminUnitLevel1></Address>
			<Jurisdiction><AdminUnitLevel1>LV</AdminUnitLevel1><AdminUnitLevel2>LV006</AdminUnitLevel2></Jurisdiction>
			<ClassificationConcept><Identifier>c1</Identifier><Type>Codelist</Type><SupportedValue><StringValue>A</StringValue><StringValue>B "&lt;"</StringValue></SupportedValue></ClassificationConcept>
		</Publisher></AccessService>
	<AccessService><Identifier>LV3</Identifier></AccessService>
	<AuthenticationLevelOfAssurance>High</AuthenticationLevelOfAssurance>
	<EvidenceProviderClassification><Identifier>c1</Identifier><Type>Codelist</Type></EvidenceProviderClassification>') AS old \gset
\x on
SELECT * FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', :'old') LIMIT 1;
\x off
SELECT data_service, access_service, publisher, media_type, data_model, transformation FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', :'old');

-- One of the 2.0 line: several versions and languages, a narrowed jurisdiction, values at the service
\x on
SELECT r.* FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', pg_temp.response('Success',
	'<m:Slot name="SpecificationIdentifier"><m:SlotValue xsi:type="m:StringValueType"><m:Value> oots-cs:v2.0 </m:Value></m:SlotValue></m:Slot><m:RegistryObjectList><m:RegistryObject>'
	|| pg_temp.slot('DataServiceEvidenceType', '<DataServiceEvidenceType>
	<Identifier>6EE853E4-7188-44b0-b850-785dfd4d8c48</Identifier><EvidenceTypeClassification>https://sr.acc.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/1</EvidenceTypeClassification>
	<DistributedAs><Format>application/xml</Format><Language>LV</Language><Language>EN</Language><ConformsTo>https://sr.acc.oots.tech.ec.europa.eu/datamodels/birth</ConformsTo></DistributedAs>
	<AccessService><Identifier schemeID="t">LV1</Identifier><Name lang="EN">AP</Name><ConformsTo>oots-edm:v1.2</ConformsTo><ConformsTo>oots-edm:v2.0</ConformsTo>
		<Publisher><Identifier schemeID="p">LV2</Identifier><Address><AdminUnitLevel1>LV</AdminUnitLevel1></Address>
			<Jurisdiction><AdminUnitLevel1>LV</AdminUnitLevel1><AdditionalJurisdictionClassification listID="https://sr/codelists/LV/R">7</AdditionalJurisdictionClassification></Jurisdiction></Publisher></AccessService>
	<EvidenceProviderClassification><Identifier schemeID="https://sr/codelists/LV/R">c1</Identifier><SupportedValue><BooleanValue>true</BooleanValue></SupportedValue></EvidenceProviderClassification>
	</DataServiceEvidenceType>') || '</m:RegistryObject></m:RegistryObjectList>')) r;
\x off

-- What is missing is null; what stands twice is told apart by its object
SELECT class, object, data_service, access_service, publisher, media_type FROM ootspg_internal.read_directory_answer(200, 'text/xml', pg_temp.found('<Identifier>a</Identifier>', '<Identifier>a</Identifier>', '<DistributedAs/>'));

-- A question back, under both hosts, and when only the severity is known
SELECT pg_temp.slot('DataServiceEvidenceType', '<DataServiceEvidenceType><Identifier>d</Identifier><EvidenceTypeClassification>e</EvidenceTypeClassification></DataServiceEvidenceType>') AS asked,
	pg_temp.slot('JurisdictionDetermination', '<EvidenceProviderJurisdictionDetermination><JurisdictionContextId>j</JurisdictionContextId><JurisdictionLevel>LAU</JurisdictionLevel></EvidenceProviderJurisdictionDetermination>') AS place,
	'<m:Slot name="UserRequestedClassificationConcepts"><m:SlotValue xsi:type="m:CollectionValueType">' || repeat('<m:Element xsi:type="m:AnyValueType"><EvidenceProviderClassification><Identifier>c</Identifier><Type>Codelist</Type><ValueExpression>https://list</ValueExpression></EvidenceProviderClassification></m:Element>', 2) || '</m:SlotValue></m:Slot>' AS concepts \gset
SELECT class, code, data_service, classification, input, input_id, input_level, input_type, input_list FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', pg_temp.failure(pg_temp.exception('DSD:ERR:0005', content => :'asked' || :'place' || :'concepts')));
SELECT class, code, input_id FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', pg_temp.failure(pg_temp.exception('DSD:ERR:0099', content => :'asked' || :'place', severity => 'urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput')));
SELECT * FROM pg_temp.said(pg_temp.failure(pg_temp.exception('DSD:ERR:0005', content => :'asked')));
SELECT * FROM pg_temp.said(pg_temp.failure(pg_temp.exception('DSD:ERR:0005', content => :'place')));
SELECT * FROM pg_temp.said(pg_temp.failure(pg_temp.exception('DSD:ERR:0005', content => :'asked' || :'place' || :'place')));

-- Refusals by code and type
SELECT e.*, s.* FROM (VALUES ('DSD:ERR:0001', 's:ObjectNotFoundExceptionType'), ('DSD:ERR:0002', 's:ObjectNotFoundExceptionType'), ('DSD:ERR:0007', 's:ObjectNotFoundExceptionType'),
	('DSD:ERR:0003', 's:InvalidRequestExceptionType'), ('DSD:ERR:0004', 's:InvalidRequestExceptionType'), ('DSD:ERR:0006', 's:InvalidRequestExceptionType'), ('DSD:ERR:0008', 's:InvalidRequestExceptionType'),
	('DSD:ERR:0001', 's:InvalidRequestExceptionType'), ('DSD:ERR:0001', 'rs:ObjectNotFoundExceptionType'), ('DSD:ERR:0001', 'ObjectNotFoundExceptionType'), ('DSD:ERR:0003', 's:ObjectNotFoundExceptionType'),
	('EB:ERR:0001', 's:ObjectNotFoundExceptionType'), ('', 's:ObjectNotFoundExceptionType'), ('DSD:ERR:0001 !', 's:ObjectNotFoundExceptionType'), ('DSD:ERR:0001', 's:TimeoutExceptionType')) e(code, type),
	pg_temp.said(pg_temp.failure(pg_temp.exception(e.code, e.type))) s;
-- of two, that which says less about registrations; sentences are not handed on
SELECT * FROM pg_temp.said(pg_temp.failure(pg_temp.exception('DSD:ERR:0001'), pg_temp.exception('DSD:ERR:0003', 's:InvalidRequestExceptionType', detail => 'free text')));
SELECT * FROM pg_temp.said(pg_temp.failure(pg_temp.exception('DSD:ERR:0003', 's:InvalidRequestExceptionType', detail => 'country-code'), pg_temp.exception('DSD:ERR:0001')));

-- Neither this nor that
SELECT * FROM pg_temp.said(pg_temp.response('Success', ''));
SELECT * FROM pg_temp.said(pg_temp.response('Success', '<m:RegistryObjectList/>'));
SELECT * FROM pg_temp.said(pg_temp.response('Success', '<m:RegistryObjectList/><m:RegistryObjectList/>'));
SELECT * FROM pg_temp.said(pg_temp.response('Success', '<m:RegistryObjectList><m:RegistryObject/></m:RegistryObjectList>'));
SELECT * FROM pg_temp.said(pg_temp.response('Success', '<m:RegistryObjectList/>' || pg_temp.exception('DSD:ERR:0001')));
SELECT * FROM pg_temp.said(pg_temp.response('Failure', ''));
SELECT * FROM pg_temp.said(pg_temp.response('Failure', '<m:RegistryObjectList/>' || pg_temp.exception('DSD:ERR:0001')));
SELECT * FROM pg_temp.said(pg_temp.response('PartialSuccess', pg_temp.exception('DSD:ERR:0001')));
SELECT * FROM pg_temp.said(convert_to(replace(convert_from(pg_temp.failure(pg_temp.exception('DSD:ERR:0001')), 'UTF8'), 'query:4.0', 'query:3.0'), 'UTF8'));
SELECT * FROM pg_temp.said(pg_temp.found('<Identifier>a</Identifier><Identifier>b</Identifier>'));
SELECT * FROM pg_temp.said(pg_temp.found(format('<Identifier>%s</Identifier>', repeat('a', 1025))));
SELECT class, length(data_service) FROM ootspg_internal.read_directory_answer(200, 'application/xml', pg_temp.found(format('<Identifier>%s</Identifier>', repeat('a', 1024))));
SELECT * FROM pg_temp.said('<!DOCTYPE a><a/>');
SELECT * FROM pg_temp.said('');
SELECT * FROM pg_temp.said(NULL);
-- few bytes, many rows
SELECT * FROM pg_temp.said(pg_temp.found(repeat('<DistributedAs/>', 200) || repeat('<AccessService/>', 200)));
SELECT class, count(*) FROM pg_temp.said(pg_temp.found(repeat('<DistributedAs/>', 50) || repeat('<AccessService/>', 50))) GROUP BY 1;

-- By status and type: only a directory's own word counts, and not when HTTP contradicts it
SELECT b.name, h.status, h.type, s.class, s.reason, s.retryable, s.code
FROM (VALUES (1, 'found', pg_temp.found('')), (2, 'not found', pg_temp.failure(pg_temp.exception('DSD:ERR:0001'))), (3, 'refused', pg_temp.failure(pg_temp.exception('DSD:ERR:0003', 's:InvalidRequestExceptionType'))),
		(4, 'json', '{"status":404,"error":"Not Found"}'::bytea), (5, 'html', '<!DOCTYPE html><html><body>Not found</body></html>')) b(n, name, body),
	(VALUES (200, 'application/x-ebrs+xml'), (200, 'text/html'), (200, 'application/json'), (200, NULL), (204, 'text/xml'), (302, 'text/html'), (404, 'application/x-ebrs+xml'), (404, 'application/json'), (405, 'text/html'),
		(429, 'text/html'), (500, 'application/x-ebrs+xml'), (503, 'text/html'), (NULL, NULL)) h(status, type),
	pg_temp.said(b.body, h.status, h.type) s
ORDER BY b.n, h.status, h.type;

-- Verification: what is wrong with the question is raised; the rest is tested with signatures of openssl
SELECT ootspg_internal.verify_directory_answer('', NULL, NULL, '');
SELECT ootspg_internal.verify_directory_answer(NULL, NULL, NULL, '');
SELECT count(*) FROM pg_proc WHERE proname IN ('verify_directory_answer', 'read_directory_answer') AND has_function_privilege('public', oid, 'EXECUTE');

-- A status without content: whatever comes with it is no answer
SELECT status, s.class, s.reason FROM unnest(ARRAY[200, 204, 205]) status, pg_temp.said(pg_temp.found('<Identifier>a</Identifier>'), status) s;
