package api

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"cartwright/gen/oapi"
	"cartwright/internal/bulk"
	"cartwright/internal/errs"
)

// maxImportRows bounds what an import remembers of its rows.
const maxImportRows = 2_000_000

type bulkFiles struct {
	bulk *bulk.Service
}

// Formats by the media type of a body.
var formats = map[string]bulk.Format{"text/csv": bulk.CSV, "application/x-ndjson": bulk.NDJSON}

// ImportCatalogue writes the rows of a file while it arrives.
func (b bulkFiles) ImportCatalogue(
	ctx context.Context, request oapi.ImportCatalogueRequestObject,
) (oapi.ImportCatalogueResponseObject, error) {
	stream := streaming(ctx)
	report, err := b.bulk.Import(ctx, request.Body, bulk.Options{
		Format:  formats[stream.media],
		DryRun:  or(request.Params.DryRun, false),
		Atomic:  or(request.Params.Atomic, false),
		MaxRows: maxImportRows,
		Watch:   func(int) { stream.alive() },
	})
	if err != nil {
		return nil, refusedImport(report, err)
	}
	return oapi.ImportCatalogue200JSONResponse(toImportReport(report)), nil
}

// refusedImport names the rows for which an atomic import was refused.
func refusedImport(report bulk.Report, err error) error {
	if !bulk.ErrRefused.Is(err) {
		return err
	}
	var fields []errs.Field
	for _, problem := range report.Errors[:min(len(report.Errors), maxFields)] {
		fields = append(fields, errs.Field{Name: problem.Place(), Code: problem.Code, Message: problem.Message})
	}
	return bulk.ErrRefused.With(fields...)
}

func toImportReport(report bulk.Report) oapi.ImportReport {
	return oapi.ImportReport{
		Rows: int32(report.Rows), Created: int32(report.Created), Updated: int32(report.Updated),
		Unchanged: int32(report.Unchanged), Failed: int32(report.Failed),
		DryRun: report.DryRun, Atomic: report.Atomic, ErrorsTruncated: report.Truncated,
		Errors: toSlice(report.Errors, func(problem bulk.RowError) oapi.ImportError {
			return oapi.ImportError{
				Line: int32(problem.Line), Column: optionalText(problem.Column), SKU: optionalText(problem.SKU),
				Code: problem.Code, Message: problem.Message,
			}
		}),
	}
}

// ExportCatalogue writes the catalogue as a file.
func (b bulkFiles) ExportCatalogue(
	ctx context.Context, request oapi.ExportCatalogueRequestObject,
) (oapi.ExportCatalogueResponseObject, error) {
	format := bulk.Format(or(request.Params.Format, oapi.ExportFormatCsv))
	return exportedFile{format: format, write: func(out io.Writer) error {
		return b.bulk.Export(ctx, out, format, func(int) { streaming(ctx).alive() })
	}}, nil
}

// exportedFile is an answer that is written while it is read from the database.
type exportedFile struct {
	format bulk.Format
	write  func(io.Writer) error
}

// VisitExportCatalogueResponse writes the file. What fails before its first byte is a problem like any
// other; later, the connection is cut, so that nobody takes a part for the whole.
func (e exportedFile) VisitExportCatalogueResponse(w http.ResponseWriter) error {
	file := &lateHeader{ResponseWriter: w, begin: func() {
		header := w.Header()
		header.Set("Content-Type", "text/csv; charset=utf-8")
		if e.format == bulk.NDJSON {
			header.Set("Content-Type", "application/x-ndjson")
		}
		header.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="catalogue.%s"`, e.format))
		w.WriteHeader(http.StatusOK)
	}}
	err := e.write(file)
	switch {
	case err != nil && file.begun:
		panic(http.ErrAbortHandler)
	case err == nil:
		file.start() // also of an empty file
	}
	return err
}

// lateHeader begins the answer with its first byte.
type lateHeader struct {
	http.ResponseWriter
	begin func()
	begun bool
}

func (l *lateHeader) start() {
	if !l.begun {
		l.begin()
	}
	l.begun = true
}

// Write writes behind the header.
func (l *lateHeader) Write(p []byte) (int, error) {
	l.start()
	return l.ResponseWriter.Write(p)
}
