# What ootspg.status is made of: it tells one provider's people nothing of what all share, and waits for nobody who locks a table.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use RegistryTest;
use Test::More;

my $node = start_node('made_of');

sub sql { my ($sql) = @_; return $node->safe_psql('postgres', $sql); }
sub as { my ($role, $sql) = @_; return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]); }

load_registry($node, 'postgres');
sql(q{
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain, environment)
	SELECT 'road', scheme, 'LV90000000002', name, country, 'road.example', environment FROM ootspg.provider;
	CREATE ROLE road LOGIN; CREATE ROLE road_monitor LOGIN; CREATE ROLE monitor LOGIN; CREATE ROLE answerer LOGIN;
	SELECT ootspg.grant_duty('road', 'configure', 'road'), ootspg.grant_duty('road_monitor', 'monitor', 'road'), ootspg.grant_duty('monitor', 'monitor'),
		   ootspg.grant_duty('answerer', 'exchange');
	INSERT INTO ootspg.access_point (access_point, url, party_id, party_id_type, answer_role) VALUES ('gateway', 'http://127.0.0.1:9/', 'AP', 'type', 'answerer');
	INSERT INTO ootspg.directory_source (environment, service, base_url, country, roots_uri) VALUES ('test', 'dsd', 'https://directory.example', 'LV', 'file:roots.pem')});

for my $part (q{access_points_now()}, q{directory_sources_now()}, q{answering_faults('gateway')})
{
	is(as('monitor', "SELECT count(*) > 0 FROM ootspg_internal.$part"), 't', "$part tells those who monitor all");
	is(as('road_monitor', "SELECT count(*) FROM ootspg_internal.$part"), '0', '… and nobody of one provider');
}

sql('DROP VIEW registry.people CASCADE');
my $broken = q{SELECT count(*) FROM ootspg.status WHERE evidence_type = 'birth' AND state = 'out of service'};
is(as('monitor', $broken), '1', 'a type that cannot be served has its row');
for my $table (qw(evidence_type evidence_type_line distribution data_model data_model_location provider seal_key))
{
	next if sql("SELECT has_table_privilege('road', 'ootspg.$table', 'UPDATE')") eq 'f';
	local $ENV{PGUSER} = 'road';
	my $other = $node->background_psql('postgres');
	$other->query_safe("BEGIN; LOCK TABLE ootspg.$table IN ACCESS EXCLUSIVE MODE");
	# it would wait until the lock is gone, and that is after it
	is(as('monitor', q{SET statement_timeout = '60s'; SELECT count(access_point) FROM ootspg.status}), '1', "$table is locked: the status is seen");
	$other->query_safe('ROLLBACK');
	$other->quit;
}
is(as('monitor', $broken), '1', 'and so is the row, later');

$node->stop;
done_testing();
