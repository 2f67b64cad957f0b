//go:build linux || darwin

package embedded

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// good is an archive as npm makes them.
var good = []tar.Header{
	{Name: "package/package.json", Mode: 0o644},
	{Name: "package/native/bin/postgres", Mode: 0o755},
	{Name: "package/native/lib/libpq.so.5.18", Mode: 0o644},
	{Name: "package/native/pg-symlinks.json", Mode: 0o644},
}

const goodLinks = `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`

func pack(t *testing.T, links string, entries ...tar.Header) []byte {
	t.Helper()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	writer := tar.NewWriter(zipped)
	for _, entry := range entries {
		content := strings.Repeat("content ", 100)
		if strings.HasSuffix(entry.Name, linksFile) {
			content = links
		}
		if entry.Typeflag == tar.TypeSymlink {
			content = ""
		}
		entry.Size = int64(len(content))
		require.NoError(t, writer.WriteHeader(&entry))
		_, err := writer.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, zipped.Close())
	return archive.Bytes()
}

// fetch serves the archive by the handler and fetches it into an empty cache.
func fetch(t *testing.T, archive []byte, handler http.HandlerFunc) (cache, dir, progress string, err error) {
	t.Helper()
	if handler == nil {
		handler = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive) }
	}
	registry := httptest.NewServer(handler)
	defer registry.Close()
	sum := sha512.Sum512(archive)
	r := release{name: "test", sha512: base64.StdEncoding.EncodeToString(sum[:]), size: int64(len(archive))}
	var shown strings.Builder
	cache = filepath.Join(t.TempDir(), "cache")
	dir, err = fetcher{cache: cache, registry: registry.URL, progress: &shown}.fetch(t.Context(), r)
	return cache, dir, shown.String(), err
}

func TestDownloadUnpacksWhatNPMCannotHold(t *testing.T) {
	t.Parallel()
	var path string
	archive := pack(t, goodLinks, good...)
	_, dir, progress, err := fetch(t, archive, func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.Path
		_, _ = w.Write(archive)
	})
	require.NoError(t, err)
	require.Equal(t, "/@embedded-postgres/test/-/test-"+releaseVersion+".tgz", path)

	info, err := os.Stat(filepath.Join(dir, "bin", "postgres"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode().Perm())
	target, err := os.Readlink(filepath.Join(dir, "lib", "libpq.so.5"))
	require.NoError(t, err)
	require.Equal(t, "libpq.so.5.18", target)
	require.NoFileExists(t, filepath.Join(dir, "package.json"))
	require.Contains(t, progress, "downloading PostgreSQL")
	require.Contains(t, progress, "100 %")
}

func TestBadDownloadIsRefusedAndLeavesNothing(t *testing.T) {
	t.Parallel()
	archive := pack(t, goodLinks, good...)
	changed := bytes.Clone(archive)
	changed[len(changed)/2] ^= 1
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string
	}{
		"changed":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(changed) }, "checksum is wrong"},
		"short":     {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive[:50]) }, "checksum is wrong"},
		"too long":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(append(archive, changed...)) }, "checksum is wrong"},
		"not there": {http.NotFound, "404"},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(archive[:50])
		}, "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cache, _, _, err := fetch(t, archive, c.handler)
			t.Log(err)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "set DATABASE_URL")
			requireEmpty(t, cache)
		})
	}
}

func TestArchiveThatLeadsElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	link := tar.Header{Name: "package/native/lib/out", Linkname: "/etc", Typeflag: tar.TypeSymlink}
	for name, archive := range map[string][]byte{
		"by ..":           pack(t, goodLinks, append(good, tar.Header{Name: "package/native/../../../out"})...),
		"by a full path":  pack(t, goodLinks, append(good, tar.Header{Name: "/package/native/out"})...),
		"by a link":       pack(t, goodLinks, append(good, link)...),
		"by a link list":  pack(t, `[{"source":"native/../../../etc","target":"native/lib/x"}]`, good...),
		"by a target":     pack(t, `[{"source":"native/lib/x","target":"native/../../../x"}]`, good...),
		"by other folder": pack(t, `[{"source":"/etc","target":"native/lib/x"}]`, good...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cache, _, _, err := fetch(t, archive, nil)
			t.Log(err)
			require.ErrorContains(t, err, "unpack PostgreSQL")
			requireEmpty(t, cache)
			require.NoFileExists(t, filepath.Join(filepath.Dir(cache), "out"))
		})
	}
}

func requireEmpty(t *testing.T, cache string) {
	t.Helper()
	entries, err := os.ReadDir(cache)
	require.NoError(t, err)
	require.Empty(t, entries)
}

func TestCancelledDownloadLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	registry := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer registry.Close()
	cache := t.TempDir()
	_, err := fetcher{cache: cache, registry: registry.URL, progress: &strings.Builder{}}.fetch(ctx, release{name: "test", size: 1})
	require.ErrorIs(t, err, context.Canceled)
	requireEmpty(t, cache)
}

var real = flag.Bool("download", false, "also download the real programs from the registry")

// Run by hand when the pinned release changes: go test ./internal/postgres/embedded -run RealDownload -download
func TestRealDownloadRuns(t *testing.T) {
	if !*real {
		t.Skip("needs -download and a network")
	}
	cache := filepath.Join(publicDir(t), "cache")
	cfg := Config{DataDir: filepath.Join(t.TempDir(), "data"), CacheDir: cache, Download: true, Progress: os.Stderr}
	for p, r := range releases {
		dir, err := fetcher{cache: cache, registry: "https://registry.npmjs.org", progress: os.Stderr}.fetch(t.Context(), r)
		require.NoError(t, err, p)
		require.FileExists(t, filepath.Join(dir, "bin", "initdb"))
	}
	cfg.BinDir = filepath.Join(cache, releases[platform()].folder(), "bin")
	server := open(t, cfg)
	require.Equal(t, releaseMajor, server.Major())
	require.Equal(t, "crème", query(t, server.URL(), "SELECT lower('CRÈME')"))
	execute(t, server.URL(), "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent")
}
