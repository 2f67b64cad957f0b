package media

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Flags of the VP8X chunk that announce what is taken out (WebP Container Specification).
const (
	webpEXIF = 1 << 3
	webpXMP  = 1 << 2
)

// stripWebP keeps the chunks of a still picture and its colour profile.
func stripWebP(content []byte) ([]byte, details, error) {
	found := details{orientation: 1}
	out := bytes.NewBuffer(make([]byte, 0, len(content)))
	out.Write(content[:sniffed])
	size := uint64(binary.LittleEndian.Uint32(content[4:8])) + 8
	if size == uint64(len(content))+1 && size%2 == 0 {
		content = append(slices.Clip(content), 0) // the last chunk's padding, which some programs count but leave out
	}
	if size < sniffed || size > uint64(len(content)) {
		return nil, found, errDamaged
	}
	for rest := content[sniffed:size]; len(rest) > 0; {
		if len(rest) < 8 {
			return nil, found, errDamaged
		}
		length := uint64(binary.LittleEndian.Uint32(rest[4:8]))
		padded := length + length%2
		if padded > uint64(len(rest)-8) {
			return nil, found, errDamaged
		}
		kind, data := string(rest[:4]), rest[8:8+length]
		chunk := rest[:8+padded]
		rest = rest[8+padded:]
		switch kind {
		case "ANIM", "ANMF":
			return nil, found, errAnimated
		case "EXIF":
			found.orientation = orientationOf(bytes.TrimPrefix(data, exifTag))
		case "ICCP":
			found.profile = data
		case "VP8X":
			chunk = slices.Clone(chunk)
			if length > 0 {
				chunk[8] &^= webpEXIF | webpXMP
			}
		}
		if slices.Contains([]string{"VP8X", "VP8 ", "VP8L", "ALPH", "ICCP"}, kind) {
			out.Write(chunk)
		}
	}
	stripped := out.Bytes()
	binary.LittleEndian.PutUint32(stripped[4:8], uint32(len(stripped)-8))
	return stripped, found, nil
}
