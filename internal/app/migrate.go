package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cartwright/internal/postgres"
)

func migrateCommand() *cobra.Command {
	return group("migrate", "Move the database's schema",
		moveCommand("up", "Apply every pending migration", (*postgres.Migrator).Up),
		moveCommand("down", "Take back the latest migration", (*postgres.Migrator).Down),
		moveCommand("status", "List the migrations", func(*postgres.Migrator, context.Context) error { return nil }),
		migrateCreateCommand())
}

// moveCommand moves the schema and then lists where it is.
func moveCommand(use, short string, move func(*postgres.Migrator, context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withDatabase(cmd, func(ctx context.Context, _ Config, url string) error {
				migrator, err := postgres.NewMigrator(ctx, url)
				if err != nil {
					return err
				}
				defer migrator.Close()
				if err := move(migrator, ctx); err != nil {
					return err
				}
				return printStatus(ctx, migrator, cmd.OutOrStdout())
			})
		},
	}
}

func printStatus(ctx context.Context, migrator *postgres.Migrator, out io.Writer) error {
	all, err := migrator.Status(ctx)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	for _, one := range all {
		name := filepath.Base(one.Source.Path)
		if one.Source.Path == "" {
			name = fmt.Sprintf("%05d.go", one.Source.Version)
		}
		if _, err := fmt.Fprintf(out, "%-8s %s\n", one.State, name); err != nil {
			return err
		}
	}
	return nil
}

func migrateCreateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "create NAME", Short: "Begin a new migration in ./migrations", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := createMigration("migrations", args[0])
			if err == nil {
				_, err = fmt.Fprintln(cmd.OutOrStdout(), file)
			}
			return err
		},
	}
}

var migrationName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// createMigration writes an empty migration with the next number.
func createMigration(folder, name string) (string, error) {
	if !migrationName.MatchString(name) {
		return "", errors.New("a migration's name is like add_order_notes: lower case, digits, underscores")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil {
		return "", err
	}
	if len(files) == 0 {
		return "", errors.New("there is no migrations folder here: run this at the top of a checkout")
	}
	last := 0
	for _, file := range files {
		number, _, _ := strings.Cut(filepath.Base(file), "_")
		if n, err := strconv.Atoi(number); err == nil {
			last = max(last, n)
		}
	}
	file := filepath.Join(folder, fmt.Sprintf("%05d_%s.sql", last+1, name))
	text := "-- +goose Up\n\n-- +goose Down\n"
	return file, os.WriteFile(file, []byte(text), 0o644) //nolint:gosec // source code
}
