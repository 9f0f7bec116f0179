# Providers of one database are apart: each request is answered by a process that is the role of its provider, whatever its header
# says, once; and a role that has become more than one that answers runs nobody's code.
use strict;
use warnings FATAL => 'all';

use AccessPoint;
use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('answer_roles');
my $number = 0;

sub sql
{
	return $node->safe_psql('postgres', shift);
}

my $scheme = 'urn:cef.eu:names:identifier:EAS:9939';
my %identifier = (civil => 'LV90000000001', traffic => 'LV90000000002', nobody => 'LV90000000009');

# A request for a provider, with a header that names one too
sub send_to
{
	my ($body, $header) = @_;
	my $service = $body eq 'traffic' ? 'b1c2d3e4-2222-4333-8444-000000000001' : 'b1c2d3e4-2222-4333-8444-555566667777';
	(my $bytes = request_bytes($node, ++$number . ", service => '$service'")) =~ s/LV90000000001/$identifier{$body}/;

	return send_request($ap, $bytes, properties => { finalRecipient => [ $identifier{ $header // $body }, $scheme ] });
}

# Who answered the request, how often, and who may have looked at it before
sub answered_by
{
	my ($request) = @_;
	return sql(qq{SELECT string_agg(concat_ws(' ', x.provider, e.written_by, x.outcome), ', ') FROM ootspg.exchange x JOIN ootspg.exchange_event e USING (exchange_id)
		WHERE x.message_id = '$request->{message_id}' AND e.event_type IN ('response_built', 'error_built', 'no_answer')});
}

# A second provider, whose people write what runs: it notes as whom, and what it gets of the first one's registry
sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	VALUES ('traffic', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000002', '{"EN": "Road Traffic"}', 'LV', 'traffic.example.lv', 'test');
	CREATE ROLE road_conf LOGIN; CREATE ROLE road_answers LOGIN; CREATE ROLE operator LOGIN;
	SELECT ootspg.grant_duty('road_conf', 'configure', 'traffic'), ootspg.grant_duty('road_answers', 'exchange', 'traffic'), ootspg.grant_duty('operator', 'operate');
	GRANT road_answers TO road_conf;
	CREATE SCHEMA road AUTHORIZATION road_conf;
	CREATE TABLE road.seen (number integer GENERATED ALWAYS AS IDENTITY, role text, what text);
	GRANT INSERT ON road.seen TO PUBLIC;
	GRANT USAGE ON SCHEMA road TO PUBLIC});
sql(q{SET SESSION AUTHORIZATION road_conf;
	CREATE FUNCTION road.spy() RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO road.seen (role, what) SELECT session_user, 'person ' || person_id FROM registry.people;
		RETURN 'Ozoliņš';
	EXCEPTION WHEN OTHERS THEN
		INSERT INTO road.seen (role, what) VALUES (session_user, SQLSTATE);
		RETURN 'Ozoliņš';
	END $$;
	CREATE VIEW road.people AS SELECT 'X' AS person_id, road.spy() AS family_name, 'Jānis' AS given_name, DATE '1990-01-01' AS date_of_birth;
	CREATE VIEW road.vehicles AS SELECT 'X' AS person_id, DATE '2020-01-01' AS issuing_date, pdf_of('vehicle') AS document;
	GRANT SELECT ON road.people, road.vehicles TO road_answers, answerer;
	INSERT INTO ootspg.evidence_type (evidence_type, provider, data_service, title, subject_source, procedures, level_of_assurance, preview)
	VALUES ('vehicle', 'traffic', 'b1c2d3e4-2222-4333-8444-000000000001', '{"EN": "Vehicle"}', 'road.people', '{R1}', 'Low', 'exempt');
	INSERT INTO ootspg.evidence_type_line VALUES ('vehicle', 'oots-edm:v1.2', 'https://sr.oots.tech.ec.europa.eu/evidencetypeclassifications/LV/c1d2e3f4-3333-4444-8555-666677778888');
	INSERT INTO ootspg.distribution (evidence_type, distribution, media_type, source) VALUES ('vehicle', 'pdf', 'application/pdf', 'road.vehicles');
	SELECT ootspg.activate('vehicle')});

# With one role for all, what road writes reads civil's registry; whoever says go is told
my ($stdout, $stderr);
$node->psql('postgres', 'SELECT ootspg.resume()', stderr => \$stderr, extra_params => [ '-U', 'operator' ]);
like($stderr, qr/WARNING:  role "answerer" answers for several providers: civil, traffic/, 'one role for several providers: resume() tells');
my $request = send_to('traffic');
is(wait_answer($ap, $request)->{action}, 'ExecuteQueryResponse', 'answered');
is(sql(q{SELECT DISTINCT role || ' ' || (what LIKE 'person %') FROM road.seen}), 'answerer true', '… with the rights given for all');

# Each its own
sql(q{TRUNCATE road.seen; SET SESSION AUTHORIZATION road_conf; UPDATE ootspg.provider SET answer_role = 'road_answers' WHERE provider = 'traffic'});
undef $stderr;
$node->psql('postgres', 'SELECT ootspg.resume()', stderr => \$stderr, extra_params => [ '-U', 'operator' ]);
is($stderr // '', '', 'a role each: resume() has nothing to tell');
my @requests = map { send_to(@$_) } ([ 'traffic' ], [ 'civil' ], [ 'traffic', 'civil' ], [ 'civil', 'traffic' ], [ 'traffic', 'nobody' ], [ 'civil', 'nobody' ]);
is(wait_answer($ap, $_)->{action}, 'ExecuteQueryResponse', 'answered') for @requests;
is(answered_by($requests[$_]), $_ % 2 == 0 ? 'traffic road_answers evidence' : 'civil answerer evidence', 'by the role of its provider, whatever the header names') for 0 .. 5;
is(sql('SELECT DISTINCT role, what FROM road.seen'), 'road_answers|42501', 'what road writes runs as road\'s role, and reads nothing of civil');
is(sql(q{SELECT string_agg(DISTINCT attempts::text, ' ') FROM ootspg.inbox}), '1', 'a message that is handed over uses up no attempt');
is(sql(q{SELECT count(*) FROM ootspg_internal.used_request}), scalar(@requests) + 1, '… and registers its id once');
# for nobody here: the access point's own role says so
$request = send_to('nobody');
wait_sql($node, qq{SELECT state = 'unanswerable' FROM ootspg.inbox WHERE message_id = '$request->{message_id}'}, 'a request for nobody here is unanswerable');
is(answered_by($request), 'answerer unanswerable', '… says the role of the access point');
is(sql(q{SELECT count(*) FROM ootspg_internal.used_request}), scalar(@requests) + 1, '… and uses no id up');

# A role without the duty for its provider: the others go on, its requests wait, and the status says for whom
sql(q{SELECT ootspg.revoke_duty('road_answers', 'exchange', 'traffic'), ootspg.grant_duty('road_answers', 'exchange', 'civil')});
my $reason = 'SELECT reason FROM ootspg.status';
is(sql($reason), 'role "road_answers" has not the duty to exchange for provider "traffic": requests wait', 'no duty: the status says so');
my $log = -s $node->logfile;
my $waits = send_to('traffic');
is(wait_answer($ap, send_to('civil'))->{action}, 'ExecuteQueryResponse', '… requests for others are answered');
is(sql(q{SELECT string_agg(concat_ws(' ', state, attempts), ', ') FROM ootspg.inbox WHERE state = 'waiting'}), 'waiting 0', '… its own waits without an attempt');
$ap->wait_until('the log tells', sub { slurp_file($node->logfile, $log) =~ /requests wait to be answered: role "road_answers" has not the duty to exchange for provider "traffic"/ });
sql(q{SELECT ootspg.grant_duty('road_answers', 'exchange', 'traffic'); SELECT ootspg_internal.wake_for_work()});
is(wait_answer($ap, $waits)->{action}, 'ExecuteQueryResponse', '… with the duty it is answered');
is(sql($reason), '', '… and the status has nothing to say');

# A view that the role may not read
sql(q{SELECT ootspg.revoke_duty('road_answers', 'exchange', 'civil'); REVOKE SELECT ON registry.people FROM answerer});
is(sql($reason), 'role "answerer" may not read registry.people, for evidence type "birth": requests get EDM:ERR:0008', 'a view that may not be read: the status names role and view');
undef $stderr;
$node->psql('postgres', 'SELECT ootspg.resume()', stderr => \$stderr);
like($stderr, qr/WARNING:  access point "ap": role "answerer" may not read registry\.people/, '… resume() does');
undef $stderr;
$node->psql('postgres', q{SELECT ootspg.activate('birth')}, stderr => \$stderr);
like($stderr, qr/ERROR:  role "answerer" has to answer but may not read registry\.people/, '… activate() does');
sql(q{CREATE ROLE app; SELECT ootspg.grant_duty('app', 'exchange', 'civil'); GRANT USAGE ON SCHEMA registry TO app; GRANT SELECT ON ALL TABLES IN SCHEMA registry TO app});
undef $stderr;
$node->psql('postgres', q{SELECT ootspg.activate('birth')}, stderr => \$stderr);
like($stderr, qr/WARNING:  role "answerer" of the workers may not read registry\.people/, '… and warns where another role may');
sql('GRANT SELECT ON registry.people TO answerer');

# A role that becomes more than one that answers, while its process is there
is(wait_answer($ap, send_to('civil'))->{action}, 'ExecuteQueryResponse', 'its process is there');
for my $more ([ 'ALTER ROLE answerer SUPERUSER', 'ALTER ROLE answerer NOSUPERUSER', 'role "answerer" is a superuser' ],
	[ 'GRANT pg_execute_server_program TO road_conf; GRANT road_conf TO answerer', 'REVOKE road_conf FROM answerer; REVOKE pg_execute_server_program FROM road_conf',
		'role "answerer" is a member of "pg_execute_server_program", which has more than it was granted' ])
{
	my ($given, $taken, $said) = @$more;
	$log = -s $node->logfile;
	sql($given);
	is(sql($reason), "$said: requests wait", "$given: the status says so");
	$waits = send_to('civil');
	$ap->wait_until('the log tells', sub { slurp_file($node->logfile, $log) =~ /requests wait to be answered: \Q$said\E/ });
	wait_sql($node, q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'ootspg answer' AND usename = 'answerer'}, '… its process leaves');
	is(sql(qq{SELECT state, attempts FROM ootspg.inbox WHERE message_id = '$waits->{message_id}'}), 'waiting|0', '… and has begun nothing');
	sql("$taken; SELECT ootspg_internal.wake_for_work()");
	is(wait_answer($ap, $waits)->{action}, 'ExecuteQueryResponse', '… taken from it, it answers');
}

# The row follows its role; a later role of the name is another
sql('ALTER ROLE road_answers RENAME TO road_service');
is(sql(q{SELECT answer_role FROM ootspg.provider WHERE provider = 'traffic'}), 'road_service', 'renamed, the role is in the row');
is(wait_answer($ap, send_to('traffic'))->{action}, 'ExecuteQueryResponse', '… and answers');
sql(q{REVOKE road_service FROM road_conf; DROP OWNED BY road_service; DROP ROLE road_service; CREATE ROLE road_service LOGIN;
	SELECT ootspg.grant_duty('road_service', 'exchange', 'traffic')});
is(sql($reason), 'role "road_answers" does not exist: requests wait', 'a role of its name is another; the row knows how it was called when it was named');
$waits = send_to('traffic');
is(wait_answer($ap, send_to('civil'))->{action}, 'ExecuteQueryResponse', '… others are answered');
is(sql(qq{SELECT state, attempts FROM ootspg.inbox WHERE message_id = '$waits->{message_id}'}), 'waiting|0', '… its requests wait');
sql(q{GRANT USAGE ON SCHEMA road TO road_service; GRANT SELECT ON road.people, road.vehicles TO road_service;
	UPDATE ootspg.provider SET answer_role = 'road_service' WHERE provider = 'traffic'; SELECT ootspg_internal.wake_for_work()});
is(wait_answer($ap, $waits)->{action}, 'ExecuteQueryResponse', '… until the row names it');

is(sql(q{SELECT count(*) FROM (SELECT message_id FROM ootspg.exchange WHERE state <> 'quarantined' GROUP BY message_id HAVING count(*) > 1) twice}), '0', 'nothing was answered twice');
is(sql(q{SELECT count(*) FROM ootspg.inbox WHERE state IN ('waiting', 'fetching', 'quarantined')}), '0', 'nothing is left');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP:|SQLSTATE XX/, 'no assertion failed');
$node->stop;
$ap->stop;
done_testing();
