package media

import (
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"
)

// serveTime is how long a client may take to fetch a picture, however slow its line.
const serveTime = 5 * time.Minute

// ServeHTTP answers GET and HEAD of a picture's file below Path. Only names that a picture can have
// are looked for.
func (l *Library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, Path)
	if !fileName.MatchString(name) {
		http.NotFound(w, r)
		return
	}
	file, err := l.storage.Open(r.Context(), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.NotFound(w, r)
		return
	case err != nil:
		l.logger.WarnContext(r.Context(), "picture not read", "name", name, "error", err)
		w.Header().Set("Retry-After", "5")
		http.Error(w, ErrStorage.Message, http.StatusServiceUnavailable)
		return
	}
	defer func() { _ = file.Close() }()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(serveTime)) // else the server's own holds
	header := w.Header()
	header.Set("Content-Type", mediaTypes[formatOf(name)])
	header.Set("Cache-Control", cacheForever)
	header.Set("ETag", `"`+strings.ReplaceAll(name, "/", "-")+`"`)
	header.Set("Cross-Origin-Resource-Policy", "cross-origin") // shop windows stand elsewhere
	header.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, r, name, time.Time{}, file)
}
