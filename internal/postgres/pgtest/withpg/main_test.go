package main

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"cartwright/internal/postgres/pgtest"
)

func TestMain(m *testing.M) {
	if args := os.Getenv("WITHPG_TEST"); args != "" {
		signal.Reset()
		os.Exit(run(strings.Split(args, "\n")))
	}
	os.Exit(m.Run())
}

func withpg(t *testing.T, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	var output bytes.Buffer
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "WITHPG_TEST="+strings.Join(args, "\n"), pgtest.EnvURL+"=")
	cmd.Stdout, cmd.Stderr = &output, &output
	return cmd, &output
}

func TestExitCodeIsTheCommands(t *testing.T) {
	t.Parallel()
	for code, command := range map[int]string{0: "true", 7: "exit 7", 137: "kill -9 $$"} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			t.Parallel()
			cmd, output := withpg(t, "--", "sh", "-c", command)
			_ = cmd.Run()
			require.Equal(t, code, cmd.ProcessState.ExitCode(), output.String())
		})
	}
}

func TestCommandFindsTheServerWhichIsGoneAfterwards(t *testing.T) {
	t.Parallel()
	cmd, output := withpg(t, "--", "sh", "-c", "echo url=$"+pgtest.EnvURL+"=")
	require.NoError(t, cmd.Run(), output.String())
	_, folder, _ := strings.Cut(output.String(), "database in ")
	folder, _, _ = strings.Cut(folder, "\n")
	require.True(t, strings.HasPrefix(folder, "/"))
	require.NoDirExists(t, folder)
	_, url, _ := strings.Cut(output.String(), "url=")
	url, _, _ = strings.Cut(url, "=\n")
	require.Contains(t, url, "postgres://cartwright:")
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "refused")
}

func TestSignalsArePassedOn(t *testing.T) {
	t.Parallel()
	ready := t.TempDir() + "/ready"
	cmd, output := withpg(t, "--", "sh", "-c", "trap 'exit 42' TERM; : >"+ready+"; while :; do sleep 0.05; done")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(ready)
		return err == nil
	}, 60*time.Second, 20*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait()
	require.Equal(t, 42, cmd.ProcessState.ExitCode(), output.String())
}

func TestMissingCommandIsUsage(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, run(nil))
	require.Equal(t, 2, run([]string{"--"}))
}
