# The workers' life, a list of promises: who starts, who leaves and when, what disturbs
# nobody. Two databases that talk to one access point, and others that come and go.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

my ($node, $ap) = exchange_node('workers', undef, 'restart_after_crash = on', 'autovacuum = off',
	'max_prepared_transactions = 2', 'max_logical_replication_workers = 0');

sub sql { my ($sql, $database) = @_; return $node->safe_psql($database // 'postgres', $sql); }
# The worker processes, by type and database
sub workers { my ($type, $database) = @_; return "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'ootspg $type'" . ($database ? " AND datname = '$database'" : ''); }
sub pid { my ($type) = @_; return sql("SELECT min(pid) FROM pg_stat_activity WHERE backend_type = 'ootspg $type'"); }
my $number = 0;
sub answered { my ($name) = @_; return is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', $name); }
# works(database): its exchange worker runs, and says so itself
sub works { my ($database, $name) = @_; return wait_sql($node, q{SELECT state = 'running' FROM ootspg_internal.worker_state()}, $name, $database); }

# One launcher, one exchange worker for each database with the extension
answered('the first answer');
is(sql(workers('launcher')) . sql(workers('exchange')), '11', 'one launcher, one exchange worker');
sql('CREATE DATABASE without');
sql('CREATE DATABASE second');
sql('SELECT 1', 'without');
sql('CREATE EXTENSION ootspg', 'second');
works('second', 'CREATE EXTENSION brings a worker');
sql('BEGIN; CREATE EXTENSION ootspg; ROLLBACK', 'without');
sql('CREATE DATABASE third');
sql('CREATE EXTENSION ootspg', 'third');
works('third', 'another database gets its own');
is(sql(workers('exchange', 'without')), '0', 'a rolled back CREATE EXTENSION brings none');

# DROP EXTENSION
sql('BEGIN; SET LOCAL ootspg.destroy_audit = on; DROP EXTENSION ootspg; ROLLBACK', 'second');
works('second', 'a rolled back DROP EXTENSION keeps the worker');
sql('SET ootspg.destroy_audit = on; DROP EXTENSION ootspg', 'second');
$node->poll_query_until('postgres', workers('exchange', 'second'), '0');
is(sql(workers('exchange', 'second')), '0', 'DROP EXTENSION ends it');
sql('CREATE EXTENSION ootspg; DROP EXTENSION ootspg; CREATE EXTENSION ootspg', 'second');
works('second', 'dropped and created at once: it works again');

# A library that meets another version of the extension waits for the update
my $log = -s $node->logfile;
sql(q{UPDATE pg_extension SET extversion = '0.0.9' WHERE extname = 'ootspg'; SELECT ootspg_internal.wake_for_configuration()}, 'second');
wait_sql($node, q{SELECT state ~ 'ALTER EXTENSION' FROM ootspg_internal.worker_state()}, 'another version: the worker waits for the update, and says so', 'second');
is(scalar(() = slurp_file($node->logfile, $log) =~ /workers wait: the extension is of version 0\.0\.9/g), 1, '… once');
sql(sprintf(q{UPDATE pg_extension SET extversion = '%s' WHERE extname = 'ootspg'; ALTER EXTENSION ootspg ADD FUNCTION pg_catalog.now(); ALTER EXTENSION ootspg DROP FUNCTION pg_catalog.now()},
	(make_variable('EXTVERSION'))[0]), 'second');
sql(q{CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE EXTENSION citext; DROP EXTENSION citext}, 'second');
works('second', '… and comes back after it');

# What needs a database for itself has it at once, and the worker comes back
my $statement_timeout = 'SET statement_timeout = 60000;';
sql('ALTER DATABASE second RENAME TO renamed');
works('renamed', 'RENAME');
is(sqlstate($node, 'postgres', "BEGIN; ALTER DATABASE renamed RENAME TO postgres"), '42P04', 'a RENAME that fails');
works('renamed', '… leaves a worker');
sql('BEGIN; ALTER DATABASE renamed RENAME TO second; ROLLBACK');
works('renamed', 'so does one that is rolled back');
sql('CREATE DATABASE copied TEMPLATE renamed');
works('renamed', 'CREATE DATABASE … TEMPLATE: the original works');
works('copied', '… and the copy has a worker of its own');
mkdir $node->basedir . '/space' or die $!;
sql("CREATE TABLESPACE elsewhere LOCATION '" . $node->basedir . "/space'");
sql('ALTER DATABASE copied SET TABLESPACE elsewhere');
works('copied', 'SET TABLESPACE');
sql('CREATE EXTENSION IF NOT EXISTS ootspg', 'copied');
my $started = Time::HiRes::time();
sql('BEGIN; ALTER DATABASE copied RENAME TO passing; ALTER DATABASE renamed RENAME TO copied; ALTER DATABASE passing RENAME TO renamed; COMMIT');
cmp_ok(Time::HiRes::time() - $started, '<', 4, 'two databases change names in one transaction');
works('renamed', '… one works');
works('copied', '… so does the other');
sql('DROP DATABASE copied');
is(sql(q{SELECT count(*) FROM pg_database WHERE datname = 'copied'}), '0', 'DROP DATABASE');
my $worker = sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND datname = 'renamed'});
sql('CREATE ROLE stranger CREATEDB');
is(sqlstate($node, 'postgres', 'SET ROLE stranger; DROP DATABASE renamed'), '42501', 'whoever may not drop a database');
is(sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'ootspg exchange' AND datname = 'renamed'}), $worker, '… does not disturb its worker');
sql('ALTER DATABASE renamed ALLOW_CONNECTIONS false');
$node->poll_query_until('postgres', workers('exchange', 'renamed'), '0');
is(sql(workers('exchange', 'renamed')), '0', 'no worker where connections are not allowed');
sql('ALTER DATABASE renamed ALLOW_CONNECTIONS true');
works('renamed', '… until they are again');
sql('ALTER DATABASE renamed IS_TEMPLATE true');
$node->poll_query_until('postgres', workers('exchange', 'renamed'), '0');
is(sql(workers('exchange', 'renamed')), '0', 'nor in a template');
sql('ALTER DATABASE renamed IS_TEMPLATE false; DROP DATABASE renamed; DROP DATABASE third');
answered('all the while the first database answers');

# Whoever locks a database for long keeps one worker waiting, and the workers of no other
sql('CREATE DATABASE locked');
sql('CREATE EXTENSION ootspg', 'locked');
works('locked', 'a database is going to be locked');
sql(q{BEGIN; ALTER DATABASE locked RENAME TO unlocked; PREPARE TRANSACTION 'rename'});
sql('CREATE DATABASE beside');
sql('CREATE EXTENSION ootspg', 'beside');
works('beside', 'another one gets its worker all the same');
sql(q{ROLLBACK PREPARED 'rename'});
works('locked', '… and the locked one, when it is free');
sql('DROP DATABASE locked');
sql('DROP DATABASE beside');

# Settings, by reload
sql('ALTER SYSTEM SET ootspg.exchange = off');
$node->reload;
$node->poll_query_until('postgres', workers('exchange'), '0');
is(sql(workers('exchange')), '0', 'ootspg.exchange = off: they leave');
is(sql('SELECT state FROM ootspg.status'), 'switched off: ootspg.exchange', '… and the status says why');
my $waiting = ask($node, $ap, ++$number);
sql('ALTER SYSTEM RESET ootspg.exchange');
$node->reload;
is(wait_answer($ap, $waiting)->{action}, 'ExecuteQueryResponse', 'on: what waited is answered');
sql('ALTER SYSTEM SET ootspg.receive = off');
$node->reload;
$waiting = ask($node, $ap, ++$number);
$ap->wait_until('no list is asked for', sub { my $before = $ap->stats->{'calls.listPendingMessages'} // 0; Time::HiRes::sleep(0.6); ($ap->stats->{'calls.listPendingMessages'} // 0) == $before });
is(sql(q{SELECT count(*) FROM ootspg.inbox WHERE state = 'waiting'}), '0', 'ootspg.receive = off: nothing is fetched');
sql('ALTER SYSTEM RESET ootspg.receive');
$node->reload;
is(wait_answer($ap, $waiting)->{action}, 'ExecuteQueryResponse', 'on again: it is');
sql('ALTER SYSTEM SET ootspg.send = off');
$node->reload;
$waiting = ask($node, $ap, ++$number);
wait_sql($node, q{SELECT to_send = 1 AND waiting = 0 FROM ootspg.status}, 'ootspg.send = off: what is answered stays here');
is(sql(q{SELECT attempts FROM ootspg.outbox WHERE state = 'waiting'}), '0', '… and is not tried');
sql('ALTER SYSTEM RESET ootspg.send');
$node->reload;
is(wait_answer($ap, $waiting)->{action}, 'ExecuteQueryResponse', 'on again: it is sent');

# Terminated, they come back
for my $type ('launcher', 'exchange', 'answer')
{
	answered("before the end of the $type worker") if $type eq 'answer';
	my $pid = pid($type);
	sql("SELECT pg_terminate_backend($pid)");
	answered("pg_terminate_backend on the $type worker: work goes on");
	next if $type eq 'answer';
	$node->poll_query_until('postgres', "SELECT count(*) = 1 AND min(pid) <> $pid FROM pg_stat_activity WHERE backend_type = 'ootspg $type'");
	isnt(pid($type), $pid, "… the $type worker is another one");
}

# No transaction, no snapshot, no lock while the network is
$ap->control('rule listPendingMessages user=provider times=1 hang');
$ap->wait_until('a list that hangs', sub { $ap->stats->{'rule-uses-left'} == 0 });
wait_sql($node, q{SELECT state = 'idle' AND xact_start IS NULL AND backend_xmin IS NULL AND backend_xid IS NULL
	FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'}, 'while a call hangs, no transaction or snapshot is open');
is(sql(q{SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.backend_type = 'ootspg exchange'}), '0', '… and no lock is held');

# … which delays no shutdown
$started = Time::HiRes::time();
$node->stop('fast');
cmp_ok(Time::HiRes::time() - $started, '<', 2, 'fast shutdown while the access point hangs') or note 'took ' . (Time::HiRes::time() - $started);
note sprintf 'stopped in %.2f s', Time::HiRes::time() - $started;
$ap->control('rules-clear');
$node->start;
answered('after a restart it goes on, with no word of anybody');

# The death of a worker, and of the postmaster
for my $type ('exchange', 'answer', 'launcher')
{
	answered("before the death of the $type worker") if $type eq 'answer';
	kill 'KILL', pid($type);
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'ootspg exchange'});
	answered("kill -9 of the $type worker: after the crash restart it goes on");
}
my @pids = split /\n/, sql(q{SELECT pid FROM pg_stat_activity WHERE backend_type ~ '^ootspg'});
$node->kill9;
$ap->wait_until('workers notice that the postmaster is dead', sub { !grep { kill 0, $_ } @pids });
ok(1, 'kill -9 of the postmaster: its workers end');
$node->start;
answered('and those of the next postmaster go on');

# Too few worker slots: said once, with what to do; nothing else suffers, and it works when one is free
sql('CREATE DATABASE second');
sql('CREATE EXTENSION ootspg', 'second');
sql('ALTER SYSTEM SET max_worker_processes = 3');
my $waits = request_bytes($node, ++$number);
$log = -s $node->logfile;
$node->restart;
works($_, "$_ has a worker") for 'postgres', 'second';
$waiting = send_request($ap, $waits);
$ap->wait_until('the log says that there is no place', sub { slurp_file($node->logfile, $log) =~ /all background worker processes are in use/ });
like(slurp_file($node->logfile, $log), qr/HINT:  Raise max_worker_processes/, 'too few worker slots: the log says so, and what to do');
is(sql('SELECT state, waiting FROM ootspg.status'), 'running|1', '… and what needs no other process works');
sql('DROP DATABASE second');
is(wait_answer($ap, $waiting)->{action}, 'ExecuteQueryResponse', 'when one is free the request is answered');
is(scalar(() = slurp_file($node->logfile, $log) =~ /all background worker processes are in use/g), 1, '… and it was said once');
sql('ALTER SYSTEM RESET max_worker_processes');
$node->restart;

# A role that may not answer holds up nobody else
sql(q{CREATE ROLE powerless LOGIN});
connect_access_point($node, 'postgres', $ap, name => 'other', answer_role => q{'powerless'}, final_recipient => q{'NOBODY'});
answered('an access point whose role has no duty: the other one works');
sql('DROP ROLE powerless');
answered('… also when the role is gone');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP:/, 'no assertion failed');
$node->stop;
$ap->stop;
done_testing();
