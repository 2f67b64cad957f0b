package media

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/jpeg"
	"testing"

	"github.com/stretchr/testify/require"
)

// withMarkers puts bytes before every marker segment of a JPEG file, behind its beginning.
func withMarkers(t *testing.T, content, stray []byte) []byte {
	t.Helper()
	out := bytes.Clone(content[:2])
	for rest := content[2:]; len(rest) > 0; {
		marker, segment, after, ok := nextSegment(rest)
		require.True(t, ok)
		out = append(out, stray...)
		if marker == markerEOI {
			return append(out, 0xFF, markerEOI)
		}
		var written bytes.Buffer
		writeSegment(&written, marker, segment)
		out = append(out, written.Bytes()...)
		if rest = after; marker == markerSOS {
			length := scanLength(rest)
			out, rest = append(out, rest[:length]...), rest[length:]
		}
	}
	return out
}

func TestStripJPEG_TakesWhatItsDecoderTakes(t *testing.T) {
	t.Parallel()
	plain := jpegOf(t, arrow(64, 48), segment(markerCOM, secret))
	want := decoded(t, JPEG, plain)
	for name, stray := range map[string][]byte{
		"a stray byte": {0x00}, "several": []byte("\x00\x0A\x0D\x1A"), "fill bytes": {0xFF, 0xFF},
		"a stuffed byte": {0xFF, 0x00}, "a restart": {0xFF, 0xD3}, "all of it": {0x7F, 0xFF, 0x00, 0x01, 0xFF, 0xD0, 0xFF},
	} {
		content := withMarkers(t, plain, stray)
		require.Equal(t, want, decoded(t, JPEG, content), name)
		stripped, _, err := strip(JPEG, content)
		require.NoError(t, err, name)
		require.NotContains(t, string(stripped), secret)
		require.Equal(t, want, decoded(t, JPEG, stripped), name)
	}
}

func TestStripGIF_EndsWithThePictureWhateverFollows(t *testing.T) {
	t.Parallel()
	plain := gifOf(t, paletted(image.Rect(0, 0, 64, 48), arrow(64, 48)))
	want := decoded(t, GIF, plain)
	for _, follows := range []string{"\x00\x00\x3B", "\x00", "garbage" + secret} {
		content := append(bytes.Clone(plain[:len(plain)-1]), follows...)
		stripped, _, err := strip(GIF, content)
		require.NoError(t, err)
		require.NotContains(t, string(stripped), secret)
		require.Equal(t, want, decoded(t, GIF, stripped))
	}
}

func TestStripWebP_TakesOneWithoutItsLastPadding(t *testing.T) {
	t.Parallel()
	content := webpOf(riffChunk("EXIF", []byte("odd")))
	_, _, err := strip(WebP, content[:len(content)-1])
	require.NoError(t, err)
}

// FuzzWhatDecodes_IsTakenApart holds that whatever a decoder reads is taken apart, and shows the same.
func FuzzWhatDecodes_IsTakenApart(f *testing.F) {
	for _, encoded := range []string{whiteWebP, clearWebP, turnedWhite} {
		content, _ := base64.StdEncoding.DecodeString(encoded)
		f.Add(content)
	}
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xFF\xFF\xFF,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
	f.Add(smallJPEG())
	f.Fuzz(func(t *testing.T, content []byte) {
		format := sniff(content)
		if format != JPEG && format != GIF { // the others' decoders do not read as far as a file goes
			return
		}
		if _, err := measure(format, bytes.NewReader(content), 1<<16); err != nil {
			return
		}
		before, err := codecs[format].decode(content)
		if err != nil || bytes.Count(content, []byte{0xFF, markerSOS}) > maxScans {
			return
		}
		stripped, _, err := strip(format, content)
		require.NoError(t, err)
		after, err := codecs[format].decode(stripped)
		require.NoError(t, err)
		require.Equal(t, before, after)
	})
}

func smallJPEG() []byte {
	var out bytes.Buffer
	_ = jpeg.Encode(&out, arrow(8, 8), nil)
	return out.Bytes()
}
