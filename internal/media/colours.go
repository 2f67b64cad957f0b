package media

import (
	"bytes"
	"image"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a WebP file into full-range colours. Lossy WebP holds BT.601 colours of the studio range, 16 to
// 235 for luma and 16 to 240 for chroma (RFC 9649, section 2.5: "VP8 bitstream ... limited range"; RFC 6386, section 9.2),
// which package webp hands out in the types of the image library, whose range is the full one of JFIF.
func decodeWebP(content []byte) (image.Image, error) {
	decoded, err := webp.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	switch lossy := decoded.(type) {
	case *image.YCbCr:
		expandRange(lossy)
	case *image.NYCbCrA:
		expandRange(&lossy.YCbCr)
	}
	return decoded, nil
}

// expandRange converts studio-range samples to full range, where they are.
func expandRange(picture *image.YCbCr) {
	for i, y := range picture.Y {
		picture.Y[i] = fullLuma[y]
	}
	for _, plane := range [][]uint8{picture.Cb, picture.Cr} {
		for i, c := range plane {
			plane[i] = fullChroma[c]
		}
	}
}

// fullLuma and fullChroma hold the full-range value of each studio-range one.
var fullLuma, fullChroma = func() (luma, chroma [256]uint8) {
	for i := range 256 {
		luma[i] = clamp((255*(i-16)*2 + 219) / (2 * 219))
		chroma[i] = clamp((255*(i-128)+112+224*128*2)/224 - 128)
	}
	return luma, chroma
}()

func clamp(value int) uint8 { return uint8(min(max(value, 0), 255)) }
