package scale

import (
	"slices"
	"strings"
	"sync"
)

// The words that are English. Their order is that of frequency where it matters.
var (
	adjectives = strings.Fields(`classic compact soft light everyday slim warm modern sturdy simple quiet smooth natural
		deep small large bright matte woven folded rounded hand-made recycled washable waterproof portable foldable
		stackable breathable insulated padded quilted ribbed brushed polished glazed textured striped checked plain
		vintage rustic nordic urban alpine coastal tropical heavy-duty lightweight adjustable reversible magnetic wireless
		rechargeable cordless silent rapid double single triple tall wide narrow round square oval curved straight tapered
		fine coarse crisp mellow gentle bold calm fresh cool dry dense airy flexible rigid firm plush sleek elegant
		practical versatile durable reliable precise generous timeless playful cheerful honest organic fragrant seasonal
		limited original essential premium professional junior senior pocket travel outdoor weekend midnight morning winter
		summer autumn spring desert forest harbour meadow mountain river`)
	materials = strings.Fields(`cotton oak steel leather linen wool ceramic glass bamboo walnut canvas felt brass copper
		aluminium cork stoneware porcelain birch beech ash maple marble slate concrete silicone nylon polyester fleece velvet
		denim corduroy suede cashmere merino alpaca hemp jute rattan wicker paper cardboard rubber titanium enamel clay
		terracotta silk satin mohair`)
	colors = strings.Fields(`Black White Grey Navy Beige Red Green Blue Brown Yellow Pink Orange Olive Teal Burgundy Sand
		Charcoal Cream Rust Lavender Mint Coral Turquoise Mustard`)
	sizes = strings.Fields(`S M L XL XS XXL`)
	// Verbs and other nouns, for sentences.
	plainWords = strings.Fields(`design quality colour surface detail edge handle lid strap pocket seam lining frame base
		cover finish pattern fabric grain shape weight balance grip comfort warmth shade corner shelf room table kitchen
		garden office studio bedroom hallway bathroom balcony desk wall floor door window light evening morning day week
		year season journey trip walk ride city home family child friend guest gift present hand finger foot shoulder back
		head skin hair water air heat cold rain snow sun wind dust sound voice music picture page letter book story colourway
		keeps holds carries fits folds stands hangs opens closes rests turns slides lifts packs stores protects supports
		brings gives makes takes lets stays feels looks works lasts dries washes cleans wipes charges connects plays reads
		writes cooks bakes brews pours serves grows rolls stretches absorbs reflects softens ages improves needs saves
		measures weighs comes belongs matches suits surprises pleases thread stitch button buckle zip hook loop ring band
		clip hinge screw bolt spring wheel cable plug socket battery lamp screen key switch sensor motor filter blade needle
		brush sponge tray rack box bag case pouch sleeve label card ribbon paper ink wax oil soap salt sugar tea coffee
		bread fruit flower leaf seed root branch stone metal wood cloth`)
	functionWords = strings.Fields(`the and a of with for in to is it on that from by your as at this or not without which
		every more than when into over no all`)
)

// The sounds that made-up words consist of.
var (
	onsets = strings.Fields(`b br c ch cl d dr f fl g gl gr h j k kl l m n p pl pr qu r s sh sk sl sn st t th tr v w z`)
	vowels = strings.Fields(`a e i o u ai ea ei ia io oa ou`)
	codas  = strings.Fields(`n r l s m x nd rt st lm rn th k t`)
)

// madeUp is how many words nobody has heard before: names of makers and models, and what makes texts differ.
const madeUp = 4200

// vocabulary is every word there is to write with.
type vocabulary struct {
	makers  []string // capitalised; the first are the best known
	models  []string // capitalised
	content []string // what texts are about, the most frequent first
	maker   zipf
	model   zipf
	word    zipf
}

const makers, models = 900, 2400

var words = sync.OnceValue(func() *vocabulary {
	invented := inventWords(madeUp)
	english := slices.Concat(adjectives, materials, plainWords, nouns())
	slices.Sort(english)
	english = slices.Compact(english)
	d := roll(2)
	mixed := make([]string, len(english))
	for i, from := range d.shuffled(len(english)) {
		mixed[i] = english[from]
	}
	v := &vocabulary{
		makers: capitalised(invented[:makers]), models: capitalised(invented[makers : makers+models]),
		content: append(mixed, invented[makers:]...),
	}
	v.maker, v.model, v.word = newZipf(makers, 0, 1<<14), newZipf(models, 0, 1<<15), newZipf(len(v.content), 3, 1<<16)
	return v
})

// Words are those that products are described with, the most frequent first.
func Words() []string { return slices.Clone(words().content) }

// inventWords makes pronounceable words that are all different, and not English.
func inventWords(n int) []string {
	taken := map[string]bool{}
	for _, word := range slices.Concat(adjectives, materials, plainWords, functionWords, nouns()) {
		taken[word] = true
	}
	d := roll(1)
	invented := make([]string, 0, n)
	for len(invented) < n {
		var word strings.Builder
		for range d.between(2, 3) {
			word.WriteString(pick(d, onsets))
			word.WriteString(pick(d, vowels))
		}
		if d.permille(600) {
			word.WriteString(pick(d, codas))
		}
		if made := word.String(); len(made) <= 11 && !taken[made] {
			taken[made] = true
			invented = append(invented, made)
		}
	}
	return invented
}

func capitalised(all []string) []string {
	out := make([]string, len(all))
	for i, word := range all {
		out[i] = capital(word)
	}
	return out
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
