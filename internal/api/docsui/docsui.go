package docsui

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
)

var (
	//go:embed assets/index.html
	page string
	//go:embed assets/init.js
	initJS []byte
	//go:embed assets/scalar.js.gz
	scalarGzip []byte
	//go:embed assets/manifest.json
	manifestJSON []byte
)

// policy lets the page run its own scripts and talk to its own server, and nothing else. Scalar styles elements inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type manifest struct {
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

// Handler serves GET and HEAD of /docs and of what the page loads from below /docs/. Mounted elsewhere it needs the
// prefix stripped; the page's own links are relative.
func Handler() http.Handler {
	var m manifest
	if err := json.Unmarshal(manifestJSON, &m); err != nil {
		panic("docsui: manifest.json: " + err.Error()) // embedded, and tested
	}
	html := []byte(strings.ReplaceAll(page, "{{version}}", m.Version))

	mux := http.NewServeMux()
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, _ *http.Request) {
		serve(w, "text/html; charset=utf-8", "no-cache", html)
	})
	mux.HandleFunc("GET /docs/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "../docs")
		w.WriteHeader(http.StatusPermanentRedirect)
	})
	mux.HandleFunc("GET /docs/init.js", func(w http.ResponseWriter, _ *http.Request) {
		serve(w, "text/javascript; charset=utf-8", "no-cache", initJS)
	})
	mux.HandleFunc("GET /docs/scalar-"+m.Version+".js", serveScalar)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

// serveScalar sends the vendored bytes as they are to whoever takes gzip, which is everyone but the odd script.
func serveScalar(w http.ResponseWriter, r *http.Request) {
	const contentType, forever = "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"
	w.Header().Set("Vary", "Accept-Encoding")
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
		serve(w, contentType, forever, scalarGzip)
		return
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(scalarGzip))
	if err != nil {
		http.Error(w, "the docs cannot be read", http.StatusInternalServerError) // embedded, and tested
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", forever)
	_, _ = io.Copy(w, unzipped) // a reader that left needs no answer
}

func serve(w http.ResponseWriter, contentType, cache string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", cache)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // a reader that left needs no answer
}

// acceptsGzip reads Accept-Encoding as RFC 9110, section 12.5.3, means it: gzip is fine when it or * is listed with a
// weight above zero.
func acceptsGzip(header []string) bool {
	accepted := false
	for entry := range strings.SplitSeq(strings.Join(header, ","), ",") {
		coding, parameters, _ := strings.Cut(entry, ";")
		coding = strings.ToLower(strings.TrimSpace(coding))
		if coding != "gzip" && coding != "x-gzip" && coding != "*" {
			continue
		}
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameters)), "q="); ok {
			weight, _ = strconv.ParseFloat(q, 64)
		}
		if coding != "*" {
			return weight > 0
		}
		accepted = weight > 0
	}
	return accepted
}
