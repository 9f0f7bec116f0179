# The commands behind `make test` and `make demo` take little for granted: neither a program `kill`
# nor the material beside the repository; and they tell what they leave behind.
use strict;
use warnings FATAL => 'all';

use OotspgTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $directory = PostgreSQL::Test::Utils::tempdir;

# in_lib(script): its standard output, with the functions of lib.sh as whoever runs the tests
sub in_lib
{
	my ($script) = @_;
	my ($out, $err);
	IPC::Run::run([ 'bash', '-c', ". test/bin/lib.sh\nas_server() { \"\$@\"; }\n$script" ], '>', \$out, '2>', \$err,
		IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default));
	diag($err) if $err;
	return $out;
}

# Only what the script itself needs, and no kill
mkdir "$directory/few" or die $!;
for my $program (qw(sh sleep cat dirname))
{
	chomp(my $path = qx(bash -c "command -v $program"));
	symlink $path, "$directory/few/$program" or die $!;
}
like(in_lib(qq{PATH=$directory/few; sleep 100 & server_kill TERM \$!; status=0; wait \$! || status=\$?; echo \$status}), qr/^143$/m,
	'a process is ended without a program kill');

{
	local $ENV{OOTSPG_SHARED};
	is_deeply([ map { shared_file("data/$_") } qw(a b) ], [ undef, undef ], 'material that is not there is undef, in a list as well');
}

# A program at work in a workplace, told until it ends
like(in_lib(qq{workplace=$directory/few; before=\$(leftovers); (cd $directory/few && exec sleep 100) & 
	until [ "\$(readlink /proc/\$!/cwd)" = $directory/few ]; do :; done
	leftovers | grep -c "process \$!: sleep 100"; kill \$!; wait \$! || true; leftovers | grep -c "process \$!:" || true}),
	qr/^1\n0$/, 'what outlives its work is told');

# No command takes a program kill for granted
for my $file (glob 'test/bin/*')
{
	unlike(slurp_file($file), qr/as_server kill\b/, "$file: ends processes by server_kill");
}
done_testing();
