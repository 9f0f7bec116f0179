# OotsSchema: do messages fit the published schemas? Those stand beside the
# repository and import each other by addresses on the internet; here they are
# copied into a temporary directory with imports that point to the copies.
package OotsSchema;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use File::Temp;
use IPC::Run;
use OotspgTest;
use PostgreSQL::Test::Utils ();

our @EXPORT = qw(schema_missing schema_errors);

# namespace => file below xsd/
my %schemas = (
	'http://www.w3.org/XML/1998/namespace' => 'xml/xml.xsd',
	'http://www.w3.org/1999/xlink' => 'xml/xlink.xsd',
	'http://www.w3.org/2005/08/addressing' => 'xml/ws-addr.xsd',
	'urn:oasis:names:tc:ebxml-regrep:xsd:rim:4.0' => 'regrep4/rim.xsd',
	'urn:oasis:names:tc:ebxml-regrep:xsd:rs:4.0' => 'regrep4/rs.xsd',
	'urn:oasis:names:tc:ebxml-regrep:xsd:query:4.0' => 'regrep4/query.xsd',
	'urn:oasis:names:tc:ebxml-regrep:xsd:lcm:4.0' => 'regrep4/lcm.xsd',
	'http://data.europa.eu/p4s' => 'sdg/SDG-GenericMetadataProfile-v1.0.0.xsd',
);
my $sdg = 'http://data.europa.eu/p4s';

# filled when first needed; removed with the process
my $directory;

# Why no message can be validated here, or undef when it can.
sub schema_missing
{
	for my $file (values %schemas)
	{
		return 'the published schemas are not beside the repository' unless shared_file("data/xsd/$file");
	}
	my $found = eval { IPC::Run::run([ 'xmllint', '--version' ], '>', \my $out, '2>', \my $err) };
	return $found ? undef : 'xmllint is not installed';
}

sub import_element
{
	my ($prefix, $namespace) = @_;
	my ($file) = $schemas{$namespace} =~ m{([^/]+)$};
	return qq{<${prefix}import namespace="$namespace" schemaLocation="$file"/>};
}

# A schema that only imports others
sub write_driver
{
	my ($name, @namespaces) = @_;
	open my $out, '>:raw', "$directory/$name" or die "$name: $!";
	print $out '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">',
	  (map { import_element('xs:', $_) } sort @namespaces), '</xs:schema>';
	close $out or die "$name: $!";
	return;
}

sub prepare
{
	$directory = File::Temp->newdir;
	for my $file (values %schemas)
	{
		my $text = PostgreSQL::Test::Utils::slurp_file(shared_file("data/xsd/$file"));
		my ($name) = $file =~ m{([^/]+)$};

		$text =~ s{<((?:\w+:)?)import\s+namespace="([^"]+)"[^>]*?/>}{import_element($1, $2)}ge;
		open my $out, '>:raw', "$directory/$name" or die "$name: $!";
		print $out $text;
		close $out or die "$name: $!";
	}
	write_driver('all.xsd', keys %schemas);
	# the element inside a slot is lax: what no schema declares is not looked at
	write_driver('regrep.xsd', grep { $_ ne $sdg } keys %schemas);
	return;
}

# schema_errors(bytes, line => 'v2.0'): what xmllint has against the message, ''
# when it is valid, undef where schema_missing() says why. The line v2.0 is
# held against the RegRep schemas only, because the SDG schema beside the
# repository is that of 1.0.0.
sub schema_errors
{
	my ($bytes, %options) = @_;
	my $driver = ($options{line} // '') eq 'v2.0' ? 'regrep.xsd' : 'all.xsd';

	return undef if schema_missing();
	prepare() unless $directory;

	my $message = File::Temp->new(DIR => $directory);
	binmode $message;
	print $message $bytes;
	close $message or die $!;

	my ($out, $err);
	IPC::Run::run(
		[ 'xmllint', '--noout', '--nonet', '--schema', "$directory/$driver", $message->filename ],
		'>', \$out, '2>', \$err);
	return '' if $? == 0;
	$err =~ s/^\Q$directory\E\///mg;
	return $err ne '' ? $err : 'xmllint failed without a word';
}

1;
