package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"cartwright/internal/errs"
	"cartwright/internal/media"
)

const (
	// formOverhead is how much longer than its file a form may be, for its other fields.
	formOverhead = 64 << 10
	// maxFieldText is the longest text of a field that is read; the spec allows less.
	maxFieldText = 8 << 10
	// maxParts is how many fields are read; no form has as many.
	maxParts = 20
)

type formKey struct{}

// form is a multipart body: a file, and fields as the spec describes them.
type form struct {
	file   *media.Upload
	values map[string]any
}

// formIn is the form that came with a request; nil where none did.
func formIn(ctx context.Context) *form {
	found, _ := ctx.Value(formKey{}).(*form)
	return found
}

func (f *form) text(name string) *string {
	text, ok := f.values[name].(string)
	if !ok {
		return nil
	}
	return &text
}

func (f *form) integer(name string) *int32 {
	number, ok := f.values[name].(float64)
	if !ok {
		return nil
	}
	integer := int32(number)
	return &integer
}

// digest tells one form from another, whatever separates its parts.
func (f *form) digest() []byte {
	hash := sha256.New()
	fields, _ := json.Marshal(f.values) // sorted by name; texts and numbers can be written
	hash.Write(fields)
	hash.Write(f.file.Digest())
	return hash.Sum(nil)
}

// receiveForm takes a multipart body in, once it is known that its sender may send it: the file as it
// arrives, to the disk. What is announced to be too large is refused unread.
func receiveForm(library *media.Library) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if operation(c).form == nil {
				return next(c)
			}
			if _, err := keyOf(c); err != nil {
				return err
			}
			received, err := readForm(c, library)
			if received != nil && received.file != nil {
				defer received.file.Close()
			}
			if err != nil {
				return err
			}
			ctx := context.WithValue(c.Request().Context(), formKey{}, received)
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
	}
}

func readForm(c echo.Context, library *media.Library) (*form, error) {
	request := c.Request()
	kind, params, err := mime.ParseMediaType(request.Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEMultipartForm || params["boundary"] == "" {
		return nil, errNoForm
	}
	limit := library.MaxBytes() + formOverhead
	if request.ContentLength > limit {
		return nil, errTooLarge
	}
	// A slow line is no reason to cut off a file that is on its way.
	control, until := http.NewResponseController(c.Response()), time.Now().Add(uploadTime)
	if err := errors.Join(control.SetReadDeadline(until), control.SetWriteDeadline(until.Add(operationTime))); err != nil &&
		!errors.Is(err, http.ErrNotSupported) {
		return nil, fmt.Errorf("give the upload time: %w", err)
	}
	body := http.MaxBytesReader(c.Response(), request.Body, limit)
	reading := &formReader{library: library, schema: operation(c).form, form: &form{values: map[string]any{}}}
	if err := reading.read(multipart.NewReader(body, params["boundary"])); err != nil {
		return reading.form, err
	}
	return reading.form, reading.check()
}

// formReader reads a form part by part.
type formReader struct {
	library *media.Library
	schema  *openapi3.Schema
	form    *form
	wrong   []errs.Field
}

func (r *formReader) read(parts *multipart.Reader) error {
	for range maxParts {
		part, err := parts.NextRawPart() // as it came, whatever encoding it claims
		if err == io.EOF {               //nolint:errorlint // one that is wrapped is an end too early
			return nil
		}
		if err == nil {
			err = r.readPart(part)
		}
		if err != nil {
			return formError(err)
		}
	}
	return errTooMany
}

// formError tells a client's broken form from what it holds.
func formError(err error) error {
	var tooLarge *http.MaxBytesError
	var known *errs.Error
	switch {
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.As(err, &known):
		return err
	}
	return errMalformedForm.Wrap(err)
}

func (r *formReader) readPart(part *multipart.Part) error {
	name := part.FormName()
	described := r.schema.Properties[name]
	switch _, twice := r.form.values[name]; {
	case twice:
		r.refuse(name, "repeated", "This field stands twice.")
		return nil
	case described != nil && described.Value.Format == "binary":
		return r.readFile(name, part)
	}
	text, err := io.ReadAll(io.LimitReader(part, maxFieldText+1))
	switch {
	case err != nil:
		return err
	case len(text) > maxFieldText:
		return errTooLarge
	case !utf8.Valid(text):
		r.refuse(name, "invalid_text", "This is not text.")
	}
	r.form.values[name] = string(text)
	if described != nil && described.Value.Type.Is("integer") {
		if number, err := strconv.ParseInt(string(text), 10, 32); err == nil {
			r.form.values[name] = float64(number) // as JSON has it, for the schema
		}
	}
	return nil
}

// readFile keeps the file. What is wrong with it is said together with what is wrong with the rest.
func (r *formReader) readFile(name string, part io.Reader) (err error) {
	r.form.values[name] = "" // what the spec says of it is checked by whoever reads it
	var known *errs.Error
	if r.form.file, err = r.library.Receive(part); errors.As(err, &known) && known.Kind == errs.Invalid {
		r.wrong = append(r.wrong, known.Fields...)
		return nil
	}
	return err
}

func (r *formReader) refuse(name, code, message string) {
	r.wrong = append(r.wrong, errs.Field{Name: name, Code: code, Message: message})
}

// check holds the fields to the spec.
func (r *formReader) check() error {
	fields := zeroBytes(r.wrong, "", r.form.values)
	if err := r.schema.VisitJSON(r.form.values, openapi3.MultiErrors()); err != nil {
		fields = append(fields, toFields(&openapi3filter.RequestError{RequestBody: &openapi3.RequestBody{}, Err: err})...)
	}
	if len(fields) > 0 {
		return invalidFields(fields)
	}
	return nil
}
