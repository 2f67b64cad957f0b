package api

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"cartwright/internal/emails"
	"cartwright/internal/ratelimit"
)

// quota is how often something may happen in a window.
type quota struct {
	max    int
	window time.Duration
}

// quotas are the stricter limits that the spec names with x-rate-limit: what an address may do, and what may be done
// with an account, by whichever address. An address may be an office, so it is allowed more.
var quotas = map[string]struct{ address, account quota }{
	"login":    {quota{100, 15 * time.Minute}, quota{10, 15 * time.Minute}},    // each costs a password hash
	"refresh":  {quota{6000, 15 * time.Minute}, quota{60, 15 * time.Minute}},   // each leaves a token; counted for a session
	"register": {quota{60, time.Hour}, quota{6, time.Hour}},                    // each may send a mail
	"reset":    {quota{60, time.Hour}, quota{6, time.Hour}},                    // each may send a mail
	"coupon":   {quota{120, 15 * time.Minute}, quota{30, 15 * time.Minute}},    // codes can be guessed
	"lookup":   {quota{120, 15 * time.Minute}, quota{20, 15 * time.Minute}},    // order numbers can be guessed
	"payment":  {quota{300, 15 * time.Minute}, quota{40, 15 * time.Minute}},    // cards can be tried
	"poll":     {quota{3000, 15 * time.Minute}, quota{300, 15 * time.Minute}},  // each may ask Stripe
	"upload":   {quota{6000, 15 * time.Minute}, quota{3000, 15 * time.Minute}}, // each may take much memory
	"stream":   {quota{300, 15 * time.Minute}, quota{120, 15 * time.Minute}},   // each holds a connection to the database
	"place":    {quota{300, 15 * time.Minute}, quota{60, 15 * time.Minute}},    // each may hold stock
	"provider": {quota{1200, 15 * time.Minute}, quota{600, 15 * time.Minute}},  // each asks Stripe, for those who run the shop
}

// unlimited is the x-rate-limit of an operation that nothing limits.
const unlimited = "none"

// limit is a limit by where a request comes from and by whose account it is about.
type limit struct {
	address, account *ratelimit.Limit
	around           []*ratelimit.Limit // of the /56 and the /48 around an address of IPv6
}

// widerTimes is how often more than a /64 the networks around it are allowed.
var widerTimes = []int{2, 4}

// limits are all limits of the shop. Without a limiter there are none.
type limits struct {
	general limit // of every operation; none where its limits are nil
	named   map[string]limit
	// knows tells whether the account of an e-mail address is used from a network.
	knows func(ctx context.Context, email, network string) (bool, error)
}

func newLimits(limiter *ratelimit.Limiter, general quota) limits {
	l := limits{named: map[string]limit{}}
	if limiter == nil {
		return l
	}
	pair := func(name string, address, account quota) limit {
		made := limit{
			address: limiter.Limit(name, address.max, address.window),
			account: limiter.Limit(name+"-account", account.max, account.window),
		}
		for i, times := range widerTimes {
			made.around = append(made.around, limiter.Limit(fmt.Sprintf("%s-%d", name, around[i]), times*address.max, address.window))
		}
		return made
	}
	if general.max > 0 {
		l.general = pair("default", general, general)
	}
	for name, of := range quotas {
		l.named[name] = pair(name, of.address, of.account)
	}
	return l
}

// byAddress counts a request for where it comes from, before anything is read, looked up or computed for it.
func (l limits) byAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if operation(c).limit == unlimited {
			return next(c)
		}
		from := networks(clientAddress(c.Request().Context()))
		for _, limit := range []limit{l.general, l.named[operation(c).limit]} {
			if err := count(c, limit.address, from[0]); err != nil {
				return err
			}
			for i, wider := range from[1:] {
				if limit.around == nil {
					break
				}
				if err := quietly(c, limit.around[i], wider); err != nil {
					return err
				}
			}
		}
		return next(c)
	}
}

// byAccount counts a request for whoever asks and for the account that it names. It is counted for no account once
// its address is refused, so that nobody shuts out another for longer than he may ask himself.
func (l limits) byAccount(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if operation(c).limit == unlimited {
			return next(c)
		}
		named := l.named[operation(c).limit].account
		if who := caller(c.Request().Context()); who != "" {
			if err := count(c, l.general.account, who); err != nil {
				return err
			}
			if err := count(c, named, who); err != nil {
				return err
			}
		}
		if err := l.byEmail(c, named); err != nil {
			return err
		}
		return next(c)
	}
}

// byEmail counts a request for the account whose e-mail address it names. Networks that the account is used from have a
// count each of their own: who tries passwords from elsewhere shuts out nobody but others who come from elsewhere.
func (l limits) byEmail(c echo.Context, named *ratelimit.Limit) error {
	typed := typedEmail(c)
	if named == nil || typed == "" {
		return nil
	}
	key, ctx := "email "+emails.Key(typed), c.Request().Context()
	if from := networkOf(ctx); from != "" {
		known, err := l.knows(ctx, typed, from)
		if err != nil {
			return err
		}
		if known {
			key += " from " + from
		}
	}
	return quietly(c, named, key) // how much is left would tell whether others use the account
}

// caller is who asks, "" for somebody unknown. An API key counts by itself.
func caller(ctx context.Context) string {
	if principal(ctx).IsGuest() {
		return ""
	}
	return principal(ctx).String()
}

// typedEmail is the e-mail address in the body; "" where none is.
func typedEmail(c echo.Context) string {
	value, _ := validated(c)
	members, _ := value.(map[string]any)
	email, _ := members["email"].(string)
	return strings.TrimSpace(email)
}

// count takes one of the limit, says so in the headers, and refuses when there is none.
func count(c echo.Context, limit *ratelimit.Limit, key string) error {
	if limit == nil {
		return nil
	}
	return say(c, limit, limit.Take(c.Request().Context(), key))
}

// quietly is count that says nothing before it refuses.
func quietly(c echo.Context, limit *ratelimit.Limit, key string) error {
	if limit == nil {
		return nil
	}
	verdict := limit.Take(c.Request().Context(), key)
	if verdict.Allowed {
		return nil
	}
	return say(c, limit, verdict)
}

func say(c echo.Context, limit *ratelimit.Limit, verdict ratelimit.Verdict) error {
	addToList(c, "RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=%d`, limit.Name, limit.Quota, seconds(limit.Window)))
	addToList(c, "RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, limit.Name, verdict.Remaining, seconds(verdict.Reset)))
	if !verdict.Allowed {
		return ratelimit.ErrLimited.After(max(time.Second, verdict.Reset))
	}
	return nil
}

func addToList(c echo.Context, name, item string) {
	header := c.Response().Header()
	if before := header.Get(name); before != "" {
		item = before + ", " + item
	}
	header.Set(name, item)
}

func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
