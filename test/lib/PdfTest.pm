# PdfTest: small PDF files of every kind of cross-reference, written by the tests themselves, their
# revisions, and what stands where in a sealed one.
package PdfTest;

use strict;
use warnings FATAL => 'all';

use Compress::Zlib;
use Exporter 'import';

our @EXPORT = qw(pdf_objects pdf_classic pdf_streams pdf_hybrid pdf_update signature_places pdf_bytes signed_around);

my $id = '/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]';

# pdf_objects(number => text...): the objects of one page that says "Sum 100", some of them replaced or added
sub pdf_objects
{
	my $content = 'BT /F1 18 Tf 20 100 Td (Sum 100) Tj ET';
	return {
		1 => '<< /Type /Catalog /Pages 2 0 R >>',
		2 => '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
		3 => '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 240 140] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
		4 => sprintf("<< /Length %d >>\nstream\n%s\nendstream", length $content, $content),
		5 => '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
		6 => '<< /Title (Evidence) >>',
		@_
	};
}

sub numbers
{
	my ($objects) = @_;
	return sort { $a <=> $b } keys %$objects;
}

# body(objects, numbers...): header and objects, and where each begins
sub body
{
	my ($objects, @numbers) = @_;
	my $pdf = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n";
	my %at;

	for my $n (@numbers)
	{
		$at{$n} = length $pdf;
		$pdf .= "$n 0 obj\n$objects->{$n}\nendobj\n";
	}
	return ($pdf, %at);
}

sub table
{
	my ($last, %at) = @_;
	return "xref\n0 " . ($last + 1) . "\n0000000000 65535 f \n"
	  . join '', map { exists $at{$_} ? sprintf("%010d 00000 n \n", $at{$_}) : "0000000000 00255 f \n" } 1 .. $last;
}

# pdf_classic(objects, members of the trailer): with a table
sub pdf_classic
{
	my ($objects, $trailer) = @_;
	my ($pdf, %at) = body($objects, numbers($objects));
	my $last = (numbers($objects))[-1];
	my $start = length $pdf;

	return $pdf . table($last, %at) . sprintf("trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R $id %s>>\nstartxref\n%d\n%%%%EOF\n", $last + 1, $trailer // '', $start);
}

# PNG's predictor "up" over rows of so many octets
sub predicted
{
	my ($rows, $columns) = @_;
	my @above = (0) x $columns;
	my $out = '';

	for my $row (unpack "(a$columns)*", $rows)
	{
		my @now = unpack 'C*', $row;
		$out .= "\x02" . pack 'C*', map { ($now[$_] - $above[$_]) & 255 } 0 .. $#now;
		@above = @now;
	}
	return $out;
}

sub with_streams
{
	my ($objects, $hybrid) = @_;
	my @packed = grep { $objects->{$_} !~ /^stream/m && (!$hybrid || $_ > 4) } numbers($objects);
	my %packed = map { $packed[$_] => $_ } 0 .. $#packed;
	my ($pdf, %at) = body($objects, grep { !exists $packed{$_} } numbers($objects));
	my ($stream, $xref) = ((numbers($objects))[-1] + 1, (numbers($objects))[-1] + 2);
	my ($index, $text) = ('', '');

	for (@packed)
	{
		$index .= "$_ " . length($text) . ' ';
		$text .= "$objects->{$_}\n";
	}
	my $data = compress($index . $text);
	$at{$stream} = length $pdf;
	$pdf .= sprintf "%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n",
	  $stream, scalar @packed, length $index, length $data, $data;
	$at{$xref} = length $pdf;
	my $rows = join '', map {
		exists $packed{$_} ? pack('CNn', 2, $stream, $packed{$_}) : exists $at{$_} ? pack('CNn', 1, $at{$_}, 0) : pack('CNn', 0, 0, 65535)
	} 0 .. $xref;
	$data = compress(predicted($rows, 7));
	$pdf .= sprintf "%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Info 6 0 R $id /Length %d /Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >> >>\nstream\n%s\nendstream\nendobj\n",
	  $xref, $xref + 1, length $data, $data;
	return ($pdf, $xref, %at);
}

# pdf_streams(objects): cross-reference and most objects in streams
sub pdf_streams
{
	my ($pdf, $xref, %at) = with_streams(@_);
	return $pdf . "startxref\n$at{$xref}\n%%EOF\n";
}

# pdf_hybrid(objects): a table, and a stream for those who know streams
sub pdf_hybrid
{
	my ($objects) = @_;
	my ($pdf, $xref, %at) = with_streams($objects, 1);
	my $start = length $pdf;
	return $pdf . table($xref, %at) . sprintf("trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R /XRefStm %d $id >>\nstartxref\n%d\n%%%%EOF\n", $xref + 1, $at{$xref}, $start);
}

# pdf_update(pdf, number => text...): one more revision, with a table
sub pdf_update
{
	my ($pdf, %objects) = @_;
	my ($previous) = $pdf =~ /.*startxref\s+(\d+)/s;
	my ($size) = sort { $b <=> $a } $pdf =~ m{/Size (\d+)}g;
	my $table = '';

	for (sort { $a <=> $b } keys %objects)
	{
		$table .= sprintf "%d 1\n%010d 00000 n \n", $_, length $pdf;
		$pdf .= "$_ 0 obj\n$objects{$_}\nendobj\n";
		$size = $_ + 1 if $_ >= $size;
	}
	my $start = length $pdf;
	return $pdf . "xref\n${table}trailer\n<< /Size $size /Root 1 0 R /Prev $previous $id >>\nstartxref\n$start\n%%EOF\n";
}

# pdf_bytes(pdf): as an SQL value
sub pdf_bytes
{
	my ($pdf) = @_;
	return q{decode('} . unpack('H*', $pdf) . q{', 'hex')};
}

# signature_places(pdf): of the last signature, its ByteRange
sub signature_places
{
	my ($pdf) = @_;
	my @ranges = $pdf =~ m{/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]}g;
	return @ranges[ -4 .. -1 ];
}

# signed_around(pdf): what the last signature covers, and its DER with what fills it up
sub signed_around
{
	my ($pdf) = @_;
	my (undef, $first, $second, $rest) = signature_places($pdf);
	return (substr($pdf, 0, $first) . substr($pdf, $second, $rest), pack 'H*', substr $pdf, $first + 1, $second - $first - 2);
}

1;
