//go:build unix

package app_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

// readme are the files and commands of its section on imports.
func readme(t *testing.T) (files map[string]string, commands []string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	files = map[string]string{}
	for _, found := range regexp.MustCompile("<!-- file (\\S+):.*-->\n```csv\n((?s:.*?))```").FindAllStringSubmatch(string(text), -1) {
		files[found[1]] = found[2]
	}
	block := regexp.MustCompile("<!-- commands:.*-->\n```sh\n((?s:.*?))```").FindStringSubmatch(string(text))
	require.NotNil(t, block)
	return files, lines(block[1])
}

func TestFilesAreImportedAsTheReadmeSays(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	env := map[string]string{"DATABASE_URL": pgtest.URL(t)}
	succeed(t, call{args: []string{"seed"}, env: env})
	files, commands := readme(t)
	require.Len(t, files, 2)
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	var printed []string
	for _, command := range commands {
		args := strings.Fields(command)
		require.Equal(t, "cartwright", args[0])
		printed = append(printed, strings.TrimSpace(succeed(t, call{args: args[1:], env: env, dir: folder})))
	}
	exported, err := os.ReadFile(filepath.Join(folder, "shop.ndjson"))
	require.NoError(t, err)
	rows := strings.Count(string(exported), "\n")
	require.Equal(t, []string{
		"Rows: 2 read, 2 created, 0 updated, 0 unchanged, 0 failed. Nothing was written: this was a dry run.",
		"Rows: 2 read, 2 created, 0 updated, 0 unchanged, 0 failed.",
		"Rows: 2 read, 0 created, 2 updated, 0 unchanged, 0 failed.",
		"",
		fmt.Sprintf("Rows: %d read, 0 created, 0 updated, %d unchanged, 0 failed.", rows, rows),
	}, printed)
	require.Contains(t, string(exported), `"sku":"LAMP-9-W","parentSku":"LAMP-9","name":"Reading Lamp white","price":48.00`)
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 3, "nothing is left but the files")
}

func TestAnImportNamesTheRowsThatFailed(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.URL(t)}
	succeed(t, call{args: []string{"seed"}, env: env})
	load := func(file string, flags ...string) call {
		return call{args: append([]string{"import", "-"}, flags...), stdin: file, env: env}
	}
	file := "sku,name,category,price\nA,Lamp,lighting,1\nB,Lamp,lighting,1.999\nC,Lamp,nowhere,1\n"
	named := []string{
		"line 3, price (B): 1.999 has more decimals than USD has: write 1999 if that is meant.",
		"line 4, category (C): There is no category with this slug.",
	}
	require.Equal(t, append(named, "2 of 3 rows failed. Nothing was imported."), refusal(t, load(file, "--atomic")))
	require.NotContains(t, succeed(t, call{args: []string{"export"}, env: env}), "\nA,")
	got := run(t, load(file))
	require.Equal(t, 1, got.code)
	require.Equal(t, "Rows: 3 read, 1 created, 0 updated, 0 unchanged, 2 failed.\n", got.stdout)
	require.Contains(t, got.stderr, "cartwright: 2 of 3 rows failed.\n")
	require.Contains(t, succeed(t, call{args: []string{"export"}, env: env}), "\nA,")

	many := refusal(t, load("sku,price\n"+strings.Repeat(",x\n", 30), "--atomic"))
	require.Len(t, many, 22)
	require.Equal(t, "… and more", many[20])
	require.Equal(t, []string{"The file's columns cannot be used.", "lines[1].colour: There is no such column."},
		refusal(t, load("sku,colour\n")))
	require.Equal(t, "Rows: 1 read, 0 created, 1 updated, 0 unchanged, 0 failed.\n", succeed(t, load(`{"sku":"A","price":2}`, "--format", "ndjson")))
	for _, bad := range [][]string{{"import", "-", "--format", "xml"}, {"export", "--format", "xml"}} {
		require.Equal(t, []string{"--format is csv or ndjson"}, refusal(t, call{args: bad, env: env}))
	}
	require.Contains(t, refusal(t, call{args: []string{"import", "missing.csv"}, env: env})[0], "the file cannot be read: open missing.csv")
	require.Contains(t, refusal(t, call{args: []string{"import", "/"}, env: env})[0], "/ is a directory")
	require.Contains(t, refusal(t, call{args: []string{"export", "--output", "/nowhere/shop.csv"}, env: env})[0], "the file cannot be written")
}

func TestAnImportThatIsStoppedSaysHowFarItCame(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": pgtest.URL(t)}
	succeed(t, call{args: []string{"seed"}, env: env})
	reading, writing, err := os.Pipe()
	require.NoError(t, err)
	defer func() { _ = reading.Close() }()
	cmd := command(t, call{args: []string{"import", "-"}, env: env})
	var stdout, stderr output
	cmd.Stdin, cmd.Stdout, cmd.Stderr = reading, &stdout, &stderr
	require.NoError(t, cmd.Start())
	p := &process{t: t, cmd: cmd, ended: make(chan struct{})}
	go func() { _ = cmd.Wait(); close(p.ended) }()
	var rows bytes.Buffer
	rows.WriteString("sku,name,category,price\n")
	for i := range 2500 {
		fmt.Fprintf(&rows, "S-%d,Lamp %d,lighting,1\n", i, i)
	}
	_, err = writing.Write(rows.Bytes())
	require.NoError(t, err)
	imported := func() int {
		return strings.Count(succeed(t, call{args: []string{"export"}, env: env}), "\nS-")
	}
	p.until("done with two batches", func() bool { return imported() == 2000 })
	p.signal(syscall.SIGINT)
	require.Equal(t, 1, p.end().ExitCode(), "it does not wait for the rest of the file")
	require.NoError(t, writing.Close())
	require.Contains(t, stdout.String(), "2000 created")
	require.Contains(t, stdout.String(), "Interrupted: import the file again to go on.")
	require.Equal(t, "cartwright: interrupted before it was done\n", stderr.String())
	require.Equal(t, 2000, imported())
}
