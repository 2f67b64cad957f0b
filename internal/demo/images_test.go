package demo

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryProductHasItsPicture(t *testing.T) {
	t.Parallel()
	all := mustReadGoods(t)
	used := map[string]bool{}
	for _, product := range all.Products {
		require.NotEmpty(t, product.Images, product.Slug)
		for _, picture := range product.Images {
			require.Contains(t, images(), picture.File)
			require.False(t, used[picture.File], "%s stands for two products", picture.File)
			used[picture.File] = true
		}
	}
	require.Len(t, images(), len(used), "a picture that no product has")
	drawn := map[string]string{}
	for name, picture := range images() {
		require.Empty(t, drawn[picture.hash], "%s is drawn twice", name)
		drawn[picture.hash] = name
	}
	for _, category := range all.Categories {
		require.True(t, used[category.Image], category.Slug)
	}
}

// What a picture may consist of: plain shapes and plain numbers. Nothing that runs, loads, links or needs a font.
var (
	elements   = strings.Fields("svg g rect circle ellipse path")
	attributes = strings.Fields(`xmlns width height viewBox x y cx cy r rx ry d transform fill stroke opacity
		stroke-width stroke-linecap stroke-linejoin stroke-dasharray`)
)

func TestPicturesAreHarmlessShapes(t *testing.T) {
	t.Parallel()
	for name, picture := range images() {
		require.LessOrEqual(t, len(picture.content), 3500, name)
		root := true
		decoder := xml.NewDecoder(bytes.NewReader(picture.content))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err, name)
			switch token := token.(type) {
			case xml.StartElement:
				require.Contains(t, elements, token.Name.Local, name)
				require.Equal(t, "http://www.w3.org/2000/svg", token.Name.Space, name)
				require.Equal(t, root, token.Name.Local == "svg", name)
				requirePlain(t, name, token.Attr)
				root = false
			case xml.CharData:
				require.Empty(t, bytes.TrimSpace(token), name)
			case xml.EndElement:
			default:
				require.Failf(t, "not a shape", "%s: %T", name, token)
			}
		}
	}
}

func requirePlain(t *testing.T, name string, attrs []xml.Attr) {
	t.Helper()
	for _, attr := range attrs {
		require.Contains(t, attributes, attr.Name.Local, name)
		require.Empty(t, attr.Name.Space, name)
		if attr.Name.Local != "xmlns" {
			require.NotContains(t, attr.Value, "url", name)
			require.NotContains(t, attr.Value, ":", name)
		}
		if attr.Name.Local == "fill" || attr.Name.Local == "stroke" {
			require.Regexp(t, `^(none|#fff|#[0-9a-f]{6})$`, attr.Value, name)
		}
	}
}

// One canvas, and behind the goods of a category a wall of its color, which is no other category's.
func TestPicturesAreOfOneHand(t *testing.T) {
	t.Parallel()
	begin := regexp.MustCompile(`^<svg xmlns="http://www.w3.org/2000/svg" width="800" height="800" viewBox="0 0 640 640">\n` +
		`  <rect width="640" height="640" fill="(#[0-9a-f]{6})"/>\n`)
	walls := map[string]string{}
	for name, picture := range images() {
		found := begin.FindSubmatch(picture.content)
		require.NotNil(t, found, name)
		walls[name] = string(found[1])
	}
	byCategory, byWall := map[string]string{}, map[string]string{}
	for _, product := range mustReadGoods(t).Products {
		wall := walls[product.Images[0].File]
		if byCategory[product.Category] == "" {
			require.Empty(t, byWall[wall], "%s and %s share a wall", byWall[wall], product.Category)
			byCategory[product.Category], byWall[wall] = wall, product.Category
		}
		require.Equal(t, byCategory[product.Category], wall, product.Slug)
	}
}

func get(t *testing.T, method, path string, header http.Header) *http.Response {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(ImagePath, Handler())
	request := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	for name, values := range header {
		request.Header[name] = values
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, request)
	return recorder.Result()
}

func TestPicturesOfProductsAreServedForGood(t *testing.T) {
	t.Parallel()
	shop, _ := setup(t, "USD")
	_, err := Seed(t.Context(), shop)
	require.NoError(t, err)
	categories, products := stored(t, shop)
	var addresses []string
	for _, category := range categories {
		addresses = append(addresses, *category.Image)
	}
	for _, product := range products {
		for _, image := range product.Images {
			addresses = append(addresses, image.URL)
		}
	}
	for _, url := range addresses {
		path, ours := strings.CutPrefix(url, address)
		require.True(t, ours, url)
		require.Regexp(t, `^/demo/images/[a-z-]+\.[0-9a-f]{8}\.svg$`, path)
		answer := get(t, http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, answer.StatusCode, url)
		require.Equal(t, "image/svg+xml", answer.Header.Get("Content-Type"))
		require.Equal(t, "public, max-age=31536000, immutable", answer.Header.Get("Cache-Control"))
		require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
		policy := strings.Split(answer.Header.Get("Content-Security-Policy"), "; ")
		require.True(t, slices.Contains(policy, "default-src 'none'") && slices.Contains(policy, "sandbox"), policy)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.True(t, bytes.HasPrefix(body, []byte("<svg ")))
	}
}

func TestPicturesWithoutTheirHashAreAskedForAgain(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"canvas-daypack.svg", "canvas-daypack.0a1b2c3d.svg"} {
		first := get(t, http.MethodGet, ImagePath+file, nil)
		require.Equal(t, http.StatusOK, first.StatusCode)
		require.Equal(t, "no-cache", first.Header.Get("Cache-Control"))
		tag := http.Header{"If-None-Match": {first.Header.Get("ETag")}}
		require.Equal(t, http.StatusNotModified, get(t, http.MethodGet, ImagePath+file, tag).StatusCode)
	}
}

func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	for _, file := range []string{
		"", "nothing.svg", "canvas-daypack", "canvas-daypack.png", "canvas-daypack.x.svg", "canvas-daypack.0A1B2C3D.svg",
		"canvas-daypack.0a1b2c3d.0a1b2c3d.svg", "images/canvas-daypack.svg", ".svg", "..svg", "%2e%2e%2fshop.json",
	} {
		answer := get(t, http.MethodGet, ImagePath+file, nil)
		require.Equal(t, http.StatusNotFound, answer.StatusCode, file)
		require.Empty(t, answer.Header.Get("Cache-Control"), file)
	}
}

func TestPicturesCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	path := images()["canvas-daypack"].path()
	require.Equal(t, http.StatusOK, get(t, http.MethodHead, path, nil).StatusCode)
	answer := get(t, http.MethodPost, path, nil)
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
	require.Equal(t, "GET, HEAD", answer.Header.Get("Allow"))
}
