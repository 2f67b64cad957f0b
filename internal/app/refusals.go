package app

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
)

// A secret of Stripe's: what it begins with, and how much there is behind that at least.
const (
	webhookPrefix = "whsec_"
	minSigning    = 8
)

// mistakes lists what can only be wrong in production: values that are set, can be read, and make the shop unsafe or deaf.
// docs/security.md has them as a table.
func (c Config) mistakes() (problems []error) {
	refuse := func(wrong bool, problem string) {
		if wrong {
			problems = append(problems, errors.New(problem))
		}
	}
	refuse(c.StripeSecretKey != "" && !begins(c.StripeSecretKey, "sk_", "rk_"),
		"STRIPE_SECRET_KEY is no secret key: it begins with sk_, or rk_ where it is restricted")
	refuse(c.StripePublishableKey != "" && !begins(c.StripePublishableKey, "pk_"),
		"STRIPE_PUBLISHABLE_KEY is no publishable key: it begins with pk_, and browsers are given it")
	for _, secret := range c.StripeWebhookSecrets {
		refuse(!isSigningSecret(secret),
			"STRIPE_WEBHOOK_SECRET is no signing secret: it is whsec_ and at least 8 more characters, as the webhook endpoint's page in Stripe shows")
	}
	if isLive(c.StripeSecretKey) {
		refuse(!isSecure(c.PublicURL), "PUBLIC_URL is http, and STRIPE_SECRET_KEY is a live one: passwords and orders need https")
		refuse(!isSecure(c.StorefrontURL), "STOREFRONT_URL is http, and STRIPE_SECRET_KEY is a live one: its pages are given links that open accounts, which needs https")
		refuse(c.StripeAPIBase != "" && !isSecure(c.StripeAPIBase), "STRIPE_API_BASE is http, and STRIPE_SECRET_KEY is a live one: it would be sent in the clear")
	}
	return problems
}

// begins reports whether a text begins with one of the prefixes, and goes on.
func begins(text string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(text, prefix); ok && rest != "" {
			return true
		}
	}
	return false
}

func isSigningSecret(text string) bool {
	rest, ok := strings.CutPrefix(text, webhookPrefix)
	return ok && len(rest) >= minSigning && !strings.ContainsFunc(rest, unicode.IsSpace)
}

func isSecure(address string) bool {
	parsed, err := url.Parse(address)
	return err == nil && parsed.Scheme == "https"
}

// The shortest prefixes of networks that can be somebody's proxies. fc00::/7 is IPv6's for private use.
const (
	minProxyBits4 = 8
	minProxyBits6 = 16
)

var private6 = netip.MustParsePrefix("fc00::/7")

// checkProxies refuses a network of which nobody has every address: whoever asks from it says where they ask from.
func checkProxies(text string) error {
	network, err := parseNetwork(text)
	if err != nil {
		return fmt.Errorf("TRUSTED_PROXIES names %q, which is not an address or a network, such as 10.0.0.0/8", text)
	}
	least := minProxyBits4
	if network.Addr().Is6() {
		least = minProxyBits6
		if private6.Contains(network.Addr()) {
			least = private6.Bits()
		}
	}
	if network.Bits() < least {
		return fmt.Errorf("TRUSTED_PROXIES names %q, which is more than any proxies have: everybody in it could say they are somebody else", text)
	}
	return nil
}

// weak reports whether a secret is short, hardly varied, a repetition, or made of words: what can be guessed.
func weak(secret string) bool {
	distinct := map[rune]bool{}
	for _, r := range secret {
		distinct[r] = true
	}
	return len(secret) < minSecret || len(distinct) < 10 || isRepetition(secret) || isPhrase(secret) || isSequence(secret)
}

// isRepetition reports whether a text is a shorter one several times.
func isRepetition(text string) bool {
	return strings.Contains((text + text)[1:2*len(text)-1], text)
}

// What tells words from random letters: they are rows of letters in one case behind a first one in any, and in English
// these pairs of letters are nearly half of all.
const (
	wordLength = 4
	pairs      = " th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur "
)

// isPhrase reports whether more than half of a text are words.
func isPhrase(text string) bool {
	words, run, all, common := 0, 0, 0, 0
	var before rune
	for _, r := range text + "\x00" {
		goesOn := unicode.IsLetter(r) && unicode.IsLetter(before)
		if goesOn {
			all++
			if strings.Contains(pairs, " "+strings.ToLower(string([]rune{before, r}))+" ") {
				common++
			}
		}
		if goesOn && (unicode.IsLower(r) && (unicode.IsLower(before) || run == 1) || unicode.IsUpper(r) && unicode.IsUpper(before)) {
			run++
		} else {
			if run >= wordLength {
				words += run
			}
			run = 1
		}
		before = r
	}
	return words*2 > len(text) && common*4 > all
}

// isSequence reports whether most characters of a text follow the one before them, as in 0123456789abcdef.
func isSequence(text string) bool {
	next := 0
	for i := 1; i < len(text); i++ {
		if text[i] == text[i-1]+1 || text[i]+1 == text[i-1] {
			next++
		}
	}
	return next*2 > len(text)
}
