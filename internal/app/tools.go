package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/spf13/cobra"

	"cartwright/internal/auth"
	"cartwright/internal/demo"
	"cartwright/internal/postgres"
	"cartwright/openapi"
)

// withDatabase runs a command that needs the database: the one of DATABASE_URL, else the data
// folder's, started for as long as the command runs.
func withDatabase(cmd *cobra.Command, work func(context.Context, Config, string) error) (err error) {
	config, err := readConfig()
	if err != nil {
		return err
	}
	database, err := openDatabase(cmd.Context(), config, cmd.ErrOrStderr(), newLogger(config, cmd.ErrOrStderr(), config.LogLevel))
	if err != nil {
		return err
	}
	defer closing(&err, database.close)
	return work(cmd.Context(), config, database.url)
}

// withShop is withDatabase for commands that need the shop on a migrated database.
func withShop(cmd *cobra.Command, work func(context.Context, *Shop) error) error {
	return withDatabase(cmd, func(ctx context.Context, config Config, url string) error {
		pending, err := pendingMigrations(ctx, url)
		if err != nil {
			return err
		}
		if pending {
			return errPending
		}
		built, err := Build(ctx, config, url, newLogger(config, cmd.ErrOrStderr(), config.LogLevel))
		if err != nil {
			return err
		}
		defer built.Close()
		return work(ctx, built)
	})
}

func migrateCommand() *cobra.Command {
	command := &cobra.Command{Use: "migrate", Short: "Move the database's schema"}
	act := func(use, short string, do func(context.Context, *postgres.Migrator, io.Writer) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			return withDatabase(cmd, func(ctx context.Context, _ Config, url string) error {
				migrator, err := postgres.NewMigrator(ctx, url)
				if err != nil {
					return err
				}
				defer migrator.Close()
				return do(ctx, migrator, cmd.OutOrStdout())
			})
		}}
	}
	command.AddCommand(
		act("up", "Apply every pending migration", func(ctx context.Context, m *postgres.Migrator, out io.Writer) error {
			return errors.Join(m.Up(ctx), migrationStatus(ctx, m, out))
		}),
		act("down", "Take back the latest migration", func(ctx context.Context, m *postgres.Migrator, out io.Writer) error {
			return errors.Join(m.Down(ctx), migrationStatus(ctx, m, out))
		}),
		act("status", "List the migrations", migrationStatus),
		&cobra.Command{
			Use: "create NAME", Short: "Begin a new migration in ./migrations", Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				file, err := createMigration("migrations", args[0])
				if err == nil {
					_, err = fmt.Fprintln(cmd.OutOrStdout(), file)
				}
				return err
			},
		},
	)
	return command
}

func migrationStatus(ctx context.Context, migrator *postgres.Migrator, out io.Writer) error {
	all, err := migrator.Status(ctx)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	for _, one := range all {
		if _, err := fmt.Fprintf(out, "%-8s %s\n", one.State, filepath.Base(one.Source.Path)); err != nil {
			return err
		}
	}
	return nil
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

func seedCommand() *cobra.Command {
	return &cobra.Command{
		Use: "seed", Short: "Add the demo shop; what is there already stays", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				report, err := demo.Seed(ctx, demo.Shop{Catalog: s.catalog, Assortment: s.assortment, Currency: s.currency})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), report)
				return err
			})
		},
	}
}

func adminCommand() *cobra.Command {
	var email string
	create := &cobra.Command{
		Use: "create", Short: "Add an admin; the password is read from standard input", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, _ = fmt.Fprint(cmd.ErrOrStderr(), "Password: ")
			line, err := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
			if err != nil && line == "" {
				return errors.New("no password was given: type it, or pipe it in")
			}
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				err := s.auth.CreateUser(ctx, email, strings.TrimRight(line, "\r\n"), auth.Admin)
				switch {
				case errors.Is(err, auth.ErrWeak):
					return errors.New("a password has at least 8 characters")
				case errors.Is(err, auth.ErrEmailTaken):
					return errors.New(auth.ErrEmailTaken.Message)
				case err == nil:
					_, err = fmt.Fprintln(cmd.OutOrStdout(), "admin created")
				}
				return err
			})
		},
	}
	create.Flags().StringVar(&email, "email", "", "the admin's e-mail address")
	_ = create.MarkFlagRequired("email") // fails only when there is no such flag
	command := &cobra.Command{Use: "admin", Short: "Manage who runs the shop"}
	command.AddCommand(create)
	return command
}

func openapiCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "openapi", Short: "Print the published spec", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := openapi.YAML
			if asJSON {
				document, err := openapi3.NewLoader().LoadFromData(openapi.YAML)
				if err != nil {
					return err
				}
				if text, err = document.MarshalJSON(); err != nil {
					return err
				}
			}
			_, err := cmd.OutOrStdout().Write(text)
			return err
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "as JSON instead of YAML")
	return command
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "cartwright "+version())
			return err
		},
	}
}

// version is the module's, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return info.Main.Version + " " + setting.Value
		}
	}
	return info.Main.Version
}
