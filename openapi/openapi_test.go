package openapi_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"cartwright/openapi"
)

func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi.Document()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheDocumentIsValidWithItsExamples(t *testing.T) {
	t.Parallel()
	doc := load(t)
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("openapi is %s, want 3.0.3", doc.OpenAPI)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
}

func TestJSON_IsTheSameDocument(t *testing.T) {
	t.Parallel()
	fromYAML, err := openapi3.NewLoader().LoadFromData(openapi.YAML)
	if err != nil {
		t.Fatal(err)
	}
	want, err := fromYAML.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(t).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("openapi.json and openapi.yaml differ")
	}
}

func TestTheDocumentKeepsToPlainOpenAPI(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"x-go-", "x-oapi-", "multipleOf:", ".yaml#"} {
		if strings.Contains(string(openapi.YAML), word) {
			t.Errorf("the published document says %q", word)
		}
	}
}

// A key is in use while the first request under it is answered.
func TestWhatTakesAKeyMayFindItInUse(t *testing.T) {
	t.Parallel()
	for path, item := range load(t).Paths.Map() {
		for method, operation := range item.Operations() {
			takesKey := operation.Parameters.GetByInAndName("header", "Idempotency-Key") != nil
			if takesKey && operation.Responses.Status(http.StatusConflict) == nil {
				t.Errorf("%s %s takes a key and has no 409", method, path)
			}
		}
	}
}

// Null means something in a change alone, and there only where it clears.
func TestOnlyChangesHaveNulls(t *testing.T) {
	t.Parallel()
	for name, schema := range load(t).Components.Schemas {
		change := strings.HasSuffix(name, "Patch") || name == "NullableMoney"
		if schema.Value.Nullable && !change {
			t.Errorf("%s may be null", name)
		}
		for property, s := range schema.Value.Properties {
			if s.Value.Nullable && !change {
				t.Errorf("%s.%s may be null", name, property)
			}
			if len(schema.Value.Required) > 0 && strings.HasSuffix(name, "Patch") {
				t.Errorf("%s asks for %v, but what is left out of a change stays", name, schema.Value.Required)
			}
		}
	}
}

func TestWhatIsReadCanBeKeptAndWhatIsChangedGuarded(t *testing.T) {
	t.Parallel()
	for path, item := range load(t).Paths.Map() {
		for method, op := range item.Operations() {
			t.Run(method+" "+path, func(t *testing.T) {
				cacheable := op.Extensions["x-cacheable"] == true
				if cacheable != (op.Responses.Value("304") != nil) || cacheable && method != http.MethodGet {
					t.Error("x-cacheable is said of reads that answer 304")
				}
				catalogue := strings.HasPrefix(path, "/categories") || strings.HasPrefix(path, "/products")
				if public := op.Extensions["x-permission"] == "public"; catalogue && method == http.MethodGet && public && path != "/products/search" && !cacheable {
					t.Error("this can be read by everybody and kept by nobody")
				}
				if ok := op.Responses.Value("200"); cacheable && (ok.Value.Headers["ETag"] == nil || ok.Value.Headers["Cache-Control"] == nil) {
					t.Error("ETag or Cache-Control is not documented")
				}
				guarded := op.Parameters.GetByInAndName("header", "If-Match") != nil
				if guarded != (op.Responses.Value("412") != nil) {
					t.Error("If-Match and 412 belong together")
				}
				if op.RequestBody != nil {
					for media, content := range op.RequestBody.Value.Content {
						if patch := media == "application/merge-patch+json"; patch != strings.HasSuffix(refName(content.Schema), "Patch") {
							t.Errorf("%s is sent as %s", refName(content.Schema), media)
						}
					}
				}
			})
		}
	}
}

// keyless commands take no Idempotency-Key. Those on credentials must not: what is kept under a key would be tokens, and
// a hash of a body that holds a password. They can be repeated, or a token of theirs works once. Inviting again replaces
// the invitation before, and an answer that was kept would keep the address.
var keyless = []string{
	"loginUser", "refreshTokens", "registerUser", "verifyEmail", "logoutUser", "logoutEverywhere", "requestPasswordReset",
	"confirmPasswordReset", "changePassword", "changeEmail", "confirmEmail", "deleteAccount", "loginSecondFactor", "beginSecondFactor",
	"confirmSecondFactor", "regenerateRecoveryCodes", "disableSecondFactor", "lookUpOrder", "receiveStripeWebhook",
	"importCatalogue", "acceptInvitation", "createApiKey", "inviteStaff",
}

func TestEveryOperationIsComplete(t *testing.T) {
	t.Parallel()
	doc := load(t)
	permissions := []string{"public", "signed-in", "catalogue:read", "catalogue:write", "inventory:read", "inventory:write", "orders:read", "orders:write", "refunds:write", "settings:read", "settings:write", "staff:manage"}
	camel := regexp.MustCompile(`^[a-z]+(?:[A-Z][a-z]+)+$`)
	seen := map[string]bool{}
	tags := map[string]bool{}
	for _, tag := range doc.Tags {
		if tag.Description == "" {
			t.Errorf("tag %s has no description", tag.Name)
		}
		tags[tag.Name] = true
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			t.Run(method+" "+path, func(t *testing.T) {
				switch {
				case !camel.MatchString(op.OperationID):
					t.Errorf("operationId %q is not a verb and a noun in camelCase", op.OperationID)
				case seen[op.OperationID]:
					t.Errorf("operationId %s stands twice", op.OperationID)
				}
				seen[op.OperationID] = true
				if len(op.Tags) != 1 || !tags[op.Tags[0]] {
					t.Errorf("tags are %v, want one that is described", op.Tags)
				}
				if op.Summary == "" || op.Description == "" {
					t.Error("summary or description is missing")
				}

				permission, _ := op.Extensions["x-permission"].(string)
				if !slices.Contains(permissions, permission) {
					t.Errorf("x-permission is %q, want one of %v", permission, permissions)
				}
				if op.Security == nil || len(*op.Security) == 0 {
					t.Fatal("security is not declared")
				}
				anonymous := slices.ContainsFunc(*op.Security, func(r openapi3.SecurityRequirement) bool { return len(r) == 0 })
				if anonymous != (permission == "public") {
					t.Errorf("x-permission %s does not fit security %v", permission, *op.Security)
				}
				authenticates := slices.ContainsFunc(*op.Security, func(r openapi3.SecurityRequirement) bool { return len(r) > 0 })

				for _, way := range *op.Security {
					_, byCookie := way["cookieAuth"]
					_, guarded := way["csrfToken"]
					if guarded != (byCookie && method != http.MethodGet) {
						t.Errorf("security %v: a command by cookie needs its token, and nothing else does", way)
					}
				}
				if byCookie := slices.ContainsFunc(*op.Security, func(way openapi3.SecurityRequirement) bool { return way["cookieAuth"] != nil }); byCookie != authenticates {
					t.Error("whoever may come with a token may come with a cookie")
				}

				byKey := slices.ContainsFunc(*op.Security, func(way openapi3.SecurityRequirement) bool { return way["apiKey"] != nil })
				if forStaff := strings.Contains(permission, ":"); forStaff && permission != "staff:manage" && op.OperationID != "createApiKey" && !byKey {
					t.Error("what staff may do programs may, with a key")
				} else if byKey && (permission == "signed-in" || permission == "staff:manage" || op.OperationID == "createApiKey") {
					t.Error("a key has no account, manages nobody and makes no keys")
				}

				want := []string{"default", "400", "503"}
				if authenticates {
					want = append(want, "401")
				}
				if !anonymous && permission != "signed-in" || authenticates && method != http.MethodGet {
					want = append(want, "403") // what is one's own is forbidden to nobody, but for a page that must not command
				}
				if op.RequestBody != nil {
					want = append(want, "413", "415")
				}
				if strings.Contains(path, "{") {
					want = append(want, "404")
				}
				for _, status := range want {
					if op.Responses.Value(status) == nil {
						t.Errorf("response %s is missing", status)
					}
				}
				for status, response := range op.Responses.Map() {
					if status[0] == '2' || status == "304" {
						continue
					}
					if media := response.Value.Content["application/problem+json"]; media == nil || refName(media.Schema) != "Problem" {
						t.Errorf("response %s is not a Problem", status)
					}
				}

				repeatable := method == http.MethodGet || slices.Contains(keyless, op.OperationID)
				if key := op.Parameters.GetByInAndName("header", "Idempotency-Key"); (key == nil) != repeatable {
					t.Errorf("Idempotency-Key is taken: %t", key != nil)
				}
			})
		}
	}
}

func TestEverythingHasAnExample(t *testing.T) {
	t.Parallel()
	doc := load(t)
	content := func(where string, content openapi3.Content) {
		for name, media := range content {
			if media.Example == nil && len(media.Examples) == 0 {
				t.Errorf("%s: %s has no example", where, name)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			for _, p := range op.Parameters {
				if p.Value.Example == nil || p.Value.Description == "" {
					t.Errorf("%s: parameter %s has no example or no description", where, p.Value.Name)
				}
			}
			if op.RequestBody != nil {
				content(where, op.RequestBody.Value.Content)
			}
			for status, response := range op.Responses.Map() {
				content(where+" "+status, response.Value.Content)
			}
		}
	}
}

func TestEverySchemaIsNamedAndDescribed(t *testing.T) {
	t.Parallel()
	doc := load(t)
	for name, schema := range doc.Components.Schemas {
		if schema.Value.Description == "" {
			t.Errorf("%s has no description", name)
		}
		for property, s := range schema.Value.Properties {
			where := name + "." + property
			if s.Ref == "" && s.Value.Description == "" {
				t.Errorf("%s has no description", where)
			}
			plain(t, where, s)
			if s.Ref == "" && s.Value.Items != nil {
				plain(t, where+"[]", s.Value.Items)
			}
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			where := method + " " + path
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					plain(t, where, media.Schema)
				}
			}
			for status, response := range op.Responses.Map() {
				for _, media := range response.Value.Content {
					plain(t, where+" "+status, media.Schema)
				}
			}
			for _, p := range op.Parameters {
				plain(t, where+" "+p.Value.Name, p.Value.Schema)
			}
		}
	}
	for name := range doc.Components.Responses {
		if doc.Components.Schemas[name] != nil {
			t.Errorf("%s is both a response and a schema, which the Go generator cannot tell apart", name)
		}
	}
}

// plain refuses objects and enumerations without a name and numbers without a format.
func plain(t *testing.T, where string, s *openapi3.SchemaRef) {
	t.Helper()
	switch {
	case s.Ref != "":
	case s.Value.Type.Is("object") || len(s.Value.Properties) > 0:
		t.Errorf("%s is an object without a name", where)
	case len(s.Value.Enum) > 0:
		t.Errorf("%s is an enumeration without a name", where)
	case (s.Value.Type.Is("integer") || s.Value.Type.Is("number")) && s.Value.Format == "":
		t.Errorf("%s is a number without a format", where)
	}
}

func TestRequestsAreClosedAndResponsesOpen(t *testing.T) {
	t.Parallel()
	doc := load(t)
	sent, answered := map[string]bool{}, map[string]bool{}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				for _, media := range op.RequestBody.Value.Content {
					gather(media.Schema, sent)
				}
			}
			for _, response := range op.Responses.Map() {
				for _, media := range response.Value.Content {
					gather(media.Schema, answered)
				}
			}
		}
	}
	for name, schema := range doc.Components.Schemas {
		if !schema.Value.Type.Is("object") || schema.Value.AdditionalProperties.Schema != nil {
			continue
		}
		closed := schema.Value.AdditionalProperties.Has != nil && !*schema.Value.AdditionalProperties.Has
		if sent[name] && !closed {
			t.Errorf("%s is sent to us and takes properties it does not know", name)
		}
		if answered[name] && closed {
			t.Errorf("%s is answered and can never grow", name)
		}
		if !sent[name] && !answered[name] {
			t.Errorf("%s is never used", name)
		}
	}
	for name := range sent {
		bounded(t, name, doc.Components.Schemas[name])
		for property, s := range doc.Components.Schemas[name].Value.Properties {
			bounded(t, name+"."+property, s)
		}
	}
}

// bounded wants a limit on everything a client sends whose size it chooses. Amounts are limited by money.Number, files
// by what the shop is set up to take.
func bounded(t *testing.T, where string, s *openapi3.SchemaRef) {
	t.Helper()
	v := s.Value
	if v.Default != nil {
		t.Errorf("%s has a default, which makes it required in generated TypeScript; say so in its description", where)
	}
	switch {
	case v.Type.Is("string"):
		fixed := v.Format == "uuid" || v.Format == "binary" || len(v.Enum) > 0 || regexp.MustCompile(`\{\d\}\$$`).MatchString(v.Pattern)
		if v.MaxLength == nil && !fixed {
			t.Errorf("%s has no maxLength", where)
		}
	case v.Type.Is("array"):
		if v.MaxItems == nil {
			t.Errorf("%s has no maxItems", where)
		}
	case v.Type.Is("integer"):
		if v.Min == nil || v.Max == nil {
			t.Errorf("%s has no minimum or no maximum", where)
		}
	case v.Type.Is("object") && v.AdditionalProperties.Schema != nil:
		if v.MaxProps == nil {
			t.Errorf("%s has no maxProperties", where)
		}
	}
}

func gather(s *openapi3.SchemaRef, into map[string]bool) {
	if s == nil {
		return
	}
	if name := refName(s); name != "" {
		if into[name] {
			return
		}
		into[name] = true
	}
	for _, p := range s.Value.Properties {
		gather(p, into)
	}
	gather(s.Value.Items, into)
	gather(s.Value.AdditionalProperties.Schema, into)
}

func refName(s *openapi3.SchemaRef) string {
	var name string
	if s != nil {
		_, _ = fmt.Sscanf(s.Ref, "#/components/schemas/%s", &name)
	}
	return name
}
