package scale

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// copied are rows of one table in the binary format of COPY. It is written here, value by value, because what is written
// beside the database's own work would otherwise take longer than that.
// Source: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format".
type copied struct {
	table   string
	columns []string
	text    []byte
}

// beginning is the signature, no flags and no extension.
const beginning = "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func newCopied(table string, room int, columns ...string) *copied {
	return &copied{table: table, columns: columns, text: append(make([]byte, 0, room), beginning...)}
}

// runTx sends the rows.
func (c *copied) runTx(ctx context.Context, tx pgx.Tx) error {
	statement := fmt.Sprintf("COPY %s (%s) FROM STDIN (FORMAT binary)", c.table, strings.Join(c.columns, ", "))
	whole := append(c.text, 0xff, 0xff) // the end of the rows
	if _, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(whole), statement); err != nil {
		return fmt.Errorf("copy %s: %w", c.table, err)
	}
	return nil
}

// row begins one; a value for each column must follow.
func (c *copied) row() { c.text = binary.BigEndian.AppendUint16(c.text, uint16(len(c.columns))) }

func (c *copied) size(n int) { c.text = binary.BigEndian.AppendUint32(c.text, uint32(n)) }

func (c *copied) null() { c.size(-1) }

func (c *copied) uuid(value uuid.UUID) {
	c.size(len(value))
	c.text = append(c.text, value[:]...)
}

func (c *copied) string(value string) {
	c.size(len(value))
	c.text = append(c.text, value...)
}

func (c *copied) bool(value bool) {
	c.size(1)
	c.text = append(c.text, byte(one(value)))
}

func (c *copied) integer(value int32) {
	c.size(4)
	c.text = binary.BigEndian.AppendUint32(c.text, uint32(value))
}

func (c *copied) bigint(value int64) {
	c.size(8)
	c.text = binary.BigEndian.AppendUint64(c.text, uint64(value))
}

func (c *copied) double(value float64) {
	c.size(8)
	c.text = binary.BigEndian.AppendUint64(c.text, math.Float64bits(value))
}

// time is microseconds since the beginning of 2000.
func (c *copied) time(value time.Time) {
	c.bigint(value.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)).Microseconds())
}

// options are a JSON object. Neither names nor values have anything to escape.
func (c *copied) options(options []option) {
	at := len(c.text)
	c.size(0)
	c.text = append(c.text, 1, '{') // the version of jsonb's format
	for i, o := range options {
		if i > 0 {
			c.text = append(c.text, ',')
		}
		c.text = append(append(append(c.text, '"'), o.name...), `":"`...)
		c.text = append(append(c.text, o.value...), '"')
	}
	c.text = append(c.text, '}')
	binary.BigEndian.PutUint32(c.text[at:], uint32(len(c.text)-at-4))
}

// bigints are an array without NULLs.
func (c *copied) bigints(values []int64) {
	const oid = 20
	c.size(20 + 12*len(values))
	for _, header := range []uint32{1, 0, oid, uint32(len(values)), 1} { // dimensions, NULLs, type, length, first index
		c.text = binary.BigEndian.AppendUint32(c.text, header)
	}
	for _, value := range values {
		c.bigint(value)
	}
}

// vector is a tsvector without positions. The lexemes are put in order, each once.
func (c *copied) vector(lexemes []string) {
	slices.Sort(lexemes)
	lexemes = slices.Compact(lexemes)
	at := len(c.text)
	c.size(0)
	c.text = binary.BigEndian.AppendUint32(c.text, uint32(len(lexemes)))
	for _, lexeme := range lexemes {
		c.text = append(append(c.text, lexeme...), 0, 0, 0)
	}
	binary.BigEndian.PutUint32(c.text[at:], uint32(len(c.text)-at-4))
}

func optional[T any](c *copied, value *T, write func(T)) {
	if value == nil {
		c.null()
		return
	}
	write(*value)
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}
