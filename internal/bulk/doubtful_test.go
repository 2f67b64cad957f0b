package bulk_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/bulk"
)

// refused imports one row with a cell, which must be its one error, and returns that.
func (s shop) refused(column, cell string) bulk.RowError {
	s.t.Helper()
	file := "sku,name,category,price\nA,Sofa,lamps," + quoted(cell) + "\n"
	if column != "price" {
		file = "sku,name,category,price," + column + "\nA,Sofa,lamps,1," + quoted(cell) + "\n"
	}
	report, err := s.load(file, dry)
	require.NoError(s.t, err)
	require.Len(s.t, report.Errors, 1, "%s %q", column, cell)
	require.Equal(s.t, []any{2, column}, []any{report.Errors[0].Line, report.Errors[0].Column})
	return report.Errors[0]
}

func quoted(cell string) string { return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"` }

func TestImport_RefusesNumbersThatCountriesReadDifferently(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for _, c := range []struct{ column, cell, code, says string }{
		{"price", "1.200", "too_many_decimals", "1.200 has more decimals than USD has: write 1.20 or 1200."},
		{"price", "12.000", "too_many_decimals", "write 12.00 or 12000."},
		{"comparePrice", "1.299", "too_many_decimals", "write 1299 if that is meant."},
		{"costPrice", "1.5055", "too_many_decimals", "more decimals than USD has."},
		{"price", "1,200", "type", "write 1.20 or 1200."},
		{"price", "1,20", "type", "1,20 is written 1.20."},
		{"price", "2.500,00", "type", "2.500,00 is written 2500.00."},
		{"price", "1,234.50", "type", "1,234.50 is written 1234.50."},
		{"price", "1.234.567", "type", "1.234.567 is written 1234567."},
		{"price", "1 200", "type", "1 200 is written 1200."},
		{"price", "1’200.50", "type", "is written 1200.50."},
		{"weight", "1.250", "ambiguous_number", "write 1.2500 or 1250."},
		{"weight", "1,250", "type", "write 1.2500 or 1250."},
		{"weight", "0,5", "type", "0,5 is written 0.5."},
		{"inventoryQuantity", "1.000", "type", "read in two ways"},
		{"inventoryQuantity", "1,000", "type", "read in two ways"},
		{"lowStockThreshold", "2 000", "type", "read in two ways"},
	} {
		problem := s.refused(c.column, c.cell)
		require.Equal(t, c.code, problem.Code, "%s %s", c.column, c.cell)
		require.Contains(t, problem.Message, c.says)
	}
	require.Equal(t, bulk.Report{Rows: 6, Created: 6}, s.must("sku,name,category,price,weight\n"+
		"A,Sofa,lamps,1.20,1.2500\nB,Sofa,lamps,1.2,0.250\nC,Sofa,lamps,1200,1250\nD,Sofa,lamps,1234.500,1234.500\nE,Sofa,lamps,0.200,1.25\nF,Sofa,lamps,1.00,1.5\n"))
	require.Equal(t, bulk.Report{Rows: 1, Updated: 1}, s.must(`{"sku":"A","price":1.200,"weight":1.234}`), "a number of JSON reads the same everywhere")
	exported := s.export(bulk.CSV)
	require.Contains(t, exported, ",1.2340,")
	require.Equal(t, bulk.Report{Rows: 6, Unchanged: 6}, s.must(exported))
}

func TestImport_RefusesThousandsOfACurrencyWithoutDecimals(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string]map[string]string{
		"JPY": {"1.000": "write 1 or 1000.", "1.200": "write 1200 if that is meant.", "1000.00": "", "1000": ""},
		"KWD": {"1.200": "", "1200.500": "", "1,200": "write 1.200 or 1200."},
	} {
		s := setupIn(t, currency)
		for cell, says := range want {
			report, err := s.load("sku,name,category,price\nA,Sofa,lamps,"+quoted(cell)+"\n", dry)
			require.NoError(t, err)
			if says == "" {
				require.Empty(t, report.Errors, "%s %s", currency, cell)
				continue
			}
			require.Contains(t, report.Errors[0].Message, says, "%s %s", currency, cell)
		}
	}
}

func TestImport_TakesWhatLooksTheSameForOneSKU(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,category,price\nDUP-1,Hook,lamps,4\nÄB-1,Hook,lamps,4\n")
	for _, lookalike := range []string{"DUP-1", "DUP-1 ", "dup-1", "DUP-1\n", "DUP\u200b-1", "\u00a0Dup-1\ufeff", "äb-1", "a\u0308b-1"} {
		s.must("sku,price\n" + quoted(lookalike) + ",5\n")
		s.must("sku,price\nDUP-1,4\nÄB-1,4\n")
		again, err := s.load("sku,price\nDUP-1,4\nÄB-1,4\n"+quoted(lookalike)+",6\n", dry)
		require.NoError(t, err)
		require.Equal(t, "duplicate_sku", again.Errors[0].Code, "%q", lookalike)
	}
	s.must("sku,parentSku,name,option.Size\n\"dup-2\u200b \",\" dup-1\",Hook two,M\n")
	require.Equal(t, 3, strings.Count(s.export(bulk.CSV), "\n")-1)
	require.Contains(t, s.export(bulk.CSV), "\ndup-2,DUP-1,", "as it was typed, without what nobody sees")
	report, err := s.load("sku,name,category,price\n\"\u200b\",Hook,lamps,1\n")
	require.NoError(t, err)
	require.Equal(t, "sku", report.Errors[0].Column)
}

func TestImport_TakesWhatLooksTheSameForOneOption(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,parentSku,name,category,price,option.Color,option.Size\nP,,Scarf,lamps,10,Red,M\nQ,P,b,,,Rouge\u0301,M\n")
	for _, lookalike := range []string{"red", "RED", " Red", "Re\u200bd", "roug\u00e9", "Rouge\u0301"} {
		report, err := s.load("sku,parentSku,name,option.Color,option.Size\nV,P,c," + quoted(lookalike) + ",m\n")
		require.NoError(t, err)
		require.Equal(t, "taken", report.Errors[0].Code, "%q", lookalike)
	}
	s.must("sku,option.color\nP,Green\n")
	require.Contains(t, s.export(bulk.NDJSON), `"options":{"Color":"Green","Size":"M"}`, "color is the Color there is")
	_, err := s.load("sku,option.color,option.Color\nP,Green,Red\n")
	require.ErrorIs(t, err, bulk.ErrHeader)
}

func TestImport_KeepsLookalikesApartThatWereThereBefore(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,category,price\nA-1,Hook,lamps,4\nB-1,Hook,lamps,5\n")
	_, err := s.db.Exec(t.Context(), `UPDATE product_variants SET sku = 'a-1', sku_is_lookalike = true WHERE sku = 'B-1'`)
	require.NoError(t, err)
	s.must("sku,price\na-1,7\n")
	require.Contains(t, s.export(bulk.CSV), "\na-1,,Hook,hook-")
	s.must("sku,price\nA-1,8\n")
	for _, want := range []string{"lamps,DRAFT,7.00", "lamps,DRAFT,8.00"} {
		require.Contains(t, s.export(bulk.CSV), want)
	}
}

func TestImport_ReadsListsOfPicturesAsShopsWriteThem(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,category,price\nA,Lamp,lamps,1\n")
	const a, b = "https://cdn.example.com/a.jpg", "https://cdn.example.com/b.jpg?w=1,2"
	for _, list := range []string{a + " " + b, a + "," + b, a + ", " + b, a + ";" + b, a + "|" + b, a + " | " + b, a + "\n" + b, a + ",\r\n" + b + ","} {
		s.must("sku,images\nA,\n")
		s.must("sku,images\nA," + quoted(list) + "\n")
		require.Contains(t, s.export(bulk.NDJSON), `"images":[{"url":"`+a+`"},{"url":"`+b+`"}]`, "%q", list)
		require.Equal(t, 1, s.must(s.export(bulk.CSV)).Unchanged)
	}
	for _, wrong := range []string{
		"https://", "http:///a.jpg", "https://?x", "https:///", "https://cdn.example.com/a.jpg,b.jpg", "https://a.jpg,b.jpg",
		"//cdn.example.com/a.jpg", "a.jpg", "https://user:secret@example.com/a.jpg", "https://exa mple.com/a.jpg", "https://-/a",
		"https://example.com:99999/a.jpg", "https://example.com/%zz.jpg", `https://example.com\a.jpg`, "https://..com/a.jpg", "javascript:alert(1)",
		"https://cdn.example.com/a.jpg,https://", "data:image/png;base64,AAAA",
	} {
		report, err := s.load("sku,images\nA," + quoted(wrong) + "\n")
		require.NoError(t, err)
		require.NotEmpty(t, report.Errors, "%q", wrong)
		require.Equal(t, []string{"images", "pattern"}, []string{report.Errors[0].Column, report.Errors[0].Code}, "%q", wrong)
	}
	report, err := s.load(`{"sku":"A","images":[{"url":"https://"}]}`)
	require.NoError(t, err)
	require.Equal(t, "pattern", report.Errors[0].Code)
}

func TestImport_HeaderErrorsSayWhatIsThereAndWhatIsRight(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, c := range map[string]struct{ file, code, says string }{
		"semicolons":      {"sku;name;price;category\nA-1;Lamp;10;lamps\n", "delimiter", "semicolons: sku, name, price, category."},
		"tabs":            {"sku\tname\nA\tLamp\n", "delimiter", "tabs: sku, name."},
		"bars":            {"sku|name\nA|Lamp\n", "delimiter", "bars: sku, name."},
		"UTF-16":          {"\xff\xfes\x00k\x00u\x00", "encoding", "UTF-16"},
		"UTF-16 unmarked": {"s\x00k\x00u\x00", "encoding", "UTF-16"},
		"Latin-1":         {"sku,gr\xf6\xdfe\nA,1\n", "encoding", "not UTF-8"},
		"no sku":          {"name,price\nLamp,1\n", "required", "The file has name, price."},
		"other case":      {"SKU,name\nA,Lamp\n", "unknown_column", "it may be sku that is meant"},
		"other words":     {"sku,Compare Price\nA,1\n", "unknown_column", "it may be comparePrice that is meant"},
		"unknown":         {"sku,colour\nA,red\n", "columns", "The columns that can be used are sku, parentSku, name, slug"},
	} {
		_, err := s.load(c.file)
		require.ErrorIs(t, err, bulk.ErrHeader, name)
		require.Contains(t, fields(t, err), c.code, name)
		require.Contains(t, fields(t, err)[c.code], c.says, name)
	}
}

func TestImport_ChildrenOfAFailedProductAreToldSo(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var file strings.Builder
	file.WriteString("sku,parentSku,name,category,price\nP,,Lamp,lamps,x\np2,,Lamp,nowhere,1\nV-1,P,One,,\nV-2,P2,Two,,\n")
	for i := range 1200 { // into the next batch
		fmt.Fprintf(&file, "L-%d,,Lamp,lamps,1\n", i)
	}
	file.WriteString("V-3,p2,Three,,\nV-4,Q,Four,,\n")
	report, err := s.load(file.String())
	require.NoError(t, err)
	codes := map[string]string{}
	for _, problem := range report.Errors {
		codes[problem.SKU] = problem.Code + " " + problem.Message
	}
	require.Contains(t, codes["V-1"], "parent_failed Its product, in line 2,")
	require.Contains(t, codes["V-2"], "parent_failed Its product, in line 3,")
	require.Contains(t, codes["V-3"], "parent_failed Its product, in line 3,")
	require.Contains(t, codes["V-4"], "unknown_parent")
}
