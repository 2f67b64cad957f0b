package api

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// maxValues is how many JSON values a body may hold. The largest that an operation has a use for, a
// product with all its variants, stays below half of it, and validating one costs far more than reading it.
const maxValues = 5000

const bodyKey = "body"

// body is the request's body as it came.
func body(c echo.Context) []byte {
	raw, _ := c.Get(bodyKey).([]byte)
	return raw
}

// readBody reads the whole body, once and bounded, before anything looks at it and after it is known who sends it. Its
// memory counts for its network until the request has been answered.
func (b *bodies) readBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		request := c.Request()
		switch {
		case operation(c).streams: // openStream
			return next(c)
		case request.Body == nil || request.Body == http.NoBody:
			return next(c)
		case request.Header.Get("Content-Encoding") != "":
			return errMediaType
		case operation(c).form != nil:
			return next(c) // read by upload.go, when it is known who sends it
		case request.ContentLength > operation(c).maxBody:
			return errTooLarge // unread
		case operation(c).signed != "" && request.Header.Get(operation(c).signed) == "":
			request.Body, request.ContentLength = http.NoBody, 0 // it will be refused, whatever it says
			return next(c)
		}
		lease := &lease{from: b, networks: networks(clientAddress(request.Context()))}
		defer lease.end()
		raw, err := incoming{
			Reader: request.Body, control: http.NewResponseController(c.Response()), start: time.Now(), pause: b.pause,
			length: request.ContentLength, bound: operation(c).maxBody,
		}.read(lease)
		if err != nil {
			c.Response().Header().Set("Connection", "close") // the rest of it is not waited for
			return err
		}
		if operation(c).signed == "" {
			if err := readable(c, raw); err != nil {
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

// readable refuses JSON that is none, or would be read otherwise by one reader than by another, or holds too many values.
func readable(c echo.Context, raw []byte) error {
	said := saysJSON(c.Request()) && len(raw) > 0
	if said && !json.Valid(raw) {
		return errMalformed // also a second value behind the first, which a decoder would not see
	}
	if operation(c).takesJSON && countValues(raw) > maxValues {
		return errTooMany
	}
	if said {
		return plainJSON(raw)
	}
	return nil
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
