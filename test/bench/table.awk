# table.awk: the table of run-bench from lines "name CPU ELAPSED". Figures are medians;
# ratios are medians of the turns' ratios, so that a slow moment hits both sides.
{
	n = ++turns[$1]
	cpu[$1, n] = $2
	elapsed[$1, n] = $3
}

function median(values, n,    i, j, v) {
	for (i = 2; i <= n; i++) {
		v = values[i]
		for (j = i - 1; j > 0 && values[j] > v; j--)
			values[j + 1] = values[j]
		values[j + 1] = v
	}
	return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
}

function figure(name,    i, v) {
	for (i = 1; i <= turns[name]; i++)
		v[i] = cpu[name, i]
	return median(v, turns[name])
}

function wait(name,    i, v) {
	for (i = 1; i <= turns[name]; i++)
		v[i] = elapsed[name, i]
	return median(v, turns[name])
}

function ratio(name, base,    i, v) {
	for (i = 1; i <= turns[base]; i++)
		v[i] = cpu[name, i] / cpu[base, i]
	return median(v, turns[base])
}

function row(name, value, relation, measure, met) {
	printf "%-58s %10.1f %7.2f  %-8s %s\n", name, value, relation, measure, met
}

function plain(name, text) {
	row(text, figure(name), ratio(name, "bench"), "", "")
}

# CPU of a kind of process for one exchange, and its share
function part(name, kind, text,    all) {
	all = figure(name "-exchange") + figure(name "-answer") + figure(name "-server") + figure(name "-loopback") + figure(name "-requester")
	row(text, figure(name "-" kind), figure(name "-" kind) / all, "", "")
}

function at_most(limit, value) {
	return value <= limit ? "met" : "NOT MET"
}

END {
	printf "%-58s %10s %7s  %-8s %s\n", "what", "µs", "ratio", "measure", ""
	print "raw signatures and seals: CPU µs; ratio to the raw P-256 signature"
	plain("bench", "raw P-256 signature by OpenSSL")
	row("raw P-384 signature", figure("p384"), figure("p384") / figure("bench"), "", "")
	row("raw RSA-2048 signature", figure("rsa2048"), figure("rsa2048") / figure("bench"), "", "")
	row("raw RSA-3072 signature", figure("rsa3072"), figure("rsa3072") / figure("bench"), "", "")
	plain("seal-2", "seal() of 2 KB: parse, canonicalise, seal")
	plain("seal-8", "seal() of 8 KB")
	plain("seal-64", "seal() of 64 KB")
	plain("canonical-2", "seal of canonical text (as evidence is sealed), 2 KB")
	r = ratio("canonical-4", "bench")
	row("seal of canonical text, 4 KB", figure("canonical-4"), r, "<= 1.25", at_most(1.25, r))
	plain("canonical-8", "seal of canonical text, 8 KB")
	plain("canonical-64", "seal of canonical text, 64 KB")
	print "bulk, one core: CPU µs of one document; ratio of raw signatures to documents"
	r = 1 / ratio("bulk", "bench")
	row("evidence, outbox and audit by one statement", figure("bulk"), r, ">= 0.30", r >= 0.30 ? (r >= 0.45 ? "met, 0.45 too" : "met") : "NOT MET")
	row("the same by a hand-written C program over libpq", figure("libpq"), 1 / ratio("libpq", "bench"), "", "")
	r = ratio("bulk", "libpq")
	row("  the statement's time to the program's", figure("bulk"), r, "<= 1.00", at_most(1, r))
	print "one request, from its bytes to commit: µs; ratio to a bare transaction of equal rows"
	split("on off", modes, " ")
	for (k = 1; k <= 2; k++) {
		m = modes[k]
		text = "answer(), synchronous_commit = " m
		for (i = 1; i <= turns["bare-" m]; i++)
			v[i] = elapsed["answer-" m, i] / elapsed["bare-" m, i]
		r = median(v, turns["bare-" m])
		row("bare transaction, synchronous_commit = " m, wait("bare-" m), 1, "", "")
		row("answer(), synchronous_commit = " m, wait("answer-" m), r, k == 1 ? "<= 2.00" : "", k == 1 ? at_most(2, r) : "")
		row("  CPU of the backend", figure("answer-" m), ratio("answer-" m, "bare-" m), "", "")
	}
	print "exchanges through the loopback access point, two cores: µs; CPU with its share"
	print sprintf("  50 requests under way: %.0f exchanges a second", 1e6 / wait("load-exchanges"))
	part("load", "exchange", "exchange worker, CPU of one exchange")
	part("load", "answer", "answering workers")
	part("load", "server", "the rest of the server")
	part("load", "loopback", "access point")
	part("load", "requester", "requester")
	for (k = 1; k <= 2; k++) {
		m = k == 1 ? "load" : "alone"
		text = k == 1 ? "50 under way: from arrival to submission, " : "one at a time: from arrival to submission, "
		row(text "median", wait(m "-p50"), 0, "", "")
		row(text "95 %", wait(m "-p95"), 0, "", "")
		row(text "99 %", wait(m "-p99"), 0, "", "")
	}
	row("one at a time: from request to answer, as the requester sees", wait("alone-exchanges"), 0, "", "")
	r = wait("idle-transactions")
	print sprintf("  idle, each minute: %.0f calls, %.0f transactions%s", wait("idle-calls"), r, r == 0 ? "" : " (NOT MET: none)")
	row("  CPU of the exchange worker in that minute", figure("idle-cpu"), 0, "", "")
}
