package fraud

// Holder is a network that unpaid orders are placed from, and what these may hold.
type Holder struct {
	Networks           [][]byte // keyed hashes, the widest network first; none where it is not known
	Shares             []int32  // of each network, in per cent of what is not sold
	OrderShare, Always int32
}

// Holder is the network's, as keyed hashes; of "" no network's.
func (s *Service) Holder(network string) Holder {
	holds := s.Rules.Holds
	holder := Holder{OrderShare: int32(holds.OrderShare), Always: int32(holds.Always)}
	if holds.NetworkShare == 0 {
		return holder
	}
	levels := widen(network)
	for i := len(levels) - 1; i >= 0; i-- {
		holder.Networks = append(holder.Networks, s.mac("holder", levels[i]))
		holder.Shares = append(holder.Shares, int32(min(100, more(holds.NetworkShare, i))))
	}
	return holder
}

// ExceedsLine reports whether an order may not have so many units in a line.
func (h Holds) ExceedsLine(units int32) bool {
	return h.UnitsPerLine > 0 && int64(units) > int64(h.UnitsPerLine)
}

// ExceedsOrder reports whether an order may not have so many units.
func (h Holds) ExceedsOrder(units int64) bool {
	return h.UnitsPerOrder > 0 && units > int64(h.UnitsPerOrder)
}
