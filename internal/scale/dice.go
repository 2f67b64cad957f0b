package scale

import "math/bits"

// dice are rolled instead of math/rand, whose numbers may change with a release: product 17 has to be the same for ever.
// They are splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
type dice struct{ state uint64 }

// roll starts dice that always fall the same for the same keys.
func roll(keys ...uint64) *dice {
	d := &dice{}
	for _, key := range keys {
		d.state = mix(d.state ^ key)
	}
	return d
}

func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	return mix(d.state)
}

// below is 0 to n-1.
func (d *dice) below(n int) int {
	high, _ := bits.Mul64(d.next(), uint64(n))
	return int(high)
}

// between is low to high.
func (d *dice) between(low, high int) int { return low + d.below(high-low+1) }

// permille holds so many times in a thousand.
func (d *dice) permille(times int) bool { return d.below(1000) < times }

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }

// shuffled are n different numbers below n, in an order of the dice.
func (d *dice) shuffled(n int) []int {
	order := make([]int, n)
	for i := range order {
		j := d.below(i + 1)
		order[i], order[j] = order[j], i
	}
	return order
}

// zipf draws from n things so that each comes less often the later it stands: as often as 1 / (place + offset), which is
// the law of Zipf and Mandelbrot. It is a table of equal parts rather than a formula: floating point differs between
// machines.
type zipf []uint16

// newZipf gives each thing a part at least, where there are parts enough.
func newZipf(n, offset, parts int) zipf {
	weight := func(place int) uint64 { return (1 << 32) / uint64(place+1+offset) }
	var sum, reached uint64
	for place := range n {
		sum += weight(place)
	}
	table := make(zipf, 0, parts)
	for place := range n {
		reached += weight(place)
		high, low := bits.Mul64(reached, uint64(parts))
		until, _ := bits.Div64(high, low, sum)
		for uint64(len(table)) < until {
			table = append(table, uint16(place))
		}
	}
	return table
}

func (z zipf) draw(d *dice) int { return int(z[d.below(len(z))]) }
