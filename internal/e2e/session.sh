#!/bin/sh
# Runs the session of the README $1, which is its blocks that are marked, against $BASE_URL, as it stands but for the
# address, and checks what it prints.
set -eu
block=$(mktemp)
trap 'rm -f "$block"' EXIT
awk '/^<!-- session/ { found = 1 } /^```$/ { found = inside = 0 } inside { print } found && /^```sh$/ { inside = 1 }' "$1" |
	sed "s|http://localhost:3000|$BASE_URL|" >"$block"
got=$(sh -eu "$block" | jq -c .)
want=$(
	cat <<'JSON'
"Wireless Headphones"
2
{"itemCount":2,"subtotal":399.98,"tax":32.00,"total":431.98,"currency":"USD"}
{"success":true,"status":"CONFIRMED","paymentStatus":"PAID"}
48
{"brand":"visa","last4":"4242","isDefault":true}
1
{"success":true,"paymentStatus":"PAID"}
204
JSON
)
want=$(echo "$want" | jq -c .)
# The picture comes first, then what was found.
if [ "$(echo "$got" | head -n 1)" != '{"width":1,"height":1,"altText":"A white dot"}' ]; then
	echo "the README's picture was answered with" >&2
	echo "$got" | head -n 1 >&2
	exit 1
fi
# The demo shop sells headphones of its own; the search may find them too.
if [ "$(echo "$got" | grep -cxF '"Wireless Headphones"')" != 1 ] ||
	[ "$(echo "$got" | tail -n 8)" != "$(echo "$want" | tail -n 8)" ]; then
	echo "the README's session printed" >&2
	echo "$got" >&2
	echo "instead of" >&2
	echo "$want" >&2
	exit 1
fi
echo "bought as the README says"
