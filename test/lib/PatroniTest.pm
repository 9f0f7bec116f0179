# PatroniTest: two servers that Patroni watches over, with an etcd of their own. It decides who is primary; what a test kills
# it replaces, by itself.
#
#	plan skip_all => $missing if $missing = PatroniTest::missing();
#	my $watched = PatroniTest->new($primary, $standby);	# the primary's cluster, and a name for the other
#	my $leader = $watched->wait_leader;
package PatroniTest;

use strict;
use warnings FATAL => 'all';

use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Time::HiRes;

my @started;
my $last;

sub missing
{
	for my $program ('patroni', 'etcd')
	{
		return "no $program (Debian: patroni, etcd-server)" unless grep { -x "$_/$program" } split /:/, $ENV{PATH};
	}
	return undef;
}

# new(primary, standby): the first is a cluster that is stopped, the second one that is not there yet
sub new
{
	my ($class, @nodes) = @_;
	my $self = bless { http => HTTP::Tiny->new(timeout => 5), directory => PostgreSQL::Test::Utils::tempdir_short(), nodes => \@nodes }, $class;
	my ($client, $peer) = map { 'http://127.0.0.1:' . PostgreSQL::Test::Cluster::get_free_port() } 1, 2;

	$last = $self;
	$self->{etcd} = $client =~ s{^http://}{}r;
	run_aside($self->{directory}, 'etcd', 'etcd', '--name', 'test', '--data-dir', "$self->{directory}/etcd", '--listen-client-urls', $client, '--advertise-client-urls', $client,
		'--listen-peer-urls', $peer, '--initial-advertise-peer-urls', $peer, '--initial-cluster', "test=$peer", '--unsafe-no-fsync');
	$self->wait_for('etcd lives', sub { $self->{http}->get("$client/health")->{success} });
	$self->watch($nodes[0]);
	$self->wait_leader;
	# a crash is answered by the other server, not by a restart; what is committed is on both
	$self->set(loop_wait => 1, retry_timeout => 3, ttl => 20, synchronous_mode => JSON::PP::true, master_start_timeout => 0, primary_start_timeout => 0, maximum_lag_on_failover => 1 << 30);
	$self->watch($nodes[1]);
	$self->wait_pair;
	return $self;
}

# Starts a program that ends with the test
sub run_aside
{
	my ($directory, $name, @command) = @_;
	my $run = IPC::Run::start(\@command, '<', '/dev/null', '>', "$directory/$name.log", '2>&1');
	push @started, $run;
	return $run;
}

sub wait_for
{
	my ($self, $what, $condition) = @_;
	my $deadline = time + $PostgreSQL::Test::Utils::timeout_default;

	until ($condition->())
	{
		if (time > $deadline)
		{
			die join "\n", "waited too long: $what", map { slurp_file($_) } glob "$self->{directory}/*.log";
		}
		Time::HiRes::sleep(0.1);
	}
	return;
}

# Patroni for a server
sub watch
{
	my ($self, $node) = @_;
	my ($name, $port) = ($node->name, PostgreSQL::Test::Cluster::get_free_port());
	my $file = "$self->{directory}/$name.yml";

	$self->{rest}{$name} = "http://127.0.0.1:$port";
	# JSON is YAML, too
	PostgreSQL::Test::Utils::append_to_file($file, JSON::PP->new->encode({
		scope => 'register', name => $name,
		restapi => { listen => "127.0.0.1:$port", connect_address => "127.0.0.1:$port" },
		etcd3 => { host => $self->{etcd} },
		watchdog => { mode => 'off' },
		postgresql => {
			listen => '127.0.0.1:' . $node->port, connect_address => '127.0.0.1:' . $node->port,
			data_dir => $node->data_dir, bin_dir => $node->config_data('--bindir'), pgpass => "$self->{directory}/$name.pass",
			use_unix_socket => JSON::PP::true, use_pg_rewind => JSON::PP::true, remove_data_directory_on_diverged_timelines => JSON::PP::true,
			parameters => { unix_socket_directories => $node->host },
			authentication => { superuser => { username => 'postgres' }, replication => { username => 'postgres' }, rewind => { username => 'postgres' } } } }));
	run_aside($self->{directory}, $name, 'patroni', $file);
	return;
}

sub set
{
	my ($self, %settings) = @_;
	my ($rest) = values %{ $self->{rest} };
	my $json = JSON::PP->new->encode(\%settings);

	# settings are there to be changed a moment after the first primary is
	$self->wait_for('patroni takes its settings', sub { $self->{http}->request('PATCH', "$rest/config", { content => $json })->{success} });
	return;
}

sub is_it
{
	my ($self, $node, $what) = @_;
	return $self->{http}->get("$self->{rest}{ $node->name }/$what")->{success};
}

# wait_leader([who was it]): the cluster that is primary now, another one than that
sub wait_leader
{
	my ($self, $former) = @_;
	my $leader;

	$self->wait_for('there is a primary', sub {
		($leader) = grep { $self->{rest}{ $_->name } && (!$former || $_ != $former) && $self->is_it($_, 'primary') } @{ $self->{nodes} };
		return defined $leader });
	$leader->{_pid} = (split /\n/, slurp_file($leader->data_dir . '/postmaster.pid'))[0];
	return $leader;
}

# Both are there: the other one is a synchronous standby
sub wait_pair
{
	my ($self) = @_;
	$self->wait_for('the other server is a synchronous standby', sub { grep { $self->is_it($_, 'synchronous') } @{ $self->{nodes} } });
	return;
}

# The watchers before what they watch; each stops its server, of which Cluster needs to know no more
sub stop
{
	my ($self) = @_;

	for my $run (reverse @started)
	{
		$run->kill_kill(grace => $PostgreSQL::Test::Utils::timeout_default);
	}
	@started = ();
	undef $_->{_pid} for @{ $self->{nodes} };
	return;
}

END
{
	my $status = $?;
	$last->stop if $last && @started;
	$? = $status;
}

1;
