package internal_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The groups of rooms, from the lowest to the highest.
var (
	vocabulary = []string{"errs", "emails", "money", "page", "seal", "budget"}
	mechanics  = []string{"postgres", "postgres/embedded", "jobs", "idempotency", "media", "cache", "ratelimit", "metrics", "crash"}
	records    = []string{"catalog", "inventory", "pricing", "shipping", "customers", "auth", "orders", "payments", "fraud", "audit"}
	workflows  = []string{"carts", "checkout", "assortment", "bulk", "accounts"}
	readers    = []string{"attention", "doctor", "search", "notify", "realtime", "reporting"}
	shop       = slices.Concat(vocabulary, mechanics, records, workflows, readers)
)

// mayImport is the import map: what a room may import of the rest of the module, besides itself. A
// room includes the folders below it that are not rooms themselves. Tests may import from above.
var mayImport = func() map[string][]string {
	rooms := map[string][]string{
		"postgres/pgtest":    {"postgres", "postgres/embedded", "migrations"},
		"payments/stripe":    slices.Concat(vocabulary, mechanics, []string{"payments"}),
		"payments/stripesim": {},
		"demo":               slices.Concat(vocabulary, mechanics, records, workflows),
		"scale":              slices.Concat(vocabulary, mechanics, records, workflows, []string{"gen/db"}),
		"api":                append(slices.Clone(shop), "gen/oapi", "openapi"),
		"app":                append(slices.Clone(shop), "api", "demo", "scale", "payments/stripe", "payments/stripesim", "openapi"),
		"app/shoptest":       append(slices.Clone(shop), "app", "payments/stripesim", "postgres/pgtest", "gen/client", "openapi"),
		"cmd/cartwright":     {"app"},
		"bench":              {"postgres/embedded", "scale"},
		"torture":            {"postgres/embedded", "payments/stripesim"},
		"mutants":            {},
		"gen/client":         {},
		"gen/db":             {},
		"gen/oapi":           {"money"},
		"migrations":         {},
		"openapi":            {},
	}
	below := []string{"errs"}
	for _, room := range vocabulary {
		rooms[room] = below
	}
	below = append(slices.Clone(vocabulary), "gen/db")
	for _, room := range mechanics {
		rooms[room] = slices.Concat(below, mechanics, []string{"migrations"})
	}
	below = append(below, mechanics...)
	for _, room := range records {
		rooms[room] = below
	}
	below = slices.Concat(below, records)
	for _, room := range workflows {
		rooms[room] = below
	}
	rooms["checkout"] = append(slices.Clone(below), "carts")
	rooms["accounts"] = append(slices.Clone(below), "carts")
	below = slices.Concat(below, workflows)
	for _, room := range readers {
		rooms[room] = below
	}
	return rooms
}()

// ofVocabulary are the libraries that vocabulary may import: the Go project's own, of what is a standard elsewhere.
var ofVocabulary = map[string][]string{"emails": {"golang.org/x/net/idna", "golang.org/x/text/unicode/norm"}}

// door is a library that few rooms know, so that replacing it touches one room.
type door struct {
	library      string
	rooms, tests []string
}

var doors = []door{
	{library: "github.com/labstack/echo", rooms: []string{"api", "gen/oapi"}, tests: []string{"api"}},
	{library: "github.com/stripe/stripe-go", rooms: []string{"payments/stripe"}, tests: []string{"payments/stripe", "payments/stripesim"}},
	{library: "github.com/riverqueue/river", rooms: []string{"jobs", "postgres", "postgres/pgtest"}, tests: []string{"jobs", "postgres", "postgres/pgtest"}},
	{library: "github.com/minio/minio-go", rooms: []string{"media"}, tests: []string{"media"}},
	{library: "github.com/redis/go-redis", rooms: []string{"cache"}, tests: []string{"cache"}},
	{library: "github.com/wneessen/go-mail", rooms: []string{"notify"}, tests: []string{"notify"}},
	{library: "github.com/sendgrid", rooms: []string{"notify"}, tests: []string{"notify"}},
	{library: "github.com/prometheus/client_golang", rooms: []string{"metrics"}, tests: []string{"metrics"}},
	{library: "github.com/pquerna/otp", rooms: []string{"auth"}, tests: []string{"auth", "api"}},
	{library: "github.com/caarlos0/env", rooms: []string{"app"}, tests: []string{"app"}},
}

// mayReadEnvironment are the rooms that may ask the operating system. Tests may, too, and torture passes it on to what
// it starts.
var mayReadEnvironment = []string{"app", "postgres/pgtest", "torture"}

// pkg is a package as `go list -json` tells it.
type pkg struct {
	ImportPath, Dir                             string
	GoFiles, Imports, TestImports, XTestImports []string
}

// roomOf is the room with the longest name that holds the package, or "".
func roomOf(importPath string) (room string) {
	short := shortOf(importPath)
	for known := range mayImport {
		if (short == known || strings.HasPrefix(short, known+"/")) && len(known) > len(room) {
			room = known
		}
	}
	return room
}

func shortOf(importPath string) string {
	return strings.TrimPrefix(strings.TrimPrefix(importPath, "cartwright/"), "internal/")
}

func (p pkg) violations() (found []string) {
	room := roomOf(p.ImportPath)
	if room == "" {
		return []string{p.ImportPath + " has no place on the import map"}
	}
	for _, imported := range p.Imports {
		other := roomOf(imported)
		switch {
		case strings.HasPrefix(imported, "cartwright/") && other != room && !slices.Contains(mayImport[room], other):
			found = append(found, fmt.Sprintf("%s may not import %s", shortOf(p.ImportPath), shortOf(imported)))
		case slices.Contains(vocabulary, room) && strings.Contains(imported, ".") && !slices.Contains(ofVocabulary[room], imported):
			found = append(found, fmt.Sprintf("%s is vocabulary and may not import %s", room, imported))
		}
	}
	for _, door := range doors {
		if !slices.Contains(door.rooms, room) && door.leadsTo(p.Imports) {
			found = append(found, fmt.Sprintf("%s may not import %s", shortOf(p.ImportPath), door.library))
		}
		if !slices.Contains(door.tests, room) && door.leadsTo(slices.Concat(p.TestImports, p.XTestImports)) {
			found = append(found, fmt.Sprintf("the tests of %s may not import %s", shortOf(p.ImportPath), door.library))
		}
	}
	return found
}

func (d door) leadsTo(imports []string) bool {
	return slices.ContainsFunc(imports, func(path string) bool {
		return path == d.library || strings.HasPrefix(path, d.library+"/")
	})
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, violation := range p.violations() {
			t.Error(violation)
		}
	}
}

func TestOnlyAppReadsTheEnvironment(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if slices.Contains(mayReadEnvironment, roomOf(p.ImportPath)) || !slices.Contains(p.Imports, "os") {
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			if call := environmentCall(file); call != "" {
				t.Errorf("%s in %s: only package app reads the environment", call, filepath.Join(shortOf(p.ImportPath), name))
			}
		}
	}
}

// environmentCall is the first use of a function that reads the environment.
func environmentCall(file *ast.File) (found string) {
	reads := []string{"Getenv", "LookupEnv", "Environ", "ExpandEnv"}
	ast.Inspect(file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		of, ok := selector.X.(*ast.Ident)
		if ok && (of.Name == "os" || of.Name == "syscall") && slices.Contains(reads, selector.Sel.Name) {
			found = of.Name + "." + selector.Sel.Name
		}
		return found == ""
	})
	return found
}

func packages(t *testing.T) (all []pkg) {
	t.Helper()
	noticeChanges(t)
	output, err := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "cartwright/...").Output()
	require.NoError(t, err)
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if p.ImportPath != "cartwright/internal" { // this test
			all = append(all, p)
		}
	}
	require.NotEmpty(t, all)
	return all
}

// noticeChanges looks into the folders itself: `go test` takes a result from its cache unless it saw
// the test read what has changed, and what `go list` reads it does not see.
func noticeChanges(t *testing.T) {
	t.Helper()
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".") && path != "..") {
			return filepath.SkipDir
		}
		return err
	}))
}

func TestWrongDoorsAreFound(t *testing.T) {
	t.Parallel()
	const in = "cartwright/internal/"
	wrong := map[string]pkg{
		"a record imports another":            {ImportPath: in + "orders", Imports: []string{in + "payments"}},
		"a record imports a workflow":         {ImportPath: in + "catalog", Imports: []string{in + "carts"}},
		"a workflow imports another":          {ImportPath: in + "carts", Imports: []string{in + "checkout"}},
		"a workflow imports a reader":         {ImportPath: in + "checkout", Imports: []string{in + "search"}},
		"mechanics import a record":           {ImportPath: in + "jobs", Imports: []string{in + "orders"}},
		"vocabulary imports mechanics":        {ImportPath: in + "page", Imports: []string{in + "postgres"}},
		"vocabulary imports other vocabulary": {ImportPath: in + "errs", Imports: []string{in + "money"}},
		"vocabulary imports a library":        {ImportPath: in + "money", Imports: []string{"github.com/shopspring/decimal"}},
		"somebody imports the edge":           {ImportPath: in + "search", Imports: []string{in + "api"}},
		"the edge imports the queries":        {ImportPath: in + "api", Imports: []string{"cartwright/gen/db"}},
		"gen/oapi outside the edge":           {ImportPath: in + "carts", Imports: []string{"cartwright/gen/oapi"}},
		"test tools in the service":           {ImportPath: in + "app", Imports: []string{in + "postgres/pgtest"}},
		"the provider outside the assembly":   {ImportPath: in + "checkout", Imports: []string{in + "payments/stripe"}},
		"the stand-in outside the assembly":   {ImportPath: in + "api", Imports: []string{in + "payments/stripesim"}},
		"Echo outside the edge":               {ImportPath: in + "app", Imports: []string{"github.com/labstack/echo/v4/middleware"}},
		"Echo in a test outside the edge":     {ImportPath: in + "carts", TestImports: []string{"github.com/labstack/echo/v4"}},
		"stripe-go outside its room":          {ImportPath: in + "payments", Imports: []string{"github.com/stripe/stripe-go/v76"}},
		"stripe-go in the stand-in itself":    {ImportPath: in + "payments/stripesim", Imports: []string{"github.com/stripe/stripe-go/v76"}},
		"river outside its rooms":             {ImportPath: in + "checkout", Imports: []string{"github.com/riverqueue/river"}},
		"the environment's reader elsewhere":  {ImportPath: in + "notify", Imports: []string{"github.com/caarlos0/env/v11"}},
		"a room that is not on the map":       {ImportPath: in + "util"},
	}
	for name, p := range wrong {
		require.Len(t, p.violations(), 1, name)
	}
	right := []pkg{
		{ImportPath: in + "checkout", Imports: []string{"context", in + "carts", in + "orders", in + "payments", in + "jobs", "cartwright/gen/db"}},
		{ImportPath: in + "page", Imports: []string{"encoding/base64", in + "errs"}},
		{ImportPath: in + "api/docsui", Imports: []string{"embed"}},
		{ImportPath: in + "payments/stripesim", XTestImports: []string{"github.com/stripe/stripe-go/v76/client"}},
		{ImportPath: in + "checkout", XTestImports: []string{in + "app/shoptest", in + "postgres/pgtest"}},
	}
	for _, p := range right {
		require.Empty(t, p.violations(), p.ImportPath)
	}
}

func TestReadingTheEnvironmentIsFound(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		`import "os"; var a = os.Getenv("A")`:                                "os.Getenv",
		`import "os"; func f() { _, _ = os.LookupEnv("A") }`:                 "os.LookupEnv",
		`import "os/exec"; import "os"; var e = exec.Cmd{Env: os.Environ()}`: "os.Environ",
		`import "os"; var a = os.Args`:                                       "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+code, parser.SkipObjectResolution)
		require.NoError(t, err)
		require.Equal(t, want, environmentCall(file), code)
	}
}
