package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/webp"
)

func TestNothingIsServedThatIsNotThePicture(t *testing.T) {
	t.Parallel()
	picture := arrow(64, 48)
	profile := string(rgbProfile(200))
	icc := segment(markerAPP2, string(profileTag)+"\x01\x01", profile)
	gifFrames := []*image.Paletted{paletted(image.Rect(0, 0, 64, 48), picture), paletted(image.Rect(0, 0, 64, 48), picture)}
	plainGIF := gifOf(t, gifFrames...)
	gifWith := func(extension string) []byte {
		at := bytes.IndexByte(plainGIF[13+colourTable(plainGIF[10]):], gifExtension) + 13 + colourTable(plainGIF[10])
		return append(append(append([]byte{}, plainGIF[:at]...), extension...), plainGIF[at:]...)
	}
	dirty := map[string]struct {
		format  Format
		content []byte
		profile bool
	}{
		"EXIF":              {JPEG, jpegOf(t, picture, segment(markerAPP1, string(exifTag), string(exif(1, binary.LittleEndian)))), false},
		"XMP":               {JPEG, jpegOf(t, picture, segment(markerAPP1, "http://ns.adobe.com/xap/1.0/\x00", secret)), false},
		"IPTC":              {JPEG, jpegOf(t, picture, segment(0xED, "Photoshop 3.0\x00", secret)), false},
		"a comment":         {JPEG, jpegOf(t, picture, segment(markerCOM, secret)), false},
		"more pictures":     {JPEG, jpegOf(t, picture, segment(markerAPP2, "MPF\x00", secret)), false},
		"JFIF's thumbnail":  {JPEG, jpegOf(t, picture, segment(markerAPP0, "JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01", secret)), false},
		"JFXX's thumbnail":  {JPEG, jpegOf(t, picture, segment(markerAPP0, "JFXX\x00\x10", secret)), false},
		"what follows":      {JPEG, append(jpegOf(t, picture), secret...), false},
		"with a profile":    {JPEG, jpegOf(t, picture, icc, segment(markerCOM, secret)), true},
		"fill bytes":        {JPEG, jpegOf(t, picture, []byte{0xFF, 0xFF}, segment(markerCOM, secret)), false},
		"PNG's text":        {PNG, pngOf(t, picture, chunk("tEXt", "Comment\x00"+secret)), false},
		"PNG's XMP":         {PNG, pngOf(t, picture, chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+secret)), false},
		"PNG's EXIF":        {PNG, pngOf(t, picture, chunk("eXIf", string(exif(1, binary.BigEndian)))), false},
		"unknown chunks":    {PNG, pngOf(t, picture, chunk("zzZz", secret)), false},
		"what follows PNG":  {PNG, append(pngOf(t, picture), secret...), false},
		"GIF's comment":     {GIF, gifWith("\x21\xFE\x11" + secret + "\x00"), false},
		"GIF's XMP":         {GIF, gifWith("\x21\xFF\x0BXMP DataXMP\x11" + secret + "\x00"), false},
		"what follows GIF":  {GIF, append(bytes.Clone(plainGIF), secret...), false},
		"WebP's EXIF":       {WebP, webpOf(riffChunk("EXIF", exif(1, binary.LittleEndian))), false},
		"WebP's XMP":        {WebP, webpOf(riffChunk("XMP ", []byte(secret))), false},
		"WebP's own chunks": {WebP, webpOf(riffChunk("mine", []byte(secret))), false},
		"what follows WebP": {WebP, append(webpOf(), secret...), false},
	}
	for name, d := range dirty {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, d.format, sniff(d.content))
			require.Contains(t, string(d.content), secret)
			stripped, told, err := strip(d.format, d.content)
			require.NoError(t, err)
			require.NotContains(t, string(stripped), secret)
			require.Equal(t, d.profile, told.profile != nil)
			require.Equal(t, d.profile, bytes.Contains(stripped, []byte(profile)))
			require.Equal(t, 1, told.orientation)
			before, err := codecs[d.format].decode(d.content)
			require.NoError(t, err)
			after, err := codecs[d.format].decode(stripped)
			require.NoError(t, err)
			require.Equal(t, before, after, "not a pixel differs")
		})
	}
	t.Run("an animation goes on", func(t *testing.T) {
		stripped, _, err := strip(GIF, gifWith("\x21\xFE\x11"+secret+"\x00"))
		require.NoError(t, err)
		again, err := gif.DecodeAll(bytes.NewReader(stripped))
		require.NoError(t, err)
		require.Len(t, again.Image, 2)
		require.Zero(t, again.LoopCount, "for ever, as before")
		cut, _, err := strip(GIF, plainGIF[:len(plainGIF)-1])
		require.NoError(t, err, "many programs forget the trailer")
		require.Equal(t, plainGIF, cut)
	})
}

func TestWebPStaysWebP(t *testing.T) {
	t.Parallel()
	stripped, _, err := strip(WebP, webpOf(riffChunk("EXIF", exif(1, binary.LittleEndian))))
	require.NoError(t, err)
	require.Zero(t, stripped[20]&(webpEXIF|webpXMP), "nothing is announced that is not there")
	picture, err := webp.Decode(bytes.NewReader(stripped))
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 1, 1), picture.Bounds())
	require.Equal(t, color.NRGBA{A: 255}, picture.At(0, 0))
	_, _, err = strip(WebP, webpOf(riffChunk("ANIM", make([]byte, 6))))
	require.ErrorIs(t, err, errAnimated)
	require.ErrorContains(t, err, "validation_failed")
}

func TestWhatCannotBeTakenApartIsDamaged(t *testing.T) {
	t.Parallel()
	picture := arrow(40, 30)
	whole := map[Format][]byte{
		JPEG: jpegOf(t, picture, segment(markerAPP1, string(exifTag), string(exif(6, binary.BigEndian)))),
		PNG:  pngOf(t, picture, chunk("tEXt", "a\x00b")),
		GIF:  gifOf(t, paletted(image.Rect(0, 0, 40, 30), picture)),
		WebP: webpOf(riffChunk("EXIF", exif(6, binary.LittleEndian))),
	}
	for format, content := range whole {
		for cut := sniffed; cut < len(content)-1; cut++ { // every length at which an upload can break off
			stripped, told, err := strip(format, content[:cut])
			if err == nil {
				_, err = render(t.Context(), format, stripped, told)
			}
			require.ErrorIs(t, err, errDamaged, "%s cut off at %d of %d", format, cut, len(content))
		}
	}
}

func TestOrientationIsReadWhereverItCanBe(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for orientation := 1; orientation <= 8; orientation++ {
			require.Equal(t, orientation, orientationOf(exif(orientation, order)))
		}
	}
	for name, tiff := range map[string][]byte{
		"nothing": nil, "short": []byte("II*\x00"), "no TIFF": []byte("nonsense of eight"),
		"elsewhere": []byte("II*\x00\xFF\xFF\xFF\xFF"), "many entries": []byte("MM\x00*\x00\x00\x00\x08\xFF\xFF"),
		"zero": exif(0, binary.LittleEndian), "nine": exif(9, binary.BigEndian),
	} {
		require.Equal(t, 1, orientationOf(tiff), name)
	}
}

func FuzzStrip(f *testing.F) {
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x08Exif\x00\x00"))
	f.Add([]byte(pngSignature + "\x00\x00\x00\x00IEND"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"))
	f.Add(webpOf())
	f.Fuzz(func(t *testing.T, content []byte) {
		format := sniff(content)
		if format == "" {
			return
		}
		stripped, told, err := strip(format, content)
		if err != nil {
			return
		}
		require.LessOrEqual(t, len(stripped), len(content)+1)
		require.Equal(t, format, sniff(stripped))
		again, _, err := strip(format, stripped)
		require.NoError(t, err)
		require.Equal(t, stripped, again, "nothing is left to take out")
		require.Contains(t, []int{1, 2, 3, 4, 5, 6, 7, 8}, told.orientation)
	})
}
