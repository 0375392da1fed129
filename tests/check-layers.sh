#!/bin/sh
# Fails when a file includes a layer it may not, when a third-party header stands outside its one file, or when headers form a cycle.
# Keep in step with src/README.md.
cd "$(dirname "$0")/.." || exit 2
rules='
base:
lib: base
model: base
config: base lib model
store: base lib model
scan: base lib model
chart: base lib model
collect: base lib model config store scan
digest: base lib model config store
render: base lib model chart
deliver: base lib model config store
archive: base lib model store render
app: base lib model config store scan collect digest chart render deliver archive
'
# third-party header : the only files that may include it (an extended regular expression)
libs='
sqlite3\.h src/lib/db\.c
curl/ src/lib/(http|http_[a-z]+|mail)\.c
cjson/ src/lib/json(_write)?\.c
libxml/ src/lib/xml\.c
libxslt/ src/lib/xml\.c
yaml\.h src/lib/yaml\.c
gmime/ src/lib/mime\.c
glib src/lib/(zone|mime)\.c
archive src/lib/zip\.c
openssl/ src/lib/crypto\.c
qpdf/ src/lib/pdfmeta\.c
cairo src/(chart/[a-z_]+|render/pdf[a-z_]*)\.[ch]
pango/ src/(chart/[a-z_]+|render/pdf[a-z_]*)\.[ch]
'
bad=0
for f in src/*/*.[ch]; do
	l=${f#src/}; l=${l%%/*}
	[ "$l" = gen ] && continue
	ok=" $l gen $(printf '%s' "$rules" | sed -n "s/^$l://p") "
	for d in $(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^/"]*\)\/.*/\1/p' "$f"); do
		case $ok in
		*" $d "*) ;;
		*) echo "$f: layer '$l' may not include '$d/'"; bad=1 ;;
		esac
	done
	if grep -nE '#[[:space:]]*include[[:space:]]*"[^/"]*"' "$f"; then
		echo "$f: write project includes as \"layer/file.h\""; bad=1
	fi
	if [ "$l" != app ] && [ "$l" != base ] && grep -nE '(^|[^a-z_])(exit|printf|puts|perror) *\(' "$f" | grep -vE 'PRINTF|^\s*[0-9]+:\s*(/?\*)'; then
		echo "$f: only app/ prints or exits"; bad=1
	fi
done
while read -r hdr where; do
	[ -n "$hdr" ] || continue
	for f in $(grep -lE "include[[:space:]]*<$hdr" src/*/*.[ch] | grep -vE "^$where\$"); do
		echo "$f: <$hdr> belongs in $where only"; bad=1
	done
done <<EOF
$libs
EOF
for f in src/*/*.h; do
	h=${f#src/}; echo "$h $h"
	sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$f" | grep -v '^gen/' | sed "s|^|$h |"
done | tsort >/dev/null || bad=1
exit $bad
