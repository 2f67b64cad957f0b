package scale

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// What an id is of.
const (
	productID = iota
	variantID
	imageID
	movementID
)

// epoch, in milliseconds, is the first of 2020: before any id that the shop made itself.
const epoch = 1_577_836_800_000

// newID is a UUIDv7 that is the same for the same number. Its time is a millisecond per number, so ids ascend with the
// numbers and go to the end of their indexes.
func newID(kind, n, i int) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], uint64(epoch+n)<<16|7<<12|uint64(kind)<<8|uint64(i))
	binary.BigEndian.PutUint64(id[8:], 1<<63|roll(5, uint64(n), uint64(kind), uint64(i)).next()>>2)
	return id
}

// numberOf is the number that a product's id was made from.
func numberOf(id uuid.UUID) int { return int(binary.BigEndian.Uint64(id[:8])>>16) - epoch }

// lowestID is below every id of the number and above every one of the number before.
func lowestID(n int) (id uuid.UUID) {
	binary.BigEndian.PutUint64(id[:8], uint64(epoch+n)<<16)
	return id
}
