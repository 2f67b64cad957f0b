package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"cartwright/internal/audit"
	"cartwright/internal/auth"
	"cartwright/internal/errs"
)

func adminCommand() *cobra.Command {
	return group("admin", "Manage who runs the shop", adminCreateCommand(), adminResetFactorCommand())
}

func adminCreateCommand() *cobra.Command {
	var email string
	command := &cobra.Command{
		Use: "create", Short: "Add an admin; the password is read from standard input", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !isEmail(email) {
				return errors.New("--email is not an e-mail address")
			}
			password, err := askPassword(cmd)
			if err != nil {
				return err
			}
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				ctx = audit.Record(ctx, byHand(cmd, "createAdmin"))
				if err := plainly(s.auth.CreateUser(ctx, email, password, auth.Admin)); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "admin created")
				return err
			})
		},
	}
	command.Flags().StringVar(&email, "email", "", "the admin's e-mail address")
	_ = command.MarkFlagRequired("email") // fails only when there is no such flag
	return command
}

func adminResetFactorCommand() *cobra.Command {
	var email string
	command := &cobra.Command{
		Use: "reset-second-factor", Short: "Take away the second factor of somebody who lost it", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withShop(cmd, func(ctx context.Context, s *Shop) error {
				ctx = audit.Record(ctx, byHand(cmd, "resetSecondFactor"))
				if err := plainly(s.auth.ResetFactorByEmail(ctx, email)); err != nil {
					return err
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "second factor taken away, and signed out everywhere")
				return err
			})
		},
	}
	command.Flags().StringVar(&email, "email", "", "the account's e-mail address")
	_ = command.MarkFlagRequired("email") // fails only when there is no such flag
	return command
}

// askPassword reads a line, or ends with the command's context.
func askPassword(cmd *cobra.Command) (string, error) {
	in := cmd.InOrStdin()
	if isTerminal(in) {
		_, _ = fmt.Fprint(cmd.ErrOrStderr(), "Password: ")
	}
	lines := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n') // what the last line lacks may be the line's end
		lines <- strings.TrimRight(line, "\r\n")
	}()
	select {
	case <-cmd.Context().Done():
		return "", errInterrupted
	case line := <-lines:
		if line == "" {
			return "", errors.New("no password was given: type it, or pipe it in")
		}
		return line, nil
	}
}

// plainly says for the command line what package auth says for the API.
func plainly(err error) error {
	var known *errs.Error
	switch {
	case !errors.As(err, &known):
	case errors.Is(err, auth.ErrWeak) && known.Fields[0].Code == "too_short":
		return errors.New("the password has fewer than 8 characters")
	case errors.Is(err, auth.ErrWeak):
		return errors.New("the password is too easy to guess: everybody tries such ones first")
	case errors.Is(err, auth.ErrEmailTaken):
		return errors.New("there is an account with this address already")
	case errors.Is(err, auth.ErrFactorGone):
		return errors.New("there is no account with this address, or it has no second factor")
	}
	return err
}

// bootstrap makes the first admin, once.
func (s *Shop) bootstrap(ctx context.Context, email, password string) error {
	if email == "" {
		return nil
	}
	ctx = audit.Record(ctx, audit.Action{
		Operation: "createAdmin", Target: "BOOTSTRAP_ADMIN_EMAIL", Actor: audit.BySystem, At: clock(),
	})
	known, err := s.auth.HasUser(ctx, email)
	if err == nil && !known {
		err = s.auth.CreateUser(ctx, email, password, auth.Admin)
		known = errors.Is(err, auth.ErrEmailTaken) // by another instance, maybe, which was faster
	}
	switch {
	case known:
		return s.noteBootstrap(ctx, email)
	case err != nil:
		return fmt.Errorf("make the admin of BOOTSTRAP_ADMIN_EMAIL: %w", plainly(err))
	}
	return nil
}

// noteBootstrap says so where the account of the first admin is not one: nobody is given the shop because of an address
// alone, for the account may be a customer's, or somebody's who was an admin once.
func (s *Shop) noteBootstrap(ctx context.Context, email string) error {
	admin, err := s.auth.IsAdmin(ctx, email)
	if err == nil && !admin {
		s.logger.WarnContext(ctx, "no admin was made: the account of BOOTSTRAP_ADMIN_EMAIL is no active admin's and stays as it is; "+
			"set another address, or make an admin with `cartwright admin create`")
	}
	return err
}

// refuseDevAdmin keeps production off a database where dev mode's admin can still sign in.
func (s *Shop) refuseDevAdmin(ctx context.Context) error {
	if known, err := s.auth.HasUser(ctx, devAdminEmail); err != nil || !known {
		return err
	}
	_, err := s.auth.Login(ctx, auth.Login{Email: devAdminEmail, Password: devAdminPassword})
	switch {
	case errors.Is(err, auth.ErrCredentials):
		return nil
	case err != nil && !errors.Is(err, auth.ErrSecondFactor):
		return err
	}
	return errors.New("the database has the admin of dev mode, whose password everybody knows: take another database, " +
		"or first run UPDATE users SET is_active = false WHERE email = '" + devAdminEmail + "'")
}
