# One layout, two writers (D-MOD-03): random instances, as XML and JSON, with labels and codes in one language or two side by side, are read from the page
# and from the PDF. Both say the same words in the same order, every field of the instance once, under its label, and nothing else.
use strict;
use warnings FATAL => 'all';
use utf8;

use Encode qw(decode_utf8 encode_utf8);
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'pdfinfo is not installed' if system('command -v pdfinfo >/dev/null') != 0;
my $node = start_node('two_writers');
my $folder = $node->basedir;
my $seed = $ENV{OOTSPG_SEED} // time;
diag("seed $seed");
srand $seed;

sub sql { return decode_utf8($node->safe_psql('postgres', encode_utf8($_[0]))) }
sub one_of { return $_[ rand @_ ] }

# Every name n… has the labels l…en and l…lv; the values k1 to k3 of n9 are codes, c…en and c…lv; every other value has a word v… of its own
my @names = map { "n$_" } 1 .. 8;
sql(q{CREATE EXTENSION ootspg;
	SELECT ootspg.install_data_model('m', '1.0', 'n0', '2026-01-01');
	INSERT INTO ootspg.data_model_label (model, version, path, code, language, label)
	SELECT 'm', '1.0', 'n' || n, '', upper(language), 'Ķ l' || n || language FROM generate_series(0, 9) n, unnest(ARRAY['en', 'lv']) language
	UNION ALL SELECT 'm', '1.0', 'n9', 'k' || n, upper(language), 'c' || n || language FROM generate_series(1, 3) n, unnest(ARRAY['en', 'lv']) language});

my $words;
sub leaf
{
	return [ 'n9', one_of(qw(k1 k2 k3)) ] if rand() < 0.2;
	return [ one_of(@names), one_of('Bērziņa', 'Ελένη', 'Щука', 'שלום', 'محمد', 'l’été', '12,5') . ' v' . ++$words . one_of('', ' ffi', ' (x)') ];
}

sub tree
{
	my ($depth) = @_;
	my $shape = rand;
	if ($depth > 0 && $shape < 0.25)
	{
		my $name = one_of(@names);
		my %columns = map { one_of(@names, 'n9') => 1 } 1 .. one_of(2, 3, 9);
		return map { [ $name, [ map { $_ eq 'n9' ? [ $_, one_of(qw(k1 k2 k3)) ] : [ $_, 'x v' . ++$words ] } grep { rand() < 0.8 } sort keys %columns ] ] } 1 .. 1 + rand one_of(3, 60);
	}
	return leaf() if $depth == 0 || $shape < 0.7;
	return [ one_of(@names), [ map { tree($depth - 1) } 1 .. 1 + rand 4 ] ];
}

# An object has a key once: what repeats is an array. Elements of a name that stand apart are brought together for both.
sub gathered
{
	my (@nodes) = @_;
	my (%of, @order);
	for my $node (@nodes)
	{
		push @order, $node->[0] unless $of{ $node->[0] };
		push @{ $of{ $node->[0] } }, ref $node->[1] ? [ $node->[0], [ gathered(@{ $node->[1] }) ] ] : $node;
	}
	return map { @{ $of{$_} } } @order;
}

sub as_xml { return join '', map { "<$_->[0]>" . (ref $_->[1] ? as_xml(@{ $_->[1] }) : $_->[1]) . "</$_->[0]>" } @_ }

sub as_json
{
	my (@nodes) = @_;
	my (%of, @order);
	for my $node (@nodes)
	{
		push @order, $node->[0] unless $of{ $node->[0] };
		push @{ $of{ $node->[0] } }, ref $node->[1] ? as_json(@{ $node->[1] }) : qq{"$node->[1]"};
	}
	return '{' . join(',', map { qq{"$_":} . (@{ $of{$_} } > 1 ? '[' . join(',', @{ $of{$_} }) . ']' : $of{$_}[0]) } @order) . '}';
}

sub leaves { return map { ref $_->[1] ? leaves(@{ $_->[1] }) : $_ } @_ }
sub names_in { return map { ($_->[0], ref $_->[1] ? names_in(@{ $_->[1] }) : ()) } @_ }
sub words_of { return $_[0] =~ /\b(?:l\d+|c\d+|v\d+)(?:en|lv)?\b/g }

sub word_list
{
	my ($pdf) = @_;
	open my $handle, '>:raw', "$folder/document.pdf" or die $!;
	print $handle $pdf;
	close $handle or die $!;
	return words_of(decode_utf8(scalar qx{pdfinfo -struct-text '$folder/document.pdf'}));
}

my @wrong;
my ($fields, $both) = (0, 0);
for my $number (1 .. 40)
{
	$words = 0;
	my @tree = gathered(map { tree(1 + $number % 4) } 1 .. 1 + rand 5);
	my @languages = $number % 3 == 0 ? ('lv') : $number % 3 == 1 ? ('en', 'lv') : ('lv', 'en');
	my $value = $number % 2 ? "'<n0>" . as_xml(@tree) . "</n0>'::xml" : "'" . as_json(@tree) . "'::json";
	my $call = "'m', '1.0', '{" . join(',', @languages) . "}')";
	my ($page, $pdf) = split /\|/, sql("SELECT encode(ootspg.document(v, 'text/html', $call, 'hex'), encode(ootspg.document(v, 'application/pdf', $call, 'hex') FROM (VALUES ($value)) q(v)");
	(my $html = decode_utf8(pack 'H*', $page)) =~ s/ aria-label="[^"]*"//g;
	my @page = words_of($html);
	my @pdf = word_list(pack 'H*', $pdf);
	my (@values, %labels);
	for my $leaf (leaves(@tree))
	{
		$fields++;
		push @values, $leaf->[0] eq 'n9' ? map { 'c' . substr($leaf->[1], 1) . $_ } @languages : $leaf->[1] =~ /(v\d+)/;
	}
	for my $name ('n0', names_in(@tree))
	{
		$labels{ 'l' . substr($name, 1) . $_ } = 1 for @languages;
	}
	my @shown = grep { !/^l/ } @page;
	my %said = map { $_ => 1 } grep { /^l/ } @page;
	$both++ if @languages > 1;
	push @wrong, "$number: the page and the PDF differ: @page | @pdf" if "@page" ne "@pdf";
	push @wrong, "$number: not the values: " . join(' ', sort @shown) . ' | ' . join(' ', sort @values) if join(' ', sort @shown) ne join(' ', sort @values);
	push @wrong, "$number: not the labels: " . join(' ', sort keys %said) . ' | ' . join(' ', sort keys %labels) if join(' ', sort keys %said) ne join(' ', sort keys %labels);
}
is(scalar @wrong, 0, "$fields fields of 40 random instances are in the page and in the PDF, once, in the same order, under their labels") or diag(encode_utf8(join "\n", map { substr $_, 0, 2000 } @wrong[ 0 .. ($#wrong < 2 ? $#wrong : 2) ]));
cmp_ok($both, '>', 20, 'half of them in two languages side by side');

# A comparison that can fail: another instance is another list
my ($one, $other) = map { join ' ', word_list(pack 'H*', sql("SELECT encode(ootspg.document('{\"n1\": \"$_\"}'::json, 'application/pdf', 'm', '1.0', '{en,lv}'), 'hex')")) } 'v1', 'v1 v2';
is("$one|$other", 'l0en l0lv l1en l1lv v1|l0en l0lv l1en l1lv v1 v2', 'the reading finds what stands there');

$node->stop;
done_testing();
