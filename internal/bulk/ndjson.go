package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// jsonRows reads rows out of NDJSON, an object a line.
type jsonRows struct {
	in   *bufio.Reader
	line int
}

func newJSONRows(in io.Reader) *jsonRows { return &jsonRows{in: bufio.NewReaderSize(in, maxLine)} }

// next reads a row. Its problems, if any, are those of its values; err is of the file.
func (r *jsonRows) next(c *check) (*Row, error) {
	raw, err := r.nextLine()
	row := &Row{Line: r.line, size: len(raw), strict: true}
	if err == nil {
		err = r.fill(c, row, raw)
	}
	var syntax errSyntax
	if errors.As(err, &syntax) {
		c.column = ""
		c.problem(syntax.code, syntax.message)
		return row, nil
	}
	return row, err
}

// nextLine is the next line that is not blank. One that is too long is passed over.
func (r *jsonRows) nextLine() ([]byte, error) {
	for {
		raw, err := r.in.ReadSlice('\n')
		r.line++
		if r.line == 1 {
			raw = bytes.TrimPrefix(raw, []byte("\uFEFF"))
		}
		long := false
		for errors.Is(err, bufio.ErrBufferFull) {
			long = true
			_, err = r.in.ReadSlice('\n')
		}
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		case long:
			return nil, errLong
		case len(bytes.TrimSpace(raw)) > 0:
			return raw, nil
		case err != nil:
			return nil, err
		}
	}
}

// fill reads the members of an object, each of which may stand once.
func (r *jsonRows) fill(c *check, row *Row, raw []byte) error {
	if !utf8.Valid(raw) {
		return errNotText
	}
	if !json.Valid(raw) || bytes.TrimSpace(raw)[0] != '{' {
		return errNotAnObject
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	_, _ = decoder.Token() // the brace; what follows was found valid
	seen := map[string]bool{}
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var member json.RawMessage
		if err := decoder.Decode(&member); err != nil {
			return errNotAnObject
		}
		c.column = name
		known, ok := columnOf(name, NDJSON)
		switch {
		case !ok:
			c.problem("unknown_column", unknownColumn(name))
		case seen[name]:
			c.problem("duplicate", "This stands twice.")
		default:
			known.read(c, row, valueOf(member))
		}
		seen[name] = true
	}
	if c.column = skuName; !seen[skuName] {
		c.problem("required", "A row says what it is about.")
	}
	return nil
}

// valueOf tells what a member is.
func valueOf(raw json.RawMessage) value {
	switch raw[0] {
	case '"':
		v := value{kind: text}
		_ = json.Unmarshal(raw, &v.text)
		return v
	case 't', 'f':
		return value{kind: boolean, text: string(raw)}
	case 'n':
		return value{kind: null}
	case '{', '[':
		return value{kind: composite, raw: raw}
	}
	return value{kind: number, text: string(raw)}
}
