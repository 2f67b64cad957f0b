package stripesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// snapshotEvery bounds how much a crash can forget.
const snapshotEvery = 100 * time.Millisecond

// snapshotter writes the state soon after it changed, from one goroutine. A nil
// snapshotter does nothing.
type snapshotter struct {
	path   string
	encode func() ([]byte, error)
	log    *slog.Logger
	dirty  chan struct{}
	stop   chan struct{}
	once   sync.Once
	done   chan struct{}
	err    error // the last write's, read after done
}

func prepareStateFile(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make folder of the stripe stand-in's state: %w", err)
	}
	return nil
}

// loadState reads a snapshot; whatever is wrong with it costs the state, not the start.
func loadState(path string, log *slog.Logger) state {
	st := newState()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return st
	}
	if err == nil {
		err = json.Unmarshal(data, &st)
	}
	if err == nil && st.complete() {
		return st
	}
	log.Warn("stripe stand-in starts empty: its state file is unreadable", "path", path, "error", err)
	return newState()
}

// complete reports whether a decoded snapshot had every table.
func (st *state) complete() bool {
	return st.Intents != nil && st.Charges != nil && st.Refunds != nil && st.Disputes != nil &&
		st.Methods != nil && st.Customers != nil && st.Setups != nil && st.Events != nil && st.Answers != nil
}

func startSnapshots(path string, encode func() ([]byte, error), log *slog.Logger) *snapshotter {
	sn := &snapshotter{
		path: path, encode: encode, log: log,
		dirty: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go sn.run()
	return sn
}

// changed asks for a snapshot within snapshotEvery.
func (sn *snapshotter) changed() {
	if sn == nil {
		return
	}
	select {
	case sn.dirty <- struct{}{}:
	default:
	}
}

func (sn *snapshotter) run() {
	defer close(sn.done)
	for {
		select {
		case <-sn.stop:
			sn.save()
			return
		case <-sn.dirty:
		}
		select { // gather what changes together
		case <-sn.stop:
		case <-time.After(snapshotEvery / 2):
		}
		sn.save()
	}
}

func (sn *snapshotter) save() {
	data, err := sn.encode()
	if err == nil {
		err = writeAtomically(sn.path, data)
	}
	if sn.err = err; err != nil {
		sn.log.Warn("stripe stand-in could not save its state", "path", sn.path, "error", err)
	}
}

func (sn *snapshotter) close() error {
	if sn == nil {
		return nil
	}
	sn.once.Do(func() { close(sn.stop) })
	<-sn.done
	return sn.err
}

// writeAtomically replaces path by data; a crash leaves the old file or the new one.
func writeAtomically(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func (s *Server) encodeState() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.state)
}
