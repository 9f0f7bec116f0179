# sizing.awk: exchanges a second by cores and size of evidence, as SVG, from the figures of the part "exchange". Fails without them.
# awk -v load="LOAD BEFORE" -f sizing.awk figures
#
# CPU of an exchange is what was measured; of larger evidence, 1 MB more costs the exchange worker 20 ms and those who answer 30 ms.
# A database has one exchange worker: it carries what one core can, however many there are; on a single core all share it.
{
	if ($1 == "load-exchange") exchange[++turns] = $2 / 1000
	else if ($1 == "load-answer") answer[turns] = $2 / 1000
	else if ($1 == "load-server") server[turns] = $2 / 1000
	else if ($1 == "load-rate") seen[turns] = $3
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

function carried(cores, megabytes,    one, all) {
	one = e + 20 * megabytes
	all = one + a + 30 * megabytes + s
	return cores / all < 1 / one ? 1000 * cores / all : 1000 / one
}

# By the logarithm: one exchange a second at the foot, 1 000 at the top
function x_of(cores) { return 70 + (cores - 1) * 70 }
function y_of(v) { return 320 - log(v < 1 ? 1 : v) / log(10) * 95 }

function curve(megabytes, words, colour,    cores, points) {
	for (cores = 1; cores <= 8; cores++)
		points = points sprintf("%s%.0f,%.0f", cores > 1 ? " " : "", x_of(cores), y_of(carried(cores, megabytes)))
	printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\"/><text x=\"570\" y=\"%.0f\">%s: %s</text>\n",
		points, colour, y_of(carried(8, megabytes)) + 4, words, rounded(carried(8, megabytes))
}

function rounded(v) { return sprintf(v < 20 ? "%.1f" : "%.0f", v) }

function axes(    i, power) {
	for (power = 0; power <= 3; power++)
		printf "<path d=\"M70 %.0fH560\" class=\"grid\"/><text x=\"62\" y=\"%.0f\" text-anchor=\"end\">%d</text>\n", y_of(10 ^ power), y_of(10 ^ power) + 4, 10 ^ power
	for (i = 1; i <= 8; i++)
		printf "<text x=\"%d\" y=\"338\" text-anchor=\"middle\">%d</text>\n", x_of(i), i
	print "<text x=\"315\" y=\"358\" text-anchor=\"middle\">cores for the database</text><text x=\"70\" y=\"20\">exchanges a second</text>"
}

END {
	if (!turns || !(e = median(exchange, turns)))
		exit 1
	a = median(answer, turns); s = median(server, turns); r = median(seen, turns)
	print "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"370\" viewBox=\"0 0 760 370\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-labelledby=\"title description\">"
	print "<title id=\"title\">Exchanges a second by cores and size of evidence</title>"
	printf "<desc id=\"description\">Computed from what make bench measured: an exchange with evidence of 7 KB took %.2f ms of the exchange worker and %.2f ms of those who answer.", e, a
	printf " With 7 KB one core carries %s exchanges a second, two cores %s, eight %s; with 1 MB %s, %s and %s; with 5 MB %s, %s and %s.</desc>\n",
		rounded(carried(1, 0)), rounded(carried(2, 0)), rounded(carried(8, 0)), rounded(carried(1, 1)), rounded(carried(2, 1)), rounded(carried(8, 1)), rounded(carried(1, 5)), rounded(carried(2, 5)), rounded(carried(8, 5))
	print "<style>text { fill: #222 } .grid { stroke: #ccc } .paper { fill: #fff } @media (prefers-color-scheme: dark) { text { fill: #ddd } .grid { stroke: #555 } .paper { fill: #1b1b1b } }</style>"
	print "<rect class=\"paper\" width=\"760\" height=\"370\"/>"
	axes()
	curve(0, "7 KB", "#3a7d44")
	curve(0.1, "100 KB", "#2b6cb0")
	curve(1, "1 MB", "#b7791f")
	curve(5, "5 MB", "#b23a48")
	printf "<circle cx=\"%d\" cy=\"%.0f\" r=\"5\" fill=\"#3a7d44\"/><text x=\"%d\" y=\"%.0f\">seen: %.0f on two cores, shared with access point, requester and a load of %s</text>\n", x_of(2), y_of(r), x_of(2) + 10, y_of(r) + 4, r, load
	print "</svg>"
}
