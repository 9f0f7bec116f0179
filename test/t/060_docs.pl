# Every example of the manuals runs as it stands, the reference names every public
# object, setting and SQLSTATE, and troubleshooting every text that the program has for
# what can go wrong.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('docs');
$ENV{KEYS} = $node->basedir . '/keys';

# The fenced blocks of a page in order: [language, text].
sub blocks
{
	my ($page) = @_;
	my $text = slurp_file($page);
	my @blocks;
	push @blocks, [ $1, $2 ] while $text =~ /^```(sql|sh)\n(.*?)^```$/msg;
	return @blocks;
}

foreach my $page ('README.md', glob 'doc/*.md')
{
	my @blocks = blocks($page) or next;
	my ($name) = $page =~ m{([^/]+)\.md$};
	my $database = lc "docs_$name";
	my $number = 0;

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	# a page that does not install the extension itself finds it installed
	$node->safe_psql($database, 'CREATE EXTENSION ootspg') unless grep { $_->[1] =~ /CREATE EXTENSION ootspg/ } @blocks;
	foreach my $block (@blocks)
	{
		my ($language, $text) = @$block;
		$number++;
		if ($language eq 'sh')
		{
			is(system('sh', '-ec', "exec 2>/dev/null\n$text"), 0, "$page: shell block $number runs");
			next;
		}
		my ($code, $stdout, $stderr) = $node->psql($database, $text, on_error_stop => 1);
		is($code, 0, "$page: SQL block $number runs") or diag($stderr);
	}
}

my $reference = slurp_file('doc/reference.md');
my @names = split /\n/, $node->safe_psql('docs_publish', q{
	SELECT DISTINCT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'ootspg'::regnamespace
	UNION SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'ootspg'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'c')
	UNION SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'ootspg'::regnamespace AND t.typtype = 'd'
	UNION SELECT name FROM pg_settings WHERE name LIKE 'ootspg.%'});
cmp_ok(scalar @names, '>', 40, 'the catalog has public objects');
foreach my $name (@names)
{
	like($reference, qr/`[^`]*\b\Q$name\E\b[^`]*`/, "doc/reference.md speaks of $name");
}

# Each promise of the threat model names tests that are there and are run
my ($threats) = slurp_file('doc/security.md') =~ /^## Threat model\n(.*?)^## /ms;
my %regress = map { $_ => 1 } make_variable('REGRESS');
my @promises = grep { !/^\| (?:promised|---)/ } $threats =~ /^(\|.*)$/mg;
cmp_ok(scalar @promises, '>', 30, 'the threat model promises something');
foreach my $promise (@promises)
{
	my (undef, $what, $tests) = split / ?\| ?/, $promise;
	my @named = $tests =~ /`([^`]+)`/g;
	my @missing = grep { !-e (m{/} ? $_ : "test/t/$_") || m{^sql/(\w+)\.sql$} && !$regress{$1} } @named;
	ok(@named && !@missing, "the threat model: $what") or diag("not there: @missing");
}

# Troubles: SQLSTATE and text in one row of a table, and the code in the reference
my $troubleshooting = slurp_file('doc/troubleshooting.md');
my @troubles = map { [ split /\|/ ] } split /\n/, $node->safe_psql('docs_publish', q{
	SELECT sqlstate, description, scope FROM ootspg_internal.gateway_troubles() WHERE trouble <> 'none'});
cmp_ok(scalar @troubles, '>=', 20, 'there are troubles');
foreach my $trouble (@troubles)
{
	my ($sqlstate, $text, $scope) = @$trouble;
	like($troubleshooting, qr/^\| `$sqlstate` \| \Q$text\E \| \Q$scope\E \| \S/m, "doc/troubleshooting.md explains $sqlstate");
}
foreach my $sqlstate (slurp_file('src/errors.h') =~ /MAKE_SQLSTATE\(([^)]*)\)/g)
{
	my $code = $sqlstate =~ s/[', ]//gr;
	like($reference, qr/`$code`/, "doc/reference.md speaks of SQLSTATE $code");
}

# Texts that the program has for operators stand in the manual as they are, whatever is put into them
my %texts;
foreach my $file (map { "src/$_" } qw(exchange/sender.c exchange/inbox.c exchange/outbox.c worker/receiving.c worker/sending.c worker/report.c worker/peer.c dns/resolver.c dns/naptr.c))
{
	$texts{$_} = $file for grep { / / } slurp_file($file) =~ /(?:quarantine = |\breturn |NULL, |OUTCOME_UNANSWERABLE, |detail, |refuse\(exchange, "[^"]*", |"(?:NOT_FOUND|SEND_FAILURE)", |, status, |sqlstate,\s*)"([a-z][^"%]{5,})"/g;
}
foreach my $file (glob 'src/worker/*.c')
{
	$texts{ s/\\"/"/gr } = $file for grep { /ootspg|access point|message/ } slurp_file($file) =~ /errmsg\("((?:[^"\\]|\\.)*)"/g;
}
$texts{$_} = 'sql/ootspg/worker/operate.sql' for grep { !/^%/ } slurp_file('sql/ootspg/worker/operate.sql') =~ /RAISE EXCEPTION '([^']*)'/g;
foreach my $file (map { "sql/ootspg/directory/$_.sql" } qw(reading registration_compare registration_keep registration_view))
{
	$texts{ s/''/'/gr } = $file for slurp_file($file) =~ /(?:failure := (?:format\(|concat_ws\(': ', )?|RETURN (?:format\()?|keep_failure\(r, s, (?:format\()?)'((?:the |no )(?:[^']|'')*)'/g;
}
cmp_ok(scalar keys %texts, '>', 30, 'there are texts');
foreach my $text (sort keys %texts)
{
	my $pattern = join '[^|]+', map { quotemeta } split /%(?:lld|[dsu])?/, $text, -1;
	like($troubleshooting, qr/$pattern/, "doc/troubleshooting.md has: $text ($texts{$text})");
}

$node->stop;
done_testing();
