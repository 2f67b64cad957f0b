package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// minCompressed is from how many bytes on compressing is worth it: a smaller answer travels in one packet anyway.
const minCompressed = 1 << 10

// compressLevel is where more effort saves little.
const compressLevel = 3

// zipped marks the ETag of a compressed answer, which is other bytes and so has a tag of its own (RFC 9110, section
// 8.8.3.3). A weak tag would do for If-None-Match, but not for If-Match.
const zipped = "-gzip"

var compressible = []string{
	"application/json", "application/problem+json", "application/yaml", "application/x-ndjson",
	"text/csv", "text/html", "text/javascript", "text/plain",
}

// compress answers GET and HEAD compressed where the client takes gzip. Answers to commands are left as they are, and
// everything below /auth: they hand out secrets, and next to something the client chose, their length would tell of
// them (BREACH). A few bytes by which the length varies, and no cookies from elsewhere, do the rest for what is read.
func compress(next http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(minCompressed), gzhttp.CompressionLevel(compressLevel),
		gzhttp.ContentTypes(compressible), gzhttp.SuffixETag(zipped), gzhttp.RandomJitter(32, 0, false))
	if err != nil {
		return nil, fmt.Errorf("prepare compressing: %w", err)
	}
	compressed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reads := r.Method == http.MethodGet || r.Method == http.MethodHead
		if !reads || strings.HasPrefix(r.URL.Path, basePath+"/auth/") {
			next.ServeHTTP(w, r)
			return
		}
		compressed.ServeHTTP(w, r)
	}), nil
}
