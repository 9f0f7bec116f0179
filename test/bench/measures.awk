# measures.awk: the tables of test/bench/measures/* from the figures of a run: what must hold, then what is only shown.
# awk -f measures.awk [-v svg=1] measures figures; with svg it draws how far each is from its limit.
BEGIN { FS = "\t" }

FNR == NR {
	if ($0 !~ /^#/ && NF > 3) {
		n++
		number[n] = $1; words[n] = $2; figures[n] = $3; how[n] = $4; relation[n] = $5; limit[n] = $6 + 0
	}
	next
}

{
	split($0, field, " ")
	turn = ++turns[field[1]]
	value["cpu", field[1], turn] = field[2]
	value["elapsed", field[1], turn] = field[3]
	value["both", field[1], turn] = field[4]
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

# "" when it was not measured. A name that was measured fewer times than the other stands with the other's median.
function measured(i,    names, ways, count, most, k, v, least) {
	count = split(figures[i], names, "/")
	if (split(how[i], ways, "/") == 1)
		ways[2] = ways[1]
	most = turns[names[1]] + 0
	least = count == 2 ? turns[names[2]] + 0 : most
	if (most == 0 || least == 0)
		return ""
	if (most != least)
		return middle(ways[1], names[1]) / middle(ways[2], names[2])
	for (k = 1; k <= most; k++) {
		v[k] = value[ways[1], names[1], k]
		if (count == 2)
			v[k] = value[ways[2], names[2], k] > 0 ? v[k] / value[ways[2], names[2], k] : 0
	}
	return median(v, most)
}

function middle(way, name,    k, v) {
	for (k = 1; k <= turns[name]; k++)
		v[k] = value[way, name, k]
	return median(v, turns[name])
}

function verdict(i, v) {
	if (v == "")
		return "not run"
	return (relation[i] == "<=" ? v <= limit[i] : v >= limit[i]) ? "met" : "NOT MET"
}

function escaped(text) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	return text
}

# One bar a measure: its length is the share of the limit that was used up, the line is the limit.
function bar(i, v,    y, share, colour) {
	y = 20 + drawn++ * 22
	share = relation[i] == "<=" ? (limit[i] > 0 ? v / limit[i] : v > 0 ? 3 : 0) : (v > 0 ? limit[i] / v : 3)
	colour = verdict(i, v) == "met" ? "#3a7d44" : "#b23a48"
	bars = bars sprintf("<text x=\"4\" y=\"%d\">%s %s</text><rect x=\"520\" y=\"%d\" width=\"%.0f\" height=\"14\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%.2f (%s %s)</text>\n",
		y + 11, number[i], escaped(words[i]), y, (share > 3 ? 3 : share) * 100, colour, 526 + (share > 3 ? 3 : share) * 100, y + 11, v, relation[i] == "<=" ? "at most" : "at least", limit[i])
}

function line(i, v) {
	seen = v == "" ? "" : sprintf(v >= 1000 || v <= -1000 ? "%.0f" : "%.2f", v)
	if (relation[i] == "")
		printf "   %-3s %-76s %9s\n", number[i], words[i], seen
	else
		printf "   %-3s %-76s %9s  %-7s %s\n", number[i], words[i], seen, relation[i] " " limit[i], verdict(i, v)
	count[verdict(i, v)] += relation[i] != ""
}

function table(    i, v) {
	printf "   %-3s %-76s %9s  %-7s\n", "", "what must hold", "seen", "limit"
	for (i = 1; i <= n; i++)
		if (relation[i] != "")
			line(i, measured(i))
	printf "   %d met, %d NOT MET, %d not run\n", count["met"], count["NOT MET"], count["not run"]
	print "   what was seen besides"
	for (i = 1; i <= n; i++)
		if (relation[i] == "" && (v = measured(i)) != "")
			line(i, v)
}

function drawing(    i, v, height) {
	for (i = 1; i <= n; i++)
		if (relation[i] != "" && (v = measured(i)) != "")
			bar(i, v)
	height = 30 + drawn * 22
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1010\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n", height
	printf "<rect width=\"1010\" height=\"%d\" fill=\"#fff\"/>\n%s<path d=\"M620 12V%d\" stroke=\"#000\"/>\n</svg>\n", height, bars, height - 8
}

END {
	if (svg)
		drawing()
	else
		table()
}
