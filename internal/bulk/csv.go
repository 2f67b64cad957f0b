package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// maxLine is the longest line of a file that is read as a row. A product with every text at its
// limit stays below it.
const maxLine = 1 << 20

// notUTF8 says what is wrong with a text in another encoding.
const notUTF8 = "This is not UTF-8; it may be Windows-1252 or Latin-1. Save the file as UTF-8 and import it again."

// errSyntax is a line that is not CSV; the reader goes on behind it.
type errSyntax struct{ code, message string }

func (e errSyntax) Error() string { return e.message }

// They are of type error, so that returning one for each character of a long line allocates nothing.
var (
	errQuote       error = errSyntax{"malformed_csv", `A cell with a " in it must stand in quotes, and the " twice.`}
	errUnclosed    error = errSyntax{"malformed_csv", `A " opens here and is never closed: the rest of the file was lost in it.`}
	errLong        error = errSyntax{"too_long", "This line is longer than 1 MiB."}
	errNotText     error = errSyntax{"invalid_text", notUTF8}
	errNotAnObject error = errSyntax{"malformed_json", "This line is not a JSON object."}
)

// csvReader splits a file into records as RFC 4180 has them. Unlike encoding/csv it bounds a record,
// finds its way after a bad one, and leaves line ends within a cell as they are.
type csvReader struct {
	in     *bufio.Reader
	line   int // of the next character
	record []string
	cell   strings.Builder
	length int // of the record so far
	quoted bool
}

func newCSVReader(in io.Reader) *csvReader {
	return &csvReader{in: bufio.NewReaderSize(in, 64<<10), line: 1}
}

// next is the next record and the line it begins on. An empty line is none. The record is valid until
// the following call.
func (r *csvReader) next() (record []string, line int, err error) {
	for {
		line = r.line
		record, err = r.read()
		if err != nil || len(record) != 1 || record[0] != "" || r.quoted {
			return record, line, err
		}
	}
}

// read takes a record apart, character by character. After an error of syntax it has read it to its end.
func (r *csvReader) read() ([]string, error) {
	r.record, r.length, r.quoted = r.record[:0], 0, false
	r.cell.Reset()
	var bad error
	begun := false // something of the record was read
	for {
		if r.length > maxLine {
			r.pass()
		}
		c, err := r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && begun:
			return r.end(bad)
		case err != nil:
			return nil, err
		}
		begun = true
		switch c {
		case '"':
			if r.cell.Len() > 0 {
				bad = first(bad, errQuote)
				continue
			}
			r.quoted = true
			ended, err := r.quotedCell()
			if err != nil {
				if bad = first(bad, asSyntax(err)); asSyntax(err) == nil {
					return nil, err
				}
			}
			if ended {
				return r.end(bad)
			}
		case ',':
			r.endCell()
		case '\n':
			r.line++
			return r.end(bad)
		case '\r':
			if r.follows('\n') {
				continue // the line feed ends the record
			}
			bad = first(bad, r.keep(c))
		default:
			bad = first(bad, r.keep(c))
		}
	}
}

// quotedCell reads a cell behind its opening quote, and what ends it: a comma, or the end of the
// record, which it then tells.
func (r *csvReader) quotedCell() (ended bool, err error) {
	var bad error
	for {
		c, err := r.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return true, errUnclosed
		}
		if err != nil {
			return false, err
		}
		if c == '\n' {
			r.line++
		}
		if c != '"' {
			bad = first(bad, r.keep(c))
			continue
		}
		c, err = r.in.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return true, bad
		case err != nil:
			return false, err
		case c == '"':
			bad = first(bad, r.keep(c))
		case c == ',':
			r.endCell()
			return false, bad
		case c == '\r' && r.follows('\n'):
		case c == '\n':
			r.line++
			return true, bad
		default:
			return false, first(bad, errQuote) // read on as if the quote had not been
		}
		if c == '\r' {
			if _, err := r.in.ReadByte(); err != nil {
				return false, err
			}
			r.line++
			return true, bad
		}
	}
}

// pass discards what is buffered and kept by nobody, up to what has a meaning.
func (r *csvReader) pass() {
	text, _ := r.in.Peek(r.in.Buffered()) // fails only beyond what is buffered
	n := bytes.IndexAny(text, "\",\r\n")
	if n < 0 {
		n = len(text)
	}
	_, _ = r.in.Discard(n)
}

func (r *csvReader) follows(want byte) bool {
	next, err := r.in.Peek(1)
	return err == nil && next[0] == want
}

// keep adds to the cell unless the record is too long; then the rest of it is passed over.
func (r *csvReader) keep(c byte) error {
	if r.length++; r.length > maxLine {
		return errLong
	}
	r.cell.WriteByte(c)
	return nil
}

func (r *csvReader) endCell() {
	if r.length++; r.length <= maxLine { // a line of commas, too, is bounded
		r.record = append(r.record, r.cell.String())
	}
	r.cell.Reset()
}

func (r *csvReader) end(bad error) ([]string, error) {
	r.record = append(r.record, r.cell.String())
	r.cell.Reset()
	if bad == nil && r.length > maxLine {
		bad = errLong
	}
	return r.record, bad
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

func asSyntax(err error) error {
	var syntax errSyntax
	if errors.As(err, &syntax) {
		return syntax
	}
	return nil
}
