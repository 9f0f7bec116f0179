# raw signatures, and bulk evidence beside the program that does the same
compile libpq_bulk test/bench/libpq_bulk.c test/bench/residence.c -lpq -lcrypto

# A running outbox has the space of what has left.
empty_outbox() {
	sql -c 'DELETE FROM bench.outbox' -c 'VACUUM (TRUNCATE false) bench.outbox' -c CHECKPOINT
}

# The program must do the same work: all that is not the seal is equal, byte for byte.
document_digests() {
	sql -c "CREATE TABLE bench.$1 AS SELECT sha256(substring(content FROM 1 FOR position('<ds:Signature'::bytea IN content) - 1)) AS digest FROM bench.outbox"
}

check_same_work() {
	[ "$(sql -c 'SELECT count(*) FROM bench.by_us JOIN bench.by_libpq USING (digest)')" -eq "$persons" ] ||
		fail 'the libpq program does not write the same documents'
}

raw() {
	note "$1" pinned "$workplace/rawsign" "$workplace/keys/$1.key" "$2"
}

# The first turn makes segments of WAL that the others use again; it does not count.
cp "$workplace/figures" "$workplace/figures.before"
for ((turn = 0; turn <= turns; turn++)); do
	empty_outbox
	raw bench 40000
	sql -c "CALL bench.measure('bulk', 'CALL bench.bulk()', $persons)" -f test/bench/results.sql >>"$workplace/figures"
	[ "$turn" -gt 0 ] || document_digests by_us
	empty_outbox
	note libpq pinned "$workplace/libpq_bulk" "$workplace/keys/bench.key" "$workplace/keys/bench.pem"
	if [ "$turn" -eq 0 ]; then
		document_digests by_libpq
		check_same_work
		cp "$workplace/figures.before" "$workplace/figures"
	fi
done
