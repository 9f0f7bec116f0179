# Sealed files of EU DSS, sound and spoiled, beside its verdicts: what it refuses is not taken, what is an
# attack is not taken even where it lets it pass, and what others write in the ordinary way is. They lie
# beside the repository; without them there is nothing to test.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use SealTest;
use Test::More;

my $folder = ($ENV{OOTSPG_SHARED} // '') . '/data/seals';
plan skip_all => 'no sealed files of others beside the repository' unless -r "$folder/verdicts.tsv";

# Legal forms that are refused here on purpose, and why
my %refused = (
	'pades/b-adbe.pdf' => 'no CAdES', 'pades/b-sha1.pdf' => 'SHA-1',
	map({ $_ => 'what is sealed lies elsewhere' } map { ("jades/b-$_-detached.json", "jades/b-$_-sigd-hash.json", "jades/b-$_-sigd-uri.json") } 'compact', 'flattened', 'general'),
	'jades/b-compact-b64false-detached.json' => 'elsewhere', 'jades/b-compact-sigd-uri-b64false.json' => 'elsewhere', 'jades/b-sigd-by-hand.json' => 'elsewhere',
	'xades/b-detached.xml' => 'elsewhere', 'xades/b-enveloping.xml' => 'not enveloped', 'xades/b-part.xml' => 'a part', 'xades/b-in-a-child.xml' => 'not in the root');

my $node = start_node('peers');
my %verdict;

$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
for (split /\n/, slurp_file("$folder/verdicts.tsv"))
{
	my ($file, undef, undef, $indication) = split /\t/;
	$verdict{$file} = !exists $verdict{$file} ? $indication : $verdict{$file} eq $indication ? $indication : 'differing' if $file =~ m{/};
}
my @files = sort grep { -r "$folder/$_" } keys %verdict;
cmp_ok(scalar @files, '>', 150, 'there are files');
my %ours;
my $question = join '', map { "SELECT '$_', valid, chain, indication, coalesce(step || ': ' || reason, '') FROM ootspg.verify_seal(pg_read_binary_file('$folder/$_'), pg_read_binary_file('$folder/keys/root.crt'));\n" } @files;
for (split /\n/, $node->safe_psql('postgres', $question))
{
	my ($file, @answer) = split /\|/, $_, -1;
	$ours{$file} = \@answer;
}
for my $file (@files)
{
	my ($valid, $chain, $indication, $why) = @{ $ours{$file} };
	my $passed = $valid eq 't' && $chain eq 'valid';

	is($indication eq 'TOTAL-PASSED' ? 1 : 0, $passed ? 1 : 0, "$file: the name of the result fits");
	ok(!$passed, "$file: DSS says $verdict{$file}") if $verdict{$file} !~ /^(TOTAL-PASSED|differing)$/;
	ok(!$passed, "$file is not taken") if $file =~ /attack-/;
	is($valid, 't', "$file is taken ($why)") if $file =~ m{/(b-|t\.|default)} && !$refused{$file} && $verdict{$file} eq 'TOTAL-PASSED';
	is($valid, 'f', "$file: $refused{$file}") if $refused{$file};
}
$node->stop;
done_testing();
