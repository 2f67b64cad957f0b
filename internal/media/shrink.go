package media

import (
	"image"
	"image/draw"

	scale "golang.org/x/image/draw"
)

// shrink is the picture with its longest side at most so long; a smaller one stays as large as it is.
func shrink(src image.Image, longest int) *image.RGBA {
	w, h := fit(src.Bounds().Dx(), src.Bounds().Dy(), longest)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if src.Bounds().Size() == dst.Rect.Size() {
		draw.Draw(dst, dst.Rect, src, src.Bounds().Min, draw.Src)
		return dst
	}
	// The good filter needs much time and memory for a large picture. Averages bring it near first.
	near := average(src, src.Bounds().Dx()/w, src.Bounds().Dy()/h)
	scale.CatmullRom.Scale(dst, dst.Rect, near, near.Bounds(), scale.Src, nil)
	return dst
}

// fit is the largest size of the same shape whose sides are at most longest, and at least one pixel.
func fit(w, h, longest int) (int, int) {
	long := max(w, h)
	if long <= longest {
		return w, h
	}
	of := func(side int) int { return max(1, (side*longest+long/2)/long) }
	return of(w), of(h)
}

// average makes one pixel of each kx by ky; what does not fill one, at the right and below, is lost.
func average(src image.Image, kx, ky int) image.Image {
	if kx <= 1 && ky <= 1 {
		return src
	}
	from := src.Bounds()
	dst := image.NewRGBA(image.Rect(0, 0, from.Dx()/kx, from.Dy()/ky))
	band := image.NewRGBA(image.Rect(0, 0, dst.Rect.Dx()*kx, ky))
	for y := range dst.Rect.Dy() {
		draw.Draw(band, band.Rect, src, image.Pt(from.Min.X, from.Min.Y+y*ky), draw.Src)
		averageRow(dst.Pix[y*dst.Stride:(y+1)*dst.Stride], band, kx)
	}
	return dst
}

func averageRow(dst []uint8, band *image.RGBA, kx int) {
	rows := band.Rect.Dy()
	count := uint32(kx * rows)
	for x := 0; x < len(dst); x += 4 {
		var sum [4]uint32
		for y := range rows {
			block := band.Pix[y*band.Stride+x*kx : y*band.Stride+(x+4)*kx]
			for i := 0; i < len(block); i += 4 {
				sum[0] += uint32(block[i])
				sum[1] += uint32(block[i+1])
				sum[2] += uint32(block[i+2])
				sum[3] += uint32(block[i+3])
			}
		}
		for i := range sum {
			dst[x+i] = uint8((sum[i] + count/2) / count)
		}
	}
}
