package pgsearch

import "strings"

// A tsquery is written with every lexeme quoted, so that it always parses and means nothing else.

var quotes = strings.NewReplacer(`'`, `''`, `\`, `\\`)

func lexeme(text string) string { return "'" + quotes.Replace(text) + "'" }

// anyOf matches a document with one of these; "" without any.
func anyOf(operands []string) string { return joined(operands, " | ") }

// allOf matches a document with all of these; "" without any.
func allOf(operands []string) string { return joined(operands, " & ") }

func joined(operands []string, with string) string {
	var kept []string
	for _, operand := range operands {
		if operand != "" {
			kept = append(kept, operand)
		}
	}
	switch len(kept) {
	case 0:
		return ""
	case 1:
		return kept[0]
	}
	return "(" + strings.Join(kept, with) + ")"
}

// lexemes quotes each, behind a prefix.
func lexemes(prefix string, texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = lexeme(prefix + text)
	}
	return out
}
