# The preview the whole way: both requests enter the access point, the user decides in between by what a preview space
# calls, both answers leave it. Either may come first, the server may fall in between, and the time may be over: there
# is exactly one answer, and nothing of the evidence stays.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($node, $ap) = exchange_node('preview');
$node->safe_psql('postgres', 'ALTER DEFAULT PRIVILEGES IN SCHEMA registry GRANT SELECT ON TABLES TO answerer');
$node->safe_psql('postgres', slurp_file('test/fixtures/ask.sql'));
$node->safe_psql('postgres', slurp_file('test/fixtures/preview.sql'));
$node->safe_psql('postgres', q{
	UPDATE registry.award SET body = 'CanaryMedal' || number;
	CREATE ROLE space LOGIN; SELECT ootspg.grant_duty('space', 'preview')});

my $browser = 'b' x 43;
my @links;

# What a preview space calls, as its role
sub space
{
	my ($call) = @_;
	return $node->safe_psql('postgres', "SELECT $call", extra_params => [ '-U', 'space' ]);
}

sub send_award
{
	my ($line, $arguments, %message) = @_;
	my $bytes = decode_base64($node->safe_psql('postgres', "SELECT encode(award_request('oots-edm:$line'$arguments), 'base64')"));
	$message{properties} = { ExchangeId => $message{exchange}, SpecificationId => 'oots-edm:v2.0' } if $line eq 'v2.0';
	delete $message{exchange};
	return send_request($ap, $bytes, %message);
}

# The first request and its answer; a hash of what belongs together
sub first_request
{
	my ($line) = @_;
	my %preview = (line => $line, exchange => AccessPoint::uuid(), conversation => AccessPoint::uuid());
	my $answer = wait_answer($ap, send_award($line, '', %preview{qw(exchange conversation)}));

	($preview{link}) = $answer->{parts}[0]{content} =~ m{<rim:Value>https://preview\.example\.lv/p/([\w-]{43})<};
	is("$answer->{action} $answer->{code} " . scalar @{ $answer->{parts} }, 'ExceptionResponse EDM:ERR:0002 1', "$line: a link, and no evidence");
	push @links, $preview{link};
	return \%preview;
}

sub second_request
{
	my ($preview) = @_;
	my $request = send_award($preview->{line}, ", more_slots => location_slot('https://preview.example.lv/p/$preview->{link}') || return_slot('oots-edm:$preview->{line}')",
		%$preview{qw(exchange conversation)});
	return $preview->{second} = $request->{request_id};
}

sub open_link { my ($preview) = @_; return space("ootspg.preview_open('$preview->{link}', '$browser')->>'page'"); }
sub decide { my ($preview, $use, $refuse) = @_; return space("ootspg.preview_decide('$preview->{link}', '$browser', '$use', '$refuse')->>'page'"); }
sub wait_held { wait_sql($node, q{SELECT count(*) > 0 FROM ootspg.inbox WHERE state = 'held'}, 'the second request is held'); return; }

# The answer to the second request, with the files that it should have
sub answer_is
{
	my ($preview, $action, $files, $name) = @_;
	my $answer = wait_answer($ap, $preview);

	is("$answer->{action} $answer->{request_id}", "$action $preview->{second}", "$name: answered, for the second request");
	is(join(' ', map { $_->{content} =~ /(CanaryMedal\d)/ } @{ $answer->{parts} }), $files, "$name: with all and only what was accepted");
	return $answer;
}

for my $line ('v1.0', 'v1.2', 'v2.0')
{
	my $preview = first_request($line);
	second_request($preview);
	wait_held();
	is(open_link($preview), 'list', "$line: the user looks");
	is(decide($preview, '{1,3}', '{2}'), 'done', "$line: and decides");
	answer_is($preview, 'ExecuteQueryResponse', 'CanaryMedal1 CanaryMedal1 CanaryMedal3 CanaryMedal3', "$line, decision last");
	wait_sql($node, q{SELECT count(*) = 0 FROM ootspg.inbox WHERE state = 'held'}, 'nothing is held any more');

	$preview = first_request($line);
	open_link($preview);
	is(decide($preview, '{2}', '{1,3}'), 'waiting', "$line: decided before the second request");
	second_request($preview);
	answer_is($preview, 'ExecuteQueryResponse', 'CanaryMedal2 CanaryMedal2', "$line, second request last");
	wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, 'delivered');
	is(space("ootspg.preview_look('$preview->{link}', '$browser')->>'page'"), 'done', "$line: the user sees that it is done");
}

# Nothing accepted, an unknown link
my $nothing = first_request('v2.0');
second_request($nothing);
open_link($nothing);
wait_held();
decide($nothing, '{}', '{1,2,3}');
my $empty = answer_is($nothing, 'ExecuteQueryResponse', '', 'nothing accepted');
is(scalar @{ $empty->{parts} }, 1, 'nothing accepted: an empty list alone');
second_request($nothing);
my $refused = wait_answer($ap, $nothing);
is($refused->{code}, 'EDM:ERR:0003', 'a link that was used is not taken again');
unlike($refused->{parts}[0]{content}, qr/preview\.example/, '… nor repeated');

# Counted once, whenever the answer came: what is held has none yet
is($node->safe_psql('postgres', q{SELECT outcome, sum(answers) FROM ootspg.exchange_counters GROUP BY 1 ORDER BY 1}),
	$node->safe_psql('postgres', q{SELECT outcome, count(*) FROM ootspg.exchange WHERE NOT system_check AND outcome <> 'held' GROUP BY 1 ORDER BY 1}), 'those who watch see each answer once');

# The server falls while a request is held, and after a decision that waits
my @survivors = (first_request('v1.2'), first_request('v2.0'));
second_request($survivors[0]);
wait_held();
open_link($_) for @survivors;
decide($survivors[1], '{1,2,3}', '{}');
$node->stop('immediate');
$node->start;
is(decide($survivors[0], '{1}', '{2,3}'), 'done', 'after a crash: a held request is answered by the decision');
answer_is($survivors[0], 'ExecuteQueryResponse', 'CanaryMedal1 CanaryMedal1', 'held over a crash');
second_request($survivors[1]);
answer_is($survivors[1], 'ExecuteQueryResponse', join(' ', map { ("CanaryMedal$_") x 2 } 1 .. 3), 'decided before a crash');

# The time is over: one EDM:ERR:0005 by the worker, also where it was over while the server was down
my @late = map { first_request($_) } ('v1.2', 'v2.0');
open_link($late[0]);
second_request($_) for @late;
wait_sql($node, q{SELECT count(*) = 2 FROM ootspg.inbox WHERE state = 'held'}, 'both are held');
$node->safe_psql('postgres', q{UPDATE ootspg_internal.preview_session SET ends_at = clock_timestamp() WHERE state IN ('issued', 'open')});
$node->stop('immediate');
$node->start;
for my $preview (@late)
{
	my $answer = answer_is($preview, 'ExceptionResponse', '', "$preview->{line}, too late");
	is($answer->{code}, 'EDM:ERR:0005', "$preview->{line}, too late: EDM:ERR:0005");
	unlike($answer->{parts}[0]{content}, qr/Preview/, "$preview->{line}, too late: nothing of the preview");
}
is(decide($late[0], '{1,2,3}', '{}'), 'over', 'a decision after that is void');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT decision, ' ') FROM ootspg.evidence_event e JOIN ootspg.exchange x ON x.first_exchange_id = e.exchange_id WHERE x.error_code = 'EDM:ERR:0005'}),
	'left_without_decision', 'every piece is left without decision');

# A drained access point finishes what is held before it pauses
my $running = first_request('v2.0');
second_request($running);
open_link($running);
wait_held();
$node->safe_psql('postgres', 'SELECT ootspg.drain()');
decide($running, '{1}', '{2,3}');
answer_is($running, 'ExecuteQueryResponse', 'CanaryMedal1 CanaryMedal1', 'while draining');
wait_sql($node, q{SELECT state = 'paused' FROM ootspg.status WHERE access_point = 'ap'}, 'then it pauses');
is($node->safe_psql('postgres', q{SELECT max(e.event_time) > max(x.answered_at) FROM ootspg.access_point_event e, ootspg.exchange x WHERE e.event_type = 'paused' AND x.first_exchange_id IS NOT NULL}), 't', '… and not before');
$node->safe_psql('postgres', 'SELECT ootspg.resume()');

# One answer for each request, one final state, the whole audit
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT exchange_id FROM ootspg.outbox GROUP BY exchange_id HAVING count(*) > 1) twice}), '0', 'no exchange was answered twice');
is($node->safe_psql('postgres', q{SELECT count(*) FROM ootspg.exchange WHERE state = 'held'}), '0', 'none is left open');
is($node->safe_psql('postgres', q{
		SELECT string_agg(DISTINCT trail, E'\n' ORDER BY trail) FROM (SELECT string_agg(event_type, ' ' ORDER BY event_id) AS trail FROM ootspg.exchange_event e JOIN ootspg.exchange x USING (exchange_id)
			WHERE x.first_exchange_id IS NOT NULL GROUP BY e.exchange_id) t}), <<'END' =~ s/\n\z//r, 'the trails of second requests');
message_received request_received request_held error_built message_submitted message_acknowledged
message_received request_received request_held response_built message_submitted message_acknowledged
message_received request_received response_built message_submitted message_acknowledged
END

# After answer and expiry nothing of evidence or link is found: tables, dump, log. The link stands in the audit, in the
# messages that had it, and nowhere else.
$node->safe_psql('postgres', $_) for 'DELETE FROM registry.award', 'VACUUM FULL registry.award', 'VACUUM FULL pg_catalog.pg_statistic';
wait_sql($node, q{SELECT bool_and(state IN ('delivered', 'expired')) FROM ootspg.outbox}, 'all is delivered');
$node->safe_psql('postgres', $_) for (map { "VACUUM FULL ootspg_internal.$_" } qw(outbox_part inbox_part preview_session preview_content)), 'CHECKPOINT';
my $dump = $node->basedir . '/dump.sql';
$node->command_ok([ 'pg_dump', '-f', $dump, $node->connstr('postgres') ], 'dumped');
my $text = slurp_file($dump);
unlike($text, qr/CanaryMedal/, 'no evidence in the dump');
unlike($text, qr/preview_content/, 'no previews in the dump');
my $log = slurp_file($node->logfile);
unlike($log, qr/CanaryMedal\d/, 'no evidence in the log');
my @files = grep { -f } glob($node->data_dir . '/base/*/*');
my $audit = join '|', split /\n/, $node->safe_psql('postgres', q{
	SELECT pg_relation_filepath(c.oid) FROM pg_class c WHERE pg_relation_filepath(c.oid) IS NOT NULL
		AND (c.relname ~ '^(exchange|evidence)_event' OR c.oid IN (SELECT r.reltoastrelid FROM pg_class r WHERE r.relname ~ '^(exchange|evidence)_event'))});
# compression breaks what is random every eight bytes at most: seven of a link in a row are enough
my $link = join '|', map { my $whole = $_; map { substr $whole, $_, 7 } 0 .. 36 } @links;
my $in_audit = 0;
for my $file (@files)
{
	my $bytes = slurp_file($file);
	fail("evidence in $file") if $bytes =~ /CanaryMedal/;
	my $found = $bytes =~ /$link/;
	$in_audit += $found if $file =~ /(?:$audit)$/;
	fail("a link in $file") if $found && $file !~ /(?:$audit)$/;
}
ok($in_audit > 0, 'the audit has links, in the messages that had them');
ok(@files > 100, 'all files were looked at');

$node->stop;
$ap->stop;
done_testing();
