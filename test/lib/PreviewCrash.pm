# PreviewCrash: an exchange whose user decides in between, and whose processes are killed at each step of that: the worker
# that answers, the worker that ends what is over, the session that the user's click runs in, the postmaster. Whoever was
# cut off does again what anybody would: the workers by themselves, the user by clicking once more. Afterwards each
# request has one answer, the preview one final state, the audit the whole of it.
#
#	my $crash = PreviewCrash->new('crash');
#	$crash->preview($_, 'process') for $crash->preview_steps;
package PreviewCrash;

use strict;
use warnings FATAL => 'all';

use parent -norequire, 'CrashTest';

use AccessPoint;
use CrashTest;
# what is imported must not hide a method of CrashTest
use ExchangeTest qw(send_request wait_answer answers);
use MIME::Base64 qw(decode_base64);
use PostgreSQL::Test::Utils qw(slurp_file);
use RegistryTest qw(start_sql finish_sql);

my $patience = $PostgreSQL::Test::Utils::timeout_default;
my $browser = 'b' x 43;

# A lock keeps waiter waiting at the stage. order: which of second request and decision comes first; late: the time is over.
# doubtful: two persons match, and the user signs in once more, before anything is built.
my @steps = (
	{ name => 'first request, building', stage => 'first', order => 'held', lock => 'registry.award IN ACCESS EXCLUSIVE', waiter => 'answering worker' },
	{ name => 'first request, putting aside', stage => 'first', order => 'decided', lock => 'ootspg_internal.preview_content IN SHARE ROW EXCLUSIVE', waiter => 'answering worker' },
	{ name => 'first request, commit of the link', stage => 'first', order => 'held', lock => 'ootspg_internal.outbox_part IN SHARE ROW EXCLUSIVE', waiter => 'answering worker' },
	{ name => 'the user begins', stage => 'open', order => 'held', lock => 'ootspg.exchange_event IN SHARE ROW EXCLUSIVE', waiter => 'session' },
	{ name => 'second request, being held', stage => 'second', order => 'held', lock => 'ootspg_internal.preview_content IN SHARE ROW EXCLUSIVE', waiter => 'answering worker' },
	{ name => 'decision, erasing what is refused', stage => 'decide', order => 'held', lock => 'ootspg_internal.preview_content IN SHARE ROW EXCLUSIVE', waiter => 'session' },
	{ name => 'decision, commit of the answer', stage => 'decide', order => 'held', lock => 'ootspg_internal.outbox_part IN SHARE ROW EXCLUSIVE', waiter => 'session' },
	{ name => 'decision before the second request', stage => 'decide', order => 'decided', lock => 'ootspg.evidence_event IN SHARE ROW EXCLUSIVE', waiter => 'session' },
	{ name => 'second request after the decision', stage => 'second', order => 'decided', lock => 'ootspg_internal.outbox_part IN SHARE ROW EXCLUSIVE', waiter => 'answering worker' },
	{ name => 'first request in doubt, commit of the link', stage => 'first', order => 'held', doubtful => 1, lock => 'ootspg_internal.outbox_part IN SHARE ROW EXCLUSIVE', waiter => 'answering worker' },
	{ name => 'signing in, the registry is asked once more', stage => 'sign in', order => 'held', doubtful => 1, lock => 'registry.award IN ACCESS EXCLUSIVE', waiter => 'session' },
	{ name => 'signing in, putting aside what is found', stage => 'sign in', order => 'decided', doubtful => 1, lock => 'ootspg_internal.preview_content IN SHARE ROW EXCLUSIVE', waiter => 'session' },
	{ name => 'end of the time', stage => 'expire', order => 'late', lock => 'ootspg.exchange_event IN SHARE ROW EXCLUSIVE', waiter => 'exchange worker' },
	{ name => 'end of the time, commit of the answer', stage => 'expire', order => 'late', lock => 'ootspg_internal.outbox_part IN SHARE ROW EXCLUSIVE', waiter => 'exchange worker' });

my %waits = ('exchange worker' => q{backend_type = 'ootspg exchange'}, 'answering worker' => q{backend_type = 'ootspg answer'}, session => q{backend_type = 'client backend' AND query LIKE '%ootspg.preview_%'});

sub new
{
	my ($class, $name, @settings) = @_;
	my $self = CrashTest::new($class, $name, @settings);
	my $node = $self->{node};

	$node->safe_psql('postgres', 'ALTER DEFAULT PRIVILEGES IN SCHEMA registry GRANT SELECT ON TABLES TO answerer');
	$node->safe_psql('postgres', slurp_file("test/fixtures/$_.sql")) for 'ask', 'preview';
	$node->safe_psql('postgres', q{CREATE ROLE space LOGIN; SELECT ootspg.grant_duty('space', 'preview');
		INSERT INTO registry.award SELECT code, n, 'medal ' || n FROM registry.person, generate_series(1, 3) n WHERE birthplace = 'Ventspils';
		UPDATE ootspg.preview_space SET authentication = 'proxy', matching_key = (ootspg.new_matching_key()).public_key;
		UPDATE ootspg.evidence_type SET reauthentication = 'on ambiguity' WHERE evidence_type = 'award';
		SELECT setval('asked', 500000000000)});	# CrashTest has given the ids before
	return $self;
}

sub preview_steps { return @steps; }

# The user's click, until it has been heard: the page afterwards
sub click
{
	my ($self, $call) = @_;
	my $page;

	$self->wait_for('the click is heard', sub { defined($page = $self->sql("SET SESSION AUTHORIZATION space; SELECT ootspg.$call->>'page'")) });
	return $page;
}

# The request of either kind as its requester sends it
sub send_award
{
	my ($self, $preview, $more) = @_;
	my $bytes;

	$more .= q{, subject => test_person('Kalniņš', 'Pēteris', '1992-03-03', NULL, 'High')} if $preview->{doubtful};
	$self->wait_for('the requester writes a request', sub { defined($bytes = $self->sql("SELECT encode(award_request('oots-edm:v2.0'$more), 'base64')")) });
	my $request = send_request($self->{ap}, decode_base64($bytes), conversation => $preview->{conversation},
		properties => { ExchangeId => $preview->{exchange}, SpecificationId => 'oots-edm:v2.0' });
	die "request refused: $request->{reason}" if $request->{fault};
	return $request->{request_id};
}

# What each stage is, in the order of the kinds: who begins it goes on by itself, or by another click.
my %stages = (
	first => sub { my ($self, $p) = @_; $p->{first} = $self->send_award($p, ''); },
	second => sub { my ($self, $p) = @_; $p->{second} = $self->send_award($p, qq{, more_slots => location_slot('https://preview.example.lv/p/$p->{link}') || return_slot('oots-edm:v2.0')}); },
	open => sub { my ($self, $p) = @_; return "preview_open('$p->{link}', '$browser')"; },
	'sign in' => sub {
		my ($self, $p) = @_;
		return "preview_authenticate('$p->{link}', '$browser', '{\"family_name\": \"KALNINS\", \"given_name\": \"Peteris\", \"date_of_birth\": \"1992-03-03\", \"place_of_birth\": \"VENTSPILS\", \"level\": \"High\", \"source\": \"test\"}')";
	},
	decide => sub { my ($self, $p) = @_; return "preview_decide('$p->{link}', '$browser', '{1,3}', '{2}')"; },
	expire => sub {
		my ($self, $p) = @_;
		$self->wait_for('the clock is put on', sub { defined $self->sql(q{UPDATE ootspg_internal.preview_session SET ends_at = clock_timestamp() - interval '1 ms' WHERE state = 'open'}) });
	});

# Kill whoever waits for the lock in this stage, or the postmaster; true if there was one to kill
sub die_in_stage
{
	my ($self, $step, $kind, $preview) = @_;
	my $act = $stages{ $step->{stage} };
	my ($lock, $session, $done);

	# the lock would keep the exchange worker from fetching more as long as it has others to acknowledge or to deliver
	$self->wait_for('all that was before is done', q{NOT EXISTS (SELECT FROM ootspg.outbox WHERE state <> 'delivered') AND NOT EXISTS (SELECT FROM ootspg.inbox WHERE acknowledged_at IS NULL)});
	$lock = start_sql($self->{node}, 'postgres', "BEGIN; LOCK TABLE $step->{lock} MODE; SELECT pg_sleep($patience);");
	$self->wait_for('the lock is held', q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND wait_event = 'PgSleep'});
	if ($step->{waiter} eq 'session')
	{
		$session = start_sql($self->{node}, 'postgres', 'SET SESSION AUTHORIZATION space; SELECT ootspg.' . $act->($self, $preview));
	}
	else
	{
		$act->($self, $preview);
	}
	$self->wait_for("$step->{waiter} waits at $step->{name}", qq{SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $waits{ $step->{waiter} }});
	if ($kind eq 'postmaster' || $step->{waiter} ne 'session')
	{
		$done = $self->kill_now($kind eq 'postmaster' ? $kind : $step->{waiter});
	}
	else
	{
		my $pid = $self->sql("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND $waits{session}");
		$done = kill 'KILL', $pid;
		$self->wait_for('the death is noticed', sub { !kill 0, $pid });
		$self->{killed}{session}++;
	}
	for ($lock, $session) { finish_sql($_) if $_; }
	$self->wait_worker;
	return $done;
}

sub stage
{
	my ($self, $stage, $step, $kind, $preview) = @_;
	my $dies = $step->{stage} eq $stage;

	$preview->{killed} = $self->die_in_stage($step, $kind, $preview) if $dies;
	return $self->click($stages{$stage}->($self, $preview)) if $stage =~ /^(open|sign in|decide)$/;
	$stages{$stage}->($self, $preview) unless $dies;
	return;
}

# The answer to a request of the preview, and that there is one alone
sub answer_to
{
	my ($self, $preview, $id) = @_;
	my $answer = wait_answer($self->{ap}, $preview, $patience);

	$preview->{wrong} .= " answer to another request" if ($answer->{request_id} // '') ne $id;
	return $answer;
}

# preview(step, kind): plays one through, with a death at the step; what was wrong in words, '' for nothing
sub preview
{
	my ($self, $step, $kind) = @_;
	my %preview = (exchange => AccessPoint::uuid(), conversation => AccessPoint::uuid(), wrong => '', doubtful => $step->{doubtful});
	my @stages = $step->{order} eq 'decided' ? ('open', 'decide', 'second') : ('open', 'second', $step->{order} eq 'held' ? 'decide' : ());
	splice @stages, 1, 0, 'sign in' if $step->{doubtful};
	my $held = q{SELECT count(*) = 1 FROM ootspg.inbox WHERE state = 'held'};
	my $answer;

	$self->wait_worker;
	$self->stage('first', $step, $kind, \%preview);
	$answer = $self->answer_to(\%preview, $preview{first});
	($preview{link}) = $answer->{parts}[0]{content} =~ m{<rim:Value>https://preview\.example\.lv/p/([\w-]{43})<} or return 'no link';
	for my $stage (@stages)
	{
		$self->stage($stage, $step, $kind, \%preview);
		$self->wait_for('the second request is held', $held) if $stage eq 'second' && $step->{order} ne 'decided';
	}
	if ($step->{order} eq 'late')
	{
		$preview{killed} = $self->die_in_stage($step, $kind, \%preview);
	}
	$answer = $self->answer_to(\%preview, $preview{second});
	my $files = join ' ', map { $_->{content} =~ /(medal \d)/ } @{ $answer->{parts} };
	$preview{wrong} .= " answered $answer->{action} with $files"
	  if "$answer->{action} $files" ne ($step->{order} eq 'late' ? 'ExceptionResponse ' : 'ExecuteQueryResponse medal 1 medal 1 medal 3 medal 3');
	$preview{wrong} .= ' nobody was killed' unless $preview{killed};
	$self->wait_for('all is delivered', q{SELECT NOT EXISTS (SELECT FROM ootspg.outbox WHERE state <> 'delivered')});
	$preview{wrong} .= ' another answer' if answers($self->{ap});
	return $preview{wrong} . $self->preview_faults(\%preview, $step);
}

# Rows and trail of a preview that are not what they should be
sub preview_faults
{
	my ($self, $preview, $step) = @_;
	my ($late, $held) = ($step->{order} eq 'late', $step->{order} ne 'decided');
	my ($signed_in, $matched) = $step->{doubtful} ? ('preview_authenticated=1 ', 'preview_matched=1 ') : ('', '');
	my %expected = (
		first => "match=1 message_acknowledged=1 message_received=1 ${signed_in}preview_" . ($late ? 'expired=1' : 'decided=1') . " ${matched}preview_offered=1 preview_visited=1 request_received=1",
		second => ($late ? 'error_built=1 ' : '') . 'message_acknowledged=1 message_received=1 ' . ($held ? 'request_held=1 ' : '') . 'request_received=1' . ($late ? '' : ' response_built=1'),
		state => $late ? 'expired' : 'answered', kept => 'return', outbox => '1 1',
		decisions => $late ? 'left_without_decision=6' : 'approved=4 rejected=2');
	my $of = sub { qq{(SELECT exchange_id FROM ootspg.exchange WHERE request_id = '$_[0]')} };
	my $trail = sub { qq{(SELECT string_agg(event_type || '=' || n, ' ' ORDER BY event_type) FROM (SELECT event_type, count(*) AS n FROM ootspg.exchange_event WHERE exchange_id = $_[0] AND event_type !~ '^message_(submitted|doubtful)' GROUP BY 1) e)} };
	my ($first, $second) = map { $of->($preview->{$_}) } 'first', 'second';
	my @found = split /\|/, $self->{node}->safe_psql('postgres', qq{
		SELECT @{[ $trail->($first) ]}, @{[ $trail->($second) ]}, s.state, (SELECT string_agg(kind, ' ') FROM ootspg_internal.preview_content c WHERE c.session_id = s.session_id),
			   (SELECT count(*) FROM ootspg.outbox WHERE exchange_id = $first) || ' ' || (SELECT count(*) FROM ootspg.outbox WHERE exchange_id = $second),
			   (SELECT string_agg(decision || '=' || n, ' ' ORDER BY decision) FROM (SELECT decision, count(*) AS n FROM ootspg.evidence_event WHERE exchange_id = $first GROUP BY 1) d)
		  FROM ootspg_internal.preview_session s WHERE s.exchange_id = $first});
	my $wrong = '';

	for my $what ('first', 'second', 'state', 'kept', 'outbox', 'decisions')
	{
		my $got = shift @found // '';
		$wrong .= " $what: $got" if $got ne $expected{$what};
	}
	return $wrong;
}

1;
