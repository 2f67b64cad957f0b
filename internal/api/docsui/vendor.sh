#!/bin/sh
# Fetches the release that assets/manifest.json names, checks it against the integrity there and puts its file beside
# the manifest, compressed. For another release change version and integrity (npm view <package>@<version>
# dist.integrity), run this, and write the SHA-256 it prints into the manifest.
set -eu
assets=$(cd "$(dirname "$0")/assets" && pwd)
field() { sed -n "s/^ *\"$1\": \"\(.*\)\",\{0,1\}\$/\1/p" "$assets/manifest.json"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
tarball=$(npm pack --silent "$(field package)@$(field version)")
found="sha512-$(openssl dgst -sha512 -binary "$tarball" | openssl base64 -A)"
if [ "$found" != "$(field integrity)" ]; then
	echo "$tarball has integrity $found, the manifest says $(field integrity)" >&2
	exit 1
fi
tar -xzf "$tarball"
gzip -9n <"package/$(field file)" >"$assets/scalar.js.gz"
echo "sha256 $(openssl dgst -sha256 -r "package/$(field file)" | cut -d' ' -f1)"
