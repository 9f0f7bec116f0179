# Days and times that never were are the request's fault, on every line and wherever it names
# one; those that are are taken in every form that the schemas know. A birth date is a day,
# whatever zone follows it: matching, answer and audit know it by the same ten letters.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use Test::More;

my $node = start_node('days');
load_registry($node, 'postgres');
$node->safe_psql('postgres', <<'END');
UPDATE ootspg.evidence_type SET t1 = '1 hour';
-- tried(number, line, what is replaced, by what): the verdict; a registry that keeps its dates as text, and knows them all
CREATE TABLE registry.day (born text);
CREATE VIEW registry.born AS SELECT '010190-10001' AS person_id, 'Ozoliņš' AS family_name, 'Jānis' AS given_name, born AS date_of_birth FROM registry.day;
CREATE FUNCTION tried(n integer, line text, this text, that text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text := convert_from(birth_request(n, line), 'UTF8');
	id bigint;
BEGIN
	ASSERT position(this in message) > 0, this;
	SELECT min(exchange_id) INTO id FROM ootspg.answer(convert_to(replace(message, this, that), 'UTF8'), test_header(line));
	RETURN (SELECT concat_ws(' ', x.outcome, x.error_code, x.reason) FROM ootspg.exchange x WHERE x.exchange_id = id);
END $$;
END

my $n = 0;
my @lines = map { "oots-edm:$_" } qw(v1.0 v1.1 v1.2 v2.0);

# verdicts(what is replaced, pattern with %s, values...): each value with its verdicts line by line
sub verdicts
{
	my ($this, $that, @values) = @_;
	my @calls;

	for my $value (@values)
	{
		for my $line (@lines)
		{
			push @calls, sprintf q{SELECT %s, tried(%d, %s, %s, %s)}, map { /^\d+$/ ? $_ : "'" . s/'/''/gr . "'" } $value, ++$n, $line, $this, sprintf $that, $value;
		}
	}
	my %found;
	for (split /\n/, $node->safe_psql('postgres', join ";\n", @calls))
	{
		my ($value, $verdict) = split /\|/, $_, 2;
		push @{ $found{$value} }, $verdict;
	}
	return %found;
}

sub refused
{
	my ($name, $rule, %found) = @_;
	for my $value (sort keys %found)
	{
		is(scalar(grep { /^error EDM:ERR:0003 $rule/ } @{ $found{$value} }), scalar @lines, "$name $value is refused") or diag(join "\n", @{ $found{$value} });
	}
	return;
}

my @no_days = (qw(0000-01-01 2026-02-29 1900-02-29 1990-13-01 1990-00-10 1990-01-32 1990-04-31 10990-01-01 -1990-01-01 990-01-01 1990-1-1 1990-01-0 +1990-01-01 1990-01-011 1990-01-01T00:00:00Z),
	map { "1990-01-01$_" } qw(+99:99 +15:00 -14:01 +1:00 +01 z1 Zx ZZ -03abc .Z +01:60 -), ' x');
refused('the birth date', 'R-EDM-REQ-C043', verdicts('<sdg:DateOfBirth>1990-01-01<', '<sdg:DateOfBirth>%s<', @no_days));

my @no_times = (qw(2026-02-29T10:00:00Z 0000-09-01T10:00:00Z 2026-09-01T24:30:00Z 2026-09-01T24:00:01Z 2026-09-01T24:00:00.1Z 2026-09-01T25:00:00Z 2026-09-01T10:60:00Z 2026-09-01T10:00:60Z
		12026-09-01T10:00:00Z 2026-09-01T10:00:00.Z 2026-09-01T10:00:00+15:00 2026-09-01T10:00:00+99:99 2026-09-01T10:00:00-03abc 2026-09-01T10:00:00ZZ 2026-09-01T10:00:00Zjunk
		x2026-09-01T10:00:00Z 2026-09-01 2026-09-01T10:00Z), '2026-09-01T10:00:00,5Z');
refused('the time of issue', 'R-EDM-REQ-C002', verdicts('<rim:Value>2026-09-01T10:00:00Z<', '<rim:Value>%s<', @no_times));

my %taken = verdicts('<rim:Value>2026-09-01T10:00:00Z<', '<rim:Value>%s<', qw(2024-02-29T10:00:00Z 2026-09-01T24:00:00Z 2026-09-01T10:00:00 2026-09-01T10:00:00.5Z 2026-09-01T10:00:58.97946441+02:00
	2026-09-01T23:59:59.999999999-14:00 2026-09-01t10:00:00z 9999-12-31T00:00:00+14:00));
for my $value (sort keys %taken)
{
	is(scalar(grep { $_ eq 'evidence' } @{ $taken{$value} }), scalar @lines, "the time of issue $value is taken") or diag(join "\n", @{ $taken{$value} });
}

# A time that never was says nothing in the header: there the time of receipt counts, as without one.
is($node->safe_psql('postgres', qq{SELECT outcome FROM ootspg.answer(birth_request(800001, 'oots-edm:v1.2'), test_header('oots-edm:v1.2', sent => '$_')) WHERE part = 1} =~ s/800001/++$n + 800000/er),
	'evidence', "sent at $_") for qw(2024-02-30T10:00:00Z 2020-01-01T24:30:00Z 2020-01-01T10:00:60Z);
is($node->safe_psql('postgres', q{SELECT outcome FROM ootspg.answer(birth_request(810001, 'oots-edm:v1.2'), test_header('oots-edm:v1.2', sent => '2024-02-29T10:00:00Z')) WHERE part = 1}),
	'error', 'and one that was counts');

# Line 1.0 lets a zone follow. By date or by text: the same person, the same key, the same day in the answer.
for my $source ('registry.people', 'registry.born')
{
	$node->safe_psql('postgres', qq{
		TRUNCATE registry.day; INSERT INTO registry.day VALUES ('1990-01-01');
		SELECT ootspg.deactivate('birth'); UPDATE ootspg.evidence_type SET subject_source = '$source'; SELECT ootspg.activate('birth')});
	for my $zone ('', 'Z', '+02:00', '-14:00')
	{
		is($node->safe_psql('postgres', sprintf q{SELECT tried(%d, 'oots-edm:v1.0', '1990-01-01', '1990-01-01%s')}, ++$n, $zone), 'evidence', "$source: 1990-01-01$zone");
		is($node->safe_psql('postgres', q{
			SELECT subject_key = ootspg.subject_key(ootspg.natural_person('Ozoliņš', 'Jānis', '1990-01-01')),
				   (SELECT convert_from(first_part, 'UTF8') LIKE '%<sdg:DateOfBirth>1990-01-01</sdg:DateOfBirth>%' FROM ootspg.exchange_event e WHERE direction = 'out' ORDER BY event_id DESC LIMIT 1)
			  FROM ootspg.exchange ORDER BY exchange_id DESC LIMIT 1}), 't|t', "$source: 1990-01-01$zone has the key and the answer of that day");
	}
}

$node->stop;
done_testing();
