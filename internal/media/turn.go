package media

import (
	"image"
	"image/draw"
)

// turn sets a picture upright that was stored as EXIF's orientation says: mirrored, upside down or
// lying on its side.
func turn(src image.Image, orientation int) *image.RGBA {
	from := src.Bounds()
	w, h := from.Dx(), from.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	row := image.NewRGBA(image.Rect(0, 0, w, 1)) // one at a time: the whole would need its memory twice
	for y := range h {
		draw.Draw(row, row.Rect, src, image.Pt(from.Min.X, from.Min.Y+y), draw.Src)
		for x := range w {
			to := dst.PixOffset(turned(orientation, x, y, w, h))
			copy(dst.Pix[to:to+4], row.Pix[4*x:4*x+4])
		}
	}
	return dst
}

// turned is where the pixel at x, y of a stored picture of w by h belongs (Exif 3.0, 4.6.5).
func turned(orientation, x, y, w, h int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
