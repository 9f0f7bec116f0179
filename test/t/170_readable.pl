# A readable document shows every field of its instance and nothing else (D-MOD-03): random instances, in JSON and XML, are
# compared field by field with what stands in the page. Each value is a word of its own, so that none can stand in for another.
use strict;
use warnings FATAL => 'all';
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use JSON::PP;
use OotspgTest;
use Test::More;

my $node = start_node('readable');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');

my $seed = $ENV{OOTSPG_SEED} // time;
diag("seed $seed");
srand $seed;

my @names = qw(FamilyName given_name code "a" Amount x-1 period Entry item ŽŅ);
s/"//g for @names;
my $count;
my @letters = (map({ chr } 97 .. 122), '<', '&', '>', '"', "'", ']]>', ' ', 'ē', 'ß', 'Ω', 'я', "\x{5d0}", "\x{627}", "\x{1f600}", '-->', '{', '\\');

sub word
{
	$count++;
	return "v$count" . join('', map { $letters[ rand @letters ] } 1 .. 1 + rand 12) . 'e';
}

sub name { return $names[ rand @names ] }

# A tree of [name, value]: a value is a text, or a list of such pairs.
sub tree
{
	my ($depth) = @_;
	my $shape = rand;
	# rows of one shape, as tables are made of
	if ($depth > 0 && $shape < 0.2)
	{
		my $name = name();
		my %columns = map { name() => 1 } 1 .. 3;
		return map { [ $name, [ map { rand() < 0.85 ? [ $_, word() ] : () } sort keys %columns ] ] } 1 .. 1 + rand 4;
	}
	return [ name(), word() ] if $depth == 0 || $shape < 0.7;
	return [ name(), [ map { tree($depth - 1) } 1 .. 1 + rand 4 ] ];
}

sub leaves { return map { ref $_->[1] ? leaves($_->[1]) : $_->[1] } @{ $_[0] } }

sub escaped
{
	my ($text) = @_;
	$text =~ s/&/&amp;/g;
	$text =~ s/</&lt;/g;
	$text =~ s/>/&gt;/g;
	return $text;
}

sub as_xml { return join '', map { "<$_->[0]>" . (ref $_->[1] ? as_xml($_->[1]) : escaped($_->[1])) . "</$_->[0]>" } @{ $_[0] } }

# With keys as often as they are there
sub as_json
{
	return '{' . join(',', map { JSON::PP->new->allow_nonref->encode($_->[0]) . ':' . (ref $_->[1] ? as_json($_->[1]) : JSON::PP->new->allow_nonref->encode($_->[1])) } @{ $_[0] }) . '}';
}

# What the page says, its labels and headings apart
sub shown
{
	my ($html) = @_;
	my @values = $html =~ m{<(?:dd|td)(?: [^>]*)?>([^<]*)</(?:dd|td)>}g;
	for (@values)
	{
		s/&lt;/</g;
		s/&gt;/>/g;
		s/&amp;/&/g;
	}
	return grep { $_ ne '' && $_ ne "\x{2013}" } @values;
}

my @cases;
for my $number (1 .. 150)
{
	$count = 0;
	my $tree = [ map { tree(1 + $number % 4) } 1 .. 1 + rand 5 ];
	my $xml = $number % 2;
	push @cases, { wanted => join("\n", sort(leaves($tree))), instance => $xml ? '<Root>' . as_xml($tree) . '</Root>' : as_json($tree),
		type => $xml ? 'application/xml' : 'application/json' };
}
my $sql = join ' UNION ALL ', map {
	"SELECT $_ AS n, encode(convert_to(h, 'UTF8'), 'hex') AS page, xmlparse(DOCUMENT h) IS DOCUMENT AS is_xml FROM ootspg_internal.html_rendering(NULL, NULL, '$cases[$_]{type}', "
	  . "decode('" . unpack('H*', encode_utf8($cases[$_]{instance})) . "', 'hex'), '{" . ($_ % 3 ? 'EN' : 'LV,EN') . "}', NULL) h" } 0 .. $#cases;
my @wrong;
for my $line (split /\n/, $node->safe_psql('postgres', "SELECT n, page, is_xml FROM ($sql) q ORDER BY n"))
{
	my ($n, $page, $is_xml) = split /\|/, $line;
	my $html = decode_utf8(pack 'H*', $page);
	my $found = join "\n", sort(shown($html));
	push @wrong, "$n: $cases[$n]{instance}\n$html" if $found ne $cases[$n]{wanted} || $is_xml ne 't';
	$cases[$n]{seen} = 1;
}
is(scalar @wrong, 0, 'every field of 150 random instances is in the page, once, and nothing else is') or diag(encode_utf8(join "\n", @wrong[ 0 .. ($#wrong < 2 ? $#wrong : 2) ]));
is(scalar(grep { !$_->{seen} } @cases), 0, 'every instance was shown');

# A whole row more, and it is noticed: the comparison can fail
my @values = shown('<dl><dd>v1</dd><td class="x">v2 &amp; v3</td></dl>');
is(join('|', @values), 'v1|v2 & v3', 'the reading of pages finds what stands there');

# Large instances are quick enough to be shown, and given back: the time limit is for a search that would take hours
my $rows = 20000;
my $large = $node->safe_psql('postgres', qq{SET statement_timeout = '60s';
	SELECT length(convert_from(ootspg.document((SELECT json_agg(json_build_object('from', '2026-01-01', 'number', n)) FROM generate_series(1, $rows) n), 'text/html'), 'UTF8')) > 1000000});
is($large, 't', "$rows rows are shown");
is($node->safe_psql('postgres', qq{SET statement_timeout = '60s'; SET ootspg.max_elements = 1000000;
	SELECT count(*) FROM (SELECT ootspg.document((SELECT json_object_agg('k' || n, n) FROM generate_series(1, 50000) n), 'text/html')) q}), '1', 'and so are 50000 different fields');

$node->stop;
done_testing();
