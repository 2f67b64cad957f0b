#!/bin/sh
# Starts a shop of its own from the binary $1 and does to it what its users do: the README's session,
# a walk with a generated TypeScript client, the same walk through Prism, the docs page in Chromium.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
binary=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
data=$(mktemp -d)
chmod 755 "$data"
port=$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close() })')

PORT=$port DATA_DIR=$data/shop "$binary" dev >"$data/log" 2>&1 &
shop=$!
stop() {
	kill "$shop" 2>/dev/null || true
	wait "$shop" 2>/dev/null || true
	rm -rf "$data"
}
trap stop EXIT
trap 'exit 1' INT TERM

export BASE_URL="http://localhost:$port"
tries=0
until curl -fs "$BASE_URL/readyz" >/dev/null; do
	tries=$((tries + 1))
	if [ "$tries" -gt 300 ] || ! kill -0 "$shop" 2>/dev/null; then
		echo "the shop did not become ready:" >&2
		cat "$data/log" >&2
		exit 1
	fi
	sleep 0.2
done

echo "== the README's session"
sh "$here/session.sh" "$here/../../README.md"
cd "$here"
npm run --silent build
ADMIN_PASSWORD='a password of the walks'
export ADMIN_PASSWORD
for step in walk proxied docs; do
	echo "== $step"
	ADMIN_EMAIL=$step@example.com # each its own: an account can be signed in to a few times at once
	export ADMIN_EMAIL
	echo "$ADMIN_PASSWORD" | DATA_DIR=$data/shop "$binary" admin create --email "$ADMIN_EMAIL" >/dev/null
	npm run --silent "$step"
done
