# Every table of the extension is either in the inventory of personal data, with why, until when and how it goes, or in the list of those
# that have none (D-LOG-19): a new one is noticed, and so is a column that is named there and is not.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('inventory');
my ($section) = slurp_file('doc/account.md') =~ /^## What is kept of persons\n(.*?)^## /ms;
my ($none) = $section =~ /^No personal data: (.*?)\.$/ms;
my %listed = map { $_ => 1 } $none =~ /`(\w+)`/g;
my %inventory;

while ($section =~ /^\| `(\w+)`: ([^|]*) \| ([^|]*\S) \| ([^|]*\S) \| ([^|]*\S) \|$/mg)
{
	my ($table, $columns) = ($1, $2);
	$inventory{$table} = [ split /, /, $columns ];
}
cmp_ok(scalar keys %inventory, '>=', 15, 'there is an inventory, and each of its rows says why, until when and how');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
my %columns;
for (split /\n/, $node->safe_psql('postgres', q{SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	 WHERE c.relnamespace IN ('ootspg'::regnamespace, 'ootspg_internal'::regnamespace) AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
	   AND (NOT c.relispartition OR c.relname LIKE '%\_rest')}))
{
	my ($table, $column) = split /\|/;
	$columns{$table}{$column} = 1;
}
is_deeply([ grep { !$inventory{$_} && !$listed{$_} } sort keys %columns ], [], 'every table stands in one of the two lists');
is_deeply([ grep { $inventory{$_} && $listed{$_} } sort keys %columns ], [], '… and in no more than one');
my @unknown;
for my $table (sort grep { $columns{$_} } keys %inventory)
{
	push @unknown, map { "$table.$_" } grep { !$columns{$table}{$_} } @{ $inventory{$table} };
}
is_deeply(\@unknown, [], 'every column that is named is there');
# Keys by which persons are found, and messages, are nowhere else
my @keys;
for my $table (sort keys %columns)
{
	push @keys, "$table.$_" for grep { /subject_key|identifier_key|representative|first_part$|person_id|person_keys/ && !grep { $_ eq $table } keys %inventory } sort keys %{ $columns{$table} };
}
is_deeply(\@keys, [], 'columns that are about persons are in tables of the inventory');

$node->stop;
done_testing();
