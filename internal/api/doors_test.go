package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
)

// as is a call of the operation by somebody who may.
func (o operation) as(admin, path, body string) call {
	c := call{method: o.method, path: path, body: body, media: o.media()}
	if o.takesForm() {
		c.body, c.header = form(field{"file", "picture.gif", dot})
	}
	if o.permission != "public" {
		c.token = admin
	}
	return c
}

func TestNoOperationTakesABodyItCannotRead(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	for _, o := range operations(t) {
		if o.described.RequestBody == nil || o.streams() || o.takesForm() {
			continue // those that stream and those that take files have tests of their own
		}
		t.Run(o.id, func(t *testing.T) {
			try := func(body string, header ...string) answer {
				c := o.as(admin, o.address("", ""), body)
				if len(header) > 0 {
					c.header = map[string]string{header[0]: header[1]}
				}
				return send(t, shop, c)
			}
			requireProblem(t, try(strings.Repeat(" ", 2<<20)), http.StatusRequestEntityTooLarge)
			requireProblem(t, try(`{}`, "Content-Encoding", "gzip"), http.StatusUnsupportedMediaType)
			example := o.example(t)
			if example == nil {
				return // any bytes are fine
			}
			good := toJSON(t, example)
			for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/jsonp", "nonsense"} {
				requireProblem(t, try(good, "Content-Type", kind), http.StatusUnsupportedMediaType)
			}
			requireProblem(t, try(good+good, "Content-Type", "Application/JSON"), http.StatusBadRequest)
			for _, bad := range []string{
				`{`, `{"a":`, `nonsense`, `{}{}`, good + good, good + `]`, "\x00", `{"a":1e}`, `{"a":01}`,
				strings.Repeat("[", 50_000), strings.Repeat(`{"a":`, 10_000),
			} {
				require.Equal(t, "malformed_json", requireProblem(t, try(bad), http.StatusBadRequest).Code)
			}
			many := maps.Clone(example)
			many["surprise"] = make([]int, 5000)
			tooMany := requireProblem(t, try(toJSON(t, many)), http.StatusRequestEntityTooLarge)
			require.Equal(t, "payload_too_large", tooMany.Code)
			requireField(t, try(""), client.FieldLocationBODY, "")
			requireField(t, try("null"), client.FieldLocationBODY, "")
			requireField(t, try("[]"), client.FieldLocationBODY, "")

			more := maps.Clone(example)
			more["surprise"] = 1
			requireField(t, try(toJSON(t, more)), client.FieldLocationBODY, "surprise")
			for name, value := range example {
				if _, text := value.(string); text {
					more := maps.Clone(example)
					more[name] = "a\x00b"
					requireField(t, try(toJSON(t, more)), client.FieldLocationBODY, name)
				}
			}
		})
	}
	require.Equal(t, before, contents(t, shop))
}

func TestABodyOfNonsenseIsAnsweredBriefly(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	unknown := map[string]any{}
	for i := range 2000 {
		unknown[fmt.Sprintf("unknown%04d", i)] = "\x00"
	}
	nonsense := call{method: http.MethodPost, path: "/carts", body: toJSON(t, unknown)}
	first := send(t, shop, nonsense)
	problem := requireProblem(t, first, http.StatusUnprocessableEntity)
	require.Len(t, problem.Errors, 50)
	for i, found := range problem.Errors {
		require.Equal(t, fmt.Sprintf("unknown%04d", i), found.Field)
	}
	for range 3 {
		require.Equal(t, problem.Errors, send(t, shop, nonsense).problem.Errors)
	}
	// Text that cannot be stored is found by ourselves, in no order.
	address := map[string]string{}
	for _, part := range []string{"street1", "lastName", "city", "firstName", "state", "postalCode"} {
		address[part] = "a\x00"
	}
	address["country"] = "US"
	place := call{method: http.MethodPost, path: "/orders/from-cart", body: toJSON(t, map[string]any{
		"cartId": uuid.NewString(), "email": "customer@example.com", "shippingAddress": address,
	})}
	for range 3 {
		var names []string
		for _, found := range requireProblem(t, send(t, shop, place), http.StatusUnprocessableEntity).Errors {
			names = append(names, strings.TrimPrefix(found.Field, "shippingAddress."))
		}
		require.Equal(t, []string{"city", "firstName", "lastName", "postalCode", "state", "street1"}, names)
	}
	// Just as many values as are read, none of which is wanted.
	most := send(t, shop, call{method: http.MethodPost, path: "/carts", body: "[" + strings.Repeat("1,", 4998) + "1]"})
	requireField(t, most, client.FieldLocationBODY, "")
}

func TestNoOperationTakesAnAddressItCannotRead(t *testing.T) {
	t.Parallel()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	for _, o := range operations(t) {
		t.Run(o.id, func(t *testing.T) {
			body := ""
			if example := o.example(t); example != nil {
				body = toJSON(t, example)
			}
			for _, bad := range []string{"?%zz", "?a=%", "?a;b"} {
				requireProblem(t, send(t, shop, o.as(admin, o.address("", "")+bad, body)), http.StatusBadRequest)
			}
			for _, p := range o.described.Parameters {
				name := p.Value.Name
				switch {
				case p.Value.In == "path":
					bad := []string{"%00", "a%00b", "%ff", "%E0%80%80", "a%2fb", "..%2f..", "a%20b", "%25", "'"}
					if p.Value.Schema.Value.Format == "uuid" {
						bad = append(bad, "1", "not-a-uuid", "019bc11a-e9c0-7b6e-8e35-90d2c4b7f00", "019bc11ae9c07b6e8e3590d2c4b7f005",
							"%7B019bc11a-e9c0-7b6e-8e35-90d2c4b7f005%7D", "urn:uuid:019bc11a-e9c0-7b6e-8e35-90d2c4b7f005")
					}
					for _, value := range bad {
						requireField(t, send(t, shop, o.as(admin, o.address(name, value), body)), client.FieldLocationPATH, name)
					}
				case p.Value.In == "query":
					for _, value := range []string{"%00", "a%00b", "%ff", "%c3%28"} {
						got := send(t, shop, o.as(admin, o.address("", "")+"?"+name+"="+value, body))
						requireField(t, got, client.FieldLocationQUERY, name)
					}
				case name == "If-Match":
					for _, value := range []string{`7`, `"7`, `7"`, `"a"b`, `"a",`, `"a" "b"`, `w/"a"`, `**`, `"ä"`, strings.Repeat(`"a",`, 300) + `"a"`} {
						c := o.as(admin, o.address("", ""), body)
						c.header = map[string]string{name: value}
						requireField(t, send(t, shop, c), client.FieldLocationHEADER, name)
					}
				case name == "Idempotency-Key":
					for _, value := range []string{strings.Repeat("k", 256), "two words", "schlüssel", `""`, `"`} {
						c := o.as(admin, o.address("", ""), body)
						c.header = map[string]string{name: value}
						requireField(t, send(t, shop, c), client.FieldLocationHEADER, name)
					}
				}
			}
		})
	}
	require.Equal(t, before, contents(t, shop))
}
