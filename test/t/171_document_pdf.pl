# Documents as PDF: what ISO 19005-3 (level A) and ISO 14289-1 ask of a file, read by a reader of our own and by the
# distribution's tools, and what validators are known not to notice: Scope beside a head, Tabs, names of attachments, Info
# against metadata, glyphs that stand for nothing, repeated heads. veraPDF itself is run by hand.
use strict;
use warnings FATAL => 'all';
use utf8;

use Compress::Zlib;
use Encode qw(decode decode_utf8 encode_utf8);
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

for my $tool (qw(qpdf pdfinfo pdftotext pdftoppm))
{
	plan skip_all => "$tool is not installed" if system("command -v $tool >/dev/null") != 0;
}
my $node = start_node('document_pdf');
$node->safe_psql('postgres', 'CREATE EXTENSION ootspg');
my $folder = $node->basedir;

# The bytes of an SQL expression
sub bytes_of { return pack 'H*', $node->safe_psql('postgres', encode_utf8("SELECT encode($_[0], 'hex')")) }

sub write_file
{
	my ($name, $bytes) = @_;
	open my $handle, '>:raw', "$folder/$name" or die "$name: $!";
	print $handle $bytes;
	close $handle or die "$name: $!";
	return "$folder/$name";
}

sub output_of { return scalar qx{@_ 2>&1} }

# A reader: objects by number, from the cross-reference stream; each [dictionary or other text, stream or undef].
sub read_pdf
{
	my ($bytes) = @_;
	my ($start) = $bytes =~ /startxref\n(\d+)\n%%EOF\n\z/ or die 'no startxref';
	my %objects;
	my $stream_at = sub {
		my ($offset, $number) = @_;
		die "object $number is not where it is said to be" unless substr($bytes, $offset) =~ /\A$number 0 obj\n(<<.*?>>)\nstream\n/s;
		my ($dictionary, $from) = ($1, $offset + $+[0]);
		my ($length) = $dictionary =~ m{/Length (\d+)};
		die 'endstream is not where it belongs' unless substr($bytes, $from + $length, 18) eq "\nendstream\nendobj\n";
		my $data = substr($bytes, $from, $length);
		$data = uncompress($data) // die 'deflate' if $dictionary =~ m{/FlateDecode};
		return [ $dictionary, $data ];
	};
	my ($table) = substr($bytes, $start) =~ /\A(\d+) 0 obj/ or die 'no cross-reference stream';
	my $xref = $stream_at->($start, $table);
	my @rows = unpack '(a7)*', $xref->[1];
	my %in;
	for my $number (0 .. $#rows)
	{
		my ($type, $place, $index) = unpack 'CNn', $rows[$number];
		$objects{$number} = $stream_at->($place, $number) if $type == 1;
		push @{ $in{$place} }, $number if $type == 2;
	}
	for my $stream (keys %in)
	{
		my ($dictionary, $data) = @{ $objects{$stream} };
		my ($first) = $dictionary =~ m{/First (\d+)};
		my %offset = split ' ', substr($data, 0, $first);
		my @ordered = sort { $offset{$a} <=> $offset{$b} } keys %offset;
		for my $i (0 .. $#ordered)
		{
			my $end = $i < $#ordered ? $offset{ $ordered[ $i + 1 ] } : length($data) - $first;
			$objects{ $ordered[$i] } = [ substr($data, $first + $offset{ $ordered[$i] }, $end - $offset{ $ordered[$i] }) ];
		}
	}
	return (\%objects, $xref->[0]);
}

sub reference { my ($text, $key) = @_; return $text =~ m{/\Q$key\E\[? ?(\d+) 0 R} ? $1 : die "no $key" }

# A text string as it is written
sub text_string
{
	my ($written) = @_;
	return decode('UTF-16', pack 'H*', $1) if $written =~ /\A<(FEFF[0-9A-F]*)>/;
	my ($text) = $written =~ /\A\(((?:[^\\()]|\\.)*)\)/ or die "no text string: $written";
	$text =~ s/\\(.)/$1/g;
	return $text;
}

my $instance = '{"person": {"name": "Ἑλένη Bērziņa ffi", "שם": "דוד מלך", "اسم": "محمد الخامس"}, "period": ['
  . join(',', map { qq({"from": "2026-01-01", "employer": "Employer number $_ of a long list", "income": $_.25}) } 1 .. 150) . '], "remark": "two\nlines"}';
(my $written = $instance) =~ s/'/''/g;
my $facts = '{"title": {"EN": "Periods (of \\\\ insurance)", "LV": "Apdrošināšanas periodi"}, "issuer": "Office", "issued": "2026-02-01", "identifier": "urn:uuid:1"}';
my $document = "ootspg.document('$written'::json, 'application/pdf', NULL, NULL, '{LV,EN}', '$facts')";
my $pdf = bytes_of($document);
my $file = write_file('periods.pdf', $pdf);

# The file and its objects
like($pdf, qr/\A%PDF-1\.7\n%[\x80-\xff]{4}\n/, 'header, and a comment that says it is binary (ISO 19005-3, 6.1.2)');
my ($objects, $trailer) = read_pdf($pdf);
like($trailer, qr{/ID\[<([0-9A-F]{32})><\1>\]}, 'a file identifier (6.1.3)');
unlike($trailer, qr{/Encrypt}, 'not encrypted');
is(output_of("qpdf --check '$file' >/dev/null && echo sound"), "sound\n", 'qpdf finds nothing wrong');

my $catalog = $objects->{ reference($trailer, 'Root') }[0];
like($catalog, qr{/MarkInfo<</Marked true>>}, 'tagged (6.7.2.2)');
like($catalog, qr{/Lang\(lv\)}, 'its language (6.7.4)');
like($catalog, qr{/ViewerPreferences<</DisplayDocTitle true>>}, 'its title is shown (ISO 14289-1, 7.1)');
my $profile = $objects->{ reference($catalog, 'DestOutputProfile') };
like($profile->[1], qr/\A.{36}acsp/s, 'a colour profile (6.2.3)');
is(unpack('N', $profile->[1]), length $profile->[1], '… as long as it says');

# Metadata say what Info says
my $info = $objects->{ reference($trailer, 'Info') }[0];
my ($metadata_dictionary, $metadata) = @{ $objects->{ reference($catalog, 'Metadata') } };
unlike($metadata_dictionary, qr{/Filter}, 'metadata can be read without a PDF reader');
$metadata = decode_utf8($metadata);
my ($title) = $info =~ m{/Title(.*)}s;
is(text_string($title), 'Apdrošināšanas periodi', 'Info has the title');
like($metadata, qr{<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Apdrošināšanas periodi</rdf:li>}, 'and so have the metadata (6.6.2)');
my ($date) = $info =~ m{/CreationDate\(D:(\d{14})Z\)};
(my $created = $date) =~ s/(....)(..)(..)(..)(..)(..)/$1-$2-$3T$4:$5:$6Z/;
like($metadata, qr{<xmp:CreateDate>\Q$created\E</xmp:CreateDate><xmp:ModifyDate>\Q$created\E<}, 'dates are the same in both (6.1.5)');
like($metadata, qr{<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>}, 'it claims PDF/A-3a (6.6.4)');
like($metadata, qr{<pdfuaid:part>1</pdfuaid:part>}, 'and PDF/UA-1 (ISO 14289-1, 5)');
like($metadata, qr{<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>}, '… whose schema it explains (6.6.2.3)');

# The instance is attached
my $specification = reference($catalog, 'AF');
like($catalog, qr{/Names<</EmbeddedFiles<</Names\[\(evidence\.json\) $specification 0 R\]>>>>}, 'the associated file is an embedded file by name (6.8)');
$specification = $objects->{$specification}[0];
like($specification, qr{/AFRelationship/Source/F\(evidence\.json\)/UF\(evidence\.json\)/Desc\([^)]+\)/EF<</F (\d+) 0 R/UF \1 0 R>>}, 'relationship, names and description (6.8)');
my $embedded = $objects->{ reference($specification, 'UF') };
like($embedded->[0], qr{/Subtype/application#2Fjson/Params<</Size \d+/ModDate\(D:${date}Z\)>>}, 'its media type, size and date');
is(decode_utf8($embedded->[1]), $instance, 'it is the instance, byte for byte');

# Pages: all content is marked, and owned by an element or an artifact
my @pages = map { $objects->{$_}[0] } $objects->{ reference($catalog, 'Pages') }[0] =~ /(\d+) 0 R/g;
cmp_ok(scalar @pages, '>', 3, 'there are pages');
my ($marked, $text_outside, $unbalanced, $notdef) = (0, 0, 0, 0);
for my $page (@pages)
{
	like($page, qr{/StructParents \d+/Tabs/S}, 'the order of the structure is that of tabs (ISO 14289-1, 7.18.3)');
	my ($depth, $content) = (0, $objects->{ reference($page, 'Contents') }[1]);
	for (split /\n/, $content)
	{
		$depth++ if /BDC$/;
		$depth-- if /^EMC$/;
		$marked++ if m{/MCID};
		$text_outside++ if !$depth && /(?:TJ|re f|Tm)$/;
		$unbalanced++ if $depth < 0 || $depth > 1;
		$notdef++ if /<(?:[0-9A-F]{4})*?0000(?:[0-9A-F]{4})*>/ && grep { $_ eq '0000' } map { /(....)/g } /<([0-9A-F]+)>/g;
	}
	$unbalanced++ if $depth;
}
is("$text_outside $unbalanced", '0 0', 'no content stands outside of marks (ISO 14289-1, 7.1)');
is($notdef, 0, 'no glyph stands for nothing (6.2.11.8)');
my ($owned) = (0);
my ($tree) = $objects->{ reference($catalog, 'StructTreeRoot') }[0];
$owned++ while $objects->{ reference($tree, 'ParentTree') }[0] =~ /\d+ 0 R/g;
is($owned, $marked, 'every marked content has its element (ISO 32000-1, 14.7.4.4)');

# Structure
my %tags;
my $no_scope = 0;
for my $object (grep { $_->[0] =~ m{/P \d+ 0 R.*/K\[} } values %$objects)
{
	my ($tag) = $object->[0] =~ m{/S/(\w+)};
	$tags{$tag}++;
	$no_scope++ if $tag eq 'TH' && $object->[0] !~ m{/A<</O/Table/Scope/(?:Row|Column)>>};
}
is($no_scope, 0, 'every head cell says of what it is the head (ISO 14289-1, 7.5)');
is($tags{H1}, 1, 'one title');
is($tags{THead}, 1, 'a head that is repeated is one in the structure, and an artifact on later pages (ISO 14289-1, 7.8)');
cmp_ok($tags{TD}, '>=', 450, 'cells');
my $pages_with_head = () = output_of("pdftotext -layout '$file' -") =~ /^.*Employer +.*Income.*$/mg;
is($pages_with_head, scalar(@pages), 'the head is on every page of the table');
is(scalar(grep { $_->[0] =~ m{/Title.*/Parent \d+ 0 R/Dest\[}s } values %$objects), 3, 'a bookmark for each heading');
like(decode_utf8(output_of("pdfinfo '$file'")), qr/^Title: +Apdrošināšanas periodi.*^Tagged: +yes.*^JavaScript: +no/ms, 'pdfinfo sees title and tags');

# Fonts are parts of fonts, with widths and texts of all that is used
for my $font (grep { $_->[0] =~ m{/Subtype/CIDFontType2} } values %$objects)
{
	my $descriptor = $objects->{ reference($font->[0], 'FontDescriptor') }[0];
	my $map = $objects->{ reference($font->[0], 'CIDToGIDMap') }[1];
	my ($widths) = $font->[0] =~ m{/W\[1\[([^\]]*)\]\]};
	my @glyphs = unpack 'n*', $map;
	like($descriptor, qr{/FontName/[A-Z]{6}\+}, 'a subset is named as one (6.2.11.4)');
	is(scalar(split ' ', $widths), $#glyphs, 'a width for each glyph (6.2.11.5)');
	is(scalar(grep { $_ == 0 } @glyphs[ 1 .. $#glyphs ]), 0, 'each CID is a glyph (6.2.11.3.2)');
	like($objects->{ reference($descriptor, 'FontFile2') }[1], qr/\A\x00\x01\x00\x00/, 'TrueType outlines are embedded');
}
my $to_unicode = join "\n", map { $_->[1] } map { $objects->{ reference($_->[0], 'ToUnicode') } } grep { $_->[0] =~ m{/Subtype/Type0} } values %$objects;
unlike($to_unicode, qr/<(?:0000|FEFF|FFFE)>$/m, 'no glyph stands for what is no character (6.2.11.7.2)');

# Read out aloud: every text as it was typed, whatever its direction
my $read = decode_utf8(output_of("pdfinfo -struct-text '$file'"));
for my $text ('Ἑλένη Bērziņa ffi', 'דוד מלך', 'محمد الخامس', 'Employer number 150 of a long list', '150,25', '01.01.2026.', 'Apdrošināšanas periodi')
{
	ok($read =~ /"\Q$text\E"/, encode_utf8("a screen reader gets $text"));
}
is(() = $read =~ /Employer number \d+ of a long list/g, 150, 'each row once');
like($read, qr/"two lines"/, 'lines of a text are words apart');
like(decode_utf8(output_of("pdftotext '$file' -")), qr/^two\nlines$/m, '… and stay lines');

# The same again is the same but for the time
my ($one, $other) = split /\|/, $node->safe_psql('postgres', encode_utf8("BEGIN; SELECT encode(sha256($document), 'hex') || '|' || encode(sha256($document), 'hex')"));
is($one, $other, 'the same row gives the same bytes');

# Pixels: margins are white, the page is not
sub pixels
{
	my ($path, $page) = @_;
	output_of("pdftoppm -gray -r 36 -f $page -l $page '$path' '$folder/page'");
	my ($image) = glob "$folder/page*.pgm";
	my $bytes = slurp_file($image);
	unlink $image;
	$bytes =~ s/\AP5\s+(\d+)\s+(\d+)\s+255\s//s or die 'no picture';
	return ($1, $2, [ unpack 'C*', $bytes ]);
}
my ($width, $height, $dots) = pixels($file, 1);
my @dark = grep { $dots->[$_] < 200 } 0 .. $#$dots;
cmp_ok(scalar @dark, '>', $width * $height / 200, 'there is ink on the page');
is(scalar(grep { my $x = $_ % $width; my $y = int($_ / $width); $x < 24 || $x > $width - 24 || $y < 24 || $y > $height - 20 } @dark), 0, 'and none in its margins');

# A row that is higher than a page, a word wider than its column, a title longer than its line
my $long = write_file('long.pdf', bytes_of("ootspg.document(json_build_object('word', repeat('x', 30000), 'story', repeat('Some words. ', 2000), repeat('key ', 100), json_build_object('a', 1)), 'application/pdf', facts => json_build_object('title', repeat('Title ', 400))::jsonb)"));
is(output_of("qpdf --check '$long' >/dev/null && echo sound"), "sound\n", 'what is too large for a page goes on on the next');
my $all = output_of("pdfinfo -struct-text '$long'");
(my $x = $all) =~ s/[^x]//g;
is(length $x, 30000, 'a word of 30000 letters is there whole');
is(() = $all =~ /Some\s*"?\s*"?words\./g, 2000, 'so is a text of 4000 words');

# Field by field: random instances
my $seed = $ENV{OOTSPG_SEED} // time;
diag("seed $seed");
srand $seed;
my @words = ('Bērziņa', 'Żółć', 'שלום', 'محمد', 'Ελλάδα', 'Дом', 'ffi', 'a/b', '(x)', 'l’été');
my $wrong = 0;
for my $number (1 .. 12)
{
	my $count = 0;
	my $word = sub { $count++; return $words[ rand @words ] . "v$count" };
	my @rows = map { '{"a": "' . $word->() . '", "b": "' . $word->() . '"}' } 1 .. 2 + rand 60;
	my $json = '{"f": "' . $word->() . '", "rows": [' . join(',', @rows) . '], "g": {"h": ["' . $word->() . '", "' . $word->() . '"], "i": {"j": "' . $word->() . '"}}}';
	my $path = write_file('random.pdf', bytes_of("ootspg.document('$json'::json, 'application/pdf', languages => '{" . ($number % 2 ? 'EN' : 'EN,MT') . "}')"));
	my $text = decode_utf8(output_of("pdfinfo -struct-text '$path'"));
	my @found = $text =~ /"([^"]*v\d+)"/g;
	my @wanted = $json =~ /: "([^"]*v\d+)"|(?<=[\[ ])"([^"]*v\d+)"(?=[,\]])/g;
	@wanted = grep { defined } @wanted;
	$wrong++ if join("\n", sort @found) ne join("\n", sort @wanted);
}
is($wrong, 0, 'every field of random instances is read out once, and nothing else');

# What cannot be written is refused in words
sub refusal
{
	my ($sql) = @_;
	my ($code, $stdout, $stderr) = $node->psql('postgres', encode_utf8("\\set VERBOSITY verbose\n$sql"));
	return decode_utf8($stderr);
}
my $simple = q{SELECT ootspg.document('{"a": "x"}'::json, 'application/pdf')};
like(refusal(q{SELECT ootspg.document('{"a": "漢"}'::json, 'application/pdf')}), qr/OT005: .*no font.*\n.*U\+6F22/, 'a character that no font has');
like(refusal("SET ootspg.document_fonts = '/nowhere.ttf'; $simple"), qr/OT003: .*"\/nowhere\.ttf" cannot be used/, 'a font that is not there');
my $no_font = write_file('no.ttf', 'x' x 1000);
chmod 0644, $no_font;
like(refusal("SET ootspg.document_fonts = '$no_font'; $simple"), qr/OT003: .*it is no font/, 'a file that is no font');
like(refusal("SET ootspg.document_fonts = ''; $simple"), qr/OT003: no fonts are named/, 'no font at all');
like(refusal("SET ootspg.max_evidence_size = '16kB'; SELECT ootspg.document((SELECT json_agg(n::text || md5(n::text)) FROM generate_series(1, 400) n), 'application/pdf')"), qr/OT002: PDF document is larger/, 'a document that is too large');
unlike(slurp_file($node->logfile), qr/was terminated by signal/, 'no backend crashed');

# Memory is given back, also what the libraries take
my $grown = $node->safe_psql('postgres', q{
	CREATE FUNCTION resident() RETURNS bigint LANGUAGE sql AS $$ SELECT substring(pg_read_file('/proc/self/statm') from '^\d+ (\d+)')::bigint * 4 $$;
	CREATE FUNCTION documents(n integer) RETURNS bigint LANGUAGE plpgsql AS $$
	DECLARE r bigint;
	BEGIN
		FOR i IN 1 .. n LOOP
			PERFORM ootspg.document(json_build_object('a', 'ābc ' || i, 'rows', json_build_array(json_build_object('x', i, 'y', 'שלום'), json_build_object('x', 2))), 'application/pdf');
			BEGIN
				PERFORM ootspg.document('{"a": "b", "c": "漢"}'::json, 'application/pdf');
			EXCEPTION WHEN SQLSTATE 'OT005' THEN NULL;
			END;
		END LOOP;
		RETURN resident();
	END $$;
	SELECT documents(100) AS before \gset
	SELECT documents(400) - :before});
cmp_ok($grown, '<', 2000, 'memory is flat over documents, written and refused (kB)');

$node->stop;
done_testing();
