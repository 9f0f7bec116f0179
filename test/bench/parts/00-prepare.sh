# persons, keys, requests
kinds='bench EC ec_paramgen_curve:P-256|p384 EC ec_paramgen_curve:P-384|rsa2048 RSA rsa_keygen_bits:2048|rsa3072 RSA rsa_keygen_bits:3072'

make_keys() {
	local kind
	printf '%s\n' "${kinds//|/$'\n'}" | while read -r name algorithm option; do
		as_server openssl genpkey -algorithm "$algorithm" -pkeyopt "$option" -out "$workplace/keys/$name.key" 2>/dev/null
		as_server chmod 600 "$workplace/keys/$name.key"
	done
	as_server openssl req -x509 -key "$workplace/keys/bench.key" -out "$workplace/keys/bench.pem" -days 2 \
		-subj '/C=LV/O=Population Register/CN=Benchmark' -addext keyUsage=critical,digitalSignature -addext basicConstraints=CA:FALSE
	as_server mkdir -m 700 "$workplace/keys/seal/civil"
	as_server cp -p "$workplace/keys/bench.key" "$workplace/keys/bench.pem" "$workplace/keys/seal/civil"
}

make_keys
compile rawsign test/bench/rawsign.c -lcrypto
compile calls test/bench/calls.c test/bench/rows.c -lpq
sql -c 'CREATE EXTENSION ootspg'
sql -v persons=$persons -f test/bench/registry.sql
sql -v requests=$((persons / 2)) -f test/bench/answer.sql
sql -c 'VACUUM ANALYZE'
echo 2 >"$workplace/next_request"		# the first one is the sample
