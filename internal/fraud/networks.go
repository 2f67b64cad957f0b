package fraud

import "net/netip"

// wider are the networks that IPv6 is counted by beside the /64: a subscriber has a /56 or a /48, with as many /64 as
// they like.
var wider = []int{56, 48}

// levels is how many networks an address can be counted by.
const levels = 3

// widen is a network and those around it, the narrowest first: of IPv6 the /64, /56 and /48. Of "" there is none.
func widen(network string) []string {
	if network == "" {
		return nil
	}
	all := []string{network}
	prefix, err := netip.ParsePrefix(network)
	if err != nil || !prefix.Addr().Is6() {
		return all
	}
	for _, bits := range wider {
		if around, err := prefix.Addr().Prefix(bits); err == nil {
			all = append(all, around.String())
		}
	}
	return all
}

// more is what a wider network is allowed of what the narrowest is: a quarter more of a /56, half as much again of a /48.
func more(number, level int) int { return (number*(4+level) + 3) / 4 }
