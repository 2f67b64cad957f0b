package bulk

import (
	"fmt"

	"cartwright/internal/errs"
)

// Report is what came of an import. Of a dry run it is what would have come of it.
type Report struct {
	Rows      int // read, good or bad
	Created   int
	Updated   int
	Unchanged int
	Failed    int
	DryRun    bool
	Atomic    bool
	Errors    []RowError // the first maxErrors, by line
	Truncated bool       // there were more
}

// Written tells how many rows the shop now agrees with.
func (r *Report) Written() int { return r.Created + r.Updated + r.Unchanged }

// RowError is what is wrong with a row.
type RowError struct {
	Line    int
	Column  string // "" is the whole row
	SKU     string
	Code    string // as the API's field errors have them
	Message string
}

// Place names the value as lines[17].price.
func (e RowError) Place() string { return place(e.Line, e.Column) }

// maxErrors is how many errors a report names.
const maxErrors = 1000

// fail records a row that is lost.
func (r *Report) fail(problems ...RowError) {
	r.Failed++
	room := maxErrors - len(r.Errors)
	if len(problems) > room {
		r.Truncated = true
		problems = problems[:room]
	}
	r.Errors = append(r.Errors, problems...)
}

// count records what became of good rows.
func (r *Report) count(done tally) {
	r.Created += done.created
	r.Updated += done.updated
	r.Unchanged += done.unchanged
}

// tally is what became of the rows of a batch.
type tally struct{ created, updated, unchanged int }

// ErrHeader refuses a file whose first line does not name columns we know.
var ErrHeader = errs.New(errs.Invalid, "validation_failed", "The file's columns cannot be used.")

// ErrRefused answers an atomic import that has failed rows: nothing was written.
var ErrRefused = errs.New(errs.Invalid, "import_refused", "Rows are invalid, and nothing was imported.")

// ErrTooManyRows ends an import that goes on for longer than it may.
var ErrTooManyRows = errs.New(errs.TooLarge, "payload_too_large", "The file has more rows than one import takes.")

func headerField(line int, name, code, message string) errs.Field {
	return errs.Field{Name: place(line, name), Code: code, Message: message}
}

func headerError(line int, name, code, message string) error {
	return ErrHeader.With(headerField(line, name, code, message))
}

// place names a value of a file as the API names one of a body: lines[17].price.
func place(line int, column string) string {
	name := fmt.Sprintf("lines[%d]", line)
	if column != "" {
		name += "." + column
	}
	return name
}
