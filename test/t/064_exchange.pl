# The whole way: a request enters the access point, its answer leaves it, nobody calls
# SQL. Every line, every personality of the server, inline and MTOM; what stays behind
# is the audit, and nothing of the evidence (D-SEC-06, D-LOG-10).
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('exchange');
my $number = 0;

for my $personality ('5.0', '5.1.0', '5.1.1', '5.2.1', 'harmony-2.2')
{
	for my $mtom ('off', 'on')
	{
		$ap->control("personality $personality", "mtom $mtom");
		# what was learned of another server does not hold for this one
		$node->safe_psql('postgres', q{UPDATE ootspg_internal.access_point_state SET plugin = NULL; SELECT ootspg.resume()});
		for my $line ('v1.0', 'v1.2', 'v2.0')
		{
			my %properties = $line eq 'v2.0' ? (ExchangeId => AccessPoint::uuid(), SpecificationId => 'oots-edm:v2.0') : ();
			my $request = ask($node, $ap, ++$number . ", 'oots-edm:$line', 'application/xml'", properties => \%properties);
			my $answer = wait_answer($ap, $request);
			my $what = "$personality, MTOM $mtom, $line";

			is($answer->{action}, 'ExecuteQueryResponse', "$what: an answer");
			is($answer->{request_id}, $request->{request_id}, "$what: to this request");
			is(scalar @{ $answer->{parts} }, $line eq 'v2.0' ? 2 : 3, "$what: with its parts");
			like($answer->{parts}[1]{content}, qr/BirthEvidence.*R-10001/s, "$what: the evidence is whole");
			is("$answer->{from} $answer->{to}", 'AP_LV_01 AP_DE_01', "$what: from us to them");
		}
	}
}
wait_sql($node, "SELECT count(*) = $number FROM ootspg.outbox WHERE state = 'delivered'", 'every answer is followed to its delivery');
wait_sql($node, 'SELECT bool_and(acknowledged_at IS NOT NULL) FROM ootspg.inbox', 'every request is acknowledged to the access point');
is($node->safe_psql('postgres', "SELECT count(*), count(DISTINCT exchange_id) FROM ootspg.inbox WHERE state = 'answered'"), "$number|$number", 'one exchange for each request');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg_internal.inbox_part'), '0', 'nothing of the requests stays but in the audit');
is($node->safe_psql('postgres', 'SELECT count(*) FROM ootspg_internal.outbox_part'), '0', 'nothing of the evidence stays at all');
is($node->safe_psql('postgres', q{
		SELECT DISTINCT string_agg(event_type, ' ' ORDER BY event_id) FROM ootspg.exchange_event GROUP BY exchange_id}),
	'message_received request_received match preview_not_required response_built message_submitted message_acknowledged',
	'the trail of every exchange');
is($node->safe_psql('postgres', 'SELECT DISTINCT written_by FROM ootspg.exchange_event WHERE event_type = $$match$$'), 'answerer', 'answered by the role for it');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP|terminated by signal/, 'no process crashed');

# A busy hour in small: many at once, by two answering workers
$ap->control('personality 5.2.1', 'mtom off');
my %asked = map { my $request = ask($node, $ap, ++$number); ($request->{request_id} => 1) } 1 .. 100;
my @answers;
$ap->wait_until('100 answers', sub { push @answers, answers($ap); @answers >= 100 });
is(scalar(grep { delete $asked{ $_->{request_id} } } @answers), 100, 'each of a hundred requests has its answer');
is(scalar @answers, 100, 'and only one');
is(scalar(grep { $_->{action} ne 'ExecuteQueryResponse' } @answers), 0, 'with evidence');

$node->stop;
$ap->stop;
done_testing();
