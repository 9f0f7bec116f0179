#!/usr/bin/env node
// peer.js: see README.md. Debian: nodejs, node-pg
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const { Client } = require('pg');

const DS = 'http://www.w3.org/2000/09/xmldsig#';
const XADES = 'http://uri.etsi.org/01903/v1.3.2#';
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const CONFORMS_TO = 'https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0';
const PERSON = ['PersonCode', 'FamilyName', 'GivenName', 'DateOfBirth', 'PlaceOfBirth', 'Sex', 'Citizenship', 'DocumentNumber', 'Issued', 'IssuingOffice'];
const STAY = [null, 'Since', 'Until', 'Street', 'House', 'City', 'Municipality', 'Postcode', 'CadastreNumber', 'ResidenceKind'];
const PERSON_COLUMNS = 'code, family_name, given_name, born::text, birthplace, sex, citizenship, document_no, issued::text, office';
const STAY_COLUMNS = 'r.code, r.since::text, r.until::text, r.street, r.house, r.city, r.municipality, r.postcode, r.cadastre::text, r.kind';
const REFERENCES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };

const escape = (text) => (/[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (c) => REFERENCES[c]) : text);
const sha256 = (data) => crypto.createHash('sha256').update(data).digest();
const digest64 = (data) => crypto.createHash('sha256').update(data).digest('base64');

function fields(names, values) {
	let text = '';
	for (let i = 0; i < names.length; i++)
		if (names[i] !== null && values[i] !== null)
			text += `<r:${names[i]}>${escape(values[i])}</r:${names[i]}>`;
	return text;
}

class Sealer {
	constructor(key, certificate) {
		const der = new crypto.X509Certificate(fs.readFileSync(certificate)).raw;
		this.key = { key: crypto.createPrivateKey(fs.readFileSync(key)), dsaEncoding: 'ieee-p1363' };
		this.certificate = der.toString('base64');
		this.certificateSha256 = sha256(der);
		this.certificateDigest = digest64(der);
	}

	properties(id, moment, xades, ds) {
		return `<xades:SignedProperties${xades} Id="sp-${id}"><xades:SignedSignatureProperties><xades:SigningTime>${moment}</xades:SigningTime>`
			+ `<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod${ds} Algorithm="${SHA256}"></ds:DigestMethod>`
			+ `<ds:DigestValue${ds}>${this.certificateDigest}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>`
			+ `</xades:SignedSignatureProperties><xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#ref-${id}">`
			+ '<xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>';
	}

	seal(head, endTag) {
		const id = crypto.randomUUID();
		const moment = new Date().toISOString().slice(0, 19) + 'Z';
		const properties = this.properties(id, moment, ` xmlns:xades="${XADES}"`, ` xmlns:ds="${DS}"`);
		const info = `><ds:CanonicalizationMethod Algorithm="${C14N}"></ds:CanonicalizationMethod>`
			+ '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>'
			+ `<ds:Reference Id="ref-${id}" URI=""><ds:Transforms><ds:Transform Algorithm="${DS}enveloped-signature"></ds:Transform>`
			+ `<ds:Transform Algorithm="${C14N}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod>`
			+ `<ds:DigestValue>${digest64(head + endTag)}</ds:DigestValue></ds:Reference>`
			+ `<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#sp-${id}"><ds:Transforms><ds:Transform Algorithm="${C14N}"></ds:Transform>`
			+ `</ds:Transforms><ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><ds:DigestValue>${digest64(properties)}</ds:DigestValue>`
			+ '</ds:Reference></ds:SignedInfo>';
		const value = crypto.sign('sha256', `<ds:SignedInfo xmlns:ds="${DS}"${info}`, this.key).toString('base64');
		return Buffer.from(`${head}<ds:Signature xmlns:ds="${DS}" Id="sig-${id}"><ds:SignedInfo${info}<ds:SignatureValue Id="sv-${id}">${value}</ds:SignatureValue>`
			+ `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${this.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`
			+ `<ds:Object><xades:QualifyingProperties xmlns:xades="${XADES}" Target="#sig-${id}">${this.properties(id, moment, '', '')}`
			+ `</xades:QualifyingProperties></ds:Object></ds:Signature>${endTag}`);
	}
}

function residence(sealer, person, stays) {
	let text = '<r:ResidenceEvidence xmlns:r="urn:example:residence:1.0">' + fields(PERSON, person);
	for (const stay of stays)
		text += `<r:Residence>${fields(STAY, stay)}</r:Residence>`;
	return sealer.seal(text, '</r:ResidenceEvidence>');
}

const rows = async (client, text, values) => (await client.query({ text, values, rowMode: 'array' })).rows;
const hex = (list) => list.map((bytes) => '\\x' + bytes.toString('hex'));
const BATCH = 500;

// The driver has no COPY: arrays, which one statement unnests
async function bulk(client, sealer) {
	await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
	const persons = await rows(client, `SELECT ${PERSON_COLUMNS} FROM bench.person ORDER BY code`);
	const stays = new Map(persons.map((person) => [person[0], []]));
	for (const stay of await rows(client, `SELECT ${STAY_COLUMNS} FROM bench.residence r ORDER BY r.code, r.since`))
		stays.get(stay[0]).push(stay);
	let exchange = Number((await rows(client, "SELECT nextval('bench.exchange_seq')"))[0][0]);
	const store = { name: 'store', text: `WITH piece AS (
			INSERT INTO bench.outbox (exchange_id, part, content_id, media_type, evidence_id, sha256, content)
			SELECT x, 2, e || '@civil.example.lv', 'application/xml', e, s, c FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bytea[]) t(x, e, s, c))
		INSERT INTO ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, size_bytes, sha256_as_held, conforms_to, language,
			seal_key, certificate_sha256, decision)
		SELECT now(), x, 'civil', e, 'MainEvidence', 'application/xml', e || '@civil.example.lv', z, s, '${CONFORMS_TO}', 'LV', 'bench', $6, 'not_required'
		  FROM unnest($1::bigint[], $2::uuid[], $3::bytea[], $5::bigint[]) t(x, e, s, z)` };
	for (let start = 0; start < persons.length; start += BATCH) {
		const documents = persons.slice(start, start + BATCH).map((person) => residence(sealer, person, stays.get(person[0])));
		await client.query({ ...store, values: [documents.map(() => exchange++), documents.map(() => crypto.randomUUID()), hex(documents.map(sha256)), hex(documents),
			documents.map((document) => document.length), sealer.certificateSha256] });
	}
	await client.query("SELECT setval('bench.exchange_seq', $1)", [exchange - 1]);
	await client.query('COMMIT');
	return persons.length;
}

// There is no parser in the box: by regular expressions, as such programs do
const element = (text, name) => text.match(new RegExp(`<sdg:${name}[^>]*>([^<]*)</sdg:${name}>`))[1]
	.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&apos;/g, "'").replace(/&amp;/g, '&');

class Single {
	static async make(client, sealer) {
		const single = new Single();
		const texts = Object.fromEntries(await rows(client, 'SELECT name, content FROM bench.peer'));
		const condition = 'born = $1 AND ootspg.name_key(family_name) = ootspg.name_key($2)';
		single.parameters = [];
		const parameter = (found, name) => {
			if (!single.parameters.includes(name))
				single.parameters.push(name);
			return '$' + (single.parameters.indexOf(name) + 1);
		};
		single.record = { name: 'record', text: texts.record.replace(/«([a-z_0-9]+)»/g, parameter) };
		single.person = { name: 'person', rowMode: 'array', text: `SELECT ${PERSON_COLUMNS} FROM bench.person WHERE ${condition}` };
		single.stays = { name: 'stays', rowMode: 'array', text: `SELECT ${STAY_COLUMNS} FROM bench.person p JOIN bench.residence r USING (code) WHERE ${condition} ORDER BY r.since` };
		return Object.assign(single, { client, sealer, response: texts.response, header: texts.header });
	}

	filled(template, values) {
		return Buffer.from(template.replace(/«([a-z_0-9]+)»/g, (found, name) => (name === 'uuid' ? crypto.randomUUID()
			: name === 'hex' ? crypto.randomUUID().replace(/-/g, '') : escape(values[name]))));
	}

	async answer(exchange, body, bodyHeader) {
		const text = body.toString();
		const subject = text.slice(text.indexOf('<sdg:Person>'));
		const values = { request_id: text.match(/<query:QueryRequest[^>]* id="([^"]*)"/)[1], identifier: element(subject, 'Identifier'),
			family_name: element(subject, 'FamilyName'), given_name: element(subject, 'GivenName'), born: element(subject, 'DateOfBirth') };
		const key = [values.born, values.family_name];
		const client = this.client;

		client.query('BEGIN');
		const person = client.query({ ...this.person, values: key });
		const stays = (await client.query({ ...this.stays, values: key })).rows;
		const found = (await person).rows[0];
		const document = residence(this.sealer, found, stays);
		Object.assign(values, { response_id: crypto.randomUUID(), evidence_id: crypto.randomUUID(), content_id: crypto.randomUUID().replace(/-/g, '') + '@civil.example.lv',
			issued: found[8], now: new Date().toISOString() });
		const response = this.filled(this.response, values);
		const header = this.filled(this.header, values);
		Object.assign(values, { exchange_id: exchange, body, body_header: bodyHeader, body_sha256: sha256(body), response, header, response_sha256: sha256(response),
			size: document.length, sha256: sha256(document), subject_key: sha256(key.join('|').toLowerCase()), identifier_key: sha256(values.identifier) });
		client.query({ ...this.record, values: this.parameters.map((name) => values[name]) });
		await client.query('COMMIT');
		return [document, response, header];
	}
}

async function measured(client, work) {
	const backend = async () => Number((await rows(client, 'SELECT bench.cpu()'))[0][0]);
	let cpu = await backend();
	let used = process.cpuUsage();
	let elapsed = process.hrtime.bigint();
	const units = await work();
	elapsed = Number(process.hrtime.bigint() - elapsed) / 1e3;
	used = process.cpuUsage(used);
	cpu = (await backend() - cpu) / 1e3;
	console.log(`${(cpu / units).toFixed(3)} ${(elapsed / units).toFixed(3)} ${((used.user + used.system + cpu) / units).toFixed(3)}`);
}

async function main(job, key, certificate, first, count) {
	const client = new Client();
	await client.connect();
	const sealer = new Sealer(key, certificate);
	if (job === 'bulk')
		await measured(client, () => bulk(client, sealer));
	else {
		const single = await Single.make(client, sealer);
		const requests = await rows(client, 'SELECT body, header FROM bench.request WHERE n > $1 ORDER BY n LIMIT $2', [Number(first), Math.max(Number(count), 1)]);
		const exchange = (Number(first) + 1) * 2 ** 29;
		const warmUp = Math.floor(Number(count) / 10);
		const answer = async (from, to) => {
			for (let i = from; i < to; i++)
				await single.answer(exchange + i, ...requests[i]);
			return to - from;
		};
		if (Number(count) === 0)
			for (const bytes of await single.answer(exchange, ...requests[0]))
				console.log(bytes.toString('hex'));
		else {
			await answer(0, warmUp);
			await measured(client, () => answer(warmUp, requests.length));
		}
	}
	await client.end();
}

main(...process.argv.slice(2)).catch((error) => {
	console.error(error);
	process.exit(1);
});
