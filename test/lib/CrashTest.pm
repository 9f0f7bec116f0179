# CrashTest: an exchange whose processes are killed, at a chosen step of the recipes
# (access point §5) or at any moment, and whose connections are cut; and the judgement
# afterwards: every request has one answer, every message one end, every audit is whole.
#
#	my $crash = CrashTest->new('crash');
#	$crash->use_personality('5.1.1');
#	$crash->at_step($_, 'exchange worker') for $crash->steps;
#	$crash->cut($_) for $crash->cuts;
#	$crash->random_kill;
#	$crash->settle;
#	$crash->check('what it was about');
package CrashTest;

use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest qw(exchange_node request_bytes send_request answers);
use IPC::Run;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;
use Time::HiRes;

my $patience = $PostgreSQL::Test::Utils::timeout_default;

# What the exchange worker asks each kind of server. declared: 5.1.1 does not show itself
# by its answers, and is told from 5.1.0 by configuration only.
my %personalities = (
	'5.0' => { declared => '5.0', status => 'getStatus' },
	'5.1.0' => { declared => '5.1.0', status => 'getStatusWithAccessPointRole' },
	'5.1.1' => { declared => '5.1.1', mark => 1, status => 'getStatusWithAccessPointRole' },
	'5.2.1' => { declared => 'probe', mark => 1, status => 'getStatusWithAccessPointRole' });

# The numbered steps of the recipes. Either the access point keeps a call waiting (rule,
# RETRIEVE, MARK and STATUS being what the personality calls so), or a lock keeps a worker
# waiting (lock, waiter); with both, the lock comes while the call waits. alone: the lock
# would keep the exchange worker from fetching more as long as it has others to deliver.
# "slow": the operation is done, its answer does not arrive.
my @steps = (
	{ name => '5.1 (1) list', rule => 'listPendingMessages hang' },
	{ name => '5.1 (2) retrieve, not done', rule => 'RETRIEVE hang' },
	{ name => '5.1 (2) retrieve, done, half an answer', rule => 'RETRIEVE slow=500' },
	{ name => '5.1 (3) commit of what came', lock => 'LOCK TABLE ootspg_internal.inbox_history IN SHARE ROW EXCLUSIVE MODE', waiter => 'exchange worker' },
	{ name => '5.1 (4) acknowledge, not done', rule => 'MARK hang', acknowledges => 1 },
	{ name => '5.1 (4) acknowledge, done, no answer', rule => 'MARK slow=20', acknowledges => 1 },
	{ name => '5.1 (4) commit of the acknowledgement', rule => 'MARK delay=3000', acknowledges => 1,
		lock => 'LOCK TABLE ootspg_internal.inbox_history IN SHARE ROW EXCLUSIVE MODE', waiter => 'exchange worker' },
	{ name => '5.1 (5) answering', lock => 'LOCK TABLE registry.person IN ACCESS EXCLUSIVE MODE', waiter => 'answering worker' },
	{ name => '5.3 (1) commit of the answer', alone => 1, lock => 'LOCK TABLE ootspg_internal.outbox_part IN SHARE ROW EXCLUSIVE MODE', waiter => 'answering worker' },
	{ name => '5.3 (1) taking what is to be sent', held_back => 1, lock => 'LOCK TABLE ootspg_internal.outbox_queue IN SHARE MODE', waiter => 'exchange worker' },
	{ name => '5.3 (2) submit, not done', rule => 'submitMessage hang' },
	{ name => '5.3 (2) submit, done later than anybody waits', rule => 'submitMessage delay=1500' },
	{ name => '5.3 (2) submit, done, no answer', rule => 'submitMessage slow=20' },
	{ name => '5.3 (2) commit of "submitted"', rule => 'submitMessage delay=3000',
		lock => 'LOCK TABLE ootspg_internal.outbox_queue IN SHARE ROW EXCLUSIVE MODE', waiter => 'exchange worker' },
	{ name => '5.3 (3) asking for a lost submission', first => 'submitMessage cut-after', rule => 'STATUS hang' },
	{ name => '5.3 (4) following', rule => 'STATUS hang' },
	{ name => '5.3 (4) commit of the final status', rule => 'STATUS delay=3000',
		lock => 'LOCK TABLE ootspg_internal.outbox_queue IN SHARE ROW EXCLUSIVE MODE', waiter => 'exchange worker' });

my %backend_types = ('exchange worker' => 'ootspg exchange', 'answering worker' => 'ootspg answer');

# new(name, settings…): a cluster that starts again after a crash, an access point that
# remembers. A call may take so long that who waits for its lease to end waits in vain.
sub new
{
	my ($class, $name, @settings) = @_;
	my ($node, $ap) = exchange_node($name, undef, 'restart_after_crash = on', 'fsync = off', 'autovacuum = off', 'shared_buffers = 16MB', @settings);
	my $self = bless { node => $node, ap => $ap, name => $name, number => 0, asked => {}, answers => {}, killed => {}, cut => 0, extra => 0 }, $class;

	$self->{template} = request_bytes($node, 0, 'postgres');
	$node->safe_psql('postgres', q{UPDATE ootspg.access_point SET resubmit_after = '1 s', stall_timeout = '10 s'});
	return $self;
}

# sql(statement): its output, or undef while the server can't be asked
sub sql
{
	my ($self, $statement) = @_;
	my ($stdout, $stderr);
	# it dies when the server goes away in the middle
	my $status = eval { $self->{node}->psql('postgres', $statement, stdout => \$stdout, stderr => \$stderr, on_error_die => 0) };
	return defined $status && $status == 0 ? $stdout : undef;
}

# wait_for(what, condition): the condition is code, or SQL of a boolean
sub wait_for
{
	my ($self, $what, $condition) = @_;
	my $code = ref $condition ? $condition : sub { ($self->sql("SELECT coalesce(($condition), false)") // '') eq 't' };
	my $fine = eval { $self->{ap}->wait_until($what, $code, $patience); };

	return $fine if $fine;
	diag("$self->{name}, after ", $self->kills, " kills: waited too long: $what");
	diag($self->sql(q{SELECT 'inbox', state, (acknowledged_at IS NOT NULL)::text, last_error, reason, count(*) FROM ootspg.inbox GROUP BY 1, 2, 3, 4, 5
		UNION ALL SELECT 'outbox', state, NULL, last_error, reason, count(*) FROM ootspg.outbox GROUP BY 1, 2, 3, 4, 5}) // 'the server cannot be asked');
	diag('rule-uses-left ', eval { $self->{ap}->stats->{'rule-uses-left'} } // 'unknown');
	die "waited too long: $what";
}

# What there was counts no more for check(); the exchange goes on with another kind of server.
sub use_personality
{
	my ($self, $personality) = @_;

	$self->{personality} = $personalities{$personality} // die $personality;
	$self->{consuming} = $personality eq '5.0';
	$self->{ap}->control("personality $personality");
	$self->{node}->safe_psql('postgres', qq{
		UPDATE ootspg_internal.access_point_state SET plugin = NULL;
		UPDATE ootspg.access_point SET server = '$self->{personality}{declared}'});
	$self->{since} = $self->{node}->safe_psql('postgres', 'SELECT coalesce(max(inbox_id), 0) FROM ootspg.inbox');
	@$self{ 'asked', 'answers' } = ({}, {});
	return;
}

# Requests of the birth evidence of one person, each with an id of its own
sub ask
{
	my ($self, $count) = @_;

	for (1 .. $count // 1)
	{
		my $id = sprintf '00000000-0000-4000-8000-%012d', ++$self->{number};
		my $bytes = $self->{template} =~ s/00000000-0000-4000-8000-000000000000/$id/gr;
		my $request = send_request($self->{ap}, $bytes);
		die "request refused: $request->{reason}$request->{broken}" if $request->{fault};
		$self->{asked}{ $request->{request_id} } = $request;
	}
	return;
}

# What has come to the requester, counted by what it answers
sub collect
{
	my ($self) = @_;

	push @{ $self->{answers}{ $_->{request_id} // '' } }, $_ for answers($self->{ap});
	return scalar keys %{ $self->{answers} };
}

# The children of a process and what they call themselves, dead ones left out: without
# SQL, because the server may be down.
sub children
{
	my ($parent) = @_;
	my %children;

	for my $directory (glob '/proc/[0-9]*')
	{
		open my $in, '<', "$directory/status" or next;
		my $status = join '', <$in>;
		next unless $status =~ /^PPid:\s*$parent$/m and $status !~ /^State:\s*Z/m;
		open $in, '<', "$directory/cmdline" or next;
		$children{ substr $directory, length '/proc/' } = <$in> // '';
	}
	return %children;
}

sub processes
{
	my ($self, $kind) = @_;
	my %children = children($self->{node}{_pid});
	return grep { $children{$_} =~ /\Q$backend_types{$kind}\E/ } keys %children;
}

# After a death: the server takes connections, and its exchange worker is there.
sub wait_worker
{
	my ($self) = @_;
	$self->wait_for('the exchange worker lives', q{SELECT exchange_worker IS NOT NULL AND state = 'running' FROM ootspg_internal.worker_state()});
	return;
}

# The children of a postmaster that was killed end by themselves; the next one must wait for them,
# and for somebody to have taken note of its own death.
sub kill_postmaster
{
	my ($self) = @_;
	my $postmaster = $self->{node}{_pid};
	my @family = ($postmaster, keys %{ { children($postmaster) } });

	$self->{node}->kill9;
	$self->wait_for('the processes of the server end', sub { !kill 0, @family });
	$self->{node}->start;
	return;
}

# kill_now(kind): of exchange worker, answering worker, postmaster, access point; true if there was one to kill
sub kill_now
{
	my ($self, $kind) = @_;

	if ($kind eq 'access point')
	{
		$self->{ap}->kill9;
		$self->{ap}->launch;
	}
	elsif ($kind eq 'postmaster')
	{
		$self->kill_postmaster;
	}
	else
	{
		my @pids = $self->processes($kind);
		my $pid = $pids[ rand @pids ] // return 0;
		kill 'KILL', $pid or return 0;
		$self->wait_for('the death is noticed', sub { !kill 0, $pid });
	}
	$self->{killed}{$kind}++;
	return 1;
}

# The steps that this personality has
sub steps
{
	my ($self) = @_;
	return grep { !$self->{consuming} or !$_->{acknowledges} } @steps;
}

# A rule of the access point for what our side calls
sub rule
{
	my ($self, $rule) = @_;
	my ($operation, $action) = split ' ', $rule;
	my $mark = $self->{personality}{mark} ? 'markMessageAsDownloaded' : 'retrieveMessage';
	my %names = (RETRIEVE => 'retrieveMessage', MARK => $mark, STATUS => $self->{personality}{status});
	# where the second retrieval is the acknowledgement, the first one passes
	my $skip = $operation eq 'MARK' && !$self->{personality}{mark} ? 'skip=1 ' : '';

	$operation = $names{$operation} // $operation;
	$self->{ap}->control("rule $operation user=provider $skip$action");
	return;
}

sub wait_rules
{
	my ($self) = @_;
	$self->wait_for('the rules of the access point are used', sub { $self->{ap}->stats->{'rule-uses-left'} == 0 });
	return;
}

sub set_sending
{
	my ($self, $value) = @_;
	$self->{node}->safe_psql('postgres', "ALTER SYSTEM SET ootspg.send = $value");
	$self->{node}->safe_psql('postgres', 'SELECT pg_reload_conf()');
	return;
}

# What was being read when a worker ended is read before the next one ends: twice would mean that the message is to blame,
# and it would go to quarantine.
sub wait_read
{
	my ($self) = @_;
	return if $self->{consuming};
	$self->wait_for('what was being read is read', q{
		SELECT NOT EXISTS (SELECT FROM ootspg_internal.reading_attempt r, pg_stat_activity a
			WHERE a.backend_type = 'ootspg exchange' AND (r.attempts > 1 OR r.begun_at < a.backend_start))});
	return;
}

# at_step(step, kind): kill that process when an exchange is at that step. A lock is held by
# a session of its own, which ends with the server.
sub at_step
{
	my ($self, $step, $kind) = @_;
	my $lock;
	my $lock_it = sub {
		$lock = start_sql($self->{node}, 'postgres', "BEGIN; $step->{lock}; SELECT pg_sleep($patience);");
		$self->wait_for('the lock is held', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'});
	};

	$self->wait_worker;
	$self->{ap}->control('rules-clear');
	$self->wait_read;
	# also what an earlier death keeps waiting for its next attempt
	my $asked = keys %{ $self->{asked} };
	$self->wait_for('all that was before is delivered', qq{NOT EXISTS (SELECT FROM ootspg.outbox WHERE state <> 'delivered')
		AND (SELECT count(*) >= $asked AND count(*) FILTER (WHERE state IN ('fetching', 'waiting')) = 0 FROM ootspg.inbox WHERE inbox_id > $self->{since})}) if $step->{alone};
	$self->rule($step->{first}) if $step->{first};
	$self->rule($step->{rule}) if $step->{rule};
	if ($step->{held_back})
	{
		$self->set_sending('off');
		$self->ask(3);
		$self->wait_for('an answer is there', q{SELECT count(*) > 0 FROM ootspg.outbox WHERE state = 'waiting'});
		$lock_it->();
		$self->set_sending('on');
	}
	elsif ($step->{lock} and !$step->{rule})
	{
		$lock_it->();
		$self->ask(3);
	}
	else
	{
		$self->ask(3);
		$self->wait_rules;
		$lock_it->() if $step->{lock};
	}
	$self->wait_for("$step->{waiter} waits at $step->{name}",
		qq{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = '$backend_types{$step->{waiter}}' AND wait_event_type = 'Lock'})
	  if $step->{waiter};
	my $done = $self->kill_now($kind eq 'worker' ? $step->{waiter} // 'exchange worker' : $kind);
	finish_sql($lock) if $lock;
	return $done;
}

# The cuts of connections, as rules
sub cuts
{
	my ($self, @operations) = @_;

	@operations = ('listPendingMessages', 'RETRIEVE', 'MARK', 'submitMessage', 'STATUS') unless @operations;
	@operations = grep { $_ ne 'MARK' } @operations if $self->{consuming};
	return map { my $operation = $_; map { "$operation $_" } 'cut-before', 'cut-after', 'cut-midway' } @operations;
}

# cut(rules): all of them, on the way of a handful of exchanges
sub cut
{
	my ($self, @cuts) = @_;

	$self->{ap}->control('rules-clear');
	$self->rule($_) for @cuts;
	$self->ask(8);
	$self->wait_rules;
	$self->{cut} += @cuts;
	return;
}

# The requester's side of a load: so many requests without an answer, at least.
sub keep_busy
{
	my ($self, $open) = @_;
	my $missing;

	$self->collect;
	$missing = $open - (keys(%{ $self->{asked} }) - keys(%{ $self->{answers} }));
	$self->ask($missing) if $missing > 0;
	return;
}

# random_kill(): any of the four, or a cut, at any moment of the load; a moment is all that is waited.
sub random_kill
{
	my ($self) = @_;
	my @kinds = ('exchange worker', 'exchange worker', 'answering worker', 'answering worker', 'access point', 'access point', 'postmaster', 'cut');
	my $kind = $kinds[ rand @kinds ];

	$self->wait_read;
	Time::HiRes::sleep(rand 0.15);
	if ($kind eq 'cut')
	{
		my @cuts = $self->cuts;
		$self->rule($cuts[ rand @cuts ]);
		$self->{cut}++;
		return 1;
	}
	return $self->kill_now($kind);
}

# Nothing is left to do on either side. In tests of servers that hand a message over once
# only, messages in quarantine have come to their end, too.
sub settle
{
	my ($self) = @_;
	my $done = $self->{consuming} ? q{i.state IN ('answered', 'quarantined')} : q{i.state = 'answered' AND i.acknowledged_at IS NOT NULL};
	my $asked = keys %{ $self->{asked} };

	$self->{ap}->control('rules-clear');
	$self->wait_for('everything is done', qq{
		SELECT (SELECT count(*) >= $asked AND bool_and($done) FROM ootspg.inbox i WHERE i.inbox_id > $self->{since})
		   AND NOT EXISTS (SELECT FROM ootspg.outbox o WHERE o.state <> 'delivered')
		   AND (SELECT count(*) FROM ootspg.outbox o JOIN ootspg.inbox i USING (exchange_id) WHERE i.inbox_id > $self->{since})
			 = (SELECT count(*) FROM ootspg.inbox i WHERE i.inbox_id > $self->{since} AND i.state = 'answered')});
	$self->wait_for('the access point has delivered everything', sub { $self->collect; $self->{ap}->stats->{'pending.AP_DE_01'} == 0 });
	return;
}

# judge(): { asked, answered, lost, doubled, foreign, refused, unrecoverable, broken }: numbers of
# requests, and of exchanges whose rows or trail are not what they should be.
sub judge
{
	my ($self) = @_;
	my %judgement = map { $_ => 0 } qw(asked answered lost doubled foreign refused unrecoverable broken);
	my %lost = map { $_->{message_id} => 1 } values %{ $self->{asked} };

	$judgement{asked} = keys %{ $self->{asked} };
	for my $id (keys %{ $self->{answers} })
	{
		my @answers = @{ $self->{answers}{$id} };
		$judgement{foreign}++ unless $self->{asked}{$id};
		$judgement{doubled}++ if @answers > 1;
		$judgement{refused}++ if grep { $_->{action} ne 'ExecuteQueryResponse' } @answers;
		$judgement{answered}++;
		delete $lost{ $self->{asked}{$id}{message_id} } if $self->{asked}{$id};
	}
	if ($self->{consuming})
	{
		# named to the operator, and nothing of it is here: the only end of a lost answer that is not a loss in silence
		my @named = split /\n/, $self->{node}->safe_psql('postgres', qq{
			SELECT message_id FROM ootspg.inbox i WHERE inbox_id > $self->{since} AND state = 'quarantined' AND reason LIKE '%recover it there'
			   AND (SELECT array_agg(event_type) FROM ootspg.exchange_event e WHERE e.exchange_id = i.exchange_id) = '{message_quarantined}'});
		$judgement{unrecoverable} = grep { delete $lost{$_} } @named;
	}
	$judgement{lost} = keys %lost;
	$judgement{broken} = $self->{node}->safe_psql('postgres', qq{
		SELECT count(*) FROM ootspg.inbox i LEFT JOIN LATERAL (
			   SELECT string_agg(event_type, ' ' ORDER BY event_id) FILTER (WHERE event_type <> 'message_doubtful') AS trail,
					  count(*) FILTER (WHERE event_type = 'response_built') AS built
				 FROM ootspg.exchange_event e WHERE e.exchange_id = i.exchange_id) e ON true
		 WHERE i.inbox_id > $self->{since} AND i.state <> 'quarantined'
		   AND ((SELECT count(*) FROM ootspg.exchange x WHERE x.exchange_id = i.exchange_id) <> 1
				OR (SELECT count(*) FROM ootspg.outbox o WHERE o.exchange_id = i.exchange_id AND o.state = 'delivered' AND o.final_at IS NOT NULL) <> 1
				OR EXISTS (SELECT FROM ootspg_internal.inbox_part p WHERE p.inbox_id = i.inbox_id)
				OR EXISTS (SELECT FROM ootspg_internal.outbox_part p JOIN ootspg.outbox o USING (outbox_id) WHERE o.exchange_id = i.exchange_id)
				OR e.built <> 1
				OR e.trail !~ '^message_received request_received match preview_not_required response_built( message_submitted)? message_acknowledged\$')})
	  + $self->{node}->safe_psql('postgres', qq{
		SELECT abs((SELECT count(*) FROM ootspg.exchange) - (SELECT count(*) FROM ootspg.inbox))
			 + (SELECT count(*) FROM (SELECT message_id FROM ootspg.inbox GROUP BY 1 HAVING count(*) > 1) m)});
	return \%judgement;
}

# check(what): the judgement as tests
sub check
{
	my ($self, $what) = @_;
	my $judgement = $self->judge;

	is($judgement->{lost}, 0, "$what: none of $judgement->{asked} requests is lost");
	is($judgement->{doubled} + $judgement->{foreign}, 0, "$what: none has more than one answer");
	is($judgement->{refused}, 0, "$what: every answer is evidence");
	is($judgement->{broken}, 0, "$what: every message has its one end, every exchange its whole trail");
	is($self->{node}->safe_psql('postgres', 'SELECT count(*) FROM ootspg_internal.reading_attempt'), '0', "$what: no message is noted that has its end");
	note("$what: $judgement->{unrecoverable} lost by the access point, each one named") if $self->{consuming};
	return $judgement;
}

sub kills { my ($self) = @_; my $sum = $self->{cut}; $sum += $_ for values %{ $self->{killed} }; return $sum; }

sub kills_by_kind
{
	my ($self) = @_;
	return join ', ', (map { "$_ $self->{killed}{$_}" } sort keys %{ $self->{killed} }), "cut $self->{cut}";
}

sub stop { my ($self) = @_; $self->{node}->stop; $self->{ap}->stop; return; }

1;
