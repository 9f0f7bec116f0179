# WebDriver: Debian's chromium, driven over chromedriver by the W3C WebDriver protocol; for the tests of what users
# see. No library beyond perl's own.
package WebDriver;

use strict;
use warnings FATAL => 'all';

use parent 'TestServer';

use File::Temp;
use HTTP::Tiny;
use IO::Socket::INET;
use JSON::PP;
use MIME::Base64;

use constant ELEMENT => 'element-6066-11e4-a52e-4f735466cecf';

# What is missing for it, or ''
sub missing
{
	return join ' and ', grep { system("command -v $_ >/dev/null 2>&1") } qw(chromium chromedriver);
}

# start(language, width, height, options): a browser; script => 0 turns JavaScript off, phone => 1: as a phone shows pages;
# hosts: where names lead that no name server knows, in chromium's words
sub start
{
	my ($class, %wanted) = @_;
	my $self = bless { name => 'chromedriver', directory => File::Temp->newdir, http => HTTP::Tiny->new(timeout => 120) }, $class;
	my $probe = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0) // die "listen: $!";
	my $port = $probe->sockport;
	close $probe;
	my $pid = fork // die "fork: $!";
	if ($pid == 0)
	{
		open STDOUT, '>>', $self->file('log') or POSIX::_exit(126);
		open STDERR, '>&', \*STDOUT or POSIX::_exit(126);
		exec('chromedriver', "--port=$port") or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	$self->{url} = "http://127.0.0.1:$port";
	$self->wait_until('chromedriver listens', sub { $self->{http}->get("$self->{url}/status")->{success} });
	my $session = $self->command('POST', '/session', { capabilities => { alwaysMatch => { browserName => 'chrome', acceptInsecureCerts => JSON::PP::true,
		'goog:loggingPrefs' => { browser => 'ALL' },
		'goog:chromeOptions' => { args => [ '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', "--user-data-dir=$self->{directory}/profile",
			'--window-size=' . ($wanted{width} // 1280) . ',' . ($wanted{height} // 1000), '--force-prefers-reduced-motion',
			$wanted{hosts} ? "--host-resolver-rules=$wanted{hosts}" : () ],
		  prefs => { 'intl.accept_languages' => $wanted{language} // 'en',
			exists $wanted{script} && !$wanted{script} ? ('profile.managed_default_content_settings.javascript' => 2) : () },
		  $wanted{phone} ? (mobileEmulation => { deviceMetrics => { width => 320, height => 640, pixelRatio => 2, touch => JSON::PP::true } }) : () } } } });
	$self->{session} = "/session/$session->{sessionId}";
	return $self;
}

sub command
{
	my ($self, $method, $path, $body) = @_;
	my $answer = $self->{http}->request($method, $self->{url} . $path,
		{ headers => { 'Content-Type' => 'application/json' }, $method eq 'POST' ? (content => encode_json($body // {})) : () });
	my $value = eval { decode_json($answer->{content})->{value} };
	die "$method $path: " . (ref $value ? "$value->{error}: $value->{message}" : $answer->{content}) unless $answer->{success};
	return $value;
}

sub ask { my ($self, $method, $path, $body) = @_; return $self->command($method, "$self->{session}$path", $body) }

sub go { my ($self, $url) = @_; $self->ask('POST', '/url', { url => $url }); return $self }
sub address { my ($self) = @_; return $self->ask('GET', '/url') }
sub title { my ($self) = @_; return $self->ask('GET', '/title') }
sub back { my ($self) = @_; $self->ask('POST', '/back'); return $self }
sub reload { my ($self) = @_; $self->ask('POST', '/refresh'); return $self }
sub evaluate { my ($self, $script, @arguments) = @_; return $self->ask('POST', '/execute/sync', { script => $script, args => \@arguments }) }

sub find
{
	my ($self, $css) = @_;
	my $element = eval { $self->ask('POST', '/element', { using => 'css selector', value => $css }) };
	return $element ? $element->{ +ELEMENT } : undef;
}

sub text
{
	my ($self, $css) = @_;
	my $element = $self->find($css // 'main') // return '';
	my $text = $self->ask('GET', "/element/$element/text");
	$text =~ s/\s+/ /g;
	return $text;
}

sub click
{
	my ($self, $css) = @_;
	my $element = $self->find($css) // die "nothing to press: $css in " . $self->address;
	$self->ask('POST', "/element/$element/click");
	return $self;
}

# Keys as a user presses them, wherever the focus is
sub keys
{
	my ($self, @keys) = @_;
	my %codes = (Tab => "\x{E004}", Enter => "\x{E007}", Space => ' ', Down => "\x{E015}", Right => "\x{E014}");
	my @actions = map { my $key = $codes{$_} // $_; ({ type => 'keyDown', value => $key }, { type => 'keyUp', value => $key }) } @keys;
	$self->ask('POST', '/actions', { actions => [ { type => 'key', id => 'keyboard', actions => \@actions } ] });
	return $self;
}

# What has the focus: its text, or its value
sub focused
{
	my ($self) = @_;
	return $self->evaluate('const e = document.activeElement; return e === document.body ? "" : (e.innerText || e.value || e.id).trim()');
}

sub picture
{
	my ($self, $file) = @_;
	my $height = $self->evaluate('return Math.min(document.documentElement.scrollHeight, 8000)');
	my $metrics = $self->command('POST', "$self->{session}/goog/cdp/execute", { cmd => 'Page.captureScreenshot', params => { format => 'png', captureBeyondViewport => JSON::PP::true } });
	open my $out, '>:raw', $file or die "$file: $!";
	print $out decode_base64($metrics->{data});
	close $out;
	return $height;
}

# Errors that the browser has noted: blocked by a policy, not found, thrown
sub complaints
{
	my ($self) = @_;
	my $log = $self->command('POST', "$self->{session}/se/log", { type => 'browser' });
	return map { $_->{message} } grep { $_->{level} eq 'SEVERE' } @$log;
}

sub quit
{
	my ($self) = @_;
	eval { $self->command('DELETE', $self->{session}) };
	$self->end('TERM');
	return;
}

1;
