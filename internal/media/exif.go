package media

import "encoding/binary"

// The tag that says how a camera was held, and its type SHORT (Exif 3.0, 4.6.5).
const (
	tagOrientation = 0x0112
	typeShort      = 3
)

// orientationOf reads how a picture stands from its EXIF data, a TIFF file: 1 when it does not say.
func orientationOf(tiff []byte) int {
	var order binary.ByteOrder
	switch {
	case len(tiff) < 8:
		return 1
	case string(tiff[:4]) == "II*\x00":
		order = binary.LittleEndian
	case string(tiff[:4]) == "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	start := uint64(order.Uint32(tiff[4:8]))
	if start+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			break
		}
		value := int(order.Uint16(entries[8:]))
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == typeShort && value >= 1 && value <= 8 {
			return value
		}
		entries = entries[12:]
	}
	return 1
}
