package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// maxBody is the largest body an operation reads.
const maxBody = 1 << 20

// maxValues is how many JSON values a body may hold. The largest that an operation has a use for, a
// product with all its variants, stays below half of it, and validating one costs far more than reading it.
const maxValues = 5000

const bodyKey = "body"

// body is the request's body as it came.
func body(c echo.Context) []byte {
	raw, _ := c.Get(bodyKey).([]byte)
	return raw
}

// readBody reads the whole body, once and bounded, before anything looks at it.
func readBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if operation(c).streams {
			return next(c) // openStream
		}
		request := c.Request()
		if request.Body == nil || request.Body == http.NoBody {
			return next(c)
		}
		if request.Header.Get("Content-Encoding") != "" {
			return errMediaType
		}
		if operation(c).form != nil {
			return next(c) // read by upload.go, when it is known who sends it
		}
		if request.ContentLength > maxBody {
			return errTooLarge // unread
		}
		raw, err := io.ReadAll(http.MaxBytesReader(c.Response(), request.Body, maxBody))
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return errTooLarge
		}
		if err != nil {
			return errMalformed.Wrap(err)
		}
		if saysJSON(request) && len(raw) > 0 && !json.Valid(raw) {
			return errMalformed // also a second value behind the first, which a decoder would not see
		}
		if operation(c).takesJSON && countValues(raw) > maxValues {
			return errTooMany
		}
		if saysJSON(request) && len(raw) > 0 {
			if err := plainJSON(raw); err != nil {
				return err
			}
		}
		c.Set(bodyKey, raw)
		request.ContentLength = int64(len(raw))
		request.Body = io.NopCloser(bytes.NewReader(raw))
		request.GetBody = nil
		return next(c)
	}
}

// mergePatch is the media type of a change: JSON in which null clears (RFC 7396).
const mergePatch = "application/merge-patch+json"

func saysJSON(request *http.Request) bool {
	kind := strings.ToLower(request.Header.Get(echo.HeaderContentType))
	return strings.HasPrefix(kind, echo.MIMEApplicationJSON) || strings.HasPrefix(kind, mergePatch)
}

// countValues is how many values a JSON text holds: one, and one more with every comma and every
// opening bracket outside of strings. An empty array or object counts twice.
func countValues(text []byte) int {
	count, quoted := 1, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++ // whatever follows, it ends no string
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ',' || c == '[' || c == '{'):
			count++
		}
	}
	return count
}
