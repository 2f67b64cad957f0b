package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"cartwright/gen/db"
)

// PlainText returns what a browser shows of a text with HTML: no tags, scripts or styles, and entities as the characters
// they stand for. Where a tag parts a word (ma<b>chine</b>), the word is there whole and in its parts.
func PlainText(markup string) string {
	var shown, parted strings.Builder
	hidden := ""
	for tokens := html.NewTokenizer(strings.NewReader(markup)); ; {
		switch tokens.Next() {
		case html.ErrorToken: // its end
			return withParts(shown.String(), parted.String())
		case html.TextToken:
			if hidden == "" {
				text := strings.ReplaceAll(string(tokens.Text()), "\u00ad", "")
				shown.WriteString(text)
				parted.WriteString(text)
			}
		case html.StartTagToken:
			name, _ := tokens.TagName()
			if tag := string(name); hidden == "" && isHidden[tag] {
				hidden = tag
			} else if hidden == "" {
				part(&shown, &parted, tag)
			}
		case html.EndTagToken:
			name, _ := tokens.TagName()
			if tag := string(name); tag == hidden {
				hidden = ""
			} else if hidden == "" {
				part(&shown, &parted, tag)
			}
		case html.SelfClosingTagToken:
			if name, _ := tokens.TagName(); hidden == "" {
				part(&shown, &parted, string(name))
			}
		}
	}
}

// part writes what a tag is between two letters.
func part(shown, parted *strings.Builder, tag string) {
	if tag == "wbr" {
		return
	}
	if !isInline[tag] {
		shown.WriteByte(' ')
	}
	parted.WriteByte(' ')
}

// withParts is a text with the parts of its words that are none of it.
func withParts(shown, parted string) string {
	words := strings.Fields(shown)
	seen := make(map[string]bool, len(words))
	for _, word := range words {
		seen[word] = true
	}
	for _, word := range strings.Fields(parted) {
		if !seen[word] {
			seen[word] = true
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// isHidden holds for elements whose content no browser shows.
var isHidden = map[string]bool{"script": true, "style": true, "template": true, "noscript": true, "title": true, "iframe": true, "noframes": true}

// isInline holds for elements that do not end a word (HTML Living Standard, 15.3.4).
var isInline = map[string]bool{
	"a": true, "abbr": true, "acronym": true, "b": true, "bdi": true, "bdo": true, "big": true, "cite": true, "code": true,
	"data": true, "del": true, "dfn": true, "em": true, "font": true, "i": true, "ins": true, "kbd": true, "mark": true,
	"q": true, "s": true, "samp": true, "small": true, "span": true, "strike": true, "strong": true, "sub": true, "sup": true,
	"time": true, "tt": true, "u": true, "var": true,
}

// Texts are those of a product that may hold HTML.
type Texts struct {
	ID          uuid.UUID
	Short, Long *string
}

// KeepShownTx keeps what is shown of texts with markup, which the search reads. Others are read as they are.
func KeepShownTx(ctx context.Context, tx db.DBTX, texts []Texts) error {
	type shown struct {
		ID    uuid.UUID `json:"product_id"`
		Short *string   `json:"short_description"`
		Long  *string   `json:"description"`
		Shown string    `json:"shown"`
	}
	var rows []shown
	for _, t := range texts {
		if hasMarkup(t.Short) || hasMarkup(t.Long) {
			rows = append(rows, shown{t.ID, t.Short, t.Long, strings.TrimSpace(plain(t.Short) + " " + plain(t.Long))})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	encoded, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("write what is shown of texts: %w", err)
	}
	if err := db.New().SearchTextsSet(ctx, tx, encoded); err != nil {
		return fmt.Errorf("keep what is shown of texts: %w", err)
	}
	return nil
}

func hasMarkup(text *string) bool { return text != nil && strings.ContainsAny(*text, "<&") }

func plain(text *string) string {
	if text == nil {
		return ""
	}
	if !hasMarkup(text) {
		return *text
	}
	return PlainText(*text)
}
