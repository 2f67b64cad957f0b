package ratelimit

import (
	"encoding/binary"
	"sync"
)

const (
	shards  = 64
	rows    = 4
	columns = 1 << 10 // of a row in each shard
)

// digest stands for a key.
type digest [16]byte

// table is the count of every key there can be, in two megabytes. A key has a cell in each row, and every cell holds
// the latest moment at which the bucket of a key that shares it is full again; the earliest of a key's cells is the
// closest to its own (a count-min sketch with conservative update).
type table struct{ shards [shards]shard }

type shard struct {
	mu    sync.Mutex
	cells [rows][columns]int64
}

// of is where the key is counted.
func (t *table) of(d digest) *shard { return &t.shards[d[0]%shards] }

func (d digest) column(row int) uint16 {
	return binary.LittleEndian.Uint16(d[2+2*row:]) % columns
}

// full is when the key's bucket is full again, or later.
func (s *shard) full(d digest) int64 {
	earliest := s.cells[0][d.column(0)]
	for row := 1; row < rows; row++ {
		earliest = min(earliest, s.cells[row][d.column(row)])
	}
	return earliest
}

// raise makes that moment no earlier than this one.
func (s *shard) raise(d digest, full int64) {
	for row := range rows {
		cell := &s.cells[row][d.column(row)]
		*cell = max(*cell, full)
	}
}

// take takes one out of the key's bucket, and answers after how long it is full again.
func (t *table) take(d digest, b bucket, now int64) (fullIn int64, ok bool) {
	s := t.of(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.full(d)
	after, ok := b.take(before, now)
	if !ok {
		return before - now, false
	}
	s.raise(d, after)
	return after - now, true
}

// look answers what take would, and takes nothing.
func (t *table) look(d digest, b bucket, now int64) (fullIn int64, ok bool) {
	s := t.of(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.full(d)
	_, ok = b.take(before, now)
	return max(0, before-now), ok
}

// learn notes what others have counted.
func (t *table) learn(d digest, full int64) {
	s := t.of(d)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.raise(d, full)
}
