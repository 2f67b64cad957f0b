package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres"
	"cartwright/internal/postgres/pgtest"
)

// secret stands for what a photo tells beside its picture.
const secret = "48.2082N 16.3738E"

// arrow is a picture that shows which way is up: red above, blue below, green at the left edge.
func arrow(w, h int) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			shade := color.NRGBA{R: 255, A: 255}
			if y >= h/2 {
				shade = color.NRGBA{B: 255, A: 255}
			}
			if x < w/4 {
				shade.G = 255
			}
			picture.SetNRGBA(x, y, shade)
		}
	}
	return picture
}

// stored is what a camera held another way would have written of the arrow.
func stored(orientation, w, h int) image.Image {
	upright := arrow(w, h)
	lying := image.NewNRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		lying = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range lying.Rect.Dy() {
		for x := range lying.Rect.Dx() {
			lying.Set(x, y, upright.At(whereItWas(orientation, x, y, w, h)))
		}
	}
	return lying
}

// whereItWas is where a stored pixel stands in the upright picture of w by h, in the words of EXIF's
// table: what the first row and the first column of what is stored are of what one sees.
func whereItWas(orientation, column, row, w, h int) (x, y int) {
	switch orientation {
	case 2: // row: top, column: right
		return w - 1 - column, row
	case 3: // bottom, right
		return w - 1 - column, h - 1 - row
	case 4: // bottom, left
		return column, h - 1 - row
	case 5: // left, top
		return row, column
	case 6: // right, top
		return w - 1 - row, column
	case 7: // right, bottom
		return w - 1 - row, h - 1 - column
	case 8: // left, bottom
		return row, h - 1 - column
	}
	return column, row // top, left
}

// requireUpright looks at three places of an arrow.
func requireUpright(t *testing.T, picture image.Image) {
	t.Helper()
	b := picture.Bounds()
	at := func(x, y float64) (r, g, b8 bool) {
		red, green, blue, _ := picture.At(b.Min.X+int(x*float64(b.Dx())), b.Min.Y+int(y*float64(b.Dy()))).RGBA()
		return red > 0x8000, green > 0x8000, blue > 0x8000
	}
	for place, want := range map[[2]float64][3]bool{
		{0.1, 0.2}: {true, true, false}, {0.7, 0.2}: {true, false, false},
		{0.1, 0.8}: {false, true, true}, {0.7, 0.8}: {false, false, true},
	} {
		r, g, bl := at(place[0], place[1])
		require.Equal(t, want, [3]bool{r, g, bl}, place)
	}
}

// exif is EXIF data as cameras write it: an orientation, and where they were.
func exif(orientation int, order binary.AppendByteOrder) []byte {
	tiff := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		tiff = []byte("MM\x00*")
	}
	tiff = order.AppendUint32(tiff, 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, tag := range []uint16{0x010F, tagOrientation} {
		tiff = order.AppendUint16(tiff, tag)
		tiff = order.AppendUint16(tiff, typeShort)
		tiff = order.AppendUint32(tiff, 1)
		tiff = order.AppendUint16(tiff, uint16(orientation))
		tiff = order.AppendUint16(tiff, 0)
	}
	return append(tiff, secret...)
}

func jpegOf(t *testing.T, picture image.Image, segments ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, jpeg.Encode(&out, picture, &jpeg.Options{Quality: 95}))
	content := append([]byte{}, out.Bytes()[:2]...)
	for _, segment := range segments {
		content = append(content, segment...)
	}
	return append(content, out.Bytes()[2:]...)
}

func segment(marker byte, parts ...string) []byte {
	var data, out bytes.Buffer
	for _, part := range parts {
		data.WriteString(part)
	}
	writeSegment(&out, marker, data.Bytes())
	return out.Bytes()
}

func pngOf(t *testing.T, picture image.Image, chunks ...[]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, png.Encode(&out, picture))
	const header = len(pngSignature) + 25
	content := append([]byte{}, out.Bytes()[:header]...)
	for _, chunk := range chunks {
		content = append(content, chunk...)
	}
	return append(content, out.Bytes()[header:]...)
}

func chunk(kind, data string) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(out, kind+data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(kind+data)))
}

func gifOf(t *testing.T, frames ...*image.Paletted) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, gif.EncodeAll(&out, &gif.GIF{Image: frames, Delay: make([]int, len(frames))}))
	return out.Bytes()
}

func paletted(bounds image.Rectangle, of image.Image) *image.Paletted {
	frame := image.NewPaletted(bounds, color.Palette{
		color.NRGBA{}, color.NRGBA{R: 255, A: 255}, color.NRGBA{B: 255, A: 255},
		color.NRGBA{R: 255, G: 255, A: 255}, color.NRGBA{G: 255, B: 255, A: 255},
	})
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			frame.Set(x, y, of.At(x, y))
		}
	}
	return frame
}

// onePixelWebP is a lossless WebP of a single opaque black pixel, written by hand: one VP8L chunk with
// five codes of one symbol each.
func webpOf(extra ...[]byte) []byte {
	vp8x := []byte{webpEXIF | webpXMP, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	body := riffChunk("VP8X", vp8x)
	body = append(body, riffChunk("VP8L", vp8lPixel())...)
	for _, chunk := range extra {
		body = append(body, chunk...)
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body)+4))
	return append(append(out, "WEBP"...), body...)
}

// vp8lPixel: 14+14 bits of size minus one, no alpha, version 0; no transform, no colour cache, no
// meta codes; then five simple codes of one symbol: green, red, blue 0, alpha 255, distance 0.
func vp8lPixel() []byte {
	w := bitWriter{}
	w.put(0, 14)
	w.put(0, 14)
	w.put(0, 1)
	w.put(0, 3)
	w.put(0, 1) // transforms
	w.put(0, 1) // colour cache
	w.put(0, 1) // meta codes
	for _, symbol := range []uint32{0, 0, 0, 255, 0} {
		w.put(1, 1) // simple
		w.put(0, 1) // one symbol
		if symbol < 2 {
			w.put(0, 1) // of one bit
			w.put(symbol, 1)
		} else {
			w.put(1, 1) // of eight
			w.put(symbol, 8)
		}
	}
	return append([]byte{0x2f}, w.bytes()...)
}

type bitWriter struct {
	out  []byte
	bits int
}

func (w *bitWriter) put(value uint32, n int) {
	for i := range n {
		if w.bits%8 == 0 {
			w.out = append(w.out, 0)
		}
		w.out[len(w.out)-1] |= byte(value>>i&1) << (w.bits % 8)
		w.bits++
	}
}

func (w *bitWriter) bytes() []byte { return w.out }

func riffChunk(kind string, data []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data)))
	out = append(out, data...)
	if len(data)%2 == 1 {
		out = append(out, 0)
	}
	return out
}

// rgbProfile is as much of a colour profile as is looked at.
func rgbProfile(size int) []byte {
	profile := bytes.Repeat([]byte{7}, size)
	copy(profile[16:], "RGB ")
	return profile
}

type shelf struct {
	*Library
	DB     *postgres.DB
	folder string
	now    time.Time
}

// newShelf is a library on this machine's disk.
func newShelf(t *testing.T, change ...func(*Config)) *shelf {
	t.Helper()
	s := &shelf{DB: pgtest.New(t), folder: t.TempDir(), now: time.Date(2026, 3, 29, 23, 59, 0, 0, time.UTC)}
	config := Config{
		DB: s.DB, Storage: NewDisk(s.folder, func(string) error { return nil }), MaxBytes: 1 << 20, MaxPixels: 1 << 20,
		Now: func() time.Time { return s.now }, Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	s.Library = New(config)
	return s
}

func (s *shelf) add(t *testing.T, content []byte) (Picture, error) {
	t.Helper()
	upload, err := s.Receive(bytes.NewReader(content))
	if err != nil {
		return Picture{}, err
	}
	defer upload.Close()
	return s.Add(t.Context(), upload)
}
