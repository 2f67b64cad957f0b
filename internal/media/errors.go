package media

import (
	"fmt"
	"time"

	"cartwright/internal/errs"
)

// FileField is the form field that carries an upload.
const FileField = "file"

// What a caller may react to.
var (
	ErrTooLarge = errs.New(errs.TooLarge, "payload_too_large", "The file is larger than the server takes.")
	ErrStorage  = errs.New(errs.Unavailable, "media_storage_unavailable",
		"Pictures cannot be stored or read at the moment. Try again.").After(5 * time.Second)

	errEmpty    = refused("empty", "The file is empty.")
	errType     = refused("unsupported_image", "This is no picture that can be taken: send a JPEG, PNG, GIF or WebP file.")
	errAnimated = refused("unsupported_image", "Animated WebP cannot be taken: send an animated GIF, or a still picture.")
	errDamaged  = refused("damaged_image", "The picture cannot be decoded. Its file is damaged or incomplete.")
)

func errPixels(limit int64) *errs.Error {
	return refused("too_many_pixels", fmt.Sprintf("The picture has more than %d pixels. Send a smaller one.", limit))
}

func refused(code, message string) *errs.Error {
	return errs.InvalidFields(errs.Field{Name: FileField, Code: code, Message: message})
}
