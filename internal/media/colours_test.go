package media

import (
	"encoding/base64"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/require"
)

// Lossy WebP files of libwebp, 16 by 16 pixels.
const (
	whiteWebP   = "UklGRiYAAABXRUJQVlA4IBoAAAAwAQCdASoQABAAAMASJaQAA3AA/v7deAAAAA=="
	colourWebP  = "UklGRjYAAABXRUJQVlA4ICoAAABwAQCdASoQABAAAIAIJaACdAF1AAD++nkuIP/+uif//Wjn//rRz/1xAAA="                                                                 // #C8285A
	clearWebP   = "UklGRlIAAABXRUJQVlA4WAoAAAAQAAAADwAADwAAQUxQSBIAAAABDzD/ERFCLJjMX7o7g4j+hy5WUDggGgAAADABAJ0BKhAAEAAAwBIlpAADcAD+/t14AAAA"                             // white, its left half clear
	turnedWhite = "UklGRmYAAABXRUJQVlA4WAoAAAAIAAAAHwAADwAAVlA4ICYAAACwAgCdASogABAAPjEUiEKiISEYBAAgAwS0gAA9kAAA/v5V0AAAAEVYSUYaAAAATU0AKgAAAAgAAQESAAMAAAABAAYAAAAAAAA=" // 32 by 16, lying on its side
)

func webpFile(t *testing.T, encoded string) []byte {
	t.Helper()
	content, err := base64.StdEncoding.DecodeString(encoded)
	require.NoError(t, err)
	require.Equal(t, WebP, sniff(content))
	return content
}

// requireColour looks at one pixel, which may be as far off as JPEG makes it.
func requireColour(t *testing.T, want color.NRGBA, picture image.Image, x, y int) {
	t.Helper()
	got := color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)
	require.InDelta(t, want.R, got.R, 4, "red of %v", got)
	require.InDelta(t, want.G, got.G, 4, "green of %v", got)
	require.InDelta(t, want.B, got.B, 4, "blue of %v", got)
	require.Equal(t, want.A, got.A)
}

func TestRender_LossyWebPKeepsItsColours(t *testing.T) {
	t.Parallel()
	white, colour := color.NRGBA{255, 255, 255, 255}, color.NRGBA{200, 40, 90, 255}
	for name, c := range map[string]struct {
		file   string
		want   color.NRGBA
		format Format
		x      int
	}{
		"white":                      {whiteWebP, white, JPEG, 8},
		"a colour":                   {colourWebP, colour, JPEG, 8},
		"white beside what is clear": {clearWebP, white, PNG, 12},
	} {
		stripped, told, err := strip(WebP, webpFile(t, c.file))
		require.NoError(t, err, name)
		made, err := render(t.Context(), WebP, stripped, told)
		require.NoError(t, err, name)
		require.Equal(t, c.format, made.thumbnailFormat, name)
		for _, size := range []Size{Small, Medium, Large} {
			requireColour(t, c.want, decoded(t, c.format, made.files[size]), c.x, 8)
		}
	}
	stripped, told, err := strip(WebP, webpFile(t, turnedWhite))
	require.NoError(t, err)
	require.Equal(t, 6, told.orientation)
	made, err := render(t.Context(), WebP, stripped, told)
	require.NoError(t, err)
	require.Equal(t, [2]int{16, 32}, [2]int{made.width, made.height})
	for size, file := range made.files {
		requireColour(t, white, decoded(t, JPEG, file), 8, 16)
		require.Equal(t, JPEG, sniff(file), size)
	}
}

func TestExpandRange_CoversTheWholeRange(t *testing.T) {
	t.Parallel()
	require.Equal(t, []uint8{0, 0, 255, 255}, []uint8{fullLuma[0], fullLuma[16], fullLuma[235], fullLuma[255]})
	require.Equal(t, []uint8{0, 128, 255, 255}, []uint8{fullChroma[0], fullChroma[128], fullChroma[240], fullChroma[255]})
	for i := 1; i < 256; i++ {
		require.GreaterOrEqual(t, fullLuma[i], fullLuma[i-1])
		require.GreaterOrEqual(t, fullChroma[i], fullChroma[i-1])
	}
}
