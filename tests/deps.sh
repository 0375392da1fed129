#!/bin/sh
# Installs the Debian packages that building and testing need and this machine lacks, saying which. Quiet when nothing is missing.
set -eu
build='gcc libc6-dev pkg-config libcurl4-openssl-dev libsqlite3-dev libcjson-dev libxml2-dev libxslt1-dev libcairo2-dev libpango1.0-dev
libqpdf-dev libyaml-dev libgmime-3.0-dev libarchive-dev libssl-dev libglib2.0-dev fonts-liberation tzdata ca-certificates'
test='libcmocka-dev libmicrohttpd-dev poppler-utils libxml2-utils qpdf openssl'
ci='clang libclang-rt-14-dev clang-format cppcheck'
want="$build $test"
[ "${1:-}" = ci ] && want="$want $ci"
missing=
for p in $want; do
	case $(dpkg-query -W -f='${Status}' "$p" 2>/dev/null || true) in
	'install ok installed') ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root apt-get update -qq
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
