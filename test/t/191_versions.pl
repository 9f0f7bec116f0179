# What the server these tests run on does not tell of the others: differences between versions live in compat.h only, and
# what a later version moved is asked for there, though an earlier one has it everywhere.
use strict;
use warnings FATAL => 'all';

use PostgreSQL::Test::Utils;
use Test::More;

my @files = grep { $_ ne 'src/compat.h' } glob 'src/*.[ch] src/*/*.[ch] src/*/*/*.[ch]';
cmp_ok(scalar @files, '>', 200, 'the sources are there');

my (@versions, @varlena, @attributes);
foreach my $file (@files)
{
	my $text = slurp_file($file);
	push @versions, $file if $text =~ /\b(?:PG_VERSION_NUM|LIBXML_VERSION|LIBCURL_VERSION_NUM|ARES_VERSION|OPENSSL_VERSION_NUMBER)\b/;
	push @varlena, $file if $text =~ /\b(?:SET_)?VAR(?:DATA|SIZE)(?:_\w+)?\(/ && $text !~ /^#include "compat\.h"$/m;
	push @attributes, $file if $text =~ /\bpg_(?:attribute_)?noreturn\b/;
}
is_deeply(\@versions, [], 'only compat.h tests versions');
is_deeply(\@varlena, [], 'who looks into varlenas includes compat.h: from 16 on postgres.h does not define them');
is_deeply(\@attributes, [], 'functions that do not return are marked by OOTS_NORETURN');
done_testing();
