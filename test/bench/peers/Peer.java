// Peer.java: see README.md. Debian: default-jdk-headless, libpostgresql-jdbc-java
import java.io.*;
import java.lang.management.ManagementFactory;
import java.net.*;
import java.nio.channels.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.*;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.*;
import java.util.regex.*;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.w3c.dom.Element;

public class Peer {
	static final String DS = "http://www.w3.org/2000/09/xmldsig#";
	static final String XADES = "http://uri.etsi.org/01903/v1.3.2#";
	static final String C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";
	static final String SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256";
	static final String SDG = "http://data.europa.eu/p4s";
	static final String CONFORMS_TO = "https://sr.oots.tech.ec.europa.eu/datamodels/residence-1.0";
	static final String[] PERSON = {"PersonCode", "FamilyName", "GivenName", "DateOfBirth", "PlaceOfBirth", "Sex", "Citizenship", "DocumentNumber", "Issued", "IssuingOffice"};
	static final String[] STAY = {null, "Since", "Until", "Street", "House", "City", "Municipality", "Postcode", "CadastreNumber", "ResidenceKind"};
	static final String PERSON_COLUMNS = "code, family_name, given_name, born::text, birthplace, sex, citizenship, document_no, issued::text, office";
	static final String STAY_COLUMNS = "r.code, r.since::text, r.until::text, r.street, r.house, r.city, r.municipality, r.postcode, r.cadastre::text, r.kind";
	static final Pattern TOKEN = Pattern.compile("«([a-z_0-9]+)»");
	static final SecureRandom random = new SecureRandom();

	/* The driver speaks TCP only; the server listens on a socket in a directory. */
	public static class UnixSockets extends javax.net.SocketFactory {
		public Socket createSocket() { return new UnixSocket(); }
		public Socket createSocket(String h, int p) { return new UnixSocket(); }
		public Socket createSocket(String h, int p, InetAddress a, int q) { return new UnixSocket(); }
		public Socket createSocket(InetAddress h, int p) { return new UnixSocket(); }
		public Socket createSocket(InetAddress h, int p, InetAddress a, int q) { return new UnixSocket(); }
	}

	static class UnixSocket extends Socket {
		SocketChannel channel;
		public void connect(SocketAddress address, int timeout) throws IOException {
			channel = SocketChannel.open(UnixDomainSocketAddress.of(System.getenv("PGHOST") + "/.s.PGSQL." + System.getenv().getOrDefault("PGPORT", "5432")));
		}
		public InputStream getInputStream() { return Channels.newInputStream(channel); }
		public OutputStream getOutputStream() { return Channels.newOutputStream(channel); }
		public void close() throws IOException { if (channel != null) channel.close(); }
		public boolean isConnected() { return channel != null; }
		public void setTcpNoDelay(boolean on) { }
		public void setKeepAlive(boolean on) { }
		public void setSoTimeout(int timeout) { }
		public int getSoTimeout() { return 0; }
		public void setReceiveBufferSize(int size) { }
		public void setSendBufferSize(int size) { }
		public int getSendBufferSize() { return 8192; }
		public int getReceiveBufferSize() { return 8192; }
	}

	static void escape(StringBuilder out, String text) {
		int length = text.length();
		for (int i = 0; i < length; i++) {
			char c = text.charAt(i);
			switch (c) {
				case '&': out.append("&amp;"); break;
				case '<': out.append("&lt;"); break;
				case '>': out.append("&gt;"); break;
				case '\r': out.append("&#xD;"); break;
				default: out.append(c);
			}
		}
	}

	static void fields(StringBuilder out, String[] names, String[] values) {
		for (int i = 0; i < names.length; i++)
			if (names[i] != null && values[i] != null) {
				out.append("<r:").append(names[i]).append('>');
				escape(out, values[i]);
				out.append("</r:").append(names[i]).append('>');
			}
	}

	static byte[] utf8(CharSequence text) { return text.toString().getBytes(StandardCharsets.UTF_8); }
	static String base64(byte[] bytes) { return Base64.getEncoder().encodeToString(bytes); }
	static String uuid() { return new UUID((random.nextLong() & ~0xf000L) | 0x4000L, (random.nextLong() >>> 2) | 0x8000000000000000L).toString(); }
	static String hex() { return uuid().replace("-", ""); }

	static class Sealer {
		final MessageDigest digest = MessageDigest.getInstance("SHA-256");
		final Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
		final String certificate;
		final byte[] certificateSha256;

		Sealer(String key, String certificatePath) throws Exception {
			String pem = Files.readString(Path.of(key)).replaceAll("-----[^-]*-----|\\s", "");
			signature.initSign(KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem))));
			byte[] der = CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(certificatePath)))).getEncoded();
			certificate = base64(der);
			certificateSha256 = digest.digest(der);
		}

		String properties(String id, String moment, String xades, String ds) {
			return "<xades:SignedProperties" + xades + " Id=\"sp-" + id + "\"><xades:SignedSignatureProperties><xades:SigningTime>" + moment + "</xades:SigningTime>"
				+ "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod" + ds + " Algorithm=\"" + SHA256 + "\"></ds:DigestMethod>"
				+ "<ds:DigestValue" + ds + ">" + base64(certificateSha256) + "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>"
				+ "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference=\"#ref-" + id + "\">"
				+ "<xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>";
		}

		byte[] seal(StringBuilder head, String end) throws Exception {
			String id = uuid();
			String moment = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
			digest.update(utf8(head));
			String document = base64(digest.digest(utf8(end)));
			String properties = base64(digest.digest(utf8(properties(id, moment, " xmlns:xades=\"" + XADES + "\"", " xmlns:ds=\"" + DS + "\""))));
			String info = "><ds:CanonicalizationMethod Algorithm=\"" + C14N + "\"></ds:CanonicalizationMethod>"
				+ "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"></ds:SignatureMethod>"
				+ "<ds:Reference Id=\"ref-" + id + "\" URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" + DS + "enveloped-signature\"></ds:Transform>"
				+ "<ds:Transform Algorithm=\"" + C14N + "\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"" + SHA256 + "\"></ds:DigestMethod>"
				+ "<ds:DigestValue>" + document + "</ds:DigestValue></ds:Reference>"
				+ "<ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#sp-" + id + "\"><ds:Transforms><ds:Transform Algorithm=\"" + C14N + "\"></ds:Transform>"
				+ "</ds:Transforms><ds:DigestMethod Algorithm=\"" + SHA256 + "\"></ds:DigestMethod><ds:DigestValue>" + properties + "</ds:DigestValue>"
				+ "</ds:Reference></ds:SignedInfo>";
			signature.update(utf8("<ds:SignedInfo xmlns:ds=\"" + DS + "\"" + info));
			head.append("<ds:Signature xmlns:ds=\"").append(DS).append("\" Id=\"sig-").append(id).append("\"><ds:SignedInfo").append(info)
				.append("<ds:SignatureValue Id=\"sv-").append(id).append("\">").append(base64(signature.sign())).append("</ds:SignatureValue>")
				.append("<ds:KeyInfo><ds:X509Data><ds:X509Certificate>").append(certificate).append("</ds:X509Certificate></ds:X509Data></ds:KeyInfo>")
				.append("<ds:Object><xades:QualifyingProperties xmlns:xades=\"").append(XADES).append("\" Target=\"#sig-").append(id).append("\">")
				.append(properties(id, moment, "", "")).append("</xades:QualifyingProperties></ds:Object></ds:Signature>").append(end);
			return utf8(head);
		}

		byte[] residence(String[] person, List<String[]> stays) throws Exception {
			StringBuilder text = new StringBuilder(8192).append("<r:ResidenceEvidence xmlns:r=\"urn:example:residence:1.0\">");
			fields(text, PERSON, person);
			for (String[] stay : stays) {
				text.append("<r:Residence>");
				fields(text, STAY, stay);
				text.append("</r:Residence>");
			}
			return seal(text, "</r:ResidenceEvidence>");
		}
	}

	static List<String[]> rows(ResultSet result) throws SQLException {
		List<String[]> rows = new ArrayList<>();
		int columns = result.getMetaData().getColumnCount();
		while (result.next()) {
			String[] row = new String[columns];
			for (int i = 0; i < columns; i++)
				row[i] = result.getString(i + 1);
			rows.add(row);
		}
		result.close();
		return rows;
	}

	static List<String[]> query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			return rows(statement.executeQuery(sql));
		}
	}

	/* A COPY in binary, filled in pieces */
	static class Copy {
		final CopyIn copy;
		final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 17);
		final DataOutputStream out = new DataOutputStream(bytes);

		Copy(Connection connection, String sql) throws Exception {
			copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
			out.write("PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1));
			out.writeLong(0);
		}

		void field(byte[] value) throws IOException { out.writeInt(value.length); out.write(value); }
		void field(String value) throws IOException { field(utf8(value)); }
		void field(long value) throws IOException { out.writeInt(8); out.writeLong(value); }
		void field(int value) throws IOException { out.writeInt(4); out.writeInt(value); }
		void field(UUID value) throws IOException { out.writeInt(16); out.writeLong(value.getMostSignificantBits()); out.writeLong(value.getLeastSignificantBits()); }
		void flush(int least) throws SQLException {
			if (bytes.size() < least)
				return;
			copy.writeToCopy(bytes.toByteArray(), 0, bytes.size());
			bytes.reset();
		}
		void end() throws Exception { out.writeShort(-1); flush(0); copy.endCopy(); }
	}

	static int bulk(Connection connection, Sealer sealer) throws Exception {
		connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
		connection.setAutoCommit(false);
		List<String[]> persons = query(connection, "SELECT " + PERSON_COLUMNS + " FROM bench.person ORDER BY code");
		List<String[]> stays = query(connection, "SELECT " + STAY_COLUMNS + " FROM bench.residence r ORDER BY r.code, r.since");
		String[] start = query(connection, "SELECT nextval('bench.exchange_seq'), (extract(epoch FROM now()) * 1000000)::bigint - 946684800000000").get(0);
		long exchange = Long.parseLong(start[0]);
		long now = Long.parseLong(start[1]);
		int from = 0;
		Object[][] audit = new Object[persons.size()][];
		Copy outbox = new Copy(connection, "COPY bench.outbox (exchange_id, part, content_id, media_type, evidence_id, sha256, content) FROM STDIN (FORMAT binary)");
		for (int i = 0; i < persons.size(); i++) {
			String[] person = persons.get(i);
			int to = from;
			while (to < stays.size() && stays.get(to)[0].equals(person[0]))
				to++;
			byte[] document = sealer.residence(person, stays.subList(from, to));
			UUID id = UUID.fromString(uuid());
			byte[] digest = sealer.digest.digest(document);
			from = to;
			outbox.out.writeShort(7);
			outbox.field(exchange);
			outbox.field(2);
			outbox.field(id + "@civil.example.lv");
			outbox.field("application/xml");
			outbox.field(id);
			outbox.field(digest);
			outbox.field(document);
			outbox.flush(65536);
			audit[i] = new Object[] {exchange++, id, (long) document.length, digest};
		}
		outbox.end();
		Copy events = new Copy(connection, "COPY ootspg.evidence_event (event_time, exchange_id, provider, evidence_id, role, media_type, content_id, size_bytes, "
			+ "sha256_as_held, conforms_to, language, seal_key, certificate_sha256, decision) FROM STDIN (FORMAT binary)");
		for (Object[] row : audit) {
			events.out.writeShort(14);
			events.field(now);
			events.field((Long) row[0]);
			events.field("civil");
			events.field((UUID) row[1]);
			events.field("MainEvidence");
			events.field("application/xml");
			events.field(row[1] + "@civil.example.lv");
			events.field((Long) row[2]);
			events.field((byte[]) row[3]);
			events.field(CONFORMS_TO);
			events.field("LV");
			events.field("bench");
			events.field(sealer.certificateSha256);
			events.field("not_required");
			events.flush(65536);
		}
		events.end();
		query(connection, "SELECT setval('bench.exchange_seq', " + (exchange - 1) + ")");
		connection.commit();
		connection.setAutoCommit(true);
		return persons.size();
	}

	static class Single {
		final Sealer sealer;
		final Connection connection;
		final DocumentBuilder parser;
		final String response;
		final String header;
		final List<String> parameters = new ArrayList<>();
		final PreparedStatement person;
		final PreparedStatement stays;
		final PreparedStatement record;

		Single(Connection connection, Sealer sealer) throws Exception {
			Map<String, String> texts = new HashMap<>();
			String condition = "born = ?::date AND ootspg.name_key(family_name) = ootspg.name_key(?)";
			DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();

			factory.setNamespaceAware(true);
			factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
			parser = factory.newDocumentBuilder();
			this.connection = connection;
			this.sealer = sealer;
			for (String[] row : query(connection, "SELECT name, content FROM bench.peer"))
				texts.put(row[0], row[1]);
			response = texts.get("response");
			header = texts.get("header");
			Matcher tokens = TOKEN.matcher(texts.get("record"));
			while (tokens.find())
				parameters.add(tokens.group(1));
			record = connection.prepareStatement(tokens.replaceAll("?"));
			person = connection.prepareStatement("SELECT " + PERSON_COLUMNS + " FROM bench.person WHERE " + condition);
			stays = connection.prepareStatement("SELECT " + STAY_COLUMNS + " FROM bench.person p JOIN bench.residence r USING (code) WHERE " + condition + " ORDER BY r.since");
		}

		byte[] filled(String template, Map<String, Object> values) {
			StringBuilder out = new StringBuilder(template.length() + 512);
			Matcher tokens = TOKEN.matcher(template);
			int from = 0;
			while (tokens.find()) {
				String name = tokens.group(1);
				out.append(template, from, tokens.start());
				if (name.equals("uuid") || name.equals("hex"))
					out.append(name.equals("uuid") ? uuid() : hex());
				else
					escape(out, values.get(name).toString());
				from = tokens.end();
			}
			return utf8(out.append(template, from, template.length()));
		}

		List<String[]> look(PreparedStatement statement, String born, String name) throws SQLException {
			statement.setString(1, born);
			statement.setString(2, name);
			return rows(statement.executeQuery());
		}

		byte[][] answer(long exchange, byte[] body, byte[] bodyHeader) throws Exception {
			Element root = parser.parse(new ByteArrayInputStream(body)).getDocumentElement();
			parser.parse(new ByteArrayInputStream(bodyHeader));
			Element subject = (Element) root.getElementsByTagNameNS(SDG, "Person").item(0);
			Map<String, Object> values = new HashMap<>();
			for (String[] element : new String[][] {{"identifier", "Identifier"}, {"family_name", "FamilyName"}, {"given_name", "GivenName"}, {"born", "DateOfBirth"}})
				values.put(element[0], subject.getElementsByTagNameNS(SDG, element[1]).item(0).getTextContent());
			String born = (String) values.get("born");
			String name = (String) values.get("family_name");
			String[] found = look(person, born, name).get(0);
			byte[] document = sealer.residence(found, look(stays, born, name));
			values.put("request_id", root.getAttribute("id"));
			values.put("response_id", uuid());
			values.put("evidence_id", uuid());
			values.put("content_id", hex() + "@civil.example.lv");
			values.put("issued", found[8]);
			values.put("now", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
			byte[] message = filled(response, values);
			byte[] envelope = filled(header, values);
			values.put("exchange_id", exchange);
			values.put("body", body);
			values.put("body_header", bodyHeader);
			values.put("body_sha256", sealer.digest.digest(body));
			values.put("response", message);
			values.put("header", envelope);
			values.put("response_sha256", sealer.digest.digest(message));
			values.put("size", (long) document.length);
			values.put("sha256", sealer.digest.digest(document));
			values.put("subject_key", sealer.digest.digest(utf8((born + "|" + name).toLowerCase())));
			values.put("identifier_key", sealer.digest.digest(utf8((String) values.get("identifier"))));
			for (int i = 0; i < parameters.size(); i++) {
				Object value = values.get(parameters.get(i));
				if (value instanceof byte[])
					record.setBytes(i + 1, (byte[]) value);
				else if (value instanceof Long)
					record.setLong(i + 1, (Long) value);
				else
					record.setObject(i + 1, value, Types.OTHER);
			}
			record.executeUpdate();
			connection.commit();
			return new byte[][] {document, message, envelope};
		}
	}

	static long backend(Connection connection) throws SQLException { return Long.parseLong(query(connection, "SELECT bench.cpu()").get(0)[0]); }
	static long client() { return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime(); }

	interface Work { int run() throws Exception; }

	static void measured(Connection connection, Work work) throws Exception {
		long cpu = backend(connection);
		long used = client();
		long started = System.nanoTime();
		int units = work.run();
		double elapsed = (System.nanoTime() - started) / 1e3 / units;
		double both = (client() - used) / 1e3 / units;
		double server = (backend(connection) - cpu) / 1e3 / units;
		System.out.printf(Locale.ROOT, "%.3f %.3f %.3f%n", server, elapsed, both + server);
	}

	public static void main(String[] arguments) throws Exception {
		Properties properties = new Properties();
		properties.put("user", System.getenv().getOrDefault("PGUSER", "postgres"));
		properties.put("socketFactory", UnixSockets.class.getName());
		properties.put("sslmode", "disable");
		properties.put("gssEncMode", "disable");
		Connection connection = DriverManager.getConnection("jdbc:postgresql://localhost/" + System.getenv().getOrDefault("PGDATABASE", "postgres"), properties);
		Sealer sealer = new Sealer(arguments[1], arguments[2]);
		if (arguments[0].equals("bulk")) {
			measured(connection, () -> bulk(connection, sealer));
			return;
		}
		int first = Integer.parseInt(arguments[3]);
		int count = Integer.parseInt(arguments[4]);
		List<byte[][]> requests = new ArrayList<>();
		try (ResultSet result = connection.createStatement().executeQuery("SELECT body, header FROM bench.request WHERE n > " + first + " ORDER BY n LIMIT " + Math.max(count, 1))) {
			while (result.next())
				requests.add(new byte[][] {result.getBytes(1), result.getBytes(2)});
		}
		connection.setAutoCommit(false);
		Single single = new Single(connection, sealer);
		long exchange = (first + 1L) << 30;
		if (count == 0) {
			for (byte[] bytes : single.answer(exchange, requests.get(0)[0], requests.get(0)[1]))
				System.out.println(HexFormat.of().formatHex(bytes));
			return;
		}
		int warmUp = count / 2;		/* much of what runs is compiled by then */
		for (int i = 0; i < warmUp; i++)
			single.answer(exchange + i, requests.get(i)[0], requests.get(i)[1]);
		measured(connection, () -> {
			for (int i = warmUp; i < requests.size(); i++)
				single.answer(exchange + i, requests.get(i)[0], requests.get(i)[1]);
			return requests.size() - warmUp;
		});
	}
}
