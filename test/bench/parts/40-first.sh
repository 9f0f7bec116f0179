# first calls of sessions: what one must learn before it answers, the library in the server from its start
for ((turn = 1; turn <= turns; turn++)); do
	note first as_server "$workplace/calls" first "$(take 10)" 10
	note discarded as_server "$workplace/calls" discarded "$(take 10)" 10
	note warm as_server "$workplace/calls" answer "$(take 80)" 80
done
