# DirectoryService: the common services' query interface (test/directory) for one
# test, with keys and certificates of its own.
#
#	my $ds = DirectoryService->start(alg => 'EdDSA');
#	$ds->publish('dsd', 'XA', $submission);
#	$ds->control('rule times=2 bad-signature');
#	connect_to($ds->url('dsd'), trusting => $ds->root_pem);
#	is($ds->stats->{'queries.dsd'}, 1);
#
# Nothing is kept over stop() and restart(). What a method is refused, it dies of.
package DirectoryService;

use strict;
use warnings FATAL => 'all';

use parent 'TestServer';

use File::Temp;

my $program = 'test/build/directory-service';
my %key_options = (
	ES256 => [ '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256' ],
	EdDSA => [ '-algorithm', 'ED25519' ],
);
my %query_ids = (
	services => 'urn:fdc:oots:dsd:ebxml-regrep:queries:dataservices-by-evidencetype-and-jurisdiction',
	requirements => 'urn:fdc:oots:eb:ebxml-regrep:queries:requirements-by-procedure-and-jurisdiction',
	types => 'urn:fdc:oots:eb:ebxml-regrep:queries:evidence-types-by-requirement-and-jurisdiction',
);

# start(alg => 'EdDSA', intermediate => 0, tls => 1): ES256 with an intermediate
# certificate and without TLS unless said. tls may be a priority string of GnuTLS.
sub start
{
	my ($class, %options) = @_;
	my $self = bless {
		directory => File::Temp->newdir('directory.XXXXXX', TMPDIR => 1),
		name => 'directory-service', alg => 'ES256', intermediate => 1, port => 0, plain_port => 0, %options
	}, $class;

	chmod 0755, $self->{directory} or die "$self->{directory}: $!";
	$self->make_chains;
	$self->make_server_certificate if $self->{tls};
	$self->launch;
	return $self;
}

sub write_file
{
	my ($self, $name, @texts) = @_;
	open my $out, '>', $self->file($name) or die "$name: $!";
	print $out @texts;
	close $out or die "$name: $!";
	return;
}

sub read_file
{
	my ($self, $name) = @_;
	open my $in, '<', $self->file($name) or die "$name: $!";
	local $/ = undef;
	return scalar <$in>;
}

# A private key, always of the kind answers are signed with
sub make_key
{
	my ($self, $name, $alg) = @_;
	TestServer::run_openssl('genpkey', @{ $key_options{ $alg // $self->{alg} } // die "no such alg: $alg" }, '-out', $self->file("$name.key"));
	TestServer::run_openssl('req', '-new', '-key', $self->file("$name.key"), '-subj', "/C=XA/O=Test/CN=$name",
		'-out', $self->file("$name.csr"));
	return;
}

# issue(name, by, usage, from, to): a certificate for a key that is there; by
# itself when both names are the same. Only `openssl ca` takes a time in the past.
sub issue
{
	my ($self, $name, $by, $usage, $from, $to) = @_;
	my @signer = $name eq $by ? ('-selfsign') : ('-cert', $self->file("$by.pem"));

	$self->write_file('ca.index');
	$self->write_file('ca.conf', map { "$_\n" } '[ca]', 'default_ca = test', '[test]', 'database = ' . $self->file('ca.index'),
		'new_certs_dir = ' . $self->{directory}, 'rand_serial = yes', 'default_md = ' . ($self->{alg} eq 'EdDSA' ? 'default' : 'sha256'),
		'policy = any', 'x509_extensions = usage', 'unique_subject = no', '[any]', 'countryName = optional',
		'organizationName = optional', 'commonName = supplied', '[usage]', 'subjectKeyIdentifier = hash', $usage);
	TestServer::run_openssl('ca', '-batch', '-notext', '-config', $self->file('ca.conf'), @signer,
		'-keyfile', $self->file("$by.key"), '-in', $self->file("$name.csr"), '-out', $self->file("$name.pem"),
		'-startdate', $from // '20240101000000Z', '-enddate', $to // '20491231235959Z');
	return;
}

# Two roots that know nothing of each other, and below the first an expired leaf
sub make_chains
{
	my ($self) = @_;
	my $authority = "basicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign";
	my $signing = "basicConstraints = critical,CA:false\nkeyUsage = critical,digitalSignature,nonRepudiation";
	my $issuer = $self->{intermediate} ? 'intermediate' : 'root';

	$self->make_key($_) for 'root', 'leaf', 'expired', 'other-root', 'other', $self->{intermediate} ? 'intermediate' : ();
	$self->issue('root', 'root', $authority);
	$self->issue('intermediate', 'root', $authority) if $self->{intermediate};
	$self->issue('leaf', $issuer, $signing);
	$self->issue('expired', $issuer, $signing, '20240101000000Z', '20240630000000Z');
	$self->issue('other-root', 'other-root', $authority);
	$self->issue('other', 'other-root', $signing);

	my $above = join '', map { $self->read_file("$_.pem") } $self->{intermediate} ? 'intermediate' : (), 'root';
	$self->write_file("$_-chain.pem", $self->read_file("$_.pem"), $above) for 'leaf', 'expired';
	$self->write_file('other-chain.pem', $self->read_file('other.pem'), $self->read_file('other-root.pem'));
	return;
}

# Of an authority of its own: who may run the server is not who may sign. The
# keys are of the kind every client takes.
sub make_server_certificate
{
	my ($self) = @_;
	local $self->{alg} = 'ES256';

	$self->make_key($_) for 'tls-root', 'server';
	$self->issue('tls-root', 'tls-root', "basicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign");
	$self->issue('server', 'tls-root', "keyUsage = critical,digitalSignature\nextendedKeyUsage = serverAuth\n"
		  . 'subjectAltName = DNS:localhost,IP:127.0.0.1');
	return;
}

sub launch
{
	my ($self) = @_;
	my @arguments = ('--with-parent', '--port', $self->{port}, '--port-file', $self->file('port'));
	my %names = (sign => 'leaf', other => 'other', expired => 'expired');

	push @arguments, "--$_-key", $self->file("$names{$_}.key"), "--$_-chain", $self->file("$names{$_}-chain.pem")
	  for sort keys %names;
	push @arguments, '--tls-cert', $self->file('server.pem'), '--tls-key', $self->file('server.key'),
	  '--plain-port-file', $self->file('plain_port')
	  if $self->{tls};
	push @arguments, '--tls-priorities', $self->{tls} if $self->{tls} && $self->{tls} ne '1';
	$self->spawn($program, @arguments);
	$self->{port} = $self->read_number('port');
	$self->{plain_port} = $self->{tls} ? $self->read_number('plain_port') : $self->{port};
	return;
}

# On the same port, as empty as at the start
sub restart { my ($self) = @_; $self->stop; $self->launch; return; }

# The base of a service, to which clients add /rest/search
sub url
{
	my ($self, $service) = @_;
	return ($self->{tls} ? 'https' : 'http') . "://localhost:$self->{port}" . ($service ? "/$service" : '');
}

# Whom clients should trust: for signatures, and for the server with TLS. In PEM;
# the files are root.pem and tls-root.pem.
sub root_pem { my ($self) = @_; return $self->read_file('root.pem'); }
sub tls_root_pem { my ($self) = @_; return $self->read_file('tls-root.pem'); }

# publish(service, state, submission): all the state has there from now on
sub publish
{
	my ($self, $service, $country, $xml) = @_;
	my $answer = $self->request('POST', "/control/publish/$service/$country", {}, $xml);
	die "$answer->{status} $answer->{content}" unless $answer->{status} == 200;
	return;
}

sub query_string
{
	my (%parameters) = @_;
	my $encode = sub { my ($text) = @_; $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge; return $text; };
	return join '&', map { $encode->($_) . '=' . $encode->($parameters{$_}) } sort keys %parameters;
}

# publish_answer(service, bytes, parameters): sent for queries that say all this;
# no bytes end it.
sub publish_answer
{
	my ($self, $service, $bytes, %parameters) = @_;
	my $answer = $self->request('POST', "/control/publish-answer/$service?" . query_string(%parameters), {}, $bytes);
	die "$answer->{status} $answer->{content}" unless $answer->{status} == 200;
	return;
}

# query(services|requirements|types, version, parameters): as request() answers.
# The version undef sends no header.
sub query
{
	my ($self, $name, $version, %parameters) = @_;
	my $service = $name eq 'services' ? 'dsd' : 'eb';
	my %headers = (Accept => 'application/x-ebrs+xml', defined $version ? ('Accept-Version' => $version) : ());

	return $self->request('GET', "/$service/rest/search?" . query_string(queryId => $query_ids{$name}, %parameters), \%headers, '');
}

# queries(): what came so far, hashes of service, version, accept and query
sub queries
{
	my ($self) = @_;
	my @names = qw(service version accept query);
	my @queries;
	for my $line (split /\n/, $self->control('queries'))
	{
		my %query;
		@query{@names} = split /\t/, $line, 4;
		push @queries, \%query;
	}
	return @queries;
}

1;
