# shellcheck shell=bash
# preview.sh: the part of the demo in which a user sees the evidence first. Sourced by run-demo.

free_port() {
	perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 0)->sockport'
}

# start_preview NAME SETTINGS...: an ootspg-preview as role preview_space, the only one that it needs
start_preview() {
	local name=$1
	shift
	as_server sh -c 'echo $$ >"$0.pid"; exec "$@" 2>"$0.log"' "$workplace/$name" "$bindir/ootspg-preview" \
		"--database=host=$workplace port=5432 dbname=demo user=preview_space" --time_zone=Europe/Riga "$@" </dev/null >/dev/null 2>&1 &
	preview_jobs+=($!)
	until grep -qs 'is ready' "$workplace/$name.log"; do
		kill -0 "${preview_jobs[-1]}" 2>/dev/null || fail "ootspg-preview does not start: $(cat "$workplace/$name.log")"
		sleep 0.05
	done
}

stop_previews() {
	local name
	for name in preview preview-tls; do
		[ -s "$workplace/$name.pid" ] || continue
		server_kill TERM "$(cat "$workplace/$name.pid")" 2>/dev/null || true
		rm -f "$workplace/$name.pid"
	done
	wait "${preview_jobs[@]}" 2>/dev/null || true
}

# The pages outlive the demo, as its only trace
keep_pages() {
	pages=$repo/dist/demo
	mkdir -p "$pages"
	rm -f "$pages"/[0-9]-*.html "$pages"/[0-9]-*.png
	cp "$workplace"/pages/[0-9]-* "$pages"
}

play_preview() {
	local link conversation milliseconds exchange
	preview_port=$(free_port)
	query registry_owner -v url="https://localhost:$preview_port/p/" -f test/demo/preview.sql
	start_preview preview --listen=127.0.0.1:0
	say "One row of ootspg.preview_space, preview = 'required' for vehicles (test/demo/preview.sql), and the program ootspg-preview:" \
		"$(awk '/VmRSS/ { printf "%.1f MB", $2 / 1024 }' "/proc/$(cat "$workplace/preview.pid")/status")"
	read -r link conversation milliseconds < <(abroad preview)
	[ -n "$conversation" ] || fail 'no link came'
	say "Germany asks with PossibilityForPreview = true, and has a link after $milliseconds ms: ${link%/*}/${faint}43 characters${plain}"
	say 'Its second request, with the link in it, waits. The user opens the link; the pages:'
	as_server mkdir "$workplace/pages"
	as_server perl -I test/lib test/demo/user.pl "$(sed -n 's/.*listening on port //p' "$workplace/preview.log")" "$link" "$workplace/pages" ||
		fail 'the user did not find through the pages'
	keep_pages
	say "They are in $pages$(ls "$pages"/*.png >/dev/null 2>&1 || echo ' (pictures as well where chromium is installed)')"
	exchange=$(abroad fetch "$conversation" "$workplace/pages/shown") || fail 'what came is not what was let go'
	say "Two documents came, byte for byte what was shown; the third did not leave. The audit of the first request:"
	query registry_auditor -c "SELECT demo.exchange_trail($exchange)"
}

# KEEP=1: all of it goes on, with a link to press. Its certificate is nobody's, of which the browser warns.
keep_running() {
	local link rest
	as_server openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$workplace/preview.key" -out "$workplace/preview.pem" \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost -days 30 2>"$workplace/openssl.log"
	start_preview preview-tls "--listen=127.0.0.1:$preview_port" "--tls_certificate=$workplace/preview.pem" "--tls_key=$workplace/preview.key"
	query registry_owner -c "UPDATE ootspg.evidence_type SET t2 = '8 hours', t3 = '8 hours' WHERE evidence_type = 'vehicle'" >"$workplace/keep.log"
	read -r link rest < <(abroad preview)
	[ -n "$rest" ] || fail 'no link came'
	disown -a
	trap - EXIT
	printf '\n'
	say "${bold}Your turn:${plain} open $link"
	say 'The browser will warn of the certificate: it was made a moment ago, for this demo. The link is good for 8 hours, in one browser.'
	say "The database: psql -h $workplace -U postgres demo"
	say "To stop and remove all of it: test/bin/run-demo stop $workplace"
}

# stop_kept WORKPLACE: what keep_running() has left
stop_kept() {
	workplace=$1
	case $workplace in /tmp/ootspg.*) [ -s "$workplace/preview-tls.pid" ] ;; *) false ;; esac || fail "no demo was left running in $workplace"
	there_before=$(leftovers)
	stop_previews
	stop_access_point
	close_workplace
}
