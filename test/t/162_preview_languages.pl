# The languages of the pages: every text in each of them, with the names it puts in and the plural forms its numbers
# need; which language is answered in; dates and times in each one's manner.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use PreviewProgram;
use Test::More;
use utf8;


my $directory = 'src/programs/preview';
my @codes = qw(bg cs da de el en es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv);
my %forms = map { $_ => 2 } @codes;
@forms{qw(cs hr lt lv pl ro sk)} = (3) x 7;
@forms{qw(sl mt)} = (4, 4);
$forms{ga} = 5;

# What there is to be said
my %english;
my $texts = slurp_utf8("$directory/texts.def");
$english{$1} = [$2] while $texts =~ /^TEXT\(\w+, "([^"]+)", "((?:[^"\\]|\\.)*)"\)$/mg;
$english{$1} = [ $2, $3 ] while $texts =~ /^TEXTS\(\w+, "([^"]+)", "([^"]*)", "([^"]*)"\)$/mg;
cmp_ok(scalar keys %english, '==', scalar(() = $texts =~ /^TEXTS?\(/mg), 'each key once');
unlike($texts =~ s{/\*.*?\*/}{}sgr, qr/consent|retriev|token|session|gateway|OOTS/i, 'no word of ours, and never consent (UX-03)');

sub slurp_utf8 { my ($file) = @_; open my $in, '<:utf8', $file or die "$file: $!"; local $/; return scalar <$in> }
sub names { my ($text) = @_; my %seen = map { $_ => 1 } $text =~ /\{(\w+)\}/g; return join ' ', sort keys %seen }

for my $code (grep { $_ ne 'en' } @codes)
{
	my $po = slurp_utf8("$directory/po/$code.po");
	my @wrong;
	my %seen;

	while ($po =~ /^msgctxt "([^"]+)"\nmsgid "((?:[^"\\]|\\.)*)"\n(?:msgid_plural "((?:[^"\\]|\\.)*)"\n)?((?:msgstr.*\n)+)/mg)
	{
		my ($key, $id, $plural, $strings) = ($1, $2, $3, $4);
		my @strings = $strings =~ /^msgstr(?:\[\d\])? "((?:[^"\\]|\\.)*)"$/mg;
		$seen{$key}++;
		push @wrong, "$key is none" and next unless $english{$key};
		push @wrong, "$key: another English text" unless $english{$key}[0] eq $id and ($english{$key}[1] // '') eq ($plural // '');
		push @wrong, "$key: forms" unless @strings == ($plural ? $forms{$code} : 1);
		push @wrong, "$key: names" if grep { names($_) ne names($plural // $id) } @strings;
		push @wrong, "$key: empty or blank at an end" if grep { $_ eq '' or /^\s|\s$/ } @strings;
	}
	push @wrong, grep { !$seen{$_} or $seen{$_} > 1 } keys %english;
	is(join(', ', @wrong), '', "$code: whole and right");
	like($po, qr/"Language: $code\\n"/, "$code: says what it is");
	like($po, qr/"Plural-Forms: nplurals=$forms{$code};/, "$code: plural forms");
	is($po =~ /X-Review: none/ ? 'draft' : 'reviewed', $code eq 'lv' ? 'reviewed' : 'draft', "$code: what it says of its review");
}

my $node = start_node('languages');
$node->safe_psql('postgres', slurp_file('test/preview/fake.sql'));
$node->safe_psql('postgres', q{UPDATE preview_fake.settings SET value = jsonb_set(value, '{texts}', '{}');
	UPDATE preview_fake.session SET facts = '{"locked_until": "2026-03-09T07:05:00Z"}' WHERE page = 'locked'});
my $program = PreviewProgram->new($node)
  or do { done_testing(); exit };
sub link_of { return PreviewProgram::link_of(@_) }
sub language { my ($accept, $query, $cookie) = @_; my $b = PreviewProgram::Browser->new($program, defined $accept ? ('Accept-Language' => $accept) : ());
	$b->{cookie} = $cookie; my ($found) = $b->get('/' . link_of('welcome') . ($query // ''))->{page} =~ /<html lang="(\w+)">/; return $found }

is(language('de'), 'de', 'as the browser asks');
is(language('de-AT,en;q=0.5'), 'de', 'a country counts for nothing');
is(language('xx, fr;q=0.4, sv;q=0.8;x=y, en;q=0.1'), 'sv', 'by preference');
is(language('zh, ja'), 'lv', 'none of these: the national one');
is(language(undef), 'lv', 'nothing said: the national one');
is(language('de;q=0'), 'lv', 'not wanted');
is(language('de', '?lang=fi'), 'fi', 'the switch prevails');
is(language('de', '?lang=xx'), 'de', 'a switch to none of these does not');
is(language('de', '', '__Host-ootspg=' . 'a' x 43 . '.pt'), 'pt', 'the cookie keeps what was chosen');
is(language('de', '', '__Host-ootspg=' . 'a' x 43 . '.xx'), 'de', 'a cookie of none of these does not');

# 9 March 2026, 7.05 UTC, in Riga
my %moments = (
	bg => '09:05 ч. (UTC+2), 9 март 2026 г.', es => '9 de marzo de 2026, 9:05 h (UTC+2)', cs => '9. března 2026 9:05 (UTC+2)', da => '9. marts 2026 kl. 09.05 (UTC+2)',
	de => '9. März 2026, 09:05 Uhr (UTC+2)', et => '9. märts 2026 kell 09.05 (UTC+2)', el => '9 Μαρτίου 2026, 09:05 (UTC+2)', en => '09:05 (UTC+2) on 9 March 2026',
	fr => '9 mars 2026 à 9 h 05 (UTC+2)', ga => '09:05 (UTC+2), 9 Márta 2026', hr => '9. ožujka 2026. u 09:05 (UTC+2)', it => '9 marzo 2026 alle 09:05 (UTC+2)',
	lv => '2026. gada 9. marts, plkst. 9.05 (UTC+2)', lt => '2026 m. kovo 9 d. 09.05 val. (UTC+2)', hu => '2026. március 9. 9.05 (UTC+2)', mt => '09:05 (UTC+2), 9 ta’ Marzu 2026',
	nl => '9 maart 2026 om 09.05 uur (UTC+2)', pl => '9 marca 2026 r., godz. 09:05 (UTC+2)', pt => '9 de março de 2026 às 9h05 (UTC+2)', ro => '9 martie 2026, ora 09:05 (UTC+2)',
	sk => '9. marca 2026, 9:05 hod. (UTC+2)', sl => '9. marca 2026 ob 9.05 (UTC+2)', fi => '9. maaliskuuta 2026 klo 9.05 (UTC+2)', sv => '9 mars 2026 kl. 09.05 (UTC+2)');
for my $code (@codes)
{
	my $page = PreviewProgram::Browser->new($program, 'Accept-Language' => $code)->get('/' . link_of('locked'));
	utf8::decode(my $text = $page->text);
	like($text, qr/\Q$moments{$code}\E/, "$code: a moment");
	my $list = PreviewProgram::Browser->new($program, 'Accept-Language' => $code)->get('/' . link_of('list'));
	utf8::decode(my $html = $list->{page});
	like($html, qr/<html lang="$code">/, "$code: the language of the page");
	is($html =~ /class="draft"/ ? 1 : 0, $code =~ /^(en|lv)$/ ? 0 : 1, "$code: said where no human has reviewed it");
	is(() = $html =~ /<span lang="en">(?!University|Birth|Civil|Look)/g, 0, "$code: nothing fell back to English") if $code ne 'en';
	unlike($html =~ s{data-warning="[^"]*"}{}r, qr/\{\w+\}/, "$code: every name was put in");
	like($html, qr/<span lang="lv">Rīgas pilsētas/, "$code: foreign words are marked") if $code ne 'lv';
}
like(PreviewProgram::Browser->new($program, 'Accept-Language' => 'de')->get('/' . link_of('welcome'))->text, qr/Estland/, 'countries in words');
is($program->stop, 0, 'it ends');

done_testing();
