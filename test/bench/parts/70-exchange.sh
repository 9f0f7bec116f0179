# exchanges through the access point
# Two cores for all processes of it: server, access point and requester
two=
[ -z "$core" ] || two="taskset -c $((core > 0 ? core - 1 : 0))-$core"
server_on "$((core > 0 ? core - 1 : 0))-${core:-0}"
as_server $two env SCALE="${SCALE:-0}" perl -I test/lib test/bench/exchange.pl "$workplace/keys" "$(head -n 1 "$workplace/data/postmaster.pid")" >>"$workplace/figures"
server_on "$core"
