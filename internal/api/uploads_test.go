package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// picture is a PNG file of its own shade.
func picture(t *testing.T, shade uint8) []byte {
	t.Helper()
	made := image.NewNRGBA(image.Rect(0, 0, 200, 100))
	for i := range made.Pix {
		made.Pix[i] = 255
	}
	made.Set(0, 0, color.NRGBA{R: shade, A: 255})
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, made))
	return out.Bytes()
}

// field is a part of a form; one with a file name is a file.
type field struct{ name, file, value string }

// upload is a call with a form of this file and more fields.
func upload(t *testing.T, images, token string, file []byte, more ...field) call {
	t.Helper()
	return formCall(t, images, token, append([]field{{"file", "picture.png", string(file)}}, more...)...)
}

func formCall(t *testing.T, images, token string, fields ...field) call {
	t.Helper()
	body, header := form(fields...)
	return call{method: http.MethodPost, path: images + "/upload", body: body, header: header, token: token}
}

// form is a body of these fields, with a boundary of its own each time, and the header that says so.
func form(fields ...field) (body string, header map[string]string) {
	var out strings.Builder
	writer := multipart.NewWriter(&out)
	for _, f := range fields {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q`, f.name)}}
		if f.file != "" {
			header = textproto.MIMEHeader{
				"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, f.name, f.file)},
				"Content-Type":        {"image/jpeg"}, // whatever it is
			}
		}
		part, _ := writer.CreatePart(header) // into memory
		_, _ = io.WriteString(part, f.value)
	}
	_ = writer.Close()
	return out.String(), map[string]string{"Content-Type": writer.FormDataContentType()}
}

// dot is the smallest picture there is.
const dot = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// takesForm holds for an operation that takes a file.
func (o operation) takesForm() bool {
	return o.described.RequestBody != nil && o.described.RequestBody.Value.Content["multipart/form-data"] != nil
}

func toUploaded(t *testing.T, got answer) (made client.ProductImage) {
	t.Helper()
	require.Equal(t, http.StatusCreated, got.status, got.body)
	require.NoError(t, json.Unmarshal([]byte(got.body), &made))
	return made
}

// fetch reads one of the shop's own addresses.
func fetch(t *testing.T, shop *shoptest.Shop, address string) answer {
	t.Helper()
	parsed, err := url.Parse(address)
	require.NoError(t, err)
	require.Equal(t, "http://localhost:3000", parsed.Scheme+"://"+parsed.Host)
	return sendWith(t, plain, shop, call{method: http.MethodGet, path: parsed.Path})
}

func TestAnUploadedPictureIsShownWithItsThumbnails(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	product := shop.Product(1)
	images := "/products/" + product.Slug + "/images"
	first := toUploaded(t, send(t, shop, upload(t, images, admin, picture(t, 1), field{name: "altText", value: "A lamp"})))
	require.Equal(t, "A lamp", *first.AltText)
	require.Equal(t, [2]int32{200, 100}, [2]int32{*first.Width, *first.Height})
	front := toUploaded(t, send(t, shop, upload(t, images, admin, picture(t, 2), field{name: "position", value: "0"})))
	require.Zero(t, front.SortOrder)
	require.Nil(t, front.AltText)

	shown := shop.ReadProduct(product.ID)
	require.Len(t, shown.Images, 2)
	require.Equal(t, front, shown.Images[0])
	require.True(t, shown.UpdatedAt.After(product.UpdatedAt))
	first.SortOrder = 1
	require.Equal(t, first, shown.Images[1])
	for address, size := range map[string]image.Point{
		first.URL: {X: 200, Y: 100}, first.Thumbnails.Large: {X: 200, Y: 100},
		first.Thumbnails.Medium: {X: 200, Y: 100}, first.Thumbnails.Small: {X: 160, Y: 80},
	} {
		got := fetch(t, shop, address)
		require.Equal(t, http.StatusOK, got.status)
		require.Equal(t, "public, max-age=31536000, immutable", got.header.Get("Cache-Control"))
		require.Equal(t, "nosniff", got.header.Get("X-Content-Type-Options"))
		require.Equal(t, "cross-origin", got.header.Get("Cross-Origin-Resource-Policy"))
		config, _, err := image.DecodeConfig(strings.NewReader(got.body))
		require.NoError(t, err)
		require.Equal(t, size, image.Pt(config.Width, config.Height))
	}
	require.Equal(t, string(picture(t, 1)), fetch(t, shop, first.URL).body)
	missing := sendWith(t, plain, shop, call{method: http.MethodGet, path: "/media/nothing.jpg"})
	require.Equal(t, "not_found", requireProblem(t, missing, http.StatusNotFound).Code)
	require.Equal(t, "no-store", missing.header.Get("Cache-Control"))

	cart := shop.Cart(1, shown)
	require.Equal(t, front.Thumbnails.Medium, *cart.Items[0].Image, "also beside what is bought")
	order := shop.Order(1, shown)
	require.Equal(t, front.Thumbnails.Medium, *order.Items[0].ProductSnapshot.Image)
}

func TestAPhotoDoesNotTellWhereItWasTaken(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	var photo bytes.Buffer
	require.NoError(t, jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 300, 200)), nil))
	exif := "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00GPS 48.2 N"
	tagged := "\xFF\xD8\xFF\xE1" + string([]byte{0, byte(len(exif) + 2)}) + exif + photo.String()[2:]
	made := toUploaded(t, send(t, shop, upload(t, "/products/"+shop.Product(1).Slug+"/images", admin, []byte(tagged))))
	require.Equal(t, [2]int32{200, 300}, [2]int32{*made.Width, *made.Height}, "it was taken standing")
	for _, address := range []string{made.URL, made.Thumbnails.Large, made.Thumbnails.Medium, made.Thumbnails.Small} {
		body := fetch(t, shop, address).body
		require.NotContains(t, body, "GPS")
		require.NotContains(t, body, "Exif")
	}
}

func TestAFormIsHeldToTheSpec(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	images := "/products/" + shop.Product(1).Slug + "/images"
	good, before := picture(t, 1), contents(t, shop)
	huge := image.NewGray(image.Rect(0, 0, 1025, 1024))
	var bomb bytes.Buffer
	require.NoError(t, png.Encode(&bomb, huge))
	file := func(content string) field { return field{"file", "picture.jpg", content} }
	for name, c := range map[string]struct {
		at, code string
		fields   []field
	}{
		"no file":           {"file", "required", []field{{name: "altText", value: "x"}}},
		"nothing":           {"file", "required", nil},
		"an empty file":     {"file", "empty", []field{file("")}},
		"an SVG":            {"file", "unsupported_image", []field{file("<svg xmlns='http://www.w3.org/2000/svg'/>")}},
		"a page":            {"file", "unsupported_image", []field{file("<html>")}},
		"half a picture":    {"file", "damaged_image", []field{file(string(good[:len(good)/2]))}},
		"a bomb":            {"file", "too_many_pixels", []field{file(bomb.String())}},
		"two files":         {"file", "repeated", []field{file(string(good)), file(string(good))}},
		"unknown field":     {"surprise", "unknown_field", []field{file(string(good)), {name: "surprise", value: "1"}}},
		"field twice":       {"altText", "repeated", []field{file(string(good)), {name: "altText", value: "a"}, {name: "altText", value: "b"}}},
		"long text":         {"altText", "too_long", []field{file(string(good)), {name: "altText", value: strings.Repeat("ä", 501)}}},
		"NUL":               {"altText", "invalid_text", []field{file(string(good)), {name: "altText", value: "a\x00b"}}},
		"no text":           {"altText", "invalid_text", []field{file(string(good)), {name: "altText", value: "\xff\xfe"}}},
		"negative position": {"position", "too_small", []field{file(string(good)), {name: "position", value: "-1"}}},
		"too far":           {"position", "too_large", []field{file(string(good)), {name: "position", value: "20"}}},
		"no number":         {"position", "type", []field{file(string(good)), {name: "position", value: "first"}}},
		"half a position":   {"position", "type", []field{file(string(good)), {name: "position", value: "0.5"}}},
		"an endless number": {"position", "type", []field{file(string(good)), {name: "position", value: strings.Repeat("9", 400)}}},
		"no position":       {"position", "type", []field{file(string(good)), {name: "position", value: ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := send(t, shop, formCall(t, images, admin, c.fields...))
			requireField(t, got, client.FieldLocationBODY, c.at)
			require.Equal(t, c.code, got.problem.Errors[0].Code, got.body)
		})
	}
	t.Run("all at once", func(t *testing.T) {
		got := send(t, shop, formCall(t, images, admin, file("<svg/>"), field{name: "position", value: "x"}, field{name: "other", value: "1"}))
		for _, name := range []string{"file", "position", "other"} {
			requireField(t, got, client.FieldLocationBODY, name)
		}
	})
	t.Run("broken forms", func(t *testing.T) {
		whole := upload(t, images, admin, good)
		for _, cut := range []int{0, 10, 80, len(whole.body) / 2, len(whole.body) - 10} {
			broken := whole
			if broken.body = whole.body[:cut]; cut == 0 {
				broken.body = "x"
			}
			require.Equal(t, "malformed_form", requireProblem(t, send(t, shop, broken), http.StatusBadRequest).Code, cut)
		}
		for kind, status := range map[string]int{
			"application/json": http.StatusUnsupportedMediaType, "multipart/form-data": http.StatusUnsupportedMediaType,
			"image/png": http.StatusUnsupportedMediaType, "multipart/mixed; boundary=x": http.StatusUnsupportedMediaType,
			"multipart/form-data; boundary=other": http.StatusBadRequest,
		} {
			other := whole
			other.header = map[string]string{"Content-Type": kind}
			requireProblem(t, send(t, shop, other), status)
		}
		packed := whole.under("")
		packed.header["Content-Encoding"] = "gzip"
		delete(packed.header, "Idempotency-Key")
		requireProblem(t, send(t, shop, packed), http.StatusUnsupportedMediaType)
	})
	t.Run("too much of it", func(t *testing.T) {
		most := make([]byte, 1<<20)
		requireField(t, send(t, shop, upload(t, images, admin, most)), client.FieldLocationBODY, "file")
		for _, c := range []call{
			upload(t, images, admin, make([]byte, 1<<20+1)),
			upload(t, images, admin, make([]byte, 2<<20)),
			upload(t, images, admin, good, field{name: "altText", value: strings.Repeat("a", 9<<10)}),
			formCall(t, images, admin, make([]field, 21)...),
		} {
			got := send(t, shop, c)
			require.Equal(t, "payload_too_large", requireProblem(t, got, http.StatusRequestEntityTooLarge).Code)
		}
	})
	t.Run("nowhere to put it", func(t *testing.T) {
		for _, slug := range []string{uuid.NewString(), "no-such-product"} {
			got := send(t, shop, upload(t, "/products/"+slug+"/images", admin, good))
			require.Equal(t, "product_not_found", requireProblem(t, got, http.StatusNotFound).Code)
		}
	})
	require.Equal(t, before, contents(t, shop))
}

func TestAnUploadThatIsTooLargeIsRefusedUnread(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	path := "/api/v1/products/" + shop.Product(1).Slug + "/images/upload"
	head := func(token, length string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer " + token +
			"\r\nContent-Type: multipart/form-data; boundary=b\r\n" + length + "\r\nExpect: 100-continue\r\n\r\n"
	}
	ask := func(t *testing.T, head string, more func(net.Conn)) string {
		t.Helper()
		conn, err := net.Dial("tcp", strings.TrimPrefix(shop.URL, "http://"))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		require.NoError(t, conn.SetDeadline(time.Now().Add(time.Minute)))
		_, err = io.WriteString(conn, head)
		require.NoError(t, err)
		if more != nil {
			go more(conn)
		}
		said, _ := io.ReadAll(io.LimitReader(conn, 4<<10))
		return string(said)
	}
	gigabyte := "Content-Length: 1073741824"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 20 {
		said := ask(t, head(admin, gigabyte), func(conn net.Conn) { _ = conn.(*net.TCPConn).CloseWrite() })
		require.True(t, strings.HasPrefix(said, "HTTP/1.1 413 "), said)
		require.NotContains(t, said, "100 Continue")
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(64<<20), "twenty times a gigabyte was announced")
	said := ask(t, head("nobody", gigabyte), func(conn net.Conn) { _ = conn.(*net.TCPConn).CloseWrite() })
	require.True(t, strings.HasPrefix(said, "HTTP/1.1 401 "), "and who may not send it is not even listened to")
	require.NotContains(t, said, "100 Continue")

	// One that does not say how long it is, and never ends.
	said = ask(t, head(admin, "Transfer-Encoding: chunked"), func(conn net.Conn) {
		part := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
		_, err := fmt.Fprintf(conn, "%x\r\n%s\r\n", len(part), part)
		for chunk := "8000\r\n" + strings.Repeat("x", 0x8000) + "\r\n"; err == nil; {
			_, err = io.WriteString(conn, chunk)
		}
	})
	require.Contains(t, said, "HTTP/1.1 413 ")
}

func TestTheSamePictureMayBeUploadedByManyAtOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	one, other := shop.Product(1), shop.Product(1)
	same := picture(t, 3)
	got := make([]answer, 16)
	calls := make([]call, len(got))
	for i := range calls {
		calls[i] = upload(t, "/products/"+[]string{one.Slug, other.Slug}[i%2]+"/images", admin, same)
	}
	shoptest.Together(len(got), func(i int) { got[i] = send(t, shop, calls[i]) })
	addresses, ids := map[string]bool{}, map[uuid.UUID]bool{}
	for _, answer := range got {
		made := toUploaded(t, answer)
		addresses[made.URL], ids[made.ID] = true, true
	}
	require.Len(t, addresses, 1, "kept once")
	require.Len(t, ids, 16)
	for _, product := range []client.Product{one, other} {
		places := map[int32]bool{}
		for _, image := range shop.ReadProduct(product.ID).Images {
			places[image.SortOrder] = true
		}
		require.Len(t, places, 8, "no two stand in one place")
	}
	require.Equal(t, string(same), fetch(t, shop, shop.ReadProduct(one.ID).Images[0].URL).body)
}

func TestAnUploadUnderAKeyHappensOnce(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	product := shop.Product(1)
	images := "/products/" + product.Slug + "/images"
	for range 19 {
		toUploaded(t, send(t, shop, upload(t, images, admin, picture(t, 1))))
	}
	key := uuid.NewString()
	last := send(t, shop, upload(t, images, admin, picture(t, 2), field{name: "altText", value: "a"}).under(key))
	toUploaded(t, last)
	// Another boundary, and no room any more: the same command all the same.
	again := send(t, shop, upload(t, images, admin, picture(t, 2), field{name: "altText", value: "a"}).under(key))
	require.Equal(t, last.body, again.body)
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
	for _, other := range []call{
		upload(t, images, admin, picture(t, 3), field{name: "altText", value: "a"}),
		upload(t, images, admin, picture(t, 2), field{name: "altText", value: "b"}),
		upload(t, images, admin, picture(t, 2)),
	} {
		got := send(t, shop, other.under(key))
		require.Equal(t, "idempotency_key_reused", requireProblem(t, got, http.StatusUnprocessableEntity).Code)
	}
	full := send(t, shop, upload(t, images, admin, picture(t, 4)))
	require.Equal(t, "too_many_images", requireProblem(t, full, http.StatusConflict).Code)
	require.Len(t, shop.ReadProduct(product.ID).Images, 20)
}
