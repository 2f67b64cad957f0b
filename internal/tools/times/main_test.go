package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gotestsum stands in for the command: it writes these events and ends with this code.
func gotestsum(t *testing.T, events, code string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "gotestsum")
	script := "#!/bin/sh\ncat >\"$2\" <<'EOF'\n" + events + "EOF\nexit " + code + "\n"
	if err := os.WriteFile(file, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return file
}

const events = `{"Action":"pass","Package":"cartwright/internal/fast","Elapsed":1.04}
{"Action":"pass","Package":"cartwright/internal/slow","Test":"TestX","Elapsed":9}
{"Action":"fail","Package":"cartwright/internal/slow","Elapsed":12}
{"Action":"skip","Package":"cartwright/internal/none","Elapsed":0}
`

func TestRun_PutsEachFigureBesideTheKeptOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kept := figures{CPU: 0.1, Packages: map[string]float64{"internal/slow": 6}}
	if err := kept.store(filepath.Join(dir, folder, "test.json")); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := run(options{dir: dir, name: "test", report: "new/report.txt", command: []string{gotestsum(t, events, "0")}}, &out)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 4 || !strings.Contains(lines[1], "internal/slow") || !strings.Contains(lines[1], "2.00x") ||
		!strings.Contains(lines[2], "internal/fast") || !strings.HasPrefix(lines[3], "CPU of the whole") {
		t.Errorf("reported %q", lines)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "new", "report.txt")); err != nil || string(text) != out.String() {
		t.Errorf("the report is %q: %v", text, err)
	}
	if same, _ := load(filepath.Join(dir, folder, "test.json")); same.CPU != 0.1 {
		t.Error("figures were kept unasked")
	}
}

func TestRun_KeepsFiguresOfTestsThatPassed(t *testing.T) {
	t.Parallel()
	for code, packages := range map[string]int{"0": 2, "1": 0} {
		dir := t.TempDir()
		err := run(options{name: "race", dir: dir, keep: true, command: []string{gotestsum(t, events, code)}}, &strings.Builder{})
		var failed *exec.ExitError
		if errors.As(err, &failed) != (code == "1") {
			t.Errorf("code %s ended with %v", code, err)
		}
		if kept, _ := load(filepath.Join(dir, folder, "race.json")); len(kept.Packages) != packages {
			t.Errorf("after code %s, %d packages were kept", code, len(kept.Packages))
		}
	}
}
