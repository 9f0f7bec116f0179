# Random documents as files, for a validator: birth, residence, social insurance, vehicle, diploma and instances of any shape, in one language or two, with
# every kind of letterhead, half of them sealed. OOTSPG_DOCUMENTS names the directory and OOTSPG_COUNT says how many; OOTSPG_SEED gives the same ones again.
use strict;
use warnings FATAL => 'all';
use utf8;

use Compress::Zlib;
use Encode qw(encode_utf8);
use JSON::PP;
use OotspgTest;
use PostgreSQL::Test::Utils;
use RegistryTest;
use SealTest;
use Test::More;

my $folder = $ENV{OOTSPG_DOCUMENTS} or die 'OOTSPG_DOCUMENTS names no directory';
my $count = $ENV{OOTSPG_COUNT} // 500;
my $seed = $ENV{OOTSPG_SEED} // time;
srand $seed;
diag("seed $seed");

my $node = start_node('documents');
load_registry($node, 'postgres');
sub sql { return $node->safe_psql('postgres', encode_utf8($_[0])) }
sub quoted { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }
sub one_of { return $_[ rand @_ ] }

my @languages = qw(bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv he ar no is);
my @words = ('Bērziņa', 'Żółć', 'Æsir', 'Þórr', 'Ġużeppi', 'Ștefan', 'Őry', 'l’Église', 'ffi', 'Große', 'Παπαδοπούλου', 'Ελένη', 'Ястреб', 'Щука', 'ѝ', 'שלום', 'תל־אביב', 'محمد', 'فاطمة‎',
	'a/b', '(x)', '\\', '100 %', '€', '½', '—', "e\x{301}a\x{328}", "so\x{ad}ft", 'zero' . "\x{200b}" . 'width', "x\x{a0}y", '<&>', '"q"', 'https://example.org/' . 'path/' x 12, 'W' x 90, '2026-02-28', '1234567.5', '2026-01-01T12:00:00Z', '1999');
sub text { return join ' ', map { one_of(@words) } 1 .. 1 + rand(one_of(1, 3, 3, 3, 40)) }
sub day { return sprintf '%04d-%02d-%02d', 1900 + rand 130, 1 + rand 12, 1 + rand 28 }

sub tree
{
	my ($depth) = @_;
	my %node;
	for my $key (map { one_of('name', 'familyName', 'code', 'Größe', 'valid', 'amount', 'sehr_langer_name_eines_feldes', 'x') . $_ } 1 .. 1 + rand 6)
	{
		my $kind = rand;
		$node{$key} = $kind < 0.5 || $depth > 4 ? one_of(text(), text(), day(), 0 + rand 1e6, JSON::PP::true, '')
		  : $kind < 0.65 ? tree($depth + 1)
		  : $kind < 0.8 ? [ map { text() } 1 .. 1 + rand 5 ]
		  : do { my @keys = map { "column$_" } 1 .. 1 + rand 9; [ map { +{ map { rand() < 0.9 ? ($_ => text()) : () } @keys, 'k' } } 1 .. 1 + rand 60 ] };
	}
	return \%node;
}

my %kinds = (
	birth => sub { return { entryNumber => '2026/' . int rand 1e6, familyName => text(), givenName => [ map { text() } 1 .. 3 ], dateOfBirth => day(), placeOfBirth => { country => 'LV', city => text() },
			parents => [ map { +{ role => $_, fullName => text(), dateOfBirth => day() } } qw(mother father) ] } },
	residence => sub { return { name => text(), current => { street => text(), number => '12 a', city => text(), since => day() }, former => [ map { +{ street => text(), city => text(), until => day() } } 1 .. 1 + rand 8 ] } },
	insurance => sub { return { insured => text(), periods => [ map { +{ from => day(), to => day(), employer => text(), income => int(rand 1e7) / 100 } } 1 .. 1 + rand 200 ] } },
	vehicle => sub { return { registrationNumber => 'AB-' . int rand 1e4, firstRegistration => day(), vehicle => { make => text(), massKg => 1708.5, electric => JSON::PP::true }, inspections => [ map { +{ date => day(), odometer => int rand 1e5 } } 1 .. 5 ] } },
	diploma => sub { return { holder => text(), degree => text(), awarded => day(), terms => [ map { +{ name => text(), courses => [ map { +{ code => "C$_", name => text(), ects => 5.5, grade => 'A' } } 1 .. 1 + rand 9 ] } } 1 .. 1 + rand 6 ] } },
	anything => sub { return tree(0) });

# Letterheads: a provider for each
sub chunk { my ($type, $data) = @_; return pack('N', length $data) . $type . $data . pack 'N', crc32($type . $data) }
my $rows = join '', map { "\0" . join '', map { pack 'CCCC', $_, 255 - $_, 128, $_ } 0 .. 63 } 0 .. 31;
my $png = "\x89PNG\r\n\x1a\n" . chunk('IHDR', pack 'NNCCCCC', 64, 32, 8, 6, 0, 0, 0) . chunk('IDAT', compress($rows)) . chunk('IEND', '');
open my $handle, '>:raw', "$folder/first.pdf" or die "$folder: $!";
print $handle pack 'H*', sql(q{SELECT encode(ootspg.document('{"a": "b"}'::json, 'application/pdf'), 'hex')});
close $handle;
system('pdftoppm', '-r', '36', '-jpeg', '-singlefile', "$folder/first.pdf", "$folder/first") == 0 or die 'pdftoppm';
my %images = (
	png => [ 'image/png', $png ],
	jpeg => [ 'image/jpeg', slurp_file("$folder/first.jpg") ],
	svg => [ 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><g fill="#7a1020"><path d="M0 0h40v3H0zM0 7h40v3H0z"/><circle cx="20" cy="5" r="1.5"/></g><path d="M1 5q3-2 6 0t6 0" fill="none" stroke="#123" stroke-width=".4"/></svg>' ]);
for my $kind (sort keys %images)
{
	my ($media_type, $bytes) = @{ $images{$kind} };
	for my $said (0, 1)
	{
		my $name = $kind . ($said ? '_said' : '');
		sql("INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain) VALUES ('$name', 'urn:cef.eu:names:identifier:EAS:9939', 'LV-$name', '{\"EN\": \"Register\"}', 'LV', 'civil.example.lv');
			INSERT INTO ootspg.letterhead (provider, media_type, image, alternative, colour, margin_mm, footer) VALUES ('$name', '$media_type', '\\x" . unpack('H*', $bytes) . "', "
			  . ($said ? q{'{"EN": "Mark", "LV": "Zīme"}', '#7a1020', 30, '{"EN": "1 Eku Street", "LV": "Ēku iela 1"}'} : 'NULL, NULL, NULL, NULL') . ')');
	}
}
unlink "$folder/first.pdf", "$folder/first.jpg";
make_pair($node->basedir . '/keys/seal/civil', 'documents', 'p256');
sql(q{SELECT ootspg.set_seal_key('documents', 'civil', 'file:documents.key', 'file:documents.pem')});

my @names = sort keys %kinds;
for my $number (1 .. $count)
{
	my $kind = $names[ $number % @names ];
	my @in = (one_of(@languages));
	push @in, one_of(grep { $_ ne $in[0] } @languages) if rand() < 0.3;
	my $head = one_of(undef, map { ($_, "${_}_said") } keys %images);
	my $sealed = rand() < 0.5;
	my $facts = encode_json({ title => { en => ucfirst $kind, $in[0] => text() }, issuer => text(), issued => day(), identifier => 'urn:uuid:7d9f1b6e-52a1-4c57-9a31-0a4a7d1f6c22',
			(rand() < 0.5 ? (valid_from => day(), valid_until => day()) : ()), (defined $head ? (provider => $head) : ()) });
	my $value = JSON::PP->new->canonical->encode($kinds{$kind}->());
	my $document = 'ootspg.document(' . quoted($value) . "::json, 'application/pdf', languages => '{" . join(',', @in) . "}', facts => convert_from('\\x" . unpack('H*', $facts) . "', 'UTF8')::jsonb)";
	my $name = sprintf '%s/%03d-%s-%s-%s%s.pdf', $folder, $number, $kind, join('-', @in), $head // 'plain', $sealed ? '-sealed' : '';
	my $bytes = pack 'H*', sql('SELECT encode(' . ($sealed ? "ootspg.seal($document, 'documents')" : $document) . ", 'hex')");
	open my $file, '>:raw', $name or die "$name: $!";
	print $file $bytes;
	close $file or die "$name: $!";
}
is(scalar(() = glob("$folder/*.pdf")), $count, "$count documents");
done_testing();
