// Command mutants switches off what protects money and stock, one protection at a time, and looks whether a test
// notices:
//
//	go run ./internal/mutants
//
// First the tests that are to notice are run on the code as it is, and must pass. Then each protection is taken out of
// a copy of its file, which the compiler reads in the file's place, so that the checkout stays as it is; it must still
// build, and one of its tests must fail. It exits with 1 when a mutant survives, does not build, or its text is not
// found any more.
//
// Words: a mutant is the code without one protection; it is caught when a test fails.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"
)

func main() { os.Exit(run(os.Args[1:])) }

// limit is how long everything may take together.
const limit = time.Hour

func run(args []string) int {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	only := flags.String("only", "", "a regular expression of the protections to switch off; by default all")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := try(ctx, chosen(wanted)); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 1
	}
	return 0
}

func chosen(wanted *regexp.Regexp) []protection {
	var chosen []protection
	for _, p := range protections {
		if wanted.MatchString(p.name) {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

// try switches the protections off, one after the other.
func try(ctx context.Context, protections []protection) error {
	if err := passes(ctx, protections); err != nil {
		return err
	}
	var survived []string
	for _, p := range protections {
		began := time.Now()
		noticed, err := p.noticed(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", p.name, err)
		case len(noticed) == 0:
			survived = append(survived, p.name)
			fmt.Printf("SURVIVED  %s\n", p.name)
		default:
			fmt.Printf("caught    %s, by %s (%.0f s)\n", p.name, strings.Join(noticed, ", "), time.Since(began).Seconds())
		}
	}
	fmt.Printf("caught %d of %d\n", len(protections)-len(survived), len(protections))
	if len(survived) > 0 {
		return fmt.Errorf("%d survived: %s", len(survived), strings.Join(survived, "; "))
	}
	return nil
}
