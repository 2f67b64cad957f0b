package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"cartwright/internal/audit"
	"cartwright/internal/bulk"
	"cartwright/internal/errs"
)

func importCommand() *cobra.Command {
	var format string
	var options bulk.Options
	command := &cobra.Command{
		Use: "import FILE", Short: "Import products, variants, stock and prices; - is standard input", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if options.Format, err = formatOf(format, args[0]); err != nil {
				return err
			}
			file, err := openImport(cmd, args[0])
			if err != nil {
				return err
			}
			defer func() { _ = file.Close() }()
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				ctx = audit.RecordWhole(ctx, byHand(cmd, "importCatalogue"))
				return s.importFile(ctx, file, options, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&format, "format", "", "csv or ndjson; without it the file's name decides, and csv is assumed")
	flags.BoolVar(&options.DryRun, "dry-run", false, "write nothing, and tell what would come of it")
	flags.BoolVar(&options.Atomic, "atomic", false, "write everything or nothing")
	return command
}

// formatOf is the format that was asked for, else the one that the file's name ends in.
func formatOf(asked, file string) (bulk.Format, error) {
	if asked == "" {
		switch strings.ToLower(filepath.Ext(file)) {
		case ".ndjson", ".jsonl":
			return bulk.NDJSON, nil
		}
		return bulk.CSV, nil
	}
	if format := bulk.Format(asked); format == bulk.CSV || format == bulk.NDJSON {
		return format, nil
	}
	return "", errors.New("--format is csv or ndjson")
}

func openImport(cmd *cobra.Command, name string) (io.ReadCloser, error) {
	if name == "-" {
		return untilAsked(cmd.Context(), cmd.InOrStdin()), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errors.Join(fmt.Errorf("%s is a directory", name), file.Close())
	}
	return file, nil
}

// untilAsked reads a stream until the context ends, also while the stream keeps silent.
func untilAsked(ctx context.Context, in io.Reader) io.ReadCloser {
	reading, writing := io.Pipe()
	context.AfterFunc(ctx, func() { _ = writing.CloseWithError(ctx.Err()) })
	go func() {
		_, err := io.Copy(writing, in)
		_ = writing.CloseWithError(err)
	}()
	return reading
}

// importFile imports and tells what came of it. Rows that failed are an error.
func (s *Shop) importFile(ctx context.Context, file io.Reader, options bulk.Options, out, screen io.Writer) error {
	bar := newProgress(screen, "Importing", lineCount(file, screen))
	shown := 0
	options.Watch = func(rows int) {
		bar.add(int64(rows - shown))
		shown = rows
	}
	report, err := s.bulk.Import(ctx, file, options)
	bar.end()
	if err != nil && ctx.Err() != nil {
		return errors.Join(printReport(out, report, "Interrupted: import the file again to go on."), ctx.Err())
	}
	var known *errs.Error
	switch {
	case bulk.ErrRefused.Is(err):
		return rowErrors(report, "Nothing was imported.")
	case errors.As(err, &known) && len(known.Fields) > 0:
		return fileErrors(known)
	case errors.As(err, &known):
		return errors.New(known.Message)
	case err != nil:
		return err
	}
	ending := ""
	if options.DryRun {
		ending = "Nothing was written: this was a dry run."
	}
	if err := printReport(out, report, ending); err != nil || report.Failed == 0 {
		return err
	}
	return rowErrors(report, "")
}

func printReport(out io.Writer, report bulk.Report, ending string) error {
	text := fmt.Sprintf("Rows: %d read, %d created, %d updated, %d unchanged, %d failed. %s",
		report.Rows, report.Created, report.Updated, report.Unchanged, report.Failed, ending)
	_, err := fmt.Fprintln(out, strings.TrimSpace(text))
	return err
}

// maxShown is how many errors a person wants to see at once.
const maxShown = 20

// rowErrors is a line for each of the first errors, and one for all that failed.
func rowErrors(report bulk.Report, ending string) error {
	var lines []error
	for _, problem := range report.Errors[:min(len(report.Errors), maxShown)] {
		where := fmt.Sprintf("line %d", problem.Line)
		if problem.Column != "" {
			where += ", " + problem.Column
		}
		if problem.SKU != "" {
			where += fmt.Sprintf(" (%s)", problem.SKU)
		}
		lines = append(lines, fmt.Errorf("%s: %s", where, problem.Message))
	}
	if len(report.Errors) > maxShown {
		lines = append(lines, errors.New("… and more"))
	}
	last := fmt.Sprintf("%d of %d rows failed. %s", report.Failed, report.Rows, ending)
	return errors.Join(append(lines, errors.New(strings.TrimSpace(last)))...)
}

// fileErrors is a line for everything that is wrong with the file as a whole.
func fileErrors(known *errs.Error) error {
	lines := []error{errors.New(known.Message)}
	for _, field := range known.Fields {
		lines = append(lines, fmt.Errorf("%s: %s", field.Name, field.Message))
	}
	return errors.Join(lines...)
}

// lineCount is about how many rows a file has, for a bar that somebody watches; 0 is unknown.
func lineCount(file io.Reader, screen io.Writer) (count int64) {
	seeker, ok := file.(io.ReadSeeker)
	if !ok || !isTerminal(screen) {
		return 0
	}
	if _, err := seeker.Seek(0, io.SeekStart); err != nil {
		return 0 // a pipe
	}
	buffer := make([]byte, 64<<10)
	for {
		n, err := seeker.Read(buffer)
		count += int64(bytes.Count(buffer[:n], []byte{'\n'}))
		if err != nil {
			break
		}
	}
	if _, err := seeker.Seek(0, io.SeekStart); err != nil {
		return 0 // and the import will say so
	}
	return count
}
