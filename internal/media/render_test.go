package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"
)

func decoded(t *testing.T, format Format, content []byte) image.Image {
	t.Helper()
	picture, err := codecs[format].decode(content)
	require.NoError(t, err)
	return picture
}

func TestAPictureStandsUprightHoweverTheCameraWasHeld(t *testing.T) {
	t.Parallel()
	for orientation := 1; orientation <= 8; orientation++ {
		content := jpegOf(t, stored(orientation, 64, 48),
			segment(markerAPP1, string(exifTag), string(exif(orientation, binary.BigEndian))))
		stripped, told, err := strip(JPEG, content)
		require.NoError(t, err)
		made, err := render(t.Context(), JPEG, stripped, told)
		require.NoError(t, err)
		require.Equal(t, [2]int{64, 48}, [2]int{made.width, made.height}, orientation)
		for size, file := range made.files {
			require.NotContains(t, string(file), "Exif", "nobody turns it again")
			picture := decoded(t, JPEG, file)
			require.Equal(t, image.Rect(0, 0, 64, 48), picture.Bounds(), "%s of %d", size, orientation)
			requireUpright(t, picture)
		}
	}
	t.Run("whatever the format", func(t *testing.T) {
		content := pngOf(t, stored(6, 64, 48), chunk("eXIf", string(exif(6, binary.LittleEndian))))
		stripped, told, err := strip(PNG, content)
		require.NoError(t, err)
		made, err := render(t.Context(), PNG, stripped, told)
		require.NoError(t, err)
		require.Equal(t, PNG, made.format)
		requireUpright(t, decoded(t, PNG, made.files[Original]))

		stripped, told, err = strip(WebP, webpOf(riffChunk("EXIF", append(bytes.Clone(exifTag), exif(6, binary.LittleEndian)...))))
		require.NoError(t, err)
		require.Equal(t, 6, told.orientation)
		made, err = render(t.Context(), WebP, stripped, told)
		require.NoError(t, err)
		require.Equal(t, JPEG, made.format, "nothing here writes WebP")
		require.Equal(t, JPEG, sniff(made.files[Original]))
	})
}

func TestThumbnailsKeepTheShapeAndAreNeverLarger(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ w, h, large, medium, small image.Point }{
		"wide":    {image.Pt(4000, 0), image.Pt(0, 3000), image.Pt(1080, 810), image.Pt(480, 360), image.Pt(160, 120)},
		"tall":    {image.Pt(600, 0), image.Pt(0, 1000), image.Pt(600, 1000), image.Pt(288, 480), image.Pt(96, 160)},
		"smaller": {image.Pt(100, 0), image.Pt(0, 40), image.Pt(100, 40), image.Pt(100, 40), image.Pt(100, 40)},
		"a strip": {image.Pt(5000, 0), image.Pt(0, 4), image.Pt(1080, 1), image.Pt(480, 1), image.Pt(160, 1)},
		"pixel":   {image.Pt(1, 0), image.Pt(0, 1), image.Pt(1, 1), image.Pt(1, 1), image.Pt(1, 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content := jpegOf(t, arrow(c.w.X, c.h.Y))
			made, err := render(t.Context(), JPEG, content, details{orientation: 1})
			require.NoError(t, err)
			require.Equal(t, content, made.files[Original], "the original stays as it is")
			for size, want := range map[Size]image.Point{Large: c.large, Medium: c.medium, Small: c.small} {
				picture := decoded(t, JPEG, made.files[size])
				require.Equal(t, want, picture.Bounds().Size(), size)
				if want.X > 16 && want.Y > 16 {
					requireUpright(t, picture)
				}
			}
		})
	}
}

func TestOnlyWhatCanBeSeenThroughIsPNG(t *testing.T) {
	t.Parallel()
	clear := arrow(300, 300)
	clear.SetNRGBA(150, 150, color.NRGBA{})
	made, err := render(t.Context(), PNG, pngOf(t, clear), details{orientation: 1})
	require.NoError(t, err)
	require.Equal(t, PNG, made.thumbnailFormat)
	_, _, _, alpha := decoded(t, PNG, made.files[Small]).At(80, 80).RGBA()
	require.Less(t, alpha, uint32(0xFFFF))

	made, err = render(t.Context(), PNG, pngOf(t, arrow(300, 300)), details{orientation: 1})
	require.NoError(t, err)
	require.Equal(t, []Format{PNG, JPEG}, []Format{made.format, made.thumbnailFormat})

	frame := paletted(image.Rect(0, 0, 40, 20), arrow(80, 40)) // a frame that leaves some of its canvas open
	whole := gifOf(t, paletted(image.Rect(0, 0, 80, 40), arrow(80, 40)))
	part := gifOf(t, frame)
	copy(part[6:10], whole[6:10])
	made, err = render(t.Context(), GIF, part, details{orientation: 1})
	require.NoError(t, err)
	require.Equal(t, [2]int{80, 40}, [2]int{made.width, made.height})
	require.Equal(t, PNG, made.thumbnailFormat)
	_, _, _, alpha = decoded(t, PNG, made.files[Small]).At(60, 30).RGBA()
	require.Zero(t, alpha)
}

func TestColoursMeanTheSameInAThumbnail(t *testing.T) {
	t.Parallel()
	profile := rgbProfile(70_000) // more than fits into one segment
	for format, content := range map[Format][]byte{
		JPEG: jpegOf(t, arrow(8, 8)), PNG: pngOf(t, arrow(8, 8)),
	} {
		_, told, err := strip(format, map[Format]func([]byte, []byte) []byte{JPEG: profiledJPEG, PNG: profiledPNG}[format](content, profile))
		require.NoError(t, err)
		require.Equal(t, profile, told.profile, format)
		made, err := render(t.Context(), format, content, told)
		require.NoError(t, err)
		_, again, err := strip(JPEG, made.files[Small])
		require.NoError(t, err)
		require.Equal(t, profile, again.profile, format)
		decoded(t, JPEG, made.files[Small])
	}
	clear := arrow(8, 8)
	clear.SetNRGBA(0, 0, color.NRGBA{})
	made, err := render(t.Context(), PNG, pngOf(t, clear), details{orientation: 1, profile: profile})
	require.NoError(t, err)
	_, again, err := strip(PNG, made.files[Small])
	require.NoError(t, err)
	require.Equal(t, profile, again.profile)
	decoded(t, PNG, made.files[Small])

	inks := rgbProfile(200)
	copy(inks[16:], "CMYK")
	require.Equal(t, jpegOf(t, arrow(8, 8)), profiledJPEG(jpegOf(t, arrow(8, 8)), inks), "a profile of inks is of no use here")
}

func TestEveryKindOfPictureIsTaken(t *testing.T) {
	t.Parallel()
	bounds := image.Rect(0, 0, 300, 200)
	shades := arrow(300, 200)
	kinds := map[string]interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		"gray": image.NewGray(bounds), "gray16": image.NewGray16(bounds), "rgb": image.NewRGBA(bounds),
		"rgba64": image.NewNRGBA64(bounds), "paletted": paletted(bounds, shades),
	}
	for name, picture := range kinds {
		for y := range 200 {
			for x := range 300 {
				picture.Set(x, y, shades.At(x, y))
			}
		}
		var out bytes.Buffer
		require.NoError(t, png.Encode(&out, picture))
		_, err := render(t.Context(), PNG, out.Bytes(), details{orientation: 1})
		require.NoError(t, err, name)
	}
	var gray bytes.Buffer
	require.NoError(t, jpeg.Encode(&gray, kinds["gray"], nil))
	_, err := render(t.Context(), JPEG, gray.Bytes(), details{orientation: 3})
	require.NoError(t, err)
}

func TestNobodyRendersForAClientThatLeft(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := render(ctx, JPEG, jpegOf(t, arrow(8, 8)), details{orientation: 1})
	require.ErrorIs(t, err, context.Canceled)
}
