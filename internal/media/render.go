package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// rendered is what became of an upload: every file of a picture.
type rendered struct {
	format, thumbnailFormat Format
	width, height           int
	files                   map[Size][]byte
}

// codec reads a format.
type codec struct {
	decode func([]byte) (image.Image, error)
	config func(io.Reader) (image.Config, error)
}

var codecs = map[Format]codec{
	JPEG: {
		func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) },
		jpeg.DecodeConfig,
	},
	PNG: {
		func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) },
		png.DecodeConfig,
	},
	GIF: {
		firstFrame,
		gif.DecodeConfig,
	},
	WebP: {
		decodeWebP,
		webp.DecodeConfig,
	},
}

// firstFrame is an animation's first frame, on the whole of its canvas.
func firstFrame(content []byte) (image.Image, error) {
	config, err := gif.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(content))
	if err != nil || frame.Bounds() == image.Rect(0, 0, config.Width, config.Height) {
		return frame, err
	}
	canvas := image.NewNRGBA(image.Rect(0, 0, config.Width, config.Height))
	draw.Draw(canvas, frame.Bounds(), frame, frame.Bounds().Min, draw.Src)
	return canvas, nil
}

// measure reads how many pixels decoding would make, without making them, and refuses too many: a
// file of a few kilobytes can hold gigabytes of one colour.
func measure(format Format, content io.Reader, limit int64) (pixels int64, err error) {
	config, err := codecs[format].config(content)
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return 0, errDamaged.Wrap(err)
	}
	if int64(config.Width) > limit/int64(config.Height) {
		return 0, errPixels(limit)
	}
	return int64(config.Width) * int64(config.Height), nil
}

// render makes the files of a picture from an upload without metadata. What is served as the original
// is the upload itself, unless it has to be turned.
func render(ctx context.Context, format Format, content []byte, told details) (*rendered, error) {
	decoded, err := codecs[format].decode(content)
	if err != nil {
		return nil, errDamaged.Wrap(err)
	}
	made := &rendered{format: format, files: map[Size][]byte{Original: content}}
	if told.orientation != 1 {
		turned := turn(decoded, told.orientation)
		if made.format, made.files[Original], err = encodeTurned(turned, format, told.profile); err != nil {
			return nil, err
		}
		decoded = turned
	}
	made.width, made.height = decoded.Bounds().Dx(), decoded.Bounds().Dy()
	for i, thumbnail := range thumbnails {
		if err := ctx.Err(); err != nil {
			return nil, err // nobody waits for the rest
		}
		scaled := shrink(decoded, thumbnail.longest)
		if i == 0 {
			made.thumbnailFormat = formatFor(scaled)
		}
		if made.files[thumbnail.size], err = encode(scaled, made.thumbnailFormat, thumbnailQuality, told.profile); err != nil {
			return nil, fmt.Errorf("encode a thumbnail: %w", err)
		}
		decoded = scaled
	}
	return made, nil
}

// formatFor is the one that holds a picture: JPEG is smaller, PNG can be seen through.
func formatFor(picture *image.RGBA) Format {
	if picture.Opaque() {
		return JPEG
	}
	return PNG
}

// encodeTurned writes a turned original in its own format; WebP, which only others write, in another.
func encodeTurned(turned *image.RGBA, format Format, profile []byte) (Format, []byte, error) {
	if format == WebP {
		format = formatFor(turned)
	}
	content, err := encode(turned, format, originalQuality, profile)
	if err != nil {
		return "", nil, fmt.Errorf("encode the turned original: %w", err)
	}
	return format, content, nil
}
