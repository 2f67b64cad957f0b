#!/bin/sh
# Generates everything in a copy of the checkout and compares. The checkout itself is not touched.
set -eu
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
trap 'exit 1' INT TERM

untracked=$(git ls-files --others --exclude-standard -- gen openapi sql migrations)
if [ -n "$untracked" ]; then
	echo "These files are not under version control; git add or remove them:" >&2
	echo "$untracked" >&2
	exit 1
fi

git ls-files -z --cached --others --exclude-standard | xargs -0 sh -c 'for f; do [ -e "$f" ] && printf "%s\0" "$f"; done' sh |
	tar --null -T - -cf - | tar -xf - -C "$copy"
if ! make --no-print-directory -C "$copy" generate >"$copy/generate.log" 2>&1; then
	cat "$copy/generate.log" >&2
	exit 1
fi
if ! diff -r gen "$copy/gen" >&2 || ! diff openapi/openapi.yaml "$copy/openapi/openapi.yaml" >&2 ||
	! cmp openapi/openapi.json "$copy/openapi/openapi.json" >&2; then
	echo "Generated code is stale: run \`make generate\` and commit what it writes." >&2
	exit 1
fi
echo "generated code is fresh"
