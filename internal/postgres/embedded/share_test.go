//go:build linux || darwin

package embedded

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProcessesAtOnceShareOneServer(t *testing.T) {
	t.Parallel()
	dir := publicDir(t) // without a database: they meet in initdb already
	var children []process
	for range 3 {
		children = append(children, startChild(t, Config{DataDir: dir}, nil))
	}
	var started int
	urls := map[string]bool{}
	for _, child := range children {
		r := child.report(t)
		require.Empty(t, r.Error)
		urls[r.URL] = true
		if !r.Attached {
			started++
		}
		require.Equal(t, "1", query(t, r.URL, "SELECT '1'"))
	}
	require.Equal(t, 1, started)
	require.Len(t, urls, 1)
}

func TestAttached(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	starter := startChild(t, Config{DataDir: dir}, nil)
	r := starter.report(t)
	require.Empty(t, r.Error)

	t.Run("reaches the server that runs", func(t *testing.T) {
		server := open(t, Config{DataDir: dir})
		require.True(t, server.Attached())
		require.Equal(t, r.URL, server.URL())
	})
	t.Run("stop leaves the server running", func(t *testing.T) {
		server := open(t, Config{DataDir: dir})
		require.NoError(t, server.Stop(t.Context()))
		<-server.Done()
		require.NoError(t, server.Err())
		require.Equal(t, "1", query(t, r.URL, "SELECT '1'"))
	})
	t.Run("notices the end of the server", func(t *testing.T) {
		server := open(t, Config{DataDir: dir})
		require.NoError(t, starter.stdin.Close())
		select {
		case <-server.Done():
		case <-time.After(time.Minute):
			t.Fatal("nobody noticed")
		}
		require.ErrorContains(t, server.Err(), "has ended")
	})
}

func TestAnotherServerOnTheRecordedPortIsNotTaken(t *testing.T) {
	t.Parallel()
	dir, other := dataDir(t), dataDir(t) // copies: same password
	stranger := open(t, Config{DataDir: other})
	theirs, err := (folder{path: stranger.DataDir()}).readState()
	require.NoError(t, err)
	theirs.Instance = "gone"
	mine := folder{path: dir}
	require.NoError(t, mine.writeState(theirs))
	server, err := attach(t.Context(), mine, false)
	require.NoError(t, err)
	require.Nil(t, server)
}

func TestServerOfADeadStarterIsLeftToEnd(t *testing.T) {
	t.Parallel()
	server := open(t, Config{DataDir: dataDir(t)})
	dir := folder{path: server.DataDir()}
	now, err := dir.readState()
	require.NoError(t, err)
	now.Starter, err = strconv.Atoi(deadProcess(t, ""))
	require.NoError(t, err)
	require.NoError(t, dir.writeState(now))

	attached, err := attach(t.Context(), dir, false)
	require.NoError(t, err)
	require.Nil(t, attached, "its leash is about to end it")
	attached, err = attach(t.Context(), dir, true)
	require.NoError(t, err)
	require.NotNil(t, attached, "nobody ended it")
	require.NoError(t, attached.Stop(t.Context()))
}
