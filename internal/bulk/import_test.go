package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cartwright/internal/app/shoptest"
	"cartwright/internal/bulk"
)

func TestAFileCreatesChangesAndLeavesAlone(t *testing.T) {
	t.Parallel()
	s := setup(t)
	file := lamps(2500)
	report := s.must(file)
	require.Equal(t, bulk.Report{Rows: 2500, Created: 2500}, report)
	before := s.contents()
	require.Equal(t, bulk.Report{Rows: 2500, Unchanged: 2500}, s.must(file))
	require.Equal(t, before, s.contents(), "a file that changes nothing writes nothing")

	changed := strings.Replace(file, "LAMP-7,Lamp 7,lamps,7.50", "LAMP-7,Lamp seven,tables,7.75", 1)
	require.Equal(t, bulk.Report{Rows: 2500, Updated: 1, Unchanged: 2499}, s.must(changed))
	require.Contains(t, s.export(bulk.CSV), "LAMP-7,,Lamp seven,lamp-7,,,tables,ACTIVE,7.75,")
}

func TestABadRowLosesOnlyItself(t *testing.T) {
	t.Parallel()
	s := setup(t)
	file := strings.Replace(lamps(1000), "LAMP-500,Lamp 500,lamps,500.50", "LAMP-500,Lamp 500,lamps,500.5055", 1)
	report, err := s.load(file)
	require.NoError(t, err)
	require.Equal(t, bulk.Report{Rows: 1000, Created: 999, Failed: 1, Errors: []bulk.RowError{{
		Line: 502, Column: "price", SKU: "LAMP-500", Code: "too_many_decimals", Message: "This has more decimals than USD has.",
	}}}, report)
	require.Equal(t, 1000, strings.Count(s.export(bulk.CSV), "\n"))
}

func TestAnAtomicImportWritesEverythingOrNothing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must(lamps(10))
	before := s.contents()
	bad := strings.Replace(lamps(2100), "LAMP-2050,Lamp 2050,lamps", "LAMP-2050,Lamp 2050,nowhere", 1)
	report, err := s.load(bad, atomic)
	require.ErrorIs(t, err, bulk.ErrRefused)
	require.Equal(t, 1, report.Failed)
	require.Zero(t, report.Written())
	require.Equal(t, 2052, report.Errors[0].Line)
	require.Equal(t, before, s.contents())
	require.Equal(t, 2090, s.must(lamps(2100), atomic).Created)
}

func TestADryRunTellsWhatWouldComeAndWritesNothing(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]func(*bulk.Options){"alone": {dry}, "atomic": {dry, atomic}} {
		t.Run(name, func(t *testing.T) {
			s := setup(t)
			s.must(lamps(10))
			before := s.contents()
			// The last row's parent stands in an earlier batch, and no SKU of it is in the shop.
			file := strings.ReplaceAll(lamps(1500), "\nLAMP-3,Lamp 3,lamps,3.50,3", "\nLAMP-3,Lamp 3,lamps,3.75,9") + "BAD,,,,,\n"
			file = strings.ReplaceAll(file, "\n", ",\n")
			file = strings.Replace(file, "status,\n", "status,parentSku\n", 1) + "V,Big,,,4,,LAMP-20\n"
			report, err := s.load(file, options...)
			require.NoError(t, err)
			require.Equal(t, []int{1502, 1491, 1, 9, 1},
				[]int{report.Rows, report.Created, report.Updated, report.Unchanged, report.Failed}, "%v", report.Errors)
			require.Equal(t, before, s.contents())
		})
	}
}

func TestOnlyTheColumnsThereAreWritten(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must(`{"sku":"A","name":"Lamp","slug":"lamp","category":"lamps","price":10,"comparePrice":12,"costPrice":3,"description":"Bright",` +
		`"inventoryQuantity":5,"weight":1.5,"dimensions":"1 × 2","isFeatured":true,"seoTitle":"T","images":[{"url":"https://example.com/a.png","altText":"A lamp"}],` +
		`"options":{"color":"Black"},"status":"ACTIVE"}`)
	s.must(`{"sku":"A-2","parentSku":"A","name":"Big lamp","options":{"color":"White"}}`)
	at := func() string { return s.export(bulk.NDJSON) }
	whole := at()
	require.Contains(t, whole, `"sku":"A-2","parentSku":"A","name":"Big lamp","inventoryQuantity"`, "it has no price of its own")

	s.must("sku,price\nA,11\n")
	require.Contains(t, at(), `"price":11.00,"comparePrice":12.00,"costPrice":3.00`)
	s.must("sku,price\nA,10\n")
	require.Equal(t, whole, at())
	s.must("sku,inventoryQuantity\nA,7\nA-2,2\n")
	require.Equal(t, strings.NewReplacer(`"inventoryQuantity":5`, `"inventoryQuantity":7`, `"inventoryQuantity":0`, `"inventoryQuantity":2`).Replace(whole), at())
	s.must("sku,inventoryQuantity\nA,5\nA-2,0\n")

	t.Run("and nothing in a cell clears, or leaves alone", func(t *testing.T) {
		s.must("sku,name,price,comparePrice,description,weight,isFeatured,option.color,images\nA,,,,,,,,\n")
		cleared := at()
		for _, gone := range []string{"comparePrice", "description", "weight", "images", `"Black"`} {
			require.NotContains(t, strings.SplitN(cleared, "\n", 2)[0], gone)
		}
		require.Contains(t, cleared, `"name":"Lamp"`)
		require.Contains(t, cleared, `"price":10.00`)
		require.Contains(t, cleared, `"isFeatured":true`)
	})
	t.Run("null clears, absent leaves alone", func(t *testing.T) {
		s.must(`{"sku":"A","dimensions":null}`)
		require.NotContains(t, at(), "dimensions")
		require.Contains(t, at(), `"seoTitle":"T"`)
		for _, name := range []string{"name", "slug", "category", "status", "price", "trackInventory", "inventoryQuantity", "allowBackorder", "isActive"} {
			report, err := s.load(`{"sku":"A","` + name + `":null}`)
			require.NoError(t, err)
			require.Equal(t, "not_nullable", report.Errors[0].Code, name)
			require.Equal(t, name, report.Errors[0].Column)
		}
	})
	t.Run("an option's column is that option's alone", func(t *testing.T) {
		s.must("sku,option.size\nA-2,Big\n")
		require.Contains(t, at(), `"options":{"color":"White","size":"Big"}`)
	})
	t.Run("an image that stays keeps its text", func(t *testing.T) {
		s.must(`{"sku":"A","images":[{"url":"https://example.com/a.png","altText":"A lamp"},{"url":"https://example.com/b.png"}]}`)
		s.must("sku,images\nA,https://example.com/b.png https://example.com/a.png\n")
		require.Contains(t, at(), `"images":[{"url":"https://example.com/b.png"},{"url":"https://example.com/a.png","altText":"A lamp"}]`)
	})
	t.Run("unless the file says something of it", func(t *testing.T) {
		one := func(file, want string) {
			t.Helper()
			require.Equal(t, 1, s.must(file).Updated)
			require.Contains(t, at(), `"images":[`+want+`]`)
			require.Equal(t, 1, s.must(file).Unchanged)
		}
		const a, b = `{"url":"https://example.com/a.png"`, `{"url":"https://example.com/b.png"`
		one("sku,imageAltTexts\nA,\"[\"\"<B>\"\",null]\"\n", b+`,"altText":"<B>"},`+a+`}`)
		require.Contains(t, s.export(bulk.CSV), `,"[""<B>"",null]",`)
		one("sku,images,imageAltTexts\nA,https://example.com/a.png https://example.com/b.png,\"[\"\"\"\",\"\"B\"\"]\"\n", a+`,"altText":""},`+b+`,"altText":"B"}`)
		one(`{"sku":"A","images":[`+a+`},`+b+`,"altText":null}]}`, a+`,"altText":""},`+b+`}`)
		one("sku,imageAltTexts\nA,\n", a+`},`+b+`}`)
	})
}

func TestADefaultVariantIsNamedLikeItsProductUnlessToldOtherwise(t *testing.T) {
	t.Parallel()
	s := setup(t)
	names := func() (found string) {
		require.NoError(t, s.db.QueryRow(t.Context(), `SELECT string_agg(p.name || '/' || v.name, ', ' ORDER BY v.sku)
			FROM products p JOIN product_variants v ON v.product_id = p.id`).Scan(&found))
		return found
	}
	s.must("sku,name,category,price,variantName\nA,Lamp,lamps,1,\nB,Lamp,lamps,1,Black\n")
	require.Equal(t, "Lamp/Lamp, Lamp/Black", names())
	s.must("sku,name\nA,Light\nB,Light\n")
	require.Equal(t, "Light/Light, Light/Black", names(), "a name of its own stays where there is no such column")
	s.must("sku,variantName\nA,White\nB,\n")
	require.Equal(t, "Light/White, Light/Light", names())
	s.must(`{"sku":"A","name":"Lamp","variantName":null}` + "\n" + `{"sku":"B","name":"Lamp","variantName":"Black"}`)
	require.Equal(t, "Lamp/Lamp, Lamp/Black", names())
	require.Equal(t, bulk.Report{Rows: 2, Unchanged: 2}, s.must("sku,variantName\nA,\nB,Black\n"))
}

func TestARowIsNamedByLineAndColumn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,parentSku,name,category,price\nP,,Lamp,lamps,1\nV,P,Big,,\nQ,,Other,lamps,1\n")
	before := s.contents()
	long := strings.Repeat("x", 10<<20)
	csv := func(column, cell string) string {
		return "sku,name,category,price," + column + "\nA,Lamp,lamps,1," + cell + "\n"
	}
	row := func(members string) string {
		return `{"sku":"A","name":"Lamp","category":"lamps","price":1,` + members + `}`
	}
	for name, c := range map[string]struct{ file, column, code string }{
		"a NUL":                      {csv("seoTitle", "a\x00b"), "seoTitle", "invalid_text"},
		"a NUL in JSON":              {row(`"seoTitle":"a\u0000b"`), "seoTitle", "invalid_text"},
		"a NUL in an option's name":  {row(`"options":{"a\u0000":"b"}`), "options", "invalid_text"},
		"no UTF-8":                   {csv("seoTitle", "a\xff"), "seoTitle", "invalid_text"},
		"no UTF-8 in JSON":           {row(`"seoTitle":"` + "\xff" + `"`), "", "invalid_text"},
		"10 MB of text":              {csv("description", long), "", "too_long"},
		"10 MB of quoted text":       {csv("description", `"`+strings.Repeat("x\n", 5<<20)+`"`), "", "too_long"},
		"10 MB of JSON":              {row(`"description":"` + long + `"`), "", "too_long"},
		"10 MB of cells":             {csv("description", strings.Repeat(",", 10<<20)), "", "too_long"},
		"a long text":                {csv("description", strings.Repeat("x", 50001)), "description", "too_long"},
		"a price below zero":         {"sku,name,category,price\nA,Lamp,lamps,-1\n", "price", "too_small"},
		"too many decimals":          {csv("costPrice", "1.001"), "costPrice", "too_many_decimals"},
		"a comma for a point":        {csv("costPrice", `"1,50"`), "costPrice", "type"},
		"a currency sign":            {csv("costPrice", "$1"), "costPrice", "type"},
		"a price beyond range":       {csv("costPrice", "1e30"), "costPrice", "out_of_range"},
		"a price as text":            {row(`"costPrice":"1"`), "costPrice", "type"},
		"units below zero":           {csv("inventoryQuantity", "-1"), "inventoryQuantity", "too_small"},
		"units owed by a variant":    {"sku,parentSku,name,inventoryQuantity\nA,P,Small,-1\n", "inventoryQuantity", "too_small"},
		"units owed without orders":  {"sku,inventoryQuantity,allowBackorder\nP,-1,false\n", "inventoryQuantity", "too_small"},
		"too many units owed":        {row(`"allowBackorder":true,"inventoryQuantity":-1000000001`), "inventoryQuantity", "too_small"},
		"back-orders of some kind":   {row(`"allowBackorder":"no"`), "allowBackorder", "type"},
		"part of a unit":             {csv("inventoryQuantity", "1.5"), "inventoryQuantity", "type"},
		"too many units":             {csv("inventoryQuantity", "99999999999"), "inventoryQuantity", "too_large"},
		"more than any number":       {csv("inventoryQuantity", strings.Repeat("9", 40)), "inventoryQuantity", "too_large"},
		"units as text":              {row(`"inventoryQuantity":"1"`), "inventoryQuantity", "type"},
		"a weight of hexadecimals":   {csv("weight", "0x1p4"), "weight", "type"},
		"an infinite weight":         {csv("weight", "Inf"), "weight", "type"},
		"a weight below zero":        {csv("weight", "-0.5"), "weight", "too_small"},
		"neither true nor false":     {csv("isFeatured", "yes"), "isFeatured", "type"},
		"an unknown status":          {csv("status", "SOLD"), "status", "unknown_value"},
		"a slug with capitals":       {csv("slug", "Lamp"), "slug", "pattern"},
		"a reserved slug":            {csv("slug", "search"), "slug", "reserved"},
		"another product's slug":     {csv("slug", "other"), "slug", "taken"},
		"an unknown category":        {"sku,name,category,price\nA,Lamp,chairs,1\n", "category", "unknown_category"},
		"a blank name":               {"sku,name,category,price\nA,  ,lamps,1\n", "name", "pattern"},
		"no name":                    {"sku,category,price\nA,lamps,1\n", "name", "required"},
		"no category":                {"sku,name,price\nA,Lamp,1\n", "category", "required"},
		"no price":                   {"sku,name,category,price\nA,Lamp,lamps,\n", "price", "required"},
		"no SKU":                     {"sku,name,category,price\n,Lamp,lamps,1\n", "sku", "required"},
		"no SKU in JSON":             {`{"name":"Lamp"}`, "sku", "required"},
		"a long SKU":                 {"sku,name,category,price\n" + strings.Repeat("A", 65) + ",Lamp,lamps,1\n", "sku", "too_long"},
		"an unknown parent":          {csv("parentSku", "X"), "parentSku", "unknown_parent"},
		"a variant for a parent":     {csv("parentSku", "V"), "parentSku", "unknown_parent"},
		"a product's in a variant":   {"sku,parentSku,name,slug\nA,P,Small,small\n", "slug", "not_of_a_variant"},
		"another parent":             {"sku,parentSku\nV,Q\n", "parentSku", "parent_mismatch"},
		"a variant without parent":   {"sku,parentSku\nV,\n", "parentSku", "parent_mismatch"},
		"a product with a parent":    {"sku,parentSku\nP,Q\n", "parentSku", "parent_mismatch"},
		"an address of another kind": {csv("images", "ftp://example.com/a.png"), "images", "pattern"},
		"an image twice":             {csv("images", "https://example.com/a https://example.com/a"), "images", "duplicate"},
		"too many images":            {csv("images", strings.Repeat("https://example.com/a ", 21)), "images", "too_many"},
		"images as text":             {row(`"images":"https://example.com/a"`), "images", "type"},
		"images of another form":     {row(`"images":[{"href":"https://example.com/a"}]`), "images", "type"},
		"an address with a space":    {row(`"images":[{"url":"https://example.com/a\u00a0b"}]`), "images", "pattern"},
		"texts that are no JSON":     {csv("imageAltTexts", "A lamp"), "imageAltTexts", "type"},
		"texts that are no list":     {csv("imageAltTexts", "null"), "imageAltTexts", "type"},
		"texts that are no UTF-8":    {csv("imageAltTexts", `"[""`+"\xff"+`""]"`), "imageAltTexts", "invalid_text"},
		"a text that is none":        {csv("imageAltTexts", "[1]"), "imageAltTexts", "type"},
		"a NUL in a text":            {csv("imageAltTexts", `"[""a\u0000""]"`), "imageAltTexts", "invalid_text"},
		"a long text of an image":    {csv("imageAltTexts", `"[""`+strings.Repeat("x", 501)+`""]"`), "imageAltTexts", "too_long"},
		"more texts than images":     {csv("imageAltTexts", "[null]"), "imageAltTexts", "count"},
		"fewer texts than images":    {csv("images,imageAltTexts", "https://example.com/a,[]"), "imageAltTexts", "count"},
		"texts beside JSON's images": {row(`"imageAltTexts":[]`), "imageAltTexts", "unknown_column"},
		"a number for a text":        {row(`"images":[{"url":"https://example.com/a","altText":1}]`), "images", "type"},
		"a blank name of a default":  {csv("variantName", " "), "variantName", "pattern"},
		"a name of a default in one": {"sku,parentSku,name,variantName\nA,P,Small,Other\n", "variantName", "not_of_a_variant"},
		"options as a list":          {row(`"options":["a"]`), "options", "type"},
		"a number as an option":      {row(`"options":{"a":1}`), "options", "type"},
		"a long option":              {csv("option.color", strings.Repeat("x", 101)), "option.color", "too_long"},
		"too many options":           {row(`"options":{"a":"","b":"","c":"","d":"","e":"","f":"","g":"","h":"","i":"","j":"","k":""}`), "options", "too_many"},
		"an unknown column of JSON":  {row(`"colour":"red"`), "colour", "unknown_column"},
		"a column twice in JSON":     {row(`"price":2`), "price", "duplicate"},
		"a cell too few":             {"sku,name,category,price\nA,Lamp,lamps\n", "", "cells"},
		"a quote within a cell":      {csv("seoTitle", `a"b`), "", "malformed_csv"},
		"text behind a quote":        {csv("seoTitle", `"a"b`), "", "malformed_csv"},
		"a quote that stays open":    {csv("seoTitle", `"a`), "", "malformed_csv"},
		"no JSON":                    {`{"sku":`, "", "malformed_json"},
		"two values on a line":       {row(`"weight":1`) + `{}`, "", "malformed_json"},
		"a list":                     {"{}\n[1]", "", "malformed_json"},
	} {
		t.Run(name, func(t *testing.T) {
			// Good rows stand before and behind, except behind a quote that swallows them.
			file := c.file
			line := 2
			if strings.HasPrefix(file, "{") {
				file = `{"sku":"Q","price":1}` + "\n" + file + "\n" + `{"sku":"P","price":1}`
			} else if !strings.Contains(name, "stays open") {
				file += strings.Repeat("\n", 3)
			}
			report, err := s.load(file)
			require.NoError(t, err)
			require.NotEmpty(t, report.Errors)
			last := report.Errors[len(report.Errors)-1]
			if name == "a list" {
				line = 3
			}
			require.Equal(t, []any{line, c.column, c.code}, []any{last.Line, last.Column, last.Code}, last.Message)
			require.NotEmpty(t, last.Message)
		})
	}
	require.Equal(t, before, s.contents())
}

func TestTheSameSKUTwiceIsOneTooMany(t *testing.T) {
	t.Parallel()
	s := setup(t)
	report, err := s.load(lamps(1500) + "LAMP-3,Again,lamps,1,1,DRAFT\n")
	require.NoError(t, err)
	require.Equal(t, 1500, report.Created)
	require.Equal(t, []bulk.RowError{{
		Line: 1502, Column: "sku", Code: "duplicate_sku", Message: "This SKU stands in line 5 already.",
	}}, report.Errors)
}

func TestLinesAreCountedThroughCellsOfManyLines(t *testing.T) {
	t.Parallel()
	s := setup(t)
	file := "\uFEFFsku,name,category,price,description\r\n" +
		"A,Lamp,lamps,1,\"one\r\ntwo \"\"quoted\"\"\r\n\r\nfour\"\r\n\r\n" +
		"B,Lamp,lamps,x,\n" +
		"C,Lamp,lamps,1,\"bad\"\"\" cell\"\n" +
		"D,Lamp,lamps,1," // no line end, as spreadsheets like it
	report, err := s.load(file)
	require.NoError(t, err)
	require.Equal(t, 2, report.Created)
	require.Equal(t, []int{7, 8}, []int{report.Errors[0].Line, report.Errors[1].Line})
	require.Contains(t, s.export(bulk.NDJSON), `"description":"one\r\ntwo \"quoted\"\r\n\r\nfour"`)
}

func TestNewProductsGetSlugsOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,category,price\nA,Lamp,lamps,1\nB,Lamp,lamps,1\nC,🛋,lamps,1\nD,Search,lamps,1\n")
	s.must("sku,name,category,price\nE,Lamp,lamps,1\n")
	require.Regexp(t, `(?s)A,,Lamp,lamp,.*B,,Lamp,lamp-[0-9a-f]{8},.*C,,🛋,product-[0-9a-f]{8},.*D,,Search,search-[0-9a-f]{8},.*E,,Lamp,lamp-[0-9a-f]{8},`,
		s.export(bulk.CSV))
}

func TestTwoImportsOfTheSameFileMakeOneShop(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]func(*bulk.Options){"row by row": {}, "atomically": {atomic}} {
		t.Run(name, func(t *testing.T) {
			s := setup(t)
			file := lamps(1200)
			var reports [2]bulk.Report
			var failures [2]error
			shoptest.Together(2, func(i int) { reports[i], failures[i] = s.load(file, options...) })
			require.NoError(t, errors.Join(failures[:]...))
			require.Empty(t, append(reports[0].Errors, reports[1].Errors...))
			require.Equal(t, 1200, reports[0].Created+reports[1].Created)
			require.Equal(t, bulk.Report{Rows: 1200, Unchanged: 1200}, s.must(file))
		})
	}
}

// breaking is a file that ends the import's context at some byte.
type breaking struct {
	*strings.Reader
	left int
	end  context.CancelFunc
}

func (b *breaking) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p[:min(len(p), 4096)])
	if b.left -= n; b.left < 0 {
		b.end()
	}
	return n, err
}

func TestAnImportThatWasCutOffIsFinishedByItsRepetition(t *testing.T) {
	t.Parallel()
	s, other := setup(t), setup(t)
	file := lamps(5000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	report, err := s.Import(ctx, struct{ io.Reader }{&breaking{strings.NewReader(file), len(file) / 2, cancel}}, bulk.Options{Format: bulk.CSV})
	require.ErrorIs(t, err, context.Canceled)
	require.Positive(t, report.Created)
	require.Less(t, report.Created, 5000)
	require.Zero(t, report.Created%1000, "it ended behind a batch")
	require.Equal(t, report.Created+1, strings.Count(s.export(bulk.CSV), "\n"), "it knows how far it came")

	again := s.must(file)
	require.Equal(t, 5000, again.Created+report.Created)
	require.Equal(t, report.Created, again.Unchanged)
	other.must(file)
	require.Equal(t, other.export(bulk.CSV), s.export(bulk.CSV))
}

func TestARepeatedImportDoublesNothing(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("sku,name,category,price,inventoryQuantity,allowBackorder,images,imageAltTexts,variantName\n")
	for i := range 5000 {
		fmt.Fprintf(&file, "A-%d,Lamp %d,lamps,1,%d,true,https://example.com/%d https://example.com/x,\"[null,\"\"X\"\"]\",Black\n", i, i, i%7, i)
	}
	for name, options := range map[string][]func(*bulk.Options){"row by row": {}, "atomically": {atomic}} {
		t.Run(name, func(t *testing.T) {
			s := setup(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			cut := bulk.Options{Format: bulk.CSV, Atomic: len(options) > 0}
			_, err := s.Import(ctx, struct{ io.Reader }{&breaking{strings.NewReader(file.String()), file.Len() / 2, cancel}}, cut)
			require.ErrorIs(t, err, context.Canceled)
			s.must(file.String(), options...)
			before := s.contents()
			require.Equal(t, bulk.Report{Rows: 5000, Unchanged: 5000, Atomic: cut.Atomic}, s.must(file.String(), options...))
			require.Equal(t, before, s.contents())
			for table, want := range map[string]int{"products": 5000, "product_variants": 5000, "product_images": 10000, "stock_levels": 5000,
				"stock_movements": 5000 - 715} {
				require.True(t, strings.HasPrefix(before[table], fmt.Sprint(want, " ")), "%s: %s", table, before[table])
			}
		})
	}
}

func TestAtomicImportsOfStreamsAreCopiedFirst(t *testing.T) {
	t.Parallel()
	s := setup(t)
	report, err := s.Import(t.Context(), struct{ io.Reader }{strings.NewReader(lamps(1001))}, bulk.Options{Format: bulk.CSV, Atomic: true})
	require.NoError(t, err)
	require.Equal(t, 1001, report.Created)
}

func TestAnImportHasAMostOfRows(t *testing.T) {
	t.Parallel()
	s := setup(t)
	report, err := s.load(lamps(11), func(o *bulk.Options) { o.MaxRows = 10 })
	require.ErrorIs(t, err, bulk.ErrTooManyRows)
	require.Equal(t, 10, report.Created)
	_, err = s.load(lamps(10), func(o *bulk.Options) { o.MaxRows = 10 })
	require.NoError(t, err)
}

func TestStockIsSetAndNeverBelowWhatOrdersHold(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]func(*bulk.Options){"row by row": {}, "atomically": {atomic}} {
		t.Run(name, func(t *testing.T) {
			s := setup(t)
			s.must("sku,name,category,price,inventoryQuantity\nA,Lamp,lamps,1,10\nB,Table,tables,1,10\n")
			reserve := func(units int) {
				_, err := s.db.Exec(t.Context(), `UPDATE stock_levels SET reserved = $1
					WHERE variant_id = (SELECT id FROM product_variants WHERE sku = 'A')`, units)
				require.NoError(t, err)
			}
			reserve(4)

			report, err := s.load("sku,price,inventoryQuantity\nA,2,3\nB,2,3\n", options...)
			require.Equal(t, len(options) > 0, errors.Is(err, bulk.ErrRefused))
			require.Len(t, report.Errors, 1)
			require.Equal(t, "below_reserved", report.Errors[0].Code)
			require.Equal(t, 2, report.Errors[0].Line)
			require.Contains(t, s.export(bulk.CSV), "A,,Lamp,lamp,,,lamps,DRAFT,1.00,,,true,10,", "the row is lost as a whole")
			s.must("sku,inventoryQuantity\nA,4\nB,0\n", options...)
			require.Contains(t, s.export(bulk.CSV), "A,,Lamp,lamp,,,lamps,DRAFT,1.00,,,true,4,")
			reserve(0)
		})
	}
}

func TestBackOrdersAreAllowedAndEndLikeThoseOfTheAPI(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]func(*bulk.Options){"row by row": {}, "atomically": {atomic}} {
		t.Run(name, func(t *testing.T) {
			s := setup(t)
			s.must("sku,parentSku,name,category,price,inventoryQuantity,allowBackorder\nA,,Lamp,lamps,1,10,true\nB,A,Table,,,10,\nC,A,Chair,,,3,TRUE\n", options...)
			levels := func() (found string) {
				require.NoError(t, s.db.QueryRow(t.Context(), `SELECT string_agg(v.sku || ' ' || l.on_hand || CASE WHEN l.allow_backorder THEN ' more' ELSE '' END, ', ' ORDER BY v.sku)
					FROM stock_levels l JOIN product_variants v ON v.id = l.variant_id`).Scan(&found))
				return found
			}
			require.Equal(t, "A 10 more, B 10, C 3 more", levels())
			reserve := func(units int) {
				_, err := s.db.Exec(t.Context(), `UPDATE stock_levels SET reserved = $1
					WHERE variant_id = (SELECT id FROM product_variants WHERE sku = 'A')`, units)
				require.NoError(t, err)
			}
			refused := func(row, column, code string) {
				t.Helper()
				before := s.contents()
				header := "sku,price,inventoryQuantity,allowBackorder\n"
				for _, as := range [][]func(*bulk.Options){options, append(options[:len(options):len(options)], dry)} {
					report, err := s.load(header+row+"\n", as...)
					require.Equal(t, len(as) == 1 && len(options) == 1, errors.Is(err, bulk.ErrRefused))
					require.Len(t, report.Errors, 1)
					require.Equal(t, []any{2, column, code}, []any{report.Errors[0].Line, report.Errors[0].Column, report.Errors[0].Code})
					require.Zero(t, report.Written())
				}
				require.Equal(t, before, s.contents(), "the row is lost as a whole")
			}

			reserve(14)
			refused("A,2,,false", "allowBackorder", "below_reserved")
			refused("A,2,13,false", "allowBackorder", "below_reserved")
			refused("A,2,-1,false", "inventoryQuantity", "too_small")
			refused("A,2,-1,", "inventoryQuantity", "too_small")
			s.must("sku,inventoryQuantity\nA,3\n", options...)
			s.must("sku,inventoryQuantity\nA,0\n", options...)
			require.Equal(t, 1, s.must("sku,inventoryQuantity,allowBackorder\nA,0,true\n", options...).Unchanged)
			s.must("sku,inventoryQuantity,allowBackorder\nA,14,false\n", options...)
			require.Equal(t, "A 14, B 10, C 3 more", levels())
			refused("A,2,13,", "inventoryQuantity", "below_reserved")
			refused("A,2,-1,", "inventoryQuantity", "too_small")
			reserve(0)

			refused("B,2,-1,", "inventoryQuantity", "too_small")
			s.must("sku,inventoryQuantity,allowBackorder\nB,0,true\nC,0,false\nA,,true\n", options...)
			require.Equal(t, "A 14 more, B 0 more, C 0", levels())
			var ledger string
			require.NoError(t, s.db.QueryRow(t.Context(), `SELECT string_agg(quantity || ' ' || reason, ', ' ORDER BY m.id)
				FROM stock_movements m JOIN product_variants v ON v.id = m.variant_id WHERE v.sku = 'C'`).Scan(&ledger))
			require.Equal(t, "3 INITIAL, -3 COUNTED", ledger)
		})
	}
}

// An import at once touches stock at its end, and then only what its rows name.
func TestAnAtomicImportMindsWhatHappensToStockMeanwhile(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,category,price,inventoryQuantity,allowBackorder\nA,Lamp,lamps,1,10,false\nB,Table,tables,1,10,true\n")
	meanwhile := func(statement string) func(*bulk.Options) {
		return func(o *bulk.Options) {
			o.Watch = func(int) {
				_, err := s.db.Exec(context.WithoutCancel(t.Context()), statement)
				require.NoError(t, err)
			}
		}
	}
	s.must("sku,allowBackorder\nA,true\n", atomic, meanwhile(`WITH moved AS (UPDATE stock_levels l SET on_hand = on_hand - 3
		FROM product_variants v WHERE v.id = l.variant_id AND v.sku = 'A' RETURNING l.variant_id)
		INSERT INTO stock_movements (id, variant_id, quantity, reason, created_at) SELECT gen_random_uuid(), variant_id, -3, 'LOST', now() FROM moved`))
	require.Contains(t, s.export(bulk.NDJSON), `"inventoryQuantity":7,"allowBackorder":true`)

	report, err := s.load("sku,allowBackorder\nB,false\n", atomic, meanwhile(`UPDATE stock_levels l SET reserved = 11
		FROM product_variants v WHERE v.id = l.variant_id AND v.sku = 'B'`))
	require.ErrorIs(t, err, bulk.ErrRefused)
	require.Equal(t, "allowBackorder below_reserved", report.Errors[0].Column+" "+report.Errors[0].Code)
	_, err = s.db.Exec(t.Context(), `UPDATE stock_levels SET reserved = 0`)
	require.NoError(t, err)
}

// Nobody who buys waits until a whole file is through, whatever is in it.
func TestAnAtomicImportHoldsNoStockBeforeItsEnd(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,category,price,inventoryQuantity,lowStockThreshold,status\nA,Lamp,lamps,1,10,5,ACTIVE\n")
	s.must("sku,parentSku,name,inventoryQuantity\nA1,A,Red,9\n")
	buy := func(o *bulk.Options) {
		o.Watch = func(int) { // the batch has been written, and the transaction goes on
			_, err := s.db.Exec(context.WithoutCancel(t.Context()), `SET lock_timeout = '1s'; UPDATE stock_levels SET reserved = reserved + 1; RESET lock_timeout`)
			require.NoError(t, err)
		}
	}
	low := func() (numbers []*int) {
		require.NoError(t, s.db.QueryRow(t.Context(), `SELECT array_agg(low_stock_at ORDER BY on_hand) FROM stock_levels`).Scan(&numbers))
		return numbers
	}
	s.must("sku,lowStockThreshold,inventoryQuantity\nA,7,10\n", dry, buy)
	five, eight := 5, 8
	require.Equal(t, []*int{&five, &five}, low())
	s.must("sku,lowStockThreshold,inventoryQuantity\nA,8,12\n", atomic, buy)
	require.Equal(t, []*int{&eight, &eight}, low(), "at the end they follow")
	s.must("sku,isActive\nA1,false\n", atomic, buy)
	require.Equal(t, []*int{nil, &eight}, low(), "what is not for sale is low at no number")
	s.must("sku,status\nA,ARCHIVED\n", atomic, buy)
	require.Equal(t, []*int{nil, nil}, low())
	_, err := s.db.Exec(t.Context(), `UPDATE stock_levels SET reserved = 0`)
	require.NoError(t, err)
}

// An address of an upload, wherever the shop was when it was exported, is the upload: its file must not be swept away.
func TestTheAddressOfAnUploadIsTheUpload(t *testing.T) {
	t.Parallel()
	s := setup(t)
	const key = "20300102/00000000000000000000000000000000000000000000000000000000000000aa"
	_, err := s.db.Exec(t.Context(), `INSERT INTO media_files (key, format, thumbnail_format, width, height, created_at, stored_at)
		VALUES ($1, 'png', 'png', 1, 1, now(), now())`, key)
	require.NoError(t, err)
	s.must("sku,name,category,price,images\nA,Lamp,lamps,1,https://old.example.com/media/" + key + "/original.png " +
		"https://shop.example.com/media/20300102/" + strings.Repeat("b", 64) + "/original.png\n")
	var keys []*string
	require.NoError(t, s.db.QueryRow(t.Context(), `SELECT array_agg(media_key ORDER BY sort_order) FROM product_images`).Scan(&keys))
	require.Len(t, keys, 2)
	require.Equal(t, key, *keys[0])
	require.Nil(t, keys[1], "there is no such upload")
	require.Contains(t, s.export(bulk.CSV), "https://shop.example.com/media/"+key+"/original.png ")
	again := s.must(s.export(bulk.CSV))
	require.Equal(t, 1, again.Unchanged)
}

func TestManyErrorsAreCountedAndSomeNamed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	began := time.Now()
	report, err := s.load("sku,price\n" + strings.Repeat(",x\n", 3000))
	require.NoError(t, err)
	require.Equal(t, 3000, report.Failed)
	require.Len(t, report.Errors, 1000)
	require.True(t, report.Truncated)
	require.Less(t, time.Since(began), time.Minute)
}

func TestAVariantWithoutAPriceFollowsTheProducts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	prices := func() (found string) {
		require.NoError(t, s.db.QueryRow(t.Context(),
			`SELECT string_agg(sku || ' ' || price_minor || CASE WHEN follows_price THEN ' follows' ELSE '' END, ', ' ORDER BY sku) FROM product_variants`).Scan(&found))
		return found
	}
	version := func() (found int64) {
		require.NoError(t, s.db.QueryRow(t.Context(), `SELECT version FROM products`).Scan(&found))
		return found
	}
	s.must("sku,parentSku,name,category,price\nA,,Lamp,lamps,10\nB,A,Big,,\nC,A,Small,,7\n")
	require.Equal(t, "A 1000, B 1000 follows, C 700", prices())
	before := version()
	s.must("sku,price\nA,12\n")
	require.Equal(t, "A 1200, B 1200 follows, C 700", prices())
	require.Greater(t, version(), before, "whoever saw the old price is told so")
	s.must("sku,price\nB,12\nC,\n")
	require.Equal(t, "A 1200, B 1200, C 1200 follows", prices())
	s.must("sku,price\nA,5\nC,3\n")
	require.Equal(t, "A 500, B 1200, C 300", prices())
}

func TestAProductHasEachChoiceOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	report, err := s.load("sku,parentSku,name,category,price,option.color\nA,,Lamp,lamps,10,\nB,A,Red,,,Red\nC,A,Red too,,, Red \nD,A,Blue,,,Blue\n")
	require.NoError(t, err)
	require.Equal(t, 3, report.Created)
	require.Len(t, report.Errors, 1)
	require.Equal(t, "C options taken", report.Errors[0].SKU+" "+report.Errors[0].Column+" "+report.Errors[0].Code)

	report, err = s.load("sku,option.color\nD,Red\n")
	require.NoError(t, err)
	require.Equal(t, "taken", report.Errors[0].Code)
	s.must("sku,option.color\nB,Green\nD,Red\n")
}

func TestAProductHasAMostOfVariants(t *testing.T) {
	t.Parallel()
	s := setup(t)
	var file strings.Builder
	file.WriteString("sku,parentSku,name,category,price\nP,,Lamp,lamps,1\n")
	for i := range 102 {
		fmt.Fprintf(&file, "V-%d,P,Lamp %d,,\n", i, i)
	}
	report, err := s.load(file.String())
	require.NoError(t, err)
	require.Equal(t, 101, report.Created)
	require.Len(t, report.Errors, 2)
	require.Equal(t, "too_many", report.Errors[0].Code)
	require.Contains(t, report.Errors[0].Message, "at most 101 variants")
	again, err := s.load("sku,parentSku,name\nV-200,P,One more\n")
	require.NoError(t, err)
	require.Equal(t, "too_many", again.Errors[0].Code)
}

func TestAnUploadedPictureStaysThroughAnExport(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.must("sku,name,price,category,images\nA,Lamp,1,lamps,https://example.com/a.png\n")
	key := "20260329/" + strings.Repeat("a", 64)
	for _, statement := range []string{
		`INSERT INTO media_files (key, format, thumbnail_format, width, height, created_at) VALUES ('` + key + `', 'png', 'jpg', 1, 1, now())`,
		`UPDATE product_images SET url = NULL, media_key = '` + key + `'`,
	} {
		_, err := s.db.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	address := "https://shop.example.com/media/" + key + "/original.png"
	s.must("sku,images\nA,https://example.com/b.png " + address + "\n")
	var kept string
	require.NoError(t, s.db.QueryRow(t.Context(), `SELECT media_key FROM product_images WHERE sort_order = 1`).Scan(&kept))
	require.Equal(t, key, kept)
	require.Contains(t, s.export(bulk.CSV), "https://example.com/b.png "+address)
}
