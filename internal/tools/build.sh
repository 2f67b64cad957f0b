#!/bin/sh
# Builds the package $2 as $1 and shows how far it is: a first build compiles hundreds of packages, which takes minutes.
set -eu
out=$1 package=$2
echo "building $out; the first time takes some minutes" >&2
total=$(go list -deps "$package" | wc -l)
clear=
[ ! -t 2 ] || clear=$(printf '\r\033[K')

# shows reads what `go build -v` says: the packages it begins to compile, and what is wrong with them.
shows() {
	begun=0
	while IFS= read -r line; do
		case $line in
		*[!A-Za-z0-9._~/-]*) printf '%s%s\n' "$clear" "$line" ;;
		*)
			begun=$((begun + 1))
			if [ -n "$clear" ]; then
				printf '%scompiling %d of at most %d: %s' "$clear" "$begun" "$total" "$line"
			elif [ $((begun % 50)) = 0 ]; then
				printf 'compiling %d of at most %d: %s\n' "$begun" "$total" "$line"
			fi
			;;
		esac
	done
	printf '%s' "$clear"
}

status=$({ { go build -v -o "$out" "$package" 2>&1 && echo 0 >&3 || echo 1 >&3; } | shows >&2; } 3>&1)
exit "$status"
