# Previews at all of their steps when the primary is gone: the standby that is promoted goes on where each of them was, and
# there is one answer to each request. And what a copy has of them: of evidence that the user refused, or left without a
# decision, not one byte, in no file and no WAL of either server; of what was accepted what delivery needs, as long as it
# does; the link in the audit, as the messages have it.
use strict;
use warnings FATAL => 'all';

use ExchangeTest;
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my ($primary, $ap) = exchange_node('primary', undef, 'wal_level = replica', 'max_wal_senders = 4', 'hot_standby = on', 'autovacuum = off', 'wal_keep_size = 1GB', 'wal_compression = off',
	"log_statement = 'none'", 'log_min_error_statement = panic', q{ootspg.site = 'riga'});
my $node = $primary;
$node->safe_psql('postgres', 'ALTER DEFAULT PRIVILEGES IN SCHEMA registry GRANT SELECT ON TABLES TO answerer');
$node->safe_psql('postgres', slurp_file('test/fixtures/ask.sql'));
$node->safe_psql('postgres', slurp_file('test/fixtures/preview.sql'));
# what is looked for is made by the view: the registry's own tables, and their WAL, have it in two halves
$node->safe_psql('postgres', q{
	CREATE OR REPLACE VIEW registry.award_evidence AS
		SELECT a.code AS person_id, DATE '2026-01-01' + a.number AS issuing_date, a.number AS piece_order, 'LV'::text AS language, 'Xk9' || '-' || a.body AS title,
			   jsonb_build_object('number', a.number, 'for', 'Qz7' || '-' || a.body) AS json, pdf_of('Qz7' || '-' || a.body) AS pdf
		  FROM registry.award a;
	UPDATE registry.award SET body = (ARRAY['accepted', 'refused', 'refused'])[number];
	CREATE ROLE space LOGIN; SELECT ootspg.grant_duty('space', 'preview')});
my $heir = PostgreSQL::Test::Cluster->new('heir');
$primary->backup('base');
$heir->init_from_backup($primary, 'base', has_streaming => 1);
$heir->start;

my $browser = 'b' x 43;
sub space { my ($call) = @_; return $node->safe_psql('postgres', "SELECT ootspg.$call", extra_params => [ '-U', 'space' ]); }
sub page { my ($preview) = @_; return space("preview_look('$preview->{link}', '$browser')->>'page'"); }
sub open_link { my ($preview) = @_; return space("preview_open('$preview->{link}', '$browser')->>'page'"); }
sub decide { my ($preview) = @_; return space("preview_decide('$preview->{link}', '$browser', '{1}', '{2,3}')->>'page'"); }

sub send_award
{
	my ($preview, $more) = @_;
	my $bytes = decode_base64($node->safe_psql('postgres', "SELECT encode(award_request('oots-edm:v2.0'$more), 'base64')"));
	return send_request($ap, $bytes, conversation => $preview->{conversation}, properties => { ExchangeId => $preview->{exchange}, SpecificationId => 'oots-edm:v2.0' });
}

sub first_request
{
	my %preview = (exchange => AccessPoint::uuid(), conversation => AccessPoint::uuid());
	send_award(\%preview, '');
	($preview{link}) = wait_answer($ap, \%preview)->{parts}[0]{content} =~ m{<rim:Value>https://preview\.example\.lv/p/([\w-]{43})<};
	return \%preview;
}

sub second_request { my ($preview) = @_; return send_award($preview, ", more_slots => location_slot('https://preview.example.lv/p/$preview->{link}') || return_slot('oots-edm:v2.0')"); }

sub answer_is
{
	my ($preview, $expected, $name) = @_;
	my $answer = wait_answer($ap, $preview);
	is(join(' ', $answer->{code} // $answer->{action}, map { $_->{content} =~ /(Qz7-\w+)/ } @{ $answer->{parts} }), $expected, $name);
	return;
}

# One preview at each of its steps
my %at = map { $_ => first_request() } 'issued', 'open', 'held', 'decided', 'over', 'done';
open_link($at{$_}) for 'open', 'held', 'decided', 'done';
second_request($at{$_}) for 'held', 'over', 'done';
wait_sql($node, q{SELECT count(*) = 3 FROM ootspg.inbox WHERE state = 'held'}, 'second requests are held');
is(decide($at{done}), 'done', 'one is answered');
answer_is($at{done}, 'ExecuteQueryResponse Qz7-accepted Qz7-accepted', '… with what was accepted');
is(decide($at{decided}), 'waiting', 'one is decided');
wait_sql($node, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, 'all is delivered');
$node->safe_psql('postgres', q{UPDATE ootspg_internal.preview_session s SET ends_at = clock_timestamp() + interval '1 hour'});
$primary->wait_for_catchup($heir, 'replay', $primary->lsn('insert'));

# A standby shows what is there, and changes nothing
$node = $heir;
is(join(' ', map { page($at{$_}) } 'issued', 'open', 'held', 'decided', 'done'), 'welcome list list waiting done', 'the standby knows them');
is($heir->safe_psql('postgres', "SELECT convert_from(content, 'UTF8') ~ 'Qz7-accepted' FROM ootspg.preview_part('$at{open}{link}', '$browser', 1, 2)"), 't', '… and shows a document to who has the link');
is(sqlstate($heir, 'postgres', "SELECT ootspg.preview_decide('$at{open}{link}', '$browser', '{1}', '{2,3}')"), '25006', '… but takes no decision');

$primary->stop('immediate');
$heir->promote;
$heir->safe_psql('postgres', qq{UPDATE ootspg_internal.preview_session s SET ends_at = clock_timestamp() FROM ootspg_internal.preview_session x
	WHERE s.session_id = x.session_id AND s.link_digest = ootspg_internal.preview_digest('$at{over}{link}')});
is(decide($at{held}), 'done', 'promoted: what was held is answered by the decision');
answer_is($at{held}, 'ExecuteQueryResponse Qz7-accepted Qz7-accepted', '… with what was accepted');
second_request($at{decided});
answer_is($at{decided}, 'ExecuteQueryResponse Qz7-accepted Qz7-accepted', 'promoted: what was decided is answered when the second request comes');
second_request($at{open});
decide($at{open});
answer_is($at{open}, 'ExecuteQueryResponse Qz7-accepted Qz7-accepted', 'promoted: whoever looked goes on');
is(open_link($at{issued}), 'list', 'promoted: a link that nobody had opened works');
answer_is($at{over}, 'EDM:ERR:0005', 'promoted: what was over is ended');
$heir->safe_psql('postgres', q{UPDATE ootspg_internal.preview_session SET ends_at = clock_timestamp() WHERE state = 'open'});
wait_sql($heir, q{SELECT bool_and(state IN ('answered', 'expired')) FROM ootspg_internal.preview_session}, 'each has its end');
wait_sql($heir, q{SELECT bool_and(state = 'delivered') FROM ootspg.outbox}, 'all is delivered');
is(scalar answers($ap), 0, 'no request has a second answer');
is($heir->safe_psql('postgres', q{SELECT count(*) FROM (SELECT exchange_id FROM ootspg.outbox GROUP BY 1 HAVING count(*) > 1) twice}), '0', '… nor was one made');
is($heir->safe_psql('postgres', q{SELECT string_agg(decision || ' ' || n, ', ' ORDER BY decision) FROM (SELECT decision, count(*) AS n FROM ootspg.evidence_event GROUP BY 1) d}),
	'approved 8, left_without_decision 12, rejected 16', 'every piece has one decision in the audit');
is($heir->safe_psql('postgres', q{SELECT count(*) FROM ootspg_internal.preview_content WHERE kind <> 'return'}), '0', 'nothing is kept but the way back');

# What is left on disks: files of both servers after what vacuum does, and all WAL since the beginning
$heir->safe_psql('postgres', $_) for (map { "VACUUM FULL ootspg_internal.$_" } qw(outbox_part inbox_part preview_session preview_content)), 'VACUUM FULL pg_catalog.pg_statistic', 'CHECKPOINT';
my $audit = join '|', split /\n/, $heir->safe_psql('postgres', q{
	SELECT pg_relation_filepath(c.oid) FROM pg_class c WHERE pg_relation_filepath(c.oid) IS NOT NULL
		AND (c.relname ~ '^(exchange|evidence)_event' OR c.oid IN (SELECT r.reltoastrelid FROM pg_class r WHERE r.relname ~ '^(exchange|evidence)_event'))});
my $dump = $heir->basedir . '/dump.sql';
$heir->command_ok([ 'pg_dump', '-f', $dump, $heir->connstr('postgres') ], 'dumped');
my (%files, %found);
for my $server ($primary, $heir)
{
	my $name = $server->name;
	$files{"$name: files"} = [ grep { -f } glob($server->data_dir . '/base/*/*') ];
	$files{"$name: WAL"} = [ grep { /[0-9A-F]{24}$/ } glob($server->data_dir . '/pg_wal/*') ];
	$files{"$name: log"} = [ $server->logfile ];
}
$files{dump} = [$dump];
# compression breaks what is random every eight bytes at most: seven of a link in a row are enough
my $link = join '|', map { my $whole = $_->{link}; map { substr $whole, $_, 7 } 0 .. 36 } values %at;
$link = qr/$link/;
for my $where (sort keys %files)
{
	ok(scalar @{ $files{$where} }, "$where: there are");
	for my $file (@{ $files{$where} })
	{
		my $bytes = slurp_file($file);
		my $in_audit = $file =~ /(?:$audit)$/;
		$found{$where}{$1}++ while $bytes =~ /(Qz7-acc|Qz7-ref|Xk9-ref)/g;
		$found{$where}{title}++ if !$in_audit && $bytes =~ /Xk9-acc/;
		$found{$where}{link}++ if !$in_audit && $bytes =~ $link;
		$found{audit}++ if $in_audit && $bytes =~ $link;
	}
}
ok(!$found{$_}{'Qz7-ref'} && !$found{$_}{'Xk9-ref'}, "$_: nothing of what was refused or left") for sort keys %files;
ok(!$found{$_}{'Qz7-acc'}, "$_: nothing of what was accepted either") for grep { !/WAL|primary: files/ } sort keys %files;
ok(!$found{$_}{title} && !$found{$_}{link}, "$_: no title and no link outside the audit") for grep { !/WAL|primary: files|dump/ } sort keys %files;
# the counter-test: what is searched for is found where it has to be, so that the search can find
ok($found{'heir: WAL'}{'Qz7-acc'} && $found{'heir: WAL'}{link} && $found{audit}, 'WAL has what was on its way, and WAL and audit the link in messages, as the manual says');

$heir->stop;
$ap->stop;
done_testing();
