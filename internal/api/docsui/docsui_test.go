package docsui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(t *testing.T, target string, header ...string) *http.Response {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	Handler().ServeHTTP(rec, req)
	return rec.Result()
}

func body(t *testing.T, res *http.Response) []byte {
	t.Helper()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func vendored(t *testing.T) (manifest, []byte) {
	t.Helper()
	var m manifest
	if err := json.Unmarshal(manifestJSON, &m); err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(scalarGzip))
	if err != nil {
		t.Fatal(err)
	}
	js, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return m, js
}

func TestTheVendoredScriptIsTheOneTheManifestNames(t *testing.T) {
	t.Parallel()
	m, js := vendored(t)
	if sum := sha256.Sum256(js); hex.EncodeToString(sum[:]) != m.SHA256 {
		t.Errorf("sha256 is %x, the manifest says %s", sum, m.SHA256)
	}
	if !bytes.Contains(js[:1000], []byte("@scalar/api-reference "+m.Version+"\n")) {
		t.Errorf("the script does not say that it is %s", m.Version)
	}
}

func TestThePageLoadsFromThisServerOnly(t *testing.T) {
	t.Parallel()
	res := get(t, "/docs")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %s, %s", res.Status, res.Header.Get("Content-Type"))
	}
	html := string(body(t, res))
	if strings.Contains(html, "//") || strings.Contains(html, "{{") {
		t.Errorf("the page names another origin or is unfinished:\n%s", html)
	}
	if inline := regexp.MustCompile(`<script>|<style| on\w+=|javascript:`).FindString(html); inline != "" {
		t.Errorf("the page has %q, which the policy forbids", inline)
	}
	if url := regexp.MustCompile(`https?:`).FindString(string(initJS)); url != "" {
		t.Error("init.js names another origin")
	}
	scripts := regexp.MustCompile(`src="([^"]+)"`).FindAllStringSubmatch(html, -1)
	if len(scripts) != 2 {
		t.Fatalf("scripts are %v, want two", scripts)
	}
	for _, script := range scripts {
		res := get(t, "/"+script[1])
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/javascript; charset=utf-8" {
			t.Errorf("%s: got %s, %s", script[1], res.Status, res.Header.Get("Content-Type"))
		}
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	t.Parallel()
	for _, target := range []string{"/docs", "/docs/", "/docs/init.js", "/docs/nothing"} {
		csp := get(t, target).Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "connect-src 'self';", "frame-ancestors 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy %q lacks %q", target, csp, want)
			}
		}
	}
}

func TestTheScriptTravelsCompressedToWhoeverTakesIt(t *testing.T) {
	t.Parallel()
	m, js := vendored(t)
	url := "/docs/scalar-" + m.Version + ".js"
	for name, tc := range map[string]struct {
		accept []string
		zipped bool
	}{
		"a browser":         {[]string{"gzip, deflate, br, zstd"}, true},
		"two headers":       {[]string{"br", "gzip;q=0.5"}, true},
		"anything":          {[]string{"*"}, true},
		"not gzip":          {[]string{"gzip;q=0, *"}, false},
		"nothing but plain": {[]string{"identity"}, false},
		"no word of it":     {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var header []string
			for _, a := range tc.accept {
				header = append(header, "Accept-Encoding", a)
			}
			res := get(t, url, header...)
			want, coding := js, ""
			if tc.zipped {
				want, coding = scalarGzip, "gzip"
			}
			if got := res.Header.Get("Content-Encoding"); got != coding {
				t.Errorf("Content-Encoding is %q, want %q", got, coding)
			}
			if !bytes.Equal(body(t, res), want) {
				t.Error("the bytes differ")
			}
			if res.Header.Get("Vary") != "Accept-Encoding" || !strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("caching is Vary %q, Cache-Control %q", res.Header.Get("Vary"), res.Header.Get("Cache-Control"))
			}
		})
	}
}

func TestAnythingElseIsRefused(t *testing.T) {
	t.Parallel()
	if res := get(t, "/docs/scalar-0.0.0.js"); res.StatusCode != http.StatusNotFound {
		t.Errorf("another version: got %s, want 404", res.Status)
	}
	if res := get(t, "/docs/"); res.StatusCode != http.StatusPermanentRedirect || res.Header.Get("Location") != "../docs" {
		t.Errorf("trailing slash: got %s to %q", res.Status, res.Header.Get("Location"))
	}
	rec := httptest.NewRecorder()
	Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/docs", nil))
	if rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: got %d, want 405", rec.Code)
	}
}
