package demo

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"
)

// ImagePath is where Handler is to be mounted.
const ImagePath = "/demo/images/"

//go:embed images/*.svg
var files embed.FS

// image is a picture that knows its own address.
type image struct {
	name    string // without ".svg"
	hash    string // eight hex digits of its SHA-256
	content []byte
}

// path changes with the content, so what it leads to may be kept forever.
func (i image) path() string { return ImagePath + i.name + "." + i.hash + ".svg" }

// images are all pictures by name.
var images = sync.OnceValue(func() map[string]image {
	entries, _ := files.ReadDir("images") // embedded: the build fails where reading could
	all := make(map[string]image, len(entries))
	for _, entry := range entries {
		content, _ := files.ReadFile("images/" + entry.Name())
		sum := sha256.Sum256(content)
		name := strings.TrimSuffix(entry.Name(), ".svg")
		all[name] = image{name: name, hash: hex.EncodeToString(sum[:4]), content: content}
	}
	return all
})

// An SVG opened on its own is a document of the shop's origin; this one may do nothing there.
const imagePolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

const (
	keepForever = "public, max-age=31536000, immutable"
	askAgain    = "no-cache"
)

// Handler serves the pictures at ImagePath, to be mounted there without stripping the prefix. An address with the
// content's hash, as products have it, may be kept forever. One without, or with the hash of a version that a database
// seeded long ago still names, gets the picture of today and must be asked for again. Anything else is 404.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Content-Security-Policy", imagePolicy)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "Pictures can only be read.", http.StatusMethodNotAllowed)
			return
		}
		picture, hash, found := lookUp(r.URL.Path)
		if !found {
			http.NotFound(w, r)
			return
		}
		header.Set("Content-Type", "image/svg+xml")
		header.Set("Cross-Origin-Resource-Policy", "cross-origin") // storefronts live elsewhere
		header.Set("ETag", `"`+picture.hash+`"`)
		header.Set("Cache-Control", askAgain)
		if hash == picture.hash {
			header.Set("Cache-Control", keepForever)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture.content))
	})
}

// lookUp reads …/name.svg and …/name.hash.svg.
func lookUp(path string) (picture image, hash string, found bool) {
	file, isHere := strings.CutPrefix(path, ImagePath)
	stem, isSVG := strings.CutSuffix(file, ".svg")
	name, hash, hasHash := strings.Cut(stem, ".")
	picture, known := images()[name]
	return picture, hash, isHere && isSVG && known && (!hasHash || isHash(hash))
}

func isHash(text string) bool {
	return len(text) == 8 && strings.Trim(text, "0123456789abcdef") == ""
}
