#!/usr/bin/python3
# peer.py: see README.md. Debian: python3-psycopg2, python3-cryptography
import base64
import hashlib
import io
import re
import sys
import time
import uuid
from xml.etree import ElementTree

import psycopg2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

DS = 'http://www.w3.org/2000/09/xmldsig#'
XADES = 'http://uri.etsi.org/01903/v1.3.2#'
C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'
SDG = '{http://data.europa.eu/p4s}'
CONFORMS_TO = 'https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0'
PERSON = ('PersonCode', 'FamilyName', 'GivenName', 'DateOfBirth', 'PlaceOfBirth', 'Sex', 'Citizenship', 'DocumentNumber', 'Issued', 'IssuingOffice')
STAY = ('Since', 'Until', 'Street', 'House', 'City', 'Municipality', 'Postcode', 'CadastreNumber', 'ResidenceKind')
PERSON_COLUMNS = 'code, family_name, given_name, born::text, birthplace, sex, citizenship, document_no, issued::text, office'
STAY_COLUMNS = 'r.code, r.since::text, r.until::text, r.street, r.house, r.city, r.municipality, r.postcode, r.cadastre::text, r.kind'
SPECIAL = re.compile('[&<>\r]')


def escape(text):
    if SPECIAL.search(text):
        text = text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;').replace('\r', '&#xD;')
    return text


def fields(names, values):
    return ''.join([f'<r:{name}>{escape(value)}</r:{name}>' for name, value in zip(names, values) if value is not None])


def digest64(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


class Sealer:
    def __init__(self, key_path, certificate_path):
        with open(key_path, 'rb') as file:
            self.key = serialization.load_pem_private_key(file.read(), None)
        with open(certificate_path, 'rb') as file:
            der = x509.load_pem_x509_certificate(file.read()).public_bytes(serialization.Encoding.DER)
        self.certificate = base64.b64encode(der).decode()
        self.certificate_sha256 = hashlib.sha256(der).digest()
        self.certificate_digest = base64.b64encode(self.certificate_sha256).decode()
        self.algorithm = ec.ECDSA(hashes.SHA256())

    def properties(self, id, moment, xades, ds):
        return (f'<xades:SignedProperties{xades} Id="sp-{id}"><xades:SignedSignatureProperties><xades:SigningTime>{moment}</xades:SigningTime>'
                f'<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod{ds} Algorithm="{SHA256}"></ds:DigestMethod>'
                f'<ds:DigestValue{ds}>{self.certificate_digest}</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>'
                f'</xades:SignedSignatureProperties><xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference="#ref-{id}">'
                '<xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>')

    def seal(self, head, end_tag):
        id = str(uuid.uuid4())
        moment = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())
        properties = self.properties(id, moment, f' xmlns:xades="{XADES}"', f' xmlns:ds="{DS}"')
        info = (f'><ds:CanonicalizationMethod Algorithm="{C14N}"></ds:CanonicalizationMethod>'
                '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></ds:SignatureMethod>'
                f'<ds:Reference Id="ref-{id}" URI=""><ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"></ds:Transform>'
                f'<ds:Transform Algorithm="{C14N}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
                f'<ds:DigestValue>{digest64((head + end_tag).encode())}</ds:DigestValue></ds:Reference>'
                f'<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#sp-{id}"><ds:Transforms><ds:Transform Algorithm="{C14N}"></ds:Transform>'
                f'</ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod><ds:DigestValue>{digest64(properties.encode())}</ds:DigestValue>'
                '</ds:Reference></ds:SignedInfo>')
        r, s = decode_dss_signature(self.key.sign(f'<ds:SignedInfo xmlns:ds="{DS}"{info}'.encode(), self.algorithm))
        value = base64.b64encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big')).decode()
        return (f'{head}<ds:Signature xmlns:ds="{DS}" Id="sig-{id}"><ds:SignedInfo{info}<ds:SignatureValue Id="sv-{id}">{value}</ds:SignatureValue>'
                f'<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{self.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>'
                f'<ds:Object><xades:QualifyingProperties xmlns:xades="{XADES}" Target="#sig-{id}">{self.properties(id, moment, "", "")}'
                f'</xades:QualifyingProperties></ds:Object></ds:Signature>{end_tag}').encode()


def document(sealer, person, stays):
    residence = ''.join([f'<r:Residence>{fields(STAY, stay[1:])}</r:Residence>' for stay in stays])
    return sealer.seal(f'<r:ResidenceEvidence xmlns:r="urn:example:residence:1.0">{fields(PERSON, person)}{residence}', '</r:ResidenceEvidence>')


BATCH = 500


def bulk(cursor, sealer):
    cursor.execute('BEGIN ISOLATION LEVEL REPEATABLE READ')
    cursor.execute(f'SELECT {PERSON_COLUMNS} FROM bench.person ORDER BY code')
    persons = cursor.fetchall()
    stays = {}
    cursor.execute(f'SELECT {STAY_COLUMNS} FROM bench.residence r ORDER BY r.code, r.since')
    for stay in cursor:
        stays.setdefault(stay[0], []).append(stay)
    cursor.execute("SELECT nextval('bench.exchange_seq'), now()")
    exchange, now = cursor.fetchone()
    certificate = sealer.certificate_sha256.hex()
    for start in range(0, len(persons), BATCH):
        outbox = []
        audit = []
        for person in persons[start:start + BATCH]:
            text = document(sealer, person, stays[person[0]])
            id = uuid.uuid4()
            digest = hashlib.sha256(text).hexdigest()
            outbox.append(f'{exchange}\t2\t{id}@civil.example.lv\tapplication/xml\t{id}\t\\\\x{digest}\t\\\\x{text.hex()}\n')
            audit.append(f'{now}\t{exchange}\tcivil\t{id}\tMainEvidence\tapplication/xml\t{id}@civil.example.lv\t{len(text)}\t\\\\x{digest}\t'
                         f'{CONFORMS_TO}\tLV\tbench\t\\\\x{certificate}\tnot_required\n')
            exchange += 1
        cursor.copy_expert('COPY bench.outbox (exchange_id, part, content_id, media_type, evidence_id, sha256, content) FROM STDIN', io.StringIO(''.join(outbox)))
        cursor.copy_expert('COPY ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, size_bytes, '
                           'sha256_as_held, conforms_to, language, seal_key, certificate_sha256, decision) FROM STDIN', io.StringIO(''.join(audit)))
    cursor.execute("SELECT setval('bench.exchange_seq', %s)", (exchange - 1,))
    cursor.execute('COMMIT')
    return len(persons)


class Single:
    def __init__(self, cursor, sealer):
        self.cursor = cursor
        self.sealer = sealer
        cursor.execute('SELECT name, content FROM bench.peer')
        texts = dict(cursor.fetchall())
        self.response, self.header = texts['response'], texts['header']
        self.parameters = []
        statement = re.sub('«([a-z_0-9]+)»', self.parameter, texts['record'])
        cursor.execute('PREPARE record AS ' + statement.replace('%', '%%'), ())
        condition = 'born = $1 AND ootspg.name_key(family_name) = ootspg.name_key($2)'
        cursor.execute(f'PREPARE person(date, text) AS SELECT {PERSON_COLUMNS} FROM bench.person WHERE {condition}')
        cursor.execute(f'PREPARE stays(date, text) AS SELECT {STAY_COLUMNS} FROM bench.person p JOIN bench.residence r USING (code) WHERE {condition} ORDER BY r.since')
        self.execute = 'EXECUTE record(' + ', '.join(['%s'] * len(self.parameters)) + ')'

    def parameter(self, found):
        if found[1] not in self.parameters:
            self.parameters.append(found[1])
        return f'${self.parameters.index(found[1]) + 1}'

    def filled(self, template, values):
        def value(found):
            name = found[1]
            return str(uuid.uuid4()) if name == 'uuid' else uuid.uuid4().hex if name == 'hex' else escape(values[name])
        return re.sub('«([a-z_0-9]+)»', value, template)

    def answer(self, exchange, body, body_header):
        root = ElementTree.fromstring(body)
        ElementTree.fromstring(body_header)
        subject = next(root.iter(SDG + 'Person'))
        values = {name: subject.findtext(SDG + element) for name, element in
                  (('identifier', 'Identifier'), ('family_name', 'FamilyName'), ('given_name', 'GivenName'), ('born', 'DateOfBirth'))}
        key = (values['born'], values['family_name'])
        cursor = self.cursor
        cursor.execute('BEGIN')
        cursor.execute('EXECUTE person(%s, %s)', key)
        person, = cursor.fetchall()
        cursor.execute('EXECUTE stays(%s, %s)', key)
        text = document(self.sealer, person, cursor.fetchall())
        moment = time.time()
        values.update(request_id=root.get('id'), response_id=str(uuid.uuid4()), evidence_id=str(uuid.uuid4()), content_id=uuid.uuid4().hex + '@civil.example.lv',
                      issued=person[8], now=time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(moment)) + f'.{int(moment % 1 * 1000):03}Z')
        response = self.filled(self.response, values).encode()
        header = self.filled(self.header, values).encode()
        values.update(exchange_id=exchange, body=body, body_header=body_header, body_sha256=hashlib.sha256(body).digest(), response=response, header=header,
                      response_sha256=hashlib.sha256(response).digest(), size=len(text), sha256=hashlib.sha256(text).digest(),
                      subject_key=hashlib.sha256('|'.join(key).lower().encode()).digest(), identifier_key=hashlib.sha256(values['identifier'].encode()).digest())
        cursor.execute(self.execute, [values[name] for name in self.parameters])
        cursor.execute('COMMIT')
        return text, response, header


def backend_cpu(cursor):
    cursor.execute('SELECT bench.cpu()')
    return cursor.fetchone()[0]


def measured(cursor, work):
    cpu, client, elapsed = backend_cpu(cursor), time.process_time(), time.monotonic()
    units = work()
    elapsed, client, cpu = time.monotonic() - elapsed, time.process_time() - client, backend_cpu(cursor) - cpu
    print(f'{cpu / 1e3 / units:.3f} {elapsed * 1e6 / units:.3f} {(client * 1e6 + cpu / 1e3) / units:.3f}')


def main(job, key, certificate, first=0, count=0):
    connection = psycopg2.connect('')
    connection.autocommit = True
    cursor = connection.cursor()
    sealer = Sealer(key, certificate)
    if job == 'bulk':
        measured(cursor, lambda: bulk(cursor, sealer))
        return
    first, count = int(first), int(count)
    single = Single(cursor, sealer)
    cursor.execute('SELECT body, header FROM bench.request WHERE n > %s ORDER BY n LIMIT %s', (first, max(count, 1)))
    requests = [(bytes(body), bytes(header)) for body, header in cursor.fetchall()]
    exchange = (first + 1) << 28
    if count == 0:
        for text in single.answer(exchange, *requests[0]):
            print(text.hex())
        return
    warm_up = count // 10

    def answer(some, exchange):
        for i, request in enumerate(some):
            single.answer(exchange + i, *request)
        return len(some)
    answer(requests[:warm_up], exchange)
    measured(cursor, lambda: answer(requests[warm_up:], exchange + warm_up))


main(*sys.argv[1:])
