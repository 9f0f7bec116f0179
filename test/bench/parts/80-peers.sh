# the same in Python, Node and Java, where they are
requests=400

sql -f test/bench/peers/prepare.sql
as_server cp -R test/bench/peers "$workplace/peers"
if ! sql -c 'SELECT FROM bench.by_us LIMIT 0' 2>/dev/null; then
	sql -c "CREATE TABLE bench.by_us AS SELECT sha256(substring(content FROM 1 FOR position('<ds:Signature'::bytea IN content) - 1)) AS digest
		FROM bench.chunk c, ootspg.evidence('residence', c.codes)"
fi

# All documents are ours but for the seal, and the seals of some verify.
check_bulk() {
	[ "$(sql -c "SELECT count(*) FROM bench.by_us JOIN (SELECT sha256(substring(content FROM 1 FOR position('<ds:Signature'::bytea IN content) - 1)) AS digest FROM bench.outbox) t USING (digest)")" -eq "$persons" ] ||
		fail "$1 does not write the same documents"
	[ "$(sql -c "SELECT count(*) FROM (SELECT content FROM bench.outbox LIMIT 100) o, ootspg.verify_seal(o.content, NULL) WHERE valid")" -eq 100 ] ||
		fail "seals of $1 do not verify"
}

# NAME COMMAND…
peer() {
	local name=$1 first
	shift
	first=$(take 1)
	as_server "$@" single "$workplace/keys/bench.key" "$workplace/keys/bench.pem" "$first" 0 >"$workplace/shown"
	sql -v document="$(sed -n 1p "$workplace/shown")" -v response="$(sed -n 2p "$workplace/shown")" -v header="$(sed -n 3p "$workplace/shown")" \
		-v first="$first" -f test/bench/same_answer.sql
	note "$name-single" as_server "$@" single "$workplace/keys/bench.key" "$workplace/keys/bench.pem" "$(take $requests)" $requests
	sql -c 'DELETE FROM bench.outbox' -c 'VACUUM (TRUNCATE false) bench.outbox' -c CHECKPOINT
	note "$name-bulk" pinned "$@" bulk "$workplace/keys/bench.key" "$workplace/keys/bench.pem"
	check_bulk "$name"
}

if /usr/bin/python3 -c 'import psycopg2, cryptography' 2>/dev/null; then
	peer python /usr/bin/python3 "$workplace/peers/peer.py"
else
	skip 'Python (Debian: python3-psycopg2, python3-cryptography)'
fi
if as_server node -e "require('pg')" 2>/dev/null; then
	peer node node "$workplace/peers/peer.js"
else
	skip 'Node (Debian: nodejs, node-pg; elsewhere pg in NODE_PATH)'
fi
if command -v javac >/dev/null && [ -r /usr/share/java/postgresql.jar ]; then
	as_server javac -d "$workplace/peers" -cp /usr/share/java/postgresql.jar "$workplace/peers/Peer.java"
	peer java java -cp "/usr/share/java/postgresql.jar:$workplace/peers" Peer
else
	skip 'Java (Debian: default-jdk-headless, libpostgresql-jdbc-java)'
fi
