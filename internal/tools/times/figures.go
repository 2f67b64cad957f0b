package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// figures are what a run took, in seconds.
type figures struct {
	CPU      float64            `json:"cpuSeconds"`
	Packages map[string]float64 `json:"packages"` // by the clock
}

// round keeps tenths: more is noise.
func round(seconds float64) float64 { return math.Round(seconds*10) / 10 }

// read reads the events of packages as `go test -json` writes them.
func read(events io.Reader) (figures, error) {
	f := figures{Packages: map[string]float64{}}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct {
			Action, Package, Test string
			Elapsed               float64
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return f, fmt.Errorf("read the events: %w", err)
		}
		if event.Test == "" && event.Action != "skip" && event.Package != "" {
			f.Packages[strings.TrimPrefix(event.Package, "cartwright/")] = round(event.Elapsed)
		}
	}
	return f, lines.Err()
}

// load reads kept figures; none where there are none yet.
func load(file string) (f figures, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	return f, err
}

func (f figures) store(file string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return write(file, append(text, '\n'))
}

func write(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}

const shown = 10

// compare lists the slowest packages and the whole, each beside what was kept.
func compare(took, kept figures) string {
	names := slices.SortedFunc(maps.Keys(took.Packages), func(a, b string) int {
		return cmp.Or(cmp.Compare(took.Packages[b], took.Packages[a]), cmp.Compare(a, b))
	})
	var text strings.Builder
	fmt.Fprintf(&text, "\n%-40s %8s %8s %7s\n", "slowest packages", "seconds", "kept", "ratio")
	for _, name := range names[:min(shown, len(names))] {
		line(&text, name, took.Packages[name], kept.Packages[name])
	}
	line(&text, "CPU of the whole", took.CPU, kept.CPU)
	return text.String()
}

func line(text io.Writer, name string, took, kept float64) {
	if kept == 0 {
		fmt.Fprintf(text, "%-40s %8.1f %8s %7s\n", name, took, "-", "-")
		return
	}
	fmt.Fprintf(text, "%-40s %8.1f %8.1f %6.2fx\n", name, took, kept, took/kept)
}
