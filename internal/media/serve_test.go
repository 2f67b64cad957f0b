package media

import (
	"bytes"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func (s *shelf) get(t *testing.T, method, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, "/", nil)
	request.URL.Path = path
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, request)
	return recorder
}

// Both kinds of storage keep the same promises.
func storages(t *testing.T) map[string]*shelf {
	t.Helper()
	bucket := newFakeBucket(t)
	return map[string]*shelf{
		"disk":   newShelf(t),
		"bucket": newShelf(t, func(c *Config) { c.Storage = bucket.storage(t) }),
	}
}

func TestAFileIsServedForEver(t *testing.T) {
	t.Parallel()
	for name, s := range storages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := jpegOf(t, arrow(300, 200))
			picture, err := s.add(t, content)
			require.NoError(t, err)
			tags := map[string]bool{}
			for _, name := range picture.names() {
				got := s.get(t, http.MethodGet, Path+name)
				require.Equal(t, http.StatusOK, got.Code)
				require.Equal(t, "image/jpeg", got.Header().Get("Content-Type"))
				require.Equal(t, "public, max-age=31536000, immutable", got.Header().Get("Cache-Control"))
				require.Equal(t, "cross-origin", got.Header().Get("Cross-Origin-Resource-Policy"))
				require.Contains(t, got.Header().Get("Content-Security-Policy"), "sandbox")
				_, err := jpeg.Decode(bytes.NewReader(got.Body.Bytes()))
				require.NoError(t, err)
				tag := got.Header().Get("ETag")
				require.Regexp(t, `^"[a-z0-9.-]+"$`, tag)
				tags[tag] = true

				asked := s.get(t, http.MethodHead, Path+name)
				require.Equal(t, http.StatusOK, asked.Code)
				require.Equal(t, got.Header().Get("Content-Length"), asked.Header().Get("Content-Length"))
				require.Empty(t, asked.Body.String())
				same := s.get(t, http.MethodGet, Path+name, "If-None-Match", tag)
				require.Equal(t, http.StatusNotModified, same.Code)
				require.Equal(t, tag, same.Header().Get("ETag"))
				part := s.get(t, http.MethodGet, Path+name, "Range", "bytes=2-5")
				require.Equal(t, http.StatusPartialContent, part.Code)
				require.Equal(t, got.Body.Bytes()[2:6], part.Body.Bytes())
			}
			require.Len(t, tags, 4)
			require.Equal(t, content, s.get(t, http.MethodGet, Path+picture.name(Original)).Body.Bytes())
		})
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	for name, s := range storages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			picture, err := s.add(t, jpegOf(t, arrow(30, 20)))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(s.folder, "..", "secret.jpg"), []byte("secret"), 0o600))
			key := picture.Key
			for _, path := range []string{
				"", "x", key, key + "/", key + "/original", key + "/original.png", key + "/tiny.jpg", key + "/small.gif",
				key + "/../../../secret.jpg", "../secret.jpg", "..%2fsecret.jpg", "/etc/passwd", "unfinished/x", key + "/small.jpg/",
				key + "/small.jpg\x00", key + "/small.jpg\n", strings.ToUpper(key) + "/small.jpg", "20260101" + key[8:] + "/small.jpg",
			} {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					got := s.get(t, method, Path+path)
					require.Equal(t, http.StatusNotFound, got.Code, "%q", path)
					require.NotContains(t, got.Body.String(), "secret")
					require.NotEqual(t, cacheForever, got.Header().Get("Cache-Control"))
				}
			}
		})
	}
	t.Run("through a link that leads out", func(t *testing.T) {
		t.Parallel()
		s := newShelf(t)
		picture, err := s.add(t, jpegOf(t, arrow(30, 20)))
		require.NoError(t, err)
		outside := filepath.Join(t.TempDir(), "secret")
		require.NoError(t, os.WriteFile(outside, []byte("secret"), 0o600))
		place := filepath.Join(s.folder, filepath.FromSlash(picture.name(Small)))
		require.NoError(t, os.Remove(place))
		require.NoError(t, os.Symlink(outside, place))
		require.NotContains(t, s.get(t, http.MethodGet, Path+picture.name(Small)).Body.String(), "secret")
	})
}

func TestABucketKeepsWhatWasPut(t *testing.T) {
	t.Parallel()
	bucket := newFakeBucket(t)
	s := newShelf(t, func(c *Config) { c.Storage = bucket.storage(t) })
	picture, err := s.add(t, pngOf(t, arrow(30, 20)))
	require.NoError(t, err)
	require.Len(t, bucket.objects, 4)
	for name, object := range bucket.objects {
		require.True(t, strings.HasPrefix(name, "media/"+picture.Key+"/"), name)
		require.Equal(t, cacheForever, object.header.Get("Cache-Control"))
		require.Equal(t, mediaTypes[formatOf(name)], object.header.Get("Content-Type"))
		require.Equal(t, formatOf(name), sniff(object.content))
	}
	t.Run("and lets go of what is swept", func(t *testing.T) {
		s.now = s.now.Add(2 * keepUnused)
		require.NoError(t, s.Sweep(t.Context(), Sweep{}))
		require.Empty(t, bucket.objects)
		require.NoError(t, s.storage.Delete(t.Context(), picture.names()...), "twice is fine")
	})
	t.Run("or says that it cannot", func(t *testing.T) {
		bucket.down = true
		_, err := s.add(t, pngOf(t, arrow(31, 20)))
		require.ErrorIs(t, err, ErrStorage)
		got := s.get(t, http.MethodGet, Path+picture.name(Small))
		require.Equal(t, http.StatusServiceUnavailable, got.Code)
		require.Equal(t, "5", got.Header().Get("Retry-After"))
		require.NotEqual(t, cacheForever, got.Header().Get("Cache-Control"))
	})
}

func TestAddressesAreAbsolute(t *testing.T) {
	t.Parallel()
	picture := Picture{Key: "20260329/aa", Format: WebP, ThumbnailFormat: PNG}
	for _, base := range []string{"https://shop.example.com", "https://shop.example.com/"} {
		require.Equal(t, "https://shop.example.com/media/20260329/aa/original.webp", NewAddresses(base).Of(picture, Original))
		require.Equal(t, "https://shop.example.com/media/20260329/aa/small.png", NewAddresses(base).Of(picture, Small))
	}
}
