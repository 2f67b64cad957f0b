package media

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeBucket is as much of S3 as a shop needs: objects that are put, read in part or whole, looked at
// and removed by requests that are signed for its key.
type fakeBucket struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string]object
	down    bool
	asked   []string
}

type object struct {
	content []byte
	header  http.Header
}

const accessKey, secretKey = "the access key", "the secret key"

func newFakeBucket(t *testing.T) *fakeBucket {
	t.Helper()
	b := &fakeBucket{objects: map[string]object{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *fakeBucket) storage(t *testing.T) *Bucket {
	t.Helper()
	made, err := NewBucket(BucketConfig{Endpoint: b.URL, Bucket: "shop", AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (b *fakeBucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, r.Method)
	name, ours := strings.CutPrefix(r.URL.Path, "/shop/")
	signed := strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential="+accessKey+"/") &&
		strings.Contains(r.Header.Get("Authorization"), "/us-east-1/s3/aws4_request") &&
		strings.Contains(r.Header.Get("Authorization"), "Signature=")
	stored, found := b.objects[name]
	switch {
	case b.down:
		w.WriteHeader(http.StatusInsufficientStorage)
	case !signed:
		w.WriteHeader(http.StatusForbidden)
	case !ours:
		w.WriteHeader(http.StatusNotFound)
	case r.Method == http.MethodPut:
		content, err := io.ReadAll(r.Body)
		if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
			content, err = unchunked(content)
		}
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		b.objects[name] = object{content, r.Header}
		w.Header().Set("ETag", `"1"`)
	case r.Method == http.MethodDelete:
		delete(b.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case !found:
		w.WriteHeader(http.StatusNotFound)
	default:
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "", time.Unix(1, 0), strings.NewReader(string(stored.content)))
	}
}

// unchunked is a body that was signed piece by piece, without the signatures.
func unchunked(content []byte) ([]byte, error) {
	var whole []byte
	for reader := bufio.NewReader(strings.NewReader(string(content))); ; {
		line, err := reader.ReadString('\n')
		if err != nil {
			return nil, err
		}
		length, err := strconv.ParseInt(strings.Split(line, ";")[0], 16, 64)
		if err != nil || length == 0 {
			return whole, err
		}
		piece := make([]byte, length+2)
		if _, err := io.ReadFull(reader, piece); err != nil {
			return nil, err
		}
		whole = append(whole, piece[:length]...)
	}
}
