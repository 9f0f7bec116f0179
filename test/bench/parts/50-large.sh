# memory for evidence of 5 MB
sql -f test/bench/large.sql >>"$workplace/figures"
