# Who may do what, on every object, and what reaches from one provider to another, as the
# catalog has it, beside what was decided: an object without a decision fails here. To take
# a decision over, `make privileges` writes both files anew; look at the difference.
use strict;
use warnings FATAL => 'all';

use FindBin;
use lib "$FindBin::RealBin/../lib";
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('privileges');
my %found;

for my $name (qw(privileges apart))
{
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	my ($code, $stdout, $stderr) = $node->psql($name, slurp_file("test/fixtures/$name.sql"));
	is($code, 0, "$name: the catalog is read") or diag($stderr);
	my @lines = grep { length } split /\n/, $stdout;
	my %decided = map { $_ => 1 } split /\n/, slurp_file("test/expected/$name.txt");
	cmp_ok(scalar @lines, '>', 250, "$name: there is something to compare");
	is(join("\n", grep { !$decided{$_} } @lines), '', "$name: all is as decided (make privileges)");
	delete @decided{@lines};
	is(join("\n", sort keys %decided), '', "$name: and nothing that was decided is missing");
	$found{$name} = \@lines;
}

# What a provider's role sees or changes of another's is in the manual, or is a mistake
my ($shared) = slurp_file('doc/security.md') =~ /^### What providers of one database share$(.*?)^##/ms;
my %told = map { $_ => 1 } $shared =~ /`([a-z_]+)`/g;
for (@{ $found{apart} })
{
	my ($duty, $relation, $counts) = /^(\w+), ootspg\.(\w+): (sees.*)$/ or next;
	next unless $counts =~ /\b[1-9]\d*\b/ && $counts =~ s/\b42501\b//gr =~ /[1-9]/;
	ok($told{$relation}, "doc/security.md says that providers share $relation ($duty)");
	is($counts =~ s/^sees \d+, //r =~ s/\b42501\b|\b0\b|-//gr =~ s/[a-z ,]//gr, '', "and to change $relation takes the duty for all ($duty)");
}
is(join("\n", grep { /: (?:shows|changes)|no row of civil/ } @{ $found{apart} }), '', 'no function shows or changes what is another provider\'s, and each table was tried');

$node->stop;
done_testing();
