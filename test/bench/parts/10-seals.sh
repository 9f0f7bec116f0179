# seals beside raw signatures
as_server cc -O2 -fPIC -shared -D_GNU_SOURCE -std=gnu17 -Isrc "-I$("$pg_config" --includedir-server)" $(pkg-config --cflags libxml-2.0) \
	test/bench/seal_loop.c src/seal/{xades,key,keyload,keyplain,keyfile,suite,sha256}.c src/xml/{read,scan,characters,quiet,walk}.c src/uuid.c \
	-o "$workplace/seal_loop.so" -lcrypto -lxml2
sql -v seal_loop="$workplace/seal_loop" -f test/bench/seals.sql
for ((turn = 1; turn <= turns; turn++)); do
	note signature pinned "$workplace/rawsign" "$workplace/keys/bench.key" 40000
	sql -f test/bench/seals_turn.sql -f test/bench/results.sql >>"$workplace/figures"
done
for kind in 'p384 1000' 'rsa2048 1000' 'rsa3072 300'; do
	set -- $kind
	note "$1" pinned "$workplace/rawsign" "$workplace/keys/$1.key" "$2"
done
