package app

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"cartwright/internal/api"
	"cartwright/internal/cache"
	"cartwright/internal/ratelimit"
)

// defaultRateLimit is how many requests an address may send in a window. Behind one address can be an office, or all
// who use a mobile network: five hundred people who look at a page every two minutes and need eight answers for each.
// What is dangerous has limits of its own.
const defaultRateLimit = 30000

const (
	defaultWindow = 15 * time.Minute
	minWindow     = time.Second
	maxWindow     = 24 * time.Hour
)

var errRateLimitMax = errors.New("RATE_LIMIT_MAX is not a number of requests, such as 30000, or 0 for no limit")

// Window is a time that is written in milliseconds, such as 900000, or as a duration, such as 15m.
type Window time.Duration

// UnmarshalText reads either.
func (w *Window) UnmarshalText(text []byte) error {
	if number, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		*w = Window(min(number, maxWindow.Milliseconds()+1)) * Window(time.Millisecond)
		return nil
	}
	duration, err := time.ParseDuration(string(text))
	*w = Window(duration)
	return err
}

// edgeProblems are those of how the shop faces the network.
func (c Config) edgeProblems() (problems []error) {
	if c.RateLimitMax != nil && *c.RateLimitMax < 0 {
		problems = append(problems, errRateLimitMax)
	}
	if window := time.Duration(c.RateLimitWindow); window < minWindow || window > maxWindow {
		problems = append(problems, errors.New("RATE_LIMIT_WINDOW is not a time between 1s and 24h, in milliseconds such as 900000 or as a duration such as 15m"))
	}
	if c.MaxConnectionsPerAddress != nil && *c.MaxConnectionsPerAddress < 0 {
		problems = append(problems, errConnections)
	}
	for _, text := range c.TrustedProxies {
		if err := checkProxies(text); err != nil {
			problems = append(problems, err)
		}
	}
	for _, origin := range c.CORSOrigins {
		if !isSharedOrigin(origin) {
			problems = append(problems, fmt.Errorf("CORS_ORIGINS names %q, which is not an origin, such as https://shop.example.com, or *", origin))
		}
	}
	return problems
}

// parseNetwork reads 10.0.0.0/8, or one address. A network of IPv4 in IPv6's clothes would never match.
func parseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		address = address.Unmap()
		return address.Prefix(address.BitLen())
	}
	prefix, err := netip.ParsePrefix(text)
	if err == nil && prefix.Addr().Is4In6() {
		err = errors.New("an IPv4 network written as IPv6")
	}
	return prefix.Masked(), err
}

// isSharedOrigin holds for what browsers send as Origin, which is compared letter by letter: an address in one form, of
// no page.
func isSharedOrigin(text string) bool {
	if text == "*" {
		return true
	}
	parsed, err := url.Parse(text)
	return err == nil && isOneForm(text) && text == parsed.Scheme+"://"+parsed.Host && !strings.Contains(text, "*")
}

// connectionsPerAddress is how many connections an address may have; 0 is no limit.
func (c Config) connectionsPerAddress() int {
	if c.MaxConnectionsPerAddress == nil {
		return defaultPerAddress
	}
	return *c.MaxConnectionsPerAddress
}

// edge is how the shop faces the network.
func edge(config Config, redis *cache.Redis, logger *slog.Logger) api.Edge {
	faced := api.Edge{
		BodyMemory: config.MaxBodyMemory, PublicURL: config.PublicURL, Origins: config.CORSOrigins,
		RateLimitMax: defaultRateLimit, RateLimitWindow: cmp.Or(time.Duration(config.RateLimitWindow), defaultWindow),
	}
	for _, text := range config.TrustedProxies {
		if network, err := parseNetwork(text); err == nil { // edgeProblems told of the others
			faced.TrustedProxies = append(faced.TrustedProxies, network)
		}
	}
	if config.RateLimitMax != nil {
		faced.RateLimitMax = *config.RateLimitMax
	}
	if !config.Unlimited {
		faced.Limiter = ratelimit.New(ratelimit.Config{Redis: redis, Secret: []byte(config.JWTSecret), Now: time.Now, Logger: logger})
	}
	return faced
}
