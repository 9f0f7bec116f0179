# Sourced by run-demo: documents that nobody has, generated, sealed, and shown as pictures.

# Where pictures stay when all else goes: PICTURES, or build/demo of the checkout
pictures=${PICTURES:-$repo/build/demo}

# Whom the demo trusts: its own seals. A verifier abroad has the lists of trusted services instead.
trusted_certificates() { cat "$workplace"/keys/seal/*/*.pem; }

# save_documents EVIDENCE_TYPE: what evidence() gives for the first person, as files; a line for each
save_documents() {
	local number role media_type size format content name
	while IFS=$'\t' read -r number role media_type size format content; do
		[ "$media_type" = application/pdf ] || { say "$1: $role, $media_type, $size bytes, $format"; continue; }
		name=$pictures/$1
		printf '%s' "$content" | perl -e 'print pack "H*", <STDIN>' >"$name.pdf"
		say "$1: $role, $media_type, $size bytes, $format: $name.pdf"
		if command -v pdftoppm >/dev/null; then
			pdftoppm -png -r 70 -l 1 -singlefile "$name.pdf" "$name" && say "   its first page: $name.png"
		fi
	done < <(query registry_service -F $'\t' -c "SELECT row_number() OVER (), e.role, e.media_type, length(e.content), v.format || ' ' || coalesce(v.indication, ''), encode(e.content, 'hex')
		FROM ootspg.evidence('$1', ARRAY[(SELECT min(person_id) FROM $2)], distribution => 'xml') e, ootspg.verify_seal(e.content, convert_to('$(trusted_certificates)', 'UTF8')) v")
}

play_documents() {
	if [ -n "$(query postgres -c 'SELECT fault FROM ootspg_internal.writer_fault()')" ]; then
		say "not here: $(query postgres -c 'SELECT fault FROM ootspg_internal.writer_fault()')"
		return
	fi
	mkdir -p "$pictures" 2>/dev/null || pictures=$(mktemp -d /tmp/ootspg-demo.XXXXXX)
	query registry_owner -f test/demo/documents.sql >"$workplace/documents.log"
	say 'Two registers more, of rows only; "generated" in column readable is all that makes documents of them (test/demo/documents.sql).'
	save_documents periods insurance.periods_evidence
	save_documents diploma diplomas.diploma_evidence
}
