# previews: their steps, the pages of the program, and its memory
previews=1200
[ "${SCALE:-0}" != 1 ] || previews=9000

sql -v previews=$previews -f test/bench/previews.sql
two=
[ -z "$core" ] || two="taskset -c $((core > 0 ? core - 1 : 0))-$core"
server_on "$((core > 0 ? core - 1 : 0))-${core:-0}"
as_server $two perl -I test/lib test/bench/previews.pl "$bindir" $previews >>"$workplace/figures"
server_on "$core"
