--
-- Answers of the evidence broker: which evidence types prove a requirement, where they are
-- issued, and that only the broker's own word says that nothing is there.
--
\pset format unaligned
\pset tuples_only on
\pset null (null)

CREATE FUNCTION pg_temp.response(status text, content text) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to(format('<q:QueryResponse xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0" xmlns:m="urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0"'
		' xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://data.europa.eu/p4s"'
		' status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:%s">%s</q:QueryResponse>', status, content), 'UTF8')
$$;
CREATE FUNCTION pg_temp.found(VARIADIC requirements text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT pg_temp.response('Success', '<m:RegistryObjectList>' || coalesce(string_agg('<m:RegistryObject><m:Slot name="Requirement"><m:SlotValue xsi:type="m:AnyValueType"><Requirement>'
		|| r || '</Requirement></m:SlotValue></m:Slot></m:RegistryObject>', ''), '') || '</m:RegistryObjectList>') FROM unnest(requirements) r
$$;
CREATE FUNCTION pg_temp.exception(code text, type text DEFAULT 'rs:ObjectNotFoundExceptionType', severity text DEFAULT 'urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error') RETURNS text LANGUAGE sql AS $$
	SELECT format('<rs:Exception xsi:type="%s" severity="%s" message="free text" detail="EMPTY_RESULT" code="%s"/>', type, severity, code)
$$;
CREATE FUNCTION pg_temp.said(body bytea, status integer DEFAULT 200, type text DEFAULT 'application/x-ebrs+xml')
RETURNS TABLE (class text, reason text, retryable boolean, code text) LANGUAGE sql AS $$
	SELECT class, reason, retryable, code FROM ootspg_internal.read_broker_answer(status, type, body)
$$;
CREATE FUNCTION pg_temp.content(body bytea) RETURNS TABLE (requirement text, list text, match text, list_countries text[], classification text, type_countries text[]) LANGUAGE sql AS $$
	SELECT requirement, list, match, list_countries, classification, type_countries FROM ootspg_internal.read_broker_answer(200, 'application/x-ebrs+xml', body)
$$;

-- Until 1.2 each type says where it is issued: regions of one country are one country
SELECT * FROM pg_temp.content(pg_temp.found('<Identifier> https://sr/requirements/1
	</Identifier><Name lang="EN">Birth</Name>
	<EvidenceTypeList><Identifier>l1</Identifier><Name lang="EN">Birth</Name>
		<EvidenceType><EvidenceTypeClassification>https://sr/LV/1</EvidenceTypeClassification><Title lang="EN">A</Title>
			<Jurisdiction><AdminUnitLevel1>LV</AdminUnitLevel1><AdminUnitLevel2>LV006</AdminUnitLevel2></Jurisdiction>
			<Jurisdiction><AdminUnitLevel1>LV</AdminUnitLevel1><AdminUnitLevel2>LV007</AdminUnitLevel2></Jurisdiction></EvidenceType>
		<EvidenceType><EvidenceTypeClassification>https://sr/EE/2</EvidenceTypeClassification>
			<Jurisdiction><AdminUnitLevel1>EE</AdminUnitLevel1></Jurisdiction><Jurisdiction><AdminUnitLevel1>LV</AdminUnitLevel1></Jurisdiction></EvidenceType></EvidenceTypeList>
	<EvidenceTypeList><Identifier>l2</Identifier><EvidenceType><EvidenceTypeClassification>https://sr/LV/3</EvidenceTypeClassification></EvidenceType></EvidenceTypeList>'));

-- Since 2.0 the list does, behind its types; it may declare that there are none
SELECT * FROM pg_temp.content(pg_temp.found('<Identifier>r</Identifier><Description lang="EN">D</Description>
	<EvidenceTypeList><Identifier>l1</Identifier><EvidenceType><EvidenceTypeClassification>https://sr/LV/1</EvidenceTypeClassification></EvidenceType>
		<Jurisdiction><AdminUnitLevel1>LV</AdminUnitLevel1><AdditionalJurisdictionClassification listID="x">y</AdditionalJurisdictionClassification></Jurisdiction></EvidenceTypeList>
	<EvidenceTypeList><Identifier>l2</Identifier><MatchType>NoMatch</MatchType><MatchDescription lang="EN">None</MatchDescription><Jurisdiction><AdminUnitLevel1>EE</AdminUnitLevel1></Jurisdiction></EvidenceTypeList>',
	'<Identifier>of a procedure</Identifier><ReferenceFramework><Identifier>f</Identifier></ReferenceFramework>'));
SELECT specification, requirement FROM ootspg_internal.read_broker_answer(200, 'application/x-ebrs+xml', pg_temp.response('Success',
	'<m:Slot name="SpecificationIdentifier"><m:SlotValue xsi:type="m:StringValueType"><m:Value>oots-cs:v2.0</m:Value></m:SlotValue></m:Slot><m:RegistryObjectList><m:RegistryObject><m:Slot name="Requirement"><m:SlotValue><Requirement/></m:SlotValue></m:Slot></m:RegistryObject></m:RegistryObjectList>'));

-- Refusals: by code and type; what a directory of data services says is none of the broker's
SELECT e.code, e.type, s.class, s.reason FROM (VALUES ('EB:ERR:0001', 'ObjectNotFound'), ('EB:ERR:0002', 'ObjectNotFound'), ('EB:ERR:0001', 'InvalidRequest'),
	('EB:ERR:0003', 'InvalidRequest'), ('EB:ERR:0003', 'ObjectNotFound'), ('EB:ERR:0004', 'ObjectNotFound'), ('EB:ERR:0005', 'ObjectNotFound'), ('EB:ERR:0006', 'ObjectNotFound'), ('EB:ERR:0007', 'ObjectNotFound'),
	('EB:ERR:0099', 'ObjectNotFound'), ('EB:ERR:0099', 'Query'), ('DSD:ERR:0001', 'ObjectNotFound'), ('DSD:ERR:0005', 'ObjectNotFound'), ('', 'ObjectNotFound')) e(code, type),
	pg_temp.said(pg_temp.response('Failure', pg_temp.exception(e.code, 'rs:' || e.type || 'ExceptionType'))) s;
SELECT class, code FROM pg_temp.said(pg_temp.response('Failure', pg_temp.exception('EB:ERR:0001', severity => 'urn:sr.oots.tech.ec.europa.eu:codes:ErrorSeverity:DSDErrorResponse:AdditionalInput')));
SELECT class, code FROM pg_temp.said(pg_temp.response('Failure', pg_temp.exception('EB:ERR:0001') || pg_temp.exception('EB:ERR:0003', 'rs:InvalidRequestExceptionType')));

-- Failures, and answers to something else: nothing is known
SELECT class, reason, retryable FROM pg_temp.said(pg_temp.response('Failure', pg_temp.exception('EB:ERR:0001')), 503);
SELECT class, reason, retryable FROM pg_temp.said(pg_temp.response('Failure', pg_temp.exception('EB:ERR:0001')), 200, 'text/html');
SELECT class, reason, retryable FROM pg_temp.said('{"status": 500}', 500, 'application/json');
SELECT class, reason, retryable FROM pg_temp.said(NULL, NULL, NULL);
SELECT b.what, s.class, s.reason FROM (VALUES
	('no objects', pg_temp.response('Success', '<m:RegistryObjectList/>')),
	('no list of objects', pg_temp.response('Success', '')),
	('a data service', pg_temp.response('Success', '<m:RegistryObjectList><m:RegistryObject><m:Slot name="DataServiceEvidenceType"><m:SlotValue><DataServiceEvidenceType/></m:SlotValue></m:Slot></m:RegistryObject></m:RegistryObjectList>')),
	('two identifiers', pg_temp.found('<Identifier>1</Identifier><Identifier>2</Identifier>')),
	('two of a list', pg_temp.found('<EvidenceTypeList><MatchType>a</MatchType><MatchType>b</MatchType></EvidenceTypeList>')),
	('a long one', pg_temp.found('<Identifier>' || repeat('x', 5000) || '</Identifier>')),
	('a success with an exception', pg_temp.response('Success', pg_temp.exception('EB:ERR:0001') || '<m:RegistryObjectList/>')),
	('many countries', pg_temp.found('<EvidenceTypeList>' || (SELECT string_agg(format('<Jurisdiction><AdminUnitLevel1>%s</AdminUnitLevel1></Jurisdiction>', n), '') FROM generate_series(1, 400) n) || '</EvidenceTypeList>')),
	('too many rows', pg_temp.found('<EvidenceTypeList>' || repeat('<EvidenceType/>', 5000) || (SELECT string_agg(format('<Jurisdiction><AdminUnitLevel1>%s</AdminUnitLevel1></Jurisdiction>', n), '') FROM generate_series(1, 100) n) || '</EvidenceTypeList>'))
	) b(what, body), pg_temp.said(b.body) s;

-- Either reader understands its own directory only
SELECT class, reason FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', pg_temp.found('<Identifier>r</Identifier>'));
SELECT class, code FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', pg_temp.response('Failure', pg_temp.exception('EB:ERR:0001')));

-- A format may stand more than once in a distribution of 2.0: that is one distribution for each
SELECT media_type, languages, data_model FROM ootspg_internal.read_directory_answer(200, 'application/x-ebrs+xml', pg_temp.response('Success',
	'<m:RegistryObjectList><m:RegistryObject><m:Slot name="DataServiceEvidenceType"><m:SlotValue><DataServiceEvidenceType><DistributedAs><Format>application/pdf</Format><Format>image/png</Format><Language>EN</Language></DistributedAs>'
	'<DistributedAs><Format/><Format>application/xml</Format><ConformsTo>m</ConformsTo></DistributedAs><DistributedAs><Language>LV</Language></DistributedAs></DataServiceEvidenceType></m:SlotValue></m:Slot></m:RegistryObject></m:RegistryObjectList>'));
