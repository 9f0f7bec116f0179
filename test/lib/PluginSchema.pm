# PluginSchema: do SOAP messages fit the schemas of the WS plugin? Those stand
# beside the repository and import each other without saying where; here they
# are copied into a temporary directory with imports that do.
package PluginSchema;

use strict;
use warnings FATAL => 'all';

use Exporter 'import';
use File::Temp;
use IPC::Run;
use OotspgTest;
use PostgreSQL::Test::Utils ();

our @EXPORT = qw(plugin_schema_missing plugin_schema_errors);

# namespace => file below ws-plugin/
my %schemas = (
	'http://www.w3.org/XML/1998/namespace' => 'xml.xsd',
	'http://www.w3.org/2005/05/xmlmime' => 'xmlmime.xsd',
	'http://www.w3.org/2003/05/soap-envelope' => 'envelope.xsd',
	'http://eu.domibus.wsplugin/' => 'webservicePlugin-body.xsd',
	'http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/' => 'webservicePlugin-header.xsd',
);

# filled when first needed; removed with the process
my $directory;

# Why no message can be validated here, or undef when it can.
sub plugin_schema_missing
{
	for my $file (values %schemas)
	{
		return 'the schemas of the WS plugin are not beside the repository' unless shared_file("data/ws-plugin/$file");
	}
	my $found = eval { IPC::Run::run([ 'xmllint', '--version' ], '>', \my $out, '2>', \my $err) };
	return $found ? undef : 'xmllint is not installed';
}

sub write_file
{
	my ($name, $text) = @_;
	open my $out, '>:raw', "$directory/$name" or die "$name: $!";
	print $out $text;
	close $out or die "$name: $!";
	return;
}

sub import_element
{
	my ($prefix, $namespace) = @_;
	return qq{<${prefix}import namespace="$namespace" schemaLocation="$schemas{$namespace}"/>};
}

sub prepare
{
	$directory = File::Temp->newdir;
	for my $file (values %schemas)
	{
		my $text = PostgreSQL::Test::Utils::slurp_file(shared_file("data/ws-plugin/$file"));
		$text =~ s{<((?:\w+:)?)import\s+namespace="([^"]+)"[^>]*?/>}{import_element($1, $2)}ge;
		write_file($file, $text);
	}
	write_file('all.xsd', '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
		  . join('', map { import_element('xs:', $_) } sort keys %schemas) . '</xs:schema>');
	return;
}

# plugin_schema_errors(XML, ...): what xmllint has against any of the messages,
# '' when all are valid.
sub plugin_schema_errors
{
	my (@messages) = @_;
	my ($out, $err);

	prepare() unless $directory;
	write_file("message$_.xml", $messages[$_]) for 0 .. $#messages;
	IPC::Run::run(
		[ 'xmllint', '--noout', '--nonet', '--schema', "$directory/all.xsd", map { "$directory/message$_.xml" } 0 .. $#messages ],
		'>', \$out, '2>', \$err);
	return '' if $? == 0;
	return join "\n", grep { !/ validates$/ } split /\n/, $err =~ s/^\Q$directory\E\///mgr;
}

1;
