# Exchanges: whole exchanges through the loopback access point, and what they cost: CPU of each kind of process,
# commits, WAL, times. For exchange.pl and scale.pl, which run-bench starts; the server is found by the
# environment and has the registry of registry.sql and the requests of answer.sql; its workers run.
#
#	my $bench = Exchanges->new($key_directory, $postmaster);
#	my $cost = $bench->exchanges(1500, 50);		# of one exchange, 50 under way
#	print $cost->{exchange};					# CPU µs; see measure()
package Exchanges;

use strict;
use warnings FATAL => 'all';

use AccessPoint;
use Time::HiRes;

my $type = 'urn:oasis:names:tc:ebcore:partyid-type:unregistered:oots';
my $password = 'loopback-Password-1';
my $rinse = 8;					# exchanges that have the workers report what they counted

sub new
{
	my ($class, $key_directory, $postmaster) = @_;
	my $self = bless { keys => $key_directory, postmaster => $postmaster, requests => "$key_directory/../requests", number => 1 }, $class;

	$self->{ap} = AccessPoint->start;
	$self->{ap}->control('auth on', 'personality 5.2.1', 'retention 0 5000');
	$self->{ap}->party('provider', 'AP_LV_01', $type, $password);
	$self->{ap}->party('requester', 'AP_DE_01', $type, $password);
	$self->write_files;
	$self->connect;
	return $self;
}

sub stop { my ($self) = @_; $self->{ap}->stop; return; }

sub sql
{
	my ($self, $statement) = @_;
	open my $out, '-|', 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-c', $statement or die "psql: $!";
	my $text = join '', <$out>;
	close $out or die "psql failed: $statement";
	chomp $text;
	return $text;
}

sub write_files
{
	my ($self) = @_;
	my $credential = "$self->{keys}/credentials/ap.password";

	open my $file, '>', $credential or die "$credential: $!";
	print $file "$password\n";
	close $file or die $!;
	chmod 0600, $credential;
	open $file, '>', $self->{requests} or die "$self->{requests}: $!";
	print $file $self->sql(q{
		SELECT translate(encode(convert_to(replace(convert_from(body, 'UTF8'), id, '00000000-0000-4000-8000-000000000000'), 'UTF8'), 'base64'), E'\n', '')
		  FROM bench.request ORDER BY n LIMIT 500}), "\n";
	close $file or die $!;
	return;
}

sub connect
{
	my ($self) = @_;

	$self->sql(q{
		CREATE ROLE answerer LOGIN;
		SELECT ootspg.grant_duty('answerer', 'exchange');
		GRANT USAGE ON SCHEMA bench TO answerer;
		GRANT SELECT ON ALL TABLES IN SCHEMA bench TO answerer});
	$self->sql('INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role, user_name, password_uri, poll_interval) VALUES '
		  . "('ap', '" . $self->{ap}->url . "', 'AP_LV_01', '$type', 'answerer', 'provider', 'file:ap.password', '0.2 s')");
	$self->sql(q{SELECT ootspg.resume('ap')});
	return;
}

# CPU µs of a process, all its threads
sub cpu
{
	my ($pid) = @_;
	my $sum = 0;

	for my $file (glob "/proc/$pid/task/[0-9]*/schedstat")
	{
		open my $in, '<', $file or next;
		$sum += (split ' ', <$in> // 0)[0] / 1000;
	}
	return $sum;
}

# Kind of process and its CPU so far
sub cpu_by_kind
{
	my ($self) = @_;
	my %cpu = (loopback => cpu($self->{ap}{pid}), server => 0, exchange => 0, answer => 0);

	for my $file (glob '/proc/[0-9]*/status')
	{
		my ($pid) = $file =~ /(\d+)/;
		open my $in, '<', $file or next;
		next unless join('', <$in>) =~ /^PPid:\s*$self->{postmaster}$/m;
		open $in, '<', "/proc/$pid/cmdline" or next;
		my ($kind) = (<$in> // '') =~ /ootspg (exchange|answer)/;
		$cpu{ $kind // 'server' } += cpu($pid);
	}
	return \%cpu;
}

# What the server has counted. Processes tell at the end of a transaction, and not twice in a second.
sub counters
{
	my ($self) = @_;
	my $syncs = $self->sql('SHOW server_version_num') >= 180000 ? q{(SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal')} : 'w.wal_sync';
	my %counted;

	Time::HiRes::sleep(1.1);
	$self->requester($rinse, $rinse);
	$self->delivered;
	@counted{qw(fsyncs records bytes transactions)} = split /\|/, $self->sql(qq{
		SELECT $syncs, w.wal_records, pg_current_wal_insert_lsn() - '0/0', (SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database) FROM pg_stat_wal w});
	return \%counted;
}

# requester(count, open): CPU and elapsed µs of so many requests, so many of them under way at a time
sub requester
{
	my ($self, $count, $open) = @_;
	open my $out, '-|', 'test/build/requester', $self->{ap}->plain_url, "requester:$password", $self->{requests}, $self->{number}, $count, $open or die "requester: $!";
	my $line = <$out> // '';
	close $out or die 'the requester failed';
	$self->{number} += $count;
	return split ' ', $line;
}

sub delivered
{
	my ($self) = @_;
	$self->{ap}->wait_until('all is delivered', sub { $self->sql(q{SELECT count(*) FROM ootspg_internal.outbox_queue WHERE access_point = 'ap'}) eq '0' });
	return;
}

# Times in the life of messages younger than so many: of 1 000, later than 100 ms; µs at 50, 95 and 99 %
sub times
{
	my ($self, $mark, $from, $to) = @_;
	return split /\|/, $self->sql(qq{
		SELECT 1000 * avg((us > 1e5)::integer), percentile_disc(0.50) WITHIN GROUP (ORDER BY us), percentile_disc(0.95) WITHIN GROUP (ORDER BY us),
			   percentile_disc(0.99) WITHIN GROUP (ORDER BY us)
		  FROM (SELECT extract(epoch FROM $to - $from) * 1e6 AS us FROM ootspg.inbox i JOIN ootspg.outbox o USING (exchange_id) JOIN ootspg.exchange e USING (exchange_id)
				 WHERE i.inbox_id > $mark) t});
}

# exchanges(count, open): what one of so many cost. CPU µs of exchange, answer, server (its other processes), loopback and
# requester; elapsed µs; fsyncs, records and bytes of WAL, transactions; times from arrival: submission and answer, see times()
sub exchanges
{
	my ($self, $count, $open) = @_;
	my $counted = $self->counters;
	my $mark = $self->sql('SELECT coalesce(max(inbox_id), 0) FROM ootspg_internal.inbox_history');
	my $cpu = $self->cpu_by_kind;
	my %cost;

	@cost{qw(requester elapsed)} = map { $_ / $count } $self->requester($count, $open);
	$self->delivered;
	my $cpu_after = $self->cpu_by_kind;
	$cost{submission} = [ $self->times($mark, 'i.received_at', 'o.submitted_at') ];
	$cost{answer_times} = [ $self->times($mark, 'i.received_at', 'e.answered_at') ];
	my $counted_after = $self->counters;
	$cost{$_} = ($cpu_after->{$_} - $cpu->{$_}) / $count for keys %$cpu;
	$cost{$_} = ($counted_after->{$_} - $counted->{$_}) / ($count + $rinse) for keys %$counted;
	return \%cost;
}

sub poll_interval
{
	my ($self, $interval) = @_;
	$self->sql("UPDATE ootspg.access_point SET poll_interval = '$interval' WHERE access_point = 'ap'");
	return;
}

1;
