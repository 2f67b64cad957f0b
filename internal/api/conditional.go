package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"cartwright/internal/catalog"
)

// Who may keep an answer. A shared cache, such as a CDN, keeps what everybody sees for one second, on top of the one
// within which a change of price or stock is seen on every instance; then it asks again and is told 304. What somebody
// sees who is signed in is theirs alone.
const (
	forEverybody = "public, max-age=0, s-maxage=1"
	forOne       = "private, no-cache"
)

// versionTag is what a handler answers as ETag: the version of what it answers. conditional adds what the
// body says, for a sale changes the answer and not the version.
func versionTag(version int64) *string {
	tag := `"` + strconv.FormatInt(version, 10) + `"`
	return &tag
}

// conditional tags the good answers of the operations that the spec gives an ETag. Those marked as
// x-cacheable also say who may keep them, and are 304 for whoever has them already.
func conditional(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !operation(c).tagged {
			return next(c)
		}
		if operation(c).cacheable {
			c.Response().Header().Add(echo.HeaderVary, "Authorization, Cookie, "+apiKeyHeader)
		}
		held, _ := holders.Get().(*holder)
		held.ResponseWriter = c.Response().Writer
		defer held.putBack()
		if err := held.answer(c, next); held.status == 0 {
			return err // nothing was answered; the problem is written by whoever gets it
		}
		return held.release(c)
	}
}

// holder keeps an answer back until all of it is known.
type holder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

var holders = sync.Pool{New: func() any { return new(holder) }}

// answer has next write into the holder, and whatever comes of it the writer is the client's again after.
func (h *holder) answer(c echo.Context, next echo.HandlerFunc) error {
	c.Response().Writer = h
	defer func() { c.Response().Writer = h.ResponseWriter }()
	return next(c)
}

// putBack leaves the holder for another answer, unless it has grown beyond what most need.
func (h *holder) putBack() {
	h.ResponseWriter, h.status = nil, 0
	if h.body.Reset(); h.body.Cap() <= maxBody {
		holders.Put(h)
	}
}

// WriteHeader keeps the status.
func (h *holder) WriteHeader(status int) { h.status = status }

// Write keeps the body.
func (h *holder) Write(p []byte) (int, error) { return h.body.Write(p) }

// release answers what was kept back, or that the client has it.
func (h *holder) release(c echo.Context) error {
	header := h.Header()
	if h.status == http.StatusOK || h.status == http.StatusCreated {
		tag := tagOf(header.Get("ETag"), h.body.Bytes())
		header.Set("ETag", tag)
		if operation(c).cacheable {
			header.Set(echo.HeaderCacheControl, keeper(c.Request()))
			if theirs, ok := held(c.Request().Header.Values("If-None-Match"), tag); ok {
				header.Set("ETag", theirs)
				h.status = http.StatusNotModified
				c.Response().Status = h.status // for the log
				header.Del(echo.HeaderContentType)
				h.ResponseWriter.WriteHeader(h.status)
				return nil
			}
		}
	}
	header.Set(echo.HeaderContentLength, strconv.Itoa(h.body.Len()))
	h.ResponseWriter.WriteHeader(h.status)
	_, err := h.ResponseWriter.Write(h.body.Bytes())
	return err
}

func keeper(request *http.Request) string {
	shown := request.Header.Get(echo.HeaderAuthorization) + request.Header.Get(apiKeyHeader) + cookieOf(request, accessCookie)
	if shown == "" {
		return forEverybody
	}
	return forOne
}

// tagOf is the ETag of a body: "<version>-<digest>", or "<digest>" of what has no version.
func tagOf(version string, body []byte) string {
	digest := sha256.Sum256(body)
	tag := make([]byte, 0, 48)
	tag = append(tag, '"')
	if version = strings.Trim(version, `"`); version != "" {
		tag = append(append(tag, version...), '-')
	}
	tag = hex.AppendEncode(tag, digest[:8])
	return string(append(tag, '"'))
}

// held is the tag by which If-None-Match names what has this one: compared weakly (RFC 9110, section 13.1.2), for
// whoever compressed the answer on its way made a weak one of it, and we a longer one.
func held(ifNoneMatch []string, tag string) (string, bool) {
	compressed := tag[:len(tag)-1] + zipped + `"`
	for _, line := range ifNoneMatch {
		for one := range strings.SplitSeq(line, ",") {
			switch one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one {
			case tag, compressed:
				return one, true
			case "*":
				return tag, true
			}
		}
	}
	return "", false
}

// fromIfMatch reads which versions a command is meant for. Tags are compared strongly (RFC 9110, section
// 13.1.1), so a weak one matches nothing; nor does one that we never gave.
func fromIfMatch(header *string) catalog.Match {
	if header == nil || *header == "*" {
		return catalog.Match{}
	}
	var versions []int64
	for one := range strings.SplitSeq(*header, ",") {
		inside, strong := strings.CutPrefix(strings.TrimSpace(one), `"`)
		version, _, tagged := strings.Cut(inside, "-")
		if number, err := strconv.ParseInt(version, 10, 64); strong && tagged && err == nil {
			versions = append(versions, number)
		}
	}
	return catalog.OnlyVersions(versions...)
}
