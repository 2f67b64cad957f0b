package media

// details are what is kept of a picture's metadata: what its colours mean and how it stands.
type details struct {
	orientation int    // as EXIF counts, 1 to 8; 1 is upright
	profile     []byte // ICC colour profile; nil is sRGB
}

// strip is the same picture, pixel by pixel, without anything that is not part of what it shows.
// Each format is copied piece by piece, and only pieces that are known to be needed: where a photo
// was taken hides in many places. What cannot be taken apart is damaged.
func strip(format Format, content []byte) ([]byte, details, error) {
	switch format {
	case JPEG:
		return stripJPEG(content)
	case PNG:
		return stripPNG(content)
	case GIF:
		return stripGIF(content)
	default:
		return stripWebP(content)
	}
}

// maxProfile bounds a colour profile; those of cameras and screens have a few kilobytes.
const maxProfile = 1 << 20
