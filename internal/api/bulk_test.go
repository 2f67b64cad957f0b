package api_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/gen/client"
	"cartwright/internal/app/shoptest"
	"cartwright/openapi"
)

// importer imports as an admin of a shop with the category of the spec's examples.
func importer(t *testing.T) (*shoptest.Shop, func(kind, file string, dryRun, atomic bool) *client.ImportCatalogueResponse) {
	t.Helper()
	shop := shoptest.New(t, shoptest.WithoutJobs())
	category, err := shop.Admin.CreateCategoryWithResponse(t.Context(), nil, client.CategoryCreate{Name: "Electronics", Slug: "electronics"})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, category.StatusCode())
	return shop, func(kind, file string, dryRun, atomic bool) *client.ImportCatalogueResponse {
		params := &client.ImportCatalogueParams{DryRun: &dryRun, Atomic: &atomic}
		got, err := shop.Admin.ImportCatalogueWithBodyWithResponse(t.Context(), params, kind, strings.NewReader(file))
		require.NoError(t, err)
		return got
	}
}

// shown is a body that the spec shows for an import.
func shown(t *testing.T, kind, name string) string {
	t.Helper()
	document, err := openapi.Document()
	require.NoError(t, err)
	example := document.Paths.Value("/catalogue/import").Post.RequestBody.Value.Content[kind].Examples[name]
	require.NotNil(t, example)
	return example.Value.Value.(string)
}

func TestTheFilesOfTheSpecCanBeImported(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"text/csv", "application/x-ndjson"} {
		t.Run(kind, func(t *testing.T) {
			shop, load := importer(t)
			got := load(kind, shown(t, kind, "products"), false, false)
			require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body))
			require.EqualValues(t, 2, got.JSON200.Created, string(got.Body))
			require.Empty(t, got.JSON200.Errors)
			product, err := shop.Guest.GetProductWithResponse(t.Context(), "wired-earphones")
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, product.StatusCode())
			require.Equal(t, "29.99", product.JSON200.Price.String())
			require.EqualValues(t, 200, product.JSON200.InventoryQuantity)
			require.Equal(t, "White", product.JSON200.Variants[1].Options["color"])
			if kind == "text/csv" {
				require.EqualValues(t, 2, load(kind, shown(t, kind, "prices"), false, false).JSON200.Updated)
			}
		})
	}
}

func TestAnImportSaysWhatIsWrongWithEachRow(t *testing.T) {
	t.Parallel()
	shop, load := importer(t)
	file := "sku,name,category,price\nA,Lamp,electronics,1\nB,Lamp,electronics,1.999\nC,,nowhere,-1\nA,Twice,electronics,2\n"
	before := contents(t, shop)

	dry := load("text/csv", file, true, true)
	require.Equal(t, http.StatusOK, dry.StatusCode())
	require.EqualValues(t, 1, dry.JSON200.Created, string(dry.Body))
	require.EqualValues(t, 3, dry.JSON200.Failed)
	refused := load("text/csv", file, false, true)
	require.Equal(t, http.StatusUnprocessableEntity, refused.StatusCode())
	require.Equal(t, "import_refused", refused.ApplicationProblemJSON422.Code)
	require.Equal(t, "lines[3].price", refused.ApplicationProblemJSON422.Errors[0].Field)
	require.Equal(t, before, contents(t, shop), "neither has written anything")

	got := load("text/csv; charset=UTF-8", file, false, false)
	require.Equal(t, http.StatusOK, got.StatusCode())
	report := *got.JSON200
	require.EqualValues(t, 4, report.Rows)
	require.EqualValues(t, 1, report.Created)
	require.EqualValues(t, 3, report.Failed)
	var where []string
	for _, problem := range report.Errors {
		where = append(where, *problem.Column+" "+problem.Code)
	}
	require.Equal(t, []string{"price too_many_decimals", "price too_small", "sku duplicate_sku"}, where)
}

func TestAFileThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	shop, load := importer(t)
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	for file, field := range map[string]string{
		"": "lines[1]", "\n\n": "lines[1]", "name,price\n": "lines[1].sku", "sku,colour\n": "lines[1].colour",
		"sku,price,price\n": "lines[1].price", "\nsku,option.\n": "lines[2].option.", "sku,\x00\n": "lines[1].\x00",
	} {
		got := load("text/csv", file, false, false)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode(), file)
		require.Equal(t, field, got.ApplicationProblemJSON422.Errors[0].Field, "%q", file)
	}
	for _, kind := range []string{"application/json", "text/plain", "nonsense", "", "text/csv; charset=latin1"} {
		require.Equal(t, http.StatusUnsupportedMediaType, load(kind, "sku\n", false, false).StatusCode(), kind)
	}
	zipped := send(t, shop, call{method: http.MethodPost, path: "/catalogue/import", token: admin, body: "sku\n",
		header: map[string]string{"Content-Type": "text/csv", "Content-Encoding": "gzip"}})
	requireProblem(t, zipped, http.StatusUnsupportedMediaType)
	query := send(t, shop, call{method: http.MethodPost, path: "/catalogue/import?dryRun=maybe", token: admin, body: "sku\n",
		header: map[string]string{"Content-Type": "text/csv"}})
	requireField(t, query, client.FieldLocationQUERY, "dryRun")
	require.Equal(t, before, contents(t, shop))
}

func TestAnImportHasAnEnd(t *testing.T) {
	t.Parallel()
	shop, _ := importer(t)
	admin := shop.Login("admin@example.com").AccessToken
	before := contents(t, shop)
	// More than is read, and never so much as begun: the length is told first.
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, shop.URL+"/api/v1/catalogue/import", io.LimitReader(zeros{}, 300<<20))
	require.NoError(t, err)
	request.ContentLength = 300 << 20
	request.Header.Set("Content-Type", "text/csv")
	request.Header.Set("Authorization", "Bearer "+admin)
	request.Header.Set("Expect", "100-continue")
	through := &http.Client{Transport: &http.Transport{ExpectContinueTimeout: time.Minute}}
	told, err := through.Do(request)
	require.NoError(t, err)
	_ = told.Body.Close()
	require.Equal(t, http.StatusRequestEntityTooLarge, told.StatusCode)

	// As much, of a length nobody tells.
	untold := io.MultiReader(strings.NewReader("sku,price\n"), io.LimitReader(zeros{}, 300<<20))
	got, err := shop.Admin.ImportCatalogueWithBodyWithResponse(t.Context(), nil, "text/csv", struct{ io.Reader }{untold})
	if err == nil { // the server may have closed the connection before the client had sent everything
		require.Equal(t, http.StatusRequestEntityTooLarge, got.StatusCode(), string(got.Body))
	}
	require.Equal(t, before, contents(t, shop))
}

func TestAFewFilesAtATimeAreTakenAndGiven(t *testing.T) {
	t.Parallel()
	shop, _ := importer(t)
	const places = 4
	var imports []sending
	for i := range places {
		imports = append(imports, begin(t, shop, shop.Admin, fmt.Sprintf("import-%d", i)))
	}
	refused := send(t, shop, call{method: http.MethodGet, path: "/catalogue/export", token: shop.Login("admin@example.com").AccessToken})
	require.Equal(t, "busy", requireProblem(t, refused, http.StatusServiceUnavailable).Code)
	require.Equal(t, "5", refused.header.Get("Retry-After"))
	for _, open := range imports {
		require.NoError(t, open.body.Close())
		require.Equal(t, http.StatusOK, open.status(t))
	}
	require.Equal(t, http.StatusOK, send(t, shop, call{method: http.MethodGet, path: "/catalogue/export", token: shop.Login("admin@example.com").AccessToken}).status)
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestABodyThatBreaksOffIsNoFile(t *testing.T) {
	t.Parallel()
	shop, _ := importer(t)
	admin := shop.Login("admin@example.com").AccessToken
	connection, err := net.Dial("tcp", strings.TrimPrefix(shop.URL, "http://"))
	require.NoError(t, err)
	defer func() { _ = connection.Close() }()
	_, err = io.WriteString(connection, "POST /api/v1/catalogue/import?atomic=true HTTP/1.1\r\nHost: shop\r\nContent-Type: text/csv\r\n"+
		"Authorization: Bearer "+admin+"\r\nContent-Length: 1000\r\n\r\nsku,name,category,price\nA,Lamp,electronics,1\n")
	require.NoError(t, err)
	require.NoError(t, connection.(*net.TCPConn).CloseWrite())
	answer, err := io.ReadAll(connection)
	require.NoError(t, err)
	require.Contains(t, string(answer), "HTTP/1.1 400 ")
	require.Contains(t, string(answer), `"incomplete_body"`)
	missing, err := shop.Guest.GetProductWithResponse(t.Context(), "lamp")
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, missing.StatusCode())
}

func TestAnExportIsAFileThatImportsAgain(t *testing.T) {
	t.Parallel()
	shop, load := importer(t)
	load("text/csv", shown(t, "text/csv", "products"), false, false)
	for format, kind := range map[client.ExportFormat]string{client.ExportFormatCsv: "text/csv", client.ExportFormatNdjson: "application/x-ndjson"} {
		// Not parsed by the client: it takes NDJSON for one JSON value.
		got, err := shop.Staff.ExportCatalogue(t.Context(), &client.ExportCatalogueParams{Format: &format})
		require.NoError(t, err)
		file, err := io.ReadAll(got.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode, string(file))
		require.True(t, strings.HasPrefix(got.Header.Get("Content-Type"), kind))
		require.Equal(t, `attachment; filename="catalogue.`+string(format)+`"`, got.Header.Get("Content-Disposition"))
		again := load(kind, string(file), false, true)
		require.Equal(t, http.StatusOK, again.StatusCode(), string(again.Body))
		require.EqualValues(t, 2, again.JSON200.Unchanged, string(again.Body))
	}
	unknown := client.ExportFormat("xlsx")
	got, err := shop.Staff.ExportCatalogueWithResponse(t.Context(), &client.ExportCatalogueParams{Format: &unknown})
	require.NoError(t, err)
	require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode())
	require.Equal(t, "format", got.ApplicationProblemJSON422.Errors[0].Field)
}

func TestAnExportThatFailsIsNotTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	shop, load := importer(t)
	var file strings.Builder
	file.WriteString("sku,name,category,price,description\n")
	for i := range 600 {
		file.WriteString("S" + strings.Repeat("I", i%40) + string(rune('a'+i/40)) + ",Lamp,electronics,1," + strings.Repeat("long ", 2000) + "\n")
	}
	require.EqualValues(t, 600, load("text/csv", file.String(), false, false).JSON200.Created)
	// What stands on the last page cannot be read.
	_, err := shop.DB.Exec(context.WithoutCancel(t.Context()),
		`UPDATE product_variants SET options = '{"a": 1}' WHERE id = (SELECT id FROM product_variants ORDER BY product_id DESC LIMIT 1)`)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, shop.URL+"/api/v1/catalogue/export?format=ndjson", nil)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+shop.Login("admin@example.com").AccessToken)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	_, err = io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}
