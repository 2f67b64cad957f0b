package bulk

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"cartwright/internal/catalog"
	"cartwright/internal/errs"
)

// readHeader finds the columns that a file names. The error has a field for every name that cannot be used, and none
// when all can.
func readHeader(header []string, line int) (*errs.Error, []column) {
	refused := ErrHeader
	if problem := misread(header); problem.Code != "" {
		problem.Name = place(line, "")
		return refused.With(problem), nil
	}
	var found []column
	seen := map[string]bool{}
	for _, name := range header {
		known, ok := columnOf(name, CSV)
		key := catalog.Key(name)
		switch {
		case !ok:
			refused = refused.With(headerField(line, name, "unknown_column", unknownColumn(name)))
		case seen[key]:
			refused = refused.With(headerField(line, name, "duplicate", "This column stands twice."))
		}
		seen[key] = true
		found = append(found, known)
	}
	if !seen[skuName] {
		refused = refused.With(headerField(line, skuName, "required",
			"There is no column sku, which says what each row is about. The file has "+listed(header)+"."))
	}
	if len(refused.Fields) > 0 {
		refused = refused.With(headerField(line, "", "columns", "The columns that can be used are "+columnNames()+"."))
	}
	return refused, found
}

// misread says what is wrong with the header as a whole: its encoding, or what separates its columns.
func misread(header []string) errs.Field {
	whole := strings.Join(header, ",")
	if !utf8.ValidString(whole) {
		return errs.Field{Code: "encoding", Message: notUTF8}
	}
	if _, known := columnOf(strings.TrimSpace(header[0]), CSV); known || len(header) > 2 {
		return errs.Field{}
	}
	var best []string
	by := ""
	for _, mark := range [][2]string{{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}} {
		if names := strings.Split(whole, mark[0]); len(names) > max(len(header), len(best)) {
			best, by = names, mark[1]
		}
	}
	if by == "" {
		return errs.Field{}
	}
	return errs.Field{Code: "delimiter", Message: fmt.Sprintf(
		"The columns seem to be separated by %s: %s. Save the file with commas between its columns (CSV, comma-separated).", by, listed(best))}
}

// isUTF16 holds for how a file of UTF-16 begins: with its mark, or with a letter and a zero.
func isUTF16(begin []byte) bool {
	return begin[0] == 0xFF && begin[1] == 0xFE || begin[0] == 0xFE && begin[1] == 0xFF || begin[0] == 0 != (begin[1] == 0)
}

// unknownColumn says that there is no such column, and which may be meant.
func unknownColumn(name string) string {
	plain := func(name string) string {
		return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(catalog.Key(name))
	}
	for _, known := range columns {
		if plain(name) == plain(known.name) {
			return fmt.Sprintf("There is no such column; it may be %s that is meant.", known.name)
		}
	}
	if option, ok := strings.CutPrefix(catalog.Key(name), optionPrefix); ok && option != "" {
		return "There is no such column; an option's begins with option. in lower case."
	}
	return "There is no such column."
}

// columnNames are the columns of CSV.
func columnNames() string {
	var names []string
	for _, known := range columns {
		if known.of(CSV) {
			names = append(names, known.name)
		}
	}
	return strings.Join(names, ", ") + " and, for each option, " + optionPrefix + "<name>"
}

// maxListed bounds what an error repeats of a file.
const maxListed = 40

// listed are names for a message.
func listed(names []string) string {
	shown := make([]string, 0, len(names))
	for _, name := range names[:min(len(names), maxListed)] {
		if characters := []rune(strings.TrimSpace(name)); len(characters) > 60 {
			name = string(characters[:60]) + "…"
		}
		shown = append(shown, strings.TrimSpace(name))
	}
	if len(names) > maxListed {
		shown = append(shown, "…")
	}
	return strings.Join(shown, ", ")
}
