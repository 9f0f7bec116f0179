# The server runs, but not for us: pg_upgrade, single-user mode, what a DROP DATABASE left. Nobody
# registers, starts or writes there. pg_upgrade of the tested server to itself, and to every newer
# one that is installed, with messages pending: nothing is called, the old cluster's counters stay,
# the new one has all rows and sound indexes, and answers each message once.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('old', undef, 'wal_level = replica');
my $number = 0;
my $major = $node->pg_version->major;

# Calls as the plugin user of the provider's side, counted by a rule that lets them pass
$ap->control('rule any user=provider times=1000000 delay=1');
sub calls { return 1_000_000 - $ap->stats->{'rule-uses-left'}; }

# What the cluster gave out: transactions, and locks of several (pg_upgrade reads them first of all)
sub counters
{
	my ($bindir) = @_;
	my ($stdout) = run_command([ "$bindir/pg_controldata", $node->data_dir ]);
	return { $stdout =~ /^Latest checkpoint's (NextXID|NextMultiXactId|NextMultiOffset):\s+(\S+)/mg };
}

# The rows of every table of the extension and the registry
my $counts = q{
	SELECT string_agg(format('%s.%s %s', table_schema, table_name,
			(xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', table_schema, table_name), false, true, '')))[1]), E'\n'
			ORDER BY table_schema, table_name)
	  FROM information_schema.tables WHERE table_schema IN ('ootspg', 'ootspg_internal', 'registry') AND table_type = 'BASE TABLE'};

# Its own server, and newer ones that the extension is built for here
sub servers
{
	my %servers = ($major => $node->config_data('--bindir'));

	for my $config (glob '/usr/lib/postgresql/*/bin/pg_config')
	{
		my ($newer) = `$config --version` =~ /^PostgreSQL (\d+)/;
		next if $newer <= $major || $newer > 18 || !-f `$config --includedir-server` =~ s/\n//r . '/postgres.h';
		my $place = PostgreSQL::Test::Utils::tempdir("server$newer");
		my $private = "$place/server" . `$config --bindir` =~ s/\n//r . '/pg_config';
		system_or_bail('test/bin/private-server', $config, "$place/server");
		mkdir "$place/tree" or die $!;
		system_or_bail('sh', '-c', "tar --exclude=test/build --exclude='*.o' --exclude='*.so' -cf - . | tar -C '$place/tree' -xf -");
		system_or_bail('make', '-s', '-C', "$place/tree", "PG_CONFIG=$private", $_) for qw(all install);
		$servers{$newer} = `$private --bindir` =~ s/\n//r;
	}
	return %servers;
}

# The server stops, and three requests wait at the access point
sub pending
{
	my @requests = map { request_bytes($node, ++$number) } 1 .. 3;
	$node->stop('fast');
	return map { send_request($ap, $_) } @requests;
}

# Half dropped, a database takes no connections: nobody tries
$node->safe_psql('postgres', $_) for 'CREATE DATABASE half', q{UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'half'}, 'CREATE DATABASE whole';
my %oid = map { split /\|/ } split /\n/, $node->safe_psql('postgres', q{SELECT datname, oid FROM pg_database WHERE datname IN ('half', 'whole')});
$node->append_conf('postgresql.conf', 'log_min_messages = debug1');
my $log = -s $node->logfile;
$node->restart;
$node->wait_for_log(qr/starting background worker process "ootspg exchange worker for database $oid{whole}"/, $log);
unlike(slurp_file($node->logfile, $log), qr/exchange worker for database $oid{half}"/, 'no worker for a database that was half dropped');
$node->safe_psql('postgres', $_) for 'DROP DATABASE half', 'DROP DATABASE whole';
$node->append_conf('postgresql.conf', 'log_min_messages = warning');
$node->restart;

is(wait_answer($ap, ask($node, $ap, ++$number))->{action}, 'ExecuteQueryResponse', 'a request is answered');
$node->safe_psql('postgres', 'SELECT ootspg.maintain()');
wait_sql($node, q{SELECT count(*) = 1 AND bool_and(state = 'delivered') FROM ootspg.outbox}, 'it is done with');

# A repair in single-user mode
my @requests = pending();
my $before = counters($node->config_data('--bindir'));
my $called = calls();
{
	my ($stdout, $stderr) = ('', '');
	my $input = "SELECT state FROM ootspg_internal.worker_state() AS s(exchange_worker, answer_workers, state)\n";
	IPC::Run::run([ $node->config_data('--bindir') . '/postgres', '--single', '-j', '-D', $node->data_dir, 'postgres' ], '<', \$input, '>', \$stdout, '2>', \$stderr);
	like($stdout, qr/no workers: this server runs in single-user mode/, 'single-user mode: it says that there are no workers') or diag($stderr);
}
is_deeply(counters($node->config_data('--bindir')), $before, '… and nothing was given out');
is(calls(), $called, '… nor the access point called');
$node->command_ok([ 'postgres', '-C', 'shared_memory_size', '-D', $node->data_dir ], 'a setting is asked for without a server');

my %servers = servers();
for my $version (sort { $a <=> $b } keys %servers)
{
	my $bindir = $servers{$version};
	my $new = PostgreSQL::Test::Cluster->new("new$version", install_path => $bindir =~ s{/bin$}{}r);
	my $rows;

	$node->start;
	# both have checksums, or none: from 18 on initdb has them on
	my @checksums = $version >= 18 && $node->safe_psql('postgres', 'SHOW data_checksums') eq 'off' ? '--no-data-checksums' : ();
	wait_answer($ap, $_) for @requests;
	wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, "to $version: all is delivered");
	@requests = pending();
	$before = counters($node->config_data('--bindir'));
	$called = calls();
	$new->init(extra => [ '-U', 'postgres', '-E', 'UTF8', '--locale=C.UTF-8', @checksums ]);
	# the workers' settings are as they are where people serve: all on
	$new->append_conf('postgresql.conf', "shared_preload_libraries = 'ootspg'\nmax_worker_processes = 16\nootspg.key_directory = '" . $node->basedir . "/keys'");
	chdir $new->basedir or die $!;
	$new->command_ok(
		[ "$bindir/pg_upgrade", '--no-sync', '-U', 'postgres', '-b', $node->config_data('--bindir'), '-B', $bindir, '-d', $node->data_dir, '-D', $new->data_dir,
			'-s', $new->host, '-p', $node->port, '-P', $new->port ], "to $version: pg_upgrade");
	chdir $ENV{TESTDATADIR} . '/../tree' or die $!;
	is_deeply(counters($node->config_data('--bindir')), $before, '… nothing was given out in the old cluster');
	is(calls(), $called, '… nor the access point called');

	# the old one tells what must be in the new one, without workers
	$node->append_conf('postgresql.conf', 'ootspg.exchange = off');
	$node->start;
	$rows = $node->safe_psql('postgres', $counts);
	$node->stop('fast');
	$node->append_conf('postgresql.conf', 'ootspg.exchange = on');
	$new->append_conf('postgresql.conf', 'ootspg.exchange = off');
	$new->start;
	is($new->safe_psql('postgres', $counts), $rows, '… the same rows');
	$new->safe_psql('postgres', 'CREATE EXTENSION amcheck');
	is($new->safe_psql('postgres', q{SELECT count(bt_index_check(c.oid, true)) > 50 FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE a.amname = 'btree' AND c.relkind = 'i' AND c.relpersistence = 'p'}),
		't', '… sound indexes');
	is($new->safe_psql('postgres', q{SELECT count(*) FROM pg_index WHERE NOT indisvalid}), '0', '… all of them valid');
	$new->append_conf('postgresql.conf', 'ootspg.exchange = on');
	$new->reload;
	wait_sql($new, q{SELECT state = 'silent' FROM ootspg.status}, '… silent until somebody says go');
	$new->safe_psql('postgres', 'SELECT ootspg.resume()');
	is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', '… then what waited is answered') for @requests;
	wait_sql($new, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, '… and delivered');
	is(scalar(answers($ap)), 0, '… once');
	@requests = ();
	$new->stop('fast');
}
$ap->stop;
done_testing();
