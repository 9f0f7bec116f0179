# single requests: answer() beside the bare transaction of equal rows
requests=800

# Requests are answered once only. With synchronous_commit = off nobody waits for the disk.
for ((turn = 1; turn <= turns; turn++)); do
	for mode in on off; do
		first=$(take $requests)
		export PGOPTIONS="-c synchronous_commit=$mode"
		note "answer-$mode" as_server "$workplace/calls" answer "$first" $requests
		note "bare-$mode" as_server "$workplace/calls" bare "$first" $requests
		unset PGOPTIONS
	done
done
