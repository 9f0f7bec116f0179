--
-- The access point's interface: what is sent, what answers are taken for. Everything an
-- access point may answer has its class; nothing it answers raises an error.
--
\pset format unaligned
\pset tuples_only on

-- Requests: elements of the plugin are qualified, their children are not
CREATE FUNCTION pg_temp.inside(body bytea) RETURNS text LANGUAGE sql AS $$
	SELECT regexp_replace(convert_from(body, 'UTF8'), '^<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:w="http://eu.domibus.wsplugin/"><s:Body>(.*)</s:Body></s:Envelope>$', '\1')
$$;
SELECT content_type, convert_from(body, 'UTF8') FROM ootspg_internal.gateway_request('list');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('list', final_recipient => 'A&<B>', received_from => '2026-01-31 10:00:00.7+02', received_to => '2026-01-31 10:00:00.7+02');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('list', received_from => '-infinity', received_to => 'infinity');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('retrieve', 'a&b@c');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('retrieve', 'a@b', consume => true);
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('mark', 'a@b');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('status', 'a@b');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('status', 'a@b', with_role => false);
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('errors', 'a@b');
SELECT pg_temp.inside(body) FROM ootspg_internal.gateway_request('errors', 'a@b', with_role => false);
SELECT ootspg_internal.gateway_request('retrieve');
SELECT ootspg_internal.gateway_request('delete', 'a@b');

-- A header with parts, and its message
CREATE FUNCTION pg_temp.messaging(hrefs text[], id text DEFAULT 'm1@ap.example', namespace text DEFAULT 'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/')
RETURNS text LANGUAGE sql AS $$
	SELECT format('<e:Messaging xmlns:e="%s"><e:UserMessage><e:MessageInfo><e:Timestamp>2026-01-31T08:15:02.000Z</e:Timestamp>%s</e:MessageInfo>'
		'<e:PartyInfo><e:From><e:PartyId type="urn:t:XA"> AP_XA_01 </e:PartyId></e:From></e:PartyInfo><e:PayloadInfo>%s</e:PayloadInfo></e:UserMessage></e:Messaging>',
		namespace, '<e:MessageId>' || id || '</e:MessageId>',
		(SELECT string_agg(format('<e:PartInfo%s><e:PartProperties><e:Property name="MimeType">application/pdf</e:Property></e:PartProperties></e:PartInfo>', ' href="' || h || '"'), '') FROM unnest(hrefs) h))
$$;

-- Submissions: the header goes as it is; each part is named in it once
CREATE FUNCTION pg_temp.submission(header text, ids text[], mtom_bytes int DEFAULT 1000000) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	request record;
	id text;
BEGIN
	SELECT * INTO request FROM ootspg_internal.gateway_request('submit', header => convert_to(header, 'UTF8'), content_ids => ids,
		media_types => array_fill('application/pdf'::text, ARRAY[cardinality(ids)]),
		contents => (ARRAY['%PDF'::bytea, 'x', 'xy', 'xyz'])[1:cardinality(ids)], mtom_bytes => mtom_bytes);
	id := substring(request.content_type FROM 'boundary="([^"]*)"');
	RETURN replace(replace(request.content_type || E'\n' || convert_from(request.body, 'UTF8'), coalesce(id, '~'), 'ID'), E'\r', '');
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT pg_temp.submission(pg_temp.messaging('{cid:p1@b,cid:p2@b,CID:P3@b}'), '{p1@b,p2@b,p3@b}');
SELECT pg_temp.submission(pg_temp.messaging('{cid:p2@b,cid:p1@b}'), '{p1@b,p2@b}', 4);
SELECT pg_temp.submission(pg_temp.messaging('{cid:p1@b}'), '{p1@b}', 4);
SELECT pg_temp.submission(header, ids) FROM (VALUES
	(pg_temp.messaging('{cid:p1@b}'), '{p1@b,p2@b}'::text[]),
	(pg_temp.messaging('{cid:p1@b,cid:p2@b}'), '{p1@b}'),
	(pg_temp.messaging('{cid:p1@b,cid:p1@b}'), '{p1@b,p2@b}'),
	(pg_temp.messaging('{p1@b}'), '{p1@b}'),
	(pg_temp.messaging(NULL), '{p1@b}'),
	(pg_temp.messaging('{cid:p1@b}', NULL), '{p1@b}'),
	(pg_temp.messaging('{cid:p1@b}', ''), '{p1@b}'),
	(pg_temp.messaging('{cid:p1@b}', namespace => 'urn:other'), '{p1@b}'),
	('<?xml version="1.0"?>' || pg_temp.messaging('{cid:p1@b}'), '{p1@b}'),
	('<a>', '{p1@b}')) v(header, ids);

-- Answers
CREATE FUNCTION pg_temp.soap(content text, header text DEFAULT NULL) RETURNS bytea LANGUAGE sql AS $$
	SELECT convert_to('<z:Envelope xmlns:z="http://www.w3.org/2003/05/soap-envelope" xmlns:ns2="http://eu.domibus.wsplugin/">'
		|| coalesce('<z:Header>' || header || '</z:Header>', '') || '<z:Body>' || content || '</z:Body></z:Envelope>', 'UTF8')
$$;
-- What an answer is taken for: only the columns that say something
CREATE FUNCTION pg_temp.taken_for(operation text, body bytea, asked text DEFAULT 'm1@ap.example', status int DEFAULT 200, type text DEFAULT 'application/soap+xml;charset=UTF-8')
RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' | ', trouble, sqlstate, CASE WHEN outcome_unknown THEN 'outcome unknown' END, fault_code, detail, message_ids::text, r.status, r.errors::text,
			submitted_id, message_id, from_party, from_party_type, replace(parts::text, '"media_type": "application/pdf", ', ''), CASE WHEN speaks_5_2 THEN '5.2' END)
	  FROM ootspg_internal.read_gateway_answer(operation, asked, status, type, body) r
$$;

-- Lists, states, errors, marks, submissions
SELECT pg_temp.taken_for(operation, pg_temp.soap(content)) FROM (VALUES
	('list', '<ns2:listPendingMessagesResponse><messageID> a@b
	</messageID><messageID/><ns2:messageID>no</ns2:messageID><messageID>c&amp;d@e</messageID></ns2:listPendingMessagesResponse>'),
	('list', '<ns2:listPendingMessagesResponse/>'),
	('status', '<ns2:getStatusResponse>SEND_ENQUEUED</ns2:getStatusResponse>'),
	('status', '<q:getStatusResponse xmlns:q="http://eu.domibus.wsplugin/">
	NOT_FOUND </q:getStatusResponse>'),
	('status', '<ns2:getStatusResponse>A_LATER_VERSIONS_STATUS</ns2:getStatusResponse>'),
	('status', '<ns2:getStatusResponse/>'),
	('status', '<ns2:getStatusResponse>sent; or not</ns2:getStatusResponse>'),
	('errors', '<ns2:getMessageErrorsResponse/>'),
	('errors', '<ns2:getMessageErrorsResponse>
		<item><domibusErrorCode>EBMS_0005</domibusErrorCode><errorDetail>third &lt;again&gt;</errorDetail><mshRole>SENDING</mshRole><timestamp>2026-01-31T10:20:59.912+02:00</timestamp></item>
		<item><domibusErrorCode>EBMS_0003</domibusErrorCode><errorDetail>second</errorDetail><mshRole>RECEIVING</mshRole><timestamp>2026-01-31T08:20:59.912</timestamp></item>
		<item><errorDetail>undated</errorDetail></item>
		<item><domibusErrorCode>EBMS_0004</domibusErrorCode><errorDetail>first</errorDetail><timestamp>2026-01-31T08:19:59Z</timestamp></item></ns2:getMessageErrorsResponse>'),
	('mark', '<ns2:markMessageAsDownloadedResponse><messageID>m1@ap.example</messageID></ns2:markMessageAsDownloadedResponse>'),
	('mark', '<ns2:markMessageAsDownloadedResponse><messageID>m2@ap.example</messageID></ns2:markMessageAsDownloadedResponse>'),
	('mark', '<ns2:markMessageAsDownloadedResponse/>'),
	('submit', '<ns2:submitResponse><messageID> m1@ap.example </messageID></ns2:submitResponse>'),
	('submit', '<ns2:submitResponse><messageID>m1@ap.example</messageID><messageEntityID>260131080000000042</messageEntityID></ns2:submitResponse>'),
	('submit', '<ns2:submitResponse><messageID>0123@domibus.eu</messageID></ns2:submitResponse>'),
	('submit', '<ns2:submitResponse/>'),
	-- the right words in the wrong namespace, or for another question
	('status', '<getStatusResponse>ACKNOWLEDGED</getStatusResponse>'),
	('status', '<ns2:submitResponse><messageID>m1@ap.example</messageID></ns2:submitResponse>'),
	('submit', '<ns2:getStatusResponse>ACKNOWLEDGED</ns2:getStatusResponse>'),
	('submit', ''),
	('submit', '<ns2:submitResponse/><ns2:submitResponse/>')) v(operation, content);

-- Retrieved messages
CREATE FUNCTION pg_temp.retrieved(payloads text, header text DEFAULT pg_temp.messaging('{cid:p1@b}'), asked text DEFAULT 'm1@ap.example') RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.taken_for('retrieve', pg_temp.soap('<ns2:retrieveMessageResponse>' || payloads || '</ns2:retrieveMessageResponse>', header), asked) $$;
SELECT pg_temp.retrieved('<payload payloadId="cid:p1@b"><value>PHEvPg==</value></payload>');
SELECT pg_temp.retrieved('<payload payloadId="CID:P1@b" contentType="text/xml"><value> PHE
	vPg= = </value></payload>');
-- out of order, with an unannounced one, one that is the bodyload, one whose id is bracketed
SELECT pg_temp.retrieved('<bodyload><value>Qg==</value></bodyload><payload payloadId="cid:p3@b"><value>eHl6</value></payload><payload payloadId="cid:&lt;p2@b>"><value>eHk=</value></payload><payload payloadId="cid:p1@b"><value>eA==</value></payload>',
	pg_temp.messaging(ARRAY['cid:p1@b', NULL, 'cid:&lt;p2@b>']));
SELECT pg_temp.retrieved('', pg_temp.messaging(NULL));
-- the header stands alone, whatever declares its namespaces
SELECT convert_from(header, 'UTF8') FROM ootspg_internal.read_gateway_answer('retrieve', NULL, 200, 'text/xml',
	$$<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:x="urn:unused" xmlns:y="urn:y" xmlns="http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"><e:Header><Messaging
	 y:z='1' e:mustUnderstand="true"><UserMessage><!-- no --><MessageInfo><MessageId>m1@ap.example</MessageId></MessageInfo></UserMessage></Messaging></e:Header><e:Body
	 ><q:retrieveMessageResponse xmlns:q="http://eu.domibus.wsplugin/"/></e:Body></e:Envelope>$$);
-- what is announced and not there is lost, not empty; what is ambiguous is neither
SELECT pg_temp.retrieved(payloads) FROM (VALUES
	(''),
	('<payload payloadId="cid:p2@b"><value>PHEvPg==</value></payload>'),
	('<payload><value>PHEvPg==</value></payload>'),
	('<payload payloadId="cid:p1@b"/>'),
	('<payload payloadId="cid:p1@b"><value/></payload>'),
	('<payload payloadId="cid:p1@b"><value>  </value></payload>'),
	('<payload payloadId="cid:p1@b"><value>eA==</value><value>eA==</value></payload>'),
	('<payload payloadId="cid:p1@b"><value>eA==</value></payload><payload payloadId="cid:P1@b"><value>eQ==</value></payload>'),
	('<payload payloadId="cid:p1@b"><value><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:a"/></value></payload>'),
	('<ns2:payload payloadId="cid:p1@b"><value>PHEvPg==</value></ns2:payload>'),
	('<payload payloadId="cid:p1@b"><value>PHEvPg=</value></payload>'),
	('<payload payloadId="cid:p1@b"><value>PHEvPg==PHEv</value></payload>'),
	('<payload payloadId="cid:p1@b"><value>PHEvPh==</value></payload>'),
	('<payload payloadId="cid:p1@b"><value>PHEvP</value></payload>'),
	('<payload payloadId="cid:p1@b"><value>(PHEv)</value></payload>')) v(payloads);
SELECT pg_temp.retrieved('<payload payloadId="cid:p1@b"><value>eA==</value></payload>', header, asked) FROM (VALUES
	(NULL, 'm1@ap.example'),
	('<Messaging/>', 'm1@ap.example'),
	(pg_temp.messaging('{cid:p1@b,cid:P1@b}'), 'm1@ap.example'),
	(pg_temp.messaging('{cid:p1@b}'), 'm2@ap.example'),
	(pg_temp.messaging('{cid:p1@b}', ' m1@ap.example '), 'm1@ap.example'),
	(pg_temp.messaging('{cid:p1@b}', NULL), 'm1@ap.example'),
	(pg_temp.messaging('{cid:p1@b}') || pg_temp.messaging('{cid:p1@b}'), 'm1@ap.example'),
	(replace(pg_temp.messaging('{cid:p1@b}'), 'e:UserMessage', 'e:SignalMessage'), 'm1@ap.example'),
	(pg_temp.messaging('{cid:p1@b}', namespace => 'urn:other'), 'm1@ap.example')) v(header, asked);
SELECT pg_temp.retrieved('', pg_temp.messaging(array_fill('cid:p'::text, ARRAY[1001])));
-- A payload is not XML: it may be larger than a message, and than what libxml2 takes in one text
CREATE FUNCTION pg_temp.inline(payload bytea, element text DEFAULT 'value') RETURNS text LANGUAGE sql AS
$$ SELECT pg_temp.retrieved(format('<payload payloadId="cid:p1@b"><%1$s>%2$s</%1$s></payload>', element, encode(payload, 'base64'))) $$;
SELECT pg_temp.inline(convert_to(repeat('0123456789', 1500000), 'UTF8')) LIKE 'none%"sha256": "' || encode(sha256(convert_to(repeat('0123456789', 1500000), 'UTF8')), 'hex') || '"%';
SET ootspg.max_message_size = 16;
SELECT pg_temp.inline(convert_to(repeat('0123456789', 30000), 'UTF8')) LIKE 'none%"sha256": "' || encode(sha256(convert_to(repeat('0123456789', 30000), 'UTF8')), 'hex') || '"%';
SELECT pg_temp.inline(convert_to(repeat('0123456789', 30000), 'UTF8'), 'worth');
SELECT pg_temp.retrieved('<payload payloadId="cid:p1@b"><value>' || repeat('(((((((((', 3000) || '</value></payload>');
RESET ootspg.max_message_size;

-- The same in MIME
CREATE FUNCTION pg_temp.mime(lines text[], type text DEFAULT 'Multipart/Related; Type="application/xop+xml"; BOUNDARY="uu:1"; start="<root@x>"', href text DEFAULT 'cid:p%2B1@x', operation text DEFAULT 'retrieve', status int DEFAULT 200,
	content text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.taken_for(operation, convert_to(replace(array_to_string(lines, E'\r\n'), 'ROOT', convert_from(CASE WHEN content IS NOT NULL THEN pg_temp.soap(content) ELSE
		pg_temp.soap('<ns2:retrieveMessageResponse><payload payloadId="cid:p1@b"><value><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="' || href || '"/></value></payload></ns2:retrieveMessageResponse>',
			pg_temp.messaging('{cid:p1@b}')) END, 'UTF8')), 'UTF8'), status => status, type => type)
$$;
\set root '''content-type: application/xop+xml; charset=UTF-8; type="application/soap+xml"'', ''Content-Transfer-Encoding: BINARY'', ''CONTENT-ID: <root@x>'', '''', ''ROOT'''
\set part '''Content-ID: <p+1@x>'', ''Content-Transfer-Encoding: binary'', '''', ''%PDF'''
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--']);
SELECT pg_temp.mime(ARRAY['a preamble', '--uu:1  ', :part, '--uu:1', :root, '--uu:1-- ', 'an epilogue']);
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related;boundary=uu:1;start="<ro\ot@x>";');
-- without start the first part is the root
SELECT pg_temp.mime(ARRAY['--uu:1', 'ROOT', '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary=uu:1');
SELECT pg_temp.mime(ARRAY['--uu:1', '', 'ROOT', '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary=uu:1');
-- encodings; a folded header; what looks like a delimiter
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', 'Content-Transfer-Encoding:', ' Base64', 'Content-ID: <p+1@x>', '', 'JVBE', 'Rg==', '--uu:1--']);
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', 'Content-Transfer-Encoding: quoted-printable', 'Content-ID: <p+1@x>', '', '=25P=', 'DF', '--uu:1--']);
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:12', '-- uu:1', '--uu:1 x', '--uu:1--x', '--uu:1--']);
-- an id that is encoded in both places
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p%2B1@x>', '', '%PDF', '--uu:1--']);
-- broken ones
SELECT pg_temp.mime(lines, type, href) FROM (VALUES
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1-'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', 'Content-Tra'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID <p+1@x>', '', '', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', 'Content-ID: <p+2@x>', '', '', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', 'Content-Transfer-Encoding: gzip', '', 'x', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', 'Content-Transfer-Encoding: base64', '', 'x', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', 'Content-Transfer-Encoding: quoted-printable', '', '=X', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <p+1@x>', '', '', '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"', 'http://elsewhere.example/p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%00+1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"; start="<other@x>"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related; boundary="uu:1"; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'multipart/related', 'cid:p%2B1@x'),
	(ARRAY['--uu:1--'], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x'),
	(ARRAY[]::text[], 'multipart/related; boundary="uu:1"', 'cid:p%2B1@x')) v(lines, type, href);
SELECT pg_temp.mime(ARRAY(SELECT unnest(ARRAY['--uu:1', 'Content-ID: <' || n || '@x>', '', 'x']) FROM generate_series(1, 300) n) || '--uu:1--'::text, 'multipart/related; boundary="uu:1"');
-- only the Content-Type says whether it is MIME
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], 'application/soap+xml');
SELECT pg_temp.taken_for('status', pg_temp.soap('<ns2:getStatusResponse>RECEIVED</ns2:getStatusResponse>'), type => 'multipart/related; boundary=x');
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1--'], operation => 'status', content => '<ns2:getStatusResponse>RECEIVED</ns2:getStatusResponse>');

-- Faults (access point 3.3)
CREATE FUNCTION pg_temp.fault(reason text, code text DEFAULT NULL, message text DEFAULT NULL, value text DEFAULT 'z:Receiver') RETURNS text LANGUAGE sql AS $$
	SELECT '<z:Fault><z:Code><z:Value>' || value || '</z:Value></z:Code><z:Reason><z:Text xml:lang="en">' || reason || '</z:Text></z:Reason>'
		|| coalesce('<z:Detail><ns2:FaultDetail><code>' || code || '</code><message>' || coalesce(message, '') || '</message></ns2:FaultDetail></z:Detail>', '') || '</z:Fault>'
$$;
SELECT operation, pg_temp.taken_for(operation, pg_temp.soap(fault), status => 500) FROM (VALUES
	('retrieve', pg_temp.fault('Message not found, id [m1@ap.example]', 'WS_PLUGIN:0009', 'No message with id [m1@ap.example] found')),
	('mark', pg_temp.fault('Message not found, id [m1@ap.example]', 'WS_PLUGIN_0009', 'No message with id [m1@ap.example] found')),
	('errors', pg_temp.fault('Message not found, id [m1@ap.example]', 'WS_PLUGIN:0009')),
	('mark', pg_temp.fault('Message not found, id [m1@ap.example]', 'EBMS:0004', 'Message with id [m1@ap.example] was already downloaded')),
	('mark', pg_temp.fault('Something else', 'EBMS:0004', 'Other detail: disk')),
	('retrieve', pg_temp.fault('An attempt was made to download message [m1@ap.example] multiple times', 'WS_PLUGIN:0001', 'Error retrieving message')),
	('retrieve', pg_temp.fault('Failed', 'WS_PLUGIN:0001', 'Error retrieving message')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0004', 'Message with id [m1@ap.example] already exists. Message identifiers must be unique.')),
	('submit', pg_temp.fault('could not execute statement')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0001', 'ValueNotRecognized detail: no matching leg')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS_0003', 'ValueInconsistent detail: Receiver party could not be found')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0009', 'InvalidHeader')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0010', 'ProcessingModeMismatch detail: property profile')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0010', 'ProcessingModeMismatch detail: Payload size [9] is greater than the maximum value defined [8] for profile [p]')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0052', 'BadProperties')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:0303', 'DecompressionFailure')),
	('submit', pg_temp.fault('Message submission failed', 'EBMS:9999', 'of a later version')),
	('submit', pg_temp.fault('Message submission failed', 'WS_PLUGIN_0005', 'Payloads error')),
	('submit', pg_temp.fault('Message submission failed', 'WS_PLUGIN:0001', 'Generic error')),
	('submit', pg_temp.fault('Unmarshalling Error: Text size limit (134217728) exceeded', value => 'z:Sender')),
	('status', pg_temp.fault('Duplicated message found, id [m1@ap.example]', 'WS_PLUGIN:0007')),
	('errors', pg_temp.fault('Duplicate message Id [m1@ap.example] found', 'WS_PLUGIN:00010')),
	('list', pg_temp.fault('[DOM_002]:Authentication header is missing')),
	('submit', pg_temp.fault('You are not allowed to handle this message [m1@ap.example]. You are logged in as [a]')),
	('status', pg_temp.fault('Message part {http://eu.domibus.wsplugin/}statusRequestWithAccessPointRole was not recognized.  (Does it exist in service WSDL?)', value => 'z:Sender')),
	('status', pg_temp.fault('Unmarshalling Error: unexpected element')),
	('list', pg_temp.fault('The WS plugin is not enabled')),
	('submit', pg_temp.fault('The WS plugin is not enabled')),
	('list', pg_temp.fault('JMS is down', value => 'Sender')),
	('list', pg_temp.fault('JMS is down', value => 'ns2:Sender')),
	('list', pg_temp.fault('JMS is down', value => 'nobody:Sender')),
	('list', pg_temp.fault('JMS is down', value => '')),
	('list', '<z:Fault/>'),
	('retrieve', pg_temp.fault('one
	two	three', 'X' || repeat('9', 100), repeat('ä', 300)))) v(operation, fault);
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1--'], status => 500, content => pg_temp.fault('Message not found', 'WS_PLUGIN:0009'));
-- nobody stops the traffic by the name of a message
SELECT pg_temp.taken_for('retrieve', pg_temp.soap(pg_temp.fault('Failed for [DOM_002 Authentication multiple times]')), 'DOM_002 Authentication multiple times', 500);

-- Statuses without SOAP
SELECT status, pg_temp.taken_for('submit', convert_to(body, 'UTF8'), status => status, type => type) FROM (VALUES
	(200, 'text/html', '<html/>'), (200, 'text/plain', 'hello'), (200, '', ''), (202, 'text/xml', ''), (200, 'application/json', '{}'),
	(301, '', ''), (302, 'text/html;charset=utf-8', '<html/>'), (400, 'text/html', '<html/>'), (400, 'text/plain', 'bad'), (401, '', ''), (403, 'text/html', '<html/>'),
	(404, 'text/html', '<html/>'), (405, '', ''), (407, '', ''), (410, '', ''), (413, 'text/html', '<html/>'), (415, '', ''), (418, '', ''), (429, '', ''),
	(500, 'text/html', '<html/>'), (500, '', ''), (502, 'text/html', '<html/>'), (503, '', ''), (504, '', ''), (599, 'TEXT/HTML', '')) v(status, type, body);
SELECT pg_temp.taken_for('submit', pg_temp.soap('<ns2:submitResponse><messageID>m1@ap.example</messageID></ns2:submitResponse>'), status => 500);
-- No SOAP we know, no XML, too much of it, attacks
SELECT pg_temp.taken_for('list', body) FROM (VALUES
	('<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body/></soap:Envelope>'::bytea),
	('<Envelope/>'), ('<a>'), ('\xff'),
	('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>'),
	(convert_to(repeat('<a>', 300) || repeat('</a>', 300), 'UTF8')),
	(convert_to('<a>' || repeat('x', 10500000) || '</a>', 'UTF8'))) v(body);

-- Calls that were no answer
SELECT failure, arrived, operation, trouble, sqlstate, outcome_unknown, detail
  FROM unnest(ARRAY['unresolved', 'unreachable', 'tls', 'timeout', 'cut', 'too large', 'no memory', 'local']) failure, unnest(ARRAY[false, true]) arrived, unnest(ARRAY['status', 'submit']) operation,
	ootspg_internal.read_gateway_answer(operation, 'm1@ap.example', NULL, NULL, NULL, failure, arrived)
 WHERE arrived OR operation = 'submit' ORDER BY failure, arrived, operation;

-- The classes, each with its SQLSTATE
SELECT * FROM ootspg_internal.gateway_troubles();
SELECT count(DISTINCT sqlstate) = count(sqlstate), count(*) - count(sqlstate) FROM ootspg_internal.gateway_troubles();

-- What others chose to be called says nothing of a login or the plugin; the server's own sentences do
SELECT reason, pg_temp.taken_for('submit', pg_temp.soap(pg_temp.fault(reason)), status => 500) FROM unnest(ARRAY[
	'Could not fetch metadata for participant DE-Authentication-Office',
	'Could not fetch metadata for participant [DOM_002] Authentication',
	'Authentication-Office has no certificate',
	'No party [You are not allowed to handle this message]',
	'Could not fetch metadata for participant my plugin is not enabled',
	'The participant is not enabled',
	'[DOM_002]:Authentication error',
	'Authentication failed',
	'eu.domibus.api.security.AuthenticationException: [DOM_002]:No Authentication information',
	'org.a.B$C: eu.a.D_1: Authentication error: bad credentials',
	'Plugin [ws] is not enabled',
	'eu.domibus.plugin.PluginException: The WS plugin is not enabled',
	'The plugin']) reason;
-- … in whatever language, in whatever order
SELECT pg_temp.taken_for('list', pg_temp.soap('<z:Fault><z:Code><z:Value>z:Receiver</z:Value></z:Code><z:Reason>' || texts || '</z:Reason></z:Fault>'), NULL, 500) FROM (VALUES
	('<z:Text xml:lang="lv">Nav tiesību</z:Text><z:Text xml:lang="en">[DOM_002]:Authentication error</z:Text>'),
	('<z:Text xml:lang="en">[DOM_002]:Authentication error</z:Text><z:Text xml:lang="lv">Nav tiesību</z:Text>'),
	('<z:Text xml:lang="de">Nicht da</z:Text><z:Text xml:lang="en">An attempt was made to read it multiple times</z:Text>'),
	('')) v(texts);
SELECT pg_temp.taken_for('retrieve', pg_temp.soap('<z:Fault><z:Code><z:Value>z:Receiver</z:Value></z:Code><z:Reason><z:Text xml:lang="de">x</z:Text><z:Text xml:lang="en">downloaded multiple times</z:Text></z:Reason></z:Fault>'), status => 500);
-- an id too short to hold such words hides none of them
SELECT asked, pg_temp.taken_for('retrieve', pg_temp.soap(pg_temp.fault('Message was asked for multiple times')), asked, 500) FROM unnest(ARRAY['t', 'multiple times']) asked;
SELECT asked, pg_temp.taken_for('mark', pg_temp.soap(pg_temp.fault('Authentication error: bad credentials')), asked, 500) FROM unnest(ARRAY['t', 'Authentication error']) asked;
-- SOAP 1.1: its faults only
SELECT pg_temp.taken_for('list', convert_to('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:q="http://eu.domibus.wsplugin/"><s:Body>' || content || '</s:Body></s:Envelope>', 'UTF8'), NULL, 500, 'text/xml') FROM (VALUES
	('<s:Fault><faultcode>s:Server</faultcode><faultstring>[DOM_002]:Authentication error</faultstring></s:Fault>'),
	('<s:Fault><faultcode>s:Client</faultcode><faultstring>boom</faultstring></s:Fault>'),
	('<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring><detail><q:FaultDetail><code>WS_PLUGIN:0009</code><message>y</message></q:FaultDetail></detail></s:Fault>'),
	('<s:Fault/>'),
	('<q:listPendingMessagesResponse/>')) v(content);
-- A header block that must be understood, by us, and is not the message's
SELECT header, pg_temp.taken_for('status', pg_temp.soap('<ns2:getStatusResponse>ACKNOWLEDGED</ns2:getStatusResponse>', header)) FROM unnest(ARRAY[
	'<y xmlns="urn:x" z:mustUnderstand="true"/>',
	'<y xmlns="urn:x" z:mustUnderstand=" 1 " z:role="http://www.w3.org/2003/05/soap-envelope/role/next"/>',
	'<y xmlns="urn:x" z:mustUnderstand="true" z:role="http://www.w3.org/2003/05/soap-envelope/role/none"/>',
	'<y xmlns="urn:x" z:mustUnderstand="false"/>',
	'<y xmlns="urn:x" mustUnderstand="true"/>']) header;
-- a fault is believed all the same
SELECT pg_temp.taken_for('list', pg_temp.soap(pg_temp.fault('[DOM_002]:Authentication error'), '<y xmlns="urn:x" z:mustUnderstand="true"/>'), NULL, 500);
-- An id percent-encoded in one place only; a part in the SOAP body
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <a%3Ab@x>', '', '%PDF', '--uu:1--'], href => 'cid:a:b@x');
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', 'Content-ID: <a%3Ab@x>', '', '%PDF', '--uu:1', 'Content-ID: <a%3ab@x>', '', '%PDF', '--uu:1--'], href => 'cid:a:b@x');
SELECT pg_temp.retrieved('<payload payloadId="cid:p1%40b"><value>eA==</value></payload>');
SELECT pg_temp.retrieved('<payload payloadId="cid:p1%40b"><value>eA==</value></payload><payload payloadId="cid:%701@b"><value>eQ==</value></payload>');
SELECT pg_temp.retrieved('<bodyload><value>eA==</value></bodyload>', pg_temp.messaging('{#_f8aa}'));
-- The envelope is nobody's payload
SELECT pg_temp.mime(ARRAY['--uu:1', :root, '--uu:1', :part, '--uu:1--'], href => 'cid:root@x');
-- What the header does not announce is left out, and told
SELECT pg_temp.retrieved('<payload payloadId="cid:p1@b"><value>eA==</value></payload><payload payloadId="cid:p2@b"><value>eQ==</value></payload><bodyload><value>eg==</value></bodyload>');
-- A long text with a comment or CDATA in it is the same text
SELECT pg_temp.retrieved('<payload payloadId="cid:p1@b"><value>' || text || '</value></payload>') LIKE 'none%"length": 1500%' FROM (VALUES
	(repeat('QUFB', 500)),
	(repeat('QUFB', 100) || '<!-- c -->' || repeat('QUFB', 400)),
	('<![CDATA[' || repeat('QUFB', 100) || ']]>' || repeat('QUFB', 400)),
	(E'\n  <!-- c -->\n  ' || repeat('QUFB', 500)),
	(E'\n  <?c d?>\n  ' || repeat('QUFB', 500)),
	(repeat('QUFB', 400) || '<!-- c -->' || repeat('QUFB', 100))) v(text);
