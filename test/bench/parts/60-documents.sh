# documents as PDF: one page, twenty and forty, by a session that has made some
sql -f test/bench/documents.sql
if [ -z "$(sql -c "SELECT bench.has_pdf()")" ]; then
	skip 'the module that writes PDF is not built: libharfbuzz, libfribidi and zlib, and their development files'
	return 0
fi
for ((turn = 1; turn <= turns; turn++)); do
	sql -f test/bench/documents_turn.sql -f test/bench/results.sql >>"$workplace/figures"
done
