# shellcheck shell=bash
# lib.sh: what the commands in this directory share: talking to the reader,
# finding PostgreSQL, and a throw-away workplace holding a copy of the tree, a
# private server and its clusters. Nothing outside the workplace is changed.
#
# A command sources this file and then calls, in this order:
#	ensure_packages; open_workplace; build_extension
# and, for a cluster of its own, start_cluster. All is cleaned up on exit.
# OOTSPG_KEEP=1 keeps the workplace.

set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
supported='18 17 16 15'
workplace=
there_before=
job=
step_number=0

# A caller's make must not hand its variables down to the makes started here.
unset MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C.UTF-8

say() { printf '   %s\n' "$*"; }

step() {
	step_number=$((step_number + 1))
	printf '%d. %s\n' "$step_number" "$*"
}

fail() {
	printf 'ootspg: %s\n' "$*" >&2
	exit 1
}

# with_progress TEXT COMMAND...: silent unless it fails, but visibly alive. The
# command gets a process group of its own, so that all of it can be stopped;
# that is done after $time_limit seconds, where it is set.
with_progress() {
	local text=$1 log started=$SECONDS status=0 ticks=0 signal=TERM
	shift
	log=$(mktemp)
	printf '   %s ' "$text"
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	job=$!
	set +m
	while kill -0 "$job" 2>/dev/null; do
		sleep 0.2
		ticks=$((ticks + 1))
		[ $((ticks % 10)) -ne 0 ] || printf '.'
		if [ -n "${time_limit:-}" ] && [ $((SECONDS - started)) -gt "$time_limit" ]; then
			kill "-$signal" -- "-$job" 2>/dev/null || true
			signal=KILL time_limit=$((time_limit + 5))
		fi
	done
	wait "$job" 2>/dev/null || status=$?
	job=
	if [ "$status" -eq 0 ]; then
		printf ' done (%d s)\n' $((SECONDS - started))
	else
		printf ' FAILED\n'
		tail -n 60 "$log" >&2
	fi
	rm -f "$log"
	return "$status"
}

# pg_config of a PostgreSQL that has its server, headers and test tools: the
# one named by PG_CONFIG, else the newest supported one. Prints nothing if none.
find_postgres() {
	local candidate major
	for candidate in ${PG_CONFIG:-$(printf '/usr/lib/postgresql/%s/bin/pg_config ' $supported) pg_config}; do
		major=$("$candidate" --version 2>/dev/null | sed 's/^PostgreSQL \([0-9]*\).*/\1/') || continue
		case " $supported " in *" $major "*) ;; *) continue ;; esac
		if [ -x "$("$candidate" --bindir)/postgres" ] &&
			[ -f "$("$candidate" --includedir-server)/postgres.h" ] &&
			[ -d "$(dirname "$("$candidate" --pgxs)")/../test/perl/PostgreSQL" ]; then
			command -v "$candidate"
			return
		fi
	done
}

ensure_packages() {
	step 'Packages'
	"$repo/test/bin/prepare"
	pg_config=$(find_postgres)
}

# server_kill SIGNAL PID: by the shell's own kill; the program is not on every machine.
server_kill() {
	as_server sh -c 'kill "-$1" "$2"' sh "$1" "$2"
}

# The server refuses to run as root; so do we, apart from installing packages.
as_server() {
	if [ "$(id -u)" -eq 0 ]; then
		runuser -u postgres -- "$@"
	else
		"$@"
	fi
}

# A directory of the server's user with a clean copy of the tree. It lies right
# under /tmp because the path of a socket in it may have 107 bytes only.
open_workplace() {
	workplace=$(mktemp -d /tmp/ootspg.XXXXXX)
	chmod 755 "$workplace"
	there_before=$(leftovers)
	trap close_workplace EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$workplace/tree" "$workplace/tmp"
	tar -C "$repo" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude=tmp_check -cf - . |
		tar -C "$workplace/tree" --no-same-owner -xf -
	[ "$(id -u)" -ne 0 ] || chown -R postgres: "$workplace"
	export TMPDIR=$workplace/tmp HOME=$workplace
	find_shared
	cd "$workplace/tree"
}

# Material of others that may lie beside the repository; tests that use it skip
# without it.
find_shared() {
	local shared=${OOTSPG_SHARED:-$repo/../shared}
	unset OOTSPG_SHARED
	[ -d "$shared/data" ] || return 0
	shared=$(cd "$shared" && pwd)
	if ! as_server test -x "$shared/data"; then
		mkdir "$workplace/shared"
		cp -R "$shared/data" "$workplace/shared/data"
		chmod -R a+rX "$workplace/shared"
		shared=$workplace/shared
	fi
	export OOTSPG_SHARED=$shared
}

# Runs on every way out: stops servers that are left, removes the workplace. A
# server is known by working in its data directory; its pid file may be stale.
close_workplace() {
	local pidfile pid
	[ -z "$job" ] || kill -- "-$job" 2>/dev/null || true
	cd /
	find "$workplace" -name postmaster.pid | while read -r pidfile; do
		pid=$(head -n 1 "$pidfile")
		while [ "$(as_server readlink "/proc/$pid/cwd")" = "$(dirname "$pidfile")" ]; do
			server_kill QUIT "$pid" || true
			sleep 0.2
		done
	done
	if [ "${OOTSPG_KEEP:-0}" = 1 ]; then
		say "kept: $workplace"
	else
		rm -rf "$workplace"
		tell_leftovers
	fi
}

# What of ours outlives its work: workplaces, programs that work in one, and shared
# memory of the server's user that no living process holds.
leftovers() {
	local user file
	user=$(as_server id -un)
	find /tmp -maxdepth 1 -name 'ootspg.*' ! -path "$workplace"
	for file in /proc/[0-9]*; do
		case $(readlink "$file/cwd") in "$workplace"*) echo "process ${file#/proc/}: $(tr '\0' ' ' <"$file/cmdline")" ;; esac
	done 2>/dev/null
	find /dev/shm -name 'PostgreSQL.*' -user "$user" 2>/dev/null | while read -r file; do
		grep -qsF "$file" /proc/[0-9]*/maps || echo "$file"
	done
	awk -v uid="$(id -u "$user")" 'NR > 1 && $7 == 0 && $8 == uid { print "System V shared memory " $2 }' /proc/sysvipc/shm
}

# Fails for what is there now and was not before. Beside another run of ours it may be that one's.
tell_leftovers() {
	local now
	now=$(comm -13 <(sort <<<"$there_before") <(leftovers | sort))
	case "$there_before$now" in '' | */tmp/ootspg.*) return 0 ;; esac
	[ -n "$now" ] || return 0
	printf 'ootspg: left behind:\n%s\n' "$now" >&2
	exit 1
}

# Sets bindir and pgxs of a private server that has the extension.
build_extension() {
	step 'Build (warnings are errors) and install into a private copy of the server'
	as_server test/bin/private-server "$pg_config" "$workplace/server"
	local private
	private=$workplace/server$("$pg_config" --bindir)/pg_config
	as_server make -s PG_CONFIG="$private" clean
	with_progress 'compiling' as_server make -s WARNINGS=-Werror -j "$(nproc)" PG_CONFIG="$private" all
	as_server make -s PG_CONFIG="$private" install
	bindir=$("$private" --bindir)
	pgxs=$(dirname "$("$private" --pgxs)")/..
	export PG_CONFIG=$private PATH=$bindir:$PATH
	say "$("$bindir/postgres" --version), $(find . -name '*.o' | wc -l) objects"
}

# What tests need beside the extension: the access point and the directory they talk to, and a requester.
build_tools() {
	with_progress 'compiling the loopback access point and the directory service' \
		as_server make -s WARNINGS=-Werror -j "$(nproc)" loopback directory-service requester
}

# What the TAP tests take from their environment
prepare_tap() {
	as_server mkdir -p "$workplace/tmp_check/log"
	export TESTDIR=$workplace TESTDATADIR=$workplace/tmp_check TESTLOGDIR=$workplace/tmp_check/log
	export PG_REGRESS=$pgxs/test/regress/pg_regress PG_ISOLATION_REGRESS=$pgxs/test/isolation/pg_isolation_regress
	unset PGHOST PGPORT PGUSER PGDATABASE
}

# One cluster, reachable through a socket in the workplace only; psql and the
# like find it by the environment. Arguments are lines for postgresql.conf.
start_cluster() {
	as_server initdb -D "$workplace/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$workplace/initdb.log"
	as_server mkdir -m 700 "$workplace/keys" "$workplace/keys/credentials" "$workplace/keys/seal"
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$workplace'" 'fsync = off' \
		"ootspg.key_directory = '$workplace/keys'" "$@" >>"$workplace/data/postgresql.conf"
	as_server pg_ctl -s -w -D "$workplace/data" -l "$workplace/server.log" start
	export PGHOST=$workplace PGPORT=5432 PGUSER=postgres
	say "started a cluster in $workplace/data"
}
