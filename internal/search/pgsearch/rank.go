package pgsearch

import (
	"math/bits"
	"slices"
	"strings"

	"cartwright/internal/search"
)

// How well a product answers, from what counts most to what only decides between equals. Each takes
// the bits above the next.
const (
	skuBit      = 1 << 60 // its SKU was typed
	nameBit     = 1 << 58 // its name was typed, whole
	inNameBit   = 1 << 56 // every word is in its name
	qualityUnit = 1 << 40 // how, and in how many words (below 2^16)
	beginUnit   = 1 << 38 // the words are together in the name (1), or begin it (2)
	shareUnit   = 1 << 28 // thousandths of its name that were typed
	stockUnit   = 1 << 26 // it can be bought
	soldUnit    = 1 << 20 // the magnitude of how often it was sold
)

// score is how well a product answers what was typed; 0 when nothing was, or another order is asked for.
func (s *seeker) score(r *row) int64 {
	if s.query.Sort != search.Relevance || len(s.said.groups) == 0 && len(s.said.skus) == 0 {
		return 0
	}
	var score int64
	if s.said.exactSKU[r.id] {
		score += skuBit
	}
	if r.name == s.said.text {
		score += nameBit
	}
	inName, quality, matched := s.matches(r)
	if inName {
		score += inNameBit
	}
	score += int64(min(quality, 1<<16-1)) * qualityUnit
	switch {
	case strings.HasPrefix(r.name, s.said.text):
		score += 2 * beginUnit
	case strings.Contains(r.name, s.said.text):
		score += beginUnit
	}
	if words := strings.Count(r.stems, " ") + 1; matched > 0 {
		score += int64(min(1000, 1000*matched/words)) * shareUnit
	}
	if r.inStock {
		score += stockUnit
	}
	return score + int64(bits.Len64(uint64(max(r.sold, 0))))*soldUnit/4
}

// How a word was found.
const (
	asTyped    = 8 // the word itself in the name
	begun      = 6 // a word of the name begins so, or is near
	inCategory = 3 // in the category's name or one above it
	elsewhere  = 1
)

// matches tells whether every word is in the name, how well the words were found together, and how
// many words of the name they are.
func (s *seeker) matches(r *row) (inName bool, quality, matched int) {
	inName = len(s.said.groups) > 0
	for i := range s.said.groups {
		g := &s.said.groups[i]
		switch {
		case hasAll(r.stems, g.wholeStems):
			quality += asTyped
			matched += len(g.wholeStems)
		case hasAny(r.stems, g.moreStems), g.begins && hasBeginning(r.stems, g.typed):
			quality += begun
			matched++
		case g.optional:
		default:
			inName = false
			if s.isOfCategory(r, g) {
				quality += inCategory
			} else {
				quality += elsewhere
			}
		}
	}
	return inName, quality, matched
}

func (s *seeker) isOfCategory(r *row, g *group) bool {
	i, known := s.tree.byID[r.category]
	return known && slices.ContainsFunc(s.tree.nodes[i].words, func(word string) bool {
		return slices.Contains(g.surfaces, word)
	})
}

func hasAll(stems string, wanted []string) bool {
	for _, stem := range wanted {
		if !hasWord(stems, stem) {
			return false
		}
	}
	return len(wanted) > 0
}

func hasAny(stems string, wanted []string) bool {
	return slices.ContainsFunc(wanted, func(stem string) bool { return hasWord(stems, stem) })
}

// hasBeginning finds a word that begins so among words that are separated by spaces.
func hasBeginning(words, begin string) bool {
	return strings.HasPrefix(words, begin) || strings.Contains(words, " "+begin)
}

// hasWord finds a word among words that are separated by spaces.
func hasWord(words, word string) bool {
	for from := 0; ; {
		at := strings.Index(words[from:], word)
		if at < 0 {
			return false
		}
		at += from
		end := at + len(word)
		if (at == 0 || words[at-1] == ' ') && (end == len(words) || words[end] == ' ') {
			return true
		}
		from = at + 1
	}
}
