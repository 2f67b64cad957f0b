package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = `# Speaks of the sources.
openapi: 3.0.3
paths:
  # The only path.
  /things:
    $ref: paths/things.yaml#/things
components:
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
`

const things = `things:
  get:
    parameters:
      - $ref: ../common/parameters.yaml#/Limit
    responses:
      '200':
        content:
          application/json:
            schema:
              $ref: ../schemas/things.yaml#/Thing
`

func TestJSON_KeepsOrderAndValues(t *testing.T) {
	t.Parallel()
	got, err := asJSON([]byte("b: &b {on: 2026-07-01, n: 1.50, i: 07}\na: [*b, null, true, '1', <é&>]\n200: \"x\\ny\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"b":{"on":"2026-07-01","n":1.5,"i":7},"a":[{"on":"2026-07-01","n":1.5,"i":7},null,true,"1","<é&>"],"200":"x\ny"}` + "\n"
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// write makes a folder of sources: the usual ones and those given, which win. It answers with the root's path.
func write(t *testing.T, more map[string]string) string {
	t.Helper()
	files := map[string]string{
		"root.yaml":              root,
		"paths/things.yaml":      things,
		"common/parameters.yaml": "Limit:\n  name: limit\n  in: query\n",
		"schemas/things.yaml":    "Thing:\n  # A thing may hold things.\n  properties:\n    parts:\n      $ref: '#/Parts'\n\nParts:\n  items:\n    $ref: '#/Thing'\n",
	}
	for name, text := range more {
		files[name] = text
	}
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "root.yaml")
}

func TestEverythingReferredToBecomesAComponent(t *testing.T) {
	t.Parallel()
	const want = banner + `openapi: 3.0.3
paths:
  # The only path.
  /things:
    get:
      parameters:
        - $ref: '#/components/parameters/Limit'
      responses:
        '200':
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Thing'
components:
  schemas:
    Parts:
      items:
        $ref: '#/components/schemas/Thing'
    Thing:
      # A thing may hold things.
      properties:
        parts:
          $ref: '#/components/schemas/Parts'
  parameters:
    Limit:
      name: limit
      in: query
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
`
	path := write(t, nil)
	for range 3 {
		got, err := bundle(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestMistakesInTheSourcesAreNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		files map[string]string
		want  string
	}{
		"a reference to nothing": {
			map[string]string{"schemas/things.yaml": "Thing:\n  items:\n    $ref: '#/Missing'\n"},
			"schemas/things.yaml:3: #/Missing: there is no such thing",
		},
		"a reference to no file": {
			map[string]string{"schemas/things.yaml": "Thing:\n  items:\n    $ref: other.yaml#/Missing\n"},
			"other.yaml: no such file",
		},
		"a definition nothing refers to": {
			map[string]string{"schemas/idle.yaml": "Idle:\n  type: string\n"},
			"nothing refers to schemas/idle.yaml#/Idle",
		},
		"two of one name": {
			map[string]string{
				"schemas/things.yaml": "Thing:\n  items:\n    $ref: other.yaml#/Thing\n",
				"schemas/other.yaml":  "Thing:\n  type: string\n",
			},
			"two schemas are called Thing",
		},
		"not YAML": {
			map[string]string{"schemas/things.yaml": "Thing: ]"},
			"schemas/things.yaml: yaml:",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := bundle(write(t, tc.files))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want it to say %q", err, tc.want)
			}
		})
	}
}
