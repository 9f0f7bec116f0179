# Letterheads of generated documents: PNG of every kind, JPEG and SVG of paths stand on the first page in their colours, with what they show
# for screen readers or as an artifact; colour, margin and foot. What no document could have is refused in words, when the row is written.
use strict;
use warnings FATAL => 'all';
use utf8;

use Compress::Zlib;
use Encode qw(decode_utf8 encode_utf8);
use MIME::Base64;
use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

for my $tool (qw(qpdf pdfinfo pdftoppm pdftotext))
{
	plan skip_all => "$tool is not installed" if system("command -v $tool >/dev/null") != 0;
}
my $node = start_node('letterhead');
my $folder = $node->basedir;

sub sql { return decode_utf8($node->safe_psql('postgres', encode_utf8($_[0]))) }
sub output_of { return decode_utf8(scalar qx{@_ 2>&1}) }

# What a row is refused with; '' when it is not
sub refused
{
	my ($stdout, $stderr);
	$node->psql('postgres', encode_utf8($_[0]), stdout => \$stdout, stderr => \$stderr);
	return decode_utf8($stderr) =~ /ERROR:  (.*)/ ? $1 : '';
}

sub bytes { return "'\\x" . unpack('H*', $_[0]) . "'::bytea" }

sub chunk { my ($type, $data) = @_; return pack('N', length $data) . $type . $data . pack 'N', crc32($type . $data) }

# png(colour type, bits, width, height, octets of the rows with their filters, chunks before the data)
sub png
{
	my ($colour, $bits, $width, $height, $rows, $more, $interlace) = @_;
	return "\x89PNG\r\n\x1a\n" . chunk('IHDR', pack 'NNCCCCC', $width, $height, $bits, $colour, 0, 0, $interlace // 0) . ($more // '') . chunk('IDAT', compress($rows)) . chunk('IEND', '');
}

sub svg { return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">' . $_[0] . '</svg>' }

sub set_head
{
	my ($media_type, $image, $more) = @_;
	return "DELETE FROM ootspg.letterhead; INSERT INTO ootspg.letterhead (provider, media_type, image, height_mm) VALUES ('civil', '$media_type', " . bytes($image) . ", 25.4)" . ($more // '');
}

# The document with the letterhead, as a file that was found sound; its pixels at 72 a inch, as a function of x and y.
sub page
{
	my $pdf = pack 'H*', sql(q{SELECT encode(ootspg.document('{"name": "Anna"}'::json, 'application/pdf', NULL, NULL, '{LV}', '{"title": "Page", "provider": "civil"}'), 'hex')});
	open my $handle, '>:raw', "$folder/page.pdf" or die $!;
	print $handle $pdf;
	close $handle or die $!;
	is(output_of("qpdf --check '$folder/page.pdf' >/dev/null && echo sound"), "sound\n", 'sound');
	system('pdftoppm', '-r', '72', '-singlefile', "$folder/page.pdf", "$folder/page") == 0 or die 'pdftoppm';
	my $ppm = slurp_file("$folder/page.ppm");
	my ($width) = $ppm =~ /\AP6\s(\d+)\s\d+\s255\s/ or die 'no picture';
	my $from = $+[0];
	return sub { my ($x, $y) = @_; return sprintf '%02x%02x%02x', unpack 'C3', substr $ppm, $from + 3 * ($y * $width + $x), 3 };
}

sub is_near
{
	my ($got, $wanted, $what) = @_;
	my @got = map { hex } unpack '(a2)*', $got;
	my @wanted = map { hex } unpack '(a2)*', $wanted;
	ok(!(grep { abs($got[$_] - $wanted[$_]) > 6 } 0 .. 2), $what) or diag("$got, not $wanted");
}

$node->safe_psql('postgres', q{CREATE EXTENSION ootspg;
	INSERT INTO ootspg.provider (provider, scheme, identifier, name, country, content_domain) VALUES ('civil', 'urn:cef.eu:names:identifier:EAS:9939', 'LV90000000001', '{"EN": "Civil Register"}', 'LV', 'civil.example.lv')});

# Every kind of PNG: four quarters red, green / blue, transparent or white, each two pixels wide; at 72 pixels an inch and one inch of height
# its quarters begin at 62 from the left and the top.
my @quarters = ([ 255, 0, 0, 255 ], [ 0, 255, 0, 255 ], [ 0, 0, 255, 255 ], [ 10, 20, 30, 0 ]);

# rows of four by four, each pixel by a function of its quarter
sub rows { my ($pixel) = @_; return join '', map { my $y = $_; "\0" . join '', map { $pixel->($quarters[ 2 * int($y / 2) + int($_ / 2) ]) } 0 .. 3 } 0 .. 3 }
my $plain = sub { return pack 'C3', $_[0][3] ? @{ $_[0] }[ 0 .. 2 ] : (255, 255, 255) };
my $palette = chunk('PLTE', pack 'C*', 255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30);
my $number = sub { my ($q) = @_; return (grep { $quarters[$_] == $q } 0 .. 3)[0] };
my %png = (
	'RGB' => png(2, 8, 4, 4, rows($plain)),
	'RGB of 16 bits' => png(2, 16, 4, 4, rows(sub { return join '', map { pack 'n', $_ * 257 } unpack 'C*', $plain->($_[0]) })),
	'RGB and alpha' => png(6, 8, 4, 4, rows(sub { return pack 'C4', @{ $_[0] } })),
	'RGB with a transparent colour' => png(2, 8, 4, 4, rows(sub { return pack 'C3', @{ $_[0] }[ 0 .. 2 ] }), chunk('tRNS', pack 'n3', 10, 20, 30)),
	'palette of 8 bits' => png(3, 8, 4, 4, rows(sub { return pack 'C', $number->($_[0]) }), $palette . chunk('tRNS', pack 'C4', 255, 255, 255, 0)),
	'palette of 2 bits' => png(3, 2, 4, 4, pack('C*', (0, 0b00000101) x 2, (0, 0b10101111) x 2), $palette . chunk('tRNS', pack 'C4', 255, 255, 255, 0)));
# each filter on the same pixels
my @lines = map { substr rows($plain), 13 * $_ + 1, 12 } 0 .. 3;
for my $filter (1 .. 4)
{
	my $rows = '';
	for my $y (0 .. 3)
	{
		my @row = unpack 'C*', $lines[$y];
		my @up = $y > 0 ? unpack('C*', $lines[ $y - 1 ]) : (0) x 12;
		$rows .= pack 'C', $filter;
		for my $i (0 .. 11)
		{
			my ($a, $b, $c) = ($i >= 3 ? $row[ $i - 3 ] : 0, $up[$i], $i >= 3 ? $up[ $i - 3 ] : 0);
			my $p = $a + $b - $c;
			my ($pa, $pb, $pc) = (abs($p - $a), abs($p - $b), abs($p - $c));
			my @predicted = (0, $a, $b, int(($a + $b) / 2), $pa <= $pb && $pa <= $pc ? $a : $pb <= $pc ? $b : $c);
			$rows .= pack 'C', ($row[$i] - $predicted[$filter]) & 255;
		}
	}
	$png{"RGB, filter $filter"} = png(2, 8, 4, 4, $rows);
}
for my $kind (sort keys %png)
{
	sql(set_head('image/png', $png{$kind}));
	my $pixel = page();
	is(join(' ', map { $pixel->(@$_) } [ 62 + 18, 62 + 18 ], [ 62 + 54, 62 + 18 ], [ 62 + 18, 62 + 54 ], [ 62 + 54, 62 + 54 ]), 'ff0000 00ff00 0000ff ffffff', "$kind: colours");
}
sql(set_head('image/png', png(0, 1, 4, 4, pack 'C*', (0, 0b11000000) x 2, (0, 0b00110000) x 2)));
my $pixel = page();
is(join(' ', map { $pixel->(@$_) } [ 62 + 18, 62 + 18 ], [ 62 + 54, 62 + 18 ]), 'ffffff 000000', 'grey of one bit: colours');

# JPEG
system('pdftoppm', '-r', '36', '-jpeg', '-singlefile', "$folder/page.pdf", "$folder/picture") == 0 or die 'pdftoppm';
my $jpeg = slurp_file("$folder/picture.jpg");
sql(set_head('image/jpeg', $jpeg));
$pixel = page();
like(slurp_file("$folder/page.pdf"), qr{/Filter/DCTDecode/Length }, 'a JPEG is not written anew');
is_near($pixel->(62 + 40, 62 + 60), 'ffffff', 'and its paper is white');

# SVG: shapes, transformations, every command of a path
my %svg = (
	'a rectangle and a circle' => [ '<rect width="5" height="5" fill="#f00"/><circle cx="7.5" cy="7.5" r="2.5" fill="blue"/>', 'ff0000 ffffff ffffff 0000ff' ],
	'groups, styles, transformations' => [ '<g fill="#00ff00" transform="translate(5 0)"><rect width="5" height="5"/></g><g style="fill:#0000ff;stroke:none" transform="matrix(1,0,0,1,0,5)"><g transform="scale(.5)"><rect width="10" height="10"/></g></g>',
		'ffffff 00ff00 0000ff ffffff' ],
	'lines, relative and absolute' => [ '<path fill="red" d="M0,0h5v5H0z"/><path d="m5 5 5 0 0 5-5 0z" fill="#00f"/>', 'ff0000 ffffff ffffff 0000ff' ],
	'curves' => [ '<path fill="red" d="M0 0C0 0 5 0 5 0S5 5 5 5L0 5Z"/><path fill="blue" d="M5 5Q7.5 5 10 5T10 10L5 10Z"/>', 'ff0000 ffffff ffffff 0000ff' ],
	'arcs' => [ '<path fill="red" d="M0 2.5a2.5 2.5 0 015 0 2.5 2.5 0 0 1-5 0M0 0A1 1 0 0 0 1e-200 0"/><path fill="blue" d="M5 7.5A2.5 2.5 0 1 0 10 7.5 2.5 2.5 0 1 0 5 7.5"/>', 'ff0000 ffffff ffffff 0000ff' ],
	'holes' => [ '<path fill="red" fill-rule="evenodd" d="M0 0H10V10H0ZM5 5H10V10H5Z"/>', 'ff0000 ff0000 ff0000 ffffff' ],
	'lines drawn' => [ '<line x1="0" y1="2.5" x2="5" y2="2.5" stroke="red" stroke-width="3"/><polyline fill="none" stroke="blue" stroke-width="3" stroke-linejoin="round" points="5,7.5 10,7.5"/>', 'ff0000 ffffff ffffff 0000ff' ],
	'turned' => [ '<rect width="5" height="5" fill="red" transform="rotate(180 5 5)"/><title>x</title><desc>y</desc>', 'ffffff ffffff ffffff ff0000' ]);
for my $kind (sort keys %svg)
{
	sql(set_head('image/svg+xml', svg($svg{$kind}[0])));
	$pixel = page();
	is(join(' ', map { $pixel->(@$_) } [ 62 + 18, 62 + 18 ], [ 62 + 54, 62 + 18 ], [ 62 + 18, 62 + 54 ], [ 62 + 54, 62 + 54 ]), $svg{$kind}[1], "$kind: colours");
}
sql(set_head('image/svg+xml', svg($svg{arcs}[0])));
page();
unlike(output_of("qpdf --qdf --object-streams=disable '$folder/page.pdf' -"), qr/\b(?:nan|inf)\b/, 'an arc of next to no length leaves numbers in the document');
# what a session has kept of letterheads and labels it forgets with the change
my $digest = q{SELECT md5(ootspg.document('{"name": "Anna"}'::json, 'application/pdf', NULL, NULL, '{LV}', '{"title": "Page", "provider": "civil"}'))};
my @digests = split /\n/, sql("BEGIN; $digest; $digest; UPDATE ootspg.letterhead SET margin_mm = 30; $digest; COMMIT");
is($digests[1], $digests[0], 'the same row gives the same document');
isnt($digests[2], $digests[0], 'a changed letterhead is another one, in a session that had it before');
sql(set_head('image/svg+xml', svg($svg{turned}[0])));
$pixel = page();
unlike(output_of("pdfinfo -struct-text '$folder/page.pdf'"), qr/Figure/, 'without words for it the picture is an artifact');
sql(q{UPDATE ootspg.letterhead SET alternative = '{"EN": "Coat of arms", "LV": "Ģerbonis"}', colour = '#7a1020', margin_mm = 35.3, footer = '{"LV": "Rīga, Ēku iela 1", "EN": "1 Eku Street, Riga"}'});
$pixel = page();
my $structure = output_of("pdfinfo -struct '$folder/page.pdf'");
like($structure, qr/Figure/, 'with words it is a figure') or diag($structure);
like(output_of("qpdf --qdf --object-streams=disable '$folder/page.pdf' -"), qr{/Alt <feff01220065007200620006f006e00690073>|/Alt <FEFF01220065007200620006F006E00690073>|/Alt \(.*\)|/Alt <feff0122}i, 'which says what it shows');
my $text = output_of("pdftotext -layout '$folder/page.pdf' -");
like($text, qr/Rīga, Ēku iela 1/, 'the foot, in the language of the document');
unlike($text, qr/Eku Street/, 'and in no other');

# The page says and shows the same
my $html = sub { return sql("SELECT convert_from(ootspg.document('{\"name\": \"Anna\"}'::json, 'text/html', NULL, NULL, '{$_[0]}', '{\"provider\": \"civil\"}'), 'UTF8')") };
my $page = $html->('LV');
like($page, qr{^<article [^>]*><header class="doc-head"><svg [^>]*aria-label="Ģerbonis" class="doc-mark"[^>]* role="img" viewBox="0 0 \d+ \d+"[^>]*><image [^>]*></image></svg><h2>}, 'the mark stands above the title of a page, with what it shows');
my ($mark) = $page =~ /href="data:image\/svg\+xml;base64,([^"]+)"/;
is(decode_base64($mark // ''), svg($svg{turned}[0]), 'it is the picture, byte for byte');
like($page, qr{<footer class="doc-foot"><p class="doc-address">Rīga, Ēku iela 1</p></footer></article>$}, 'the foot, in its language');
like($html->('DE'), qr{aria-label="Coat of arms"[^>]* lang="en".*<p class="doc-address" lang="en">1 Eku Street, Riga</p>}, 'in another language it is marked');
sql('UPDATE ootspg.letterhead SET alternative = NULL, footer = NULL');
$page = $html->('LV');
like($page, qr{<svg [^>]*aria-hidden="true"}, 'without words for it the mark is passed over');
unlike($page, qr{<footer}, 'without anything in it there is no foot');
sql(q{UPDATE ootspg.letterhead SET alternative = '{"EN": "Coat of arms", "LV": "Ģerbonis"}', footer = '{"LV": "Rīga, Ēku iela 1", "EN": "1 Eku Street, Riga"}'});
like(output_of("qpdf --qdf --object-streams=disable '$folder/page.pdf' -"), qr/\n0\.48 0\.06 0\.13 rg\n/, 'its colour');
is($pixel->(62 + 5, 62 + 66), 'ffffff', 'its margin: nothing stands left of it');
is(sql(q{SELECT count(DISTINCT d) FROM (SELECT ootspg.document('[1]'::json, 'application/pdf', NULL, NULL, '{EN}', '{"provider": "civil"}') d FROM generate_series(1, 3)) q}), '1', 'the same bytes each time');

# What no document could have
my %refused = (
	'interlaced' => [ 'image/png', png(2, 8, 4, 4, rows($plain), '', 1), 'the PNG is interlaced: save it without' ],
	'a bomb' => [ 'image/png', png(2, 8, 60000, 60000, "\0" x 10), 'the PNG has more than two million pixels, or none' ],
	'less than it says' => [ 'image/png', png(2, 8, 4, 4, "\0" x 10), q{the PNG's data are not what its header says} ],
	'more than it says' => [ 'image/png', png(2, 8, 4, 4, "\0" x 5000), q{the PNG's data are not what its header says} ],
	'a filter that there is not' => [ 'image/png', png(2, 8, 4, 4, "\5" . "\0" x 51), q{the PNG has rows that can't be read} ],
	'a colour that the palette lacks' => [ 'image/png', png(3, 8, 4, 4, rows(sub { "\7" }), $palette), 'the PNG has a colour that its palette lacks' ],
	'no such kind' => [ 'image/png', png(3, 16, 4, 4, "\0" x 40), 'the PNG is of a kind that there is not' ],
	'cut off' => [ 'image/png', substr(png(2, 8, 4, 4, rows($plain)), 0, -13), 'the PNG is cut off' ],
	'not what it says' => [ 'image/jpeg', png(2, 8, 4, 4, rows($plain)), 'the document is not what its media type says' ],
	'large' => [ 'image/jpeg', "\xff\xd8\xff" . 'x' x 600000, 'the picture has more than 512 kB' ],
	'CMYK' => [ 'image/jpeg', "\xff\xd8\xff\xc0\0\x14\x08\0\x08\0\x08\4" . 'x' x 12 . "\xff\xda\0\x02\xff\xd9", 'the JPEG has other colours than grey or red, green and blue' ],
	'arithmetic' => [ 'image/jpeg', "\xff\xd8\xff\xc9\0\x0b\x08\0\x08\0\x08\1xxx\xff\xda\0\x02\xff\xd9", 'the JPEG is of a kind that PDF does not have' ],
	'a text' => [ 'image/svg+xml', svg('<text>A</text>'), 'the SVG has an element "text": letterheads take paths and plain shapes only' ],
	'a picture' => [ 'image/svg+xml', svg('<image href="data:image/png;base64,AAAA"/>'), 'the SVG has an element "image": letterheads take paths and plain shapes only' ],
	'a script' => [ 'image/svg+xml', svg('<script/>'), 'the SVG has scripts' ],
	'something outside' => [ 'image/svg+xml', svg('<path d="M0 0" style="fill:url(http://example.org/x)"/>'), 'the SVG refers to something outside of it' ],
	'a gradient' => [ 'image/svg+xml', svg('<path d="M0 0" fill="url(#g)"/>'), 'the SVG has a colour that is neither #rrggbb nor a common name, or a gradient' ],
	'something transparent' => [ 'image/svg+xml', svg('<g opacity="0.5"><path d="M0 0"/></g>'), 'the SVG has something transparent' ],
	'classes' => [ 'image/svg+xml', svg('<path class="a" d="M0 0"/>'), 'the SVG hides, clips, dashes or styles something by class: convert it to plain paths' ],
	'no path' => [ 'image/svg+xml', svg('<path d="M0 0 L nan 1"/>'), q{the SVG has a path that can't be read} ],
	'hexadecimal' => [ 'image/svg+xml', svg('<path d="M0 0 L 0x10 1"/>'), q{the SVG has a path that can't be read} ],
	'infinite' => [ 'image/svg+xml', svg('<path d="M0 0 L 1e99 1"/>'), q{the SVG has a path that can't be read} ],
	'a flag' => [ 'image/svg+xml', svg('<path d="M0 0 A 1 1 0 2 0 1 1"/>'), q{the SVG has a path that can't be read} ],
	'no begin' => [ 'image/svg+xml', svg('<path d="L1 1"/>'), q{the SVG has a path that can't be read} ],
	'too much' => [ 'image/svg+xml', svg('<path d="M0 0' . ' 1 1' x 21000 . '"/>'), 'the SVG draws more than a letterhead needs' ],
	'too deep' => [ 'image/svg+xml', svg('<g>' x 25 . '</g>' x 25), 'the SVG has groups too deep within each other' ],
	'no size' => [ 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'the SVG says no size: it needs a viewBox' ],
	'skewed' => [ 'image/svg+xml', svg('<g transform="skewX(3)"/>'), 'the SVG has a transformation that is not understood' ],
	'a transformation without numbers' => [ 'image/svg+xml', svg('<g transform="rotate"/>'), 'the SVG has a transformation that is not understood' ],
	'cut off in a transformation' => [ 'image/svg+xml', svg('<g transform="rotate(1 2"/>'), 'the SVG has a transformation that is not understood' ],
	'points' => [ 'image/svg+xml', svg('<polygon points="1,2 3"/>'), q{the SVG has points that can't be read} ]);
for my $what (sort keys %refused)
{
	my ($media_type, $image, $fault) = @{ $refused{$what} };
	is(refused("UPDATE ootspg.letterhead SET media_type = '$media_type', image = " . bytes($image)), qq{the letterhead of provider "civil" cannot have this picture: $fault}, $what);
}
is(refused(q{UPDATE ootspg.letterhead SET colour = '#ffff00'}), 'colour #ffff00 of the letterhead of provider "civil" is too light to be read on white', 'a colour that nobody could read');
is(refused(q{UPDATE ootspg.letterhead SET footer = jsonb_build_object('EN', repeat('x', 301))}), 'texts of the letterhead of provider "civil" are no line of up to 300 letters', 'a foot too long');
is(sql('SELECT count(*) FROM ootspg.letterhead WHERE alternative IS NOT NULL'), '1', 'the row is what it was');

$node->stop;
done_testing();
