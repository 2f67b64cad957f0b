// Times runs tests and says what they took, beside what they took when it was last kept.
//
//	times -dir . -name race -report bin/times-race.txt [-keep] -- gotestsum …
//
// The command, which is gotestsum's, gets --jsonfile-timing-events before its --. The report holds the ten slowest packages and the
// CPU seconds of the whole, compilation included: seconds of the clock say little on a machine that does other things too,
// and relations say more than either. With -keep, and when all tests passed, the figures replace the kept ones, which are
// beside this file and under version control. Nothing fails because it is slow.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// folder is where figures are kept.
const folder = "internal/tools/times"

type options struct {
	dir, name, report string
	keep              bool
	command           []string
}

func main() {
	var o options
	flag.StringVar(&o.name, "name", "test", "what the figures are kept as")
	flag.StringVar(&o.dir, "dir", ".", "where the command runs, and what the report is relative to")
	flag.StringVar(&o.report, "report", "", "a file for the report, which is printed too")
	flag.BoolVar(&o.keep, "keep", false, "keep the figures")
	flag.Parse()
	o.command = flag.Args()
	if len(o.command) == 0 {
		flag.Usage()
		os.Exit(2)
	}
	err := run(o, os.Stdout)
	var failed *exec.ExitError
	switch {
	case errors.As(err, &failed):
		os.Exit(max(1, failed.ExitCode()))
	case err != nil:
		fmt.Fprintln(os.Stderr, "times:", err)
		os.Exit(1)
	}
}

// run runs the command and writes the report, also of tests that failed.
func run(o options, out io.Writer) error {
	events, err := os.CreateTemp("", "cartwright-times-")
	if err != nil {
		return err
	}
	defer func() { _ = events.Close(); _ = os.Remove(events.Name()) }()
	flags := slices.Index(o.command, "--") // what stands before is for gotestsum, what follows for go test
	if flags < 0 {
		flags = len(o.command)
	}
	command := slices.Insert(slices.Clone(o.command), flags, "--jsonfile-timing-events", events.Name())
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = o.dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	failed := cmd.Run()
	if cmd.ProcessState == nil {
		return failed
	}
	took, err := read(events)
	if err != nil {
		return err
	}
	took.CPU = round((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	kept := filepath.Join(o.dir, folder, o.name+".json")
	before, err := load(kept)
	if err != nil {
		return err
	}
	text := compare(took, before)
	fmt.Fprint(out, text)
	if o.report != "" {
		if err := write(filepath.Join(o.dir, o.report), []byte(text)); err != nil {
			return err
		}
	}
	if failed == nil && o.keep {
		return took.store(kept)
	}
	return failed
}
