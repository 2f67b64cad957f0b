package bulk

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// csvRows reads rows out of CSV.
type csvRows struct {
	in      *csvReader
	columns []column
}

// newCSVRows reads the header. ErrHeader names every column that cannot be used.
func newCSVRows(in io.Reader) (*csvRows, error) {
	buffered := bufio.NewReader(in)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffered.Discard(3)
	}
	if mark, err := buffered.Peek(2); err == nil && isUTF16(mark) {
		return nil, headerError(1, "", "encoding", "The file seems to be UTF-16. Save it as UTF-8 (in Excel: CSV UTF-8) and import it again.")
	}
	rows := &csvRows{in: newCSVReader(buffered)}
	header, line, err := rows.in.next()
	if errors.Is(err, io.EOF) {
		return nil, headerError(1, "", "required", "The file is empty.")
	}
	if syntax := asSyntax(err); syntax != nil {
		return nil, headerError(line, "", syntax.(errSyntax).code, syntax.Error()) //nolint:errorlint // asSyntax made it
	}
	if err != nil {
		return nil, err
	}
	refused, known := readHeader(header, line)
	if len(refused.Fields) > 0 {
		return nil, refused
	}
	rows.columns = known
	return rows, nil
}

// next reads a row. Its problems, if any, are those of its values; err is of the file.
func (r *csvRows) next(c *check) (*Row, error) {
	record, line, err := r.in.next()
	row := &Row{Line: line, size: r.in.length}
	var syntax errSyntax
	switch {
	case errors.As(err, &syntax):
		c.column = ""
		c.problem(syntax.code, syntax.message)
		return row, nil
	case err != nil:
		return nil, err
	case len(record) != len(r.columns):
		c.column = ""
		c.problem("cells", fmt.Sprintf("This line has %d cells, the first one has %d.", len(record), len(r.columns)))
		return row, nil
	}
	for i, column := range r.columns {
		c.column = column.name
		column.read(c, row, value{kind: cell, text: record[i]})
	}
	return row, nil
}
