//go:build linux || darwin

package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// initdb makes the database in a folder beside its final place and moves it there when it is complete, password and
// all. Whatever interrupts it, there is either no database or a whole one.
func (l *launch) initdb(ctx context.Context) error {
	name := fmt.Sprintf("pg%d", l.programs.major)
	fmt.Fprintf(l.Progress, "making a PostgreSQL %d database in %s\n", l.programs.major, l.dir.path)
	temp, err := os.MkdirTemp(l.dir.path, name+".new-")
	if err != nil {
		return fmt.Errorf("make the database: %w", explain(err, l.dir.path))
	}
	defer os.RemoveAll(temp)
	if err := l.initdbIn(ctx, temp); err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	final := l.dir.file(name)
	_ = os.Remove(final) // an empty folder may stand there; one with content makes Rename fail
	if err := os.Rename(filepath.Join(temp, "data"), final); err != nil {
		return fmt.Errorf("make the database: %w", explain(err, l.dir.path))
	}
	l.data = database{path: final, major: l.programs.major, uid: l.who.uid, gid: l.who.gid}
	return nil
}

func (l *launch) initdbIn(ctx context.Context, temp string) error {
	password := filepath.Join(temp, "password")
	if err := os.WriteFile(password, []byte(l.password), 0o600); err != nil {
		return explain(err, l.dir.path)
	}
	for _, path := range []string{password, temp} {
		if err := l.who.own(path); err != nil {
			return fmt.Errorf("give %s to user %s: %w", path, l.who.name, err)
		}
	}
	work, err := openWorkplace(temp, l.who)
	if err != nil {
		return err
	}
	defer work.close()
	var output string
	for _, locale := range locales(l.programs.major) {
		output, err = l.program(work, "initdb", l.initdbArgs(work, locale)...).run(ctx, "")
		if err == nil || !strings.Contains(output, "invalid locale") {
			break
		}
	}
	if err != nil {
		return explainExit(err, output, l.dir.path)
	}
	return nil
}

func (l *launch) initdbArgs(work workplace, locale []string) []string {
	args := []string{
		"-D", work.path + "/data",
		"--pwfile=" + work.path + "/password",
		"--username=cartwright",
		"--auth=scram-sha-256",
		"--encoding=UTF8",
		"--no-instructions",
	}
	if l.Settings["fsync"] == "off" {
		args = append(args, "--no-sync")
	}
	return append(args, locale...)
}

// locales are tried in turn. All sort by code point; those before the last also know the letters of Unicode, from
// version 17 on without asking the operating system.
func locales(major int) [][]string {
	unicode := []string{"--locale=C.UTF-8"}
	if runtime.GOOS == "darwin" {
		unicode = []string{"--locale=C", "--lc-ctype=en_US.UTF-8"}
	}
	if major >= 17 {
		unicode = append(unicode, "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
	}
	return [][]string{unicode, {"--locale=C"}}
}

// clearLeftovers removes what an interrupted initdb left. We hold the lock, so none is at work.
func (l *launch) clearLeftovers() error {
	left, err := filepath.Glob(l.dir.file("pg*.new-*"))
	if err != nil {
		return fmt.Errorf("look for left-over folders: %w", err)
	}
	for _, path := range left {
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove the rest of an interrupted start: %w", explain(err, path))
		}
	}
	return nil
}
