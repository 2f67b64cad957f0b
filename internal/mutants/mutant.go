package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// noticed are the tests that fail without the protection.
func (p protection) noticed(ctx context.Context) ([]string, error) {
	folder, err := os.MkdirTemp("", "cartwright-mutant-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	overlay, err := p.overlay(folder)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(folder, "mutant.test")
	if err := build(ctx, p.tests.room, binary, "-overlay="+overlay); err != nil {
		return nil, err // a mutant that does not build is caught by nobody
	}
	out, err := p.tests.run(ctx, binary)
	if err == nil {
		return nil, nil
	}
	noticed := failed(out)
	if len(noticed) == 0 {
		return nil, fmt.Errorf("no test failed, and all the same: %w\n%s", err, out)
	}
	return noticed, nil
}

// overlay writes the mutant's files into folder, and the list of what they stand for, in the form of go's -overlay.
func (p protection) overlay(folder string) (string, error) {
	var files struct{ Replace map[string]string }
	files.Replace = map[string]string{}
	for i, cut := range p.cuts {
		original, err := filepath.Abs(filepath.FromSlash(cut.file))
		if err != nil {
			return "", err
		}
		text, err := cut.of(original, files.Replace[original])
		if err != nil {
			return "", err
		}
		files.Replace[original] = filepath.Join(folder, fmt.Sprintf("%d-%s", i, filepath.Base(original)))
		if err := os.WriteFile(files.Replace[original], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(files)
	if err != nil {
		return "", err
	}
	name := filepath.Join(folder, "overlay.json")
	return name, os.WriteFile(name, list, 0o600)
}

// of is a file with the cut made; before is where cuts that were made earlier left it, or "".
func (c cut) of(original, before string) (string, error) {
	if before == "" {
		before = original
	}
	text, err := os.ReadFile(before)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), c.was); n != 1 {
		return "", fmt.Errorf("%s holds this %d times instead of once: %q", c.file, n, c.was)
	}
	return strings.Replace(string(text), c.was, c.is, 1), nil
}

// passes runs the tests of all protections on the code as it is.
func passes(ctx context.Context, protections []protection) error {
	if len(protections) == 0 {
		return errors.New("no protection has that name")
	}
	folder, err := os.MkdirTemp("", "cartwright-mutant-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	rooms := map[*room][]string{}
	for _, p := range protections {
		rooms[p.tests.room] = append(rooms[p.tests.room], p.tests.names...)
	}
	binary := filepath.Join(folder, "whole.test")
	for room, names := range rooms {
		if err := build(ctx, room, binary); err != nil {
			return err
		}
		if out, err := (tests{room, names}).run(ctx, binary); err != nil {
			return fmt.Errorf("the tests do not pass on the code as it is: %w\n%s", err, out)
		}
	}
	return nil
}

// build makes the test binary of a room.
func build(ctx context.Context, room *room, binary string, flags ...string) error {
	args := append([]string{"test", "-c", "-o", binary}, flags...)
	if out, err := exec.CommandContext(ctx, "go", append(args, room.path)...).CombinedOutput(); err != nil {
		return fmt.Errorf("it does not build: %w\n%s", err, out)
	}
	return nil
}

// run runs the tests of a room's binary, in the room.
func (t tests) run(ctx context.Context, binary string) (string, error) {
	flags := append([]string{"-test.timeout=10m", "-test.run=^(" + strings.Join(t.names, "|") + ")$"}, t.room.flags...)
	cmd := exec.CommandContext(ctx, binary, flags...)
	cmd.Dir = t.room.path
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return string(out), err
}

var failure = regexp.MustCompile(`(?m)^--- FAIL: (\w+)`)

// failed are the tests that go test says failed.
func failed(out string) []string {
	var names []string
	for _, match := range failure.FindAllStringSubmatch(out, -1) {
		names = append(names, match[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
