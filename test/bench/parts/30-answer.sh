# single requests: answer() beside the bare transaction of equal rows and the program that does the same
requests=800

# The rules and what they stand on are the extension's own, over the memory and the errors that its fuzz targets have.
compile_program() {
	local sources
	sources="$(ls src/xml/*.c src/message/*.c | grep -v 'sql\.c$') src/evidence/name.c src/evidence/name_fold.c src/evidence/name_key.c src/evidence/name_table.c"
	compile program -Isrc -Itest/bench -Itest/fuzz "-I$("$pg_config" --includedir-server)" $(pkg-config --cflags libxml-2.0) \
		-ffunction-sections -Wl,--gc-sections -Wl,--wrap=unicode_normalize -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers \
		test/bench/{program,residence,rows}.c test/fuzz/{backend,backend_more}.c src/audit/subject_key.c src/seal/sha256.c src/uuid.c $sources \
		"-L$("$pg_config" --pkglibdir)" -lpgcommon -lpgport -lpq -lcrypto $(pkg-config --libs libxml-2.0) -lm
}

# What the program answers is what we answer: but for the seal, for identifiers and for the time, byte for byte; and its seal is sound.
check_program() {
	local first=$1
	as_server "$workplace/program" "$workplace/keys/bench.key" "$workplace/keys/bench.pem" "$first" 0 >"$workplace/shown"
	sql -v document="$(sed -n 1p "$workplace/shown")" -v response="$(sed -n 2p "$workplace/shown")" -v header="$(sed -n 3p "$workplace/shown")" \
		-v first="$first" -f test/bench/same_answer.sql
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out "$workplace/reader.pem" -days 2 -subj /CN=reader 2>/dev/null

# The same answers with messages and headers of the audit closed to a reader.
note_closed() {
	sql -q -v certificate="$(cat "$workplace/reader.pem")" <<<"INSERT INTO ootspg.audit_reader (reader, certificate) VALUES ('reader', :'certificate')"
	note closed-off as_server "$workplace/calls" answer "$(take $requests)" $requests
	sql -q <<<'DELETE FROM ootspg.audit_reader'
}

compile_program
check_program "$(take 1)"

# Requests are answered once only. With synchronous_commit = off nobody waits for the disk.
for ((turn = 1; turn <= turns; turn++)); do
	for mode in on off; do
		first=$(take $requests)
		export PGOPTIONS="-c synchronous_commit=$mode"
		note "answer-$mode" as_server "$workplace/calls" answer "$first" $requests
		note "bare-$mode" as_server "$workplace/calls" bare "$first" $requests
		[ "$mode" = on ] || note_closed
		unset PGOPTIONS
	done
	note program as_server "$workplace/program" "$workplace/keys/bench.key" "$workplace/keys/bench.pem" "$(take $requests)" $requests
done
